/** od: bytes in octal and other forms. */
import { isErr } from '../../../base/errno.ts'
import { eachFile } from '../../lib/input.ts'
import { binary, readAll, warn } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt } from '../../lib/options.ts'
import { Output } from '../../lib/output.ts'
import { convert, general } from '../../lib/printf.ts'
import type { Applet } from '../../program.ts'

/** One way to show a block: how many bytes a piece has, and its text, which begins with a blank. */
interface Format {
  readonly size: number
  readonly show: (bytes: Uint8Array) => string
  /** Printable characters follow the line (`z`). */
  readonly text?: boolean
}
const NAMES =
  'nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp'.split(
    ' ',
  )
const ESCAPES: Readonly<Record<number, string>> = {
  0: '\\0',
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
}
export const escapedCharacter = (b: number): string =>
  ESCAPES[b] ?? (b >= 32 && b < 127 ? String.fromCharCode(b) : b.toString(8).padStart(3, '0'))
const little = (bytes: Uint8Array): bigint => bytes.reduceRight((n, b) => (n << 8n) | BigInt(b), 0n)

const SIZES: Readonly<Record<string, number>> = { C: 1, S: 2, I: 4, L: 8, F: 4, D: 8 }
const WIDTHS: Readonly<Record<string, readonly number[]>> = {
  d: [4, 6, 11, 20],
  o: [3, 6, 11, 22],
  u: [3, 5, 10, 20],
  x: [2, 4, 8, 16],
}
function integer(kind: string, size: number): Format {
  const width = WIDTHS[kind]?.[Math.log2(size)] as number
  return {
    size,
    show(bytes) {
      const n = little(bytes)
      if (kind === 'd') return ` ${String(BigInt.asIntN(size * 8, n)).padStart(width)}`
      const text = n.toString(kind === 'o' ? 8 : kind === 'x' ? 16 : 10)
      return ` ${text.padStart(width, kind === 'u' ? ' ' : '0')}`
    },
  }
}
const float = (size: number): Format => ({
  size,
  show(bytes) {
    const whole = new Uint8Array(size)
    whole.set(bytes)
    const view = new DataView(whole.buffer)
    const n = size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true)
    return size === 4 ? ` ${general(n, 8).padStart(15)}` : ` ${convert('g', '', 24, 17, n)}`
  },
})
const character: Format = { size: 1, show: ([b = 0]) => ` ${escapedCharacter(b).padStart(3)}` }
const named: Format = {
  size: 1,
  show([b = 0]) {
    const c = b & 127
    return ` ${(c === 127 ? 'del' : (NAMES[c] ?? String.fromCharCode(c))).padStart(3)}`
  },
}
/** The formats of a -t string, or what is wrong with it. */
function parseTypes(spec: string): Format[] | string {
  const out: Format[] = []
  let rest = spec
  while (rest !== '') {
    const m = /^([acdfoux])([A-Z]|\d*)(z?)/.exec(rest)
    if (!m) return `invalid character '${rest[0]}' in type string '${spec}'`
    const [whole, kind = '', size = '', text] = m
    let format: Format
    if (kind === 'a') format = named
    else if (kind === 'c') format = character
    else {
      const bytes = size === '' ? (kind === 'f' ? 8 : 4) : (SIZES[size] ?? Number(size))
      if (!(kind === 'f' ? [4, 8] : [1, 2, 4, 8]).includes(bytes))
        return `invalid type string '${spec}'; ${size}-byte ${kind === 'f' ? 'floating point' : 'integral'} type is not supported`
      format = kind === 'f' ? float(bytes) : integer(kind, bytes)
    }
    out.push(text === 'z' ? { ...format, text: true } : format)
    rest = rest.slice(whole.length)
  }
  return out
}
const SHORT: Readonly<Record<string, string>> = {
  a: 'a',
  b: 'o1',
  c: 'c',
  d: 'u2',
  D: 'u4',
  f: 'f4',
  F: 'f8',
  h: 'x2',
  x: 'x2',
  H: 'x4',
  X: 'x4',
  i: 'd2',
  I: 'd8',
  l: 'd4',
  L: 'd8',
  o: 'o2',
  O: 'o4',
  s: 'd2',
  e: 'f8',
  B: 'o2',
}

export const od: Applet = {
  name: 'od',
  usage: '[-abcdfhilovxs] [-t TYPE] [-A RADIX] [-N SIZE] [-j SKIP] [-S MINSTR] [-w WIDTH] [FILE]...',
  help: 'Print FILEs (or stdin) unambiguously, as octal bytes by default',
  *run(sys, argv) {
    const o = yield* getopt(sys, od, argv, 'aA:bBcdDeFfhHij:IlLN:oOsS:t:vw::xX', {
      'skip-bytes': 'j',
      'address-radix': 'A',
      'read-bytes': 'N',
      format: 't',
      'output-duplicates': 'v',
      strings: 'S',
      width: 'w',
    })
    if (typeof o === 'number') return o
    const formats: Format[] = []
    for (const [letter, value] of o.list) {
      const spec = letter === 't' ? value : SHORT[letter]
      if (spec === undefined) continue
      const parsed = parseTypes(spec)
      if (typeof parsed === 'string') {
        yield* warn(sys, `od: ${parsed}\n`)
        return 1
      }
      formats.push(...parsed)
    }
    if (formats.length === 0) formats.push(integer('o', 2))
    const radix = o.value('A') ?? 'o'
    if (!/^[doxn]$/.test(radix)) {
      yield* warn(sys, `od: bad output address radix '${radix}' (must be [doxn])\n`)
      return 1
    }
    if (o.has('S')) {
      yield* warn(sys, 'zukan: not emulated: od -S\n')
      return 1
    }
    const parts: Uint8Array[] = []
    const status = yield* eachFile(sys, 'od', o.rest, function* (fd) {
      const all = yield* readAll(sys, fd)
      if (isErr(all)) return all
      parts.push(all)
      return undefined
    })
    const skip = parseNumber(o.value('j') ?? '0', 0, undefined, 'many')
    const count = parseNumber(o.value('N') ?? String(Number.MAX_SAFE_INTEGER), 0, undefined, 'many')
    const width = o.has('w') ? parseNumber(o.value('w') || '32', 1, 65536) : 16
    for (const n of [skip, count, width])
      if (typeof n !== 'number') {
        yield* warn(sys, `od: ${n.error}\n`)
        return 1
      }
    const [from, most, row] = [skip, count, width] as readonly number[] as readonly [number, number, number]
    let data = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
    let at = 0
    for (const p of parts) {
      data.set(p, at)
      at += p.length
    }
    if (from > data.length) {
      yield* warn(sys, "od: can't skip past end of combined input\n")
      return 1
    }
    data = data.subarray(from, Math.min(data.length, from + most))
    const out = new Output(sys)
    if (parts.length === 0) return status
    const address = (n: number): string =>
      radix === 'n' ? '' : n.toString(radix === 'o' ? 8 : radix === 'x' ? 16 : 10).padStart(radix === 'x' ? 6 : 7, '0')
    const margin = radix === 'n' ? '' : ' '.repeat(radix === 'x' ? 6 : 7)
    let last = ''
    let starred = false
    for (let i = 0; i < data.length; i += row) {
      const block = data.subarray(i, i + row)
      const key = binary(block)
      if (!o.has('v') && key === last && block.length === row) {
        if (!starred) yield* out.write('*\n')
        starred = true
        continue
      }
      last = key
      starred = false
      for (const [k, format] of formats.entries()) {
        let text = k === 0 ? address(from + i) : margin
        for (let b = 0; b < block.length; b += format.size) {
          const piece = new Uint8Array(format.size)
          piece.set(block.subarray(b, b + format.size))
          text += format.show(piece)
        }
        if (format.text) text += `  >${key.replace(/[^ -~]/g, '.')}<`
        yield* out.write(`${text}\n`)
      }
    }
    if (radix !== 'n') yield* out.write(`${address(from + data.length)}\n`)
    return yield* out.end('od', status)
  },
}
