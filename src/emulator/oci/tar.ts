/** tar archives, ustar with pax records (POSIX.1-2001); large holes as GNU's sparse format 1.0, so that they cost no bytes. */
import { concat, text, utf8 } from '../base/bytes.ts'
import { type Extent, type FileData, fromBytes, slice } from '../base/filedata.ts'

export interface TarEntry {
  /** Without a leading slash; directories without a trailing one. */
  readonly path: string
  readonly type: 'file' | 'dir' | 'symlink' | 'link' | 'char' | 'block' | 'fifo'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Seconds since 1970. */
  readonly mtime: number
  readonly target?: string
  readonly major?: number
  readonly minor?: number
  readonly data?: FileData
}
const flags = { file: '0', link: '1', symlink: '2', char: '3', block: '4', dir: '5', fifo: '6' } as const
/** What a flag stands for; old archives have none for a file. */
const kinds = new Map<string, TarEntry['type']>([
  ...Object.entries(flags).map(([kind, flag]) => [flag, kind as TarEntry['type']] as const),
  ['\0', 'file'],
])

function header(
  name: string,
  type: string,
  size: number,
  e: Pick<TarEntry, 'mode' | 'uid' | 'gid' | 'mtime' | 'target' | 'major' | 'minor'>,
): Uint8Array {
  const block = new Uint8Array(512)
  const put = (at: number, value: string, length: number): void => block.set(utf8(value).subarray(0, length), at)
  const octal = (at: number, value: number, length: number): void =>
    put(at, `${value.toString(8).padStart(length - 1, '0')}\0`, length)
  put(0, name, 100)
  octal(100, e.mode & 0o7777, 8)
  octal(108, e.uid, 8)
  octal(116, e.gid, 8)
  octal(124, size, 12)
  octal(136, Math.max(0, e.mtime), 12)
  put(148, '        ', 8)
  put(156, type, 1)
  put(157, e.target ?? '', 100)
  put(257, 'ustar\x0000', 8)
  octal(329, e.major ?? 0, 8)
  octal(337, e.minor ?? 0, 8)
  put(
    148,
    `${block
      .reduce((a, b) => a + b, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    8,
  )
  return block
}
const padding = (size: number): Uint8Array => new Uint8Array((512 - (size % 512)) % 512)
function paxRecord(key: string, value: string): string {
  const body = ` ${key}=${value}\n`
  const size = utf8(body).length
  let total = size + String(size).length
  if (String(total).length + size !== total) total = size + String(total).length
  return `${total}${body}`
}

/** A file of an image archive (a manifest, a config, a blob): read-only, root's, without a date. */
export const archiveFile = (path: string, bytes: Uint8Array): TarEntry => ({
  path,
  type: 'file',
  mode: 0o444,
  uid: 0,
  gid: 0,
  mtime: 0,
  data: fromBytes(bytes),
})

/** The bytes of an archive; the same entries give the same bytes. */
export function writeTar(entries: readonly TarEntry[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const e of entries) {
    const name = e.type === 'dir' ? `${e.path}/` : e.path
    const data = e.type === 'file' ? (e.data ?? { size: 0, extents: [] }) : { size: 0, extents: [] }
    const held = data.extents.reduce((n, x) => n + x.bytes.length, 0)
    const sparse = data.size - held > 4096
    let pax = ''
    if (utf8(name).length > 100 && !sparse) pax += paxRecord('path', name)
    if (e.target && utf8(e.target).length > 100) pax += paxRecord('linkpath', e.target)
    let body: Uint8Array[]
    if (sparse) {
      pax +=
        paxRecord('GNU.sparse.major', '1') +
        paxRecord('GNU.sparse.minor', '0') +
        paxRecord('GNU.sparse.name', name) +
        paxRecord('GNU.sparse.realsize', String(data.size))
      const last = data.extents.at(-1)
      const map = [
        ...data.extents,
        ...(last && last.offset + last.bytes.length === data.size
          ? []
          : [{ offset: data.size, bytes: new Uint8Array(0) }]),
      ]
      const list = utf8(`${map.length}\n${map.map((x) => `${x.offset}\n${x.bytes.length}\n`).join('')}`)
      body = [list, padding(list.length), ...data.extents.map((x) => x.bytes)]
    } else body = data.size > 0 ? [slice(data)] : []
    const size = body.reduce((n, b) => n + b.length, 0)
    if (pax !== '') {
      const bytes = utf8(pax)
      parts.push(
        header(`PaxHeaders.0/${name.slice(-80)}`, 'x', bytes.length, { mode: 0o644, uid: 0, gid: 0, mtime: e.mtime }),
        bytes,
        padding(bytes.length),
      )
    }
    parts.push(
      header(sparse ? `GNUSparseFile.0/${name.slice(-80)}` : name, flags[e.type], size, e),
      ...body,
      padding(size),
    )
  }
  parts.push(new Uint8Array(1024))
  return concat(parts)
}

const badHeader = { error: 'archive/tar: invalid tar header' } as const
/** Decimal digits as a number; NaN where they are none. */
const whole = (digits: string): number => (/^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN)
/** What a file with holes may say to be long: 1 TiB. */
const MAX_SPARSE = 1024 ** 4
/** The entries of an archive, or what is wrong with it. */
export function readTar(bytes: Uint8Array): TarEntry[] | { readonly error: string } {
  const entries: TarEntry[] = []
  let pax: Record<string, string> = {}
  let longName: string | undefined
  for (let at = 0; ; ) {
    if (at + 512 > bytes.length)
      return entries.length > 0 && at === bytes.length ? entries : { error: 'unexpected EOF' }
    const h = bytes.subarray(at, at + 512)
    const field = (from: number, length: number): string => {
      const end = h.indexOf(0, from)
      return end === from ? '' : text(h.subarray(from, end < 0 ? from + length : Math.min(end, from + length)))
    }
    const octal = (from: number, length: number): number => Number.parseInt(field(from, length).trim() || '0', 8)
    // The sum of all bytes, those of the checksum itself as blanks.
    let sum = 0
    for (let i = 0; i < 512; i++) sum += h[i] as number
    if (sum === 0) return entries
    for (let i = 148; i < 156; i++) sum += 32 - (h[i] as number)
    if (octal(148, 8) !== sum) return badHeader
    const size = pax.size !== undefined ? whole(pax.size) : octal(124, 12)
    if (!(size >= 0)) return badHeader
    at += 512
    if (at + size > bytes.length) return { error: 'unexpected EOF' }
    const body = bytes.subarray(at, at + size)
    at += size + ((512 - (size % 512)) % 512)
    const type = String.fromCharCode(h[156] as number)
    if (type === 'x') {
      for (const [, key, value] of text(body).matchAll(/\d+ ([^=]+)=([^\n]*)\n/g)) pax[key as string] = value as string
      continue
    }
    if (type === 'L') {
      longName = text(body).replace(/\0+$/, '')
      continue
    }
    if (type === 'g') continue
    const prefix = field(345, 155)
    let name = pax['GNU.sparse.name'] ?? pax.path ?? longName ?? (prefix ? `${prefix}/${field(0, 100)}` : field(0, 100))
    name = name.replace(/^\.?\/+/, '').replace(/\/+$/, '')
    const kind = kinds.get(type)
    if (!kind) {
      pax = {}
      longName = undefined
      continue
    }
    let data: FileData | undefined
    if (kind === 'file') {
      if (pax['GNU.sparse.major'] === '1') {
        const numbers: number[] = []
        let i = 0
        const next = (): number => {
          const end = body.indexOf(10, i)
          const n = end < 0 ? Number.NaN : whole(text(body.subarray(i, end)))
          i = end + 1
          return n
        }
        const n = next()
        for (let k = 0; k < 2 * n; k++) {
          numbers.push(next())
          if (Number.isNaN(numbers.at(-1))) return badHeader
        }
        const real = whole(pax['GNU.sparse.realsize'] ?? '')
        if (Number.isNaN(n) || !(real <= MAX_SPARSE)) return badHeader
        let from = Math.ceil(i / 512) * 512
        const extents: Extent[] = []
        for (let k = 0; k < n; k++) {
          const length = numbers[2 * k + 1] as number
          const offset = numbers[2 * k] as number
          const last = extents.at(-1)
          if (
            offset + length > real ||
            from + length > body.length ||
            (last && offset < last.offset + last.bytes.length)
          )
            return badHeader
          if (length > 0) extents.push({ offset, bytes: body.subarray(from, from + length) })
          from += length
        }
        data = { size: real, extents }
      } else data = { size, extents: size > 0 ? [{ offset: 0, bytes: body }] : [] }
    }
    const target = pax.linkpath ?? field(157, 100)
    if (name !== '' && name !== '.')
      entries.push({
        path: name,
        type: kind,
        mode: octal(100, 8),
        uid: octal(108, 8),
        gid: octal(116, 8),
        mtime: octal(136, 12),
        ...(target ? { target } : {}),
        ...(kind === 'char' || kind === 'block' ? { major: octal(329, 8), minor: octal(337, 8) } : {}),
        ...(data ? { data } : {}),
      })
    pax = {}
    longName = undefined
  }
}
