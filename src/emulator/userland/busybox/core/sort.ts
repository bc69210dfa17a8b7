/** sort and uniq. */
import { isErr } from '../../../base/errno.ts'
import type { Run } from '../../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { fromWord } from '../../lib/argument.ts'
import { eachFile, lines } from '../../lib/input.ts'
import { binary, readAll, warn } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt } from '../../lib/options.ts'
import { Output } from '../../lib/output.ts'
import { strerror } from '../../lib/strerror.ts'
import { compareVersions } from '../../lib/versions.ts'
import type { Applet } from '../../program.ts'

/** A key of -k, `START[.OFS][OPTS][,END[.OFS][OPTS]]`: fields and characters from 1, 0 where not given. */
interface Key {
  readonly field: number
  readonly offset: number
  readonly endField: number
  readonly endOffset: number
  readonly flags: string
  /** -b at the end: blanks there don't count. */
  readonly trim: boolean
}
function parseKey(spec: string): Key | undefined {
  const m = /^(\d+)(?:\.(\d+))?([nrghMVbdfi]*)(?:,(\d+)(?:\.(\d+))?([nrghMVbdfi]*))?$/.exec(spec)
  if (!m || Number(m[1]) === 0) return undefined
  const n = (i: number): number => Number(m[i] ?? 0)
  return {
    field: n(1),
    offset: n(2),
    endField: n(4),
    endOffset: n(5),
    flags: (m[3] ?? '') + (m[6] ?? '').replace('b', ''),
    trim: (m[6] ?? '').includes('b'),
  }
}
const isBlank = (c: string | undefined): boolean => c !== undefined && /[\t-\r ]/.test(c)
/** Where a line's field ends (or, with `start`, begins). */
function edge(line: string, field: number, start: boolean, separator: string | undefined): number {
  let at = 0
  let cut = false
  for (let i = 1; i < field + (start ? 0 : 1); i++) {
    if (separator !== undefined) {
      const next = line.indexOf(separator, at)
      cut = next >= 0
      at = next < 0 ? line.length : next + 1
    } else {
      while (isBlank(line[at])) at++
      while (at < line.length && !isBlank(line[at])) at++
    }
  }
  return !start && cut ? at - 1 : at
}
function keyText(line: string, key: Key, flags: string, separator: string | undefined): string {
  let from = edge(line, key.field, true, separator)
  let to = key.endField === 0 ? line.length : edge(line, key.endField, false, separator)
  if (flags.includes('b')) while (isBlank(line[from])) from++
  if (key.trim) while (to > from && isBlank(line[to - 1])) to--
  if (key.endOffset > 0) to = Math.min(line.length, edge(line, key.endField, true, separator) + key.endOffset)
  if (key.offset > 0) from = Math.min(line.length, from + key.offset - 1)
  let text = line.slice(from, Math.max(from, to))
  if (flags.includes('d')) text = text.replace(/[^A-Za-z0-9\t-\r ]/g, '')
  if (flags.includes('i')) text = text.replace(/[^ -~]/g, '')
  return flags.includes('f') ? text.toUpperCase() : text
}
const MONTHS = 'JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC'
/** strtod(3), hexadecimal numbers too. */
const floatOf = (text: string): number => {
  const m = /^[\t-\r ]*([-+]?)(?:(0[xX][\da-fA-F]+)|((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?))/.exec(text)
  return m ? Number(m[2] ?? m[3]) * (m[1] === '-' ? -1 : 1) : 0
}
function compareTexts(a: string, b: string, flags: string): number {
  if (flags.includes('V')) return compareVersions(a, b)
  let value: ((t: string) => number) | undefined
  if (flags.includes('M'))
    value = (t) => Math.floor(MONTHS.indexOf(t.trimStart().slice(0, 3).toUpperCase().padEnd(3, '?')) / 3)
  else if (flags.includes('h'))
    value = (t) =>
      floatOf(t) * 1024 ** ('KMGTPEZY'.indexOf(/[\d.]([KMGTPEZYk])/.exec(t)?.[1]?.toUpperCase() ?? '?') + 1)
  else if (/[ng]/.test(flags)) value = floatOf
  if (value) return value(a) - value(b)
  return a < b ? -1 : a > b ? 1 : 0
}

export const sort: Applet = {
  name: 'sort',
  usage: '[-nrughMcszbdfiokt] [-o FILE] [-k START[.OFS][OPTS][,END[.OFS][OPTS]] [-t CHAR] [FILE]...',
  help: "Sort lines of text\n\n\t-o FILE\tOutput to FILE\n\t-c\tCheck whether input is sorted\n\t-b\tIgnore leading blanks\n\t-f\tIgnore case\n\t-i\tIgnore unprintable characters\n\t-d\tDictionary order (blank or alphanumeric only)\n\t-n\tSort numbers\n\t-g\tGeneral numerical sort\n\t-h\tSort human readable numbers (2K 1G)\n\t-M\tSort month\n\t-V\tSort version\n\t-t CHAR\tField separator\n\t-k N[,M] Sort by Nth field\n\t-r\tReverse sort order\n\t-s\tStable (don't sort ties alphabetically)\n\t-u\tSuppress duplicate lines\n\t-z\tNUL terminated input and output",
  *run(sys, argv) {
    const o = yield* getopt(sys, sort, argv, 'nrughMVcszbdfimS:T:o:k:t:', {}, 2)
    if (typeof o === 'number') return o
    const end = o.has('z') ? '\0' : '\n'
    const separator = o.has('t') ? fromWord(o.value('t') as string) : undefined
    if (separator !== undefined && separator.length !== 1) {
      yield* warn(sys, 'sort: bad -t parameter\n')
      return 2
    }
    const keys: Key[] = []
    for (const spec of o.all('k')) {
      const key = parseKey(spec)
      if (!key) {
        yield* warn(sys, 'sort: bad field specification\n')
        return 2
      }
      keys.push(key)
    }
    const all: string[] = []
    let size = 0
    let full = false
    const status = yield* eachFile(sys, 'sort', o.rest, function* (fd) {
      const bytes = yield* readAll(sys, fd)
      if (isErr(bytes)) return bytes
      size += bytes.length
      if (yield* sys.brk(size)) full = true
      const text = binary(bytes)
      if (text !== '') for (const line of (text.endsWith(end) ? text.slice(0, -1) : text).split(end)) all.push(line)
      return undefined
    })
    if (full) {
      yield* warn(sys, 'sort: out of memory\n')
      return 2
    }
    if (status !== 0) return 2
    const general = [...'nrghMVbdfi'].filter((f) => o.has(f)).join('')
    const whole: Key = { field: 1, offset: 0, endField: 0, endOffset: 0, flags: '', trim: false }
    const compare = (a: string, b: string): number => {
      for (const key of keys.length > 0 ? keys : [whole]) {
        const flags = key.flags || general
        const r = compareTexts(keyText(a, key, flags, separator), keyText(b, key, flags, separator), flags)
        if (r !== 0 && !Number.isNaN(r)) return flags.includes('r') ? -r : r
      }
      if (o.has('u') || o.has('s')) return 0
      const r = a < b ? -1 : a > b ? 1 : 0
      return o.has('r') ? -r : r
    }
    if (o.has('c')) {
      for (let i = 1; i < all.length; i++) {
        const r = compare(all[i - 1] as string, all[i] as string)
        if (r > 0 || (o.has('u') && r === 0)) {
          yield* warn(sys, `Check line ${i}\n`)
          return 1
        }
      }
      return 0
    }
    all.sort(compare)
    const kept = o.has('u') ? all.filter((l, i) => i === 0 || compare(all[i - 1] as string, l) !== 0) : all
    const file = o.value('o')
    const fd = file === undefined ? 1 : yield* sys.open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    if (isErr(fd)) {
      yield* warn(sys, `sort: ${file}: ${strerror(fd)}\n`)
      return 2
    }
    const out = new Output(sys, fd)
    for (const line of kept) yield* out.write(line + end)
    return yield* out.end('sort')
  },
}

export const uniq: Applet = {
  name: 'uniq',
  usage: '[-cduiz] [-f,s,w N] [FILE [OUTFILE]]',
  help: 'Discard duplicate lines\n\n\t-c\tPrefix lines by the number of occurrences\n\t-d\tOnly print duplicate lines\n\t-u\tOnly print unique lines\n\t-i\tIgnore case\n\t-z\tNUL terminated output\n\t-f N\tSkip first N fields\n\t-s N\tSkip first N chars (after any skipped fields)\n\t-w N\tCompare N characters in line',
  *run(sys, argv) {
    const o = yield* getopt(sys, uniq, argv, 'cduif:s:w:z')
    if (typeof o === 'number') return o
    for (const letter of ['f', 's', 'w']) {
      const n = parseNumber(o.value(letter) ?? '0')
      if (typeof n === 'number') continue
      yield* warn(sys, `uniq: ${n.error}\n`)
      return 1
    }
    const end = o.has('z') ? '\0' : '\n'
    const file = o.rest[1]
    const fd = file === undefined || file === '-' ? 1 : yield* sys.open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    if (isErr(fd)) {
      yield* warn(sys, `uniq: can't open '${file}': ${strerror(fd)}\n`)
      return 1
    }
    const out = new Output(sys, fd)
    const key = (line: string): string => {
      let k = line
      for (let i = Number(o.value('f') ?? 0); i > 0; i--) k = k.replace(/^\s*\S+/, '')
      k = k.slice(Number(o.value('s') ?? 0))
      const w = o.value('w')
      if (w !== undefined) k = k.slice(0, Number(w))
      return o.has('i') ? k.toLowerCase() : k
    }
    let last: string | undefined
    let count = 0
    const flush = function* (): Run<void> {
      if (last === undefined || (o.has('d') && count < 2) || (o.has('u') && count > 1)) return
      yield* out.write(`${o.has('c') ? `${String(count).padStart(7)} ` : ''}${last}${end}`)
    }
    const status = yield* lines(
      sys,
      'uniq',
      o.rest.slice(0, 1),
      function* (line) {
        if (last !== undefined && key(line) === key(last)) count++
        else {
          yield* flush()
          last = line
          count = 1
        }
        return undefined
      },
      true,
    )
    yield* flush()
    return yield* out.end('uniq', status)
  },
}
