/** The root file system of a container: mounts, devices, pivot_root, masked paths; runtime-spec config.md "Mounts". */
import { isErr } from '../base/errno.ts'
import type { Run, Sys } from '../kernel/linux/abi.ts'
import {
  isDir,
  MS_BIND,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  MS_SLAVE,
  MS_STRICTATIME,
  makedev,
  O_CLOEXEC,
  O_CREAT,
  O_RDONLY,
  O_WRONLY,
  S_IFBLK,
  S_IFCHR,
} from '../kernel/linux/fs/flags.ts'
import type { Spec } from '../oci/runtimespec.ts'
import { lower, makeDirs, writeFile } from './files.ts'
import { check, InitError } from './init.ts'

const mountFlags: Readonly<Record<string, number>> = {
  ro: MS_RDONLY,
  nosuid: MS_NOSUID,
  nodev: MS_NODEV,
  noexec: MS_NOEXEC,
  bind: MS_BIND,
  rbind: MS_BIND | MS_REC,
  rw: 0,
  strictatime: MS_STRICTATIME,
  relatime: 0,
  rprivate: 0,
  private: 0,
  newinstance: 0,
}

function* bindDevice(sys: Sys, name: string, node: string): Run<void> {
  const fd = yield* sys.open(node, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
  if (!isErr(fd)) yield* sys.close(fd)
  check(yield* sys.mount(`/dev/${name}`, node, 'bind', MS_BIND), `error creating device nodes: mount /dev/${name}`)
}
/** The root file system as the container will see it, built in the new mount namespace; then pivot_root. */
export function* setUpRoot(sys: Sys, bundle: string, spec: Spec): Run<void> {
  const root = spec.root.path.startsWith('/') ? spec.root.path : `${bundle}/${spec.root.path}`
  check(
    yield* sys.mount('', '/', '', MS_REC | (spec.linux.rootfsPropagation === 'rslave' ? MS_SLAVE : MS_PRIVATE)),
    'error preparing rootfs',
  )
  check(yield* sys.mount(root, root, 'bind', MS_BIND | MS_REC), `error preparing rootfs`)
  for (const m of spec.mounts) {
    const target = `${root}/${m.destination.replace(/^\//, '')}`
    const flags = (m.options ?? []).reduce((f, o) => f | (mountFlags[o] ?? 0), 0)
    const data = (m.options ?? []).filter((o) => !(o in mountFlags)).join(',')
    const bind = (flags & MS_BIND) !== 0
    const source = bind ? yield* sys.stat(m.source ?? '') : undefined
    if (source !== undefined && isErr(source))
      throw new InitError(
        `error mounting "${m.source}" to rootfs at "${m.destination}": stat ${m.source}: ${lower(source)}`,
      )
    if (source && !isDir(source.mode)) {
      yield* makeDirs(sys, target.slice(0, target.lastIndexOf('/')))
      const fd = yield* sys.open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0o755)
      if (!isErr(fd)) yield* sys.close(fd)
    } else yield* makeDirs(sys, target)
    const type = m.type === 'cgroup' ? 'cgroup2' : (m.type ?? 'bind')
    check(
      yield* sys.mount(m.source ?? type, target, type, bind ? flags & (MS_BIND | MS_REC) : flags, data),
      `error mounting "${m.source}" to rootfs at "${m.destination}"`,
    )
    if (bind && flags & MS_RDONLY) check(yield* sys.mount('', target, '', MS_BIND | MS_REMOUNT | flags), 'remount')
  }
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
  const old = yield* sys.open('/', O_RDONLY)
  check(yield* sys.chdir(root), 'chdir')
  check(yield* sys.pivotRoot('.', '.'), 'pivot_root')
  if (!isErr(old)) yield* sys.fchdir(old)
  check(yield* sys.umount('.', 2), 'umount')
  if (!isErr(old)) yield* sys.close(old)
  check(yield* sys.chdir('/'), 'chdir')
  // A working directory that the image lacks is made, while this is still root's doing.
  yield* makeDirs(sys, spec.process.cwd)
  // Settings of the namespaces that are the container's own; after this /proc/sys can't be written to.
  for (const [name, value] of Object.entries(spec.linux.sysctl ?? {}))
    check(yield* writeFile(sys, `/proc/sys/${name.replace(/\./g, '/')}`, value), `open sysctl ${name} file`)
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
