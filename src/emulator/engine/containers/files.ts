/** Files as containers/storage and libpod keep their records: JSON, changed under a lock, renamed into place. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { O_CLOEXEC, O_CREAT, O_RDWR, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { readText, writeAll } from '../../userland/lib/io.ts'
import { Problem } from './problem.ts'

/** The directory above a path. */
export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))
/** mkdir -p; a Problem where a directory can't be made. */
export function* makeFolders(sys: Sys, path: string, mode = 0o755): Run<void> {
  if (!isErr(yield* sys.stat(path))) return
  let at = ''
  for (const part of path.split('/').filter(Boolean)) {
    at += `/${part}`
    const failed = yield* sys.mkdir(at, mode)
    if (failed && failed.name !== 'EEXIST' && isErr(yield* sys.stat(at)))
      throw new Problem(`mkdir ${at}: ${failed.text.toLowerCase()}`)
  }
}
/** Writes a file anew; a Problem where it can't be. */
export function* putFile(sys: Sys, path: string, content: string | Uint8Array, mode = 0o600): Run<void> {
  const fd = yield* sys.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
  if (isErr(fd)) throw new Problem(`open ${path}: ${fd.text.toLowerCase()}`)
  const failed = yield* writeAll(sys, fd, typeof content === 'string' ? new TextEncoder().encode(content) : content)
  yield* sys.close(fd)
  if (failed) throw new Problem(`write ${path}: ${failed.text.toLowerCase()}`)
}
/** A JSON document's value, or `empty` where there is no such file. */
export function* loadJson<T>(sys: Sys, path: string, empty: T): Run<T> {
  const text = yield* readText(sys, path)
  if (isErr(text) || text === '') return empty
  try {
    return JSON.parse(text) as T
  } catch {
    throw new Problem(`loading ${path}: invalid character in JSON`)
  }
}
/** Writes a JSON document beside its place and renames it there, as ioutils.AtomicWriteFile does: readers see the old one or the new one. */
export function* saveJson(sys: Sys, path: string, value: unknown): Run<void> {
  yield* putFile(sys, `${path}.tmp`, JSON.stringify(value))
  yield* sys.rename(`${path}.tmp`, path)
}
/** How long a lock is waited for between two looks: nanoseconds. */
const PATIENCE = 5_000_000
/** Runs `body` while this process alone holds a lock file (flock(2), as lockfile of containers/storage). */
export function* locked<T>(sys: Sys, file: string, body: () => Run<T>): Run<T> {
  yield* makeFolders(sys, parentOf(file), 0o700)
  const fd = yield* sys.open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
  if (isErr(fd)) throw new Problem(`open ${file}: ${fd.text.toLowerCase()}`)
  while (yield* sys.flock(fd, 'exclusive')) yield* sys.nanosleep(PATIENCE)
  try {
    return yield* body()
  } finally {
    yield* sys.flock(fd, 'unlock')
    yield* sys.close(fd)
  }
}
