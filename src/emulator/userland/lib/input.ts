/** Files named on a command line, one after the other; `-` or none: standard input. */
import { EINTR, type Errno, isErr } from '../../base/errno.ts'
import type { ExitCode, Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_RDONLY } from '../../kernel/linux/fs/flags.ts'
import { LineReader, readAll, warn, writeAll } from './io.ts'
import { strerror } from './strerror.ts'

/**
 * Opens each file in turn and calls `each`; 1 where one couldn't be opened or read, which is said: as `NAME: FILE: why`, with `quoted`
 * as `NAME: can't open 'FILE': why` (which of the two, differs between applets).
 */
export function* eachFile(
  sys: Sys,
  name: string,
  files: readonly string[],
  each: (fd: Fd, file: string) => Run<Errno | undefined>,
  quoted = false,
): Run<ExitCode> {
  let status = 0
  for (const file of files.length > 0 ? files : ['-']) {
    const fd = file === '-' ? 0 : yield* sys.open(file, O_RDONLY)
    if (isErr(fd)) {
      yield* warn(sys, `${name}: ${quoted ? `can't open '${file}'` : file}: ${strerror(fd)}\n`)
      status = 1
      continue
    }
    const failed = yield* each(fd, file)
    if (failed) {
      yield* warn(sys, `${name}: ${quoted ? 'read error' : file}: ${strerror(failed)}\n`)
      status = 1
    }
    if (fd !== 0) yield* sys.close(fd)
  }
  return status
}
/** Copies a descriptor to standard output; answers why it couldn't be read. A failing write ends the program `name` with a word of it. */
export function* copy(sys: Sys, fd: Fd, name: string): Run<Errno | undefined> {
  for (;;) {
    const part = yield* sys.read(fd, 65536)
    if (part === EINTR) continue
    if (isErr(part)) return part
    if (part.length === 0) return undefined
    const failed = yield* writeAll(sys, 1, part)
    if (failed) {
      yield* warn(sys, `${name}: write error: ${strerror(failed)}\n`)
      yield* sys.exit(1)
    }
  }
}
/** Every line of the files, in order, as bytes; `each` answers true to stop. */
export function* lines(
  sys: Sys,
  name: string,
  files: readonly string[],
  each: (line: string, ended: boolean) => Run<boolean | undefined>,
  quoted = false,
): Run<ExitCode> {
  let stop = false
  return yield* eachFile(
    sys,
    name,
    files,
    function* (fd) {
      const reader = new LineReader(sys, fd)
      while (!stop) {
        const line = yield* reader.next()
        if (isErr(line)) return line
        if (line === undefined) return undefined
        stop = (yield* each(line, !reader.unterminated)) === true
      }
      return undefined
    },
    quoted,
  )
}
/** All bytes of one operand (`-`: standard input), or undefined where that failed, which is said. */
export function* content(sys: Sys, name: string, file: string, quoted = false): Run<Uint8Array | undefined> {
  let bytes: Uint8Array | undefined
  yield* eachFile(
    sys,
    name,
    [file],
    function* (fd) {
      const all = yield* readAll(sys, fd)
      if (isErr(all)) return all
      bytes = all
      return undefined
    },
    quoted,
  )
  return bytes
}
