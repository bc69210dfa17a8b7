/** What the Macs have in common: XNU on Apple silicon, the folders and programs of macOS, zsh's prompt. */
import { isErr } from '../base/errno.ts'
import { macho } from '../base/macho.ts'
import { macPrograms } from '../cli/macos.ts'
import { DarwinKernel } from '../kernel/darwin/kernel.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { makedev, S_IFREG } from '../kernel/linux/fs/flags.ts'
import type { MemInode } from '../kernel/linux/fs/memfs.ts'
import type { Wire } from '../kernel/linux/net/namespace.ts'
import { type GuestSystem, hypervisorDevice, seconds } from '../machine/hypervisor.ts'
import type { Machine, World } from '../machine/world.ts'
import { shell } from '../userland/shell/index.ts'
import type { HostShell } from './host.ts'
import { reapForEver } from './init.ts'
import { linuxShell, openLines } from './linux-shell.ts'
import { plugIn } from './network.ts'
import { Disk } from './root.ts'

const GiB = 1024 ** 3
const MiB = 1024 ** 2
export const HOME = '/Users/zukan'
const environment: readonly string[] = [
  'PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
  `HOME=${HOME}`,
  'USER=zukan',
  'LOGNAME=zukan',
  'SHELL=/bin/zsh',
  'LANG=ja_JP.UTF-8',
  'TERM=xterm-256color',
]
export const macShell: HostShell = {
  ...linuxShell,
  environment,
  user: { uid: 501, gid: 20 },
  home: HOME,
  login: { path: '/bin/zsh', argv: ['-zsh'], env: ['PS1=\\u@\\h \\W % '] },
  script: (lines) => ['/bin/zsh', '-c', lines],
  open: openLines('zsh'),
}

/** The startup disk. */
export class MacDisk extends Disk {
  override program(path: string, name: string, size: number): void {
    const at = path.lastIndexOf('/')
    const folder = this.dir(path.slice(0, at))
    folder.unlink(path.slice(at + 1))
    const node = folder.create(path.slice(at + 1), { mode: S_IFREG | 0o755, uid: 0, gid: 0 }) as MemInode
    node.fill(macho(name, size))
  }
}
/** Tools of /bin and /usr/bin that behave as everywhere. */
const tools =
  'awk basename cat chmod clear cp cut date df dirname du echo env expr false find grep head hostname id kill ln ls mkdir mktemp mv nc nl od paste ping printenv printf pwd rm rmdir sed seq sh sleep sort stat tail tar tee test time touch tr true uniq uptime wc which whoami xargs yes'.split(
    ' ',
  )

export interface MacOptions {
  readonly name: string
  readonly systems: Readonly<Record<string, GuestSystem>>
  readonly wire: Wire
  /** The Mac's own address on the switch of its guests. */
  readonly address: string
  fill(disk: MacDisk): void
  /** Its agents unpack images, whose files belong to many users. */
  readonly agentsAsRoot?: boolean
  /** Starts what launchd starts: an application's processes, as the user. */
  agents(sys: Sys, run: (path: string, argv: readonly string[]) => Run<void>): Run<void>
}
export function bootMac(world: World, o: MacOptions): Machine {
  const machine = world.addMachine({
    name: o.name,
    arch: 'arm64',
    cpus: 10,
    memory: 16 * GiB,
    hypervisor: 'Virtualization.framework',
  })
  const began = world.clock.now
  world.clock.now += seconds(11)
  const kernel = world.startKernel(
    machine,
    {
      hostname: 'Mac',
      release: '25.1.0',
      version: 'Darwin Kernel Version 25.1.0: Mon Oct 20 19:34:05 PDT 2025; root:xnu-12377.41.6~2/RELEASE_ARM64_T6041',
      cmdline: '',
      cpuModel: 'Apple M4',
    },
    (options) => new DarwinKernel(options),
  )
  machine.bootTime = world.clock.now - began
  const disk = new MacDisk(kernel, 512 * GiB)
  for (const d of [
    'dev',
    'etc',
    'private/tmp',
    'private/var/run',
    'Applications',
    'Library',
    'System/Library',
    'Volumes',
    'usr/bin',
    'usr/sbin',
    'usr/local/bin',
    'bin',
    'sbin',
  ])
    disk.dir(d)
  disk.link('/var', '/private/var')
  disk.link('/tmp', '/private/tmp')
  disk.program('/bin/zsh', 'macos/zsh', 1_300_000)
  disk.program('/usr/bin/tools', 'busybox', 800_000)
  for (const t of tools) disk.link(`/usr/bin/${t}`, 'tools')
  disk.link('/bin/sh', 'zsh')
  disk.program('/bin/ps', 'macos/ps', 200_000)
  disk.program('/usr/bin/uname', 'macos/uname', 120_000)
  disk.program('/usr/bin/sw_vers', 'macos/sw_vers', 90_000)
  disk.program('/usr/bin/curl', 'gnu/curl', 500_000)
  for (const [path, size] of [
    ['/sbin/launchd', 300_000],
    ['/usr/libexec/logd', 900_000],
    ['/System/Library/WindowServer', 2_000_000],
    ['/System/Library/Finder', 4_000_000],
  ] as const)
    disk.program(path, 'macos/idle', size)
  disk.file('/etc/hosts', '127.0.0.1\tlocalhost\n')
  disk.file('/etc/resolv.conf', 'nameserver 10.0.0.2\n')
  disk.file('/etc/passwd', 'root:x:0:0:root:/var/root:/bin/sh\nzukan:x:501:20:zukan:/Users/zukan:/bin/zsh\n')
  disk.file('/etc/group', 'wheel:x:0:root\nstaff:x:20:zukan\n')
  for (const folder of ['', '/Documents', '/Desktop', '/Downloads', '/Library', '/Library/Application Support'])
    Object.assign(disk.dir(`${HOME}${folder}`), { uid: 501, gid: 20 })
  o.fill(disk)
  kernel.mountRoot(disk.fs, '/dev/disk3s1s1')
  kernel.devtmpfs.root.create('hypervisor', { mode: 0o020666, uid: 0, gid: 0, rdev: makedev(10, 233) })
  kernel.devices.set(makedev(10, 233), hypervisorDevice(world, machine, kernel, o.systems))
  plugIn(kernel, world.internet, 'en0', '10.0.0.5', { gateway: '10.0.0.1' })
  plugIn(kernel, o.wire, 'bridge100', o.address)
  kernel.initial.net.sysctl.set('net.ipv4.ip_forward', '1')
  const launch = function* (sys: Sys, path: string, argv: readonly string[], uid: number): Run<void> {
    yield* sys.fork(function* (child) {
      yield* child.setsid()
      if (uid !== 0) {
        yield* child.setgid(20)
        yield* child.setuid(uid)
      }
      return (yield* child.execve(path, argv, environment)).number
    })
  }
  const init = kernel.startInit(function* (sys) {
    yield* sys.mount('devfs', '/dev', 'devtmpfs', 0)
    yield* sys.mount('devpts', '/dev/pts', 'devpts', 0, 'gid=5,mode=620,ptmxmode=666')
    yield* sys.netlink({
      op: 'nft.insert',
      table: 'nat',
      chain: 'POSTROUTING',
      rule: { out: 'en0', target: 'MASQUERADE' },
    })
    yield* launch(sys, '/usr/libexec/logd', ['/usr/libexec/logd', String(24 * MiB)], 0)
    yield* launch(sys, '/System/Library/WindowServer', ['WindowServer', String(180 * MiB)], 0)
    yield* launch(sys, '/System/Library/Finder', ['Finder', String(96 * MiB)], 501)
    yield* o.agents(sys, (path, argv) => launch(sys, path, argv, o.agentsAsRoot ? 0 : 501))
    return yield* reapForEver(sys)
  }, 'launchd')
  init.argv = ['/sbin/launchd']
  return machine
}
/** Whether a socket of the user's is being served. */
export const socketReady = (machine: Machine, path: string): boolean =>
  [...(machine.kernel?.initial.net.sockets ?? [])].some((s) => s.path === path && s.state === 'listening')
export const macHostPrograms: Readonly<Record<string, Program>> = {
  ...macPrograms,
  'macos/zsh': shell,
  /** A process of the system that only waits: NAME BYTES. */
  *'macos/idle'(sys, argv) {
    yield* sys.setproctitle(argv[0] ?? '')
    const failed = yield* sys.brk(Number(argv[1] ?? 0))
    if (isErr(failed)) return 1
    for (;;) yield* sys.pause()
  },
}
