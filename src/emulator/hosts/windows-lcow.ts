/**
 * `windows-lcow`: Docker on Windows with Linux Containers on Windows, as it was from 17.09 (2017) to 20.10. The engine runs on Windows and has
 * the Host Compute Service boot a small Linux machine for each Linux container, with a kernel of its own. Windows containers run beside.
 */

import { ENGINE_PIPE } from '../engine/windows/backend.ts'
import { windowsDockerd } from '../engine/windows/dockerd/index.ts'
import { vmcompute } from '../engine/windows/hcs.ts'
import type { World } from '../machine/world.ts'
import type { Host } from './host.ts'
import { internet, virtualSwitch } from './network.ts'
import { bootWindows, pipeReady, windowsPrograms, windowsShell } from './windows.ts'
import { lcowVm, windowsGuestPrograms, windowsShare, windowsVms } from './windows-guests.ts'

const GiB = 1024 ** 3

export const windowsLcow: Host = {
  name: 'windows-lcow',
  shell: windowsShell,
  programs: {
    ...windowsPrograms,
    ...windowsGuestPrograms,
    vmcompute,
    'dockerd-windows': windowsDockerd,
  },
  boot(world: World) {
    internet(world, ['mcr.microsoft.com'])
    const wire = virtualSwitch()
    return bootWindows(world, {
      name: 'windows-lcow',
      edition: 'Microsoft Windows 10 Pro Version 1809 (OS Build 17763.775)',
      build: '17763',
      revision: '775',
      memory: 16 * GiB,
      lan: { wire, address: '172.20.0.1' },
      systems: { ...windowsVms(wire, '172.20.0.1'), lcow: lcowVm(wire, '172.20.0.1') },
      share: windowsShare,
      fill(drive) {
        drive.program('/Program Files/Docker/docker.exe', 'docker', 42_000_000)
        drive.program('/Program Files/Docker/dockerd.exe', 'dockerd-windows', 96_000_000)
        drive.program('/Windows/System32/vmcompute.exe', 'vmcompute', 5_100_000)
        // The files of the small Linux: linuxkit/lcow's release.
        drive.bulk('/Program Files/Linux Containers/kernel', 7_340_032)
        drive.bulk('/Program Files/Linux Containers/initrd.img', 21_495_808)
        drive.text(
          '/Program Files/Linux Containers/versions.txt',
          'LCOW release v4.14.35-v0.3.9\nkernel: linuxkit/kernel:4.14.35\ngcs: microsoft/opengcs\nrunc: linuxkit/runc\n',
        )
      },
      *services(_sys, start) {
        yield* start('/C:/Windows/System32/vmcompute.exe')
        yield* start('/C:/Program Files/Docker/dockerd.exe', '--run-service', '--experimental')
      },
    }).machine
  },
  ready: (machine) => pipeReady(machine, ENGINE_PIPE),
  prepare: 'docker pull -q alpine:3.22 | Out-Null; docker pull -q alpine | Out-Null',
}
