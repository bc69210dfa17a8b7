/**
 * The processes of a gVisor sandbox on the host: the Sentry, which holds the kernel of the sandbox, and the Gofer, which opens files for it.
 * gvisor.dev/docs/architecture_guide; runsc/boot and runsc/cmd of its source.
 */
import { EINTR, type Errno, ESRCH, isErr } from '../../base/errno.ts'
import type { ExitCode, Fd, Pid, Run, Sys } from '../../kernel/linux/abi.ts'
import {
  CLONE_NEWNS,
  CLONE_NEWPID,
  isDir,
  MS_RDONLY,
  makedev,
  O_CLOEXEC,
  O_CREAT,
  O_RDWR,
  O_WRONLY,
  S_IFCHR,
} from '../../kernel/linux/fs/flags.ts'
import type { SeccompProfile } from '../../kernel/linux/seccomp.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import type { SentryProgram, SentryRequest } from '../../machine/sentry.ts'
import '../../machine/sentry.ts'
import type { Spec, SpecMount, SpecProcess } from '../../oci/runtimespec.ts'
import { decode, LineReader, unbinary, warn, write } from '../../userland/lib/io.ts'
import { lower, makeDirs, writeFile } from '../files.ts'
import { confine, findProgram, InitError, withHome } from '../init.ts'
import { words } from './words.ts'

/** A request to a sandbox, a line of JSON each; `exec` is followed by three descriptors. */
export type SandboxRequest =
  | { readonly op: 'start' | 'state' | 'list' }
  /** Another container of the pod; as for `exec` three descriptors follow. */
  | {
      readonly op: 'startSub'
      readonly id: string
      readonly spec: Spec
      readonly root: string
      /** By mount, as `foldersOf` found them: the Sentry may not look itself. */
      readonly folders: readonly boolean[]
    }
  /** `id` names a container that isn't the sandbox's first. */
  | { readonly op: 'exec'; readonly process: SpecProcess; readonly id?: string }
  | { readonly op: 'signal'; readonly signal: number; readonly all: boolean; readonly id?: string }
  | { readonly op: 'freeze'; readonly on: boolean }
export interface SandboxReply {
  readonly error?: string
  readonly pid?: Pid
  readonly exit?: ExitCode
  readonly status?: 'created' | 'running' | 'paused'
  readonly list?: readonly {
    readonly pid: Pid
    readonly ppid: Pid
    readonly uid: number
    readonly time: number
    readonly command: string
  }[]
}
/** Memory of an idle Sentry beyond what every process has: 23.7 MB with runsc where runc had 4.1 MB (gVisor performance guide). */
const SENTRY_MEMORY = 19_600_000
const DEVICE = makedev(10, 250)
/** The few calls to the host that the Sentry leaves itself; runsc/boot/filter/config of its source, less what serves hardware. */
const filter: SeccompProfile = {
  defaultAction: 'SCMP_ACT_KILL_PROCESS',
  syscalls: [
    {
      names:
        'accept4 clock_gettime clone close dup dup3 epoll_create1 epoll_ctl epoll_pwait eventfd2 exit exit_group fallocate fchmod fcntl fstat fsync ftruncate futex getcpu getpid getrandom getsockopt gettid gettimeofday ioctl lseek madvise membarrier mincore mmap mprotect munmap nanosleep ppoll pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readv recvmsg recvmmsg restart_syscall rt_sigaction rt_sigprocmask rt_sigreturn rt_sigtimedwait sched_yield seccomp sendmsg sendmmsg setitimer shutdown sigaltstack statx sync_file_range tee tgkill timer_create timer_delete timer_settime utimensat wait4 write writev'.split(
          ' ',
        ),
      action: 'SCMP_ACT_ALLOW',
    },
  ],
}
/** Signals that the Sentry passes on to the first process. */
export const forwarded = [1, 2, 3, 10, 12, 15]
/** Mounts that are the Sentry's own, by their types. */
const own: Readonly<Record<string, string>> = {
  proc: 'proc',
  sysfs: 'sysfs',
  devpts: 'devpts',
  mqueue: 'mqueue',
  tmpfs: 'tmpfs',
  // Control groups of the host aren't shown.
  cgroup: 'tmpfs',
}
const tagOf = (n: number, container: string): string => `${container}mount${n}`
/** Folders and files of the host that a specification mounts; `container` is '' for the sandbox's first. */
export const sharesOf = (spec: Spec, container = ''): SentryRequest['shares'] =>
  spec.mounts.flatMap((m, n) =>
    m.source && /bind/.test([m.type, ...(m.options ?? [])].join())
      ? [{ tag: tagOf(n, container), path: m.source }]
      : [],
  )

/** Offers a descriptor of one of the Sentry's processes to the Sentry itself; it is to be kept open until it was taken. */
type HandOver = (pid: Pid, fd: Fd) => { readonly queue: WaitQueue; readonly taken: () => boolean }

/** The Gofer: as long as the Sentry holds its end of `pipe`. */
export function* gofer(sys: Sys, pipe: Fd, title: string): Run<ExitCode> {
  yield* sys.prctl('set_name', 'runsc-gofer')
  yield* sys.setproctitle(title)
  yield* sys.read(pipe, 1)
  return 0
}

function* mountOne(sys: Sys, m: SpecMount, n: number, directory: boolean, container: string): Run<void> {
  const bind = /bind/.test([m.type, ...(m.options ?? [])].join())
  if (directory) yield* makeDirs(sys, m.destination)
  else {
    yield* makeDirs(sys, m.destination.slice(0, m.destination.lastIndexOf('/')))
    const fd = yield* sys.open(m.destination, O_WRONLY | O_CREAT | O_CLOEXEC, 0o755)
    if (!isErr(fd)) yield* sys.close(fd)
  }
  const options = m.options ?? []
  const flags = options.some((o) => o === 'ro' || o === 'rro') ? MS_RDONLY : 0
  const type = own[m.type ?? ''] ?? 'tmpfs'
  if (m.destination === '/dev') yield* sys.mount('none', '/dev', 'devtmpfs', 0)
  else if (bind) yield* sys.mount(tagOf(n, container), m.destination, '9p', flags)
  else {
    const data =
      type === m.type && (type === 'tmpfs' || type === 'devpts') ? options.filter((o) => o.includes('=')).join(',') : ''
    yield* sys.mount('none', m.destination, type, flags, data)
  }
}
/** What becomes of the first process of the sandbox: it mounts, and is then the program. `began` hears how it went. */
function* first(
  sys: Sys,
  spec: Spec,
  folders: readonly boolean[],
  began: (error?: string) => void,
  hand: HandOver,
): Run<ExitCode> {
  for (const [n, m] of spec.mounts.entries()) yield* mountOne(sys, m, n, folders[n] ?? true, '')
  for (const [name, value] of Object.entries(spec.linux.sysctl ?? {}))
    if (name.startsWith('net.')) yield* writeFile(sys, `/proc/sys/${name.replace(/\./g, '/')}`, value)
  return yield* become(sys, spec.process, began, hand)
}
/**
 * A further container of the pod: a root of its own below the first one's, processes of its own where the pod doesn't share them. `born` hears
 * which process is the container's first.
 */
function* member(
  sys: Sys,
  id: string,
  spec: Spec,
  folders: readonly boolean[],
  began: (error?: string) => void,
  hand: HandOver,
  born: (pid: Pid) => void,
): Run<ExitCode> {
  const inside = function* (s: Sys, handOver: HandOver): Run<ExitCode> {
    // Nothing of it shall be in the first container's root: it is below a file system that only this container sees, till its root hides that.
    const at = `/dev/${id}`
    yield* s.unshare(CLONE_NEWNS)
    yield* s.mount('none', '/dev', 'tmpfs', 0)
    yield* s.mkdir(at, 0o755)
    const failed = (yield* s.mount(id, at, '9p', 0)) ?? (yield* s.chroot(at)) ?? (yield* s.chdir('/'))
    if (failed) {
      began(`mounting root: ${lower(failed)}`)
      return 128
    }
    for (const [n, m] of spec.mounts.entries()) yield* mountOne(s, m, n, folders[n] ?? true, id)
    return yield* become(s, spec.process, began, handOver)
  }
  if (!spec.linux.namespaces.some((n) => n.type === 'pid' && n.path === undefined)) {
    born(yield* sys.getpid())
    return yield* inside(sys, hand)
  }
  const gate = yield* sys.pipe()
  if (isErr(gate)) return 128
  let own: Pid = 0
  const pid = yield* sys.fork(
    function* (child) {
      yield* child.close(gate[1])
      yield* child.read(gate[0], 1)
      yield* child.close(gate[0])
      return yield* inside(child, (_pid, fd) => hand(own, fd))
    },
    { flags: CLONE_NEWPID },
  )
  if (isErr(pid)) return 128
  own = pid
  born(pid)
  for (const fd of [gate[1], gate[0], 0, 1, 2]) yield* sys.close(fd)
  const r = yield* sys.wait(pid)
  return isErr(r) || !r ? 128 : r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
}
/** The last steps of every process: terminal, identity, program. */
export function* become(sys: Sys, p: SpecProcess, began: (error?: string) => void, hand: HandOver): Run<ExitCode> {
  try {
    if (p.terminal) {
      const fd = yield* sys.open('/dev/pts/ptmx', O_RDWR)
      if (isErr(fd)) throw new InitError(`opening terminal: ${fd.text.toLowerCase()}`)
      const number = yield* sys.ioctl<number>(fd, 'TIOCGPTN')
      if (p.consoleSize)
        yield* sys.ioctl(fd, 'TIOCSWINSZ', { rows: p.consoleSize.height, columns: p.consoleSize.width })
      const { queue, taken } = hand(yield* sys.getpid(), fd)
      yield* sys.futex(queue, taken)
      yield* sys.close(fd)
      yield* sys.setsid()
      const slave = yield* sys.open(`/dev/pts/${isErr(number) ? 0 : number}`, O_RDWR)
      if (isErr(slave)) throw new InitError(`opening terminal: ${slave.text.toLowerCase()}`)
      yield* sys.ioctl(slave, 'TIOCSCTTY')
      for (const n of [0, 1, 2]) yield* sys.dup2(slave, n)
      if (slave > 2) yield* sys.close(slave)
    } else yield* sys.setsid()
    // The Sentry has its own filter, towards the host; the container's isn't applied within.
    yield* confine(sys, p, undefined)
    const program = yield* findProgram(sys, p.args[0] ?? '', p.env ?? [], words)
    began()
    const failed = yield* sys.execve(program, p.args, withHome(p.env ?? [], p.user.uid))
    yield* warn(sys, `exec ${program}: ${failed.text.toLowerCase()}\n`)
    return 126
  } catch (problem) {
    if (!(problem instanceof InitError)) throw problem
    began(problem.message)
    return 128
  }
}

/** Which of a specification's mounts are folders, and not files. */
export function* foldersOf(sys: Sys, spec: Spec): Run<boolean[]> {
  const folders: boolean[] = []
  for (const m of spec.mounts) {
    const s = m.source?.startsWith('/') ? yield* sys.stat(m.source) : undefined
    folders.push(s === undefined || isErr(s) || isDir(s.mode))
  }
  return folders
}
/** The Sentry's process. `ready` is a descriptor that takes one byte when it serves, or a message. Ends as the container's program ends. */
export function* sandbox(
  sys: Sys,
  o: {
    readonly id: string
    readonly spec: Spec
    readonly root: string
    readonly title: string
    readonly socket: string
    readonly gofer: Pid
    readonly ready: Fd
    readonly console: Fd | undefined
  },
): Run<ExitCode> {
  yield* sys.prctl('set_name', 'runsc-sandbox')
  yield* sys.setproctitle(o.title)
  yield* sys.brk(SENTRY_MEMORY)
  // Where device nodes may be opened; its name is gone at once.
  const node = `/dev/.sentry-${o.id}`
  yield* sys.mknod(node, S_IFCHR | 0o600, DEVICE)
  const device = yield* sys.open(node, O_RDWR | O_CLOEXEC)
  yield* sys.unlink(node)
  if (isErr(device)) {
    yield* write(sys, o.ready, lower(device))
    return 1
  }
  const { memory } = o.spec.linux.resources ?? {}
  const failed = yield* sys.ioctl(device, 'HvSentryBoot', {
    id: o.id,
    hostname: o.spec.hostname ?? 'localhost',
    ...(memory?.limit && memory.limit > 0 ? { memory: memory.limit } : {}),
    root: o.root,
    shares: sharesOf(o.spec),
    gofer: o.gofer,
  } satisfies SentryRequest)
  const socket = yield* sys.socket('unix', 'stream')
  if (isErr(failed) || isErr(socket)) {
    yield* write(sys, o.ready, isErr(failed) ? failed.text.toLowerCase() : 'socket')
    return 1
  }
  const folders = yield* foldersOf(sys, o.spec)
  yield* sys.unlink(o.socket)
  yield* sys.bind(socket, { family: 'unix', path: o.socket })
  yield* sys.listen(socket)
  yield* sys.seccomp(filter)
  yield* sys.close(o.ready)
  const changed = new WaitQueue()
  let status: 'created' | 'running' | 'paused' = 'created'
  let pid: Pid | undefined
  let error: string | undefined
  /** Runs a program in the Sentry; what it answers first is in `outcome`. */
  const run = function* (
    t: Sys,
    fds: readonly Fd[],
    name: string,
    program: (s: Sys, began: (e?: string) => void, hand: HandOver) => Run<ExitCode>,
    more: Pick<SentryProgram, 'like' | 'container'> = {},
  ): Run<{ readonly pid?: Pid; readonly error?: string; readonly master?: Fd }> {
    const outcome: { done: boolean; error?: string; master?: Fd } = { done: false }
    const began = (e?: string): void => {
      outcome.done = true
      if (e !== undefined) outcome.error = e
      changed.wake()
    }
    let offered: { readonly pid: Pid; readonly fd: Fd } | undefined
    let taken = false
    const request: SentryProgram = {
      name,
      fds,
      ...more,
      program: (s) =>
        program(s, began, (pid, fd) => {
          offered = { pid, fd }
          changed.wake()
          return { queue: changed, taken: () => taken }
        }),
    }
    const started = yield* t.ioctl<Pid>(device, 'HvSentryStart', request)
    if (isErr(started)) return { error: started.text.toLowerCase() }
    yield* t.futex(changed, () => outcome.done || offered !== undefined)
    if (offered) {
      const master = yield* t.ioctl<Fd>(device, 'HvSentryTake', offered)
      if (!isErr(master)) outcome.master = master
      taken = true
      changed.wake()
      yield* t.futex(changed, () => outcome.done)
    }
    return {
      pid: started,
      ...(outcome.error === undefined ? {} : { error: outcome.error }),
      ...(outcome.master === undefined ? {} : { master: outcome.master }),
    }
  }
  /** First processes of the pod's further containers, by container. */
  const members = new Map<string, Pid>()
  const receive = function* (t: Sys, fd: Fd): Run<Fd[]> {
    const fds: Fd[] = []
    for (let n = 0; n < 3; n++) {
      const got = yield* t.recvfd(fd)
      if (!isErr(got)) fds.push(got)
    }
    return fds
  }
  const answer = function* (t: Sys, fd: Fd, r: SandboxRequest): Run<void> {
    const say = (reply: SandboxReply): Run<unknown> => write(t, fd, `${JSON.stringify(reply)}\n`)
    switch (r.op) {
      case 'start': {
        const started = yield* run(t, [0, 1, 2], 'init', (s, began, hand) => first(s, o.spec, folders, began, hand))
        if (started.master !== undefined && o.console !== undefined) {
          yield* t.sendfd(o.console, started.master)
          yield* t.close(started.master)
          yield* t.close(o.console)
        }
        error = started.error
        yield* say(error === undefined ? {} : { error })
        if (error === undefined) status = 'running'
        pid = started.pid
        changed.wake()
        return
      }
      case 'exec': {
        const fds = yield* receive(t, fd)
        const like = r.id === undefined ? undefined : members.get(r.id)
        const started = yield* run(
          t,
          fds,
          'exec',
          (s, began, hand) => become(s, r.process, began, hand),
          like === undefined ? {} : { like },
        )
        for (const f of fds) yield* t.close(f)
        if (started.error !== undefined || started.pid === undefined) {
          yield* say({ error: started.error ?? 'not started' })
          return
        }
        if (started.master !== undefined) {
          yield* t.sendfd(fd, started.master)
          yield* t.close(started.master)
        }
        yield* say({ pid: started.pid })
        const code = yield* t.ioctl<ExitCode>(device, 'HvSentryWait', started.pid)
        yield* say({ exit: isErr(code) ? 255 : code })
        return
      }
      case 'startSub': {
        const fds = yield* receive(t, fd)
        const shared = yield* t.ioctl(device, 'HvSentryShare', [{ tag: r.id, path: r.root }, ...sharesOf(r.spec, r.id)])
        const started = isErr(shared)
          ? { error: lower(shared) }
          : yield* run(
              t,
              fds,
              r.id,
              (s, began, hand) => member(s, r.id, r.spec, r.folders, began, hand, (pid) => members.set(r.id, pid)),
              { container: r.id },
            )
        for (const f of fds) yield* t.close(f)
        if (started.error !== undefined || started.pid === undefined) {
          yield* say({ error: started.error ?? 'not started' })
          return
        }
        if (started.master !== undefined) {
          yield* t.sendfd(fd, started.master)
          yield* t.close(started.master)
        }
        yield* say({ pid: started.pid })
        // Who started it is who holds it: without them it ends.
        t.thread(function* (lifeline) {
          yield* lifeline.read(fd, 1)
          const pid = members.get(r.id)
          if (pid !== undefined) yield* lifeline.ioctl(device, 'HvSentrySignal', { pid, signal: 9 })
        })
        const code = yield* t.ioctl<ExitCode>(device, 'HvSentryWait', started.pid)
        members.delete(r.id)
        yield* say({ exit: isErr(code) ? 255 : code })
        return
      }
      case 'signal': {
        const target = r.id === undefined ? 1 : members.get(r.id)
        const refused =
          target === undefined
            ? ESRCH
            : yield* t.ioctl(device, 'HvSentrySignal', {
                pid: target,
                signal: r.signal,
                all: r.all && r.id === undefined,
              })
        yield* say(isErr(refused) ? { error: refused.text.toLowerCase() } : {})
        return
      }
      case 'freeze':
        yield* t.ioctl(device, 'HvSentryFreeze', r.on)
        status = r.on ? 'paused' : 'running'
        yield* say({})
        return
      case 'state':
        yield* say({ status })
        return
      case 'list': {
        const list = yield* t.ioctl<NonNullable<SandboxReply['list']>>(device, 'HvSentryList')
        yield* say({ list: isErr(list) ? [] : list })
      }
    }
  }
  sys.thread(function* (t) {
    for (;;) {
      const fd = yield* t.accept(socket)
      if (isErr(fd)) continue
      t.thread(function* (c) {
        const line = yield* new LineReader(c, fd).next()
        if (typeof line === 'string') yield* answer(c, fd, JSON.parse(decode(unbinary(line))) as SandboxRequest)
        yield* c.close(fd)
      })
    }
  })
  // What an engine sends to the process that it knows is meant for the container's program.
  for (const signal of forwarded)
    yield* sys.sigaction(signal, function* () {
      yield* sys.ioctl(device, 'HvSentrySignal', { pid: 1, signal })
    })
  yield* sys.futex(changed, () => pid !== undefined)
  let code: ExitCode | Errno
  do code = yield* sys.ioctl<ExitCode>(device, 'HvSentryWait', pid)
  while (code === EINTR)
  return isErr(code) ? 1 : code
}
