/** Layers and other archives unpacked below a directory: image-spec layer.md "Applying Changesets". Nothing outside of it is touched. */
import { type Errno, isErr } from '../base/errno.ts'
import type { Run, Sys } from '../kernel/linux/abi.ts'
import { isDir, makedev, O_CREAT, O_EXCL, O_WRONLY, S_IFCHR } from '../kernel/linux/fs/flags.ts'
import type { TarEntry } from '../oci/tar.ts'
import { rootPath } from './rootpath.ts'

export interface UnpackOptions {
  /** Whiteouts are meant as such: this is a layer. The directories of the layers below, topmost first, for opaque ones. */
  readonly layer?: { readonly lower: readonly string[] }
}

/** Where an entry's parent directory really is; undefined where the path would leave the root. */
function* parentOf(
  sys: Sys,
  root: string,
  path: string,
  known: Map<string, string>,
  lower: readonly string[],
): Run<string | Errno | undefined> {
  const at = path.lastIndexOf('/')
  if (at < 0) return root
  const parent = path.slice(0, at)
  const seen = known.get(parent)
  if (seen !== undefined) return seen
  if (parent.split('/').includes('..')) return undefined
  const real = yield* rootPath(sys, root, parent)
  if (isErr(real)) return real
  yield* makeParents(sys, root, real, lower)
  known.set(parent, real)
  return real
}
/** A layer needn't repeat directories that a layer below has: they are made as they are there (containerd pkg/archive mkparent). */
function* makeParents(sys: Sys, root: string, dir: string, lower: readonly string[]): Run<void> {
  if (dir === root || !isErr(yield* sys.lstat(dir))) return
  yield* makeParents(sys, root, dir.slice(0, dir.lastIndexOf('/')), lower)
  yield* sys.mkdir(dir, 0o755)
  for (const l of lower) {
    const s = yield* sys.lstat(`${l}${dir.slice(root.length)}`)
    if (isErr(s) || !isDir(s.mode)) continue
    yield* sys.chmod(dir, s.mode & 0o7777)
    yield* sys.chown(dir, s.uid, s.gid)
    return
  }
}
/** Hides what lower layers have in a directory, except what this layer brings. */
function* hideLower(sys: Sys, dir: string, below: string, lower: readonly string[]): Run<void> {
  for (const l of lower) {
    const real = yield* rootPath(sys, l, below)
    const fd = isErr(real) ? real : yield* sys.open(real, 0)
    if (isErr(fd)) continue
    const names = yield* sys.getdents(fd)
    yield* sys.close(fd)
    for (const n of isErr(names) ? [] : names)
      if (n.name !== '.' && n.name !== '..' && isErr(yield* sys.lstat(`${dir}/${n.name}`)))
        yield* sys.mknod(`${dir}/${n.name}`, S_IFCHR, makedev(0, 0))
  }
}

/** Unpacks entries below a directory; what is wrong with the first that can't be. */
export function* unpack(
  sys: Sys,
  root: string,
  entries: readonly TarEntry[],
  options: UnpackOptions = {},
): Run<string | undefined> {
  const known = new Map<string, string>()
  const opaque: { readonly dir: string; readonly below: string }[] = []
  const later: { readonly path: string; readonly mtime: number }[] = []
  for (const e of entries) {
    if (e.path.split('/').includes('..')) return `invalid tar entry: ${e.path}: path escapes the layer`
    const above = yield* parentOf(sys, root, e.path, known, options.layer?.lower ?? [])
    if (above === undefined || isErr(above))
      return `failed to extract ${e.path}: ${above?.text ?? 'path escapes the layer'}`
    const base = e.path.slice(e.path.lastIndexOf('/') + 1)
    if (options.layer && base === '.wh..wh..opq') {
      opaque.push({ dir: above, below: e.path.slice(0, -base.length) })
      continue
    }
    // Other names of that kind are aufs's own affairs.
    if (options.layer && base.startsWith('.wh..wh.')) continue
    if (options.layer && base.startsWith('.wh.')) {
      const hidden = base.slice(4)
      if (hidden === '' || hidden === '.' || hidden === '..') return `invalid whiteout name: ${base}`
      yield* sys.mknod(`${above}/${hidden}`, S_IFCHR, makedev(0, 0))
      continue
    }
    const path = `${above}/${base}`
    const failed = yield* put(sys, root, path, e)
    if (failed) return `failed to extract ${e.path}: ${failed.text.toLowerCase()}`
    if (e.type === 'link') continue
    if (e.uid !== 0 || e.gid !== 0) yield* sys.lchown(path, e.uid, e.gid)
    if (e.type === 'symlink') continue
    if (e.mode & 0o7022) yield* sys.chmod(path, e.mode)
    if (e.type === 'dir') later.push({ path, mtime: e.mtime })
    else yield* sys.utimens(path, e.mtime * 1e9, e.mtime * 1e9)
  }
  for (const o of opaque) yield* hideLower(sys, o.dir, o.below, options.layer?.lower ?? [])
  // What was put into directories has changed their times.
  for (const t of later) yield* sys.utimens(t.path, t.mtime * 1e9, t.mtime * 1e9)
  return undefined
}
/** Makes one entry; what has its name already goes first. */
function* put(sys: Sys, root: string, path: string, e: TarEntry): Run<Errno | undefined> {
  const failed = yield* make(sys, root, path, e)
  if (failed?.name !== 'EEXIST') return failed
  yield* sys.unlink(path)
  return yield* make(sys, root, path, e)
}
function* make(sys: Sys, root: string, path: string, e: TarEntry): Run<Errno | undefined> {
  switch (e.type) {
    case 'dir': {
      const failed = yield* sys.mkdir(path, e.mode)
      if (failed?.name !== 'EEXIST') return failed
      const s = yield* sys.lstat(path)
      if (!isErr(s) && isDir(s.mode)) {
        yield* sys.chmod(path, e.mode)
        return undefined
      }
      return failed
    }
    case 'symlink':
      return yield* sys.symlink(e.target ?? '', path)
    case 'link': {
      const target = yield* rootPath(sys, root, e.target ?? '', false)
      return isErr(target) ? target : yield* sys.link(target, path)
    }
    case 'file': {
      const fd = yield* sys.open(path, O_WRONLY | O_CREAT | O_EXCL, e.mode)
      if (isErr(fd)) return fd
      for (const x of e.data?.extents ?? []) {
        const n = yield* sys.pwrite(fd, x.bytes, x.offset)
        if (isErr(n)) {
          yield* sys.close(fd)
          return n
        }
      }
      yield* sys.ftruncate(fd, e.data?.size ?? 0)
      yield* sys.close(fd)
      return undefined
    }
    default:
      return yield* sys.mknod(
        path,
        (e.type === 'char' ? 0o020000 : e.type === 'block' ? 0o060000 : 0o010000) | e.mode,
        makedev(e.major ?? 0, e.minor ?? 0),
      )
  }
}
