/** docker stats: once, or over and over until ^C. */
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { bytesSize, humanSize } from '../../../oci/units.ts'
import { print } from '../../../userland/lib/io.ts'
import { CliError, type Client, query } from '../api.ts'
import { compile, printList, tabulate } from '../format.ts'
import type { Command } from '../invoke.ts'

type Stream = ReturnType<Client['stream']> extends Run<infer T> ? T : never
interface Sample {
  readonly cpu_stats: {
    readonly cpu_usage: { readonly total_usage: number }
    readonly system_cpu_usage: number
    readonly online_cpus: number
  }
  readonly precpu_stats: { readonly cpu_usage: { readonly total_usage: number }; readonly system_cpu_usage: number }
  readonly memory_stats: {
    readonly usage?: number
    readonly limit?: number
    readonly stats?: { readonly inactive_file?: number }
  }
  readonly networks?: Readonly<Record<string, { readonly rx_bytes: number; readonly tx_bytes: number }>>
  readonly blkio_stats: {
    readonly io_service_bytes_recursive: readonly { readonly op: string; readonly value: number }[] | null
  }
  readonly pids_stats: { readonly current?: number }
}
/** Hundredths of one processor that were used between two samples, as calculateCPUPercentUnix has it. */
function cpuPercent(s: Sample): number {
  const used = s.cpu_stats.cpu_usage.total_usage - s.precpu_stats.cpu_usage.total_usage
  const all = s.cpu_stats.system_cpu_usage - s.precpu_stats.system_cpu_usage
  return used > 0 && all > 0 ? (used / all) * s.cpu_stats.online_cpus * 100 : 0
}
/** What the daemon says of a container that doesn't run. */
const idle: Sample = {
  cpu_stats: { cpu_usage: { total_usage: 0 }, system_cpu_usage: 0, online_cpus: 0 },
  precpu_stats: { cpu_usage: { total_usage: 0 }, system_cpu_usage: 0 },
  memory_stats: {},
  blkio_stats: { io_service_bytes_recursive: null },
  pids_stats: {},
}
function row({ id, name, given }: Chosen, s: Sample, full: boolean): Record<string, unknown> {
  const shown = full ? id : id.slice(0, 12)
  const m = s.memory_stats
  const used = (m.usage ?? 0) - (m.stats?.inactive_file ?? 0)
  const io = (op: string): number =>
    (s.blkio_stats.io_service_bytes_recursive ?? []).filter((x) => x.op === op).reduce((n, x) => n + x.value, 0)
  const net = Object.values(s.networks ?? {})
  return {
    BlockIO: `${humanSize(io('read'), 3)} / ${humanSize(io('write'), 3)}`,
    CPUPerc: `${cpuPercent(s).toFixed(2)}%`,
    Container: given ?? shown,
    ID: shown,
    MemPerc: `${(m.limit ? (used / m.limit) * 100 : 0).toFixed(2)}%`,
    MemUsage: `${bytesSize(used)} / ${bytesSize(m.limit ?? 0)}`,
    Name: name,
    NetIO: `${humanSize(
      net.reduce((n, x) => n + x.rx_bytes, 0),
      3,
    )} / ${humanSize(
      net.reduce((n, x) => n + x.tx_bytes, 0),
      3,
    )}`,
    PIDs: String(s.pids_stats.current ?? 0),
  }
}
const columns = [
  ['CONTAINER ID', 'ID'],
  ['NAME', 'Name'],
  ['CPU %', 'CPUPerc'],
  ['MEM USAGE / LIMIT', 'MemUsage'],
  ['MEM %', 'MemPerc'],
  ['NET I/O', 'NetIO'],
  ['BLOCK I/O', 'BlockIO'],
  ['PIDS', 'PIDs'],
] as const

interface Chosen {
  readonly id: string
  readonly name: string
  readonly running: boolean
  /** How the user named it. */
  readonly given?: string
}
/** The containers asked for: by name, or all that run (with --all, all that are). */
function* chosen(client: Client, names: readonly string[], all: boolean): Run<Chosen[]> {
  if (names.length > 0) {
    const out: Chosen[] = []
    for (const n of names) {
      const c = yield* client.json<{ Id: string; Name: string; State: { Running: boolean } }>(
        'GET',
        `/containers/${encodeURIComponent(n)}/json`,
      )
      out.push({ id: c.Id, name: c.Name.slice(1), running: c.State.Running, given: n })
    }
    return out
  }
  const rows = yield* client.json<{ Id: string; Names: string[]; State: string }[]>(
    'GET',
    `/containers/json${query({ all })}`,
  )
  return rows.map((r) => ({
    id: r.Id,
    name: (r.Names[0] ?? '').slice(1),
    running: r.State === 'running' || r.State === 'paused',
  }))
}
/** One sample of each, taken at the same time. */
function* sample(sys: Sys, client: Client, list: readonly Chosen[], full: boolean): Run<Record<string, unknown>[]> {
  const rows = new Map<string, Record<string, unknown>>()
  const streams: { readonly of: Chosen; readonly stream: Stream }[] = []
  for (const c of list) {
    if (!c.running) {
      rows.set(c.id, row(c, idle, full))
      continue
    }
    try {
      streams.push({
        of: c,
        stream: yield* client.stream('GET', `/containers/${c.id}/stats${query({ stream: 'false' })}`),
      })
    } catch (e) {
      if (!(e instanceof CliError)) throw e
    }
  }
  for (const s of streams) {
    let body = ''
    for (
      let part = yield* s.stream.reader.piece(s.stream.headers);
      part;
      part = yield* s.stream.reader.piece(s.stream.headers)
    ) {
      body += new TextDecoder().decode(part)
      if (body.endsWith('\n')) break
    }
    yield* sys.close(s.stream.fd)
    if (body) rows.set(s.of.id, row(s.of, JSON.parse(body) as Sample, full))
  }
  return list.flatMap((c) => {
    const r = rows.get(c.id)
    return r ? [r] : []
  })
}

export const stats: Command = function* (sys, client, g) {
  const format = g.value('format')
  const full = g.has('no-trunc')
  if (g.has('no-stream')) {
    yield* printList(
      sys,
      format,
      columns,
      yield* sample(sys, client, yield* chosen(client, g.args, g.has('all')), full),
      {},
      '*container.statsContext',
    )
    return 0
  }
  if (format !== undefined && format !== 'table' && format !== 'json') yield* compile(sys, format.replace(/^table/, ''))
  yield* print(sys, '\x1b[2J')
  for (;;) {
    const rows = yield* sample(sys, client, yield* chosen(client, g.args, g.has('all')), full)
    yield* print(sys, '\x1b[H')
    if (format === undefined || format === 'table')
      yield* print(
        sys,
        tabulate([columns.map((c) => c[0]), ...rows.map((r) => columns.map((c) => String(r[c[1]])))]).replace(
          /\n/g,
          '\x1b[K\n',
        ),
      )
    else yield* printList(sys, format, columns, rows, {}, '*container.statsContext')
    yield* print(sys, '\x1b[J')
    yield* sys.nanosleep(500_000_000)
  }
}
