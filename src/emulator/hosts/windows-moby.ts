/**
 * `windows-moby`: Windows 11 with Docker Desktop on its Hyper-V backend. The docker client is a Windows program; dockerd and all containers
 * live in one Linux machine, DockerDesktopVM (the Moby VM), and share that machine's kernel.
 */

import { dockerCli, dockerDesktop } from '../cli/dockercli.ts'
import { DESKTOP_VM, ENGINE_PIPE, hyperVBackend } from '../engine/windows/backend.ts'
import { windowsDockerd } from '../engine/windows/dockerd/index.ts'
import { vmcompute } from '../engine/windows/hcs.ts'
import { ShareFs } from '../kernel/linux/fs/share.ts'
import { desktopVm, guestPrograms } from './guests.ts'
import type { Host } from './host.ts'
import { internet, virtualSwitch } from './network.ts'
import { bootWindows, pipeReady, windowsPrograms, windowsShell } from './windows.ts'
import { windowsGuestPrograms, windowsShare, windowsVms } from './windows-guests.ts'

const GiB = 1024 ** 3
const BACKEND = '/C:/Program Files/Docker/Docker/com.docker.backend.exe'

export const windowsMoby: Host = {
  name: 'windows-moby',
  shell: windowsShell,
  programs: {
    ...windowsPrograms,
    ...guestPrograms,
    ...windowsGuestPrograms,
    'com.docker.backend': hyperVBackend,
    'dockerd-windows': windowsDockerd,
    DockerCli: dockerCli,
    'Docker Desktop': dockerDesktop,
    vmcompute,
  },
  boot(world) {
    internet(world, ['mcr.microsoft.com'])
    const wire = virtualSwitch()
    const guest = { wire, address: '192.168.65.3', gateway: '192.168.65.1' }
    return bootWindows(world, {
      name: 'windows-moby',
      edition: 'Windows 11 Pro',
      build: '26200',
      revision: '7171',
      memory: 16 * GiB,
      lan: { wire, address: '192.168.65.1' },
      share: (protocol, dev, root) =>
        protocol === 'fuse.grpcfuse' ? new ShareFs(protocol, dev, root, 'rw') : windowsShare(protocol, dev, root),
      systems: {
        ...windowsVms(wire, '192.168.65.1'),
        linuxkit: desktopVm({
          ...guest,
          mounts: [{ tag: 'C', type: 'fuse.grpcfuse', at: '/host_mnt/c' }],
          firmware: 'UEFI (Hyper-V generation 2)',
        }),
      },
      vms: [
        {
          name: DESKTOP_VM,
          memory: 2 * GiB,
          cpus: 2,
          system: 'linuxkit',
          shares: [{ tag: 'C', path: '/C:', protocol: 'fuse.grpcfuse' }],
        },
      ],
      fill(drive) {
        drive.program('/Program Files/Docker/Docker/resources/bin/docker.exe', 'docker', 42_000_000)
        drive.program('/Program Files/Docker/Docker/com.docker.backend.exe', 'com.docker.backend', 96_000_000)
        drive.program('/Program Files/Docker/Docker/resources/dockerd.exe', 'dockerd-windows', 96_000_000)
        drive.program('/Program Files/Docker/Docker/DockerCli.exe', 'DockerCli', 1_200_000)
        drive.program('/Windows/System32/vmcompute.exe', 'vmcompute', 5_100_000)
        drive.program('/Program Files/Docker/Docker/Docker Desktop.exe', 'Docker Desktop', 2_900_000)
        drive.program('/Program Files/Docker/Docker/com.docker.service', 'nt/idle', 1_800_000)
      },
      *services(_sys, start) {
        yield* start('/C:/Windows/System32/vmcompute.exe')
        yield* start('/C:/Program Files/Docker/Docker/com.docker.service', String(38 * 1024 ** 2))
        yield* start(BACKEND, '-vm-address', guest.address)
      },
    }).machine
  },
  ready: (machine) => pipeReady(machine, ENGINE_PIPE),
  prepare: 'docker pull -q alpine:3.22 | Out-Null; docker tag alpine:3.22 alpine:latest',
}
