/** The functions of bc -l: sine, cosine, arctangent, logarithm, exponential and Bessel's. Series of whole numbers with digits to spare. */
import { CalcError, type Num, num, rescale } from './decimal.ts'

const SPARE = 12
const one = (digits: number): bigint => 10n ** BigInt(digits)

function exponential(x: bigint, unit: bigint): bigint {
  // e^x = (e^(x/2^k))^(2^k)
  let halvings = 0
  let small = x
  while ((small < 0n ? -small : small) > unit / 2n) {
    small /= 2n
    halvings++
  }
  let term = unit
  let sum = unit
  for (let i = 1n; term !== 0n; i++) {
    term = (term * small) / (unit * i)
    sum += term
  }
  for (; halvings > 0; halvings--) sum = (sum * sum) / unit
  return sum
}
function arctangent(x: bigint, unit: bigint): bigint {
  if (x < 0n) return -arctangent(-x, unit)
  // atan x = 2 atan(x / (1 + sqrt(1 + x^2))): smaller and smaller.
  let small = x
  let doublings = 0
  while (small > unit / 10n) {
    small = (small * unit) / (unit + root(unit * unit + small * small))
    doublings++
  }
  let power = small
  let sum = small
  const square = (small * small) / unit
  for (let i = 3n; power !== 0n; i += 2n) {
    power = -(power * square) / unit
    sum += power / i
  }
  return sum << BigInt(doublings)
}
function root(n: bigint): bigint {
  if (n === 0n) return 0n
  let x = 1n << BigInt(Math.ceil(n.toString(2).length / 2))
  for (;;) {
    const next = (x + n / x) >> 1n
    if (next >= x) return x
    x = next
  }
}
function logarithm(x: bigint, unit: bigint): bigint {
  if (x <= 0n) throw new CalcError('negative number')
  let small = x
  let doublings = 0n
  while (small > (unit * 11n) / 10n || small < (unit * 9n) / 10n) {
    small = root(small * unit)
    doublings++
  }
  const t = ((small - unit) * unit) / (small + unit)
  const square = (t * t) / unit
  let power = t
  let sum = t
  for (let i = 3n; power !== 0n; i += 2n) {
    power = (power * square) / unit
    sum += power / i
  }
  return (sum * 2n) << doublings
}
function sine(x: bigint, unit: bigint): bigint {
  const turn = arctangent(unit, unit) * 8n
  let small = x % turn
  if (small > turn / 2n) small -= turn
  let term = small
  let sum = small
  for (let i = 2n; term !== 0n; i += 2n) {
    term = -(((term * small) / unit) * small) / (unit * i * (i + 1n))
    sum += term
  }
  return sum
}
function bessel(order: number, x: bigint, unit: bigint): bigint {
  const half = x / 2n
  let term = unit
  for (let i = 1n; i <= BigInt(Math.abs(order)); i++) term = (term * half) / (unit * i)
  let sum = term
  for (let i = 1n; term !== 0n; i++) {
    term = -(((term * half) / unit) * half) / (unit * i * (i + BigInt(Math.abs(order))))
    sum += term
  }
  return order < 0 && order % 2 !== 0 ? -sum : sum
}

/** Names with how many arguments they take. */
export const mathFunctions: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['c', 1],
  ['a', 1],
  ['l', 1],
  ['e', 1],
  ['j', 2],
])
/** The value of one at a scale. */
export function mathFunction(name: string, args: readonly Num[], scale: number): Num {
  const last = args.at(-1) ?? num(0)
  const digits = scale + SPARE + String(last.n).length
  const unit = one(digits)
  const x = rescale(last, digits).n
  let n: bigint
  if (name === 'e') {
    if (x > unit * 10_000n) throw new CalcError('zukan: not emulated: numbers of so many digits')
    n = exponential(x, unit)
  } else if (name === 'l') n = logarithm(x, unit)
  else if (name === 'a') n = arctangent(x, unit)
  else if (name === 's') n = sine(x, unit)
  else if (name === 'c') n = sine(x + arctangent(unit, unit) * 2n, unit)
  else n = bessel(Number(rescale(args[0] ?? num(0), 0).n), x, unit)
  // A result that is whole but for the last spare digits is whole.
  const off = n % one(digits - scale)
  const near = one(3)
  if (off !== 0n && (off > one(digits - scale) - near || off < -one(digits - scale) + near)) n += n > 0n ? near : -near
  return rescale({ n, scale: digits }, scale)
}
