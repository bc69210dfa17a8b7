/** Texts for bytes and sums over them: uuencode, uudecode, base64, base32, sum, cksum, crc32, md5sum and its kin. */
import { md5, sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { sha3_224, sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js'
import { hex } from '../../../base/bytes.ts'
import { isErr } from '../../../base/errno.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { fromWord, toWord } from '../../lib/argument.ts'
import { content, eachFile } from '../../lib/input.ts'
import { binary, print, readAll, unbinary, warn, writeAll } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { Output } from '../../lib/output.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const LETTERS32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Bytes in letters of `bits` bits each, padded by = to whole groups. */
function toLetters(bytes: Uint8Array, letters: string, bits: number): string {
  let out = ''
  let value = 0
  let left = 0
  for (const b of bytes) {
    value = ((value << 8) | b) & 0xffff
    left += 8
    while (left >= bits) {
      left -= bits
      out += letters[(value >> left) & ((1 << bits) - 1)]
    }
  }
  if (left > 0) out += letters[(value << (bits - left)) & ((1 << bits) - 1)]
  const group = bits === 6 ? 4 : 8
  return out.padEnd(Math.ceil(out.length / group) * group, '=')
}
/** The bytes; undefined where a character is none of the letters, or the text stops in the middle. */
function fromLetters(text: string, letters: string, bits: number): Uint8Array | undefined {
  const out: number[] = []
  let value = 0
  let left = 0
  let count = 0
  for (const c of text) {
    if (/\s/.test(c)) continue
    count++
    if (c === '=') continue
    const digit = letters.indexOf(c)
    if (digit < 0) return undefined
    value = ((value << bits) | digit) & 0xffff
    left += bits
    if (left >= 8) {
      left -= 8
      out.push((value >> left) & 255)
    }
  }
  return count % (bits === 6 ? 4 : 8) === 0 ? Uint8Array.from(out) : undefined
}
const base = (name: 'base64' | 'base32'): Applet => {
  const applet: Applet = {
    name,
    ...(name === 'base64'
      ? {
          usage: '[-d] [-w COL] [FILE]',
          help: 'Base64 encode or decode FILE to standard output\n\n\t-d\tDecode data\n\t-w COL\tWrap lines at COL (default 76, 0 disables)',
        }
      : {
          usage: '[-d] [-w COL] [FILE]',
          help: 'Base32 encode or decode FILE to standard output\n\n\t-d\tDecode data\n\t-w COL\tWrap lines at COL (default 76, 0 disables)',
        }),
    *run(sys, argv) {
      const o = yield* getopt(sys, applet, argv, 'dw:')
      if (typeof o === 'number') return o
      if (o.rest.length > 1) return yield* showUsage(sys, applet)
      const width = parseNumber(o.value('w') ?? '76')
      if (typeof width !== 'number') {
        yield* warn(sys, `${name}: ${width.error}\n`)
        return 1
      }
      const data = yield* content(sys, name, o.rest[0] ?? '-', true)
      if (!data) return 1
      const [letters, bits] = name === 'base64' ? [LETTERS, 6] : [LETTERS32, 5]
      if (o.has('d')) {
        const bytes = fromLetters(binary(data), letters, bits)
        if (bytes) return (yield* writeAll(sys, 1, bytes)) ? 1 : 0
        yield* warn(sys, `${name}: truncated input\n`)
        return 1
      }
      const text = toLetters(data, letters, bits)
      yield* print(sys, width > 0 ? text.replace(new RegExp(`.{1,${width}}`, 'g'), '$&\n') : text)
      return 0
    },
  }
  return applet
}
export const base64 = base('base64')
export const base32 = base('base32')

const uuLetter = (n: number): string => (n === 0 ? '`' : String.fromCharCode(32 + n))
export const uuencode: Applet = {
  name: 'uuencode',
  usage: '[-m] [FILE] STORED_FILENAME',
  help: 'Uuencode FILE (or stdin) to stdout\n\n\t-m\tUse base64 encoding per RFC1521',
  *run(sys, argv) {
    const o = yield* getopt(sys, uuencode, argv, 'm')
    if (typeof o === 'number') return o
    if (o.rest.length < 1 || o.rest.length > 2) return yield* showUsage(sys, uuencode)
    const file = o.rest.length === 2 ? (o.rest[0] as string) : '-'
    const data = yield* content(sys, 'uuencode', file, true)
    if (!data) return 1
    const s = file === '-' ? undefined : yield* sys.stat(file)
    const mode = s === undefined || isErr(s) ? 0o666 & ~(yield* currentMask(sys)) : s.mode & 0o777
    const out = new Output(sys)
    const m = o.has('m')
    yield* out.write(`begin${m ? '-base64' : ''} ${mode.toString(8)} ${fromWord(o.rest.at(-1) as string)}\n`)
    for (let i = 0; i < data.length; i += 45) {
      const row = data.subarray(i, i + 45)
      if (m) {
        yield* out.write(`${toLetters(row, LETTERS, 6)}\n`)
        continue
      }
      let text = uuLetter(row.length)
      for (let k = 0; k < row.length; k += 3) {
        const n = ((row[k] as number) << 16) | ((row[k + 1] ?? 0) << 8) | (row[k + 2] ?? 0)
        text += [18, 12, 6, 0].map((shift) => uuLetter((n >> shift) & 63)).join('')
      }
      yield* out.write(`${text}\n`)
    }
    yield* out.write(m ? '====\n' : '`\nend\n')
    return yield* out.end('uuencode')
  },
}
function* currentMask(sys: Parameters<Applet['run']>[0]) {
  const mask = yield* sys.umask(0o22)
  yield* sys.umask(mask)
  return mask
}
export const uudecode: Applet = {
  name: 'uudecode',
  usage: '[-o OUTFILE] [INFILE]',
  help: 'Uudecode a file\nFinds OUTFILE in uuencoded source unless -o is given',
  *run(sys, argv) {
    const o = yield* getopt(sys, uudecode, argv, 'o:')
    if (typeof o === 'number') return o
    const data = yield* content(sys, 'uudecode', o.rest[0] ?? '-', true)
    if (!data) return 1
    const rows = binary(data).split('\n')
    const at = rows.findIndex((r) => /^begin(-base64)? /.test(r))
    const m = /^begin(-base64)? ([0-7]+) (.*?)\s*$/.exec(rows[at] ?? '')
    if (!m) {
      yield* warn(sys, "uudecode: no 'begin' line\n")
      return 1
    }
    let bytes = ''
    let ended = false
    for (const row of rows.slice(at + 1)) {
      if (m[1] ? row.startsWith('====') : /^end\s*$/.test(row)) {
        ended = true
        break
      }
      if (m[1]) {
        bytes += binary(fromLetters(row, LETTERS, 6) ?? new Uint8Array(0))
        continue
      }
      const count = (row.charCodeAt(0) - 32) & 63
      let part = ''
      for (let i = 1; i < row.length && part.length < count; i += 4) {
        const n = [0, 1, 2, 3].reduce((v, k) => (v << 6) | (((row.charCodeAt(i + k) || 32) - 32) & 63), 0)
        part += String.fromCharCode((n >> 16) & 255, (n >> 8) & 255, n & 255)
      }
      bytes += part.slice(0, Math.max(0, count))
    }
    if (!ended) {
      yield* warn(sys, 'uudecode: short file\n')
      return 1
    }
    const name = o.value('o') ?? toWord(m[3] as string)
    if (name === '-') return (yield* writeAll(sys, 1, unbinary(bytes))) ? 1 : 0
    const fd = yield* sys.open(name, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    if (isErr(fd)) {
      yield* warn(sys, `uudecode: can't open '${name}': ${strerror(fd)}\n`)
      return 1
    }
    yield* writeAll(sys, fd, unbinary(bytes))
    yield* sys.fchmod(fd, Number.parseInt(m[2] as string, 8))
    yield* sys.close(fd)
    return 0
  },
}

type Hash = (bytes: Uint8Array) => Uint8Array
/** sha3sum's -a: the lengths it can have. */
const sha3: Readonly<Record<string, Hash>> = { 224: sha3_224, 256: sha3_256, 384: sha3_384, 512: sha3_512 }
const digest = (name: string, usual: Hash): Applet => {
  const applet: Applet = {
    name,
    usage: name === 'sha3sum' ? '[-c[sw]] [-a BITS] [FILE]...' : '[-c[sw]] [FILE]...',
    help: `Print or check ${name.slice(0, -3).toUpperCase()} checksums\n\n\t-c\tCheck sums against list in FILEs\n\t-s\tDon't output anything, status code shows success\n\t-w\tWarn about improperly formatted checksum lines${name === 'sha3sum' ? '\n\t-a BITS\t224 (default), 256, 384, 512' : ''}`,
    *run(sys, argv) {
      const o = yield* getopt(sys, applet, argv, name === 'sha3sum' ? 'cswa:' : 'csw')
      if (typeof o === 'number') return o
      const hash = o.has('a') ? sha3[o.value('a') as string] : usual
      if (!hash) {
        yield* warn(sys, `sha3sum: bad -a${o.value('a')}\n`)
        return 1
      }
      if (o.has('c')) return yield* check(sys, name, hash, o.rest, o.has('s'), o.has('w'))
      return yield* eachFile(
        sys,
        name,
        o.rest,
        function* (fd, file) {
          const bytes = yield* readAll(sys, fd)
          if (isErr(bytes)) return bytes
          yield* print(sys, `${hex(hash(bytes))}  ${file}\n`)
          return undefined
        },
        true,
      )
    },
  }
  return applet
}
function* check(
  sys: Parameters<Applet['run']>[0],
  name: string,
  hash: Hash,
  files: readonly string[],
  silent: boolean,
  warnings: boolean,
) {
  let status = 0
  for (const list of files.length > 0 ? files : ['-']) {
    const data = yield* content(sys, name, list, true)
    if (!data) return 1
    let failed = 0
    let total = 0
    for (const row of binary(data).replace(/\n$/, '').split('\n')) {
      const m = /^([0-9a-fA-F]+) [ *](.+)$/.exec(row)
      if (!m) {
        if (warnings) yield* warn(sys, `${name}: invalid format\n`)
        continue
      }
      total++
      const file = toWord(m[2] as string)
      const bytes = yield* content(sys, name, file, true)
      const ok = bytes !== undefined && hex(hash(bytes)) === (m[1] as string).toLowerCase()
      if (!ok) failed++
      if (!silent) yield* print(sys, `${file}: ${ok ? 'OK' : 'FAILED'}\n`)
    }
    if (failed > 0) {
      if (!silent) yield* warn(sys, `${name}: WARNING: ${failed} of ${total} computed checksums did NOT match\n`)
      status = 1
    }
    if (total === 0) {
      yield* warn(sys, `${name}: no checksum lines found\n`)
      status = 1
    }
  }
  return status
}
export const digests: readonly Applet[] = [
  digest('md5sum', md5),
  digest('sha1sum', sha1),
  digest('sha256sum', sha256),
  digest('sha512sum', sha512),
  digest('sha3sum', sha3_224),
]

/** The table of CRC-32 with the bits in the order of cksum (POSIX) or turned around (zlib's). */
const crcTable = (reversed: boolean): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, n) => {
    let c = reversed ? n : n << 24
    for (let k = 0; k < 8; k++)
      c = reversed ? (c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1) : c & 0x80000000 ? (c << 1) ^ 0x04c11db7 : c << 1
    return c >>> 0
  })
const posixTable = crcTable(false)
export function cksumOf(bytes: Uint8Array): number {
  let crc = 0
  const add = (b: number): void => {
    crc = ((crc << 8) ^ (posixTable[((crc >>> 24) ^ b) & 255] as number)) >>> 0
  }
  for (const b of bytes) add(b)
  for (let n = bytes.length; n > 0; n = Math.floor(n / 256)) add(n & 255)
  return ~crc >>> 0
}
export const cksum: Applet = {
  name: 'cksum',
  usage: 'FILE...',
  help: 'Calculate CRC32 checksum of FILEs',
  *run(sys, argv) {
    const o = yield* getopt(sys, cksum, argv, '')
    if (typeof o === 'number') return o
    return yield* eachFile(
      sys,
      'cksum',
      o.rest,
      function* (fd, file) {
        const bytes = yield* readAll(sys, fd)
        if (isErr(bytes)) return bytes
        yield* print(sys, `${cksumOf(bytes)} ${bytes.length}${o.rest.length > 0 ? ` ${file}` : ''}\n`)
        return undefined
      },
      true,
    )
  },
}
export const sum: Applet = {
  name: 'sum',
  usage: '[-rs] [FILE]...',
  help: 'Checksum and count the blocks in a file\n\n\t-r\tUse BSD sum algorithm (1K blocks)\n\t-s\tUse System V sum algorithm (512byte blocks)',
  *run(sys, argv) {
    const o = yield* getopt(sys, sum, argv, 'rs')
    if (typeof o === 'number') return o
    return yield* eachFile(sys, 'sum', o.rest, function* (fd, file) {
      const bytes = yield* readAll(sys, fd)
      if (isErr(bytes)) return bytes
      let s = 0
      if (o.has('s')) {
        for (const b of bytes) s = (s + b) >>> 0
        const r = (s & 0xffff) + (s >>> 16)
        s = (r & 0xffff) + (r >>> 16)
        yield* print(sys, `${s} ${Math.ceil(bytes.length / 512)}${o.rest.length > 0 ? ` ${file}` : ''}\n`)
      } else {
        for (const b of bytes) s = (((s >> 1) | ((s & 1) << 15)) + b) & 0xffff
        const blocks = String(Math.ceil(bytes.length / 1024)).padStart(5)
        yield* print(sys, `${String(s).padStart(5, '0')} ${blocks}${o.rest.length > 1 ? ` ${file}` : ''}\n`)
      }
      return undefined
    })
  },
}
