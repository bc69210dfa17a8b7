/**
 * conmon: the parent of one container's processes. It runs the OCI runtime, holds standard input and output and the terminal, writes the log,
 * lets clients attach, and when the container ends leaves its exit code in a file and runs the command it was given. conmon(8).
 * Podman starts it and leaves; CRI-O, too. What crosses the attach socket is framed by five bytes, where the real one sends packets.
 */
import { EINTR, isErr } from '../base/errno.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { O_APPEND, O_CLOEXEC, O_CREAT, O_RDWR, O_TRUNC, O_WRONLY, S_IFIFO } from '../kernel/linux/fs/flags.ts'
import { SIGPIPE } from '../kernel/linux/signals.ts'
import { WaitQueue } from '../kernel/linux/wait.ts'
import { decode, fail, print, readText, warn, writeAll } from '../userland/lib/io.ts'
import { strftime } from '../userland/lib/time.ts'

const encoder = new TextEncoder()
/** How long output that nobody ends is waited for after the container's process has: nanoseconds. */
const DRAIN = 100_000_000
/** Descriptors that whoever starts conmon hands over: _OCI_SYNCPIPE and _OCI_STARTPIPE. */
export const SYNC_FD = 3
export const START_FD = 4

/** What conmon says over the sync pipe: a pid, or -1 and a message. */
export interface SyncMessage {
  readonly pid: number
  readonly message?: string
}
interface Options {
  readonly id: string
  readonly runtime: string
  readonly runtimeArgs: readonly string[]
  readonly bundle: string
  readonly pidFile: string
  readonly conmonPidFile: string
  readonly exitDir: string
  readonly log: string | undefined
  readonly terminal: boolean
  readonly stdin: boolean
  readonly exec: string | undefined
  readonly attach: string
  readonly exitCommand: readonly string[]
}
const valued: Readonly<Record<string, string>> = {
  '--api-version': 'api',
  '-c': 'cid',
  '--cid': 'cid',
  '-u': 'cuuid',
  '--cuuid': 'cuuid',
  '-n': 'name',
  '--name': 'name',
  '-r': 'runtime',
  '--runtime': 'runtime',
  '-b': 'bundle',
  '--bundle': 'bundle',
  '-p': 'pidfile',
  '--container-pidfile': 'pidfile',
  '-P': 'conmon-pidfile',
  '--conmon-pidfile': 'conmon-pidfile',
  '-l': 'log-path',
  '--log-path': 'log-path',
  '--log-level': 'log-level',
  '--log-size-max': 'log-size-max',
  '--exit-dir': 'exit-dir',
  '--exit-delay': 'exit-delay',
  '--persist-dir': 'persist-dir',
  '--socket-dir-path': 'socket-dir',
  '--runtime-arg': 'runtime-arg',
  '--exit-command': 'exit-command',
  '--exit-command-arg': 'exit-command-arg',
  '--exec-process-spec': 'exec-process-spec',
}
const switches: Readonly<Record<string, string>> = {
  '-t': 'terminal',
  '--terminal': 'terminal',
  '-i': 'stdin',
  '--stdin': 'stdin',
  '-e': 'exec',
  '--exec': 'exec',
  '--exec-attach': 'exec-attach',
  '--full-attach': 'full-attach',
  '-s': 'systemd-cgroup',
  '--systemd-cgroup': 'systemd-cgroup',
  '--syslog': 'syslog',
  '--sync': 'sync',
  '--leave-stdin-open': 'leave-stdin-open',
}
/** Reads the command line; what it doesn't know is answered as a text. */
function optionsOf(argv: readonly string[]): Options | string {
  const values = new Map<string, string[]>()
  const flags = new Set<string>()
  for (let i = 1; i < argv.length; i++) {
    const [word = '', inline] = (argv[i] as string).startsWith('--')
      ? ((argv[i] as string).split(/=(.*)/s) as [string, string?])
      : [argv[i] as string]
    if (Object.hasOwn(valued, word)) {
      const key = valued[word] as string
      values.set(key, [...(values.get(key) ?? []), inline ?? argv[++i] ?? ''])
    } else if (Object.hasOwn(switches, word)) flags.add(switches[word] as string)
    else return word
  }
  const one = (key: string): string => values.get(key)?.at(-1) ?? ''
  const exec = flags.has('exec') ? one('exec-process-spec') : undefined
  return {
    id: one('cid'),
    runtime: one('runtime'),
    runtimeArgs: values.get('runtime-arg') ?? [],
    bundle: one('bundle'),
    pidFile: one('pidfile'),
    conmonPidFile: one('conmon-pidfile'),
    exitDir: one('exit-dir'),
    log: values
      .get('log-path')
      ?.at(-1)
      ?.replace(/^k8s-file:/, ''),
    terminal: flags.has('terminal'),
    stdin: flags.has('stdin'),
    exec,
    attach: `${values.has('socket-dir') ? one('socket-dir') : one('bundle')}/attach`,
    exitCommand: values.has('exit-command') ? [one('exit-command'), ...(values.get('exit-command-arg') ?? [])] : [],
  }
}

/** A log line as Kubernetes' CRI has it: time, stream, P where the line goes on, text. */
class Log {
  readonly #fd: number
  readonly #rest = { stdout: '', stderr: '' }
  constructor(fd: number) {
    this.#fd = fd
  }
  *write(sys: Sys, stream: 'stdout' | 'stderr', bytes: Uint8Array): Run<void> {
    const lines = (this.#rest[stream] + decode(bytes)).split('\n')
    this.#rest[stream] = lines.pop() as string
    yield* this.#put(sys, stream, 'F', lines)
  }
  /** What came without a newline at the end. */
  *end(sys: Sys): Run<void> {
    for (const stream of ['stdout', 'stderr'] as const)
      if (this.#rest[stream] !== '') yield* this.#put(sys, stream, 'P', [this.#rest[stream]])
  }
  *#put(sys: Sys, stream: string, tag: string, lines: readonly string[]): Run<void> {
    if (lines.length === 0) return
    const now = strftime('%FT%T.%N+00:00', yield* sys.clock('realtime'))
    yield* writeAll(sys, this.#fd, encoder.encode(lines.map((l) => `${now} ${stream} ${tag} ${l}\n`).join('')))
  }
}

export const conmon: Program = function* (sys, argv) {
  if (argv.includes('--version')) {
    yield* print(sys, 'conmon version 2.2.1\ncommit: unknown\n')
    return 0
  }
  const o = optionsOf(argv)
  if (typeof o === 'string') return yield* fail(sys, `zukan: not emulated: conmon ${o}`)
  const missing = o.id === '' ? 'Container ID' : o.runtime === '' ? 'Runtime path' : undefined
  if (missing) return yield* fail(sys, `conmon: ${missing} not provided. Use --${o.id === '' ? 'cid' : 'runtime'}`)
  // It leaves the program that started it: init, or the next subreaper above, becomes its parent.
  const pid = yield* sys.fork(function* (own) {
    yield* own.setsid()
    return yield* watch(own, o)
  })
  if (isErr(pid)) return 1
  if (o.conmonPidFile !== '') {
    const fd = yield* sys.open(o.conmonPidFile, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if (!isErr(fd)) {
      yield* sys.write(fd, encoder.encode(String(pid)))
      yield* sys.close(fd)
    }
  }
  return 0
}

/** conmon in the background: from the runtime's create to the exit file. */
function* watch(sys: Sys, o: Options): Run<number> {
  yield* sys.prctl('set_child_subreaper', 1)
  // Caught, not ignored: clients may go, and what is ignored would stay so in the container.
  yield* sys.sigaction(SIGPIPE, function* () {})
  const say = function* (m: SyncMessage): Run<void> {
    yield* sys.write(SYNC_FD, encoder.encode(`${JSON.stringify(m)}\n`))
    yield* sys.close(SYNC_FD)
  }
  const streams = yield* Streams.open(sys, o)
  if (!streams) {
    yield* say({ pid: -1, message: 'too many open files' })
    return 1
  }
  // A further process runs at once: who wants its output attaches before. A container waits for its start.
  if (o.exec !== undefined) yield* streams.serve()
  yield* sys.read(START_FD, 1)
  yield* sys.close(START_FD)
  const created = yield* runRuntime(sys, o, streams)
  if (typeof created === 'string') {
    yield* say({ pid: -1, message: created })
    yield* streams.close(255)
    return 1
  }
  if (o.exec === undefined) yield* streams.serve()
  yield* say({ pid: created })
  const code = yield* untilEnd(sys, created)
  yield* streams.finish()
  if (o.exitDir !== '' && o.exec === undefined) {
    const fd = yield* sys.open(`${o.exitDir}/${o.id}`, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if (!isErr(fd)) {
      yield* sys.write(fd, encoder.encode(String(code)))
      yield* sys.close(fd)
    }
  }
  yield* streams.close(code)
  if (o.exitCommand.length > 0) {
    const last = yield* sys.fork(function* (child) {
      const nothing = yield* child.open('/dev/null', O_RDWR)
      if (!isErr(nothing)) for (const fd of [0, 1, 2]) yield* child.dup2(nothing, fd)
      for (let fd = 3; fd < 64; fd++) yield* child.close(fd)
      const failed = yield* child.execve(o.exitCommand[0] as string, o.exitCommand, child.environ())
      return failed.number
    })
    if (!isErr(last)) yield* untilEnd(sys, last)
  }
  return 0
}
/** Waits for one child and collects every other that ends meanwhile: conmon is their reaper. */
function* untilEnd(sys: Sys, pid: number): Run<number> {
  for (;;) {
    const r = yield* sys.wait(-1)
    if (r === EINTR) continue
    if (isErr(r) || !r) return 255
    if (r.pid === pid) return r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
  }
}
/** `create`, or `exec` for a further process: the pid, or what is wrong. */
function* runRuntime(sys: Sys, o: Options, streams: Streams): Run<number | string> {
  const log = /--log[= ]([^ ]+)/.exec(o.runtimeArgs.join(' '))?.[1]
  if (log) yield* sys.unlink(log)
  const console = o.terminal ? yield* streams.openConsole() : undefined
  const options = [
    ...(console ? ['--console-socket', console] : []),
    '--pid-file',
    o.pidFile,
    ...(o.exec === undefined ? ['--bundle', o.bundle] : ['--process', o.exec, '--detach']),
  ]
  const pid = yield* sys.fork(function* (child) {
    yield* streams.give(child)
    for (let fd = 3; fd < 64; fd++) yield* child.close(fd)
    const failed = yield* child.execve(
      o.runtime,
      [o.runtime, ...o.runtimeArgs, o.exec === undefined ? 'create' : 'exec', ...options, o.id],
      child.environ(),
    )
    yield* warn(child, `conmon: ${o.runtime}: ${failed.text}\n`)
    return 127
  })
  if (isErr(pid)) return pid.text
  yield* streams.keep()
  const code = yield* untilEnd(sys, pid)
  const text = yield* readText(sys, o.pidFile)
  if (code === 0 && !isErr(text)) return Number(text)
  const said = log ? yield* readText(sys, log) : ''
  const last = isErr(said) ? '' : (said.trim().split('\n').at(-1) ?? '')
  const runtime = o.runtime.slice(o.runtime.lastIndexOf('/') + 1)
  try {
    return `${runtime}: ${(JSON.parse(last) as { msg?: string }).msg ?? last}`
  } catch {
    return last === '' ? `${o.runtime} exited with status ${code}` : `${runtime}: ${last}`
  }
}

/** The three streams of a container: pipes or a terminal on its side, a log and attached clients on the other. */
class Streams {
  readonly #sys: Sys
  readonly #o: Options
  readonly #pipes: (readonly [number, number])[]
  readonly #clients = new Set<number>()
  readonly #changed = new WaitQueue()
  #log: Log | undefined
  #open = 0
  #master: number | undefined
  #listening: number | undefined
  constructor(sys: Sys, o: Options, pipes: (readonly [number, number])[], log: Log | undefined) {
    this.#sys = sys
    this.#o = o
    this.#pipes = pipes
    this.#log = log
  }
  static *open(sys: Sys, o: Options): Run<Streams | undefined> {
    const pipes: (readonly [number, number])[] = []
    for (let n = 0; n < 3; n++) {
      const p = yield* sys.pipe()
      if (isErr(p)) return undefined
      pipes.push(p)
    }
    let log: Log | undefined
    if (o.log) {
      const fd = yield* sys.open(o.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
      if (!isErr(fd)) log = new Log(fd)
    }
    const made = new Streams(sys, o, pipes, log)
    yield* made.#control()
    return made
  }
  /** In the runtime's process: what its container gets. */
  *give(child: Sys): Run<void> {
    const nothing = yield* child.open('/dev/null', O_RDWR)
    if (isErr(nothing)) return
    const [input, output, errors] = this.#pipes
    const { terminal, stdin } = this.#o
    yield* child.dup2(stdin && !terminal ? (input?.[0] ?? nothing) : nothing, 0)
    yield* child.dup2(terminal ? nothing : (output?.[1] ?? nothing), 1)
    yield* child.dup2(terminal ? nothing : (errors?.[1] ?? nothing), 2)
  }
  /** In conmon: the other ends, and the threads that read them. */
  *keep(): Run<void> {
    const [input, output, errors] = this.#pipes
    for (const fd of [input?.[0], output?.[1], errors?.[1]]) if (fd !== undefined) yield* this.#sys.close(fd)
    if (this.#o.terminal) return
    this.#copy(output?.[0] ?? -1, 'stdout')
    this.#copy(errors?.[0] ?? -1, 'stderr')
  }
  #copy(from: number, stream: 'stdout' | 'stderr'): void {
    this.#open++
    this.#sys.thread(
      function* (this: Streams, t: Sys): Run<void> {
        for (;;) {
          const part = yield* t.read(from, 65536)
          if (isErr(part) || part.length === 0) break
          yield* this.#out(t, stream, part)
        }
        yield* t.close(from)
        this.#open--
        this.#changed.wake()
      }.bind(this),
    )
  }
  *#out(t: Sys, stream: 'stdout' | 'stderr', bytes: Uint8Array): Run<void> {
    if (this.#log) yield* this.#log.write(t, stream, bytes)
    for (const fd of [...this.#clients]) yield* writeAll(t, fd, frame(stream === 'stdout' ? 2 : 3, bytes))
  }
  /** A socket that the runtime sends the terminal's master to. */
  *openConsole(): Run<string> {
    const path = `${this.#o.bundle}/${this.#o.exec === undefined ? 'console' : `console-${this.#o.pidFile.length}`}.sock`
    const socket = yield* this.#sys.socket('unix', 'stream')
    if (isErr(socket)) return path
    yield* this.#sys.unlink(path)
    yield* this.#sys.bind(socket, { family: 'unix', path })
    yield* this.#sys.listen(socket)
    this.#open++
    this.#sys.thread(
      function* (this: Streams, t: Sys): Run<void> {
        const c = yield* t.accept(socket)
        const master = isErr(c) ? c : yield* t.recvfd(c)
        if (!isErr(c)) yield* t.close(c)
        yield* t.close(socket)
        yield* t.unlink(path)
        if (!isErr(master)) {
          this.#master = master
          this.#changed.wake()
          this.#copy(master, 'stdout')
        }
        this.#open--
        this.#changed.wake()
      }.bind(this),
    )
    return path
  }
  /** Lets clients attach: each gets what comes from now on, and what it sends is standard input. */
  *serve(): Run<void> {
    const sys = this.#sys
    const socket = yield* sys.socket('unix', 'stream')
    if (isErr(socket)) return
    yield* sys.unlink(this.#o.attach)
    yield* sys.bind(socket, { family: 'unix', path: this.#o.attach })
    yield* sys.listen(socket)
    this.#listening = socket
    sys.thread(
      function* (this: Streams, t: Sys): Run<void> {
        for (;;) {
          const client = yield* t.accept(socket)
          if (isErr(client)) return
          this.#clients.add(client)
          t.thread((own) => this.#input(own, client))
        }
      }.bind(this),
    )
  }
  *#input(t: Sys, client: number): Run<void> {
    const { terminal, stdin } = this.#o
    for (;;) {
      const part = yield* t.read(client, 65536)
      if (isErr(part) || part.length === 0) break
      if (terminal) yield* t.futex(this.#changed, () => this.#master !== undefined)
      const to = terminal ? this.#master : stdin ? this.#pipes[0]?.[1] : undefined
      if (to !== undefined) yield* writeAll(t, to, part)
    }
    // Standard input ends where a client says that it has no more, and not where one that only listened is gone.
    const gone = yield* t.write(client, frame(2, new Uint8Array(0)))
    if (isErr(gone)) this.#clients.delete(client)
    else if (!terminal && stdin) yield* t.close(this.#pipes[0]?.[1] ?? -1)
  }
  /** The fifo through which a terminal's size comes: `1 ROWS COLUMNS` a line. */
  *#control(): Run<void> {
    if (!this.#o.terminal) return
    const path = `${this.#o.bundle}/ctl`
    yield* this.#sys.unlink(path)
    yield* this.#sys.mknod(path, S_IFIFO | 0o600)
    this.#sys.thread(
      function* (this: Streams, t: Sys): Run<void> {
        // Its own writer, so that it doesn't end with a client's.
        const fd = yield* t.open(path, O_RDWR)
        if (isErr(fd)) return
        for (;;) {
          const part = yield* t.read(fd, 4096)
          if (isErr(part) || part.length === 0) return
          for (const line of decode(part).split('\n')) {
            const [kind, rows, columns] = line.split(' ').map(Number)
            if (kind !== 1 || !rows || !columns) continue
            yield* t.futex(this.#changed, () => this.#master !== undefined)
            if (this.#master !== undefined) yield* t.ioctl(this.#master, 'TIOCSWINSZ', { rows, columns })
          }
        }
      }.bind(this),
    )
  }
  /** Waits for what is still on its way out. */
  *finish(): Run<void> {
    yield* this.#sys.futex(this.#changed, () => this.#open === 0, DRAIN)
    if (this.#log) yield* this.#log.end(this.#sys)
    this.#log = undefined
  }
  /** Tells clients how it ended, and closes. */
  *close(code: number): Run<void> {
    const sys = this.#sys
    if (this.#listening !== undefined) yield* sys.close(this.#listening)
    yield* sys.unlink(this.#o.attach)
    for (const fd of [...this.#clients]) {
      yield* writeAll(sys, fd, frame(1, encoder.encode(String(code))))
      yield* sys.shutdown(fd, 'both')
    }
    this.#clients.clear()
  }
}
/** Stream 1 is the exit code, 2 standard output, 3 standard error. */
function frame(stream: number, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(5 + bytes.length)
  out[0] = stream
  new DataView(out.buffer).setUint32(1, bytes.length)
  out.set(bytes, 5)
  return out
}
/** Reads frames from a connection to the attach socket. */
export class Frames {
  #rest = new Uint8Array(0)
  /** The whole frames in what has come so far. */
  take(bytes: Uint8Array): { readonly stream: number; readonly bytes: Uint8Array }[] {
    const all = new Uint8Array(this.#rest.length + bytes.length)
    all.set(this.#rest)
    all.set(bytes, this.#rest.length)
    const out: { stream: number; bytes: Uint8Array }[] = []
    let at = 0
    while (at + 5 <= all.length) {
      const size = new DataView(all.buffer).getUint32(at + 1)
      if (at + 5 + size > all.length) break
      out.push({ stream: all[at] as number, bytes: all.slice(at + 5, at + 5 + size) })
      at += 5 + size
    }
    this.#rest = all.slice(at)
    return out
  }
}
