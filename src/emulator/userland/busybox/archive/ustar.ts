/** Members of tar archives: ustar of POSIX with GNU's long names (`././@LongLink`) and pax headers that are read. Text is bytes. */
import { binary, unbinary } from '../../lib/io.ts'

export type Kind = 'file' | 'hardlink' | 'symlink' | 'chr' | 'blk' | 'dir' | 'fifo'
export interface Member {
  readonly name: string
  readonly kind: Kind
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly user: string
  readonly group: string
  /** Seconds since 1970. */
  readonly mtime: number
  readonly link: string
  readonly major: number
  readonly minor: number
  readonly data: Uint8Array
  /** A file with large holes (GNU sparse format 1.0): its size, and where pieces of `data` belong. */
  readonly sparse?: {
    readonly size: number
    readonly pieces: readonly { readonly offset: number; readonly bytes: Uint8Array }[]
  }
}
export interface TarError {
  readonly error: string
}
export const BLOCK = 512
const KINDS: readonly Kind[] = ['file', 'hardlink', 'symlink', 'chr', 'blk', 'dir', 'fifo']

const octal = (n: number, width: number): string =>
  `${Math.floor(n)
    .toString(8)
    .padStart(width - 1, '0')
    .slice(-(width - 1))}\0`
function header(m: Member, name: string, link: string, type: string, size: number): Uint8Array {
  const at: [number, string][] = [
    [0, name.slice(0, 100)],
    [100, octal(m.mode, 8)],
    [108, octal(m.uid, 8)],
    [116, octal(m.gid, 8)],
    [124, octal(size, 12)],
    [136, octal(Math.max(0, m.mtime), 12)],
    [148, ' '.repeat(8)],
    [156, type],
    [157, link.slice(0, 100)],
    [257, 'ustar  \0'],
    [265, m.user.slice(0, 31)],
    [297, m.group.slice(0, 31)],
    [329, m.kind === 'chr' || m.kind === 'blk' ? octal(m.major, 8) : ''],
    [337, m.kind === 'chr' || m.kind === 'blk' ? octal(m.minor, 8) : ''],
  ]
  const block = new Uint8Array(BLOCK)
  for (const [offset, text] of at) block.set(unbinary(text), offset)
  const sum = block.reduce((n, b) => n + b, 0)
  block.set(unbinary(`${sum.toString(8).padStart(6, '0')}\0 `), 148)
  return block
}
const padded = (bytes: Uint8Array): Uint8Array => {
  const out = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK)
  out.set(bytes)
  return out
}
/** The map at the beginning of a sparse member's data: decimal numbers in lines, then the pieces from the next block on. */
function pieces(data: Uint8Array, size: number): NonNullable<Member['sparse']> {
  let at = 0
  const next = (): number => {
    const end = data.indexOf(10, at)
    const n = Number(binary(data.subarray(at, end)))
    at = end + 1
    return n
  }
  const map = Array.from({ length: next() || 0 }, () => [next(), next()] as const)
  let from = Math.ceil(at / BLOCK) * BLOCK
  return {
    size,
    pieces: map.map(([offset, length]) => {
      from += length
      return { offset, bytes: data.subarray(from - length, from) }
    }),
  }
}
/** A member's blocks. */
export function writeMember(m: Member): Uint8Array[] {
  const out: Uint8Array[] = []
  for (const [text, type] of [
    [m.link, 'K'],
    [m.name, 'L'],
  ] as const) {
    if (text.length <= 100) continue
    const bytes = unbinary(`${text}\0`)
    const plain: Member = { ...m, mode: 0o644, uid: 0, gid: 0, user: 'root', group: 'root', mtime: 0, kind: 'file' }
    out.push(header(plain, '././@LongLink', '', type, bytes.length), padded(bytes))
  }
  out.push(header(m, m.name, m.link, String(KINDS.indexOf(m.kind)), m.kind === 'file' ? m.data.length : 0))
  if (m.kind === 'file' && m.data.length > 0) out.push(padded(m.data))
  return out
}
/** All members of an archive; what was read before an error comes with it. */
export function readMembers(bytes: Uint8Array): { readonly members: Member[]; readonly error?: string } {
  const members: Member[] = []
  let longName: string | undefined
  let longLink: string | undefined
  let pax: Record<string, string> = {}
  for (let at = 0; ; ) {
    if (at === bytes.length && at > 0) return { members }
    if (at + BLOCK > bytes.length) return { members, error: 'short read' }
    const block = bytes.subarray(at, at + BLOCK)
    at += BLOCK
    if (block.every((b) => b === 0)) return { members }
    const text = (from: number, length: number): string =>
      binary(block.subarray(from, from + length)).replace(/\0[\s\S]*$/, '')
    if (text(257, 5) !== 'ustar' && block.subarray(257, 262).some((b) => b !== 0))
      return { members, error: 'invalid tar magic' }
    const number = (from: number, length: number): number => {
      const first = block[from] as number
      // Base 256, GNU's way for what doesn't fit.
      if (first & 0x80) return block.subarray(from + 1, from + length).reduce((n, b) => n * 256 + b, 0)
      return Number.parseInt(text(from, length).trim() || '0', 8) || 0
    }
    const sum = block.reduce((n, b, i) => n + (i >= 148 && i < 156 ? 32 : b), 0)
    if (sum !== number(148, 8)) return { members, error: 'invalid tar header checksum' }
    const size = pax.size !== undefined ? Number(pax.size) : number(124, 12)
    const type = String.fromCharCode(block[156] as number)
    const hasData = !/[1-6]/.test(type) || type === '7'
    const length = hasData ? size : 0
    if (at + length > bytes.length) return { members, error: 'short read' }
    const data = bytes.subarray(at, at + length)
    at += Math.ceil(length / BLOCK) * BLOCK
    if (type === 'L') longName = binary(data).replace(/\0[\s\S]*$/, '')
    else if (type === 'K') longLink = binary(data).replace(/\0[\s\S]*$/, '')
    else if (type === 'x') {
      pax = {}
      for (const m of binary(data).matchAll(/\d+ ([^=]+)=([^\n]*)\n/g)) pax[m[1] as string] = m[2] as string
    } else if (type !== 'g') {
      const prefix = text(257, 8) === 'ustar' && block[263] === 48 ? text(345, 155) : ''
      let name = longName ?? pax['GNU.sparse.name'] ?? pax.path ?? (prefix ? `${prefix}/${text(0, 100)}` : text(0, 100))
      let kind = KINDS[type === '\0' || type === '7' ? 0 : Number(type)]
      // Old archives mark directories by their name alone.
      if (kind === 'file' && name.endsWith('/')) kind = 'dir'
      if (kind === undefined) return { members, error: `unknown typeflag: 0x${type.charCodeAt(0).toString(16)}` }
      if (kind === 'dir') name = name.replace(/\/*$/, '/')
      members.push({
        name,
        kind,
        mode: number(100, 8) & 0o7777,
        uid: number(108, 8),
        gid: number(116, 8),
        user: text(265, 32),
        group: text(297, 32),
        mtime: pax.mtime !== undefined ? Math.floor(Number(pax.mtime)) : number(136, 12),
        link: longLink ?? pax.linkpath ?? text(157, 100),
        major: number(329, 8),
        minor: number(337, 8),
        data,
        ...(pax['GNU.sparse.major'] === '1' ? { sparse: pieces(data, Number(pax['GNU.sparse.realsize'])) } : {}),
      })
      longName = longLink = undefined
      pax = {}
    }
  }
}
