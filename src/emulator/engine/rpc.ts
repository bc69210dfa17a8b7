/**
 * Calls between the engine's processes: gRPC to containerd, ttRPC to a shim. The services and methods are the real ones' names;
 * messages are JSON lines instead of protocol buffers.
 */
import { concat, text } from '../base/bytes.ts'
import { EINTR, isErr } from '../base/errno.ts'
import type { Fd, Run, Sys } from '../kernel/linux/abi.ts'
import { write } from '../userland/lib/io.ts'

export type Params = Readonly<Record<string, unknown>>
export type Reply<T = Record<string, unknown>> =
  | { readonly ok: true; readonly result: T }
  | { readonly ok: false; readonly error: string }
export type Methods = Readonly<Record<string, (sys: Sys, params: never) => Run<Reply<unknown>>>>

/** Calls one method of the server at a socket's path; `to` names the server in the trace, `kind` the protocol. */
export function* callRpc<T = Record<string, unknown>>(
  sys: Sys,
  path: string,
  to: string,
  method: string,
  params: Params,
  kind: 'grpc' | 'api' = 'grpc',
): Run<Reply<T>> {
  const fd = yield* sys.socket('unix', 'stream')
  if (isErr(fd)) return { ok: false, error: fd.text }
  const failed = yield* sys.connect(fd, { family: 'unix', path })
  if (failed) {
    yield* sys.close(fd)
    return {
      ok: false,
      error: `connection error: desc = "transport: Error while dialing: dial unix ${path}: connect: ${failed.text.toLowerCase()}": unavailable`,
    }
  }
  const document = JSON.stringify(params)
  sys.traceMark(kind, to, method, document)
  yield* write(sys, fd, `{"method":${JSON.stringify(method)},"params":${document}}\n`)
  const line = yield* readMessage(sys, fd)
  yield* sys.close(fd)
  if (line === undefined) return { ok: false, error: 'error reading from server: EOF: unavailable' }
  return JSON.parse(line) as Reply<T>
}

/** One message, which ends with a newline; undefined where the other side closed before. */
export function* readMessage(sys: Sys, fd: Fd): Run<string | undefined> {
  const parts: Uint8Array[] = []
  for (;;) {
    const part = yield* sys.read(fd, 65536)
    if (part === EINTR) continue
    if (isErr(part) || part.length === 0) return undefined
    parts.push(part)
    if (part[part.length - 1] === NEWLINE) return text(concat(parts))
  }
}
const NEWLINE = 10

/**
 * Serves methods at a socket's path, a thread a connection; never returns. What is made anew for each call is no generator function: V8
 * takes some microseconds for the first call of each, and a kilobyte.
 * `others` brings those that are seldom asked for.
 */
export function* serveRpc(sys: Sys, path: string, methods: Methods, others?: (sys: Sys) => Run<Methods>): Run<never> {
  yield* sys.unlink(path)
  const socket = yield* sys.socket('unix', 'stream')
  if (!isErr(socket)) {
    yield* sys.bind(socket, { family: 'unix', path })
    yield* sys.listen(socket)
    return yield* serveMethods(sys, socket, methods, (method) => `unknown method ${method}: not implemented`, others)
  }
  return yield* sys.exit(1)
}
/** The same on a socket that listens; `unknown` says that there is no such method. */
export function* serveMethods(
  sys: Sys,
  socket: Fd,
  methods: Methods,
  unknown: (method: string) => string,
  others?: (sys: Sys) => Run<Methods>,
): Run<never> {
  for (;;) {
    const connection = yield* sys.accept(socket)
    if (isErr(connection)) continue
    sys.thread((thread) => serveOne(thread, connection, methods, unknown, others))
  }
}
/** One call on a connection. */
function* serveOne(
  thread: Sys,
  connection: Fd,
  methods: Methods,
  unknown: (method: string) => string,
  others: ((sys: Sys) => Run<Methods>) | undefined,
): Run<void> {
  const line = yield* readMessage(thread, connection)
  if (line !== undefined) {
    const { method, params } = JSON.parse(line) as { method: string; params: never }
    const having = methods[method] || !others ? methods : yield* others(thread)
    const reply: Reply<unknown> = having[method]
      ? yield* having[method](thread, params)
      : { ok: false, error: unknown(method) }
    yield* write(thread, connection, `${JSON.stringify(reply)}\n`)
  }
  yield* thread.close(connection)
}
export const done: Reply<unknown> = { ok: true, result: {} }
