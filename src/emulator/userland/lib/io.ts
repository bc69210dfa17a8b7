/** Standard input and output for programs: text over read(2) and write(2). */
import { text as textOf, utf8 } from '../../base/bytes.ts'
import { EINTR, type Errno, isErr } from '../../base/errno.ts'
import type { ExitCode, Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_CLOEXEC, O_RDONLY } from '../../kernel/linux/fs/flags.ts'

/** Text as UTF-8, and bytes as UTF-8 text; what isn't UTF-8 becomes U+FFFD. Use `binary` where bytes must survive. */
export { text as decode, utf8 as encode } from '../../base/bytes.ts'

/** Bytes as a string of one character a byte: what sed, tr and the like work on when bytes must survive unharmed. */
export function binary(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 8192)
    text += String.fromCharCode.apply(null, bytes.subarray(i, i + 8192) as unknown as number[])
  return text
}
/** The bytes of a string made by `binary`. */
export function unbinary(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

/** Writes all bytes, in as many write(2) calls as it takes. Undefined when done, or the error. */
export function* writeAll(sys: Sys, fd: Fd, bytes: Uint8Array): Run<Errno | undefined> {
  let rest = bytes
  while (rest.length > 0) {
    const n = yield* sys.write(fd, rest)
    if (n === rest.length) break
    if (isErr(n)) {
      if (n === EINTR) continue
      return n
    }
    rest = rest.subarray(n)
  }
  return undefined
}

/** Writes text to a descriptor. */
export const write = (sys: Sys, fd: Fd, text: string): Run<Errno | undefined> => writeAll(sys, fd, utf8(text))
/** Writes text to standard output. */
export const print = (sys: Sys, text: string): Run<Errno | undefined> => write(sys, 1, text)
/** Writes text to standard error. */
export const warn = (sys: Sys, text: string): Run<Errno | undefined> => write(sys, 2, text)

/** Writes a line to standard error and answers the exit code: `return yield* fail(sys, 'ls: ...')`. */
export function* fail(sys: Sys, message: string, code: ExitCode = 1): Run<ExitCode> {
  yield* warn(sys, `${message}\n`)
  return code
}

/** Waits until a connection, or standard input where that is still `open`, has something to read: which of them (poll(2)). */
export const pollWithInput = (sys: Sys, fd: Fd, open: boolean): Run<readonly Fd[] | Errno> =>
  sys.poll([{ fd, read: true }, ...(open ? [{ fd: 0, read: true }] : [])])

/** Everything up to the end of the file, at most `limit` bytes. */
export function* readAll(sys: Sys, fd: Fd, limit = 64 * 1024 * 1024): Run<Uint8Array | Errno> {
  const parts: Uint8Array[] = []
  let size = 0
  while (size < limit) {
    const part = yield* sys.read(fd, 65536)
    if (isErr(part)) {
      if (part === EINTR) continue
      return part
    }
    if (part.length === 0) break
    parts.push(part)
    size += part.length
  }
  if (parts.length === 1) return parts[0] as Uint8Array
  const all = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** A whole file's bytes, or why not. */
export function* readFile(sys: Sys, path: string): Run<Uint8Array | Errno> {
  const fd = yield* sys.open(path, O_RDONLY | O_CLOEXEC)
  if (isErr(fd)) return fd
  const bytes = yield* readAll(sys, fd)
  yield* sys.close(fd)
  return bytes
}

/** A whole file as text, or why not. */
export function* readText(sys: Sys, path: string): Run<string | Errno> {
  const bytes = yield* readFile(sys, path)
  return isErr(bytes) ? bytes : textOf(bytes)
}

/** Reads a descriptor line by line without reading more than a block ahead. */
export class LineReader {
  readonly sys: Sys
  readonly fd: Fd
  #buffer = ''
  #ended = false
  /** True where the last line had no newline. */
  unterminated = false
  constructor(sys: Sys, fd: Fd) {
    this.sys = sys
    this.fd = fd
  }
  /** The next line without its newline, as `binary` text; undefined at the end, or the error. */
  *next(): Run<string | undefined | Errno> {
    for (;;) {
      const at = this.#buffer.indexOf('\n')
      if (at >= 0) {
        const line = this.#buffer.slice(0, at)
        this.#buffer = this.#buffer.slice(at + 1)
        return line
      }
      if (this.#ended) {
        if (this.#buffer === '') return undefined
        const line = this.#buffer
        this.#buffer = ''
        this.unterminated = true
        return line
      }
      const part = yield* this.sys.read(this.fd, 65536)
      if (isErr(part)) {
        if (part === EINTR) continue
        return part
      }
      if (part.length === 0) this.#ended = true
      else this.#buffer += binary(part)
    }
  }
}
