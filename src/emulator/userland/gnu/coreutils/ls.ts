/** GNU ls: columns as wide as they need to be, names quoted on a terminal where a shell would need it. */
import { isErr } from '../../../base/errno.ts'
import type { Program, Run } from '../../../kernel/linux/abi.ts'
import { isBlk, isChr, isDir, isFifo, isLink, isReg, isSock, major, minor } from '../../../kernel/linux/fs/flags.ts'
import type { Stat } from '../../../kernel/linux/fs/inode.ts'
import { names } from '../../lib/accounts.ts'
import { entriesOf, modeText } from '../../lib/files.ts'
import { widthOf } from '../../lib/fullscreen.ts'
import { print, warn } from '../../lib/io.ts'
import type { Options } from '../../lib/options.ts'
import { strftime, zoneOf } from '../../lib/time.ts'
import { getopt } from '../getopt.ts'
import { help, version } from './wrap.ts'

interface Item {
  readonly name: string
  readonly path: string
  readonly stat: Stat
  readonly target: string
}
/** Sizes of -h: rounded up, one decimal below ten. */
export function humanSize(bytes: number): string {
  if (bytes < 1024) return String(bytes)
  let n = bytes
  let unit = -1
  while (n >= 1024 && unit < 5) {
    n /= 1024
    unit++
  }
  const tenths = Math.ceil(n * 10) / 10
  if (tenths < 10) return `${tenths.toFixed(1)}${'KMGTPE'[unit]}`
  const whole = Math.ceil(n)
  return whole >= 1024 && unit < 5 ? `1.0${'KMGTPE'[unit + 1]}` : `${whole}${'KMGTPE'[unit]}`
}
const columnsOf = (text: string): number => [...text].reduce((n, c) => n + widthOf(c), 0)
/** A name as it must be typed: in quotes where a shell would take it apart. */
const quoted = (name: string): string =>
  /^[\w./@%+=:,^{}\]\u0080-\uffff-]+$/.test(name) && name !== '' ? name : name.includes("'") ? `"${name}"` : `'${name}'`
/** By the letters first, as in a locale of a language; C.UTF-8 has bytes. */
const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const extension = (name: string): string => /\.[^.]*$/.exec(name)?.[0] ?? ''

export const ls: Program = function* (sys, argv) {
  const parsed = yield* getopt(
    sys,
    {
      name: 'ls',
      short: 'aA1lndRrtSUXhiFpsCxLHcugGokvw:I:QNm',
      long: {
        all: 'a',
        'almost-all': 'A',
        directory: 'd',
        recursive: 'R',
        reverse: 'r',
        'human-readable': 'h',
        inode: 'i',
        classify: 'F',
        'numeric-uid-gid': 'n',
        size: 's',
        dereference: 'L',
        'no-group': 'G',
        'color=?': 'color',
        'full-time': 'fulltime',
        'group-directories-first': 'first',
        'time-style=': 'style',
        'sort=': 'sort',
        help: 'help',
        version: 'version',
      },
      code: 2,
    },
    argv,
  )
  if (typeof parsed === 'number') return parsed
  const o: Options = parsed
  if (o.has('help'))
    return yield* help(sys, 'ls', {
      usage: '[OPTION]... [FILE]...',
      purpose: 'List information about the FILEs (the current directory by default).',
    })
  if (o.has('version')) return yield* version(sys, 'ls')
  const odd = ['I', 'N', 'm', 'style', 'sort'].find((l) => o.has(l))
  if (odd !== undefined) {
    yield* warn(sys, `zukan: not emulated: ls ${odd.length > 1 ? `--${odd}` : `-${odd}`}\n`)
    return 2
  }
  const long = ['l', 'n', 'g', 'o', 'fulltime'].some((l) => o.has(l))
  const tty = !isErr(yield* sys.ioctl(1, 'TCGETS'))
  const who = yield* names(sys)
  const zone = zoneOf(sys)
  let status = 0
  const color = o.value('color')
  const colored = o.has('color') && color !== 'never' && (color === 'always' || color === '' || tty)
  const shown = (name: string): string => (o.has('Q') ? `"${name}"` : tty ? quoted(name) : name)
  const time = (s: Stat): number => (o.has('c') ? s.ctime : o.has('u') ? s.atime : s.mtime)

  function* look(name: string, path: string, follow: boolean): Run<Item | undefined> {
    const stat = follow || o.has('L') ? yield* sys.stat(path) : yield* sys.lstat(path)
    if (isErr(stat)) {
      yield* warn(sys, `ls: cannot access '${path}': ${stat.text}\n`)
      status = status === 0 || follow ? 2 : status
      return undefined
    }
    const target = isLink(stat.mode) && long ? yield* sys.readlink(path) : ''
    return { name, path, stat, target: isErr(target) ? '' : target }
  }
  function order(items: Item[]): Item[] {
    if (o.has('U')) return items
    items.sort((a, b) => {
      if (o.has('first') && isDir(a.stat.mode) !== isDir(b.stat.mode)) return isDir(a.stat.mode) ? -1 : 1
      if (o.has('t') || ((o.has('c') || o.has('u')) && !long))
        return time(b.stat) - time(a.stat) || byName(a.name, b.name)
      if (o.has('S')) return b.stat.size - a.stat.size || byName(a.name, b.name)
      if (o.has('X')) return byName(extension(a.name), extension(b.name)) || byName(a.name, b.name)
      if (o.has('v')) return a.name.localeCompare(b.name, 'en', { numeric: true }) || byName(a.name, b.name)
      return byName(a.name, b.name)
    })
    return o.has('r') ? items.reverse() : items
  }
  const mark = (i: Item): string => {
    const { mode } = i.stat
    if (isDir(mode)) return o.has('F') || o.has('p') ? '/' : ''
    if (!o.has('F')) return ''
    if (isLink(mode)) return long ? '' : '@'
    return isFifo(mode) ? '|' : isSock(mode) ? '=' : isReg(mode) && mode & 0o111 ? '*' : ''
  }
  const paint = (i: Item): string => {
    const text = shown(i.name)
    if (!colored) return text
    const { mode } = i.stat
    const code = isDir(mode)
      ? '01;34'
      : isLink(mode)
        ? '01;36'
        : isChr(mode) || isBlk(mode)
          ? '40;33;01'
          : isFifo(mode)
            ? '40;33'
            : isSock(mode)
              ? '01;35'
              : mode & 0o111
                ? '01;32'
                : ''
    return code === '' ? text : `\x1b[0m\x1b[${code}m${text}\x1b[0m`
  }
  const kb = (s: Stat): string => (o.has('h') ? humanSize(s.blocks * 512) : String(Math.ceil(s.blocks / 2)))
  function* show(items: Item[]): Run<void> {
    order(items)
    const width = (cells: readonly string[]): number => Math.max(0, ...cells.map((c) => c.length))
    const inodes = o.has('i') ? items.map((i) => String(i.stat.ino)) : []
    const blocks = o.has('s') ? items.map((i) => kb(i.stat)) : []
    const [inodeWidth, blockWidth] = [width(inodes), width(blocks)]
    const front = (n: number): string =>
      (o.has('i') ? `${(inodes[n] as string).padStart(inodeWidth)} ` : '') +
      (o.has('s') ? `${(blocks[n] as string).padStart(blockWidth)} ` : '')
    if (long) {
      // Read after the files' own times: one that was made just now isn't of the future.
      const now = yield* sys.clock('realtime')
      const numeric = o.has('n')
      const users = items.map((i) => (numeric ? String(i.stat.uid) : who.user(i.stat.uid)))
      const groups = items.map((i) => (numeric ? String(i.stat.gid) : who.group(i.stat.gid)))
      const links = items.map((i) => String(i.stat.nlink))
      const sizes = items.map(({ stat: s }) =>
        isChr(s.mode) || isBlk(s.mode)
          ? `${major(s.rdev)}, ${minor(s.rdev)}`
          : o.has('h')
            ? humanSize(s.size)
            : String(s.size),
      )
      const [u, g, l, s] = [width(users), width(groups), width(links), width(sizes)]
      const rows = items.map((i, n) => {
        const t = time(i.stat)
        // Half a year ago and later has the time of day.
        const recent = now - t < 15_778_476e9 && t <= now
        const when = strftime(o.has('fulltime') ? '%F %T.%N %z' : recent ? '%b %e %H:%M' : '%b %e  %Y', t, zone)
        const owner = o.has('g')
          ? ''
          : ` ${numeric ? (users[n] as string).padStart(u) : (users[n] as string).padEnd(u)}`
        const group =
          o.has('o') || o.has('G')
            ? ''
            : ` ${numeric ? (groups[n] as string).padStart(g) : (groups[n] as string).padEnd(g)}`
        return `${front(n)}${modeText(i.stat.mode)} ${(links[n] as string).padStart(l)}${owner}${group} ${(sizes[n] as string).padStart(s)} ${when} ${paint(i)}${i.target ? ` -> ${shown(i.target)}` : mark(i)}\n`
      })
      yield* print(sys, rows.join(''))
      return
    }
    const cells = items.map((i, n) => ({
      text: front(n) + paint(i) + mark(i),
      width: columnsOf(front(n) + shown(i.name) + mark(i)),
    }))
    if (o.has('1') || (!tty && !o.has('C') && !o.has('x') && !o.has('w'))) {
      yield* print(sys, cells.map((c) => `${c.text}\n`).join(''))
      return
    }
    const size = yield* sys.ioctl<{ columns: number }>(1, 'TIOCGWINSZ')
    const line = o.has('w') ? Number(o.value('w')) || 1e9 : isErr(size) ? 80 : size.columns
    // As many columns as fit, each as wide as its widest cell.
    let best: { readonly height: number; readonly widths: readonly number[] } = { height: cells.length, widths: [0] }
    for (let count = Math.min(cells.length, Math.max(1, Math.floor(line / 3))); count >= 1; count--) {
      const height = Math.ceil(cells.length / count)
      const columns = Math.ceil(cells.length / height)
      const widths = Array.from({ length: columns }, (_, x) =>
        Math.max(
          ...cells
            .filter((_, n) => (o.has('x') ? n % columns === x : Math.floor(n / height) === x))
            .map((c) => c.width),
        ),
      )
      if (widths.reduce((a, b) => a + b + 2, 0) - 2 < line || columns === 1) {
        best = { height, widths }
        break
      }
    }
    let text = ''
    for (let y = 0; y < best.height; y++) {
      const row: string[] = []
      for (const [x, w] of best.widths.entries()) {
        const cell = cells[o.has('x') ? y * best.widths.length + x : x * best.height + y]
        const next = o.has('x')
          ? y * best.widths.length + x + 1 < cells.length && x + 1 < best.widths.length
          : (x + 1) * best.height + y < cells.length
        if (cell) row.push(cell.text + (next ? ' '.repeat(w - cell.width + 2) : ''))
      }
      text += `${row.join('')}\n`
    }
    if (cells.length > 0) yield* print(sys, text)
  }
  function* folder(path: string, heading: boolean, first: boolean): Run<void> {
    const found = yield* entriesOf(sys, path)
    if (isErr(found)) {
      yield* warn(sys, `ls: cannot open directory '${path}': ${found.text}\n`)
      status = 2
      return
    }
    const list = [
      ...(o.has('a') ? ['.', '..'] : []),
      ...found.filter((n) => o.has('a') || o.has('A') || !n.startsWith('.')),
    ]
    const items: Item[] = []
    for (const n of list) {
      const i = yield* look(n, `${path === '/' ? '' : path}/${n}`, false)
      if (i) items.push(i)
    }
    if (heading) yield* print(sys, `${first ? '' : '\n'}${shown(path)}:\n`)
    if (long || o.has('s')) {
      const blocks = items.reduce((n, i) => n + i.stat.blocks, 0)
      yield* print(sys, `total ${o.has('h') ? humanSize(blocks * 512) : Math.ceil(blocks / 2)}\n`)
    }
    yield* show(items)
    if (!o.has('R')) return
    for (const i of items)
      if (isDir(i.stat.mode) && i.name !== '.' && i.name !== '..')
        yield* folder(path === '.' ? `./${i.name}` : i.path, true, false)
  }
  const files: Item[] = []
  const folders: Item[] = []
  for (const path of o.rest.length > 0 ? o.rest : ['.']) {
    // A link on the command line is followed, but for -l, -d and -F.
    let i = yield* look(path, path, !long && !o.has('d') && !o.has('F') && !isErr(yield* sys.stat(path)))
    if (i && o.has('H')) i = (yield* look(path, path, true)) ?? i
    if (i) (isDir(i.stat.mode) && !o.has('d') ? folders : files).push(i)
    else status = 2
  }
  if (files.length > 0) yield* show(files)
  let first = files.length === 0
  for (const d of order(folders)) {
    yield* folder(d.path, o.rest.length > 1 || o.has('R'), first)
    first = false
  }
  return status
}
