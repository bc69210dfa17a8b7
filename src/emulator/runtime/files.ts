/** Small files and directories, as the runtime writes them. */
import { utf8 } from '../base/bytes.ts'
import { type Errno, isErr } from '../base/errno.ts'
import type { Run, Sys } from '../kernel/linux/abi.ts'
import { O_CLOEXEC, O_CREAT, O_TRUNC, O_WRONLY } from '../kernel/linux/fs/flags.ts'

/** Writes a file anew; the error where it can't be. */
export function* writeFile(sys: Sys, path: string, text: string): Run<Errno | undefined> {
  const fd = yield* sys.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  if (isErr(fd)) return fd
  const n = yield* sys.write(fd, utf8(text))
  yield* sys.close(fd)
  return isErr(n) ? n : undefined
}
/** Makes a directory and those above it that are missing, asking from below upwards as Go's os.MkdirAll does. */
export function* makeDirs(sys: Sys, path: string, mode = 0o755): Run<void> {
  if (path === '' || !isErr(yield* sys.stat(path))) return
  yield* makeDirs(sys, path.slice(0, Math.max(0, path.lastIndexOf('/'))), mode)
  yield* sys.mkdir(path, mode)
}
/** Go prints an errno's text in lower case. */
export const lower = (e: Errno): string => e.text.charAt(0).toLowerCase() + e.text.slice(1)

/** Symbolic links that are followed on one way. */
const MAX_LINKS = 255
/**
 * Where a path of a container lies while its root is a folder of the host's: links lead from that root and never out of it, as
 * github.com/cyphar/filepath-securejoin has it. What isn't there yet is taken as it is written.
 */
export function* secureJoin(sys: Sys, root: string, path: string): Run<string> {
  const rest = path.split('/')
  let at: string[] = []
  for (let links = 0; rest.length > 0; ) {
    const part = rest.shift() as string
    if (part === '' || part === '.') continue
    if (part === '..') {
      at.pop()
      continue
    }
    const to = yield* sys.readlink([root, ...at, part].join('/'))
    if (isErr(to) || ++links > MAX_LINKS) at.push(part)
    else {
      if (to.startsWith('/')) at = []
      rest.unshift(...to.split('/'))
    }
  }
  return [root, ...at].join('/')
}
