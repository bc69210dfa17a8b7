/** The file systems that mount(2) knows by name. */
import { EINVAL, ENODEV, ENOMEM, ENOTBLK, ENOTDIR, ENXIO, EROFS, type Errno, isErr } from '../../../base/errno.ts'
import { SmallMap } from '../../../base/smallmap.ts'
import type { Cgroup } from '../cgroup.ts'
import type { Kernel } from '../kernel.ts'
import { toKernelId } from '../namespaces.ts'
import { CgroupFs } from '../proc/cgroupfs.ts'
import { makeProc } from '../proc/procfs.ts'
import { makeSysfs } from '../proc/sysfs.ts'
import type { Process } from '../process.ts'
import { devptsFs } from './devices.ts'
import { isBlk, isDir, S_IFDIR } from './flags.ts'
import type { FileSystem, Inode } from './inode.ts'
import { MemFs, type PageAccount } from './memfs.ts'
import { queuesOf } from './mqueue.ts'
import { OverlayFs } from './overlay.ts'
import { lookup } from './vfs.ts'

/** /proc/filesystems. */
export const fileSystemTypes: readonly string[] = [
  'sysfs',
  'tmpfs',
  'proc',
  'cgroup2',
  'devtmpfs',
  'devpts',
  'mqueue',
  'overlay',
  'ext4',
]

/** `a=1,b` as mount(8) passes it. */
export function parseOptions(data: string): Map<string, string> {
  return new Map(
    data
      .split(',')
      .filter((o) => o !== '')
      .map((o) => {
        const at = o.indexOf('=')
        return at < 0 ? [o, ''] : [o.slice(0, at), o.slice(at + 1)]
      }),
  )
}

/** Bytes of `64m`, `65536k`, `1g`, `50%` (of memory). */
function parseSize(text: string, memory: number): number | undefined {
  const m = /^(\d+)([kmg%]?)$/i.exec(text)
  if (!m) return undefined
  const n = Number(m[1])
  const unit = (m[2] ?? '').toLowerCase()
  return unit === '%' ? Math.floor((memory * n) / 100) : n * ({ '': 1, k: 1024, m: 1048576, g: 1073741824 }[unit] ?? 1)
}

/** A new super block of that type, or why there can't be one. */
export function createFileSystem(
  kernel: Kernel,
  type: string,
  source: string,
  data: string,
  p: Process | undefined,
): FileSystem | Errno {
  const options = parseOptions(data)
  switch (type) {
    case 'tmpfs': {
      const fs = new MemFs('tmpfs', kernel.nextDev(), kernel.now, 0, kernel.options.budget, '', S_IFDIR | 0o1777)
      const failed = tmpfsOptions(kernel, fs, options, p)
      if (failed) return failed
      fs.remount = (more) => tmpfsOptions(kernel, fs, parseOptions(`${data},${more}`), p)
      fs.pages = new TmpfsPages(kernel)
      return fs
    }
    case 'devtmpfs':
      return kernel.devtmpfs
    case 'mqueue':
      return queuesOf(kernel, p?.ns.ipc ?? kernel.initial.ipc)
    case 'proc':
      return makeProc(kernel, p?.ns.pid ?? kernel.initial.pid)
    case 'sysfs':
      return makeSysfs(kernel)
    case 'cgroup2':
      return new CgroupFs(kernel, p?.ns.cgroup.root ?? kernel.rootCgroup)
    case 'devpts':
      return devptsFs(kernel, options)
    case 'overlay':
      return p ? overlay(kernel, options, data, p) : EINVAL
    default: {
      // Folders of the host, by the tag under which the hypervisor offers them.
      const share = kernel.shares.get(source)
      if (share) return share.type === type ? share : EINVAL
      if (!fileSystemTypes.includes(type)) return ENODEV
      if (!p) return EINVAL
      const path = lookup(p, source)
      if (isErr(path)) return path
      const { inode } = path.dentry
      if (!isBlk(inode.mode)) return ENOTBLK
      const disk = [...kernel.disks.values()].find((d) => d.dev === inode.rdev)
      return disk ? (disk.type === type ? disk : EINVAL) : ENXIO
    }
  }
}

/** Charges a tmpfs's pages to the memory cgroup of whoever runs. */
class TmpfsPages implements PageAccount {
  readonly #kernel: Kernel
  readonly #paid = new SmallMap<Cgroup, number>()
  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }
  #book(group: Cgroup, bytes: number): void {
    for (let at: Cgroup | undefined = group; at; at = at.parent) at.shmem += bytes
    this.#paid.set(group, (this.#paid.get(group) ?? 0) + bytes)
  }
  take(bytes: number): Errno | undefined {
    const p = this.#kernel.scheduler.current
    const group = p?.cgroup ?? this.#kernel.rootCgroup
    for (let tries = 0; tries < 100; tries++) {
      const full = group.charge(bytes)
      if (!full) {
        this.#book(group, bytes)
        return undefined
      }
      if (!p) break
      this.#kernel.outOfMemory(full, p)
      if (!p.alive) break
    }
    return ENOMEM
  }
  give(bytes: number): void {
    let left = bytes
    for (const [group, has] of this.#paid) {
      const part = Math.min(left, has)
      if (part <= 0) continue
      group.charge(-part)
      this.#book(group, -part)
      left -= part
    }
  }
}

/** tmpfs(5)'s options, at the mount and at a remount. EINVAL for one it doesn't know. */
function tmpfsOptions(
  kernel: Kernel,
  fs: MemFs,
  options: Map<string, string>,
  p: Process | undefined,
): Errno | undefined {
  const shown: string[] = []
  let limit = kernel.options.memory / 2
  for (const [name, value] of options) {
    switch (name) {
      case 'size': {
        const size = parseSize(value, kernel.options.memory)
        if (size === undefined) return EINVAL
        limit = size || kernel.options.memory
        shown.push(`size=${Math.ceil(size / 1024)}k`)
        break
      }
      case 'mode': {
        if (!/^[0-7]+$/.test(value)) return EINVAL
        fs.root.mode = S_IFDIR | (Number.parseInt(value, 8) & 0o7777)
        shown.push(`mode=${Number.parseInt(value, 8).toString(8)}`)
        break
      }
      case 'uid':
      case 'gid': {
        const id = toKernelId(p?.ns.user ?? kernel.initial.user, Number(value), name)
        if (id === undefined || Number.isNaN(id)) return EINVAL
        fs.root[name] = id
        shown.push(`${name}=${value}`)
        break
      }
      case 'nr_inodes':
        fs.inodeLimit = parseSize(value, 0) || Number.POSITIVE_INFINITY
        shown.push(`nr_inodes=${value}`)
        break
      case 'inode64':
      case 'noswap':
        shown.push(name)
        break
      default:
        kernel.printk(`tmpfs: Unknown parameter '${name}'`)
        return EINVAL
    }
  }
  const blocks = Math.ceil(fs.used / 4096) * 4096
  if (limit < blocks) return EINVAL
  fs.limit = limit
  // In the kernel's order, whatever the caller's.
  const rank = (o: string): number => ['size', 'nr_inodes', 'mode', 'uid', 'gid'].indexOf(o.split('=')[0] ?? '')
  fs.shownOptions = shown.sort((a, b) => rank(a) - rank(b)).join(',')
  if (p?.ns.user.parent && !options.has('uid')) fs.root.uid = p.cred.fsuid
  if (p?.ns.user.parent && !options.has('gid')) fs.root.gid = p.cred.fsgid
  return undefined
}

const overlayFlags = /^(redirect_dir|index|metacopy|xino|userxattr|volatile|nfs_export|uuid)$/
/** An overlay over the directories its options name, overlayfs.rst. */
function overlay(kernel: Kernel, options: Map<string, string>, data: string, p: Process): FileSystem | Errno {
  for (const name of options.keys())
    if (!['lowerdir', 'upperdir', 'workdir'].includes(name) && !overlayFlags.test(name)) {
      kernel.printk(`overlay: Unknown parameter '${name}'`)
      return EINVAL
    }
  const layers: Inode[] = []
  for (const name of (options.get('lowerdir') ?? '').split(/(?<!\\):/)) {
    if (name === '') {
      kernel.printk("overlayfs: missing 'lowerdir'")
      return EINVAL
    }
    const path = lookup(p, name.replace(/\\(.)/g, '$1'))
    if (isErr(path)) return path
    if (!isDir(path.dentry.inode.mode)) return ENOTDIR
    layers.push(path.dentry.inode)
  }
  const upperName = options.get('upperdir')
  if (upperName === undefined) {
    if (layers.length > 1) return new OverlayFs(kernel.nextDev(), layers, undefined, data, kernel.now)
    kernel.printk('overlayfs: at least 2 lowerdir are needed while upperdir nonexistent')
    return EINVAL
  }
  const workName = options.get('workdir')
  if (!workName) {
    kernel.printk("overlayfs: missing 'workdir'")
    return EINVAL
  }
  const upper = lookup(p, upperName)
  if (isErr(upper)) return upper
  const work = lookup(p, workName)
  if (isErr(work)) return work
  if (upper.mount !== work.mount) {
    kernel.printk('overlayfs: workdir and upperdir must reside under the same mount')
    return EINVAL
  }
  for (const [a, b] of [
    [upper.dentry, work.dentry],
    [work.dentry, upper.dentry],
  ] as const)
    for (let d: typeof a | undefined = a; d; d = d.parent)
      if (d === b) {
        kernel.printk('overlayfs: workdir and upperdir must be separate subtrees')
        return EINVAL
      }
  if (upper.mount.fs.readOnly || upper.mount.readOnly) return EROFS
  const made = work.dentry.inode.lookup('work')
  if (isErr(made)) work.dentry.inode.create('work', { mode: S_IFDIR, uid: 0, gid: 0 })
  return new OverlayFs(kernel.nextDev(), layers, upper.dentry.inode, data, kernel.now, (what, path) =>
    kernel.note('file', 'overlay', upperName, `${what} ${path}`),
  )
}
