/** What a writable layer changed against the layers below it, as an archive with whiteouts: image-spec layer.md "Change Types". */
import { hex } from '../base/bytes.ts'
import { type Errno, isErr } from '../base/errno.ts'
import type { Extent, FileData } from '../base/filedata.ts'
import type { Run, Sys } from '../kernel/linux/abi.ts'
import { isBlk, isChr, isDir, isFifo, isLink, isReg, major, O_RDONLY } from '../kernel/linux/fs/flags.ts'
import type { Stat } from '../kernel/linux/fs/inode.ts'
import type { TarEntry } from '../oci/tar.ts'
import { makeDirs } from '../runtime/runc.ts'

/** Directories of an overlay, topmost lower one first. */
export interface Layers {
  readonly upper: string
  readonly work: string
  readonly lower: readonly string[]
  /** Where they may be mounted for a moment; Docker's own directory where none is given. */
  readonly tmp?: string
}
export type Change = { readonly path: string; readonly kind: 'A' | 'C' | 'D' }

const BLOCK = 65536
/** A file's content; blocks of zeros become holes, so that large empty files cost nothing. */
export function* readSparse(sys: Sys, path: string, s: Stat): Run<FileData | Errno> {
  if (s.size === 0 || s.blocks === 0) return { size: s.size, extents: [] }
  const fd = yield* sys.open(path, O_RDONLY)
  if (isErr(fd)) return fd
  const extents: Extent[] = []
  for (let at = 0; at < s.size; at += BLOCK) {
    const part = yield* sys.pread(fd, BLOCK, at)
    if (isErr(part)) {
      yield* sys.close(fd)
      return part
    }
    if (part.length === 0) break
    if (part.some((b) => b !== 0)) extents.push({ offset: at, bytes: part.slice() })
  }
  yield* sys.close(fd)
  return { size: s.size, extents }
}
/** One file as an entry of an archive; undefined for what archives can't hold (sockets). */
export function* entryOf(sys: Sys, path: string, name: string, s: Stat): Run<TarEntry | Errno | undefined> {
  const common = { path: name, mode: s.mode & 0o7777, uid: s.uid, gid: s.gid, mtime: Math.floor(s.mtime / 1e9) }
  if (isDir(s.mode)) return { ...common, type: 'dir' }
  if (isLink(s.mode)) {
    const target = yield* sys.readlink(path)
    return isErr(target) ? target : { ...common, type: 'symlink', target }
  }
  if (isReg(s.mode)) {
    const data = yield* readSparse(sys, path, s)
    return isErr(data) ? data : { ...common, type: 'file', data }
  }
  if (isFifo(s.mode)) return { ...common, type: 'fifo' }
  if (isChr(s.mode) || isBlk(s.mode))
    return { ...common, type: isChr(s.mode) ? 'char' : 'block', major: major(s.rdev), minor: s.rdev % 0x100000 }
  return undefined
}
/** Names in a directory, sorted; none where it isn't one. */
export function* namesIn(sys: Sys, dir: string): Run<string[]> {
  const fd = yield* sys.open(dir, O_RDONLY)
  if (isErr(fd)) return []
  const entries = yield* sys.getdents(fd)
  yield* sys.close(fd)
  return isErr(entries)
    ? []
    : entries
        .map((e) => e.name)
        .filter((n) => n !== '.' && n !== '..')
        .sort()
}
/** Every file below a directory as entries, parents first; a file with several names is stored once. */
export function* treeEntries(
  sys: Sys,
  dir: string,
  below = '',
  only?: (path: string) => boolean,
): Run<TarEntry[] | Errno> {
  const out: TarEntry[] = []
  const links = new Map<string, string>()
  const visit = function* (at: string, name: string): Run<Errno | undefined> {
    for (const n of yield* namesIn(sys, at)) {
      const path = `${at}/${n}`
      const own = name === '' ? n : `${name}/${n}`
      const s = yield* sys.lstat(path)
      if (isErr(s)) continue
      if (only && !only(own)) continue
      const failed = yield* add(path, own, s)
      if (failed) return failed
      if (isDir(s.mode)) {
        const inner = yield* visit(path, own)
        if (inner) return inner
      }
    }
    return undefined
  }
  const add = function* (path: string, name: string, s: Stat): Run<Errno | undefined> {
    const key = `${s.dev}:${s.ino}`
    const first = s.nlink > 1 && !isDir(s.mode) ? links.get(key) : undefined
    const entry = yield* entryOf(sys, path, name, s)
    if (isErr(entry)) return entry
    if (!entry) return undefined
    if (first !== undefined) {
      const { data: _, ...rest } = entry
      out.push({ ...rest, type: 'link', target: first })
      return undefined
    }
    links.set(key, name)
    out.push(entry)
    return undefined
  }
  const failed = yield* visit(dir, below)
  return failed ?? out
}

/** Runs with layers mounted at a directory of their own; without an upper one they are read-only. */
export function* withMount<T>(
  sys: Sys,
  layers: Pick<Layers, 'lower' | 'tmp'> & Partial<Layers>,
  body: (dir: string) => Run<T>,
): Run<T | Errno> {
  const { upper, work, lower } = layers
  if (!upper && lower.length === 1) return yield* body(lower[0] as string)
  if (upper && lower.length === 0) return yield* body(upper)
  const dir = `${layers.tmp ?? '/var/lib/docker/tmp'}/mount-${hex(yield* sys.getrandom(6))}`
  yield* makeDirs(sys, dir, 0o700)
  const failed =
    lower.length === 0
      ? undefined
      : yield* sys.mount(
          'overlay',
          dir,
          'overlay',
          0,
          `lowerdir=${lower.join(':')}${upper ? `,upperdir=${upper},workdir=${work}` : ''}`,
        )
  if (failed) return failed
  try {
    return yield* body(dir)
  } finally {
    yield* sys.umount(dir, 2)
    yield* sys.rmdir(dir)
  }
}

type Visitor = (change: Change, file: string, s: Stat | undefined) => Run<Errno | undefined>

/** Walks one directory of the upper layer; `below` is the view of the lower layers, `merged` that of all. */
function* walk(
  sys: Sys,
  upper: string,
  below: string,
  merged: string,
  name: string,
  each: Visitor,
): Run<Errno | undefined> {
  const names = yield* namesIn(sys, `${upper}${name}`)
  const old = below === '' ? [] : yield* namesIn(sys, `${below}${name}`)
  for (const n of names) {
    const path = `${name}/${n}`
    const s = yield* sys.lstat(`${upper}${path}`)
    if (isErr(s) || (isChr(s.mode) && s.rdev === 0)) continue
    const failed = yield* each({ path, kind: old.includes(n) ? 'C' : 'A' }, `${upper}${path}`, s)
    if (failed) return failed
    if (isDir(s.mode)) {
      const inner = yield* walk(sys, upper, below, merged, path, each)
      if (inner) return inner
    }
  }
  if (old.length === 0) return undefined
  // A whiteout hides a name; a directory that was made anew hides all that were in the old one.
  const left = new Set(yield* namesIn(sys, `${merged}${name}`))
  for (const n of old)
    if (!left.has(n)) {
      const failed = yield* each({ path: `${name}/${n}`, kind: 'D' }, '', undefined)
      if (failed) return failed
    }
  return undefined
}
const walkChanges = (sys: Sys, layers: Layers, each: Visitor): Run<Errno | undefined> =>
  layers.lower.length === 0
    ? walk(sys, layers.upper, '', '', '', each)
    : withMount(sys, { lower: layers.lower, ...(layers.tmp ? { tmp: layers.tmp } : {}) }, (below) =>
        withMount(sys, layers, (merged) => walk(sys, layers.upper, below, merged, '', each)),
      )

/** The archive's entries of what changed; directories above a change come with it. */
export function* layerEntries(sys: Sys, layers: Layers): Run<TarEntry[] | Errno> {
  const out: TarEntry[] = []
  const links = new Map<string, string>()
  const failed = yield* walkChanges(sys, layers, function* (change, file, s) {
    const name = change.path.slice(1)
    if (!s) {
      const at = name.lastIndexOf('/') + 1
      out.push({ path: `${name.slice(0, at)}.wh.${name.slice(at)}`, type: 'file', mode: 0, uid: 0, gid: 0, mtime: 0 })
      return undefined
    }
    const entry = yield* entryOf(sys, file, name, s)
    if (isErr(entry)) return entry
    if (!entry) return undefined
    const key = `${s.dev}:${s.ino}`
    const first = s.nlink > 1 && entry.type !== 'dir' ? links.get(key) : undefined
    if (first !== undefined) {
      const { data: _, ...rest } = entry
      out.push({ ...rest, type: 'link', target: first })
    } else {
      links.set(key, name)
      out.push(entry)
    }
    return undefined
  })
  return failed ?? out
}
/** The changed paths, as `docker diff` lists them. */
export function* changesOf(sys: Sys, layers: Layers): Run<Change[] | Errno> {
  const out: Change[] = []
  const failed = yield* walkChanges(sys, layers, function* (change) {
    out.push(change)
    return undefined
  })
  return failed ?? out.sort((a, b) => (a.path < b.path ? -1 : 1))
}
