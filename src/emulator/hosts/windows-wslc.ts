/**
 * `windows-wslc`: Windows 11 with WSL 3.0.1 (September 2026) and its own container tool, without Docker Desktop. A machine for each session holds
 * containerd and dockerd; the session's containers share its kernel.
 */
import { wslc } from '../cli/wslc.ts'
import { vmcompute } from '../engine/windows/hcs.ts'
import { WSL_PIPE } from '../engine/windows/wsl.ts'
import { wslcService } from '../engine/windows/wslc.ts'
import type { PartitionRequest } from '../machine/hypervisor.ts'
import { desktopVm, guestPrograms, WSL_RELEASE, WSL_STAGES, WSL_VERSION } from './guests.ts'
import type { Host } from './host.ts'
import { internet, virtualSwitch } from './network.ts'
import { bootWindows, pipeReady, windowsPrograms, windowsShell } from './windows.ts'

const GiB = 1024 ** 3

export const windowsWslc: Host = {
  name: 'windows-wslc',
  shell: windowsShell,
  programs: { ...windowsPrograms, ...guestPrograms, wslc, vmcompute, wslservice: wslcService },
  boot(world) {
    internet(world)
    const wire = virtualSwitch()
    const guest = { wire, address: '172.29.0.2', gateway: '172.29.0.1' }
    const request: PartitionRequest = {
      name: 'wslc-session',
      memory: 8 * GiB,
      cpus: 8,
      system: 'session',
      shares: [{ tag: 'C', path: '/C:', protocol: 'virtiofs' }],
    }
    return bootWindows(world, {
      name: 'windows-wslc',
      edition: 'Windows 11 Pro',
      build: '26200',
      revision: '7171',
      memory: 16 * GiB,
      lan: { wire, address: guest.gateway },
      systems: {
        session: desktopVm({
          ...guest,
          mounts: [{ tag: 'C', type: 'virtiofs', at: '/mnt/c' }],
          firmware: 'Linux direct boot (no firmware)',
          stages: WSL_STAGES,
          hostname: 'wslc-session',
          release: WSL_RELEASE,
          version: WSL_VERSION,
        }),
      },
      fill(drive) {
        drive.program('/Program Files/WSL/wslservice.exe', 'wslservice', 2_900_000)
        drive.program('/Program Files/WSL/wslc.exe', 'wslc', 900_000)
        drive.program('/Program Files/WSL/container.exe', 'wslc', 900_000)
        drive.program('/Windows/System32/vmcompute.exe', 'vmcompute', 5_100_000)
      },
      *services(_sys, start) {
        yield* start('/C:/Windows/System32/vmcompute.exe')
        yield* start('/C:/Program Files/WSL/wslservice.exe', JSON.stringify(request), guest.address)
      },
    }).machine
  },
  ready: (machine) => pipeReady(machine, WSL_PIPE),
  prepare: '',
}
