/**
 * gVisor's Sentry as the world has it: a kernel in the memory of one process. The programs of a sandbox make their system calls to it, and
 * the host sees none of them; files come from the host through another process, the Gofer. gvisor.dev/docs/architecture_guide.
 *
 * The kernel stands behind a device that the process holds open; when the process ends, so does it.
 */
import { EINVAL, type Errno, ESRCH, isErr } from '../base/errno.ts'
import type { ExitCode, Fd, Pid, Run, Sys } from '../kernel/linux/abi.ts'
import { Cgroup } from '../kernel/linux/cgroup.ts'
import type { FileOps, Inode } from '../kernel/linux/fs/inode.ts'
import { ShareFs, ShareInode } from '../kernel/linux/fs/share.ts'
import { lookup } from '../kernel/linux/fs/vfs.ts'
import { Kernel, rootCredentials } from '../kernel/linux/kernel.ts'
import { attachRoot } from '../kernel/linux/mounts.ts'
import { PidNamespace, type UserNamespace } from '../kernel/linux/namespaces.ts'
import type { Process } from '../kernel/linux/process.ts'
import { install } from '../kernel/linux/syscalls/descriptors.ts'
import { lateDevices, type Machine, type World } from './world.ts'

/** What uname(2) answers in every sandbox: pkg/sentry/kernel/version.go and syscalls/linux. */
export const SENTRY_RELEASE = '4.4.0'
const VERSION = '#1 SMP Sun Jan 10 15:06:54 PST 2016'
/** The log that the Sentry shows to dmesg(1): the first and the last line are fixed, the rest are picked anew for every sandbox. */
const jests = [
  'Synthesizing system calls...',
  'Creating process schedule...',
  'Searching for socket adapter...',
  'Generating random numbers by fair dice roll...',
  'Rewriting operating system in Javascript...',
  'Reading process obituaries...',
  'Waiting for children...',
  'Segmenting fault lines...',
  'Daemonizing children...',
  'Constructing home...',
  'Preparing for the zombie uprising...',
]
const SHOWN = 9
const CALLS_SHOWN = 400

class SentryKernel extends Kernel {
  /** The log is nobody's secret here, and the network is the sandbox's own, whichever of the host's namespaces it stands in. */
  override capable(
    p: Process,
    name: Parameters<Kernel['capable']>[1],
    user: UserNamespace = this.initial.user,
  ): boolean {
    if (name === 'SYSLOG') return true
    let top = user
    while (top.parent) top = top.parent
    return super.capable(p, name, top === this.initial.user ? user : this.initial.user)
  }
}
/** The Gofer's files: each that is opened is a request from the Sentry to it, and one call of the Gofer's to the host. */
class GoferFs extends ShareFs {
  readonly asked: (name: string) => void
  constructor(dev: number, root: Inode, asked: (name: string) => void) {
    super('9p', dev, root, 'trans=fd,rfdno=4,wfdno=4,cache=remote_revalidating,directfs')
    this.asked = asked
  }
  protected override make(inode: Inode): ShareInode {
    return new GoferInode(this, inode)
  }
}
class GoferInode extends ShareInode {
  override lookup(name: string): Inode | Errno {
    const found = super.lookup(name)
    if (!isErr(found)) (this.fs as GoferFs).asked(name)
    return found
  }
}

export interface SentryRequest {
  readonly id: string
  readonly hostname: string
  /** Bytes that the sandbox may use; the machine's where nothing is said. */
  readonly memory?: number
  readonly root: string
  /** Folders and files of the host that are mounted by these tags. */
  readonly shares: readonly { readonly tag: string; readonly path: string }[]
  /** The process that opens files for the Sentry. */
  readonly gofer: Pid
}
/** A program to be run: its standard streams are descriptors of the process that asks. */
export interface SentryProgram {
  readonly program: (sys: Sys) => Run<ExitCode>
  readonly fds: readonly Fd[]
  readonly name: string
  /** The process of the sandbox whose namespaces and root it has; the first one's where none is named. */
  readonly like?: Pid
  /** The further container of a pod whose first process it is: its processes are a control group of the Sentry's kernel. */
  readonly container?: string
}

function sentry(world: World, machine: Machine, host: Kernel): FileOps {
  let vm: Machine | undefined
  let kernel: Kernel | undefined
  let calls = 0
  const boot = (p: Process, request: SentryRequest): Errno | undefined => {
    const root = lookup(p, request.root)
    if (isErr(root)) return root
    const made = world.addMachine({
      name: `${request.id}@sentry`,
      arch: machine.arch,
      cpus: machine.cpus,
      memory: request.memory ?? machine.memory,
      parent: machine,
    })
    made.sentry = p.leader
    vm = made
    const options = {
      hostname: request.hostname,
      release: SENTRY_RELEASE,
      version: VERSION,
      cmdline: 'BOOT_IMAGE=/vmlinuz-4.4.0-gvisor quiet',
    }
    const k = world.startKernel(made, options, (o) => new SentryKernel(o))
    kernel = k
    // The sandbox's numbers begin with its own first process.
    k.initial.pid = k.initial.pidForChildren = new PidNamespace(k.initial.pid.inum, k.initial.user, undefined)
    const gofer = host.initial.pid.processes.get(request.gofer)
    const asked = (name: string): void => {
      if (calls++ < CALLS_SHOWN)
        host.note('file', host.describe(p), gofer ? host.describe(gofer) : 'gofer', `openat ${name}`)
    }
    attachRoot(k, k.initialMounts, new GoferFs(k.nextDev(), root.dentry.inode, asked), 'none')
    for (const { tag, path } of request.shares) {
      const at = lookup(p, path)
      if (!isErr(at)) k.shares.set(tag, new GoferFs(k.nextDev(), at.dentry.inode, asked))
    }
    // The Sentry's network stack takes over the interface of the namespace that it was started in.
    k.initial.net = p.ns.net
    k.log.length = 0
    const left = [...jests]
    let time = 0
    const say = (text: string): void => {
      k.log.push({ time, text })
      time += 150_000_000 + (k.random.bytes(2).reduce((n, b) => n * 256 + b, 0) % 350_000) * 1000
    }
    say('Starting gVisor...')
    for (let n = 0; n < SHOWN; n++) say(left.splice((k.random.bytes(1)[0] as number) % left.length, 1)[0] as string)
    say('Ready!')
    return undefined
  }
  /** Processes that were asked for, as long as nobody has heard how they ended. */
  const known = new Map<Pid, Process>()
  /** Files of the Sentry's process, given to one of its own. */
  const give = (p: Process, to: Process, fds: readonly Fd[]): void => {
    to.fds = fds.map((fd) => {
      const file = p.fds[fd]?.file
      if (!file) return undefined
      file.refs++
      return { file, cloexec: false }
    })
    to.fdHint = fds.length
  }
  const start = (p: Process, request: SentryProgram): Pid | Errno => {
    if (!kernel) return EINVAL
    const first = kernel.initial.pid.init
    if (!first) {
      const init = kernel.startInit(request.program, request.name)
      known.set(init.pid, init)
      give(p, init, request.fds)
      return init.pid
    }
    if (!first.alive) return ESRCH
    const like = request.like === undefined ? first : kernel.initial.pid.processes.get(request.like)
    if (!like?.alive) return ESRCH
    const made = kernel.fork(like, request.program)
    if (isErr(made)) return made
    for (const d of made.fds) d?.file.close()
    give(p, made, request.fds)
    // What is executed in a sandbox has no parent there.
    like.children.delete(made)
    made.parent = undefined
    made.root = like.ns.mnt === made.ns.mnt ? like.root : made.root
    // It takes up the identity that its own specification names.
    made.cred = rootCredentials
    made.seccomp = []
    if (request.container !== undefined) {
      const group = new Cgroup(request.container, kernel.rootCgroup, kernel.nextCgroupId())
      kernel.rootCgroup.children.set(request.container, group)
      group.attach(made)
    }
    known.set(made.pid, made)
    return made.pid
  }
  const wait = function* (pid: Pid): Run<ExitCode | Errno> {
    const target = known.get(pid)
    if (!target) return ESRCH
    while (target.alive) yield { kind: 'sleep', queues: [target.childEvents] }
    known.delete(pid)
    return target.exitSignal !== undefined ? 128 + target.exitSignal : (target.exitCode ?? 0)
  }
  return {
    ioctl(_file, name, argument, p) {
      switch (name) {
        case 'HvSentryBoot':
          return vm ? EINVAL : boot(p, argument as SentryRequest)
        case 'HvSentryStart':
          return start(p, argument as SentryProgram)
        case 'HvSentryShare': {
          // Another container's root and mounts, by their tags.
          for (const { tag, path } of argument as SentryRequest['shares']) {
            const at = lookup(p, path)
            if (isErr(at)) return at
            if (kernel) kernel.shares.set(tag, new GoferFs(kernel.nextDev(), at.dentry.inode, () => {}))
          }
          return undefined
        }
        case 'HvSentryWait':
          return wait(argument as Pid)
        case 'HvSentrySignal': {
          const { pid, signal, all } = argument as { pid: Pid; signal: number; all?: boolean }
          const targets = all
            ? [...(kernel?.initial.pid.processes.values() ?? [])]
            : [kernel?.initial.pid.processes.get(pid)]
          if (!targets[0]?.alive) return ESRCH
          // From outside the Sentry: its init has no choice about SIGKILL.
          for (const t of targets) if (t?.alive) deliver(t, signal)
          return undefined
        }
        case 'HvSentryTake': {
          // A descriptor of one of the Sentry's own processes becomes one of the Sentry's: a terminal's master.
          const { pid, fd } = argument as { pid: Pid; fd: Fd }
          const file = kernel?.initial.pid.processes.get(pid)?.fds[fd]?.file
          return file ? install(p, file, true) : EINVAL
        }
        case 'HvSentryFreeze':
          if (kernel) {
            kernel.rootCgroup.frozen = Boolean(argument)
            kernel.rootCgroup.resumed.wake()
          }
          return undefined
        case 'HvSentryList':
          return [...(kernel?.initial.pid.processes.values() ?? [])]
            .filter((q) => q.alive)
            .map((q) => ({
              pid: q.pid,
              ppid: q.parent?.pid ?? 0,
              uid: q.cred.uid,
              time: q.userTime,
              command: q.argv.join(' '),
            }))
        default:
          return EINVAL
      }
    },
    release() {
      vm?.powerOff()
      vm = undefined
    },
  }
}
/** A signal from the host: pid_namespaces(7)'s protection of an init is against those inside alone. */
function deliver(target: Process, signal: number): void {
  const { kernel } = target
  const action = target.action(signal)
  if (target === kernel.initial.pid.init && signal === 9) kernel.exit(target, { signal })
  else if (target === kernel.initial.pid.init && action === 'default' && fatal.has(signal)) return
  else kernel.signal(target, signal, undefined)
}
/** What an init without a handler ignores. */
const fatal = new Set([1, 2, 3, 6, 10, 12, 13, 14, 15])

lateDevices.sentry = sentry
