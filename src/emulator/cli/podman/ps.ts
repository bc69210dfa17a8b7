/** podman ps: containers, with their pods and namespaces where asked for. */
import { isErr } from '../../base/errno.ts'
import { Problem } from '../../engine/containers/problem.ts'
import { treeEntries } from '../../engine/layers.ts'
import { shownStatus } from '../../engine/libpod/libpod.ts'
import type { Container, Port } from '../../engine/libpod/types.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { humanDuration, humanSize } from '../../oci/units.ts'
import { print } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { ago, filtersOf, printList } from '../containers/output.ts'
import type { Given } from '../flags.ts'
import { portsOf } from './containers.ts'
import type { Commands, Context } from './context.ts'

/** `0.0.0.0:8080->80/tcp`, neighbours as ranges; ports that are only exposed after them. */
export function portsText(ports: readonly Port[], exposed: readonly string[]): string {
  const sorted = [...ports].sort((a, b) => a.containerPort - b.containerPort || a.hostPort - b.hostPort)
  const groups: { ip: string; host: number; inside: number; count: number; protocol: string }[] = []
  for (const p of sorted) {
    const last = groups.at(-1)
    const ip = p.hostIp || '0.0.0.0'
    if (
      last &&
      last.ip === ip &&
      last.protocol === p.protocol &&
      last.inside + last.count === p.containerPort &&
      last.host + last.count === p.hostPort
    )
      last.count++
    else groups.push({ ip, host: p.hostPort, inside: p.containerPort, count: 1, protocol: p.protocol })
  }
  const range = (from: number, count: number): string => (count === 1 ? String(from) : `${from}-${from + count - 1}`)
  return [
    ...groups.map((g) => `${g.ip}:${range(g.host, g.count)}->${range(g.inside, g.count)}/${g.protocol}`),
    ...exposed
      .filter((e) => !ports.some((p) => `${p.containerPort}/${p.protocol}` === (e.includes('/') ? e : `${e}/tcp`)))
      .map((e) => (e.includes('/') ? e : `${e}/tcp`)),
  ].join(', ')
}
/** `Up 2 minutes`, `Exited (0) 3 seconds ago`, `Created`, `Paused`. */
export function statusText(c: Container, now: number): string {
  switch (c.state.status) {
    case 'running':
      return `Up ${humanDuration(now - c.state.started)}`
    case 'exited':
      return `Exited (${c.state.exitCode}) ${ago(c.state.finished, now)}`
    case 'configured':
      return 'Created'
    case 'created':
      return 'Initialized'
    default:
      return c.state.status.charAt(0).toUpperCase() + c.state.status.slice(1)
  }
}
export const commandText = (c: Container): string => (c.config.infra ? '' : c.config.command.join(' '))
const networkNames = (c: Container): string[] =>
  c.config.network.kind === 'bridge'
    ? c.config.network.networks.map((n) => n.name)
    : c.config.network.kind === 'pasta'
      ? ['pasta']
      : []

/** Whether a container passes all filters; those of one key are alternatives. */
function passes(
  x: Container,
  filters: ReadonlyMap<string, readonly string[]>,
  podName: string,
  all: readonly Container[],
): boolean {
  return [...filters].every(([key, values]) =>
    values.some((v) => {
      switch (key) {
        case 'name':
          return new RegExp(v).test(x.config.name)
        case 'id':
          return x.config.id.startsWith(v)
        case 'status':
          return shownStatus(x) === v || (v === 'stopped' && x.state.status === 'exited')
        case 'exited':
          return x.state.status === 'exited' && x.state.exitCode === Number(v)
        case 'label': {
          const [k = '', value] = v.split(/=(.*)/s)
          return k in x.config.labels && (value === undefined || x.config.labels[k] === value)
        }
        case 'ancestor':
          return (
            x.config.image !== undefined &&
            (x.config.image.id.startsWith(v) ||
              new RegExp(`(^|/)${v.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(:|$)`).test(x.config.image.name))
          )
        case 'pod':
          return x.config.pod !== undefined && (x.config.pod.startsWith(v) || podName === v)
        case 'network':
          return networkNames(x).includes(v)
        case 'volume':
          return (
            x.config.volumes.some((m) => m.name === v || m.destination === v) ||
            x.config.binds.some((m) => m.source === v || m.destination === v)
          )
        case 'before':
        case 'since': {
          const other = all.find((y) => y.config.name === v || y.config.id.startsWith(v))
          if (!other) throw new Problem(`no container with name or ID ${JSON.stringify(v)} found: no such container`)
          return key === 'before' ? x.config.created < other.config.created : x.config.created > other.config.created
        }
        default:
          return true
      }
    }),
  )
}
function* ps(c: Context, g: Given): Run<number> {
  const { lp } = c
  if (g.has('quiet') && (g.has('size') || g.has('ns'))) throw new Problem(`quiet conflicts with size and namespace`)
  if (g.has('last') && g.has('latest')) throw new Problem('last and latest are mutually exclusive')
  const now = yield* lp.now()
  const everything = yield* lp.all()
  const { pods } = yield* lp.db()
  const filters = filtersOf(
    g.all('filter').flatMap((f) => f.split(/,(?=\w+=)/)),
    ['name', 'id', 'status', 'exited', 'label', 'ancestor', 'pod', 'network', 'volume', 'before', 'since'],
    'podman ps',
  )
  const nameOfPod = (id: string | undefined): string => pods.find((p) => p.id === id)?.name ?? ''
  const last = g.value('last')
  const limited = g.has('latest') || (last !== undefined && Number(last) > 0)
  let list = everything.filter((x) => passes(x, filters, nameOfPod(x.config.pod), everything))
  if (!g.has('all') && !limited && !filters.has('status') && !filters.has('exited'))
    list = list.filter((x) => x.state.status === 'running')
  if (limited)
    list = [...list].sort((a, b) => b.config.created - a.config.created).slice(0, g.has('latest') ? 1 : Number(last))
  const sort = g.value('sort') ?? 'created'
  const keys: Readonly<Record<string, (x: Container) => string | number>> = {
    created: (x) => x.config.created,
    id: (x) => x.config.id,
    image: (x) => x.config.image?.name ?? '',
    names: (x) => x.config.name,
    status: (x) => x.state.status,
    command: commandText,
    runningfor: (x) => x.state.started,
  }
  const key = keys[sort]
  if (!key)
    throw new Problem(
      `"${sort}" is not a valid choice for the sort flag, valid choices are command, created, id, image, names, runningfor, size, status`,
    )
  list = [...list].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
  const full = g.has('no-trunc')
  const short = (id: string): string => (full ? id : id.slice(0, 12))
  const rows: Record<string, unknown>[] = []
  const json: unknown[] = []
  for (const x of list) {
    const ports = yield* portsOf(c, x)
    const ns: Record<string, string> = {}
    if (g.has('ns'))
      for (const kind of ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts']) {
        const link = x.state.pid ? yield* c.sys.readlink(`/proc/${x.state.pid}/ns/${kind}`) : ''
        ns[kind] = isErr(link) ? '' : (/\[(\d+)\]/.exec(link)?.[1] ?? '')
      }
    const row = {
      ID: short(x.config.id),
      Image: x.config.image?.name ?? '',
      ImageID: x.config.image?.id ?? '',
      Command:
        full || commandText(x).length <= 16 ? commandText(x) : `${commandText(x).slice(0, 17).replace(/\s+$/, '')}...`,
      CreatedHuman: ago(x.config.created, now),
      RunningFor: ago(x.config.created, now),
      Created: ago(x.config.created, now),
      CreatedAt: strftime('%F %T.%N +0000 UTC', x.config.created),
      Status: statusText(x, now),
      State: shownStatus(x),
      Ports: portsText(ports, x.config.network.kind === 'container' ? [] : x.config.exposed),
      Names: x.config.name,
      Pod: x.config.pod === undefined ? '' : short(x.config.pod),
      PodName: nameOfPod(x.config.pod),
      Pid: x.state.pid,
      Labels: x.config.labels,
      Mounts: [...x.config.binds, ...x.config.volumes].map((m) => m.destination).join(','),
      Networks: networkNames(x).join(','),
      Size: g.has('size') ? yield* sizeOf(c, x) : '',
      Restarts: x.state.restarts,
      CGROUPNS: ns.cgroup,
      IPC: ns.ipc,
      MNT: ns.mnt,
      NET: ns.net,
      PIDNS: ns.pid,
      USERNS: ns.user,
      UTS: ns.uts,
    }
    rows.push(row)
    json.push({
      AutoRemove: x.config.autoRemove,
      Command: x.config.infra ? null : x.config.command,
      CreatedAt: ago(x.config.created, now),
      Exited: x.state.status === 'exited',
      ExitedAt: x.state.finished === 0 ? -62135596800 : Math.floor(x.state.finished / 1e9),
      ExitCode: x.state.exitCode,
      ExposedPorts: null,
      Id: x.config.id,
      Image: x.config.image?.name ?? '',
      ImageID: x.config.image?.id ?? '',
      IsInfra: x.config.infra,
      Labels: Object.keys(x.config.labels).length > 0 ? x.config.labels : null,
      Mounts: [...x.config.binds, ...x.config.volumes].map((m) => m.destination),
      Names: [x.config.name],
      Namespaces: {},
      Networks: networkNames(x),
      Pid: x.state.pid,
      Pod: x.config.pod ?? '',
      PodName: nameOfPod(x.config.pod),
      Ports:
        ports.length > 0
          ? ports.map((p) => ({
              host_ip: p.hostIp,
              container_port: p.containerPort,
              host_port: p.hostPort,
              range: 1,
              protocol: p.protocol,
            }))
          : null,
      Restarts: x.state.restarts,
      Size: null,
      StartedAt: x.state.started === 0 ? -62135596800 : Math.floor(x.state.started / 1e9),
      State: shownStatus(x),
      Status: statusText(x, now),
      Created: Math.floor(x.config.created / 1e9),
    })
  }
  const format = g.value('format')
  if (g.has('quiet') && format === undefined) {
    yield* print(c.sys, rows.map((r) => `${r.ID as string}\n`).join(''))
    return 0
  }
  yield* printList(
    c.sys,
    g.has('ns')
      ? [
          ['CONTAINER ID', 'ID'],
          ['NAMES', 'Names'],
          ['PID', 'Pid'],
          ...['CGROUPNS', 'IPC', 'MNT', 'NET', 'PIDNS', 'USERNS', 'UTS'].map((k) => [k, k] as const),
        ]
      : [
          ['CONTAINER ID', 'ID'],
          ['IMAGE', 'Image'],
          ['COMMAND', 'Command'],
          ['CREATED', 'CreatedHuman'],
          ['STATUS', 'Status'],
          ['PORTS', 'Ports'],
          ['NAMES', 'Names'],
          ...(g.has('pod')
            ? ([
                ['POD ID', 'Pod'],
                ['PODNAME', 'PodName'],
              ] as const)
            : []),
          ...(g.has('size') ? ([['SIZE', 'Size']] as const) : []),
        ],
    rows,
    { format, noHeading: g.has('noheading'), json },
  )
  return 0
}
/** `12B (virtual 8.3MB)`: what the container wrote, and that with its image. */
function* sizeOf(c: Context, x: Container): Run<string> {
  const record = yield* c.lp.storage.findContainer(x.config.id)
  const entries = record ? yield* treeEntries(c.sys, (yield* c.lp.storage.layersOf(record)).upper) : []
  const own = isErr(entries) ? 0 : entries.reduce((n, e) => n + (e.data?.size ?? 0), 0)
  const image = record ? (yield* c.lp.storage.images()).find((i) => i.id === record.image) : undefined
  const below = image ? (yield* c.lp.storage.layerChain(image.layer)).reduce((n, l) => n + (l['diff-size'] ?? 0), 0) : 0
  return `${humanSize(own, 3)} (virtual ${humanSize(own + below, 3)})`
}
export const psCommands: Commands = {
  ps: {
    args: [0, 0],
    flags: 'all filter format last latest no-trunc noheading ns pod quiet size sort sync',
    run: ps,
  },
}
