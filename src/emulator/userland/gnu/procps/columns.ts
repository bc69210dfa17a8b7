/** The columns of ps(1), procps-ng 4: what each is called, how wide it is and what it shows. */
import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { users } from '../../lib/accounts.ts'
import { readText } from '../../lib/io.ts'
import { type ProcessRow, processes } from '../../lib/proc.ts'
import { strftime } from '../../lib/time.ts'

/** A process with what only some columns need, read when one asks for it. */
export interface PsRow extends ProcessRow {
  /** Fields of /proc/PID/status by name. */
  readonly status: ReadonlyMap<string, string>
  readonly cgroup: string
  /** Numbers of namespaces by kind. */
  readonly namespaces: ReadonlyMap<string, string>
  /** Branches in front of the command, with --forest. */
  branch: string
}
export interface PsWorld {
  readonly now: number
  readonly uptime: number
  readonly memory: number
  readonly names: ReadonlyMap<number, string>
}
export interface PsColumn {
  readonly header: string
  readonly width: number
  readonly right?: boolean
  readonly cell: (r: PsRow, w: PsWorld) => string
}

const user = (uid: number, w: PsWorld): string => {
  const n = w.names.get(uid) ?? String(uid)
  return n.length > 8 ? `${n.slice(0, 7)}+` : n
}
const tty = (r: PsRow): string => (r.tty ? `pts/${r.tty & 255}` : '?')
const seconds = (r: PsRow): number => Math.floor((r.utime + r.stime) / 100)
const age = (r: PsRow, w: PsWorld): number => Math.max(0, Math.floor(w.uptime / 1e9 - r.start / 100))
const startOf = (r: PsRow, w: PsWorld): number => w.now - w.uptime + r.start * 1e7
const two = (n: number): string => String(n).padStart(2, '0')
const clock = (s: number): string =>
  `${s >= 86400 ? `${two(Math.floor(s / 86400))}-` : ''}${two(Math.floor(s / 3600) % 24)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
const stat = (r: PsRow): string =>
  `${r.state}${r.nice < 0 ? '<' : r.nice > 0 ? 'N' : ''}${r.sid === r.pid ? 's' : ''}${r.threads > 1 ? 'l' : ''}${r.foreground === r.pgid && r.tty ? '+' : ''}`
const percentCpu = (r: PsRow, w: PsWorld): number => {
  const lived = w.uptime / 1e9 - r.start / 100
  return lived > 0 ? Math.min(99.9, (r.utime + r.stime) / lived) : 0
}
const kb = (bytes: number): string => String(Math.floor(bytes / 1024))
const fromStatus =
  (key: string, n = 0): PsColumn['cell'] =>
  (r) =>
    r.status.get(key)?.split('\t')[n] ?? '-'
const command: PsColumn['cell'] = (r) => r.branch + (r.state === 'Z' ? `[${r.comm}] <defunct>` : r.args)
const ns =
  (kind: string): PsColumn['cell'] =>
  (r) =>
    r.namespaces.get(kind) ?? '-'
const right = (header: string, width: number, cell: PsColumn['cell']): PsColumn => ({
  header,
  width,
  right: true,
  cell,
})
const left = (header: string, width: number, cell: PsColumn['cell']): PsColumn => ({ header, width, cell })

const args = left('COMMAND', 27, command)
const started = left('START', 5, (r, w) => strftime(age(r, w) > 86400 ? '%b%d' : '%H:%M', startOf(r, w)))
export const columns: Readonly<Record<string, PsColumn>> = {
  pid: right('PID', 7, (r) => String(r.pid)),
  ppid: right('PPID', 7, (r) => String(r.ppid)),
  pgid: right('PGID', 7, (r) => String(r.pgid)),
  pgrp: right('PGRP', 7, (r) => String(r.pgid)),
  sid: right('SID', 7, (r) => String(r.sid)),
  sess: right('SESS', 7, (r) => String(r.sid)),
  tpgid: right('TPGID', 7, (r) => String(r.foreground)),
  lwp: right('LWP', 7, (r) => String(r.pid)),
  nlwp: right('NLWP', 4, (r) => String(r.threads)),
  thcount: right('THCNT', 5, (r) => String(r.threads)),
  user: left('USER', 8, (r, w) => user(r.uid, w)),
  euser: left('EUSER', 8, (r, w) => user(r.uid, w)),
  ruser: left('RUSER', 8, (r, w) => user(Number(fromStatus('Uid', 0)(r, w)), w)),
  uname: left('USER', 8, (r, w) => user(r.uid, w)),
  uid: right('UID', 5, (r) => String(r.uid)),
  euid: right('EUID', 5, (r) => String(r.uid)),
  ruid: right('RUID', 5, fromStatus('Uid', 0)),
  gid: right('GID', 5, fromStatus('Gid', 1)),
  comm: left('COMMAND', 15, (r) => r.branch + r.comm + (r.state === 'Z' ? ' <defunct>' : '')),
  ucmd: left('CMD', 15, (r) => r.branch + r.comm),
  args,
  command: args,
  cmd: left('CMD', 27, command),
  stat: left('STAT', 4, stat),
  state: left('S', 1, (r) => r.state),
  s: left('S', 1, (r) => r.state),
  rss: right('RSS', 5, (r) => kb(r.rss)),
  rssize: right('RSS', 5, (r) => kb(r.rss)),
  vsz: right('VSZ', 6, (r) => kb(r.vsz)),
  vsize: right('VSZ', 6, (r) => kb(r.vsz)),
  sz: right('SZ', 5, (r) => String(Math.floor(r.vsz / 4096))),
  tty: left('TT', 8, tty),
  tt: left('TT', 8, tty),
  tname: left('TTY', 8, tty),
  time: right('TIME', 8, (r) => clock(seconds(r))),
  cputime: right('TIME', 8, (r) => clock(seconds(r))),
  etime: right('ELAPSED', 11, (r, w) => {
    const s = age(r, w)
    return s >= 3600 ? clock(s) : `${two(Math.floor(s / 60))}:${two(s % 60)}`
  }),
  etimes: right('ELAPSED', 7, (r, w) => String(age(r, w))),
  start: right('STARTED', 8, (r, w) => strftime('%H:%M:%S', startOf(r, w))),
  stime: started,
  start_time: started,
  lstart: left('STARTED', 24, (r, w) => strftime('%a %b %e %H:%M:%S %Y', startOf(r, w))),
  pcpu: right('%CPU', 4, (r, w) => percentCpu(r, w).toFixed(1)),
  '%cpu': right('%CPU', 4, (r, w) => percentCpu(r, w).toFixed(1)),
  c: right('C', 2, (r, w) => String(Math.floor(percentCpu(r, w)))),
  pmem: right('%MEM', 4, (r, w) => ((r.rss / w.memory) * 100).toFixed(1)),
  '%mem': right('%MEM', 4, (r, w) => ((r.rss / w.memory) * 100).toFixed(1)),
  ni: right('NI', 3, (r) => String(r.nice)),
  nice: right('NI', 3, (r) => String(r.nice)),
  pri: right('PRI', 3, (r) => String(19 - r.nice)),
  psr: right('PSR', 3, (r) => String(r.cpu)),
  wchan: left('WCHAN', 6, () => '-'),
  cgroup: left('CGROUP', 27, (r) => r.cgroup),
  cgname: left('CGNAME', 27, (r) => r.cgroup.replace(/^0::/, '')),
  pidns: right('PIDNS', 10, ns('pid')),
  netns: right('NETNS', 10, ns('net')),
  mntns: right('MNTNS', 10, ns('mnt')),
  utsns: right('UTSNS', 10, ns('uts')),
  ipcns: right('IPCNS', 10, ns('ipc')),
  userns: right('USERNS', 10, ns('user')),
  cgroupns: right('CGROUPNS', 10, ns('cgroup')),
  timens: right('TIMENS', 10, ns('time')),
  cgns: right('CGNS', 10, ns('cgroup')),
  pending: right('PENDING', 16, fromStatus('SigPnd')),
  blocked: right('BLOCKED', 16, fromStatus('SigBlk')),
  ignored: right('IGNORED', 16, fromStatus('SigIgn')),
  caught: right('CAUGHT', 16, fromStatus('SigCgt')),
  label: left('LABEL', 31, () => '-'),
  f: right('F', 1, () => '4'),
  addr: left('ADDR', 4, () => '-'),
  exe: left('EXE', 27, (r) => r.status.get('exe') ?? '-'),
}
const kindOf: Readonly<Record<string, string>> = {
  pidns: 'pid',
  netns: 'net',
  mntns: 'mnt',
  utsns: 'uts',
  ipcns: 'ipc',
  userns: 'user',
  cgroupns: 'cgroup',
  cgns: 'cgroup',
  timens: 'time',
}

/** All processes, with what these columns need. */
export function* rowsFor(sys: Sys, names: readonly string[]): Run<PsRow[]> {
  const rows: PsRow[] = []
  const kinds = [...new Set(names.flatMap((n) => kindOf[n] ?? []))]
  const status = names.some((n) => /^(ruser|ruid|gid|pending|blocked|ignored|caught)$/.test(n))
  const groups = names.some((n) => n === 'cgroup' || n === 'cgname')
  for (const r of yield* processes(sys)) {
    const fields = new Map<string, string>()
    const text = status ? yield* readText(sys, `/proc/${r.pid}/status`) : ''
    for (const l of isErr(text) ? [] : text.split('\n'))
      fields.set(l.slice(0, l.indexOf(':')), l.slice(l.indexOf(':') + 2))
    const group = groups ? yield* readText(sys, `/proc/${r.pid}/cgroup`) : ''
    const namespaces = new Map<string, string>()
    for (const kind of kinds) {
      const link = yield* sys.readlink(`/proc/${r.pid}/ns/${kind}`)
      if (!isErr(link)) namespaces.set(kind, /\d+/.exec(link)?.[0] ?? '-')
    }
    rows.push({ ...r, status: fields, cgroup: isErr(group) ? '-' : group.trim(), namespaces, branch: '' })
  }
  return rows
}
/** What columns measure against. */
export function* psWorld(sys: Sys): Run<PsWorld> {
  const { totalram, uptime } = yield* sys.sysinfo()
  return {
    now: yield* sys.clock('realtime'),
    uptime,
    memory: totalram,
    names: new Map((yield* users(sys)).map((u) => [u.uid, u.name])),
  }
}
