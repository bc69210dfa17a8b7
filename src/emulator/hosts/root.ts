/** Root file systems of machines: directories, files and executables in a memory disk. */
import { EM_AARCH64, EM_X86_64, elf } from '../base/elf.ts'
import { isErr } from '../base/errno.ts'
import { fromText } from '../base/filedata.ts'
import { S_IFDIR, S_IFLNK, S_IFREG } from '../kernel/linux/fs/flags.ts'
import { MemFs, type MemInode } from '../kernel/linux/fs/memfs.ts'
import type { Kernel } from '../kernel/linux/kernel.ts'

/** Writes into a disk before anything runs. */
export class Disk {
  readonly fs: MemFs
  readonly #machine: number
  constructor(kernel: Kernel, size: number) {
    this.fs = new MemFs('ext4', kernel.nextDev(), kernel.now, size, kernel.options.budget)
    this.#machine = kernel.options.machine === 'aarch64' ? EM_AARCH64 : EM_X86_64
  }
  dir(path: string, mode = 0o755): MemInode {
    let at = this.fs.root
    for (const part of path.split('/').filter(Boolean)) {
      const next = at.lookup(part)
      at = (isErr(next) ? at.create(part, { mode: S_IFDIR | mode, uid: 0, gid: 0 }) : next) as MemInode
    }
    return at
  }
  #node(path: string, mode: number, target?: string): MemInode {
    const at = path.lastIndexOf('/')
    const folder = this.dir(path.slice(0, at))
    folder.unlink(path.slice(at + 1))
    return folder.create(path.slice(at + 1), {
      mode,
      uid: 0,
      gid: 0,
      ...(target === undefined ? {} : { target }),
    }) as MemInode
  }
  file(path: string, text: string, mode = 0o644): MemInode {
    const inode = this.#node(path, S_IFREG | mode)
    inode.fill(fromText(text))
    return inode
  }
  link(path: string, target: string): void {
    this.#node(path, S_IFLNK | 0o777, target)
  }
  program(path: string, name: string, size: number): void {
    this.#node(path, S_IFREG | 0o755).fill(elf(this.#machine, name, size))
  }
}
/** Disks that outlast the machines they are in: filled before the first boot, as they were left at the next. */
export class KeptDisks {
  readonly #disks = new Map<string, Disk>()
  /** The disk of a name; `fill` writes what is on it in the beginning. */
  get(name: string, kernel: Kernel, size: number, fill: (disk: Disk) => void): Disk {
    const known = this.#disks.get(name)
    if (known) {
      // Its number stays taken in the new kernel.
      kernel.nextDev()
      return known
    }
    const disk = new Disk(kernel, size)
    fill(disk)
    this.#disks.set(name, disk)
    return disk
  }
}
