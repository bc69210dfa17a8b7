/**
 * Directories that were found lately, by their absolute names: a container's files lie eight folders deep, and each call names them from
 * the root again. As in Linux's dcache nothing is believed that may have changed since: where a directory that a walk passed is removed,
 * renamed, or gets or loses a mount, all walks are forgotten.
 */
import type { Inode } from './inode.ts'
import type { Dentry, Mount, Path } from './path.ts'

/** Shorter names are walked as fast as they are found. */
export const LONG = 16
const SLOTS = 256
const MOST = 2048

interface Walk extends Path {
  readonly name: string
  readonly root: Path
  readonly epoch: number
}

/** Directories that known walks passed, over all kernels: they may share file systems. */
let passed = new WeakSet<Inode>()
let count = 0
let epoch = 0
function forget(): void {
  epoch++
  count = 0
  passed = new WeakSet()
}
/** To be told of each directory that is removed or renamed, or that something is mounted on or unmounted from. */
export function disturbed(inode: Inode): void {
  if (passed.has(inode)) forget()
}

export class Walks {
  readonly #known: (Walk | undefined)[] = new Array(SLOTS)

  /**
   * The directory whose absolute name, without symbolic links, is the first `length` characters of a name, as seen from a root;
   * undefined where it must be walked.
   */
  find(name: string, length: number, root: Path): Path | undefined {
    const walk = this.#known[slotOf(name, length)]
    return walk &&
      walk.epoch === epoch &&
      walk.name.length === length &&
      walk.root.dentry === root.dentry &&
      walk.root.mount === root.mount &&
      name.startsWith(walk.name)
      ? walk
      : undefined
  }
  keep(name: string, length: number, root: Path, mount: Mount, dentry: Dentry): void {
    if (count > MOST) forget()
    let m = mount
    for (let d: Dentry | undefined = dentry; d && d !== root.dentry; ) {
      passed.add(d.inode)
      count++
      if (d === m.root && m.mountpoint && m.parent) {
        d = m.mountpoint
        m = m.parent
      } else d = d.parent
    }
    this.#known[slotOf(name, length)] = { name: name.slice(0, length), root, mount, dentry, epoch }
  }
}
/** Names differ in their length and in their ends. */
const slotOf = (name: string, length: number): number =>
  (length * 37 + name.charCodeAt(length - 1) * 7 + name.charCodeAt(length - 3)) & (SLOTS - 1)
