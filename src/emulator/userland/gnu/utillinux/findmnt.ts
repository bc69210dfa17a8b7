/** findmnt(8) of util-linux: the tree of mounts. */
import { isErr } from '../../../base/errno.ts'
import type { Program } from '../../../kernel/linux/abi.ts'
import { fail, print } from '../../lib/io.ts'
import { type MountRow, mergedOptions, mountRows } from '../../lib/mounts.ts'
import { type Column, table } from '../../lib/table.ts'
import { getopt } from '../getopt.ts'

const spec = {
  name: 'findmnt',
  short: 'klno:t:T:S:M:N:fruADJRO:x',
  long: {
    kernel: 'k',
    list: 'l',
    noheadings: 'n',
    'output=': 'o',
    'types=': 't',
    'target=': 'T',
    'source=': 'S',
    'mountpoint=': 'M',
    'task=': 'N',
    'first-only': 'f',
    raw: 'r',
    submounts: 'R',
    json: 'J',
    'options=': 'O',
    df: 'D',
  },
}
interface Row {
  readonly m: MountRow
  readonly branch: string
}

/** private, shared, slave ... by the tags of mountinfo. */
function propagation(m: MountRow): string {
  const shared = m.tags.some((t) => t.startsWith('shared:'))
  const slave = m.tags.some((t) => t.startsWith('master:'))
  const unbindable = m.tags.includes('unbindable')
  return `${shared ? 'shared' : 'private'}${slave ? ',slave' : ''}${unbindable ? ',unbindable' : ''}`
}
const columns: Readonly<Record<string, Column<Row>>> = {
  TARGET: { name: 'TARGET', cell: (r) => r.branch + r.m.target },
  SOURCE: { name: 'SOURCE', cell: (r) => (r.m.root === '/' ? r.m.source : `${r.m.source}[${r.m.root}]`) },
  FSTYPE: { name: 'FSTYPE', cell: (r) => r.m.type },
  OPTIONS: { name: 'OPTIONS', cell: (r) => mergedOptions(r.m) },
  'VFS-OPTIONS': { name: 'VFS-OPTIONS', cell: (r) => r.m.options },
  'FS-OPTIONS': { name: 'FS-OPTIONS', cell: (r) => r.m.superOptions },
  PROPAGATION: { name: 'PROPAGATION', cell: (r) => propagation(r.m) },
  FSROOT: { name: 'FSROOT', cell: (r) => r.m.root },
  'MAJ:MIN': { name: 'MAJ:MIN', cell: (r) => r.m.device, right: true },
  ID: { name: 'ID', cell: (r) => String(r.m.id), right: true },
  PARENT: { name: 'PARENT', cell: (r) => String(r.m.parent), right: true },
}

export const findmnt: Program = function* (sys, argv) {
  const o = yield* getopt(sys, spec, argv)
  if (typeof o === 'number') return o
  for (const [letter, name] of [
    ['J', '--json'],
    ['D', '--df'],
    ['O', '--options'],
  ] as const)
    if (o.has(letter)) return yield* fail(sys, `zukan: not emulated: findmnt ${name}`)
  const all = yield* mountRows(sys, o.value('N') ?? 'self')
  if (isErr(all)) return yield* fail(sys, `findmnt: can't read /proc/${o.value('N') ?? 'self'}/mountinfo: ${all.text}`)
  const types = o.value('t')?.split(',')
  const source = o.value('S')
  const under = o.value('T')
  const target = o.value('M') ?? o.rest[0]
  let picked = all
  let whole = true
  if (types) {
    const not = types[0]?.startsWith('no') ?? false
    const list = types.map((t, i) => (i === 0 && not ? t.slice(2) : t))
    picked = picked.filter((m) => list.includes(m.type) !== not)
    whole = false
  }
  if (source !== undefined) {
    picked = picked.filter((m) => m.source === source || m.target === source)
    whole = false
  }
  if (under !== undefined) {
    // The mount that a path lies on.
    const hits = picked.filter((m) => m.target === '/' || under === m.target || under.startsWith(`${m.target}/`))
    picked = hits
      .slice()
      .sort((a, b) => b.target.length - a.target.length || b.id - a.id)
      .slice(0, 1)
    whole = false
  }
  if (target !== undefined) {
    const path = target.length > 1 ? target.replace(/\/+$/, '') : target
    const hit = picked.filter((m) => m.target === path || m.source === path).slice(-1)
    picked = o.has('R') && hit[0] ? below(picked, hit[0]) : hit
    whole = o.has('R')
  }
  if (o.has('f')) picked = picked.slice(0, 1)
  if (picked.length === 0) return 1
  const names = (o.value('o') ?? 'TARGET,SOURCE,FSTYPE,OPTIONS').toUpperCase().split(',')
  const unknown = names.find((n) => !Object.hasOwn(columns, n))
  if (unknown !== undefined) return yield* fail(sys, `findmnt: unknown column: ${unknown}`)
  const tree = whole && !o.has('l') && !o.has('r')
  const rows = tree ? branches(picked) : picked.map((m) => ({ m, branch: '' }))
  yield* print(
    sys,
    table(
      names.map((n) => columns[n] as Column<Row>),
      rows,
      !o.has('n'),
    ),
  )
  return 0
}
const below = (all: readonly MountRow[], top: MountRow): readonly MountRow[] => [
  top,
  ...all.filter((m) => m.parent === top.id).flatMap((m) => below(all, m)),
]
function branches(all: readonly MountRow[]): Row[] {
  const ids = new Set(all.map((m) => m.id))
  const out: Row[] = []
  const walk = (list: readonly MountRow[], prefix: string, top: boolean): void => {
    list.forEach((m, i) => {
      const last = i === list.length - 1
      out.push({ m, branch: top ? '' : prefix + (last ? '└─' : '├─') })
      walk(
        all.filter((c) => c.parent === m.id && c !== m),
        top ? '' : prefix + (last ? '  ' : '│ '),
        false,
      )
    })
  }
  walk(
    all.filter((m) => !ids.has(m.parent) || m.parent === m.id),
    '',
    true,
  )
  return out
}
