/** Connections that are taken over: attach, and exec's streams; Engine API "Attach to a container". */
import { concat, utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import { writeAll } from '../../userland/lib/io.ts'
import type { Context } from './routes.ts'

/** A frame of eight bytes before a stream's bytes: which stream, how long. */
export const frame = (stream: 'stdout' | 'stderr', bytes: Uint8Array): Uint8Array => {
  const head = new Uint8Array(8)
  head[0] = stream === 'stdout' ? 1 : 2
  new DataView(head.buffer).setUint32(4, bytes.length)
  return concat([head, bytes])
}

/** What is answered before a connection carries streams, with or without the client's asking for it by Upgrade. */
export const takenOver = (request: { readonly headers: Readonly<Record<string, string>> }): Uint8Array =>
  utf8(
    request.headers.upgrade
      ? 'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'
      : 'HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n',
  )

/** Takes a connection over: bytes go both ways until the container's side ends. */
export function* hijack(
  c: Context,
  tty: boolean,
  begin: (send: (stream: 'stdout' | 'stderr', bytes: Uint8Array | undefined) => void) => Run<number | undefined>,
  wantInput: boolean,
): Run<void> {
  const { sys, fd } = c
  yield* writeAll(sys, fd, takenOver(c.request))
  const queue: (Uint8Array | undefined)[] = []
  const filled = new WaitQueue()
  const stdin = yield* begin((stream, bytes) => {
    queue.push(bytes && (tty ? bytes : frame(stream, bytes)))
    filled.wake()
  })
  if (wantInput && stdin !== undefined) {
    sys.thread(function* (t) {
      if (c.rest.length > 0) yield* writeAll(t, stdin, c.rest)
      for (;;) {
        const part = yield* t.read(fd, 65536)
        if (isErr(part)) return
        if (part.length === 0) {
          yield* t.close(stdin)
          return
        }
        if (yield* writeAll(t, stdin, part)) return
      }
    })
  }
  yield* sendOutput(sys, fd, queue, filled)
}
/** Sends what comes into a queue, until undefined ends it or the client is gone; `filled` wakes for each part. */
export function* sendOutput(sys: Sys, fd: Fd, queue: (Uint8Array | undefined)[], filled: WaitQueue): Run<void> {
  for (;;) {
    yield* sys.futex(filled, () => queue.length > 0)
    const part = queue.shift()
    if (part === undefined) break
    if (yield* writeAll(sys, fd, part)) return
  }
  yield* sys.shutdown(fd, 'write')
}
