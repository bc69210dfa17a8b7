/** mount(2), umount(2), pivot_root(2) and propagation; mount_namespaces(7). */
import { EBUSY, EINVAL, ENOTDIR, EPERM, type Errno, isErr } from '../../base/errno.ts'
import {
  isDir,
  MS_BIND,
  MS_MOVE,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_RELATIME,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
} from './fs/flags.ts'
import type { FileSystem } from './fs/inode.ts'
import { Dentry, Mount, type Path } from './fs/path.ts'
import { lookup } from './fs/vfs.ts'
import type { Kernel } from './kernel.ts'
import { MountNamespace } from './namespaces.ts'
import type { Process } from './process.ts'

const kept = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME

/** The first mount of a namespace. */
export function attachRoot(kernel: Kernel, ns: MountNamespace, fs: FileSystem, source: string): void {
  const mount = new Mount(kernel.nextMountId(), fs, new Dentry(fs.root, '', undefined), source, MS_RELATIME)
  ns.root = mount
  ns.mounts.add(mount)
  kernel.mounts.add(mount)
  mount.makeShared()
}

const namespaces = new WeakMap<Mount, MountNamespace>()
function namespaceOf(kernel: Kernel, mount: Mount): MountNamespace {
  return namespaces.get(mount) ?? kernel.initialMounts
}

function join(kernel: Kernel, ns: MountNamespace, mount: Mount): void {
  ns.mounts.add(mount)
  namespaces.set(mount, ns)
  kernel.mounts.add(mount)
}

function place(kernel: Kernel, mount: Mount, at: Path): void {
  mount.parent = at.mount
  mount.mountpoint = at.dentry
  at.mount.children.set(at.dentry, mount)
  at.dentry.mounted++
  const ns = namespaceOf(kernel, at.mount)
  for (const m of subtree(mount)) join(kernel, ns, m)
}

/** A mount and all below it. */
export function* subtree(mount: Mount): Generator<Mount> {
  yield mount
  for (const child of mount.children.values()) yield* subtree(child)
}

/** Copies a mount, and with `recursive` all below; the copy is nowhere yet. */
function copyTree(kernel: Kernel, mount: Mount, root: Dentry, recursive: boolean, map?: Map<Mount, Mount>): Mount {
  const copy = new Mount(kernel.nextMountId(), mount.fs, root, mount.source, mount.flags)
  copy.shared = mount.shared
  copy.master = mount.master
  map?.set(mount, copy)
  if (recursive) {
    for (const [dentry, child] of mount.children) {
      if (!isUnder(dentry, root)) continue
      const c = copyTree(kernel, child, child.root, true, map)
      c.parent = copy
      c.mountpoint = dentry
      copy.children.set(dentry, c)
      dentry.mounted++
    }
  }
  return copy
}
function isUnder(dentry: Dentry, root: Dentry): boolean {
  for (let at: Dentry | undefined = dentry; at; at = at.parent) if (at === root) return true
  return false
}

/** Puts a mount tree on a place, and copies of it on the place's peers and slaves. */
function graft(kernel: Kernel, mount: Mount, at: Path): void {
  const group = at.mount.shared
  if (group) {
    for (const m of [...kernel.mounts]) {
      if (m === at.mount || (m.shared !== group && m.master !== group) || !isUnder(at.dentry, m.root)) continue
      const copy = copyTree(kernel, mount, mount.root, true)
      if (m.shared === group) {
        mount.makeShared()
        copy.shared = mount.shared
      } else {
        mount.makeShared()
        copy.shared = 0
        copy.master = mount.shared
      }
      place(kernel, copy, { mount: m, dentry: at.dentry })
    }
    mount.makeShared()
  }
  place(kernel, mount, at)
}

/** Takes a mount and all below out of the tree. */
export function detach(kernel: Kernel, mount: Mount, propagate = true): void {
  const { parent, mountpoint } = mount
  if (propagate && parent?.shared && mountpoint) {
    for (const m of [...kernel.mounts]) {
      if (m !== parent && (m.shared === parent.shared || m.master === parent.shared)) {
        const twin = m.children.get(mountpoint)
        if (twin) detach(kernel, twin, false)
      }
    }
  }
  for (const m of [...subtree(mount)].reverse()) {
    if (m.mountpoint && m.parent) {
      m.parent.children.delete(m.mountpoint)
      m.mountpoint.mounted--
    }
    if (m !== mount) {
      m.parent = undefined
      m.mountpoint = undefined
    }
    namespaceOf(kernel, m).mounts.delete(m)
    kernel.mounts.delete(m)
    ;(m.fs as { unmounted?: () => void }).unmounted?.()
    const inode = m.root.inode as { netNamespace?: Process['ns']['net'] }
    if (inode.netNamespace) {
      inode.netNamespace.refs--
      kernel.dropNet(inode.netNamespace)
    }
  }
  mount.parent = undefined
  mount.mountpoint = undefined
}

/** mount(2). */
export function mount(
  kernel: Kernel,
  p: Process,
  source: string,
  target: string,
  type: string,
  flags: number,
  data: string,
): Errno | undefined {
  if (!kernel.capable(p, 'SYS_ADMIN', p.ns.user)) return EPERM
  const at = lookup(p, target)
  if (isErr(at)) return at
  const propagation = flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)
  if (propagation) {
    if (at.dentry !== at.mount.root) return EINVAL
    for (const m of flags & MS_REC ? subtree(at.mount) : [at.mount]) {
      if (propagation & MS_SHARED) m.makeShared()
      else {
        m.master = propagation & MS_SLAVE ? m.shared || m.master : 0
        m.shared = 0
      }
    }
    return undefined
  }
  if (flags & MS_REMOUNT) {
    if (at.dentry !== at.mount.root) return EINVAL
    at.mount.flags = flags & kept
    if (!(flags & MS_BIND)) {
      const fs = at.mount.fs as { readOnly: boolean }
      fs.readOnly = (flags & MS_RDONLY) !== 0
      at.mount.flags &= ~MS_RDONLY | (flags & MS_RDONLY)
    }
    return undefined
  }
  if (flags & MS_MOVE) {
    const from = lookup(p, source)
    if (isErr(from)) return from
    if (from.dentry !== from.mount.root || !from.mount.parent) return EINVAL
    const tree = from.mount
    const ns = namespaceOf(kernel, tree)
    const all = [...subtree(tree)]
    if (tree.mountpoint) {
      tree.parent?.children.delete(tree.mountpoint)
      tree.mountpoint.mounted--
    }
    for (const m of all) ns.mounts.delete(m)
    place(kernel, tree, at)
    return undefined
  }
  if (flags & MS_BIND) {
    const from = lookup(p, source)
    if (isErr(from)) return from
    if (isDir(from.dentry.inode.mode) !== isDir(at.dentry.inode.mode)) return ENOTDIR
    const copy = copyTree(kernel, from.mount, from.dentry, (flags & MS_REC) !== 0)
    const inode = from.dentry.inode as { netNamespace?: Process['ns']['net'] }
    if (inode.netNamespace) inode.netNamespace.refs++
    graft(kernel, copy, at)
    kernel.note('mount', kernel.describe(p), target, `bind ${source}`)
    return undefined
  }
  if (!isDir(at.dentry.inode.mode)) return ENOTDIR
  const fs = kernel.createFs(type, source, data, p)
  if (isErr(fs)) return fs
  const made = new Mount(kernel.nextMountId(), fs, new Dentry(fs.root, '', undefined), source, flags & kept)
  graft(kernel, made, at)
  kernel.note('mount', kernel.describe(p), target, `${type}${data ? ` ${data}` : ''}`)
  return undefined
}

/** umount2(2). */
export function umount(kernel: Kernel, p: Process, target: string, flags: number): Errno | undefined {
  if (!kernel.capable(p, 'SYS_ADMIN', p.ns.user)) return EPERM
  const at = lookup(p, target)
  if (isErr(at)) return at
  if (at.dentry !== at.mount.root) return EINVAL
  if (!at.mount.parent) return EINVAL
  const lazy = (flags & 2) !== 0
  if (!lazy) {
    if (at.mount.children.size > 0) return EBUSY
    for (const q of kernel.initial.pid.processes.values()) {
      if (!q.alive) continue
      if (q.cwd.mount === at.mount || q.root.mount === at.mount || q.fds.some((d) => d?.file.path?.mount === at.mount))
        return EBUSY
    }
  }
  detach(kernel, at.mount)
  return undefined
}

/** pivot_root(2), also in its form pivot_root(".", "."). */
export function pivotRoot(kernel: Kernel, p: Process, newRoot: string, putOld: string): Errno | undefined {
  if (!kernel.capable(p, 'SYS_ADMIN', p.ns.user)) return EPERM
  const to = lookup(p, newRoot)
  if (isErr(to)) return to
  const old = lookup(p, putOld)
  if (isErr(old)) return old
  if (!isDir(to.dentry.inode.mode) || !isDir(old.dentry.inode.mode)) return ENOTDIR
  const rootMount = p.root.mount
  if (to.dentry !== to.mount.root || to.mount === rootMount || !to.mount.parent) return EINVAL
  if (p.root.dentry !== rootMount.root) return EINVAL
  const ns = p.ns.mnt
  // Lift the new root out, put it where the old root was, then the old root on put_old.
  if (to.mount.mountpoint) {
    to.mount.parent.children.delete(to.mount.mountpoint)
    to.mount.mountpoint.mounted--
  }
  const { parent, mountpoint } = rootMount
  if (parent && mountpoint) {
    parent.children.set(mountpoint, to.mount)
  } else ns.root = to.mount
  to.mount.parent = parent
  to.mount.mountpoint = mountpoint
  rootMount.parent = old.mount
  rootMount.mountpoint = old.dentry
  old.mount.children.set(old.dentry, rootMount)
  old.dentry.mounted++
  const oldRoot: Path = { mount: rootMount, dentry: rootMount.root }
  const newPath: Path = { mount: to.mount, dentry: to.mount.root }
  for (const q of kernel.initial.pid.processes.values()) {
    if (q.ns.mnt !== ns) continue
    if (q.root.mount === oldRoot.mount && q.root.dentry === oldRoot.dentry) q.root = newPath
    if (q.cwd.mount === oldRoot.mount && q.cwd.dentry === oldRoot.dentry) q.cwd = newPath
  }
  return undefined
}

/** CLONE_NEWNS: a copy of all mounts; answers where root and working directory are in it. */
export function copyMountNamespace(
  kernel: Kernel,
  p: Process,
): { readonly ns: MountNamespace; readonly root: Path; readonly cwd: Path } {
  const ns = new MountNamespace(kernel.nextInum())
  const map = new Map<Mount, Mount>()
  ns.root = copyTree(kernel, p.ns.mnt.root, p.ns.mnt.root.root, true, map)
  for (const old of p.ns.mnt.mounts) {
    const copy = map.get(old)
    if (!copy) continue
    join(kernel, ns, copy)
    const inode = copy.root.inode as { netNamespace?: Process['ns']['net'] }
    if (inode.netNamespace) inode.netNamespace.refs++
  }
  const translate = (path: Path): Path => ({ mount: map.get(path.mount) ?? path.mount, dentry: path.dentry })
  return { ns, root: translate(p.root), cwd: translate(p.cwd) }
}

/** Unmounts all of a namespace that its last process left. */
export function dissolve(kernel: Kernel, ns: MountNamespace): void {
  if (ns === kernel.initialMounts) return
  detach(kernel, ns.root, false)
}
