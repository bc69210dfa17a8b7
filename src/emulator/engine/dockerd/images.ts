/** Images: finding them, and pulling them by the distribution API. */
import { text } from '../../base/bytes.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { chainIds, type Digest, digestOf } from '../../oci/digest.ts'
import {
  choosePlatform,
  type Descriptor,
  type ImageConfig,
  type Index,
  type Manifest,
  media,
  type Platform,
} from '../../oci/image.ts'
import { configOf, layersComplaint, manifestOf } from '../../oci/imagetypes.ts'
import type { Refused } from '../../oci/json.ts'
import { familiar, familiarName, parseReference, type Reference } from '../../oci/reference.ts'
import { seconds } from '../../oci/units.ts'
import { allOrNothing, contain, enterImage, keptChains, layerSize, nameImage, putBlob } from './content.ts'
import { type Credentials, RegistryClient, urlOf } from './distribution.ts'
import { ApiError, type Daemon, type Image } from './state.ts'

export const platformText = (p: Platform): string => `${p.os}/${p.architecture}${p.variant ? `/${p.variant}` : ''}`
/** `linux/arm64/v8` as a platform. */
export function parsePlatform(value: string): Platform {
  const [os = 'linux', architecture = '', variant] = value.split('/')
  if (architecture === '')
    throw new ApiError(400, `"${value}": invalid platform specifier: should be in the format os/arch`)
  return { os, architecture, ...(variant && !(architecture === 'arm64' && variant === 'v8') ? { variant } : {}) }
}
/** What this machine runs. */
export function* hostPlatform(sys: Sys): Run<Platform> {
  return { os: 'linux', architecture: (yield* sys.uname()).machine === 'aarch64' ? 'arm64' : 'amd64' }
}
/** Whether an image runs on a platform. */
export const suits = (i: Image, p: Platform): boolean =>
  i.config.os === p.os && i.config.architecture === p.architecture

/** An image by id, the beginning of one, or a name; of several platforms the wanted one, or else the one that came first. */
export function findImage(d: Daemon, ref: string, platform?: Platform): Image {
  const choose = (hits: readonly Image[]): Image | undefined =>
    (platform && hits.find((i) => suits(i, platform))) ?? hits[0]
  const bare = ref.replace(/^sha256:/, '')
  if (/^[0-9a-f]{4,64}$/.test(bare)) {
    const hits = [...d.images.values()].filter((i) => i.id.startsWith(`sha256:${bare}`))
    const hit = choose(hits)
    if (hit && !hits.some((h) => h.tags.has(ref))) return hit
  }
  const parsed = parseReference(ref)
  if ('error' in parsed) throw new ApiError(400, parsed.error)
  const name = familiar(parsed)
  const named = choose([...d.images.values()].filter((i) => i.tags.has(name) || i.digests.has(name)))
  if (named) return named
  throw new ApiError(404, `No such image: ${name}`)
}

/** One line of the progress stream, Engine API "CreateImageInfo". */
export type Progress = (line: Readonly<Record<string, unknown>>) => Run<void>

/** What a registry holds under a reference for a platform: documents only, no layers. */
export interface Remote {
  readonly target: Descriptor
  readonly targetBytes: Uint8Array
  readonly manifest: Descriptor
  readonly manifestBytes: Uint8Array
  readonly layers: readonly Descriptor[]
  readonly config: ImageConfig
  readonly configBytes: Uint8Array
  readonly configDigest: Digest
  readonly chain: readonly string[]
}
/** A document as it was read, or the API's error. */
function well<T>(r: { readonly value: T } | Refused, what: string): T {
  if ('refused' in r) throw new ApiError(500, `failed to decode ${what}: ${r.refused}`)
  return r.value
}
/** Descriptors say how long their content is: fetching verifies it with the digest. */
function checkSize(bytes: Uint8Array, d: Descriptor): void {
  if (d.size !== undefined && d.size !== bytes.length)
    throw new ApiError(500, `failed size validation: ${bytes.length} != ${d.size}: failed precondition`)
}
const typeOf = (document: Index | Manifest): string =>
  document.mediaType ?? ('manifests' in document ? media.index : media.manifest)

/** Fetches one document or layer; its digest is verified. */
export function* fetchVerified(
  client: RegistryClient,
  path: string,
  digest: Digest | undefined,
  what: string,
): Run<Uint8Array> {
  const { ref } = client
  const r = yield* client.request('GET', path)
  if (r.status === 404 || r.status === 401 || r.status === 403) {
    const unknown = r.status !== 404 || text(r.body).includes('NAME_UNKNOWN')
    throw new ApiError(
      404,
      unknown
        ? `pull access denied for ${familiarName(ref)}, repository does not exist or may require 'docker login'`
        : `manifest for ${familiar(ref)} not found: manifest unknown: manifest unknown`,
    )
  }
  if (r.status !== 200)
    throw new ApiError(
      500,
      `unexpected status from GET request to ${urlOf(ref.domain)}${path}: ${r.status} ${r.reason}`,
    )
  if (digest && digestOf(r.body) !== digest)
    throw new ApiError(500, `failed to verify ${what}: ${digest}: unexpected content digest ${digestOf(r.body)}`)
  return r.body
}
/** Resolves a reference for a platform; a manifest list is followed once. */
export function* resolveRemote(client: RegistryClient, platform: Platform): Run<Remote> {
  const { ref } = client
  const base = `/v2/${ref.path}`
  const targetBytes = yield* fetchVerified(
    client,
    `${base}/manifests/${ref.digest ?? ref.tag}`,
    ref.digest as Digest | undefined,
    'manifest',
  )
  const document = well(yield* manifestOf(text(targetBytes)), 'manifest')
  const target: Descriptor = {
    mediaType: typeOf(document),
    digest: digestOf(targetBytes),
    size: targetBytes.length,
  }
  let manifest = target
  let manifestBytes = targetBytes
  if ('manifests' in document) {
    const chosen = choosePlatform(document, platform)
    if (!chosen)
      throw new ApiError(404, `no matching manifest for ${platformText(platform)} in the manifest list entries`)
    manifestBytes = yield* fetchVerified(client, `${base}/manifests/${chosen.digest}`, chosen.digest, 'manifest')
    checkSize(manifestBytes, chosen)
    manifest = { mediaType: chosen.mediaType, digest: chosen.digest, size: manifestBytes.length }
  }
  const m = manifest === target ? document : well(yield* manifestOf(text(manifestBytes)), 'manifest')
  // A platform's entry is an image; an index of indexes would have no end.
  if ('manifests' in m) throw new ApiError(500, `content ${manifest.digest}: not an image manifest`)
  const configBytes = yield* fetchVerified(client, `${base}/blobs/${m.config.digest}`, m.config.digest, 'config')
  checkSize(configBytes, m.config)
  const config = well(yield* configOf(text(configBytes)), 'image config')
  const apart = layersComplaint(config, m.layers)
  if (apart !== undefined) throw new ApiError(500, apart)
  return {
    target,
    targetBytes,
    manifest,
    manifestBytes,
    layers: m.layers,
    config,
    configBytes,
    configDigest: m.config.digest,
    chain: chainIds(config.rootfs.diff_ids),
  }
}
/** What tells of a layer's way here. */
export interface LayerProgress {
  begin(layers: readonly { readonly layer: Descriptor; readonly exists: boolean }[]): Run<void>
  downloaded(layer: Descriptor): Run<void>
  extracted(layer: Descriptor): Run<void>
}
/** Brings the layers that aren't here yet, and unpacks them. */
export function* fetchLayers(
  sys: Sys,
  d: Daemon,
  client: RegistryClient,
  r: Remote,
  progress: LayerProgress,
): Run<void> {
  const have = keptChains(d)
  const exists = (n: number): boolean => have.has(r.chain[n] as string)
  yield* progress.begin(r.layers.map((layer, n) => ({ layer, exists: exists(n) })))
  yield* allOrNothing(sys, d, r.chain, function* (made) {
    for (const [n, l] of r.layers.entries()) {
      if (exists(n)) continue
      const bytes = yield* fetchVerified(client, `/v2/${client.ref.path}/blobs/${l.digest}`, l.digest, 'layer')
      checkSize(bytes, l)
      yield* putBlob(sys, l.mediaType, bytes, l.digest, made)
      yield* progress.downloaded(l)
      yield* contain(sys, 'diff.Apply', {
        digest: l.digest,
        diffId: r.config.rootfs.diff_ids[n],
        chainId: r.chain[n],
        ...(n > 0 ? { parent: r.chain[n - 1] } : {}),
      })
      yield* progress.extracted(l)
    }
    yield* putBlob(sys, media.config, r.configBytes, r.configDigest, made)
    yield* putBlob(sys, r.manifest.mediaType, r.manifestBytes, r.manifest.digest, made)
    yield* putBlob(sys, r.target.mediaType, r.targetBytes, r.target.digest, made)
  })
}

/** Pulls an image for a platform and unpacks its layers. */
export function* pull(
  sys: Sys,
  d: Daemon,
  name: string,
  platform: Platform,
  progress: Progress,
  credentials: Credentials = {},
): Run<Image> {
  const parsed = parseReference(name)
  if ('error' in parsed) throw new ApiError(400, parsed.error)
  const ref: Reference = parsed.tag === undefined && parsed.digest === undefined ? { ...parsed, tag: 'latest' } : parsed
  const client = new RegistryClient(sys, ref, credentials)
  const short = (l: Descriptor): string => l.digest.slice(7, 19)
  const tell = (status: string, l: Descriptor): Run<void> => progress({ status, progressDetail: {}, id: short(l) })
  try {
    yield* progress({ status: `Pulling from ${ref.path}`, id: ref.tag ?? ref.digest })
    const r = yield* resolveRemote(client, platform)
    const known = d.images.get(r.manifest.digest)
    if (!known)
      yield* fetchLayers(sys, d, client, r, {
        *begin(layers) {
          for (const l of layers) yield* tell(l.exists ? 'Already exists' : 'Pulling fs layer', l.layer)
        },
        downloaded: (l) => tell('Download complete', l),
        extracted: (l) => tell('Pull complete', l),
      })
    else yield* putBlob(sys, r.target.mediaType, r.targetBytes, r.target.digest)
    const full = familiar(ref)
    const same = known !== undefined && known.id === r.target.digest && (known.tags.has(full) || ref.tag === undefined)
    const image = yield* enterImage(sys, d, r)
    if (ref.tag !== undefined) yield* nameImage(sys, d, image, familiar({ ...ref, digest: undefined }))
    image.digests.add(`${familiarName(ref)}@${r.target.digest}`)
    yield* progress({ status: `Digest: ${r.target.digest}` })
    yield* progress({
      status: same ? `Status: Image is up to date for ${full}` : `Status: Downloaded newer image for ${full}`,
    })
    return image
  } finally {
    yield* client.close()
  }
}

/** GET /images/{name}/history: newest first; a layer's size is that of its files. */
export function* imageHistory(sys: Sys, d: Daemon, i: Image): Run<readonly Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = []
  let layer = 0
  for (const h of i.config.history) {
    const own = h.empty_layer ? undefined : i.layers[layer++]
    rows.unshift({
      Id: '<missing>',
      Created: seconds(h.created ?? ''),
      CreatedBy: h.created_by ?? '',
      Tags: null,
      Size: own ? yield* layerSize(sys, d, own) : 0,
      Comment: h.comment ?? '',
    })
  }
  if (rows[0]) Object.assign(rows[0], { Id: i.id, Tags: [...i.tags] })
  return rows
}
