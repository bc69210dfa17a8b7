/** The streams of docker run, exec, attach and start -a: a terminal or pipes on this side, a connection that was taken over on the other. */
import { isErr } from '../../base/errno.ts'
import type { Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH } from '../../kernel/linux/signals.ts'
import type { HttpReader } from '../../userland/lib/http.ts'
import { pollWithInput, writeAll } from '../../userland/lib/io.ts'
import { CliError } from './api.ts'

/** `ctrl-p,ctrl-q` and the like as the bytes that a terminal sends. */
export function detachKeys(spec: string): number[] {
  return spec.split(',').map((key) => {
    const m = /^ctrl-([a-z@[\\\]^_])$/.exec(key)
    if (m) return (m[1] as string).toUpperCase().charCodeAt(0) & 31
    if (key.length === 1) return key.charCodeAt(0)
    throw new CliError(`invalid detach keys (${spec}): Unknown character: '${key}'`)
  })
}
export const isTerminal = function* (sys: Sys, fd: Fd): Run<boolean> {
  return !isErr(yield* sys.ioctl(fd, 'TCGETS'))
}

/** Copies between the terminal and a connection that was taken over, until the other side is done or the detach keys came. */
export function* pump(
  sys: Sys,
  connection: { readonly fd: Fd; readonly reader: HttpReader },
  o: {
    readonly tty: boolean
    readonly input: boolean
    readonly resize?: (rows: number, columns: number) => Run<void>
    readonly forward?: (signal: number) => Run<void>
    /** --detach-keys; ctrl-p,ctrl-q where it isn't given. */
    readonly keys?: string | undefined
  },
): Run<'end' | 'detached'> {
  const keys = detachKeys(o.keys ?? 'ctrl-p,ctrl-q')
  const { fd } = connection
  const state: unknown = o.tty ? yield* sys.ioctl(0, 'TCGETS') : undefined
  const rawMode = o.tty && o.input && !isErr(state)
  if (rawMode)
    yield* sys.ioctl(0, 'TCSETS', { icanon: false, echo: false, isig: false, icrnl: false, opost: false, onlcr: false })
  const size = function* (): Run<void> {
    const s = yield* sys.ioctl<{ rows: number; columns: number }>(1, 'TIOCGWINSZ')
    if (!isErr(s) && o.resize) yield* o.resize(s.rows, s.columns)
  }
  if (o.tty) {
    yield* size()
    yield* sys.sigaction(SIGWINCH, () => size())
  }
  const { forward } = o
  if (forward)
    for (const signal of [SIGINT, SIGTERM, SIGQUIT, SIGHUP]) yield* sys.sigaction(signal, () => forward(signal))
  let pending = connection.reader.takeRest()
  let input = o.input
  let heldKeys: number[] = []
  let result: 'end' | 'detached' = 'end'
  const show = function* (bytes: Uint8Array): Run<void> {
    if (o.tty) {
      yield* writeAll(sys, 1, bytes)
      return
    }
    // Frames of eight bytes and a payload: which stream, how long.
    const joined = new Uint8Array(pending.length + bytes.length)
    joined.set(pending)
    joined.set(bytes, pending.length)
    pending = joined
    while (pending.length >= 8) {
      const length = new DataView(pending.buffer, pending.byteOffset).getUint32(4)
      if (pending.length < 8 + length) return
      yield* writeAll(sys, pending[0] === 2 ? 2 : 1, pending.subarray(8, 8 + length))
      pending = pending.subarray(8 + length)
    }
  }
  if (pending.length > 0) {
    const first = pending
    pending = new Uint8Array(0)
    yield* show(first)
  }
  for (;;) {
    const ready = yield* pollWithInput(sys, fd, input)
    if (isErr(ready)) continue
    if (ready.includes(fd)) {
      const part = yield* sys.read(fd, 65536)
      if (isErr(part) || part.length === 0) break
      yield* show(part)
    }
    if (input && ready.includes(0)) {
      const part = yield* sys.read(0, 65536)
      if (isErr(part) || part.length === 0) {
        input = false
        yield* sys.shutdown(fd, 'write')
        continue
      }
      let send = part
      if (o.tty) {
        // What may become the sequence is held back until it is clear.
        const typed = [...heldKeys, ...part]
        heldKeys = []
        const out: number[] = []
        let left = false
        for (let i = 0; i < typed.length && !left; ) {
          const n = keys.findIndex((k, m) => typed[i + m] !== k)
          if (n < 0 && keys.length > 0) left = true
          else if (n > 0 && i + n === typed.length) {
            heldKeys = typed.slice(i)
            break
          } else out.push(typed[i++] as number)
        }
        if (left) {
          result = 'detached'
          break
        }
        send = Uint8Array.from(out)
      }
      if (send.length > 0) yield* writeAll(sys, fd, send)
    }
  }
  if (rawMode) yield* sys.ioctl(0, 'TCSETS', state)
  yield* sys.close(fd)
  return result
}
