/** The filters of lists and prunes: a JSON object of names and values. */

import { parseJson } from '../../oci/json.ts'
import { familiarName, parseReference } from '../../oci/reference.ts'
import { seconds } from '../../oci/units.ts'
import { published } from './ports.ts'
import type { Context } from './routes.ts'
import { ApiError, type Container, type Daemon, findContainer, type Image } from './state.ts'

export type Filters = Readonly<Record<string, readonly string[] | Readonly<Record<string, boolean>>>>

/** The filters of a request; a name that isn't among the known ones is refused. */
export function filtersOf(c: Context, known?: readonly string[]): Filters {
  const raw = c.query('filters')
  if (raw === '') return {}
  const read = parseJson(raw)
  const of = 'refused' in read ? null : read.value
  const named = (v: unknown): boolean =>
    Array.isArray(v)
      ? v.every((x) => typeof x === 'string')
      : typeof v === 'object' && v !== null && Object.values(v).every((x) => typeof x === 'boolean')
  if (typeof of !== 'object' || of === null || Array.isArray(of) || !Object.values(of).every(named))
    throw new ApiError(400, 'invalid filter')
  const filters = of as Filters
  for (const key of Object.keys(filters))
    if (known && !known.includes(key)) throw new ApiError(400, `invalid filter '${key}'`)
  return filters
}
/** The values of a filter, in either form that the API takes. */
export function filterValues(filters: Filters, key: string): readonly string[] {
  const v = filters[key]
  return v === undefined ? [] : Array.isArray(v) ? (v as readonly string[]) : Object.keys(v)
}
/** Whether labels have what `label` asks for, and not what `label!` names. */
export function labelsPass(labels: Readonly<Record<string, string>> | null | undefined, filters: Filters): boolean {
  const has = (l: string): boolean =>
    l.includes('=') ? labels?.[l.slice(0, l.indexOf('='))] === l.slice(l.indexOf('=') + 1) : l in (labels ?? {})
  return filterValues(filters, 'label').every(has) && !filterValues(filters, 'label!').some(has)
}
/** Whether a name has one of the values in it, as a regular expression or as plain text. */
export function nameMatches(name: string, value: string): boolean {
  try {
    return new RegExp(value).test(name)
  } catch {
    return name === value
  }
}
/** A time of `until` or `since`: seconds since 1970, or RFC 3339; nanoseconds. */
export const timeOf = (value: string): number =>
  /^\d+(\.\d+)?$/.test(value) ? Math.round(Number(value) * 1e9) : seconds(value) * 1e9

export const containerFilters = [
  'ancestor',
  'before',
  'exited',
  'expose',
  'health',
  'id',
  'is-task',
  'isolation',
  'label',
  'name',
  'network',
  'publish',
  'since',
  'status',
  'volume',
]
const statuses = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']

/** Refuses values that no container can have. */
export function checkContainerFilters(d: Daemon, filters: Filters): void {
  for (const v of filterValues(filters, 'status'))
    if (!statuses.includes(v))
      throw new ApiError(
        400,
        `invalid filter 'status=${v}': invalid value for state (${v}): must be one of ${statuses.join(', ')}`,
      )
  for (const v of filterValues(filters, 'exited'))
    if (!/^[-+]?\d+$/.test(v)) throw new ApiError(400, `invalid filter 'exited=${v}'`)
  for (const v of filterValues(filters, 'is-task'))
    if (!/^(0|1|f|t|false|true)$/i.test(v)) throw new ApiError(400, `invalid filter 'is-task=[${v}]'`)
  for (const key of ['publish', 'expose'])
    for (const v of filterValues(filters, key)) {
      const wrong = (v.split('/')[0] ?? '').split('-').find((p) => !/^\d+$/.test(p) || Number(p) > 65535)
      if (wrong !== undefined) {
        const why = /^\d+$/.test(wrong) ? 'value out of range' : 'invalid syntax'
        throw new ApiError(
          400,
          `error while looking up for ${key} ${v}: strconv.ParseUint: parsing ${JSON.stringify(wrong)}: ${why}`,
        )
      }
    }
  for (const v of [...filterValues(filters, 'before'), ...filterValues(filters, 'since')]) findContainer(d, v)
  for (const v of filterValues(filters, 'health'))
    if (!['none', 'starting', 'healthy', 'unhealthy'].includes(v))
      throw new ApiError(400, `invalid filter 'health=${v}'`)
}
/** Whether a container passes `docker ps --filter`. */
export function passes(d: Daemon, c: Container, filters: Filters): boolean {
  const any = (key: string, test: (value: string) => boolean): boolean => {
    const values = filterValues(filters, key)
    return values.length === 0 || values.some(test)
  }
  const portOf = (v: string): readonly [string, string] => {
    const [ports = '', protocol = 'tcp'] = v.split('/')
    return [ports, protocol]
  }
  const inRange = (port: number, range: string): boolean => {
    const [from = '', to = from] = range.split('-')
    return port >= Number(from) && port <= Number(to)
  }
  return (
    any('name', (v) => nameMatches(c.name, v.replace(/^(\^?)\//, '$1')) || nameMatches(`/${c.name}`, v)) &&
    any('id', (v) => nameMatches(c.id, v)) &&
    any('status', (v) => c.status === v) &&
    any('exited', (v) => c.status === 'exited' && c.exitCode === Number(v)) &&
    any('health', (v) => (c.health?.status ?? 'none') === v) &&
    any('is-task', (v) => /^(0|f|false)$/i.test(v)) &&
    any('isolation', (v) => v === 'default') &&
    labelsPass(c.config.Labels, filters) &&
    any('ancestor', (v) => {
      const r = parseReference(v)
      return (
        c.config.Image === v ||
        c.image.id.startsWith(`sha256:${v.replace(/^sha256:/, '')}`) ||
        (!('error' in r) &&
          [...c.image.tags].some((t) => t === v || (r.tag === undefined && t.split(':')[0] === familiarName(r))))
      )
    }) &&
    any(
      'network',
      (v) =>
        c.endpoints.some((e) => e.network === v || d.networks.get(e.network)?.name === v) ||
        c.hostConfig.NetworkMode === v,
    ) &&
    any('volume', (v) => c.mounts.some((m) => m.name === v || m.destination === v || m.source === v)) &&
    any('publish', (v) => published(c).some((p) => inRange(p.hostPort, portOf(v)[0]) && p.protocol === portOf(v)[1])) &&
    any('expose', (v) =>
      Object.keys(c.config.ExposedPorts ?? {}).some(
        (k) => inRange(Number(k.split('/')[0]), portOf(v)[0]) && k.split('/')[1] === portOf(v)[1],
      ),
    ) &&
    any('before', (v) => c.created < findContainer(d, v).created) &&
    any('since', (v) => c.created > findContainer(d, v).created)
  )
}

export const imageFilters = ['before', 'dangling', 'label', 'reference', 'since', 'until']
/** Whether an image passes `docker images --filter`. */
export function imagePasses(i: Image, filters: Filters, at: (ref: string) => Image): boolean {
  const any = (key: string, test: (value: string) => boolean): boolean => {
    const values = filterValues(filters, key)
    return values.length === 0 || values.some(test)
  }
  for (const v of filterValues(filters, 'dangling'))
    if (!/^(true|false|0|1)$/.test(v)) throw new ApiError(400, `invalid filter 'dangling=[${v}]'`)
  const created = (x: Image): number => seconds(x.config.created)
  return (
    any('reference', (v) => [...i.tags].some((t) => referenceMatches(t, v))) &&
    any('dangling', (v) => (i.tags.size === 0) === (v === 'true' || v === '1')) &&
    labelsPass(i.config.config.Labels, filters) &&
    any('before', (v) => created(i) < created(at(v))) &&
    any('since', (v) => created(i) > created(at(v))) &&
    any('until', (v) => created(i) * 1e9 < timeOf(v))
  )
}
/** The names of an image that a reference filter lets through: all where there is none. */
export const shownTags = (i: Image, filters: Filters): readonly string[] => {
  const wanted = filterValues(filters, 'reference')
  return [...i.tags].filter((t) => wanted.length === 0 || wanted.some((v) => referenceMatches(t, v)))
}
/** Whether a tag fits a pattern: name, name:tag, with * and ? within a part. */
function referenceMatches(tag: string, pattern: string): boolean {
  const glob = (p: string): RegExp =>
    new RegExp(
      `^${p
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replace(/\*/g, '[^/]*')
        .replace(/\?/g, '[^/]')}$`,
    )
  const name = tag.slice(0, tag.lastIndexOf(':'))
  return glob(pattern).test(tag) || glob(pattern).test(name)
}
