/**
 * A network namespace: interfaces, addresses, routes, netfilter rules and sockets, network_namespaces(7).
 * Packets are walked one by one through devices, routes and rules (stack.ts). There is no ARP: on one segment an address finds its interface.
 */

import { SmallMap } from '../../../base/smallmap.ts'
import type { UserNamespace } from '../namespaces.ts'
import { formatAddress, inNetwork, maskOf } from './address.ts'
import { Netfilter, type Packet } from './netfilter.ts'
import type { Socket } from './socket.ts'

export interface NetEnv {
  now(): number
  random(count: number): Uint8Array
  after(delay: number, fn: () => void): void
  log(line: string): void
  /** A step of a first packet: `if:INUM:NAME`, `nat:INUM` or `net:INUM` to another of these. */
  step(from: string, to: string, what: string): void
}

export type LinkType = 'loopback' | 'veth' | 'bridge' | 'ethernet' | 'dummy' | 'tun' | 'tap'

export interface InterfaceAddress {
  readonly address: number
  readonly prefix: number
}

/** One interface. */
export class Interface {
  index: number
  name: string
  readonly type: LinkType
  mac: string
  up = false
  mtu: number
  /** Packets that may wait to be sent, txqueuelen. */
  queueLength = 1000
  ns: NetNamespace
  master: Interface | undefined
  /** The other end of a veth pair. */
  peer: Interface | undefined
  /** What an ethernet interface is plugged into; behind a tap it is a machine's network card. */
  wire: Wire | undefined
  /** Whom all that comes in is handed to, which sends it on: tc-mirred(8), `egress redirect` at the ingress hook. */
  redirect: Interface | undefined
  /** Where packets go on as a process's own (tun.ts); undefined where they are lost. */
  splice: ((packet: Packet) => NetNamespace | undefined) | undefined
  addresses: InterfaceAddress[] = []
  readonly stats = { rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0 }
  constructor(ns: NetNamespace, index: number, name: string, type: LinkType, mac: string) {
    this.ns = ns
    this.index = index
    this.name = name
    this.type = type
    this.mac = mac
    this.mtu = type === 'loopback' ? 65536 : 1500
  }
  /** Something is connected at the other side. */
  get carrier(): boolean {
    if (this.type === 'veth') return this.up && (this.peer?.up ?? false)
    if (this.type === 'bridge')
      return this.up && [...this.ns.interfaces.values()].some((i) => i.master === this && i.carrier)
    return this.up
  }
}

/** A route; gateway 0 = on link. */
export interface Route {
  readonly destination: number
  readonly prefix: number
  readonly gateway: number
  readonly link: Interface
  readonly source: number
  readonly metric: number
  /** Made by the kernel with an address. */
  readonly connected: boolean
}

/** A switch that machines are plugged into; one hop takes `latency` nanoseconds. */
export class Wire {
  readonly latency: number
  readonly ports: Interface[] = []
  constructor(latency: number) {
    this.latency = latency
  }
}

export class NetNamespace {
  readonly kind = 'net'
  readonly inum: number
  /** The user namespace whose capabilities count here. */
  readonly owner: UserNamespace
  readonly env: NetEnv
  readonly interfaces = new SmallMap<string, Interface>()
  routes: Route[] = []
  readonly netfilter = new Netfilter()
  /** Whom it has sent to on its links: what ARP would know. No mac: nobody answered. */
  readonly neighbours = new SmallMap<
    number,
    { readonly link: Interface; readonly mac: string | undefined; readonly seen: number }
  >()
  readonly sockets = new Set<Socket>()
  readonly sysctl = new Map([
    ['net.ipv4.ip_forward', '0'],
    ['net.ipv4.ip_unprivileged_port_start', '1024'],
    ['net.core.somaxconn', '4096'],
    ['net.ipv4.ping_group_range', '1\t0'],
  ])
  /** Processes in it and mounts of it. */
  refs = 0
  #ephemeral = 32768
  #index = 2

  /** `initial` is the first one, whose IPv4 settings a new one begins with (net.core.devconf_inherit_init_net). */
  constructor(env: NetEnv, inum: number, owner: UserNamespace, initial?: NetNamespace) {
    if (initial?.forwards) this.sysctl.set('net.ipv4.ip_forward', '1')
    this.env = env
    this.owner = owner
    this.netfilter.log = (line) => env.log(line)
    this.inum = inum
    const lo = new Interface(this, 1, 'lo', 'loopback', '00:00:00:00:00:00')
    this.interfaces.set('lo', lo)
  }
  get forwards(): boolean {
    return this.sysctl.get('net.ipv4.ip_forward') === '1'
  }
  get lo(): Interface {
    return this.interfaces.get('lo') as Interface
  }

  /** A new interface, down. */
  addLink(name: string, type: LinkType, mac?: string): Interface {
    const random = mac ?? `02:42:${[...this.env.random(4)].map((b) => (b + 256).toString(16).slice(1)).join(':')}`
    const link = new Interface(this, this.#index++, name, type, random)
    this.interfaces.set(name, link)
    return link
  }
  /** Removes an interface, and the other end of a pair. */
  removeLink(link: Interface): void {
    this.interfaces.delete(link.name)
    this.#forgetNeighbours(link)
    this.routes = this.routes.filter((r) => r.link !== link)
    for (const other of this.interfaces.values()) {
      if (other.master === link) other.master = undefined
      if (other.redirect === link) other.redirect = undefined
    }
    if (link.wire) link.wire.ports.splice(link.wire.ports.indexOf(link), 1)
    const peer = link.peer
    link.peer = undefined
    if (peer) {
      peer.peer = undefined
      peer.ns.removeLink(peer)
    }
  }
  #forgetNeighbours(link: Interface): void {
    for (const [address, n] of this.neighbours) if (n.link === link) this.neighbours.delete(address)
  }
  /** Moves an interface to another namespace; it loses its addresses and goes down. */
  moveLink(link: Interface, to: NetNamespace, name = link.name): void {
    this.interfaces.delete(link.name)
    this.#forgetNeighbours(link)
    this.routes = this.routes.filter((r) => r.link !== link)
    link.ns = to
    link.name = name
    link.up = false
    link.addresses = []
    link.master = undefined
    // Its number goes with it, unless the other namespace has given it out.
    if ([...to.interfaces.values()].some((l) => l.index === link.index)) link.index = to.#index++
    else to.#index = Math.max(to.#index, link.index + 1)
    to.interfaces.set(name, link)
  }
  setUp(link: Interface, up: boolean): void {
    if (link.up === up) return
    link.up = up
    if (up) for (const a of link.addresses) this.#connect(link, a)
    else this.routes = this.routes.filter((r) => r.link !== link)
  }
  addAddress(link: Interface, address: number, prefix: number): void {
    const made = { address, prefix }
    link.addresses.push(made)
    if (link.up) this.#connect(link, made)
  }
  removeAddress(link: Interface, address: number): void {
    link.addresses = link.addresses.filter((a) => a.address !== address)
    this.routes = this.routes.filter((r) => !(r.link === link && r.connected && r.source === address))
  }
  #connect(link: Interface, a: InterfaceAddress): void {
    if (link.type === 'loopback' || a.prefix === 32) return
    this.routes.push({
      destination: (a.address & maskOf(a.prefix)) >>> 0,
      prefix: a.prefix,
      gateway: 0,
      link,
      source: a.address,
      metric: 0,
      connected: true,
    })
  }

  /** True for an address of this namespace: packets to it end here. */
  isLocal(address: number): boolean {
    if (inNetwork(address, 0x7f000000, 8)) return this.lo.up
    for (const link of this.interfaces.values())
      for (const a of link.addresses) if (a.address === address && link.up) return true
    return false
  }
  /** The route to an address: longest prefix, then lowest metric. */
  route(address: number): Route | undefined {
    let best: Route | undefined
    for (const r of this.routes) {
      if (!r.link.up || !inNetwork(address, r.destination, r.prefix)) continue
      if (!best || r.prefix > best.prefix || (r.prefix === best.prefix && r.metric < best.metric)) best = r
    }
    return best
  }
  /** The address that packets to a destination get where none is bound. */
  sourceFor(address: number): number | undefined {
    if (this.isLocal(address)) return inNetwork(address, 0x7f000000, 8) ? 0x7f000001 : address
    const route = this.route(address)
    if (!route) return undefined
    return route.source || route.link.addresses[0]?.address
  }
  /** The next port that nobody uses. */
  ephemeralPort(protocol: 'tcp' | 'udp'): number {
    for (let tries = 0; tries < 28232; tries++) {
      this.#ephemeral = this.#ephemeral >= 60999 ? 32768 : this.#ephemeral + 1
      if (!this.portUsed(protocol, this.#ephemeral, 0)) return this.#ephemeral
    }
    return 0
  }
  /** A bound socket that stands in the way of binding there. */
  portUsed(protocol: 'tcp' | 'udp', port: number, address: number): boolean {
    for (const s of this.sockets) {
      if (s.protocol !== protocol || s.localPort !== port || s.connectionOnly) continue
      if (s.localAddress === 0 || address === 0 || s.localAddress === address) return true
    }
    return false
  }
  /** Ends the namespace: interfaces vanish, a pair's other end with them. */
  destroy(): void {
    for (const link of [...this.interfaces.values()]) if (link.type !== 'loopback') this.removeLink(link)
    for (const s of [...this.sockets]) s.destroy()
  }
  describe(): string {
    return [...this.interfaces.values()]
      .map((i) => `${i.name}${i.addresses.map((a) => ` ${formatAddress(a.address)}/${a.prefix}`).join('')}`)
      .join(', ')
  }
}

/** Plugs a new ethernet interface of a namespace into a wire. */
export function attachEthernet(ns: NetNamespace, wire: Wire, name: string, mac: string): Interface {
  const link = ns.addLink(name, 'ethernet', mac)
  link.wire = wire
  wire.ports.push(link)
  return link
}
/** A veth pair, veth(4). */
export function addVethPair(
  ns: NetNamespace,
  name: string,
  peerNs: NetNamespace,
  peerName: string,
  mac?: string,
): readonly [Interface, Interface] {
  const a = ns.addLink(name, 'veth', mac)
  const b = peerNs.addLink(peerName, 'veth')
  a.peer = b
  b.peer = a
  return [a, b]
}
