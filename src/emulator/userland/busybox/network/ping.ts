/** ping: ICMP echo. */
import { isErr } from '../../../base/errno.ts'
import { SIGINT } from '../../../kernel/linux/signals.ts'
import { print, warn } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import { resolveHost } from '../../lib/resolve.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

export const ping: Applet = {
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
        yield* warn(sys, `ping: sendto: ${strerror(r)}\n`)
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
