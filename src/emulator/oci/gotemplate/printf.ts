/** fmt.Sprintf over values that came from JSON: Go's fmt, "Printing". */
import { goString, typeName } from './functions.ts'

type Value = unknown
const bytesOf = (v: Value): readonly number[] => [...new TextEncoder().encode(goString(v))]
/** A number with an exponent of two digits at least, as Go writes it. */
const exponent = (text: string): string => text.replace(/e([-+])(\d)$/, 'e$10$2')
/** %g: the shortest form, with an exponent where it is far from one. */
function general(n: number, precision: number | undefined): string {
  if (precision !== undefined) {
    const at = n === 0 ? 0 : Math.floor(Math.log10(Math.abs(n)))
    if (at < -4 || at >= Math.max(1, precision))
      return exponent(n.toExponential(Math.max(0, precision - 1)).replace(/\.?0+e/, 'e'))
    return String(Number(n.toPrecision(Math.max(1, precision))))
  }
  const at = n === 0 ? 0 : Math.floor(Math.log10(Math.abs(n)))
  return at < -4 || at >= 21 ? exponent(n.toExponential()) : String(n)
}
/** A value by a verb; undefined where the verb isn't for values of its type. */
function format(kind: string, v: Value, flags: string, precision: number | undefined): string | undefined {
  const sharp = flags.includes('#')
  if (kind === 'v') return v === null || v === undefined ? '<nil>' : goString(v)
  if (kind === 'T') return v === null || v === undefined ? '<nil>' : typeName(v)
  if (v === null || v === undefined) return undefined
  if (Array.isArray(v)) {
    const each = v.map((x) => format(kind, x, flags, precision) ?? `%!${kind}(${typeName(x)}=${goString(x)})`)
    return `[${each.join(' ')}]`
  }
  if (typeof v === 'boolean') return kind === 't' ? String(v) : undefined
  if (typeof v === 'number' && Number.isInteger(v)) {
    const radix = { d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }[kind]
    const sign = v < 0 ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
    if (radix !== undefined) {
      const prefix = kind === 'O' ? '0o' : sharp ? ({ b: '0b', o: '0', x: '0x', X: '0X' }[kind] ?? '') : ''
      const digits = Math.abs(v).toString(radix)
      return `${sign}${prefix}${kind === 'X' ? digits.toUpperCase() : digits}`
    }
    const character = v >= 0 && v <= 0x10ffff ? String.fromCodePoint(v) : '\ufffd'
    if (kind === 'c') return character
    if (kind === 'q') return `'${character}'`
    if (kind === 'U') return `U+${v.toString(16).toUpperCase().padStart(4, '0')}${sharp ? ` '${character}'` : ''}`
    return undefined
  }
  if (typeof v === 'number') {
    const sign = v >= 0 && flags.includes('+') ? '+' : ''
    if (kind === 'f' || kind === 'F') return sign + v.toFixed(precision ?? 6)
    if (kind === 'e' || kind === 'E') {
      const text = exponent(v.toExponential(precision ?? 6))
      return sign + (kind === 'E' ? text.toUpperCase() : text)
    }
    if (kind === 'g' || kind === 'G') return sign + general(v, precision)
    return undefined
  }
  if (typeof v === 'string') {
    const cut = precision === undefined ? v : [...v].slice(0, precision).join('')
    if (kind === 's') return cut
    if (kind === 'q') return sharp && !cut.includes('`') ? `\`${cut}\`` : JSON.stringify(cut)
    if (kind === 'x' || kind === 'X') {
      const text = bytesOf(cut).map((n) => n.toString(16).padStart(2, '0'))
      const joined = text.join(flags.includes(' ') ? ' ' : '')
      return kind === 'X' ? joined.toUpperCase() : joined
    }
    return undefined
  }
  return kind === 's' || kind === 'd' ? goString(v) : undefined
}
/** Widths beyond this are cut: a template is no way to fill the memory. */
const WIDEST = 999

/** The text of a format and its operands; verbs and operands that don't fit are told in the text, as Go does. */
export function sprintf(pattern: string, args: readonly Value[]): string {
  let i = 0
  let out = ''
  let at = 0
  const verb = /([-+0 #]*)(\*|\d*)(?:\.(\*|\d*))?(.?)/suy
  while (at < pattern.length) {
    const next = pattern.indexOf('%', at)
    if (next < 0) break
    out += pattern.slice(at, next)
    verb.lastIndex = next + 1
    const [all = '', flags = '', width = '', precision, kind = ''] = verb.exec(pattern) ?? []
    at = next + 1 + all.length
    if (kind === '') {
      out += '%!(NOVERB)'
      continue
    }
    if (kind === '%') {
      out += '%'
      continue
    }
    const numberOf = (text: string): number => (text === '*' ? Number(args[i++] ?? 0) : Number(text))
    const wide = Math.min(WIDEST, numberOf(width || '0'))
    const exact = precision === undefined ? undefined : Math.min(100, numberOf(precision || '0'))
    if (i >= args.length) {
      out += `%!${kind}(MISSING)`
      continue
    }
    const v = args[i++]
    const text = format(kind, v, flags, exact)
    if (text === undefined) {
      out += v === null || v === undefined ? `%!${kind}(<nil>)` : `%!${kind}(${typeName(v)}=${goString(v)})`
      continue
    }
    if (flags.includes('-')) out += text.padEnd(wide)
    else if (flags.includes('0') && typeof v === 'number') {
      const sign = /^[-+ ]/.exec(text)?.[0] ?? ''
      out += sign + text.slice(sign.length).padStart(wide - sign.length, '0')
    } else out += text.padStart(wide)
  }
  out += pattern.slice(at)
  if (i < args.length)
    out += `%!(EXTRA ${args
      .slice(i)
      .map((v) => (v === null || v === undefined ? '<nil>' : `${typeName(v)}=${goString(v)}`))
      .join(', ')})`
  return out
}
