/** Published ports: NAT rules for the outside, docker-proxy processes for the host itself. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { portRules, put, withdraw } from './firewall.ts'
import { unplug } from './networks.ts'
import { ApiError, type Container, type Daemon, type Endpoint, type Published } from './state.ts'

/** The host's port for a binding: the one asked for, one of a range, or the next of those that the kernel gives away. */
function chooseHostPort(d: Daemon, wanted: string, protocol: string): number {
  const taken = (port: number): boolean =>
    [...d.containers.values()].some((c) => c.ports.some((p) => p.hostPort === port && p.protocol === protocol))
  const [from = '', to] = wanted.split('-')
  if (to !== undefined) {
    for (let p = Number(from); p <= Number(to); p++) if (!taken(p)) return p
    return Number(from)
  }
  if (Number(wanted) > 0) return Number(wanted)
  let port: number
  do port = 32768 + (d.serial++ % 20000)
  while (taken(port))
  return port
}

/** Publishes ports: a DNAT rule for the outside, a docker-proxy for the host itself. */
export function* publish(sys: Sys, d: Daemon, c: Container): Run<void> {
  const e = c.endpoints.find((x) => x.address !== '')
  if (!e) return
  const wanted: Record<string, readonly Binding[]> = {
    ...(c.hostConfig.PublishAllPorts
      ? Object.fromEntries(Object.keys(c.config.ExposedPorts ?? {}).map((key) => [key, [{}]]))
      : {}),
    ...c.hostConfig.PortBindings,
  }
  for (const [key, bindings] of Object.entries(wanted))
    for (const b of bindings) yield* publishOne(sys, d, c, e, key, b)
}
type Binding = { readonly HostIp?: string; readonly HostPort?: string }
/** Publishes a port (`80/tcp`) of an endpoint at one of the host's. */
function* publishOne(sys: Sys, d: Daemon, c: Container, e: Endpoint, key: string, b: Binding): Run<void> {
  const n = d.networks.get(e.network)
  const [port = '', named] = key.split('/')
  const protocol = named === 'udp' ? 'udp' : 'tcp'
  const hostPort = chooseHostPort(d, b.HostPort ?? '', protocol)
  const hostIp = b.HostIp || '0.0.0.0'
  const refuse = (why: string): never => {
    throw new ApiError(
      500,
      `failed to set up container networking: driver failed programming external connectivity on endpoint ${c.name} (${e.id}): ${why}`,
    )
  }
  for (const other of d.containers.values()) {
    if (other === c || other.status !== 'running') continue
    if (published(other).some((p) => p.hostPort === hostPort && p.protocol === protocol))
      refuse(`Bind for ${hostIp}:${hostPort} failed: port is already allocated`)
  }
  // The port must be free on the host as well: somebody else may listen there.
  const probe = yield* sys.socket('inet', 'stream')
  if (!isErr(probe)) {
    const taken = yield* sys.bind(probe, { family: 'inet', address: hostIp, port: hostPort })
    yield* sys.close(probe)
    if (taken)
      refuse(
        `failed to bind host port for ${hostIp}:${hostPort}:${e.address}:${port}/${protocol}: ${taken.text.toLowerCase()}`,
      )
  }
  const bound: Published = { port: Number(port), protocol, hostIp, hostPort }
  c.ports = [...c.ports, bound]
  if (n) yield* put(sys, portRules(n, e.address, bound))
  if (protocol !== 'tcp') return
  const proxy = yield* sys.fork(function* (child) {
    yield* child.closeRange(3)
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
/** The published ports of a running container. */
export const published = (c: Container): readonly Published[] => c.ports

/** Takes rules and proxies of a container away. */
export function* unpublish(sys: Sys, d: Daemon, c: Container): Run<void> {
  const e = c.endpoints.find((x) => x.address !== '')
  const n = e && d.networks.get(e.network)
  if (e && n) for (const p of published(c)) yield* withdraw(sys, portRules(n, e.address, p))
  c.ports = []
  for (const pid of c.proxies) {
    yield* sys.kill(pid, 9)
    yield* sys.wait(pid)
  }
  c.proxies = []
  for (const x of c.endpoints) yield* unplug(sys, d, x)
}
