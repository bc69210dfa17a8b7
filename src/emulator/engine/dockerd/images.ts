/** Images: pulling by the distribution API, tags, removal. */
import { gunzipSync } from 'fflate'
import { text } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
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
import { familiar, familiarName, parseReference, type Reference } from '../../oci/reference.ts'
import { readTar } from '../../oci/tar.ts'
import { dial } from '../../userland/busybox/system/network.ts'
import { HttpReader, type HttpResponse, sendRequest } from '../../userland/lib/http.ts'
import { writeAll } from '../../userland/lib/io.ts'
import { blobPath, CONTAINERD_SOCKET } from '../containerd.ts'
import { callRpc } from '../rpc.ts'
import { ApiError, type Daemon, type Image } from './state.ts'

/** Registries by domain: docker.io's API has a host of its own. */
const hostOf = (domain: string): string =>
  domain === 'docker.io' ? 'registry-1.docker.io' : (domain.split(':')[0] as string)
const portOf = (domain: string): number => Number(domain.split(':')[1] ?? 443)
const accept = [
  media.index,
  media.manifest,
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/** An image by id, the beginning of one, or a name. */
export function findImage(d: Daemon, ref: string): Image {
  const bare = ref.replace(/^sha256:/, '')
  if (/^[0-9a-f]{4,64}$/.test(bare)) {
    const hits = [...d.images.values()].filter((i) => i.id.startsWith(`sha256:${bare}`))
    if (hits.length > 0 && !hits.some((h) => h.tags.has(ref))) return hits[0] as Image
  }
  const parsed = parseReference(ref)
  if ('error' in parsed) throw new ApiError(400, parsed.error)
  const name = familiar(parsed)
  for (const i of d.images.values()) if (i.tags.has(name) || i.digests.has(name)) return i
  throw new ApiError(404, `No such image: ${name}`)
}

/** A connection to a registry, kept for several requests. */
class RegistryClient {
  readonly sys: Sys
  readonly ref: Reference
  #fd: number | undefined
  #reader: HttpReader | undefined
  constructor(sys: Sys, ref: Reference) {
    this.sys = sys
    this.ref = ref
  }
  *get(path: string): Run<HttpResponse> {
    const { domain } = this.ref
    if (this.#fd === undefined) {
      const fd = yield* dial(this.sys, hostOf(domain), portOf(domain))
      if (typeof fd !== 'number') {
        const url = `https://${hostOf(domain)}/v2/`
        throw new ApiError(
          500,
          fd.error === 'name'
            ? `failed to resolve reference "${domain}/${this.ref.path}": failed to do request: Head "${url}": dial tcp: lookup ${hostOf(domain)}: no such host`
            : `failed to do request: Head "${url}": dial tcp ${fd.address}:${portOf(domain)}: connect: ${fd.text.toLowerCase()}`,
        )
      }
      this.#fd = fd
      this.#reader = new HttpReader(this.sys, fd)
    }
    this.sys.traceMark('http', `registry:${domain}`, `GET ${path}`)
    yield* sendRequest(this.sys, this.#fd, 'GET', path, {
      Host: hostOf(domain),
      Accept: accept,
      'User-Agent': `docker/29.7.2`,
    })
    const response = yield* (this.#reader as HttpReader).response()
    if (!response) throw new ApiError(500, `failed to do request: unexpected EOF`)
    return response
  }
  *close(): Run<void> {
    if (this.#fd !== undefined) yield* this.sys.close(this.#fd)
  }
}

/** One line of the progress stream, Engine API "CreateImageInfo". */
export type Progress = (line: Readonly<Record<string, unknown>>) => Run<void>

/** Pulls an image for a platform and unpacks its layers. */
export function* pull(sys: Sys, d: Daemon, name: string, platform: Platform, progress: Progress): Run<Image> {
  const parsed = parseReference(name)
  if ('error' in parsed) throw new ApiError(400, parsed.error)
  const ref: Reference = parsed.tag === undefined && parsed.digest === undefined ? { ...parsed, tag: 'latest' } : parsed
  const client = new RegistryClient(sys, ref)
  const base = `/v2/${ref.path}`
  const fetched = function* (path: string, digest: Digest | undefined, what: string): Run<Uint8Array> {
    const r = yield* client.get(path)
    if (r.status === 404 || r.status === 401) {
      const unknown = text(r.body).includes('NAME_UNKNOWN')
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
        `unexpected status from GET request to https://${hostOf(ref.domain)}${path}: ${r.status} ${r.reason}`,
      )
    if (digest && digestOf(r.body) !== digest)
      throw new ApiError(500, `failed to verify ${what}: ${digest}: unexpected content digest ${digestOf(r.body)}`)
    return r.body
  }
  try {
    yield* progress({ status: `Pulling from ${ref.path}`, id: ref.tag ?? ref.digest })
    const top = yield* fetched(
      `${base}/manifests/${ref.digest ?? ref.tag}`,
      ref.digest as Digest | undefined,
      'manifest',
    )
    const topDigest = digestOf(top)
    let manifestBytes = top
    const document = JSON.parse(text(top)) as Index | Manifest
    if ('manifests' in document) {
      const chosen = choosePlatform(document, platform)
      if (!chosen)
        throw new ApiError(
          404,
          `no matching manifest for ${platform.os}/${platform.architecture} in the manifest list entries`,
        )
      manifestBytes = yield* fetched(`${base}/manifests/${chosen.digest}`, chosen.digest, 'manifest')
    }
    const manifest = JSON.parse(text(manifestBytes)) as Manifest
    const id = manifest.config.digest
    const known = d.images.get(id)
    const configBytes = yield* fetched(`${base}/blobs/${id}`, id, 'config')
    const config = JSON.parse(text(configBytes)) as ImageConfig
    const chain = chainIds(config.rootfs.diff_ids)
    const short = (l: Descriptor): string => l.digest.slice(7, 19)
    const call = function* (method: string, params: Readonly<Record<string, unknown>>): Run<void> {
      const r = yield* callRpc(sys, CONTAINERD_SOCKET, 'containerd', method, params)
      if (!r.ok) throw new ApiError(500, r.error)
    }
    if (!known) {
      const have = new Set([...d.images.values()].flatMap((i) => i.chain))
      for (const [n, l] of manifest.layers.entries())
        yield* progress({
          status: have.has(chain[n] as string) ? 'Already exists' : 'Pulling fs layer',
          progressDetail: {},
          id: short(l),
        })
      for (const [n, l] of manifest.layers.entries()) {
        if (have.has(chain[n] as string)) continue
        const bytes = yield* fetched(`${base}/blobs/${l.digest}`, l.digest, 'layer')
        const fd = yield* sys.open(blobPath(l.digest), O_WRONLY | O_CREAT | O_TRUNC, 0o444)
        if (isErr(fd)) throw new ApiError(500, fd.text)
        const failed = yield* writeAll(sys, fd, bytes)
        yield* sys.close(fd)
        if (failed) throw new ApiError(500, `write ${blobPath(l.digest)}: ${failed.text.toLowerCase()}`)
        yield* call('content.Commit', { digest: l.digest })
        yield* progress({ status: 'Download complete', progressDetail: {}, id: short(l) })
        yield* call('diff.Apply', {
          digest: l.digest,
          diffId: config.rootfs.diff_ids[n],
          chainId: chain[n],
          ...(n > 0 ? { parent: chain[n - 1] } : {}),
        })
        yield* progress({ status: 'Pull complete', progressDetail: {}, id: short(l) })
      }
    }
    const image: Image = known ?? { id, config, tags: new Set(), digests: new Set(), chain, size: 0, parent: '' }
    const sized: Image = known ?? { ...image, size: yield* sizeOf(sys, manifest.layers) }
    d.images.set(id, sized)
    const full = familiar(ref)
    const same = sized.tags.has(full) || (ref.tag === undefined && known !== undefined)
    if (ref.tag !== undefined) for (const other of d.images.values()) if (other !== sized) other.tags.delete(full)
    if (ref.tag !== undefined) sized.tags.add(full)
    sized.digests.add(`${familiarName(ref)}@${topDigest}`)
    yield* progress({ status: `Digest: ${topDigest}` })
    yield* progress({
      status: same ? `Status: Image is up to date for ${full}` : `Status: Downloaded newer image for ${full}`,
    })
    return sized
  } finally {
    yield* client.close()
  }
}
/** Bytes of an image's files, from its unpacked layers' archives. */
function* sizeOf(sys: Sys, layers: readonly Descriptor[]): Run<number> {
  let total = 0
  for (const l of layers) {
    const fd = yield* sys.open(blobPath(l.digest), 0)
    if (isErr(fd)) continue
    const s = yield* sys.fstat(fd)
    const bytes = isErr(s) ? new Uint8Array(0) : yield* sys.pread(fd, s.size, 0)
    yield* sys.close(fd)
    if (isErr(bytes) || bytes.length === 0) continue
    const entries = readTar(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes)
    if (!('error' in entries)) for (const e of entries) total += e.data?.size ?? 0
  }
  return total
}
