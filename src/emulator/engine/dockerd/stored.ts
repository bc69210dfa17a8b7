/** The images that are there when the daemon starts: containerd names them, their documents are in its content store. */
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { chainIds } from '../../oci/digest.ts'
import type { Descriptor, ImageConfig, Index, Manifest } from '../../oci/image.ts'
import { CONTAINERD_SOCKET } from '../containerd.ts'
import { callRpc } from '../rpc.ts'
import { contain, enterImage, getJson, hasBlob } from './content.ts'
import type { Daemon } from './state.ts'

/** Enters every platform's variant of containerd's images that was brought here whole. */
export function* enterStored(sys: Sys, d: Daemon): Run<void> {
  const named = yield* callRpc<readonly { readonly name: string; readonly target: Descriptor }[]>(
    sys,
    CONTAINERD_SOCKET,
    'containerd',
    'images.Targets',
    {},
  )
  if (!named.ok) return
  for (const { name, target } of named.result) {
    if (!(yield* hasBlob(sys, target.digest))) continue
    const document = yield* getJson<Index | Manifest>(sys, target.digest)
    for (const { digest, mediaType, size } of 'manifests' in document ? document.manifests : [target]) {
      if (!(yield* hasBlob(sys, digest))) continue
      const { config: own, layers } = yield* getJson<Manifest>(sys, digest)
      if (!(yield* hasBlob(sys, own.digest))) continue
      const config = yield* getJson<ImageConfig>(sys, own.digest)
      const { diff_ids: ids } = config.rootfs
      // A single layer's chain id is its own.
      const chain = ids.length > 1 ? chainIds(ids) : ids
      for (const [n, l] of layers.entries()) {
        const usage = yield* contain<{ size?: number }>(sys, 'snapshots.Usage', { key: chain[n] })
        if (usage.size !== undefined) d.layerSizes.set(l.digest, usage.size)
      }
      const manifest = { mediaType, digest, size }
      const image = yield* enterImage(sys, d, { target, manifest, layers, config, chain })
      image.tags.add(name)
      image.digests.add(`${name.replace(/:[^:/]*$/, '')}@${target.digest}`)
    }
  }
}
