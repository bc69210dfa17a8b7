/** Bridge networks: addresses, veth pairs, NAT, published ports and names. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { CLONE_NEWNET, O_CLOEXEC, O_RDONLY } from '../../kernel/linux/fs/flags.ts'
import { formatAddress, parseAddress } from '../../kernel/linux/net/address.ts'
import { AddressPool } from './addresses.ts'
import { addressRules, networkRules, put, withdraw } from './firewall.ts'
import {
  ApiError,
  type Container,
  type Daemon,
  type Endpoint,
  type EndpointConfig,
  type Network,
  newId,
} from './state.ts'

const number = (a: string): number => parseAddress(a) ?? 0

const mask = (prefix: number): number => (prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0)
/** A subnet of the user's, if it is one. */
function checked(subnet: string): string {
  const [base = '', prefix = ''] = subnet.split('/')
  const a = parseAddress(base)
  if (a === undefined || !/^\d+$/.test(prefix) || Number(prefix) > 32)
    throw new ApiError(400, `invalid network config:\ninvalid subnet ${subnet}: invalid CIDR block notation`)
  const start = formatAddress((a & mask(Number(prefix))) >>> 0)
  if (start !== base)
    throw new ApiError(400, `invalid network config:\ninvalid subnet ${subnet}: it should be ${start}/${prefix}`)
  return subnet
}
function overlaps(d: Daemon, base: string, prefix: number): boolean {
  return [...d.networks.values()].some((n) => {
    if (n.driver !== 'bridge') return false
    const m = mask(Math.min(prefix, n.prefix))
    return (number(base) & m) === (number(n.subnet) & m)
  })
}
/** The first of the default address pools that no network has. */
function freePool(d: Daemon): string {
  for (let n = 17; n < 32; n++) if (!overlaps(d, `172.${n}.0.0`, 16)) return `172.${n}.0.0/16`
  for (let n = 0; n < 256; n += 16) if (!overlaps(d, `192.168.${n}.0`, 20)) return `192.168.${n}.0/20`
  throw new ApiError(400, 'all predefined address pools have been fully subnetted')
}

/** Sets a bridge up with its NAT rules, as docker network create does. */
export function* createNetwork(
  sys: Sys,
  d: Daemon,
  name: string,
  o: {
    readonly driver?: string
    readonly subnet?: string
    readonly gateway?: string
    readonly range?: string
    /** Addresses that no container gets, by the names of who has them. */
    readonly reserved?: Readonly<Record<string, string>>
    readonly internal?: boolean
    readonly labels?: Readonly<Record<string, string>>
    readonly attachable?: boolean
    readonly bridge?: string
    readonly options?: Readonly<Record<string, string>>
  },
): Run<Network> {
  if (name.trim() === '') throw new ApiError(400, 'invalid network name: name is empty')
  if ([...d.networks.values()].some((n) => n.name === name))
    throw new ApiError(409, `network with name ${name} already exists`)
  const id = yield* newId(sys)
  const driver = o.driver || 'bridge'
  if (driver !== 'bridge' && driver !== 'host' && driver !== 'null')
    throw new ApiError(404, `plugin ${JSON.stringify(driver)} not found`)
  const [base = '', prefix = '16'] = driver === 'bridge' ? (o.subnet ? checked(o.subnet) : freePool(d)).split('/') : []
  if (driver === 'bridge' && overlaps(d, base, Number(prefix)))
    throw new ApiError(403, 'invalid pool request: Pool overlaps with other one on this address space')
  const gateway = driver === 'bridge' ? (o.gateway ?? formatAddress(number(base) + 1)) : ''
  const network: Network = {
    id,
    name,
    driver,
    subnet: base,
    prefix: Number(prefix),
    ...(o.range ? { range: o.range } : {}),
    ...(o.reserved ? { reserved: o.reserved } : {}),
    static: o.subnet !== undefined,
    gateway,
    addresses: poolOf(base, Number(prefix), gateway, o.range),
    bridge:
      driver === 'bridge' ? (o.bridge ?? o.options?.['com.docker.network.bridge.name'] ?? `br-${id.slice(0, 12)}`) : '',
    created: yield* sys.clock('realtime'),
    internal: o.internal ?? false,
    attachable: o.attachable ?? false,
    labels: o.labels ?? {},
    options: o.options ?? {},
  }
  for (const address of Object.values(o.reserved ?? {})) network.addresses.reserve(address)
  d.networks.set(id, network)
  if (driver === 'bridge') {
    yield* sys.netlink({ op: 'link.add', name: network.bridge, type: 'bridge', queueLength: 0 })
    yield* sys.netlink({ op: 'addr.add', name: network.bridge, address: network.gateway, prefix: network.prefix })
    yield* sys.netlink({ op: 'link.set', name: network.bridge, up: true })
    yield* put(sys, networkRules(network))
  }
  return network
}
/** A network by name, id or the beginning of an id. */
export function findNetwork(d: Daemon, ref: string): Network {
  for (const n of d.networks.values()) if (n.name === ref || n.id === ref) return n
  const hits = [...d.networks.values()].filter((n) => /^[0-9a-f]+$/.test(ref) && n.id.startsWith(ref))
  if (hits.length === 1) return hits[0] as Network
  throw new ApiError(404, `network ${ref} not found`)
}
/** Whether an address lies in a network's subnet. */
const contains = (n: Network, address: string): boolean => {
  const m = mask(n.prefix)
  return (number(address) & m) === (number(n.subnet) & m)
}
/** Why a container can't have an address of the user's choice on a network: moby daemon/network validateEndpointSettings. */
export function addressComplaint(n: Network, address: string | undefined): string | undefined {
  if (!address || n.driver !== 'bridge') return undefined
  if (parseAddress(address) === undefined) return `invalid IPv4 address: ${address}`
  if (n.name === 'bridge') return 'user specified IP address is supported on user defined networks only'
  if (!n.static)
    return 'user specified IP address is supported only when connecting to networks with user configured subnets'
  return contains(n, address) ? undefined : `no configured subnet or ip-range contain the IP address ${address}`
}
/** Addresses for containers: of the network's range where it has one, without the network's own, the broadcast address and the gateway. */
function poolOf(subnet: string, prefix: number, gateway: string, range: string | undefined): AddressPool {
  const [base = subnet, size = prefix] = range?.split('/') ?? []
  const last = ((number(subnet) | ~mask(prefix)) >>> 0) - 1
  const pool = new AddressPool(number(base) + 1, Math.min(last, (number(base) | ~mask(Number(size))) >>> 0))
  pool.reserve(gateway)
  return pool
}
/** An endpoint of a container on a network; its address is fixed when it starts. */
export function* addEndpoint(sys: Sys, c: Container, n: Network, o: EndpointConfig = {}): Run<Endpoint> {
  const e: Endpoint = {
    network: n.id,
    address: '',
    prefix: n.prefix,
    gateway: '',
    mac: '',
    id: yield* newId(sys),
    aliases: o.Aliases ?? [],
    links: o.Links ?? [],
    wanted: { address: o.IPAMConfig?.IPv4Address ?? '', mac: o.MacAddress ?? '' },
  }
  c.endpoints.push(e)
  return e
}

/** Connects an endpoint to a running container: a veth pair, one end on the bridge, the other as ethN inside. */
export function* plug(sys: Sys, d: Daemon, c: Container, e: Endpoint, index: number): Run<void> {
  const n = d.networks.get(e.network)
  if (n?.driver !== 'bridge') return
  if (e.wanted.address && !n.addresses.reserve(e.wanted.address))
    throw new ApiError(403, 'failed to set up container networking: Address already in use')
  const address = e.wanted.address || n.addresses.take()
  if (!address)
    throw new ApiError(403, `no available IPv4 addresses on this network's address pools: ${n.name} (${n.id})`)
  e.address = address
  e.gateway = n.gateway
  e.mac =
    e.wanted.mac ||
    `02:42:${e.address
      .split('.')
      .map((b) => Number(b).toString(16).padStart(2, '0'))
      .join(':')}`
  const host = `veth${e.id.slice(0, 7)}`
  const temporary = `tmp${e.id.slice(0, 7)}`
  yield* sys.netlink({ op: 'link.add', name: host, type: 'veth', queueLength: 0, peer: { name: temporary } })
  yield* sys.netlink({ op: 'link.set', name: host, master: n.bridge })
  yield* sys.netlink({ op: 'link.set', name: temporary, mac: e.mac })
  yield* sys.netlink({ op: 'link.set', name: temporary, netnsPid: c.pid, newName: `eth${index}` })
  yield* sys.netlink({ op: 'link.set', name: host, up: true })
  yield* put(sys, addressRules(n, e.address))
  yield* inside(sys, c.pid, (t) => configure(t, n, e, index))
}
/** Inside a container: gives its end of a pair address and route. */
function* configure(t: Sys, n: Network, e: Endpoint, index: number): Run<void> {
  yield* t.netlink({ op: 'addr.add', name: `eth${index}`, address: e.address, prefix: e.prefix })
  yield* t.netlink({ op: 'link.set', name: `eth${index}`, up: true })
  if (index === 0 && !n.internal)
    yield* t.netlink({ op: 'route.add', destination: '0.0.0.0', prefix: 0, gateway: e.gateway })
}
/** Takes an endpoint off a container; its name and its wishes stay. */
export function* unplug(sys: Sys, d: Daemon, e: Endpoint): Run<void> {
  const n = d.networks.get(e.network)
  if (n && e.address) yield* withdraw(sys, addressRules(n, e.address))
  yield* sys.netlink({ op: 'link.del', name: `veth${e.id.slice(0, 7)}` })
  n?.addresses.release(e.address)
  e.address = ''
  e.gateway = ''
  e.mac = ''
}
/** Takes a network's bridge and rules away. */
export function* removeNetwork(sys: Sys, d: Daemon, n: Network): Run<void> {
  yield* withdraw(sys, networkRules(n))
  yield* sys.netlink({ op: 'link.del', name: n.bridge })
  d.networks.delete(n.id)
}
/** Runs in a thread that has joined a container's network namespace, and waits for it. */
export function* inside(sys: Sys, pid: number, body: (t: Sys) => Run<void>, wait = true): Run<void> {
  const work = { pid, body, finished: false }
  sys.thread((t) => joined(t, work))
  while (wait && !work.finished) yield* sys.schedYield()
}
interface Joined {
  readonly pid: number
  readonly body: (t: Sys) => Run<void>
  finished: boolean
}
function* joined(t: Sys, work: Joined): Run<void> {
  const fd = yield* t.open(`/proc/${work.pid}/ns/net`, O_RDONLY | O_CLOEXEC)
  if (!isErr(fd)) {
    yield* t.setns(fd, CLONE_NEWNET)
    yield* t.close(fd)
    yield* work.body(t)
  }
  work.finished = true
}
