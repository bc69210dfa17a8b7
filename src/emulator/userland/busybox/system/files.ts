/** Files: ls, cp, mv, rm, ln, mkdir, rmdir, touch, chmod, chown, stat, readlink, realpath, find, du, df, dd, mktemp, truncate. */
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
  major,
  minor,
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  S_IFIFO,
} from '../../../kernel/linux/fs/flags.ts'
import type { Stat } from '../../../kernel/linux/fs/inode.ts'
import { groups, names, users } from '../../lib/accounts.ts'
import { print, warn, writeAll } from '../../lib/io.ts'
import { getopt, type Options } from '../../lib/options.ts'
import { matchPattern } from '../../lib/pattern.ts'
import { strftime } from '../../lib/time.ts'
import type { Applet } from '../../program.ts'
import { runCommand } from '../text/small.ts'

/** `-rwxr-xr-x` of a mode. */
export function modeText(mode: number): string {
  const type = isDir(mode)
    ? 'd'
    : isLink(mode)
      ? 'l'
      : isChr(mode)
        ? 'c'
        : isBlk(mode)
          ? 'b'
          : isFifo(mode)
            ? 'p'
            : isSock(mode)
              ? 's'
              : '-'
  const bits = (n: number, special: boolean, s: string): string =>
    `${n & 4 ? 'r' : '-'}${n & 2 ? 'w' : '-'}${special ? (n & 1 ? s : s.toUpperCase()) : n & 1 ? 'x' : '-'}`
  return (
    type +
    bits(mode >> 6, (mode & 0o4000) !== 0, 's') +
    bits((mode >> 3) & 7, (mode & 0o2000) !== 0, 's') +
    bits(mode & 7, (mode & 0o1000) !== 0, 't')
  )
}
const human = (n: number): string => {
  let value = n
  let unit = ''
  for (const u of 'KMGT') {
    if (value < 1024) break
    value /= 1024
    unit = u
  }
  return unit === '' ? String(n) : `${value.toFixed(1)}${unit}`
}
/** Names in a directory, without `.` and `..`, sorted. */
export function* entriesOf(sys: Sys, path: string): Run<string[] | Errno> {
  const fd = yield* sys.open(path, O_RDONLY)
  if (isErr(fd)) return fd
  const all = yield* sys.getdents(fd)
  yield* sys.close(fd)
  return isErr(all)
    ? all
    : all
        .map((e) => e.name)
        .filter((n) => n !== '.' && n !== '..')
        .sort()
}

const ls: Applet = {
  name: 'ls',
  usage: '[-1AaCxdLHRFplinshrSXvctukZ] [-w WIDTH] [FILE]...',
  help: 'List directory contents',
  *run(sys, argv) {
    const parsed = yield* getopt(sys, ls, argv, '1AaCxdLHRFplinshrSXvctukw:', { color: 'k', all: 'a' })
    if (typeof parsed === 'number') return parsed
    const o: Options = parsed
    const long = o.has('l') || o.has('n')
    const who = yield* names(sys)
    const tty = !isErr(yield* sys.ioctl(1, 'TCGETS'))
    const now = yield* sys.clock('realtime')
    let status = 0
    interface Item {
      readonly name: string
      readonly path: string
      readonly stat: Stat
      readonly target: string
    }
    function* item(name: string, path: string, follow: boolean): Run<Item | undefined> {
      const stat = follow || o.has('L') ? yield* sys.stat(path) : yield* sys.lstat(path)
      if (isErr(stat)) {
        yield* warn(sys, `ls: ${path}: ${stat.text}\n`)
        status = 1
        return undefined
      }
      const target = isLink(stat.mode) && long ? yield* sys.readlink(path) : ''
      return { name, path, stat, target: isErr(target) ? '' : target }
    }
    const order = (items: Item[]): Item[] => {
      if (o.has('t')) items.sort((a, b) => b.stat.mtime - a.stat.mtime)
      else if (o.has('S')) items.sort((a, b) => b.stat.size - a.stat.size)
      else items.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
      return o.has('r') ? items.reverse() : items
    }
    const mark = (i: Item): string =>
      isDir(i.stat.mode) && (o.has('F') || o.has('p'))
        ? '/'
        : !o.has('F')
          ? ''
          : isLink(i.stat.mode)
            ? '@'
            : isFifo(i.stat.mode)
              ? '|'
              : isSock(i.stat.mode)
                ? '='
                : isReg(i.stat.mode) && i.stat.mode & 0o111
                  ? '*'
                  : ''
    const row = (i: Item): string => {
      const s = i.stat
      const front = `${o.has('i') ? `${String(s.ino).padStart(7)} ` : ''}${o.has('s') ? `${String(Math.ceil(s.blocks / 2)).padStart(6)} ` : ''}`
      if (!long) return `${front}${i.name}${mark(i)}`
      const size =
        isChr(s.mode) || isBlk(s.mode)
          ? `${String(major(s.rdev)).padStart(4)},${String(minor(s.rdev)).padStart(4)}`
          : (o.has('h') ? human(s.size) : String(s.size)).padStart(9)
      const recent = now - s.mtime < 15768000e9 && s.mtime - now < 15768000e9
      const user = o.has('n') ? String(s.uid) : who.user(s.uid)
      const group = o.has('n') ? String(s.gid) : who.group(s.gid)
      return `${front}${modeText(s.mode)} ${String(s.nlink).padStart(4)} ${user.padEnd(8)} ${group.padEnd(8)} ${size} ${strftime(recent ? '%b %e %H:%M' : '%b %e  %Y', s.mtime)} ${i.name}${i.target ? ` -> ${i.target}` : mark(i)}`
    }
    function* show(items: Item[]): Run<void> {
      const rows = order(items).map(row)
      if (long || o.has('1') || (!tty && !o.has('C') && !o.has('x'))) {
        yield* print(sys, rows.map((r) => `${r}\n`).join(''))
        return
      }
      const size = yield* sys.ioctl<{ columns: number }>(1, 'TIOCGWINSZ')
      const width = isErr(size) ? 80 : size.columns
      const cell = Math.max(1, ...rows.map((r) => r.length)) + 2
      const columns = Math.max(1, Math.floor((width + 1) / cell))
      const height = Math.ceil(rows.length / columns)
      let text = ''
      for (let y = 0; y < height; y++)
        text += `${Array.from({ length: columns }, (_, x) => rows[x * height + y] ?? '')
          .map((r) => r.padEnd(cell))
          .join('')
          .trimEnd()}\n`
      yield* print(sys, text)
    }
    function* directory(path: string, heading: boolean, first: boolean): Run<void> {
      const found = yield* entriesOf(sys, path)
      if (isErr(found)) {
        yield* warn(sys, `ls: can't open '${path}': ${found.text}\n`)
        status = 1
        return
      }
      const list = [
        ...(o.has('a') ? ['.', '..'] : []),
        ...found.filter((n) => o.has('a') || o.has('A') || !n.startsWith('.')),
      ]
      const items: Item[] = []
      for (const n of list) {
        const i = yield* item(n, `${path === '/' ? '' : path}/${n}`, false)
        if (i) items.push(i)
      }
      if (heading) yield* print(sys, `${first ? '' : '\n'}${path}:\n`)
      if (long || o.has('s'))
        yield* print(sys, `total ${Math.ceil(items.reduce((n, i) => n + i.stat.blocks, 0) / 2)}\n`)
      yield* show(items)
      if (o.has('R'))
        for (const i of items)
          if (isDir(i.stat.mode) && i.name !== '.' && i.name !== '..') yield* directory(i.path, true, false)
    }
    const files: Item[] = []
    const dirs: string[] = []
    for (const path of o.rest.length > 0 ? o.rest : ['.']) {
      const i = yield* item(path, path, !long && !o.has('d'))
      if (!i) continue
      if (isDir(i.stat.mode) && !o.has('d')) dirs.push(path)
      else files.push(i)
    }
    if (files.length > 0) yield* show(files)
    let first = files.length === 0
    for (const d of dirs.sort()) {
      yield* directory(d, dirs.length + files.length > 1 || o.has('R'), first)
      first = false
    }
    return status
  },
}

/** Copies one file or tree. */
function* copyTree(
  sys: Sys,
  from: string,
  to: string,
  o: { readonly recursive: boolean; readonly keep: boolean; readonly follow: boolean; readonly force: boolean },
): Run<ExitCode> {
  const s = o.follow ? yield* sys.stat(from) : yield* sys.lstat(from)
  if (isErr(s)) {
    yield* warn(sys, `cp: can't stat '${from}': ${s.text}\n`)
    return 1
  }
  let status = 0
  if (isDir(s.mode)) {
    if (!o.recursive) {
      yield* warn(sys, `cp: omitting directory '${from}'\n`)
      return 1
    }
    if (to === from || to.startsWith(`${from}/`)) {
      yield* warn(sys, `cp: recursion detected, omitting directory '${from}'\n`)
      return 1
    }
    const failed = yield* sys.mkdir(to, s.mode & 0o7777)
    if (failed && failed.name !== 'EEXIST') {
      yield* warn(sys, `cp: can't create directory '${to}': ${failed.text}\n`)
      return 1
    }
    const list = yield* entriesOf(sys, from)
    for (const n of isErr(list) ? [] : list) status |= yield* copyTree(sys, `${from}/${n}`, `${to}/${n}`, o)
  } else if (isLink(s.mode)) {
    const target = yield* sys.readlink(from)
    if (!isErr(target)) {
      yield* sys.unlink(to)
      yield* sys.symlink(target, to)
    }
  } else if (isReg(s.mode) || o.follow) {
    const there = yield* sys.stat(to)
    if (!isErr(there) && there.dev === s.dev && there.ino === s.ino) {
      yield* warn(sys, `cp: '${from}' and '${to}' are the same file\n`)
      return 1
    }
    const r = yield* sys.open(from, O_RDONLY)
    if (isErr(r)) {
      yield* warn(sys, `cp: can't open '${from}': ${r.text}\n`)
      return 1
    }
    let w = yield* sys.open(to, O_WRONLY | O_CREAT | O_TRUNC, s.mode & 0o7777)
    if (isErr(w) && o.force) {
      yield* sys.unlink(to)
      w = yield* sys.open(to, O_WRONLY | O_CREAT | O_EXCL, s.mode & 0o7777)
    }
    if (isErr(w)) {
      yield* warn(sys, `cp: can't create '${to}': ${w.text}\n`)
      yield* sys.close(r)
      return 1
    }
    for (;;) {
      const part = yield* sys.read(r, 65536)
      if (part === EINTR) continue
      if (isErr(part) || part.length === 0) {
        if (isErr(part)) {
          yield* warn(sys, `cp: read error: ${part.text}\n`)
          status = 1
        }
        break
      }
      const failed = yield* writeAll(sys, w, part)
      if (failed) {
        yield* warn(sys, `cp: write error: ${failed.text}\n`)
        status = 1
        break
      }
    }
    yield* sys.close(r)
    yield* sys.close(w)
  } else {
    const failed = yield* sys.mknod(to, s.mode, s.rdev)
    if (failed) {
      yield* warn(sys, `cp: can't create '${to}': ${failed.text}\n`)
      return 1
    }
  }
  if (o.keep && !isLink(s.mode)) {
    yield* sys.chown(to, s.uid, s.gid)
    yield* sys.chmod(to, s.mode & 0o7777)
    yield* sys.utimens(to, s.atime, s.mtime)
  }
  return status
}
/** The last operand as a directory: each other one goes into it. */
function* pairs(
  sys: Sys,
  name: string,
  applet: Applet,
  rest: readonly string[],
  intoDir = true,
): Run<(readonly [string, string])[] | ExitCode> {
  if (rest.length < 2) {
    yield* warn(sys, `${name}: missing file operand\n`)
    return 1
  }
  const to = rest.at(-1) as string
  const s = yield* sys.stat(to)
  const dir = intoDir && !isErr(s) && isDir(s.mode)
  if (rest.length > 2 && !dir) {
    yield* warn(sys, `${applet.name}: can't stat '${to}': ${isErr(s) ? s.text : 'Not a directory'}\n`)
    return 1
  }
  return rest
    .slice(0, -1)
    .map((from) => [from, dir ? `${to.replace(/\/$/, '')}/${from.replace(/\/+$/, '').split('/').at(-1)}` : to] as const)
}

const cp: Applet = {
  name: 'cp',
  usage: '[-arPLHpfinlsTu] SOURCE DEST\nor: cp [-arPLHpfinlsu] SOURCE... { -t DIRECTORY | DIRECTORY }',
  help: 'Copy SOURCEs to DEST',
  *run(sys, argv) {
    const o = yield* getopt(sys, cp, argv, 'arRPLHpdfinlsTuv')
    if (typeof o === 'number') return o
    const list = yield* pairs(sys, 'cp', cp, o.rest, !o.has('T'))
    if (typeof list === 'number') return list
    const recursive = o.has('a') || o.has('r') || o.has('R')
    let status = 0
    for (const [from, to] of list) {
      if (o.has('l')) status |= (yield* sys.link(from, to)) ? 1 : 0
      else if (o.has('s')) status |= (yield* sys.symlink(from, to)) ? 1 : 0
      else if (o.has('n') && !isErr(yield* sys.lstat(to))) continue
      else
        status |= yield* copyTree(sys, from, to, {
          recursive,
          keep: o.has('a') || o.has('p'),
          follow: !(o.has('P') || o.has('d') || o.has('a') || (recursive && !o.has('L'))),
          force: o.has('f'),
        })
    }
    return status
  },
}
function* removeTree(sys: Sys, path: string, force: boolean, recursive: boolean): Run<ExitCode> {
  const s = yield* sys.lstat(path)
  if (isErr(s)) {
    if (force && s.name === 'ENOENT') return 0
    yield* warn(sys, `rm: can't remove '${path}': ${s.text}\n`)
    return 1
  }
  let status = 0
  if (isDir(s.mode)) {
    if (!recursive) {
      yield* warn(sys, `rm: '${path}' is a directory\n`)
      return 1
    }
    const list = yield* entriesOf(sys, path)
    if (isErr(list)) {
      yield* warn(sys, `rm: can't open '${path}': ${list.text}\n`)
      return 1
    }
    for (const n of list) status |= yield* removeTree(sys, `${path}/${n}`, force, true)
  }
  const failed = isDir(s.mode) ? yield* sys.rmdir(path) : yield* sys.unlink(path)
  if (failed) {
    yield* warn(sys, `rm: can't remove '${path}': ${failed.text}\n`)
    return 1
  }
  return status
}
const rm: Applet = {
  name: 'rm',
  usage: '[-irf] FILE...',
  help: 'Remove (unlink) FILEs\n\n\t-i\tAlways prompt before removing\n\t-f\tForce, never prompt\n\t-R,-r\tRecurse',
  *run(sys, argv) {
    const o = yield* getopt(sys, rm, argv, 'irRfv')
    if (typeof o === 'number') return o
    if (o.rest.length === 0 && !o.has('f')) {
      yield* warn(sys, 'rm: missing operand\n')
      return 1
    }
    let status = 0
    for (const path of o.rest) {
      if (/(^|\/)\.{1,2}\/*$/.test(path) || path === '/') {
        yield* warn(
          sys,
          `rm: can't remove '.' or '..' or '/'\n`.replace("'.' or '..' or '/'", `'${path}'${path === '/' ? '' : ''}`),
        )
        status = 1
      } else status |= yield* removeTree(sys, path, o.has('f'), o.has('r') || o.has('R'))
    }
    return status
  },
}
const mv: Applet = {
  name: 'mv',
  usage: '[-finT] SOURCE DEST\nor: mv [-fin] SOURCE... { -t DIRECTORY | DIRECTORY }',
  help: 'Rename SOURCE to DEST, or move SOURCEs to DIRECTORY',
  *run(sys, argv) {
    const o = yield* getopt(sys, mv, argv, 'finTv')
    if (typeof o === 'number') return o
    const list = yield* pairs(sys, 'mv', mv, o.rest, !o.has('T'))
    if (typeof list === 'number') return list
    let status = 0
    for (const [from, to] of list) {
      if (o.has('n') && !isErr(yield* sys.lstat(to))) continue
      const failed = yield* sys.rename(from, to)
      if (!failed) continue
      if (failed.name === 'EXDEV') {
        const copied = yield* copyTree(sys, from, to, { recursive: true, keep: true, follow: false, force: true })
        status |= copied || (yield* removeTree(sys, from, true, true))
      } else {
        yield* warn(sys, `mv: can't rename '${from}': ${failed.text}\n`)
        status = 1
      }
    }
    return status
  },
}
const ln: Applet = {
  name: 'ln',
  usage: '[-sfnbtv] [-S SUF] TARGET... LINK|DIR',
  help: 'Create a link LINK or DIR/TARGET to the specified TARGET(s)',
  *run(sys, argv) {
    const o = yield* getopt(sys, ln, argv, 'sfnvT')
    if (typeof o === 'number') return o
    const rest = o.rest.length === 1 ? [o.rest[0] as string, '.'] : o.rest
    const list = yield* pairs(sys, 'ln', ln, rest, !o.has('n') && !o.has('T'))
    if (typeof list === 'number') return list
    let status = 0
    for (const [target, path] of list) {
      if (o.has('f')) yield* sys.unlink(path)
      const failed = o.has('s') ? yield* sys.symlink(target, path) : yield* sys.link(target, path)
      if (failed) {
        yield* warn(sys, `ln: ${path}: ${failed.text}\n`)
        status = 1
      }
    }
    return status
  },
}
/** `755`, `u+x,g-w`, `a=rX` on a mode. */
export function changeMode(spec: string, mode: number, mask = 0): number | undefined {
  if (/^[0-7]{1,4}$/.test(spec)) return Number.parseInt(spec, 8)
  let now = mode & 0o7777
  for (const clause of spec.split(',')) {
    const m = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/.exec(clause)
    if (!m) return undefined
    const all = m[1] === ''
    const who = all || m[1]?.includes('a') ? 'ugo' : (m[1] as string)
    for (const [, op, perms = ''] of (m[2] as string).matchAll(/([-+=])([rwxXstugo]*)/g)) {
      let bits = 0
      for (const w of who) {
        const shift = { u: 6, g: 3, o: 0 }[w as 'u' | 'g' | 'o']
        for (const c of perms) {
          if (c === 'r') bits |= 4 << shift
          else if (c === 'w') bits |= 2 << shift
          else if (c === 'x' || (c === 'X' && (isDir(mode) || mode & 0o111))) bits |= 1 << shift
          else if (c === 's') bits |= w === 'u' ? 0o4000 : w === 'g' ? 0o2000 : 0
          else if (c === 't') bits |= 0o1000
          else if ('ugo'.includes(c)) bits |= ((now >> { u: 6, g: 3, o: 0 }[c as 'u' | 'g' | 'o']) & 7) << shift
        }
      }
      if (all) bits &= ~mask
      const cover = [...who].reduce((b, w) => b | (7 << { u: 6, g: 3, o: 0 }[w as 'u' | 'g' | 'o']), 0)
      now = op === '+' ? now | bits : op === '-' ? now & ~bits : (now & ~cover) | bits
    }
  }
  return now
}
const mkdir: Applet = {
  name: 'mkdir',
  usage: '[-m MODE] [-p] DIRECTORY...',
  help: 'Create DIRECTORY\n\n\t-m MODE\tMode\n\t-p\tNo error if exists; make parent directories as needed',
  *run(sys, argv) {
    const o = yield* getopt(sys, mkdir, argv, 'm:pv', { parents: 'p', mode: 'm' })
    if (typeof o === 'number') return o
    let status = 0
    for (const path of o.rest) {
      if (o.has('p')) {
        let at = path.startsWith('/') ? '/' : ''
        for (const part of path.split('/').filter(Boolean)) {
          at += part
          const failed = yield* sys.mkdir(at)
          const there = failed ? yield* sys.stat(at) : undefined
          if (failed && (isErr(there) || !there || !isDir(there.mode))) {
            yield* warn(sys, `mkdir: can't create directory '${path}': ${failed.text}\n`)
            status = 1
            break
          }
          at += '/'
        }
      } else {
        const failed = yield* sys.mkdir(path)
        if (failed) {
          yield* warn(sys, `mkdir: can't create directory '${path}': ${failed.text}\n`)
          status = 1
          continue
        }
      }
      const mode = o.value('m')
      if (mode !== undefined) yield* sys.chmod(path, changeMode(mode, 0o40777) ?? 0o777)
    }
    return status
  },
}
/** Programs that do one thing to each operand. */
function each(
  name: string,
  usage: string,
  help: string,
  letters: string,
  act: (sys: Sys, path: string, has: (letter: string) => boolean) => Run<string | undefined>,
): Applet {
  const applet: Applet = {
    name,
    usage,
    help,
    *run(sys, argv) {
      const o = yield* getopt(sys, applet, argv, letters)
      if (typeof o === 'number') return o
      let status = 0
      if (o.rest.length === 0) {
        yield* warn(sys, `${name}: missing operand\n`)
        return 1
      }
      for (const path of o.rest) {
        const failed = yield* act(sys, path, o.has)
        if (failed !== undefined) {
          yield* warn(sys, `${name}: ${failed}\n`)
          status = 1
        }
      }
      return status
    },
  }
  return applet
}
const rmdir = each('rmdir', '[-p] DIRECTORY...', 'Remove DIRECTORY if it is empty', 'p', function* (sys, path) {
  const failed = yield* sys.rmdir(path)
  return failed ? `'${path}': ${failed.text}` : undefined
})
const touch: Applet = {
  name: 'touch',
  usage: '[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...',
  help: 'Update mtime of FILEs',
  *run(sys, argv) {
    const o = yield* getopt(sys, touch, argv, 'chamd:t:r:')
    if (typeof o === 'number') return o
    let time: number | undefined
    if (o.value('d') ?? o.value('t')) {
      yield* warn(sys, 'zukan: not emulated: touch -d, -t\n')
      return 1
    }
    const reference = o.value('r')
    if (reference !== undefined) {
      const s = yield* sys.stat(reference)
      if (isErr(s)) {
        yield* warn(sys, `touch: ${reference}: ${s.text}\n`)
        return 1
      }
      time = s.mtime
    }
    let status = 0
    for (const path of o.rest) {
      let failed = yield* sys.utimens(path, o.has('m') ? 'omit' : time, o.has('a') ? 'omit' : time)
      if (failed?.name === 'ENOENT' && !o.has('c')) {
        const fd = yield* sys.open(path, O_WRONLY | O_CREAT, 0o666)
        failed = isErr(fd) ? fd : undefined
        if (!isErr(fd)) yield* sys.close(fd)
      } else if (failed?.name === 'ENOENT') failed = undefined
      if (failed) {
        yield* warn(sys, `touch: ${path}: ${failed.text}\n`)
        status = 1
      }
    }
    return status
  },
}
function* recurse(sys: Sys, path: string, act: (path: string, s: Stat) => Run<ExitCode>): Run<ExitCode> {
  const s = yield* sys.lstat(path)
  if (isErr(s)) return 1
  let status = yield* act(path, s)
  if (isDir(s.mode)) {
    const list = yield* entriesOf(sys, path)
    for (const n of isErr(list) ? [] : list) status |= yield* recurse(sys, `${path}/${n}`, act)
  }
  return status
}
const chmod: Applet = {
  name: 'chmod',
  usage: '[-Rcvf] MODE[,MODE]... FILE...',
  help: 'MODE is octal number (bit pattern sstrwxrwxrwx) or [ugoa]{+|-|=}[rwxXst]',
  *run(sys, argv) {
    const dash = argv.findIndex((a, i) => i > 0 && /^-[rwxXst]/.test(a))
    const o = yield* getopt(sys, chmod, dash > 0 ? [...argv.slice(0, dash), '--', ...argv.slice(dash)] : argv, 'Rcvf')
    if (typeof o === 'number') return o
    const [spec, ...files] = o.rest
    const mask = yield* sys.umask(0)
    yield* sys.umask(mask)
    let status = 0
    for (const file of files) {
      const one = function* (path: string): Run<ExitCode> {
        const s = yield* sys.stat(path)
        const mode = isErr(s) ? undefined : changeMode(spec ?? '', s.mode, mask)
        if (!isErr(s) && mode === undefined) {
          yield* warn(sys, `chmod: invalid mode '${spec}'\n`)
          return 1
        }
        const failed = isErr(s) ? s : yield* sys.chmod(path, mode as number)
        if (failed) yield* warn(sys, `chmod: ${path}: ${failed.text}\n`)
        return failed ? 1 : 0
      }
      status |= o.has('R') ? yield* recurse(sys, file, one) : yield* one(file)
    }
    return status
  },
}
const owner = (name: 'chown' | 'chgrp'): Applet => {
  const applet: Applet = {
    name,
    usage: name === 'chown' ? '[-RhLHPcvf]... USER[:[GRP]] FILE...' : '[-RhLHPcvf]... GROUP FILE...',
    help:
      name === 'chown'
        ? 'Change the owner and/or group of FILEs to USER and/or GRP'
        : 'Change the group membership of FILEs to GROUP',
    *run(sys, argv) {
      const o = yield* getopt(sys, applet, argv, 'RhLHPcvf')
      if (typeof o === 'number') return o
      const [spec = '', ...files] = o.rest
      const [user = '', group] = name === 'chgrp' ? ['', spec] : spec.split(/[:.]/)
      const number = function* (text: string | undefined, kind: 'user' | 'group'): Run<number | undefined> {
        if (text === undefined || text === '') return -1
        if (/^\d+$/.test(text)) return Number(text)
        const found =
          kind === 'user'
            ? (yield* users(sys)).find((u) => u.name === text)?.uid
            : (yield* groups(sys)).find((g) => g.name === text)?.gid
        if (found === undefined) yield* warn(sys, `${name}: unknown ${kind === 'user' ? 'user' : 'group'} ${text}\n`)
        return found
      }
      const uid = yield* number(user, 'user')
      const gid = yield* number(group, 'group')
      if (uid === undefined || gid === undefined) return 1
      let status = 0
      for (const file of files) {
        const one = function* (path: string): Run<ExitCode> {
          const failed = o.has('h') ? yield* sys.lchown(path, uid, gid) : yield* sys.chown(path, uid, gid)
          if (failed) yield* warn(sys, `${name}: ${path}: ${failed.text}\n`)
          return failed ? 1 : 0
        }
        status |= o.has('R') ? yield* recurse(sys, file, one) : yield* one(file)
      }
      return status
    },
  }
  return applet
}
const stat: Applet = {
  name: 'stat',
  usage: '[-ltf] [-c FMT] FILE...',
  help: 'Display file (default) or filesystem status',
  *run(sys, argv) {
    const o = yield* getopt(sys, stat, argv, 'ltfLc:')
    if (typeof o === 'number') return o
    const who = yield* names(sys)
    let status = 0
    for (const path of o.rest) {
      const s = o.has('L') ? yield* sys.stat(path) : yield* sys.lstat(path)
      if (isErr(s)) {
        yield* warn(sys, `stat: can't stat '${path}': ${s.text}\n`)
        status = 1
        continue
      }
      const kind = isDir(s.mode)
        ? 'directory'
        : isLink(s.mode)
          ? 'symbolic link'
          : isReg(s.mode)
            ? s.size === 0
              ? 'regular empty file'
              : 'regular file'
            : isFifo(s.mode)
              ? 'fifo'
              : isSock(s.mode)
                ? 'socket'
                : isChr(s.mode)
                  ? 'character special file'
                  : 'block special file'
      const time = (t: number): string => strftime('%F %T.%N +0000', t)
      const target = isLink(s.mode) ? yield* sys.readlink(path) : ''
      const quoted = isLink(s.mode) && !isErr(target) ? `'${path}' -> '${target}'` : path
      const values: Record<string, string> = {
        n: path,
        N: quoted,
        a: (s.mode & 0o7777).toString(8),
        A: modeText(s.mode),
        U: who.user(s.uid),
        G: who.group(s.gid),
        u: String(s.uid),
        g: String(s.gid),
        s: String(s.size),
        h: String(s.nlink),
        i: String(s.ino),
        F: kind,
        b: String(s.blocks),
        B: '512',
        o: '4096',
        d: String(s.dev),
        f: s.mode.toString(16),
        X: String(Math.floor(s.atime / 1e9)),
        Y: String(Math.floor(s.mtime / 1e9)),
        Z: String(Math.floor(s.ctime / 1e9)),
        x: time(s.atime),
        y: time(s.mtime),
        z: time(s.ctime),
        t: major(s.rdev).toString(16),
        T: minor(s.rdev).toString(16),
        '%': '%',
      }
      const format =
        o.value('c') ??
        `  File: %N\n  Size: ${String(s.size).padEnd(10)}\tBlocks: ${String(s.blocks).padEnd(10)} IO Block: 4096   %F\nDevice: ${s.dev.toString(16)}h/${s.dev}d\tInode: ${String(s.ino).padEnd(10)}  Links: ${s.nlink}\nAccess: (${(s.mode & 0o7777).toString(8).padStart(4, '0')}/%A)  Uid: (${String(s.uid).padStart(5)}/${who.user(s.uid).padStart(8)})   Gid: (${String(s.gid).padStart(5)}/${who.group(s.gid).padStart(8)})\nAccess: %x\nModify: %y\nChange: %z`
      yield* print(sys, `${format.replace(/%([A-Za-z%])/g, (all, k: string) => values[k] ?? all)}\n`)
    }
    return status
  },
}
const readlink: Applet = {
  name: 'readlink',
  usage: '[-fnv] FILE',
  help: 'Display the value of a symlink',
  *run(sys, argv) {
    const o = yield* getopt(sys, readlink, argv, 'fnve')
    if (typeof o === 'number') return o
    const path = o.rest[0] ?? ''
    const target = o.has('f') || o.has('e') ? yield* realPath(sys, path) : yield* sys.readlink(path)
    if (isErr(target)) return 1
    yield* print(sys, o.has('n') ? target : `${target}\n`)
    return 0
  },
}
/** The path without links, `.` and `..`; the last name may not exist. */
export function* realPath(sys: Sys, path: string): Run<string | Errno> {
  const cwd = yield* sys.getcwd()
  let at = ''
  const parts = (path.startsWith('/') ? path : `${isErr(cwd) ? '' : cwd}/${path}`).split('/')
  for (let i = 0, links = 0; i < parts.length; i++) {
    const part = parts[i] as string
    if (part === '' || part === '.') continue
    if (part === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')))
      continue
    }
    const next = `${at}/${part}`
    const s = yield* sys.lstat(next)
    if (isErr(s)) {
      if (parts.slice(i + 1).some(Boolean) || s.name !== 'ENOENT') return s
    } else if (isLink(s.mode) && links++ < 40) {
      const target = yield* sys.readlink(next)
      if (isErr(target)) return target
      if (target.startsWith('/')) at = ''
      parts.splice(i + 1, 0, ...target.split('/'))
      continue
    }
    at = next
  }
  return at || '/'
}
const realpath = each('realpath', '[-es] FILE...', 'Print absolute pathnames of FILE', 'es', function* (sys, path) {
  const full = yield* realPath(sys, path)
  if (isErr(full)) return `${path}: ${full.text}`
  yield* print(sys, `${full}\n`)
  return undefined
})
const pwd: Applet = {
  name: 'pwd',
  usage: '',
  help: 'Print the full filename of the current working directory',
  *run(sys) {
    const at = yield* sys.getcwd()
    yield* print(sys, isErr(at) ? '' : `${at}\n`)
    return isErr(at) ? 1 : 0
  },
}
const mkfifo = each('mkfifo', '[-m MODE] NAME', 'Create named pipe', '', function* (sys, path) {
  const failed = yield* sys.mknod(path, S_IFIFO | 0o666)
  return failed ? `${path}: ${failed.text}` : undefined
})
const truncate: Applet = {
  name: 'truncate',
  usage: '[-c] -s SIZE FILE...',
  help: 'Truncate FILEs to SIZE',
  *run(sys, argv) {
    const o = yield* getopt(sys, truncate, argv, 'cs:')
    if (typeof o === 'number') return o
    const m = /^(\d+)([kKmMgG]?)$/.exec(o.value('s') ?? '')
    if (!m) {
      yield* warn(sys, `truncate: invalid number '${o.value('s') ?? ''}'\n`)
      return 1
    }
    const size = Number(m[1]) * ({ '': 1, k: 1024, m: 1048576, g: 1073741824 }[(m[2] ?? '').toLowerCase()] ?? 1)
    for (const path of o.rest) {
      const fd = yield* sys.open(path, O_WRONLY | (o.has('c') ? 0 : O_CREAT), 0o666)
      if (isErr(fd)) {
        if (o.has('c')) continue
        yield* warn(sys, `truncate: ${path}: open: ${fd.text}\n`)
        return 1
      }
      yield* sys.ftruncate(fd, size)
      yield* sys.close(fd)
    }
    return 0
  },
}
const mktemp: Applet = {
  name: 'mktemp',
  usage: '[-dt] [-p DIR] [TEMPLATE]',
  help: 'Create a temporary file with name based on TEMPLATE and print its name',
  *run(sys, argv) {
    const o = yield* getopt(sys, mktemp, argv, 'dtqup:')
    if (typeof o === 'number') return o
    const template = o.rest[0] ?? '/tmp/tmp.XXXXXX'
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
    if (!template.endsWith('XXXXXX')) {
      yield* warn(sys, `mktemp: (null): Invalid argument\n`)
      return 1
    }
    const bytes = yield* sys.getrandom(6)
    const base = template.replace(/XXXXXX$/, [...bytes].map((b) => letters[b % 62]).join(''))
    const path = o.value('p') !== undefined ? `${o.value('p')}/${base}` : o.has('t') ? `/tmp/${base}` : base
    const made = o.has('d') ? yield* sys.mkdir(path, 0o700) : yield* sys.open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    if (isErr(made)) {
      yield* warn(sys, `mktemp: ${path}: ${made.text}\n`)
      return 1
    }
    yield* print(sys, `${path}\n`)
    return 0
  },
}
const dd: Applet = {
  name: 'dd',
  usage:
    '[if=FILE] [of=FILE] [ibs=N obs=N/bs=N] [count=N] [skip=N] [seek=N]\n\t[conv=notrunc|noerror|sync|fsync]\n\t[iflag=skip_bytes|count_bytes|fullblock|direct] [oflag=seek_bytes|append|direct]',
  help: 'Copy a file with converting and formatting',
  *run(sys, argv) {
    const a = new Map(argv.slice(1).map((x) => [x.slice(0, x.indexOf('=')), x.slice(x.indexOf('=') + 1)]))
    const size = (text: string | undefined, fallback: number): number => {
      const m = /^(\d+)([cwbkKMG]?)/.exec(text ?? '')
      return m
        ? Number(m[1]) * ({ '': 1, c: 1, w: 2, b: 512, k: 1024, K: 1024, M: 1048576, G: 1073741824 }[m[2] ?? ''] ?? 1)
        : fallback
    }
    const bs = size(a.get('bs') ?? a.get('ibs'), 512)
    const count = size(a.get('count'), Infinity)
    const input = a.has('if') ? yield* sys.open(a.get('if') as string, O_RDONLY) : 0
    if (isErr(input)) {
      yield* warn(sys, `dd: can't open '${a.get('if')}': ${input.text}\n`)
      return 1
    }
    const output = a.has('of')
      ? yield* sys.open(
          a.get('of') as string,
          O_WRONLY | O_CREAT | (a.get('conv')?.includes('notrunc') || a.has('seek') ? 0 : O_TRUNC),
          0o666,
        )
      : 1
    if (isErr(output)) {
      yield* warn(sys, `dd: can't open '${a.get('of')}': ${output.text}\n`)
      return 1
    }
    if (a.has('skip') && isErr(yield* sys.lseek(input, size(a.get('skip'), 0) * bs, 'set')))
      for (let i = 0; i < size(a.get('skip'), 0); i++) yield* sys.read(input, bs)
    if (a.has('seek')) yield* sys.lseek(output, size(a.get('seek'), 0) * bs, 'set')
    let full = 0
    let partial = 0
    let outFull = 0
    let outPartial = 0
    let total = 0
    let status = 0
    for (let n = 0; n < count; n++) {
      const part = yield* sys.read(input, bs)
      if (part === EINTR) continue
      if (isErr(part) || part.length === 0) break
      if (part.length === bs) full++
      else partial++
      const failed = yield* writeAll(sys, output, part)
      if (failed) {
        yield* warn(sys, `dd: error writing '${a.get('of') ?? 'standard output'}': ${failed.text}\n`)
        status = 1
        break
      }
      total += part.length
      if (part.length === bs) outFull++
      else outPartial++
    }
    if (a.get('status') !== 'none')
      yield* warn(
        sys,
        `${full}+${partial} records in\n${outFull}+${outPartial} records out\n${a.get('status') === 'noxfer' ? '' : `${total} bytes (${human(total)}B) copied, 0.000100 seconds, ${human(total * 10000)}B/s\n`}`,
      )
    return status
  },
}
const df: Applet = {
  name: 'df',
  usage: '[-PkmhTai] [-B SIZE] [-t TYPE] [FILESYSTEM]...',
  help: 'Print filesystem usage statistics',
  *run(sys, argv) {
    const o = yield* getopt(sys, df, argv, 'PkmhTaiB:t:')
    if (typeof o === 'number') return o
    const fd = yield* sys.open('/proc/mounts', O_RDONLY)
    const text = isErr(fd) ? new Uint8Array(0) : yield* sys.read(fd, 65536)
    const rows = (isErr(text) ? '' : new TextDecoder().decode(text))
      .split('\n')
      .filter(Boolean)
      .map((l) => l.split(' '))
    const unit = o.has('h') ? 0 : o.has('m') ? 1048576 : 1024
    const cell = (n: number): string => (unit ? String(Math.ceil(n / unit)) : human(n))
    yield* print(
      sys,
      o.has('h')
        ? 'Filesystem                Size      Used Available Use% Mounted on\n'
        : `Filesystem           ${o.has('m') ? '1M' : '1K'}-blocks      Used Available Use% Mounted on\n`,
    )
    let status = 0
    const targets: string[] = []
    for (const path of o.rest) {
      const s = yield* sys.stat(path)
      if (isErr(s)) {
        yield* warn(sys, `df: ${path}: can't find mount point: ${s.text}\n`)
        status = 1
        continue
      }
      const full = yield* realPath(sys, path)
      targets.push(
        rows
          .map((r) => r[1] ?? '')
          .filter((m) => m === '/' || full === m || String(full).startsWith(`${m}/`))
          .sort((a, b) => b.length - a.length)[0] ?? '/',
      )
    }
    for (const [source = '', where = '', type] of rows) {
      if (
        o.rest.length > 0
          ? !targets.includes(where)
          : ['proc', 'sysfs', 'cgroup2', 'devpts', 'mqueue', 'nsfs'].includes(type ?? '')
      )
        continue
      const s = yield* sys.statfs(where)
      if (isErr(s) || (s.size === 0 && o.rest.length === 0)) continue
      const used = s.size - s.free
      yield* print(
        sys,
        `${source.padEnd(20)}${source.length > 20 ? `\n${' '.repeat(20)}` : ''} ${cell(s.size).padStart(9)} ${cell(used).padStart(9)} ${cell(s.free).padStart(9)} ${`${Math.ceil((used / (s.size || 1)) * 100)}%`.padStart(4)} ${where}\n`,
      )
    }
    return status
  },
}
const du: Applet = {
  name: 'du',
  usage: '[-aHLdclsxhmk] [FILE]...',
  help: 'Summarize disk space used for FILEs (or directories)',
  *run(sys, argv) {
    const parsed = yield* getopt(sys, du, argv, 'aHLd:clsxhmkb')
    if (typeof parsed === 'number') return parsed
    const o: Options = parsed
    const depth = o.has('s') ? 0 : Number(o.value('d') ?? Infinity)
    const show = (blocks: number): string =>
      o.has('h') ? human(blocks * 512) : String(Math.ceil(o.has('m') ? blocks / 2048 : blocks / 2))
    function* visit(path: string, level: number): Run<number> {
      const s = yield* sys.lstat(path)
      if (isErr(s)) {
        yield* warn(sys, `du: ${path}: ${s.text}\n`)
        return 0
      }
      let total = s.blocks
      if (isDir(s.mode)) {
        const list = yield* entriesOf(sys, path)
        for (const n of isErr(list) ? [] : list) total += yield* visit(`${path}/${n}`, level + 1)
      }
      if (level <= depth && (isDir(s.mode) || o.has('a') || level === 0)) yield* print(sys, `${show(total)}\t${path}\n`)
      return total
    }
    let sum = 0
    for (const path of o.rest.length > 0 ? o.rest : ['.']) sum += yield* visit(path, 0)
    if (o.has('c')) yield* print(sys, `${show(sum)}\ttotal\n`)
    return 0
  },
}

const typeTests: Readonly<Record<string, (mode: number) => boolean>> = {
  f: isReg,
  d: isDir,
  l: isLink,
  p: isFifo,
  s: isSock,
  c: isChr,
  b: isBlk,
}
type Test = (path: string, name: string, s: Stat, depth: number) => Run<boolean>
const find: Applet = {
  name: 'find',
  usage: '[-HL] [PATH]... [OPTIONS] [ACTIONS]',
  help: 'Search for files and perform actions on them.',
  *run(sys, argv) {
    const t = argv.slice(1)
    const paths: string[] = []
    while (t[0] !== undefined && !/^[-(!]/.test(t[0])) paths.push(t.shift() as string)
    let max = Infinity
    let min = 0
    let depthFirst = false
    let acted = false
    let pruned = false
    let error: string | undefined
    let quit = false
    let status = 0
    const batches: { readonly command: string[]; readonly files: string[] }[] = []
    const compare = (spec: string, value: number): boolean =>
      spec.startsWith('+')
        ? value > Number(spec.slice(1))
        : spec.startsWith('-')
          ? value < Number(spec.slice(1))
          : value === Number(spec)
    const or = (): Test => {
      let left = and()
      while (t[0] === '-o' || t[0] === '-or') {
        t.shift()
        const a = left
        const b = and()
        left = function* (...x) {
          return (yield* a(...x)) || (yield* b(...x))
        }
      }
      return left
    }
    const and = (): Test => {
      let left = not()
      while (t.length > 0 && t[0] !== ')' && t[0] !== '-o' && t[0] !== '-or' && error === undefined) {
        if (t[0] === '-a' || t[0] === '-and') t.shift()
        const a = left
        const b = not()
        left = function* (...x) {
          return (yield* a(...x)) && (yield* b(...x))
        }
      }
      return left
    }
    const not = (): Test => {
      if (t[0] === '!' || t[0] === '-not') {
        t.shift()
        const a = not()
        return function* (...x) {
          return !(yield* a(...x))
        }
      }
      return primary()
    }
    const argument = (name: string): string => {
      const value = t.shift()
      if (value === undefined) error ??= `option requires an argument -- '${name.slice(1)}'`
      return value ?? ''
    }
    const primary = (): Test => {
      const word = t.shift()
      switch (word) {
        case undefined:
          return function* () {
            return true
          }
        case '(': {
          const inner = or()
          if (t.shift() !== ')') error ??= "unmatched '('"
          return inner
        }
        case '-name':
        case '-iname': {
          const p = argument(word)
          return function* (_p, name) {
            return word === '-name' ? matchPattern(p, name) : matchPattern(p.toLowerCase(), name.toLowerCase())
          }
        }
        case '-path': {
          const p = argument(word)
          return function* (path) {
            return matchPattern(p, path)
          }
        }
        case '-type': {
          const k = argument(word)
          return function* (_p, _n, s) {
            return typeTests[k]?.(s.mode) ?? false
          }
        }
        case '-size': {
          const m = /^([-+]?)(\d+)([bcwkMG]?)$/.exec(argument(word))
          if (!m) error ??= 'bad -size'
          const unit = { '': 512, b: 512, c: 1, w: 2, k: 1024, M: 1048576, G: 1073741824 }[m?.[3] ?? ''] ?? 512
          return function* (_p, _n, s) {
            return compare(`${m?.[1]}${m?.[2]}`, Math.ceil(s.size / unit))
          }
        }
        case '-mtime':
        case '-mmin': {
          const spec = argument(word)
          return function* (_p, _n, s) {
            return compare(
              spec,
              Math.floor(((yield* sys.clock('realtime')) - s.mtime) / (word === '-mtime' ? 86400e9 : 60e9)),
            )
          }
        }
        case '-newer': {
          const file = argument(word)
          return function* (_p, _n, s) {
            const r = yield* sys.stat(file)
            return !isErr(r) && s.mtime > r.mtime
          }
        }
        case '-perm': {
          const spec = argument(word)
          return function* (_p, _n, s) {
            const mode = changeMode(spec.replace(/^[-/]/, ''), 0) ?? 0
            return spec.startsWith('-')
              ? (s.mode & mode) === mode
              : spec.startsWith('/')
                ? (s.mode & mode) !== 0
                : (s.mode & 0o7777) === mode
          }
        }
        case '-user': {
          const user = argument(word)
          return function* (_p, _n, s) {
            return String(s.uid) === user || (yield* names(sys)).user(s.uid) === user
          }
        }
        case '-links': {
          const spec = argument(word)
          return function* (_p, _n, s) {
            return compare(spec, s.nlink)
          }
        }
        case '-empty':
          return function* (path, _n, s) {
            if (!isDir(s.mode)) return isReg(s.mode) && s.size === 0
            const list = yield* entriesOf(sys, path)
            return !isErr(list) && list.length === 0
          }
        case '-maxdepth':
          max = Number(argument(word))
          return function* () {
            return true
          }
        case '-mindepth':
          min = Number(argument(word))
          return function* () {
            return true
          }
        case '-depth':
          depthFirst = true
          return function* () {
            return true
          }
        case '-xdev':
        case '-follow':
          return function* () {
            return true
          }
        case '-prune':
          return function* () {
            pruned = true
            return true
          }
        case '-print':
        case '-print0':
          acted = true
          return function* (path) {
            yield* print(sys, path + (word === '-print' ? '\n' : '\0'))
            return true
          }
        case '-quit':
          return function* () {
            quit = true
            return true
          }
        case '-delete':
          acted = true
          depthFirst = true
          return function* (path, _n, s) {
            const failed = isDir(s.mode) ? yield* sys.rmdir(path) : yield* sys.unlink(path)
            if (failed) {
              yield* warn(sys, `find: ${path}: ${failed.text}\n`)
              status = 1
            }
            return !failed
          }
        case '-exec': {
          acted = true
          const command: string[] = []
          while (t.length > 0 && t[0] !== ';' && !(t[0] === '+' && command.at(-1) === '{}'))
            command.push(t.shift() as string)
          const end = t.shift()
          if (end === undefined) error ??= `-exec requires an argument`
          if (end === '+') {
            const batch = { command: command.slice(0, -1), files: [] as string[] }
            batches.push(batch)
            return function* (path) {
              batch.files.push(path)
              return true
            }
          }
          return function* (path) {
            return (
              (yield* runCommand(
                sys,
                command.map((c) => c.replaceAll('{}', path)),
                'find',
              )) === 0
            )
          }
        }
        case '-true':
          return function* () {
            return true
          }
        case '-false':
          return function* () {
            return false
          }
        default:
          error ??= `unrecognized: ${word}`
          return function* () {
            return false
          }
      }
    }
    const test =
      t.length > 0
        ? or()
        : function* (): Run<boolean> {
            return true
          }
    if (error === undefined && t.length > 0) error = `unrecognized: ${t[0]}`
    if (error !== undefined) {
      yield* warn(sys, `find: ${error}\n`)
      return 1
    }
    function* visit(path: string, depth: number): Run<void> {
      if (quit) return
      const s = yield* sys.lstat(path)
      if (isErr(s)) {
        yield* warn(sys, `find: ${path}: ${s.text}\n`)
        status = 1
        return
      }
      const name = path === '/' ? '/' : (path.replace(/\/+$/, '').split('/').at(-1) as string)
      function* self(): Run<void> {
        if (depth < min) return
        if ((yield* test(path, name, s as Stat, depth)) && !acted) yield* print(sys, `${path}\n`)
      }
      pruned = false
      if (!depthFirst) yield* self()
      if (isDir(s.mode) && depth < max && !pruned) {
        const list = yield* entriesOf(sys, path)
        if (isErr(list)) {
          yield* warn(sys, `find: ${path}: ${list.text}\n`)
          status = 1
        } else for (const n of list) yield* visit(`${path.replace(/\/$/, '')}/${n}`, depth + 1)
      }
      if (depthFirst) yield* self()
    }
    for (const path of paths.length > 0 ? paths : ['.']) yield* visit(path, 0)
    for (const b of batches) if (b.files.length > 0) yield* runCommand(sys, [...b.command, ...b.files], 'find')
    return status
  },
}

export const fileApplets: readonly Applet[] = [
  ls,
  cp,
  mv,
  rm,
  ln,
  mkdir,
  rmdir,
  touch,
  chmod,
  owner('chown'),
  owner('chgrp'),
  stat,
  readlink,
  realpath,
  pwd,
  mkfifo,
  truncate,
  mktemp,
  dd,
  df,
  du,
  find,
]
