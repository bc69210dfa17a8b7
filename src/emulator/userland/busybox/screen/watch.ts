/** watch: a program's output, renewed every few seconds. */
import { isErr } from '../../../base/errno.ts'
import { runCommand } from '../../lib/exec.ts'
import { print, warn } from '../../lib/io.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { strftime, zoneOf } from '../../lib/time.ts'
import type { Applet } from '../../program.ts'

export const watch: Applet = {
  name: 'watch',
  usage: '[-n SEC] [-t] PROG ARGS',
  help: "Run PROG periodically\n\n\t-n SEC\tPeriod (default 2)\n\t-t\tDon't print header",
  *run(sys, argv) {
    const o = yield* getopt(sys, watch, argv, '+dtn:')
    if (typeof o === 'number') return o
    if (o.rest.length === 0) return yield* showUsage(sys, watch)
    const period = Number(o.value('n') ?? '2')
    if (!(period >= 0) || o.value('n')?.trim() === '') {
      yield* warn(sys, `watch: invalid number '${o.value('n')}'\n`)
      return 1
    }
    const command = o.rest.join(' ')
    for (;;) {
      let head = '\x1b[H\x1b[J'
      if (!o.has('t')) {
        const size = yield* sys.ioctl<{ columns: number }>(1, 'TIOCGWINSZ')
        const width = isErr(size) ? 80 : size.columns
        const left = `Every ${period.toFixed(1)}s: ${command}`
        const time = strftime('%Y-%m-%d %H:%M:%S', yield* sys.clock('realtime'), zoneOf(sys))
        const room = width - time.length - 1
        head += `${left.slice(0, room).padEnd(room)} ${time}\n\n`
      }
      if (yield* print(sys, head)) return 1
      const { signal } = yield* runCommand(sys, ['/bin/sh', '-c', command], 'watch')
      // ^C in the program ends both: system(3).
      if (signal === 2 || signal === 3) return 128 + signal
      yield* sys.nanosleep(Math.max(period, 0.1) * 1e9)
    }
  },
}
