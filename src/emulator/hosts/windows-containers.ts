/**
 * `windows-containers`: Windows Server 2025 with Docker Engine. A container is a silo on the host's own NT kernel (process isolation, the
 * default on Server), or a silo in a utility machine of its own (--isolation=hyperv). Linux images don't run here.
 */

import { ENGINE_PIPE } from '../engine/windows/backend.ts'
import { windowsDockerd } from '../engine/windows/dockerd/index.ts'
import { vmcompute } from '../engine/windows/hcs.ts'
import type { World } from '../machine/world.ts'
import type { Host } from './host.ts'
import { internet, virtualSwitch } from './network.ts'
import { bootWindows, pipeReady, windowsPrograms, windowsShell } from './windows.ts'
import { windowsGuestPrograms, windowsShare, windowsVms } from './windows-guests.ts'

const GiB = 1024 ** 3

export const windowsContainers: Host = {
  name: 'windows-containers',
  shell: windowsShell,
  programs: { ...windowsPrograms, ...windowsGuestPrograms, vmcompute, 'dockerd-windows': windowsDockerd },
  boot(world: World) {
    internet(world, ['mcr.microsoft.com'])
    // The switch of the network `nat`, which every container host has.
    const wire = virtualSwitch()
    return bootWindows(world, {
      name: 'windows-containers',
      edition: 'Microsoft Windows Server Version 24H2 (OS Build 26100.7171)',
      build: '26100',
      revision: '7171',
      memory: 16 * GiB,
      lan: { wire, address: '172.30.0.1' },
      systems: windowsVms(wire, '172.30.0.1'),
      share: windowsShare,
      fill(drive) {
        drive.program('/Program Files/Docker/docker.exe', 'docker', 42_000_000)
        drive.program('/Program Files/Docker/dockerd.exe', 'dockerd-windows', 96_000_000)
        drive.program('/Windows/System32/vmcompute.exe', 'vmcompute', 5_100_000)
      },
      *services(_sys, start) {
        yield* start('/C:/Windows/System32/vmcompute.exe')
        yield* start('/C:/Program Files/Docker/dockerd.exe', '--run-service', '--exec-opt', 'isolation=process')
      },
    }).machine
  },
  ready: (machine) => pipeReady(machine, ENGINE_PIPE),
  prepare: 'docker pull -q mcr.microsoft.com/windows/nanoserver:ltsc2025 | Out-Null',
}
