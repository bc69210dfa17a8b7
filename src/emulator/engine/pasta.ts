/**
 * pasta: the network of an unprivileged container, passt(1). A process of the user's that gives the container an interface like the host's own,
 * opens a socket on the host for each connection from within, and listens on the host for published ports. No bridge, no NAT, no privilege.
 */
import { isErr } from '../base/errno.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { CLONE_NEWNET, O_CLOEXEC, O_CREAT, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } from '../kernel/linux/fs/flags.ts'
import { parseAddress } from '../kernel/linux/net/address.ts'
import type { AddressInfo, LinkInfo, RouteInfo } from '../kernel/linux/net/netlink.ts'
import { fail, print, readText } from '../userland/lib/io.ts'
import { bridge } from './bridge.ts'

interface Forward {
  readonly option: string
  readonly address: string
  readonly host: number
  readonly inside: number
}
/** `8080-8080:80-80`, `127.0.0.1/8080:80`, with commas between; undefined where it isn't one. */
export function parseForwards(spec: string): readonly Forward[] | undefined {
  if (spec === 'none') return []
  const out: Forward[] = []
  for (const part of spec.split(',')) {
    const m = /^(?:([\d.]+)\/)?(\d+)(?:-(\d+))?(?::(\d+)(?:-(\d+))?)?$/.exec(part)
    if (!m) return undefined
    const first = Number(m[2])
    const last = Number(m[3] ?? m[2])
    const to = Number(m[4] ?? m[2])
    if (last < first || last > 65535 || (m[5] !== undefined && Number(m[5]) - to !== last - first)) return undefined
    for (let port = first; port <= last; port++)
      out.push({ option: `-t ${spec}`, address: m[1] ?? '0.0.0.0', host: port, inside: to + port - first })
  }
  return out
}
const valued = [
  '-t',
  '-u',
  '-T',
  '-U',
  '--dns-forward',
  '--netns',
  '--map-guest-addr',
  '-P',
  '--pid',
  '-I',
  '--ns-ifname',
]
const switches = ['--config-net', '--no-map-gw', '--quiet', '-q', '--ipv4-only', '-4']

/** The interface with the default route, as pasta copies it. */
function* template(
  sys: Sys,
): Run<
  { readonly name: string; readonly address: string; readonly prefix: number; readonly gateway: string } | undefined
> {
  const routes = yield* sys.netlink<readonly RouteInfo[]>({ op: 'route.dump' })
  const route = isErr(routes) ? undefined : routes.find((r) => r.prefix === 0)
  const links = yield* sys.netlink<readonly LinkInfo[]>({ op: 'link.dump' })
  const addresses = yield* sys.netlink<readonly AddressInfo[]>({ op: 'addr.dump' })
  if (!route || isErr(links) || isErr(addresses)) return undefined
  const link = links.find((l) => l.index === route.link)
  const address = addresses.find((a) => a.link === route.link)
  return link && address
    ? { name: link.name, address: address.address, prefix: address.prefix, gateway: route.gateway ?? '' }
    : undefined
}

export const pasta: Program = function* (sys, argv) {
  if (argv.includes('--version')) {
    yield* print(sys, 'pasta 2026_01_20.386b5f5\n')
    return 0
  }
  const values = new Map<string, string[]>()
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i] as string
    if (valued.includes(word)) values.set(word, [...(values.get(word) ?? []), argv[++i] ?? ''])
    else if (!switches.includes(word)) return yield* fail(sys, `zukan: not emulated: pasta ${word}`)
  }
  for (const flag of ['-u', '-T', '-U'])
    if ((values.get(flag) ?? []).some((v) => v !== 'none'))
      return yield* fail(sys, `zukan: not emulated: pasta ${flag}`)
  const netns = values.get('--netns')?.[0]
  if (netns === undefined) return yield* fail(sys, 'zukan: not emulated: pasta without --netns')
  const listeners: { readonly fd: number; readonly to: number }[] = []
  for (const spec of values.get('-t') ?? []) {
    const forwards = parseForwards(spec)
    if (!forwards) return yield* fail(sys, `Invalid port specifier ${spec}`)
    for (const f of forwards) {
      const fd = yield* sys.socket('inet', 'stream')
      if (isErr(fd)) return yield* fail(sys, `Failed to open socket: ${fd.text}`)
      const failed =
        (yield* sys.bind(fd, { family: 'inet', address: f.address, port: f.host })) ?? (yield* sys.listen(fd))
      if (failed) return yield* fail(sys, `Failed to bind port ${f.host} (${failed.text}) for option '${f.option}'`)
      listeners.push({ fd, to: f.inside })
    }
  }
  const host = yield* template(sys)
  if (!host) return yield* fail(sys, 'External interface not usable')
  const ns = yield* sys.open(netns, O_RDONLY)
  if (isErr(ns)) return yield* fail(sys, `Couldn't open network namespace ${netns}: ${ns.text}`)
  const ready = yield* sys.pipe()
  if (isErr(ready)) return 1
  const pid = yield* sys.fork(function* (own) {
    yield* own.setsid()
    yield* own.close(ready[0])
    const me = yield* own.getpid()
    const resolv = yield* readText(own, '/etc/resolv.conf')
    const server = isErr(resolv) ? undefined : /^nameserver\s+(\S+)/m.exec(resolv)?.[1]
    const dns = values.get('--dns-forward')?.[0]
    const guest = values.get('--map-guest-addr')?.[0]
    const forward = [
      ...(dns && server ? [{ from: parseAddress(dns), to: parseAddress(server) }] : []),
      ...(guest ? [{ from: parseAddress(guest), to: parseAddress(host.address) }] : []),
    ]
    let set = false
    own.thread(function* (t) {
      yield* t.setns(ns, CLONE_NEWNET)
      const tun = yield* t.open('/dev/net/tun', O_RDWR)
      if (!isErr(tun)) yield* t.ioctl(tun, 'TUNSETIFF', { name: host.name, pid: me, forward })
      yield* t.netlink({ op: 'addr.add', name: host.name, address: host.address, prefix: host.prefix })
      yield* t.netlink({ op: 'link.set', name: host.name, up: true })
      yield* t.netlink({ op: 'route.add', destination: '0.0.0.0', prefix: 0, gateway: host.gateway })
      set = true
    })
    while (!set) yield* own.schedYield()
    for (const { fd, to } of listeners) own.thread((t) => accept(t, fd, ns, host.address, to))
    const file = values.get('-P')?.[0] ?? values.get('--pid')?.[0]
    if (file !== undefined) {
      const fd = yield* own.open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
      if (!isErr(fd)) {
        yield* own.write(fd, new TextEncoder().encode(`${me}\n`))
        yield* own.close(fd)
      }
    }
    const nothing = yield* own.open('/dev/null', O_RDWR)
    if (!isErr(nothing)) for (const fd of [0, 1, 2]) yield* own.dup2(nothing, fd)
    yield* own.chdir('/')
    yield* own.close(ready[1])
    for (;;) yield* own.pause()
  })
  if (isErr(pid)) return 1
  yield* sys.close(ready[1])
  yield* sys.read(ready[0], 1)
  return 0
}
/** Hands connections to a port of the host's on to one inside. */
function* accept(sys: Sys, listener: number, ns: number, address: string, port: number): Run<void> {
  for (;;) {
    const client = yield* sys.accept(listener)
    if (isErr(client)) return
    sys.thread(function* (t) {
      const at = yield* inside(t, ns, address, port)
      if (at === undefined) yield* t.close(client)
      else yield* bridge(t, client, at)
    })
  }
}
/** A connection made within the namespace. */
function* inside(sys: Sys, ns: number, address: string, port: number): Run<number | undefined> {
  yield* sys.setns(ns, CLONE_NEWNET)
  const fd = yield* sys.socket('inet', 'stream')
  if (isErr(fd)) return undefined
  if (!(yield* sys.connect(fd, { family: 'inet', address, port }))) return fd
  yield* sys.close(fd)
  return undefined
}
