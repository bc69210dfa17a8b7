/** What a file system offers: inodes. Every concrete file system (tmpfs, overlay, proc ...) extends `Inode`. */
import type { Errno } from '../../../base/errno.ts'
import { EINVAL, ENOTDIR, EPERM, EROFS } from '../../../base/errno.ts'
import type { Nanoseconds, Run } from '../abi.ts'
import type { Process } from '../process.ts'
import type { WaitQueue } from '../wait.ts'
import { S_IFMT } from './flags.ts'
import type { OpenFile } from './openfile.ts'

/** stat(2). Times in nanoseconds since 1970. */
export interface Stat {
  readonly dev: number
  readonly ino: number
  readonly mode: number
  readonly nlink: number
  readonly uid: number
  readonly gid: number
  readonly rdev: number
  readonly size: number
  /** In units of 512 bytes. */
  readonly blocks: number
  readonly atime: Nanoseconds
  readonly mtime: Nanoseconds
  readonly ctime: Nanoseconds
}

/** statfs(2). `type` is the file system's name. Sizes in bytes. */
export interface StatFs {
  readonly type: string
  readonly size: number
  readonly free: number
  readonly files: number
  readonly filesFree: number
}

/** One entry of a directory, getdents(2); `type` holds the S_IF* bits. */
export interface DirEntry {
  readonly name: string
  readonly ino: number
  readonly type: number
}

/** What a new node is made of; `mode` with type bits. */
export interface NodeInit {
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly rdev?: number
  readonly target?: string
}

export interface Attributes {
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly atime?: Nanoseconds
  readonly mtime?: Nanoseconds
}

/** One mounted instance's super block. */
export interface FileSystem {
  /** As in /proc/filesystems: ext4, tmpfs, overlay, proc ... */
  readonly type: string
  /** st_dev: unique in the kernel. */
  readonly dev: number
  readonly root: Inode
  readonly readOnly: boolean
  /** For overlayfs: the file system that holds the upper layer's bytes. */
  readonly backing?: FileSystem | undefined
  /** How often it is mounted, over all namespaces. */
  mounts: number
  /** The last of its mounts is gone. */
  unmounted?(): void
  statfs(): StatFs
  /** Options beyond rw/ro as /proc/mounts shows them, without a leading comma: `lowerdir=...,upperdir=...`. */
  options?(): string
}

/** An open file's operations where it isn't plain content: devices, pipes, sockets, generated files. */
export interface FileOps {
  read?(file: OpenFile, count: number, proc: Process): Uint8Array | Errno | Run<Uint8Array | Errno>
  write?(file: OpenFile, bytes: Uint8Array, proc: Process): number | Errno | Run<number | Errno>
  ioctl?(file: OpenFile, request: string, arg: unknown, proc: Process): unknown
  /** Ready now? and the queues that are woken when that may change. Absent: always ready. */
  poll?(file: OpenFile): {
    readonly readable: boolean
    readonly writable: boolean
    readonly queues: readonly WaitQueue[]
  }
  /** The last descriptor was closed. */
  release?(file: OpenFile): void
  /** True for pipes, sockets and terminals: lseek(2) answers ESPIPE. */
  readonly stream?: boolean
}

/** An inode. Methods answer an Errno where Linux would; the defaults refuse. Permission is checked by the caller (vfs.ts). */
export abstract class Inode {
  readonly fs: FileSystem
  readonly ino: number
  /** Type and permission bits, st_mode. */
  mode: number
  uid: number
  gid: number
  nlink = 1
  rdev = 0
  /**
   * Times of access, of the content and of the inode: one number while they are the same, as most stay. (A number in a field of its own
   * is an object of its own, and a container has a hundred inodes.)
   */
  times: Nanoseconds | [Nanoseconds, Nanoseconds, Nanoseconds] = 0

  constructor(fs: FileSystem, ino: number, mode: number, uid = 0, gid = 0) {
    this.fs = fs
    this.ino = ino
    this.mode = mode
    this.uid = uid
    this.gid = gid
  }

  get atime(): Nanoseconds {
    return typeof this.times === 'number' ? this.times : this.times[0]
  }
  get mtime(): Nanoseconds {
    return typeof this.times === 'number' ? this.times : this.times[1]
  }
  get ctime(): Nanoseconds {
    return typeof this.times === 'number' ? this.times : this.times[2]
  }
  /** The inode was changed at a time, and where `content` is true, what it holds as well. */
  changed(at: Nanoseconds, content: boolean): void {
    this.times = [this.atime, content ? at : this.mtime, at]
  }
  get type(): number {
    return this.mode & S_IFMT
  }
  get size(): number {
    return 0
  }
  get blocks(): number {
    return Math.ceil(this.size / 4096) * 8
  }
  /** What it stood for is gone for good: its name need not be remembered. */
  get stale(): boolean {
    return false
  }
  /** Whether names in this directory lead to the same inodes until they are changed by calls (fs/walks.ts). */
  get steady(): boolean {
    return false
  }
  /** Whether flock(2) and fcntl(2) locks work on it. */
  get lockable(): boolean {
    return true
  }
  /** Brings generated attributes up to date before they are looked at (proc). */
  revalidate(_proc: Process | undefined): void {}

  // directories
  lookup(_name: string, _proc?: Process): Inode | Errno {
    return ENOTDIR
  }
  /** Entries without `.` and `..`. */
  list(_proc?: Process): readonly DirEntry[] | Errno {
    return ENOTDIR
  }
  create(_name: string, _init: NodeInit): Inode | Errno {
    return EPERM
  }
  link(_name: string, _target: Inode): Errno | undefined {
    return EPERM
  }
  unlink(_name: string): Errno | undefined {
    return EPERM
  }
  rmdir(_name: string): Errno | undefined {
    return EPERM
  }
  rename(_name: string, _toDir: Inode, _toName: string): Errno | undefined {
    return EPERM
  }

  // symbolic links
  readlink(_proc?: Process): string | Errno {
    return EINVAL
  }

  // content
  read(_offset: number, _count: number): Uint8Array | Errno {
    return EINVAL
  }
  write(_offset: number, _bytes: Uint8Array): number | Errno {
    return EINVAL
  }
  truncate(_size: number): Errno | undefined {
    return EINVAL
  }

  setattr(_attributes: Attributes): Errno | undefined {
    return EROFS
  }
  /** Operations of a file that isn't plain content; undefined where `read`, `write` and `truncate` serve. */
  open(_flags: number, _proc: Process): FileOps | Errno | undefined {
    return undefined
  }
}

/** The stat(2) of an inode. */
export function statOf(inode: Inode): Stat {
  const { times } = inode
  const same = typeof times === 'number'
  return {
    dev: inode.fs.dev,
    ino: inode.ino,
    mode: inode.mode,
    nlink: inode.nlink,
    uid: inode.uid,
    gid: inode.gid,
    rdev: inode.rdev,
    size: inode.size,
    blocks: inode.blocks,
    atime: same ? times : times[0],
    mtime: same ? times : times[1],
    ctime: same ? times : times[2],
  }
}
