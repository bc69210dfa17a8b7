/** Links, addresses, routes and neighbours as iproute2 prints them. */
import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import type { AddressInfo, LinkInfo, NeighbourInfo, RouteInfo } from '../../../kernel/linux/net/netlink.ts'
import { print } from '../../lib/io.ts'

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
}

const nameOf = (l: LinkInfo, links: readonly LinkInfo[]): string => {
  if (l.peerIndex === undefined) return l.name
  // A peer in the same namespace goes by its name.
  const peer = l.peerNetns === undefined ? links.find((x) => x.index === l.peerIndex) : undefined
  return `${l.name}@${peer ? peer.name : `if${l.peerIndex}`}`
}
function flagsOf(l: LinkInfo): string {
  const out =
    l.type === 'loopback' ? ['LOOPBACK'] : l.type === 'dummy' ? ['BROADCAST', 'NOARP'] : ['BROADCAST', 'MULTICAST']
  if (l.up && !l.carrier) out.unshift('NO-CARRIER')
  if (l.up) out.push('UP')
  if (l.up && l.carrier) out.push('LOWER_UP')
  // A veth whose peer is down shows M-DOWN.
  return out.join(',')
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
  let out = ''
  for (const l of links) {
    const mine = all.filter((a) => a.link === l.index)
    if (!pick(l, mine)) continue
    const name = nameOf(l, links)
    if (o.brief) {
      out += `${name.padEnd(16)} ${stateOf(l).padEnd(14)} ${withAddresses ? mine.map((a) => `${a.address}/${a.prefix} `).join('') : `${l.mac} <${flagsOf(l)}> `}\n`
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
    const end = o.oneLine ? '\\' : '\n'
    const master = l.master === undefined ? '' : `master ${links.find((x) => x.index === l.master)?.name ?? l.master} `
    out += `${l.index}: ${name}: <${flagsOf(l)}> mtu ${l.mtu} qdisc ${queueOf(l)} ${master}state ${stateOf(l)} ${withAddresses ? '' : 'mode DEFAULT '}group default qlen 1000${end}`
    if (!(withAddresses && o.ipv4)) {
      out += `    link/${l.type === 'loopback' ? 'loopback' : 'ether'} ${l.mac} brd ${l.type === 'loopback' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff'}${l.peerNetns === undefined ? '' : ` link-netnsid ${ids.get(l.peerNetns)}`}${o.details ? ` promiscuity 0` : ''}\n`
      if (o.details && l.type !== 'loopback' && l.type !== 'ethernet') out += `    ${l.type}\n`
    }
    if (withAddresses) for (const a of mine) out += `    ${inet(a)}\n       ${life}\n`
    if (o.statistics) {
      const s = l.stats
      const row = (bytes: number, packets: number): string =>
        `    ${String(bytes).padStart(8)} ${String(packets).padStart(7)}      0       0       0       0 \n`
      out += `    RX:  bytes packets errors dropped  missed   mcast           \n${row(s.rxBytes, s.rxPackets)}    TX:  bytes packets errors dropped carrier collsns           \n${row(s.txBytes, s.txPackets)}`
    }
  }
  yield* print(sys, out)
}

/** ip route show. */
export function* showRoutes(sys: Sys, pick: (r: RouteInfo, device: string) => boolean): Run<void> {
  const links = yield* dump<LinkInfo>(sys, 'link.dump')
  let out = ''
  for (const r of yield* dump<RouteInfo>(sys, 'route.dump')) {
    const link = links.find((l) => l.index === r.link)
    if (!pick(r, link?.name ?? '')) continue
    out += `${routeText(r, link)} \n`
  }
  yield* print(sys, out)
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
