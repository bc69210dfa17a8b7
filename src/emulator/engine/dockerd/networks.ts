/** Bridge networks: addresses, veth pairs, NAT, published ports and names. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { CLONE_NEWNET, O_CLOEXEC, O_RDONLY } from '../../kernel/linux/fs/flags.ts'
import { formatAddress, parseAddress } from '../../kernel/linux/net/address.ts'
import { ApiError, type Container, type Daemon, type Endpoint, type Network, newId } from './state.ts'

const number = (a: string): number => parseAddress(a) ?? 0

/** Sets a bridge up with its NAT rules, as docker network create does. */
export function* createNetwork(
  sys: Sys,
  d: Daemon,
  name: string,
  o: {
    readonly driver?: string
    readonly subnet?: string
    readonly gateway?: string
    readonly internal?: boolean
    readonly labels?: Readonly<Record<string, string>>
    readonly bridge?: string
  },
): Run<Network> {
  if ([...d.networks.values()].some((n) => n.name === name))
    throw new ApiError(409, `network with name ${name} already exists`)
  const id = yield* newId(sys)
  const driver = o.driver || 'bridge'
  if (driver !== 'bridge' && driver !== 'host' && driver !== 'null')
    throw new ApiError(404, `could not find plugin ${driver} in v1 plugin registry: plugin not found`)
  let subnet = o.subnet ?? ''
  if (driver === 'bridge' && subnet === '') {
    for (let n = 17; n < 32; n++)
      if (![...d.networks.values()].some((x) => x.subnet === `172.${n}.0.0`)) {
        subnet = `172.${n}.0.0/16`
        break
      }
  }
  const [base = '', prefix = '16'] = subnet.split('/')
  if (driver === 'bridge' && parseAddress(base) === undefined)
    throw new ApiError(400, `invalid CIDR address: ${subnet}`)
  if (driver === 'bridge' && [...d.networks.values()].some((x) => x.driver === 'bridge' && x.subnet === base))
    throw new ApiError(403, 'invalid pool request: Pool overlaps with other one on this address space')
  const network: Network = {
    id,
    name,
    driver,
    subnet: base,
    prefix: Number(prefix),
    gateway: driver === 'bridge' ? (o.gateway ?? formatAddress(number(base) + 1)) : '',
    bridge: driver === 'bridge' ? (o.bridge ?? `br-${id.slice(0, 12)}`) : '',
    created: yield* sys.clock('realtime'),
    internal: o.internal ?? false,
    labels: o.labels ?? {},
  }
  d.networks.set(id, network)
  if (driver === 'bridge') {
    yield* sys.netlink({ op: 'link.add', name: network.bridge, type: 'bridge' })
    yield* sys.netlink({ op: 'addr.add', name: network.bridge, address: network.gateway, prefix: network.prefix })
    yield* sys.netlink({ op: 'link.set', name: network.bridge, up: true })
    const source = { address: number(base), prefix: network.prefix }
    if (!network.internal)
      yield* sys.netlink({
        op: 'nft.insert',
        table: 'nat',
        chain: 'POSTROUTING',
        rule: { source, out: network.bridge, notOut: true, target: 'MASQUERADE' },
      })
    yield* sys.netlink({
      op: 'nft.append',
      table: 'filter',
      chain: 'DOCKER-FORWARD',
      rule: { out: network.bridge, established: true, target: 'ACCEPT' },
    })
    yield* sys.netlink({
      op: 'nft.append',
      table: 'filter',
      chain: 'DOCKER-FORWARD',
      rule: { out: network.bridge, target: 'DOCKER' },
    })
    if (!network.internal)
      yield* sys.netlink({
        op: 'nft.append',
        table: 'filter',
        chain: 'DOCKER-FORWARD',
        rule: { in: network.bridge, out: network.bridge, notOut: true, target: 'ACCEPT' },
      })
    yield* sys.netlink({
      op: 'nft.append',
      table: 'filter',
      chain: 'DOCKER-FORWARD',
      rule: { in: network.bridge, out: network.bridge, target: 'ACCEPT' },
    })
    yield* sys.netlink({
      op: 'nft.append',
      table: 'nat',
      chain: 'DOCKER',
      rule: { in: network.bridge, target: 'RETURN' },
    })
  }
  return network
}
/** The chains that Docker keeps, made when the daemon starts. */
export function* prepareNat(sys: Sys): Run<void> {
  for (const [table, chain] of [
    ['nat', 'DOCKER'],
    ['filter', 'DOCKER'],
    ['filter', 'DOCKER-FORWARD'],
    ['filter', 'DOCKER-USER'],
  ] as const)
    yield* sys.netlink({ op: 'nft.chain', table, chain })
  yield* sys.netlink({
    op: 'nft.append',
    table: 'nat',
    chain: 'PREROUTING',
    rule: { dstLocal: true, target: 'DOCKER' },
  })
  yield* sys.netlink({
    op: 'nft.append',
    table: 'nat',
    chain: 'OUTPUT',
    rule: { destination: { address: 0x7f000000, prefix: 8, not: true }, dstLocal: true, target: 'DOCKER' },
  })
  yield* sys.netlink({ op: 'nft.append', table: 'filter', chain: 'FORWARD', rule: { target: 'DOCKER-USER' } })
  yield* sys.netlink({ op: 'nft.append', table: 'filter', chain: 'FORWARD', rule: { target: 'DOCKER-FORWARD' } })
  yield* sys.netlink({ op: 'nft.chain', table: 'filter', chain: 'FORWARD', policy: 'DROP' })
  yield* sys.netlink({ op: 'sysctl.set', name: 'net.ipv4.ip_forward', value: '1' })
}

export function findNetwork(d: Daemon, ref: string): Network {
  for (const n of d.networks.values()) if (n.name === ref || n.id === ref) return n
  const hits = [...d.networks.values()].filter((n) => /^[0-9a-f]+$/.test(ref) && n.id.startsWith(ref))
  if (hits.length === 1) return hits[0] as Network
  throw new ApiError(404, `network ${ref} not found`)
}
/** The lowest address that nobody has. */
function freeAddress(d: Daemon, n: Network): string {
  const used = new Set([
    n.gateway,
    ...[...d.containers.values()].flatMap((c) => c.endpoints.filter((e) => e.network === n.id).map((e) => e.address)),
  ])
  for (let a = number(n.subnet) + 1; ; a++) if (!used.has(formatAddress(a))) return formatAddress(a)
}
/** An endpoint of a container on a network; its address is fixed when it starts. */
export function* addEndpoint(sys: Sys, c: Container, n: Network, aliases: readonly string[]): Run<Endpoint> {
  const e: Endpoint = {
    network: n.id,
    address: '',
    prefix: n.prefix,
    gateway: '',
    mac: '',
    id: yield* newId(sys),
    aliases,
  }
  c.endpoints.push(e)
  return e
}

/** Connects an endpoint to a running container: a veth pair, one end on the bridge, the other as ethN inside. */
export function* plug(
  sys: Sys,
  d: Daemon,
  c: Container,
  e: Endpoint,
  index: number,
  staticAddress?: string,
): Run<void> {
  const n = d.networks.get(e.network)
  if (n?.driver !== 'bridge') return
  e.address = staticAddress ?? freeAddress(d, n)
  e.gateway = n.gateway
  e.mac = `02:42:${e.address
    .split('.')
    .map((b) => Number(b).toString(16).padStart(2, '0'))
    .join(':')}`
  const host = `veth${e.id.slice(0, 7)}`
  const temporary = `tmp${e.id.slice(0, 7)}`
  yield* sys.netlink({ op: 'link.add', name: host, type: 'veth', peer: { name: temporary } })
  yield* sys.netlink({ op: 'link.set', name: host, master: n.bridge })
  yield* sys.netlink({ op: 'link.set', name: temporary, mac: e.mac })
  yield* sys.netlink({ op: 'link.set', name: temporary, netnsPid: c.pid, newName: `eth${index}` })
  yield* sys.netlink({ op: 'link.set', name: host, up: true })
  yield* inside(sys, c.pid, function* (t) {
    yield* t.netlink({ op: 'addr.add', name: `eth${index}`, address: e.address, prefix: e.prefix })
    yield* t.netlink({ op: 'link.set', name: `eth${index}`, up: true })
    if (index === 0 && !n.internal)
      yield* t.netlink({ op: 'route.add', destination: '0.0.0.0', prefix: 0, gateway: e.gateway })
  })
}
/** Runs in a thread that has joined a container's network namespace, and waits for it. */
export function* inside(sys: Sys, pid: number, body: (t: Sys) => Run<void>, wait = true): Run<void> {
  let finished = false
  sys.thread(function* (t) {
    const fd = yield* t.open(`/proc/${pid}/ns/net`, O_RDONLY | O_CLOEXEC)
    if (!isErr(fd)) {
      yield* t.setns(fd, CLONE_NEWNET)
      yield* t.close(fd)
      yield* body(t)
    }
    finished = true
  })
  while (wait && !finished) yield* sys.schedYield()
}

/** Publishes ports: a DNAT rule for the outside, a docker-proxy for the host itself. */
export function* publish(sys: Sys, d: Daemon, c: Container): Run<void> {
  const e = c.endpoints.find((x) => x.address !== '')
  if (!e) return
  const n = d.networks.get(e.network)
  for (const [key, bindings] of Object.entries(c.hostConfig.PortBindings ?? {})) {
    const [port = '', protocol = 'tcp'] = key.split('/')
    for (const b of bindings) {
      const hostPort = Number(b.HostPort || 0) || 32768 + (d.serial++ % 20000)
      const hostIp = b.HostIp || '0.0.0.0'
      for (const other of d.containers.values()) {
        if (other === c || other.status !== 'running') continue
        if (published(other).some((p) => p.hostPort === hostPort && p.protocol === protocol))
          throw new ApiError(
            500,
            `failed to set up container networking: driver failed programming external connectivity on endpoint ${c.name} (${e.id}): Bind for ${hostIp}:${hostPort} failed: port is already allocated`,
          )
      }
      // The port must be free on the host as well: somebody else may listen there.
      const probe = yield* sys.socket('inet', 'stream')
      if (!isErr(probe)) {
        const taken = yield* sys.bind(probe, { family: 'inet', address: hostIp, port: hostPort })
        yield* sys.close(probe)
        if (taken)
          throw new ApiError(
            500,
            `failed to set up container networking: driver failed programming external connectivity on endpoint ${c.name} (${e.id}): failed to bind host port for ${hostIp}:${hostPort}:${e.address}:${port}/${protocol}: ${taken.text.toLowerCase()}`,
          )
      }
      ports.set(c, [...(ports.get(c) ?? []), { port: Number(port), protocol, hostIp, hostPort }])
      yield* sys.netlink({
        op: 'nft.append',
        table: 'nat',
        chain: 'DOCKER',
        rule: {
          in: n?.bridge ?? '',
          notIn: true,
          protocol,
          dport: hostPort,
          target: 'DNAT',
          toAddress: number(e.address),
          toPort: Number(port),
        },
      })
      yield* sys.netlink({
        op: 'nft.append',
        table: 'filter',
        chain: 'DOCKER',
        rule: {
          destination: { address: number(e.address), prefix: 32 },
          out: n?.bridge ?? '',
          protocol,
          dport: Number(port),
          target: 'ACCEPT',
        },
      })
      if (protocol !== 'tcp') continue
      const proxy = yield* sys.fork(function* (child) {
        for (let fd = 3; fd < 256; fd++) yield* child.close(fd)
        const failed = yield* child.execve(
          '/usr/bin/docker-proxy',
          [
            '/usr/bin/docker-proxy',
            '-proto',
            protocol,
            '-host-ip',
            hostIp,
            '-host-port',
            String(hostPort),
            '-container-ip',
            e.address,
            '-container-port',
            port,
            '-use-listen-fd',
          ],
          child.environ(),
        )
        return failed.number
      })
      if (!isErr(proxy)) c.proxies.push(proxy)
    }
  }
}
export interface Published {
  readonly port: number
  readonly protocol: string
  readonly hostIp: string
  readonly hostPort: number
}
const ports = new WeakMap<Container, Published[]>()
/** The published ports of a running container. */
export const published = (c: Container): readonly Published[] => ports.get(c) ?? []

/** Takes rules and proxies of a container away. */
export function* unpublish(sys: Sys, d: Daemon, c: Container): Run<void> {
  const e = c.endpoints.find((x) => x.address !== '')
  const n = e && d.networks.get(e.network)
  for (const p of published(c)) {
    yield* sys.netlink({
      op: 'nft.delete',
      table: 'nat',
      chain: 'DOCKER',
      rule: {
        in: n?.bridge ?? '',
        notIn: true,
        protocol: p.protocol,
        dport: p.hostPort,
        target: 'DNAT',
        toAddress: number(e?.address ?? ''),
        toPort: p.port,
      },
    })
    yield* sys.netlink({
      op: 'nft.delete',
      table: 'filter',
      chain: 'DOCKER',
      rule: {
        destination: { address: number(e?.address ?? ''), prefix: 32 },
        out: n?.bridge ?? '',
        protocol: p.protocol,
        dport: p.port,
        target: 'ACCEPT',
      },
    })
  }
  ports.delete(c)
  for (const pid of c.proxies) {
    yield* sys.kill(pid, 9)
    yield* sys.wait(pid)
  }
  c.proxies = []
  for (const x of c.endpoints) {
    yield* sys.netlink({ op: 'link.del', name: `veth${x.id.slice(0, 7)}` })
    x.address = ''
    x.gateway = ''
    x.mac = ''
  }
}
