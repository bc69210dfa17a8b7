/** docker network. */

import { inNetwork, parseAddress } from '../../../kernel/linux/net/address.ts'
import { seconds } from '../../../oci/units.ts'
import { print, warn } from '../../../userland/lib/io.ts'
import { CliError, query } from '../api.ts'
import { confirm } from '../confirm.ts'
import { inspect } from '../core.ts'
import { pairs } from '../environment.ts'
import { printList } from '../format.ts'
import { type Command, filtersOf } from '../invoke.ts'
import { goTime, rawRow } from '../list.ts'

interface Network {
  readonly Id: string
  readonly Name: string
  readonly Driver: string
  readonly Scope: string
  readonly Created: string
  readonly EnableIPv6: boolean
  readonly Internal: boolean
  readonly Labels: Readonly<Record<string, string>>
}
/** Names in their natural order: net2 before net10. */
export const natural = (a: string, b: string): number => {
  const split = (s: string): readonly (string | number)[] =>
    (s.match(/\d+|\D+/g) ?? []).map((p) => (/^\d/.test(p) ? Number(p) : p))
  const [x, y] = [split(a), split(b)]
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [p, q] = [x[i] as string | number, y[i] as string | number]
    if (p === q) continue
    if (typeof p === 'number' && typeof q === 'number') return p - q
    return String(p) < String(q) ? -1 : 1
  }
  return x.length - y.length
}
const ls: Command = function* (sys, client, g) {
  const full = g.has('no-trunc')
  const rows = (yield* client.json<Network[]>('GET', `/networks${query({ filters: filtersOf(g) })}`))
    .sort((a, b) => natural(a.Name, b.Name))
    .map((n) => ({
      CreatedAt: goTime(seconds(n.Created)),
      Driver: n.Driver,
      ID: full ? n.Id : n.Id.slice(0, 12),
      IPv4: 'true',
      IPv6: String(n.EnableIPv6),
      Internal: String(n.Internal),
      Label: (key: unknown) => n.Labels[String(key)] ?? '',
      Labels: Object.entries(n.Labels)
        .map(([k, v]) => `${k}=${v}`)
        .join(','),
      Name: n.Name,
      Scope: n.Scope,
    }))
  const given = g.value('format')
  const format =
    given === 'raw'
      ? rawRow('network_id: {{.ID}}', g.has('quiet'), 'name: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n')
      : given
  if (g.has('quiet') && (format === undefined || format === 'table')) {
    yield* print(sys, rows.map((r) => `${r.ID}\n`).join(''))
    return 0
  }
  yield* printList(
    sys,
    format,
    [
      ['NETWORK ID', 'ID'],
      ['NAME', 'Name'],
      ['DRIVER', 'Driver'],
      ['SCOPE', 'Scope'],
    ],
    rows,
    { CreatedAt: 'CREATED AT', IPv6: 'IPV6', Internal: 'INTERNAL', Labels: 'LABELS' },
    '*network.networkContext',
  )
  return 0
}
/** Whether an address, or a network's first, lies in a network; undefined where one of them isn't an address: the daemon says so. */
function within(subnet: string, text: string): boolean | undefined {
  const [base = '', prefix = '32'] = subnet.split('/')
  const network = parseAddress(base)
  const address = parseAddress(text.split('/')[0] as string)
  return network === undefined || address === undefined ? undefined : inNetwork(address, network, Number(prefix))
}
const create: Command = function* (sys, client, g) {
  for (const name of ['config-from', 'config-only', 'ingress', 'ipam-opt', 'ipv6'])
    if (g.parsed.values.has(name) && g.value(name) !== 'false') throw new CliError(`zukan: not emulated: --${name}`)
  const [subnets, gateways] = [g.all('subnet'), g.all('gateway')]
  for (const [i, a] of subnets.entries())
    for (const b of subnets.slice(i + 1)) {
      if (!/^[^/]+\/\d+$/.test(b)) throw new CliError(`invalid subnet: invalid CIDR address: ${b}`)
      if (within(a, b) || within(b, a)) throw new CliError('multiple overlapping subnet configuration is not supported')
    }
  if (gateways.length > 0 && subnets.length === 0)
    throw new CliError('every ip-range or gateway must have a corresponding subnet')
  const ranges = g.all('ip-range')
  if (ranges.length > 0 && subnets.length === 0)
    throw new CliError('every ip-range or gateway must have a corresponding subnet')
  for (const [what, list] of [
    ['gateway', gateways],
    ['range', ranges],
  ] as const)
    for (const x of list)
      if (subnets.every((s) => !within(s, x))) throw new CliError(`no matching subnet for ${what} ${x}`)
  for (const s of subnets)
    for (const list of [gateways, ranges])
      if (list.filter((x) => within(s, x)).length > 1)
        throw new CliError('every ip-range or gateway must have a corresponding subnet')
  const reserved = pairs(g.all('aux-address'))
  for (const x of Object.values(reserved))
    if (subnets.every((s) => !within(s, x))) throw new CliError(`no matching subnet for aux-address ${x}`)
  const made = yield* client.json<{ Id: string }>('POST', '/networks/create', {
    Name: g.args[0],
    Driver: g.value('driver') ?? 'bridge',
    Internal: g.has('internal'),
    Attachable: g.has('attachable'),
    ...(g.value('scope') ? { Scope: g.value('scope') } : {}),
    Labels: pairs(g.all('label')),
    Options: pairs(g.all('opt')),
    IPAM: {
      Driver: g.value('ipam-driver') ?? 'default',
      Config: subnets.map((Subnet, i) => ({
        Subnet,
        ...(gateways[i] ? { Gateway: gateways[i] } : {}),
        ...(ranges[i] ? { IPRange: ranges[i] } : {}),
        ...(i === 0 && g.all('aux-address').length > 0 ? { AuxiliaryAddresses: reserved } : {}),
      })),
    },
  })
  yield* print(sys, `${made.Id}\n`)
  return 0
}
const connect: Command = function* (_sys, client, g) {
  if (g.all('driver-opt').some((o) => !o.includes('=')))
    throw new CliError('invalid key/value pair format in driver options')
  for (const name of ['driver-opt', 'gw-priority', 'ip6', 'link-local-ip'])
    if (g.parsed.values.has(name)) throw new CliError(`zukan: not emulated: --${name}`)
  const ip = g.value('ip')
  yield* client.json('POST', `/networks/${encodeURIComponent(g.args[0] as string)}/connect`, {
    Container: g.args[1],
    EndpointConfig: {
      ...(ip === undefined ? {} : { IPAMConfig: { IPv4Address: ip } }),
      Links: g.all('link'),
      Aliases: g.all('alias'),
    },
  })
  return 0
}
const disconnect: Command = function* (_sys, client, g) {
  yield* client.json('POST', `/networks/${encodeURIComponent(g.args[0] as string)}/disconnect`, {
    Container: g.args[1],
    Force: g.has('force'),
  })
  return 0
}
/** Each failure is told at once; the exit code follows at the end, `exit status 1` with it. */
const rm: Command = function* (sys, client, g) {
  let failed = false
  for (const name of g.args) {
    try {
      yield* client.json('DELETE', `/networks/${encodeURIComponent(name)}`)
      yield* print(sys, `${name}\n`)
    } catch (e) {
      if (!(e instanceof CliError)) throw e
      if (g.has('force') && (e as { status?: number }).status === 404) continue
      yield* warn(sys, `${e.message}\n`)
      failed = true
    }
  }
  if (failed) yield* warn(sys, 'exit status 1\n')
  return failed ? 1 : 0
}
const prune: Command = function* (sys, client, g) {
  if (!g.has('force'))
    yield* confirm(
      sys,
      'WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue?',
    )
  const r = yield* client.json<{ NetworksDeleted: string[] | null }>(
    'POST',
    `/networks/prune${query({ filters: filtersOf(g) })}`,
  )
  const gone = r.NetworksDeleted ?? []
  if (gone.length > 0) yield* print(sys, `Deleted Networks:\n${gone.map((x) => `${x}\n`).join('')}\n`)
  return 0
}
export const networkCommands: Readonly<Record<string, Command>> = {
  'network ls': ls,
  'network create': create,
  'network connect': connect,
  'network disconnect': disconnect,
  'network inspect': inspect('network'),
  'network rm': rm,
  'network prune': prune,
}
