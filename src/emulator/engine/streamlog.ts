/** A log of what a container says on its two streams, kept line by line. */
import { isErr } from '../base/errno.ts'
import type { Run, Sys } from '../kernel/linux/abi.ts'
import { O_APPEND, O_CREAT, O_WRONLY } from '../kernel/linux/fs/flags.ts'
import { decode, encode, writeAll } from '../userland/lib/io.ts'
import { strftime } from '../userland/lib/time.ts'

export type Stream = 'stdout' | 'stderr'
/** What a log says of one line; `whole` is false for what a stream left without an end of line. */
export type LogLine = (time: string, stream: Stream, text: string, whole: boolean) => string

/** Appends to `path`, which comes into being with `mode` when the first line is written; an empty path keeps nothing. */
export class StreamLog {
  readonly #path: string
  readonly #mode: number
  readonly #line: LogLine
  readonly #rest = { stdout: '', stderr: '' }
  constructor(path: string, mode: number, line: LogLine) {
    this.#path = path
    this.#mode = mode
    this.#line = line
  }
  /** Adds what a stream said; `undefined` when it ended. What is not yet a whole line waits for the rest of it. */
  *write(t: Sys, stream: Stream, bytes: Uint8Array | undefined): Run<void> {
    const lines = (this.#rest[stream] + (bytes ? decode(bytes) : '')).split('\n')
    const rest = lines.pop() ?? ''
    this.#rest[stream] = bytes ? rest : ''
    const time = strftime('%FT%T.%NZ', yield* t.clock('realtime'))
    const out =
      lines.map((l) => this.#line(time, stream, l, true)).join('') +
      (!bytes && rest !== '' ? this.#line(time, stream, rest, false) : '')
    if (out === '' || this.#path === '') return
    const fd = yield* t.open(this.#path, O_WRONLY | O_CREAT | O_APPEND, this.#mode)
    if (isErr(fd)) return
    yield* writeAll(t, fd, encode(out))
    yield* t.close(fd)
  }
}
