/** System calls on file descriptors: open, read, write, dup, pipe, poll, ioctl. */
import {
  EACCES,
  EAGAIN,
  EBADF,
  EEXIST,
  EFBIG,
  EINTR,
  EINVAL,
  EISDIR,
  ELOOP,
  EMFILE,
  ENOENT,
  ENOTDIR,
  ENOTTY,
  ENXIO,
  EOPNOTSUPP,
  EPERM,
  EROFS,
  type Errno,
  ESPIPE,
  isErr,
} from '../../../base/errno.ts'
import type { Fd, PollFd, Run } from '../abi.ts'
import {
  isBlk,
  isChr,
  isDir,
  isFifo,
  isLink,
  isReg,
  isSock,
  MS_NODEV,
  major,
  minor,
  O_ACCMODE,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  R_OK,
  S_IFMT,
  S_IFREG,
  W_OK,
} from '../fs/flags.ts'
import { type DirEntry, type FileOps, type Inode, type Stat, statOf } from '../fs/inode.ts'
import { OpenFile } from '../fs/openfile.ts'
import type { Path } from '../fs/path.ts'
import { makePipe, openFifo } from '../fs/pipe.ts'
import { create, permission, readOnly, resolve } from '../fs/vfs.ts'
import type { Process } from '../process.ts'
import { SIGXFSZ } from '../signals.ts'
import { translateStat } from './files.ts'

/** Descriptors a program may hold at most whatever its limit says. */
const HARD_FDS = 65536

export function fileAt(p: Process, fd: Fd): OpenFile | Errno {
  return p.fds[fd]?.file ?? EBADF
}

/** The lowest free descriptor from `min` up refers to `file`. */
export function install(p: Process, file: OpenFile, cloexec: boolean, min = 0): Fd | Errno {
  let fd = Math.max(min, p.fdHint)
  while (p.fds[fd]) fd++
  if (fd >= Math.min(p.limits.get('nofile')?.[0] ?? 1024, HARD_FDS)) {
    if (file.refs === 0) {
      file.refs = 1
      file.close()
    }
    return EMFILE
  }
  while (p.fds.length < fd) p.fds.push(undefined)
  p.fds[fd] = { file, cloexec }
  if (min <= p.fdHint) p.fdHint = fd + 1
  file.refs++
  return fd
}

/** The device operations behind a character or block special file. */
function openDevice(p: Process, inode: Inode, flags: number): FileOps | Errno {
  if (p.cgroup.guarded) {
    const access = ['r', 'w', 'rw'][flags & O_ACCMODE] ?? 'rw'
    if (!p.cgroup.allowsDevice(isChr(inode.mode) ? 'c' : 'b', major(inode.rdev), minor(inode.rdev), access))
      return EPERM
  }
  const device = p.kernel.devices.get(inode.rdev)
  return device ? device(p, flags) : ENXIO
}

const opened = (p: Process, path: Path, flags: number, ops: FileOps | undefined): Fd | Errno =>
  install(
    p,
    new OpenFile(path.dentry.inode, flags & ~(O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC), path, ops),
    (flags & O_CLOEXEC) !== 0,
  )
function* openedFifo(p: Process, path: Path, flags: number): Run<Fd | Errno> {
  const ops = yield* openFifo(path.dentry.inode, flags)
  return isErr(ops) ? ops : opened(p, path, flags, ops)
}

/** Who holds a file's lock. */
const locks = new WeakMap<Inode, OpenFile>()

/** @restartable */
export const descriptorCalls = {
  open(p: Process, name: string, flags: number, mode = 0o666): Fd | Errno | Run<Fd | Errno> {
    const target = resolve(p, name, !(flags & O_NOFOLLOW) && !((flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0))
    if (isErr(target)) return target
    let path = target.path
    let created = false
    if (!path) {
      if (!(flags & O_CREAT)) return ENOENT
      if (target.slash) return EISDIR
      const made = create(p, target, { mode: S_IFREG | (mode & 0o7777 & ~p.umask) })
      if (isErr(made)) return made
      path = made
      created = true
    } else if (flags & O_CREAT && flags & O_EXCL) return EEXIST
    const { inode } = path.dentry
    if (target.slash && !isDir(inode.mode)) return ENOTDIR
    if (flags & O_DIRECTORY && !isDir(inode.mode)) return ENOTDIR
    if (isLink(inode.mode) && !(flags & O_PATH)) return ELOOP
    const access = flags & O_ACCMODE
    const writing = access !== O_RDONLY || (flags & O_TRUNC) !== 0
    if (isDir(inode.mode) && (writing || flags & O_CREAT)) return EISDIR
    if (!created && !(flags & O_PATH)) {
      const want = (access !== O_WRONLY ? R_OK : 0) | (writing ? W_OK : 0)
      const denied = permission(p, inode, want)
      if (denied) return denied
    }
    if (writing && readOnly(path) && (isReg(inode.mode) || isDir(inode.mode))) return EROFS
    let ops: FileOps | undefined
    if (!(flags & O_PATH)) {
      if (isSock(inode.mode)) return ENXIO
      if (isFifo(inode.mode)) return openedFifo(p, path, flags)
      let own = inode.open(flags, p)
      if (own === undefined && (isChr(inode.mode) || isBlk(inode.mode)))
        own = path.mount.flags & MS_NODEV ? EACCES : openDevice(p, inode, flags)
      if (isErr(own)) return own
      ops = own
      if (flags & O_TRUNC && isReg(inode.mode) && !created && !ops) {
        const failed = inode.truncate(0)
        if (failed) return failed
      }
    }
    return opened(p, path, flags, ops)
  },
  close(p: Process, fd: Fd): Errno | undefined {
    const d = p.fds[fd]
    if (!d) return EBADF
    p.fds[fd] = undefined
    if (fd < p.fdHint) p.fdHint = fd
    d.file.close()
    return undefined
  },
  closeRange(p: Process, first: Fd): undefined {
    const closed = p.fds.slice(first)
    p.fds = p.fds.slice(0, first)
    p.fdHint = Math.min(p.fdHint, first)
    for (const d of closed) d?.file.close()
  },
  read(p: Process, fd: Fd, count: number): Uint8Array | Errno | Run<Uint8Array | Errno> {
    const file = fileAt(p, fd)
    if (isErr(file)) return file
    if ((file.flags & O_ACCMODE) === O_WRONLY) return EBADF
    if (file.ops?.read) {
      const got = file.ops.read(file, count, p)
      // What comes out of a pipe or a socket was paid for by who wrote it.
      if (got instanceof Uint8Array && !file.ops.stream) copyTime(p, got.length)
      return got
    }
    if (file.ops) return EINVAL
    if (isDir(file.inode.mode)) return EISDIR
    const bytes = file.inode.read(file.offset, count)
    if (isErr(bytes)) return bytes
    file.offset += bytes.length
    copyTime(p, bytes.length)
    return diskTime(p, file, 'r', bytes.length, bytes)
  },
  write(p: Process, fd: Fd, bytes: Uint8Array): number | Errno | Run<number | Errno> {
    const file = fileAt(p, fd)
    if (isErr(file)) return file
    if ((file.flags & O_ACCMODE) === O_RDONLY) return EBADF
    copyTime(p, bytes.length)
    if (file.ops?.write) return file.ops.write(file, bytes, p)
    if (file.ops) return EINVAL
    const most = p.limits.get('fsize')?.[0] ?? Number.POSITIVE_INFINITY
    if (isReg(file.inode.mode) && file.offset + bytes.length > most) {
      if (file.offset >= most) {
        p.kernel.signal(p.leader, SIGXFSZ, undefined)
        return EFBIG
      }
      bytes = bytes.subarray(0, most - file.offset)
    }
    if (file.flags & O_APPEND) file.offset = file.inode.size
    const n = file.inode.write(file.offset, bytes)
    if (!isErr(n)) {
      file.offset += n
      dropSetid(p, file.inode)
      return diskTime(p, file, 'w', n, n)
    }
    return n
  },
  pread(p: Process, fd: Fd, count: number, offset: number): Uint8Array | Errno {
    const file = fileAt(p, fd)
    if (isErr(file)) return file
    if (file.ops) return ESPIPE
    return isDir(file.inode.mode) ? EISDIR : file.inode.read(offset, count)
  },
  pwrite(p: Process, fd: Fd, bytes: Uint8Array, offset: number): number | Errno {
    const file = fileAt(p, fd)
    if (isErr(file)) return file
    if (file.ops) return ESPIPE
    if ((file.flags & O_ACCMODE) === O_RDONLY) return EBADF
    return file.inode.write(offset, bytes)
  },
  lseek(p: Process, fd: Fd, offset: number, whence: 'set' | 'cur' | 'end'): number | Errno {
    const file = fileAt(p, fd)
    if (isErr(file)) return file
    if (file.ops?.stream) return ESPIPE
    const to = offset + (whence === 'set' ? 0 : whence === 'cur' ? file.offset : file.inode.size)
    if (to < 0) return EINVAL
    file.offset = to
    return to
  },
  dup(p: Process, fd: Fd): Fd | Errno {
    const file = fileAt(p, fd)
    return isErr(file) ? file : install(p, file, false)
  },
  dup2(p: Process, fd: Fd, to: Fd): Fd | Errno {
    const file = fileAt(p, fd)
    if (isErr(file)) return file
    if (to < 0 || to >= HARD_FDS) return EBADF
    if (fd === to) return to
    file.refs++
    p.fds[to]?.file.close()
    while (p.fds.length < to) p.fds.push(undefined)
    p.fds[to] = { file, cloexec: false }
    return to
  },
  dupfd(p: Process, fd: Fd, min: Fd, cloexec: boolean): Fd | Errno {
    const file = fileAt(p, fd)
    return isErr(file) ? file : install(p, file, cloexec, min)
  },
  setCloexec(p: Process, fd: Fd, on: boolean): Errno | undefined {
    const d = p.fds[fd]
    if (!d) return EBADF
    p.fds[fd] = { file: d.file, cloexec: on }
    return undefined
  },
  setNonblock(p: Process, fd: Fd, on: boolean): Errno | undefined {
    const file = fileAt(p, fd)
    if (isErr(file)) return file
    file.flags = on ? file.flags | O_NONBLOCK : file.flags & ~O_NONBLOCK
    return undefined
  },
  pipe(p: Process): readonly [Fd, Fd] | Errno {
    const [read, write] = makePipe(p.kernel.pipeFs, p.cred.fsuid, p.cred.fsgid)
    const r = install(p, read, false)
    if (isErr(r)) return r
    const w = install(p, write, false)
    if (isErr(w)) {
      p.fds[r]?.file.close()
      p.fds[r] = undefined
      p.fdHint = Math.min(p.fdHint, r)
      return w
    }
    return [r, w]
  },
  fstat(p: Process, fd: Fd): Stat | Errno {
    const file = fileAt(p, fd)
    if (isErr(file)) return file
    file.inode.revalidate(p)
    return translateStat(p, statOf(file.inode))
  },
  ftruncate(p: Process, fd: Fd, size: number): Errno | undefined {
    const file = fileAt(p, fd)
    if (isErr(file)) return file
    if ((file.flags & O_ACCMODE) === O_RDONLY) return EINVAL
    return file.inode.truncate(size)
  },
  getdents(p: Process, fd: Fd): readonly DirEntry[] | Errno {
    const file = fileAt(p, fd)
    if (isErr(file)) return file
    if (!isDir(file.inode.mode)) return ENOTDIR
    const entries = file.inode.list(p)
    if (isErr(entries)) return entries
    const self = { ino: file.inode.ino, type: file.inode.mode & S_IFMT }
    const parent = file.path?.dentry.parent?.inode ?? file.inode
    return [{ name: '.', ...self }, { name: '..', ino: parent.ino, type: self.type }, ...entries]
  },
  *poll(p: Process, fds: readonly PollFd[], timeout?: number): Run<readonly Fd[] | Errno> {
    const deadline = timeout === undefined ? undefined : p.kernel.clock.now + timeout
    for (;;) {
      const ready: Fd[] = []
      const queues = []
      for (const { fd, read, write } of fds) {
        const file = fileAt(p, fd)
        if (isErr(file)) {
          ready.push(fd)
          continue
        }
        const state = file.ops?.poll?.(file)
        if (!state) ready.push(fd)
        else if ((read && state.readable) || (write && state.writable)) ready.push(fd)
        else queues.push(...state.queues)
      }
      if (ready.length > 0 || (deadline !== undefined && p.kernel.clock.now >= deadline)) return ready
      if (p.signalPending) return EINTR
      yield deadline === undefined ? { kind: 'sleep', queues } : { kind: 'sleep', queues, deadline }
    }
  },
  flock(p: Process, fd: Fd, how: 'exclusive' | 'unlock'): Errno | undefined {
    const file = fileAt(p, fd)
    if (isErr(file)) return file
    const { inode } = file
    if (!inode.lockable) return EOPNOTSUPP
    const holder = locks.get(inode)
    if (how === 'unlock') {
      if (holder === file) locks.delete(inode)
      return undefined
    }
    // A lock ends with its open file, flock(2).
    if (holder && holder !== file && holder.refs > 0) return EAGAIN
    locks.set(inode, file)
    return undefined
  },
  ioctl(p: Process, fd: Fd, request: string, arg?: unknown): unknown {
    const file = fileAt(p, fd)
    if (isErr(file)) return file
    return file.ops?.ioctl ? file.ops.ioctl(file, request, arg, p) : ENOTTY
  },
}

/** Copying between kernel and program takes time: a gigabyte in half a second. */
function copyTime(p: Process, bytes: number): void {
  if (bytes <= 4096) return
  p.kernel.useTime(p, 0, bytes >> 1)
  p.slice -= bytes >> 16
}

/** Books bytes in io.stat of a disk's file, and waits as long as io.max asks. `result` is what the call then answers. */
function diskTime<T>(p: Process, file: OpenFile, way: 'r' | 'w', bytes: number, result: T): T | Run<T> {
  const disk = file.inode.fs.backing ?? file.inode.fs
  if (disk.dev < 0x100000 || bytes === 0) return result
  const device = `${major(disk.dev)}:${minor(disk.dev) & ~15}`
  let delay = 0
  for (let g: typeof p.cgroup | undefined = p.cgroup; g?.parent; g = g.parent) {
    const s = g.ioStat.get(device) ?? { rbytes: 0, wbytes: 0, rios: 0, wios: 0 }
    s[`${way}bytes`] += bytes
    s[`${way}ios`]++
    g.ioStat.set(device, s)
    const limits = g.ioMax.get(device)
    if (limits) delay = Math.max(delay, (bytes / limits[`${way}bps`]) * 1e9, 1e9 / limits[`${way}iops`])
  }
  return delay >= 1000 ? delayed(p, delay, result) : result
}
function* delayed<T>(p: Process, delay: number, result: T): Run<T> {
  const deadline = p.kernel.clock.now + Math.round(delay)
  while (p.kernel.clock.now < deadline) yield { kind: 'sleep', queues: [], deadline }
  return result
}

/** Writing takes setuid and setgid away, unless by who may keep them. */
function dropSetid(p: Process, inode: Inode): void {
  if (inode.mode & 0o6000 && p.cred.fsuid !== 0) inode.setattr({ mode: inode.mode & 0o1777 })
}
