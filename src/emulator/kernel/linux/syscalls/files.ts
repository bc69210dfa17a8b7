/** System calls on files by their names. */
import { EACCES, EBADF, EINVAL, ENOENT, ENOTDIR, EPERM, EROFS, type Errno, isErr } from '../../../base/errno.ts'
import type { Fd } from '../abi.ts'
import {
  isDir,
  isReg,
  major,
  minor,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
  W_OK,
  X_OK,
} from '../fs/flags.ts'
import { type Inode, type Stat, type StatFs, statOf } from '../fs/inode.ts'
import { type Path, pathName } from '../fs/path.ts'
import {
  capableOver,
  create,
  link,
  lookup,
  ownerOrCapable,
  permission,
  readOnly,
  remove,
  rename,
  resolve,
} from '../fs/vfs.ts'
import { fromKernelId, toKernelId } from '../namespaces.ts'
import type { Process } from '../process.ts'

/** A stat with owners as the process's user namespace shows them. */
export function translateStat(p: Process, s: Stat): Stat {
  if (!p.ns.user.parent) return s
  return { ...s, uid: fromKernelId(p.ns.user, s.uid, 'uid'), gid: fromKernelId(p.ns.user, s.gid, 'gid') }
}
function statAt(p: Process, name: string, follow: boolean): Stat | Errno {
  const path = lookup(p, name, follow)
  return isErr(path) ? path : translateStat(p, statOf(path.dentry.inode))
}

function changeMode(p: Process, path: Path, mode: number): Errno | undefined {
  if (readOnly(path)) return EROFS
  const { inode } = path.dentry
  if (!ownerOrCapable(p, inode)) return EPERM
  return inode.setattr({ mode })
}
function changeOwner(p: Process, path: Path, uid: number, gid: number): Errno | undefined {
  if (readOnly(path)) return EROFS
  const { inode } = path.dentry
  const u = uid < 0 ? inode.uid : toKernelId(p.ns.user, uid, 'uid')
  const g = gid < 0 ? inode.gid : toKernelId(p.ns.user, gid, 'gid')
  if (u === undefined || g === undefined) return EINVAL
  const ownGroup = p.cred.fsuid === inode.uid && (g === p.cred.fsgid || p.cred.groups.includes(g))
  if (!capableOver(p, 'CHOWN', inode) && !(u === inode.uid && (g === inode.gid || ownGroup))) return EPERM
  // A change of owner takes setuid and setgid away from programs, chown(2).
  const mode = isReg(inode.mode) && inode.mode & 0o111 ? inode.mode & ~0o6000 : inode.mode
  return inode.setattr(mode === inode.mode ? { uid: u, gid: g } : { uid: u, gid: g, mode })
}
function byFd(p: Process, fd: Fd): Path | Inode | Errno {
  const file = p.fds[fd]?.file
  return file ? (file.path ?? file.inode) : EBADF
}

/** @restartable */
export const fileCalls = {
  stat: (p: Process, name: string): Stat | Errno => statAt(p, name, true),
  lstat: (p: Process, name: string): Stat | Errno => statAt(p, name, false),
  access(p: Process, name: string, mode: number): Errno | undefined {
    const path = lookup(p, name)
    if (isErr(path)) return path
    const { inode } = path.dentry
    if (mode & W_OK && readOnly(path) && (isReg(inode.mode) || isDir(inode.mode))) return EROFS
    return mode === 0 ? undefined : permission(p, inode, mode)
  },
  readlink(p: Process, name: string): string | Errno {
    const path = lookup(p, name, false)
    return isErr(path) ? path : path.dentry.inode.readlink(p)
  },
  mkdir(p: Process, name: string, mode = 0o777): Errno | undefined {
    const target = resolve(p, name, false)
    if (isErr(target)) return target
    const made = create(p, target, { mode: S_IFDIR | (mode & 0o7777 & ~p.umask) })
    return isErr(made) ? made : undefined
  },
  rmdir: (p: Process, name: string): Errno | undefined => remove(p, name, true),
  unlink: (p: Process, name: string): Errno | undefined => remove(p, name, false),
  link,
  symlink(p: Process, destination: string, name: string): Errno | undefined {
    if (destination === '') return ENOENT
    const target = resolve(p, name, false)
    if (isErr(target)) return target
    const made = create(p, target, { mode: S_IFLNK | 0o777, target: destination })
    return isErr(made) ? made : undefined
  },
  rename,
  mknod(p: Process, name: string, mode: number, rdev = 0): Errno | undefined {
    const type = mode & S_IFMT || S_IFREG
    if (type === S_IFDIR) return EPERM
    const target = resolve(p, name, false)
    if (isErr(target)) return target
    // Device nodes need CAP_MKNOD in the initial user namespace; fifos, sockets, files and whiteouts (Linux 5.8) don't, mknod(2).
    const device = type !== S_IFIFO && type !== S_IFSOCK && type !== S_IFREG && (type !== S_IFCHR || rdev !== 0)
    if (device && !p.kernel.capable(p, 'MKNOD')) return EPERM
    if (device && !p.cgroup.allowsDevice(type === S_IFCHR ? 'c' : 'b', major(rdev), minor(rdev), 'm')) return EPERM
    const made = create(p, target, { mode: type | (mode & 0o7777 & ~p.umask), rdev })
    return isErr(made) ? made : undefined
  },
  chmod(p: Process, name: string, mode: number): Errno | undefined {
    const path = lookup(p, name)
    return isErr(path) ? path : changeMode(p, path, mode)
  },
  fchmod(p: Process, fd: Fd, mode: number): Errno | undefined {
    const at = byFd(p, fd)
    if (isErr(at)) return at
    return 'dentry' in at ? changeMode(p, at, mode) : at.setattr({ mode })
  },
  chown(p: Process, name: string, uid: number, gid: number): Errno | undefined {
    const path = lookup(p, name)
    return isErr(path) ? path : changeOwner(p, path, uid, gid)
  },
  lchown(p: Process, name: string, uid: number, gid: number): Errno | undefined {
    const path = lookup(p, name, false)
    return isErr(path) ? path : changeOwner(p, path, uid, gid)
  },
  fchown(p: Process, fd: Fd, uid: number, gid: number): Errno | undefined {
    const at = byFd(p, fd)
    if (isErr(at)) return at
    return 'dentry' in at ? changeOwner(p, at, uid, gid) : at.setattr({ uid, gid })
  },
  truncate(p: Process, name: string, size: number): Errno | undefined {
    const path = lookup(p, name)
    if (isErr(path)) return path
    if (size < 0) return EINVAL
    const denied = readOnly(path) ? EROFS : permission(p, path.dentry.inode, W_OK)
    return denied ?? path.dentry.inode.truncate(size)
  },
  utimens(
    p: Process,
    name: string,
    atime?: number | 'omit',
    mtime?: number | 'omit',
    follow = true,
  ): Errno | undefined {
    const path = lookup(p, name, follow)
    if (isErr(path)) return path
    if (readOnly(path)) return EROFS
    const { inode } = path.dentry
    const now = p.kernel.realtime
    if (!ownerOrCapable(p, inode)) {
      if (atime !== undefined || mtime !== undefined) return EPERM
      if (permission(p, inode, W_OK)) return EACCES
    }
    return inode.setattr({
      ...(atime === 'omit' ? {} : { atime: atime ?? now }),
      ...(mtime === 'omit' ? {} : { mtime: mtime ?? now }),
    })
  },
  statfs(p: Process, name: string): StatFs | Errno {
    const path = lookup(p, name)
    return isErr(path) ? path : path.dentry.inode.fs.statfs()
  },
  chdir(p: Process, name: string): Errno | undefined {
    const path = lookup(p, name)
    if (isErr(path)) return path
    if (!isDir(path.dentry.inode.mode)) return ENOTDIR
    const denied = permission(p, path.dentry.inode, X_OK)
    if (denied) return denied
    p.cwd = path
    return undefined
  },
  fchdir(p: Process, fd: Fd): Errno | undefined {
    const path = p.fds[fd]?.file.path
    if (!path) return EBADF
    if (!isDir(path.dentry.inode.mode)) return ENOTDIR
    p.cwd = path
    return undefined
  },
  getcwd(p: Process): string | Errno {
    for (let d: typeof p.cwd.dentry | undefined = p.cwd.dentry; d; d = d.parent) if (d.deleted) return ENOENT
    return pathName(p.cwd, p.root) ?? ENOENT
  },
  chroot(p: Process, name: string): Errno | undefined {
    const path = lookup(p, name)
    if (isErr(path)) return path
    if (!isDir(path.dentry.inode.mode)) return ENOTDIR
    if (!p.kernel.capable(p, 'SYS_CHROOT', p.ns.user)) return EPERM
    p.root = path
    return undefined
  },
  umask(p: Process, mask: number): number {
    const old = p.umask
    p.umask = mask & 0o777
    return old
  },
}
