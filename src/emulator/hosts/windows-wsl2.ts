/**
 * `windows-wsl2`: Windows 11 with WSL 2 and Docker Desktop on it. One utility machine serves all distributions of the user: Ubuntu, where
 * the reader works, and docker-desktop, where dockerd and the containers are. They share that machine's kernel.
 */
import { dockerDesktop } from '../cli/dockercli.ts'
import { wsl } from '../cli/wsl.ts'
import { ENGINE_PIPE, wslBackend } from '../engine/windows/backend.ts'
import { vmcompute } from '../engine/windows/hcs.ts'
import { wslService } from '../engine/windows/wsl.ts'
import type { World } from '../machine/world.ts'
import { debian } from './debian.ts'
import { enginePrograms, guestPrograms, smallLinux, wslVm } from './guests.ts'
import type { Host } from './host.ts'
import { internet, virtualSwitch } from './network.ts'
import type { Disk } from './root.ts'
import { bootWindows, pipeReady, windowsPrograms, windowsShell } from './windows.ts'

const GiB = 1024 ** 3
const MiB = 1024 ** 2
const SHARED = '/mnt/wsl/docker.proxy.sock'

/** Ubuntu, with Docker Desktop's integration: a docker command, and a socket that leads to docker-desktop. */
function ubuntu(disk: Disk): void {
  debian(disk, 'ZUKAN-PC')
  disk.file(
    '/etc/os-release',
    'PRETTY_NAME="Ubuntu 26.04 LTS"\nNAME="Ubuntu"\nVERSION_ID="26.04"\nVERSION="26.04 LTS (Resolute Raccoon)"\nVERSION_CODENAME=resolute\nID=ubuntu\nID_LIKE=debian\n',
  )
  disk.program('/usr/bin/docker', 'docker', 41_000_000)
  disk.file('/etc/wsl-boot', `#!/bin/sh\nln -s ${SHARED} /run/docker.sock\n`, 0o755)
}
/** docker-desktop: the engine, and the ends of the tunnels to Windows and to the other distributions. */
function dockerDistribution(disk: Disk): void {
  smallLinux(disk, 'docker-desktop', 'Docker Desktop')
  enginePrograms(disk, 'docker-proxy-desktop')
  disk.program('/usr/bin/vsudd', 'vsudd', 2_400_000)
  disk.file(
    '/etc/wsl-boot',
    `#!/bin/sh
containerd &
while [ ! -S /run/containerd/containerd.sock ]; do sleep 0.01; done
dockerd --containerd=/run/containerd/containerd.sock &
exec vsudd -inport 2376:unix:/var/run/docker.sock -insocket ${SHARED}:unix:/var/run/docker.sock
`,
    0o755,
  )
}

export const windowsWsl2: Host = {
  name: 'windows-wsl2',
  shell: windowsShell,
  programs: {
    ...windowsPrograms,
    ...guestPrograms,
    wsl,
    wslservice: wslService,
    vmcompute,
    'com.docker.backend': wslBackend,
    'Docker Desktop': dockerDesktop,
  },
  boot(world: World) {
    internet(world)
    const wire = virtualSwitch()
    const guest = { wire, address: '172.28.112.2', gateway: '172.28.112.1' }
    return bootWindows(world, {
      name: 'windows-wsl2',
      edition: 'Windows 11 Home',
      build: '26200',
      revision: '7171',
      memory: 16 * GiB,
      lan: { wire, address: guest.gateway },
      systems: {
        wsl: wslVm({
          ...guest,
          distributions: [
            { name: 'Ubuntu', bytes: 1024 * GiB, fill: ubuntu },
            { name: 'docker-desktop', bytes: 1024 * GiB, fill: dockerDistribution },
          ],
        }),
      },
      fill(drive) {
        drive.program('/Program Files/Docker/Docker/resources/bin/docker.exe', 'docker', 42_000_000)
        drive.program('/Program Files/Docker/Docker/com.docker.backend.exe', 'com.docker.backend', 96_000_000)
        drive.program('/Program Files/Docker/Docker/Docker Desktop.exe', 'Docker Desktop', 2_900_000)
        drive.program('/Program Files/Docker/Docker/com.docker.service', 'nt/idle', 1_800_000)
        drive.program('/Program Files/WSL/wslservice.exe', 'wslservice', 2_900_000)
        drive.program('/Program Files/WSL/wsl.exe', 'wsl', 640_000)
        drive.program('/Windows/System32/vmcompute.exe', 'vmcompute', 5_100_000)
      },
      *services(_sys, start) {
        yield* start('/C:/Windows/System32/vmcompute.exe')
        yield* start(
          '/C:/Program Files/WSL/wslservice.exe',
          JSON.stringify({
            // Half of the host's memory is what WSL gives its machine by default.
            partition: {
              name: 'WSL',
              memory: 8 * GiB,
              cpus: 8,
              system: 'wsl',
              shares: [{ tag: 'C', path: '/C:', protocol: '9p' }],
            },
            names: ['Ubuntu', 'docker-desktop'],
          }),
        )
        yield* start('/C:/Program Files/Docker/Docker/com.docker.service', String(38 * MiB))
        yield* start('/C:/Program Files/Docker/Docker/com.docker.backend.exe', '-vm-address', guest.address)
      },
    }).machine
  },
  ready: (machine) => pipeReady(machine, ENGINE_PIPE),
  prepare: 'docker pull -q alpine:3.22 | Out-Null; docker tag alpine:3.22 alpine:latest',
}
