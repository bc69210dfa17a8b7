/** Files and directories whose content is made when they are read: the stuff of proc, sysfs and cgroup2. */

import { utf8 } from '../../../base/bytes.ts'
import { EACCES, EINVAL, EIO, ENOENT, EPERM, type Errno, isErr } from '../../../base/errno.ts'
import { SmallMap } from '../../../base/smallmap.ts'
import type { Nanoseconds } from '../abi.ts'
import type { Process } from '../process.ts'
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from './flags.ts'
import {
  type Attributes,
  type DirEntry,
  type FileOps,
  type FileSystem,
  Inode,
  type NodeInit,
  type StatFs,
} from './inode.ts'
import type { Path } from './path.ts'

/** A file system whose nodes are generated. */
export class GeneratedFs implements FileSystem {
  readonly type: string
  readonly dev: number
  readOnly = false
  mounts = 0
  root!: Inode
  #ino = 1
  readonly #kernel: { nextDev(): number; now(): Nanoseconds }
  constructor(type: string, kernel: { nextDev(): number; now(): Nanoseconds }) {
    this.type = type
    this.dev = kernel.nextDev()
    this.#kernel = kernel
  }
  /** A node's times are those of its making: when somebody first looked for it. */
  born(inode: Inode): void {
    inode.times = this.#kernel.now()
  }
  ino(): number {
    return this.#ino++
  }
  statfs(): StatFs {
    return { type: this.type, size: 0, free: 0, files: 0, filesFree: 0 }
  }
}

export type Read = (p: Process) => string | Errno
export type Write = (text: string, p: Process) => Errno | undefined

/** A text file. Its text is made at open(2), so that one reader sees one state. */
export class GeneratedFile extends Inode {
  readonly #read: Read | undefined
  readonly #write: Write | undefined
  constructor(fs: GeneratedFs, mode: number, read: Read | undefined, write?: Write) {
    super(fs, fs.ino(), S_IFREG | mode)
    fs.born(this)
    this.#read = read
    this.#write = write
  }
  override open(_flags: number, _p: Process): FileOps {
    return {
      read: (file, count, p) => {
        if (file.snapshot === undefined || file.offset === 0) {
          const made = this.#read?.(p) ?? EINVAL
          if (isErr(made)) return made
          file.snapshot = utf8(made)
        }
        const part = file.snapshot.subarray(file.offset, file.offset + count)
        file.offset += part.length
        return part
      },
      write: (_file, bytes, p) => {
        if (!this.#write) return EIO
        return this.#write(new TextDecoder().decode(bytes).replace(/\n$/, ''), p) ?? bytes.length
      },
    }
  }
  override truncate(): undefined {
    return undefined
  }
  override read(): Uint8Array | Errno {
    return EINVAL
  }
  override setattr(a: Attributes): Errno | undefined {
    return setOwn(this, a)
  }
}

/** Owner and mode of generated nodes can be changed (delegation of cgroups needs it). */
function setOwn(inode: Inode, a: Attributes): undefined {
  if (a.mode !== undefined) inode.mode = (inode.mode & S_IFMT) | (a.mode & 0o7777)
  if (a.uid !== undefined) inode.uid = a.uid
  if (a.gid !== undefined) inode.gid = a.gid
  return undefined
}

/** A symbolic link whose target is made when it is read; `follow` jumps to an object, as proc's exe and fd links do. */
export class GeneratedLink extends Inode {
  readonly #target: Read
  readonly follow?: (p: Process) => Path | Errno | undefined
  /** What stat(2) says for its length. */
  fixedSize = 0
  constructor(fs: GeneratedFs, target: Read, follow?: (p: Process) => Path | Errno | undefined) {
    super(fs, fs.ino(), S_IFLNK | 0o777)
    fs.born(this)
    this.#target = target
    if (follow) this.follow = follow
  }
  override get size(): number {
    return this.fixedSize
  }
  override get blocks(): number {
    return 0
  }
  override readlink(p?: Process): string | Errno {
    return p ? this.#target(p) : EACCES
  }
}

/** Nodes of a directory by name, made when they are first looked for: of most directories nobody reads more than a name or two. */
export type Nodes<D> = Readonly<Record<string, (dir: D) => Inode>>
/** Further names of a directory, which come and go. */
export interface Others {
  lookup(name: string, p: Process | undefined): Inode | undefined
  list(p: Process | undefined): readonly DirEntry[]
}

/** A directory with fixed nodes and, where given, others that are looked up. */
export class GeneratedDir<Fs extends GeneratedFs = GeneratedFs> extends Inode {
  declare readonly fs: Fs
  readonly #nodes: Nodes<never>
  readonly #others: Others | undefined
  #made: SmallMap<string, Inode> | undefined
  constructor(fs: Fs, nodes: Nodes<never>, others?: Others, mode = 0o555) {
    super(fs, fs.ino(), S_IFDIR | mode)
    fs.born(this)
    this.#nodes = nodes
    this.#others = others
    this.nlink = 2
  }
  #node(name: string): Inode | undefined {
    const known = this.#made?.get(name)
    if (known || !Object.hasOwn(this.#nodes, name)) return known
    const made = this.#nodes[name]?.(this as never)
    if (made) {
      this.#made ??= new SmallMap()
      this.#made.set(name, made)
    }
    return made
  }
  override lookup(name: string, p?: Process): Inode | Errno {
    return this.#node(name) ?? this.#others?.lookup(name, p) ?? ENOENT
  }
  override list(p?: Process): readonly DirEntry[] {
    const fixed = Object.keys(this.#nodes).map((name) => {
      const inode = this.#node(name) as Inode
      return { name, ino: inode.ino, type: inode.type }
    })
    return [...fixed, ...(this.#others?.list(p) ?? [])]
  }
  /** Nothing is made here: proc doesn't know the name, kernfs has no such operation. */
  override create(_name: string, init: NodeInit): Inode | Errno {
    if (this.fs.type === 'proc') return ENOENT
    return (init.mode & S_IFMT) === S_IFREG ? EACCES : EPERM
  }
  override setattr(a: Attributes): Errno | undefined {
    return setOwn(this, a)
  }
}
