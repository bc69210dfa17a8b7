/** Names and mounts: dentries, mounts and the paths made of both; path_resolution(7), mount_namespaces(7). */

import { SmallMap } from '../../../base/smallmap.ts'
import type { MountNamespace } from '../namespaces.ts'
import { MS_NOATIME, MS_NODEV, MS_NODIRATIME, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_STRICTATIME } from './flags.ts'
import type { FileSystem, Inode } from './inode.ts'
import { disturbed } from './walks.ts'

/** Remembered names below which nobody asks whether they are still good for something. */
const SWEEP = 64

/** A name in a directory, with the inode it leads to. */
export class Dentry {
  name: string
  parent: Dentry | undefined
  readonly inode: Inode
  /** Names looked up below here, so that a mount point stays one object. */
  #children: SmallMap<string, Dentry> | undefined
  deleted = false
  /** Mounts on this dentry, over all namespaces: a quick "nothing mounted here". */
  mounted = 0
  constructor(inode: Inode, name: string, parent: Dentry | undefined) {
    this.inode = inode
    this.name = name
    this.parent = parent
  }

  /** The child of that name for an inode just looked up; the same object as long as the inode stays. */
  child(name: string, inode: Inode): Dentry {
    const known = this.#children?.get(name)
    if (known && known.inode === inode) return known
    const made = new Dentry(inode, name, this)
    this.put(made)
    return made
  }

  /** Forgets a name after unlink(2), rmdir(2) or being renamed over. */
  forget(name: string): void {
    const known = this.#children?.get(name)
    if (!known) return
    known.deleted = true
    this.remove(name)
  }
  /** Takes a name out that lives on elsewhere, and puts one in: rename(2). */
  remove(name: string): void {
    this.#children?.delete(name)
  }
  put(child: Dentry): void {
    this.#children ??= new SmallMap()
    this.#children.set(child.name, child)
    const { size } = this.#children
    // Whenever the table has doubled: processes that ended long ago must not be held by their names in /proc.
    if (size >= SWEEP && (size & (size - 1)) === 0)
      for (const [name, d] of this.#children) if (d.inode.stale && d.mounted === 0) this.#children.delete(name)
  }
}

/** A place in the tree: a dentry as seen through a mount. */
export interface Path {
  readonly mount: Mount
  readonly dentry: Dentry
}

const nothing = new SmallMap<Dentry, Mount>()

/** Children that a copied mount is to have, made when they are asked for (mountcopies.ts). */
export interface LaterChildren {
  /** The mount it is a copy of: whose children are meant. */
  readonly of: Mount
  one(at: Dentry): Mount | undefined
  all(): void
  /** Takes them out of their peer groups. */
  withdraw(propagation: number): void
  /** They will never be asked for. */
  forget(): void
  finished(): void
}

/** One mount; mountinfo in proc_pid_mountinfo(5). */
export class Mount {
  readonly id: number
  readonly fs: FileSystem
  readonly root: Dentry
  readonly source: string
  /** Whose tree it is in, or was in last; a copy that is in none yet has none. */
  namespace!: MountNamespace
  parent: Mount | undefined
  mountpoint: Dentry | undefined
  flags: number
  #children: SmallMap<Dentry, Mount> | undefined
  later: LaterChildren | undefined
  /** Peer group of a shared mount; 0 = not shared. */
  shared = 0
  /** Peer group that a slave mount receives from; 0 = none. */
  master = 0
  /** Can't be bound elsewhere, MS_UNBINDABLE. */
  unbindable = false
  /** Came with a copy into a less privileged namespace: it stays where it is, mount_namespaces(7). */
  locked = false
  /** Flags that such a copy must keep. */
  lockedFlags = 0
  constructor(id: number, fs: FileSystem, root: Dentry, source: string, flags: number) {
    this.id = id
    this.fs = fs
    this.root = root
    this.source = source
    this.flags = flags
  }
  get readOnly(): boolean {
    return (this.flags & MS_RDONLY) !== 0
  }
  /** What is mounted on it. Most mounts have nothing on them, and a container has two dozen: the table comes with the first. */
  get children(): Omit<SmallMap<Dentry, Mount>, 'set' | 'delete'> {
    this.later?.all()
    return this.#children ?? nothing
  }
  /** Those of them that exist already. */
  get presentChildren(): Omit<SmallMap<Dentry, Mount>, 'set' | 'delete'> {
    return this.#children ?? nothing
  }
  /** What is mounted on one place of it. */
  over(at: Dentry): Mount | undefined {
    return this.#children?.get(at) ?? this.later?.one(at)
  }
  hang(at: Dentry, mount: Mount): void {
    disturbed(at.inode)
    this.adopt(at, mount)
  }
  /** The same where nobody has been there yet. */
  adopt(at: Dentry, mount: Mount): void {
    this.#children ??= new SmallMap()
    this.#children.set(at, mount)
  }
  unhang(at: Dentry): void {
    this.later?.all()
    disturbed(at.inode)
    this.#children?.delete(at)
  }
  /** Gives it a peer group of its own, where it has none; numbers are the kernel's. */
  makeShared(kernel: { nextPeerGroup(): number }): void {
    if (this.shared === 0) this.shared = kernel.nextPeerGroup()
  }
}

/** Per-mount options as /proc/mounts prints them. */
export function mountOptions(flags: number): string {
  const options = [flags & MS_RDONLY ? 'ro' : 'rw']
  if (flags & MS_NOSUID) options.push('nosuid')
  if (flags & MS_NODEV) options.push('nodev')
  if (flags & MS_NOEXEC) options.push('noexec')
  if (flags & MS_NOATIME) options.push('noatime')
  else if (flags & MS_NODIRATIME) options.push('nodiratime')
  if (!(flags & (MS_NOATIME | MS_STRICTATIME))) options.push('relatime')
  return options.join(',')
}

/** Steps up from the root of a mount to where it is mounted, as often as needed. */
export function followUp(path: Path): Path {
  let { mount, dentry } = path
  while (dentry === mount.root && mount.parent && mount.mountpoint) {
    dentry = mount.mountpoint
    mount = mount.parent
  }
  return { mount, dentry }
}

/** Steps down into what is mounted on a path, topmost mount last. */
export function followDown(mount: Mount, dentry: Dentry): Path {
  let m = mount
  let d = dentry
  while (d.mounted > 0) {
    const over = m.over(d)
    if (!over) break
    m = over
    d = over.root
  }
  return { mount: m, dentry: d }
}

/** The absolute name of a path below a root, as getcwd(2) gives it; undefined where it lies outside the root. */
export function pathName(path: Path, root: Path): string | undefined {
  const parts: string[] = []
  let { mount, dentry } = path
  for (;;) {
    if (mount === root.mount && dentry === root.dentry) break
    if (dentry === mount.root) {
      if (!mount.parent || !mount.mountpoint) return undefined
      dentry = mount.mountpoint
      mount = mount.parent
      continue
    }
    parts.push(dentry.name)
    if (!dentry.parent) return undefined
    dentry = dentry.parent
  }
  return `/${parts.reverse().join('/')}`
}
