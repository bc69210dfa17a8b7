/** GET /containers/{id}/stats: figures of a container's cgroup and network, read from the host's files. */
import { utf8 } from '../../../base/bytes.ts'
import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { endChunks, sendChunk, startChunked } from '../../../userland/lib/http.ts'
import { readText } from '../../../userland/lib/io.ts'
import { meminfo } from '../../../userland/lib/proc.ts'
import { rfc3339 } from '../documents.ts'
import { type Route, truth } from '../routes.ts'
import { runtimeOf } from '../runtime.ts'
import { type Container, type Daemon, findContainer } from '../state.ts'
import { call } from '../support.ts'

interface Cpu {
  readonly cpu_usage: {
    readonly total_usage: number
    readonly usage_in_usermode: number
    readonly usage_in_kernelmode: number
  }
  readonly system_cpu_usage: number
  readonly online_cpus: number
  readonly throttling_data: {
    readonly periods: number
    readonly throttled_periods: number
    readonly throttled_time: number
  }
}
const none: Cpu = {
  cpu_usage: { total_usage: 0, usage_in_usermode: 0, usage_in_kernelmode: 0 },
  system_cpu_usage: 0,
  online_cpus: 0,
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
}
/** Files of the container's control group, where they aren't the host's: a runtime with a machine of its own tells them (tasks.Stats). */
type Told = { readonly files: Readonly<Record<string, string>>; readonly total: number } | undefined
function* told(sys: Sys, d: Daemon, c: Container): Run<Told> {
  if (runtimeOf(d, c.hostConfig.Runtime).options) return undefined
  const r = yield* call<NonNullable<Told>>(sys, 'tasks.Stats', { id: c.id })
  return r.ok ? r.result : undefined
}
function* read(sys: Sys, c: Container, file: string, from: Told): Run<string> {
  if (from) return (from.files[file] ?? '').trim()
  const text = yield* readText(sys, `/sys/fs/cgroup/system.slice/docker-${c.id}.scope/${file}`)
  return isErr(text) ? '' : text.trim()
}
const field = (text: string, name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0)

function* cpuOf(sys: Sys, c: Container, from: Told): Run<Cpu> {
  const s = yield* read(sys, c, 'cpu.stat', from)
  const cpus = yield* sys.schedGetaffinity()
  return {
    cpu_usage: {
      total_usage: field(s, 'usage_usec') * 1000,
      usage_in_usermode: field(s, 'user_usec') * 1000,
      usage_in_kernelmode: field(s, 'system_usec') * 1000,
    },
    // All the time that the host's processors had, used or idle.
    system_cpu_usage: (yield* sys.clock('boottime')) * cpus,
    online_cpus: cpus,
    throttling_data: {
      periods: field(s, 'nr_periods'),
      throttled_periods: field(s, 'nr_throttled'),
      throttled_time: field(s, 'throttled_usec') * 1000,
    },
  }
}
/** Interfaces of the container's network namespace but lo, from its /proc/PID/net/dev. */
function* networksOf(sys: Sys, c: Container): Run<Record<string, Record<string, number>>> {
  const text = yield* readText(sys, `/proc/${c.pid}/net/dev`)
  const out: Record<string, Record<string, number>> = {}
  for (const line of isErr(text) ? [] : text.split('\n')) {
    const m = /^\s*(\w+):\s*(.*)$/.exec(line)
    // What a runtime adds there is its own affair: taps of a machine.
    if (!m || m[1] === 'lo' || m[1]?.startsWith('tap')) continue
    const n = (m[2] as string).trim().split(/\s+/).map(Number)
    out[m[1] as string] = {
      rx_bytes: n[0] ?? 0,
      rx_packets: n[1] ?? 0,
      rx_errors: 0,
      rx_dropped: 0,
      tx_bytes: n[8] ?? 0,
      tx_packets: n[9] ?? 0,
      tx_errors: 0,
      tx_dropped: 0,
    }
  }
  return out
}
function* sample(sys: Sys, d: Daemon, c: Container, before: Cpu): Run<Record<string, unknown>> {
  const from = yield* told(sys, d, c)
  const max = yield* read(sys, c, 'memory.max', from)
  const current = yield* read(sys, c, 'memory.current', from)
  const stat = yield* read(sys, c, 'memory.stat', from)
  const io = [...(yield* read(sys, c, 'io.stat', from)).matchAll(/^(\d+):(\d+).* rbytes=(\d+) wbytes=(\d+)/gm)].flatMap(
    (m) => [
      { major: Number(m[1]), minor: Number(m[2]), op: 'read', value: Number(m[3]) },
      { major: Number(m[1]), minor: Number(m[2]), op: 'write', value: Number(m[4]) },
    ],
  )
  const pids = yield* read(sys, c, 'pids.max', from)
  return {
    id: c.id,
    name: `/${c.name}`,
    read: rfc3339(yield* sys.clock('realtime')),
    num_procs: 0,
    // Without a limit none is told: 2^64-1 is no number of JavaScript's.
    pids_stats: {
      current: Number((yield* read(sys, c, 'pids.current', from)) || 0),
      ...(pids === 'max' || pids === '' ? {} : { limit: Number(pids) }),
    },
    cpu_stats: yield* cpuOf(sys, c, from),
    precpu_stats: before,
    memory_stats: {
      usage: Number(current || 0),
      stats: Object.fromEntries(
        stat
          .split('\n')
          .filter(Boolean)
          .map((l) => [l.split(' ')[0], Number(l.split(' ')[1])]),
      ),
      limit: max === 'max' || max === '' ? (from?.total ?? (yield* meminfo(sys)).MemTotal ?? 0) : Number(max),
    },
    blkio_stats: { io_service_bytes_recursive: io.length > 0 ? io : null },
    networks: yield* networksOf(sys, c),
  }
}
export const statsRoutes: readonly Route[] = [
  [
    'GET',
    /^\/containers\/([^/]+)\/stats$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      const runs = (): boolean => x.status === 'running' || x.status === 'paused'
      const stream = c.query('stream') === '' || truth(c.query('stream'))
      yield* startChunked(c.sys, c.fd, 200, { 'Content-Type': 'application/json' })
      let before = none
      // A figure needs two samples: a single answer takes a second, unless the caller compares by itself.
      if (!stream && !truth(c.query('one-shot')) && runs()) {
        before = yield* cpuOf(c.sys, x, yield* told(c.sys, c.d, x))
        yield* c.sys.futex(x.changed, () => !runs(), 1e9)
      }
      for (;;) {
        const s = yield* sample(c.sys, c.d, x, before)
        before = s.cpu_stats as Cpu
        if (yield* sendChunk(c.sys, c.fd, utf8(`${JSON.stringify(s)}\n`))) return undefined
        if (!stream || !runs()) break
        yield* c.sys.futex(x.changed, () => !runs(), 1e9)
      }
      yield* endChunks(c.sys, c.fd)
      return undefined
    },
  ],
]
