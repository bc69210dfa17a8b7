/**
 * Configuration of the network: rtnetlink(7) and netfilter as typed requests.
 * @restartable A request is looked at first, and has one effect.
 */
import {
  EADDRNOTAVAIL,
  EBUSY,
  EEXIST,
  EINVAL,
  ENETDOWN,
  ENETUNREACH,
  ENODEV,
  ENOENT,
  EOPNOTSUPP,
  EPERM,
  type Errno,
  ESRCH,
  isErr,
} from '../../../base/errno.ts'
import { formatAddress, maskOf, parseAddress } from './address.ts'
import { addVethPair, type Interface, type LinkType, type NetNamespace } from './namespace.ts'
import type { Chain, Rule, TableName } from './netfilter.ts'

export interface LinkInfo {
  readonly index: number
  readonly name: string
  readonly type: LinkType
  readonly mac: string
  readonly up: boolean
  readonly carrier: boolean
  readonly mtu: number
  readonly queueLength: number
  readonly master?: number
  readonly peerIndex?: number
  /** inum of the namespace the other end is in, where it is another. */
  readonly peerNetns?: number
  /** The interface that a filter at its ingress hands all packets to. */
  readonly redirect?: number
  readonly stats: {
    readonly rxPackets: number
    readonly rxBytes: number
    readonly txPackets: number
    readonly txBytes: number
  }
}
export interface AddressInfo {
  readonly link: number
  readonly address: string
  readonly prefix: number
  readonly broadcast?: string
  readonly scope: 'host' | 'global' | 'link'
}
export interface RouteInfo {
  readonly destination: string
  readonly prefix: number
  readonly gateway?: string
  readonly link: number
  readonly source?: string
  readonly scope: 'link' | 'global'
  readonly metric: number
  /** Made by the kernel with an address. */
  readonly connected: boolean
}
export interface SocketInfo {
  readonly protocol: 'tcp' | 'udp' | 'unix' | 'icmp'
  readonly local: string
  readonly localPort: number
  readonly remote: string
  readonly remotePort: number
  readonly state: string
  readonly inode: number
  readonly uid: number
  /** Bytes, or connections not yet accepted; for a listener `sendQueue` is its backlog. */
  readonly receiveQueue: number
  readonly sendQueue: number
}
/** What ARP would know. */
export interface NeighbourInfo {
  readonly address: string
  readonly link: number
  readonly mac?: string
  readonly reachable: boolean
}

export type NetlinkRequest =
  | { readonly op: 'link.dump' | 'addr.dump' | 'route.dump' | 'sockets.dump' | 'neigh.dump' }
  | {
      readonly op: 'link.add'
      readonly name: string
      readonly type: LinkType
      readonly mac?: string
      /** txqueuelen of the link, and of its peer. */
      readonly queueLength?: number
      readonly peer?: { readonly name: string; readonly netnsPid?: number; readonly netnsFd?: number }
    }
  | {
      readonly op: 'link.set'
      readonly name: string
      readonly up?: boolean
      readonly master?: string | null
      readonly netnsPid?: number
      /** A descriptor of a namespace's file instead. */
      readonly netnsFd?: number
      readonly newName?: string
      readonly mtu?: number
      readonly mac?: string
    }
  | { readonly op: 'link.del'; readonly name: string }
  /** `tc qdisc add dev NAME ingress` and a filter there: matchall, mirred egress redirect dev TO. */
  | { readonly op: 'tc.redirect'; readonly name: string; readonly to: string }
  | { readonly op: 'addr.add' | 'addr.del'; readonly name: string; readonly address: string; readonly prefix: number }
  | {
      readonly op: 'route.add' | 'route.del'
      readonly destination: string
      readonly prefix: number
      readonly gateway?: string
      readonly dev?: string
    }
  | { readonly op: 'nft.dump'; readonly table: TableName }
  /** Makes a chain where there is none, and sets its policy. */
  | { readonly op: 'nft.chain'; readonly table: TableName; readonly chain: string; readonly policy?: 'ACCEPT' | 'DROP' }
  /** Makes a new chain, empties one or all, renames, removes one or all that are the user's, sets counters to zero. */
  | {
      readonly op: 'nft.newchain' | 'nft.flush' | 'nft.rename' | 'nft.delchain' | 'nft.zero'
      readonly table: TableName
      readonly chain?: string
      readonly to?: string
    }
  /** Puts a rule at a place, replaces or removes the one there; places count from 0. */
  | {
      readonly op: 'nft.insertAt' | 'nft.replaceAt' | 'nft.deleteAt'
      readonly table: TableName
      readonly chain: string
      readonly at: number
      readonly rule?: Rule
    }
  | {
      readonly op: 'nft.append' | 'nft.insert' | 'nft.delete'
      readonly table: TableName
      readonly chain: string
      readonly rule: Rule
    }
  | { readonly op: 'sysctl.set'; readonly name: string; readonly value: string }

/** What the kernel lends: other processes' namespaces and the caller's power. */
export interface NetlinkContext {
  netnsOfPid(pid: number): NetNamespace | undefined
  netnsOfFd(fd: number): NetNamespace | undefined
  readonly capable: boolean
}

/**
 * RTM_GETROUTE.
 * @restartable Reads only.
 */
function routeInfos(ns: NetNamespace): readonly RouteInfo[] {
  // As the routing trie is walked: by address, the shorter prefix first.
  return ns.routes
    .filter((r) => r.link.up)
    .sort((a, b) => a.destination - b.destination || a.prefix - b.prefix || a.metric - b.metric)
    .map(
      (r): RouteInfo => ({
        destination: formatAddress(r.destination),
        prefix: r.prefix,
        ...(r.gateway ? { gateway: formatAddress(r.gateway) } : {}),
        link: r.link.index,
        ...(r.source ? { source: formatAddress(r.source) } : {}),
        scope: r.gateway ? 'global' : 'link',
        metric: r.metric,
        connected: r.connected,
      }),
    )
}
/**
 * sock_diag(7).
 * @restartable Reads only.
 */
function socketInfos(ns: NetNamespace): readonly SocketInfo[] {
  return [...ns.sockets].map(
    (s): SocketInfo => ({
      protocol: s.protocol,
      local: s.protocol === 'unix' ? s.path : formatAddress(s.localAddress),
      localPort: s.localPort,
      remote: formatAddress(s.remoteAddress),
      remotePort: s.remotePort,
      state: s.stateName,
      inode: s.inode,
      uid: s.uid,
      receiveQueue: s.state === 'listening' ? s.pending.length : s.incoming.length,
      sendQueue: s.state === 'listening' ? s.backlog : 0,
    }),
  )
}
/**
 * RTM_GETNEIGH.
 * @restartable Reads only.
 */
function neighbourInfos(ns: NetNamespace): readonly NeighbourInfo[] {
  return [...ns.neighbours].map(
    ([address, n]): NeighbourInfo => ({
      address: formatAddress(address),
      link: n.link.index,
      ...(n.mac === undefined ? {} : { mac: n.mac }),
      // base_reachable_time_ms, arp(7).
      reachable: ns.env.now() - n.seen < 30_000_000_000,
    }),
  )
}
/** Carries out one request. EPERM where a change is asked for without CAP_NET_ADMIN. */
export function netlink(ns: NetNamespace, request: NetlinkRequest, context: NetlinkContext): unknown {
  switch (request.op) {
    case 'link.dump':
      return [...ns.interfaces.values()].map(linkInfo)
    case 'addr.dump':
      return [...ns.interfaces.values()].flatMap(addressInfo)
    case 'route.dump':
      return routeInfos(ns)
    case 'sockets.dump':
      return socketInfos(ns)
    case 'neigh.dump':
      return neighbourInfos(ns)
    case 'nft.dump':
      return [...ns.netfilter.table(request.table).values()]
    default:
      return context.capable ? change(ns, request, context) : EPERM
  }
}

function change(ns: NetNamespace, request: NetlinkRequest, context: NetlinkContext): Errno | undefined {
  switch (request.op) {
    case 'link.add': {
      if (ns.interfaces.has(request.name)) return EEXIST
      if (request.name.length > 15 || request.name === '' || /[\s/]/.test(request.name)) return EINVAL
      if (request.type === 'veth') {
        if (!request.peer) return EINVAL
        const to = namespaceFor(request.peer, context) ?? ns
        if (isErr(to)) return to
        if (to.interfaces.has(request.peer.name)) return EEXIST
        addVethPair(ns, request.name, to, request.peer.name, request.mac)
        const peer = to.interfaces.get(request.peer.name)
        if (peer && request.queueLength !== undefined) peer.queueLength = request.queueLength
      } else ns.addLink(request.name, request.type, request.mac)
      const made = ns.interfaces.get(request.name)
      if (made && request.queueLength !== undefined) made.queueLength = request.queueLength
      return undefined
    }
    case 'link.set': {
      const link = ns.interfaces.get(request.name)
      if (!link) return ENODEV
      if (request.mac !== undefined) link.mac = request.mac
      if (request.mtu !== undefined) link.mtu = request.mtu
      if (request.master !== undefined) {
        const master = request.master === null ? undefined : ns.interfaces.get(request.master)
        if (request.master !== null && master?.type !== 'bridge')
          return request.master && ns.interfaces.has(request.master) ? EINVAL : ENODEV
        link.master = master
      }
      const to = namespaceFor(request, context)
      if (isErr(to)) return to
      if (to) {
        if (link.type === 'loopback' || link.type === 'bridge') return EINVAL
        if (to.interfaces.has(request.newName ?? link.name)) return EEXIST
        ns.moveLink(link, to, request.newName ?? link.name)
      } else if (request.newName !== undefined) {
        if (ns.interfaces.has(request.newName)) return EEXIST
        ns.interfaces.delete(link.name)
        link.name = request.newName
        ns.interfaces.set(link.name, link)
      }
      if (request.up !== undefined) link.ns.setUp(link, request.up)
      return undefined
    }
    case 'link.del': {
      const link = ns.interfaces.get(request.name)
      if (!link) return ENODEV
      if (link.type === 'loopback' || link.type === 'ethernet') return EOPNOTSUPP
      ns.removeLink(link)
      return undefined
    }
    case 'tc.redirect': {
      const link = ns.interfaces.get(request.name)
      const to = ns.interfaces.get(request.to)
      if (!link || !to) return ENODEV
      link.redirect = to
      return undefined
    }
    case 'addr.add':
    case 'addr.del': {
      const link = ns.interfaces.get(request.name)
      if (!link) return ENODEV
      const address = parseAddress(request.address)
      if (address === undefined || request.prefix < 0 || request.prefix > 32) return EINVAL
      const has = link.addresses.some((a) => a.address === address)
      if (request.op === 'addr.add') {
        if (has) return EEXIST
        ns.addAddress(link, address, request.prefix)
      } else {
        if (!has) return EADDRNOTAVAIL
        ns.removeAddress(link, address)
      }
      return undefined
    }
    case 'route.add':
    case 'route.del': {
      const destination = parseAddress(request.destination)
      const gateway = request.gateway === undefined ? 0 : parseAddress(request.gateway)
      if (destination === undefined || gateway === undefined) return EINVAL
      const same = (r: { destination: number; prefix: number }): boolean =>
        r.destination === (destination & maskOf(request.prefix)) >>> 0 && r.prefix === request.prefix
      if (request.op === 'route.del') {
        const at = ns.routes.findIndex(same)
        if (at < 0) return ESRCH
        ns.routes.splice(at, 1)
        return undefined
      }
      const link: Interface | undefined =
        request.dev !== undefined ? ns.interfaces.get(request.dev) : ns.route(gateway)?.link
      if (!link) return request.dev !== undefined ? ENODEV : gateway ? ENETUNREACH : EINVAL
      if (!link.up) return ENETDOWN
      const via = gateway ? ns.route(gateway) : undefined
      if (gateway && (via?.gateway !== 0 || via.link !== link)) return ENETUNREACH
      if (ns.routes.some((r) => same(r) && r.gateway === gateway)) return EEXIST
      ns.routes.push({
        destination: (destination & maskOf(request.prefix)) >>> 0,
        prefix: request.prefix,
        gateway,
        link,
        source: 0,
        metric: 0,
        connected: false,
      })
      return undefined
    }
    case 'nft.chain': {
      const table = ns.netfilter.table(request.table)
      const chain: Chain = table.get(request.chain) ?? { name: request.chain, rules: [] }
      if (request.policy) chain.policy = request.policy
      table.set(request.chain, chain)
      return undefined
    }
    case 'nft.newchain':
    case 'nft.flush':
    case 'nft.rename':
    case 'nft.delchain':
    case 'nft.zero':
      return editChains(ns.netfilter.table(request.table), request.op, request.chain, request.to)
    case 'nft.insertAt':
    case 'nft.replaceAt':
    case 'nft.deleteAt': {
      const rules = ns.netfilter.table(request.table).get(request.chain)?.rules
      if (!rules) return ENOENT
      if (request.at < 0 || request.at > rules.length - (request.op === 'nft.insertAt' ? 0 : 1)) return ENOENT
      if (request.op === 'nft.deleteAt') rules.splice(request.at, 1)
      else if (request.rule) rules.splice(request.at, request.op === 'nft.insertAt' ? 0 : 1, { ...request.rule })
      return undefined
    }
    case 'nft.append':
    case 'nft.insert':
    case 'nft.delete': {
      const chain = ns.netfilter.table(request.table).get(request.chain)
      if (!chain) return ESRCH
      if (request.op === 'nft.append') chain.rules.push({ ...request.rule })
      else if (request.op === 'nft.insert') chain.rules.unshift({ ...request.rule })
      else {
        const key = ruleKey(request.rule)
        const at = chain.rules.findIndex((r) => ruleKey(r) === key)
        if (at < 0) return ESRCH
        chain.rules.splice(at, 1)
      }
      return undefined
    }
    case 'sysctl.set':
      ns.sysctl.set(request.name, request.value)
      return undefined
    default:
      return EINVAL
  }
}
/** Whole chains: a built-in one can be emptied, not removed; one that rules jump to stays, too. */
function editChains(
  table: Map<string, Chain>,
  op: 'nft.newchain' | 'nft.flush' | 'nft.rename' | 'nft.delchain' | 'nft.zero',
  name: string | undefined,
  to: string | undefined,
): Errno | undefined {
  if (op === 'nft.newchain') {
    if (name === undefined) return EINVAL
    if (table.has(name)) return EEXIST
    table.set(name, { name, rules: [] })
    return undefined
  }
  if (name !== undefined && !table.has(name)) return ENOENT
  const all = [...table.values()]
  const some = all.filter((c) => name === undefined || c.name === name)
  const used = (chain: string): boolean => all.some((c) => c.rules.some((r) => r.target === chain))
  switch (op) {
    case 'nft.flush':
      for (const c of some) c.rules.length = 0
      return undefined
    case 'nft.zero':
      for (const c of some) {
        c.packets = c.bytes = 0
        for (const r of c.rules) r.packets = r.bytes = 0
      }
      return undefined
    case 'nft.delchain': {
      const gone = some.filter((c) => !c.policy)
      if (name !== undefined && gone.length === 0) return EOPNOTSUPP
      for (const c of gone) if (c.rules.length > 0 || used(c.name)) return EBUSY
      for (const c of gone) table.delete(c.name)
      return undefined
    }
    case 'nft.rename': {
      const [chain] = some
      if (!chain || to === undefined) return EINVAL
      if (table.has(to)) return EEXIST
      table.delete(chain.name)
      table.set(to, { ...chain, name: to })
      for (const c of all)
        c.rules.forEach((r, i) => {
          if (r.target === chain.name) c.rules[i] = { ...r, target: to }
        })
      return undefined
    }
  }
}
const ruleKey = (rule: Rule): string => JSON.stringify(Object.entries({ ...rule, packets: 0, bytes: 0 }).sort())

/** The namespace that a request names by process or descriptor; undefined where it names none. */
function namespaceFor(
  where: { readonly netnsPid?: number; readonly netnsFd?: number },
  context: NetlinkContext,
): NetNamespace | Errno | undefined {
  if (where.netnsPid !== undefined) return context.netnsOfPid(where.netnsPid) ?? ESRCH
  if (where.netnsFd !== undefined) return context.netnsOfFd(where.netnsFd) ?? EINVAL
  return undefined
}

function linkInfo(link: Interface): LinkInfo {
  return {
    index: link.index,
    name: link.name,
    type: link.type,
    mac: link.mac,
    up: link.up,
    carrier: link.carrier,
    mtu: link.mtu,
    queueLength: link.queueLength,
    ...(link.master ? { master: link.master.index } : {}),
    ...(link.peer ? { peerIndex: link.peer.index } : {}),
    ...(link.peer && link.peer.ns !== link.ns ? { peerNetns: link.peer.ns.inum } : {}),
    ...(link.redirect ? { redirect: link.redirect.index } : {}),
    stats: { ...link.stats },
  }
}
function addressInfo(link: Interface): AddressInfo[] {
  return link.addresses.map((a) => ({
    link: link.index,
    address: formatAddress(a.address),
    prefix: a.prefix,
    ...(link.type !== 'loopback' && a.prefix < 31
      ? { broadcast: formatAddress((a.address | ~maskOf(a.prefix)) >>> 0) }
      : {}),
    scope: link.type === 'loopback' ? 'host' : 'global',
  }))
}
