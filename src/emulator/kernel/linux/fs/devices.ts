/** Devices: null, zero, full, random, tty, and pseudo terminals; null(4), random(4), pts(4). */
import { ENOSPC, ENXIO, type Errno } from '../../../base/errno.ts'
import type { Kernel } from '../kernel.ts'
import type { Process } from '../process.ts'
import { Tty } from '../tty.ts'
import { makedev, O_NOCTTY, S_IFBLK, S_IFCHR, S_IFDIR } from './flags.ts'
import type { FileOps, FileSystem } from './inode.ts'
import { MemFs, type MemInode } from './memfs.ts'

/** What most ask /dev/zero for at once: nobody changes bytes that were read. */
const nothing = new Uint8Array(65536)
const zeros: FileOps = {
  read: (_f, count) =>
    count <= nothing.length ? nothing.subarray(0, count) : new Uint8Array(Math.min(count, 1 << 26)),
  write: (_f, bytes) => bytes.length,
}

/** One devpts instance: its terminals and the nodes that show them. */
interface Devpts {
  readonly fs: MemFs
  next: number
}
const instances = new WeakMap<FileSystem, Devpts>()

/** A new instance, as `mount -t devpts -o newinstance` makes (every mount does since Linux 4.7). */
export function devptsFs(kernel: Kernel, options: Map<string, string>): FileSystem {
  const mode = options.get('ptmxmode') ?? '000'
  const fs = new MemFs(
    'devpts',
    kernel.nextDev(),
    kernel.now,
    1 << 20,
    kernel.options.budget,
    `gid=5,mode=620,ptmxmode=${mode}`,
    S_IFDIR | 0o755,
  )
  instances.set(fs, { fs, next: 0 })
  fs.root.create('ptmx', { mode: S_IFCHR | Number.parseInt(mode, 8), uid: 0, gid: 0, rdev: makedev(5, 2) })
  return fs
}

/** A terminal with its node in a devpts instance. */
export function makeTty(kernel: Kernel, pts: FileSystem, uid: number): Tty {
  const instance = instances.get(pts) as Devpts
  const index = instance.next++
  const tty = new Tty(kernel, index)
  // Slave numbers are per instance, device numbers are the kernel's: so that a node in any instance finds its terminal.
  const minor = kernel.ptys.push(tty) - 1
  instance.fs.root.create(String(index), { mode: S_IFCHR | 0o620, uid, gid: 5, rdev: makedev(136, minor) })
  kernel.devices.set(makedev(136, minor), (p, flags) => openSlave(tty, p, flags))
  return tty
}
function openSlave(tty: Tty, p: Process, flags: number): FileOps {
  // A session leader without a terminal gets the one it opens, unless it says O_NOCTTY.
  if (!(flags & O_NOCTTY) && p.session.leader === p && !p.session.tty && !tty.session) tty.ioctl('TIOCSCTTY', 0, p)
  return tty.slaveOps()
}
/** The instance mounted at /dev/pts of a process, for /dev/ptmx. */
function ptsOf(p: Process): FileSystem | undefined {
  for (const m of p.ns.mnt.mounts) if (m.fs.type === 'devpts') return m.fs
  return undefined
}

/** A disk with one partition, `/dev/sda1`: block special files, and the file system that mount(2) finds by them. */
export function addDisk(kernel: Kernel, fs: FileSystem, source: string): void {
  const m = /^\/dev\/((s|v)d([a-z]))(\d+)$/.exec(source)
  if (!m || !(fs instanceof MemFs)) return
  const [, disk = '', family, letter = 'a', partition] = m
  const major = family === 's' ? 8 : 254
  const first = (letter.charCodeAt(0) - 97) * 16
  for (const [name, minor] of [
    [disk, first],
    [`${disk}${partition}`, first + Number(partition)],
  ] as const)
    kernel.devtmpfs.root.create(name, { mode: S_IFBLK | 0o660, uid: 0, gid: 6, rdev: makedev(major, minor) })
  fs.dev = makedev(major, first + Number(partition))
  kernel.blockDevices.set(`${major}:${first}`, disk)
  kernel.disks.set(source, fs)
}

/** Fills the kernel's device table and devtmpfs. */
export function makeDevices(kernel: Kernel): MemFs {
  const set = (major: number, minor: number, open: (p: Process, flags: number) => FileOps | Errno): void =>
    void kernel.devices.set(makedev(major, minor), open)
  set(1, 3, () => ({ read: () => new Uint8Array(0), write: (_f, bytes) => bytes.length }))
  set(1, 5, () => zeros)
  set(1, 7, () => ({ ...zeros, write: () => ENOSPC }))
  const random: FileOps = {
    read: (_f, count) => kernel.random.bytes(Math.min(count, 1 << 20)),
    write: (_f, bytes) => bytes.length,
  }
  set(1, 8, () => random)
  set(1, 9, () => random)
  set(5, 0, (p) => p.session.tty?.slaveOps() ?? ENXIO)
  set(5, 1, (p) => p.session.tty?.slaveOps() ?? ENXIO)
  set(5, 2, (p) => {
    const pts = ptsOf(p)
    return pts ? makeTty(kernel, pts, p.cred.fsuid).masterOps() : ENXIO
  })
  const fs = new MemFs(
    'devtmpfs',
    kernel.nextDev(),
    kernel.now,
    kernel.options.memory / 2,
    kernel.options.budget,
    `size=${Math.floor(kernel.options.memory / 2048)}k,nr_inodes=4096,mode=755`,
    S_IFDIR | 0o755,
  )
  const node = (name: string, major: number, minor: number, mode = 0o666): MemInode | Errno =>
    fs.root.create(name, { mode: S_IFCHR | mode, uid: 0, gid: 0, rdev: makedev(major, minor) })
  node('null', 1, 3)
  node('zero', 1, 5)
  node('full', 1, 7)
  node('random', 1, 8)
  node('urandom', 1, 9)
  node('tty', 5, 0)
  node('console', 5, 1, 0o600)
  node('ptmx', 5, 2)
  node('kmsg', 1, 11, 0o644)
  for (const [name, target] of [
    ['fd', '/proc/self/fd'],
    ['stdin', '/proc/self/fd/0'],
    ['stdout', '/proc/self/fd/1'],
    ['stderr', '/proc/self/fd/2'],
  ] as const)
    fs.root.create(name, { mode: 0o120777, uid: 0, gid: 0, target })
  for (const dir of ['pts', 'shm', 'mqueue'])
    fs.root.create(dir, { mode: S_IFDIR | (dir === 'shm' ? 0o1777 : 0o755), uid: 0, gid: 0 })
  return fs
}
