/** hexdump, hd: blocks of bytes by formats; xxd: a dump that can be turned back. */
import { isErr } from '../../../base/errno.ts'
import { O_CREAT, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { fromWord } from '../../lib/argument.ts'
import { content, eachFile } from '../../lib/input.ts'
import { binary, readAll, unbinary, warn, writeAll } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt } from '../../lib/options.ts'
import { Output } from '../../lib/output.ts'
import { convert, expandEscapes } from '../../lib/printf.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'
import { escapedCharacter } from './od.ts'

/** A part of a format: texts between conversions, repeated over so many pieces of so many bytes. */
interface Unit {
  readonly repeat: number
  readonly size: number
  readonly format: string
}
/** The formats of the options; each is a line. `_a` stands for the address. */
const ROWS: Readonly<Record<string, string>> = {
  b: '"%07.7_ax " 16/1 "%03o " "\\n"',
  c: '"%07.7_ax " 16/1 "%3_c " "\\n"',
  d: '"%07.7_ax " 8/2 "  %05u " "\\n"',
  o: '"%07.7_ax " 8/2 " %06o " "\\n"',
  x: '"%07.7_ax " 8/2 "   %04x " "\\n"',
}
const PLAIN = '"%07.7_ax " 8/2 "%04x " "\\n"'
const CANONICAL = '"%08.8_ax  " 8/1 "%02x " "  " 8/1 "%02x " "  |" 16/1 "%_p" "|\\n"'

function parseFormat(text: string): Unit[] | undefined {
  const units: Unit[] = []
  const word = /\s*(?:(\d+)?(?:\/(\d+))?\s*)"((?:[^"\\]|\\[\s\S])*)"/y
  while (/\S/.test(text.slice(word.lastIndex))) {
    const m = word.exec(text)
    if (!m) return undefined
    const format = expandEscapes(m[3] as string).text
    const conversions = [...format.matchAll(/%[-+ 0#]*\d*(?:\.\d+)?(_[acpu]x?|_a[dox]|[a-zA-Z%])/g)].map(
      (c) => c[1] as string,
    )
    const bytes = conversions.filter((c) => c !== '%' && !c.startsWith('_a')).length
    const natural = conversions.some((c) => /^_[cpu]$|^c$/.test(c)) ? 1 : 4
    units.push({ repeat: Number(m[1] ?? 1), size: m[2] !== undefined ? Number(m[2]) : bytes > 0 ? natural : 0, format })
  }
  return units
}
const NAMES =
  'nul soh stx etx eot enq ack bel bs ht lf vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us'.split(
    ' ',
  )
/** One unit over one piece of data; blank where the data has ended. */
function piece(unit: Unit, bytes: Uint8Array, address: number, ended: boolean): string {
  return unit.format.replace(
    /%([-+ 0#]*)(\d*)(?:\.(\d+))?(_a[dox]|_[cpu]|[a-zA-Z%])/g,
    (_, flags: string, width: string, precision: string | undefined, kind: string) => {
      if (kind === '%') return '%'
      if (kind.startsWith('_a'))
        return address
          .toString(kind[2] === 'x' ? 16 : kind[2] === 'o' ? 8 : 10)
          .padStart(Number(width || 0), flags.includes('0') ? '0' : ' ')
      let text: string
      const [b = 0] = bytes
      if (kind === '_p') text = b >= 32 && b < 127 ? String.fromCharCode(b) : '.'
      else if (kind === '_c') text = escapedCharacter(b)
      else if (kind === '_u') text = b === 127 ? 'del' : (NAMES[b] ?? String.fromCharCode(b))
      else if (kind === 'c') text = String.fromCharCode(b)
      else if (kind === 's') text = binary(bytes)
      else {
        const unsigned = bytes.reduceRight((n, x) => (n << 8n) | BigInt(x), 0n)
        const value = /[di]/.test(kind) ? BigInt.asIntN(bytes.length * 8, unsigned) : unsigned
        text = convert(kind, flags, Number(width || 0), precision === undefined ? undefined : Number(precision), value)
      }
      const full = text.padStart(Number(width || 0))
      return ended ? ' '.repeat(full.length) : full
    },
  )
}
const make = (name: string, canonical: boolean): Applet => {
  const applet: Applet = {
    name,
    ...(canonical
      ? { usage: 'FILE...', help: 'hd is an alias for hexdump -C' }
      : {
          usage: '[-bcdoxCv] [-e FMT] [-f FMT_FILE] [-n LEN] [-s OFS] [FILE]...',
          help: 'Display FILEs (or stdin) in a user specified format\n\n\t-b\t\t1-byte octal display\n\t-c\t\t1-byte character display\n\t-d\t\t2-byte decimal display\n\t-o\t\t2-byte octal display\n\t-x\t\t2-byte hex display\n\t-C\t\thex+ASCII 16 bytes per line\n\t-v\t\tShow all (no dup folding)\n\t-e FORMAT_STR\tExample: \'16/1 "%02x|""\\n"\'\n\t-f FORMAT_FILE\n\t-n LENGTH\tShow only first LENGTH bytes\n\t-s OFFSET\tSkip OFFSET bytes',
        }),
    *run(sys, argv) {
      const o = yield* getopt(sys, applet, argv, 'bcdoxCe:f:n:s:v')
      if (typeof o === 'number') return o
      const specs = o.list.flatMap(([letter, value]) =>
        letter === 'e' ? [fromWord(value)] : letter === 'C' ? [CANONICAL] : (ROWS[letter] ?? []),
      )
      if (canonical) specs.unshift(CANONICAL)
      const rows: Unit[][] = []
      for (const spec of specs.length > 0 ? specs : [PLAIN]) {
        const units = parseFormat(spec)
        if (!units) {
          yield* warn(sys, `${name}: bad format {${spec}}\n`)
          return 1
        }
        rows.push(units)
      }
      const skip = parseNumber(o.value('s') ?? '0', 0, undefined, 'many')
      const count = parseNumber(o.value('n') ?? String(Number.MAX_SAFE_INTEGER))
      if (typeof skip !== 'number' || typeof count !== 'number') {
        yield* warn(sys, `${name}: ${(typeof skip === 'number' ? (count as { error: string }) : skip).error}\n`)
        return 1
      }
      const parts: number[] = []
      const status = yield* eachFile(sys, name, o.rest, function* (fd, file) {
        const unmovable = skip > 0 ? yield* sys.lseek(fd, 0, 'cur') : 0
        if (isErr(unmovable)) {
          yield* warn(sys, `${name}: ${file === '-' ? 'stdin' : file}: ${strerror(unmovable)}\n`)
          yield* sys.exit(1)
        }
        const all = yield* readAll(sys, fd)
        if (isErr(all)) return all
        for (const b of all) parts.push(b)
        return undefined
      })
      const data = Uint8Array.from(parts.slice(skip, skip + count))
      const block = Math.max(1, ...rows.map((units) => units.reduce((n, u) => n + u.repeat * u.size, 0)))
      // The row that shows one block twice (-C) reads its text column from the block's begin.
      const length = specs.includes(CANONICAL) ? 16 : block
      const out = new Output(sys)
      let last: string | undefined
      let starred = false
      for (let i = 0; i < data.length; i += length) {
        const key = binary(data.subarray(i, i + length))
        if (!o.has('v') && key === last) {
          if (!starred) yield* out.write('*\n')
          starred = true
          continue
        }
        last = key
        starred = false
        for (const units of rows) {
          let at = i
          let text = ''
          for (const unit of units) {
            if (units.length > 5 && at === i + 16) at = i
            for (let r = 0; r < unit.repeat; r++) {
              const ended = unit.size > 0 && at >= Math.min(data.length, i + length)
              const bytes = new Uint8Array(Math.max(1, unit.size))
              bytes.set(data.subarray(at, Math.min(data.length, at + unit.size)))
              // The last blank of a repeated unit is left out.
              const shown = piece(unit, bytes, skip + at, ended)
              const isText = /%_p/.test(unit.format)
              text +=
                ended && isText
                  ? ''
                  : unit.repeat > 1 && r === unit.repeat - 1 && !isText
                    ? shown.replace(/ $/, '')
                    : shown
              at += unit.size
            }
          }
          yield* out.write(text)
        }
      }
      if (data.length > 0 && !o.has('e'))
        yield* out.write(`${(skip + data.length).toString(16).padStart(specs.includes(CANONICAL) ? 8 : 7, '0')}\n`)
      return yield* out.end(name, status)
    },
  }
  return applet
}
export const hexdump = make('hexdump', false)
export const hd = make('hd', true)

export const xxd: Applet = {
  name: 'xxd',
  usage: '[-pri] [-g N] [-c N] [-n LEN] [-s OFS] [-o OFS] [FILE]',
  help: 'Hex dump FILE (or stdin)\n\n\t-g N\t\tBytes per group\n\t-c N\t\tBytes per line\n\t-p\t\tShow only hex bytes, assumes -c30\n\t-i\t\tC include file style\n\t-l LENGTH\tShow only first LENGTH bytes\n\t-s OFFSET\tSkip OFFSET bytes\n\t-o OFFSET\tAdd OFFSET to displayed offset\n\t-r\t\tReverse (with -p, assumes no offsets in input)',
  *run(sys, argv) {
    const o = yield* getopt(sys, xxd, argv, 'l:s:c:g:o:pri')
    if (typeof o === 'number') return o
    const numbers: Record<string, number> = {}
    for (const [letter, least, most] of [
      ['l', 0, Number.MAX_SAFE_INTEGER],
      ['s', 0, Number.MAX_SAFE_INTEGER],
      ['c', 1, 255],
      ['g', 0, 65536],
      ['o', 0, Number.MAX_SAFE_INTEGER],
    ] as const) {
      const text = o.value(letter)
      if (text === undefined) continue
      const n = /^0x[0-9a-f]+$/i.test(text) ? Number(text) : parseNumber(text, least, most)
      if (typeof n !== 'number') {
        yield* warn(sys, `xxd: ${n.error}\n`)
        return 1
      }
      numbers[letter] = n
    }
    const file = o.rest[0] ?? '-'
    const unmovable = file === '-' && (numbers.s ?? 0) > 0 ? yield* sys.lseek(0, 0, 'cur') : 0
    if (isErr(unmovable)) {
      yield* warn(sys, `xxd: stdin: ${strerror(unmovable)}\n`)
      return 1
    }
    const data = yield* content(sys, 'xxd', file)
    if (!data) return 1
    const out = new Output(sys)
    if (o.has('r')) {
      const bytes = o.has('p') ? plainBack(binary(data)) : dumpBack(binary(data))
      const target = o.rest[1]
      const fd = target === undefined ? 1 : yield* sys.open(target, O_WRONLY | O_CREAT, 0o666)
      if (isErr(fd)) {
        yield* warn(sys, `xxd: can't open '${target}': ${strerror(fd)}\n`)
        return 1
      }
      const failed = yield* writeAll(sys, fd, unbinary(bytes))
      return failed ? 1 : 0
    }
    const from = numbers.s ?? 0
    const bytes = data.subarray(from, from + (numbers.l ?? data.length))
    const columns = numbers.c ?? (o.has('p') ? 30 : o.has('i') ? 12 : 16)
    const group = numbers.g ?? 2
    const name = file.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '__')
    if (o.has('i') && file !== '-') yield* out.write(`unsigned char ${name}[] = {\n`)
    for (let i = 0; i < bytes.length; i += columns) {
      const row = bytes.subarray(i, i + columns)
      const hexes = [...row].map((b) => b.toString(16).padStart(2, '0'))
      if (o.has('p')) yield* out.write(`${hexes.join('')}\n`)
      else if (o.has('i')) yield* out.write(`  ${hexes.map((h) => `0x${h}`).join(', ')},\n`)
      else {
        const cut = (list: readonly string[]): string =>
          group === 0
            ? list.join('')
            : Array.from({ length: Math.ceil(list.length / group) }, (_, k) =>
                list.slice(k * group, (k + 1) * group).join(''),
              ).join(' ')
        const full = cut(Array<string>(columns).fill('xx')).length
        yield* out.write(
          `${(from + i + (numbers.o ?? 0)).toString(16).padStart(8, '0')}: ${cut(hexes).padEnd(full)}  ${binary(row).replace(/[^ -~]/g, '.')}\n`,
        )
      }
    }
    if (o.has('i') && file !== '-') yield* out.write(`};\nunsigned int ${name}_len = ${bytes.length};\n`)
    return yield* out.end('xxd')
  },
}
const pair = (h: string): string => String.fromCharCode(Number.parseInt(h, 16))
const plainBack = (text: string): string =>
  text
    .split('\n')
    .map((l) => (/^\s*((?:[0-9a-fA-F]{2}\s*)*)/.exec(l)?.[1] ?? '').replace(/\s/g, '').replace(/../g, pair))
    .join('')
/** The bytes of a dump, each line at its address. */
function dumpBack(text: string): string {
  let out = ''
  for (const line of text.split('\n')) {
    const m = /^\s*([0-9a-fA-F]+):? ((?: ?[0-9a-fA-F]{2})*)/.exec(line)
    if (!m) continue
    const at = Number.parseInt(m[1] as string, 16)
    if (at > out.length && at < 1 << 24) out = out.padEnd(at, '\0')
    out = out.slice(0, at) + (m[2] as string).replace(/ /g, '').replace(/../g, pair) + out.slice(at + 10_000)
  }
  return out
}
