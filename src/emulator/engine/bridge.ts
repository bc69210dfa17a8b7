/** Two connections as one: what tunnels between a desktop and its virtual machine are made of. */
import { isErr } from '../base/errno.ts'
import type { Fd, Program, Run, Sys } from '../kernel/linux/abi.ts'
import { writeAll } from '../userland/lib/io.ts'

/** Copies both ways until both sides have ended, then closes both. */
export function* bridge(sys: Sys, a: Fd, b: Fd): Run<void> {
  const copy = function* (t: Sys, from: Fd, to: Fd): Run<void> {
    for (;;) {
      const part = yield* t.read(from, 65536)
      if (isErr(part) || part.length === 0) break
      if (yield* writeAll(t, to, part)) break
    }
    yield* t.shutdown(to, 'write')
  }
  const back = yield* sys.pipe()
  sys.thread(function* (t) {
    yield* copy(t, b, a)
    if (!isErr(back)) yield* t.close(back[1])
  })
  yield* copy(sys, a, b)
  if (!isErr(back)) {
    // End of file: the other direction is done as well.
    yield* sys.read(back[0], 1)
    yield* sys.close(back[0])
  }
  yield* sys.close(a)
  yield* sys.close(b)
}

/**
 * vsudd -inport PORT:unix:PATH | -insocket PATH:unix:PATH ...: the guest's end of a tunnel, as LinuxKit has it: what comes in by vsock, or
 * at another UNIX socket, goes to a UNIX socket.
 */
export const vsudd: Program = function* (sys, argv) {
  for (const [i, word] of argv.entries()) {
    if (word !== '-inport' && word !== '-insocket') continue
    const [from = '', , path = ''] = (argv[i + 1] ?? '').split(':')
    const vsock = word === '-inport'
    const socket = yield* sys.socket(vsock ? 'vsock' : 'unix', 'stream')
    if (isErr(socket)) return 1
    if (!vsock) yield* sys.unlink(from)
    if (
      yield* sys.bind(socket, vsock ? { family: 'vsock', cid: -1, port: Number(from) } : { family: 'unix', path: from })
    )
      return 1
    yield* sys.listen(socket)
    sys.thread(function* (t) {
      for (;;) {
        const client = yield* t.accept(socket)
        if (isErr(client)) continue
        t.thread(function* (own) {
          const to = yield* own.socket('unix', 'stream')
          if (isErr(to) || (yield* own.connect(to, { family: 'unix', path }))) {
            yield* own.close(client)
            return
          }
          yield* bridge(own, client, to)
        })
      }
    })
  }
  for (;;) yield* sys.pause()
}
