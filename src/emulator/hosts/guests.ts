/** The systems that hypervisors boot, each with the figures of its boot and where they come from. */

import { vsudd } from '../engine/bridge.ts'
import { desktopProxy } from '../engine/desktop.ts'
import { wslInit } from '../engine/wslinit.ts'
import type { Program } from '../kernel/linux/abi.ts'
import { addDisk } from '../kernel/linux/fs/devices.ts'
import type { Wire } from '../kernel/linux/net/namespace.ts'
import { type BootStages, type GuestSystem, seconds } from '../machine/hypervisor.ts'
import type { Machine, World } from '../machine/world.ts'
import { appletNames } from '../userland/busybox/index.ts'
import { delegateControl, mountBasics, reapForEver, service, startEngine } from './init.ts'
import { plugIn } from './network.ts'
import { Disk, KeptDisks } from './root.ts'

const GiB = 1024 ** 3
const MiB = 1024 ** 2

/** Files of a small Linux: what LinuxKit and the like put into a guest. */
export function smallLinux(disk: Disk, name: string, prettyName: string): void {
  for (const d of 'proc dev sys run etc root home mnt opt usr/bin usr/sbin usr/lib usr/local/bin var/lib var/log'.split(
    ' ',
  ))
    disk.dir(d)
  disk.dir('tmp', 0o1777)
  for (const [from, to] of [
    ['bin', 'usr/bin'],
    ['sbin', 'usr/sbin'],
    ['lib', 'usr/lib'],
    ['var/run', '/run'],
  ] as const)
    disk.link(`/${from}`, to)
  disk.program('/usr/bin/busybox', 'busybox', 1_900_000)
  for (const applet of appletNames) disk.link(`/usr/bin/${applet}`, 'busybox')
  disk.file('/etc/hostname', `${name}\n`)
  disk.file('/etc/hosts', `127.0.0.1\tlocalhost\n`)
  disk.file('/etc/resolv.conf', 'nameserver 10.0.0.2\n')
  disk.file('/etc/os-release', `PRETTY_NAME="${prettyName}"\nNAME="${prettyName}"\nID=linuxkit\n`)
  disk.file('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n')
  disk.file('/etc/group', 'root:x:0:\ndocker:x:999:\nnogroup:x:65534:\n')
}
/** Docker Engine's programs on a disk. */
export function enginePrograms(disk: Disk, proxy = 'docker-proxy'): void {
  for (const [path, name, size] of [
    ['/usr/bin/docker', 'docker', 41_000_000],
    ['/usr/bin/dockerd', 'dockerd', 98_000_000],
    ['/usr/bin/containerd', 'containerd', 44_000_000],
    ['/usr/bin/containerd-shim-runc-v2', 'containerd-shim-runc-v2', 8_600_000],
    ['/usr/bin/runc', 'runc', 11_900_000],
    ['/usr/bin/docker-proxy', proxy, 3_100_000],
  ] as const)
    disk.program(path, name, size)
}
/** Folders of the host that the guest mounts when it boots: tag and type as the hypervisor offers them, and where. */
export interface GuestMount {
  readonly tag: string
  readonly type: string
  readonly at: string
}
/**
 * Docker Desktop's machine: LinuxKit's kernel and init, the engine, and vsudd, which carries the desktop's API calls to dockerd.
 * `address` on `wire` with the host as its gateway.
 */
export function desktopVm(o: {
  readonly wire: Wire
  readonly address: string
  readonly gateway: string
  readonly mounts: readonly GuestMount[]
  readonly firmware: string
  /** Name, kernel and boot of the machine; Docker Desktop's where none are given. */
  readonly hostname?: string
  readonly release?: string
  readonly version?: string
  readonly stages?: BootStages
  /** Processors of other kinds that it emulates for programs: ELF's number and uname's name. */
  readonly emulates?: readonly (readonly [number, string])[]
}): GuestSystem {
  const kept = new KeptDisks()
  return {
    firmware: o.firmware,
    stages: o.stages ?? { firmware: seconds(1.1), kernel: seconds(0.9), init: seconds(1.6) },
    source:
      'No published measurement: of the order between a microVM (Firecracker SPECIFICATION.md, 125 ms) and a server system (tens of seconds)',
    touched: 512 * MiB,
    boot(world: World, machine: Machine) {
      const kernel = world.startKernel(machine, {
        hostname: o.hostname ?? 'docker-desktop',
        release: o.release ?? '6.12.54-linuxkit',
        version: o.version ?? '#1 SMP Tue Nov  4 21:39:03 UTC 2025',
        cmdline: 'init=/init loglevel=1 root=/dev/vda panic=1',
      })
      for (const [elf, name] of o.emulates ?? []) kernel.emulated.set(elf, name)
      const disk = kept.get(machine.name, kernel, 64 * GiB, (empty) => {
        smallLinux(empty, o.hostname ?? 'docker-desktop', 'Linux')
        enginePrograms(empty, 'docker-proxy-desktop')
        empty.program('/usr/bin/vsudd', 'vsudd', 2_400_000)
        for (const m of o.mounts) empty.dir(m.at)
      })
      kernel.mountRoot(disk.fs, '/dev/vda1')
      plugIn(kernel, o.wire, 'eth0', o.address, { gateway: o.gateway })
      return () =>
        void kernel.startInit(function* (sys) {
          yield* mountBasics(sys)
          for (const m of o.mounts) yield* sys.mount(m.tag, m.at, m.type, 0)
          yield* startEngine(sys)
          yield* service(sys, '/usr/bin/vsudd', ['/usr/bin/vsudd', '-inport', '2376:unix:/var/run/docker.sock'])
          return yield* reapForEver(sys)
        }, 'init')
    },
  }
}
/** Programs of the guests above, for the hosts that boot them. */
export const guestPrograms: Readonly<Record<string, Program>> = {
  vsudd,
  'docker-proxy-desktop': desktopProxy,
  'wsl-init': wslInit,
}

/** WSL's machine starts with a kernel of its own and without firmware. */
export const WSL_STAGES: BootStages = { firmware: seconds(0.02), kernel: seconds(0.6), init: seconds(0.3) }
export const WSL_RELEASE = '6.6.87.2-microsoft-standard-WSL2'
export const WSL_VERSION = '#1 SMP PREEMPT_DYNAMIC Thu Jun  5 18:30:46 UTC 2025'
/** A distribution of WSL: its disk, and what it runs when it starts. */
export interface DistributionDisk {
  readonly name: string
  readonly bytes: number
  fill(disk: Disk): void
}
/** The utility machine of WSL 2: one kernel for all distributions of a user. */
export function wslVm(o: {
  readonly wire: Wire
  readonly address: string
  readonly gateway: string
  readonly distributions: readonly DistributionDisk[]
}): GuestSystem {
  const kept = new KeptDisks()
  return {
    firmware: 'Linux direct boot (no firmware)',
    stages: WSL_STAGES,
    source: 'No published measurement: between a microVM (Firecracker SPECIFICATION.md, 125 ms) and a general system',
    touched: 640 * MiB,
    boot(world: World, machine: Machine) {
      const kernel = world.startKernel(machine, {
        hostname: 'ZUKAN-PC',
        release: WSL_RELEASE,
        version: WSL_VERSION,
        cmdline: 'initrd=\\initrd.img WSL_ROOT_INIT=1 panic=-1 console=hvc0',
      })
      const disk = new Disk(kernel, GiB)
      smallLinux(disk, 'WSL', 'WSL system')
      disk.program('/init', 'wsl-init', 2_200_000)
      for (const d of ['mnt/c', 'mnt/wsl', 'distro']) disk.dir(d)
      kernel.mountRoot(disk.fs, '/dev/sda1')
      const disks = o.distributions.map((d, i) => {
        disk.dir(`distro/${d.name}`)
        const own = kept.get(d.name, kernel, d.bytes, (empty) => {
          d.fill(empty)
          for (const at of ['proc', 'sys', 'dev', 'run', 'mnt/c', 'mnt/wsl']) empty.dir(at)
        })
        const source = `/dev/sd${String.fromCharCode(99 + i)}1`
        addDisk(kernel, own.fs, source)
        return { source, at: `/distro/${d.name}` }
      })
      plugIn(kernel, o.wire, 'eth0', o.address, { gateway: o.gateway })
      return () =>
        void kernel.startInit(function* (sys) {
          yield* mountBasics(sys)
          yield* sys.mount('tmpfs', '/mnt/wsl', 'tmpfs', 0)
          yield* sys.mount('C', '/mnt/c', '9p', 0)
          for (const d of disks) yield* sys.mount(d.source, d.at, 'ext4', 0)
          yield* delegateControl(sys)
          return yield* wslInit(sys, ['/init'])
        }, 'init')
    },
  }
}
