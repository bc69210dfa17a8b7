/** The systems that hypervisors boot, each with the figures of its boot and where they come from. */

import { isErr } from '../base/errno.ts'
import { vsudd } from '../engine/bridge.ts'
import { desktopProxy } from '../engine/desktop.ts'
import { wslInit } from '../engine/wslinit.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { addDisk } from '../kernel/linux/fs/devices.ts'
import type { Kernel } from '../kernel/linux/kernel.ts'
import { parseAddress } from '../kernel/linux/net/address.ts'
import { attachEthernet, Wire } from '../kernel/linux/net/namespace.ts'
import { type GuestSystem, seconds } from '../machine/hypervisor.ts'
import type { Machine, World } from '../machine/world.ts'
import { appletNames } from '../userland/busybox/index.ts'
import { mountBasics, reapForEver, service } from './linux-server.ts'
import { Disk } from './root.ts'

const GiB = 1024 ** 3
const MiB = 1024 ** 2

/** A cable between a host and its guests: its own network, 50 µs away. */
export const virtualSwitch = (): Wire => new Wire(50_000)

/** An address of a machine on a cable. */
export function plugIn(
  kernel: Kernel,
  wire: Wire,
  name: string,
  address: string,
  o: { readonly gateway?: string; readonly prefix?: number } = {},
): void {
  const { net } = kernel.initial
  net.setUp(net.lo, true)
  net.addAddress(net.lo, 0x7f000001, 8)
  const mac = `00:15:5d:${[...kernel.random.bytes(3)].map((b) => (b + 256).toString(16).slice(1)).join(':')}`
  const link = attachEthernet(net, wire, name, mac)
  net.setUp(link, true)
  net.addAddress(link, parseAddress(address) ?? 0, o.prefix ?? 24)
  if (o.gateway)
    net.routes.unshift({
      destination: 0,
      prefix: 0,
      gateway: parseAddress(o.gateway) ?? 0,
      link,
      source: 0,
      metric: 0,
      connected: false,
    })
}

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
/** Gives control groups below the root their controllers, and makes the one of system services. */
export function* delegateControl(sys: Sys): Run<void> {
  const control = yield* sys.open('/sys/fs/cgroup/cgroup.subtree_control', 1)
  if (!isErr(control)) {
    yield* sys.write(control, new TextEncoder().encode('+cpuset +cpu +io +memory +pids'))
    yield* sys.close(control)
  }
  yield* sys.mkdir('/sys/fs/cgroup/system.slice')
}
/** Starts containerd and dockerd, as an init does, when the control groups are there. */
export function* startEngine(sys: Sys): Run<void> {
  yield* delegateControl(sys)
  yield* service(sys, '/usr/bin/containerd', ['/usr/bin/containerd'])
  for (let tries = 0; tries < 1000 && isErr(yield* sys.stat('/run/containerd/containerd.sock')); tries++)
    yield* sys.nanosleep(1_000_000)
  yield* service(sys, '/usr/bin/dockerd', ['/usr/bin/dockerd', '--containerd=/run/containerd/containerd.sock'])
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
  /** Processors of other kinds that it emulates for programs: ELF's number and uname's name. */
  /** Name and kernel of the machine; Docker Desktop's where none are given. */
  readonly hostname?: string
  readonly release?: string
  readonly version?: string
  readonly emulates?: readonly (readonly [number, string])[]
}): GuestSystem {
  return {
    firmware: o.firmware,
    stages: { firmware: seconds(1.1), kernel: seconds(0.9), init: seconds(1.6) },
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
      const disk = new Disk(kernel, 64 * GiB)
      smallLinux(disk, o.hostname ?? 'docker-desktop', 'Linux')
      enginePrograms(disk, 'docker-proxy-desktop')
      disk.program('/usr/bin/vsudd', 'vsudd', 2_400_000)
      for (const m of o.mounts) disk.dir(m.at)
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
  return {
    firmware: 'Linux direct boot (no firmware)',
    stages: { firmware: seconds(0.02), kernel: seconds(0.6), init: seconds(0.3) },
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
        const own = new Disk(kernel, d.bytes)
        d.fill(own)
        for (const at of ['proc', 'sys', 'dev', 'run', 'mnt/c', 'mnt/wsl']) own.dir(at)
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
