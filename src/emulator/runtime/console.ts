/** A container's terminal in the foreground: runc copies between it and the terminal that it was called from. */
import { isErr } from '../base/errno.ts'
import type { Fd, Run, Sys } from '../kernel/linux/abi.ts'
import { SIGWINCH } from '../kernel/linux/signals.ts'
import { writeAll } from '../userland/lib/io.ts'

export interface Console {
  readonly path: string
  /** Waits for the master, copies until the container's side is closed, and gives the terminal its state back. */
  copy(): Run<void>
}
/** A socket that the container's first process sends its terminal's master to. Undefined where standard input is no terminal. */
export function* openConsole(sys: Sys, path: string): Run<Console | undefined> {
  const state: unknown = yield* sys.ioctl(0, 'TCGETS')
  if (isErr(state)) return undefined
  const socket = yield* sys.socket('unix', 'stream')
  if (isErr(socket)) return undefined
  yield* sys.unlink(path)
  yield* sys.bind(socket, { family: 'unix', path })
  yield* sys.listen(socket)
  return {
    path,
    *copy() {
      const c = yield* sys.accept(socket)
      const master = isErr(c) ? c : yield* sys.recvfd(c)
      if (!isErr(c)) yield* sys.close(c)
      yield* sys.close(socket)
      yield* sys.unlink(path)
      if (isErr(master)) return
      const raw = { icanon: false, echo: false, isig: false, icrnl: false, opost: false, onlcr: false }
      yield* sys.ioctl(0, 'TCSETS', raw)
      const resize = function* (): Run<void> {
        const size = yield* sys.ioctl(0, 'TIOCGWINSZ')
        if (!isErr(size)) yield* sys.ioctl(master, 'TIOCSWINSZ', size)
      }
      yield* resize()
      yield* sys.sigaction(SIGWINCH, () => resize())
      yield* pump(sys, master)
      yield* sys.ioctl(0, 'TCSETS', state)
      yield* sys.close(master)
    },
  }
}
function* pump(sys: Sys, master: Fd): Run<void> {
  for (;;) {
    const ready = yield* sys.poll([
      { fd: master, read: true },
      { fd: 0, read: true },
    ])
    if (isErr(ready)) continue
    if (ready.includes(master)) {
      const part = yield* sys.read(master, 65536)
      if (isErr(part) || part.length === 0) return
      yield* writeAll(sys, 1, part)
    }
    if (ready.includes(0)) {
      const part = yield* sys.read(0, 65536)
      if (isErr(part) || part.length === 0) return
      yield* writeAll(sys, master, part)
    }
  }
}
