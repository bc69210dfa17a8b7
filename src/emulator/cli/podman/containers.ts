/** Podman's commands on containers that exist. */
import { isErr } from '../../base/errno.ts'
import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import { isOwnPath } from '../../engine/containers/storage.ts'
import { changesOf, treeEntries } from '../../engine/layers.ts'
import { isLive } from '../../engine/libpod/libpod.ts'
import {
  cleanupCommand,
  kill,
  pause,
  removeContainer,
  startContainer,
  stop,
  unpause,
  waitForExit,
} from '../../engine/libpod/lifecycle.ts'
import { logPath } from '../../engine/libpod/runtime.ts'
import { cgroupOf } from '../../engine/libpod/spec.ts'
import type { Container } from '../../engine/libpod/types.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { signalNumber } from '../../kernel/linux/signals.ts'
import { writeTar } from '../../oci/tar.ts'
import { bytesSize, humanSize, seconds } from '../../oci/units.ts'
import { print, readText } from '../../userland/lib/io.ts'
import { each } from '../containers/frame.ts'
import { filtersOf, printList, table } from '../containers/output.ts'
import { parseDuration } from '../docker/values.ts'
import type { Given } from '../flags.ts'
import { type Commands, type Context, chosen } from './context.ts'

const timeout = (g: Given): number | undefined => (g.value('time') === undefined ? undefined : Number(g.value('time')))
/** Names of the operands that aren't there, where --ignore forgives that. */
function* named(c: Context, g: Given): Run<Container[]> {
  if (g.has('all') || g.has('latest')) return yield* chosen(c, g)
  const out: Container[] = []
  for (const name of g.args) {
    try {
      out.push(yield* c.lp.find(name))
    } catch (e) {
      if (!(e instanceof Problem) || !(g.has('ignore') || g.has('force'))) throw e
    }
  }
  if (g.args.length === 0 && !g.has('ignore')) throw new Problem('you must provide at least one name or id')
  return out
}
const shownAs = (g: Given, x: Container): string =>
  g.args.find((a) => a === x.config.name || x.config.id.startsWith(a)) ?? x.config.id

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
export function goDuration(ns: number): string {
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
/** Runs with a container's file system mounted: the running one's own, or for the moment. */
export function* mounted<T>(c: Context, x: Container, body: (root: string) => Run<T>): Run<T> {
  const record = yield* c.lp.storage.findContainer(x.config.id)
  if (!record) throw new Problem(`no container with ID ${x.config.id} in storage`)
  const root = yield* c.lp.storage.mount(record)
  try {
    return yield* body(root)
  } finally {
    yield* c.lp.storage.unmount(record)
  }
}

export const containerCommands: Commands = {
  stop: {
    args: [0, Infinity],
    flags: 'all ignore latest time',
    *run(c, g) {
      const list = yield* named(c, g)
      return yield* each(c.sys, list, function* (x) {
        if (g.has('all') && !isLive(x)) return undefined
        yield* stop(c.lp, x, timeout(g))
        return g.has('all') ? x.config.id : shownAs(g, x)
      })
    },
  },
  restart: {
    args: [0, Infinity],
    flags: 'all latest running time',
    *run(c, g) {
      const list = g.has('running')
        ? (yield* c.lp.all()).filter((x) => x.state.status === 'running')
        : yield* chosen(c, g)
      return yield* each(c.sys, list, function* (x) {
        if (isLive(x)) yield* stop(c.lp, x, timeout(g))
        yield* startContainer(c.lp, yield* c.lp.find(x.config.id))
        return shownAs(g, x)
      })
    },
  },
  kill: {
    args: [0, Infinity],
    flags: 'all latest signal',
    *run(c, g) {
      const signal = signalNumber(g.value('signal') ?? 'KILL')
      if (signal === undefined || signal < 1 || signal > 64) throw new Problem(`invalid signal: ${g.value('signal')}`)
      return yield* each(c.sys, yield* chosen(c, g), function* (x) {
        if (g.has('all') && !isLive(x)) return undefined
        yield* kill(c.lp, x, signal)
        return shownAs(g, x)
      })
    },
  },
  rm: {
    args: [0, Infinity],
    beside: 'no arguments are needed with --all',
    flags: 'all force ignore latest time volumes depend',
    *run(c, g) {
      if (g.has('depend')) throw notEmulated('podman rm --depend')
      const names = g.has('all')
        ? (yield* c.lp.all()).filter((x) => !x.config.infra).map((x) => x.config.id)
        : g.has('latest')
          ? (yield* chosen(c, g)).map((x) => x.config.id)
          : g.args
      if (names.length === 0 && !g.has('all') && !g.has('ignore'))
        throw new Problem('you must provide at least one name or id')
      return yield* each(
        c.sys,
        names,
        function* (name) {
          let x: Container
          try {
            x = yield* c.lp.find(name)
          } catch (e) {
            if (e instanceof Problem && (g.has('force') || g.has('ignore'))) return undefined
            throw e
          }
          yield* removeContainer(c.lp, x, { force: g.has('force'), volumes: g.has('volumes'), timeout: timeout(g) })
          return name
        },
        1,
      )
    },
  },
  pause: {
    args: [0, Infinity],
    flags: 'all latest',
    *run(c, g) {
      const list = g.has('all') ? (yield* c.lp.all()).filter((x) => x.state.status === 'running') : yield* chosen(c, g)
      return yield* each(c.sys, list, function* (x) {
        yield* pause(c.lp, x)
        return shownAs(g, x)
      })
    },
  },
  unpause: {
    args: [0, Infinity],
    flags: 'all latest',
    *run(c, g) {
      const list = g.has('all') ? (yield* c.lp.all()).filter((x) => x.state.status === 'paused') : yield* chosen(c, g)
      return yield* each(c.sys, list, function* (x) {
        yield* unpause(c.lp, x)
        return shownAs(g, x)
      })
    },
  },
  wait: {
    args: [0, Infinity],
    few: '"podman wait" requires a name, id, or the "--latest" flag',
    flags: 'condition ignore interval latest',
    *run(c, g) {
      const condition = g.value('condition')
      if (condition !== undefined && condition !== 'stopped' && condition !== 'exited')
        throw notEmulated(`podman wait --condition ${condition}`)
      return yield* each(c.sys, yield* chosen(c, g), function* (x) {
        return String(
          isLive(x) ? yield* waitForExit(c.lp, x.config.id) : x.state.status === 'exited' ? x.state.exitCode : -1,
        )
      })
    },
  },
  logs: {
    args: [0, Infinity],
    few: 'specify at least one container name or ID to log',
    flags: 'follow latest names since tail timestamps until color',
    run: logs,
  },
  top: { args: [0, Infinity], first: true, flags: 'latest', run: top },
  stats: { args: [0, Infinity], flags: 'all format latest no-stream no-trunc no-reset', run: stats },
  rename: {
    args: [2, 2],
    flags: '',
    *run(c, g) {
      const [old = '', name = ''] = g.args
      const x = yield* c.lp.find(old)
      const db = yield* c.lp.db()
      if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name))
        throw new Problem('names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument')
      if (db.containers.some((y) => y.config.name === name))
        throw new Problem(`renaming container: name "${name}" is in use: container already exists`)
      yield* c.lp.change((d) => ({
        ...d,
        containers: d.containers.map((y) =>
          y.config.id === x.config.id ? { ...y, config: { ...y.config, name } } : y,
        ),
      }))
      yield* c.lp.storage.renameContainer(x.config.id, name)
      return 0
    },
  },
  port: {
    args: [0, 2],
    beside: 'no arguments are needed with --all',
    flags: 'all latest',
    *run(c, g) {
      const all = g.has('all')
      const list = all
        ? (yield* c.lp.all()).filter(isLive)
        : g.has('latest')
          ? yield* chosen(c, g)
          : g.args[0] === undefined
            ? []
            : [yield* c.lp.find(g.args[0])]
      if (list.length === 0 && !all) throw new Problem('you must supply a running container name or id')
      const [number, protocol = 'tcp'] = (g.has('latest') ? g.args[0] : g.args[1])?.split('/') ?? []
      let found = false
      for (const x of list)
        for (const p of yield* portsOf(c, x)) {
          if (number !== undefined && (p.containerPort !== Number(number) || p.protocol !== protocol)) continue
          found = true
          const at = `${p.hostIp || '0.0.0.0'}:${p.hostPort}`
          yield* print(
            c.sys,
            `${all ? `${x.config.id.slice(0, 12)}\t` : ''}${number === undefined ? `${p.containerPort}/${p.protocol} -> ` : ''}${at}\n`,
          )
        }
      if (!found && number !== undefined)
        throw new Problem(`failed to find published port ${JSON.stringify(`${number}/${protocol}`)}`)
      return 0
    },
  },
  diff: {
    args: [0, 2],
    flags: 'format latest',
    *run(c, g) {
      const [x] = yield* chosen(c, g)
      const record = x && (yield* c.lp.storage.findContainer(x.config.id))
      if (!x || !record) return 0
      const all = yield* changesOf(c.sys, yield* c.lp.storage.layersOf(record))
      if (isErr(all)) throw new Problem(all.text.toLowerCase())
      const list = all.filter((l) => !isOwnPath(l.path))
      if (g.value('format') === 'json') {
        const of = (kind: string): string[] => list.filter((l) => l.kind === kind).map((l) => l.path)
        yield* print(c.sys, `${JSON.stringify({ changed: of('C'), added: of('A'), deleted: of('D') }, null, 4)}\n`)
      } else if (g.value('format') !== undefined) throw notEmulated('podman diff --format with a template')
      else yield* print(c.sys, list.map((l) => `${l.kind} ${l.path}\n`).join(''))
      return 0
    },
  },
  export: {
    args: [1, 1],
    flags: 'output',
    *run(c, g) {
      const [x] = yield* chosen(c, g)
      if (!x) return 0
      const out = g.value('output')
      if (out === undefined && !isErr(yield* c.sys.ioctl(1, 'TCGETS')))
        throw new Problem('refusing to export to terminal. Use -o flag or redirect')
      yield* mounted(c, x, function* (root) {
        const entries = yield* treeEntries(c.sys, root)
        if (isErr(entries)) throw new Problem(entries.text.toLowerCase())
        const bytes = writeTar(entries)
        const fd = out === undefined ? 1 : yield* c.sys.open(out, 0o1101, 0o644)
        if (isErr(fd)) throw new Problem(`open ${out}: ${fd.text.toLowerCase()}`)
        for (let at = 0; at < bytes.length; at += 65536) yield* c.sys.write(fd, bytes.subarray(at, at + 65536))
        if (out !== undefined) yield* c.sys.close(fd)
      })
      return 0
    },
  },
  mount: {
    args: [0, Infinity],
    flags: 'all latest',
    *run(c, g) {
      if (c.lp.place.rootless && (yield* inHostMounts(c)))
        throw new Problem('cannot run command "podman mount" in rootless mode, must execute `podman unshare` first')
      if (g.args.length === 0 && !g.has('all') && !g.has('latest')) {
        for (const x of yield* c.lp.all()) {
          const record = yield* c.lp.storage.findContainer(x.config.id)
          const at = record && (yield* c.lp.storage.mountedAt(record))
          if (at) yield* print(c.sys, `${x.config.id.slice(0, 12)} ${at}\n`)
        }
        return 0
      }
      const list = yield* chosen(c, g)
      return yield* each(c.sys, list, function* (x) {
        const record = yield* c.lp.storage.findContainer(x.config.id)
        if (!record) return undefined
        const at = yield* c.lp.storage.mount(record)
        return list.length > 1 ? `${x.config.id} ${at}` : at
      })
    },
  },
  unmount: {
    args: [0, Infinity],
    flags: 'all force latest',
    *run(c, g) {
      return yield* each(c.sys, yield* chosen(c, g), function* (x) {
        const record = yield* c.lp.storage.findContainer(x.config.id)
        if (record) yield* c.lp.storage.unmount(record, g.has('force'))
        return x.config.id
      })
    },
  },
  'container exists': {
    args: [1, 1],
    flags: '',
    *run(c, g) {
      return yield* exists(() => c.lp.find(g.args[0] as string))
    },
  },
  'container cleanup': {
    args: [0, Infinity],
    flags: 'all latest rm stopped-only',
    *run(c, g) {
      return yield* each(c.sys, g.args, function* (name) {
        const x = yield* c.lp.again(name)
        if (!x) throw new Problem(`no container with name or ID ${JSON.stringify(name)} found: no such container`)
        yield* cleanupCommand(c.lp, x.config.id, g.has('rm'))
        return undefined
      })
    },
  },
  'container prune': {
    args: [0, 0],
    flags: 'force filter',
    *run(c, g) {
      filtersOf(g.all('filter'), [], 'podman container prune')
      if (
        !g.has('force') &&
        !(yield* confirm(
          c,
          'WARNING! This will remove all non running containers.\nAre you sure you want to continue? [y/N] ',
        ))
      )
        return 0
      return yield* each(
        c.sys,
        (yield* c.lp.all()).filter((x) => !isLive(x) && !x.config.infra),
        function* (x) {
          yield* removeContainer(c.lp, x)
          return x.config.id
        },
      )
    },
  },
}
/** Whether this process sees the host's mounts: not those of podman's own namespace. */
function* inHostMounts(c: Context): Run<boolean> {
  return !c.sys.environ().some((e) => e.startsWith('_CONTAINERS_USERNS_CONFIGURED='))
}
/** Exit code 0 where something is there, 1 where it isn't. */
export function* exists(find: () => Run<unknown>): Run<number> {
  try {
    yield* find()
    return 0
  } catch (e) {
    if (e instanceof Problem) return 1
    throw e
  }
}
/** Asks before something that can't be undone. */
export function* confirm(c: Context, question: string): Run<boolean> {
  yield* print(c.sys, question)
  const answer = yield* c.sys.read(0, 256)
  return !isErr(answer) && /^y/i.test(new TextDecoder().decode(answer))
}
/** A container's published ports: its own, or those of the one whose network it shares. */
export function* portsOf(c: Context, x: Container): Run<Container['config']['ports']> {
  if (x.config.network.kind !== 'container') return x.config.ports
  const other = yield* c.lp.again(x.config.network.id)
  return other?.config.ports ?? []
}
