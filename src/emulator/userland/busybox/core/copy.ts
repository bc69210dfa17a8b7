/** cp and mv: files from one name to another, as libbb's copy_file does it. */
import { EINTR, type Errno, isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import {
  isBlk,
  isChr,
  isDir,
  isFifo,
  isLink,
  isReg,
  isSock,
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  W_OK,
} from '../../../kernel/linux/fs/flags.ts'
import type { Stat } from '../../../kernel/linux/fs/inode.ts'
import { confirmed } from '../../lib/ask.ts'
import { entriesOf } from '../../lib/files.ts'
import { print, warn, writeAll } from '../../lib/io.ts'
import { getopt, type Options, showUsage } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'
import { removeTree } from './remove.ts'

interface CopyOptions {
  readonly recursive?: boolean
  /** Mode, owner and times, too. */
  readonly keep?: boolean
  /** What symbolic links stand for is copied; `first`: of operands only. */
  readonly follow?: boolean | 'first'
  readonly force?: boolean
  readonly ask?: boolean
  /** An existing file stays. */
  readonly skip?: boolean
  /** Only what is newer. */
  readonly update?: boolean
  readonly link?: 'hard' | 'symbolic'
  readonly verbose?: boolean
  /** The program's name in complaints. */
  readonly name?: string
}
/** Files that were copied already, by device and inode: further names of one become hard links, and a tree isn't copied into itself. */
type Seen = Map<string, string>
const key = (s: Stat): string => `${s.dev}:${s.ino}`
/** The last name of a path, without slashes at its end. */
export const lastName = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1) || '/'
export const inside = (dir: string, path: string): string => `${dir.replace(/\/+$/, '')}/${lastName(path)}`

/** Copies one file or tree: 0, or 1 with a complaint. */
export function* copyTree(sys: Sys, from: string, to: string, o: CopyOptions, seen: Seen = new Map()): Run<ExitCode> {
  const name = o.name ?? 'cp'
  function* bad(message: string, error?: Errno): Run<ExitCode> {
    yield* warn(sys, `${name}: ${message}${error ? `: ${strerror(error)}` : ''}\n`)
    return 1
  }
  const s = o.follow ? yield* sys.stat(from) : yield* sys.lstat(from)
  if (isErr(s) && !o.link) return yield* bad(`can't stat '${from}'`, s)
  const there = yield* sys.lstat(to)
  if (isErr(there) && there.name !== 'ENOENT') return yield* bad(`can't stat '${to}'`, there)
  if (isErr(s)) return yield* makeLink(sys, from, to, o, bad)
  if (!isErr(there) && key(there) === key(s)) return yield* bad(`'${from}' and '${to}' are the same file`)
  const inner: CopyOptions = o.follow === 'first' ? { ...o, follow: false } : o
  if (isDir(s.mode)) {
    if (!o.recursive) return yield* bad(`omitting directory '${from}'`)
    if (seen.has(key(s))) return yield* bad(`recursion detected, omitting directory '${from}'`)
    if (isErr(there)) {
      const failed = yield* sys.mkdir(to, (s.mode & 0o7777) | 0o700)
      if (failed) return yield* bad(`can't create directory '${to}'`, failed)
    } else if (!isDir(there.mode)) return yield* bad(`target '${to}' is not a directory`)
    const made = yield* sys.lstat(to)
    if (!isErr(made)) seen.set(key(made), to)
    const list = yield* entriesOf(sys, from)
    if (isErr(list)) return yield* bad(`can't open '${from}'`, list)
    let status = 0
    for (const n of list) status |= yield* copyTree(sys, `${from.replace(/\/$/, '')}/${n}`, `${to}/${n}`, inner, seen)
    if (o.keep) yield* keepStatus(sys, to, s)
    if (o.verbose) yield* print(sys, `'${from}' -> '${to}'\n`)
    return status
  }
  if (!isErr(there)) {
    if (o.skip) return 0
    if (o.update && s.mtime <= there.mtime) return 0
  }
  if (o.link) return yield* makeLink(sys, from, to, o, bad)
  if (isLink(s.mode) || (o.recursive && !isReg(s.mode))) {
    if (!isErr(there)) {
      if (o.ask && !(yield* confirmed(sys, `${name}: overwrite '${to}'? `))) return 0
      const failed = yield* sys.unlink(to)
      if (failed) return yield* bad(`can't create '${to}'`, failed)
    }
    if (isLink(s.mode)) {
      const target = yield* sys.readlink(from)
      if (isErr(target)) return yield* bad(`${from}`, target)
      const failed = yield* sys.symlink(target, to)
      if (failed) return yield* bad(`can't create symlink '${to}' to '${target}'`, failed)
      if (o.keep) yield* sys.lchown(to, s.uid, s.gid)
    } else if (isBlk(s.mode) || isChr(s.mode) || isFifo(s.mode) || isSock(s.mode)) {
      const failed = yield* sys.mknod(to, s.mode, s.rdev)
      if (failed) return yield* bad(`can't create '${to}'`, failed)
      if (o.keep) yield* keepStatus(sys, to, s)
    }
    if (o.verbose) yield* print(sys, `'${from}' -> '${to}'\n`)
    return 0
  }
  if (!o.follow && s.nlink > 1) {
    const first = seen.get(key(s))
    if (first !== undefined) {
      let failed = yield* sys.link(first, to)
      if (failed?.name === 'EEXIST') {
        yield* sys.unlink(to)
        failed = yield* sys.link(first, to)
      }
      return failed ? yield* bad(`can't create link '${to}'`, failed) : 0
    }
    seen.set(key(s), to)
  }
  const status = yield* copyContent(sys, from, to, isReg(s.mode) ? s.mode & 0o7777 : 0o666, o, !isErr(there), bad)
  if (status !== 0) return status
  if (o.keep) yield* keepStatus(sys, to, s)
  if (o.verbose) yield* print(sys, `'${from}' -> '${to}'\n`)
  return 0
}
type Complaint = (message: string, error?: Errno) => Run<ExitCode>
function* makeLink(sys: Sys, from: string, to: string, o: CopyOptions, bad: Complaint): Run<ExitCode> {
  const make = (): Run<Errno | undefined> => (o.link === 'symbolic' ? sys.symlink(from, to) : sys.link(from, to))
  let failed = yield* make()
  if (failed?.name === 'EEXIST' && o.force) {
    yield* sys.unlink(to)
    failed = yield* make()
  }
  return failed ? yield* bad(`can't create link '${to}'`, failed) : 0
}
function* copyContent(
  sys: Sys,
  from: string,
  to: string,
  mode: number,
  o: CopyOptions,
  exists: boolean,
  bad: Complaint,
): Run<ExitCode> {
  const r = yield* sys.open(from, O_RDONLY)
  if (isErr(r)) return yield* bad(`can't open '${from}'`, r)
  if (exists && o.ask && !(yield* confirmed(sys, `${o.name ?? 'cp'}: overwrite '${to}'? `))) {
    yield* sys.close(r)
    return 0
  }
  let w = yield* sys.open(to, O_WRONLY | O_CREAT | O_TRUNC, mode)
  if (isErr(w) && o.force && exists) {
    yield* sys.unlink(to)
    w = yield* sys.open(to, O_WRONLY | O_CREAT | O_EXCL, mode)
  }
  if (isErr(w)) {
    yield* sys.close(r)
    return yield* bad(`can't create '${to}'`, w)
  }
  let status: ExitCode = 0
  for (;;) {
    const part = yield* sys.read(r, 65536)
    if (part === EINTR) continue
    if (isErr(part)) status = yield* bad('read error', part)
    if (isErr(part) || part.length === 0) break
    const failed = yield* writeAll(sys, w, part)
    if (!failed) continue
    status = yield* bad('write error', failed)
    break
  }
  yield* sys.close(r)
  yield* sys.close(w)
  return status
}
function* keepStatus(sys: Sys, path: string, s: Stat): Run<void> {
  yield* sys.chown(path, s.uid, s.gid)
  yield* sys.chmod(path, s.mode & 0o7777)
  yield* sys.utimens(path, s.atime, s.mtime)
}

/** Sources and where they go: the last operand, or the directory of -t. An exit code where that can't be. */
function* destinations(
  sys: Sys,
  applet: Applet,
  o: Options,
  simple: (source: Stat | undefined, target: Stat | undefined) => boolean,
): Run<(readonly [from: string, to: string])[] | ExitCode> {
  const into = o.value('t')
  const sources = into === undefined ? o.rest.slice(0, -1) : o.rest
  if (sources.length === 0) return yield* showUsage(sys, applet)
  const last = into ?? (o.rest.at(-1) as string)
  if (sources.length === 1 && into === undefined) {
    const from = sources[0] as string
    const s = yield* sys.stat(from)
    const d = yield* sys.stat(last)
    const target = isErr(d) ? undefined : d
    const source = isErr(s) ? undefined : s
    if (isErr(d) && d.name !== 'ENOENT') {
      yield* warn(sys, `${applet.name}: can't stat '${last}': ${strerror(d)}\n`)
      return 1
    }
    if (o.has('T') && target && isDir(target.mode) && !(source && isDir(source.mode))) {
      yield* warn(sys, `${applet.name}: '${last}' is a directory\n`)
      return 1
    }
    if (o.has('T') || simple(source, target)) return [[from, last]]
  } else if (o.has('T')) {
    yield* warn(sys, `${applet.name}: too many arguments\n`)
    return 1
  }
  return sources.map((from) => [from, inside(last, from)] as const)
}

export const cp: Applet = {
  name: 'cp',
  usage: '[-arPLHpfinlsTu] SOURCE DEST\nor: cp [-arPLHpfinlsu] SOURCE... { -t DIRECTORY | DIRECTORY }',
  help: "Copy SOURCEs to DEST\n\n\t-a\tSame as -dpR\n\t-R,-r\tRecurse\n\t-d,-P\tPreserve symlinks (default if -R)\n\t-L\tFollow all symlinks\n\t-H\tFollow symlinks on command line\n\t-p\tPreserve file attributes if possible\n\t-f\tOverwrite\n\t-i\tPrompt before overwrite\n\t-n\tDon't overwrite\n\t-l,-s\tCreate (sym)links\n\t-T\tRefuse to copy if DEST is a directory\n\t-t DIR\tCopy all SOURCEs into DIR\n\t-u\tCopy only newer files",
  *run(sys, argv) {
    const o = yield* getopt(sys, cp, argv, 'pdRfinslLHarPvuTt:', {
      archive: 'a',
      force: 'f',
      interactive: 'i',
      'no-clobber': 'n',
      link: 'l',
      dereference: 'L',
      'no-dereference': 'P',
      recursive: 'R',
      'symbolic-link': 's',
      'no-target-directory': 'T',
      'target-directory': 't',
      verbose: 'v',
      update: 'u',
      parents: 'x',
    })
    if (typeof o === 'number') return o
    const recursive = o.has('a') || o.has('r') || o.has('R')
    const links = o.has('P') || o.has('d') || o.has('a') || recursive
    const dir = (s: Stat | undefined): boolean => s !== undefined && isDir(s.mode)
    const list = yield* destinations(
      sys,
      cp,
      o,
      (s, d) => (!dir(s) && !dir(d)) || (recursive && dir(s) && d === undefined),
    )
    if (typeof list === 'number') return list
    const options: CopyOptions = {
      recursive,
      keep: o.has('a') || o.has('p'),
      follow: o.has('L') ? true : o.has('H') ? 'first' : !links,
      force: o.has('f'),
      ask: o.has('i'),
      skip: o.has('n'),
      update: o.has('u'),
      verbose: o.has('v'),
      ...(o.has('l') ? { link: 'hard' } : o.has('s') ? { link: 'symbolic' } : {}),
    }
    let status = 0
    const seen: Seen = new Map()
    for (const [from, to] of list) status |= yield* copyTree(sys, from, to, options, seen)
    return status
  },
}

export const mv: Applet = {
  name: 'mv',
  usage: '[-finT] SOURCE DEST\nor: mv [-fin] SOURCE... { -t DIRECTORY | DIRECTORY }',
  help: "Rename SOURCE to DEST, or move SOURCEs to DIRECTORY\n\n\t-f\tDon't prompt before overwriting\n\t-i\tInteractive, prompt before overwrite\n\t-n\tDon't overwrite an existing file\n\t-T\tRefuse to move if DEST is a directory\n\t-t DIR\tMove all SOURCEs into DIR",
  *run(sys, argv) {
    const o = yield* getopt(sys, mv, argv, 'finTvt:', {
      force: 'f',
      interactive: 'i',
      'no-clobber': 'n',
      'no-target-directory': 'T',
      'target-directory': 't',
      verbose: 'v',
    })
    if (typeof o === 'number') return o
    const list = yield* destinations(sys, mv, o, (_, d) => d === undefined || !isDir(d.mode))
    if (typeof list === 'number') return list
    // Of -f, -i and -n the last counts.
    const how = o.list.findLast(([l]) => 'fin'.includes(l))?.[0]
    const terminal = !isErr(yield* sys.ioctl(0, 'TCGETS'))
    let status = 0
    for (const [from, to] of list) {
      const there = yield* sys.stat(to)
      if (!isErr(there)) {
        if (how === 'n') continue
        const careful = how !== 'f' && terminal && isErr(yield* sys.access(to, W_OK))
        if ((how === 'i' || careful) && !(yield* confirmed(sys, `mv: overwrite '${to}'? `))) continue
      }
      status |= yield* moveOne(sys, from, to)
      if (o.has('v')) yield* print(sys, `'${from}' -> '${to}'\n`)
    }
    return status
  },
}
/** rename(2), or a copy where the target lies on another file system. */
function* moveOne(sys: Sys, from: string, to: string): Run<ExitCode> {
  const failed = yield* sys.rename(from, to)
  if (!failed) return 0
  const s = failed.name === 'EXDEV' ? yield* sys.lstat(from) : failed
  if (isErr(s)) {
    yield* warn(sys, `mv: can't rename '${from}': ${strerror(failed)}\n`)
    return 1
  }
  const there = yield* sys.lstat(to)
  if (!isErr(there)) {
    if (isDir(there.mode) !== isDir(s.mode)) {
      const [a, b] = isDir(there.mode) ? ['', 'non-'] : ['non-', '']
      yield* warn(sys, `mv: cannot overwrite ${a}directory with ${b}directory\n`)
      return 1
    }
    const removed = isDir(there.mode) ? yield* sys.rmdir(to) : yield* sys.unlink(to)
    if (removed) {
      yield* warn(sys, `mv: can't remove '${to}': ${strerror(removed)}\n`)
      return 1
    }
  }
  const copied = yield* copyTree(sys, from, to, { recursive: true, keep: true, force: true, name: 'mv' })
  return copied || (yield* removeTree(sys, from, { force: true, recursive: true, name: 'mv' }))
}
