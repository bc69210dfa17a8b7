/** overlayfs: several read-only layers under a writable one; Documentation/filesystems/overlayfs.rst of the kernel. */
import { EEXIST, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, EROFS, type Errno, EXDEV, isErr } from '../../../base/errno.ts'
import { SmallMap } from '../../../base/smallmap.ts'
import type { Nanoseconds } from '../abi.ts'
import type { Process } from '../process.ts'
import { isChr, isDir, isLink, isReg, S_IFCHR } from './flags.ts'
import { type Attributes, type DirEntry, type FileSystem, Inode, type NodeInit, type StatFs } from './inode.ts'
import { MemInode } from './memfs.ts'
import { disturbed } from './walks.ts'

const OPAQUE = 'trusted.overlay.opaque'
const none: readonly Inode[] = []

/** A character device 0:0 in a layer says: below here this name is gone. */
export const isWhiteout = (inode: Inode): boolean => isChr(inode.mode) && inode.rdev === 0
const isOpaque = (inode: Inode): boolean => inode instanceof MemInode && inode.xattrs?.get(OPAQUE) === 'y'
export function makeOpaque(inode: Inode): void {
  if (inode instanceof MemInode) (inode.xattrs ??= new Map()).set(OPAQUE, 'y')
}

/** Layers are given topmost first; without an upper one it is read-only. */
export class OverlayFs implements FileSystem {
  readonly type = 'overlay'
  readonly dev: number
  readonly root: OverlayInode
  readonly readOnly: boolean
  mounts = 0
  readonly now: () => Nanoseconds
  readonly upper: Inode | undefined
  /** Hears of what the upper layer takes over from those below, and of what it hides. */
  readonly told: ((what: 'copy-up' | 'whiteout', path: string) => void) | undefined
  readonly #options: string
  #ino = 1
  constructor(
    dev: number,
    lowers: readonly Inode[],
    upper: Inode | undefined,
    options: string,
    now: () => Nanoseconds,
    told?: OverlayFs['told'],
  ) {
    this.dev = dev
    this.told = told
    this.readOnly = upper === undefined
    this.upper = upper
    this.now = now
    this.#options = options
    this.root = new OverlayInode(this, upper, lowers, undefined, '')
  }
  get backing(): FileSystem | undefined {
    return (this.upper ?? this.root.lowers[0])?.fs
  }
  ino(): number {
    return this.#ino++
  }
  statfs(): StatFs {
    const real = (this.upper ?? this.root.lowers[0])?.fs.statfs()
    return {
      type: 'overlay',
      size: real?.size ?? 0,
      free: real?.free ?? 0,
      files: real?.files ?? 0,
      filesFree: real?.filesFree ?? 0,
    }
  }
  options(): string {
    return this.#options
  }
}

/** A name in the merged view: its inode in the upper layer, where there is one, over those in the lower layers. */
export class OverlayInode extends Inode {
  declare readonly fs: OverlayFs
  upper: Inode | undefined
  readonly lowers: readonly Inode[]
  parent: OverlayInode | undefined
  name: string
  /** Children already looked up: a name keeps one inode. */
  #children: SmallMap<string, OverlayInode> | undefined
  get #known(): SmallMap<string, OverlayInode> {
    this.#children ??= new SmallMap()
    return this.#children
  }

  constructor(
    fs: OverlayFs,
    upper: Inode | undefined,
    lowers: readonly Inode[],
    parent: OverlayInode | undefined,
    name: string,
  ) {
    super(fs, fs.ino(), 0)
    this.upper = upper
    this.lowers = lowers
    this.parent = parent
    this.name = name
    this.revalidate(undefined)
  }
  /** The inode that answers now. */
  get real(): Inode {
    return this.upper ?? (this.lowers[0] as Inode)
  }
  override revalidate(_p: Process | undefined): void {
    const r = this.real
    this.mode = r.mode
    this.uid = r.uid
    this.gid = r.gid
    this.nlink = r.nlink
    this.rdev = r.rdev
    this.times = r.times
  }
  override get size(): number {
    return this.real.size
  }
  override get blocks(): number {
    return this.real.blocks
  }

  /** Directories of this name from the top down to the first that hides what is below. */
  #layers(): readonly Inode[] {
    const layers = this.upper ? [this.upper, ...this.lowers] : this.lowers
    const opaque = layers.findIndex(isOpaque)
    return opaque < 0 ? layers : layers.slice(0, opaque + 1)
  }

  override get steady(): boolean {
    return true
  }
  override lookup(name: string): Inode | Errno {
    if (!isDir(this.mode)) return ENOTDIR
    const known = this.#children?.get(name)
    if (known) return known
    let upper: Inode | undefined
    let lowers = none
    for (const layer of this.#layers()) {
      const found = layer.lookup(name)
      if (isErr(found)) continue
      if (isWhiteout(found)) break
      const first = upper ?? lowers[0]
      // A directory merges with directories below it; anything else hides what is below.
      if (first && !isDir(found.mode)) break
      if (layer === this.upper) upper = found
      else lowers = lowers.concat(found)
      if (!isDir(found.mode) || isOpaque(found)) break
    }
    if (!upper && lowers.length === 0) return ENOENT
    const made = new OverlayInode(this.fs, upper, lowers, this, name)
    this.#known.set(name, made)
    return made
  }
  override list(): readonly DirEntry[] | Errno {
    if (!isDir(this.mode)) return ENOTDIR
    const seen = new Map<string, DirEntry | undefined>()
    for (const layer of this.#layers()) {
      const entries = layer.list()
      if (isErr(entries)) continue
      for (const entry of entries) {
        if (seen.has(entry.name)) continue
        const inode = entry.type === S_IFCHR ? layer.lookup(entry.name) : undefined
        seen.set(entry.name, inode && !isErr(inode) && isWhiteout(inode) ? undefined : entry)
      }
    }
    return [...seen.values()].filter((e) => e !== undefined)
  }

  /** Copies this name, and the directories above it, into the upper layer. */
  copyUp(content = true): Errno | undefined {
    if (this.upper) return undefined
    if (this.fs.readOnly || !this.parent) return EROFS
    const failed = this.parent.copyUp()
    if (failed) return failed
    const lower = this.real
    const dir = this.parent.upper as Inode
    const target = isLink(lower.mode) ? lower.readlink() : undefined
    const made = dir.create(this.name, {
      mode: lower.mode,
      uid: lower.uid,
      gid: lower.gid,
      rdev: lower.rdev,
      ...(typeof target === 'string' ? { target } : {}),
    })
    if (isErr(made)) return made
    if (isReg(lower.mode) && content) {
      for (let at = 0; at < lower.size; at += 65536) {
        const part = lower.read(at, 65536)
        if (isErr(part)) return part
        const n = made.write(at, part)
        if (isErr(n)) {
          dir.unlink(this.name)
          return n
        }
      }
      made.truncate(lower.size)
    }
    made.setattr({ atime: lower.atime, mtime: lower.mtime })
    this.upper = made
    if (!isDir(lower.mode)) this.fs.told?.('copy-up', this.path())
    return undefined
  }

  /** Removes what the upper layer says about a name, keeping a whiteout where a lower layer has it. */
  #hide(name: string): Errno | undefined {
    const failed = this.copyUp()
    if (failed) return failed
    const below = this.lowers.some((l) => !isErr(l.lookup(name))) && !isOpaque(this.upper as Inode)
    if (below) {
      const made = (this.upper as Inode).create(name, { mode: S_IFCHR, uid: 0, gid: 0, rdev: 0 })
      if (isErr(made)) return made
      this.fs.told?.('whiteout', `${this.path()}/${name}`)
    }
    const gone = this.#known.get(name)
    if (gone) disturbed(gone)
    this.#known.delete(name)
    return undefined
  }
  /** Where it is in the merged tree; empty for its root. */
  path(): string {
    return this.parent ? `${this.parent.path()}/${this.name}` : ''
  }

  override create(name: string, init: NodeInit): Inode | Errno {
    if (!isErr(this.lookup(name))) return EEXIST
    const failed = this.copyUp()
    if (failed) return failed
    const upper = this.upper as Inode
    const old = upper.lookup(name)
    const hidden = !isErr(old) && isWhiteout(old)
    if (hidden) upper.unlink(name)
    const made = upper.create(name, init)
    if (isErr(made)) return made
    if (hidden && isDir(init.mode)) makeOpaque(made)
    const inode = new OverlayInode(this.fs, made, none, this, name)
    this.#known.set(name, inode)
    this.revalidate(undefined)
    return inode
  }
  override link(name: string, target: Inode): Errno | undefined {
    if (!(target instanceof OverlayInode)) return EXDEV
    const failed = this.copyUp() ?? target.copyUp()
    if (failed) return failed
    const upper = this.upper as Inode
    const old = upper.lookup(name)
    if (!isErr(old) && isWhiteout(old)) upper.unlink(name)
    const linked = upper.link(name, target.upper as Inode)
    if (linked) return linked
    this.#known.set(name, target)
    return undefined
  }
  override unlink(name: string): Errno | undefined {
    const found = this.lookup(name)
    if (isErr(found)) return found
    if (isDir(found.mode)) return EISDIR
    const failed = this.copyUp()
    if (failed) return failed
    const upper = this.upper as Inode
    if (!isErr(upper.lookup(name))) {
      const gone = upper.unlink(name)
      if (gone) return gone
    }
    return this.#hide(name)
  }
  override rmdir(name: string): Errno | undefined {
    const found = this.lookup(name)
    if (isErr(found)) return found
    const entries = found.list()
    if (isErr(entries)) return entries
    if (entries.length > 0) return ENOTEMPTY
    const failed = this.copyUp()
    if (failed) return failed
    const upper = this.upper as Inode
    const mine = upper.lookup(name)
    if (!isErr(mine)) {
      // The upper directory may still hold whiteouts.
      for (const e of (mine.list() as readonly DirEntry[]) ?? []) mine.unlink(e.name)
      const gone = upper.rmdir(name)
      if (gone) return gone
    }
    return this.#hide(name)
  }
  override rename(name: string, toDir: Inode, toName: string): Errno | undefined {
    if (!(toDir instanceof OverlayInode)) return EXDEV
    const found = this.lookup(name)
    if (isErr(found)) return found
    const moved = found as OverlayInode
    // Without redirect_dir a directory that a lower layer has can't be renamed: the caller copies.
    if (isDir(moved.mode) && moved.lowers.length > 0) return EXDEV
    const over = toDir.lookup(toName)
    if (!isErr(over) && isDir(over.mode)) {
      const entries = over.list()
      if (!isErr(entries) && entries.length > 0) return ENOTEMPTY
      const gone = toDir.rmdir(toName)
      if (gone) return gone
    }
    const failed = moved.copyUp() ?? toDir.copyUp()
    if (failed) return failed
    const to = toDir.upper as Inode
    const old = to.lookup(toName)
    if (!isErr(old) && isWhiteout(old)) to.unlink(toName)
    const done = (this.upper as Inode).rename(name, to, toName)
    if (done) return done
    const hidden = this.#hide(name)
    if (hidden) return hidden
    moved.parent = toDir
    moved.name = toName
    toDir.#known.set(toName, moved)
    return undefined
  }
  override readlink(): string | Errno {
    return this.real.readlink()
  }
  override read(offset: number, count: number): Uint8Array | Errno {
    return this.real.read(offset, count)
  }
  override write(offset: number, bytes: Uint8Array): number | Errno {
    return this.copyUp() ?? (this.upper as Inode).write(offset, bytes)
  }
  override truncate(size: number): Errno | undefined {
    const done = this.copyUp(size > 0) ?? (this.upper as Inode).truncate(size)
    this.revalidate(undefined)
    return done
  }
  override setattr(a: Attributes): Errno | undefined {
    const done = this.copyUp() ?? (this.upper as Inode).setattr(a)
    this.revalidate(undefined)
    return done
  }
}
