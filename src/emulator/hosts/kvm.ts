/**
 * KVM and the machines that QEMU makes with it: what a host has installed under /opt/kata, and a guest of libvirt's. Comes as a part, with the
 * first program that needs it.
 */
import { kataAgent } from '../engine/kata/agent.ts'
import { KATA_KERNEL } from '../engine/kata/config.ts'
import type { FileOps } from '../kernel/linux/fs/inode.ts'
import { VirtioFs } from '../kernel/linux/fs/virtiofs.ts'
import type { Kernel } from '../kernel/linux/kernel.ts'
import { type GuestSystem, hypervisorDevice, seconds } from '../machine/hypervisor.ts'
import { lateDevices, type Machine, type World } from '../machine/world.ts'
import { KERNEL_VERSION } from './debian.ts'
import { smallLinux } from './guests.ts'
import { delegateControl, mountBasics, reapForEver, service } from './init.ts'
import { Disk } from './root.ts'

const GiB = 1024 ** 3
const MiB = 1024 ** 2

/**
 * What a Kata guest's kernel keeps of its memory: MemTotal was 2000556 kB of 2080 MiB (runtime-rs with QEMU, October 2026); a page's
 * bookkeeping is 1/64 of it.
 */
const reserved = (memory: number): number => Math.min(96_084 * 1024 + memory / 64, memory * 0.4)

/** With less the kernel finds no room for itself and the agent. */
const LEAST = 64 * MiB

/** Kata's guest: a kernel without modules, an image made from Ubuntu, systemd and the agent. */
const kata: GuestSystem = {
  firmware: 'SeaBIOS, then the kernel that QEMU was given (no boot loader)',
  stages: { firmware: seconds(0.15), kernel: seconds(0.45), init: seconds(0.7) },
  source:
    'No measurement by the project. Users measured 0.8 s more than runc with Dragonball (Kata 3.29) and 2.3 s more with QEMU in a nested machine (4.0)',
  // RssShmem of an idle QEMU with Kata 4: what kernel, systemd and agent have touched.
  touched: 180 * MiB,
  boot(world: World, machine: Machine, request) {
    const kernel = world.startKernel(machine, {
      hostname: 'localhost',
      release: KATA_KERNEL,
      version: '#1 SMP Fri Aug 21 07:12:31 UTC 2026',
      cmdline: request.cmdline ?? '',
      reserved: reserved(request.memory),
    })
    kernel.sysctl.set('kernel.dmesg_restrict', '0')
    for (const line of [
      'Hypervisor detected: KVM',
      'virtiofs virtio4: virtio_fs_setup_dax: No cache capability',
      'EXT4-fs (pmem0p1): mounted filesystem ro with ordered data mode. Quota mode: disabled.',
      'Run /sbin/init as init process',
    ])
      kernel.printk(line)
    const disk = new Disk(kernel, GiB / 4)
    smallLinux(disk, 'localhost', 'Ubuntu 26.04 LTS')
    disk.program('/usr/bin/kata-agent', 'kata-agent', 33_000_000)
    kernel.mountRoot(disk.fs, '/dev/pmem0p1')
    return () => {
      if (request.memory < LEAST) {
        kernel.printk('Kernel panic - not syncing: System is deadlocked on memory')
        return
      }
      const init = kernel.startInit(function* (sys) {
        yield* mountBasics(sys)
        yield* delegateControl(sys)
        // kata-agent.service is the last of the target's units.
        yield* sys.nanosleep(kata.stages.init - 5_000_000)
        yield* service(sys, '/usr/bin/kata-agent', ['/usr/bin/kata-agent'])
        return yield* reapForEver(sys)
      }, 'systemd')
      init.argv = ['/sbin/init']
    }
  },
}
/** A guest of libvirt's: Debian's cloud image, as `virsh start` boots it. */
const debianCloud: GuestSystem = {
  firmware: 'SeaBIOS',
  stages: { firmware: seconds(1.1), kernel: seconds(1.9), init: seconds(3.2) },
  source: 'General experience: seconds for a cloud image; no published measurement',
  touched: 128 * MiB,
  boot(world: World, machine: Machine, request) {
    const kernel = world.startKernel(machine, {
      hostname: request.name,
      release: '6.12.57+deb13-cloud-amd64',
      version: KERNEL_VERSION,
      cmdline: 'console=ttyS0',
    })
    const disk = new Disk(kernel, 2 * GiB)
    for (const d of ['proc', 'sys', 'dev', 'run']) disk.dir(d)
    kernel.mountRoot(disk.fs, '/dev/vda1')
    return () => void kernel.startInit(reapForEver, 'systemd')
  },
}

const open = new WeakMap<Kernel, () => FileOps>()
lateDevices.kvm = (world, machine, host) => {
  let device = open.get(host)
  if (!device) {
    const systems = { kata, 'debian-cloud': debianCloud }
    device = hypervisorDevice(world, machine, host, systems, (_protocol, dev, _root, at) => new VirtioFs(dev, at), true)
    open.set(host, device)
  }
  return device()
}

export { qemu } from '../cli/qemu.ts'
export { virsh } from '../cli/virsh.ts'
export { kataShim } from '../engine/kata/shim.ts'
export { virtiofsd } from '../engine/kata/virtiofsd.ts'
export { kataAgent }
