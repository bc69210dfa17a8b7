/** Standard output as stdio(3) has it: gathered in a buffer, line by line on a terminal. */
import { type Errno, isErr } from '../../base/errno.ts'
import type { ExitCode, Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { unbinary, warn, writeAll } from './io.ts'
import { strerror } from './strerror.ts'

/** BUFSIZ, about. */
const SIZE = 4096

/** Writes text of one character a byte. What isn't flushed isn't written. */
export class Output {
  readonly sys: Sys
  readonly fd: Fd
  #buffer = ''
  #terminal: boolean | undefined
  /** The first error of a write. */
  failed: Errno | undefined
  constructor(sys: Sys, fd: Fd = 1) {
    this.sys = sys
    this.fd = fd
  }
  *write(text: string): Run<void> {
    this.#buffer += text
    this.#terminal ??= !isErr(yield* this.sys.ioctl(this.fd, 'TCGETS'))
    if (this.#buffer.length >= SIZE || (this.#terminal && text.includes('\n'))) yield* this.flush()
  }
  *flush(): Run<void> {
    const text = this.#buffer
    this.#buffer = ''
    if (text === '' || this.failed) return
    this.failed = yield* writeAll(this.sys, this.fd, unbinary(text))
  }
  /** Flushes, and answers the exit status: `status`, or 1 where something couldn't be written, which is said. */
  *end(name: string, status: ExitCode = 0): Run<ExitCode> {
    yield* this.flush()
    if (!this.failed) return status
    yield* warn(this.sys, `${name}: ${this.fd === 1 ? 'standard output' : 'write error'}: ${strerror(this.failed)}\n`)
    return 1
  }
}
