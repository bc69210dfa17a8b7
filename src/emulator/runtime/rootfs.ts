/** The root file system of a container: mounts, devices, pivot_root, masked paths; runtime-spec config.md "Mounts". */
import { type Errno, isErr } from '../base/errno.ts'
import type { Run, Sys } from '../kernel/linux/abi.ts'
import {
  isDir,
  MS_BIND,
  MS_NOATIME,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  MS_STRICTATIME,
  MS_UNBINDABLE,
  makedev,
  O_CLOEXEC,
  O_CREAT,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  S_IFBLK,
  S_IFCHR,
} from '../kernel/linux/fs/flags.ts'
import type { Spec, SpecMount } from '../oci/runtimespec.ts'
import { readText } from '../userland/lib/io.ts'
import { makeDirs, secureJoin } from './files.ts'
import type { Words } from './flavour.ts'
import { check, InitError } from './init.ts'

/** Options of config.json that are flags of mount(2): what they set, and what they clear. Others are data for the file system. */
const mountFlags: Readonly<Record<string, readonly [set: number, clear?: number]>> = {
  ro: [MS_RDONLY],
  rro: [MS_RDONLY],
  rw: [0, MS_RDONLY],
  nosuid: [MS_NOSUID],
  suid: [0, MS_NOSUID],
  nodev: [MS_NODEV],
  dev: [0, MS_NODEV],
  noexec: [MS_NOEXEC],
  exec: [0, MS_NOEXEC],
  noatime: [MS_NOATIME],
  bind: [MS_BIND],
  rbind: [MS_BIND | MS_REC],
  strictatime: [MS_STRICTATIME],
  ...Object.fromEntries(
    'defaults relatime norelatime atime diratime nodiratime async sync loud silent newinstance'
      .split(' ')
      .map((o) => [o, [0]]),
  ),
}
const spreading: Readonly<Record<string, number>> = {
  private: MS_PRIVATE,
  shared: MS_SHARED,
  slave: MS_SLAVE,
  unbindable: MS_UNBINDABLE,
}
/** The flags of a word such as rslave; undefined where it isn't about propagation. */
const propagationOf = (word: string): number | undefined => {
  const kind = spreading[word] ?? spreading[word.replace(/^r/, '')]
  return kind === undefined ? undefined : kind | (word in spreading ? 0 : MS_REC)
}

function* bindDevice(sys: Sys, name: string, node: string): Run<void> {
  const fd = yield* sys.open(node, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
  if (!isErr(fd)) yield* sys.close(fd)
  check(yield* sys.mount(`/dev/${name}`, node, 'bind', MS_BIND), `error creating device nodes: mount /dev/${name}`)
}
/** What is mounted below a directory, from /proc/self/mountinfo: each with the flags that it has. */
function* mountsBelow(sys: Sys, directory: string): Run<{ readonly at: string; readonly flags: number }[]> {
  const text = yield* readText(sys, '/proc/self/mountinfo')
  if (isErr(text)) return []
  return text.split('\n').flatMap((line) => {
    const [, , , , at = '', options = ''] = line.split(' ')
    if (!at.startsWith(`${directory}/`)) return []
    return [{ at, flags: options.split(',').reduce((f, o) => f | (mountFlags[o]?.[0] ?? 0), 0) }]
  })
}

/** Below a shared mount no root can be exchanged: the one that holds the root file system becomes private (runc rootfsParentMountPrivate). */
function* makePrivate(sys: Sys, root: string): Run<void> {
  const text = yield* readText(sys, '/proc/self/mountinfo')
  const above = (isErr(text) ? '' : text)
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((at) => at === '/' || root === at || (at !== '' && root.startsWith(`${at}/`)))
  const at = above.reduce((longest, a) => (a.length >= longest.length ? a : longest), '/')
  check(yield* sys.mount('', at, '', MS_PRIVATE), 'error preparing rootfs')
}

/** One entry of `mounts`. */
function* mountOne(sys: Sys, root: string, m: SpecMount, words: Words): Run<void> {
  const target = yield* secureJoin(sys, root, m.destination)
  const options = m.options ?? []
  const flags = options.reduce((f, o) => {
    const [set = 0, clear = 0] = mountFlags[o] ?? []
    return (f | set) & ~clear
  }, 0)
  const data = options.filter((o) => !(o in mountFlags) && propagationOf(o) === undefined).join(',')
  const bind = (flags & MS_BIND) !== 0
  const type = m.type === 'cgroup' ? 'cgroup2' : (m.type ?? 'bind')
  const from = m.source ?? type
  const source = bind ? yield* sys.stat(from) : undefined
  if (source !== undefined && isErr(source)) throw new InitError(words.noSource(from, m.destination, source))
  if (source && !isDir(source.mode)) {
    yield* makeDirs(sys, target.slice(0, target.lastIndexOf('/')))
    const fd = yield* sys.open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0o755)
    if (!isErr(fd)) yield* sys.close(fd)
  } else yield* makeDirs(sys, target)
  const failed = yield* sys.mount(from, target, type, bind ? flags & (MS_BIND | MS_REC) : flags, data)
  if (failed) throw new InitError(words.mount(from, m.destination, data, failed))
  const more = flags & ~(MS_BIND | MS_REC)
  if (bind && more) check(yield* sys.mount('', target, '', MS_BIND | MS_REMOUNT | more), 'remount')
  if (options.includes('rro'))
    for (const below of yield* mountsBelow(sys, target))
      yield* sys.mount('', below.at, '', MS_BIND | MS_REMOUNT | MS_RDONLY | below.flags)
  for (const o of options) {
    const spread = propagationOf(o)
    // Everything is private already, unless the root's mounts aren't.
    if (spread) check(yield* sys.mount('', target, '', spread), `remount ${m.destination}`)
  }
}

/**
 * The root file system as the container will see it, built in the new mount namespace; then pivot_root. `before` runs when all is mounted
 * and the host's files can still be seen.
 */
export function* setUpRoot(sys: Sys, bundle: string, spec: Spec, words: Words, before?: () => Run<void>): Run<void> {
  const root = spec.root.path.startsWith('/') ? spec.root.path : `${bundle}/${spec.root.path}`
  const { rootfsPropagation } = spec.linux
  const spread = propagationOf(rootfsPropagation ?? 'rprivate') ?? MS_PRIVATE
  const own = spec.linux.namespaces.some((n) => n.type === 'mount')
  if (own) check(yield* sys.mount('', '/', '', MS_REC | spread), 'error preparing rootfs')
  if (own && !(spread & MS_PRIVATE)) yield* makePrivate(sys, root)
  check(yield* sys.mount(root, root, 'bind', MS_BIND | MS_REC), `error preparing rootfs`)
  for (const m of spec.mounts) yield* mountOne(sys, root, m, words)
  const nodes: [string, number, number][] = [
    ['null', 1, 3],
    ['zero', 1, 5],
    ['full', 1, 7],
    ['tty', 5, 0],
    ['random', 1, 8],
    ['urandom', 1, 9],
  ]
  for (const [name, major, minor] of nodes) {
    const node = `${root}/dev/${name}`
    // In a user namespace nobody may make device nodes: the host's are bound there.
    if ((yield* sys.mknod(node, S_IFCHR | 0o666, makedev(major, minor)))?.name === 'EPERM')
      yield* bindDevice(sys, name, node)
  }
  for (const d of spec.linux.devices ?? []) {
    const at = `${root}${d.path}`
    yield* makeDirs(sys, at.slice(0, at.lastIndexOf('/')))
    yield* sys.unlink(at)
    const kind = d.type === 'b' ? S_IFBLK : S_IFCHR
    check(yield* sys.mknod(at, kind | (d.fileMode ?? 0o666), makedev(d.major, d.minor)), `mknod ${d.path}`)
    yield* sys.chmod(at, d.fileMode ?? 0o666)
    yield* sys.chown(at, d.uid ?? 0, d.gid ?? 0)
  }
  for (const [name, target] of [
    ['fd', '/proc/self/fd'],
    ['stdin', '/proc/self/fd/0'],
    ['stdout', '/proc/self/fd/1'],
    ['stderr', '/proc/self/fd/2'],
    ['ptmx', 'pts/ptmx'],
  ] as const)
    yield* sys.symlink(target, `${root}/dev/${name}`)
  for (const [name] of nodes) yield* sys.chmod(`${root}/dev/${name}`, 0o666)
  if (before) yield* before()
  check(yield* sys.chdir(root), 'chdir')
  if (own) {
    const old = yield* sys.open('/', O_RDONLY)
    check(yield* sys.pivotRoot('.', '.'), 'pivot_root')
    if (!isErr(old)) yield* sys.fchdir(old)
    check(yield* sys.umount('.', 2), 'umount')
    if (!isErr(old)) yield* sys.close(old)
    // Who shares the caller's mounts has no root to exchange: it must not become everybody's.
  } else check(yield* sys.chroot('.'), 'chroot')
  check(yield* sys.chdir('/'), 'chdir')
  yield* reopenNull(sys)
  // A working directory that the image lacks is made, while this is still root's doing.
  yield* makeDirs(sys, spec.process.cwd)
  // Settings of the namespaces that are the container's own; after this /proc/sys can't be written to.
  for (const [name, value] of Object.entries(spec.linux.sysctl ?? {})) {
    const failed = yield* setSysctl(sys, name, value)
    if (failed) throw new InitError(words.sysctl(name, failed))
  }
  for (const path of spec.linux.readonlyPaths ?? []) {
    if (isErr(yield* sys.mount(path, path, '', MS_BIND | MS_REC))) continue
    yield* sys.mount('', path, '', MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
  }
  for (const path of spec.linux.maskedPaths ?? []) {
    const s = yield* sys.stat(path)
    if (isErr(s)) continue
    if (isDir(s.mode)) yield* sys.mount('tmpfs', path, 'tmpfs', MS_RDONLY)
    else yield* sys.mount('/dev/null', path, '', MS_BIND)
  }
  if (spec.root.readonly) check(yield* sys.mount('', '/', '', MS_BIND | MS_REMOUNT | MS_RDONLY), 'remount /')
}

/** Standard streams that are /dev/null become that of the container: the host's can't be reached by name any more (runc reOpenDevNull). */
function* reopenNull(sys: Sys): Run<void> {
  for (const fd of [0, 1, 2]) {
    const s = yield* sys.fstat(fd)
    if (isErr(s) || s.rdev !== makedev(1, 3)) continue
    const own = yield* sys.open('/dev/null', O_RDWR)
    if (isErr(own)) return
    yield* sys.dup2(own, fd)
    yield* sys.close(own)
  }
}

/** Writes one of /proc/sys, which must be there: no file is made. */
function* setSysctl(sys: Sys, name: string, value: string): Run<Errno | undefined> {
  const fd = yield* sys.open(`/proc/sys/${name.replace(/\./g, '/')}`, O_WRONLY | O_CLOEXEC)
  if (isErr(fd)) return fd
  const n = yield* sys.write(fd, new TextEncoder().encode(value))
  yield* sys.close(fd)
  return isErr(n) ? n : undefined
}
