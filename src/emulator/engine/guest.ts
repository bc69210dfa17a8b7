/**
 * Processes in a guest, started from its host over vsock: what WSL's init, the guest compute service (gcs) of Windows' utility machines and
 * Apple's vminitd each do with a protocol of their own. One connection a process: a line of JSON asks for it, then frames carry its streams.
 */
import { concat, text, utf8 } from '../base/bytes.ts'
import { EINTR, isErr } from '../base/errno.ts'
import type { ExitCode, Fd, Pid, Run, SocketAddress, Sys } from '../kernel/linux/abi.ts'
import { O_CLOEXEC, O_RDWR } from '../kernel/linux/fs/flags.ts'
import { SIGINT, SIGTERM, SIGWINCH } from '../kernel/linux/signals.ts'
import { decode, LineReader, unbinary, write, writeAll } from '../userland/lib/io.ts'

export interface GuestRequest {
  /** What the agent is asked to do; agents know different things. */
  readonly op: string
  readonly tty?: boolean
  readonly size?: { readonly rows: number; readonly columns: number }
  readonly [key: string]: unknown
}
/** Streams of a frame; `exit` carries the code, `size` rows and columns, `signal` a number, as text. */
const kinds = ['stdin', 'stdout', 'stderr', 'exit', 'size', 'signal', 'eof', 'pid', 'error'] as const
type FrameKind = (typeof kinds)[number]

function frame(kind: FrameKind, bytes: Uint8Array): Uint8Array {
  const head = new Uint8Array(5)
  head[0] = kinds.indexOf(kind)
  new DataView(head.buffer).setUint32(1, bytes.length)
  return concat([head, bytes])
}
/** Reads frames from a connection. */
class Frames {
  readonly #sys: Sys
  readonly #fd: Fd
  #rest: Uint8Array
  constructor(sys: Sys, fd: Fd, rest = new Uint8Array(0)) {
    this.#sys = sys
    this.#fd = fd
    this.#rest = rest
  }
  /** The next frame; undefined at the end. */
  *next(): Run<{ readonly kind: FrameKind; readonly bytes: Uint8Array } | undefined> {
    for (;;) {
      if (this.#rest.length >= 5) {
        const length = new DataView(this.#rest.buffer, this.#rest.byteOffset).getUint32(1)
        if (this.#rest.length >= 5 + length) {
          const kind = kinds[this.#rest[0] as number] as FrameKind
          const bytes = this.#rest.subarray(5, 5 + length)
          this.#rest = this.#rest.subarray(5 + length)
          return { kind, bytes }
        }
      }
      const part = yield* this.#sys.read(this.#fd, 65536)
      if (part === EINTR) continue
      if (isErr(part) || part.length === 0) return undefined
      this.#rest = concat([this.#rest, part])
    }
  }
}

// --- in the guest ---

/** What an agent does for a request: a process to run, an answer at once, or the text of an error. */
export type GuestAction =
  | {
      readonly run: (child: Sys) => Run<ExitCode>
      /** Waits until what was asked for runs, where the process itself is only what starts it. */
      readonly started?: (sys: Sys, pid: Pid) => Run<void>
      /** How a signal reaches what was started, where not as a signal to that very process. */
      readonly signal?: (sys: Sys, signal: number) => Run<void>
    }
  | { readonly answer: unknown }
  | { readonly error: string }

/** Serves requests on a vsock port, or where `at` says; never returns. */
export function* serveGuest(
  sys: Sys,
  port: number,
  act: (sys: Sys, request: GuestRequest) => Run<GuestAction>,
  terminals = '/dev/pts',
  at: SocketAddress = { family: 'vsock', cid: -1, port },
): Run<ExitCode> {
  const socket = yield* sys.socket(at.family, 'stream')
  if (isErr(socket)) return 1
  if ((yield* sys.bind(socket, at)) ?? (yield* sys.listen(socket))) return 1
  for (;;) {
    const fd = yield* sys.accept(socket)
    if (isErr(fd)) continue
    sys.thread(function* (t) {
      const line = yield* new LineReader(t, fd).next()
      if (typeof line === 'string') {
        const request = JSON.parse(decode(unbinary(line))) as GuestRequest
        const action = yield* act(t, request)
        if ('error' in action) yield* writeAll(t, fd, frame('error', utf8(action.error)))
        else if ('answer' in action) yield* writeAll(t, fd, frame('stdout', utf8(JSON.stringify(action.answer))))
        else yield* serveProcess(t, fd, request, action, terminals)
      }
      yield* t.close(fd)
    })
  }
}
function* serveProcess(
  t: Sys,
  fd: Fd,
  request: GuestRequest,
  action: Extract<GuestAction, { run: unknown }>,
  terminals: string,
): Run<void> {
  const master = request.tty ? yield* t.open(`${terminals}/ptmx`, O_RDWR | O_CLOEXEC) : undefined
  const pipes = request.tty ? [] : [yield* t.pipe(), yield* t.pipe(), yield* t.pipe()]
  if (isErr(master)) return
  const ends: (readonly [Fd, Fd])[] = []
  for (const p of pipes) if (!isErr(p)) ends.push(p)
  const number = master === undefined ? 0 : yield* t.ioctl<number>(master, 'TIOCGPTN')
  if (master !== undefined && request.size) yield* t.ioctl(master, 'TIOCSWINSZ', request.size)
  const pid = yield* t.fork(function* (child) {
    yield* child.setsid()
    if (master !== undefined) {
      const slave = yield* child.open(`${terminals}/${isErr(number) ? 0 : number}`, O_RDWR)
      if (isErr(slave)) return 1
      yield* child.ioctl(slave, 'TIOCSCTTY')
      for (const n of [0, 1, 2]) yield* child.dup2(slave, n)
    } else {
      yield* child.dup2((ends[0] as readonly [Fd, Fd])[0], 0)
      yield* child.dup2((ends[1] as readonly [Fd, Fd])[1], 1)
      yield* child.dup2((ends[2] as readonly [Fd, Fd])[1], 2)
    }
    yield* child.closeRange(3)
    return yield* action.run(child)
  })
  if (isErr(pid)) {
    yield* writeAll(t, fd, frame('error', utf8(pid.text)))
    return
  }
  if (action.started) yield* action.started(t, pid)
  yield* writeAll(t, fd, frame('pid', utf8(String(pid))))
  const [stdin, stdout, stderr] = ends
  if (stdin && stdout && stderr) for (const n of [stdin[0], stdout[1], stderr[1]]) yield* t.close(n)
  const input = master ?? stdin?.[1] ?? -1
  // From the host: input, window sizes, signals.
  t.thread(function* (own) {
    const frames = new Frames(own, fd)
    for (;;) {
      const f = yield* frames.next()
      if (!f || f.kind === 'eof') break
      if (f.kind === 'stdin') yield* writeAll(own, input, f.bytes)
      if (f.kind === 'signal') {
        const n = Number(text(f.bytes))
        if (action.signal) yield* action.signal(own, n)
        else yield* own.kill(pid, n)
      }
      if (f.kind === 'size' && master !== undefined) yield* own.ioctl(master, 'TIOCSWINSZ', JSON.parse(text(f.bytes)))
    }
    if (master === undefined) yield* own.close(input)
  })
  const copy = function* (own: Sys, from: Fd, kind: 'stdout' | 'stderr'): Run<void> {
    for (;;) {
      const part = yield* own.read(from, 65536)
      if (part === EINTR) continue
      if (isErr(part) || part.length === 0) return
      if (yield* writeAll(own, fd, frame(kind, part))) return
    }
  }
  const ended = yield* t.pipe()
  if (stderr && !isErr(ended))
    t.thread(function* (own) {
      yield* copy(own, stderr[0], 'stderr')
      yield* own.close(ended[1])
    })
  else if (!isErr(ended)) yield* t.close(ended[1])
  yield* copy(t, master ?? stdout?.[0] ?? -1, 'stdout')
  if (!isErr(ended)) {
    yield* t.read(ended[0], 1)
    yield* t.close(ended[0])
  }
  let status: ExitCode = 255
  for (;;) {
    const r = yield* t.wait(pid)
    if (r === EINTR) continue
    if (!isErr(r) && r) status = r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
    break
  }
  for (const n of [master, stdout?.[0], stderr?.[0]]) if (n !== undefined) yield* t.close(n)
  yield* writeAll(t, fd, frame('exit', utf8(String(status))))
}

// --- on the host ---

/** A connection to a guest's agent with a request sent; undefined where nobody listens. */
export const askGuest = (sys: Sys, cid: number, port: number, request: GuestRequest): Run<Fd | undefined> =>
  askAt(sys, { family: 'vsock', cid, port }, request)
function* askAt(sys: Sys, at: SocketAddress, request: GuestRequest): Run<Fd | undefined> {
  const fd = yield* sys.socket(at.family, 'stream')
  if (isErr(fd)) return undefined
  if (yield* sys.connect(fd, at)) {
    yield* sys.close(fd)
    return undefined
  }
  yield* write(sys, fd, `${JSON.stringify(request)}\n`)
  return fd
}
/** A request that is answered at once: the answer, or the text of an error. */
export function* callGuest<T>(sys: Sys, cid: number, port: number, request: GuestRequest): Run<T | string> {
  const fd = yield* askGuest(sys, cid, port, request)
  if (fd === undefined) return 'the guest does not answer'
  const f = yield* new Frames(sys, fd).next()
  yield* sys.close(fd)
  return f?.kind === 'stdout' ? (JSON.parse(text(f.bytes)) as T) : f ? text(f.bytes) : 'the guest does not answer'
}
/** Waits until a guest's agent listens; false after `tries` times 5 ms. */
export function* awaitGuest(sys: Sys, cid: number, port: number, tries = 2000): Run<boolean> {
  for (let n = 0; n < tries; n++) {
    const fd = yield* sys.socket('vsock', 'stream')
    if (isErr(fd)) return false
    const failed = yield* sys.connect(fd, { family: 'vsock', cid, port })
    yield* sys.close(fd)
    if (!failed) return true
    yield* sys.nanosleep(5_000_000)
  }
  return false
}
export interface GuestProcess {
  readonly fd: Fd
  /** Its number in the guest. */
  readonly pid: Pid
}
/** What comes from a process in a guest, until it has ended: its exit code, or the text of an error. */
export function* readGuest(
  sys: Sys,
  fd: Fd,
  o: {
    readonly output: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => Run<void>
    readonly started?: (pid: Pid) => Run<void>
  },
): Run<ExitCode | string> {
  const frames = new Frames(sys, fd)
  for (;;) {
    const f = yield* frames.next()
    if (!f) return 255
    if (f.kind === 'stdout' || f.kind === 'stderr') yield* o.output(f.kind, f.bytes)
    if (f.kind === 'pid' && o.started) yield* o.started(Number(text(f.bytes)))
    if (f.kind === 'exit') return Number(text(f.bytes))
    if (f.kind === 'error') return text(f.bytes)
  }
}
export const sendInput = (sys: Sys, fd: Fd, bytes: Uint8Array): Run<unknown> => writeAll(sys, fd, frame('stdin', bytes))
export const endInput = (sys: Sys, fd: Fd): Run<unknown> => writeAll(sys, fd, frame('eof', new Uint8Array(0)))
export const sendSignal = (sys: Sys, fd: Fd, signal: number): Run<unknown> =>
  writeAll(sys, fd, frame('signal', utf8(String(signal))))
export const sendSize = (sys: Sys, fd: Fd, rows: number, columns: number): Run<unknown> =>
  writeAll(sys, fd, frame('size', utf8(JSON.stringify({ rows, columns }))))

/** Runs a process in a guest with this program's own standard streams; answers its exit code, or the text of an error. */
export const runInGuest = (sys: Sys, cid: number, port: number, request: GuestRequest): Run<ExitCode | string> =>
  runAt(sys, { family: 'vsock', cid, port }, request)
/** The same by any socket: what ssh does over TCP. */
export function* runAt(sys: Sys, at: SocketAddress, request: GuestRequest): Run<ExitCode | string> {
  const size = request.tty
    ? yield* sys.ioctl<{ readonly rows: number; readonly columns: number }>(0, 'TIOCGWINSZ')
    : undefined
  const fd = yield* askAt(sys, at, { ...request, ...(size && !isErr(size) ? { size } : {}) })
  if (fd === undefined) return 'the guest does not answer'
  const state: unknown = request.tty ? yield* sys.ioctl(0, 'TCGETS') : undefined
  if (request.tty) {
    yield* sys.ioctl(0, 'TCSETS', { icanon: false, echo: false, isig: false, icrnl: false, opost: false, onlcr: false })
    yield* sys.sigaction(SIGWINCH, function* () {
      const s = yield* sys.ioctl<{ readonly rows: number; readonly columns: number }>(0, 'TIOCGWINSZ')
      if (!isErr(s)) yield* sendSize(sys, fd, s.rows, s.columns)
    })
  } else for (const s of [SIGINT, SIGTERM]) yield* sys.sigaction(s, () => sendSignal(sys, fd, s) as Run<void>)
  sys.thread(function* (t) {
    for (;;) {
      const part = yield* t.read(0, 65536)
      if (part === EINTR) continue
      if (isErr(part) || part.length === 0) break
      yield* sendInput(t, fd, part)
    }
    yield* endInput(t, fd)
  })
  const code = yield* readGuest(sys, fd, {
    *output(stream, bytes) {
      yield* writeAll(sys, stream === 'stderr' ? 2 : 1, bytes)
    },
  })
  if (request.tty) yield* sys.ioctl(0, 'TCSETS', state)
  return code
}
