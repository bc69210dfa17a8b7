/** podman logs, top and stats: what a container says, and what its processes take. */
import { isErr } from '../../base/errno.ts'
import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import { isLive } from '../../engine/libpod/libpod.ts'
import { logPath } from '../../engine/libpod/runtime.ts'
import { cgroupOf } from '../../engine/libpod/spec.ts'
import type { Container } from '../../engine/libpod/types.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { bytesSize, humanSize, seconds } from '../../oci/units.ts'
import { print, readText } from '../../userland/lib/io.ts'
import { printList, table } from '../containers/output.ts'
import { parseDuration } from '../docker/values.ts'
import type { Given } from '../flags.ts'
import { type Commands, type Context, chosen } from './context.ts'

/** A time given by --since or --until: nanoseconds since 1970. Throws Problem. */
function timeOf(value: string, now: number): number {
  const d = parseDuration(value)
  if (typeof d === 'number') return now - d
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1e9
  const s = seconds(/T/.test(value) ? value : `${value}T00:00:00Z`)
  if (s === 0) throw new Problem(`parsing time "${value}": failed to parse time/date: "${value}"`)
  return s * 1e9
}
interface LogLine {
  readonly time: string
  readonly ns: number
  readonly stream: string
  readonly text: string
  readonly partial: boolean
}
function parseLog(text: string): LogLine[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const m = /^(\S+) (\S+) ([FP]) (.*)$/s.exec(line)
      const time = m?.[1] ?? ''
      return {
        time,
        ns: seconds(time) * 1e9 + Number(/\.(\d+)/.exec(time)?.[1] ?? 0),
        stream: m?.[2] ?? 'stdout',
        text: m?.[4] ?? line,
        partial: m?.[3] === 'P',
      }
    })
}
function* logs(c: Context, g: Given): Run<number> {
  const list = yield* chosen(c, g)
  const now = yield* c.lp.now()
  const since = g.value('since') === undefined ? 0 : timeOf(g.value('since') as string, now)
  const until = g.value('until') === undefined ? Number.POSITIVE_INFINITY : timeOf(g.value('until') as string, now)
  const tail = Number(g.value('tail') ?? -1)
  if (g.has('follow') && list.length > 1) throw notEmulated('podman logs --follow of several containers')
  const show = function* (x: Container, lines: readonly LogLine[]): Run<void> {
    for (const l of lines) {
      const prefix = `${g.has('names') ? `${x.config.name} ` : list.length > 1 ? `${x.config.id.slice(0, 12)} ` : ''}${g.has('timestamps') ? `${l.time} ` : ''}`
      yield* c.sys.write(
        l.stream === 'stderr' ? 2 : 1,
        new TextEncoder().encode(`${prefix}${l.text}${l.partial ? '' : '\n'}`),
      )
    }
  }
  for (const x of list) {
    const read = function* (): Run<LogLine[]> {
      const text = yield* readText(c.sys, logPath(c.lp, x.config.id))
      return isErr(text) ? [] : parseLog(text)
    }
    const all = yield* read()
    let seen = all.length
    const picked = all.filter((l) => l.ns >= since && l.ns <= until)
    yield* show(x, tail >= 0 ? picked.slice(Math.max(0, picked.length - tail)) : picked)
    while (g.has('follow')) {
      const before = yield* c.lp.again(x.config.id)
      const live = before !== undefined && isLive(yield* c.lp.sync(before))
      const more = (yield* read()).slice(seen)
      seen += more.length
      yield* show(x, more)
      if (!live) break
      yield* c.sys.nanosleep(100_000_000)
    }
  }
  return 0
}
/** A container's processes: by its cgroup, with their numbers inside. */
function* processesOf(
  c: Context,
  x: Container,
): Run<{ readonly pid: number; readonly status: string; readonly stat: readonly string[]; readonly cmd: string }[]> {
  const text = yield* readText(c.sys, `/sys/fs/cgroup${cgroupOf(c.lp, x)}/cgroup.procs`)
  const out: { pid: number; status: string; stat: string[]; cmd: string }[] = []
  for (const pid of isErr(text) ? [] : text.split('\n').filter(Boolean).map(Number)) {
    const status = yield* readText(c.sys, `/proc/${pid}/status`)
    const stat = yield* readText(c.sys, `/proc/${pid}/stat`)
    const cmd = yield* readText(c.sys, `/proc/${pid}/cmdline`)
    if (isErr(status) || isErr(stat)) continue
    out.push({
      pid,
      status,
      stat: stat.slice(stat.lastIndexOf(')') + 2).split(' '),
      cmd: isErr(cmd) || cmd === '' ? (/\(([^)]*)\)/.exec(stat)?.[1] ?? '') : cmd.split('\0').join(' ').trimEnd(),
    })
  }
  return out
}
function* top(c: Context, g: Given): Run<number> {
  const name = g.has('latest') ? undefined : g.args[0]
  const descriptors = (g.has('latest') ? g.args : g.args.slice(1)).flatMap((a) => a.split(','))
  if (name === undefined && !g.has('latest'))
    throw new Problem('you must provide the name or id of a running container')
  const [x] = g.has('latest') ? yield* chosen(c, g) : [yield* c.lp.find(name as string)]
  if (!x) return 0
  if (x.state.status !== 'running' && x.state.status !== 'paused')
    throw new Problem('top can only be used on running containers: container state improper')
  const all = ['user', 'pid', 'ppid', 'pcpu', 'etime', 'tty', 'time', 'args', 'hpid', 'huser', 'comm', 'group', 'state']
  const wanted = descriptors.length > 0 ? descriptors : ['user', 'pid', 'ppid', 'pcpu', 'etime', 'tty', 'time', 'args']
  for (const d of wanted)
    if (!all.includes(d))
      throw d.startsWith('-')
        ? notEmulated(`podman top with ps(1) options`)
        : new Problem(`unknown AIX format descriptor ${JSON.stringify(d)}`)
  const heads: Readonly<Record<string, string>> = {
    user: 'USER',
    pid: 'PID',
    ppid: 'PPID',
    pcpu: '%CPU',
    etime: 'ELAPSED',
    tty: 'TTY',
    time: 'TIME',
    args: 'COMMAND',
    hpid: 'HPID',
    huser: 'HUSER',
    comm: 'COMMAND',
    group: 'GROUP',
    state: 'STATE',
  }
  const passwd = yield* readText(c.sys, `${x.state.mountPoint}/etc/passwd`)
  const names = new Map(
    (isErr(passwd) ? '' : passwd).split('\n').map((l) => [l.split(':')[2] ?? '', l.split(':')[0] ?? ''] as const),
  )
  const uptime = yield* c.sys.clock('boottime')
  const list = yield* processesOf(c, x)
  const inner = (p: (typeof list)[number]): string =>
    /^NSpid:\s*(.*)$/m.exec(p.status)?.[1]?.trim().split(/\s+/).at(-1) ?? String(p.pid)
  const map = yield* readText(c.sys, '/proc/self/uid_map')
  const lines = (isErr(map) ? '' : map)
    .trim()
    .split('\n')
    .map((l) => l.trim().split(/\s+/).map(Number))
  /** What the host calls a user: its number there, or root. */
  const outside = (uid: string): string => {
    const [first = 0, start = 0] = lines.find(([a = 0, , n = 0]) => Number(uid) >= a && Number(uid) < a + n) ?? []
    const own = start + Number(uid) - first
    return own === 0 ? 'root' : String(own)
  }
  const rows = list.map((p) => {
    const uid = /^Uid:\s*(\d+)/m.exec(p.status)?.[1] ?? '0'
    const gid = /^Gid:\s*(\d+)/m.exec(p.status)?.[1] ?? '0'
    const parent = list.find((q) => q.pid === Number(p.stat[1]))
    const ticks = Number(p.stat[11]) + Number(p.stat[12])
    const elapsed = Math.max(0, uptime - Number(p.stat[19]) * 1e7)
    const tty = Number(p.stat[4])
    const cells: Readonly<Record<string, string>> = {
      user: names.get(uid) ?? uid,
      pid: inner(p),
      ppid: parent ? inner(parent) : '0',
      pcpu: (elapsed > 0 ? (ticks * 1e9) / elapsed : 0).toFixed(3),
      etime: goDuration(elapsed),
      tty: tty ? `pts/${tty & 255}` : '?',
      time: goDuration(ticks * 1e7),
      args: p.cmd,
      comm: p.cmd.split(' ')[0] ?? '',
      hpid: String(p.pid),
      huser: outside(uid),
      group: gid === '0' ? 'root' : gid,
      state: p.stat[0] ?? '',
    }
    return wanted.map((d) => cells[d] ?? '')
  })
  yield* print(c.sys, table([wanted.map((d) => heads[d] ?? ''), ...rows]))
  return 0
}
/** time.Duration's text: `1h2m3.5s`. */
function goDuration(ns: number): string {
  if (ns < 1) return '0s'
  if (ns < 1e3) return `${ns}ns`
  if (ns < 1e6) return `${Number((ns / 1e3).toFixed(3))}µs`
  if (ns < 1e9) return `${Number((ns / 1e6).toFixed(6))}ms`
  const s = ns / 1e9
  const h = Math.floor(s / 3600)
  const m = Math.floor((s % 3600) / 60)
  const rest = Number((s - h * 3600 - m * 60).toFixed(9))
  return `${h > 0 ? `${h}h` : ''}${h > 0 || m > 0 ? `${m}m` : ''}${rest}s`
}
function* stats(c: Context, g: Given): Run<number> {
  if (!g.has('no-stream')) throw notEmulated('podman stats without --no-stream')
  const list =
    g.args.length > 0 || g.has('latest')
      ? yield* chosen(c, g)
      : (yield* c.lp.all()).filter((x) => g.has('all') || x.state.status === 'running')
  const { totalram } = yield* c.sys.sysinfo()
  const rows: Record<string, string>[] = []
  for (const x of list) {
    const read = function* (file: string): Run<string> {
      const text = yield* readText(c.sys, `/sys/fs/cgroup${cgroupOf(c.lp, x)}/${file}`)
      return isErr(text) ? '' : text
    }
    const used = Number((yield* read('memory.current')).trim() || 0)
    const max = (yield* read('memory.max')).trim()
    const limit = max === 'max' || max === '' ? totalram : Number(max)
    const usec = Number(/usage_usec (\d+)/.exec(yield* read('cpu.stat'))?.[1] ?? 0)
    const up = Math.max(1, (yield* c.lp.now()) - x.state.started)
    const net = yield* readText(c.sys, `/proc/${x.state.pid}/net/dev`)
    const io = (isErr(net) ? '' : net)
      .split('\n')
      .filter((l) => /^\s*(?!lo:)\w+:/.test(l))
      .map((l) => l.split(':')[1]?.trim().split(/\s+/).map(Number) ?? [])
    const sum = (n: number): number => io.reduce((a, r) => a + (r[n] ?? 0), 0)
    const cpu = ((usec * 1000) / up) * 100
    rows.push({
      ID: g.has('no-trunc') ? x.config.id : x.config.id.slice(0, 12),
      Name: x.config.name,
      CPUPerc: `${cpu.toFixed(2)}%`,
      MemUsage: `${humanSize(used)} / ${humanSize(limit)}`,
      MemPerc: `${((used / limit) * 100).toFixed(2)}%`,
      NetIO: io.length > 0 ? `${humanSize(sum(0))} / ${humanSize(sum(8))}` : '-- / --',
      BlockIO: '-- / --',
      PIDS: (yield* read('pids.current')).trim() || '0',
      UpTime: goDuration(usec * 1000),
      AvgCPU: `${cpu.toFixed(2)}%`,
      MemUsageBytes: `${bytesSize(used)} / ${bytesSize(limit)}`,
    })
  }
  yield* printList(
    c.sys,
    [
      ['ID', 'ID'],
      ['NAME', 'Name'],
      ['CPU %', 'CPUPerc'],
      ['MEM USAGE / LIMIT', 'MemUsage'],
      ['MEM %', 'MemPerc'],
      ['NET IO', 'NetIO'],
      ['BLOCK IO', 'BlockIO'],
      ['PIDS', 'PIDS'],
      ['CPU TIME', 'UpTime'],
      ['AVG CPU %', 'AvgCPU'],
    ],
    rows,
    { format: g.value('format') },
  )
  return 0
}

export const watchCommands: Commands = {
  logs: {
    args: [0, Infinity],
    few: 'specify at least one container name or ID to log',
    flags: 'follow latest names since tail timestamps until color',
    run: logs,
  },
  top: { args: [0, Infinity], first: true, flags: 'latest', run: top },
  stats: { args: [0, Infinity], flags: 'all format latest no-stream no-trunc no-reset', run: stats },
}
