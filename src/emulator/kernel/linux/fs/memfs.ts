/** A file system in memory: serves as the disk's ext4 and as tmpfs. Contents keep holes as holes. */
import { EEXIST, EISDIR, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY, EPERM, type Errno, isErr } from '../../../base/errno.ts'
import type { FileData } from '../../../base/filedata.ts'
import { SmallMap } from '../../../base/smallmap.ts'
import type { Nanoseconds } from '../abi.ts'
import { isDir, isLink, isReg, S_IFDIR, S_IFMT } from './flags.ts'
import { type Attributes, type DirEntry, type FileSystem, Inode, type NodeInit, type StatFs } from './inode.ts'
import { disturbed } from './walks.ts'

const CHUNK = 65536

/** A regular file's bytes in chunks; an absent chunk is a hole and reads as zeros. */
class Content {
  size = 0
  chunks: (Uint8Array | undefined)[] = []
  /** Bytes really held. */
  held = 0

  read(offset: number, count: number): Uint8Array {
    const n = Math.max(0, Math.min(count, this.size - offset))
    const first = this.chunks[Math.floor(offset / CHUNK)]
    const inside = offset % CHUNK
    if (first && inside + n <= first.length) return first.slice(inside, inside + n)
    const out = new Uint8Array(n)
    let at = 0
    while (at < n) {
      const index = Math.floor((offset + at) / CHUNK)
      const from = (offset + at) % CHUNK
      const take = Math.min(CHUNK - from, n - at)
      const chunk = this.chunks[index]
      if (chunk && from < chunk.length) out.set(chunk.subarray(from, Math.min(chunk.length, from + take)), at)
      at += take
    }
    return out
  }

  write(offset: number, bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      const index = Math.floor((offset + at) / CHUNK)
      const from = (offset + at) % CHUNK
      const part = bytes.subarray(at, at + CHUNK - from)
      at += part.length
      let chunk = this.chunks[index]
      // Zeros written into a hole leave it a hole, so that 4 GB of zeros cost nothing.
      if (!chunk && part[0] === 0 && part.every((b) => b === 0)) continue
      const need = from + part.length
      if (!chunk || chunk.length < need) {
        const grown = new Uint8Array(Math.min(CHUNK, need <= 256 ? need : Math.max(need, (chunk?.length ?? 0) * 2)))
        if (chunk) grown.set(chunk)
        this.held += grown.length - (chunk?.length ?? 0)
        chunk = grown
        // Nearly all files are one chunk: an array of just one.
        if (index === 0 && this.chunks.length <= 1) this.chunks = [chunk]
        else this.chunks[index] = chunk
      }
      chunk.set(part, from)
    }
    this.size = Math.max(this.size, offset + bytes.length)
  }

  truncate(size: number): void {
    if (size < this.size) {
      const last = Math.floor(size / CHUNK)
      for (let i = last + (size % CHUNK ? 1 : 0); i < this.chunks.length; i++) this.held -= this.chunks[i]?.length ?? 0
      this.chunks.length = Math.min(this.chunks.length, Math.ceil(size / CHUNK))
      const chunk = this.chunks[last]
      if (chunk && size % CHUNK < chunk.length) chunk.fill(0, size % CHUNK)
    }
    this.size = size
  }
}

/** Bytes that are made when they are first asked for: of a file that few ever look into. */
class LateContent extends Content {
  #make: (() => Uint8Array) | undefined
  constructor(size: number, make: () => Uint8Array) {
    super()
    this.size = this.held = size
    this.#make = make
  }
  #come(): void {
    if (!this.#make) return
    const bytes = this.#make()
    this.#make = undefined
    this.held = 0
    super.write(0, bytes)
  }
  override read(offset: number, count: number): Uint8Array {
    this.#come()
    return super.read(offset, count)
  }
  override write(offset: number, bytes: Uint8Array): void {
    this.#come()
    super.write(offset, bytes)
  }
  override truncate(size: number): void {
    this.#come()
    super.truncate(size)
  }
}

/** Bytes that all memory file systems of a world may really hold together, whatever size they claim: a tab's memory is finite. */
export interface HeldBudget {
  held: number
  readonly limit: number
}

/** The memory cgroups that a tmpfs's pages count in: whoever writes first, pays. */
export interface PageAccount {
  /** Undefined when charged, or why it can't be. */
  take(bytes: number): Errno | undefined
  give(bytes: number): void
}

/** Limits and counters of one memory file system. `limit` is in bytes and counts what files hold and their nominal size of written data. */
export class MemFs implements FileSystem {
  readonly type: string
  dev: number
  readonly root: MemInode
  readOnly = false
  limit: number
  inodeLimit = Number.POSITIVE_INFINITY
  /** Who pays for tmpfs's pages; undefined for disks. */
  pages: PageAccount | undefined
  /** Where it is mounted, over all namespaces. */
  mounts = 0
  /** Takes new options at a remount, where there are any. */
  remount: ((data: string) => Errno | undefined) | undefined
  /** Bytes that written data takes. */
  used = 0
  inodes = 0
  readonly budget: HeldBudget
  readonly now: () => Nanoseconds
  #nextIno: number
  shownOptions: string
  constructor(
    type: string,
    dev: number,
    now: () => Nanoseconds,
    limit: number,
    budget: HeldBudget,
    options = '',
    rootMode = S_IFDIR | 0o755,
    firstIno = 2,
  ) {
    this.type = type
    this.dev = dev
    this.now = now
    this.limit = limit
    this.budget = budget
    this.shownOptions = options
    this.#nextIno = firstIno
    this.root = new MemInode(this, rootMode, 0, 0)
    this.root.nlink = 2
  }
  ino(): number {
    this.inodes++
    return this.#nextIno++
  }
  /** The last mount is gone: all that a tmpfs held is free again. A disk keeps it. */
  unmounted(): void {
    if (!this.pages) return
    const free = (inode: MemInode): void => {
      this.budget.held -= inode.content?.held ?? 0
      inode.content = undefined
      for (const child of inode.entries?.values() ?? []) free(child)
    }
    free(this.root)
    this.pages.give(this.used)
    this.used = 0
    this.pages = undefined
  }
  statfs(): StatFs {
    const files = Math.max(65536, Math.floor(this.limit / 16384))
    return {
      type: this.type,
      size: this.limit,
      free: Math.max(0, this.limit - this.used),
      files,
      filesFree: files - this.inodes,
    }
  }
  options(): string {
    return this.shownOptions
  }
}

/** Of directories without any. */
const empty = new SmallMap<string, MemInode>()

export class MemInode extends Inode {
  declare readonly fs: MemFs
  /** The names of a directory; new ones come by `put`. */
  entries: SmallMap<string, MemInode> | undefined
  content: Content | undefined
  target: string | undefined
  xattrs: Map<string, string> | undefined = undefined

  constructor(fs: MemFs, mode: number, uid: number, gid: number, rdev = 0, target?: string) {
    super(fs, fs.ino(), mode, uid, gid)
    this.rdev = rdev
    this.target = target
    this.entries = isDir(mode) ? empty : undefined
    this.content = isReg(mode) ? new Content() : undefined
    this.times = fs.now()
  }

  override get size(): number {
    if (this.content) return this.content.size
    if (this.target !== undefined) return this.target.length
    return this.entries ? 4096 : 0
  }
  override get blocks(): number {
    // What was written counts, zeros too: only what was skipped is a hole.
    if (this.content) return Math.ceil(this.#charged / 4096) * 8
    return this.entries ? 8 : 0
  }

  /** Puts a new name into a directory. */
  put(name: string, inode: MemInode): void {
    if (this.entries === empty) this.entries = new SmallMap()
    this.entries?.set(name, inode)
  }
  #touch(): void {
    this.changed(this.fs.now(), true)
  }

  override get steady(): boolean {
    return true
  }
  override lookup(name: string): Inode | Errno {
    if (!this.entries) return ENOTDIR
    return this.entries.get(name) ?? ENOENT
  }
  override list(): readonly DirEntry[] | Errno {
    if (!this.entries) return ENOTDIR
    const out: DirEntry[] = []
    this.entries.forEach((inode, name) => {
      out.push({ name, ino: inode.ino, type: inode.mode & S_IFMT })
    })
    return out
  }
  override create(name: string, init: NodeInit): MemInode | Errno {
    if (!this.entries) return ENOTDIR
    if (this.entries.has(name)) return EEXIST
    if (this.fs.inodes >= this.fs.inodeLimit) return ENOSPC
    const inode = new MemInode(this.fs, init.mode, init.uid, init.gid, init.rdev, init.target)
    if (isDir(init.mode)) {
      inode.nlink = 2
      this.nlink++
    }
    this.put(name, inode)
    this.#touch()
    return inode
  }
  override link(name: string, target: Inode): Errno | undefined {
    if (!this.entries) return ENOTDIR
    if (this.entries.has(name)) return EEXIST
    if (!(target instanceof MemInode) || target.entries) return EPERM
    this.put(name, target)
    target.nlink++
    target.changed(this.fs.now(), false)
    this.#touch()
    return undefined
  }
  override unlink(name: string): Errno | undefined {
    const inode = this.entries?.get(name)
    if (!inode) return this.entries ? ENOENT : ENOTDIR
    if (inode.entries) return EISDIR
    this.entries?.delete(name)
    inode.drop()
    this.#touch()
    return undefined
  }
  /** One name fewer; the last name frees the bytes. (Bytes of files that are still open count as freed.) */
  drop(): void {
    this.nlink--
    this.changed(this.fs.now(), false)
    if (this.nlink <= 0) {
      this.fs.inodes--
      if (this.content) {
        this.fs.used -= this.#charged
        this.fs.pages?.give(this.#charged)
        this.fs.budget.held -= this.content.held
      }
      this.#charged = 0
    }
  }
  #charged = 0

  override rmdir(name: string): Errno | undefined {
    const inode = this.entries?.get(name)
    if (!inode) return this.entries ? ENOENT : ENOTDIR
    if (!inode.entries) return ENOTDIR
    if (inode.entries.size > 0) return ENOTEMPTY
    this.entries?.delete(name)
    disturbed(inode)
    inode.nlink = 0
    this.fs.inodes--
    this.nlink--
    this.#touch()
    return undefined
  }
  override rename(name: string, toDir: Inode, toName: string): Errno | undefined {
    const inode = this.entries?.get(name)
    if (!inode || !(toDir instanceof MemInode) || !toDir.entries) return ENOENT
    const over = toDir.entries.get(toName)
    if (over === inode) return undefined
    if (over) {
      if (inode.entries && !over.entries) return ENOTDIR
      if (!inode.entries && over.entries) return EISDIR
      const failed = over.entries ? toDir.rmdir(toName) : toDir.unlink(toName)
      if (isErr(failed)) return failed
    }
    this.entries?.delete(name)
    if (inode.entries) disturbed(inode)
    toDir.put(toName, inode)
    if (inode.entries && toDir !== this) {
      this.nlink--
      toDir.nlink++
    }
    inode.changed(this.fs.now(), false)
    this.#touch()
    toDir.#touch()
    return undefined
  }
  override readlink(): string | Errno {
    return isLink(this.mode) ? (this.target ?? '') : super.readlink()
  }
  override read(offset: number, count: number): Uint8Array | Errno {
    return this.content ? this.content.read(offset, count) : EISDIR
  }
  override write(offset: number, bytes: Uint8Array): number | Errno {
    if (!this.content) return EISDIR
    const room = this.fs.limit - this.fs.used
    const end = Math.max(this.#charged, Math.ceil((offset + bytes.length) / 4096) * 4096)
    // Only written space counts: a file made long by truncate(2) or by a seek stays sparse.
    const grow = Math.min(end - this.#charged, Math.ceil(bytes.length / 4096 + 1) * 4096)
    let part = bytes
    if (grow > room) {
      const fit = Math.max(0, Math.min(bytes.length, this.#charged + room - offset))
      if (fit <= 0) return ENOSPC
      part = bytes.subarray(0, fit)
    }
    const charge = Math.min(grow, Math.max(0, room))
    const unpaid = charge > 0 ? this.fs.pages?.take(charge) : undefined
    if (unpaid) return unpaid
    this.fs.used += charge
    this.#charged += charge
    const held = this.content.held
    if (this.fs.budget.held + part.length > this.fs.budget.limit && part.some((b) => b !== 0)) return ENOSPC
    this.content.write(offset, part)
    this.fs.budget.held += this.content.held - held
    this.#touch()
    return part.length
  }
  override truncate(size: number): Errno | undefined {
    if (!this.content) return EISDIR
    if (size < this.#charged) {
      const keep = Math.ceil(size / 4096) * 4096
      this.fs.used -= this.#charged - keep
      this.fs.pages?.give(this.#charged - keep)
      this.#charged = keep
    }
    const held = this.content.held
    this.content.truncate(size)
    this.fs.budget.held += this.content.held - held
    this.#touch()
    return undefined
  }
  override setattr(a: Attributes): Errno | undefined {
    if (a.mode !== undefined) this.mode = (this.mode & S_IFMT) | (a.mode & 0o7777)
    if (a.uid !== undefined) this.uid = a.uid
    if (a.gid !== undefined) this.gid = a.gid
    this.times = [a.atime ?? this.atime, a.mtime ?? this.mtime, this.fs.now()]
    return undefined
  }
  /** Replaces the content by bytes with holes, as an unpacked layer brings them; charges nothing for the holes. */
  fill(data: FileData): void {
    if (!this.content) return
    for (const extent of data.extents) this.content.write(extent.offset, extent.bytes)
    this.content.size = data.size
    this.#charge()
  }
  /** The same with `size` bytes that `make` gives when they are first read: again and again the same. */
  fillLater(size: number, make: () => Uint8Array): void {
    this.content = new LateContent(size, make)
    this.#charge()
  }
  #charge(): void {
    const held = this.content?.held ?? 0
    this.#charged = Math.ceil(held / 4096) * 4096
    this.fs.budget.held += held
    this.fs.used += this.#charged
  }
}
