/** docker ps and docker images. */
import type { Run } from '../../kernel/linux/abi.ts'
import { humanDuration, humanSize } from '../../oci/units.ts'
import { print, warn } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import type { Given } from '../flags.ts'
import { CliError, query } from './api.ts'
import { configDir, readConfig } from './context.ts'
import { printList } from './format.ts'
import { type Command, filtersOf } from './invoke.ts'
import { isTerminal } from './streams.ts'
import { templates } from './templates.ts'
import { type ListedImage, printTree } from './tree.ts'

type Json = Readonly<Record<string, unknown>>
/** `5 minutes ago` */
export const ago = (seconds: number, now: number): string => `${humanDuration(now - seconds * 1e9)} ago`
/** Go's default form of a time, as CreatedAt shows it. */
export const goTime = (seconds: number): string => strftime('%F %T +0000 UTC', seconds * 1e9)
/** formatter.Ellipsis: at most `limit` characters, the last an ellipsis where something was cut. */
export const ellipsis = (s: string, limit: number): string => {
  const chars = [...s]
  return chars.length > limit ? `${chars.slice(0, limit - 1).join('')}…` : s
}

interface Port {
  readonly IP?: string
  readonly PrivatePort: number
  readonly PublicPort?: number
  readonly Type: string
}
/** `0.0.0.0:8080->80/tcp, [::]:8080->80/tcp`; neighbours that map alike are shown as a range. */
export function portsText(ports: readonly Port[]): string {
  const sorted = [...ports].sort(
    (a, b) =>
      a.PrivatePort - b.PrivatePort ||
      ((a.IP ?? '') < (b.IP ?? '') ? -1 : (a.IP ?? '') > (b.IP ?? '') ? 1 : 0) ||
      (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
      (a.Type < b.Type ? -1 : 1),
  )
  // Several host ports for one container port don't make ranges: they are kept for the end, as they are.
  const groups = new Map<string, { first: number; last: number; type: string; ip: string }>()
  const order: string[] = []
  const singles: string[] = []
  const text = (g: { first: number; last: number; type: string; ip: string }): string => {
    const span = g.first === g.last ? String(g.first) : `${g.first}-${g.last}`
    return `${g.ip === '' ? '' : `${g.ip}:${span}->`}${span}/${g.type}`
  }
  const done: string[] = []
  for (const p of sorted) {
    const ip = p.IP === undefined ? '' : p.IP.includes(':') ? `[${p.IP}]` : p.IP
    if (p.PublicPort !== undefined && p.PublicPort > 0 && p.PublicPort !== p.PrivatePort) {
      singles.push(`${ip}:${p.PublicPort}->${p.PrivatePort}/${p.Type}`)
      continue
    }
    const key = `${p.PublicPort ? ip : ''}/${p.Type}`
    const known = groups.get(key)
    if (known && known.last + 1 === p.PrivatePort) known.last = p.PrivatePort
    else {
      if (known) done.push(text(known))
      else order.push(key)
      groups.set(key, { first: p.PrivatePort, last: p.PrivatePort, type: p.Type, ip: p.PublicPort ? ip : '' })
    }
  }
  for (const key of order) {
    const g = groups.get(key)
    if (g) done.push(text(g))
  }
  return [...done, ...singles].join(', ')
}

/** What the templates' errors call a row of docker ps. */
const rowType = '*formatter.ContainerContext'
/** A container without properties. */
const nobody: Json = {
  Id: '',
  Image: '',
  State: '',
  Status: '',
  Command: '',
  Created: 0,
  Names: [],
  Mounts: [],
  Labels: {},
  Ports: [],
  NetworkSettings: { Networks: {} },
}
/** The fields of a container as docker ps shows them. */
function rowOf(r: Json, now: number, full: boolean, size: boolean): Readonly<Record<string, unknown>> {
  const mounts = r.Mounts as { Type: string; Name: string; Source: string }[]
  const labels = r.Labels as Record<string, string>
  const command = r.Command as string
  const mountNames = mounts.map((m) => m.Name || m.Source)
  const root = humanSize((r.SizeRw as number | undefined) ?? 0, 3)
  return {
    Command: JSON.stringify(full ? command : ellipsis(command, 20)),
    CreatedAt: goTime(r.Created as number),
    ID: full ? r.Id : String(r.Id).slice(0, 12),
    Image: r.Image,
    Label: (key: unknown) => labels[String(key)] ?? '',
    Labels: Object.entries(labels)
      .map(([k, v]) => `${k}=${v}`)
      .join(','),
    LocalVolumes: String(mounts.filter((m) => m.Type === 'volume').length),
    Mounts: mountNames.map((m) => (full ? m : ellipsis(m, 15))).join(','),
    Names: (r.Names as string[])
      .map((n) => n.replace(/^\//, ''))
      .filter((n) => full || !n.includes('/'))
      .join(','),
    Networks: Object.keys((r.NetworkSettings as { Networks: object }).Networks).join(','),
    Platform: null,
    Ports: portsText(r.Ports as Port[]),
    RunningFor: ago(r.Created as number, now),
    Size: size && r.SizeRootFs !== undefined ? `${root} (virtual ${humanSize(r.SizeRootFs as number, 3)})` : root,
    State: r.State,
    Status: r.Status,
  }
}
/** The form of --format raw: a field a line, or the first alone with --quiet. */
export const rawRow = (first: string, quiet: boolean, others: string): string => (quiet ? first : `${first}\n${others}`)
const rawContainer =
  'image: {{.Image}}\ncommand: {{.Command}}\ncreated_at: {{.CreatedAt}}\nstate: {{- pad .State 1 0}}\nstatus: {{- pad .Status 1 0}}\nnames: {{.Names}}\nlabels: {{- pad .Labels 1 0}}\nports: {{- pad .Ports 1 0}}\n'
export const ps: Command = function* (sys, client, g) {
  const given = g.value('format')
  if (given !== undefined && given !== '' && given !== 'table' && given !== 'json') {
    // The template runs once before the daemon is asked, to see whether it wants sizes.
    const { parseTemplate, execute } = yield* templates(sys)
    const early = parseTemplate(given)
    if ('error' in early) throw new CliError(`failed to parse template: ${early.error}`)
    const tried = execute(early, rowOf(nobody, 0, false, false), rowType)
    if (typeof tried !== 'string') throw new CliError(`failed to execute template: ${tried.error}`)
  }
  if (g.has('quiet') && given)
    yield* warn(sys, 'WARNING: Ignoring custom format, because both --format and --quiet are set.\n')
  const last = g.value('last')
  const size = g.has('size') || /\.Size\b/.test(g.value('format') ?? '')
  const rows = yield* client.json<Json[]>(
    'GET',
    `/containers/json${query({ all: g.has('all'), limit: g.has('latest') ? 1 : last !== undefined && Number(last) > 0 ? last : undefined, filters: filtersOf(g), size })}`,
  )
  const full = g.has('no-trunc')
  const now = yield* sys.clock('realtime')
  const list = rows.map((r) => rowOf(r, now, full, size))
  const format =
    g.value('format') === 'raw'
      ? rawRow('container_id: {{.ID}}', g.has('quiet'), rawContainer + (g.has('size') ? 'size: {{.Size}}\n' : ''))
      : g.value('format')
  if (g.has('quiet') && given !== 'raw') {
    yield* print(sys, list.map((r) => `${r.ID as string}\n`).join(''))
    return 0
  }
  yield* printList(
    sys,
    format,
    [
      ['CONTAINER ID', 'ID'],
      ['IMAGE', 'Image'],
      ['COMMAND', 'Command'],
      ['CREATED', 'RunningFor'],
      ['STATUS', 'Status'],
      ['PORTS', 'Ports'],
      ['NAMES', 'Names'],
      ...(g.has('size') ? [['SIZE', 'Size'] as const] : []),
    ],
    list,
    { CreatedAt: 'CREATED AT', LocalVolumes: 'LOCAL VOLUMES', Size: 'SIZE', State: 'STATE', Labels: 'LABELS' },
    rowType,
  )
  return 0
}

const rawImage = (g: Given): string => {
  const digest = g.has('digests') ? 'digest: {{.Digest}}\n' : ''
  const rest = `image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n`
  return g.has('quiet') ? 'image_id: {{.ID}}' : `repository: {{.Repository}}\ntag: {{.Tag}}\n${digest}${rest}`
}
/** Sub-commands of `docker image`, which are easily taken for words after `docker images`. */
const imageWords = 'build history import inspect list load ls prune pull push rm save tag'.split(' ')

export const images: Command = function* (sys, client, g) {
  const name = g.args[0]
  const old = (['quiet', 'no-trunc', 'digests'] as const).find((f) => g.has(f)) ?? (g.value('format') ? 'format' : '')
  if (g.has('tree') && old !== '')
    throw new CliError(`--${old === 'digests' ? 'show-digest' : old} is not yet supported with --tree`)
  const own = yield* readConfig(sys, configDir(sys))
  const configured = old === '' && !g.has('tree') && typeof own.imagesFormat === 'string' ? own.imagesFormat : ''
  const format = g.value('format') || configured || undefined
  const tree = old === '' && format === undefined
  const filters = filtersOf(g, name === undefined ? {} : { reference: [name] })
  const listed = yield* client.json<Json[]>(
    'GET',
    `/images/json${query({ all: g.has('all'), manifests: tree, filters })}`,
  )
  const empty = (list: unknown): boolean => ((list as readonly string[] | null) ?? []).length === 0
  // The client leaves out what has no name at all, unless it is asked for.
  const asked = g.has('all') || g.all('filter').some((f) => /^\s*dangling\s*=/i.test(f))
  const rows = asked ? listed : listed.filter((r) => !empty(r.RepoTags) || !empty(r.RepoDigests))
  const hint = function* (count: number): Run<number> {
    if (count === 0 && name !== undefined && imageWords.includes(name) && g.called === 'docker images')
      yield* warn(sys, `\nNo images found matching ${JSON.stringify(name)}: did you mean "docker image ${name}"?\n`)
    return 0
  }
  if (tree) {
    const terminal = yield* isTerminal(sys, 1)
    const o = { expanded: g.has('tree'), all: g.has('all'), terminal }
    return yield* hint(yield* printTree(sys, rows as unknown as ListedImage[], o))
  }
  const now = yield* sys.clock('realtime')
  const raw = format === 'raw'
  const digests = g.has('digests') || /\.Digest\b/.test(format ?? '')
  const list = rows.flatMap((r) => {
    const tags = (r.RepoTags as string[]) ?? []
    const refs = (r.RepoDigests as string[]) ?? []
    const row = (Repository: string, Tag: string, Digest: string): Record<string, unknown> => ({
      Containers: r.Containers === -1 ? 'N/A' : String(r.Containers),
      CreatedAt: goTime(r.Created as number),
      CreatedSince: ago(r.Created as number, now),
      Digest,
      ID: g.has('no-trunc') ? r.Id : String(r.Id).slice(7, 19),
      Repository,
      SharedSize: 'N/A',
      Size: humanSize(r.Size as number, 3),
      Tag,
      UniqueSize: 'N/A',
    })
    const repository = (ref: string): string => ref.slice(0, ref.lastIndexOf(':'))
    const digestOf = (repo: string): string => refs.find((d) => d.startsWith(`${repo}@`))?.split('@')[1] ?? '<none>'
    if (tags.length > 0)
      return tags.map((t) =>
        row(repository(t), t.slice(t.lastIndexOf(':') + 1), digests ? digestOf(repository(t)) : '<none>'),
      )
    if (refs.length > 0)
      return refs.map((d) => row(d.split('@')[0] as string, '<none>', digests ? (d.split('@')[1] as string) : '<none>'))
    return [row('<none>', '<none>', '<none>')]
  })
  if (g.has('quiet') && (format === undefined || format === 'table')) {
    yield* print(sys, list.map((r) => `${r.ID as string}\n`).join(''))
    return 0
  }
  yield* printList(
    sys,
    raw ? rawImage(g) : format,
    [
      ['REPOSITORY', 'Repository'],
      ['TAG', 'Tag'],
      ...(g.has('digests') ? [['DIGEST', 'Digest'] as const] : []),
      ['IMAGE ID', 'ID'],
      ['CREATED', 'CreatedSince'],
      ['SIZE', 'Size'],
    ],
    list,
    { CreatedAt: 'CREATED AT', Digest: 'DIGEST' },
    '*formatter.imageContext',
  )
  return yield* hint(list.length)
}
