/** docker volume. */
import { humanSize } from '../../../oci/units.ts'
import { print } from '../../../userland/lib/io.ts'
import { CliError, query } from '../api.ts'
import { confirm } from '../confirm.ts'
import { inspect } from '../core.ts'
import { pairs } from '../environment.ts'
import { printList } from '../format.ts'
import { type Command, each, filtersOf } from '../invoke.ts'
import { rawRow } from '../list.ts'
import { natural } from './network.ts'

interface Volume {
  readonly Name: string
  readonly Driver: string
  readonly Mountpoint: string
  readonly Labels: Readonly<Record<string, string>> | null
}
const ls: Command = function* (sys, client, g) {
  if (g.has('cluster')) throw new CliError('zukan: not emulated: --cluster')
  const list = (yield* client.json<{ Volumes: Volume[] | null }>('GET', `/volumes${query({ filters: filtersOf(g) })}`))
    .Volumes
  const rows = (list ?? [])
    .sort((a, b) => natural(a.Name, b.Name))
    .map((v) => ({
      Availability: 'N/A',
      Driver: v.Driver,
      Group: 'N/A',
      Label: (key: unknown) => v.Labels?.[String(key)] ?? '',
      Labels: Object.entries(v.Labels ?? {})
        .map(([k, x]) => `${k}=${x}`)
        .join(','),
      Links: 'N/A',
      Mountpoint: v.Mountpoint,
      Name: v.Name,
      Scope: 'local',
      Size: 'N/A',
      Status: 'N/A',
    }))
  const given = g.value('format')
  const format = given === 'raw' ? rawRow('name: {{.Name}}', g.has('quiet'), 'driver: {{.Driver}}\n') : given
  if (g.has('quiet') && (format === undefined || format === 'table')) {
    yield* print(sys, rows.map((r) => `${r.Name}\n`).join(''))
    return 0
  }
  yield* printList(
    sys,
    format,
    [
      ['DRIVER', 'Driver'],
      ['VOLUME NAME', 'Name'],
    ],
    rows,
    { Mountpoint: 'MOUNTPOINT', Scope: 'SCOPE', Labels: 'LABELS', Size: 'SIZE', Links: 'LINKS' },
    '*formatter.volumeContext',
  )
  return 0
}
const create: Command = function* (sys, client, g) {
  for (const name of g.parsed.values.keys())
    if (!['driver', 'label', 'name', 'opt'].includes(name)) throw new CliError(`zukan: not emulated: --${name}`)
  if (g.value('name') !== undefined && g.args.length > 0)
    throw new CliError('conflicting options: cannot specify a volume-name through both --name and as a positional arg')
  const v = yield* client.json<{ Name: string }>('POST', '/volumes/create', {
    Name: g.args[0] ?? g.value('name') ?? '',
    Driver: g.value('driver') ?? 'local',
    DriverOpts: pairs(g.all('opt')),
    Labels: pairs(g.all('label')),
  })
  yield* print(sys, `${v.Name}\n`)
  return 0
}
const prune: Command = function* (sys, client, g) {
  const all = g.has('all')
  const what = all
    ? 'WARNING! This will remove all local volumes not used by at least one container.'
    : 'WARNING! This will remove anonymous local volumes not used by at least one container.'
  if (!g.has('force')) yield* confirm(sys, `${what}\nAre you sure you want to continue?`)
  const r = yield* client.json<{ VolumesDeleted: string[] | null; SpaceReclaimed: number }>(
    'POST',
    `/volumes/prune${query({ filters: filtersOf(g, all ? { all: ['true'] } : {}) })}`,
  )
  const gone = r.VolumesDeleted ?? []
  const head = gone.length > 0 ? `Deleted Volumes:\n${gone.map((x) => `${x}\n`).join('')}\n` : ''
  yield* print(sys, `${head}Total reclaimed space: ${humanSize(r.SpaceReclaimed)}\n`)
  return 0
}
export const volumeCommands: Readonly<Record<string, Command>> = {
  'volume ls': ls,
  'volume create': create,
  'volume inspect': inspect('volume'),
  'volume rm': each(function* (_sys, client, name, g) {
    yield* client.json('DELETE', `/volumes/${encodeURIComponent(name)}${query({ force: g.has('force') })}`)
    return name
  }),
  'volume prune': prune,
}
