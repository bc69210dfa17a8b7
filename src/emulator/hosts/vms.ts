/** What the two hosts of virtual machines have in common: guests with their own firmware, kernel, init and engine. */

import { vboxManage, virsh, vmProcess, xl } from '../cli/domains.ts'
import { ssh } from '../cli/ssh.ts'
import { serialConsole, sshd } from '../engine/remote.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { makedev } from '../kernel/linux/fs/flags.ts'
import type { Kernel } from '../kernel/linux/kernel.ts'
import type { Wire } from '../kernel/linux/net/namespace.ts'
import { type BootStages, type GuestSystem, hypervisorDevice, seconds } from '../machine/hypervisor.ts'
import type { Machine, World } from '../machine/world.ts'
import { debian, KERNEL_VERSION } from './debian.ts'
import { enginePrograms, smallLinux } from './guests.ts'
import { mountBasics, reapForEver, service, startEngine } from './init.ts'
import { plugIn } from './network.ts'
import { type Disk, KeptDisks } from './root.ts'

const GiB = 1024 ** 3
const MiB = 1024 ** 2

interface Guest {
  readonly address: string
  readonly firmware: string
  readonly stages: BootStages
  readonly source: string
  readonly touched: number
  readonly release: string
  fill(disk: Disk, name: string): void
  readonly engine: boolean
}
/** Two kinds of guest: a whole server system, and as little as boots. */
const guests: Readonly<Record<string, Guest>> = {
  'debian-13': {
    address: '192.168.122.11',
    firmware: 'UEFI (OVMF)',
    stages: { firmware: seconds(3.1), kernel: seconds(2.4), init: seconds(8.9) },
    source: 'General experience: a full server system takes tens of seconds; no published measurement',
    touched: 380 * MiB,
    release: '6.12.57+deb13-cloud-amd64',
    fill: debian,
    engine: true,
  },
  microvm: {
    address: '192.168.122.12',
    firmware: 'none (direct kernel boot)',
    // Firecracker promises at most 125 ms from the start of the instance to /sbin/init for a small guest.
    stages: { firmware: 0, kernel: seconds(0.11), init: seconds(0.015) },
    source: 'Firecracker SPECIFICATION.md: at most 125 ms to /sbin/init; VMM overhead at most 5 MiB',
    touched: 32 * MiB,
    release: '6.1.155',
    fill: (disk, name) => smallLinux(disk, name, 'Minimal Linux'),
    engine: false,
  },
}
function system(wire: Wire, g: Guest): GuestSystem {
  const kept = new KeptDisks()
  return {
    firmware: g.firmware,
    stages: g.stages,
    source: g.source,
    touched: g.touched,
    boot(world: World, machine: Machine, request) {
      const kernel = world.startKernel(machine, {
        hostname: request.name,
        release: g.release,
        version: g.engine ? KERNEL_VERSION : '#1 SMP PREEMPT_DYNAMIC',
        cmdline: 'root=/dev/vda1 console=ttyS0',
      })
      const disk = kept.get(request.name, kernel, 20 * GiB, (empty) => {
        g.fill(empty, request.name)
        if (g.engine) enginePrograms(empty)
        empty.program('/usr/sbin/agetty', 'serial-console', 60_000)
        empty.program('/usr/sbin/sshd', 'sshd', 1_200_000)
      })
      kernel.mountRoot(disk.fs, '/dev/vda1')
      plugIn(kernel, wire, 'eth0', g.address, { gateway: '192.168.122.1' })
      return () => {
        const init = kernel.startInit(function* (sys) {
          yield* mountBasics(sys)
          yield* service(sys, '/usr/sbin/agetty', ['/usr/sbin/agetty', 'ttyS0'])
          yield* service(sys, '/usr/sbin/sshd', ['/usr/sbin/sshd', '-D'])
          if (g.engine) yield* startEngine(sys)
          return yield* reapForEver(sys)
        }, 'systemd')
        init.argv = ['/sbin/init']
      }
    },
  }
}
const definition = (type: string, name: string, memory: number, cpus: number, image: string): string =>
  `<domain type='${type}'>
  <name>${name}</name>
  <memory unit='KiB'>${memory / 1024}</memory>
  <vcpu>${cpus}</vcpu>
  <os><type arch='x86_64'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'><source file='/var/lib/libvirt/images/${image}.qcow2'/></disk>
    <interface type='network'><source network='default'/></interface>
    <console type='pty'/>
  </devices>
</domain>
`
/** The definitions and names of the guests, on the disk of the machine from which they are managed. */
export function defineGuests(disk: Disk, type: 'xen' | 'vbox'): void {
  disk.file('/etc/libvirt/domains/server1.xml', definition(type, 'server1', 2 * GiB, 2, 'debian-13'))
  disk.file('/etc/libvirt/domains/micro1.xml', definition(type, 'micro1', 128 * MiB, 1, 'microvm'))
  disk.file(
    '/etc/hosts',
    `127.0.0.1\tlocalhost\n${guests['debian-13']?.address}\tserver1\n${guests.microvm?.address}\tmicro1\n`,
  )
  disk.program('/usr/bin/virsh', 'virsh-domains', 1_100_000)
  disk.program('/usr/bin/ssh', 'ssh', 900_000)
}
/** Offers a hypervisor that runs on `metal` to the machine whose kernel is given, as /dev/hypervisor. */
export function offerHypervisor(world: World, metal: Machine, kernel: Kernel, wire: Wire): void {
  kernel.devtmpfs.root.create('hypervisor', { mode: 0o020660, uid: 0, gid: 0, rdev: makedev(10, 233) })
  const systems = Object.fromEntries(Object.entries(guests).map(([name, g]) => [name, system(wire, g)]))
  kernel.devices.set(makedev(10, 233), hypervisorDevice(world, metal, kernel, systems))
}
/** The host as the guests' router: what libvirt's default network sets up. */
export function* routeGuests(sys: Sys, link: string): Run<void> {
  const rule = (table: string, chain: string, rule: object): Run<unknown> =>
    sys.netlink({ op: 'nft.insert', table, chain, rule })
  yield* rule('nat', 'POSTROUTING', { out: 'eth0', target: 'MASQUERADE' })
  yield* rule('filter', 'FORWARD', { in: link, target: 'ACCEPT' })
  yield* rule('filter', 'FORWARD', { out: link, established: true, target: 'ACCEPT' })
}
export const vmPrograms: Readonly<Record<string, Program>> = {
  'virsh-domains': virsh,
  xl,
  VBoxManage: vboxManage,
  'vm-process': vmProcess,
  ssh,
  sshd,
  'serial-console': serialConsole,
}
