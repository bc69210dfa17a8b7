/** What containers and volumes take on disk. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { isDir } from '../../kernel/linux/fs/flags.ts'
import type { Container } from './state.ts'

/** Bytes of the files below a directory. */
export function* treeSize(sys: Sys, path: string): Run<number> {
  const fd = yield* sys.open(path, 0)
  if (isErr(fd)) return 0
  const entries = yield* sys.getdents(fd)
  yield* sys.close(fd)
  let total = 0
  for (const e of isErr(entries) ? [] : entries) {
    if (e.name === '.' || e.name === '..') continue
    const s = yield* sys.lstat(`${path}/${e.name}`)
    if (isErr(s)) continue
    total += isDir(s.mode) ? yield* treeSize(sys, `${path}/${e.name}`) : s.size
  }
  return total
}
/** A container's own files, and those together with its image's. */
export function* sizesOf(sys: Sys, c: Container): Run<{ readonly SizeRw: number; readonly SizeRootFs: number }> {
  const own = c.rootfs ? yield* treeSize(sys, c.rootfs.upper) : 0
  return { SizeRw: own, SizeRootFs: own + c.image.size }
}
