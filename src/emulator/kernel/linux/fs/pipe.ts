/** Pipes and fifos, pipe(7): 64 KiB of buffer, SIGPIPE and EPIPE without readers, end of file without writers. */
import { EAGAIN, EPIPE, type Errno } from '../../../base/errno.ts'
import type { Run } from '../abi.ts'
import type { Process } from '../process.ts'
import { SIGPIPE } from '../signals.ts'
import { WaitQueue } from '../wait.ts'
import { O_ACCMODE, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY, S_IFIFO, S_IFMT } from './flags.ts'
import { type Attributes, type FileOps, type FileSystem, Inode, type StatFs } from './inode.ts'
import { OpenFile } from './openfile.ts'

export const PIPE_CAPACITY = 65536

/** The buffer between two ends. */
export class Pipe implements FileOps {
  readonly stream = true
  #parts: Uint8Array[] = []
  length = 0
  readers = 0
  writers = 0
  readonly changed = new WaitQueue()

  take(count: number): Uint8Array {
    const first = this.#parts[0]
    if (!first) return new Uint8Array(0)
    let out: Uint8Array
    if (first.length > count) {
      out = first.subarray(0, count)
      this.#parts[0] = first.subarray(count)
    } else if (this.#parts.length === 1 || first.length === count) {
      out = first
      this.#parts.shift()
    } else {
      out = new Uint8Array(Math.min(count, this.length))
      let at = 0
      while (at < out.length) {
        const part = this.#parts[0] as Uint8Array
        const piece = part.subarray(0, out.length - at)
        out.set(piece, at)
        at += piece.length
        if (piece.length === part.length) this.#parts.shift()
        else this.#parts[0] = part.subarray(piece.length)
      }
    }
    this.length -= out.length
    this.changed.wake()
    return out
  }
  put(bytes: Uint8Array): void {
    this.#parts.push(bytes)
    this.length += bytes.length
    this.changed.wake()
  }

  read(file: OpenFile, count: number): Uint8Array | Run<Uint8Array | Errno> {
    return this.length > 0 ? this.take(count) : this.#await(file, count)
  }
  *#await(file: OpenFile, count: number): Run<Uint8Array | Errno> {
    while (this.length === 0) {
      if (this.writers === 0 || count === 0) return new Uint8Array(0)
      if (file.flags & O_NONBLOCK) return EAGAIN
      yield { kind: 'sleep', queues: [this.changed] }
    }
    return this.take(count)
  }

  write(file: OpenFile, bytes: Uint8Array, proc: Process): number | Run<number | Errno> {
    if (this.readers === 0 || bytes.length === 0 || this.length + bytes.length > PIPE_CAPACITY)
      return this.#writeOn(file, bytes, proc)
    this.put(bytes)
    return bytes.length
  }
  *#writeOn(file: OpenFile, bytes: Uint8Array, proc: Process): Run<number | Errno> {
    let written = 0
    while (written < bytes.length || bytes.length === 0) {
      if (this.readers === 0) {
        if (written > 0) return written
        proc.kernel.signal(proc, SIGPIPE, undefined)
        return EPIPE
      }
      if (bytes.length === 0) return 0
      const room = PIPE_CAPACITY - this.length
      // Up to PIPE_BUF bytes go in at once or not at all.
      if (room > 0 && (bytes.length > 4096 || room >= bytes.length)) {
        const part = written === 0 && room >= bytes.length ? bytes : bytes.subarray(written, written + room)
        this.put(part)
        written += part.length
        continue
      }
      if (file.flags & O_NONBLOCK) return written > 0 ? written : EAGAIN
      yield { kind: 'sleep', queues: [this.changed] }
    }
    return written
  }

  poll(file: OpenFile): { readable: boolean; writable: boolean; queues: readonly WaitQueue[] } {
    const mode = file.flags & O_ACCMODE
    return {
      readable: mode !== O_WRONLY && (this.length > 0 || this.writers === 0),
      writable: mode !== O_RDONLY && (this.length < PIPE_CAPACITY || this.readers === 0),
      queues: [this.changed],
    }
  }
  /** How often it was opened: r_counter and w_counter of Linux's pipes. */
  readersEver = 0
  writersEver = 0
  opened(flags: number): void {
    const mode = flags & O_ACCMODE
    if (mode !== O_WRONLY) {
      this.readers++
      this.readersEver++
    }
    if (mode !== O_RDONLY) {
      this.writers++
      this.writersEver++
    }
    this.changed.wake()
  }
  release(file: OpenFile): void {
    const mode = file.flags & O_ACCMODE
    if (mode !== O_WRONLY) this.readers--
    if (mode !== O_RDONLY) this.writers--
    this.changed.wake()
  }
}

/** The file system of nodes that have no name: pipes, sockets, anonymous inodes. */
export class AnonymousFs implements FileSystem {
  readonly type: string
  readonly dev: number
  readonly readOnly = false
  mounts = 0
  #ino = 1000
  constructor(type: string, dev: number) {
    this.type = type
    this.dev = dev
  }
  get root(): Inode {
    throw new Error('anonymous file systems have no root')
  }
  statfs(): StatFs {
    return { type: this.type, size: 0, free: 0, files: 0, filesFree: 0 }
  }
  node(mode: number, uid: number, gid: number): AnonymousInode {
    return new AnonymousInode(this, this.#ino++, mode, uid, gid)
  }
}
export class AnonymousInode extends Inode {
  /** Of pipe(2): what /proc/PID/fd opens anew. */
  pipe: Pipe | undefined
  override setattr({ mode, uid, gid }: Attributes): Errno | undefined {
    if (mode !== undefined) this.mode = (this.mode & S_IFMT) | (mode & 0o7777)
    this.uid = uid ?? this.uid
    this.gid = gid ?? this.gid
    return undefined
  }
}

/** The pipe behind each fifo's inode. */
const fifos = new WeakMap<Inode, Pipe>()

/** pipe(2): the two ends as open files. */
export function makePipe(fs: AnonymousFs, uid: number, gid: number): readonly [OpenFile, OpenFile] {
  const pipe = new Pipe()
  const inode = fs.node(S_IFIFO | 0o600, uid, gid)
  inode.pipe = pipe
  pipe.opened(O_RDONLY)
  pipe.opened(O_WRONLY)
  return [new OpenFile(inode, O_RDONLY, undefined, pipe), new OpenFile(inode, O_WRONLY, undefined, pipe)]
}

/** open(2) of a fifo: waits for the other side, fifo(7). */
export function* openFifo(inode: Inode, flags: number): Run<FileOps | Errno> {
  const pipe = (inode instanceof AnonymousInode ? inode.pipe : fifos.get(inode)) ?? new Pipe()
  if (pipe.readers + pipe.writers === 0 && !(inode instanceof AnonymousInode)) fifos.set(inode, pipe)
  pipe.opened(flags)
  const mode = flags & O_ACCMODE
  if (!(flags & O_NONBLOCK) && mode !== O_RDWR) {
    // A partner that came and went again has been there: it is each opening that counts, as in fs/pipe.c wait_for_partner().
    const { readersEver, writersEver } = pipe
    while (
      mode === O_RDONLY
        ? pipe.writers === 0 && pipe.length === 0 && pipe.writersEver === writersEver
        : pipe.readers === 0 && pipe.readersEver === readersEver
    )
      yield { kind: 'sleep', queues: [pipe.changed] }
  }
  return pipe
}
