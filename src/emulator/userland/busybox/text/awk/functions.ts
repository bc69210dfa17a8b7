/** awk's functions that wait for nothing. Arguments come as expressions: some are patterns or places. */
import { convert } from '../../../lib/printf.ts'
import type { Match, Regex } from '../../../lib/regex.ts'
import { mktime, strftime } from '../../../lib/time.ts'
import type { Interpreter } from './interpreter.ts'
import { AwkError } from './lexer.ts'
import type { Expr, Place } from './syntax.ts'
import { Field, toNumber, type Value } from './values.ts'

type Function = (awk: Interpreter, args: readonly Expr[], line: number) => Value
const number = (awk: Interpreter, e: Expr | undefined): number => (e ? toNumber(awk.now(e)) : 0)
const text = (awk: Interpreter, e: Expr | undefined): string => (e ? awk.text(awk.now(e)) : '')
const few = (line: number): AwkError => new AwkError('Too few arguments', line)
/** A number as C's (int) makes it: what doesn't fit is the least one. */
const int32 = (n: number): number => (n >= -2147483648.999 && n < 2147483648 ? Math.trunc(n) : -2147483648)
const unsigned = (n: number): bigint => BigInt.asUintN(64, BigInt(Number.isFinite(n) ? Math.trunc(n) : 0))

/** printf's text. */
export function format(awk: Interpreter, values: readonly Value[], line: number): string {
  const spec = awk.text(values[0])
  let next = 1
  let out = ''
  let at = 0
  const conversion = /%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d*))?[hlLqjzt]*([\s\S]?)/g
  for (let m = conversion.exec(spec); m; m = conversion.exec(spec)) {
    out += spec.slice(at, m.index)
    at = conversion.lastIndex
    const kind = m[4] as string
    if (kind === '%') {
      out += '%'
      continue
    }
    let flags = m[1] ?? ''
    let width = m[2] === '*' ? int32(toNumber(values[next++])) : Number(m[2] ?? 0)
    if (width < 0) {
      flags += '-'
      width = -width
    }
    const wanted = m[3] === '*' ? int32(toNumber(values[next++])) : m[3] === undefined ? -1 : Number(m[3])
    const precision = wanted < 0 ? undefined : wanted
    if (width > 1e6 || wanted > 1e6) throw new AwkError('Out of memory', line)
    const value = values[next++]
    if (/[di]/.test(kind)) out += convert('d', flags, width, precision, int32(toNumber(value)))
    else if (/[ouxX]/.test(kind)) out += convert(kind, flags, width, precision, int32(toNumber(value)) >>> 0)
    else if (/[eEfFgG]/.test(kind)) out += convert(kind, flags, width, precision, toNumber(value))
    else if (kind === 's') out += convert('s', flags, width, precision, awk.text(value))
    else if (kind === 'c') {
      const numeric = typeof value === 'number' || (value instanceof Field && value.numeric)
      const c = numeric ? String.fromCharCode(toNumber(value) & 255) : awk.text(value).slice(0, 1) || '\0'
      out += convert('c', flags, width, undefined, c)
    } else throw new AwkError('Invalid format specifier', line)
  }
  return out + spec.slice(at)
}

/** A replacement's text: `&` is the match; with `groups`, `\1` to `\9` too. */
function replacementOf(template: string, subject: string, m: Match, groups: boolean): string {
  return template.replace(/\\([\s\S])|&/g, (all, c?: string) => {
    if (all === '&') return subject.slice(m[0], m[1])
    if (c === '&' || c === '\\') return c
    if (!groups || !/\d/.test(c as string)) return all
    const start = m[2 * Number(c)] ?? -1
    return start < 0 ? '' : subject.slice(start, m[2 * Number(c) + 1])
  })
}
/** Replaces the `which`th match, or all (0); answers the new text and how many were replaced. */
function replace(
  subject: string,
  regex: Regex,
  template: string,
  which: number,
  groups: boolean,
): readonly [string, number] {
  let out = ''
  let copied = 0
  let seen = 0
  let done = 0
  let before = -1
  for (let at = 0; at <= subject.length; ) {
    const m = regex.exec(subject, at)
    if (!m) break
    const [start = 0, end = 0] = m
    at = start === end ? end + 1 : end
    if (start === end && start === before) continue
    before = start === end ? -1 : end
    if (++seen < which) continue
    out += subject.slice(copied, start) + replacementOf(template, subject, m, groups)
    copied = end
    done++
    if (which > 0) break
  }
  return [out + subject.slice(copied), done]
}
const substitute =
  (which: number): Function =>
  (awk, args, line) => {
    const [pattern, template, target] = args
    if (!pattern || !template) throw few(line)
    const place = (target ?? { op: 'field', index: { op: 'constant', value: 0, pure: true }, pure: true }) as Place
    const [result, count] = replace(text(awk, place), awk.patternOf(pattern), text(awk, template), which, false)
    if (count > 0 && (place.op === 'var' || place.op === 'field' || place.op === 'index')) awk.storeNow(place, result)
    return count
  }
const math =
  (f: (x: number) => number): Function =>
  (awk, args) =>
    f(number(awk, args[0]))
const bits =
  (f: (a: bigint, b: bigint) => bigint): Function =>
  (awk, args) =>
    Number(BigInt.asUintN(64, f(unsigned(number(awk, args[0])), unsigned(number(awk, args[1])))))

export const pureFunctions: Readonly<Record<string, Function>> = {
  length(awk, args) {
    const [e] = args
    if (!e) return awk.record.length
    if (e.op === 'var' && awk.isArray(e)) return awk.array(e).length
    return text(awk, e).length
  },
  substr(awk, args, line) {
    if (args.length < 2) throw few(line)
    const subject = text(awk, args[0])
    const from = Math.trunc(number(awk, args[1])) - 1
    const count = args[2] ? Math.trunc(number(awk, args[2])) : Infinity
    // A start before the text costs length in POSIX; busybox begins at the first character and keeps the length.
    const start = Math.max(0, Number.isNaN(from) ? 0 : from)
    return Number.isNaN(count) || count <= 0 ? '' : subject.slice(start, start + count)
  },
  index: (awk, args) => {
    const wanted = text(awk, args[1])
    return wanted === '' ? 0 : text(awk, args[0]).indexOf(wanted) + 1
  },
  split(awk, args, line) {
    const [subject, array, separator] = args
    if (!subject || !array) throw few(line)
    const value = text(awk, subject)
    const by =
      separator === undefined
        ? awk.fieldSeparator
        : separator.op === 'regex'
          ? awk.patternOf(separator)
          : text(awk, separator)
    const parts = awk.splitText(value, by)
    const into = awk.array(array)
    into.clear()
    for (const [i, part] of parts.entries()) into.set(String(i + 1), new Field(part))
    return parts.length
  },
  sub: substitute(1),
  gsub: substitute(0),
  gensub(awk, args, line) {
    const [pattern, template, how, target] = args
    if (!pattern || !template || !how) throw few(line)
    const which = text(awk, how)
    const subject = target ? text(awk, target) : awk.record
    const nth = /^[gG]/.test(which) ? 0 : Math.max(1, Math.trunc(number(awk, how)))
    return replace(subject, awk.patternOf(pattern), text(awk, template), nth, true)[0]
  },
  match(awk, args, line) {
    const [subject, pattern] = args
    if (!subject || !pattern) throw few(line)
    const value = text(awk, subject)
    const m = awk.patternOf(pattern).exec(value)
    const start = m ? (m[0] as number) + 1 : 0
    awk.setSpecial('RSTART', start)
    awk.setSpecial('RLENGTH', m ? (m[1] as number) - (m[0] as number) : -1)
    return start
  },
  sprintf: (awk, args, line) => {
    if (args.length === 0) throw few(line)
    return format(
      awk,
      args.map((a) => awk.now(a)),
      line,
    )
  },
  sin: math(Math.sin),
  cos: math(Math.cos),
  exp: math(Math.exp),
  log: math(Math.log),
  sqrt: math(Math.sqrt),
  int: math(Math.trunc),
  atan2: (awk, args) => Math.atan2(number(awk, args[0]), number(awk, args[1])),
  rand: (awk) => awk.random.fraction(),
  srand(awk, args) {
    const before = awk.seed
    awk.seed = args[0] ? Math.trunc(number(awk, args[0])) : Math.floor(awk.now0 / 1e9)
    awk.random.seed(awk.seed)
    return before
  },
  tolower: (awk, args) => text(awk, args[0]).replace(/[A-Z]/g, (c) => c.toLowerCase()),
  toupper: (awk, args) => text(awk, args[0]).replace(/[a-z]/g, (c) => c.toUpperCase()),
  and: bits((a, b) => a & b),
  or: bits((a, b) => a | b),
  xor: bits((a, b) => a ^ b),
  lshift: bits((a, b) => (b < 64n ? a << b : 0n)),
  rshift: bits((a, b) => (b < 64n ? a >> b : 0n)),
  compl: bits((a) => ~a),
  systime: (awk) => Math.floor(awk.now0 / 1e9),
  strftime(awk, args) {
    const at = args[1] ? number(awk, args[1]) * 1e9 : awk.now0
    return strftime(args[0] ? text(awk, args[0]) : '%a %b %e %H:%M:%S %Z %Y', at, awk.zone)
  },
  mktime(awk, args) {
    const m = text(awk, args[0]).match(/-?\d+/g)?.map(Number) ?? []
    if (m.length < 6) return -1
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = m
    return mktime({ year, month, day, hour, minute, second }, awk.zone) / 1e9
  },
}
