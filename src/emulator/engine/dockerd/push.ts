/** POST /images/{name}/push, POST /auth and GET /distribution/{name}/json: what the daemon says to registries beyond pulling. */
import { utf8 } from '../../base/bytes.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import type { Descriptor, Index, Manifest, Platform } from '../../oci/image.ts'
import { familiar, familiarName, parseReference, type Reference } from '../../oci/reference.ts'
import { endChunks, sendChunk, startChunked } from '../../userland/lib/http.ts'
import { getBlob, getJson, hasBlob } from './content.ts'
import { type Credentials, errorText, RegistryClient, readCredentials } from './distribution.ts'
import { hostPlatform, parsePlatform, resolveRemote } from './images.ts'
import type { Context, Route } from './routes.ts'
import { ApiError, type Image } from './state.ts'

const denied =
  'push access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed'

/** Sends one blob where the registry doesn't have it yet. */
function* pushBlob(c: Context, client: RegistryClient, d: Descriptor): Run<'there' | 'pushed'> {
  const base = `/v2/${client.ref.path}/blobs`
  const head = yield* client.request('HEAD', `${base}/${d.digest}`)
  if (head.status === 200) return 'there'
  const begun = yield* client.request('POST', `${base}/uploads/`)
  if (begun.status === 401 || begun.status === 403) throw new ApiError(403, denied)
  if (begun.status !== 202) throw new ApiError(500, errorText(begun))
  const location = (begun.headers.location ?? '').replace(/^https?:\/\/[^/]+/, '')
  const bytes = yield* getBlob(c.sys, d.digest)
  const put = yield* client.request(
    'PUT',
    `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(d.digest)}`,
    { 'Content-Type': 'application/octet-stream' },
    bytes,
  )
  if (put.status !== 201) throw new ApiError(500, errorText(put))
  return 'pushed'
}
function* pushManifest(c: Context, client: RegistryClient, d: Descriptor, name: string): Run<void> {
  const r = yield* client.request(
    'PUT',
    `/v2/${client.ref.path}/manifests/${name}`,
    { 'Content-Type': d.mediaType },
    yield* getBlob(c.sys, d.digest),
  )
  if (r.status === 401 || r.status === 403) throw new ApiError(403, denied)
  if (r.status !== 201) throw new ApiError(500, errorText(r))
}
/** Whether every platform of an index is here with all its layers. */
function* complete(c: Context, index: Index): Run<boolean> {
  for (const m of index.manifests) {
    if (!(yield* hasBlob(c.sys, m.digest))) return false
    const manifest = yield* getJson<Manifest>(c.sys, m.digest)
    for (const d of [manifest.config, ...manifest.layers]) if (!(yield* hasBlob(c.sys, d.digest))) return false
  }
  return true
}
type Line = (value: unknown) => Run<void>
/** Pushes a tag, or without one all of the repository; moby daemon/containerd/image_push.go. */
function* push(c: Context, ref: Reference, credentials: Credentials, line: Line): Run<void> {
  yield* line({ status: `The push refers to repository [${ref.domain}/${ref.path}]` })
  const platform = c.query('platform') ? parsePlatform(c.query('platform')) : undefined
  if (ref.tag !== undefined) return yield* pushTag(c, ref, ref.tag, credentials, line, platform)
  const tags = [...c.d.images.values()]
    .flatMap((i) => [...i.tags])
    .map((name) => parseReference(name))
    .flatMap((r) => ('error' in r || r.domain !== ref.domain || r.path !== ref.path || !r.tag ? [] : [r.tag]))
  if (tags.length === 0) throw new ApiError(404, `An image does not exist locally with the tag: ${familiarName(ref)}`)
  for (const tag of [...new Set(tags)].sort()) yield* pushTag(c, ref, tag, credentials, line, platform)
}
function* pushTag(
  c: Context,
  ref: Reference,
  tag: string,
  credentials: Credentials,
  line: Line,
  platform: Platform | undefined,
): Run<void> {
  const name = familiar({ ...ref, tag })
  const host = yield* hostPlatform(c.sys)
  const variants = [...c.d.images.values()].filter((i) => i.tags.has(name))
  const image: Image | undefined =
    variants.find((i) => i.config.architecture === (platform ?? host).architecture) ?? variants[0]
  if (!image) throw new ApiError(404, `tag does not exist: ${name}`)
  const client = new RegistryClient(c.sys, ref, credentials)
  const short = (d: Descriptor): string => d.digest.slice(7, 19)
  try {
    const index =
      image.target.digest === image.manifest.digest ? undefined : yield* getJson<Index>(c.sys, image.target.digest)
    const whole = index !== undefined && !platform && (yield* complete(c, index))
    const manifests = whole && index ? index.manifests : [image.manifest]
    for (const m of manifests) {
      const manifest = yield* getJson<Manifest>(c.sys, m.digest)
      for (const l of manifest.layers) yield* line({ status: 'Preparing', progressDetail: {}, id: short(l) })
      for (const l of manifest.layers) {
        const how = yield* pushBlob(c, client, l)
        yield* line({ status: how === 'there' ? 'Layer already exists' : 'Pushed', progressDetail: {}, id: short(l) })
      }
      yield* pushBlob(c, client, manifest.config)
      if (whole) yield* pushManifest(c, client, m, m.digest)
    }
    const target = whole ? image.target : image.manifest
    yield* pushManifest(c, client, target, tag)
    yield* line({ status: `${tag}: digest: ${target.digest} size: ${target.size}` })
    yield* line({ progressDetail: {}, aux: { Tag: tag, Digest: target.digest, Size: target.size } })
    if (index && !whole && !platform)
      yield* line({
        progressDetail: {},
        aux: { manifestPushedInsteadOfIndex: true, originalIndex: image.target, selectedManifest: image.manifest },
      })
    image.digests.add(`${familiarName(ref)}@${target.digest}`)
  } finally {
    yield* client.close()
  }
}

/** Pushes one image by its name, with all its platforms, and tells nothing: what a build with --push ends with. */
export function* pushNamed(c: Context, name: string, credentials: Credentials): Run<void> {
  const ref = parseReference(name)
  if ('error' in ref) throw new ApiError(400, ref.error)
  yield* pushTag(c, ref, ref.tag ?? 'latest', credentials, function* () {}, undefined)
}

export const pushRoutes: readonly Route[] = [
  [
    'POST',
    /^\/images\/(.+)\/push$/,
    function* (c, given) {
      const ref = parseReference(c.query('tag') === '' ? (given as string) : `${given}:${c.query('tag')}`)
      if ('error' in ref) throw new ApiError(400, ref.error)
      let begun = false
      const line = function* (value: unknown): Run<void> {
        if (!begun) yield* startChunked(c.sys, c.fd, 200, { 'Content-Type': 'application/json' })
        begun = true
        yield* sendChunk(c.sys, c.fd, utf8(`${JSON.stringify(value)}\r\n`))
      }
      try {
        yield* push(c, ref, readCredentials(c.request.headers['x-registry-auth']), line)
      } catch (e) {
        if (!(e instanceof ApiError) || !begun) throw e
        yield* line({ errorDetail: { message: e.message }, error: e.message })
      }
      yield* endChunks(c.sys, c.fd)
      return undefined
    },
  ],
  [
    'POST',
    /^\/auth$/,
    function* (c) {
      const given = yield* c.json<Credentials>('authConfig')
      const server = (given.serveraddress ?? '').replace(/^https?:\/\//, '').replace(/\/.*$/, '')
      const domain = server === '' || server === 'index.docker.io' ? 'docker.io' : server
      const client = new RegistryClient(
        c.sys,
        { domain, path: 'library/none', tag: undefined, digest: undefined },
        given,
      )
      try {
        const r = yield* client.request('GET', '/v2/')
        if (r.status === 401) throw new ApiError(401, 'unauthorized: incorrect username or password')
        if (r.status !== 200) throw new ApiError(500, errorText(r))
      } catch (e) {
        if (!(e instanceof ApiError)) throw e
        const url = domain === 'docker.io' ? 'https://registry-1.docker.io/v2/' : `https://${domain}/v2/`
        throw new ApiError(e.status, e.status === 401 ? `Get ${JSON.stringify(url)}: ${e.message}` : e.message)
      } finally {
        yield* client.close()
      }
      return { status: 200, body: { Status: 'Login Succeeded', IdentityToken: '' } }
    },
  ],
  [
    'GET',
    /^\/distribution\/(.+)\/json$/,
    function* (c, name) {
      const ref = parseReference(name as string)
      if ('error' in ref) throw new ApiError(400, ref.error)
      const full: Reference = ref.tag === undefined && ref.digest === undefined ? { ...ref, tag: 'latest' } : ref
      const client = new RegistryClient(c.sys, full, readCredentials(c.request.headers['x-registry-auth']))
      try {
        const r = yield* resolveRemote(client, yield* hostPlatform(c.sys))
        const index = JSON.parse(new TextDecoder().decode(r.targetBytes)) as Index
        return {
          status: 200,
          body: { Descriptor: r.target, Platforms: (index.manifests ?? []).map((m) => m.platform) },
        }
      } finally {
        yield* client.close()
      }
    },
  ],
]
