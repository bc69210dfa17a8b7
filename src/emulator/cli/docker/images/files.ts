/** Archives between docker and files of the host: what -o, -i, standard input and output mean. */
import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { isDir, O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { readAll, readFile, writeAll } from '../../../userland/lib/io.ts'
import { CliError } from '../api.ts'

/** A file's bytes, or standard input's for `-` or no name. */
export function* input(sys: Sys, name: string | undefined): Run<Uint8Array> {
  const bytes = name === undefined || name === '-' ? yield* readAll(sys, 0) : yield* readFile(sys, name)
  if (isErr(bytes)) throw new CliError(`open ${name}: ${bytes.text.toLowerCase()}`)
  return bytes
}
export function* isTerminal(sys: Sys, fd: number): Run<boolean> {
  return !isErr(yield* sys.ioctl(fd, 'TCGETS'))
}
/** Says before anything is asked for that a file can't be written; a CliError. */
export function* checkOutput(sys: Sys, name: string | undefined, what: string): Run<void> {
  if (name === undefined || name === '') return
  const there = yield* sys.stat(name)
  if (!isErr(there) && isDir(there.mode)) throw new CliError(`failed to ${what}: cannot write to a directory`)
  const dir = name.includes('/') ? name.replace(/\/[^/]*$/, '') || '/' : '.'
  const folder = yield* sys.stat(dir)
  if (isErr(folder))
    throw new CliError(`failed to ${what}: invalid output path: stat ${dir}: ${folder.text.toLowerCase()}`)
}
/** Writes an archive where -o says, or to standard output, which mustn't be a terminal. Nothing half-written stays. */
export function* output(sys: Sys, name: string | undefined, bytes: Uint8Array, what: string): Run<void> {
  if (name === undefined) {
    yield* writeAll(sys, 1, bytes)
    return
  }
  const part = `${name.replace(/[^/]*$/, '')}.docker_temp_${name.replace(/^.*\//, '')}`
  const fd = yield* sys.open(part, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  if (isErr(fd))
    throw new CliError(
      `failed to ${what}: invalid output path: stat ${name.replace(/\/[^/]*$/, '') || '/'}: ${fd.text.toLowerCase()}`,
    )
  const failed = yield* writeAll(sys, fd, bytes)
  yield* sys.close(fd)
  if (failed) {
    yield* sys.unlink(part)
    throw new CliError(`write ${name}: ${failed.text.toLowerCase()}`)
  }
  yield* sys.rename(part, name)
}
