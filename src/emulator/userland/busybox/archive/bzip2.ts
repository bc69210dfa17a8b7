/** bzip2's format: runs, the Burrows-Wheeler transform, move to front, Huffman codes. No published standard: see J. Tsai, "BZIP2: Format Specification" (2016). */

const BLOCK = 0x314159265359n
const END = 0x177245385090n
/** A data error, as busybox says it. */
export class BzipError extends Error {}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n << 24
  for (let k = 0; k < 8; k++) c = c & 0x80000000 ? (c << 1) ^ 0x04c11db7 : c << 1
  return c >>> 0
})
function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const b of bytes) crc = ((crc << 8) ^ (crcTable[((crc >>> 24) ^ b) & 255] as number)) >>> 0
  return ~crc >>> 0
}

class BitReader {
  readonly #bytes: Uint8Array
  #at = 0
  #left = 0
  #value = 0
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }
  bit(): number {
    if (this.#left === 0) {
      if (this.#at >= this.#bytes.length) throw new BzipError('bunzip error -4')
      this.#value = this.#bytes[this.#at++] as number
      this.#left = 8
    }
    return (this.#value >> --this.#left) & 1
  }
  bits(n: number): number {
    let v = 0
    for (let i = 0; i < n; i++) v = v * 2 + this.bit()
    return v
  }
  big(n: number): bigint {
    return (BigInt(this.bits(n - 24)) << 24n) | BigInt(this.bits(24))
  }
  /** Goes to the next whole byte; true where data follows. */
  align(): boolean {
    this.#left = 0
    return this.#at < this.#bytes.length
  }
}
const bad = (): never => {
  throw new BzipError('bunzip error -5')
}

/** All streams of a file; throws BzipError. */
export function bunzip2(bytes: Uint8Array, most = 1 << 28): Uint8Array {
  const reader = new BitReader(bytes)
  const parts: Uint8Array[] = []
  let size = 0
  do {
    if (reader.bits(16) !== 0x425a || reader.bits(8) !== 0x68) throw new BzipError('invalid magic')
    const level = reader.bits(8) - 48
    if (level < 1 || level > 9) throw new BzipError('invalid magic')
    for (;;) {
      const magic = reader.big(48)
      const crc = reader.bits(32)
      if (magic === END) break
      if (magic !== BLOCK) bad()
      const block = readBlock(reader, level * 100_000, most - size)
      if (crcOf(block) !== crc) throw new BzipError('bunzip error -6')
      parts.push(block)
      size += block.length
    }
  } while (reader.align())
  const out = new Uint8Array(size)
  let at = 0
  for (const p of parts) {
    out.set(p, at)
    at += p.length
  }
  return out
}
function readBlock(reader: BitReader, limit: number, most: number): Uint8Array {
  if (reader.bit() === 1) bad()
  const origin = reader.bits(24)
  const used = reader.bits(16)
  const symbols: number[] = []
  for (let i = 0; i < 16; i++) {
    if (!(used & (0x8000 >> i))) continue
    const map = reader.bits(16)
    for (let k = 0; k < 16; k++) if (map & (0x8000 >> k)) symbols.push(i * 16 + k)
  }
  const groups = reader.bits(3)
  const count = reader.bits(15)
  if (groups < 2 || groups > 6 || count === 0 || symbols.length === 0) bad()
  const order = Array.from({ length: groups }, (_, i) => i)
  const selectors: number[] = []
  for (let i = 0; i < count; i++) {
    let j = 0
    while (reader.bit() === 1) if (++j >= groups) bad()
    const [g = 0] = order.splice(j, 1)
    order.unshift(g)
    selectors.push(g)
  }
  const alphabet = symbols.length + 2
  /** By length and code: the symbol. */
  const tables: Map<number, number>[] = []
  for (let g = 0; g < groups; g++) {
    let length = reader.bits(5)
    const lengths: number[] = []
    for (let i = 0; i < alphabet; i++) {
      for (;;) {
        if (length < 1 || length > 20) bad()
        if (reader.bit() === 0) break
        length += reader.bit() === 0 ? 1 : -1
      }
      lengths.push(length)
    }
    tables.push(new Map([...codesOf(lengths)].map(([symbol, [l, code]]) => [l * 0x100000 + code, symbol])))
  }
  const front = [...symbols]
  const data = new Uint8Array(limit)
  let size = 0
  let run = 0
  let weight = 1
  for (let n = 0; ; n++) {
    const table = tables[selectors[Math.floor(n / 50)] ?? bad()] as Map<number, number>
    let code = 0
    let symbol: number | undefined
    for (let l = 1; symbol === undefined; l++) {
      if (l > 20) bad()
      code = code * 2 + reader.bit()
      symbol = table.get(l * 0x100000 + code)
    }
    if (symbol <= 1) {
      run += weight << symbol
      weight <<= 1
      if (run > limit) bad()
      continue
    }
    if (run > 0) {
      if (size + run > limit) bad()
      data.fill(front[0] as number, size, size + run)
      size += run
      run = 0
      weight = 1
    }
    if (symbol === alphabet - 1) break
    const [byte = 0] = front.splice(symbol - 1, 1)
    front.unshift(byte)
    if (size >= limit) bad()
    data[size++] = byte
  }
  if (origin >= size) bad()
  // The transform backwards: for each row, where the row lies that begins one place further on.
  const starts = new Uint32Array(257)
  for (let i = 0; i < size; i++) starts[(data[i] as number) + 1] = (starts[(data[i] as number) + 1] as number) + 1
  for (let i = 0; i < 256; i++) starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number)
  const next = new Uint32Array(size)
  for (let i = 0; i < size; i++) {
    const b = data[i] as number
    next[starts[b] as number] = i
    starts[b] = (starts[b] as number) + 1
  }
  const out: number[] = []
  let at = next[origin] as number
  let same = 0
  let last = -1
  for (let i = 0; i < size; i++) {
    const b = data[at] as number
    at = next[at] as number
    if (same === 4) {
      if (out.length + b > most) throw new BzipError('out of memory')
      for (let k = 0; k < b; k++) out.push(last)
      same = 0
      last = -1
      continue
    }
    same = b === last ? same + 1 : 1
    last = b
    out.push(b)
  }
  return Uint8Array.from(out)
}
/** Canonical codes of a table of lengths: symbol to length and code. */
function codesOf(lengths: readonly number[]): Map<number, readonly [length: number, code: number]> {
  const codes = new Map<number, readonly [number, number]>()
  let code = 0
  for (let l = 1; l <= 20; l++) {
    for (const [symbol, length] of lengths.entries()) if (length === l) codes.set(symbol, [l, code++])
    code <<= 1
  }
  return codes
}

class BitWriter {
  readonly bytes: number[] = []
  #value = 0
  #count = 0
  bits(value: number, n: number): void {
    for (let i = n - 1; i >= 0; i--) {
      this.#value = (this.#value << 1) | (Math.floor(value / 2 ** i) & 1)
      if (++this.#count === 8) {
        this.bytes.push(this.#value)
        this.#value = 0
        this.#count = 0
      }
    }
  }
  big(value: bigint): void {
    this.bits(Number(value >> 24n), 24)
    this.bits(Number(value & 0xffffffn), 24)
  }
  end(): Uint8Array {
    if (this.#count > 0) this.bits(0, 8 - this.#count)
    return Uint8Array.from(this.bytes)
  }
}
/** One stream. `level` 1 to 9: blocks of so many times 100,000 bytes. */
export function bzip2(bytes: Uint8Array, level = 9): Uint8Array {
  const out = new BitWriter()
  out.bits(0x425a68, 24)
  out.bits(48 + level, 8)
  let whole = 0
  // A byte may take five quarters of its room after the first step.
  const room = Math.floor((level * 100_000 * 4) / 5) - 20
  for (let at = 0; at < bytes.length; at += room) {
    const block = bytes.subarray(at, at + room)
    const crc = crcOf(block)
    whole = (((whole << 1) | (whole >>> 31)) ^ crc) >>> 0
    out.big(BLOCK)
    out.bits(crc, 32)
    writeBlock(out, runs(block))
  }
  out.big(END)
  out.bits(whole, 32)
  return out.end()
}
/** Four equal bytes and then how many more. */
function runs(bytes: Uint8Array): Uint8Array {
  const out: number[] = []
  for (let i = 0; i < bytes.length; ) {
    const b = bytes[i] as number
    let n = 1
    while (i + n < bytes.length && bytes[i + n] === b && n < 259) n++
    for (let k = 0; k < Math.min(4, n); k++) out.push(b)
    if (n >= 4) out.push(n - 4)
    i += n
  }
  return Uint8Array.from(out)
}
/** The rotations of a text in order, by doubling the length that is compared. */
function sortedRotations(data: Uint8Array): number[] {
  const n = data.length
  const order = Array.from({ length: n }, (_, i) => i)
  let rank = Int32Array.from(data)
  for (let k = 1; ; k *= 2) {
    const r = rank
    const compare = (a: number, b: number): number =>
      (r[a] as number) - (r[b] as number) || (r[(a + k) % n] as number) - (r[(b + k) % n] as number)
    if (k === 1)
      order.sort(
        (a, b) => (r[a] as number) - (r[b] as number) || (r[(a + 1) % n] as number) - (r[(b + 1) % n] as number),
      )
    else order.sort(compare)
    const next = new Int32Array(n)
    for (let i = 1; i < n; i++)
      next[order[i] as number] =
        (next[order[i - 1] as number] as number) + (compare(order[i - 1] as number, order[i] as number) < 0 ? 1 : 0)
    rank = next
    if (k >= n || (rank[order[n - 1] as number] as number) === n - 1) return order
  }
}
function writeBlock(out: BitWriter, data: Uint8Array): void {
  const n = data.length
  const order = sortedRotations(data)
  const origin = order.indexOf(0)
  const last = order.map((i) => data[(i + n - 1) % n] as number)
  const symbols = [...new Set(data)].sort((a, b) => a - b)
  const front = [...symbols]
  const codes: number[] = []
  let zeros = 0
  const flush = (): void => {
    for (let z = zeros; z > 0; z = (z - 1) >> 1) codes.push(z & 1 ? 0 : 1)
    zeros = 0
  }
  for (const b of last) {
    const at = front.indexOf(b)
    if (at === 0) {
      zeros++
      continue
    }
    flush()
    front.splice(at, 1)
    front.unshift(b)
    codes.push(at + 1)
  }
  flush()
  const alphabet = symbols.length + 2
  codes.push(alphabet - 1)
  const lengths = huffmanLengths(codes, alphabet)
  const table = codesOf(lengths)
  out.bits(0, 1)
  out.bits(origin, 24)
  const has = new Set(symbols)
  let used = 0
  for (let i = 0; i < 16; i++) if (symbols.some((s) => s >> 4 === i)) used |= 0x8000 >> i
  out.bits(used, 16)
  for (let i = 0; i < 16; i++)
    if (used & (0x8000 >> i)) {
      let map = 0
      for (let k = 0; k < 16; k++) if (has.has(i * 16 + k)) map |= 0x8000 >> k
      out.bits(map, 16)
    }
  // The format wants two tables at least; both are the same here.
  const selectors = Math.ceil(codes.length / 50)
  out.bits(2, 3)
  out.bits(selectors, 15)
  out.bits(0, selectors)
  for (let g = 0; g < 2; g++) {
    let length = lengths[0] as number
    out.bits(length, 5)
    for (const l of lengths) {
      for (; length < l; length++) out.bits(2, 2)
      for (; length > l; length--) out.bits(3, 2)
      out.bits(0, 1)
    }
  }
  for (const c of codes) {
    const [length, code] = table.get(c) as readonly [number, number]
    out.bits(code, length)
  }
}
/** Lengths of a Huffman code of at most 17 bits. */
function huffmanLengths(codes: readonly number[], alphabet: number): number[] {
  let weights = new Array<number>(alphabet).fill(1)
  for (const c of codes) weights[c] = (weights[c] as number) + 1
  for (;;) {
    interface Node {
      readonly weight: number
      readonly leaves: readonly number[]
    }
    let nodes: Node[] = weights.map((weight, i) => ({ weight, leaves: [i] }))
    const lengths = new Array<number>(alphabet).fill(0)
    while (nodes.length > 1) {
      nodes.sort((a, b) => a.weight - b.weight)
      const [a, b, ...rest] = nodes as [Node, Node, ...Node[]]
      const leaves = [...a.leaves, ...b.leaves]
      for (const l of leaves) lengths[l] = (lengths[l] as number) + 1
      nodes = [...rest, { weight: a.weight + b.weight, leaves }]
    }
    if (Math.max(...lengths) <= 17) return lengths
    // Flatter weights make shorter codes.
    weights = weights.map((w) => Math.ceil(w / 2) + 1)
  }
}
