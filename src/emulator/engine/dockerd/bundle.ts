/** Images out and in as archives: image-spec image-layout.md, with Docker's manifest.json beside it (docker save, docker load, docker import). */
import { gzipSync } from 'fflate'
import { text, utf8 } from '../../base/bytes.ts'
import { slice } from '../../base/filedata.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { chainIds, digestOf, parseDigest } from '../../oci/digest.ts'
import { readJson, type Shape, strings, struct } from '../../oci/gotypes.ts'
import { choosePlatform, type Descriptor, MAX_LAYERS, type Manifest, media } from '../../oci/image.ts'
import { layersComplaint, readImageConfig, readManifest } from '../../oci/imagetypes.ts'
import type { Refused } from '../../oci/json.ts'
import { readLayer, unpacked } from '../../oci/layer.ts'
import { familiar, parseReference } from '../../oci/reference.ts'
import { archiveFile, type TarEntry, writeTar } from '../../oci/tar.ts'
import { endChunks, sendChunk, startChunked } from '../../userland/lib/http.ts'
import { readArchive, sendArchive } from './archive.ts'
import { importFiles } from './commit.ts'
import {
  allOrNothing,
  enterImage,
  getBlob,
  getJson,
  hasBlob,
  nameImage,
  putBlob,
  type Target,
  unpackLayers,
} from './content.ts'
import { findImage, hostPlatform, parsePlatform } from './images.ts'
import type { Context, Route } from './routes.ts'
import { ApiError, type Image } from './state.ts'

const fullName = (name: string): string => {
  const ref = parseReference(name)
  return 'error' in ref ? name : `${ref.domain}/${ref.path}:${ref.tag ?? 'latest'}`
}
/** The archive of some images: every blob once, sorted, without times. */
function* saveImages(c: Context, names: readonly string[]): Run<Uint8Array> {
  const platform = c.query('platform') ? parsePlatform(c.query('platform')) : undefined
  const blobs = new Map<string, Uint8Array>()
  const index: unknown[] = []
  const docker: { Config: string; RepoTags: string[] | null; Layers: string[] }[] = []
  const add = function* (digest: string): Run<boolean> {
    if (blobs.has(digest)) return true
    if (!(yield* hasBlob(c.sys, digest))) return false
    blobs.set(digest, yield* getBlob(c.sys, digest))
    return true
  }
  const entered = new Map<string, Image>()
  for (const name of names) {
    const image = findImage(c.d, name, platform ?? (yield* hostPlatform(c.sys)))
    const ref = parseReference(name)
    const tagged = 'error' in ref ? '' : familiar(ref)
    const tags = image.tags.has(tagged) ? [tagged] : []
    const target = platform ? image.manifest : image.target
    for (const t of tags.length > 0 ? tags : [undefined])
      index.push({
        ...target,
        ...(t === undefined
          ? {}
          : {
              annotations: {
                'io.containerd.image.name': fullName(t),
                'org.opencontainers.image.ref.name': t.slice(t.lastIndexOf(':') + 1),
              },
            }),
      })
    yield* add(target.digest)
    const variants = platform ? [image] : [...c.d.images.values()].filter((i) => i.id === image.id)
    for (const v of variants) {
      const manifest = yield* getJson<Manifest>(c.sys, v.manifest.digest)
      for (const digest of [v.manifest.digest, manifest.config.digest, ...manifest.layers.map((l) => l.digest)])
        yield* add(digest)
    }
    const known = [...entered].find(([, i]) => i === image)
    const manifest = yield* getJson<Manifest>(c.sys, image.manifest.digest)
    const row = docker.find((r) => r.Config === blobName(manifest.config.digest))
    if (known && row) row.RepoTags = [...(row.RepoTags ?? []), ...tags]
    else
      docker.push({
        Config: blobName(manifest.config.digest),
        RepoTags: tags.length > 0 ? tags : null,
        Layers: manifest.layers.map((l) => blobName(l.digest)),
      })
    entered.set(name, image)
  }
  const folder = (path: string): TarEntry => ({ path, type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: 0 })
  return writeTar([
    folder('blobs'),
    folder('blobs/sha256'),
    ...[...blobs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([digest, bytes]) => archiveFile(blobName(digest), bytes)),
    archiveFile('index.json', utf8(JSON.stringify({ schemaVersion: 2, mediaType: media.index, manifests: index }))),
    archiveFile('manifest.json', utf8(JSON.stringify(docker))),
    archiveFile('oci-layout', utf8('{"imageLayoutVersion":"1.0.0"}')),
  ])
}
const blobName = (digest: string): string => `blobs/${digest.replace(':', '/')}`

/** One image found in an archive. */
interface Found {
  readonly target: Target
  readonly blobs: readonly (readonly [Descriptor, Uint8Array])[]
  readonly names: readonly string[]
}
const bad = (message: string): ApiError => new ApiError(400, message)
/** A document as it was read, or the API's error. */
function well<T>(r: { readonly value: T } | Refused, what: string): T {
  if ('refused' in r) throw bad(`failed to decode ${what}: ${r.refused}`)
  return r.value
}
/** manifest.json, github.com/moby/docker-image-spec. */
interface Row {
  readonly Config: string
  readonly RepoTags?: readonly string[]
  readonly Layers?: readonly string[]
}
const rowsShape = (): Shape => [
  struct('tarexport.manifestItem', { Config: 'string', RepoTags: strings, Layers: strings }),
]
class Archive {
  readonly files = new Map<string, TarEntry>()
  constructor(entries: readonly TarEntry[]) {
    for (const e of entries) {
      if (e.path.split('/').includes('..')) throw bad(`invalid tar entry: ${e.path}: path escapes the archive`)
      this.files.set(e.path, e)
    }
  }
  bytes(path: string): Uint8Array {
    let e = this.files.get(path.replace(/^\.?\/+/, ''))
    // docker save of old wrote equal layers as links.
    for (let n = 0; e?.type === 'symlink' && n < 8; n++)
      e = this.files.get(`${path.slice(0, path.lastIndexOf('/') + 1)}${e.target}`.replace(/[^/]+\/\.\.\//g, ''))
    if (e?.type !== 'file') throw bad(`open ${path}: no such file or directory`)
    return slice(e.data ?? { size: 0, extents: [] })
  }
  json<T>(path: string, shape: () => Shape): T {
    return well(readJson<T>(text(this.bytes(path)), shape), path)
  }
  /** A blob by its descriptor, verified. */
  blob(d: Pick<Descriptor, 'digest' | 'size'>): Uint8Array {
    if (!parseDigest(String(d.digest))) throw bad(`invalid checksum digest format: ${d.digest}`)
    const bytes = this.bytes(blobName(d.digest))
    if (digestOf(bytes) !== d.digest)
      throw bad(`unexpected commit digest ${digestOf(bytes)}, expected ${d.digest}: failed precondition`)
    if (d.size !== undefined && d.size !== bytes.length)
      throw bad(`unexpected commit size ${bytes.length}, expected ${d.size}: failed precondition`)
    return bytes
  }
}
/** A manifest with everything below it; index within index is followed a few times, never for ever. */
function fromLayout(a: Archive, top: Descriptor, want: Parameters<typeof choosePlatform>[1]): Found | undefined {
  const blobs: (readonly [Descriptor, Uint8Array])[] = []
  const take = (d: Descriptor): Uint8Array => {
    const bytes = a.blob(d)
    blobs.push([{ mediaType: d.mediaType, digest: d.digest, size: bytes.length }, bytes])
    return bytes
  }
  let at: Descriptor = top
  for (let depth = 0; ; depth++) {
    if (depth > 8) throw bad(`index ${top.digest} is nested too deeply`)
    const document = well(readManifest(text(take(at))), 'manifest')
    if (!('manifests' in document)) {
      const config = well(readImageConfig(text(take(document.config))), 'image config')
      const apart = layersComplaint(config, document.layers)
      if (apart !== undefined) throw bad(apart)
      for (const l of document.layers) take(l)
      const plain = ({ mediaType, digest, size }: Descriptor): Descriptor => ({ mediaType, digest, size })
      return {
        target: {
          target: plain(top),
          manifest: plain(at),
          layers: document.layers,
          config,
          chain: chainIds(config.rootfs.diff_ids),
        },
        blobs,
        names: [],
      }
    }
    const here = document.manifests.filter((m) => a.files.has(blobName(m.digest)))
    const next =
      choosePlatform({ ...document, manifests: here }, want) ?? here.find((m) => m.platform?.os !== 'unknown')
    if (!next) return undefined
    at = next
  }
}
/** Docker's own form before 25: manifest.json with layers as plain archives. */
function fromDocker(a: Archive): Found[] {
  return a.json<Row[]>('manifest.json', rowsShape).map((row) => {
    const configBytes = a.bytes(row.Config ?? '')
    const config = well(readImageConfig(text(configBytes)), 'image config')
    const diffIds = config.rootfs.diff_ids
    const paths = row.Layers ?? []
    if (diffIds.length !== paths.length) throw bad('invalid manifest, layers length mismatch')
    if (diffIds.length > MAX_LAYERS) throw bad('max depth exceeded')
    const blobs: (readonly [Descriptor, Uint8Array])[] = []
    const add = (mediaType: string, bytes: Uint8Array): Descriptor => {
      const d = { mediaType, digest: digestOf(bytes), size: bytes.length }
      blobs.push([d, bytes])
      return d
    }
    const layers = paths.map((path, n) => {
      const raw = a.bytes(path)
      const tar = unpacked(raw)
      if ('error' in tar) throw bad(tar.error)
      if (digestOf(tar) !== diffIds[n])
        throw bad(`wrong diff id calculated on extraction ${JSON.stringify(digestOf(tar))}`)
      return add(media.layer, tar !== raw ? raw : gzipSync(tar, { level: 6, mtime: 0 }))
    })
    const c = add(media.config, configBytes)
    const manifest: Manifest = { schemaVersion: 2, mediaType: media.manifest, config: c, layers }
    const m = add(media.manifest, utf8(JSON.stringify(manifest)))
    return {
      target: { target: m, manifest: m, layers, config, chain: chainIds(diffIds) },
      blobs,
      names: row.RepoTags ?? [],
    }
  })
}
/** Enters the images of an archive. Everything is checked before anything is written. */
function* loadImages(
  c: Context,
  entries: readonly TarEntry[],
): Run<{ readonly image: Image; readonly names: readonly string[] }[]> {
  const a = new Archive(entries)
  const want = c.query('platform') ? parsePlatform(c.query('platform')) : yield* hostPlatform(c.sys)
  let found: Found[]
  if (a.files.has('index.json') && a.files.has('oci-layout')) {
    const version = a.json<{ imageLayoutVersion?: string }>('oci-layout', () =>
      struct('v1.ImageLayout', { imageLayoutVersion: 'string' }),
    ).imageLayoutVersion
    if (version !== '1.0.0') throw bad(`unsupported OCI layout version ${version}`)
    const index = well(readManifest(text(a.bytes('index.json'))), 'index.json')
    if (!('manifests' in index)) throw bad('failed to decode index.json: not an index')
    const docker = a.files.has('manifest.json') ? a.json<Row[]>('manifest.json', rowsShape) : []
    found = index.manifests.flatMap((m) => {
      const f = fromLayout(a, m, want)
      if (!f) return []
      const name = m.annotations?.['io.containerd.image.name'] ?? m.annotations?.['org.opencontainers.image.ref.name']
      const tags = docker.find((row) => f.blobs.some(([d]) => blobName(d.digest) === row.Config))?.RepoTags ?? []
      return [{ ...f, names: name?.includes('/') ? [name] : tags }]
    })
  } else if (a.files.has('manifest.json')) found = fromDocker(a)
  else throw bad('open manifest.json: no such file or directory')
  for (const f of found)
    for (const [d, bytes] of f.blobs) if (f.target.layers.some((l) => l.digest === d.digest)) checkLayer(bytes)
  const references = found.map((f) =>
    f.names.map((n) => {
      const ref = parseReference(n)
      if ('error' in ref) throw bad(ref.error)
      return ref
    }),
  )
  const chains = found.flatMap((f) => f.target.chain)
  yield* allOrNothing(c.sys, c.d, chains, function* (made) {
    for (const f of found) {
      for (const [d, bytes] of f.blobs) yield* putBlob(c.sys, d.mediaType, bytes, d.digest, made)
      yield* unpackLayers(c.sys, f.target.layers, f.target.config, f.target.chain)
    }
  })
  const out: { image: Image; names: string[] }[] = []
  for (const [n, f] of found.entries()) {
    const image = yield* enterImage(c.sys, c.d, f.target)
    const names: string[] = []
    for (const ref of references[n] ?? []) {
      yield* nameImage(c.sys, c.d, image, familiar(ref))
      names.push(familiar(ref))
    }
    out.push({ image, names })
  }
  return out
}
function checkLayer(bytes: Uint8Array): void {
  const layer = readLayer(bytes)
  if ('error' in layer) throw bad(`failed to extract layer: ${layer.error}`)
  const out = layer.entries.find((e) => e.path.split('/').includes('..'))
  if (out) throw bad(`invalid tar entry: ${out.path}: path escapes the layer`)
}
function* stream(c: Context, lines: readonly unknown[]): Run<void> {
  yield* startChunked(c.sys, c.fd, 200, { 'Content-Type': 'application/json' })
  for (const l of lines) yield* sendChunk(c.sys, c.fd, utf8(`${JSON.stringify(l)}\r\n`))
  yield* endChunks(c.sys, c.fd)
}
const failure = (message: string): unknown => ({ errorDetail: { message }, error: message })

export const bundleRoutes: readonly Route[] = [
  [
    'GET',
    /^\/images\/get$/,
    function* (c) {
      yield* sendArchive(c, yield* saveImages(c, c.queries('names')))
      return undefined
    },
  ],
  [
    'GET',
    /^\/images\/(.+)\/get$/,
    function* (c, name) {
      yield* sendArchive(c, yield* saveImages(c, [name as string]))
      return undefined
    },
  ],
  [
    'POST',
    /^\/images\/load$/,
    function* (c) {
      try {
        let entries: TarEntry[]
        try {
          entries = readArchive(c.request.body)
        } catch (e) {
          throw e instanceof ApiError ? bad(`Error processing tar file(exit status 1): ${e.message}`) : e
        }
        const loaded = yield* loadImages(c, entries)
        yield* stream(
          c,
          loaded.flatMap(({ image, names }) =>
            names.length > 0
              ? names.map((n) => ({ stream: `Loaded image: ${n}\n` }))
              : [{ stream: `Loaded image ID: ${image.id}\n` }],
          ),
        )
      } catch (e) {
        if (!(e instanceof ApiError)) throw e
        yield* stream(c, [failure(e.message)])
      }
      return undefined
    },
  ],
  [
    'POST',
    /^\/images\/create$/,
    function* (c) {
      if (c.query('fromSrc') !== '-')
        throw new ApiError(501, `zukan: not emulated: docker import ${c.query('fromSrc')}`)
      const image = yield* importFiles(c, readArchive(c.request.body))
      yield* stream(c, [{ status: image.id }])
      return undefined
    },
  ],
]
