/** dmesg(1) of util-linux: the kernel's log. */
import { isErr } from '../../../base/errno.ts'
import type { Program } from '../../../kernel/linux/abi.ts'
import { fail, print } from '../../lib/io.ts'
import { strftime } from '../../lib/time.ts'
import { getopt } from '../getopt.ts'

const spec = {
  name: 'dmesg',
  short: 'CcDdEeF:f:HhkL::l:n:PpraSs:TtuVwWx',
  long: {
    ctime: 'T',
    notime: 't',
    human: 'H',
    follow: 'w',
    clear: 'C',
    'read-clear': 'c',
    nopager: 'P',
    'color=?': 'L',
    raw: 'r',
    'since=': 'since',
    help: 'h',
  },
}

export const dmesg: Program = function* (sys, argv) {
  const o = yield* getopt(sys, spec, argv)
  if (typeof o === 'number') return o
  const unknown = ['w', 'W', 'C', 'c', 'F', 'since', 'e', 'd', 'l', 'f', 'x', 'r'].find((l) => o.has(l))
  if (unknown) return yield* fail(sys, `zukan: not emulated: dmesg ${unknown.length > 1 ? '--' : '-'}${unknown}`)
  const log = yield* sys.syslog()
  if (isErr(log)) return yield* fail(sys, `dmesg: read kernel buffer failed: ${log.text}`)
  const { uptime } = yield* sys.sysinfo()
  const boot = (yield* sys.clock('realtime')) - uptime
  yield* print(
    sys,
    log
      .map((line) => {
        const m = /^\[\s*([\d.]+)\] (.*)$/s.exec(line)
        if (!m) return `${line}\n`
        if (o.has('t')) return `${m[2]}\n`
        return o.has('T') || o.has('H')
          ? `[${strftime('%a %b %e %H:%M:%S %Y', boot + Number(m[1]) * 1e9)}] ${m[2]}\n`
          : `${line}\n`
      })
      .join(''),
  )
  return 0
}
