/** mount(8) and umount(8) of util-linux. */
import {
  EACCES,
  EBUSY,
  EINVAL,
  ENODEV,
  ENOENT,
  ENOTBLK,
  ENOTDIR,
  EPERM,
  EROFS,
  type Errno,
  isErr,
} from '../../../base/errno.ts'
import type { ExitCode, Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import {
  MNT_DETACH,
  MNT_FORCE,
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
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  MS_STRICTATIME,
  MS_SYNCHRONOUS,
  MS_UNBINDABLE,
} from '../../../kernel/linux/fs/flags.ts'
import { fail, print, warn } from '../../lib/io.ts'
import { type MountRow, mergedOptions, mountRows } from '../../lib/mounts.ts'
import { getopt } from '../getopt.ts'

/** Options that are flags: what each sets and clears. */
const flagOptions: Readonly<Record<string, readonly [set: number, clear: number]>> = {
  ro: [MS_RDONLY, 0],
  rw: [0, MS_RDONLY],
  nosuid: [MS_NOSUID, 0],
  suid: [0, MS_NOSUID],
  nodev: [MS_NODEV, 0],
  dev: [0, MS_NODEV],
  noexec: [MS_NOEXEC, 0],
  exec: [0, MS_NOEXEC],
  sync: [MS_SYNCHRONOUS, 0],
  async: [0, MS_SYNCHRONOUS],
  noatime: [MS_NOATIME, 0],
  atime: [0, MS_NOATIME],
  nodiratime: [MS_NODIRATIME, 0],
  diratime: [0, MS_NODIRATIME],
  relatime: [0, MS_STRICTATIME],
  strictatime: [MS_STRICTATIME, 0],
  remount: [MS_REMOUNT, 0],
  bind: [MS_BIND, 0],
  rbind: [MS_BIND | MS_REC, 0],
  move: [MS_MOVE, 0],
  defaults: [0, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC],
  auto: [0, 0],
  noauto: [0, 0],
  nofail: [0, 0],
}
const propagations: Readonly<Record<string, number>> = {
  shared: MS_SHARED,
  slave: MS_SLAVE,
  private: MS_PRIVATE,
  unbindable: MS_UNBINDABLE,
  rshared: MS_SHARED | MS_REC,
  rslave: MS_SLAVE | MS_REC,
  rprivate: MS_PRIVATE | MS_REC,
  runbindable: MS_UNBINDABLE | MS_REC,
}
const spec = {
  name: 'mount',
  short: 'at:o:rwBMRfnvlhVT:L:U:s',
  long: {
    all: 'a',
    'types=': 't',
    'options=': 'o',
    'read-only': 'r',
    'read-write': 'w',
    rw: 'w',
    bind: 'B',
    rbind: 'R',
    move: 'M',
    fake: 'f',
    verbose: 'v',
    ...Object.fromEntries(Object.keys(propagations).map((p) => [`make-${p}`, `make-${p}`])),
    'source=': 'source',
    'target=': 'target',
    mkdir: 'mkdir',
    help: 'h',
    version: 'V',
  },
}

const hint = '       dmesg(1) may have more information after failed mount system call.\n'
/** libmount's words for what mount(2) answered. */
function* complain(sys: Sys, target: string, source: string, type: string, flags: number, error: Errno): Run<ExitCode> {
  const { euid } = yield* sys.getcred()
  const place = yield* sys.stat(target)
  const from = source === '' ? place : yield* sys.stat(source)
  const special = type === 'ext4' || (flags & (MS_BIND | MS_MOVE)) !== 0
  let text: string
  if (error === EPERM && euid !== 0) text = 'must be superuser to use mount.'
  else if (error === EPERM) text = 'permission denied.'
  else if (isErr(place)) text = 'mount point does not exist.'
  else if (error === ENOENT && special && isErr(from)) text = `special device ${source} does not exist.`
  else if (error === ENOTDIR)
    text =
      (place.mode & 0o170000) !== 0o040000 && !(flags & MS_BIND)
        ? 'mount point is not a directory.'
        : `fsconfig() failed: ${error.text}.`
  else if (error === EBUSY)
    text = flags & MS_REMOUNT ? 'mount point is busy.' : `${source} already mounted or mount point busy.`
  else if (error === ENODEV) text = `unknown filesystem type '${type}'.`
  else if (error === ENOTBLK) text = `${source} is not a block device.`
  else if (error === EINVAL && flags & MS_REMOUNT) text = 'mount point not mounted or bad option.'
  else if (error === EINVAL && flags & (MS_SHARED | MS_SLAVE | MS_PRIVATE | MS_UNBINDABLE))
    text = 'not mount point or bad option.'
  else if (error === EINVAL && flags & MS_MOVE)
    text = `bad option; moving a mount residing under a shared mount is unsupported.`
  else if (error === EINVAL)
    text = `wrong fs type, bad option, bad superblock on ${source}, missing codepage or helper program, or other error.`
  else if (error === EACCES || error === EROFS) text = `cannot mount ${source} read-only.`
  else if (error === ENOENT && type !== '') text = `special device ${source} does not exist.`
  else text = `mount(2) system call failed: ${error.text}.`
  yield* warn(sys, `mount: ${target}: ${text}\n${hint}`)
  return error === EPERM && euid !== 0 ? 1 : 32
}

export const mount: Program = function* (sys, argv) {
  const o = yield* getopt(sys, spec, argv)
  if (typeof o === 'number') return o
  if (o.has('a')) return 0
  const makes = Object.keys(propagations).filter((p) => o.has(`make-${p}`))
  const words = o.all('o').flatMap((w) => w.split(','))
  const [a, b] = [o.value('source') ?? o.rest[0], o.value('target') ?? o.rest[o.value('source') === undefined ? 1 : 0]]
  const type = o.value('t') ?? ''
  if (o.rest.length === 0 && a === undefined && b === undefined && makes.length === 0 && words.length === 0)
    return yield* list(sys, type)
  if (o.rest.length > 2) return yield* usage(sys)
  let flags = o.has('r') ? MS_RDONLY : 0
  if (o.has('B')) flags |= MS_BIND
  if (o.has('R')) flags |= MS_BIND | MS_REC
  if (o.has('M')) flags |= MS_MOVE
  let propagation = 0
  for (const m of makes) propagation |= propagations[m] as number
  const data: string[] = []
  for (const w of words) {
    const known = Object.hasOwn(flagOptions, w) ? flagOptions[w] : undefined
    if (known) flags = (flags | known[0]) & ~known[1]
    else if (Object.hasOwn(propagations, w)) propagation |= propagations[w] as number
    else if (w !== '') data.push(w)
  }
  // With one word it is the place, of what is mounted there already.
  const target = b ?? a
  let source = b === undefined ? '' : (a ?? '')
  if (target === undefined) return yield* usage(sys)
  const onlyPropagation = propagation !== 0 && b === undefined && !(flags & (MS_BIND | MS_MOVE)) && type === ''
  if (!onlyPropagation) {
    if (b === undefined && !(flags & MS_REMOUNT)) {
      yield* warn(sys, `mount: ${target}: can't find in /etc/fstab.\n`)
      return 1
    }
    if (o.has('mkdir')) yield* sys.mkdir(target, 0o755)
    if (flags & MS_REMOUNT) {
      // Flags that aren't named stay as they are, but for bind remounts, which name them all.
      const now = yield* mountRows(sys)
      const old = isErr(now) ? undefined : now.findLast((m) => m.target === target)
      if (old && !(flags & MS_BIND))
        for (const w of old.options.split(',')) {
          const known = Object.hasOwn(flagOptions, w) ? flagOptions[w] : undefined
          const clears = words.some((x) => known && known[0] & (flagOptions[x]?.[1] ?? 0))
          if (known && !clears && w !== 'relatime') flags |= known[0]
        }
      source = source || (old?.source ?? '')
    }
    let fs = type
    if (fs === '' && !(flags & (MS_BIND | MS_MOVE | MS_REMOUNT))) {
      // The type is told by what is on the device.
      const s = yield* sys.stat(source)
      if (isErr(s)) return yield* complain(sys, target, source, 'ext4', flags, ENOENT)
      fs = 'ext4'
      if ((s.mode & 0o170000) === 0o100000) return yield* fail(sys, `zukan: not emulated: mount of an image file`, 1)
    }
    const failed = yield* sys.mount(
      source,
      target,
      fs,
      flags & MS_BIND && flags & MS_RDONLY && !(flags & MS_REMOUNT) ? flags & ~MS_RDONLY : flags,
      data.join(','),
    )
    if (failed) return yield* complain(sys, target, source, fs, flags, failed)
    // A bind mount takes its flags in a second step.
    const extra = flags & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME)
    if (flags & MS_BIND && !(flags & MS_REMOUNT) && extra) {
      const second = yield* sys.mount('none', target, '', MS_REMOUNT | MS_BIND | extra)
      if (second) return yield* complain(sys, target, source, '', flags, second)
    }
  }
  if (propagation) {
    const failed = yield* sys.mount('none', target, '', propagation)
    if (failed) return yield* complain(sys, target, source || target, '', propagation, failed)
  }
  return 0
}
function* usage(sys: Sys): Run<ExitCode> {
  yield* warn(sys, "mount: bad usage\nTry 'mount --help' for more information.\n")
  return 1
}
function* list(sys: Sys, types: string): Run<ExitCode> {
  const rows = yield* mountRows(sys)
  if (isErr(rows)) return yield* fail(sys, 'mount: failed to read mtab: No such file or directory')
  const wanted = types === '' ? undefined : types.split(',')
  const line = (m: MountRow): string => `${m.source} on ${m.target} type ${m.type} (${mergedOptions(m)})\n`
  yield* print(
    sys,
    rows
      .filter((m) => !wanted || wanted.includes(m.type))
      .map(line)
      .join(''),
  )
  return 0
}

const umountSpec = {
  name: 'umount',
  short: 'aflnRrdqvt:c',
  long: { all: 'a', force: 'f', lazy: 'l', recursive: 'R', 'read-only': 'r', quiet: 'q', verbose: 'v', 'types=': 't' },
}
export const umount: Program = function* (sys, argv) {
  const o = yield* getopt(sys, umountSpec, argv)
  if (typeof o === 'number') return o
  if (o.rest.length === 0) {
    yield* warn(sys, "umount: bad usage\nTry 'umount --help' for more information.\n")
    return 1
  }
  const flags = (o.has('l') ? MNT_DETACH : 0) | (o.has('f') ? MNT_FORCE : 0)
  let code = 0
  for (const word of o.rest) {
    const rows = yield* mountRows(sys)
    const all = isErr(rows) ? [] : rows
    const path = word.length > 1 ? word.replace(/\/+$/, '') : word
    const top = all.findLast((m) => m.target === path) ?? all.findLast((m) => m.source === path)
    const targets = !top
      ? [path]
      : o.has('R')
        ? tree(all, top)
            .map((m) => m.target)
            .reverse()
        : [top.target]
    for (const target of targets) {
      const failed = yield* sys.umount(target, flags)
      if (!failed) continue
      const { euid } = yield* sys.getcred()
      const text =
        failed === EPERM && euid !== 0
          ? 'must be superuser to unmount.'
          : failed === EBUSY
            ? 'target is busy.'
            : failed === EINVAL
              ? 'not mounted.'
              : failed === ENOENT
                ? 'no mount point specified.'
                : `umount failed: ${failed.text}.`
      if (!(o.has('q') && failed === EINVAL)) yield* warn(sys, `umount: ${target}: ${text}\n`)
      code = failed === EPERM && euid !== 0 ? 1 : 32
    }
  }
  return code
}
const tree = (all: readonly MountRow[], top: MountRow): MountRow[] => [
  top,
  ...all.filter((m) => m.parent === top.id && m !== top).flatMap((m) => tree(all, m)),
]
