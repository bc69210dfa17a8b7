/** Attaching to a container's streams by conmon's socket. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH } from '../../kernel/linux/signals.ts'
import { decode, pollWithInput, writeAll } from '../../userland/lib/io.ts'
import { Frames } from '../conmon.ts'
import { Problem } from '../containers/problem.ts'

export interface AttachOptions {
  /** Where conmon listens. */
  readonly socket: string
  readonly tty: boolean
  readonly stdin: boolean
  readonly stdout?: boolean
  readonly stderr?: boolean
  /** --detach-keys as bytes. */
  readonly keys: readonly number[]
  /** Sends a signal on to the container; undefined: --sig-proxy=false, or a terminal. */
  readonly forward?: ((signal: number) => Run<void>) | undefined
}
/** `ctrl-p,ctrl-q` as the bytes that a terminal sends. Throws Problem. */
export function detachKeys(spec: string): number[] {
  if (spec === '') return []
  return spec.split(',').map((key) => {
    const m = /^ctrl-([a-z@[\\\]^_])$/.exec(key)
    if (m) return (m[1] as string).toUpperCase().charCodeAt(0) & 31
    if (key.length === 1) return key.charCodeAt(0)
    throw new Problem(`invalid detach keys: Unknown character: '${key}'`)
  })
}
/** A connection to conmon's socket, made before the container starts, so that nothing is missed. Throws Problem. */
export function* connectTo(sys: Sys, path: string): Run<number> {
  const fd = yield* sys.socket('unix', 'stream')
  const failed = isErr(fd) ? fd : yield* sys.connect(fd, { family: 'unix', path })
  if (failed) throw new Problem(`failed to connect to container's attach socket: ${path}: ${failed.text.toLowerCase()}`)
  return fd as number
}
/** Copies between this process's streams and the container's: its exit code, or 'detached'; undefined where conmon is gone. */
export function* pump(sys: Sys, fd: number, o: AttachOptions): Run<number | 'detached' | undefined> {
  const state: unknown = o.tty ? yield* sys.ioctl(0, 'TCGETS') : undefined
  const raw = o.tty && o.stdin && !isErr(state)
  if (raw)
    yield* sys.ioctl(0, 'TCSETS', { icanon: false, echo: false, isig: false, icrnl: false, opost: false, onlcr: false })
  if (o.tty) {
    const control = o.socket.replace(/attach$/, 'ctl')
    const resize = function* (): Run<void> {
      const size = yield* sys.ioctl<{ rows: number; columns: number }>(1, 'TIOCGWINSZ')
      const to = isErr(size) ? size : yield* sys.open(control, O_WRONLY)
      if (isErr(to) || isErr(size)) return
      yield* sys.write(to, new TextEncoder().encode(`1 ${size.rows} ${size.columns}\n`))
      yield* sys.close(to)
    }
    yield* resize()
    yield* sys.sigaction(SIGWINCH, () => resize())
  }
  const { forward } = o
  if (forward)
    for (const signal of [SIGINT, SIGTERM, SIGQUIT, SIGHUP]) yield* sys.sigaction(signal, () => forward(signal))
  const frames = new Frames()
  let input = o.stdin
  let held: number[] = []
  let result: number | 'detached' | undefined
  loop: for (;;) {
    const ready = yield* pollWithInput(sys, fd, input)
    if (isErr(ready)) continue
    if (ready.includes(fd)) {
      const part = yield* sys.read(fd, 65536)
      if (isErr(part) || part.length === 0) break
      for (const f of frames.take(part)) {
        if (f.stream === 1) {
          result = Number(decode(f.bytes))
          break loop
        }
        if (f.stream === 2 && o.stdout !== false) yield* writeAll(sys, 1, f.bytes)
        if (f.stream === 3 && o.stderr !== false) yield* writeAll(sys, 2, f.bytes)
      }
    }
    if (input && ready.includes(0)) {
      const part = yield* sys.read(0, 65536)
      if (isErr(part) || part.length === 0) {
        input = false
        yield* sys.shutdown(fd, 'write')
        continue
      }
      const typed = [...held, ...part]
      held = []
      const out: number[] = []
      for (let i = 0; i < typed.length; ) {
        const n = o.keys.findIndex((k, m) => typed[i + m] !== k)
        if (o.tty && o.keys.length > 0 && n < 0) {
          result = 'detached'
          break loop
        }
        if (o.tty && n > 0 && i + n === typed.length) {
          held = typed.slice(i)
          break
        }
        out.push(typed[i++] as number)
      }
      if (out.length > 0) yield* writeAll(sys, fd, Uint8Array.from(out))
    }
  }
  if (raw) yield* sys.ioctl(0, 'TCSETS', state)
  yield* sys.close(fd)
  return result
}
