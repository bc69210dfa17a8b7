/** Layers of images as archives, image-spec layer.md: plain or compressed by gzip. */
import { gunzipSync } from 'fflate'
import { type Digest, digestOf } from './digest.ts'
import { readTar, type TarEntry } from './tar.ts'

export interface LayerContent {
  /** The digest of the archive without compression. */
  readonly diffId: Digest
  readonly entries: readonly TarEntry[]
  /** Bytes of its files. */
  readonly size: number
}

/**
 * Layers read last, by the digest of their bytes. A pull reads each layer twice (the daemon for its size, containerd to unpack it), and
 * each further world of a page, each replay, pulls the same ones. Bounded, since a build may make any number of them.
 */
const known = new Map<Digest, LayerContent>()
const MOST = 16

/** More than any image of the catalogue: a small file must not become all of a machine's memory. */
const MOST_UNPACKED = 512 * 1024 ** 2
/** An archive's bytes, of which gzip's compression is taken away; or what is wrong with it, in the words of compress/gzip. */
export function unpacked(bytes: Uint8Array): Uint8Array | { readonly error: string } {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  // The last four bytes say how much it holds, RFC 1952; deflate makes of a byte no more than 1032. What says more was cut short.
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(-4)
  const size = a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24
  if (size > bytes.length * 1032) return { error: 'unexpected EOF' }
  if (size > MOST_UNPACKED) return { error: 'no space left on device' }
  try {
    return gunzipSync(bytes)
  } catch {
    return { error: 'unexpected EOF' }
  }
}

/** What a layer's archive holds, or what is wrong with it: the words of Go's archive/tar and compress/gzip. */
export function readLayer(bytes: Uint8Array): LayerContent | { readonly error: string } {
  const digest = digestOf(bytes)
  const before = known.get(digest)
  if (before) {
    known.delete(digest)
    known.set(digest, before)
    return before
  }
  const tar = unpacked(bytes)
  if ('error' in tar) return tar
  const entries = readTar(tar)
  if ('error' in entries) return entries
  const size = entries.reduce((n, e) => n + (e.data?.size ?? 0), 0)
  const content = { diffId: digestOf(tar), entries, size }
  known.set(digest, content)
  for (const oldest of known.keys()) {
    if (known.size <= MOST) break
    known.delete(oldest)
  }
  return content
}
