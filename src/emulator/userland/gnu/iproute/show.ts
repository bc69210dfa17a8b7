/** Links, addresses, routes and neighbours as iproute2 prints them. */
import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import type { AddressInfo, LinkInfo, NeighbourInfo, RouteInfo } from '../../../kernel/linux/net/netlink.ts'
import { print } from '../../lib/io.ts'
import { type Json, printedJson } from './json.ts'

export function* dump<T>(sys: Sys, op: string): Run<readonly T[]> {
  const r = yield* sys.netlink<readonly T[]>({ op })
  return isErr(r) ? [] : r
}
export interface ShowOptions {
  /** -br, -o, -4, -s, -d */
  readonly brief: boolean
  readonly oneLine: boolean
  readonly ipv4: boolean
  readonly statistics: boolean
  readonly details: boolean
  /** -j, and -p: JSON drawn over many lines. */
  readonly json?: boolean
  readonly pretty?: boolean
}

const nameOf = (l: LinkInfo, links: readonly LinkInfo[]): string => {
  if (l.peerIndex === undefined) return l.name
  // A peer in the same namespace goes by its name.
  const peer = l.peerNetns === undefined ? links.find((x) => x.index === l.peerIndex) : undefined
  return `${l.name}@${peer ? peer.name : `if${l.peerIndex}`}`
}
function flagsOf(l: LinkInfo, links: readonly LinkInfo[]): string[] {
  const out =
    l.type === 'loopback' ? ['LOOPBACK'] : l.type === 'dummy' ? ['BROADCAST', 'NOARP'] : ['BROADCAST', 'MULTICAST']
  if (l.up && !l.carrier) out.unshift('NO-CARRIER')
  if (l.up) out.push('UP')
  if (l.up && l.carrier) out.push('LOWER_UP')
  // The other end of a veth is in this namespace and down.
  const other = l.peerNetns === undefined ? links.find((x) => x.index === l.peerIndex) : undefined
  if (other && !other.up) out.push('M-DOWN')
  return out
}
const stateOf = (l: LinkInfo): string =>
  l.type === 'loopback' || l.type === 'dummy'
    ? l.up
      ? 'UNKNOWN'
      : 'DOWN'
    : l.up && l.carrier
      ? 'UP'
      : l.up && l.type === 'veth'
        ? 'LOWERLAYERDOWN'
        : 'DOWN'
const queueOf = (l: LinkInfo): string => (!l.up ? 'noop' : l.type === 'ethernet' ? 'fq_codel' : 'noqueue')

const FOREVER = 4294967295
/** A link as `ip -j` has it; with addresses where these are given. */
function linkJson(
  l: LinkInfo,
  links: readonly LinkInfo[],
  addresses: readonly AddressInfo[] | undefined,
  ids: ReadonlyMap<number, number>,
): Json {
  const peer = l.peerNetns === undefined ? links.find((x) => x.index === l.peerIndex) : undefined
  return {
    ifindex: l.index,
    link_index: peer ? undefined : l.peerIndex,
    link: peer?.name,
    ifname: l.name,
    flags: flagsOf(l, links),
    mtu: l.mtu,
    qdisc: queueOf(l),
    master: links.find((x) => x.index === l.master)?.name,
    operstate: stateOf(l),
    linkmode: addresses ? undefined : 'DEFAULT',
    group: 'default',
    txqlen: l.queueLength > 0 ? l.queueLength : undefined,
    link_type: l.type === 'loopback' ? 'loopback' : 'ether',
    address: l.mac,
    broadcast: l.type === 'loopback' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff',
    link_netnsid: l.peerNetns === undefined ? undefined : ids.get(l.peerNetns),
    addr_info: addresses
      ?.filter((a) => a.link === l.index)
      .map((a) => ({
        family: 'inet',
        local: a.address,
        prefixlen: a.prefix,
        broadcast: a.broadcast,
        scope: a.scope,
        label: l.name,
        valid_life_time: FOREVER,
        preferred_life_time: FOREVER,
      })),
  }
}

/** ip link show and ip address show. */
export function* showLinks(
  sys: Sys,
  pick: (l: LinkInfo, addresses: readonly AddressInfo[]) => boolean,
  withAddresses: boolean,
  o: ShowOptions,
): Run<void> {
  const links = yield* dump<LinkInfo>(sys, 'link.dump')
  const all = yield* dump<AddressInfo>(sys, 'addr.dump')
  // Numbers for namespaces at the other end, in order of first sight.
  const ids = new Map<number, number>()
  for (const l of links) if (l.peerNetns !== undefined && !ids.has(l.peerNetns)) ids.set(l.peerNetns, ids.size)
  if (o.json) {
    const shown = links.filter((l) =>
      pick(
        l,
        all.filter((a) => a.link === l.index),
      ),
    )
    yield* print(
      sys,
      printedJson(
        shown.map((l) => linkJson(l, links, withAddresses ? all : undefined, ids)),
        o.pretty === true,
      ),
    )
    return
  }
  let out = ''
  for (const l of links) {
    const mine = all.filter((a) => a.link === l.index)
    if (!pick(l, mine)) continue
    const name = nameOf(l, links)
    if (o.brief) {
      out += `${name.padEnd(16)} ${stateOf(l).padEnd(14)} ${withAddresses ? mine.map((a) => `${a.address}/${a.prefix} `).join('') : `${l.mac} <${flagsOf(l, links).join(',')}> `}\n`
      continue
    }
    const inet = (a: AddressInfo): string =>
      `inet ${a.address}/${a.prefix}${a.broadcast ? ` brd ${a.broadcast}` : ''} scope ${a.scope} ${l.name}`
    const life = 'valid_lft forever preferred_lft forever'
    if (o.oneLine && withAddresses) {
      for (const a of mine) out += `${l.index}: ${l.name}    ${inet(a)}\\       ${life}\n`
      continue
    }
    if (withAddresses && o.ipv4 && mine.length === 0) continue
    const master = l.master === undefined ? '' : `master ${links.find((x) => x.index === l.master)?.name ?? l.master} `
    out += `${l.index}: ${name}: <${flagsOf(l, links).join(',')}> mtu ${l.mtu} qdisc ${queueOf(l)} ${master}state ${stateOf(l)} ${withAddresses ? '' : 'mode DEFAULT '}group default ${l.queueLength > 0 ? `qlen ${l.queueLength}` : ''}${o.oneLine ? '\\' : '\n'}`
    if (!(withAddresses && o.ipv4)) {
      out += `    link/${l.type === 'loopback' ? 'loopback' : 'ether'} ${l.mac} brd ${l.type === 'loopback' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff'}${l.peerNetns === undefined ? '' : ` link-netnsid ${ids.get(l.peerNetns)}`}${o.details ? ` promiscuity 0` : ''}\n`
      if (o.details && l.type !== 'loopback' && l.type !== 'ethernet') out += `    ${l.type}\n`
    }
    if (withAddresses) for (const a of mine) out += `    ${inet(a)}\n       ${life}\n`
    if (o.statistics) {
      const s = l.stats
      const row = (bytes: number, packets: number): string =>
        `    ${String(bytes).padStart(10)} ${String(packets).padStart(7)}      0       0       0       0 \n`
      out += `    RX:  bytes packets errors dropped  missed   mcast           \n${row(s.rxBytes, s.rxPackets)}    TX:  bytes packets errors dropped carrier collsns           \n${row(s.txBytes, s.txPackets)}`
    }
  }
  yield* print(sys, out)
}

/** ip route show. */
export function* showRoutes(
  sys: Sys,
  pick: (r: RouteInfo, device: string) => boolean,
  o: Pick<ShowOptions, 'json' | 'pretty'>,
): Run<void> {
  const links = yield* dump<LinkInfo>(sys, 'link.dump')
  let out = ''
  const list: Json[] = []
  for (const r of yield* dump<RouteInfo>(sys, 'route.dump')) {
    const link = links.find((l) => l.index === r.link)
    if (!pick(r, link?.name ?? '')) continue
    list.push({
      dst: targetOf(r),
      gateway: r.gateway,
      dev: link?.name ?? '?',
      protocol: r.connected ? 'kernel' : undefined,
      scope: r.gateway ? undefined : 'link',
      prefsrc: r.source,
      metric: r.metric || undefined,
      flags: link && link.type !== 'loopback' && link.up && !link.carrier ? ['linkdown'] : [],
    })
    out += `${routeText(r, link)} \n`
  }
  yield* print(sys, o.json ? printedJson(list, o.pretty === true) : out)
}
const targetOf = (r: RouteInfo): string =>
  r.prefix === 0 ? 'default' : r.prefix === 32 ? r.destination : `${r.destination}/${r.prefix}`
const routeText = (r: RouteInfo, link: LinkInfo | undefined): string =>
  `${targetOf(r)} ${r.gateway ? `via ${r.gateway} ` : ''}dev ${link?.name ?? '?'}${r.connected ? ' proto kernel' : ''}${r.gateway ? '' : ' scope link'}${r.source ? ` src ${r.source}` : ''}${r.metric ? ` metric ${r.metric}` : ''}${link && link.type !== 'loopback' && link.up && !link.carrier ? ' linkdown' : ''}`

/** ip neigh show. */
export function* showNeighbours(sys: Sys, device: string | undefined): Run<void> {
  const links = yield* dump<LinkInfo>(sys, 'link.dump')
  let out = ''
  for (const n of yield* dump<NeighbourInfo>(sys, 'neigh.dump')) {
    const name = links.find((l) => l.index === n.link)?.name ?? '?'
    if (device !== undefined && device !== name) continue
    out += `${n.address} dev ${name} ${n.mac ? `lladdr ${n.mac} ${n.reachable ? 'REACHABLE' : 'STALE'}` : 'FAILED'} \n`
  }
  yield* print(sys, out)
}
