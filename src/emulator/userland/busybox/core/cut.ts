/** cut: parts of lines. */
import { fromWord } from '../../lib/argument.ts'
import { lines } from '../../lib/input.ts'
import { warn } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { Output } from '../../lib/output.ts'
import { compileRegex, type Regex } from '../../lib/regex.ts'
import type { Applet } from '../../program.ts'

type Range = readonly [from: number, to: number]
/** `1,3-5,-2,7-` as ranges in the order given, or why not. */
function parseList(list: string): readonly Range[] | { readonly error: string } {
  const ranges: Range[] = []
  for (const part of list.split(',')) {
    if (part === '') continue
    const dash = part.indexOf('-')
    const ends = dash < 0 ? [part, part] : [part.slice(0, dash), part.slice(dash + 1)]
    if (dash >= 0 && ends[0] === '' && ends[1] === '') return { error: `invalid range ${list}` }
    const numbers: number[] = []
    for (const [i, end] of ends.entries()) {
      const n = end === '' ? (i === 0 ? 1 : Infinity) : parseNumber(end)
      if (typeof n !== 'number') return n
      numbers.push(n)
    }
    const [from = 0, to = 0] = numbers
    if (to < from) return { error: `${to}<${from - 1}` }
    ranges.push(numbers as unknown as Range)
  }
  return ranges.length > 0 ? ranges : { error: 'missing list of positions' }
}
/** A line's fields by a regular expression, and what stands between them. */
function fieldsBy(regex: Regex, line: string): string[] {
  const out: string[] = []
  let from = 0
  for (let at = 0; at <= line.length; ) {
    const m = regex.exec(line, at)
    if (!m) break
    const [start = 0, end = 0] = m
    if (end === start) {
      at = end + 1
      continue
    }
    // Blanks before the first field don't make an empty one.
    if (start > 0 || from > 0) out.push(line.slice(from, start))
    from = at = end
  }
  out.push(line.slice(from))
  return out
}

export const cut: Applet = {
  name: 'cut',
  usage: '[OPTIONS] [FILE]...',
  help: "Print selected fields from FILEs to stdout\n\n\t-b LIST\tOutput only bytes from LIST\n\t-c LIST\tOutput only characters from LIST\n\t-d SEP\tField delimiter for input (default -f TAB, -F run of whitespace)\n\t-O SEP\tField delimiter for output (default = -d for -f, one space for -F)\n\t-D\tDon't sort/collate sections or match -fF lines without delimiter\n\t-f LIST\tPrint only these fields (-d is single char)\n\t-F LIST\tPrint only these fields (-d is regex)\n\t-s\tOutput only lines containing delimiter\n\t-n\tIgnored",
  *run(sys, argv) {
    const o = yield* getopt(sys, cut, argv, 'b:c:f:d:sDO:F:n')
    if (typeof o === 'number') return o
    const kinds = ['b', 'c', 'f', 'F'].filter((k) => o.has(k))
    const [kind] = kinds
    if (kinds.length > 1) return yield* showUsage(sys, cut)
    const problem = (message: string) => warn(sys, `cut: ${message}\n`)
    if (kind === undefined) {
      yield* problem('expected a list of bytes, characters, or fields')
      return 1
    }
    const fields = kind === 'f' || kind === 'F'
    if (!fields && (o.has('d') || o.has('s'))) {
      yield* problem(
        o.has('d')
          ? 'a delimiter may be specified only when operating on fields'
          : 'suppressing non-delimited lines makes sense only when operating on fields',
      )
      return 1
    }
    const list = parseList(o.value(kind) as string)
    if ('error' in list) {
      yield* problem(list.error)
      return 1
    }
    const given = o.value('d')
    const separator = given === undefined ? '\t' : fromWord(given).slice(0, kind === 'f' ? 1 : undefined)
    let regex: Regex | undefined
    if (kind === 'F') {
      const made = compileRegex(given === undefined ? '[[:space:]]+' : fromWord(given), true)
      if ('error' in made) {
        yield* problem(`bad regex '${given}': ${made.error}`)
        return 1
      }
      regex = made
    }
    const between = o.has('O') ? fromWord(o.value('O') as string) : kind === 'F' ? ' ' : separator
    const wanted = (n: number): boolean => list.some(([a, b]) => n >= a && n <= b)
    /** Parts in the line's order, or with -D in the list's. */
    const pick = (parts: readonly string[]): string[] =>
      o.has('D')
        ? list.flatMap(([a, b]) => parts.slice(a - 1, Math.min(b, parts.length)))
        : parts.filter((_, i) => wanted(i + 1))
    const out = new Output(sys)
    const status = yield* lines(sys, 'cut', o.rest, function* (line) {
      if (!fields) {
        const characters = kind === 'c' ? (line.match(/[\xc0-\xff][\x80-\xbf]*|[\s\S]/g) ?? []) : [...line]
        yield* out.write(`${pick(characters).join('')}\n`)
        return undefined
      }
      const parts = regex ? fieldsBy(regex, line) : line.split(separator)
      if (parts.length === 1 && !regex) {
        if (!o.has('s')) yield* out.write(`${line}\n`)
        return undefined
      }
      yield* out.write(`${pick(parts).join(between)}\n`)
      return undefined
    })
    return yield* out.end('cut', status)
  },
}
