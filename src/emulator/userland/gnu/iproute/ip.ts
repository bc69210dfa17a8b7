/** ip(8) of iproute2. */
import { EEXIST, isErr } from '../../../base/errno.ts'
import type { ExitCode, Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import { formatAddress, inNetwork, parseAddress } from '../../../kernel/linux/net/address.ts'
import type { LinkInfo, RouteInfo } from '../../../kernel/linux/net/netlink.ts'
import { fail, print } from '../../lib/io.ts'
import { enterNamed, netns, openNamed } from './netns.ts'
import { dump, type ShowOptions, showLinks, showNeighbours, showRoutes } from './show.ts'

/** What the kernel said, in ip's words and with its exit codes. */
function* answer(sys: Sys, r: unknown, device?: string): Run<ExitCode> {
  if (!isErr(r)) return 0
  if (r.name === 'ENODEV' && device !== undefined) return yield* fail(sys, `Cannot find device "${device}"`)
  return yield* fail(sys, `RTNETLINK answers: ${r.text}`, 2)
}
const after = (words: readonly string[], ...keys: string[]): string | undefined => {
  for (const key of keys) {
    const at = words.indexOf(key)
    if (at >= 0) return words[at + 1]
  }
  return undefined
}
const isShow = (action: string): boolean => ['show', 'list', 'lst', 'sh', 'ls', 'l', 's'].includes(action)

function* show(sys: Sys, words: readonly string[], addresses: boolean, o: ShowOptions): Run<ExitCode> {
  const filters: string[] = []
  let device: string | undefined
  for (let i = 0; i < words.length; i++) {
    const w = words[i] as string
    if (w === 'dev') device = words[++i]
    else if (w === 'up' || w === 'down') filters.push(w)
    else if (w === 'type' || w === 'master' || w === 'scope' || w === 'to') filters.push(`${w}=${words[++i]}`)
    else device = w
  }
  const links = yield* dump<LinkInfo>(sys, 'link.dump')
  if (device !== undefined && !links.some((l) => l.name === device))
    return yield* fail(sys, `Device "${device}" does not exist.`)
  const master = filters.find((f) => f.startsWith('master='))?.slice(7)
  const bridge = links.find((l) => l.name === master)
  if (master !== undefined && !bridge) return yield* fail(sys, `Device does not exist: ${master}`)
  const type = filters.find((f) => f.startsWith('type='))?.slice(5)
  yield* showLinks(
    sys,
    (l) =>
      (device === undefined || l.name === device) &&
      (!filters.includes('up') || l.up) &&
      (type === undefined || l.type === type) &&
      (bridge === undefined || l.master === bridge.index),
    addresses,
    o,
  )
  return 0
}

function* address(sys: Sys, action: string, words: readonly string[], o: ShowOptions): Run<ExitCode> {
  if (isShow(action)) return yield* show(sys, words, true, o)
  const device = after(words, 'dev')
  if (['add', 'a', 'del', 'delete', 'd', 'replace'].includes(action)) {
    const [text = '', p = '32'] = (words[0] === 'local' ? words[1] : words[0])?.split('/') ?? []
    if (parseAddress(text) === undefined || !/^\d+$/.test(p) || Number(p) > 32)
      return yield* fail(sys, `Error: any valid prefix is expected rather than "${words[0] ?? ''}".`)
    if (device === undefined) return yield* fail(sys, 'Not enough information: "dev" argument is required.', 255)
    const add = !action.startsWith('d')
    const r = yield* sys.netlink({ op: add ? 'addr.add' : 'addr.del', name: device, address: text, prefix: Number(p) })
    if (r === EEXIST) return action === 'replace' ? 0 : yield* fail(sys, 'Error: ipv4: Address already assigned.', 2)
    if (isErr(r) && r.name === 'EADDRNOTAVAIL') return yield* fail(sys, 'Error: ipv4: Address not found.', 2)
    return yield* answer(sys, r, device)
  }
  if (action === 'flush') {
    if (device === undefined) return yield* fail(sys, 'Flush requires arguments.', 255)
    const links = yield* dump<LinkInfo>(sys, 'link.dump')
    const link = links.find((l) => l.name === device)
    if (!link) return yield* fail(sys, `Device "${device}" does not exist.`)
    for (const a of yield* dump<{ link: number; address: string; prefix: number }>(sys, 'addr.dump'))
      if (a.link === link.index)
        yield* sys.netlink({ op: 'addr.del', name: device, address: a.address, prefix: a.prefix })
    return 0
  }
  return yield* fail(sys, `Command "${action}" is unknown, try "ip address help".`, 255)
}

/** Where `netns WORD` leads: a process or a name. */
function* netnsTarget(sys: Sys, word: string): Run<Record<string, number> | undefined> {
  const fd = yield* openNamed(sys, word)
  if (!isErr(fd)) return { netnsFd: fd }
  return /^\d+$/.test(word) ? { netnsPid: Number(word) } : undefined
}

function* link(sys: Sys, action: string, words: readonly string[], o: ShowOptions): Run<ExitCode> {
  if (isShow(action)) return yield* show(sys, words, false, o)
  if (action === 'set' || action === 's') {
    const named = words[0] === 'dev' ? words.slice(1) : words
    const name = named[0] ?? ''
    const rest = named.slice(1)
    const request: Record<string, unknown> = { op: 'link.set', name }
    for (let i = 0; i < rest.length; i++) {
      const w = rest[i] as string
      if (w === 'up' || w === 'down') request.up = w === 'up'
      else if (w === 'nomaster') request.master = null
      else if (w === 'master') request.master = rest[++i]
      else if (w === 'name') request.newName = rest[++i]
      else if (w === 'mtu') request.mtu = Number(rest[++i])
      else if (w === 'address') request.mac = rest[++i]
      else if (w === 'netns') {
        const target = yield* netnsTarget(sys, rest[++i] ?? '')
        if (!target) return yield* fail(sys, `Error: argument "${rest[i]}" is wrong: Invalid "netns" value\n`, 255)
        Object.assign(request, target)
      } else if (['promisc', 'multicast', 'arp', 'txqueuelen', 'alias'].includes(w))
        return yield* fail(sys, `zukan: not emulated: ip link set ${w}`)
      else return yield* fail(sys, `Error: either "dev" is duplicate, or "${w}" is a garbage.`, 255)
    }
    const r = yield* sys.netlink(request as { op: string })
    if (isErr(r) && r.name === 'ENODEV' && typeof request.master === 'string') {
      const links = yield* dump<LinkInfo>(sys, 'link.dump')
      if (links.some((l) => l.name === name))
        return yield* fail(sys, `Error: argument "${request.master}" is wrong: Device does not exist\n`, 255)
    }
    return yield* answer(sys, r, name)
  }
  if (action === 'add' || action === 'a') {
    const at = words.indexOf('type')
    const type = at >= 0 ? (words[at + 1] ?? '') : ''
    const head = at >= 0 ? words.slice(0, at) : words
    const name = after(head, 'name', 'dev') ?? head[0]
    if (name === undefined || at < 0)
      return yield* fail(sys, 'Not enough information: "type" argument is required', 255)
    if (!['veth', 'bridge', 'dummy'].includes(type))
      return ['macvlan', 'ipvlan', 'vlan', 'vxlan', 'tun', 'bond', 'ifb', 'gre', 'wireguard', 'vrf'].includes(type)
        ? yield* fail(sys, `zukan: not emulated: ip link add type ${type}`)
        : yield* fail(sys, 'Error: Unknown device type.', 2)
    const inner = words.slice(at + 2)
    const peerAt = inner.indexOf('peer')
    const peerWords = peerAt >= 0 ? inner.slice(peerAt + 1) : []
    const target = after(peerWords, 'netns')
    const where = target === undefined ? {} : yield* netnsTarget(sys, target)
    if (!where) return yield* fail(sys, `Error: argument "${target}" is wrong: Invalid "netns" value\n`, 255)
    const existing = yield* dump<LinkInfo>(sys, 'link.dump')
    const free = (): string => {
      let n = 0
      while (existing.some((l) => l.name === `veth${n}`) || name === `veth${n}`) n++
      return `veth${n}`
    }
    const peer =
      type === 'veth'
        ? {
            peer: {
              name:
                after(peerWords, 'name') ??
                (peerWords[0] !== undefined && peerWords[0] !== 'netns' ? peerWords[0] : free()),
              ...where,
            },
          }
        : {}
    const mac = after(head, 'address')
    return yield* answer(sys, yield* sys.netlink({ op: 'link.add', name, type, ...(mac ? { mac } : {}), ...peer }))
  }
  if (action.startsWith('del') || action === 'd') {
    const name = words[0] === 'dev' ? words[1] : words[0]
    return yield* answer(sys, yield* sys.netlink({ op: 'link.del', name }), name)
  }
  return yield* fail(sys, `Command "${action}" is unknown, try "ip link help".`, 255)
}

function* route(sys: Sys, action: string, words: readonly string[], o: ShowOptions): Run<ExitCode> {
  if (isShow(action)) {
    const device = after(words, 'dev')
    const to = words[0] === 'default' ? 'default' : undefined
    yield* showRoutes(
      sys,
      (r, name) => (device === undefined || name === device) && (to === undefined || r.prefix === 0),
      o,
    )
    return 0
  }
  if (action === 'get') return yield* routeGet(sys, words[0] === 'to' ? (words[1] ?? '') : (words[0] ?? ''))
  if (['add', 'a', 'del', 'delete', 'd', 'replace'].includes(action)) {
    const text = words[0] === 'to' ? (words[1] ?? '') : (words[0] ?? '')
    const [d = '', p] = text === 'default' ? ['0.0.0.0', '0'] : text.split('/')
    if (parseAddress(d) === undefined)
      return yield* fail(sys, `Error: any valid prefix is expected rather than "${text}".`)
    const via = after(words, 'via')
    const device = after(words, 'dev')
    if (via !== undefined && parseAddress(via) === undefined)
      return yield* fail(sys, `Error: inet address is expected rather than "${via}".`)
    const common = {
      destination: d,
      prefix: Number(p ?? 32),
      ...(via ? { gateway: via } : {}),
      ...(device ? { dev: device } : {}),
    }
    if (action === 'replace') yield* sys.netlink({ op: 'route.del', ...common })
    const r = yield* sys.netlink({ op: action.startsWith('d') ? 'route.del' : 'route.add', ...common })
    if (isErr(r) && r.name === 'ENETUNREACH') return yield* fail(sys, 'Error: Nexthop has invalid gateway.', 2)
    if (isErr(r) && r.name === 'ENETDOWN') return yield* fail(sys, 'Error: Device for nexthop is not up.', 2)
    return yield* answer(sys, r, device)
  }
  return yield* fail(sys, `Command "${action}" is unknown, try "ip route help".`, 255)
}

function* routeGet(sys: Sys, text: string): Run<ExitCode> {
  const wanted = parseAddress(text)
  if (wanted === undefined) return yield* fail(sys, `Error: inet address is expected rather than "${text}".`)
  const links = yield* dump<LinkInfo>(sys, 'link.dump')
  const addresses = yield* dump<{ link: number; address: string }>(sys, 'addr.dump')
  const { euid } = yield* sys.getcred()
  const own = addresses.find((a) => a.address === text)
  if (own || inNetwork(wanted, 0x7f000000, 8)) {
    yield* print(sys, `local ${text} dev lo src ${own ? text : '127.0.0.1'} uid ${euid} \n    cache <local> \n`)
    return 0
  }
  let best: RouteInfo | undefined
  for (const r of yield* dump<RouteInfo>(sys, 'route.dump'))
    if (inNetwork(wanted, parseAddress(r.destination) ?? 0, r.prefix) && (!best || r.prefix > best.prefix)) best = r
  if (!best) return yield* fail(sys, 'RTNETLINK answers: Network is unreachable', 2)
  const name = links.find((l) => l.index === best.link)?.name
  const source = best.source ?? addresses.find((a) => a.link === best.link)?.address
  yield* print(
    sys,
    `${formatAddress(wanted)} ${best.gateway ? `via ${best.gateway} ` : ''}dev ${name} src ${source} uid ${euid} \n    cache \n`,
  )
  return 0
}

export const ip: Program = function* (sys, argv) {
  const args = argv.slice(1)
  const o = { brief: false, oneLine: false, ipv4: false, statistics: false, details: false, json: false, pretty: false }
  let six = false
  while (args[0]?.startsWith('-')) {
    const f = (args.shift() ?? '').replace(/^--/, '-')
    if (f === '-4') o.ipv4 = true
    else if (f === '-6') six = true
    else if (f === '-o' || f === '-oneline') o.oneLine = true
    else if (f === '-br' || f === '-brief') o.brief = true
    else if (f === '-s' || f === '-stats') o.statistics = true
    else if (f === '-j' || f === '-json') o.json = true
    else if (f === '-p' || f === '-pretty') o.pretty = true
    else if (f === '-d' || f === '-details') o.details = true
    else if (f === '-f' || f === '-family') o.ipv4 = args.shift() === 'inet'
    else if (f === '-n' || f === '-netns') {
      const failed = yield* enterNamed(sys, args.shift() ?? '')
      if (failed !== undefined) return failed
    } else if (f === '-V' || f === '-Version') {
      yield* print(sys, 'ip utility, iproute2-6.15.0, libbpf 1.5.0\n')
      return 0
    } else if (f === '-b' || f === '-a' || f === '-all') return yield* fail(sys, `zukan: not emulated: ip ${f}`)
    else if (f !== '-c' && !f.startsWith('-color'))
      return yield* fail(sys, `Option "${f}" is unknown, try "ip -help".`, 255)
  }
  const [object = '', action = 'show', ...rest] = args
  if (object === '')
    return yield* fail(
      sys,
      'Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n       ip [ -force ] -batch filename',
      255,
    )
  const is = (word: string): boolean => word.startsWith(object)
  if (action === 'help') return yield* fail(sys, `zukan: not emulated: ip ${object} help`)
  if (is('address')) return six ? 0 : yield* address(sys, action, rest, o)
  if (is('link')) return yield* link(sys, action, rest, o)
  if (is('route')) return six ? 0 : yield* route(sys, action, rest, o)
  if (is('neighbour') || is('neighbor')) {
    if (!isShow(action)) return yield* fail(sys, `zukan: not emulated: ip neigh ${action}`)
    yield* showNeighbours(sys, after(rest, 'dev'))
    return 0
  }
  if (is('netns')) return yield* netns(sys, args.slice(1))
  if (is('rule')) {
    if (!isShow(action)) return yield* fail(sys, `zukan: not emulated: ip rule ${action}`)
    yield* print(sys, '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n')
    return 0
  }
  if (
    ['maddress', 'tunnel', 'tuntap', 'monitor', 'vrf', 'xfrm', 'nexthop', 'sr', 'mroute', 'macsec', 'token'].some((w) =>
      w.startsWith(object),
    )
  )
    return yield* fail(sys, `zukan: not emulated: ip ${object}`)
  return yield* fail(sys, `Object "${object}" is unknown, try "ip help".`, 255)
}
