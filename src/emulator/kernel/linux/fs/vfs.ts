/**
 * Path resolution and permission over mounts and inodes: path_resolution(7), what namei.c does.
 * @restartable Paths are looked up first; the one change comes last.
 */
import {
  EACCES,
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  ELOOP,
  ENAMETOOLONG,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  EROFS,
  type Errno,
  EXDEV,
  isErr,
} from '../../../base/errno.ts'
import { hasCapability } from '../capabilities.ts'
import { fromKernelId } from '../namespaces.ts'
import type { Process } from '../process.ts'
import { isDir, isLink, MS_RDONLY, R_OK, S_IFDIR, S_IFMT, S_ISVTX, W_OK, X_OK } from './flags.ts'
import type { Inode, NodeInit } from './inode.ts'
import { type Dentry, followDown, followUp, type Mount, type Path } from './path.ts'
import { LONG } from './walks.ts'

const SYMLINK_LIMIT = 40

/** Where a name leads: its directory, the last component, and what is there now (undefined: nothing). */
export interface Target {
  readonly dir: Path
  readonly name: string
  readonly path: Path | undefined
  /** The name ended with a slash: it must be a directory. */
  readonly slash: boolean
}

/** Whether the process has a capability in the user namespace that owns this inode's mount; capabilities(7), user_namespaces(7). */
export function capableOver(
  p: Process,
  name: 'DAC_OVERRIDE' | 'DAC_READ_SEARCH' | 'FOWNER' | 'CHOWN' | 'FSETID' | 'MKNOD',
  inode: Inode,
): boolean {
  if (!hasCapability(p.cred.effective, name)) return false
  if (!p.ns.user.parent) return true
  // In a user namespace the ids must be mapped for its capabilities to count (privileged_wrt_inode_uidgid).
  return fromKernelId(p.ns.user, inode.uid, 'uid') !== 65534 && fromKernelId(p.ns.user, inode.gid, 'gid') !== 65534
}

/** inode_permission: undefined where R_OK, W_OK, X_OK of `mask` are granted. */
export function permission(p: Process, inode: Inode, mask: number): Errno | undefined {
  inode.revalidate(p)
  const mode = inode.mode
  const cred = p.cred
  const bits =
    cred.fsuid === inode.uid
      ? mode >> 6
      : cred.fsgid === inode.gid || cred.groups.includes(inode.gid)
        ? mode >> 3
        : mode
  if ((bits & mask) === mask) return undefined
  if (isDir(mode)) {
    if (capableOver(p, 'DAC_OVERRIDE', inode)) return undefined
    if (!(mask & W_OK) && capableOver(p, 'DAC_READ_SEARCH', inode)) return undefined
    return EACCES
  }
  if ((!(mask & X_OK) || mode & 0o111) && capableOver(p, 'DAC_OVERRIDE', inode)) return undefined
  if (mask === R_OK && capableOver(p, 'DAC_READ_SEARCH', inode)) return undefined
  return EACCES
}

const SLASH = 47
const DOT = 46
/** Where the next component of a name begins, slashes and single dots left out; the name's length where none is left. */
function nextPart(name: string, from: number): number {
  let i = from
  for (;;) {
    while (name.charCodeAt(i) === SLASH) i++
    if (name.charCodeAt(i) !== DOT || (i + 1 < name.length && name.charCodeAt(i + 1) !== SLASH)) return i
    i++
  }
}

/** The length of the directory's part of a long absolute name that ends plainly, where the process may pass every directory; else 0. */
function longPart(p: Process, name: string): number {
  if (name.length <= LONG || name.charCodeAt(0) !== SLASH) return 0
  let at = name.length - 1
  while (name.charCodeAt(at) !== SLASH) at--
  if (at < LONG || at + 1 === name.length || name.charCodeAt(at + 1) === DOT) return 0
  return !p.ns.user.parent && hasCapability(p.cred.effective, 'DAC_OVERRIDE') ? at : 0
}

/** Where the last walk ended: its directory, and what is there (its dentry undefined: nothing). Fields, since every call walks. */
const end: {
  name: string
  slash: boolean
  dirMount: Mount | undefined
  dirDentry: Dentry | undefined
  mount: Mount | undefined
  dentry: Dentry | undefined
} = { name: '', slash: false, dirMount: undefined, dirDentry: undefined, mount: undefined, dentry: undefined }
function endAt(
  dirMount: Mount,
  dirDentry: Dentry,
  name: string,
  slash: boolean,
  mount: Mount | undefined,
  dentry: Dentry | undefined,
): undefined {
  end.name = name
  end.slash = slash
  end.dirMount = dirMount
  end.dirDentry = dirDentry
  end.mount = mount
  end.dentry = dentry
}

/** Resolves all but decides nothing about the last component. `follow`: a link there is followed. Where it leads, stands in `end`. */
function walk(p: Process, name: string, follow: boolean, from: Path): Errno | undefined {
  if (name === '') return ENOENT
  if (name.length > 4095) return ENAMETOOLONG
  let links = 0
  const final = name.charCodeAt(name.length - 1)
  let slash = final === SLASH || (final === DOT && name.endsWith('/.'))
  let rest = name
  let { mount, dentry } = from
  let start = nextPart(rest, 0)
  // The length of the directory's name, where it is to be remembered.
  let walked = longPart(p, name)
  if (walked > 0) {
    const known = p.kernel.walks.find(name, walked, p.root)
    if (known) {
      mount = known.mount
      dentry = known.dentry
      start = walked + 1
      walked = 0
    }
  }
  for (;;) {
    if (start === rest.length) return endAt(mount, dentry, '.', true, mount, dentry)
    const slashAt = rest.indexOf('/', start)
    const stop = slashAt < 0 ? rest.length : slashAt
    const part = rest.slice(start, stop)
    const next = nextPart(rest, stop)
    const last = next === rest.length
    const dir = dentry.inode
    if (!isDir(dir.mode)) return ENOTDIR
    if (part.length > 255) return ENAMETOOLONG
    const denied = permission(p, dir, X_OK)
    if (denied) return denied
    if (walked > 0) {
      if (last && links === 0) p.kernel.walks.keep(name, walked, p.root, mount, dentry)
      if (last || part === '..' || !dir.steady) walked = 0
    }
    if (part === '..') {
      const up = parentOf(p, { mount, dentry })
      mount = up.mount
      dentry = up.dentry
      if (last) return endAt(mount, dentry, '..', true, mount, dentry)
      start = next
      continue
    }
    const inode = dir.lookup(part, p)
    if (isErr(inode)) {
      if (inode === ENOENT && last) return endAt(mount, dentry, part, slash, undefined, undefined)
      return inode
    }
    if (isLink(inode.mode) && (!last || follow || slash)) {
      if (++links > SYMLINK_LIMIT) return ELOOP
      const jump = magicLink(inode, p)
      if (jump) {
        if (isErr(jump)) return jump
        mount = jump.mount
        dentry = jump.dentry
        if (last) return endAt(mount, dentry, part, slash, mount, dentry)
        start = next
        continue
      }
      const target = inode.readlink(p)
      if (isErr(target)) return target
      if (target === '') return ENOENT
      if (target.charCodeAt(0) === SLASH) {
        mount = p.root.mount
        dentry = p.root.dentry
      }
      if (last && target.endsWith('/')) slash = true
      rest = last ? target : `${target}/${rest.slice(next)}`
      start = nextPart(rest, 0)
      continue
    }
    let under = mount
    let child = dentry.child(part, inode)
    // Into what is mounted there, topmost last.
    while (child.mounted > 0) {
      const over = under.over(child)
      if (!over) break
      under = over
      child = over.root
    }
    if (last) return endAt(mount, dentry, part, slash, under, child)
    mount = under
    dentry = child
    start = next
  }
}

/** Where a name leads, without a decision about the last component. `follow`: a link there is followed. */
export function resolve(p: Process, name: string, follow: boolean): Target | Errno {
  const failed = walk(p, name, follow, name.charCodeAt(0) === SLASH ? p.root : p.cwd)
  if (failed) return failed
  const { slash } = end
  return {
    dir: { mount: end.dirMount as Mount, dentry: end.dirDentry as Dentry },
    name: end.name,
    path: end.dentry && { mount: end.mount as Mount, dentry: end.dentry },
    slash,
  }
}

/** proc's links (exe, cwd, fd/N) lead to an object, not to a name. */
function magicLink(inode: Inode, p: Process): Path | Errno | undefined {
  return (inode as { follow?: (p: Process) => Path | Errno | undefined }).follow?.(p)
}

/** `..`: not above the process's root, and out of what is mounted. */
export function parentOf(p: Process, path: Path): Path {
  if (path.mount === p.root.mount && path.dentry === p.root.dentry) return path
  const up = followUp(path)
  if (up.mount === p.root.mount && up.dentry === p.root.dentry) return up
  const parent = up.dentry.parent ?? up.dentry
  return followDown(up.mount, parent)
}

/** The existing place that a name leads to. */
export function lookup(p: Process, name: string, follow = true): Path | Errno {
  const failed = walk(p, name, follow, name.charCodeAt(0) === SLASH ? p.root : p.cwd)
  if (failed) return failed
  const { mount, dentry, slash } = end
  if (!mount || !dentry) return ENOENT
  if (slash && !isDir(dentry.inode.mode)) return ENOTDIR
  dentry.inode.revalidate(p)
  return { mount, dentry }
}

/** May this be written to, as far as mounts and file systems say? */
export const readOnly = (path: Path): boolean => (path.mount.flags & MS_RDONLY) !== 0 || path.mount.fs.readOnly

/** Makes a node: mkdir(2), mknod(2), symlink(2), open(2) with O_CREAT. */
export function create(p: Process, target: Target, init: Omit<NodeInit, 'uid' | 'gid'>): Path | Errno {
  if (target.path) return EEXIST
  if (target.slash && !isDir(init.mode)) return ENOENT
  const dir = target.dir.dentry.inode
  if (target.dir.dentry.deleted) return ENOENT
  if (readOnly(target.dir)) return EROFS
  const denied = permission(p, dir, W_OK | X_OK)
  if (denied) return denied
  const setgid = dir.mode & 0o2000
  const gid = setgid ? dir.gid : p.cred.fsgid
  const mode = setgid && isDir(init.mode) ? init.mode | 0o2000 : init.mode
  const inode = dir.create(target.name, { ...init, mode, uid: p.cred.fsuid, gid })
  if (isErr(inode)) return inode
  return { mount: target.dir.mount, dentry: target.dir.dentry.child(target.name, inode) }
}

/** The sticky bit: only owners remove. */
function mayDelete(p: Process, dir: Inode, victim: Inode): Errno | undefined {
  const denied = permission(p, dir, W_OK | X_OK)
  if (denied) return denied
  if (
    dir.mode & S_ISVTX &&
    p.cred.fsuid !== victim.uid &&
    p.cred.fsuid !== dir.uid &&
    !capableOver(p, 'FOWNER', victim)
  )
    return EPERM
  return undefined
}

/** unlink(2) and rmdir(2). */
export function remove(p: Process, name: string, directory: boolean): Errno | undefined {
  const target = resolve(p, name, false)
  if (isErr(target)) return target
  if (target.name === '.' || target.name === '..')
    return directory ? (target.name === '.' ? EINVAL : ENOTEMPTY) : EISDIR
  if (!target.path) return ENOENT
  const victim = target.path.dentry.inode
  if (directory && !isDir(victim.mode)) return ENOTDIR
  if (!directory && isDir(victim.mode)) return EISDIR
  if (target.slash && !isDir(victim.mode)) return ENOTDIR
  if (readOnly(target.dir)) return EROFS
  const denied = mayDelete(p, target.dir.dentry.inode, victim)
  if (denied) return denied
  if (target.path.dentry === target.path.mount.root || target.path.dentry.mounted > 0) return EBUSY
  const dir = target.dir.dentry.inode
  const failed = directory ? dir.rmdir(target.name) : dir.unlink(target.name)
  if (failed) return failed
  target.dir.dentry.forget(target.name)
  return undefined
}

/** rename(2). */
export function rename(p: Process, fromName: string, toName: string): Errno | undefined {
  const from = resolve(p, fromName, false)
  if (isErr(from)) return from
  const to = resolve(p, toName, false)
  if (isErr(to)) return to
  if (['.', '..'].includes(from.name) || ['.', '..'].includes(to.name)) return EBUSY
  if (!from.path) return ENOENT
  if (from.dir.mount !== to.dir.mount) return EXDEV
  if (readOnly(from.dir)) return EROFS
  const moved = from.path.dentry.inode
  if ((from.slash || to.slash) && !isDir(moved.mode)) return ENOTDIR
  const denied =
    mayDelete(p, from.dir.dentry.inode, moved) ??
    (to.path
      ? mayDelete(p, to.dir.dentry.inode, to.path.dentry.inode)
      : permission(p, to.dir.dentry.inode, W_OK | X_OK))
  if (denied) return denied
  if (from.path.dentry.mounted > 0 || from.path.dentry === from.path.mount.root || to.path?.dentry.mounted) return EBUSY
  for (let at: Dentry | undefined = to.dir.dentry; at; at = at.parent) if (at === from.path.dentry) return EINVAL
  if (to.path) {
    const over = to.path.dentry.inode
    if (over === moved) return undefined
    if (isDir(moved.mode) && !isDir(over.mode)) return ENOTDIR
    if (!isDir(moved.mode) && isDir(over.mode)) return EISDIR
  }
  const failed = from.dir.dentry.inode.rename(from.name, to.dir.dentry.inode, to.name)
  if (failed) return failed
  to.dir.dentry.forget(to.name)
  const dentry = from.path.dentry
  from.dir.dentry.remove(from.name)
  const now = to.dir.dentry.inode.lookup(to.name, p)
  if (!isErr(now) && now === dentry.inode) {
    dentry.name = to.name
    dentry.parent = to.dir.dentry
    to.dir.dentry.put(dentry)
  }
  return undefined
}

/** link(2). */
export function link(p: Process, fromName: string, toName: string): Errno | undefined {
  const from = lookup(p, fromName, false)
  if (isErr(from)) return from
  const to = resolve(p, toName, false)
  if (isErr(to)) return to
  if (to.path) return EEXIST
  if (from.mount !== to.dir.mount) return EXDEV
  if (isDir(from.dentry.inode.mode)) return EPERM
  if (readOnly(to.dir)) return EROFS
  const denied = permission(p, to.dir.dentry.inode, W_OK | X_OK)
  if (denied) return denied
  return to.dir.dentry.inode.link(to.name, from.dentry.inode)
}

/** Attributes that only the owner, or who has CAP_FOWNER, may change. */
export function ownerOrCapable(p: Process, inode: Inode): boolean {
  return p.cred.fsuid === inode.uid || capableOver(p, 'FOWNER', inode)
}
export const fileTypeOf = (mode: number): number => mode & S_IFMT
export const directoryMode = (mode: number): number => S_IFDIR | (mode & 0o7777)
