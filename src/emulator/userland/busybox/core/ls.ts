/** ls: what lies in a directory. */
import { type Errno, isErr } from '../../../base/errno.ts'
import type { Run } from '../../../kernel/linux/abi.ts'
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
  O_RDONLY,
} from '../../../kernel/linux/fs/flags.ts'
import type { Stat } from '../../../kernel/linux/fs/inode.ts'
import { names } from '../../lib/accounts.ts'
import { human, modeText } from '../../lib/files.ts'
import { print, warn } from '../../lib/io.ts'
import { getopt, type Options } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import { strftime } from '../../lib/time.ts'
import { compareVersions } from '../../lib/versions.ts'
import type { Applet } from '../../program.ts'

export const ls: Applet = {
  name: 'ls',
  usage: '[-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]...',
  help: 'List directory contents\n\n\t-1\tOne column output\n\t-a\tInclude names starting with .\n\t-A\tLike -a, but exclude . and ..\n\t-x\tList by lines\n\t-d\tList directory names, not contents\n\t-L\tFollow symlinks\n\t-H\tFollow symlinks on command line\n\t-R\tRecurse\n\t-p\tAppend / to directory names\n\t-F\tAppend indicator (one of */=@|) to names\n\t-l\tLong format\n\t-i\tList inode numbers\n\t-n\tList numeric UIDs and GIDs instead of names\n\t-s\tList allocated blocks\n\t-lc\tList ctime\n\t-lu\tList atime\n\t--full-time\tList full date/time\n\t-h\tHuman readable sizes (1K 243M 2G)\n\t--group-directories-first\n\t-S\tSort by size\n\t-X\tSort by extension\n\t-v\tSort by version\n\t-t\tSort by mtime\n\t-tc\tSort by ctime\n\t-tu\tSort by atime\n\t-r\tReverse sort order\n\t-w N\tFormat N columns wide\n\t--color[={always,never,auto}]',
  *run(sys, argv) {
    const parsed = yield* getopt(sys, ls, argv, '1AaCxdLHRFplinshrSXvctuQw:\x01\x02\x03::', {
      color: '\x03',
      all: 'a',
      'full-time': '\x01',
      'group-directories-first': '\x02',
    })
    if (typeof parsed === 'number') return parsed
    const o: Options = parsed
    const full = o.has('\x01')
    const long = o.has('l') || o.has('n') || full
    const who = yield* names(sys)
    const tty = !isErr(yield* sys.ioctl(1, 'TCGETS'))
    const now = yield* sys.clock('realtime')
    let status = 0
    interface Item {
      readonly name: string
      readonly path: string
      readonly stat: Stat
    }
    function* item(name: string, path: string, follow: boolean): Run<Item | undefined> {
      const stat = follow || o.has('L') ? yield* sys.stat(path) : yield* sys.lstat(path)
      if (isErr(stat)) {
        yield* warn(sys, `ls: ${path}: ${strerror(stat)}\n`)
        status = 1
        return undefined
      }
      return { name, path, stat }
    }
    /** Where a link leads; an item with `l` alone needs it. */
    function* targetOf(i: Item): Run<string> {
      if (!isLink(i.stat.mode) || !long) return ''
      const target = yield* sys.readlink(i.path)
      if (!isErr(target)) return target
      yield* warn(sys, `ls: ${i.path}: cannot read link: ${strerror(target)}\n`)
      return ''
    }
    /** The time that is shown, and sorted by with -t: in whole seconds. */
    const timeOf = ({ stat: s }: Item): number => (o.has('c') ? s.ctime : o.has('u') ? s.atime : s.mtime)
    const seconds = (i: Item): number => Math.floor(timeOf(i) / 1e9)
    const extension = (i: Item): string => /\.[^.]*$/.exec(i.name)?.[0] ?? ''
    const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
    /** The last of -S -X -v -t counts. */
    const key = o.list.findLast(([l]) => 'SXvt'.includes(l))?.[0]
    const compare = (a: Item, b: Item): number => {
      const by =
        key === 't'
          ? seconds(b) - seconds(a)
          : key === 'S'
            ? b.stat.size - a.stat.size
            : key === 'X'
              ? byText(extension(a), extension(b))
              : key === 'v'
                ? compareVersions(a.name, b.name)
                : 0
      return (by || byText(a.name, b.name)) * (o.has('r') ? -1 : 1)
    }
    const order = (items: Item[]): Item[] =>
      items.sort(
        (a, b) => (o.has('\x02') ? Number(isDir(b.stat.mode)) - Number(isDir(a.stat.mode)) : 0) || compare(a, b),
      )
    const named = (name: string): string => (o.has('Q') ? `"${name.replace(/["\\]/g, '\\$&')}"` : name)
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
    const row = (i: Item, target: string): string => {
      const s = i.stat
      const front = `${o.has('i') ? `${String(s.ino).padStart(7)} ` : ''}${o.has('s') ? `${String(Math.ceil(s.blocks / 2)).padStart(6)} ` : ''}`
      if (!long) return `${front}${named(i.name)}${mark(i)}`
      const size =
        isChr(s.mode) || isBlk(s.mode)
          ? `${String(major(s.rdev)).padStart(4)},${String(minor(s.rdev)).padStart(4)}`
          : (o.has('h') ? human(s.size) : String(s.size)).padStart(9)
      const time = timeOf(i)
      const recent = now - time < 15768000e9 && time - now < 15768000e9
      const format = full
        ? `%Y-%m-%d %H:%M:%S.${String(time % 1e9).padStart(9, '0')} %z`
        : recent
          ? '%b %e %H:%M'
          : '%b %e  %Y'
      const user = o.has('n') ? String(s.uid) : who.user(s.uid)
      const group = o.has('n') ? String(s.gid) : who.group(s.gid)
      return `${front}${modeText(s.mode)} ${String(s.nlink).padStart(4)} ${user.padEnd(8)} ${group.padEnd(8)} ${size} ${strftime(format, time)} ${named(i.name)}${target ? ` -> ${target}` : mark(i)}`
    }
    function* show(items: Item[]): Run<void> {
      const rows: string[] = []
      for (const i of order(items)) rows.push(row(i, yield* targetOf(i)))
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
      // It stays open while what lies in it is looked at: /proc/self/fd has it among the others.
      const dir = yield* sys.open(path, O_RDONLY)
      const found = isErr(dir) ? dir : yield* sys.getdents(dir)
      if (isErr(dir) || isErr(found)) {
        yield* warn(sys, `ls: can't open '${path}': ${strerror(found as Errno)}\n`)
        status = 1
        return
      }
      const list = [
        ...(o.has('a') ? ['.', '..'] : []),
        ...found
          .map((e) => e.name)
          .filter((n) => n !== '.' && n !== '..' && (o.has('a') || o.has('A') || !n.startsWith('.')))
          .sort(),
      ]
      const items: Item[] = []
      for (const n of list) {
        const i = yield* item(n, `${path === '/' ? '' : path}/${n}`, false)
        if (i) items.push(i)
      }
      yield* sys.close(dir)
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
