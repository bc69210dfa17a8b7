/** nc: bytes over TCP, either side. */
import { EINTR, isErr } from '../../../base/errno.ts'
import type { Fd } from '../../../kernel/linux/abi.ts'
import { dial } from '../../lib/dial.ts'
import { pollWithInput, warn, writeAll } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

export const nc: Applet = {
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
        yield* warn(sys, `nc: bind: ${strerror(failed)}\n`)
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
            : `nc: ${o.rest[0]} (${c.address}:${o.rest[1]}): ${c.reason ? strerror(c.reason) : c.text}\n`,
        )
        return 1
      }
      if (o.has('z')) return 0
      fd = c
    }
    let input = true
    for (;;) {
      const ready = yield* pollWithInput(sys, fd, input)
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
