/** runsc: gVisor's OCI runtime. It has runc's commands, but starts a Sentry and a Gofer instead of the program. gvisor.dev/docs/user_guide. */
import { isErr } from '../../base/errno.ts'
import type { ExitCode, Fd, Pid, Program, Run, Sys } from '../../kernel/linux/abi.ts'
import {
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUTS,
  O_CLOEXEC,
  O_RDONLY,
  O_WRONLY,
  S_IFIFO,
} from '../../kernel/linux/fs/flags.ts'
import { SIGKILL, signalNumber } from '../../kernel/linux/signals.ts'
import type { Spec, SpecProcess } from '../../oci/runtimespec.ts'
import { parseSpec } from '../../oci/spectypes.ts'
import { decode, LineReader, print, readAll, readText, unbinary, warn, write } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { cgroupPath, makeCgroup } from '../cgroup.ts'
import { type Command, carryOut, Failure } from '../command.ts'
import { openConsole } from '../console.ts'
import { exampleSpec } from '../example.ts'
import { lower, makeDirs, writeFile } from '../files.ts'
import { type Flavour, paceOf, runcFlavour } from '../flavour.ts'
import { eventLine, statsOf } from '../inside.ts'
import { execOptions, execProcess } from '../more.ts'
import { parseOptions } from '../runc.ts'
import type { Options } from '../state.ts'
import { columns } from '../states.ts'
import { foldersOf, forwarded, gofer, type SandboxReply, type SandboxRequest, sandbox } from './sandbox.ts'
import { words } from './words.ts'

const RELEASE = 'release-20260817.0'
const SPEC_VERSION = '1.1.0-rc.1'
/**
 * A whole `docker run` took 1.14 s with runsc where it took 1.19 s with runc (gVisor performance guide, data of 2020); the rest of both is
 * Docker's, so that runsc's share is runc's less the difference.
 */
const pace = paceOf(224.6 - 50)
const flavour: Flavour = { ...runcFlavour, name: 'runsc', root: '/var/run/runsc', words, pace }

/** What runsc remembers of a sandbox: `ID_sandbox:ID.state` below its root. */
interface Remembered {
  readonly id: string
  readonly bundle: string
  readonly created: string
  readonly sandbox: Pid
  readonly gofer: Pid
  readonly cgroup: string
  /** The sandbox of another container that it is in, and the process that waits for it. */
  readonly of?: string
  readonly waiter?: Pid
}
type Status = 'created' | 'running' | 'paused' | 'stopped'
const stateFile = (root: string, id: string): string => `${root}/${id}_sandbox:${id}.state`
/** Where the waiter of a pod's further container waits for its start, and where it says how that went. */
const gateOf = (root: string, id: string): string => `${root}/${id}.start`
const saidOf = (root: string, id: string): string => `${root}/${id}.started`
const socketOf = (root: string, id: string): string => `${root}/runsc-${id.slice(0, 32)}.sock`

function* load(sys: Sys, root: string, id: string): Run<Remembered | undefined> {
  const text = yield* readText(sys, stateFile(root, id))
  return isErr(text) ? undefined : (JSON.parse(text) as Remembered)
}
function* need(sys: Sys, o: Options, id: string): Run<Remembered> {
  const s = yield* load(sys, o.root, id)
  if (!s) throw new Failure(words.unknown(id, o.root), 128)
  return s
}
/** Asks a sandbox; undefined where it is gone. With `fds` descriptors go along; `each` hears every line of the answer. */
function* ask(
  sys: Sys,
  o: Options,
  s: Remembered,
  request: SandboxRequest,
  extra: {
    readonly fds?: readonly Fd[]
    readonly terminal?: boolean
    readonly started?: (master: Fd | undefined) => Run<void>
  } = {},
): Run<SandboxReply | undefined> {
  const fd = yield* sys.socket('unix', 'stream')
  if (isErr(fd)) return undefined
  if (yield* sys.connect(fd, { family: 'unix', path: socketOf(o.root, s.of ?? s.id) })) {
    yield* sys.close(fd)
    return undefined
  }
  sys.traceMark('grpc', `process:${s.sandbox}:runsc-sandbox`, `containerManager.${request.op}`)
  yield* write(sys, fd, `${JSON.stringify(request)}\n`)
  for (const given of extra.fds ?? []) yield* sys.sendfd(fd, given)
  const reader = new LineReader(sys, fd)
  const line = function* (): Run<SandboxReply | undefined> {
    const text = yield* reader.next()
    return typeof text === 'string' ? (JSON.parse(decode(unbinary(text))) as SandboxReply) : undefined
  }
  let reply = yield* line()
  if (reply?.pid !== undefined && extra.started) {
    const master = extra.terminal ? yield* sys.recvfd(fd) : undefined
    yield* extra.started(master === undefined || isErr(master) ? undefined : master)
    reply = yield* line()
  }
  yield* sys.close(fd)
  return reply
}
function* statusOf(sys: Sys, o: Options, s: Remembered): Run<Status> {
  const stat = yield* readText(sys, `/proc/${s.waiter ?? s.sandbox}/stat`)
  if (isErr(stat) || / Z /.test(stat)) return 'stopped'
  if (s.of !== undefined) return isErr(yield* sys.stat(gateOf(o.root, s.id))) ? 'running' : 'created'
  return (yield* ask(sys, o, s, { op: 'state' }))?.status ?? 'stopped'
}

/** runsc create: the Gofer, the Sentry, and what limits and connects them. */
function* create(sys: Sys, o: Options, id: string): Run<Remembered> {
  const fail = (message: string): Failure => new Failure(message, 128)
  yield* sys.nanosleep(pace.create)
  const text = yield* readText(sys, `${o.bundle}/config.json`)
  if (isErr(text)) throw fail(words.noConfig)
  const read = yield* parseSpec(text)
  if ('refused' in read) throw fail(words.badConfig(read.refused, text))
  const spec = read.value
  if (!/^[\w+.-]+$/.test(id)) throw fail(words.badId(id))
  if (!spec.process?.args?.length) throw fail('reading spec: Spec.Process.Arg must be defined')
  if (spec.root?.path === undefined) throw fail('reading spec: Spec.Root.Path must be defined')
  const rootPath = spec.root.path.startsWith('/') ? spec.root.path : `${o.bundle}/${spec.root.path}`
  const there = yield* sys.stat(rootPath)
  if (isErr(there)) throw fail(words.rootfs(rootPath, there))
  yield* makeDirs(sys, o.root, 0o711)
  if (yield* load(sys, o.root, id)) throw fail(words.exists(id))
  const cgroup = cgroupPath(spec.linux.cgroupsPath, id, o.systemd) ?? `/${id}`
  const [kind, pod] = ['container-type', 'sandbox-id'].map((a) => spec.annotations?.[`io.kubernetes.cri.${a}`])
  if (kind === 'container' && pod !== undefined && pod !== id) {
    const sandbox = yield* load(sys, o.root, pod)
    if (!sandbox) throw fail(words.unknown(pod, o.root))
    return yield* createMember(sys, o, id, spec, rootPath, sandbox, cgroup)
  }
  const limited = yield* makeCgroup(sys, cgroup, spec)
  if (limited) throw fail(`creating container: ${limited}`)
  const network = spec.linux.namespaces.find((n) => n.type === 'network')
  const lifeline = yield* sys.pipe()
  const ready = yield* sys.pipe()
  if (isErr(lifeline) || isErr(ready)) throw fail('too many open files')
  let console: Fd | undefined
  if (spec.process.terminal) {
    const c = yield* sys.socket('unix', 'stream')
    if (isErr(c) || isErr(yield* sys.connect(c, { family: 'unix', path: o.consoleSocket ?? '' })))
      throw fail('creating container: cannot allocate tty without --console-socket')
    console = c
  }
  const goferPid = yield* sys.fork(
    function* (child) {
      for (const fd of [lifeline[1], ...ready]) yield* child.close(fd)
      return yield* gofer(child, lifeline[0], `runsc-gofer --root=${o.root} gofer --bundle ${o.bundle} --io-fds=5`)
    },
    { flags: CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWNET },
  )
  if (isErr(goferPid)) throw fail(`creating container: starting gofer: ${lower(goferPid)}`)
  const pid = yield* sys.fork(
    function* (child) {
      for (const fd of [lifeline[0], ready[0]]) yield* child.close(fd)
      if (network?.path) {
        const fd = yield* child.open(network.path, O_RDONLY | O_CLOEXEC)
        if (!isErr(fd)) yield* child.setns(fd, 0)
      } else if (network) {
        yield* child.netlink({ op: 'link.set', name: 'lo', up: true })
        yield* child.netlink({ op: 'addr.add', name: 'lo', address: '127.0.0.1', prefix: 8 })
      }
      return yield* sandbox(child, {
        id,
        spec,
        root: rootPath,
        title: `runsc-sandbox --root=${o.root} boot --bundle=${o.bundle} --attached=true ${id}`,
        socket: socketOf(o.root, id),
        gofer: goferPid,
        ready: ready[1],
        console,
      })
    },
    { flags: CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWPID | (network && !network.path ? CLONE_NEWNET : 0) },
  )
  if (isErr(pid)) throw fail(`creating container: cannot create sandbox: ${lower(pid)}`)
  for (const fd of [...lifeline, ready[1]]) yield* sys.close(fd)
  const said = yield* readAll(sys, ready[0])
  if (isErr(said) || said.length > 0)
    throw fail(`creating container: cannot create sandbox: ${isErr(said) ? lower(said) : decode(said)}`)
  for (const p of [goferPid, pid]) yield* writeFile(sys, `/sys/fs/cgroup${cgroup}/cgroup.procs`, String(p))
  const remembered: Remembered = {
    id,
    bundle: o.bundle,
    created: strftime('%FT%T.%NZ', yield* sys.clock('realtime')),
    sandbox: pid,
    gofer: goferPid,
    cgroup,
  }
  yield* writeFile(sys, stateFile(o.root, id), JSON.stringify(remembered))
  if (o.pidFile) yield* writeFile(sys, o.pidFile, String(pid))
  return remembered
}
/** A further container of a pod: nothing on the host but a process that waits for it. */
function* createMember(
  sys: Sys,
  o: Options,
  id: string,
  spec: Spec,
  root: string,
  sandbox: Remembered,
  cgroup: string,
): Run<Remembered> {
  const limited = yield* makeCgroup(sys, cgroup, spec)
  if (limited) throw new Failure(`creating container: ${limited}`, 128)
  const [gate, said] = [gateOf(o.root, id), saidOf(o.root, id)]
  for (const path of [gate, said]) yield* sys.mknod(path, S_IFIFO | 0o600)
  const remembered = { ...sandbox, id, bundle: o.bundle, cgroup, of: sandbox.id }
  const waiter = yield* sys.fork(function* (child) {
    yield* child.prctl('set_name', 'runsc')
    yield* child.setproctitle(`runsc --root=${o.root} wait ${id}`)
    for (const signal of forwarded)
      yield* child.sigaction(signal, function* () {
        yield* ask(child, o, remembered, { op: 'signal', signal, all: false, id })
      })
    const fd = yield* child.open(gate, O_RDONLY)
    if (!isErr(fd)) yield* child.close(fd)
    const tell = function* (message: string): Run<void> {
      const out = yield* child.open(said, O_WRONLY)
      if (isErr(out)) return
      yield* write(child, out, message)
      yield* child.close(out)
    }
    const reply = yield* ask(
      child,
      o,
      remembered,
      { op: 'startSub', id, spec, root, folders: yield* foldersOf(child, spec) },
      {
        fds: [0, 1, 2],
        terminal: spec.process.terminal ?? false,
        *started(master) {
          if (master !== undefined && o.consoleSocket !== undefined) {
            const c = yield* child.socket('unix', 'stream')
            if (!isErr(c) && !(yield* child.connect(c, { family: 'unix', path: o.consoleSocket })))
              yield* child.sendfd(c, master)
            yield* child.close(master)
          }
          yield* tell('')
        },
      },
    )
    if (reply?.exit === undefined) yield* tell(reply?.error ?? 'sandbox is not running')
    return reply?.exit ?? 128
  })
  if (isErr(waiter)) throw new Failure(`creating container: ${lower(waiter)}`, 128)
  yield* writeFile(sys, `/sys/fs/cgroup${cgroup}/cgroup.procs`, String(waiter))
  const made: Remembered = { ...remembered, waiter, created: strftime('%FT%T.%NZ', yield* sys.clock('realtime')) }
  yield* writeFile(sys, stateFile(o.root, id), JSON.stringify(made))
  if (o.pidFile) yield* writeFile(sys, o.pidFile, String(waiter))
  return made
}
function* start(sys: Sys, o: Options, s: Remembered): Run<void> {
  yield* sys.nanosleep(pace.start)
  if (s.of !== undefined) {
    const gate = yield* sys.open(gateOf(o.root, s.id), O_WRONLY)
    if (!isErr(gate)) yield* sys.close(gate)
    yield* sys.unlink(gateOf(o.root, s.id))
    const fd = yield* sys.open(saidOf(o.root, s.id), O_RDONLY)
    const said = isErr(fd) ? fd : yield* readAll(sys, fd)
    yield* sys.unlink(saidOf(o.root, s.id))
    const message = isErr(said) ? lower(said) : decode(said)
    if (message !== '') throw new Failure(`starting container: starting sub-container [${s.id}]: ${message}`, 128)
    return
  }
  const reply = yield* ask(sys, o, s, { op: 'start' })
  if (!reply || reply.error !== undefined)
    throw new Failure(
      `starting container: starting root container: starting sandbox: ${reply?.error ?? 'connection refused'}`,
      128,
    )
}
function* destroy(sys: Sys, o: Options, s: Remembered): Run<void> {
  for (const p of s.waiter === undefined ? [s.sandbox, s.gofer] : [s.waiter]) {
    yield* sys.kill(p, SIGKILL)
    yield* sys.wait(p)
  }
  for (let tries = 0; tries < 100 && (yield* statusOf(sys, o, s)) !== 'stopped'; tries++)
    yield* sys.nanosleep(1_000_000)
  yield* sys.nanosleep(pace.delete)
  for (const file of [stateFile, socketOf, gateOf, saidOf]) yield* sys.unlink(file(o.root, s.id))
  yield* sys.rmdir(`/sys/fs/cgroup${s.cgroup}`)
}
/** A process in a sandbox: its exit code, or why it couldn't be started. */
function* execIn(sys: Sys, o: Options, s: Remembered, p: SpecProcess, detached: boolean): Run<ExitCode | string> {
  const foreign = o.consoleSocket !== undefined
  const console =
    p.terminal && !foreign && !detached ? yield* openConsole(sys, `${o.root}/${s.id.slice(0, 32)}.console`) : undefined
  if (p.terminal && !foreign && !console) return 'opening terminal: inappropriate ioctl for device'
  const path = console?.path ?? o.consoleSocket
  const started = yield* sys.pipe()
  if (isErr(started)) return 'too many open files'
  // The one that waits is a process of its own: an engine watches it.
  const waiter = yield* sys.fork(function* (child) {
    yield* child.close(started[0])
    const reply = yield* ask(
      child,
      o,
      s,
      { op: 'exec', process: p, ...(s.of === undefined ? {} : { id: s.id }) },
      {
        fds: [0, 1, 2],
        terminal: p.terminal ?? false,
        *started(master) {
          if (master !== undefined && path !== undefined) {
            const c = yield* child.socket('unix', 'stream')
            if (!isErr(c) && !(yield* child.connect(c, { family: 'unix', path }))) yield* child.sendfd(c, master)
            yield* child.close(master)
          }
          yield* child.close(started[1])
        },
      },
    )
    if (reply?.error !== undefined) yield* write(child, started[1], reply.error)
    return reply?.exit ?? 128
  })
  yield* sys.close(started[1])
  if (isErr(waiter)) return lower(waiter)
  const said = yield* readAll(sys, started[0])
  yield* sys.close(started[0])
  if (isErr(said) || said.length > 0) {
    yield* sys.wait(waiter)
    return `executing processes for container: ${isErr(said) ? lower(said) : decode(said)}`
  }
  if (o.pidFile) yield* writeFile(sys, o.pidFile, String(waiter))
  if (detached) return 0
  if (console) yield* console.copy()
  const r = yield* sys.wait(waiter)
  return isErr(r) || !r ? 128 : (r.code ?? 128)
}

const commands: Readonly<Record<string, Command>> = {
  create: {
    takes: ['bundle', 'console-socket', 'pid-file', 'user-log'],
    least: 1,
    *run({ sys, o, args }) {
      yield* create(sys, o, args[0] as string)
      return 0
    },
  },
  start: {
    least: 1,
    *run({ sys, o, args }) {
      const s = yield* need(sys, o, args[0] as string)
      const status = yield* statusOf(sys, o, s)
      if (status !== 'created') throw new Failure(`starting container: cannot start container in state ${status}`, 128)
      yield* start(sys, o, s)
      return 0
    },
  },
  run: {
    takes: ['bundle', 'console-socket', 'pid-file', 'user-log'],
    switches: ['detach', 'passthrough-fd'],
    least: 1,
    *run({ sys, o, args, flags }) {
      const text = yield* readText(sys, `${o.bundle}/config.json`)
      const terminal = !isErr(text) && /"terminal":\s*true/.test(text) && !flags.has('detach')
      yield* makeDirs(sys, o.root, 0o711)
      const console = terminal ? yield* openConsole(sys, `${o.root}/${args[0]}.console`) : undefined
      if (terminal && !console) throw new Failure('running container: creating container: no terminal', 128)
      const s = yield* create(sys, console ? { ...o, consoleSocket: console.path } : o, args[0] as string)
      try {
        yield* start(sys, o, s)
      } catch (e) {
        yield* destroy(sys, o, s)
        throw e
      }
      if (flags.has('detach')) return 0
      if (console) yield* console.copy()
      const r = yield* sys.wait(s.sandbox)
      yield* destroy(sys, o, s)
      return isErr(r) || !r ? 128 : r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
    },
  },
  exec: {
    ...execOptions,
    takes: [...(execOptions.takes ?? []), 'internal-pid-file'],
    least: 1,
    *run(c) {
      const { sys, o } = c
      const s = yield* need(sys, o, c.args[0] as string)
      const status = yield* statusOf(sys, o, s)
      if (status !== 'running') throw new Failure(`cannot exec in container in state ${status}`, 128)
      const config = yield* readText(sys, `${s.bundle}/config.json`)
      if (isErr(config)) throw new Failure(words.noConfig, 128)
      const p = yield* execProcess(c, (m) => new Failure(m, 128), JSON.parse(config) as Spec)
      const result = yield* execIn(sys, o, s, p, c.flags.has('detach'))
      if (typeof result === 'string') throw new Failure(result, 128)
      return result
    },
  },
  kill: {
    takes: ['pid'],
    switches: ['all'],
    least: 1,
    *run({ sys, o, args, flags }) {
      const s = yield* need(sys, o, args[0] as string)
      const signal = signalNumber(args[1] ?? 'TERM')
      if (signal === undefined) throw new Failure(`unknown signal ${JSON.stringify(args[1])}`, 128)
      // A sandbox whose program hasn't begun is killed as a whole.
      if ((yield* statusOf(sys, o, s)) === 'created') yield* sys.kill(s.waiter ?? s.sandbox, SIGKILL)
      else {
        const reply = yield* ask(sys, o, s, {
          op: 'signal',
          signal,
          all: flags.has('all'),
          ...(s.of === undefined ? {} : { id: s.id }),
        })
        if (!reply || reply.error !== undefined) throw new Failure(`sandbox is not running`, 128)
      }
      return 0
    },
  },
  delete: {
    switches: ['force'],
    least: 1,
    *run({ sys, o, args, flags }) {
      const s = yield* load(sys, o.root, args[0] as string)
      if (!s) {
        if (flags.has('force')) return 0
        throw new Failure(words.unknown(args[0] as string, o.root), 128)
      }
      const status = yield* statusOf(sys, o, s)
      if (!flags.has('force') && status !== 'stopped' && status !== 'created')
        throw new Failure(`cannot delete container that is not stopped without --force flag`, 128)
      yield* destroy(sys, o, s)
      return 0
    },
  },
  pause: {
    least: 1,
    *run({ sys, o, args }) {
      const s = yield* need(sys, o, args[0] as string)
      const status = yield* statusOf(sys, o, s)
      if (status !== 'running')
        throw new Failure(`pause failed: cannot pause container ${JSON.stringify(s.id)} in state ${status}`, 128)
      yield* ask(sys, o, s, { op: 'freeze', on: true })
      return 0
    },
  },
  resume: {
    least: 1,
    *run({ sys, o, args }) {
      const s = yield* need(sys, o, args[0] as string)
      const status = yield* statusOf(sys, o, s)
      if (status !== 'paused')
        throw new Failure(`resume failed: cannot resume container ${JSON.stringify(s.id)} in state ${status}`, 128)
      yield* ask(sys, o, s, { op: 'freeze', on: false })
      return 0
    },
  },
  state: {
    least: 1,
    *run({ sys, o, args }) {
      const s = yield* need(sys, o, args[0] as string)
      const status = yield* statusOf(sys, o, s)
      const document = {
        ociVersion: SPEC_VERSION,
        id: s.id,
        status,
        ...(status === 'stopped' ? {} : { pid: s.waiter ?? s.sandbox }),
        bundle: s.bundle,
      }
      yield* print(sys, JSON.stringify(document, null, 2))
      return 0
    },
  },
  list: {
    takes: ['format'],
    switches: ['quiet'],
    least: 0,
    *run({ sys, o, flags }) {
      const fd = yield* sys.open(o.root, O_RDONLY)
      const entries = isErr(fd) ? [] : yield* sys.getdents(fd)
      const rows: string[][] = []
      for (const { name } of isErr(entries) ? [] : entries) {
        const id = /^(.+)_sandbox:\1\.state$/.exec(name)?.[1]
        const s = id === undefined ? undefined : yield* load(sys, o.root, id)
        if (s) rows.push([s.id, String(s.sandbox), yield* statusOf(sys, o, s), s.bundle, s.created, ''])
      }
      if (flags.has('quiet')) yield* print(sys, rows.map((r) => `${r[0]}\n`).join(''))
      else yield* print(sys, columns([['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'], ...rows], 12, 3))
      return 0
    },
  },
  ps: {
    takes: ['format'],
    least: 1,
    *run({ sys, o, args, values }) {
      const s = yield* need(sys, o, args[0] as string)
      const { list = [] } = (yield* ask(sys, o, s, { op: 'list' })) ?? {}
      if (values.get('format') === 'json') {
        yield* print(sys, JSON.stringify(list.map((p) => p.pid)))
        return 0
      }
      const rows = list.map((p) => [
        String(p.uid),
        String(p.pid),
        String(p.ppid),
        '0',
        '',
        '?',
        `${Math.round(p.time / 1e6)}ms`,
        p.command.split(' ')[0] ?? '',
      ])
      yield* print(sys, columns([['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'], ...rows], 10, 1))
      return 0
    },
  },
  events: {
    takes: ['interval'],
    switches: ['stats'],
    least: 1,
    *run({ sys, o, args, flags }) {
      const s = yield* need(sys, o, args[0] as string)
      do {
        if ((yield* statusOf(sys, o, s)) === 'stopped') break
        const stats = yield* statsOf(sys, {
          id: s.id,
          init_process_pid: s.sandbox,
          created: s.created,
          bundle: s.bundle,
          cgroup: s.cgroup,
        })
        yield* print(sys, eventLine(s.id, stats))
        if (!flags.has('stats')) yield* sys.nanosleep(5_000_000_000)
      } while (!flags.has('stats'))
      return 0
    },
  },
  wait: {
    least: 1,
    *run({ sys, o, args }) {
      const s = yield* need(sys, o, args[0] as string)
      const r = yield* sys.wait(s.sandbox)
      if (isErr(r)) while ((yield* statusOf(sys, o, s)) !== 'stopped') yield* sys.nanosleep(100_000_000)
      yield* print(sys, JSON.stringify({ id: s.id, exitStatus: isErr(r) || !r ? 0 : (r.code ?? 0) }))
      return 0
    },
  },
  spec: {
    takes: ['bundle', 'cwd', 'netns'],
    least: 0,
    *run({ sys, o, args }) {
      const file = `${o.bundle}/config.json`
      if (!isErr(yield* sys.stat(file))) throw new Failure(`file ${JSON.stringify(file)} already exists`, 128)
      const example = exampleSpec('runsc')
      const spec = { ...example, process: { ...example.process, ...(args.length > 0 ? { args } : {}) } }
      yield* writeFile(sys, file, `${JSON.stringify(spec, null, '  ')}\n`)
      return 0
    },
  },
}
const help = `Usage: runsc <flags> <subcommand> <subcommand args>

Subcommands for OCI runtime:
${[
  ['create', 'create a secure container'],
  ['delete', 'delete resources held by a container'],
  ['events', 'display container events such as OOM notifications, cpu, memory, and IO usage statistics'],
  ['exec', 'execute new process inside the container'],
  ['kill', 'sends a signal to the container'],
  ['list', 'list containers started by runsc with the given root'],
  ['pause', 'pause suspends all processes in a container'],
  ['ps', 'ps displays the processes running inside a container'],
  ['resume', 'Resume unpauses a paused container'],
  ['run', 'create and run a secure container'],
  ['spec', 'create a new OCI bundle specification file'],
  ['start', 'start a secure container'],
  ['state', 'get the state of a container'],
  ['wait', 'wait on a process inside a container'],
]
  .map(([name = '', text]) => `\t${name.padEnd(16)} ${text}\n`)
  .join('')}
`
const globals = {
  takes: [
    'root',
    'log',
    'log-format',
    'debug-log',
    'debug-log-format',
    'platform',
    'network',
    'overlay2',
    'file-access',
  ],
  switches: ['systemd-cgroup', 'debug', 'version', 'help', 'h', 'directfs', 'ignore-cgroups'],
}
/** Values of global flags that are the defaults: others would change what isn't emulated. */
const defaults: Readonly<Record<string, string>> = {
  platform: 'systrap',
  network: 'sandbox',
  'file-access': 'exclusive',
}

export const runsc: Program = function* (sys, argv) {
  const args = argv.slice(1)
  const general = parseOptions(args, globals)
  const log = general.values.get('log')
  const fail = function* (message: string, code: ExitCode = 128): Run<ExitCode> {
    const now = strftime('%FT%TZ', yield* sys.clock('realtime'))
    if (log !== undefined)
      yield* writeFile(sys, log, `${JSON.stringify({ msg: message, level: 'error', time: now })}\n`)
    else yield* warn(sys, `${message}\n`)
    return code
  }
  if (general.unknown) {
    const flag = /^flag provided but not defined: (.*)/.exec(general.unknown)?.[1]
    yield* warn(sys, flag ? `zukan: not emulated: runsc ${flag}\n` : `${general.unknown}\n`)
    return 128
  }
  for (const [flag, value] of Object.entries(defaults)) {
    const given = general.values.get(flag)
    if (given !== undefined && given !== value) return yield* fail(`zukan: not emulated: runsc --${flag}=${given}`)
  }
  if (general.flags.has('version')) {
    yield* print(sys, `runsc version ${RELEASE}\nspec: ${SPEC_VERSION}\n`)
    return 0
  }
  const name = args.shift() ?? 'help'
  if (name === 'help' || general.flags.has('help') || general.flags.has('h')) {
    yield* print(sys, help)
    return 0
  }
  if (!Object.hasOwn(commands, name)) return yield* fail(`zukan: not emulated: runsc ${name}`)
  const command = commands[name] as Command
  const given = parseOptions(args, command)
  if (given.unknown) {
    yield* warn(sys, `${given.unknown}\n`)
    return 128
  }
  if (args.length < command.least) {
    yield* warn(sys, `${name} [flags] <container id>\n`)
    return 128
  }
  return yield* carryOut(
    sys,
    command,
    { ...given, args },
    flavour,
    general.values.get('root') ?? flavour.root,
    general.flags.has('systemd-cgroup'),
    fail,
  )
}
