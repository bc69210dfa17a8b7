/** The image store: blobs in containerd's content store, images by name, and what keeps their layers. */
import { text, utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { type Digest, digestOf } from '../../oci/digest.ts'
import { type Descriptor, type ImageConfig, type Manifest, media } from '../../oci/image.ts'
import { readLayer } from '../../oci/layer.ts'
import { readFile, writeAll } from '../../userland/lib/io.ts'
import { blobPath, CONTAINERD_SOCKET } from '../containerd.ts'
import { callRpc } from '../rpc.ts'
import { ApiError, type Daemon, type Image } from './state.ts'

/** A call to containerd; its failure is the API's. */
export function* contain<T = Record<string, unknown>>(
  sys: Sys,
  method: string,
  params: Readonly<Record<string, unknown>>,
): Run<T> {
  const r = yield* callRpc<T>(sys, CONTAINERD_SOCKET, 'containerd', method, params)
  if (!r.ok) throw new ApiError(500, r.error)
  return r.result
}

/** Writes a blob; nothing is left of it where its digest isn't the expected one. `made` hears of one that wasn't there before. */
export function* putBlob(
  sys: Sys,
  mediaType: string,
  bytes: Uint8Array,
  expected?: Digest,
  made?: Digest[],
): Run<Descriptor> {
  const digest = expected ?? digestOf(bytes)
  const path = blobPath(digest)
  if (isErr(yield* sys.stat(path))) {
    made?.push(digest)
    const fd = yield* sys.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o444)
    if (isErr(fd)) throw new ApiError(500, `failed to open writer: ${fd.text.toLowerCase()}`)
    const failed = yield* writeAll(sys, fd, bytes)
    yield* sys.close(fd)
    if (failed) {
      yield* sys.unlink(path)
      throw new ApiError(500, `failed to copy: write ${path}: ${failed.text.toLowerCase()}`)
    }
    yield* contain(sys, 'content.Commit', { digest })
  }
  return { mediaType, digest, size: bytes.length }
}
export const putJson = (sys: Sys, mediaType: string, value: unknown): Run<Descriptor> =>
  putBlob(sys, mediaType, utf8(JSON.stringify(value)))

export function* hasBlob(sys: Sys, digest: string): Run<boolean> {
  return !isErr(yield* sys.stat(blobPath(digest)))
}
export function* getBlob(sys: Sys, digest: string): Run<Uint8Array> {
  const bytes = yield* readFile(sys, blobPath(digest))
  if (isErr(bytes)) throw new ApiError(404, `content digest ${digest}: not found`)
  return bytes
}
export function* getJson<T>(sys: Sys, digest: string): Run<T> {
  return JSON.parse(text(yield* getBlob(sys, digest))) as T
}

/** Bytes of a layer's files, from its archive: what it takes when it is unpacked. */
export function* layerSize(sys: Sys, d: Daemon, layer: Descriptor): Run<number> {
  const known = d.layerSizes.get(layer.digest)
  if (known !== undefined) return known
  const bytes = yield* readFile(sys, blobPath(layer.digest))
  if (isErr(bytes)) return 0
  const content = readLayer(bytes)
  const size = 'error' in content ? 0 : content.size
  d.layerSizes.set(layer.digest, size)
  return size
}

/**
 * Does a work that brings blobs and layers, all or nothing: where it fails, the blobs in `made` go again, and layers of the chain that no
 * image has. (containerd would keep them until its collector finds that nothing refers to them.)
 */
export function* allOrNothing<T>(
  sys: Sys,
  d: Daemon,
  chain: readonly string[],
  work: (made: Digest[]) => Run<T>,
): Run<T> {
  const made: Digest[] = []
  try {
    return yield* work(made)
  } catch (e) {
    for (const digest of made) yield* sys.unlink(blobPath(digest))
    yield* dropChain(sys, d, chain)
    throw e
  }
}
/** Unpacks layers that no image has unpacked yet, lowest first. */
export function* unpackLayers(
  sys: Sys,
  layers: readonly Descriptor[],
  config: ImageConfig,
  chain: readonly string[],
): Run<void> {
  for (const [n, l] of layers.entries())
    yield* contain(sys, 'diff.Apply', {
      digest: l.digest,
      diffId: config.rootfs.diff_ids[n],
      chainId: chain[n],
      ...(n > 0 ? { parent: chain[n - 1] } : {}),
    })
}

/** The index or manifest that a name stands for, and the manifest for one platform. */
export interface Target {
  readonly target: Descriptor
  readonly manifest: Descriptor
  readonly layers: readonly Descriptor[]
  readonly config: ImageConfig
  readonly chain: readonly string[]
}
/** Enters an image whose blobs and layers are there; one that is known already is answered. */
export function* enterImage(sys: Sys, d: Daemon, t: Target): Run<Image> {
  const key = t.manifest.digest
  const known = d.images.get(key)
  if (known && known.id === t.target.digest) return known
  let size = 0
  for (const l of t.layers) size += yield* layerSize(sys, d, l)
  const image: Image = {
    id: t.target.digest,
    target: t.target,
    manifest: t.manifest,
    layers: t.layers,
    config: t.config,
    tags: known?.tags ?? new Set(),
    digests: known?.digests ?? new Set(),
    chain: t.chain,
    size,
    parent: '',
  }
  d.images.set(key, image)
  return image
}
/** A name without its tag. */
const repositoryOf = (name: string): string => name.replace(/:[^:/]*$/, '')
/** Gives an image a name, `name:tag`; whoever had it loses it, and an image that has no name left stays as a dangling one. */
export function* nameImage(sys: Sys, d: Daemon, image: Image, name: string): Run<void> {
  for (const other of d.images.values()) if (other.id !== image.id) other.tags.delete(name)
  image.tags.add(name)
  // In containerd's store every image has its target's digest, pulled or not.
  image.digests.add(`${repositoryOf(name)}@${image.id}`)
  yield* contain(sys, 'images.Update', { name, target: image.target })
}
/** Takes a name from an image, and from containerd's list. */
export function* unnameImage(sys: Sys, image: Image, name: string): Run<void> {
  image.tags.delete(name)
  const repository = repositoryOf(name)
  if (![...image.tags].some((t) => repositoryOf(t) === repository)) image.digests.delete(`${repository}@${image.id}`)
  yield* contain(sys, 'images.Update', { name })
}

/** Layers that must stay: those of images, and those that the build cache leases. */
export const keptChains = (d: Daemon): Set<string> =>
  new Set([...d.leases, ...[...d.images.values()].flatMap((x) => x.chain)])
/** Takes the snapshots of a chain away that nobody else needs, topmost first. */
export function* dropChain(sys: Sys, d: Daemon, chain: readonly string[]): Run<void> {
  const kept = keptChains(d)
  for (const id of [...chain].reverse())
    if (!kept.has(id)) yield* callRpc(sys, CONTAINERD_SOCKET, 'containerd', 'snapshots.Remove', { key: id })
}

/** Writes configuration and manifest of an image for one platform: `enterImage` makes it one that is listed. */
export function* writeImage(
  sys: Sys,
  config: ImageConfig,
  layers: readonly Descriptor[],
  chain: readonly string[],
): Run<Target> {
  const c = yield* putJson(sys, media.config, config)
  const manifest: Manifest = { schemaVersion: 2, mediaType: media.manifest, config: c, layers }
  const descriptor = yield* putJson(sys, media.manifest, manifest)
  return { target: descriptor, manifest: descriptor, layers, config, chain }
}
