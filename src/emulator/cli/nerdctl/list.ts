/** What nerdctl shows: ps, images, logs, inspect and network ls, in docker's manner with columns of its own. */
import { isErr } from '../../base/errno.ts'
import type { Containerd } from '../../engine/containerd/client.ts'
import { fullName, type StoredImage } from '../../engine/containerd/images.ts'
import { platformText } from '../../engine/dockerd/images.ts'
import { treeSize } from '../../engine/dockerd/sizes.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { parseReference } from '../../oci/reference.ts'
import { humanDuration, humanSize } from '../../oci/units.ts'
import { entriesOf } from '../../userland/lib/files.ts'
import { print, readText, write } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { ellipsis } from '../docker/list.ts'
import { templates } from '../docker/templates.ts'
import type { Given } from '../flags.ts'
import { ToolError, tabs } from '../urfave.ts'
import { addressOf, bridgeNetwork, find, type Item, items, label, logFile, stateDir } from './store.ts'

const rfc3339 = (ns: number): string => `${strftime('%FT%T.%N', ns).replace(/\.?0+$/, '')}Z`
/** `docker.io/library/alpine:3.22` as it is typed: `alpine`, `3.22`. */
function familiar(name: string): [string, string] {
  const r = parseReference(name)
  if ('error' in r) return [name, '']
  const path = r.domain === 'docker.io' ? r.path.replace(/^library\//, '') : `${r.domain}/${r.path}`
  return [path, r.tag ?? (r.digest === undefined ? 'latest' : '<none>')]
}
const refused = (g: Given, command: string, flags: readonly string[]): void => {
  for (const flag of flags)
    if (g.value(flag) !== undefined) throw new ToolError(`zukan: not emulated: nerdctl ${command} --${flag}`)
}
/** Prints rows by a Go template, or as JSON lines; false where --format asks for the table. */
function* formatted(sys: Sys, g: Given, rows: readonly object[]): Run<boolean> {
  const format = g.value('format') ?? ''
  if (format === '' || format === 'table') return false
  if (format === 'json') {
    yield* print(sys, rows.map((r) => `${JSON.stringify(r)}\n`).join(''))
    return true
  }
  if (format === 'raw' || format.startsWith('table'))
    throw new ToolError('unsupported format: "raw"'.replace('raw', format))
  yield* print(sys, yield* applied(sys, format, rows))
  return true
}
function* applied(sys: Sys, source: string, rows: readonly object[]): Run<string> {
  const { parseTemplate, execute } = yield* templates(sys)
  const template = parseTemplate(source)
  if ('error' in template) throw new ToolError(template.error)
  let all = ''
  for (const row of rows) {
    const out = execute(template, row)
    if (typeof out !== 'string') throw new ToolError(out.error)
    all += `${out}\n`
  }
  return all
}
const portText = (i: Item): string =>
  i.ports.map((p) => `${p.hostIP}:${p.hostPort}->${p.containerPort}/${p.protocol}`).join(', ')
/** `Up`, `Created`, `Exited (0) 2 seconds ago`: containerd itself knows neither since when nor when it ended. */
function* statusText(sys: Sys, c: Containerd, i: Item): Run<string> {
  if (!i.task) return 'Created'
  if (i.task.status === 'RUNNING') return 'Up'
  if (i.task.status === 'PAUSED') return 'Paused'
  if (i.task.status === 'CREATED') return 'Created'
  const at = yield* endOf(sys, c, i)
  const ago = at === undefined ? '' : ` ${humanDuration((yield* sys.clock('realtime')) - at)} ago`
  return `Exited (${i.task.exit})${ago}`
}
function* endOf(sys: Sys, c: Containerd, i: Item): Run<number | undefined> {
  const kept = yield* readText(sys, `${stateDir(c.ns, i.record.id)}/lifecycle.json`)
  return isErr(kept) ? undefined : (JSON.parse(kept) as { exitedAt: number }).exitedAt
}

export function* ps(sys: Sys, g: Given, c: Containerd): Run<number> {
  refused(g, 'ps', ['filter', 'size'])
  let all = yield* items(c)
  const last = g.has('latest') ? 1 : Number(g.value('last') ?? -1)
  if (last >= 0) all = all.slice(0, last)
  else if (!g.has('all')) all = all.filter((i) => i.task?.status === 'RUNNING' || i.task?.status === 'PAUSED')
  const now = yield* sys.clock('realtime')
  const whole = g.has('no-trunc')
  const rows: Record<string, string>[] = []
  for (const i of all) {
    const { id, image, created, spec, labels } = i.record
    const command = (spec.process.args ?? []).join(' ')
    rows.push({
      Command: JSON.stringify(whole ? command : ellipsis(command, 20)),
      CreatedAt: rfc3339(created),
      ID: whole ? id : id.slice(0, 12),
      Image: image,
      Platform: labels[label.platform] ?? '',
      Names: i.name,
      Ports: portText(i),
      Status: yield* statusText(sys, c, i),
      Runtime: i.record.runtime,
      Size: '',
      Labels: Object.entries(labels)
        .map(([k, v]) => `${k}=${v}`)
        .join(','),
      LabelsMap: '',
      RunningFor: `${humanDuration(now - created)} ago`,
    })
  }
  if (g.has('quiet')) {
    yield* print(sys, rows.map((r) => `${r.ID}\n`).join(''))
    return 0
  }
  if (yield* formatted(sys, g, rows)) return 0
  const columns = ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names']
  const head = ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES']
  yield* print(sys, tabs([head, ...rows.map((r) => columns.map((k) => r[k] ?? ''))], 4, 4, false))
  return 0
}

/** Bytes of the files that an image's layers bring. */
function* unpacked(sys: Sys, c: Containerd, i: StoredImage): Run<number> {
  let size = 0
  const { lower } = yield* c.call<{ lower: string[] }>('snapshots.View', { key: i.chain.at(-1) })
  for (const dir of lower) size += yield* treeSize(sys, dir)
  return size
}
export function* images(sys: Sys, g: Given, c: Containerd): Run<number> {
  refused(g, 'images', ['filter', 'digests'])
  const wanted = g.args[0]
  const now = yield* sys.clock('realtime')
  const all = yield* c.call<StoredImage[]>('images.List')
  const chosen = all
    .filter((i) => wanted === undefined || familiar(i.name)[0] === wanted || i.name === fullName(wanted))
    .sort((a, b) => b.created - a.created)
  const sizes = new Map<StoredImage, number>()
  for (const i of chosen) sizes.set(i, yield* unpacked(sys, c, i))
  const rows = chosen.map((i) => {
    const [Repository, Tag] = familiar(i.name)
    return {
      CreatedAt: rfc3339(i.created),
      CreatedSince: `${humanDuration(now - i.created)} ago`,
      Digest: i.target.digest,
      ID: g.has('no-trunc') ? i.target.digest : i.target.digest.slice(7, 19),
      Repository,
      Tag,
      Name: i.name,
      Size: humanSize(sizes.get(i) ?? 0),
      BlobSize: humanSize(i.size),
      Platform: platformText(i.config),
    }
  })
  if (g.has('quiet')) {
    yield* print(sys, rows.map((r) => `${r.ID}\n`).join(''))
    return 0
  }
  if (yield* formatted(sys, g, rows)) return 0
  const rest = ['IMAGE ID', 'CREATED', 'PLATFORM', 'SIZE', 'BLOB SIZE']
  const head = g.has('names') ? ['NAME', ...rest] : ['REPOSITORY', 'TAG', ...rest]
  const body = rows.map((r) => [
    ...(g.has('names') ? [r.Name] : [r.Repository, r.Tag]),
    r.ID,
    r.CreatedSince,
    r.Platform,
    r.Size,
    r.BlobSize,
  ])
  yield* print(sys, tabs([head, ...body], 4, 4, false))
  return 0
}
/** An image by name, id or the beginning of an id. */
function* imageOf(c: Containerd, ref: string): Run<StoredImage | undefined> {
  const all = yield* c.call<StoredImage[]>('images.List')
  return (
    all.find((i) => i.name === fullName(ref)) ??
    (/^(sha256:)?[0-9a-f]+$/.test(ref)
      ? all.find((i) => i.target.digest.startsWith(`sha256:${ref.replace(/^sha256:/, '')}`))
      : undefined)
  )
}
export function* rmi(sys: Sys, g: Given, c: Containerd): Run<number> {
  let code = 0
  for (const ref of g.args) {
    const image = yield* imageOf(c, ref)
    if (!image) throw new ToolError(`1 errors:\nno such image: ${ref}`)
    const user = (yield* items(c)).find((i) => i.record.image === image.name)
    if (user && !(g.has('force') && user.task?.status !== 'RUNNING'))
      throw new ToolError(
        `1 errors:\nconflict: unable to delete ${ref} (${user.task?.status === 'RUNNING' ? 'cannot be forced' : 'must be forced'}) - image is being used by ${user.task?.status === 'RUNNING' ? 'running' : 'stopped'} container ${user.record.id.slice(0, 12)}`,
      )
    const r = yield* c.try('images.Delete', { name: image.name })
    if (!r.ok) {
      code = 1
      continue
    }
    yield* print(sys, `Untagged: ${image.name}@${image.target.digest}\n`)
    yield* print(sys, image.chain.map((d) => `Deleted: ${d}\n`).join(''))
  }
  return code
}
export function* tag(_sys: Sys, g: Given, c: Containerd): Run<number> {
  const [source = '', target = ''] = g.args
  const image = yield* imageOf(c, source)
  if (!image) throw new ToolError(`${source}: not found`)
  const parsed = parseReference(target)
  if ('error' in parsed) throw new ToolError(parsed.error)
  yield* c.try('images.Delete', { name: fullName(target) })
  yield* c.call('images.Create', { name: fullName(target), source: image.name })
  return 0
}

interface Line {
  readonly log: string
  readonly stream: 'stdout' | 'stderr'
  readonly time: string
}
export function* logs(sys: Sys, g: Given, c: Containerd): Run<number> {
  refused(g, 'logs', ['since', 'until', 'details'])
  const i = yield* find(c, g.args[0] as string)
  const path = logFile(c.ns, i.record.id)
  const tail = g.value('tail')
  if (tail !== undefined && tail !== 'all' && !/^\d+$/.test(tail))
    throw new ToolError(`strconv.ParseUint: parsing ${JSON.stringify(tail)}: invalid syntax`)
  let shown = 0
  for (let first = true; ; first = false) {
    const kept = yield* readText(sys, path)
    const lines = (isErr(kept) ? '' : kept).split('\n').slice(0, -1)
    if (first && tail !== undefined && tail !== 'all') shown = Math.max(0, lines.length - Number(tail))
    for (const line of lines.slice(shown)) {
      const { log, stream, time } = JSON.parse(line) as Line
      yield* write(sys, stream === 'stderr' ? 2 : 1, `${g.has('timestamps') ? `${time} ` : ''}${log}`)
    }
    shown = lines.length
    if (!g.has('follow')) return 0
    const now = yield* find(c, i.record.id)
    if (!first && now.task?.status !== 'RUNNING') return 0
    yield* sys.nanosleep(100_000_000)
  }
}

/** docker's names of what containerd knows: `--mode=dockercompat`. */
function* compatible(sys: Sys, c: Containerd, i: Item): Run<object> {
  const { record, task } = i
  const { id, spec, labels } = record
  const address = task?.status === 'RUNNING' ? yield* addressOf(sys, c.ns, id) : ''
  const status = task
    ? { RUNNING: 'running', PAUSED: 'paused', CREATED: 'created', STOPPED: 'exited' }[task.status]
    : 'created'
  const end = task?.status === 'STOPPED' ? yield* endOf(sys, c, i) : undefined
  const [path = '', ...args] = spec.process.args ?? []
  const dir = stateDir(c.ns, id)
  const bindings = Object.fromEntries(
    i.ports.map((p) => [`${p.containerPort}/${p.protocol}`, [{ HostIp: p.hostIP, HostPort: String(p.hostPort) }]]),
  )
  const net = { IPAddress: address, IPPrefixLen: address ? 24 : 0, MacAddress: '' }
  return {
    Id: id,
    Created: rfc3339(record.created),
    Path: path,
    Args: args,
    State: {
      Status: status,
      Running: status === 'running',
      Paused: status === 'paused',
      Restarting: false,
      Pid: task?.pid ?? 0,
      ExitCode: task?.exit ?? 0,
      Error: '',
      StartedAt: '',
      FinishedAt: end === undefined ? '0001-01-01T00:00:00Z' : rfc3339(end),
    },
    Image: record.image,
    ResolvConfPath: `${dir}/resolv.conf`,
    HostnamePath: `${dir}/hostname`,
    HostsPath: `${dir}/hosts`,
    LogPath: logFile(c.ns, id),
    Name: i.name,
    RestartCount: 0,
    Driver: record.snapshotter,
    Platform: 'linux',
    AppArmorProfile: '',
    HostConfig: {
      PortBindings: bindings,
      NetworkMode: (JSON.parse(labels[label.networks] ?? '[]') as string[])[0] ?? '',
      Memory: spec.linux?.resources?.memory?.limit ?? 0,
      ReadonlyRootfs: spec.root?.readonly ?? false,
    },
    Mounts: (spec.mounts ?? [])
      .filter((m) => m.type === 'bind' && !m.source?.startsWith(dir) && m.destination !== '/etc/hosts')
      .map((m) => ({
        Type: 'bind',
        Source: m.source,
        Destination: m.destination,
        Mode: m.options?.includes('ro') ? 'ro' : '',
        RW: !m.options?.includes('ro'),
        Propagation: 'rprivate',
      })),
    Config: {
      Hostname: labels[label.hostname] ?? '',
      User: '',
      Tty: spec.process.terminal ?? false,
      Env: spec.process.env ?? [],
      Cmd: spec.process.args ?? [],
      Image: record.image,
      WorkingDir: spec.process.cwd,
      Labels: labels,
    },
    NetworkSettings: { Ports: bindings, ...net, Networks: address ? { 'unknown-eth0': net } : {} },
  }
}
const compatibleImage = (i: StoredImage, size: number): object => {
  const [name, version] = familiar(i.name)
  return {
    Id: i.target.digest,
    RepoTags: [`${name}:${version}`],
    RepoDigests: [`${name}@${i.target.digest}`],
    Comment: '',
    Created: i.config.created,
    Author: '',
    Config: i.config.config,
    Architecture: i.config.architecture,
    Os: i.config.os,
    Size: size,
    RootFS: { Type: 'layers', Layers: i.config.rootfs.diff_ids },
    Metadata: { LastTagTime: '0001-01-01T00:00:00Z' },
  }
}
export function* inspect(sys: Sys, g: Given, c: Containerd): Run<number> {
  refused(g, 'inspect', ['size'])
  const mode = g.value('mode') ?? 'dockercompat'
  if (mode !== 'dockercompat' && mode !== 'native') throw new ToolError(`unknown mode ${JSON.stringify(mode)}`)
  const type = g.value('type') ?? ''
  const out: object[] = []
  for (const ref of g.args) {
    try {
      if (type === 'image') throw new ToolError('')
      const i = yield* find(c, ref)
      out.push(
        mode === 'native'
          ? {
              ...i.record,
              ...(i.task ? { Process: { Pid: i.task.pid, Status: { Status: i.task.status.toLowerCase() } } } : {}),
            }
          : yield* compatible(sys, c, i),
      )
    } catch (e) {
      if (!(e instanceof ToolError)) throw e
      const image = type === 'container' ? undefined : yield* imageOf(c, ref)
      if (!image) throw new ToolError(`no such object: ${ref}`)
      out.push(mode === 'native' ? image : compatibleImage(image, yield* unpacked(sys, c, image)))
    }
  }
  const format = g.value('format')
  yield* print(sys, format === undefined ? `${JSON.stringify(out, null, 4)}\n` : yield* applied(sys, format, out))
  return 0
}
/** Networks are files of CNI; nerdctl's own bear an id. */
export function* networks(sys: Sys, g: Given, _c: Containerd): Run<number> {
  refused(g, 'network ls', ['filter', 'format'])
  yield* bridgeNetwork(sys)
  const dir = '/etc/cni/net.d'
  const names = yield* entriesOf(sys, dir)
  const rows: string[][] = []
  for (const name of isErr(names) ? [] : [...names].sort()) {
    const file = yield* readText(sys, `${dir}/${name}`)
    if (isErr(file) || !/\.conf(list)?$/.test(name)) continue
    const conf = JSON.parse(file) as { name: string; nerdctlID?: string }
    rows.push([(conf.nerdctlID ?? '').slice(0, 12), conf.name, `${dir}/${name}`])
  }
  rows.push(['', 'host', ''], ['', 'none', ''])
  yield* print(
    sys,
    g.has('quiet')
      ? rows.map((r) => `${r[0] || r[1]}\n`).join('')
      : tabs([['NETWORK ID', 'NAME', 'FILE'], ...rows], 4, 4, true),
  )
  return 0
}
