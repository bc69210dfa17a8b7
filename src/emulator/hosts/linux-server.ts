/** `linux-server`: a Debian server with Docker Engine 29, on an internet that has Docker Hub. */
import { EINVAL, ENXIO, isErr } from '../base/errno.ts'
import type { Run, Sys } from '../kernel/linux/abi.ts'
import { makedev } from '../kernel/linux/fs/flags.ts'
import type { Kernel } from '../kernel/linux/kernel.ts'
import { parseAddress } from '../kernel/linux/net/address.ts'
import { attachEthernet } from '../kernel/linux/net/namespace.ts'
import { lateDevices, type Machine, SENTRY_DEVICE, type World } from '../machine/world.ts'
import { appletNames } from '../userland/busybox/index.ts'
import { gnuTools } from '../userland/gnu/names.ts'
import { Disk } from './root.ts'

const GiB = 1024 ** 3
export const KERNEL_RELEASE = '6.12.57+deb13-amd64'
export const KERNEL_VERSION = '#1 SMP PREEMPT_DYNAMIC Debian 6.12.57-1 (2026-11-05)'

/** Low-level runtimes beside runc: what /etc/docker/daemon.json names. */
const runtimes = {
  crun: { path: '/usr/bin/crun' },
  youki: { path: '/usr/bin/youki' },
  runsc: { path: '/usr/bin/runsc' },
}

export const environment = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LANG=C.UTF-8']
/** What a login shell of root starts with. */
export const rootEnvironment: readonly string[] = [
  ...environment,
  'HOME=/root',
  'USER=root',
  'LOGNAME=root',
  'SHELL=/bin/sh',
  'TERM=xterm-256color',
]

/** Starts a service as init does, in the background. */
export function* service(sys: Sys, path: string, argv: readonly string[]): Run<void> {
  yield* sys.fork(function* (child) {
    yield* child.setsid()
    const error = yield* child.execve(path, argv, environment)
    return error.number
  })
}
/** PID 1's life after boot: it collects whoever is left to it. */
export function* reapForEver(sys: Sys): Run<number> {
  for (;;) {
    const r = yield* sys.wait(-1)
    if (isErr(r)) yield* sys.pause()
  }
}
export function* mountBasics(sys: Sys): Run<void> {
  yield* sys.mount('proc', '/proc', 'proc', 0xe)
  yield* sys.mount('sysfs', '/sys', 'sysfs', 0xe)
  yield* sys.mount('udev', '/dev', 'devtmpfs', 2)
  yield* sys.mount('devpts', '/dev/pts', 'devpts', 10, 'gid=5,mode=620,ptmxmode=666')
  yield* sys.mount('tmpfs', '/dev/shm', 'tmpfs', 6)
  yield* sys.mount('tmpfs', '/run', 'tmpfs', 14, 'size=806400k,mode=755')
  yield* sys.mount('cgroup2', '/sys/fs/cgroup', 'cgroup2', 14)
  yield* sys.mount('mqueue', '/dev/mqueue', 'mqueue', 14)
}
export function up(kernel: Kernel, name: string, addresses: readonly string[], world: World, gateway?: string): void {
  const { net } = kernel.initial
  net.setUp(net.lo, true)
  // systemd's sysctl.d/50-default.conf.
  net.sysctl.set('net.ipv4.ping_group_range', '0\t2147483647')
  net.addAddress(net.lo, 0x7f000001, 8)
  const mac = `52:54:00:${[...kernel.random.bytes(3)].map((b) => (b + 256).toString(16).slice(1)).join(':')}`
  const link = attachEthernet(net, world.internet, name, mac)
  net.setUp(link, true)
  for (const a of addresses) net.addAddress(link, parseAddress(a) ?? 0, 24)
  if (gateway)
    net.routes.unshift({
      destination: 0,
      prefix: 0,
      gateway: parseAddress(gateway) ?? 0,
      link,
      source: 0,
      metric: 0,
      connected: false,
    })
}

/** The machines beyond the wire, as one: router, name server, Docker Hub and other `registries`. */
export function internet(world: World, registries: readonly string[] = []): void {
  const machine = world.addMachine({ name: 'internet', arch: 'amd64', cpus: 8, memory: 16 * GiB })
  const kernel = world.startKernel(machine, {
    hostname: 'registry-1.docker.io',
    release: '6.12.0',
    version: '#1 SMP',
    cmdline: '',
  })
  const disk = new Disk(kernel, GiB)
  for (const d of ['proc', 'dev', 'etc']) disk.dir(d)
  disk.program('/usr/bin/registry', 'registry', 20_000_000)
  disk.program('/usr/bin/dns', 'dns', 1_000_000)
  kernel.mountRoot(disk.fs, '/dev/sda1')
  up(kernel, 'eth0', ['10.0.0.1', '10.0.0.2', '192.0.2.10'], world)
  kernel.initial.net.sysctl.set('net.ipv4.ip_forward', '1')
  kernel.startInit(function* (sys) {
    yield* service(sys, '/usr/bin/dns', [
      'dns',
      'registry-1.docker.io=192.0.2.10',
      'auth.docker.io=192.0.2.10',
      'mcr.microsoft.com=192.0.2.10',
      'hub.docker.com=192.0.2.10',
      'example.com=192.0.2.10',
      ...registries.map((name) => `${name}=192.0.2.10`),
    ])
    yield* service(sys, '/usr/bin/registry', ['registry', '443'])
    return yield* reapForEver(sys)
  }, 'init')
}

/** Directories of a Debian system and its programs. Where GNU's form differs from busybox's, its own program serves. */
export function debian(disk: Disk, hostname: string): void {
  for (const d of 'proc dev sys run etc root home mnt opt srv boot media usr/bin usr/sbin usr/lib usr/local/bin usr/share var/lib var/log var/cache var/tmp'.split(
    ' ',
  ))
    disk.dir(d)
  disk.dir('tmp', 0o1777)
  disk.dir('root').setattr({ mode: 0o700 })
  for (const [name, target] of [
    ['bin', 'usr/bin'],
    ['sbin', 'usr/sbin'],
    ['lib', 'usr/lib'],
    ['var/run', '/run'],
  ] as const)
    disk.link(`/${name}`, target)
  disk.program('/usr/bin/busybox', 'busybox', 1_900_000)
  const own = new Set(gnuTools.map(([name]) => name))
  for (const name of appletNames) if (!own.has(name)) disk.link(`/usr/bin/${name}`, 'busybox')
  for (const [name, directory, size] of gnuTools) disk.program(`/usr/${directory}/${name}`, `gnu/${name}`, size)
  disk.program('/usr/bin/bash', 'sh', 1_298_416)
  disk.file('/etc/hostname', `${hostname}\n`)
  disk.file('/etc/hosts', `127.0.0.1\tlocalhost\n127.0.1.1\t${hostname}\n`)
  disk.file('/etc/resolv.conf', 'nameserver 10.0.0.2\n')
  disk.file(
    '/etc/os-release',
    'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nVERSION="13 (trixie)"\nVERSION_CODENAME=trixie\nID=debian\nHOME_URL="https://www.debian.org/"\nSUPPORT_URL="https://www.debian.org/support"\nBUG_REPORT_URL="https://bugs.debian.org/"\n',
  )
  disk.file(
    '/etc/passwd',
    'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\nuser:x:1000:1000:user:/home/user:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
  )
  disk.file('/etc/group', 'root:x:0:\ndaemon:x:1:\nwww-data:x:33:\nuser:x:1000:\ndocker:x:999:user\nnogroup:x:65534:\n')
}

/** What runsc needs of this machine: the device's code comes with it. */
function offerSandboxes(world: World, machine: Machine, kernel: Kernel): void {
  kernel.devices.set(SENTRY_DEVICE, () => lateDevices.sentry?.(world, machine, kernel) ?? ENXIO)
}
/** /dev/kvm: a machine for whoever asks, as long as the descriptor lives. */
function offerKvm(world: World, machine: Machine, kernel: Kernel): void {
  kernel.devtmpfs.root.create('kvm', { mode: 0o020660, uid: 0, gid: 0, rdev: makedev(10, 232) })
  kernel.devices.set(makedev(10, 232), () => {
    let guest: Machine | undefined
    return {
      ioctl(_file, request, arg) {
        if (request !== 'KVM_CREATE_VM' || guest) return EINVAL
        const { name, memory } = arg as { name: string; memory: number }
        guest = world.addMachine({ name, arch: 'amd64', cpus: 1, memory, parent: machine })
        const inner = world.startKernel(guest, {
          hostname: name,
          release: '6.12.57+deb13-cloud-amd64',
          version: KERNEL_VERSION,
          cmdline: 'console=ttyS0',
        })
        guest.bootTime = 6_200_000_000
        const disk = new Disk(inner, 2 * GiB)
        for (const d of ['proc', 'sys', 'dev', 'run']) disk.dir(d)
        inner.mountRoot(disk.fs, '/dev/vda1')
        inner.startInit(reapForEver, 'systemd')
        return 3
      },
      release() {
        guest?.powerOff()
      },
    }
  })
}

/** nerdctl and the plugins of CNI that it runs. */
export const cni: readonly (readonly [string, string, number])[] = [
  ['/usr/local/bin/nerdctl', 'nerdctl', 27_000_000],
  ...['bridge', 'host-local', 'loopback', 'portmap', 'firewall'].map(
    (name) => [`/opt/cni/bin/${name}`, `cni/${name}`, 4_300_000] as const,
  ),
]
/** Boots the world: the server and what is around it. Answers the machine that the reader works on. `more` writes further files. */
export function linuxServer(
  world: World,
  name = 'linux-server',
  host = 'server',
  more?: (disk: Disk) => void,
): Machine {
  internet(world)
  const machine = world.addMachine({ name, arch: 'amd64', cpus: 4, memory: 8 * GiB, hypervisor: 'kvm' })
  // From firmware to init: what a small server takes, so that uptime and dmesg have something to tell.
  const began = world.clock.now
  world.clock.now += 9_400_000_000
  const kernel = world.startKernel(machine, {
    hostname: host,
    release: KERNEL_RELEASE,
    version: KERNEL_VERSION,
    cmdline: 'BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet',
  })
  machine.bootTime = world.clock.now - began
  const disk = new Disk(kernel, 40 * GiB)
  debian(disk, host)
  for (const [path, program, size] of [
    ['/usr/bin/docker', 'docker', 41_000_000],
    ['/usr/bin/dockerd', 'dockerd', 98_000_000],
    ['/usr/bin/containerd', 'containerd', 44_000_000],
    ['/usr/bin/ctr', 'ctr', 23_000_000],
    ['/usr/bin/containerd-shim-runc-v2', 'containerd-shim-runc-v2', 8_600_000],
    ['/usr/bin/runc', 'runc', 11_900_000],
    ['/usr/bin/crun', 'crun', 510_000],
    ['/usr/bin/youki', 'youki', 6_900_000],
    ['/usr/bin/runsc', 'runsc', 70_000_000],
    ['/usr/bin/containerd-shim-runsc-v1', 'containerd-shim-runsc-v1', 31_000_000],
    ['/usr/bin/docker-proxy', 'docker-proxy', 3_100_000],
    ['/usr/bin/docker-init', 'docker-init', 700_000],
    ['/usr/bin/docker-compose', 'docker-compose', 300],
    ['/usr/bin/virsh', 'virsh', 1_100_000],
    ['/usr/bin/qemu-system-x86_64', 'qemu-system-x86_64', 24_000_000],
    ...cni,
  ] as const)
    disk.program(path, program, size)
  disk.dir('etc/docker')
  disk.file('/etc/docker/daemon.json', `${JSON.stringify({ runtimes }, null, 4)}\n`)
  more?.(disk)
  kernel.mountRoot(disk.fs, '/dev/sda1')
  up(kernel, 'eth0', ['10.0.0.5'], world, '10.0.0.1')
  kernel.startInit(function* (sys) {
    yield* mountBasics(sys)
    const control = yield* sys.open('/sys/fs/cgroup/cgroup.subtree_control', 1)
    if (!isErr(control)) {
      yield* sys.write(control, new TextEncoder().encode('+cpuset +cpu +io +memory +pids'))
      yield* sys.close(control)
    }
    yield* sys.mkdir('/sys/fs/cgroup/system.slice')
    yield* service(sys, '/usr/bin/containerd', ['/usr/bin/containerd'])
    for (let tries = 0; tries < 1000 && isErr(yield* sys.stat('/run/containerd/containerd.sock')); tries++)
      yield* sys.nanosleep(1_000_000)
    yield* service(sys, '/usr/bin/dockerd', [
      '/usr/bin/dockerd',
      '-H',
      'fd://',
      '--containerd=/run/containerd/containerd.sock',
    ])
    return yield* reapForEver(sys)
  }, 'systemd')
  offerKvm(world, machine, kernel)
  offerSandboxes(world, machine, kernel)
  const init = kernel.initial.pid.init
  if (init) init.argv = ['/sbin/init']
  return machine
}
