/**
 * The network `nat` of a Windows host: an address for each container on the host's virtual switch, and published ports, which the Host Network
 * Service (HNS) has Windows' NAT carry to them.
 */
import { isErr } from '../../../base/errno.ts'
import type { Fd, Run, Sys } from '../../../kernel/linux/abi.ts'
import { parseAddress } from '../../../kernel/linux/net/address.ts'
import type { AddressInfo, LinkInfo } from '../../../kernel/linux/net/netlink.ts'
import { bridge } from '../../bridge.ts'
import { AddressPool } from '../../dockerd/addresses.ts'
import { ApiError, type Container, type Daemon, type Network, newId } from '../../dockerd/state.ts'

/** Addresses below are left to the host and to machines that have their own. */
const FIRST = 50
const LAST = 254
const sockets = new WeakMap<Container, Fd[]>()

/** Makes the networks that a Windows daemon begins with: nat, on the switch that the host stands on, and none. */
export function* prepareNetworks(sys: Sys, d: Daemon): Run<void> {
  const links = yield* sys.netlink<readonly LinkInfo[]>({ op: 'link.dump' })
  const addresses = yield* sys.netlink<readonly AddressInfo[]>({ op: 'addr.dump' })
  const link = isErr(links) ? undefined : links.find((l) => l.name.startsWith('vEthernet'))
  const own = isErr(addresses) || !link ? undefined : addresses.find((a) => a.link === link.index)
  const add = function* (name: string, driver: string, gateway: string): Run<void> {
    const subnet = gateway.replace(/\d+$/, '0')
    const base = parseAddress(subnet || '0.0.0.0') ?? 0
    const id = yield* newId(sys)
    const network: Network = {
      id,
      name,
      driver,
      subnet,
      prefix: own?.prefix ?? 24,
      gateway,
      static: false,
      addresses: new AddressPool(base + FIRST, base + LAST),
      bridge: '',
      created: yield* sys.clock('realtime'),
      internal: false,
      attachable: false,
      labels: {},
      options: {},
    }
    d.networks.set(id, network)
  }
  yield* add('nat', 'nat', own?.address ?? '')
  yield* add('none', 'null', '')
}
/** Gives a container its endpoint on the network it asked for. Throws an ApiError where there is none of that name. */
export function* connect(sys: Sys, d: Daemon, c: Container): Run<void> {
  const asked = c.hostConfig.NetworkMode || 'default'
  const name = asked === 'default' ? 'nat' : asked
  const network = [...d.networks.values()].find((n) => n.name === name)
  if (!network) throw new ApiError(404, `network ${name} not found`)
  if (network.driver !== 'nat') return
  c.endpoints.push({
    network: network.id,
    address: '',
    prefix: network.prefix,
    gateway: '',
    mac: '',
    id: yield* newId(sys),
    aliases: [],
    links: [],
    wanted: { address: '', mac: '' },
  })
}
export interface Card {
  readonly address: string
  readonly prefix: number
  readonly gateway: string
}
/** Takes an address for a container that starts; undefined where it is on no network. */
export function takeAddress(d: Daemon, c: Container): Card | undefined {
  const [e] = c.endpoints
  const network = e && d.networks.get(e.network)
  const address = network?.gateway === '' ? undefined : network?.addresses.take()
  if (!e || !network || address === undefined) return undefined
  e.address = address
  e.gateway = network.gateway
  return { address, prefix: network.prefix, gateway: network.gateway }
}
export function giveAddressBack(d: Daemon, c: Container): void {
  for (const e of c.endpoints) {
    if (e.address !== '') d.networks.get(e.network)?.addresses.release(e.address)
    e.address = ''
    e.gateway = ''
  }
}

/** Opens the ports that a container publishes. Throws an ApiError where the host's port is taken. */
export function* publish(sys: Sys, d: Daemon, c: Container): Run<void> {
  const [e] = c.endpoints
  if (!e?.address) return
  const wanted: Readonly<Record<string, readonly { readonly HostIp?: string; readonly HostPort?: string }[]>> = {
    ...(c.hostConfig.PublishAllPorts
      ? Object.fromEntries(Object.keys(c.config.ExposedPorts ?? {}).map((k) => [k, [{}]]))
      : {}),
    ...c.hostConfig.PortBindings,
  }
  const open: Fd[] = []
  sockets.set(c, open)
  for (const [key, bindings] of Object.entries(wanted)) {
    const [port = '', protocol = 'tcp'] = key.split('/')
    if (protocol !== 'tcp') throw new ApiError(501, 'zukan: not emulated: published udp ports of the Windows engine')
    for (const b of bindings) {
      const hostPort = Number(b.HostPort) || 49152 + (d.serial++ % 16000)
      const socket = yield* sys.socket('inet', 'stream')
      if (isErr(socket)) continue
      const failed =
        (yield* sys.bind(socket, { family: 'inet', address: '0.0.0.0', port: hostPort })) ?? (yield* sys.listen(socket))
      if (failed) {
        yield* sys.close(socket)
        throw new ApiError(
          500,
          `failed to create endpoint ${c.name} on network nat: failed during hnsCallRawResponse: hnsCall failed in Win32: The process cannot access the file because it is being used by another process. (0x20)`,
        )
      }
      open.push(socket)
      c.ports = [...c.ports, { port: Number(port), protocol: 'tcp', hostIp: '0.0.0.0', hostPort }]
      const target = e.address
      sys.thread((t) => relay(t, socket, target, Number(port)))
    }
  }
}
function* relay(sys: Sys, socket: Fd, address: string, port: number): Run<void> {
  for (;;) {
    const client = yield* sys.accept(socket)
    if (isErr(client)) {
      if (client.name === 'EINTR') continue
      return
    }
    sys.thread(function* (t) {
      const server = yield* t.socket('inet', 'stream')
      if (!isErr(server) && !(yield* t.connect(server, { family: 'inet', address, port })))
        yield* bridge(t, client, server)
      else yield* t.close(client)
    })
  }
}
/** Closes a container's published ports. */
export function* unpublish(sys: Sys, c: Container): Run<void> {
  for (const socket of sockets.get(c) ?? []) {
    yield* sys.shutdown(socket, 'both')
    yield* sys.close(socket)
  }
  sockets.delete(c)
  c.ports = []
}
