/** awk's values: numbers, texts, texts from input that may be numbers, and arrays. */
import { convert, general } from '../../../lib/printf.ts'

/** A text that was read: a number in comparisons where it looks like one. */
export class Field {
  readonly text: string
  #number: number | undefined
  #numeric: boolean | undefined
  constructor(text: string) {
    this.text = text
  }
  get number(): number {
    return (this.#number ??= numberOf(this.text))
  }
  get numeric(): boolean {
    return (this.#numeric ??= NUMERIC.test(this.text))
  }
}
/** Undefined where nothing was assigned. */
export type Value = number | string | Field | undefined

const FLOAT =
  '[-+]?(0[xX][0-9a-fA-F]+|(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?|[iI][nN][fF]([iI][nN][iI][tT][yY])?|[nN][aA][nN])'
const PREFIX = new RegExp(`^[\\t-\\r ]*${FLOAT}`)
const NUMERIC = new RegExp(`^[\\t-\\r ]*${FLOAT}[\\t-\\r ]*$`)

/** strtod(3): the number at the beginning of a text, 0 where there is none. */
export function numberOf(text: string): number {
  const m = PREFIX.exec(text)
  if (!m) return 0
  const word = m[0].trim().toLowerCase()
  const sign = word.startsWith('-') ? -1 : 1
  const digits = word.replace(/^[-+]/, '')
  if (digits.startsWith('inf')) return sign * Infinity
  return sign * Number(digits)
}
export const toNumber = (v: Value): number =>
  v === undefined ? 0 : typeof v === 'number' ? v : typeof v === 'string' ? numberOf(v) : v.number
/** A number as text: whole ones as %d, others by the format (CONVFMT or OFMT). */
export function formatNumber(n: number, format: string): string {
  if (Number.isInteger(n) && Math.abs(n) < 2 ** 63)
    return Math.abs(n) < 1e21 ? String(n === 0 ? 0 : BigInt(n)) : String(n)
  // What 0/0 gives on the processor has its sign set.
  if (Number.isNaN(n)) return '-nan'
  if (!Number.isFinite(n)) return n < 0 ? '-inf' : 'inf'
  if (format === '%.6g') return general(n, 6)
  const m = /^([^%]*)%([-+ 0#]*)(\d*)(?:\.(\d*))?([eEfFgGdi])([^%]*)$/.exec(format)
  if (!m) return general(n, 6)
  const precision = m[4] === undefined ? undefined : Number(m[4] || 0)
  return `${m[1]}${convert(m[5] as string, m[2] ?? '', Number(m[3] || 0), precision, n)}${m[6]}`
}
export const toText = (v: Value, format: string): string =>
  v === undefined ? '' : typeof v === 'string' ? v : typeof v === 'number' ? formatNumber(v, format) : v.text
export const isTrue = (v: Value): boolean =>
  v === undefined
    ? false
    : typeof v === 'number'
      ? v !== 0
      : typeof v === 'string'
        ? v !== ''
        : v.numeric
          ? v.number !== 0
          : v.text !== ''
/** Below, equal or above 0: as numbers where both are, else as texts. */
export function compare(a: Value, b: Value, format: string): number {
  const numeric = (v: Value): boolean => v === undefined || typeof v === 'number' || (v instanceof Field && v.numeric)
  if (numeric(a) && numeric(b)) {
    const [x, y] = [toNumber(a), toNumber(b)]
    // Nothing is equal to, below or above what isn't a number.
    return x < y ? -1 : x > y ? 1 : x === y ? 0 : Number.NaN
  }
  const [x, y] = [toText(a, format), toText(b, format)]
  return x < y ? -1 : x > y ? 1 : 0
}

/** Sizes that busybox's hash grows through. */
const SIZES = [61, 251, 1021, 4093, 16381, 65521]
/** Members a bucket before the hash grows. */
const FULL = 10

/**
 * An associative array. Programs see the order in which for-in walks it, so that order is busybox's: buckets of a hash, the newest
 * member of a bucket first.
 */
export class AwkArray {
  readonly #values = new Map<string, Value>()
  #buckets: string[][] = []
  #size = 0
  get length(): number {
    return this.#values.size
  }
  has(key: string): boolean {
    return this.#values.has(key)
  }
  /** The member, which is made where it isn't there. */
  get(key: string): Value {
    const v = this.#values.get(key)
    if (v === undefined && !this.#values.has(key)) this.set(key, undefined)
    return v
  }
  set(key: string, value: Value): void {
    if (!this.#values.has(key)) {
      if (this.#values.size + 1 > (SIZES[this.#size] as number) * FULL && this.#size + 1 < SIZES.length) this.#grow()
      this.#insert(key)
    }
    this.#values.set(key, value)
  }
  delete(key: string): void {
    if (!this.#values.delete(key)) return
    const bucket = this.#buckets[this.#hash(key)] as string[]
    bucket.splice(bucket.indexOf(key), 1)
  }
  clear(): void {
    this.#values.clear()
    this.#buckets = []
    this.#size = 0
  }
  keys(): string[] {
    // Buckets are lists whose end is the newest member.
    const out: string[] = []
    for (let i = 0; i < (SIZES[this.#size] as number); i++) {
      const bucket = this.#buckets[i]
      for (let k = (bucket?.length ?? 0) - 1; k >= 0; k--) out.push((bucket as string[])[k] as string)
    }
    return out
  }
  #hash(key: string): number {
    let h = 0
    for (let i = 0; i < key.length; i++) h = ((((key.charCodeAt(i) << 24) >> 24) + (h << 6) + (h >>> 26)) | 0) >>> 0
    return h % (SIZES[this.#size] as number)
  }
  #insert(key: string): void {
    const i = this.#hash(key)
    const bucket = this.#buckets[i]
    if (bucket) bucket.push(key)
    else this.#buckets[i] = [key]
  }
  #grow(): void {
    const all = this.keys()
    this.#size++
    this.#buckets = []
    for (const key of all) this.#insert(key)
  }
}

/** A variable: a value, or an array. `origin` is the caller's variable that an argument without a value came from. */
export class Cell {
  value: Value
  array: AwkArray | undefined
  readonly origin: Cell | undefined
  constructor(value?: Value, origin?: Cell) {
    this.value = value
    this.origin = origin
  }
  /** The variable as an array, which it becomes. */
  asArray(): AwkArray {
    if (!this.array) this.array = this.origin ? this.origin.asArray() : new AwkArray()
    return this.array
  }
}
