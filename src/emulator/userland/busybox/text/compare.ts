/** cmp and comm: two files side by side. */
import { isErr } from '../../../base/errno.ts'
import { O_RDONLY } from '../../../kernel/linux/fs/flags.ts'
import { content } from '../../lib/input.ts'
import { LineReader, warn } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { Output } from '../../lib/output.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

export const cmp: Applet = {
  name: 'cmp',
  usage: '[-ls] [-n NUM] FILE1 [FILE2 [SKIP1 [SKIP2]]]',
  help: 'Compare FILE1 with FILE2 (or stdin)\n\n\t-l\tWrite the byte numbers (decimal) and values (octal)\n\t\tfor all differing bytes\n\t-s\tQuiet\n\t-n NUM\tCompare at most NUM bytes',
  *run(sys, argv) {
    const o = yield* getopt(sys, cmp, argv, 'lsn:', {}, 2)
    if (typeof o === 'number') return o
    const [one, two = '-', ...skips] = o.rest
    if (one === undefined || skips.length > 2) return yield* showUsage(sys, cmp, 2)
    const numbers: number[] = []
    for (const text of [
      ...skips,
      ...Array<string>(2 - skips.length).fill('0'),
      o.value('n') ?? String(Number.MAX_SAFE_INTEGER),
    ]) {
      const n = parseNumber(text, 0, undefined, 'few')
      if (typeof n !== 'number') {
        yield* warn(sys, `cmp: ${n.error}\n`)
        return 2
      }
      numbers.push(n)
    }
    const [skipA = 0, skipB = 0, most = 0] = numbers
    const a = yield* content(sys, 'cmp', one)
    if (!a) return 2
    const b = one === '-' && two === '-' ? a : yield* content(sys, 'cmp', two)
    if (!b) return 2
    const out = new Output(sys)
    const length = Math.min(a.length - skipA, b.length - skipB, most)
    let line = 1
    let differs = false
    for (let i = 0; i < length; i++) {
      const [x, y] = [a[skipA + i] as number, b[skipB + i] as number]
      if (x !== y) {
        differs = true
        if (o.has('s')) return 1
        if (!o.has('l')) {
          yield* out.write(`${one} ${two} differ: char ${i + 1}, line ${line}\n`)
          return yield* out.end('cmp', 1)
        }
        yield* out.write(
          `${String(i + 1).padStart(String(length).length)} ${x.toString(8).padStart(3)} ${y.toString(8).padStart(3)}\n`,
        )
      }
      if (x === 10) line++
    }
    yield* out.flush()
    const [leftA, leftB] = [Math.min(a.length - skipA, most), Math.min(b.length - skipB, most)]
    if (leftA === leftB) return differs ? 1 : 0
    if (!o.has('s')) yield* warn(sys, `cmp: EOF on ${leftA < leftB ? one : two}\n`)
    return 1
  },
}

export const comm: Applet = {
  name: 'comm',
  usage: '[-123] FILE1 FILE2',
  help: 'Compare FILE1 with FILE2\n\n\t-1\tSuppress lines unique to FILE1\n\t-2\tSuppress lines unique to FILE2\n\t-3\tSuppress lines common to both files',
  *run(sys, argv) {
    const o = yield* getopt(sys, comm, argv, '123')
    if (typeof o === 'number') return o
    if (o.rest.length !== 2) return yield* showUsage(sys, comm)
    const readers: LineReader[] = []
    for (const file of o.rest) {
      const fd = file === '-' ? 0 : yield* sys.open(file, O_RDONLY)
      if (isErr(fd)) {
        yield* warn(sys, `comm: can't open '${file}': ${strerror(fd)}\n`)
        return 1
      }
      readers.push(new LineReader(sys, fd))
    }
    const out = new Output(sys)
    const next = function* (i: number) {
      const line = yield* (readers[i] as LineReader).next()
      return isErr(line) ? undefined : line
    }
    const put = function* (column: 1 | 2 | 3, line: string) {
      if (o.has(String(column))) return
      const tabs = [1, 2].filter((c) => c < column && !o.has(String(c))).length
      yield* out.write(`${'\t'.repeat(tabs)}${line}\n`)
    }
    let [a, b] = [yield* next(0), yield* next(1)]
    while (a !== undefined || b !== undefined) {
      if (b === undefined || (a !== undefined && a < b)) {
        yield* put(1, a as string)
        a = yield* next(0)
      } else if (a === undefined || b < a) {
        yield* put(2, b)
        b = yield* next(1)
      } else {
        yield* put(3, a)
        a = yield* next(0)
        b = yield* next(1)
      }
    }
    return yield* out.end('comm')
  },
}
