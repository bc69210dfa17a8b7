/** docker attach, pause, port, rename, top, update, wait, and container inspect and prune. */
import { text } from '../../../base/bytes.ts'
import { humanSize, ramInBytes } from '../../../oci/units.ts'
import { print, warn } from '../../../userland/lib/io.ts'
import { CliError, query } from '../api.ts'
import { confirm } from '../confirm.ts'
import { inspect, post } from '../core.ts'
import { tabulate } from '../format.ts'
import { type Command, each, filtersOf } from '../invoke.ts'
import { attach } from '../run.ts'
import { parseCpus } from '../values.ts'

const at = (name: string | undefined): string => encodeURIComponent(name ?? '')

const port: Command = function* (sys, client, g) {
  const [name, wanted] = g.args
  const i = yield* client.json<{
    NetworkSettings: { Ports: Record<string, { HostIp: string; HostPort: string }[] | null> }
  }>('GET', `/containers/${at(name)}/json`)
  const show = (b: { HostIp: string; HostPort: string }): string =>
    `${b.HostIp.includes(':') ? `[${b.HostIp}]` : b.HostIp}:${b.HostPort}`
  const out: string[] = []
  if (wanted !== undefined) {
    const [number = '', protocol = 'tcp'] = wanted.split('/')
    if (!/^\d+$/.test(number) || Number(number) > 65535)
      throw new CliError(`invalid port '${number}': ${/^\d+$/.test(number) ? 'value out of range' : 'invalid syntax'}`)
    const list = i.NetworkSettings.Ports[`${number}/${protocol}`]
    if (!list || list.length === 0) throw new CliError(`Error: No public port '${wanted}' published for ${name}`)
    out.push(...list.map(show))
  } else {
    for (const [key, list] of Object.entries(i.NetworkSettings.Ports))
      for (const b of list ?? []) out.push(`${key} -> ${show(b)}`)
    out.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
  }
  yield* print(sys, out.map((l) => `${l}\n`).join(''))
  return 0
}

const rename: Command = function* (_sys, client, g) {
  const [from = '', to = ''] = g.args.map((a) => a.trim())
  if (from === '' || to === '') throw new CliError('container name cannot be empty')
  try {
    yield* client.json('POST', `/containers/${at(from)}/rename${query({ name: to })}`)
  } catch (e) {
    throw e instanceof CliError ? new CliError(`failed to rename container: ${e.message}`) : e
  }
  return 0
}

const top: Command = function* (sys, client, g) {
  const [name, ...args] = g.args
  const t = yield* client.json<{ Titles: string[]; Processes: string[][] }>(
    'GET',
    `/containers/${at(name)}/top${query({ ps_args: args.join(' ') })}`,
  )
  yield* print(sys, tabulate([t.Titles, ...t.Processes], 20, 3))
  return 0
}

const update: Command = function* (sys, client, g) {
  if (g.parsed.values.size === 0) throw new CliError('you must provide one or more flags when using this command')
  for (const name of ['blkio-weight', 'cpu-rt-period', 'cpu-rt-runtime', 'cpuset-mems', 'kernel-memory'])
    if (g.parsed.values.has(name)) throw new CliError(`zukan: not emulated: --${name}`)
  const bytes = (name: string): Record<string, number> => {
    const v = g.value(name)
    const key = { memory: 'Memory', 'memory-reservation': 'MemoryReservation', 'memory-swap': 'MemorySwap' }[name]
    return v === undefined ? {} : { [key as string]: v === '-1' ? -1 : (ramInBytes(v) ?? 0) }
  }
  const number = (name: string, key: string): Record<string, number> =>
    g.value(name) === undefined ? {} : { [key]: Number(g.value(name)) }
  const [policy = '', retries] = (g.value('restart') ?? '').split(':')
  const body = {
    ...bytes('memory'),
    ...bytes('memory-reservation'),
    ...bytes('memory-swap'),
    ...number('cpu-period', 'CpuPeriod'),
    ...number('cpu-quota', 'CpuQuota'),
    ...number('cpu-shares', 'CpuShares'),
    ...number('pids-limit', 'PidsLimit'),
    ...(g.value('cpus') === undefined ? {} : { NanoCpus: Number(parseCpus(g.value('cpus') as string)) }),
    ...(g.value('cpuset-cpus') === undefined ? {} : { CpusetCpus: g.value('cpuset-cpus') }),
    ...(g.value('restart') === undefined
      ? {}
      : { RestartPolicy: { Name: policy, MaximumRetryCount: Number(retries ?? 0) } }),
  }
  return yield* each(function* (s, c, name) {
    const r = yield* c.json<{ Warnings: string[] | null }>('POST', `/containers/${at(name)}/update`, body)
    for (const w of r.Warnings ?? []) yield* warn(s, `${w}\n`)
    return name
  })(sys, client, g)
}

const prune: Command = function* (sys, client, g) {
  if (!g.has('force'))
    yield* confirm(sys, 'WARNING! This will remove all stopped containers.\nAre you sure you want to continue?')
  const r = yield* client.json<{ ContainersDeleted: string[] | null; SpaceReclaimed: number }>(
    'POST',
    `/containers/prune${query({ filters: filtersOf(g) })}`,
  )
  const gone = r.ContainersDeleted ?? []
  const head = gone.length > 0 ? `Deleted Containers:\n${gone.map((x) => `${x}\n`).join('')}\n` : ''
  yield* print(sys, `${head}Total reclaimed space: ${humanSize(r.SpaceReclaimed)}\n`)
  return 0
}

export const containerCommands: Readonly<Record<string, Command>> = {
  attach,
  port,
  rename,
  top,
  update,
  pause: post((n) => `/containers/${n}/pause`),
  unpause: post((n) => `/containers/${n}/unpause`),
  wait: each(function* (sys, client, name) {
    const w = yield* client.stream('POST', `/containers/${at(name)}/wait`)
    const part = yield* w.reader.piece(w.headers)
    yield* sys.close(w.fd)
    return part ? String((JSON.parse(text(part)) as { StatusCode: number }).StatusCode) : undefined
  }),
  'container inspect': inspect('container'),
  'container prune': prune,
}
