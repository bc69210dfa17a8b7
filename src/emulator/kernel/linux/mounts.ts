/** mount(2), umount(2), pivot_root(2) and propagation; mount_namespaces(7). */
import { EBUSY, EINVAL, ELOOP, ENODEV, ENOTDIR, EPERM, type Errno, isErr } from '../../base/errno.ts'
import {
  isDir,
  MNT_DETACH,
  MS_BIND,
  MS_MOVE,
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_RELATIME,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  MS_STRICTATIME,
  MS_UNBINDABLE,
  UMOUNT_NOFOLLOW,
} from './fs/flags.ts'
import type { FileSystem } from './fs/inode.ts'
import { Dentry, Mount, type Path } from './fs/path.ts'
import { lookup } from './fs/vfs.ts'
import type { Kernel } from './kernel.ts'
import { Copies, join, leave, netNamespaceOf, settle, withdraw } from './mountcopies.ts'
import { MountNamespace, type UserNamespace } from './namespaces.ts'
import type { Process } from './process.ts'

const kept = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME | MS_NOATIME | MS_NODIRATIME | MS_STRICTATIME
/** File systems that power over one's own user namespace is enough for (FS_USERNS_MOUNT). */
const forEveryone = ['tmpfs', 'proc', 'sysfs', 'devpts', 'mqueue', 'cgroup2', 'overlay']

/** The first mount of a namespace. */
export function attachRoot(kernel: Kernel, ns: MountNamespace, fs: FileSystem, source: string): void {
  const mount = new Mount(kernel.nextMountId(), fs, new Dentry(fs.root, '', undefined), source, MS_RELATIME)
  ns.root = mount
  join(kernel, ns, mount)
  share(kernel, mount)
}

function place(kernel: Kernel, mount: Mount, at: Path): void {
  mount.parent = at.mount
  mount.mountpoint = at.dentry
  at.mount.hang(at.dentry, mount)
  at.dentry.mounted++
  const ns = at.mount.namespace
  for (const m of subtree(mount)) join(kernel, ns, m)
}

/** A mount and all below it, each before what is on it. */
function subtree(mount: Mount, all: Mount[] = []): Mount[] {
  all.push(mount)
  for (const child of mount.children.values()) subtree(child, all)
  return all
}
/** The same without copies that aren't made yet. */
function presentTree(mount: Mount, all: Mount[] = []): Mount[] {
  all.push(mount)
  mount.presentChildren.forEach((child) => void presentTree(child, all))
  return all
}

/** Copies a mount, and with `recursive` all below; the copy is nowhere yet. */
function copyTree(kernel: Kernel, mount: Mount, root: Dentry, recursive: boolean): Mount {
  const copy = new Mount(kernel.nextMountId(), mount.fs, root, mount.source, mount.flags)
  copy.shared = mount.shared
  copy.master = mount.master
  copy.lockedFlags = mount.lockedFlags
  if (recursive) {
    for (const [dentry, child] of mount.children) {
      if (child.unbindable || (root !== mount.root && !isUnder(dentry, root))) continue
      const c = copyTree(kernel, child, child.root, true)
      c.parent = copy
      c.mountpoint = dentry
      copy.hang(dentry, c)
      dentry.mounted++
    }
  }
  return copy
}
function isUnder(dentry: Dentry, root: Dentry): boolean {
  for (let at: Dentry | undefined = dentry; at; at = at.parent) if (at === root) return true
  return false
}

/** Makes a mount a member of a peer group, where it isn't one. */
function share(kernel: Kernel, mount: Mount): void {
  mount.makeShared(kernel)
  kernel.propagating.add(mount)
}

/** Puts a mount tree on a place, and copies of it on the place's peers and slaves. */
function graft(kernel: Kernel, mount: Mount, at: Path): void {
  const group = at.mount.shared
  if (group) {
    for (const m of [...kernel.propagating]) {
      if (m === at.mount || (m.shared !== group && m.master !== group) || !isUnder(at.dentry, m.root)) continue
      const copy = copyTree(kernel, mount, mount.root, true)
      if (m.shared === group) {
        share(kernel, mount)
        copy.shared = mount.shared
      } else {
        share(kernel, mount)
        copy.shared = 0
        copy.master = mount.shared
      }
      place(kernel, copy, { mount: m, dentry: at.dentry })
    }
    share(kernel, mount)
  }
  place(kernel, mount, at)
}

/** Takes a mount and all below out of the tree. */
export function detach(kernel: Kernel, mount: Mount, propagate = true): void {
  const { parent, mountpoint } = mount
  const spreads = propagate && parent !== undefined && parent.shared > 0
  settle(kernel, mount.namespace, spreads)
  if (spreads && mountpoint) {
    for (const m of [...kernel.propagating]) {
      if (m !== parent && (m.shared === parent.shared || m.master === parent.shared)) {
        const twin = m.children.get(mountpoint)
        if (twin) detach(kernel, twin, false)
      }
    }
  }
  const all = presentTree(mount).reverse()
  // What isn't made yet need not be any more.
  const never = all.flatMap((m) => m.later ?? [])
  for (const later of never) later.forget()
  for (const m of all) {
    if (m.mountpoint && m.parent) {
      m.parent.unhang(m.mountpoint)
      m.mountpoint.mounted--
    }
    if (m !== mount) {
      m.parent = undefined
      m.mountpoint = undefined
    }
    leave(kernel, m)
    if (m.fs.mounts === 0) m.fs.unmounted?.()
    const net = netNamespaceOf(m)
    if (net) {
      net.refs--
      kernel.dropNet(net)
    }
  }
  mount.parent = undefined
  mount.mountpoint = undefined
  for (const later of never) later.finished()
}

/** mount(2): what it is to do is told by its flags. */
export function mount(
  kernel: Kernel,
  p: Process,
  source: string,
  target: string,
  type: string,
  flags: number,
  data: string,
): Errno | undefined {
  const at = lookup(p, target)
  if (isErr(at)) return at
  if (!kernel.capable(p, 'SYS_ADMIN', p.ns.mnt.owner)) return EPERM
  const propagation = flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)
  settle(kernel, at.mount.namespace, at.mount.shared > 0 && !propagation)
  if (flags & MS_REMOUNT) return remount(at, flags, data)
  if (flags & MS_BIND) return bind(kernel, p, source, target, at, flags)
  if (propagation) return setPropagation(kernel, at, propagation, (flags & MS_REC) !== 0)
  if (flags & MS_MOVE) return move(kernel, p, source, at)
  return attachNew(kernel, p, source, target, at, type, flags, data)
}

function setPropagation(kernel: Kernel, at: Path, propagation: number, recursive: boolean): Errno | undefined {
  if (at.dentry !== at.mount.root) return EINVAL
  // Exactly one kind.
  if (propagation & (propagation - 1)) return EINVAL
  const tree = propagation === MS_SHARED ? subtree : presentTree
  for (const m of recursive ? tree(at.mount) : [at.mount]) {
    if (propagation === MS_SHARED) {
      m.unbindable = false
      share(kernel, m)
    } else {
      withdraw(m, propagation)
      if (recursive) m.later?.withdraw(propagation)
    }
    if (!m.shared && !m.master) kernel.propagating.delete(m)
  }
  return undefined
}

function remount(at: Path, flags: number, data: string): Errno | undefined {
  const { mount: m } = at
  if (at.dentry !== m.root) return EINVAL
  if (m.lockedFlags & ~flags) return EPERM
  if (!(flags & MS_BIND)) {
    const failed = (m.fs as { remount?: (data: string) => Errno | undefined }).remount?.(data)
    if (failed) return failed
    ;(m.fs as { readOnly: boolean }).readOnly = (flags & MS_RDONLY) !== 0
  }
  m.flags = flags & kept
  return undefined
}

/** MS_MOVE. @restartable It looks first. */
function move(kernel: Kernel, p: Process, source: string, at: Path): Errno | undefined {
  const from = lookup(p, source)
  if (isErr(from)) return from
  const tree = from.mount
  if (from.dentry !== tree.root || !tree.parent || tree.locked) return EINVAL
  // Below a shared mount the move would have to happen elsewhere, too.
  if (tree.parent.shared) return EINVAL
  if (isDir(from.dentry.inode.mode) !== isDir(at.dentry.inode.mode)) return ENOTDIR
  for (let m: Mount | undefined = at.mount; m; m = m.parent) if (m === tree) return ELOOP
  if (tree.mountpoint) {
    tree.parent.unhang(tree.mountpoint)
    tree.mountpoint.mounted--
  }
  for (const m of subtree(tree)) leave(kernel, m)
  place(kernel, tree, at)
  return undefined
}

function bind(kernel: Kernel, p: Process, source: string, target: string, at: Path, flags: number): Errno | undefined {
  if (source === '') return EINVAL
  const from = lookup(p, source)
  if (isErr(from)) return from
  if (from.mount.unbindable) return EINVAL
  if (isDir(from.dentry.inode.mode) !== isDir(at.dentry.inode.mode)) return ENOTDIR
  const recursive = (flags & MS_REC) !== 0
  // What is hidden under a locked mount must not be uncovered.
  if (!recursive && [...from.mount.children].some(([d, m]) => m.locked && isUnder(d, from.dentry))) return EINVAL
  const copy = copyTree(kernel, from.mount, from.dentry, recursive)
  const net = netNamespaceOf(copy)
  if (net) net.refs++
  graft(kernel, copy, at)
  kernel.note('mount', kernel.describe(p), target, `bind ${source}`)
  return undefined
}

function attachNew(
  kernel: Kernel,
  p: Process,
  source: string,
  target: string,
  at: Path,
  type: string,
  flags: number,
  data: string,
): Errno | undefined {
  if (type === '') return EINVAL
  if (p.ns.mnt.owner.parent) {
    if (!forEveryone.includes(type)) return kernel.knowsType(type) ? EPERM : ENODEV
    const owner =
      type === 'proc'
        ? p.ns.pid.owner
        : type === 'sysfs'
          ? p.ns.net.owner
          : type === 'cgroup2'
            ? p.ns.cgroup.owner
            : undefined
    if (owner && !kernel.capable(p, 'SYS_ADMIN', owner)) return EPERM
    if ((type === 'proc' || type === 'sysfs') && !visibleInFull(p, type)) return EPERM
  }
  const fs = kernel.createFs(type, source, data, p)
  if (isErr(fs)) return fs
  if (isDir(at.dentry.inode.mode) !== isDir(fs.root.mode)) return ENOTDIR
  // The same file system on the same place once more.
  if (at.mount.fs === fs && at.dentry === at.mount.root) return EBUSY
  const made = new Mount(kernel.nextMountId(), fs, new Dentry(fs.root, '', undefined), source, flags & kept)
  graft(kernel, made, at)
  kernel.note('mount', kernel.describe(p), target, `${type}${data ? ` ${data}` : ''}`)
  return undefined
}
/**
 * mount_too_revealing: a new proc or sysfs may show no more than one that is there already, uncovered and without masks. The directory that
 * sysfs has for cgroups is empty for ever, so that what is mounted there hides nothing.
 */
function visibleInFull(p: Process, type: string): boolean {
  for (const m of p.ns.mnt.mounts)
    if (
      m.fs.type === type &&
      m.root.inode === m.fs.root &&
      ![...m.children.values()].some((c) => c.locked && c.fs.type !== 'cgroup2')
    )
      return true
  return false
}

/** umount2(2). */
export function umount(kernel: Kernel, p: Process, target: string, flags: number): Errno | undefined {
  const at = lookup(p, target, !(flags & UMOUNT_NOFOLLOW))
  if (isErr(at)) return at
  if (at.dentry !== at.mount.root) return EINVAL
  if (!kernel.capable(p, 'SYS_ADMIN', p.ns.mnt.owner)) return EPERM
  if (at.mount.locked) return EINVAL
  const lazy = (flags & MNT_DETACH) !== 0
  if (!at.mount.parent) return lazy ? EINVAL : EBUSY
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
  if (!kernel.capable(p, 'SYS_ADMIN', p.ns.mnt.owner)) return EPERM
  const to = lookup(p, newRoot)
  if (isErr(to)) return to
  const old = lookup(p, putOld)
  if (isErr(old)) return old
  if (!isDir(to.dentry.inode.mode) || !isDir(old.dentry.inode.mode)) return ENOTDIR
  const rootMount = p.root.mount
  settle(kernel, p.ns.mnt, false)
  if (to.mount === rootMount || old.mount === rootMount) return EBUSY
  if (to.dentry !== to.mount.root || !to.mount.parent || to.mount.locked) return EINVAL
  if (p.root.dentry !== rootMount.root) return EINVAL
  // No mount that takes part may pass changes on to other namespaces.
  if (old.mount.shared || to.mount.parent.shared || rootMount.parent?.shared) return EINVAL
  if (!reaches(old, to)) return EINVAL
  const ns = p.ns.mnt
  // Lift the new root out, put it where the old root was, then the old root on put_old.
  if (to.mount.mountpoint) {
    to.mount.parent.unhang(to.mount.mountpoint)
    to.mount.mountpoint.mounted--
  }
  const { parent, mountpoint } = rootMount
  if (parent && mountpoint) {
    parent.hang(mountpoint, to.mount)
  } else ns.root = to.mount
  to.mount.parent = parent
  to.mount.mountpoint = mountpoint
  rootMount.parent = old.mount
  rootMount.mountpoint = old.dentry
  old.mount.hang(old.dentry, rootMount)
  old.dentry.mounted++
  const oldRoot: Path = { mount: rootMount, dentry: rootMount.root }
  const newPath: Path = { mount: to.mount, dentry: to.mount.root }
  // Nearly always a container's init is alone in its namespace.
  for (const q of ns.refs === 1 ? [p.leader, ...p.leader.threads] : kernel.initial.pid.processes.values()) {
    if (q.ns.mnt !== ns) continue
    if (q.root.mount === oldRoot.mount && q.root.dentry === oldRoot.dentry) q.root = newPath
    if (q.cwd.mount === oldRoot.mount && q.cwd.dentry === oldRoot.dentry) q.cwd = newPath
  }
  return undefined
}
/** Whether one place lies at or below another, over mounts. */
function reaches(from: Path, to: Path): boolean {
  let { mount: m, dentry: d } = from
  for (;;) {
    if (m === to.mount) return isUnder(d, to.dentry)
    if (!m.parent || !m.mountpoint) return false
    d = m.mountpoint
    m = m.parent
  }
}

/** CLONE_NEWNS: a copy of all mounts; answers where root and working directory are in it. */
export function copyMountNamespace(
  kernel: Kernel,
  p: Process,
  owner: UserNamespace,
): { readonly ns: MountNamespace; readonly root: Path; readonly cwd: Path } {
  const ns = new MountNamespace(kernel.nextInum(), owner)
  const copies = new Copies(kernel, p.ns.mnt, ns)
  const translate = (path: Path): Path => ({ mount: copies.of(path.mount) ?? path.mount, dentry: path.dentry })
  return { ns, root: translate(p.root), cwd: translate(p.cwd) }
}

/** Unmounts all of a namespace that its last process left. */
export function dissolve(kernel: Kernel, ns: MountNamespace): void {
  if (ns === kernel.initialMounts) return
  detach(kernel, ns.root, false)
}
