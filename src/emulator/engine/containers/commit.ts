/** An image of a base, one more layer, and a configuration: what commit and each step of a build write. */
import { gzipSync } from 'fflate'
import { utf8 } from '../../base/bytes.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { type Digest, digestOf } from '../../oci/digest.ts'
import {
  type Descriptor,
  type ImageConfig,
  type Manifest,
  media,
  type Platform,
  type RunConfig,
} from '../../oci/image.ts'
import type { Storage } from './storage.ts'

export interface Committed {
  readonly id: string
  readonly config: ImageConfig
  readonly manifest: Manifest
  /** The layers of the image that were there already, and the new one. */
  readonly diffIds: readonly Digest[]
}
export interface CommitOptions {
  readonly base: { readonly config: ImageConfig; readonly manifest: Manifest } | undefined
  /** The layer's id that the new one lies on. */
  readonly parent: string | undefined
  readonly layer: { readonly tar: Uint8Array; readonly diffId: Digest } | undefined
  readonly config: RunConfig
  readonly platform: Platform
  /** RFC 3339. */
  readonly created: string
  readonly author?: string | undefined
  readonly history: readonly NonNullable<ImageConfig['history']>[number][]
  readonly annotations?: Readonly<Record<string, string>>
  readonly names: readonly string[]
}
/** Writes the image into the storage. Throws Problem where its layer can't be stored. */
export function* commitImage(storage: Storage, o: CommitOptions): Run<Committed> {
  let top = o.parent
  const layers: Descriptor[] = [...(o.base?.manifest.layers ?? [])]
  const diffIds = [...(o.base?.config.rootfs.diff_ids ?? [])]
  if (o.layer) {
    const packed = gzipSync(o.layer.tar, { level: 6, mtime: 0 })
    top = yield* storage.putLayer(packed, o.layer.diffId, top)
    layers.push({ mediaType: media.layer, digest: digestOf(packed), size: packed.length })
    diffIds.push(o.layer.diffId)
  }
  const config: ImageConfig = {
    created: o.created,
    ...(o.author ? { author: o.author } : {}),
    architecture: o.platform.architecture,
    os: o.platform.os,
    ...(o.platform.variant ? { variant: o.platform.variant } : {}),
    config: o.config,
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: [...(o.base?.config.history ?? []), ...o.history],
  }
  const configBytes = utf8(JSON.stringify(config))
  const manifest: Manifest & { readonly annotations?: Readonly<Record<string, string>> } = {
    schemaVersion: 2,
    mediaType: media.manifest,
    config: { mediaType: media.config, digest: digestOf(configBytes), size: configBytes.length },
    layers,
    ...(o.annotations ? { annotations: o.annotations } : {}),
  }
  const manifestBytes = utf8(JSON.stringify(manifest))
  const id = manifest.config.digest.slice(7)
  yield* storage.putImage({
    id,
    digest: digestOf(manifestBytes),
    names: o.names,
    layer: top,
    created: o.created,
    data: new Map([
      [manifest.config.digest, configBytes],
      ['manifest', manifestBytes],
      [`manifest-${digestOf(manifestBytes)}`, manifestBytes],
    ]),
  })
  return { id, config, manifest, diffIds }
}
