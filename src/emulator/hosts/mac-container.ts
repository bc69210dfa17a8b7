/**
 * `mac-container`: Apple's container tool on a Mac with Apple silicon and macOS 26. Each Linux container has a light virtual machine of its own, and
 * so a kernel of its own; vminitd is that machine's init.
 */
import { container } from '../cli/container.ts'
import { API_SOCKET, appleApiserver, appleRuntime } from '../engine/apple/apiserver.ts'
import { lcowGcs } from '../engine/lcowgcs.ts'
import type { Wire } from '../kernel/linux/net/namespace.ts'
import { type GuestSystem, seconds } from '../machine/hypervisor.ts'
import { smallLinux } from './guests.ts'
import type { Host } from './host.ts'
import { delegateControl, mountBasics } from './init.ts'
import { bootMac, macHostPrograms, macShell, socketReady } from './mac.ts'
import { internet, plugIn, virtualSwitch } from './network.ts'
import { Disk } from './root.ts'

const GiB = 1024 ** 3
const MiB = 1024 ** 2
const LIBEXEC = '/usr/local/libexec/container/plugins'

/** Apple's machine for one container: a kernel, vminitd, and the container's root file system as a disk. */
function appleVm(wire: Wire): GuestSystem {
  let next = 2
  return {
    firmware: 'Linux direct boot (VZLinuxBootLoader)',
    stages: { firmware: 0, kernel: seconds(0.45), init: seconds(0.2) },
    source: 'Apple states a start below a second (containerization README), without a figure',
    touched: 88 * MiB,
    boot(world, machine, request) {
      const kernel = world.startKernel(machine, {
        hostname: request.name.replace(/@vm$/, ''),
        release: '6.12.28',
        version: '#1 SMP Tue May 20 15:19:05 UTC 2025',
        cmdline: 'console=hvc0 tsc=reliable panic=0 init=/sbin/vminitd',
      })
      const disk = new Disk(kernel, 512 * GiB)
      smallLinux(disk, 'vminitd', 'vminitd')
      disk.program('/usr/sbin/vminitd', 'vminitd', 40_000_000)
      disk.program('/usr/bin/runc', 'runc', 9_000_000)
      kernel.mountRoot(disk.fs, '/dev/vda1')
      plugIn(kernel, wire, 'eth0', `192.168.64.${next++}`, { gateway: '192.168.64.1' })
      return () => {
        const init = kernel.startInit(function* (sys) {
          yield* mountBasics(sys)
          yield* delegateControl(sys)
          return yield* lcowGcs(sys, ['/sbin/vminitd'])
        }, 'vminitd')
        init.argv = ['/sbin/vminitd']
      }
    },
  }
}

export const macContainer: Host = {
  name: 'mac-container',
  shell: macShell,
  programs: {
    ...macHostPrograms,
    container,
    'container-apiserver': appleApiserver,
    'container-runtime-linux': appleRuntime,
    vminitd: lcowGcs,
  },
  boot(world) {
    internet(world)
    const wire = virtualSwitch()
    return bootMac(world, {
      name: 'mac-container',
      wire,
      address: '192.168.64.1',
      systems: { apple: appleVm(wire) },
      fill(disk) {
        disk.program('/usr/local/bin/container', 'container', 12_000_000)
        disk.program('/usr/local/bin/container-apiserver', 'container-apiserver', 14_000_000)
        disk.program(`${LIBEXEC}/container-runtime-linux`, 'container-runtime-linux', 11_000_000)
      },
      *agents(_sys, run) {
        yield* run('/usr/local/bin/container-apiserver', ['/usr/local/bin/container-apiserver', 'start'])
      },
      agentsAsRoot: true,
    })
  },
  ready: (machine) => socketReady(machine, API_SOCKET),
  prepare: 'container image pull alpine >/dev/null',
}
