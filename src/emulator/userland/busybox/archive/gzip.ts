/** gzip's format, RFC 1952. */
import { type DeflateOptions, deflateSync, Gunzip } from 'fflate'

/** Why data can't be unpacked, as busybox says it. */
export class GzipError extends Error {}
const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c >>> 0
})
/** CRC-32 of ISO 3309, as gzip and zip have it. */
export function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff
  for (const b of bytes) c = (table[(c ^ b) & 255] as number) ^ (c >>> 8)
  return ~c >>> 0
}
/** One member, with no name and no time in its header, as busybox writes it. */
export function gzip(bytes: Uint8Array, level = 6): Uint8Array {
  const body = deflateSync(bytes, { level: level as NonNullable<DeflateOptions['level']> })
  const out = new Uint8Array(body.length + 18)
  out.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, level === 9 ? 2 : level === 1 ? 4 : 0, 3])
  out.set(body, 10)
  const view = new DataView(out.buffer)
  view.setUint32(out.length - 8, crc32(bytes), true)
  view.setUint32(out.length - 4, bytes.length >>> 0, true)
  return out
}
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b
/** All members, one after the other; throws GzipError. */
export function gunzip(bytes: Uint8Array, most = 1 << 28): Uint8Array {
  if (!isGzip(bytes)) throw new GzipError('invalid magic')
  if (bytes.length < 18) throw new GzipError('unexpected end of file')
  const parts: Uint8Array[] = []
  let size = 0
  let members = 0
  const stream = new Gunzip((part) => {
    size += part.length
    if (size > most) throw new GzipError('out of memory')
    parts.push(part)
  })
  stream.onmember = () => {
    members++
  }
  try {
    stream.push(bytes, true)
  } catch (problem) {
    if (problem instanceof GzipError) throw problem
    throw new GzipError(/EOF|end/i.test((problem as Error).message) ? 'unexpected end of file' : 'corrupted data')
  }
  const out = new Uint8Array(size)
  let at = 0
  for (const p of parts) {
    out.set(p, at)
    at += p.length
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (members === 1 && view.getUint32(bytes.length - 8, true) !== crc32(out)) throw new GzipError('crc error')
  return out
}
