/** The transfer service: an image from a registry into a namespace, its layers unpacked; containerd docs/transfer.md. */
import { text } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { type Digest, digestOf } from '../../oci/digest.ts'
import { choosePlatform, type Descriptor, MAX_LAYERS, media, type Platform } from '../../oci/image.ts'
import { layersComplaint, readImageConfig, readManifest } from '../../oci/imagetypes.ts'
import type { Refused } from '../../oci/json.ts'
import { parseReference } from '../../oci/reference.ts'
import { writeAll } from '../../userland/lib/io.ts'
import { blobPath, keyOf, type Store } from '../containerd.ts'
import { errorText, RegistryClient } from '../dockerd/distribution.ts'
import { hostPlatform } from '../dockerd/images.ts'
import { ApiError } from '../dockerd/state.ts'
import type { Methods, Reply } from '../rpc.ts'
import { readImage } from './images.ts'

/** One blob of a transfer: its kind, and how many bytes came over the wire. */
export interface Transferred {
  readonly kind: 'index' | 'manifest' | 'layer' | 'config'
  readonly descriptor: Descriptor
  readonly bytes: number
}
export interface Transfer {
  readonly name: string
  readonly target: Descriptor
  readonly parts: readonly Transferred[]
  /** Nanoseconds. */
  readonly time: number
}
class Failed {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
function well<T>(r: { readonly value: T } | Refused, what: string): T {
  if ('refused' in r) throw new Failed(`failed to decode ${what}: ${r.refused}`)
  return r.value
}
/** Puts a blob into the content store; `made` hears of one that wasn't there before. */
function* keep(sys: Sys, store: Store, bytes: Uint8Array, digest: Digest, made: Digest[]): Run<void> {
  if (!isErr(yield* sys.stat(blobPath(digest)))) return
  made.push(digest)
  const fd = yield* sys.open(blobPath(digest), O_WRONLY | O_CREAT | O_TRUNC, 0o444)
  if (isErr(fd)) throw new Failed(`failed to open writer: ${fd.text.toLowerCase()}`)
  const failed = yield* writeAll(sys, fd, bytes)
  yield* sys.close(fd)
  const commit = store.methods['content.Commit'] as (t: Sys, p: unknown) => Run<Reply<unknown>>
  const committed = failed ? { ok: false as const, error: failed.text } : yield* commit(sys, { digest })
  if (!committed.ok) throw new Failed(`failed to copy: ${committed.error}`)
}
/** One document or layer of a repository, verified; from the store where it is there. */
function* fetch(
  sys: Sys,
  store: Store,
  client: RegistryClient,
  kind: 'manifests' | 'blobs',
  d: Descriptor,
  made: Digest[],
): Run<{ readonly bytes: Uint8Array; readonly came: number }> {
  const there = yield* sys.stat(blobPath(d.digest))
  if (!isErr(there)) {
    const fd = yield* sys.open(blobPath(d.digest), 0)
    const bytes = isErr(fd) ? fd : yield* sys.read(fd, there.size)
    if (!isErr(fd)) yield* sys.close(fd)
    if (!isErr(bytes)) return { bytes: bytes.slice(), came: 0 }
  }
  const r = yield* client.request('GET', `/v2/${client.ref.path}/${kind}/${d.digest}`)
  if (r.status !== 200) throw new Failed(`content ${d.digest}: ${errorText(r)}`)
  if (digestOf(r.body) !== d.digest)
    throw new Failed(
      `failed to copy: unexpected commit digest ${digestOf(r.body)}, expected ${d.digest}: failed precondition`,
    )
  if (d.size !== undefined && d.size !== r.body.length)
    throw new Failed(`failed size validation: ${r.body.length} != ${d.size}: failed precondition`)
  yield* keep(sys, store, r.body, d.digest, made)
  return { bytes: r.body, came: r.body.length }
}

/** Pulls `name` for a platform. Throws `Failed`, or the registry client's ApiError. */
function* pull(sys: Sys, store: Store, ns: string, name: string, platform: Platform): Run<Transfer> {
  const began = yield* sys.clock('monotonic')
  const ref = parseReference(name)
  if ('error' in ref) throw new Failed(ref.error)
  const client = new RegistryClient(sys, ref)
  const parts: Transferred[] = []
  const made: Digest[] = []
  const chain: string[] = []
  try {
    const head = yield* client.request('GET', `/v2/${ref.path}/manifests/${ref.digest ?? ref.tag ?? 'latest'}`)
    if (head.status === 401 || head.status === 403 || (head.status === 404 && /NAME_UNKNOWN/.test(text(head.body))))
      throw new Failed(
        'failed to resolve image: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
      )
    if (head.status === 404) throw new Failed(`failed to resolve image: ${name}: not found`)
    if (head.status !== 200)
      throw new Failed(`failed to resolve image: unexpected status: ${head.status} ${head.reason}`)
    const first = well(readManifest(text(head.body)), 'manifest')
    const index = 'manifests' in first ? first : undefined
    const target: Descriptor = {
      mediaType: first.mediaType ?? (index ? media.index : media.manifest),
      digest: digestOf(head.body),
      size: head.body.length,
    }
    if (ref.digest !== undefined && ref.digest !== target.digest)
      throw new Failed(
        `failed to copy: unexpected commit digest ${target.digest}, expected ${ref.digest}: failed precondition`,
      )
    yield* keep(sys, store, head.body, target.digest, made)
    if (index) parts.push({ kind: 'index', descriptor: target, bytes: head.body.length })
    const chosen = index ? choosePlatform(index, platform) : target
    if (!chosen) throw new Failed(`no match for platform in manifest ${target.digest}: not found`)
    const m = yield* fetch(sys, store, client, 'manifests', chosen, made)
    parts.push({ kind: 'manifest', descriptor: chosen, bytes: m.came })
    const manifest = well(readManifest(text(m.bytes)), 'manifest')
    if ('manifests' in manifest) throw new Failed(`content ${chosen.digest}: not an image manifest`)
    if (manifest.layers.length > MAX_LAYERS) throw new Failed('max depth exceeded')
    for (const l of manifest.layers)
      parts.push({ kind: 'layer', descriptor: l, bytes: (yield* fetch(sys, store, client, 'blobs', l, made)).came })
    const config = yield* fetch(sys, store, client, 'blobs', manifest.config, made)
    const apart = layersComplaint(well(readImageConfig(text(config.bytes)), 'image config'), manifest.layers)
    if (apart !== undefined) throw new Failed(apart)
    parts.push({ kind: 'config', descriptor: manifest.config, bytes: config.came })
    const image = yield* readImage(sys, name, { ...target })
    if (image)
      for (const [n, l] of image.layers.entries()) {
        if (!store.snapshots.has(image.chain[n] as string)) chain.unshift(image.chain[n] as string)
        const apply = store.methods['diff.Apply'] as (t: Sys, p: unknown) => Run<Reply<unknown>>
        const applied = yield* apply(sys, {
          digest: l.digest,
          diffId: image.config.rootfs.diff_ids[n] as Digest,
          chainId: image.chain[n],
          ...(n > 0 ? { parent: image.chain[n - 1] } : {}),
        })
        if (!applied.ok) throw new Failed(applied.error)
      }
    store.images.set(keyOf({ ns, id: name }), { target, created: yield* sys.clock('realtime') })
    yield* store.save(sys)
    return { name, target, parts, time: (yield* sys.clock('monotonic')) - began }
  } catch (e) {
    // Nothing half-brought stays: no image refers to it.
    for (const digest of made) yield* sys.unlink(blobPath(digest))
    const remove = store.methods['snapshots.Remove'] as (t: Sys, p: unknown) => Run<Reply<unknown>>
    for (const key of chain) yield* remove(sys, { key })
    throw e
  } finally {
    yield* client.close()
  }
}

/** Pulls an image; the answer is a failure's text where it can't be had. */
export function* transfer(
  sys: Sys,
  store: Store,
  p: { readonly ns: string; readonly name: string; readonly platform?: Platform },
): Run<Reply<Transfer>> {
  try {
    const platform = p.platform ?? (yield* hostPlatform(sys))
    return { ok: true, result: yield* pull(sys, store, p.ns, p.name, platform) }
  } catch (e) {
    if (!(e instanceof Failed || e instanceof ApiError)) throw e
    return { ok: false, error: e.message }
  }
}
export const transferMethods = (store: Store): Methods => ({
  'transfer.Transfer': (t, p: { ns: string; name: string; platform?: Platform }) => transfer(t, store, p),
})
