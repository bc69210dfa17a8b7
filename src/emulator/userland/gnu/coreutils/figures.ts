/** GNU wc, df and stat: figures in columns of their own width. */
import { isErr } from '../../../base/errno.ts'
import type { Program, Run } from '../../../kernel/linux/abi.ts'
import { isBlk, isChr, isReg, major, minor } from '../../../kernel/linux/fs/flags.ts'
import { realPath } from '../../lib/files.ts'
import { eachFile } from '../../lib/input.ts'
import { print, readAll, warn } from '../../lib/io.ts'
import { mountRows } from '../../lib/mounts.ts'
import { getopt } from '../getopt.ts'
import { humanSize } from './ls.ts'
import { help, version } from './wrap.ts'

export const wc: Program = function* (sys, argv) {
  const o = yield* getopt(
    sys,
    {
      name: 'wc',
      short: 'clLmw',
      long: {
        bytes: 'c',
        chars: 'm',
        lines: 'l',
        'max-line-length': 'L',
        words: 'w',
        help: 'help',
        version: 'version',
      },
    },
    argv,
  )
  if (typeof o === 'number') return o
  if (o.has('help'))
    return yield* help(sys, 'wc', {
      usage: '[OPTION]... [FILE]...',
      purpose:
        'Print newline, word, and byte counts for each FILE, and a total line if more than one FILE is specified.',
    })
  if (o.has('version')) return yield* version(sys, 'wc')
  const any = ['l', 'w', 'm', 'c', 'L'].some((k) => o.has(k))
  const shown = (any ? ['l', 'w', 'm', 'c', 'L'] : ['l', 'w', 'c']).filter((k) => !any || o.has(k))
  // The width of all columns comes from the sizes of the files, before they are read.
  let sizes = 0
  let plain = true
  for (const f of o.rest) {
    const s = f === '-' ? yield* sys.fstat(0) : yield* sys.stat(f)
    if (isErr(s)) continue
    if (isReg(s.mode)) sizes += s.size
    else plain = false
  }
  if (o.rest.length === 0) {
    const s = yield* sys.fstat(0)
    if (isErr(s) || !isReg(s.mode)) plain = false
    else sizes = s.size
  }
  const single = shown.length === 1 && o.rest.length <= 1
  const width = single ? 1 : Math.max(String(sizes).length, plain ? 1 : 7)
  const total: Record<string, number> = { l: 0, w: 0, m: 0, c: 0, L: 0 }
  const line = (n: Readonly<Record<string, number>>, name: string): string =>
    `${shown.map((k) => String(n[k]).padStart(width)).join(' ')}${name ? ` ${name}` : ''}\n`
  const status = yield* eachFile(sys, 'wc', o.rest, function* (fd, file) {
    const bytes = yield* readAll(sys, fd)
    if (isErr(bytes)) {
      yield* print(sys, line({ l: 0, w: 0, m: 0, c: 0, L: 0 }, file))
      return bytes
    }
    const n: Record<string, number> = { l: 0, w: 0, m: 0, c: bytes.length, L: 0 }
    let inside = false
    let column = 0
    for (const b of bytes) {
      if ((b & 0xc0) !== 0x80) n.m = (n.m as number) + 1
      if (b === 10) n.l = (n.l as number) + 1
      const blank = b === 32 || (b >= 9 && b <= 13)
      if (!blank && !inside) n.w = (n.w as number) + 1
      inside = !blank
      column =
        b === 10 || b === 13 || b === 12
          ? 0
          : b === 9
            ? column + 8 - (column % 8)
            : (b & 0xc0) === 0x80
              ? column
              : column + 1
      n.L = Math.max(n.L as number, column)
    }
    for (const k of 'lwmc') total[k] = (total[k] as number) + (n[k] as number)
    total.L = Math.max(total.L as number, n.L as number)
    yield* print(sys, line(n, o.rest.length > 0 ? file : ''))
    return undefined
  })
  if (o.rest.length > 1) yield* print(sys, line(total, 'total'))
  return status
}

/** File systems that hold nothing by themselves. */
const dummies: ReadonlySet<string> = new Set([
  'proc',
  'sysfs',
  'cgroup2',
  'devpts',
  'mqueue',
  'nsfs',
  'securityfs',
  'bpf',
])
export const df: Program = function* (sys, argv) {
  const o = yield* getopt(
    sys,
    {
      name: 'df',
      short: 'ahHikmPTt:x:lB:',
      long: {
        all: 'a',
        'human-readable': 'h',
        si: 'H',
        inodes: 'i',
        portability: 'P',
        'print-type': 'T',
        'type=': 't',
        'exclude-type=': 'x',
        local: 'l',
        'block-size=': 'B',
        'output=?': 'output',
        total: 'total',
        help: 'help',
        version: 'version',
      },
    },
    argv,
  )
  if (typeof o === 'number') return o
  if (o.has('help'))
    return yield* help(sys, 'df', {
      usage: '[OPTION]... [FILE]...',
      purpose: 'Show information about the file system on which each FILE resides, or all file systems by default.',
    })
  if (o.has('version')) return yield* version(sys, 'df')
  const odd = ['H', 'B', 'output', 'total'].find((l) => o.has(l))
  if (odd !== undefined) {
    yield* warn(sys, `zukan: not emulated: df ${odd.length > 1 ? `--${odd}` : `-${odd}`}\n`)
    return 1
  }
  const all = yield* mountRows(sys)
  if (isErr(all)) {
    yield* warn(sys, 'df: cannot read table of mounted file systems: No such file or directory\n')
    return 1
  }
  let status = 0
  const chosen: (typeof all)[number][] = []
  for (const path of o.rest) {
    const s = yield* sys.stat(path)
    const full = yield* realPath(sys, path.includes('/') ? path : `./${path}`)
    if (isErr(s) || isErr(full)) {
      yield* warn(sys, `df: ${path}: ${isErr(s) ? s.text : 'No such file or directory'}\n`)
      status = 1
      continue
    }
    const row = all
      .filter((m) => m.target === '/' || full === m.target || full.startsWith(`${m.target}/`))
      .sort((a, b) => a.target.length - b.target.length)
      .at(-1)
    if (row) chosen.push(row)
  }
  const rows = o.rest.length > 0 ? chosen : all
  const inodes = o.has('i')
  const unit = o.has('m') ? 1048576 : 1024
  const text = (n: number): string => (inodes ? String(n) : o.has('h') ? humanSize(n) : String(Math.ceil(n / unit)))
  const heads = [
    'Filesystem',
    ...(o.has('T') ? ['Type'] : []),
    ...(inodes
      ? ['Inodes', 'IUsed', 'IFree', 'IUse%']
      : [
          o.has('h') ? 'Size' : o.has('P') ? `${unit}-blocks` : unit === 1024 ? '1K-blocks' : '1M-blocks',
          'Used',
          o.has('h') ? 'Avail' : 'Available',
          o.has('P') ? 'Capacity' : 'Use%',
        ]),
    'Mounted on',
  ]
  const table: string[][] = []
  const seen = new Set<string>()
  for (const m of rows) {
    if (o.has('t') && !o.all('t').includes(m.type)) continue
    if (o.all('x').includes(m.type)) continue
    const s = yield* sys.statfs(m.target)
    if (isErr(s)) continue
    if (o.rest.length === 0 && !o.has('a')) {
      // A file system that is mounted twice is shown once.
      if (dummies.has(m.type) || s.size === 0 || seen.has(m.device)) continue
      seen.add(m.device)
    }
    const [size, free] = inodes ? [s.files, s.filesFree] : [s.size, s.free]
    const used = size - free
    table.push([
      m.source,
      ...(o.has('T') ? [m.type] : []),
      text(size),
      text(used),
      text(free),
      size === 0 ? '-' : `${Math.ceil((used / size) * 100)}%`,
      m.target,
    ])
  }
  if (table.length === 0) {
    if (o.rest.length === 0) yield* warn(sys, 'df: no file systems processed\n')
    return 1
  }
  const left = o.has('T') ? 2 : 1
  const least = [14, ...(o.has('T') ? [4] : []), 5, 5, 5, 4]
  const widths = heads.map((h, i) => Math.max(h.length, least[i] ?? 0, ...table.map((r) => (r[i] as string).length)))
  const print1 = (cells: readonly string[]): string =>
    `${cells.map((c, i) => (i === cells.length - 1 ? c : i < left ? c.padEnd(widths[i] as number) : c.padStart(widths[i] as number))).join(' ')}\n`
  yield* print(sys, print1(heads) + table.map(print1).join(''))
  return status
}

/** The part of GNU stat that differs: what it prints without a format. */
export function* statLines(sys: Parameters<Program>[0], path: string, follow: boolean): Run<string> {
  const s = follow ? yield* sys.stat(path) : yield* sys.lstat(path)
  if (isErr(s)) return '%n'
  const device = isChr(s.mode) || isBlk(s.mode) ? ` Device type: ${major(s.rdev)},${minor(s.rdev)}` : ''
  return `  File: ${path.includes("'") ? path : '%N'}\n  Size: ${String(s.size).padEnd(10)}\tBlocks: ${String(s.blocks).padEnd(10)} IO Block: 4096   %F\nDevice: ${major(s.dev)},${minor(s.dev)}\tInode: ${String(s.ino).padEnd(10)}  Links: ${device ? String(s.nlink).padEnd(5) : s.nlink}${device}\nAccess: (${(s.mode & 0o7777).toString(8).padStart(4, '0')}/%A)  Uid: (%u/%U)   Gid: (%g/%G)\nAccess: %x\nModify: %y\nChange: %z\n Birth: -`
}
