/**
 * Exec: what a client runs in a container. The answer to Exec is an address with a token; the client connects there, and its streams go
 * over that connection (k8s.io/kubelet/pkg/cri/streaming). Frames of five bytes stand for the channels of the real protocol.
 */
import { concat, hex, text, utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import type { SpecProcess } from '../../oci/runtimespec.ts'
import { HttpReader } from '../../userland/lib/http.ts'
import { writeAll } from '../../userland/lib/io.ts'
import { type Backend, CriError, type Running } from './backend.ts'
import type { CriContainer } from './types.ts'

/** Channels of a streaming connection, as k8s.io/apimachinery/pkg/util/remotecommand numbers them. */
export const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const
export const frame = (kind: number, bytes: Uint8Array): Uint8Array => {
  const head = new Uint8Array(5)
  head[0] = kind
  new DataView(head.buffer).setUint32(1, bytes.length)
  return concat([head, bytes])
}
/** Reads frames from a connection. */
export class FrameReader {
  readonly sys: Sys
  readonly fd: Fd
  #rest: Uint8Array
  constructor(sys: Sys, fd: Fd, rest: Uint8Array) {
    this.sys = sys
    this.fd = fd
    this.#rest = rest
  }
  /** The next frame; undefined at the end. */
  *next(): Run<{ readonly kind: number; readonly bytes: Uint8Array } | undefined> {
    for (;;) {
      if (this.#rest.length >= 5) {
        const size = new DataView(this.#rest.buffer, this.#rest.byteOffset).getUint32(1)
        if (this.#rest.length >= 5 + size) {
          const out = { kind: this.#rest[0] as number, bytes: this.#rest.slice(5, 5 + size) }
          this.#rest = this.#rest.slice(5 + size)
          return out
        }
      }
      const part = yield* this.sys.read(this.fd, 65536)
      if (isErr(part) || part.length === 0) return undefined
      this.#rest = concat([this.#rest, part])
    }
  }
}
interface Offer {
  readonly container: CriContainer
  readonly cmd: readonly string[]
  readonly tty: boolean
  readonly stdin: boolean
}
/** The process of an exec: the container's own, with other words. */
export function* processOf(
  t: Sys,
  b: Backend,
  c: CriContainer,
  cmd: readonly string[],
  tty: boolean,
): Run<SpecProcess> {
  const spec = yield* b.spec(t, c.id)
  if (!spec) throw new CriError(`failed to load task for container ${c.id}`)
  const { process } = spec
  return {
    ...process,
    terminal: tty,
    args: cmd,
    env: [...(process.env ?? []).filter((e) => !tty || !e.startsWith('TERM=')), ...(tty ? ['TERM=xterm'] : [])],
  }
}
/** Runs to the end: ExecSync. */
export function* collect(t: Sys, b: Backend, c: CriContainer, cmd: readonly string[]): Run<unknown> {
  const out = { stdout: '', stderr: '' }
  const started = yield* b.exec(t, c, yield* processOf(t, b, c, cmd, false), false, (stream, bytes) => {
    out[stream] += text(bytes)
  })
  if (typeof started === 'string') throw new CriError(`failed to exec in container: ${started}`)
  const exitCode = yield* started.wait(t)
  return { ...out, exitCode }
}

export class Streaming {
  readonly #sys: Sys
  readonly #backend: Backend
  readonly #offers = new Map<string, Offer>()
  #port = 0
  constructor(sys: Sys, backend: Backend) {
    this.#sys = sys
    this.#backend = backend
  }
  /** Exec: an address where the client finds the process's streams. */
  *offer(t: Sys, container: CriContainer, o: Omit<Offer, 'container'>): Run<unknown> {
    if (this.#port === 0) yield* this.#listen()
    const token = hex(yield* t.getrandom(4))
    this.#offers.set(token, { container, ...o })
    return { url: `http://127.0.0.1:${this.#port}/exec/${token}` }
  }
  *#listen(): Run<void> {
    const sys = this.#sys
    const socket = yield* sys.socket('inet', 'stream')
    if (isErr(socket)) throw new CriError(`streaming server: ${socket.text}`)
    const failed =
      (yield* sys.bind(socket, { family: 'inet', address: '127.0.0.1', port: 0 })) ?? (yield* sys.listen(socket))
    const own = yield* sys.getsockname(socket)
    if (failed || isErr(own) || own.family !== 'inet') throw new CriError('streaming server: address not available')
    this.#port = own.port
    const serve = (t: Sys, fd: Fd): Run<void> => this.#serve(t, fd)
    sys.thread(function* (t) {
      for (;;) {
        const fd = yield* t.accept(socket)
        if (!isErr(fd)) t.thread((one) => serve(one, fd))
      }
    })
  }
  *#serve(t: Sys, fd: Fd): Run<void> {
    const reader = new HttpReader(t, fd)
    const request = yield* reader.request()
    const token = /^\/exec\/([0-9a-f]+)/.exec(request?.target ?? '')?.[1] ?? ''
    const offer = this.#offers.get(token)
    this.#offers.delete(token)
    if (!offer) {
      yield* writeAll(t, fd, utf8('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'))
      yield* t.close(fd)
      return
    }
    yield* writeAll(t, fd, utf8('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n'))
    const rest = reader.takeRest()
    const queue: Uint8Array[] = []
    const filled = new WaitQueue()
    let over = false
    const put = (kind: number, bytes: Uint8Array): void => {
      queue.push(frame(kind, bytes))
      filled.wake()
    }
    const b = this.#backend
    const process = yield* processOf(t, b, offer.container, offer.cmd, offer.tty)
    const started = yield* b.exec(t, offer.container, process, offer.stdin, (stream, bytes) =>
      put(channel[stream], bytes),
    )
    const end = (status: object): void => {
      put(channel.error, utf8(JSON.stringify(status)))
      over = true
      filled.wake()
    }
    if (typeof started === 'string')
      end({
        status: 'Failure',
        message: `error executing command in container: failed to exec in container: ${started}`,
      })
    else {
      t.thread((own) => feed(own, new FrameReader(own, fd, rest), started))
      t.thread(function* (own) {
        const code = yield* started.wait(own)
        end(
          code === 0
            ? { status: 'Success' }
            : {
                status: 'Failure',
                message: `command terminated with exit code ${code}`,
                reason: 'NonZeroExitCode',
                details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
              },
        )
      })
    }
    for (;;) {
      yield* t.futex(filled, () => queue.length > 0 || over)
      const part = queue.shift()
      if (part === undefined) break
      if (yield* writeAll(t, fd, part)) break
    }
    yield* t.shutdown(fd, 'both')
    yield* t.close(fd)
  }
}
/** Hands on what the client sends: input and sizes. */
function* feed(t: Sys, frames: FrameReader, running: Running): Run<void> {
  for (let f = yield* frames.next(); f; f = yield* frames.next()) {
    if (f.kind === channel.stdin && running.stdin !== undefined) {
      if (f.bytes.length === 0) yield* t.close(running.stdin)
      else if (yield* writeAll(t, running.stdin, f.bytes)) return
    } else if (f.kind === channel.resize) {
      const size = JSON.parse(text(f.bytes)) as { Width: number; Height: number }
      yield* running.resize(t, size.Height, size.Width)
    }
  }
}
