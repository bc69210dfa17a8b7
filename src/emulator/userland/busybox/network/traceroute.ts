/** traceroute: the routers on the way, by what they say when a packet's time to live is over. */
import { isErr } from '../../../base/errno.ts'
import { print, warn } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import { resolveHost } from '../../lib/resolve.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

export const traceroute: Applet = {
  name: 'traceroute',
  usage:
    '[-46Flnrv] [-f 1ST_TTL] [-m MAXTTL] [-q PROBES] [-p PORT]\n\t[-t TOS] [-w WAIT_SEC] [-s SRC_IP] [-i IFACE]\n\t[-z PAUSE_MSEC] HOST [BYTES]',
  help: 'Trace the route to HOST',
  *run(sys, argv) {
    const o = yield* getopt(sys, traceroute, argv, '46FIlnrvf:m:q:p:t:w:s:i:z:')
    if (typeof o === 'number') return o
    const host = o.rest[0]
    if (host === undefined) return 1
    const address = yield* resolveHost(sys, host)
    if (address === undefined) {
      yield* warn(sys, `traceroute: bad address '${host}'\n`)
      return 1
    }
    const fd = yield* sys.socket('inet', 'icmp')
    if (isErr(fd)) {
      yield* warn(sys, `traceroute: can't create raw socket: ${strerror(fd)}\n`)
      return 1
    }
    const most = Number(o.value('m') ?? 30)
    const probes = Number(o.value('q') ?? 3)
    const wait = Number(o.value('w') ?? 3) * 1e9
    yield* print(sys, `traceroute to ${host} (${address}), ${most} hops max, ${Number(o.rest[1] ?? 46)} byte packets\n`)
    for (let ttl = Number(o.value('f') ?? 1); ttl <= most; ttl++) {
      yield* sys.setsockopt(fd, 'ttl', ttl)
      yield* print(sys, `${String(ttl).padStart(2)}`)
      let last = ''
      let arrived = false
      for (let probe = 0; probe < probes; probe++) {
        const began = yield* sys.clock('monotonic')
        const sent = yield* sys.sendto(fd, new Uint8Array(46), { family: 'inet', address, port: 0 })
        if (isErr(sent)) {
          yield* warn(sys, `\ntraceroute: sendto: ${strerror(sent)}\n`)
          return 1
        }
        const ready = yield* sys.poll([{ fd, read: true }], wait)
        const got = isErr(ready) || ready.length === 0 ? undefined : yield* sys.recvfrom(fd, 2048)
        if (!got || isErr(got) || got.from.family !== 'inet') {
          yield* print(sys, '  *')
          continue
        }
        const ms = ((yield* sys.clock('monotonic')) - began) / 1e6
        const from = got.from.address
        yield* print(sys, `${from === last ? '' : `  ${from}${o.has('n') ? '' : ` (${from})`}`}  ${ms.toFixed(3)} ms`)
        last = from
        if (got.bytes[0] !== 11) arrived = true
      }
      yield* print(sys, '\n')
      if (arrived) break
    }
    return 0
  },
}
