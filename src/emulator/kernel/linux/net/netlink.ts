/** Configuration of the network: rtnetlink(7) and netfilter as typed requests. */
import { EADDRNOTAVAIL, EEXIST, EINVAL, ENODEV, EPERM, type Errno, ESRCH } from '../../../base/errno.ts'
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
  readonly master?: number
  readonly peerIndex?: number
  /** inum of the namespace the other end is in, where it is another. */
  readonly peerNetns?: number
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
}
export interface SocketInfo {
  readonly protocol: 'tcp' | 'udp' | 'unix' | 'icmp'
  readonly local: string
  readonly localPort: number
  readonly remote: string
  readonly remotePort: number
  readonly state: string
  readonly inode: number
}

export type NetlinkRequest =
  | { readonly op: 'link.dump' | 'addr.dump' | 'route.dump' | 'sockets.dump' }
  | {
      readonly op: 'link.add'
      readonly name: string
      readonly type: LinkType
      readonly mac?: string
      readonly peer?: { readonly name: string; readonly netnsPid?: number }
    }
  | {
      readonly op: 'link.set'
      readonly name: string
      readonly up?: boolean
      readonly master?: string | null
      readonly netnsPid?: number
      readonly newName?: string
      readonly mtu?: number
      readonly mac?: string
    }
  | { readonly op: 'link.del'; readonly name: string }
  | { readonly op: 'addr.add' | 'addr.del'; readonly name: string; readonly address: string; readonly prefix: number }
  | {
      readonly op: 'route.add' | 'route.del'
      readonly destination: string
      readonly prefix: number
      readonly gateway?: string
      readonly dev?: string
    }
  | { readonly op: 'nft.dump'; readonly table: TableName }
  | { readonly op: 'nft.chain'; readonly table: TableName; readonly chain: string; readonly policy?: 'ACCEPT' | 'DROP' }
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
  readonly capable: boolean
}

/** Carries out one request. EPERM where a change is asked for without CAP_NET_ADMIN. */
export function netlink(ns: NetNamespace, request: NetlinkRequest, context: NetlinkContext): unknown {
  switch (request.op) {
    case 'link.dump':
      return [...ns.interfaces.values()].map(linkInfo)
    case 'addr.dump':
      return [...ns.interfaces.values()].flatMap(addressInfo)
    case 'route.dump':
      return ns.routes
        .filter((r) => r.link.up)
        .map(
          (r): RouteInfo => ({
            destination: formatAddress(r.destination),
            prefix: r.prefix,
            ...(r.gateway ? { gateway: formatAddress(r.gateway) } : {}),
            link: r.link.index,
            ...(r.source ? { source: formatAddress(r.source) } : {}),
            scope: r.gateway ? 'global' : 'link',
            metric: r.metric,
          }),
        )
    case 'sockets.dump':
      return [...ns.sockets].map(
        (s): SocketInfo => ({
          protocol: s.protocol,
          local: s.protocol === 'unix' ? s.path : formatAddress(s.localAddress),
          localPort: s.localPort,
          remote: formatAddress(s.remoteAddress),
          remotePort: s.remotePort,
          state: s.stateName,
          inode: s.inode,
        }),
      )
    case 'nft.dump':
      return [...ns.netfilter.tables[request.table].values()]
    default:
      return context.capable ? change(ns, request, context) : EPERM
  }
}

function change(ns: NetNamespace, request: NetlinkRequest, context: NetlinkContext): Errno | undefined {
  switch (request.op) {
    case 'link.add': {
      if (ns.interfaces.has(request.name)) return EEXIST
      if (request.type === 'veth') {
        if (!request.peer) return EINVAL
        const to = request.peer.netnsPid === undefined ? ns : context.netnsOfPid(request.peer.netnsPid)
        if (!to) return ESRCH
        if (to.interfaces.has(request.peer.name)) return EEXIST
        addVethPair(ns, request.name, to, request.peer.name, request.mac)
      } else ns.addLink(request.name, request.type, request.mac)
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
      if (request.netnsPid !== undefined) {
        const to = context.netnsOfPid(request.netnsPid)
        if (!to) return ESRCH
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
      if (link.type === 'loopback') return EPERM
      ns.removeLink(link)
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
      if (!link) return request.dev !== undefined ? ENODEV : EINVAL
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
      // The default route is listed first, as ip route does.
      ns.routes.sort((a, b) => a.prefix - b.prefix)
      return undefined
    }
    case 'nft.chain': {
      const table = ns.netfilter.tables[request.table]
      const chain: Chain = table.get(request.chain) ?? { name: request.chain, rules: [] }
      if (request.policy) chain.policy = request.policy
      table.set(request.chain, chain)
      return undefined
    }
    case 'nft.append':
    case 'nft.insert':
    case 'nft.delete': {
      const chain = ns.netfilter.tables[request.table].get(request.chain)
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
const ruleKey = (rule: Rule): string => JSON.stringify(Object.entries({ ...rule, packets: 0, bytes: 0 }).sort())

function linkInfo(link: Interface): LinkInfo {
  return {
    index: link.index,
    name: link.name,
    type: link.type,
    mac: link.mac,
    up: link.up,
    carrier: link.carrier,
    mtu: link.mtu,
    ...(link.master ? { master: link.master.index } : {}),
    ...(link.peer ? { peerIndex: link.peer.index } : {}),
    ...(link.peer && link.peer.ns !== link.ns ? { peerNetns: link.peer.ns.inum } : {}),
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
