/** Networks of containers: a namespace each, connected by pasta (rootless) or by bridges (netavark); published ports; names by aardvark-dns. */
import { hex } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import {
  CLONE_NEWNET,
  MS_BIND,
  O_CLOEXEC,
  O_CREAT,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from '../../kernel/linux/fs/flags.ts'
import { formatAddress, maskOf, parseAddress, parseCidr } from '../../kernel/linux/net/address.ts'
import type { AddressInfo, LinkInfo, RouteInfo } from '../../kernel/linux/net/netlink.ts'
import { decode, readAll, readText } from '../../userland/lib/io.ts'
import { waitFor } from '../../userland/lib/run.ts'
import { loadJson, locked, makeFolders, putFile, saveJson } from '../containers/files.ts'
import { Problem } from '../containers/problem.ts'
import { isoTime } from '../containers/storage.ts'
import { namesIn } from '../layers.ts'
import type { Libpod } from './libpod.ts'
import type { Container, Endpoint, Port } from './types.ts'

/** A network's file, as netavark's configuration has it. */
export interface Network {
  readonly name: string
  readonly id: string
  readonly driver: string
  readonly network_interface: string
  readonly created: string
  readonly subnets: readonly { readonly subnet: string; readonly gateway: string }[]
  readonly ipv6_enabled: boolean
  readonly internal: boolean
  readonly dns_enabled: boolean
  readonly labels?: Readonly<Record<string, string>>
  readonly options?: Readonly<Record<string, string>>
  readonly ipam_options: { readonly driver: string }
}
export const DEFAULT_NETWORK = 'podman'
const DEFAULT_ID = '2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9'
const folder = (lp: Libpod): string =>
  lp.place.rootless ? `${lp.place.graphRoot}/networks` : '/etc/containers/networks'
const runFolder = (lp: Libpod): string =>
  lp.place.rootless ? `${lp.place.runtimeDir}/containers/networks` : '/run/containers/networks'

/** Every network, the default one among them, by name. */
export function* networks(lp: Libpod): Run<Network[]> {
  const out: Network[] = []
  for (const file of yield* namesIn(lp.sys, folder(lp)))
    if (file.endsWith('.json')) {
      const n = yield* loadJson<Network | undefined>(lp.sys, `${folder(lp)}/${file}`, undefined)
      if (n) out.push(n)
    }
  if (!out.some((n) => n.name === DEFAULT_NETWORK))
    out.push({
      name: DEFAULT_NETWORK,
      id: DEFAULT_ID,
      driver: 'bridge',
      network_interface: 'podman0',
      created: isoTime(yield* lp.now()),
      subnets: [{ subnet: '10.88.0.0/16', gateway: '10.88.0.1' }],
      ipv6_enabled: false,
      internal: false,
      dns_enabled: false,
      ipam_options: { driver: 'host-local' },
    })
  return out.sort((a, b) => (a.name < b.name ? -1 : 1))
}
export function* findNetwork(lp: Libpod, name: string): Run<Network> {
  const list = yield* networks(lp)
  const hit =
    list.find((n) => n.name === name || n.id === name) ??
    (/^[0-9a-f]+$/.test(name) ? list.find((n) => n.id.startsWith(name)) : undefined)
  if (!hit) throw new Problem(`unable to find network with name or ID ${name}: network not found`)
  return hit
}
/** podman network create: a subnet of the pool from 10.89.0.0, unless one is given. */
export function* createNetwork(
  lp: Libpod,
  o: {
    readonly name: string | undefined
    readonly subnet?: string | undefined
    readonly gateway?: string | undefined
    readonly internal?: boolean
    readonly dns?: boolean
    readonly labels?: Readonly<Record<string, string>>
  },
): Run<Network> {
  const list = yield* networks(lp)
  const names = list.map((n) => n.name)
  if (o.name !== undefined && names.includes(o.name))
    throw new Problem(`network name ${o.name} already used: network already exists`)
  if (o.name !== undefined && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(o.name))
    throw new Problem(`network name ${o.name} invalid: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`)
  let number = 1
  while (list.some((n) => n.network_interface === `podman${number}`)) number++
  const taken = (cidr: string): boolean => list.some((n) => n.subnets.some((s) => overlap(s.subnet, cidr)))
  let subnet = o.subnet
  if (subnet !== undefined) {
    const c = parseCidr(subnet)
    if (!c || !subnet.includes('/')) throw new Problem(`invalid CIDR address: ${subnet}`)
    subnet = `${formatAddress((c.address & maskOf(c.prefix)) >>> 0)}/${c.prefix}`
    if (taken(subnet)) throw new Problem(`subnet ${subnet} is already used on the host or by another config`)
  } else {
    for (let n = 0; n < 256 && subnet === undefined; n++) if (!taken(`10.89.${n}.0/24`)) subnet = `10.89.${n}.0/24`
  }
  const chosen = subnet ?? '10.89.0.0/24'
  const base = parseCidr(chosen)?.address ?? 0
  const made: Network = {
    name: o.name ?? freeName(names),
    id: yield* lp.newId(),
    driver: 'bridge',
    network_interface: `podman${number}`,
    created: isoTime(yield* lp.now()),
    subnets: [{ subnet: chosen, gateway: o.gateway ?? formatAddress(base + 1) }],
    ipv6_enabled: false,
    internal: o.internal ?? false,
    dns_enabled: o.dns ?? true,
    ...(o.labels && Object.keys(o.labels).length > 0 ? { labels: o.labels } : {}),
    ipam_options: { driver: 'host-local' },
  }
  yield* makeFolders(lp.sys, folder(lp))
  yield* saveJson(lp.sys, `${folder(lp)}/${made.name}.json`, made)
  return made
}
function freeName(names: readonly string[]): string {
  for (let n = 1; ; n++) if (!names.includes(`podman${n}`)) return `podman${n}`
}
function overlap(a: string, b: string): boolean {
  const x = parseCidr(a)
  const y = parseCidr(b)
  if (!x || !y) return false
  const mask = maskOf(Math.min(x.prefix, y.prefix))
  return (x.address & mask) === (y.address & mask)
}
export function* removeNetwork(lp: Libpod, n: Network): Run<void> {
  yield* lp.sys.unlink(`${folder(lp)}/${n.name}.json`)
  yield* inBridges(lp, function* (t) {
    yield* t.netlink({ op: 'link.del', name: n.network_interface })
  })
}

// --- namespaces ---
/** A new network namespace, held by a bind mount of its file; netns.NewNS. */
export function* newNetns(lp: Libpod): Run<string> {
  const dir = `${lp.place.runtimeDir}/netns`
  yield* makeFolders(lp.sys, dir)
  const id = hex(yield* lp.sys.getrandom(16))
  const path = `${dir}/netns-${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`
  yield* bindNewNetns(lp.sys, path)
  return path
}
function* bindNewNetns(sys: Sys, path: string): Run<void> {
  const fd = yield* sys.open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
  if (!isErr(fd)) yield* sys.close(fd)
  const child = yield* sys.fork(function* (own) {
    if (yield* own.unshare(CLONE_NEWNET)) return 1
    yield* own.netlink({ op: 'link.set', name: 'lo', up: true })
    yield* own.netlink({ op: 'addr.add', name: 'lo', address: '127.0.0.1', prefix: 8 })
    return (yield* own.mount('/proc/self/ns/net', path, 'bind', MS_BIND)) ? 1 : 0
  })
  const r = isErr(child) ? { code: 1 } : yield* waitFor(sys, child)
  if (r.code !== 0) throw new Problem('creating network namespace: operation not permitted')
}
export function* dropNetns(lp: Libpod, path: string): Run<void> {
  yield* lp.sys.umount(path, 2)
  yield* lp.sys.unlink(path)
}
/** Runs in a thread that has joined a namespace, and waits for it. A Problem of it is passed on. */
export function* inNetns(sys: Sys, path: string, body: (t: Sys) => Run<void>): Run<void> {
  let ended = false
  let problem: Problem | undefined
  sys.thread(function* (t) {
    const fd = yield* t.open(path, O_RDONLY | O_CLOEXEC)
    if (isErr(fd)) problem = new Problem(`open ${path}: ${fd.text.toLowerCase()}`)
    else {
      yield* t.setns(fd, CLONE_NEWNET)
      yield* t.close(fd)
      try {
        yield* body(t)
      } catch (e) {
        if (!(e instanceof Problem)) throw e
        problem = e
      }
    }
    ended = true
  })
  while (!ended) yield* sys.schedYield()
  if (problem) throw problem
}
const rootlessNetns = (lp: Libpod): string => `${runFolder(lp)}/rootless-netns/rootless-netns`
/** Runs where the bridges are: on the host for root; for others in a namespace of the user's, which pasta connects. */
function* inBridges(lp: Libpod, body: (t: Sys) => Run<void>): Run<void> {
  if (!lp.place.rootless) {
    yield* body(lp.sys)
    return
  }
  const path = rootlessNetns(lp)
  if (isErr(yield* lp.sys.stat(path))) return
  yield* inNetns(lp.sys, path, body)
}
/** Makes the user's namespace of bridges, where it isn't there. */
function* prepareBridges(lp: Libpod): Run<void> {
  if (!lp.place.rootless || !isErr(yield* lp.sys.stat(rootlessNetns(lp)))) return
  yield* makeFolders(lp.sys, `${runFolder(lp)}/rootless-netns`)
  yield* bindNewNetns(lp.sys, rootlessNetns(lp))
  yield* runPasta(lp, rootlessNetns(lp), [], `${runFolder(lp)}/rootless-netns/rootless-netns-conn.pid`)
}
/** Starts pasta for a namespace: its pid. Throws Problem with what it says. */
function* runPasta(lp: Libpod, netns: string, ports: readonly Port[], pidFile: string): Run<number> {
  const { sys } = lp
  const forwards = ports.flatMap((p) => [
    p.protocol === 'tcp' ? '-t' : '-u',
    `${p.hostIp && p.hostIp !== '0.0.0.0' ? `${p.hostIp}/` : ''}${p.hostPort}-${p.hostPort}:${p.containerPort}-${p.containerPort}`,
  ])
  const has = (flag: string): boolean => forwards.includes(flag)
  const argv = [
    '/usr/bin/pasta',
    '--config-net',
    ...forwards,
    '--dns-forward',
    PASTA_DNS,
    ...(has('-t') ? [] : ['-t', 'none']),
    ...(has('-u') ? [] : ['-u', 'none']),
    '-T',
    'none',
    '-U',
    'none',
    '--no-map-gw',
    '--quiet',
    '--netns',
    netns,
    '--map-guest-addr',
    PASTA_HOST,
    '-P',
    pidFile,
  ]
  const errors = yield* sys.pipe()
  if (isErr(errors)) throw new Problem(errors.text)
  const pid = yield* sys.fork(function* (child) {
    yield* child.dup2(errors[1], 2)
    for (let fd = 3; fd < 64; fd++) yield* child.close(fd)
    const failed = yield* child.execve('/usr/bin/pasta', argv, child.environ())
    return failed.number
  })
  yield* sys.close(errors[1])
  if (isErr(pid)) throw new Problem(`could not start pasta: ${pid.text}`)
  const r = yield* waitFor(sys, pid)
  const said = yield* readAll(sys, errors[0])
  yield* sys.close(errors[0])
  if (r.code !== 0) throw new Problem(`pasta failed with exit code ${r.code ?? 1}:\n${isErr(said) ? '' : decode(said)}`)
  const text = yield* readText(sys, pidFile)
  return isErr(text) ? 0 : Number(text)
}
/** Where pasta answers for the host's name server, and for the host. */
const PASTA_DNS = '169.254.1.1'
export const PASTA_HOST = '169.254.1.2'

// --- a container's network ---
export interface Connected {
  readonly netns: string | undefined
  readonly endpoints: readonly Endpoint[]
  readonly helpers: readonly number[]
}
/** Connects a container's namespace before it starts. Throws Problem; nothing is left then. */
export function* connect(lp: Libpod, c: Container): Run<Connected> {
  const { network, ports } = c.config
  // Where nothing is connected, the runtime makes a namespace by itself, joins another's, or makes none.
  if (network.kind !== 'pasta' && network.kind !== 'bridge') return { netns: undefined, endpoints: [], helpers: [] }
  const netns = yield* newNetns(lp)
  try {
    if (network.kind !== 'bridge') {
      const pid = yield* runPasta(lp, netns, ports, `${lp.place.tmp}/pasta-${c.config.id.slice(0, 12)}.pid`)
      return { netns, endpoints: [], helpers: [pid] }
    }
    const endpoints = yield* connectBridges(lp, c, netns, network.networks)
    const helpers = yield* publish(lp, c, netns, endpoints)
    return { netns, endpoints, helpers }
  } catch (e) {
    yield* dropNetns(lp, netns)
    throw e
  }
}
/** Takes a container's connections away. */
export function* disconnect(lp: Libpod, c: Container): Run<void> {
  const { sys } = lp
  for (const pid of c.state.helpers) if (pid > 0) yield* sys.kill(pid, 15)
  yield* sys.unlink(`${lp.place.tmp}/pasta-${c.config.id.slice(0, 12)}.pid`)
  for (const e of c.state.endpoints) {
    yield* inBridges(lp, function* (t) {
      yield* t.netlink({ op: 'link.del', name: vethName(c, e) })
      if (!lp.place.rootless) yield* natRules(t, c, e, 'nft.delete')
    })
    yield* names(lp, e.network, c, undefined)
  }
  if (c.state.netns !== undefined) yield* dropNetns(lp, c.state.netns)
}
const vethName = (c: Container, e: Pick<Endpoint, 'interface'>): string =>
  `veth${c.config.id.slice(0, 6)}${e.interface.replace(/^eth/, '')}`

/** netavark's work for bridge networks: bridge, veth pair, address, route, NAT. */
function* connectBridges(
  lp: Libpod,
  c: Container,
  netns: string,
  wanted: readonly {
    readonly name: string
    readonly address?: string
    readonly mac?: string
    readonly aliases: readonly string[]
  }[],
): Run<Endpoint[]> {
  const out: Endpoint[] = []
  yield* prepareBridges(lp)
  for (const [i, w] of wanted.entries()) {
    const n = yield* findNetwork(lp, w.name)
    const { subnet, gateway } = n.subnets[0] ?? { subnet: '', gateway: '' }
    const cidr = parseCidr(subnet)
    if (!cidr) throw new Problem(`network ${n.name} has no subnet`)
    const address = yield* lease(lp, n, w.address)
    const e: Endpoint = {
      network: n.name,
      interface: `eth${i}`,
      address,
      prefix: cidr.prefix,
      gateway: n.internal ? '' : gateway,
      mac: w.mac ?? [0x0a, ...(yield* lp.sys.getrandom(5))].map((b) => b.toString(16).padStart(2, '0')).join(':'),
    }
    const ns = yield* lp.sys.open(netns, O_RDONLY | O_CLOEXEC)
    if (isErr(ns)) throw new Problem(ns.text)
    const plug = function* (t: Sys): Run<void> {
      const links = yield* t.netlink<readonly LinkInfo[]>({ op: 'link.dump' })
      if (!isErr(links) && !links.some((l) => l.name === n.network_interface)) {
        yield* t.netlink({ op: 'link.add', name: n.network_interface, type: 'bridge' })
        yield* t.netlink({ op: 'addr.add', name: n.network_interface, address: gateway, prefix: cidr.prefix })
        yield* t.netlink({ op: 'link.set', name: n.network_interface, up: true })
        yield* t.netlink({ op: 'sysctl.set', name: 'net.ipv4.ip_forward', value: '1' })
        if (!n.internal)
          yield* t.netlink({
            op: 'nft.append',
            table: 'nat',
            chain: 'POSTROUTING',
            rule: { source: cidr, out: n.network_interface, notOut: true, target: 'MASQUERADE' },
          })
      }
      const host = vethName(c, e)
      yield* t.netlink({ op: 'link.add', name: host, type: 'veth', peer: { name: `${host}p` } })
      yield* t.netlink({ op: 'link.set', name: host, master: n.network_interface })
      yield* t.netlink({ op: 'link.set', name: `${host}p`, mac: e.mac })
      const failed = yield* t.netlink({ op: 'link.set', name: `${host}p`, netnsFd: ns, newName: e.interface })
      if (isErr(failed)) throw new Problem(`netavark: create veth pair: ${failed.text}`)
      yield* t.netlink({ op: 'link.set', name: host, up: true })
    }
    yield* lp.place.rootless ? inNetns(lp.sys, rootlessNetns(lp), plug) : plug(lp.sys)
    yield* lp.sys.close(ns)
    yield* inNetns(lp.sys, netns, function* (t) {
      yield* t.netlink({ op: 'addr.add', name: e.interface, address: e.address, prefix: e.prefix })
      yield* t.netlink({ op: 'link.set', name: e.interface, up: true })
      if (i === 0 && e.gateway !== '')
        yield* t.netlink({ op: 'route.add', destination: '0.0.0.0', prefix: 0, gateway: e.gateway })
    })
    if (n.dns_enabled) yield* names(lp, n.name, c, { address, aliases: w.aliases, gateway })
    out.push(e)
  }
  return out
}
/** The lowest address of a network that no container has; netavark keeps them in ipam.db. */
function* lease(lp: Libpod, n: Network, wanted: string | undefined): Run<string> {
  const { subnet, gateway } = n.subnets[0] ?? { subnet: '0.0.0.0/0', gateway: '' }
  const cidr = parseCidr(subnet) ?? { address: 0, prefix: 32 }
  const used = new Set([gateway])
  for (const c of yield* lp.all()) for (const e of c.state.endpoints) if (e.network === n.name) used.add(e.address)
  if (wanted !== undefined) {
    const a = parseAddress(wanted)
    if (a === undefined || ((a ^ cidr.address) & maskOf(cidr.prefix)) !== 0)
      throw new Problem(`requested static ip ${wanted} not in any subnet on network ${n.name}`)
    if (used.has(wanted))
      throw new Problem(`IPAM error: requested ip address ${wanted} is already allocated to container ID`)
    return wanted
  }
  for (let a = cidr.address + 2; a < cidr.address + 2 ** (32 - cidr.prefix) - 1; a++)
    if (!used.has(formatAddress(a))) return formatAddress(a)
  throw new Problem(`IPAM error: failed to find free IP in range: ${subnet}`)
}
function* natRules(t: Sys, c: Container, e: Endpoint, op: 'nft.append' | 'nft.delete'): Run<void> {
  for (const p of c.config.ports)
    for (const chain of ['PREROUTING', 'OUTPUT'])
      yield* t.netlink({
        op,
        table: 'nat',
        chain,
        rule: {
          dstLocal: true,
          protocol: p.protocol,
          dport: p.hostPort,
          target: 'DNAT',
          toAddress: parseAddress(e.address) ?? 0,
          toPort: p.containerPort,
        },
      })
}
/** Published ports of a bridged container: NAT rules for root, a process that forwards for others. */
function* publish(lp: Libpod, c: Container, netns: string, endpoints: readonly Endpoint[]): Run<number[]> {
  const first = endpoints[0]
  if (c.config.ports.length === 0 || !first) return []
  const { sys } = lp
  if (!lp.place.rootless) {
    for (const p of c.config.ports) {
      const probe = yield* sys.socket('inet', 'stream')
      const taken = isErr(probe)
        ? undefined
        : yield* sys.bind(probe, { family: 'inet', address: p.hostIp || '0.0.0.0', port: p.hostPort })
      if (!isErr(probe)) yield* sys.close(probe)
      if (taken)
        throw new Problem(
          `cannot listen on the TCP port: listen tcp4 :${p.hostPort}: bind: ${taken.text.toLowerCase()}`,
        )
    }
    yield* natRules(sys, c, first, 'nft.append')
    return []
  }
  const errors = yield* sys.pipe()
  if (isErr(errors)) throw new Problem(errors.text)
  const spec = c.config.ports.map((p) => `${p.hostIp || '0.0.0.0'}/${p.hostPort}:${p.containerPort}`).join(',')
  const pid = yield* sys.fork(function* (child) {
    yield* child.dup2(errors[1], 2)
    for (let fd = 3; fd < 64; fd++) yield* child.close(fd)
    const failed = yield* child.execve(
      '/usr/libexec/podman/rootlessport',
      ['rootlessport', netns, first.address, spec],
      child.environ(),
    )
    return failed.number
  })
  yield* sys.close(errors[1])
  if (isErr(pid)) throw new Problem(pid.text)
  const said = yield* readAll(sys, errors[0])
  yield* sys.close(errors[0])
  const text = isErr(said) ? '' : decode(said).trim()
  const known = /^ready (\d+)$/.exec(text)
  yield* waitFor(sys, pid)
  if (!known) throw new Problem(text)
  return [Number(known[1])]
}

// --- names ---
const dnsFolder = (lp: Libpod): string => `${runFolder(lp)}/aardvark-dns`
/** Enters a container into a network's names, or takes it out; the name server is started with the first and told of the others. */
function* names(
  lp: Libpod,
  network: string,
  c: Container,
  add: { readonly address: string; readonly aliases: readonly string[]; readonly gateway: string } | undefined,
): Run<void> {
  const { sys } = lp
  const file = `${dnsFolder(lp)}/${network}`
  yield* makeFolders(sys, dnsFolder(lp))
  let left = 0
  yield* locked(sys, `${dnsFolder(lp)}/aardvark.lock`, function* () {
    const text = yield* readText(sys, file)
    const rows = isErr(text) ? [] : text.split('\n').filter(Boolean)
    const others = rows.slice(1).filter((r) => !r.startsWith(c.config.id))
    const own = add
      ? [`${c.config.id} ${add.address}  ${[c.config.name, c.config.id.slice(0, 12), ...add.aliases].join(',')}`]
      : []
    left = others.length + own.length
    if (left === 0) yield* sys.unlink(file)
    else yield* putFile(sys, file, `${[add?.gateway ?? rows[0] ?? '', ...others, ...own].join('\n')}\n`)
  })
  const pidText = yield* readText(sys, `${dnsFolder(lp)}/aardvark.pid`)
  const pid = isErr(pidText) ? 0 : Number(pidText)
  const alive = pid > 0 && !isErr(yield* sys.stat(`/proc/${pid}`))
  const any = (yield* namesIn(sys, dnsFolder(lp))).some((n) => !n.startsWith('aardvark.'))
  if (alive) {
    yield* sys.kill(pid, any ? 1 : 15)
    if (!any) yield* sys.unlink(`${dnsFolder(lp)}/aardvark.pid`)
    return
  }
  if (!any) return
  const start = function* (t: Sys): Run<void> {
    const helper = yield* t.fork(function* (child) {
      const server = yield* child.fork(function* (own) {
        yield* own.setsid()
        const nothing = yield* own.open('/dev/null', O_RDWR)
        if (!isErr(nothing)) for (const fd of [0, 1, 2]) yield* own.dup2(nothing, fd)
        for (let fd = 3; fd < 64; fd++) yield* own.close(fd)
        const failed = yield* own.execve(
          '/usr/libexec/podman/aardvark-dns',
          ['/usr/libexec/podman/aardvark-dns', '--config', dnsFolder(lp), '-p', '53', 'run'],
          own.environ(),
        )
        return failed.number
      })
      const fd = yield* child.open(`${dnsFolder(lp)}/aardvark.pid`, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
      if (!isErr(fd)) yield* child.write(fd, new TextEncoder().encode(String(isErr(server) ? 0 : server)))
      return 0
    })
    if (!isErr(helper)) yield* waitFor(t, helper)
  }
  yield* lp.place.rootless ? inNetns(sys, rootlessNetns(lp), start) : start(sys)
}
/** /etc/resolv.conf of a container: the network's own name server, pasta's, or the host's. */
export function* resolvConf(lp: Libpod, c: Container): Run<string> {
  const { network, dns } = c.config
  const host = yield* readText(lp.sys, '/etc/resolv.conf')
  if (dns.length > 0) return dns.map((d) => `nameserver ${d}\n`).join('')
  if (network.kind === 'pasta') return `nameserver ${PASTA_DNS}\n`
  if (network.kind === 'bridge') {
    const servers: string[] = []
    for (const w of network.networks) {
      const n = yield* findNetwork(lp, w.name)
      if (n.dns_enabled) servers.push(n.subnets[0]?.gateway ?? '')
    }
    if (servers.length > 0) return `search dns.podman\n${servers.map((s) => `nameserver ${s}\n`).join('')}`
    if (lp.place.rootless) return `nameserver ${PASTA_DNS}\n`
  }
  return isErr(host) ? '' : host
}
/** The address that the host has for others: of the interface with the default route. */
export function* hostAddress(sys: Sys): Run<string | undefined> {
  const routes = yield* sys.netlink<readonly RouteInfo[]>({ op: 'route.dump' })
  const addresses = yield* sys.netlink<readonly AddressInfo[]>({ op: 'addr.dump' })
  const route = isErr(routes) ? undefined : routes.find((r) => r.prefix === 0)
  return isErr(addresses) ? undefined : addresses.find((a) => a.link === route?.link)?.address
}
