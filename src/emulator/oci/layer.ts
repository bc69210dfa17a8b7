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

/** What a layer's archive holds, or what is wrong with it: the words of Go's archive/tar and compress/gzip. */
export function readLayer(bytes: Uint8Array): LayerContent | { readonly error: string } {
  const digest = digestOf(bytes)
  const before = known.get(digest)
  if (before) {
    known.delete(digest)
    known.set(digest, before)
    return before
  }
  let tar: Uint8Array
  try {
    tar = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes
  } catch {
    return { error: 'unexpected EOF' }
  }
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
