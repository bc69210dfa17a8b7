/** The manifests of an image, as GET /images/json?manifests=1 lists them: every platform of its index, here or not. */
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { type Descriptor, type Index, media } from '../../oci/image.ts'
import { getJson, layerSize } from './content.ts'
import type { Daemon, Image } from './state.ts'

/** Engine API "ImageManifestSummary". */
interface Summary {
  readonly ID: string
  readonly Descriptor: Descriptor
  readonly Available: boolean
  readonly Size: { readonly Total: number; readonly Content: number }
  readonly Kind: 'image' | 'attestation'
  readonly ImageData?: {
    readonly Platform: unknown
    readonly Containers: readonly string[]
    readonly Size: { readonly Unpacked: number }
  }
}

/** One variant that is here: its blobs, and what they take unpacked. */
function* present(sys: Sys, d: Daemon, image: Image, descriptor: Descriptor): Run<Summary> {
  let unpacked = 0
  for (const layer of image.layers) unpacked += yield* layerSize(sys, d, layer)
  const { config } = yield* getJson<{ config: Descriptor }>(sys, image.manifest.digest)
  const content = [image.manifest, config, ...image.layers].reduce((n, b) => n + b.size, 0)
  const users = [...d.containers.values()].filter((c) => c.image === image).map((c) => c.id)
  const { os, architecture, variant } = image.config
  return {
    ID: image.manifest.digest,
    Descriptor: descriptor,
    Available: true,
    Size: { Total: content + unpacked, Content: content },
    Kind: 'image',
    ImageData: {
      Platform: descriptor.platform ?? { architecture, os, ...(variant ? { variant } : {}) },
      Containers: users,
      Size: { Unpacked: unpacked },
    },
  }
}
/** All manifests that an image's name stands for, in the order of its index. */
export function* manifestsOf(sys: Sys, d: Daemon, image: Image): Run<Summary[]> {
  const variants = [...d.images.values()].filter((i) => i.id === image.id)
  if (image.target.mediaType !== media.index) return [yield* present(sys, d, image, image.manifest)]
  const index = yield* getJson<Index>(sys, image.target.digest)
  const out: Summary[] = []
  for (const m of index.manifests) {
    const own = variants.find((v) => v.manifest.digest === m.digest)
    if (own) out.push(yield* present(sys, d, own, m))
    else
      out.push({
        ID: m.digest,
        Descriptor: m,
        Available: false,
        Size: { Total: 0, Content: 0 },
        ...(m.platform?.os === 'unknown'
          ? { Kind: 'attestation' as const }
          : {
              Kind: 'image' as const,
              ImageData: { Platform: m.platform, Containers: [], Size: { Unpacked: 0 } },
            }),
      })
  }
  return out
}
