/** containerd's image store: names of a namespace, the documents behind them, and what they keep. */
import { text } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { chainIds, type Digest } from '../../oci/digest.ts'
import {
  choosePlatform,
  type Descriptor,
  type ImageConfig,
  type Index,
  type Manifest,
  type Platform,
} from '../../oci/image.ts'
import { parseReference } from '../../oci/reference.ts'
import { readFile } from '../../userland/lib/io.ts'
import { blobPath, type Store } from '../containerd.ts'
import { hostPlatform } from '../dockerd/images.ts'

/** An image of a namespace with the documents for one platform, as far as they are here. */
export interface StoredImage {
  /** `docker.io/library/alpine:latest` */
  readonly name: string
  readonly target: Descriptor
  /** Nanoseconds since 1970. */
  readonly created: number
  /** Platforms that the target names. */
  readonly platforms: readonly Platform[]
  readonly manifest: Descriptor
  readonly layers: readonly Descriptor[]
  readonly config: ImageConfig
  readonly configDigest: Digest
  readonly chain: readonly string[]
  /** Bytes of all blobs for the platform: target, manifest, configuration and layers. */
  readonly size: number
}
/** The whole name: domain, path and tag or digest. */
export function fullName(name: string): string {
  const ref = parseReference(name)
  if ('error' in ref) return name
  const tag = ref.tag ?? (ref.digest === undefined ? 'latest' : undefined)
  return `${ref.domain}/${ref.path}${tag === undefined ? '' : `:${tag}`}${ref.digest === undefined ? '' : `@${ref.digest}`}`
}
/** A document of the content store; undefined where it isn't there. */
export function* document<T>(sys: Sys, digest: string): Run<T | undefined> {
  const bytes = yield* readFile(sys, blobPath(digest))
  return isErr(bytes) ? undefined : (JSON.parse(text(bytes)) as T)
}
/** What a target stands for on this machine's platform; undefined where documents are missing. */
export function* readImage(sys: Sys, name: string, target: Descriptor, created = 0): Run<StoredImage | undefined> {
  const first = yield* document<Index | Manifest>(sys, target.digest)
  if (!first) return undefined
  const wanted = yield* hostPlatform(sys)
  const index = 'manifests' in first ? first : undefined
  const candidates = index ? [choosePlatform(index, wanted), ...index.manifests] : [target]
  for (const d of candidates) {
    const m = d && (yield* document<Manifest>(sys, d.digest))
    const config = m?.config && (yield* document<ImageConfig>(sys, m.config.digest))
    if (!d || !m || !config) continue
    return {
      name,
      target,
      created,
      platforms: index
        ? index.manifests.flatMap((x) => (x.platform && x.platform.os !== 'unknown' ? [x.platform] : []))
        : [config],
      manifest: d,
      layers: m.layers,
      config,
      configDigest: m.config.digest,
      chain: chainIds(config.rootfs.diff_ids),
      size: [...(index ? [target.size] : []), d.size, m.config.size, ...m.layers.map((l) => l.size)].reduce(
        (a, b) => a + b,
        0,
      ),
    }
  }
  return undefined
}
/** The images of a namespace, by name. */
export function* imagesOf(sys: Sys, store: Store, ns: string): Run<StoredImage[]> {
  const out: StoredImage[] = []
  for (const [key, { target, created }] of store.images) {
    if (!key.startsWith(`${ns}/`)) continue
    const image = yield* readImage(sys, storedName(key), target, created)
    if (image) out.push(image)
  }
  return out.sort((a, b) => (a.name < b.name ? -1 : 1))
}
/** The whole name of a stored image: dockerd's are kept as docker shows them. */
export const storedName = (key: string): string => {
  const at = key.indexOf('/')
  const name = key.slice(at + 1)
  return key.slice(0, at) === 'moby' ? fullName(name) : name
}
/** Every blob that a namespace's images need, with the labels that keep it from the collector. */
export function* contentOf(sys: Sys, store: Store, ns: string): Run<Map<string, Record<string, string>>> {
  const out = new Map<string, Record<string, string>>()
  const add = (digest: string, labels: Readonly<Record<string, string>>): void =>
    void out.set(digest, { ...out.get(digest), ...labels })
  for (const i of yield* imagesOf(sys, store, ns)) {
    const ref = parseReference(i.name)
    const source: Record<string, string> =
      'error' in ref ? {} : { [`containerd.io/distribution.source.${ref.domain}`]: ref.path }
    if (i.target.digest !== i.manifest.digest) {
      const index = yield* document<Index>(sys, i.target.digest)
      const refs = (index?.manifests ?? []).map((m, n) => [`containerd.io/gc.ref.content.m.${n}`, m.digest])
      add(i.target.digest, { ...source, ...Object.fromEntries(refs) })
    }
    add(i.manifest.digest, {
      ...source,
      'containerd.io/gc.ref.content.config': i.configDigest,
      ...Object.fromEntries(i.layers.map((l, n) => [`containerd.io/gc.ref.content.l.${n}`, l.digest])),
    })
    add(i.configDigest, { ...source, 'containerd.io/gc.ref.snapshot.overlayfs': i.chain.at(-1) ?? '' })
    for (const [n, l] of i.layers.entries())
      add(l.digest, { ...source, 'containerd.io/uncompressed': i.config.rootfs.diff_ids[n] ?? '' })
  }
  return out
}
