/** The network: ip, ifconfig, route, netstat, ping, nslookup, wget. */
import { EINTR, isErr } from '../../../base/errno.ts'
import type { ExitCode, Fd, Run, Sys } from '../../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { formatAddress, maskOf } from '../../../kernel/linux/net/address.ts'
import type { AddressInfo, LinkInfo, RouteInfo, SocketInfo } from '../../../kernel/linux/net/netlink.ts'
import { SIGINT } from '../../../kernel/linux/signals.ts'
import { dial, parseUrl } from '../../lib/dial.ts'
import { HttpReader, sendRequest } from '../../lib/http.ts'
import { print, warn, writeAll } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import { ask, nameservers, resolveHost } from '../../lib/resolve.ts'
import type { Applet } from '../../program.ts'
import { programOf } from '../frame.ts'

function* dump<T>(sys: Sys, op: string): Run<readonly T[]> {
  const r = yield* sys.netlink<readonly T[]>({ op })
  return isErr(r) ? [] : r
}
const linkType = (l: LinkInfo): string => (l.type === 'loopback' ? 'loopback' : 'ether')
const shownName = (l: LinkInfo): string => (l.peerIndex !== undefined ? `${l.name}@if${l.peerIndex}` : l.name)
function flags(l: LinkInfo): string {
  const out = l.type === 'loopback' ? ['LOOPBACK'] : ['BROADCAST', 'MULTICAST']
  if (l.up && !l.carrier) out.unshift('NO-CARRIER')
  if (l.up) out.push('UP')
  if (l.up && l.carrier) out.push('LOWER_UP')
  return out.join(',')
}
const state = (l: LinkInfo): string =>
  l.type === 'loopback' ? (l.up ? 'UNKNOWN' : 'DOWN') : l.up && l.carrier ? 'UP' : 'DOWN'

/** ip(8): address, link and route, in busybox's form or, with `full`, iproute2's. */
export function* ipCommand(sys: Sys, argv: readonly string[], full: boolean): Run<ExitCode> {
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
    yield* warn(sys, `${full ? 'RTNETLINK answers' : 'ip: RTNETLINK answers'}: ${r.text}\n`)
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
          `${shownName(l).padEnd(16)} ${state(l).padEnd(14)} ${showAddresses ? mine.map((a) => `${a.address}/${a.prefix} `).join('') : `${l.mac} <${flags(l)}> `}\n`,
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
        `${l.index}: ${shownName(l)}: <${flags(l)}> mtu ${l.mtu} qdisc ${l.type === 'loopback' || l.type === 'veth' || l.type === 'bridge' ? 'noqueue' : 'fq_codel'} ${l.master !== undefined ? `master ${links.find((x) => x.index === l.master)?.name ?? l.master} ` : ''}state ${state(l)} ${full ? `group default ` : ''}qlen 1000\n`.replace(
          l.type === 'veth' && !full ? / qlen 1000/ : /$^/,
          '',
        ),
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
const ip: Applet = {
  name: 'ip',
  usage: '[OPTIONS] address|route|link|neigh|rule [ARGS]',
  run: (sys, argv) => ipCommand(sys, argv, false),
}

const ifconfig: Applet = {
  name: 'ifconfig',
  usage: '[-a] [IFACE] [ADDRESS] [up|down]...',
  help: 'Configure a network interface',
  *run(sys, argv) {
    const all = argv.includes('-a')
    const [name, ...rest] = argv.slice(1).filter((a) => a !== '-a')
    const links = yield* dump<LinkInfo>(sys, 'link.dump')
    const addresses = yield* dump<AddressInfo>(sys, 'addr.dump')
    if (name !== undefined && !links.some((l) => l.name === name)) {
      yield* warn(sys, `ifconfig: ${name}: error fetching interface information: Device not found\n`)
      return 1
    }
    if (rest.length > 0) {
      for (const word of rest) {
        const r =
          word === 'up' || word === 'down'
            ? yield* sys.netlink({ op: 'link.set', name, up: word === 'up' })
            : yield* sys.netlink({
                op: 'addr.add',
                name,
                address: word.split('/')[0],
                prefix: Number(word.split('/')[1] ?? 24),
              })
        if (isErr(r)) {
          yield* warn(sys, `ifconfig: SIOCSIFFLAGS: ${r.text}\n`)
          return 1
        }
      }
      return 0
    }
    for (const l of [...links].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (name !== undefined ? l.name !== name : !all && !l.up) continue
      const a = addresses.find((x) => x.link === l.index)
      const loop = l.type === 'loopback'
      const s = l.stats
      const size = (n: number): string =>
        n < 1024 ? `${n}.0 B` : n < 1048576 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / 1048576).toFixed(1)} MiB`
      yield* print(
        sys,
        `${l.name.padEnd(9)} Link encap:${loop ? 'Local Loopback' : 'Ethernet'}  ${loop ? '' : `HWaddr ${l.mac.toUpperCase()}  `}\n${a ? `          inet addr:${a.address}${a.broadcast ? `  Bcast:${a.broadcast}` : ''}  Mask:${formatAddress(maskOf(a.prefix))}\n` : ''}          ${l.up ? 'UP ' : ''}${loop ? 'LOOPBACK ' : 'BROADCAST '}${l.up && l.carrier ? 'RUNNING ' : ''}${loop ? '' : 'MULTICAST '} MTU:${l.mtu}  Metric:1\n          RX packets:${s.rxPackets} errors:0 dropped:0 overruns:0 frame:0\n          TX packets:${s.txPackets} errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:${loop ? 1000 : 0} \n          RX bytes:${s.rxBytes} (${size(s.rxBytes)})  TX bytes:${s.txBytes} (${size(s.txBytes)})\n\n`,
      )
    }
    return 0
  },
}

const netstat: Applet = {
  name: 'netstat',
  usage: '[-ral] [-tuwx] [-enWp]',
  help: 'Display networking information',
  *run(sys, argv) {
    const o = yield* getopt(sys, netstat, argv, 'raltuwxenWp')
    if (typeof o === 'number') return o
    const all = yield* dump<SocketInfo>(sys, 'sockets.dump')
    yield* print(
      sys,
      `Active Internet connections (${o.has('l') ? 'only servers' : o.has('a') ? 'servers and established' : 'w/o servers'})\nProto Recv-Q Send-Q Local Address           Foreign Address         State       \n`,
    )
    for (const s of all) {
      if (s.protocol !== 'tcp' && s.protocol !== 'udp') continue
      if (
        s.localPort === 0 ||
        (o.has('t') && !o.has('u') && s.protocol !== 'tcp') ||
        (o.has('u') && !o.has('t') && s.protocol !== 'udp')
      )
        continue
      const listening = s.state === 'LISTEN' || s.protocol === 'udp'
      if (o.has('l') ? !listening : !o.has('a') && listening) continue
      yield* print(
        sys,
        `${s.protocol.padEnd(5)}      0      0 ${`${s.local}:${s.localPort}`.padEnd(23)} ${`${s.remote}:${s.remotePort || '*'}`.padEnd(23)} ${s.protocol === 'udp' ? '' : s.state.padEnd(11)} \n`,
      )
    }
    return 0
  },
}

const ping: Applet = {
  name: 'ping',
  usage: '[OPTIONS] HOST',
  help: 'Send ICMP ECHO_REQUESTs to HOST',
  *run(sys, argv) {
    const o = yield* getopt(sys, ping, argv, 'c:s:i:w:W:t:I:qA46')
    if (typeof o === 'number') return o
    const host = o.rest[0]
    if (host === undefined) return 1
    const address = yield* resolveHost(sys, host)
    if (address === undefined) {
      yield* warn(sys, `ping: bad address '${host}'\n`)
      return 1
    }
    const fd = yield* sys.socket('inet', 'icmp')
    if (isErr(fd)) {
      yield* warn(sys, `ping: permission denied (are you root?)\n`)
      return 1
    }
    const ttl = o.value('t')
    if (ttl !== undefined) yield* sys.setsockopt(fd, 'ttl', Number(ttl))
    const size = Number(o.value('s') ?? 56)
    yield* print(sys, `PING ${host} (${address}): ${size} data bytes\n`)
    const count = Number(o.value('c') ?? Infinity)
    let sent = 0
    let received = 0
    const times: number[] = []
    let stop = false
    yield* sys.sigaction(SIGINT, function* () {
      stop = true
    })
    for (let seq = 0; seq < count && !stop; seq++) {
      const began = yield* sys.clock('monotonic')
      const r = yield* sys.sendto(fd, new Uint8Array(size + 8).fill(seq & 255), { family: 'inet', address, port: 0 })
      if (isErr(r)) {
        yield* warn(sys, `ping: sendto: ${r.text}\n`)
        return 1
      }
      sent++
      const ready = yield* sys.poll([{ fd, read: true }], Number(o.value('W') ?? (seq + 1 < count ? 1 : 10)) * 1e9)
      if (!isErr(ready) && ready.length > 0) {
        const got = yield* sys.recvfrom(fd, 2048)
        if (!isErr(got) && got.bytes[0] !== 11) {
          const ms = ((yield* sys.clock('monotonic')) - began) / 1e6
          times.push(ms)
          received++
          yield* print(
            sys,
            `${size + 8} bytes from ${address}: seq=${seq} ttl=${got.ttl ?? 64} time=${ms.toFixed(3)} ms\n`,
          )
        }
      }
      if (seq + 1 < count && !stop) yield* sys.nanosleep(Number(o.value('i') ?? 1) * 1e9)
    }
    yield* print(
      sys,
      `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${received} packets received, ${sent ? Math.floor(((sent - received) / sent) * 100) : 0}% packet loss\n${received > 0 ? `round-trip min/avg/max = ${Math.min(...times).toFixed(3)}/${(times.reduce((a, b) => a + b, 0) / received).toFixed(3)}/${Math.max(...times).toFixed(3)} ms\n` : ''}`,
    )
    return received > 0 ? 0 : 1
  },
}

const nslookup: Applet = {
  name: 'nslookup',
  usage: '[-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]',
  help: 'Query DNS about HOST',
  *run(sys, argv) {
    const [host = '', given] = argv.slice(1).filter((a) => !a.startsWith('-'))
    const server = given ?? (yield* nameservers(sys))[0]
    if (server === undefined) {
      yield* warn(sys, 'nslookup: no name servers\n')
      return 1
    }
    const answer = yield* ask(sys, server, host)
    if (answer === 'timeout') {
      yield* print(sys, ';; connection timed out; no servers could be reached\n\n')
      return 1
    }
    yield* print(sys, `Server:\t\t${server}\nAddress:\t${server}:53\n\n`)
    if (answer === 'nxdomain') {
      yield* print(sys, `** server can't find ${host}: NXDOMAIN\n\n`)
      return 1
    }
    yield* print(sys, `Non-authoritative answer:\n${answer.map((a) => `Name:\t${host}\nAddress: ${a}\n`).join('')}\n`)
    return 0
  },
}

const wget: Applet = {
  name: 'wget',
  usage: '[-cqS] [--spider] [-O FILE] [-o LOGFILE] [-T SEC] URL...',
  help: 'Retrieve files via HTTP or FTP',
  *run(sys, argv) {
    const o = yield* getopt(sys, wget, argv, 'cqSO:o:T:Y:P:U:s', {
      spider: 's',
      'no-check-certificate': 'q',
      quiet: 'q',
      'output-document': 'O',
    })
    if (typeof o === 'number') return o
    for (const url of o.rest) {
      const u = parseUrl(url)
      if (!u) {
        yield* warn(sys, `wget: not an http or ftp url: ${url}\n`)
        return 1
      }
      if (u.secure) {
        yield* warn(sys, 'zukan: not emulated: wget https\n')
        return 1
      }
      const fd = yield* dial(sys, u.host, u.port)
      if (typeof fd !== 'number') {
        yield* warn(
          sys,
          fd.error === 'name'
            ? `wget: bad address '${u.host}'\n`
            : `${o.has('q') ? '' : `Connecting to ${u.host}${u.port === 80 ? '' : `:${u.port}`} (${fd.address}:${u.port})\n`}wget: can't connect to remote host (${fd.address}): ${fd.text}\n`,
        )
        return 1
      }
      if (!o.has('q')) {
        const peer = yield* sys.getpeername(fd)
        yield* warn(
          sys,
          `Connecting to ${u.host}${u.port === 80 ? '' : `:${u.port}`} (${isErr(peer) || peer.family !== 'inet' ? '' : peer.address}:${u.port})\n`,
        )
      }
      yield* sendRequest(sys, fd, 'GET', u.path, {
        Host: u.port === 80 ? u.host : `${u.host}:${u.port}`,
        'User-Agent': 'Wget',
        Connection: 'close',
      })
      const response = yield* new HttpReader(sys, fd).response()
      yield* sys.close(fd)
      if (!response || response.status >= 400) {
        yield* warn(
          sys,
          response
            ? `wget: server returned error: HTTP/1.1 ${response.status} ${response.reason}\n`
            : 'wget: error getting response: Connection reset by peer\n',
        )
        return 1
      }
      if (o.has('s')) continue
      const file = o.value('O') ?? (u.path.split('?')[0]?.split('/').at(-1) || 'index.html')
      const out = file === '-' ? 1 : yield* sys.open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
      if (isErr(out)) {
        yield* warn(sys, `wget: can't open '${file}': ${out.text}\n`)
        return 1
      }
      if (!o.has('q') && file !== '-') yield* warn(sys, `saving to '${file}'\n`)
      yield* writeAll(sys, out, response.body)
      if (out !== 1) yield* sys.close(out)
      if (!o.has('q'))
        yield* warn(
          sys,
          `${file.padEnd(20).slice(0, 20)} 100% |********************************| ${String(response.body.length).padStart(5)}  0:00:00 ETA\n${file === '-' ? 'written to stdout' : `'${file}' saved`}\n`,
        )
    }
    return 0
  },
}
const nc: Applet = {
  name: 'nc',
  usage: '[OPTIONS] HOST PORT  - connect\nnc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen',
  *run(sys, argv) {
    const o = yield* getopt(sys, nc, argv, '+lp:w:e:znv')
    if (typeof o === 'number') return o
    let fd: Fd
    if (o.has('l')) {
      const s = yield* sys.socket('inet', 'stream')
      if (isErr(s)) return 1
      const failed =
        (yield* sys.bind(s, {
          family: 'inet',
          address: '0.0.0.0',
          port: Number(o.value('p') ?? o.rest.at(-1) ?? 0),
        })) ?? (yield* sys.listen(s))
      if (failed) {
        yield* warn(sys, `nc: bind: ${failed.text}\n`)
        return 1
      }
      const c = yield* sys.accept(s)
      if (isErr(c)) return 1
      fd = c
    } else {
      const c = yield* dial(sys, o.rest[0] ?? '', Number(o.rest[1]))
      if (typeof c !== 'number') {
        yield* warn(
          sys,
          c.error === 'name'
            ? `nc: bad address '${o.rest[0]}'\n`
            : `nc: ${o.rest[0]} (${c.address}:${o.rest[1]}): ${c.text}\n`,
        )
        return 1
      }
      if (o.has('z')) return 0
      fd = c
    }
    let input = true
    for (;;) {
      const ready = yield* sys.poll(
        input
          ? [
              { fd, read: true },
              { fd: 0, read: true },
            ]
          : [{ fd, read: true }],
      )
      if (ready === EINTR) continue
      if (isErr(ready)) return 1
      if (ready.includes(fd)) {
        const part = yield* sys.read(fd, 65536)
        if (isErr(part) || part.length === 0) return 0
        yield* writeAll(sys, 1, part)
      }
      if (input && ready.includes(0)) {
        const part = yield* sys.read(0, 65536)
        if (isErr(part) || part.length === 0) {
          input = false
          yield* sys.shutdown(fd, 'write')
        } else yield* writeAll(sys, fd, part)
      }
    }
  },
}

export const networkApplets: readonly Applet[] = [ip, ifconfig, netstat, ping, nslookup, wget, nc]
/** The program that hosts/parts.ts names `busybox/network`. */
export const networkPart = programOf(networkApplets)
