/** factor and cal. */

import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { binary, print, readAll, warn } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { daysInMonth, localTime, MONTHS, weekdayOf, zoneOf } from '../../lib/time.ts'
import type { Applet } from '../../program.ts'

const power = (base: bigint, exponent: bigint, modulus: bigint): bigint => {
  let result = 1n
  let b = base % modulus
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * b) % modulus
    b = (b * b) % modulus
  }
  return result
}
/** Miller and Rabin; with these witnesses exact below 2^64. */
function isPrime(n: bigint): boolean {
  const witnesses = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n]
  if (n < 2n) return false
  for (const p of witnesses) if (n % p === 0n) return n === p
  let d = n - 1n
  let r = 0
  while ((d & 1n) === 0n) {
    d >>= 1n
    r++
  }
  return witnesses.every((a) => {
    let x = power(a, d, n)
    if (x === 1n || x === n - 1n) return true
    for (let i = 1; i < r; i++) {
      x = (x * x) % n
      if (x === n - 1n) return true
    }
    return false
  })
}
const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b))
/** Pollard's rho: a divisor of a composite number. */
function divisor(n: bigint): bigint {
  for (let c = 1n; ; c++) {
    let x = 2n
    let y = 2n
    let d = 1n
    while (d === 1n) {
      let product = 1n
      for (let i = 0; i < 64; i++) {
        x = (x * x + c) % n
        y = (y * y + c) % n
        y = (y * y + c) % n
        const difference = x > y ? x - y : y - x
        if (difference === 0n) break
        product = (product * difference) % n
      }
      d = product === 0n ? n : gcd(product, n)
      if (x === y && d === 1n) d = n
    }
    if (d !== n) return d
    // The steps are gone through one by one where they were too many at once.
    x = 2n
    y = 2n
    d = 1n
    while (d === 1n) {
      x = (x * x + c) % n
      y = (y * y + c) % n
      y = (y * y + c) % n
      d = gcd(x > y ? x - y : y - x, n)
    }
    if (d !== n) return d
  }
}
/** Prime factors, least first. */
export function factorize(number: bigint): bigint[] {
  const out: bigint[] = []
  const todo: bigint[] = []
  let n = number
  for (let p = 2n; p < 1000n && p * p <= n; p++)
    while (n % p === 0n) {
      out.push(p)
      n /= p
    }
  if (n > 1n) todo.push(n)
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (isPrime(next)) out.push(next)
    else {
      const d = divisor(next)
      todo.push(d, next / d)
    }
  }
  return out.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}
export const factor: Applet = {
  name: 'factor',
  usage: '[NUMBER]...',
  help: 'Print prime factors',
  *run(sys, argv) {
    const o = yield* getopt(sys, factor, argv, '')
    if (typeof o === 'number') return o
    let words = o.rest
    if (words.length === 0) {
      const input = yield* readAll(sys, 0)
      words = isErr(input) ? [] : binary(input).split(/\s+/).filter(Boolean)
    }
    for (const word of words) {
      const digits = word.trim().replace(/^\+/, '')
      if (!/^(\d+|0[xX][0-9a-fA-F]+)$/.test(digits) || BigInt(digits) >= 1n << 64n) return yield* showUsage(sys, factor)
      const n = BigInt(digits)
      yield* print(
        sys,
        `${n}:${factorize(n)
          .map((f) => ` ${f}`)
          .join('')}\n`,
      )
    }
    return 0
  },
}

/** Days of a month in rows of weeks; `julian` numbers them through the year. In September 1752 eleven days are missing. */
function month(year: number, m: number, monday: boolean, julian: boolean): string[] {
  const reform = (d: number): boolean => year === 1752 && m === 9 && d > 2 && d < 14
  const before = Array.from({ length: m - 1 }, (_, i) => daysIn(year, i + 1)).reduce((a, b) => a + b, 0)
  const width = julian ? 3 : 2
  let column = (firstWeekday(year, m) + (monday ? 6 : 0)) % 7
  const rows: string[] = []
  let row = Array<string>(column).fill(' '.repeat(width))
  let count = 0
  for (let d = 1; d <= lastDay(year, m); d++) {
    if (reform(d)) continue
    count++
    row.push(String(julian ? before + count : d).padStart(width))
    column = (column + 1) % 7
    if (column === 0) {
      rows.push(row.join(' '))
      row = []
    }
  }
  if (row.length > 0) rows.push(row.join(' '))
  while (rows.length < 6) rows.push('')
  return rows
}
const julianLeap = (year: number): boolean => year % 4 === 0
const lastDay = (year: number, m: number): number =>
  year < 1752 || (year === 1752 && m <= 9)
    ? m === 2 && julianLeap(year)
      ? 29
      : daysInMonth(1999, m)
    : daysInMonth(year, m)
const daysIn = (year: number, m: number): number => lastDay(year, m) - (year === 1752 && m === 9 ? 11 : 0)
function firstWeekday(year: number, m: number): number {
  if (year > 1752 || (year === 1752 && m > 9)) return weekdayOf(year, m, 1)
  // The Julian calendar: 1 January of the year 1 was a Saturday.
  let days = (year - 1) * 365 + Math.floor((year - 1) / 4)
  for (let i = 1; i < m; i++) days += lastDay(year, i)
  return (days + 6) % 7
}
const centre = (text: string, width: number): string => ' '.repeat(Math.max(0, (width - text.length) >> 1)) + text

export const cal: Applet = {
  name: 'cal',
  usage: '[-jmy] [[MONTH] YEAR]',
  help: 'Display a calendar\n\n\t-j\tUse julian dates\n\t-m\tWeek starts on Monday\n\t-y\tDisplay the entire year',
  *run(sys, argv): Run<number> {
    const o = yield* getopt(sys, cal, argv, 'jmy')
    if (typeof o === 'number') return o
    if (o.rest.length > 2) return yield* showUsage(sys, cal)
    const now = localTime(yield* sys.clock('realtime'), zoneOf(sys as Sys))
    const limits = o.rest.length === 2 ? [12, 9999] : [9999]
    const numbers: number[] = []
    for (const [i, word] of o.rest.entries()) {
      const n = parseNumber(word, 1, limits[i] as number)
      if (typeof n !== 'number') {
        yield* warn(sys, `cal: ${n.error}\n`)
        return 1
      }
      numbers.push(n)
    }
    const julian = o.has('j')
    const monday = o.has('m')
    const year = numbers.length === 2 ? (numbers[1] as number) : (numbers[0] ?? now.year)
    const one = numbers.length === 2 ? numbers[0] : numbers.length === 0 && !o.has('y') ? now.month : undefined
    const width = julian ? 27 : 20
    const names = ['Su', 'Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa']
    const heading = (monday ? [...names.slice(1), 'Su'] : names).map((n) => n.padStart(julian ? 3 : 2)).join(' ')
    if (one !== undefined) {
      const rows = month(year, one, monday, julian)
      const title = centre(`${MONTHS[one - 1]} ${year}`, width)
      // A last row without a day is as wide as the others.
      yield* print(sys, `${title}\n${heading}\n${rows.map((r) => (r === '' ? ' '.repeat(width) : r)).join('\n')}\n`)
      return 0
    }
    const across = julian ? 2 : 3
    const gap = '  '
    const full = width * across + gap.length * (across - 1)
    let text = `${centre(String(year), full).padEnd(full)}\n\n`
    for (let m = 1; m <= 12; m += across) {
      const group = Array.from({ length: across }, (_, i) => m + i)
      text += `${group.map((x) => centre(MONTHS[x - 1] as string, width).padEnd(width)).join(gap)}\n`
      text += `${group.map(() => heading).join(gap)}\n`
      const rows = group.map((x) => month(year, x, monday, julian))
      for (let r = 0; r < 6; r++)
        text += `${rows
          .map((list) => (list[r] as string).padEnd(width))
          .join(gap)
          .trimEnd()}\n`
    }
    yield* print(sys, text)
    return 0
  },
}
