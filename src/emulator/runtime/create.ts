/** runc create: from an OCI bundle to a process that waits for its start; runtime-spec runtime.md "Lifecycle". */
import { ENOENT, isErr } from '../base/errno.ts'
import type { ExitCode, Fd, Run, Sys } from '../kernel/linux/abi.ts'
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  O_CLOEXEC,
  O_RDONLY,
  O_WRONLY,
  S_IFIFO,
} from '../kernel/linux/fs/flags.ts'
import { SIGKILL } from '../kernel/linux/signals.ts'
import type { HookPoint, Spec } from '../oci/runtimespec.ts'
import { parseSpec } from '../oci/spectypes.ts'
import { decode, readAll, readText, warn } from '../userland/lib/io.ts'
import { strftime } from '../userland/lib/time.ts'
import { cgroupPath, makeCgroup } from './cgroup.ts'
import { lower, makeDirs, writeFile } from './files.ts'
import {
  check,
  confine,
  findProgram,
  InitError,
  ownStreams,
  report,
  startThreads,
  takeTerminal,
  withHome,
} from './init.ts'
import { setUpRoot } from './rootfs.ts'
import type { Options, State } from './state.ts'

const cloneFlags: Readonly<Record<string, number>> = {
  pid: CLONE_NEWPID,
  network: CLONE_NEWNET,
  mount: CLONE_NEWNS,
  ipc: CLONE_NEWIPC,
  uts: CLONE_NEWUTS,
  user: CLONE_NEWUSER,
  cgroup: CLONE_NEWCGROUP,
  time: CLONE_NEWTIME,
}
/** What few bundles ask for, in a part that comes when one does: other namespaces than Docker's, hooks, mappings of ids. */
export interface Rarities {
  /** What is wrong with a specification; undefined where nothing is. */
  check(spec: Spec, o: Options): string | undefined
  /** Maps ids and sets clocks of a child's new namespaces; a message where that was refused. */
  prepare(sys: Sys, pid: number, spec: Spec): Run<string | undefined>
  /** Runs a container's hooks of one kind; a message where one failed. */
  hooks(sys: Sys, point: HookPoint, spec: Spec, o: Options, state: HookState): Run<string | undefined>
}
/** What a hook is told of its container. */
export interface HookState {
  readonly id: string
  readonly status: string
  readonly pid?: number
}
export const later: { rarities?: Rarities } = {}
export function* rarities(sys: Sys): Run<Rarities> {
  if (!later.rarities) yield* (yield* sys.part('runc/rare'))(sys, [])
  return later.rarities as Rarities
}
/** Whether a specification asks for nothing that Docker's own don't: then it needs no closer look. */
function usual({ process, root, hostname, hooks, linux }: Spec): boolean {
  const types = linux?.namespaces?.map((n) => n.type) ?? []
  return (
    !hooks &&
    root?.path !== undefined &&
    process?.args?.length > 0 &&
    process.cwd?.startsWith('/') &&
    !process.rlimits &&
    types.every((t, n) => t in cloneFlags && t !== 'user' && types.indexOf(t) === n) &&
    types.includes('mount') &&
    (hostname === undefined || types.includes('uts')) &&
    !linux.timeOffsets &&
    !linux.devices &&
    !process.env?.some((e) => !e.includes('=')) &&
    !linux.rootfsPropagation &&
    Object.keys(linux.sysctl ?? {}).every((k) => k.startsWith('net.') && types.includes('network')) &&
    (linux.seccomp?.syscalls ?? []).every((r) => /^SCMP_ACT_(ALLOW|ERRNO)$/.test(r.action))
  )
}

/** runc create: everything but the program's start, which waits at exec.fifo. A message where it failed. */
export function* create(sys: Sys, id: string, o: Options): Run<string | undefined> {
  const { words, pace } = o.flavour
  yield* sys.nanosleep(pace.create)
  const text = yield* readText(sys, `${o.bundle}/config.json`)
  if (isErr(text)) {
    const there = yield* sys.stat(o.bundle)
    return isErr(there) ? words.noBundle(o.bundle, there) : words.noConfig
  }
  const read = yield* parseSpec(text)
  if ('refused' in read) return words.badConfig(read.refused, text)
  const spec = read.value
  if (o.consoleSocket !== undefined && !spec.process?.terminal)
    return 'cannot use console socket if runc will not detach or allocate tty'
  const rare = usual(spec) ? undefined : yield* rarities(sys)
  const wrong = rare?.check(spec, o)
  if (wrong !== undefined) return wrong
  if (!/^[\w+.-]+$/.test(id) || id === '.' || id === '..') return words.badId(id)
  const rootPath = spec.root.path.startsWith('/') ? spec.root.path : `${o.bundle}/${spec.root.path}`
  const there = yield* sys.stat(rootPath)
  if (isErr(there)) return words.rootfs(rootPath, there)
  const dir = `${o.root}/${id}`
  yield* makeDirs(sys, o.root, 0o711)
  const made = yield* sys.mkdir(dir, 0o711)
  if (made) return words.exists(id)
  const cgroup = cgroupPath(spec.linux.cgroupsPath, id, o.systemd)
  if (cgroup === undefined) {
    yield* sys.rmdir(dir)
    return `expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "${spec.linux.cgroupsPath}" instead`
  }
  const limited = yield* makeCgroup(sys, cgroup, spec)
  const undo = function* (message: string): Run<string> {
    yield* sys.unlink(`${dir}/exec.fifo`)
    yield* sys.rmdir(dir)
    yield* sys.rmdir(`/sys/fs/cgroup${cgroup}`)
    return message
  }
  if (limited) return yield* undo(words.init(limited))
  yield* sys.mknod(`${dir}/exec.fifo`, S_IFIFO | 0o622)
  // The program's user opens it, whatever runc's umask.
  yield* sys.chmod(`${dir}/exec.fifo`, 0o622)
  const fifo = yield* sys.open(`${dir}/exec.fifo`, 0o10000000 | O_CLOEXEC)
  const go = yield* sys.pipe()
  const errors = yield* sys.pipe()
  if (isErr(go) || isErr(errors) || isErr(fifo)) return yield* undo('too many open files')
  let flags = 0
  const join: string[] = []
  for (const ns of spec.linux.namespaces) {
    if (!ns.path) {
      flags |= cloneFlags[ns.type] ?? 0
      continue
    }
    const why = yield* unjoinable(sys, words, ns.path, ns.type === 'pid')
    if (why !== undefined) return yield* undo(why)
    if (ns.type !== 'pid') join.push(ns.path)
  }
  let console: number | undefined
  if (spec.process.terminal) {
    console = yield* consoleOf(sys, o.consoleSocket ?? '')
    if (console === undefined)
      return yield* undo('cannot allocate tty if runc will detach without setting console socket')
  }
  const begun: Begun = { id, o, spec, rare, flags, join, console, go, errors, fifo, program: '' }
  const pid = yield* sys.fork((init) => beginContainer(init, begun), { flags: flags & ~CLONE_NEWCGROUP })
  if (isErr(pid)) return yield* undo(`unable to start container process: ${lower(pid)}`)
  const placed = yield* writeFile(sys, `/sys/fs/cgroup${cgroup}/cgroup.procs`, String(pid))
  if (placed) return yield* undo(`unable to apply cgroup configuration: ${lower(placed)}`)
  if (spec.process.oomScoreAdj !== undefined)
    yield* writeFile(sys, `/proc/${pid}/oom_score_adj`, String(spec.process.oomScoreAdj))
  yield* sys.close(errors[1])
  const refused = rare && (yield* unprepared(sys, rare, begun, pid))
  if (refused !== undefined) return yield* undo(words.init(refused))
  yield* sys.write(go[1], Uint8Array.of(1))
  const bytes = yield* readAll(sys, errors[0])
  const message = isErr(bytes) ? '' : decode(bytes)
  if (message !== '') {
    yield* sys.wait(pid)
    return yield* undo(words.init(message))
  }
  const state: State = {
    id,
    init_process_pid: pid,
    created: strftime('%FT%T.%NZ', yield* sys.clock('realtime')),
    bundle: o.bundle,
    cgroup,
  }
  const { stateFile, render } = o.flavour
  yield* writeFile(sys, `${dir}/${stateFile}`, render ? render(state, spec) : JSON.stringify(state))
  if (o.pidFile) yield* writeFile(sys, o.pidFile, String(pid))
  return undefined
}

/** Why a namespace can't be joined; a pid namespace is joined at once. */
function* unjoinable(
  sys: Sys,
  words: Options['flavour']['words'],
  path: string,
  pid: boolean,
): Run<string | undefined> {
  if (!pid) return isErr(yield* sys.stat(path)) ? `${words.parent ?? ''}${words.namespace(path, ENOENT)}` : undefined
  // setns(2) puts children into a pid namespace, not the caller: it is joined before the fork.
  const fd = yield* sys.open(path, O_RDONLY | O_CLOEXEC)
  if (isErr(fd)) return words.namespace(path, fd)
  const failed = yield* sys.setns(fd, 0)
  yield* sys.close(fd)
  return failed ? `setns ${path}: ${lower(failed)}` : undefined
}
/** A connection to who takes the terminal's other end. */
function* consoleOf(sys: Sys, path: string): Run<Fd | undefined> {
  const s = yield* sys.socket('unix', 'stream')
  return isErr(s) || isErr(yield* sys.connect(s, { family: 'unix', path })) ? undefined : s
}
/** What rarer settings do before the program starts; a refusal ends the container's first process. */
function* unprepared(sys: Sys, rare: Rarities, { id, o, spec }: Begun, pid: number): Run<string | undefined> {
  const prepared = yield* rare.prepare(sys, pid, spec)
  const state = { id, status: 'creating', pid }
  const refused =
    prepared ??
    (yield* rare.hooks(sys, 'prestart', spec, o, state)) ??
    (yield* rare.hooks(sys, 'createRuntime', spec, o, state))
  if (refused === undefined) return undefined
  yield* sys.kill(pid, SIGKILL)
  yield* sys.wait(pid)
  return refused
}

/** What the first process of a container begins with. */
interface Begun {
  readonly id: string
  readonly o: Options
  readonly spec: Spec
  readonly rare: Rarities | undefined
  /** New namespaces, clone(2), and paths of those to join. */
  readonly flags: number
  readonly join: readonly string[]
  readonly console: number | undefined
  readonly go: readonly [number, number]
  readonly errors: readonly [number, number]
  readonly fifo: number
  /** The program's file, once it is found. */
  program: string
}
/** The first process, from its fork to its program. */
function* beginContainer(init: Sys, c: Begun): Run<ExitCode> {
  const { id, o, spec, rare, flags, errors, go, fifo } = c
  const { waiting, threads } = o.flavour
  yield* init.prctl('set_name', waiting.comm)
  if (waiting.title) yield* init.setproctitle(waiting.title)
  startThreads(init, threads)
  yield* init.close(errors[0])
  yield* init.read(go[0], 1)
  if (flags & CLONE_NEWUSER) {
    yield* init.setgid(0)
    yield* init.setuid(0)
  }
  const state = { id, status: 'creating', pid: 1 }
  const ok = yield* report(init, errors[1], () => prepareInside(init, c, state))
  if (!ok) return 1
  // The program starts when `runc start` opens the other end.
  const gate = yield* init.open(`/proc/self/fd/${fifo}`, O_WRONLY | O_CLOEXEC)
  if (!isErr(gate)) {
    yield* init.write(gate, Uint8Array.of(0))
    yield* init.close(gate)
  }
  const refused = yield* rare?.hooks(init, 'startContainer', spec, o, { ...state, status: 'created' }) ?? nothing()
  if (refused !== undefined) {
    yield* warn(init, `${refused}\n`)
    return 1
  }
  yield* init.closeRange(3)
  const failed = yield* init.execve(
    c.program,
    spec.process.args,
    withHome(spec.process.env ?? [], spec.process.user.uid),
  )
  yield* warn(init, `exec ${c.program}: ${lower(failed)}\n`)
  return failed.name === 'ENOEXEC' ? 255 : 1
}
/** What is done inside before runc's caller hears that all went well; throws InitError. */
function* prepareInside(
  init: Sys,
  c: Begun,
  state: { readonly id: string; readonly status: string; readonly pid: number },
): Run<void> {
  const { o, spec, rare, flags, join, console } = c
  const { words } = o.flavour
  for (const path of join) {
    const fd = yield* init.open(path, O_RDONLY | O_CLOEXEC)
    if (isErr(fd)) throw new InitError(words.namespace(path, fd))
    check(yield* init.setns(fd, 0), `setns ${path}`)
    yield* init.close(fd)
  }
  if (flags & CLONE_NEWCGROUP) check(yield* init.unshare(CLONE_NEWCGROUP), 'unshare cgroup')
  if (flags & CLONE_NEWNET) yield* init.netlink({ op: 'link.set', name: 'lo', up: true })
  if (flags & CLONE_NEWNET) yield* init.netlink({ op: 'addr.add', name: 'lo', address: '127.0.0.1', prefix: 8 })
  yield* setUpRoot(
    init,
    o.bundle,
    spec,
    words,
    rare && (() => pass(rare.hooks(init, 'createContainer', spec, o, state))),
  )
  if (spec.domainname && flags & CLONE_NEWUTS) check(yield* init.setdomainname(spec.domainname), 'setdomainname')
  if (spec.hostname && flags & CLONE_NEWUTS) check(yield* init.sethostname(spec.hostname), 'sethostname')
  if (console !== undefined) yield* takeTerminal(init, console, spec.process.consoleSize)
  else yield* init.setsid()
  yield* ownStreams(init, spec.process.user.uid)
  if (!spec.mounts.some((m) => m.type === 'proc') && isErr(yield* init.stat('/proc/self/fd')))
    throw new InitError('error closing exec fds: open /proc/self/fd: no such file or directory')
  yield* confine(init, spec.process, spec.linux.seccomp)
  c.program = yield* findProgram(init, spec.process.args[0] ?? '', spec.process.env ?? [], words)
}

/** A failure's message becomes the end of the first process. */
function* pass(work: Run<string | undefined>): Run<void> {
  const message = yield* work
  if (message !== undefined) throw new InitError(message)
}
function* nothing(): Run<undefined> {
  return undefined
}
