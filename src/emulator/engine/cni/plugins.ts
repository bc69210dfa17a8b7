/**
 * CNI plugins, as programs of /opt/cni/bin: bridge with its address manager host-local, loopback, portmap and firewall; what each does is
 * what the reference plugins (containernetworking/plugins) do. The request comes by the environment and standard input.
 */
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { CLONE_NEWNET, O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { formatAddress, parseAddress } from '../../kernel/linux/net/address.ts'
import { digestOf } from '../../oci/digest.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { decode, print, readAll, readText, writeAll } from '../../userland/lib/io.ts'
import { type CniResult, type PortMapping, runPlugin } from './runtime.ts'

interface Ipam {
  readonly type: string
  readonly subnet?: string
  readonly ranges?: readonly (readonly { readonly subnet: string; readonly gateway?: string }[])[]
  readonly routes?: readonly { readonly dst: string; readonly gw?: string }[]
  readonly dataDir?: string
}
interface Request {
  readonly command: string
  readonly id: string
  readonly netns: string
  readonly ifName: string
  readonly conf: {
    readonly cniVersion: string
    readonly name: string
    readonly type: string
    readonly bridge?: string
    readonly isGateway?: boolean
    readonly isDefaultGateway?: boolean
    readonly ipMasq?: boolean
    readonly mtu?: number
    readonly ipam?: Ipam
    readonly prevResult?: CniResult
    readonly runtimeConfig?: { readonly portMappings?: readonly PortMapping[] }
  }
}
/** A failure: CNI specification, "Error". */
class Failed {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
const check = (failed: unknown, what: string): void => {
  if (isErr(failed)) throw new Failed(`${what}: ${failed.text.toLowerCase()}`)
}
/** A plugin's frame: reads the request, does ADD or DEL, answers in JSON. */
const plugin = (
  about: string,
  add: (sys: Sys, r: Request) => Run<CniResult>,
  del: (sys: Sys, r: Request) => Run<void>,
): Program =>
  function* (sys) {
    const env = new Map(sys.environ().map((e) => [e.slice(0, e.indexOf('=')), e.slice(e.indexOf('=') + 1)]))
    const fail = function* (code: number, msg: string): Run<number> {
      yield* print(sys, `${JSON.stringify({ cniVersion: '1.0.0', code, msg }, null, 4)}\n`)
      return 1
    }
    const command = env.get('CNI_COMMAND')
    if (command === undefined) {
      yield* print(
        sys,
        `CNI ${about}\nCNI protocol versions supported: 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0\n`,
      )
      return 0
    }
    if (command === 'VERSION') {
      yield* print(
        sys,
        '{"cniVersion":"1.1.0","supportedVersions":["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}\n',
      )
      return 0
    }
    const needed = ['CNI_CONTAINERID', 'CNI_IFNAME', ...(command === 'ADD' ? ['CNI_NETNS'] : []), 'CNI_PATH']
    const missing = needed.filter((n) => !env.get(n))
    if (missing.length > 0) return yield* fail(4, `required env variables [${missing.join(',')}] missing`)
    if (command !== 'ADD' && command !== 'DEL') return yield* fail(4, `zukan: not emulated: CNI_COMMAND ${command}`)
    const bytes = yield* readAll(sys, 0)
    let conf: Request['conf']
    try {
      conf = JSON.parse(isErr(bytes) ? '' : decode(bytes)) as Request['conf']
    } catch (e) {
      return yield* fail(6, `error unmarshall network config: ${(e as Error).message}`)
    }
    const request = {
      command,
      id: env.get('CNI_CONTAINERID') ?? '',
      netns: env.get('CNI_NETNS') ?? '',
      ifName: env.get('CNI_IFNAME') ?? '',
      conf,
    }
    try {
      if (command === 'ADD') yield* print(sys, `${JSON.stringify(yield* add(sys, request), null, 4)}\n`)
      else yield* del(sys, request)
      return 0
    } catch (e) {
      if (!(e instanceof Failed)) throw e
      return yield* fail(999, e.message)
    }
  }
/** Runs in a network namespace, by its file, and waits. */
function* within(sys: Sys, netns: string, body: (t: Sys) => Run<void>): Run<void> {
  let finished = false
  let problem: unknown
  sys.thread(function* (t) {
    try {
      const fd = yield* t.open(netns, O_RDONLY)
      check(fd, `failed to open netns ${JSON.stringify(netns)}`)
      check(yield* t.setns(fd as number, CLONE_NEWNET), 'setns')
      yield* body(t)
    } catch (e) {
      problem = e
    }
    finished = true
  })
  while (!finished) yield* sys.schedYield()
  if (problem !== undefined) throw problem
}

// --- host-local: addresses of a range, each a file below /var/lib/cni/networks ---
const rangeOf = (ipam: Ipam): { readonly base: number; readonly prefix: number; readonly gateway: string } => {
  const range = ipam.ranges?.[0]?.[0] ?? { subnet: ipam.subnet ?? '' }
  const [a = '', p = ''] = range.subnet.split('/')
  const address = parseAddress(a)
  const prefix = Number(p)
  if (address === undefined || !(prefix > 0 && prefix < 31)) throw new Failed(`invalid CIDR address: ${range.subnet}`)
  const base = (address & (0xffffffff << (32 - prefix))) >>> 0
  return { base, prefix, gateway: range.gateway ?? formatAddress(base + 1) }
}
const storeOf = (r: Request): string => `${r.conf.ipam?.dataDir ?? '/var/lib/cni/networks'}/${r.conf.name}`
export const hostLocal = plugin(
  'host-local plugin v1.8.0',
  function* (sys, r) {
    const ipam = r.conf.ipam
    if (!ipam) throw new Failed("IPAM config missing 'ipam' key")
    const { base, prefix, gateway } = rangeOf(ipam)
    const dir = storeOf(r)
    yield* makeDirs(sys, dir)
    const last = yield* readText(sys, `${dir}/last_reserved_ip.0`)
    const size = 2 ** (32 - prefix)
    const first = Math.max(1, isErr(last) ? 1 : (parseAddress(last) ?? base) - base + 1)
    // The next after the one given last, around the range.
    for (let n = 0; n < size; n++) {
      const offset = ((first - 1 + n) % (size - 2)) + 1
      const address = formatAddress(base + offset)
      if (address === gateway) continue
      const fd = yield* sys.open(`${dir}/${address}`, O_WRONLY | O_CREAT | O_EXCL, 0o644)
      if (isErr(fd)) continue
      yield* writeAll(sys, fd, new TextEncoder().encode(`${r.id}\r\n${r.ifName}`))
      yield* sys.close(fd)
      yield* sys.unlink(`${dir}/last_reserved_ip.0`)
      const mark = yield* sys.open(`${dir}/last_reserved_ip.0`, O_WRONLY | O_CREAT, 0o644)
      if (!isErr(mark)) {
        yield* writeAll(sys, mark, new TextEncoder().encode(address))
        yield* sys.close(mark)
      }
      return {
        cniVersion: r.conf.cniVersion,
        ips: [{ address: `${address}/${prefix}`, gateway }],
        ...(ipam.routes ? { routes: ipam.routes } : {}),
        dns: {},
      }
    }
    throw new Failed(
      `failed to allocate for range 0: no IP addresses available in range set: ${formatAddress(base + 1)}-${formatAddress(base + size - 2)}`,
    )
  },
  function* (sys, r) {
    const dir = storeOf(r)
    const fd = yield* sys.open(dir, O_RDONLY)
    const entries = isErr(fd) ? fd : yield* sys.getdents(fd)
    if (!isErr(fd)) yield* sys.close(fd)
    for (const e of isErr(entries) ? [] : entries) {
      if (!/^\d/.test(e.name)) continue
      const owner = yield* readText(sys, `${dir}/${e.name}`)
      if (!isErr(owner) && owner.split('\r\n')[0] === r.id) yield* sys.unlink(`${dir}/${e.name}`)
    }
  },
)

// --- bridge ---
/** The chain that hides a container's address behind the host's: named after network and container. */
const masqChain = (r: Request): string => `CNI-${digestOf(new TextEncoder().encode(r.conf.name + r.id)).slice(7, 31)}`
const own = (address: string) => ({ address: parseAddress(address) ?? 0, prefix: 32 })
function* masquerade(sys: Sys, r: Request, address: string, op: 'add' | 'del'): Run<void> {
  if (!r.conf.ipMasq || !r.conf.ipam) return
  const { base, prefix } = rangeOf(r.conf.ipam)
  const chain = masqChain(r)
  const jump = { source: own(address), comment: `name: "${r.conf.name}" id: "${r.id}"`, target: chain }
  if (op === 'del') {
    yield* sys.netlink({ op: 'nft.delete', table: 'nat', chain: 'POSTROUTING', rule: jump })
    yield* sys.netlink({ op: 'nft.flush', table: 'nat', chain })
    yield* sys.netlink({ op: 'nft.delchain', table: 'nat', chain })
    return
  }
  yield* sys.netlink({ op: 'nft.chain', table: 'nat', chain })
  yield* sys.netlink({
    op: 'nft.append',
    table: 'nat',
    chain,
    rule: { destination: { address: base, prefix }, target: 'ACCEPT' },
  })
  yield* sys.netlink({
    op: 'nft.append',
    table: 'nat',
    chain,
    rule: { destination: { address: parseAddress('224.0.0.0') ?? 0, prefix: 4, not: true }, target: 'MASQUERADE' },
  })
  yield* sys.netlink({ op: 'nft.append', table: 'nat', chain: 'POSTROUTING', rule: jump })
}
export const bridge = plugin(
  'bridge plugin v1.8.0',
  function* (sys, r) {
    const name = r.conf.bridge ?? 'cni0'
    const made = yield* sys.netlink({ op: 'link.add', name, type: 'bridge' })
    if (isErr(made) && made.name !== 'EEXIST')
      throw new Failed(`failed to create bridge ${JSON.stringify(name)}: ${made.text.toLowerCase()}`)
    yield* sys.netlink({ op: 'link.set', name, up: true })
    const ipam = yield* runPlugin(sys, r.conf.ipam?.type ?? '', 'ADD', r.conf, r)
    if ('error' in ipam) throw new Failed(ipam.error)
    const ip = ipam.result.ips?.[0]
    const [address = '', prefix = '16'] = (ip?.address ?? '').split('/')
    const gateway = ip?.gateway ?? ''
    const host = `veth${[...(yield* sys.getrandom(4))].map((b) => b.toString(16).padStart(2, '0')).join('')}`
    const mac = `${[0x02 | 0x08, ...(yield* sys.getrandom(5))].map((b) => b.toString(16).padStart(2, '0')).join(':')}`
    const temporary = `tmp${host.slice(4)}`
    check(
      yield* sys.netlink({ op: 'link.add', name: host, type: 'veth', peer: { name: temporary } }),
      'failed to create veth',
    )
    yield* sys.netlink({ op: 'link.set', name: temporary, mac })
    const fd = yield* sys.open(r.netns, O_RDONLY)
    check(fd, `failed to open netns ${JSON.stringify(r.netns)}`)
    check(
      yield* sys.netlink({ op: 'link.set', name: temporary, netnsFd: fd as number, newName: r.ifName }),
      `failed to move veth to ${r.netns}`,
    )
    yield* sys.close(fd as number)
    yield* sys.netlink({ op: 'link.set', name: host, master: name })
    yield* sys.netlink({ op: 'link.set', name: host, up: true })
    yield* within(sys, r.netns, function* (t) {
      yield* t.netlink({ op: 'addr.add', name: r.ifName, address, prefix: Number(prefix) })
      yield* t.netlink({ op: 'link.set', name: r.ifName, up: true })
      for (const route of ipam.result.routes ?? []) {
        const [destination = '', bits = '0'] = route.dst.split('/')
        yield* t.netlink({ op: 'route.add', destination, prefix: Number(bits), gateway: route.gw ?? gateway })
      }
    })
    if (r.conf.isGateway || r.conf.isDefaultGateway) {
      yield* sys.netlink({ op: 'addr.add', name, address: gateway, prefix: Number(prefix) })
      yield* sys.netlink({ op: 'sysctl.set', name: 'net.ipv4.ip_forward', value: '1' })
    }
    yield* masquerade(sys, r, address, 'add')
    return {
      ...ipam.result,
      cniVersion: r.conf.cniVersion,
      interfaces: [{ name }, { name: host }, { name: r.ifName, mac, sandbox: r.netns }],
      ips: [{ address: `${address}/${prefix}`, gateway, interface: 2 }],
    }
  },
  function* (sys, r) {
    const address = r.conf.prevResult?.ips?.[0]?.address.split('/')[0]
    yield* runPlugin(sys, r.conf.ipam?.type ?? '', 'DEL', r.conf, r)
    // The end on the bridge goes with the one in the container.
    if (r.netns !== '')
      yield* within(sys, r.netns, function* (t) {
        yield* t.netlink({ op: 'link.del', name: r.ifName })
      })
    if (address !== undefined) yield* masquerade(sys, r, address, 'del')
  },
)

export const loopback = plugin(
  'loopback plugin v1.8.0',
  function* (sys, r) {
    yield* within(sys, r.netns, function* (t) {
      yield* t.netlink({ op: 'link.set', name: 'lo', up: true })
      yield* t.netlink({ op: 'addr.add', name: 'lo', address: '127.0.0.1', prefix: 8 })
    })
    return {
      cniVersion: r.conf.cniVersion,
      interfaces: [{ name: 'lo', mac: '00:00:00:00:00:00', sandbox: r.netns }],
      ips: [{ interface: 0, address: '127.0.0.1/8' }],
      dns: {},
    }
  },
  function* () {},
)

// --- portmap: a host's port to a container's ---
const DNAT = 'CNI-HOSTPORT-DNAT'
function* portRules(sys: Sys, r: Request, op: 'nft.append' | 'nft.delete'): Run<void> {
  const address = r.conf.prevResult?.ips?.[0]?.address.split('/')[0]
  if (address === undefined) return
  for (const p of r.conf.runtimeConfig?.portMappings ?? []) {
    const rule = {
      protocol: p.protocol.toLowerCase() === 'udp' ? 'udp' : 'tcp',
      dport: p.hostPort,
      target: 'DNAT',
      toAddress: parseAddress(address) ?? 0,
      toPort: p.containerPort,
      ...(p.hostIP && p.hostIP !== '0.0.0.0' ? { destination: own(p.hostIP) } : {}),
    }
    yield* sys.netlink({ op, table: 'nat', chain: DNAT, rule })
    // What the host itself sends to its own port would come from an address that can't be answered.
    yield* sys.netlink({
      op,
      table: 'nat',
      chain: 'CNI-HOSTPORT-MASQ',
      rule: { source: { address: 0x7f000000, prefix: 8 }, destination: own(address), target: 'MASQUERADE' },
    })
  }
}
export const portmap = plugin(
  'portmap plugin v1.8.0',
  function* (sys, r) {
    const ports = r.conf.runtimeConfig?.portMappings ?? []
    if (!r.conf.prevResult) throw new Failed('must be called as chained plugin')
    if (ports.length > 0) {
      const there = yield* sys.netlink<readonly { readonly name: string }[]>({ op: 'nft.dump', table: 'nat' })
      if (!isErr(there) && !there.some((c) => c.name === DNAT)) {
        yield* sys.netlink({ op: 'nft.chain', table: 'nat', chain: DNAT })
        yield* sys.netlink({ op: 'nft.chain', table: 'nat', chain: 'CNI-HOSTPORT-MASQ' })
        for (const chain of ['PREROUTING', 'OUTPUT'])
          yield* sys.netlink({ op: 'nft.append', table: 'nat', chain, rule: { dstLocal: true, target: DNAT } })
        yield* sys.netlink({
          op: 'nft.insert',
          table: 'nat',
          chain: 'POSTROUTING',
          rule: { target: 'CNI-HOSTPORT-MASQ' },
        })
      }
      yield* portRules(sys, r, 'nft.append')
    }
    return r.conf.prevResult
  },
  (sys, r) => portRules(sys, r, 'nft.delete'),
)

// --- firewall: lets a container's packets through where forwarding is refused ---
const FORWARD = 'CNI-FORWARD'
const passes = (address: string): readonly object[] => [
  { destination: own(address), established: true, target: 'ACCEPT' },
  { source: own(address), target: 'ACCEPT' },
]
export const firewall = plugin(
  'firewall plugin v1.8.0',
  function* (sys, r) {
    const address = r.conf.prevResult?.ips?.[0]?.address.split('/')[0]
    if (!r.conf.prevResult || address === undefined) throw new Failed('missing prevResult from earlier plugin')
    const there = yield* sys.netlink<readonly { readonly name: string }[]>({ op: 'nft.dump', table: 'filter' })
    if (!isErr(there) && !there.some((c) => c.name === FORWARD)) {
      yield* sys.netlink({ op: 'nft.chain', table: 'filter', chain: FORWARD })
      yield* sys.netlink({
        op: 'nft.insert',
        table: 'filter',
        chain: 'FORWARD',
        rule: { comment: 'CNI firewall plugin rules', target: FORWARD },
      })
    }
    for (const rule of passes(address)) yield* sys.netlink({ op: 'nft.append', table: 'filter', chain: FORWARD, rule })
    return r.conf.prevResult
  },
  function* (sys, r) {
    const address = r.conf.prevResult?.ips?.[0]?.address.split('/')[0]
    if (address === undefined) return
    for (const rule of passes(address)) yield* sys.netlink({ op: 'nft.delete', table: 'filter', chain: FORWARD, rule })
  },
)
