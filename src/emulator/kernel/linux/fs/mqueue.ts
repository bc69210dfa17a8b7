/** mqueue: the POSIX message queues of an IPC namespace as files, mq_overview(7). All its mounts show the same queues. */
import { utf8 } from '../../../base/bytes.ts'
import { EEXIST, EINVAL, EPERM, type Errno } from '../../../base/errno.ts'
import type { Kernel } from '../kernel.ts'
import type { IpcNamespace } from '../namespaces.ts'
import { isReg, S_IFDIR } from './flags.ts'
import type { NodeInit } from './inode.ts'
import { MemFs, MemInode } from './memfs.ts'

/** What a queue's file says: bytes in it, and who is to be notified (ipc/mqueue.c, mqueue_read_file). Nothing here sends messages. */
const status = utf8(`${'QSIZE:0          NOTIFY:0     SIGNO:0     NOTIFY_PID:0'.padEnd(58)}\n`)
/** FILENT_SIZE: the size that every queue shows. */
const SHOWN_SIZE = 80

class Queue extends MemInode {
  override get size(): number {
    return SHOWN_SIZE
  }
  override get blocks(): number {
    return 0
  }
  override read(offset: number, count: number): Uint8Array {
    return status.subarray(offset, offset + count)
  }
  override write(): Errno {
    return EINVAL
  }
  override truncate(): undefined {
    return undefined
  }
}

/** The only directory: queues have no folders, no links and no second name. */
class Queues extends MemInode {
  override create(name: string, init: NodeInit): MemInode | Errno {
    if (!isReg(init.mode)) return EPERM
    if (this.entries?.has(name)) return EEXIST
    const queue = new Queue(this.fs, init.mode, init.uid, init.gid)
    this.put(name, queue)
    this.changed(this.fs.now(), true)
    return queue
  }
  override link(): Errno {
    return EPERM
  }
  override rename(): Errno {
    return EPERM
  }
}

class QueueFs extends MemFs {
  override readonly root: Queues = new Queues(this, S_IFDIR | 0o1777, 0, 0)
}

/** The super block of a namespace's queues: made when it is first mounted. */
export function queuesOf(kernel: Kernel, ns: IpcNamespace): MemFs {
  ns.queues ??= new QueueFs('mqueue', kernel.nextDev(), kernel.now, 0, kernel.options.budget, '', S_IFDIR | 0o1777, 1)
  return ns.queues
}
