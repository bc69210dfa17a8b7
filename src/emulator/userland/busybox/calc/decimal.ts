/** Decimal numbers of any length as bc(1) and dc(1) have them: a whole number of 10^-scale. What doesn't fit a scale is cut off, not rounded. */

export interface Num {
  readonly n: bigint
  /** Digits after the point. */
  readonly scale: number
}
/** What can't be computed, in busybox's words. */
export class CalcError extends Error {}

/** Digits that a result may have: more would cost the reader's machine minutes. */
const DIGITS = 100_000
const ten = (digits: number): bigint => 10n ** BigInt(digits)
export const num = (n: number | bigint): Num => ({ n: BigInt(n), scale: 0 })
export const ZERO = num(0)
export const ONE = num(1)
/** The same value cut to another scale. */
export const rescale = (a: Num, scale: number): Num =>
  scale >= a.scale ? { n: a.n * ten(scale - a.scale), scale } : { n: a.n / ten(a.scale - scale), scale }

export function add(a: Num, b: Num): Num {
  const scale = Math.max(a.scale, b.scale)
  return { n: rescale(a, scale).n + rescale(b, scale).n, scale }
}
export const negate = (a: Num): Num => ({ n: -a.n, scale: a.scale })
export const subtract = (a: Num, b: Num): Num => add(a, negate(b))
export const compare = (a: Num, b: Num): number => {
  const d = subtract(a, b).n
  return d < 0n ? -1 : d > 0n ? 1 : 0
}
export const multiply = (a: Num, b: Num, scale: number): Num =>
  rescale({ n: a.n * b.n, scale: a.scale + b.scale }, Math.min(a.scale + b.scale, Math.max(scale, a.scale, b.scale)))
export function divide(a: Num, b: Num, scale: number): Num {
  if (b.n === 0n) throw new CalcError('divide by zero')
  return { n: (a.n * ten(scale + b.scale)) / (b.n * ten(a.scale)), scale }
}
export function remainder(a: Num, b: Num, scale: number): Num {
  const quotient = divide(a, b, scale)
  return rescale(
    subtract(a, { n: quotient.n * b.n, scale: quotient.scale + b.scale }),
    Math.max(scale + b.scale, a.scale),
  )
}
export function power(a: Num, b: Num, scale: number): Num {
  if (rescale(b, 0).n * ten(b.scale) !== b.n) throw new CalcError('not an integer')
  const exponent = rescale(b, 0).n
  const times = exponent < 0n ? -exponent : exponent
  if (times > BigInt(DIGITS) || Number(times) * String(a.n).length > DIGITS)
    throw new CalcError('zukan: not emulated: numbers of so many digits')
  const raised: Num = { n: a.n ** times, scale: a.scale * Number(times) }
  if (exponent < 0n) return divide(ONE, raised, scale)
  return rescale(raised, Math.min(raised.scale, Math.max(scale, a.scale)))
}
export function squareRoot(a: Num, scale: number): Num {
  if (a.n < 0n) throw new CalcError('negative number')
  const to = Math.max(scale, a.scale)
  const n = rescale(a, to * 2).n
  if (n === 0n) return { n: 0n, scale: to }
  let x = 1n << BigInt(Math.ceil(n.toString(2).length / 2))
  for (;;) {
    const next = (x + n / x) >> 1n
    if (next >= x) return { n: x, scale: to }
    x = next
  }
}
/** How many digits a number has. */
export const length = (a: Num): number => Math.max(String(a.n < 0n ? -a.n : a.n).length, a.scale)

const digitsOf = '0123456789ABCDEF'
/** A number as it is written in a base from 2 to 16. A single digit has its value in whatever base. */
export function parse(text: string, base: number): Num {
  const [whole = '', part = ''] = text.split('.')
  if (base === 10 && !/[A-F]/.test(text)) return { n: BigInt(`${whole}${part}` || '0'), scale: part.length }
  const value = (c: string): number => {
    const d = digitsOf.indexOf(c)
    return text.length > 1 && d >= base ? base - 1 : d
  }
  let n = 0n
  for (const c of whole) n = n * BigInt(base) + BigInt(value(c))
  let below = 0n
  for (const c of part) below = below * BigInt(base) + BigInt(value(c))
  return add({ n, scale: 0 }, divide(num(below), num(BigInt(base) ** BigInt(part.length)), part.length))
}
/** A number in a base; long ones go over several lines, each ended by a backslash but the last. */
export function format(a: Num, base: number, line = 69): string {
  const minus = a.n < 0n ? '-' : ''
  const size = a.n < 0n ? -a.n : a.n
  const whole = size / ten(a.scale)
  const below = size % ten(a.scale)
  let text: string
  if (base === 10) {
    text = `${whole === 0n && a.scale > 0 && size !== 0n ? '' : whole}`
    if (a.scale > 0 && size !== 0n) text += `.${String(below).padStart(a.scale, '0')}`
  } else {
    const places: number[] = []
    for (let rest = whole; rest > 0n; rest /= BigInt(base)) places.unshift(Number(rest % BigInt(base)))
    const width = String(base - 1).length
    const one = (d: number): string => (base <= 16 ? (digitsOf[d] as string) : ` ${String(d).padStart(width, '0')}`)
    text = places.map(one).join('')
    if (text === '' && below === 0n) text = base <= 16 ? '0' : ` ${'0'.repeat(width)}`
    if (below > 0n) {
      text += '.'
      // As many places as tell the decimal ones apart.
      let rest = below
      for (let reach = 1n; reach < ten(a.scale); reach *= BigInt(base)) {
        rest *= BigInt(base)
        text += one(Number(rest / ten(a.scale)))
        rest %= ten(a.scale)
      }
    }
  }
  text = minus + text
  if (line < 2 || text.length < line) return text
  const rows: string[] = []
  for (let at = 0; at < text.length; at += line - 1) rows.push(text.slice(at, at + line - 1))
  return rows.join('\\\n')
}
