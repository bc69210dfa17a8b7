/** ip: addresses, links and routes in busybox's form. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import type { AddressInfo, LinkInfo, RouteInfo } from '../../../kernel/linux/net/netlink.ts'
import { print, warn } from '../../lib/io.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'
import { dump } from './dump.ts'

const linkType = (l: LinkInfo): string => (l.type === 'loopback' ? 'loopback' : 'ether')
const shownName = (l: LinkInfo): string => (l.peerIndex !== undefined ? `${l.name}@if${l.peerIndex}` : l.name)
function flags(l: LinkInfo, links: readonly LinkInfo[]): string {
  const out = l.type === 'loopback' ? ['LOOPBACK'] : ['BROADCAST', 'MULTICAST']
  if (l.up && !l.carrier) out.unshift('NO-CARRIER')
  if (l.up) out.push('UP')
  if (l.up && l.carrier) out.push('LOWER_UP')
  // The other end isn't known to be up: it may be in a namespace that can't be seen from here.
  const other = l.peerNetns === undefined ? links.find((x) => x.index === l.peerIndex) : undefined
  if (l.peerIndex !== undefined && !other?.up) out.push('M-DOWN')
  return out.join(',')
}
const state = (l: LinkInfo): string =>
  l.type === 'loopback' ? (l.up ? 'UNKNOWN' : 'DOWN') : l.up && l.carrier ? 'UP' : 'DOWN'

/** ip(8): address, link and route, in busybox's form or, with `full`, iproute2's. */
function* ipCommand(sys: Sys, argv: readonly string[], full: boolean): Run<ExitCode> {
  const args = argv.slice(1)
  let brief = false
  let four = false
  let one = false
  while (args[0]?.startsWith('-')) {
    const f = args.shift()
    if (f === '-4' || f === '-f') four = true
    else if (f === '-o') one = true
    else if (f === '-br' || f === '-brief') brief = true
    else if (f !== '-6' && f !== '-c' && f !== '-color') {
      yield* warn(sys, `Option "${f}" is unknown, try "ip -help".\n`)
      return 255
    }
    if (f === '-6') return 0
  }
  const [object = '', action = 'show', ...rest] = args
  const is = (word: string): boolean => object !== '' && word.startsWith(object)
  const links = yield* dump<LinkInfo>(sys, 'link.dump')
  const addresses = yield* dump<AddressInfo>(sys, 'addr.dump')
  const fail = function* (r: unknown): Run<ExitCode> {
    if (!isErr(r)) return 0
    yield* warn(sys, `${full ? 'RTNETLINK answers' : 'ip: RTNETLINK answers'}: ${strerror(r)}\n`)
    return 2
  }
  const device = (words: readonly string[]): string | undefined => {
    const at = words.indexOf('dev')
    return at >= 0 ? words[at + 1] : undefined
  }
  if (
    is('address') ||
    (is('link') && ((action.startsWith('s') && action !== 'set') || action === 'list' || action === 'ls'))
  ) {
    const showAddresses = is('address')
    if (showAddresses && (action === 'add' || action === 'del' || action === 'delete')) {
      const [a = '', p = '32'] = (rest[0] ?? '').split('/')
      return yield* fail(
        yield* sys.netlink({
          op: action === 'add' ? 'addr.add' : 'addr.del',
          name: device(rest) ?? '',
          address: a,
          prefix: Number(p),
        }),
      )
    }
    const only =
      device(rest) ??
      (['show', 'list', 'ls', 's', 'sh'].includes(action)
        ? rest.find((w) => !['up', 'scope', 'type'].includes(w))
        : action)
    const list = links.filter((l) => only === undefined || l.name === only)
    if (list.length === 0 && only !== undefined) {
      yield* warn(sys, full ? `Device "${only}" does not exist.\n` : `ip: can't find device '${only}'\n`)
      return 1
    }
    for (const l of list) {
      const mine = addresses.filter((a) => a.link === l.index)
      if (brief) {
        yield* print(
          sys,
          `${shownName(l).padEnd(16)} ${state(l).padEnd(14)} ${showAddresses ? mine.map((a) => `${a.address}/${a.prefix} `).join('') : `${l.mac} <${flags(l, links)}> `}\n`,
        )
        continue
      }
      if (four && showAddresses && mine.length === 0) continue
      const life = full
        ? (one ? '\\' : '\n    ').replace('\n    ', '\n') + '       valid_lft forever preferred_lft forever'
        : one
          ? ''
          : '\n       valid_lft forever preferred_lft forever'
      const inet = (a: AddressInfo): string =>
        `inet ${a.address}/${a.prefix}${a.broadcast ? ` brd ${a.broadcast}` : ''} scope ${a.scope} ${l.name}`
      if (one && showAddresses) {
        for (const a of mine) yield* print(sys, `${l.index}: ${l.name}    ${inet(a)}${full ? life : ''}\n`)
        continue
      }
      yield* print(
        sys,
        `${l.index}: ${shownName(l)}: <${flags(l, links)}> mtu ${l.mtu} qdisc ${l.type === 'loopback' || l.type === 'veth' || l.type === 'bridge' ? 'noqueue' : 'fq_codel'} ${l.master !== undefined ? `master ${links.find((x) => x.index === l.master)?.name ?? l.master} ` : ''}state ${state(l)} ${full ? `group default ` : ''}${l.queueLength > 0 ? `qlen ${l.queueLength}` : ''}\n`,
      )
      if (!four || !showAddresses)
        yield* print(
          sys,
          `    link/${linkType(l)} ${l.mac} brd ${l.type === 'loopback' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff'}${full && l.peerNetns !== undefined ? ' link-netnsid 0' : ''}\n`,
        )
      if (showAddresses) for (const a of mine) yield* print(sys, `    ${inet(a)}${life}\n`)
    }
    return 0
  }
  if (is('link')) {
    if (action === 'set') {
      const words = rest[0] === 'dev' ? rest.slice(1) : rest
      const name = words[0] ?? ''
      const after = (w: string): string | undefined => (words.includes(w) ? words[words.indexOf(w) + 1] : undefined)
      const netns = after('netns')
      return yield* fail(
        yield* sys.netlink({
          op: 'link.set',
          name,
          ...(words.includes('up') ? { up: true } : words.includes('down') ? { up: false } : {}),
          ...(after('master') ? { master: after('master') } : {}),
          ...(words.includes('nomaster') ? { master: null } : {}),
          ...(netns ? { netnsPid: Number(netns) } : {}),
          ...(after('name') ? { newName: after('name') } : {}),
          ...(after('mtu') ? { mtu: Number(after('mtu')) } : {}),
        }),
      )
    }
    if (action === 'add') {
      const type = rest[rest.indexOf('type') + 1] ?? ''
      const name = rest[0] === 'name' ? rest[1] : rest[0]
      const peer = rest.includes('peer')
        ? rest[rest.indexOf('peer') + (rest[rest.indexOf('peer') + 1] === 'name' ? 2 : 1)]
        : undefined
      if (!['veth', 'bridge', 'dummy'].includes(type)) {
        yield* warn(sys, `zukan: not emulated: ip link add type ${type}\n`)
        return 1
      }
      return yield* fail(yield* sys.netlink({ op: 'link.add', name, type, ...(peer ? { peer: { name: peer } } : {}) }))
    }
    if (action.startsWith('del'))
      return yield* fail(yield* sys.netlink({ op: 'link.del', name: rest[0] === 'dev' ? rest[1] : rest[0] }))
  }
  if (is('route')) {
    if (action === 'add' || action === 'del') {
      const via = rest.includes('via') ? rest[rest.indexOf('via') + 1] : undefined
      const [d = '', p] = rest[0] === 'default' ? ['0.0.0.0', '0'] : (rest[0] ?? '').split('/')
      return yield* fail(
        yield* sys.netlink({
          op: `route.${action}`,
          destination: d,
          prefix: Number(p ?? 32),
          ...(via ? { gateway: via } : {}),
          ...(device(rest) ? { dev: device(rest) } : {}),
        }),
      )
    }
    const name = (index: number): string => links.find((l) => l.index === index)?.name ?? '?'
    for (const r of yield* dump<RouteInfo>(sys, 'route.dump'))
      yield* print(
        sys,
        `${r.prefix === 0 ? 'default' : `${r.destination}/${r.prefix}`} ${r.gateway ? `via ${r.gateway} ` : ''}dev ${name(r.link)} ${r.gateway ? '' : `${full ? 'proto kernel ' : ''}scope link ${full ? '' : ' '}${r.source ? `src ${r.source} ` : ''}`}\n`,
      )
    return 0
  }
  if (is('neighbour')) return 0
  yield* warn(
    sys,
    full
      ? `Object "${object}" is unknown, try "ip help".\n`
      : 'BusyBox v1.37.0 (2025-05-26 20:04:45 UTC) multi-call binary.\n\nUsage: ip [OPTIONS] address|route|link|neigh|rule [ARGS]\n',
  )
  return full ? 255 : 1
}
export const ip: Applet = {
  name: 'ip',
  usage: '[OPTIONS] address|route|link|neigh|rule [ARGS]',
  run: (sys, argv) => ipCommand(sys, argv, false),
}
