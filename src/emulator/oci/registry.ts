/**
 * The distribution API (distribution-spec 1.1) over a store: requests to responses, nothing else. Answers are worded as the
 * distribution project's registry words them.
 * @restartable A request has one effect, the last thing that is done.
 */
import { concat, text, utf8 } from '../base/bytes.ts'
import { type Digest, digestOf, parseDigest } from './digest.ts'
import { readJson } from './gotypes.ts'
import { type Blobs, type Descriptor, media } from './image.ts'
import { manifestShape } from './imagetypes.ts'

export interface RegistryRequest {
  readonly method: string
  /** Path with query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}
export interface RegistryResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}
/** One repository: which blobs and manifests it links to. Content itself is shared. */
export interface Repository {
  readonly tags: Map<string, Digest>
  /** Manifests with their media types. */
  readonly manifests: Map<Digest, string>
  readonly layers: Set<Digest>
}
/** What a registry holds; `seed` answers for images that were there before. */
export interface RegistryStore {
  readonly blobs: Blobs
  readonly repositories: Map<string, Repository>
  readonly uploads: Map<string, { readonly name: string; bytes: Uint8Array }>
  serial: number
  readonly seed?: {
    index(repository: string, tag: string): Digest | undefined
    tags(repository: string): readonly string[] | undefined
    readonly repositories: () => readonly string[]
    readonly blobs: Blobs
  }
}
export const emptyStore = (seed?: RegistryStore['seed']): RegistryStore => ({
  blobs: new Map(),
  repositories: new Map(),
  uploads: new Map(),
  serial: 0,
  ...(seed ? { seed } : {}),
})

const none = new Uint8Array(0)
const api = { 'Docker-Distribution-Api-Version': 'registry/2.0' }
const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): RegistryResponse => ({
  status,
  headers: { ...api, 'Content-Type': 'application/json; charset=utf-8', ...headers },
  body: utf8(`${JSON.stringify(value)}\n`),
})
const empty = (status: number, headers: Readonly<Record<string, string>>): RegistryResponse => ({
  status,
  headers: { ...api, ...headers, 'Content-Length': '0' },
  body: none,
})
/** distribution-spec "Error Codes". */
export const failure = (status: number, code: string, message: string, detail?: unknown): RegistryResponse =>
  json(status, { errors: [{ code, message, ...(detail === undefined ? {} : { detail }) }] })
const nameRe = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const tagRe = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/
const unsupported = (): RegistryResponse => failure(405, 'UNSUPPORTED', 'The operation is unsupported.')
const nameUnknown = (name: string): RegistryResponse =>
  failure(404, 'NAME_UNKNOWN', 'repository name not known to registry', { name })
/** distribution's maxManifestBodySize. */
const MANIFEST_LIMIT = 4 * 1024 * 1024

interface ManifestDocument {
  readonly mediaType?: string
  readonly artifactType?: string
  readonly config?: Descriptor
  readonly layers?: readonly Descriptor[]
  readonly manifests?: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

class Call {
  readonly store: RegistryStore
  readonly request: RegistryRequest
  readonly params: ReadonlyMap<string, string>
  readonly name: string
  readonly repository: Repository | undefined
  constructor(store: RegistryStore, request: RegistryRequest, query: string, name: string) {
    this.store = store
    this.request = request
    this.params = new Map(
      query
        .split('&')
        .filter(Boolean)
        .map((p) => [p.split('=')[0] as string, unescaped(p.slice(p.indexOf('=') + 1))]),
    )
    this.name = name
    this.repository = store.repositories.get(name)
  }
  /** The repository, made where it isn't there. */
  own(): Repository {
    const known = this.store.repositories.get(this.name)
    if (known) return known
    const made: Repository = { tags: new Map(), manifests: new Map(), layers: new Set() }
    this.store.repositories.set(this.name, made)
    return made
  }
  seeded(): boolean {
    return this.store.seed?.tags(this.name) !== undefined
  }
  /** A blob that this repository links to. */
  blob(digest: Digest): Uint8Array | undefined {
    if (this.repository?.layers.has(digest) || this.repository?.manifests.has(digest))
      return this.store.blobs.get(digest)
    return this.seeded() ? this.store.seed?.blobs.get(digest) : undefined
  }
  /** Whether a manifest of this repository has the digest. */
  holds(digest: Digest): boolean {
    return this.repository?.manifests.has(digest) || (this.seeded() && this.store.seed?.blobs.has(digest)) || false
  }
  tags(): string[] {
    return [...new Set([...(this.store.seed?.tags(this.name) ?? []), ...(this.repository?.tags.keys() ?? [])])].sort()
  }
  send(bytes: Uint8Array, type: string, digest: Digest): RegistryResponse {
    const headers = { ...api, 'Docker-Content-Digest': digest, Etag: `"${digest}"`, 'Accept-Ranges': 'bytes' }
    const range = /^bytes=(\d*)-(\d*)$/.exec(this.request.headers.range ?? '')
    if (range && this.request.method === 'GET') {
      const from = range[1] === '' ? Math.max(0, bytes.length - Number(range[2])) : Number(range[1])
      const to = range[1] === '' || range[2] === '' ? bytes.length - 1 : Math.min(Number(range[2]), bytes.length - 1)
      if (from > to) return empty(416, { 'Content-Range': `bytes */${bytes.length}` })
      return {
        status: 206,
        headers: {
          ...headers,
          'Content-Type': type,
          'Content-Range': `bytes ${from}-${to}/${bytes.length}`,
          'Content-Length': String(to - from + 1),
        },
        body: bytes.subarray(from, to + 1),
      }
    }
    return {
      status: 200,
      headers: { ...headers, 'Content-Type': type, 'Content-Length': String(bytes.length) },
      body: this.request.method === 'HEAD' ? none : bytes,
    }
  }
  /** One page of a sorted list, and the Link to the next. */
  page(list: readonly string[], path: string, body: (page: readonly string[]) => unknown): RegistryResponse {
    const given = this.params.get('n')
    if (given !== undefined && !/^\d+$/.test(given))
      return failure(400, 'PAGINATION_NUMBER_INVALID', 'invalid number of results requested', { n: given })
    const last = this.params.get('last') ?? ''
    const rest = list.filter((x) => x > last)
    const n = given === undefined ? rest.length : Number(given)
    const shown = rest.slice(0, n)
    const more = shown.length < rest.length && shown.length > 0
    return json(
      200,
      body(shown),
      more ? { Link: `<${path}?last=${encodeURIComponent(shown.at(-1) as string)}&n=${n}>; rel="next"` } : {},
    )
  }

  manifests(reference: string): RegistryResponse {
    const asDigest = parseDigest(reference)
    if (!asDigest && reference.includes(':'))
      return failure(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
    if (!asDigest && !tagRe.test(reference)) return failure(400, 'TAG_INVALID', 'manifest tag did not match URI')
    switch (this.request.method) {
      case 'GET':
      case 'HEAD':
        return this.getManifest(reference, asDigest)
      case 'PUT':
        return this.putManifest(reference, asDigest)
      case 'DELETE':
        return this.deleteManifest(reference, asDigest)
    }
    return unsupported()
  }
  getManifest(reference: string, asDigest: Digest | undefined): RegistryResponse {
    const digest = asDigest ?? this.repository?.tags.get(reference) ?? this.store.seed?.index(this.name, reference)
    const linked = digest && this.repository?.manifests.has(digest) ? this.store.blobs.get(digest) : undefined
    const bytes = linked ?? (digest && this.seeded() ? this.store.seed?.blobs.get(digest) : undefined)
    if (!bytes || !digest) {
      if (!this.repository && !this.seeded()) return nameUnknown(this.name)
      return failure(
        404,
        'MANIFEST_UNKNOWN',
        'manifest unknown',
        asDigest ? `unknown manifest name=${this.name} revision=${asDigest}` : `unknown tag=${reference}`,
      )
    }
    return this.send(bytes, this.repository?.manifests.get(digest) ?? typeOf(bytes), digest)
  }
  putManifest(reference: string, asDigest: Digest | undefined): RegistryResponse {
    const { body } = this.request
    if (body.length > MANIFEST_LIMIT) return failure(413, 'SIZE_INVALID', 'manifest is too large')
    const made = digestOf(body)
    if (asDigest && asDigest !== made)
      return failure(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
    const invalid = (why: string): RegistryResponse => failure(400, 'MANIFEST_INVALID', 'manifest invalid', why)
    const read = readJson<ManifestDocument>(text(body), manifestShape)
    if ('refused' in read) return invalid(read.refused)
    const document = read.value
    const type = (this.request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? ''
    if (document.mediaType !== undefined && type !== '' && document.mediaType !== type)
      return invalid(`mediaType in manifest should be '${type}' not '${document.mediaType}'`)
    const { config, layers = [], manifests, subject } = document
    if (!config && !manifests) return invalid('no config and no manifests')
    // Of a document that is both, clients could take the one or the other (GHSA-77vh-xpmg-72qh).
    if (manifests && (config || layers.length > 0)) return invalid('both an index and a manifest')
    const parts = [...(config ? [config] : []), ...layers, ...(manifests ?? [])]
    for (const d of [...parts, ...(subject ? [subject] : [])])
      if (!parseDigest(d.digest ?? '')) return invalid('invalid checksum digest format')
    for (const d of parts) {
      // Layers from elsewhere needn't be here.
      if ((d as { urls?: unknown }).urls !== undefined) continue
      // An index holds manifests of this repository; that no document can name its own digest rules out circles.
      if (manifests ? this.holds(d.digest) : this.blob(d.digest)) continue
      return failure(manifests ? 404 : 400, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry', d.digest)
    }
    const own = this.own()
    this.store.blobs.set(made, body.slice())
    own.manifests.set(made, type || document.mediaType || typeOf(body))
    if (!asDigest) own.tags.set(reference, made)
    return empty(201, {
      Location: `/v2/${this.name}/manifests/${made}`,
      'Docker-Content-Digest': made,
      ...(document.subject?.digest ? { 'OCI-Subject': document.subject.digest } : {}),
    })
  }
  deleteManifest(reference: string, asDigest: Digest | undefined): RegistryResponse {
    const own = this.repository
    if (!own) return this.seeded() ? unsupported() : nameUnknown(this.name)
    if (!asDigest) {
      if (!own.tags.delete(reference)) return failure(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
      return empty(202, {})
    }
    if (!own.manifests.delete(asDigest)) return failure(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
    for (const [tag, digest] of own.tags) if (digest === asDigest) own.tags.delete(tag)
    return empty(202, {})
  }
  referrers(last: string): RegistryResponse {
    const digest = parseDigest(last)
    if (!digest) return failure(400, 'DIGEST_INVALID', 'invalid checksum digest format')
    const wanted = this.params.get('artifactType')
    const manifests: unknown[] = []
    for (const [d, mediaType] of this.repository?.manifests ?? []) {
      const bytes = this.store.blobs.get(d)
      if (!bytes) continue
      const read = readJson<ManifestDocument>(text(bytes), manifestShape)
      // What lies in a registry's files needn't have come through it.
      if ('refused' in read) continue
      const document = read.value
      if (document.subject?.digest !== digest) continue
      const artifactType = document.artifactType ?? document.config?.mediaType
      if (wanted !== undefined && artifactType !== wanted) continue
      manifests.push({
        mediaType,
        digest: d,
        size: bytes.length,
        ...(artifactType ? { artifactType } : {}),
        ...(document.annotations ? { annotations: document.annotations } : {}),
      })
    }
    return {
      status: 200,
      headers: {
        ...api,
        'Content-Type': media.index,
        ...(wanted === undefined ? {} : { 'OCI-Filters-Applied': 'artifactType' }),
      },
      body: utf8(JSON.stringify({ schemaVersion: 2, mediaType: media.index, manifests })),
    }
  }
  blobs(last: string): RegistryResponse {
    const digest = parseDigest(last)
    if (!digest) return failure(400, 'DIGEST_INVALID', 'invalid checksum digest format', last)
    if (this.request.method === 'DELETE') {
      if (!this.repository?.layers.delete(digest)) return failure(404, 'BLOB_UNKNOWN', 'blob unknown to registry', last)
      return empty(202, { 'Docker-Content-Digest': digest })
    }
    if (this.request.method !== 'GET' && this.request.method !== 'HEAD') return unsupported()
    const bytes = this.blob(digest)
    return bytes
      ? this.send(bytes, 'application/octet-stream', digest)
      : failure(404, 'BLOB_UNKNOWN', 'blob unknown to registry', last)
  }
  begin(): RegistryResponse {
    const mount = parseDigest(this.params.get('mount') ?? '')
    if (mount) {
      const from = this.params.get('from') ?? ''
      const bytes = new Call(this.store, this.request, '', from).blob(mount)
      if (bytes) {
        this.store.blobs.set(mount, bytes)
        this.own().layers.add(mount)
        return empty(201, { Location: `/v2/${this.name}/blobs/${mount}`, 'Docker-Content-Digest': mount })
      }
    }
    const digest = this.params.get('digest')
    if (digest !== undefined) return this.commit(this.request.body, digest)
    const id = uuid(++this.store.serial, this.name)
    this.store.uploads.set(id, { name: this.name, bytes: none })
    return this.progress(id, 202)
  }
  progress(id: string, status: number): RegistryResponse {
    const size = this.store.uploads.get(id)?.bytes.length ?? 0
    return empty(status, {
      Location: `/v2/${this.name}/blobs/uploads/${id}`,
      Range: `0-${Math.max(0, size - 1)}`,
      'Docker-Upload-UUID': id,
    })
  }
  commit(bytes: Uint8Array, given: string): RegistryResponse {
    const digest = parseDigest(given)
    if (!digest || digestOf(bytes) !== digest)
      return failure(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
    this.store.blobs.set(digest, bytes.slice())
    this.own().layers.add(digest)
    return empty(201, { Location: `/v2/${this.name}/blobs/${digest}`, 'Docker-Content-Digest': digest })
  }
  upload(id: string): RegistryResponse {
    const upload = this.store.uploads.get(id)
    if (!upload || upload.name !== this.name)
      return failure(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry')
    const { body } = this.request
    switch (this.request.method) {
      case 'GET':
        return this.progress(id, 204)
      case 'DELETE':
        this.store.uploads.delete(id)
        return empty(204, {})
      case 'PATCH': {
        const range = /^(\d+)-(\d+)$/.exec(this.request.headers['content-range'] ?? '')
        if (
          range &&
          (Number(range[1]) !== upload.bytes.length || Number(range[2]) - Number(range[1]) + 1 !== body.length)
        )
          return { ...this.progress(id, 416) }
        upload.bytes = concat([upload.bytes, body])
        return this.progress(id, 202)
      }
      case 'PUT': {
        // What didn't become a blob goes, too: distribution's registry cancels the upload.
        const answer = this.commit(concat([upload.bytes, body]), this.params.get('digest') ?? '')
        this.store.uploads.delete(id)
        return answer
      }
    }
    return unsupported()
  }
}
/** The media type that a manifest's document says; undefined where it says none or is none. */
export function mediaTypeOf(bytes: Uint8Array): string | undefined {
  const read = readJson<ManifestDocument>(text(bytes), manifestShape)
  return 'refused' in read ? undefined : read.value.mediaType
}
function typeOf(bytes: Uint8Array): string {
  const read = readJson<ManifestDocument>(text(bytes), manifestShape)
  return 'refused' in read
    ? 'application/octet-stream'
    : (read.value.mediaType ?? (read.value.manifests ? media.index : media.manifest))
}
function unescaped(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
/** Names of uploads needn't be random, only different. */
function uuid(serial: number, name: string): string {
  const h = digestOf(utf8(`${serial} ${name}`)).slice(7)
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`
}

/** Answers one request. */
export function handle(store: RegistryStore, request: RegistryRequest): RegistryResponse {
  const [path = '', query = ''] = request.target.split('?')
  if (path === '/v2/' || path === '/v2') return json(200, {})
  if (path === '/v2/_catalog') {
    const names = [...new Set([...(store.seed?.repositories() ?? []), ...store.repositories.keys()])].sort()
    return new Call(store, request, query, '').page(names, path, (repositories) => ({ repositories }))
  }
  const m = /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs|tags|referrers)\/?([^/]*)$/.exec(path)
  if (!m)
    return {
      status: 404,
      headers: { ...api, 'Content-Type': 'text/plain; charset=utf-8' },
      body: utf8('404 page not found\n'),
    }
  const [, name = '', kind, last = ''] = m
  if (!nameRe.test(name) || name.length > 255) return failure(400, 'NAME_INVALID', 'invalid repository name')
  const call = new Call(store, request, query, name)
  switch (kind) {
    case 'tags':
      if (last !== 'list' || request.method !== 'GET') return unsupported()
      if (!call.repository && !call.seeded()) return nameUnknown(name)
      return call.page(call.tags(), path, (tags) => ({ name, tags }))
    case 'referrers':
      return call.referrers(last)
    case 'manifests':
      return call.manifests(last)
    case 'blobs':
      return call.blobs(last)
    default:
      if (last === '') return request.method === 'POST' ? call.begin() : unsupported()
      return call.upload(last)
  }
}
