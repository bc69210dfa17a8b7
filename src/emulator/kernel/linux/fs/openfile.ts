/** Open file descriptions, shared by dup(2) and fork(2). */
import type { FileOps, Inode } from './inode.ts'
import type { Path } from './path.ts'

/** What a descriptor points at; open(2), "open file description". */
export class OpenFile {
  readonly inode: Inode
  /** Where it was found; undefined for pipes and sockets. */
  readonly path: Path | undefined
  readonly ops: FileOps | undefined
  /** O_* status flags. */
  flags: number
  offset = 0
  /** Descriptors that refer here, over all processes. */
  refs = 0
  /** A generated file's text, made when it was opened. */
  snapshot: Uint8Array | undefined = undefined

  constructor(inode: Inode, flags: number, path: Path | undefined, ops: FileOps | undefined) {
    this.inode = inode
    this.flags = flags
    this.path = path
    this.ops = ops
  }

  /** Drops one reference; the last one releases the file. */
  close(): void {
    if (--this.refs === 0) this.ops?.release?.(this)
  }
}

/** One slot of a descriptor table; fork(2) shares it with the child. */
export interface Descriptor {
  readonly file: OpenFile
  readonly cloexec: boolean
}
