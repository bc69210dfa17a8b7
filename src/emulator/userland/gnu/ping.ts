/** ping(8) of iputils: ICMP echo, in its words. */
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { inNetwork, parseAddress } from '../../kernel/linux/net/address.ts'
import type { RouteInfo } from '../../kernel/linux/net/netlink.ts'
import { SIGINT } from '../../kernel/linux/signals.ts'
import { fail, print } from '../lib/io.ts'
import { resolveHost } from '../lib/resolve.ts'
import { getopt } from './getopt.ts'
import { dump } from './iproute/show.ts'

const spec = {
  name: 'ping',
  short: 'aAbBc:dDfh46i:I:l:LnOp:qQ:rRs:S:t:TUvVw:W:',
  code: 2,
}
/** Three digits that count, as iputils shows times below a second. */
const ms = (ns: number): string => {
  const n = ns / 1e6
  return n < 1 ? n.toFixed(3) : n < 10 ? n.toFixed(2) : n < 100 ? n.toFixed(1) : n.toFixed(0)
}

export const ping: Program = function* (sys, argv) {
  const o = yield* getopt(sys, spec, argv)
  if (typeof o === 'number') return o
  const odd = ['a', 'A', 'b', 'B', 'd', 'D', 'f', '6', 'l', 'L', 'p', 'Q', 'r', 'R', 'S', 'T', 'U', 'V', 'h'].find(
    (l) => o.has(l),
  )
  if (odd) return yield* fail(sys, `zukan: not emulated: ping -${odd}`)
  const host = o.rest.at(-1)
  if (host === undefined) return yield* fail(sys, 'ping: usage error: Destination address required', 1)
  const count = o.value('c')
  if (count !== undefined && !(Number(count) >= 1))
    return yield* fail(sys, `ping: invalid argument: '${count}': out of range: 1 <= value <= 9223372036854775807`, 1)
  const address = yield* resolveHost(sys, host)
  if (address === undefined) return yield* fail(sys, `ping: ${host}: Name or service not known`, 2)
  const fd = yield* sys.socket('inet', 'icmp')
  if (isErr(fd))
    return yield* fail(
      sys,
      `ping: socktype: SOCK_RAW\nping: socket: ${fd.text}\nping: => missing cap_net_raw+p capability or setuid?`,
      2,
    )
  const ttl = o.value('t')
  if (ttl !== undefined) yield* sys.setsockopt(fd, 'ttl', Number(ttl))
  const own = yield* ownAddress(sys, address)
  if (own === undefined) return yield* fail(sys, 'ping: connect: Network is unreachable', 2)
  return yield* echo(sys, fd, own, host, address, {
    count: count === undefined ? Number.POSITIVE_INFINITY : Number(count),
    size: Number(o.value('s') ?? 56),
    interval: Number(o.value('i') ?? 1) * 1e9,
    wait: Number(o.value('W') ?? 10) * 1e9,
    deadline: o.value('w') === undefined ? undefined : Number(o.value('w')) * 1e9,
    quiet: o.has('q'),
  })
}

/** The address that packets to another one leave with. */
function* ownAddress(sys: Sys, to: string): Run<string | undefined> {
  const target = parseAddress(to) ?? 0
  const all = yield* dump<{ link: number; address: string }>(sys, 'addr.dump')
  if (inNetwork(target, 0x7f000000, 8) || all.some((a) => a.address === to)) return to
  let best: RouteInfo | undefined
  for (const r of yield* dump<RouteInfo>(sys, 'route.dump'))
    if (inNetwork(target, parseAddress(r.destination) ?? 0, r.prefix) && (!best || r.prefix > best.prefix)) best = r
  return all.find((a) => a.link === best?.link)?.address
}

interface Settings {
  readonly count: number
  readonly size: number
  readonly interval: number
  readonly wait: number
  readonly deadline: number | undefined
  readonly quiet: boolean
}
function* echo(sys: Sys, fd: number, own: string, host: string, address: string, s: Settings): Run<number> {
  yield* print(sys, `PING ${host} (${address}) ${s.size}(${s.size + 28}) bytes of data.\n`)
  let stop = false
  yield* sys.sigaction(SIGINT, function* () {
    stop = true
  })
  const start = yield* sys.clock('monotonic')
  const times: number[] = []
  let sent = 0
  let errors = 0
  for (let sequence = 1; sequence <= s.count && !stop; sequence++) {
    const began = yield* sys.clock('monotonic')
    if (s.deadline !== undefined && began - start >= s.deadline) break
    const r = yield* sys.sendto(fd, new Uint8Array(s.size + 8), { family: 'inet', address, port: 0 })
    if (isErr(r)) {
      sent++
      errors++
      // Nobody on the link answers for the address: the kernel says so after its tries.
      if (r.name === 'EHOSTUNREACH')
        yield* print(sys, `From ${own} icmp_seq=${sequence} Destination Host Unreachable\n`)
      else yield* fail(sys, `ping: sendmsg: ${r.text}`)
    } else {
      sent++
      const last = sequence >= s.count
      const ready = yield* sys.poll([{ fd, read: true }], last ? s.wait : Math.min(s.interval, s.wait))
      const got = isErr(ready) || ready.length === 0 ? undefined : yield* sys.recvfrom(fd, 65536)
      if (got && !isErr(got) && got.from.family === 'inet') {
        const took = (yield* sys.clock('monotonic')) - began
        if (got.bytes[0] === 11) {
          errors++
          yield* print(sys, `From ${got.from.address} icmp_seq=${sequence} Time to live exceeded\n`)
        } else {
          times.push(took)
          if (!s.quiet)
            yield* print(
              sys,
              `${s.size + 8} bytes from ${got.from.address}: icmp_seq=${sequence} ttl=${got.ttl ?? 64} time=${ms(took)} ms\n`,
            )
        }
      }
    }
    const spent = (yield* sys.clock('monotonic')) - began
    if (sequence < s.count && !stop && spent < s.interval) yield* sys.nanosleep(s.interval - spent)
  }
  const total = Math.round(((yield* sys.clock('monotonic')) - start) / 1e6)
  const loss = sent === 0 ? 0 : ((sent - times.length) / sent) * 100
  yield* print(
    sys,
    `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${times.length} received,${errors > 0 ? ` +${errors} errors,` : ''} ${Number.isInteger(loss) ? loss : loss.toPrecision(6).replace(/\.?0+$/, '')}% packet loss, time ${total}ms\n`,
  )
  if (times.length === 0) {
    yield* print(sys, '\n')
    return 1
  }
  const mean = times.reduce((a, b) => a + b, 0) / times.length
  const deviation = Math.sqrt(times.reduce((a, b) => a + (b - mean) ** 2, 0) / times.length)
  const three = (n: number): string => (n / 1e6).toFixed(3)
  yield* print(
    sys,
    `rtt min/avg/max/mdev = ${three(Math.min(...times))}/${three(mean)}/${three(Math.max(...times))}/${three(deviation)} ms\n`,
  )
  return 0
}
