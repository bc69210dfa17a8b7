/**
 * The walk of a packet: OUTPUT, routing, POSTROUTING, devices and wires, PREROUTING, local delivery or FORWARD.
 * A flow is walked once, by its first packet; the way it found, with addresses as rewritten, serves the packets after it.
 */
import { EHOSTUNREACH, ENETUNREACH, type Errno } from '../../../base/errno.ts'
import { formatAddress } from './address.ts'
import type { Interface, NetNamespace } from './namespace.ts'
import type { Packet } from './netfilter.ts'

/** Where a packet got to. */
export type Outcome =
  | {
      readonly kind: 'delivered'
      readonly ns: NetNamespace
      readonly packet: Packet
      readonly links: readonly Interface[]
      readonly latency: number
      readonly via: Interface
    }
  | { readonly kind: 'unreachable'; readonly error: Errno }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'expired'; readonly at: number; readonly latency: number }

/**
 * Sends a packet from a namespace and follows it to its end.
 * @restartable A socket that sends has changed nothing but what is the same when it begins again: the port that it took.
 */
export function walk(from: NetNamespace, packet: Packet): Outcome {
  const links: Interface[] = []
  let ns = from
  let latency = 0
  let inbound: Interface | undefined
  for (let hop = 0; hop < 64; hop++) {
    const local = (address: number): boolean => ns.isLocal(address)
    const first = inbound ? 'PREROUTING' : 'OUTPUT'
    if (!ns.netfilter.passes(first, packet, inbound?.name ?? '', '', local)) return { kind: 'dropped' }
    const nat = ns.netfilter.run('nat', inbound ? 'PREROUTING' : 'OUTPUT', packet, inbound?.name ?? '', '', local)
    const here = inbound ? nameOf(inbound) : `net:${ns.inum}`
    if ((nat.kind === 'DNAT' || nat.kind === 'REDIRECT') && packet.fresh) {
      const before = ends(packet)
      packet.destination = nat.kind === 'DNAT' ? nat.address : (inbound?.addresses[0]?.address ?? 0x7f000001)
      if (nat.port !== undefined) packet.destinationPort = nat.port
      ns.env.step(here, `nat:${ns.inum}`, `${nat.kind}: ${before} => ${ends(packet)}`)
    }
    if (ns.isLocal(packet.destination)) {
      // What stays here leaves by OUTPUT and comes in by INPUT over lo.
      const hooks = inbound ? (['INPUT'] as const) : (['OUTPUT', 'INPUT'] as const)
      for (const hook of hooks) {
        const [from, to] = hook === 'INPUT' ? [inbound?.name ?? 'lo', ''] : ['', 'lo']
        const filter = ns.netfilter.run('filter', hook, packet, from, to, local)
        if (filter.kind === 'DROP') return { kind: 'dropped' }
        if (filter.kind === 'REJECT') return { kind: 'rejected' }
      }
      const via = inbound ?? ns.lo
      if (!inbound) {
        count(ns.lo, 'tx', packet.size)
        count(ns.lo, 'rx', packet.size)
      }
      if (packet.fresh) ns.env.step(nameOf(via), `net:${ns.inum}`, `${packet.protocol} ${ends(packet)}`)
      return { kind: 'delivered', ns, packet, links, latency, via }
    }
    if (inbound) {
      if (!ns.forwards) return { kind: 'dropped' }
      if (--packet.ttl <= 0)
        return { kind: 'expired', at: inbound.addresses[0]?.address ?? packet.destination, latency }
    }
    const route = ns.route(packet.destination)
    if (!route)
      return inbound ? { kind: 'unreachable', error: EHOSTUNREACH } : { kind: 'unreachable', error: ENETUNREACH }
    const out = route.link
    const filter = ns.netfilter.run(
      'filter',
      inbound ? 'FORWARD' : 'OUTPUT',
      packet,
      inbound?.name ?? '',
      out.name,
      local,
    )
    if (filter.kind === 'DROP') return { kind: 'dropped' }
    if (filter.kind === 'REJECT') return { kind: 'rejected' }
    const post = ns.netfilter.run('nat', 'POSTROUTING', packet, inbound?.name ?? '', out.name, local)
    if (post.kind === 'MASQUERADE' || post.kind === 'SNAT') {
      const before = ends(packet)
      packet.source = post.kind === 'SNAT' ? post.address : (out.addresses[0]?.address ?? packet.source)
      if (packet.fresh) ns.env.step(here, `nat:${ns.inum}`, `${post.kind}: ${before} => ${ends(packet)}`)
    }
    const spliced = out.splice?.(packet)
    if (spliced) {
      count(out, 'tx', packet.size)
      links.push(out)
      ns = spliced
      inbound = undefined
      continue
    }
    const passed = links.length
    const next = transmit(out, route.gateway || packet.destination, packet.size, links)
    const hopAddress = route.gateway || packet.destination
    ns.neighbours.set(hopAddress, { link: out, mac: next?.link.mac, seen: ns.env.now() })
    if (!next) return { kind: 'unreachable', error: EHOSTUNREACH }
    if (packet.fresh)
      links.slice(passed).forEach((link, i, all) => {
        const to = all[i + 1]
        if (to) ns.env.step(nameOf(link), nameOf(to), `${packet.protocol} ${ends(packet)}`)
      })
    latency += next.latency
    inbound = next.link
    ns = next.link.ns
  }
  return { kind: 'dropped' }
}

const nameOf = (link: Interface): string => `if:${link.ns.inum}:${link.name}`
/** `10.0.0.5:40000 > 172.17.0.2:80`, as tcpdump(8) writes it. */
const ends = (p: Packet): string =>
  p.protocol === 'icmp'
    ? `${formatAddress(p.source)} > ${formatAddress(p.destination)}`
    : `${formatAddress(p.source)}:${p.sourcePort} > ${formatAddress(p.destination)}:${p.destinationPort}`

function count(link: Interface, way: 'rx' | 'tx', bytes: number): void {
  if (way === 'rx') {
    link.stats.rxPackets++
    link.stats.rxBytes += bytes
  } else {
    link.stats.txPackets++
    link.stats.txBytes += bytes
  }
}

/**
 * Whether answers to a packet that was delivered find their way: back to its source as the receiver saw it. What the receiver's side
 * doesn't know a route to, or some FORWARD chain won't let back, is lost.
 */
export function answersArrive(outcome: Extract<Outcome, { kind: 'delivered' }>): boolean {
  const { ns, packet } = outcome
  if (ns.isLocal(packet.source)) return true
  const back = walk(ns, {
    protocol: packet.protocol,
    source: packet.destination,
    destination: packet.source,
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
    ttl: 64,
    fresh: false,
    size: packet.size,
  })
  return back.kind === 'delivered'
}

/** Puts a packet on a link: the interface that has `next` as its address takes it. */
function transmit(
  link: Interface,
  next: number,
  size: number,
  links: Interface[],
): { link: Interface; latency: number } | undefined {
  if (!link.up) return undefined
  count(link, 'tx', size)
  links.push(link)
  switch (link.type) {
    case 'veth': {
      const peer = link.peer
      if (!peer?.up) return undefined
      count(peer, 'rx', size)
      return receive(peer, next, size, links)
    }
    case 'bridge':
      return flood(link, undefined, next, size, links)
    case 'ethernet':
    case 'tap': {
      const to = link.wire?.ports.find((port) => port !== link && port.up && (port.redirect || holds(port, next)))
      if (!to) return undefined
      count(to, 'rx', size)
      links.push(to)
      const latency = link.wire?.latency ?? 0
      if (!to.redirect) return { link: to, latency }
      const on = transmit(to.redirect, next, size, links)
      return on && { ...on, latency: latency + on.latency }
    }
    case 'loopback':
    case 'tun':
    case 'dummy':
      return undefined
  }
}
const holds = (link: Interface, address: number): boolean => link.addresses.some((a) => a.address === address)

/** A frame arrives at an interface: a bridge's port hands it on, others take it. */
function receive(
  link: Interface,
  next: number,
  size: number,
  links: Interface[],
): { link: Interface; latency: number } | undefined {
  links.push(link)
  if (link.redirect) return transmit(link.redirect, next, size, links)
  const bridge = link.master
  if (!bridge) return holds(link, next) || link.ns.isLocal(next) ? { link, latency: 0 } : undefined
  if (!bridge.up) return undefined
  if (holds(bridge, next)) {
    count(bridge, 'rx', size)
    return { link: bridge, latency: 0 }
  }
  return flood(bridge, link, next, size, links)
}
/** A bridge looks for the port behind which the address is. */
function flood(
  bridge: Interface,
  from: Interface | undefined,
  next: number,
  size: number,
  links: Interface[],
): { link: Interface; latency: number } | undefined {
  for (const port of bridge.ns.interfaces.values()) {
    if (port.master !== bridge || port === from || !port.up) continue
    const peer = port.peer
    if (!peer?.up || !holds(peer, next)) continue
    count(port, 'tx', size)
    count(peer, 'rx', size)
    links.push(port, peer)
    return peer.redirect ? transmit(peer.redirect, next, size, links) : { link: peer, latency: 0 }
  }
  return undefined
}
