/** The distribution API (distribution-spec 1.1) over a store: requests to responses, nothing else. */
import { text, utf8 } from '../base/bytes.ts'
import { type Digest, digestOf, parseDigest } from './digest.ts'
import { type Blobs, media } from './image.ts'

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

/** What a registry holds; `seed` answers for images that were there before. */
export interface RegistryStore {
  readonly blobs: Blobs
  /** Tags by repository. */
  readonly tags: Map<string, Map<string, Digest>>
  readonly uploads: Map<string, Uint8Array[]>
  readonly seed?: {
    index(repository: string, tag: string): Digest | undefined
    tags(repository: string): readonly string[] | undefined
    readonly blobs: Blobs
  }
}
export const emptyStore = (seed?: RegistryStore['seed']): RegistryStore => ({
  blobs: new Map(),
  tags: new Map(),
  uploads: new Map(),
  ...(seed ? { seed } : {}),
})

const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): RegistryResponse => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: utf8(JSON.stringify(value)),
})
/** distribution-spec "Error Codes". */
const failure = (status: number, code: string, message: string, detail: unknown = null): RegistryResponse =>
  json(status, { errors: [{ code, message, detail }] })
const nameRe = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/

function typeOf(bytes: Uint8Array): string {
  try {
    const value = JSON.parse(text(bytes)) as { mediaType?: string; manifests?: unknown }
    return value.mediaType ?? (value.manifests ? media.index : media.manifest)
  } catch {
    return 'application/octet-stream'
  }
}

/** Answers one request. */
export function handle(store: RegistryStore, request: RegistryRequest): RegistryResponse {
  const [path = '', query = ''] = request.target.split('?')
  const params = new Map(
    query
      .split('&')
      .filter(Boolean)
      .map((p) => [
        p.split('=')[0] as string,
        decodeURI(p.split('=')[1] ?? '')
          .replace(/%3A/gi, ':')
          .replace(/%2F/gi, '/'),
      ]),
  )
  if (path === '/v2/' || path === '/v2') return json(200, {}, { 'Docker-Distribution-Api-Version': 'registry/2.0' })
  const blob = (digest: Digest): Uint8Array | undefined => store.blobs.get(digest) ?? store.seed?.blobs.get(digest)
  const tagsOf = (name: string): string[] =>
    [...new Set([...(store.seed?.tags(name) ?? []), ...(store.tags.get(name)?.keys() ?? [])])].sort()
  const m = /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs|tags|referrers)\/?([^/]*)$/.exec(path)
  if (!m) return failure(404, 'UNSUPPORTED', 'The operation is unsupported.')
  const [, name = '', kind, last = ''] = m
  if (!nameRe.test(name)) return failure(400, 'NAME_INVALID', 'invalid repository name')
  const head = request.method === 'HEAD'
  const send = (bytes: Uint8Array, type: string, digest: Digest): RegistryResponse => ({
    status: 200,
    headers: {
      'Content-Type': type,
      'Docker-Content-Digest': digest,
      Etag: `"${digest}"`,
      'Content-Length': String(bytes.length),
    },
    body: head ? new Uint8Array(0) : bytes,
  })
  if (kind === 'tags')
    return tagsOf(name).length > 0
      ? json(200, {
          name,
          tags: tagsOf(name)
            .filter((t) => t > (params.get('last') ?? ''))
            .slice(0, Number(params.get('n') ?? 10_000)),
        })
      : failure(404, 'NAME_UNKNOWN', 'repository name not known to registry', { name })
  if (kind === 'referrers')
    return json(200, { schemaVersion: 2, mediaType: media.index, manifests: [] }, { 'Content-Type': media.index })
  if (kind === 'manifests') {
    const asDigest = parseDigest(last)
    const digest = asDigest ?? store.tags.get(name)?.get(last) ?? store.seed?.index(name, last)
    switch (request.method) {
      case 'GET':
      case 'HEAD': {
        const bytes = digest && blob(digest)
        if (!bytes)
          return failure(
            404,
            tagsOf(name).length > 0 ? 'MANIFEST_UNKNOWN' : 'NAME_UNKNOWN',
            tagsOf(name).length > 0 ? 'manifest unknown' : 'repository name not known to registry',
            { Tag: last },
          )
        return send(bytes, typeOf(bytes), digest)
      }
      case 'PUT': {
        const made = digestOf(request.body)
        if (asDigest && asDigest !== made)
          return failure(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
        let value: { config?: { digest: Digest }; layers?: { digest: Digest }[]; manifests?: { digest: Digest }[] }
        try {
          value = JSON.parse(text(request.body)) as typeof value
        } catch {
          return failure(400, 'MANIFEST_INVALID', 'manifest invalid')
        }
        const missing = [value.config, ...(value.layers ?? []), ...(value.manifests ?? [])].find(
          (d) => d && !blob(d.digest),
        )
        if (missing) return failure(404, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry', missing.digest)
        store.blobs.set(made, request.body.slice())
        const tags = store.tags.get(name) ?? new Map<string, Digest>()
        if (!asDigest) tags.set(last, made)
        store.tags.set(name, tags)
        return {
          status: 201,
          headers: { Location: `/v2/${name}/manifests/${made}`, 'Docker-Content-Digest': made },
          body: new Uint8Array(0),
        }
      }
      case 'DELETE':
        if (!digest) return failure(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
        store.tags.get(name)?.delete(last)
        if (asDigest) store.blobs.delete(asDigest)
        return { status: 202, headers: {}, body: new Uint8Array(0) }
    }
  }
  if (kind === 'blobs') {
    const digest = parseDigest(last)
    if (!digest) return failure(400, 'DIGEST_INVALID', 'invalid checksum digest format')
    const bytes = blob(digest)
    if (request.method === 'DELETE')
      return store.blobs.delete(digest)
        ? { status: 202, headers: {}, body: new Uint8Array(0) }
        : failure(404, 'BLOB_UNKNOWN', 'blob unknown to registry')
    if (!bytes) return failure(404, 'BLOB_UNKNOWN', 'blob unknown to registry', { Digest: last })
    return send(bytes, 'application/octet-stream', digest)
  }
  if (kind === 'blobs/uploads') {
    if (request.method === 'POST') {
      const mount = parseDigest(params.get('mount') ?? '')
      if (mount && blob(mount))
        return {
          status: 201,
          headers: { Location: `/v2/${name}/blobs/${mount}`, 'Docker-Content-Digest': mount },
          body: new Uint8Array(0),
        }
      const id = `upload-${store.uploads.size + 1}`
      store.uploads.set(id, [])
      return {
        status: 202,
        headers: { Location: `/v2/${name}/blobs/uploads/${id}`, Range: '0-0', 'Docker-Upload-UUID': id },
        body: new Uint8Array(0),
      }
    }
    const upload = store.uploads.get(last)
    if (!upload) return failure(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry')
    if (request.body.length > 0) upload.push(request.body.slice())
    const size = upload.reduce((n, b) => n + b.length, 0)
    if (request.method === 'PATCH')
      return {
        status: 202,
        headers: {
          Location: `/v2/${name}/blobs/uploads/${last}`,
          Range: `0-${Math.max(0, size - 1)}`,
          'Docker-Upload-UUID': last,
        },
        body: new Uint8Array(0),
      }
    if (request.method === 'PUT') {
      const all = new Uint8Array(size)
      let at = 0
      for (const part of upload) {
        all.set(part, at)
        at += part.length
      }
      const digest = parseDigest(params.get('digest') ?? '')
      if (!digest || digestOf(all) !== digest)
        return failure(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
      store.uploads.delete(last)
      store.blobs.set(digest, all)
      return {
        status: 201,
        headers: { Location: `/v2/${name}/blobs/${digest}`, 'Docker-Content-Digest': digest },
        body: new Uint8Array(0),
      }
    }
  }
  return failure(405, 'UNSUPPORTED', 'The operation is unsupported.')
}
