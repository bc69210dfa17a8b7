/**
 * A folder of the host as a guest sees it: 9p or virtiofs. Each node stands for a node of the host's file system, and each operation is
 * done there, so that both sides see the same files.
 */
import { type Errno, EXDEV, isErr } from '../../../base/errno.ts'
import { type Attributes, type DirEntry, type FileSystem, Inode, type NodeInit, type StatFs } from './inode.ts'

export class ShareFs implements FileSystem {
  readonly type: string
  readonly dev: number
  readonly root: ShareInode
  readonly readOnly = false
  readonly #options: string
  mounts = 0
  readonly #nodes = new Map<Inode, ShareInode>()
  /** `type`: 9p, virtiofs; `options` as /proc/mounts shows them. */
  constructor(type: string, dev: number, root: Inode, options: string) {
    this.type = type
    this.dev = dev
    this.#options = options
    this.root = this.node(root)
  }
  /** The node that stands for one of the host's; the same each time. */
  node(inode: Inode): ShareInode {
    const known = this.#nodes.get(inode)
    if (known) return known
    const made = this.make(inode)
    this.#nodes.set(inode, made)
    return made
  }
  protected make(inode: Inode): ShareInode {
    return new ShareInode(this, inode)
  }
  statfs(): StatFs {
    return { ...this.root.origin.fs.statfs(), type: this.type }
  }
  options(): string {
    return this.#options
  }
}

export class ShareInode extends Inode {
  declare readonly fs: ShareFs
  readonly origin: Inode
  constructor(fs: ShareFs, origin: Inode) {
    super(fs, origin.ino, origin.mode, origin.uid, origin.gid)
    this.origin = origin
    this.revalidate()
  }
  override revalidate(): void {
    const { mode, uid, gid, nlink, rdev, times } = this.origin
    Object.assign(this, { mode, uid, gid, nlink, rdev, times })
  }
  override get size(): number {
    return this.origin.size
  }
  override get blocks(): number {
    return this.origin.blocks
  }
  override lookup(name: string): Inode | Errno {
    const found = this.origin.lookup(name)
    return isErr(found) ? found : this.fs.node(found)
  }
  override list(): readonly DirEntry[] | Errno {
    return this.origin.list()
  }
  override create(name: string, init: NodeInit): Inode | Errno {
    const made = this.origin.create(name, init)
    this.revalidate()
    return isErr(made) ? made : this.fs.node(made)
  }
  override link(name: string, target: Inode): Errno | undefined {
    return target instanceof ShareInode ? this.#changed(this.origin.link(name, target.origin)) : EXDEV
  }
  override unlink(name: string): Errno | undefined {
    return this.#changed(this.origin.unlink(name))
  }
  override rmdir(name: string): Errno | undefined {
    return this.#changed(this.origin.rmdir(name))
  }
  override rename(name: string, toDir: Inode, toName: string): Errno | undefined {
    return toDir instanceof ShareInode ? this.#changed(this.origin.rename(name, toDir.origin, toName)) : EXDEV
  }
  override readlink(): string | Errno {
    return this.origin.readlink()
  }
  override read(offset: number, count: number): Uint8Array | Errno {
    return this.origin.read(offset, count)
  }
  override write(offset: number, bytes: Uint8Array): number | Errno {
    return this.#changed(this.origin.write(offset, bytes))
  }
  override truncate(size: number): Errno | undefined {
    return this.#changed(this.origin.truncate(size))
  }
  override setattr(a: Attributes): Errno | undefined {
    return this.#changed(this.origin.setattr(a))
  }
  #changed<T>(result: T): T {
    this.revalidate()
    return result
  }
}
