/** lsns(8) of util-linux: the namespaces that processes are in. */
import { isErr } from '../../../base/errno.ts'
import type { Program } from '../../../kernel/linux/abi.ts'
import { users } from '../../lib/accounts.ts'
import { fail, print } from '../../lib/io.ts'
import { type ProcessRow, processes } from '../../lib/proc.ts'
import { type Column, table } from '../../lib/table.ts'
import { getopt } from '../getopt.ts'

const kinds = ['mnt', 'net', 'pid', 'uts', 'ipc', 'user', 'cgroup', 'time'] as const

interface Namespace {
  readonly inum: number
  readonly kind: string
  readonly members: ProcessRow[]
}
interface Row {
  readonly ns: Namespace
  readonly first: ProcessRow
  /** Branches in front of the command. */
  readonly branch: string
}

const spec = {
  name: 'lsns',
  short: 'Jlno:p:rt:uWTP',
  long: {
    list: 'l',
    noheadings: 'n',
    'output=': 'o',
    'task=': 'p',
    raw: 'r',
    notruncate: 'u',
    nowrap: 'W',
    'type=': 't',
    'tree=?': 'T',
    persistent: 'P',
  },
}

export const lsns: Program = function* (sys, argv) {
  const o = yield* getopt(sys, spec, argv)
  if (typeof o === 'number') return o
  for (const [letter, name] of [
    ['J', '--json'],
    ['P', '--persistent'],
  ] as const)
    if (o.has(letter)) return yield* fail(sys, `zukan: not emulated: lsns ${name}`)
  const wanted = o.all('t')
  for (const t of wanted)
    if (!(kinds as readonly string[]).includes(t)) return yield* fail(sys, `lsns: unknown namespace type: ${t}`)
  const rows = yield* processes(sys)
  const names = new Map((yield* users(sys)).map((u) => [u.uid, u.name]))
  const found = new Map<number, Namespace>()
  for (const r of rows)
    for (const kind of kinds) {
      const text = yield* sys.readlink(`/proc/${r.pid}/ns/${kind}`)
      if (isErr(text)) continue
      const inum = Number(/\[(\d+)\]/.exec(text)?.[1])
      const ns = found.get(inum) ?? { inum, kind, members: [] }
      ns.members.push(r)
      found.set(inum, ns)
    }
  const only = o.rest[0] === undefined ? undefined : Number(o.rest[0])
  if (only !== undefined) {
    const ns = found.get(only)
    if (!ns) return yield* fail(sys, `lsns: not found namespace: ${o.rest[0]}`)
    const columns: Column<ProcessRow>[] = [
      { name: 'PID', cell: (r) => String(r.pid), right: true },
      { name: 'PPID', cell: (r) => String(r.ppid), right: true },
      { name: 'USER', cell: (r) => names.get(r.uid) ?? String(r.uid) },
      { name: 'COMMAND', cell: (r) => r.args },
    ]
    yield* print(sys, table(columns, ns.members, !o.has('n')))
    return 0
  }
  const task = o.value('p')
  const list = [...found.values()]
    .filter((ns) => wanted.length === 0 || wanted.includes(ns.kind))
    .filter((ns) => task === undefined || ns.members.some((m) => m.pid === Number(task)))
    .sort((a, b) => a.inum - b.inum)
  // A line hangs below the last line shown for its first process's parent.
  interface Line {
    readonly ns: Namespace
    readonly first: ProcessRow
    readonly below: Line[]
  }
  const outline = new Map<number, Line>()
  const roots: Line[] = []
  for (const ns of list) {
    const first = ns.members.reduce((a, b) => (b.pid < a.pid ? b : a))
    const line: Line = { ns, first, below: [] }
    const parent = o.has('l') || o.has('r') ? undefined : outline.get(first.ppid)
    if (parent && parent.first !== first) parent.below.push(line)
    else roots.push(line)
    outline.set(first.pid, line)
  }
  const out: Row[] = []
  const walk = (lines: readonly Line[], prefix: string, top: boolean): void => {
    lines.forEach((l, i) => {
      const last = i === lines.length - 1
      out.push({ ns: l.ns, first: l.first, branch: top ? '' : prefix + (last ? '└─' : '├─') })
      walk(l.below, top ? '' : prefix + (last ? '  ' : '│ '), false)
    })
  }
  walk(roots, '', true)
  const all: Readonly<Record<string, Column<Row>>> = {
    NS: { name: 'NS', cell: (r) => String(r.ns.inum), right: true },
    TYPE: { name: 'TYPE', cell: (r) => r.ns.kind },
    PATH: { name: 'PATH', cell: (r) => `/proc/${r.first.pid}/ns/${r.ns.kind}` },
    NPROCS: { name: 'NPROCS', cell: (r) => String(r.ns.members.length), right: true },
    PID: { name: 'PID', cell: (r) => String(r.first.pid), right: true },
    PPID: { name: 'PPID', cell: (r) => String(r.first.ppid), right: true },
    USER: { name: 'USER', cell: (r) => names.get(r.first.uid) ?? String(r.first.uid) },
    UID: { name: 'UID', cell: (r) => String(r.first.uid), right: true },
    // Numbers that other namespaces have for a network are given by ip-netns(8): there are none here.
    NETNSID: { name: 'NETNSID', cell: (r) => (r.ns.kind === 'net' ? 'unassigned' : ''), right: true },
    NSFS: { name: 'NSFS', cell: () => '' },
    COMMAND: { name: 'COMMAND', cell: (r) => r.branch + r.first.args },
  }
  const columns = (
    o.value('o') ??
    (o.value('t') === 'net' ? 'NS,TYPE,NPROCS,PID,USER,NETNSID,NSFS,COMMAND' : 'NS,TYPE,NPROCS,PID,USER,COMMAND')
  )
    .toUpperCase()
    .split(',')
  const unknown = columns.find((c) => !Object.hasOwn(all, c))
  if (unknown !== undefined) return yield* fail(sys, `lsns: unknown column: ${unknown}`)
  yield* print(
    sys,
    table(
      columns.map((c) => all[c] as Column<Row>),
      out,
      !o.has('n'),
    ),
  )
  return 0
}
