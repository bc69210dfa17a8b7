/** Images in other places than a registry: containers-transports(5). Each is read or written as a manifest and blobs. */
import { gunzipSync } from 'fflate'
import { text, utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import { slice } from '../../base/filedata.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { digestOf, parseDigest } from '../../oci/digest.ts'
import { type Descriptor, type ImageConfig, type Index, type Manifest, media } from '../../oci/image.ts'
import { parseReference } from '../../oci/reference.ts'
import { archiveFile, readTar, type TarEntry, writeTar } from '../../oci/tar.ts'
import { readFile } from '../../userland/lib/io.ts'
import { loadJson, makeFolders, parentOf, putFile, saveJson } from './files.ts'
import { fullName, localName, lookUp, type Registries } from './names.ts'
import { notEmulated, Problem } from './problem.ts'
import { type DockerOptions, DockerSource } from './registry.ts'
import { isoTime, type Storage } from './storage.ts'

/** `docker://alpine` in its two parts. */
export interface ImageName {
  readonly transport: string
  readonly rest: string
  readonly whole: string
}
const known = [
  'containers-storage',
  'dir',
  'docker',
  'docker-archive',
  'docker-daemon',
  'oci',
  'oci-archive',
  'ostree',
  'sif',
  'tarball',
]
/** The transports that are carried out. */
export const transports = ['containers-storage', 'dir', 'docker', 'docker-archive', 'oci', 'oci-archive']

/** A name with its transport, or containers/image's complaint. */
export function parseImageName(name: string): ImageName | { readonly error: string } {
  const at = name.indexOf(':')
  if (at < 0) return { error: `Invalid image name "${name}", expected colon-separated transport:reference` }
  const transport = name.slice(0, at)
  if (!known.includes(transport)) return { error: `Invalid image name "${name}", unknown transport "${transport}"` }
  const rest = name.slice(at + 1)
  if (transport === 'docker') {
    if (!rest.startsWith('//'))
      return { error: `Invalid image name "${name}", docker: image reference ${rest} does not start with //` }
    const ref = parseReference(rest.slice(2))
    if ('error' in ref) return { error: ref.error }
    if (ref.tag !== undefined && ref.digest !== undefined)
      return { error: 'Docker references with both a tag and digest are currently not supported' }
  }
  return { transport, rest: transport === 'docker' ? rest.slice(2) : rest, whole: name }
}

/** Where an image comes from. */
export interface Source {
  /** What the name stands for, or one of its parts by digest. */
  manifest(digest?: string): Run<{ readonly bytes: Uint8Array; readonly mediaType: string }>
  blob(d: Pick<Descriptor, 'digest'>): Run<Uint8Array>
  close(): Run<void>
}
/** Where one goes to. */
export interface Destination {
  /** Whether a blob needn't be sent. */
  has(digest: string): Run<boolean>
  putBlob(digest: string, bytes: Uint8Array): Run<void>
  /** `digest`: the manifest is one part of an index. */
  putManifest(bytes: Uint8Array, mediaType: string, digest?: string): Run<void>
  /** All is there: makes it an image. */
  commit(): Run<void>
  /** Takes an index with all its platforms. */
  readonly takesIndex: boolean
  /** Takes manifests of the image-spec as they are. */
  close(): Run<void>
}
export interface World {
  readonly sys: Sys
  readonly storage: Storage
  readonly registries: Registries
  /** How a registry is spoken to, by its domain. */
  readonly docker: (domain: string) => Run<DockerOptions>
}
const absolute = function* (sys: Sys, path: string): Run<string> {
  if (path.startsWith('/')) return path
  const here = yield* sys.getcwd()
  return `${isErr(here) ? '' : here}/${path}`
}
const typeOf = (bytes: Uint8Array): string => {
  try {
    const d = JSON.parse(text(bytes)) as { mediaType?: string; manifests?: unknown }
    return d.mediaType ?? (d.manifests ? media.index : media.manifest)
  } catch {
    return ''
  }
}
const nothing = function* (): Run<void> {}

// --- registries ---
function* dockerSource(w: World, n: ImageName): Run<Source & Destination> {
  const ref = parseReference(n.rest)
  if ('error' in ref) throw new Problem(ref.error)
  const s = new DockerSource(
    w.sys,
    ref.tag === undefined && ref.digest === undefined ? { ...ref, tag: 'latest' } : ref,
    yield* w.docker(ref.domain),
  )
  return {
    manifest: (digest) => s.manifest(digest),
    blob: (d) => s.blob(d.digest),
    has: (digest) => s.has(digest),
    putBlob: (digest, bytes) => s.putBlob(digest, bytes),
    putManifest: (bytes, type, digest) => s.putManifest(digest ?? s.ref.tag ?? digestOf(bytes), type, bytes),
    commit: nothing,
    takesIndex: true,
    close: () => s.close(),
  }
}

// --- directories: oci:PATH[:TAG] and dir:PATH ---
/** A path with what follows its last colon. */
function splitTag(rest: string): { readonly path: string; readonly tag: string | undefined } {
  const at = rest.indexOf(':')
  return at < 0 ? { path: rest, tag: undefined } : { path: rest.slice(0, at), tag: rest.slice(at + 1) }
}
/** A file by its path below the image's place; undefined where it isn't there. */
type Files = (path: string) => Run<Uint8Array | undefined>
const inFolder = (sys: Sys, dir: string): Files =>
  function* (path) {
    const bytes = yield* readFile(sys, `${dir}/${path}`)
    return isErr(bytes) ? undefined : bytes
  }
const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`
const refName = 'org.opencontainers.image.ref.name'

/** image-layout.md: an index of names, and blobs. */
function* layoutSource(files: Files, where: string, tag: string | undefined): Run<Source> {
  const index = yield* files('index.json')
  if (!index) throw new Problem(`open ${where}/index.json: no such file or directory`)
  const list = (JSON.parse(text(index)) as Index).manifests ?? []
  const found =
    tag === undefined ? (list.length === 1 ? list[0] : undefined) : list.find((m) => m.annotations?.[refName] === tag)
  if (!found)
    throw new Problem(
      tag === undefined
        ? list.length === 0
          ? `no image found in oci: ${where}`
          : 'more than one image in oci, choose an image'
        : `no descriptor found for reference "${tag}"`,
    )
  const get = function* (digest: string): Run<Uint8Array> {
    if (!parseDigest(digest)) throw new Problem(`invalid checksum digest format: ${digest}`)
    const bytes = yield* files(blobPath(digest))
    if (!bytes) throw new Problem(`open ${where}/${blobPath(digest)}: no such file or directory`)
    if (digestOf(bytes) !== digest)
      throw new Problem(`Digest did not match, expected ${digest}, got ${digestOf(bytes)}`)
    return bytes
  }
  return {
    *manifest(digest) {
      const bytes = yield* get(digest ?? found.digest)
      return { bytes, mediaType: typeOf(bytes) }
    },
    blob: (d) => get(d.digest),
    close: nothing,
  }
}
function* layoutDestination(sys: Sys, dir: string, tag: string | undefined): Run<Destination> {
  yield* makeFolders(sys, `${dir}/blobs/sha256`)
  yield* putFile(sys, `${dir}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}', 0o644)
  const put = (bytes: Uint8Array): Run<void> => putFile(sys, `${dir}/${blobPath(digestOf(bytes))}`, bytes, 0o644)
  let top: Descriptor | undefined
  return {
    *has(digest) {
      return !isErr(yield* sys.stat(`${dir}/${blobPath(digest)}`))
    },
    putBlob: (_digest, bytes) => put(bytes),
    *putManifest(bytes, mediaType, digest) {
      yield* put(bytes)
      if (digest === undefined)
        top = {
          mediaType,
          digest: digestOf(bytes),
          size: bytes.length,
          ...(tag === undefined ? {} : { annotations: { [refName]: tag } }),
        }
    },
    *commit() {
      const old = yield* loadJson<Index>(sys, `${dir}/index.json`, {
        schemaVersion: 2,
        mediaType: media.index,
        manifests: [],
      })
      const others = old.manifests.filter((m) =>
        tag === undefined ? m.annotations?.[refName] !== undefined : m.annotations?.[refName] !== tag,
      )
      yield* saveJson(sys, `${dir}/index.json`, { schemaVersion: 2, manifests: [...others, ...(top ? [top] : [])] })
      yield* sys.chmod(`${dir}/index.json`, 0o644)
    },
    takesIndex: true,
    close: nothing,
  }
}
/** dir: everything in one directory, blobs by their digests' digits. */
function* folderSource(sys: Sys, dir: string, shown: string): Run<Source> {
  const file = inFolder(sys, dir)
  const need = function* (name: string): Run<Uint8Array> {
    const bytes = yield* file(name)
    if (!bytes) throw new Problem(`open ${shown}/${name}: no such file or directory`)
    return bytes
  }
  return {
    *manifest(digest) {
      const name = digest === undefined ? 'manifest.json' : `${digest.replace(/^.*:/, '')}.manifest.json`
      const bytes = yield* file(name)
      if (!bytes)
        throw new Problem(
          `determining manifest MIME type for dir:${shown}: open ${shown}/${name}: no such file or directory`,
        )
      return { bytes, mediaType: typeOf(bytes) }
    },
    blob: (d) => need(d.digest.replace(/^.*:/, '')),
    close: nothing,
  }
}
function* folderDestination(sys: Sys, dir: string): Run<Destination> {
  yield* makeFolders(sys, dir)
  yield* putFile(sys, `${dir}/version`, 'Directory Transport Version: 1.1\n', 0o644)
  return {
    *has() {
      return false
    },
    putBlob: (digest, bytes) => putFile(sys, `${dir}/${digest.replace(/^.*:/, '')}`, bytes, 0o644),
    putManifest: (bytes, _type, digest) =>
      putFile(sys, `${dir}/${digest === undefined ? '' : `${digest.replace(/^.*:/, '')}.`}manifest.json`, bytes, 0o644),
    commit: nothing,
    takesIndex: true,
    close: nothing,
  }
}

// --- archives ---
function* archiveFiles(sys: Sys, path: string): Run<Map<string, Uint8Array>> {
  const bytes = yield* readFile(sys, path)
  if (isErr(bytes)) throw new Problem(`open ${path}: ${bytes.text.toLowerCase()}`)
  let tar: Uint8Array
  try {
    tar = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes
  } catch {
    throw new Problem(`loading tar component "manifest.json": unexpected EOF`)
  }
  const entries = readTar(tar)
  if ('error' in entries) throw new Problem(`loading tar component "manifest.json": ${entries.error}`)
  const out = new Map<string, Uint8Array>()
  const links: TarEntry[] = []
  for (const e of entries) {
    if (e.type === 'file') out.set(e.path, slice(e.data ?? { size: 0, extents: [] }))
    else if (e.type === 'symlink') links.push(e)
  }
  for (const l of links) {
    const target = out.get(`${parentOf(l.path)}/${l.target}`.replace(/[^/]+\/\.\.\//g, ''))
    if (target) out.set(l.path, target)
  }
  return out
}
interface DockerRow {
  readonly Config: string
  readonly RepoTags: readonly string[] | null
  readonly Layers: readonly string[]
}
/** Docker's archive: a list of images, each a configuration and uncompressed layers. */
function* dockerArchiveSource(sys: Sys, rest: string): Run<Source & { readonly names: readonly string[] }> {
  const { path, tag } = splitTag(rest)
  const files = yield* archiveFiles(sys, yield* absolute(sys, path))
  const list = files.get('manifest.json')
  if (!list) throw new Problem(`loading tar component "manifest.json": file does not exist`)
  const rows = JSON.parse(text(list)) as DockerRow[]
  const wanted = tag === undefined ? undefined : dockerTag(tag)
  const row = wanted === undefined ? rows[0] : rows.find((r) => (r.RepoTags ?? []).some((t) => dockerTag(t) === wanted))
  if (!row) throw new Problem(`tag "${wanted ?? ''}" not found`)
  if (tag === undefined && rows.length > 1)
    throw new Problem(`unexpected tar manifest.json: expected 1 item, got ${rows.length}`)
  const need = (name: string): Uint8Array => {
    const bytes = files.get(name)
    if (!bytes) throw new Problem(`loading tar component ${JSON.stringify(name)}: file does not exist`)
    return bytes
  }
  const config = need(row.Config)
  const blobs = new Map<string, Uint8Array>([[digestOf(config), config]])
  const layers = row.Layers.map((name) => {
    const bytes = need(name)
    blobs.set(digestOf(bytes), bytes)
    return { mediaType: 'application/vnd.docker.image.rootfs.diff.tar', digest: digestOf(bytes), size: bytes.length }
  })
  const manifest = utf8(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        digest: digestOf(config),
        size: config.length,
      },
      layers,
    }),
  )
  return {
    names: (row.RepoTags ?? []).map(dockerTag),
    *manifest() {
      return { bytes: manifest, mediaType: 'application/vnd.docker.distribution.manifest.v2+json' }
    },
    *blob(d) {
      const bytes = blobs.get(d.digest)
      if (!bytes) throw new Problem(`Unknown blob ${d.digest}`)
      return bytes
    },
    close: nothing,
  }
}
/** Names in Docker's archives are Docker's. */
const dockerTag = (name: string): string => {
  const ref = parseReference(name)
  return 'error' in ref ? name : fullName({ ...ref, tag: ref.tag ?? 'latest' })
}
function* dockerArchiveDestination(sys: Sys, rest: string): Run<Destination> {
  const { path, tag } = splitTag(rest)
  const file = yield* absolute(sys, path)
  if (!isErr(yield* sys.stat(file))) throw new Problem(`docker-archive doesn't support modifying existing images`)
  const blobs = new Map<string, Uint8Array>()
  let manifest: Manifest | undefined
  return {
    *has() {
      return false
    },
    *putBlob(digest, bytes) {
      blobs.set(digest, bytes)
    },
    *putManifest(bytes) {
      manifest = JSON.parse(text(bytes)) as Manifest
    },
    *commit() {
      if (!manifest) return
      const config = blobs.get(manifest.config.digest) ?? new Uint8Array()
      const entries: TarEntry[] = []
      const layers = manifest.layers.map((l) => {
        const raw = blobs.get(l.digest) ?? new Uint8Array()
        const tar = raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw
        const name = `${digestOf(tar).slice(7)}.tar`
        if (!entries.some((e) => e.path === name)) entries.push(archiveFile(name, tar))
        return name
      })
      const name = `${manifest.config.digest.slice(7)}.json`
      entries.push(archiveFile(name, config))
      const row: DockerRow = { Config: name, RepoTags: tag === undefined ? [] : [dockerTag(tag)], Layers: layers }
      entries.push(archiveFile('manifest.json', utf8(JSON.stringify([row]))))
      yield* putFile(sys, file, writeTar(entries), 0o644)
    },
    takesIndex: false,
    close: nothing,
  }
}
function* ociArchiveDestination(sys: Sys, rest: string): Run<Destination> {
  const { path, tag } = splitTag(rest)
  const file = yield* absolute(sys, path)
  const blobs = new Map<string, Uint8Array>()
  let top: Descriptor | undefined
  return {
    *has(digest) {
      return blobs.has(digest)
    },
    *putBlob(digest, bytes) {
      blobs.set(digest, bytes)
    },
    *putManifest(bytes, mediaType, digest) {
      blobs.set(digestOf(bytes), bytes)
      if (digest === undefined)
        top = {
          mediaType,
          digest: digestOf(bytes),
          size: bytes.length,
          ...(tag === undefined ? {} : { annotations: { [refName]: tag } }),
        }
    },
    *commit() {
      yield* putFile(
        sys,
        file,
        writeTar([
          ...[...blobs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([d, bytes]) => archiveFile(blobPath(d), bytes)),
          archiveFile('index.json', utf8(JSON.stringify({ schemaVersion: 2, manifests: top ? [top] : [] }))),
          archiveFile('oci-layout', utf8('{"imageLayoutVersion":"1.0.0"}')),
        ]),
        0o644,
      )
    },
    takesIndex: true,
    close: nothing,
  }
}

// --- containers-storage ---
function* storageSource(w: World, n: ImageName): Run<Source> {
  const { place } = w.storage
  const images = yield* w.storage.images()
  const found = lookUp(images, n.rest, w.registries)
  if (!found) {
    const ref = parseReference(n.rest)
    const name = 'error' in ref ? n.rest : fullName(ref.tag === undefined ? { ...ref, tag: 'latest' } : ref)
    throw new Problem(
      `reference "[overlay@${place.graphRoot}+${place.runRoot}]${name}" does not resolve to an image ID: identifier is not an image`,
    )
  }
  const { image } = found
  const chain = yield* w.storage.layerChain(image.layer)
  return {
    *manifest(digest) {
      const bytes = yield* w.storage.imageData(image.id, digest === undefined ? 'manifest' : `manifest-${digest}`)
      return { bytes, mediaType: typeOf(bytes) }
    },
    *blob(d) {
      const layer = chain.find((l) => l['compressed-diff-digest'] === d.digest || l['diff-digest'] === d.digest)
      if (!layer) return yield* w.storage.imageData(image.id, d.digest)
      const packed = yield* w.storage.layerArchive(layer.id)
      return layer['compressed-diff-digest'] === d.digest ? packed : gunzipSync(packed)
    },
    close: nothing,
  }
}
/** An image in the storage; `names` are given to it. `tops` are further documents kept as manifests: the index that it was chosen from. */
export function* storageDestination(
  w: World,
  names: readonly string[],
  tops: readonly Uint8Array[] = [],
): Run<Destination & { readonly id: () => string }> {
  const blobs = new Map<string, Uint8Array>()
  let manifest: Uint8Array | undefined
  let id = ''
  return {
    id: () => id,
    *has(digest) {
      return (yield* w.storage.layers()).some((l) => l['compressed-diff-digest'] === digest)
    },
    *putBlob(digest, bytes) {
      blobs.set(digest, bytes)
    },
    *putManifest(bytes) {
      manifest = bytes
    },
    *commit() {
      if (!manifest) return
      const m = JSON.parse(text(manifest)) as Manifest
      const configBytes = blobs.get(m.config.digest)
      if (!configBytes) throw new Problem(`config ${m.config.digest} is missing`)
      const config = JSON.parse(text(configBytes)) as ImageConfig
      let parent: string | undefined
      const layers = yield* w.storage.layers()
      for (const [n, l] of m.layers.entries()) {
        const diffId = config.rootfs.diff_ids[n]
        if (diffId === undefined) throw new Problem('mismatched image rootfs and manifest layers')
        const tag = `writing blob: adding layer with blob "${l.digest}": `
        const there = layers.find((x) => x['compressed-diff-digest'] === l.digest)
        parent = yield* w.storage.putLayer(
          blobs.get(l.digest) ?? (there ? yield* w.storage.layerArchive(there.id) : new Uint8Array()),
          diffId,
          parent,
          tag,
        )
      }
      id = m.config.digest.slice(7)
      const data = new Map<string, Uint8Array>([
        [m.config.digest, configBytes],
        ['manifest', manifest],
        [`manifest-${digestOf(manifest)}`, manifest],
        ...tops.map((t) => [`manifest-${digestOf(t)}`, t] as const),
      ])
      yield* w.storage.putImage({
        id,
        digest: digestOf(tops[0] ?? manifest),
        names,
        layer: parent,
        created: config.created || isoTime(yield* w.sys.clock('realtime')),
        data,
      })
    },
    takesIndex: false,
    close: nothing,
  }
}

/** Opens an image to read it. Throws Problem. */
export function* openSource(w: World, n: ImageName): Run<Source> {
  switch (n.transport) {
    case 'docker':
      return yield* dockerSource(w, n)
    case 'oci': {
      const { path, tag } = splitTag(n.rest)
      return yield* layoutSource(inFolder(w.sys, yield* absolute(w.sys, path)), path, tag)
    }
    case 'oci-archive': {
      const { path, tag } = splitTag(n.rest)
      const files = yield* archiveFiles(w.sys, yield* absolute(w.sys, path))
      return yield* layoutSource(
        function* (name) {
          return files.get(name)
        },
        path,
        tag,
      )
    }
    case 'dir':
      return yield* folderSource(w.sys, yield* absolute(w.sys, n.rest), n.rest)
    case 'docker-archive':
      return yield* dockerArchiveSource(w.sys, n.rest)
    case 'containers-storage':
      return yield* storageSource(w, n)
    default:
      throw notEmulated(`the transport ${n.transport}:`)
  }
}
/** Opens a place for an image. Throws Problem. */
export function* openDestination(w: World, n: ImageName, tops: readonly Uint8Array[] = []): Run<Destination> {
  switch (n.transport) {
    case 'docker':
      return yield* dockerSource(w, n)
    case 'oci': {
      const { path, tag } = splitTag(n.rest)
      return yield* layoutDestination(w.sys, yield* absolute(w.sys, path), tag)
    }
    case 'oci-archive':
      return yield* ociArchiveDestination(w.sys, n.rest)
    case 'dir':
      return yield* folderDestination(w.sys, yield* absolute(w.sys, n.rest))
    case 'docker-archive':
      return yield* dockerArchiveDestination(w.sys, n.rest)
    case 'containers-storage':
      return yield* storageDestination(w, [storageName(n.rest)], tops)
    default:
      throw notEmulated(`the transport ${n.transport}:`)
  }
}
/** The transport itself takes short names for Docker's. */
const storageName = (rest: string): string => {
  const ref = parseReference(rest)
  if ('error' in ref) throw new Problem(ref.error)
  return fullName({ ...ref, tag: ref.tag ?? 'latest' })
}
/** The names that an image of this source has in itself, for load; none where it has none. */
export function* namesOf(w: World, n: ImageName): Run<readonly string[]> {
  if (n.transport === 'docker-archive') return (yield* dockerArchiveSource(w.sys, n.rest)).names
  if (n.transport !== 'oci-archive' && n.transport !== 'oci') return []
  const { path } = splitTag(n.rest)
  const index =
    n.transport === 'oci'
      ? yield* inFolder(w.sys, yield* absolute(w.sys, path))('index.json')
      : (yield* archiveFiles(w.sys, yield* absolute(w.sys, path))).get('index.json')
  if (!index) return []
  return ((JSON.parse(text(index)) as Index).manifests ?? []).flatMap((m) => {
    const name = m.annotations?.[refName]
    return name === undefined ? [] : [localName(name)]
  })
}
