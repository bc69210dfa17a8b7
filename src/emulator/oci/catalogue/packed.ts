/**
 * Alpine as a pull brings it to a machine: what the catalogue makes of its recipe. The site's build writes the answer in this module's
 * place (scripts/site/later/constants.ts), so that a page needs neither to pack nor to digest anything before its first prompt.
 */
import { text } from '../../base/bytes.ts'
import type { Digest } from '../digest.ts'
import type { Descriptor, ImageConfig, Index, Manifest } from '../image.ts'
import { catalogueBlobs, catalogueIndex } from './index.ts'

export interface Packed {
  readonly names: readonly string[]
  readonly target: Descriptor
  /** Index, manifest and configuration for amd64: their bytes as text, by digest. */
  readonly documents: Readonly<Record<Digest, string>>
  readonly layer: Descriptor
  readonly diffId: Digest
}

/** The image of the tags `3.22` and `latest`, for amd64. */
export function packedAlpine(): Packed {
  const target = catalogueIndex('library/alpine', '3.22')
  if (!target) throw new Error('alpine:3.22 is gone')
  const documents: Record<Digest, string> = {}
  const read = <T>(digest: Digest): T => {
    documents[digest] = text(catalogueBlobs.get(digest) as Uint8Array)
    return JSON.parse(documents[digest]) as T
  }
  const manifest = read<Manifest>(read<Index>(target.digest).manifests[0]?.digest as Digest)
  const config = read<ImageConfig>(manifest.config.digest)
  return {
    names: ['alpine:3.22', 'alpine:latest'],
    target: { mediaType: target.mediaType, digest: target.digest, size: target.size },
    documents,
    layer: manifest.layers[0] as Descriptor,
    diffId: config.rootfs.diff_ids[0] as Digest,
  }
}
