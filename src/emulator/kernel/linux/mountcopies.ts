/**
 * CLONE_NEWNS: the copy of a namespace's mounts; mount_namespaces(7). A container's init leaves nearly all of them at once (pivot_root(2),
 * umount2(2)), and a host has one for each container: a mount is copied when somebody looks, and none is where nobody ever does.
 * Until then no mount of the first namespace may change unnoticed: who changes one calls `settle` before.
 */
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_SLAVE, MS_UNBINDABLE } from './fs/flags.ts'
import { type Dentry, type LaterChildren, Mount } from './fs/path.ts'
import type { Kernel } from './kernel.ts'
import type { MountNamespace } from './namespaces.ts'
import type { NetNamespace } from './net/namespace.ts'

/** What a copy in another user namespace may not clear. */
const protective = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC

/** Counts a mount into a namespace. */
export function join(kernel: Kernel, ns: MountNamespace, mount: Mount): void {
  ns.present.add(mount)
  mount.namespace = ns
  mount.fs.mounts++
  if (mount.shared || mount.master) kernel.propagating.add(mount)
}
export function leave(kernel: Kernel, mount: Mount): void {
  mount.namespace.present.delete(mount)
  mount.fs.mounts--
  kernel.propagating.delete(mount)
}

/** The network namespace whose file a mount shows, and so keeps. */
export const netNamespaceOf = (mount: Mount): NetNamespace | undefined =>
  (mount.root.inode as { netNamespace?: NetNamespace }).netNamespace

/** MS_PRIVATE, MS_SLAVE or MS_UNBINDABLE of one mount. */
export function withdraw(mount: Mount, propagation: number): void {
  mount.unbindable = propagation === MS_UNBINDABLE
  mount.master = propagation === MS_SLAVE ? mount.shared || mount.master : 0
  mount.shared = 0
}

/** Before a mount of a namespace changes: makes the copies of its mounts; all copies there are where the change `spreads` to peers. */
export function settle(kernel: Kernel, ns: MountNamespace, spreads: boolean): void {
  for (const m of kernel.unfinished) if (spreads || m.later?.of.namespace === ns) m.later?.all()
}

class Children implements LaterChildren {
  readonly of: Mount
  readonly #copy: Mount
  readonly #copies: Copies
  /** What was made of the whole tree since it was copied. */
  #withdrawn: readonly number[]
  constructor(of: Mount, copy: Mount, copies: Copies, withdrawn: readonly number[]) {
    this.of = of
    this.#copy = copy
    this.#copies = copies
    this.#withdrawn = withdrawn
  }
  one(at: Dentry): Mount | undefined {
    const child = this.of.over(at)
    return child && this.#make(child, at)
  }
  #make(child: Mount, at: Dentry): Mount | undefined {
    if (child.unbindable || this.#copies.made.has(child)) return undefined
    const copy = this.#copies.make(child, this.#withdrawn, this.#copy, at)
    this.#copy.adopt(at, copy)
    at.mounted++
    return copy
  }
  all(): void {
    this.of.children.forEach((child, at) => void this.#make(child, at))
    this.forget()
    this.#copies.finished()
  }
  withdraw(propagation: number): void {
    this.#withdrawn = [...this.#withdrawn, propagation]
  }
  forget(): void {
    this.#copy.later = undefined
    this.#copies.forget(this.#copy)
  }
  finished(): void {
    this.#copies.finished()
  }
}

/** The copies of one namespace's mounts. */
export class Copies {
  readonly #kernel: Kernel
  readonly #from: MountNamespace
  readonly #ns: MountNamespace
  /** The mounts that are copied, in the order of their copies' numbers. */
  readonly #order: readonly Mount[]
  readonly #firstId: number
  readonly made = new Map<Mount, Mount>()
  #unfinished = 0
  constructor(kernel: Kernel, from: MountNamespace, ns: MountNamespace) {
    this.#kernel = kernel
    this.#from = from
    this.#ns = ns
    this.#order = [...from.mounts]
    this.#firstId = kernel.nextMountId(this.#order.length)
    ns.root = this.make(from.root, [])
    ns.finish = () => {
      for (const m of kernel.unfinished) if (m.namespace === ns) m.later?.all()
    }
    this.finished()
  }
  /** The copy of a mount; undefined where it has none. */
  of(mount: Mount): Mount | undefined {
    const known = this.made.get(mount)
    if (known || !mount.parent || !mount.mountpoint) return known
    return this.of(mount.parent)?.over(mount.mountpoint)
  }
  make(of: Mount, withdrawn: readonly number[], parent?: Mount, at?: Dentry): Mount {
    const copy = new Mount(this.#firstId + this.#order.indexOf(of), of.fs, of.root, of.source, of.flags)
    copy.shared = of.shared
    copy.master = of.master
    copy.lockedFlags = of.lockedFlags
    copy.parent = parent
    copy.mountpoint = at
    // A less privileged copy receives, but doesn't send; nothing of it can be taken apart.
    if (this.#ns.owner !== this.#from.owner) {
      if (copy.shared) withdraw(copy, MS_SLAVE)
      copy.locked = parent !== undefined
      copy.lockedFlags = copy.flags & protective
    }
    for (const propagation of withdrawn) withdraw(copy, propagation)
    const net = netNamespaceOf(copy)
    if (net) net.refs++
    this.made.set(of, copy)
    join(this.#kernel, this.#ns, copy)
    if (of.children.size > 0) {
      copy.later = new Children(of, copy, this, withdrawn)
      this.#kernel.unfinished.add(copy)
      this.#unfinished++
    }
    return copy
  }
  forget(copy: Mount): void {
    this.#kernel.unfinished.delete(copy)
    this.#unfinished--
  }
  /** With the last one made or forgotten: the mounts stand in the order of those that they are copies of. */
  finished(): void {
    if (this.#unfinished > 0) return
    const ns = this.#ns
    ns.finish = undefined
    // As nearly always: none is left.
    if (![...this.made.values()].some((m) => ns.present.has(m))) return
    const inOrder: Mount[] = []
    for (const m of this.#order) {
      const copy = this.made.get(m)
      if (copy && ns.present.delete(copy)) inOrder.push(copy)
    }
    ns.present = new Set([...inOrder, ...ns.present])
  }
}
