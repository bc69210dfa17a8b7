/** time: how long a program took, by the clock and by the processor. */
import { isErr } from '../../../base/errno.ts'
import { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { runCommand, statusOf } from '../../lib/exec.ts'
import { warn, write } from '../../lib/io.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

const seconds = (ns: number): string => (Math.floor(ns / 1e7) / 100).toFixed(2)
/** `1m 2.03s`, or with hours `1h 2m 03s`. */
function clockText(ns: number): string {
  const s = Math.floor(ns / 1e9)
  const hours = Math.floor(s / 3600)
  const minutes = Math.floor(s / 60) % 60
  if (hours > 0) return `${hours}h ${minutes}m ${String(s % 60).padStart(2, '0')}s`
  return `${minutes}m ${s % 60}.${String(Math.floor(ns / 1e7) % 100).padStart(2, '0')}s`
}
export const time: Applet = {
  name: 'time',
  usage: '[-vpa] [-o FILE] PROG ARGS',
  help: 'Run PROG, display resource usage when it exits\n\n\t-v\tVerbose\n\t-p\tPOSIX output format\n\t-f FMT\tCustom format\n\t-o FILE\tWrite result to FILE\n\t-a\tAppend (else overwrite)',
  *run(sys, argv) {
    const o = yield* getopt(sys, time, argv, '+vpao:f:', {
      verbose: 'v',
      portability: 'p',
      output: 'o',
      append: 'a',
      format: 'f',
    })
    if (typeof o === 'number') return o
    if (o.rest.length === 0) return yield* showUsage(sys, time)
    if (o.has('v')) {
      // Page faults and context switches aren't counted here.
      yield* warn(sys, 'zukan: not emulated: time -v\n')
      return 1
    }
    const file = o.value('o')
    const out =
      file === undefined ? 2 : yield* sys.open(file, O_WRONLY | O_CREAT | (o.has('a') ? O_APPEND : O_TRUNC), 0o666)
    if (isErr(out)) {
      yield* warn(sys, `time: can't open '${file}': ${strerror(out)}\n`)
      return 1
    }
    const before = yield* sys.getrusage()
    const start = yield* sys.clock('monotonic')
    const ended = yield* runCommand(sys, o.rest, 'time', "can't execute")
    const real = (yield* sys.clock('monotonic')) - start
    const after = yield* sys.getrusage()
    const user = after.childrenUser - before.childrenUser
    const system = after.childrenSystem - before.childrenSystem
    const status = statusOf(ended)
    const values: Readonly<Record<string, string>> = {
      '%': '%',
      C: o.rest.join(' '),
      e: seconds(real),
      E: clockText(real),
      U: seconds(user),
      S: seconds(system),
      P: `${real > 0 ? Math.floor((100 * (user + system)) / real) : 0}%`,
      M: String(Math.floor(after.childrenPeak / 1024)),
      x: String(status),
      Z: '4096',
      T: clockText(user),
    }
    const format =
      o.list.findLast(([l]) => l === 'f' || l === 'p')?.[0] === 'f'
        ? (o.value('f') as string)
        : o.has('p')
          ? 'real %e\nuser %U\nsys %S'
          : 'real\t%E\nuser\t%T\nsys\t%L'
    let text =
      ended.signal !== undefined
        ? `Command terminated by signal ${ended.signal}\n`
        : status !== 0
          ? `Command exited with non-zero status ${status}\n`
          : ''
    text += format.replace(/%(.)|\\(.)/gs, (_, k?: string, b?: string) => {
      if (b !== undefined) return { t: '\t', n: '\n', '\\': '\\' }[b] ?? `?\\${b}`
      if (k === 'L' && !o.has('f')) return clockText(system)
      return values[k as string] ?? `?${k}`
    })
    yield* write(sys, out, `${text}\n`)
    return ended.signal ?? status
  },
}
