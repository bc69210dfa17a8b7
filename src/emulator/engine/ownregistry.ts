/** `registry serve CONFIG`: the distribution project's registry (image registry:2), its content in files as the filesystem driver lays them out. */
import { isErr } from '../base/errno.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../kernel/linux/fs/flags.ts'
import { restarting } from '../kernel/linux/restart.ts'
import { type Digest, parseDigest } from '../oci/digest.ts'
import { emptyStore, handle, mediaTypeOf, type RegistryStore } from '../oci/registry.ts'
import { makeDirs } from '../runtime/runc.ts'
import { readFile, readText, warn, writeAll } from '../userland/lib/io.ts'
import { strftime } from '../userland/lib/time.ts'
import { namesIn } from './layers.ts'
import { serveHttp } from './registry.ts'

function* put(sys: Sys, path: string, bytes: Uint8Array): Run<void> {
  yield* makeDirs(sys, path.slice(0, path.lastIndexOf('/')))
  const fd = yield* sys.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  if (isErr(fd)) return
  yield* writeAll(sys, fd, bytes)
  yield* sys.close(fd)
}
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const dataOf = (root: string, d: string): string => `${root}/blobs/sha256/${d.slice(7, 9)}/${d.slice(7)}/data`

/** Reads what a registry left in its files. */
function* load(sys: Sys, root: string): Run<RegistryStore> {
  const store = emptyStore()
  const visit = function* (dir: string, name: string): Run<void> {
    const names = yield* namesIn(sys, dir)
    if (!names.includes('_manifests')) {
      for (const n of names) yield* visit(`${dir}/${n}`, name === '' ? n : `${name}/${n}`)
      return
    }
    const link = function* (path: string): Run<Digest | undefined> {
      const text = yield* readText(sys, path)
      return isErr(text) ? undefined : parseDigest(text.trim())
    }
    const repository = {
      tags: new Map<string, Digest>(),
      manifests: new Map<Digest, string>(),
      layers: new Set<Digest>(),
    }
    for (const t of yield* namesIn(sys, `${dir}/_manifests/tags`)) {
      const d = yield* link(`${dir}/_manifests/tags/${t}/current/link`)
      if (d) repository.tags.set(t, d)
    }
    for (const [kind, add] of [
      ['_manifests/revisions/sha256', (d: Digest): unknown => repository.manifests.set(d, '')],
      ['_layers/sha256', (d: Digest): unknown => repository.layers.add(d)],
    ] as const)
      for (const h of yield* namesIn(sys, `${dir}/${kind}`)) {
        const d = parseDigest(`sha256:${h}`)
        const bytes = d && (yield* readFile(sys, dataOf(root, d)))
        if (!d || !bytes || isErr(bytes)) continue
        store.blobs.set(d, bytes)
        add(d)
        if (kind.startsWith('_m')) repository.manifests.set(d, mediaTypeOf(bytes) ?? '')
      }
    store.repositories.set(name, repository)
  }
  yield* visit(`${root}/repositories`, '')
  return store
}
/** Writes one repository's links and the blobs behind them that aren't in files yet. */
function* save(sys: Sys, root: string, store: RegistryStore, name: string, written: Set<string>): Run<void> {
  const r = store.repositories.get(name)
  if (!r) return
  const dir = `${root}/repositories/${name}`
  const file = function* (path: string, bytes: Uint8Array): Run<void> {
    if (written.has(`${path} ${bytes.length}`) && !path.endsWith('current/link')) return
    written.add(`${path} ${bytes.length}`)
    yield* put(sys, path, bytes)
  }
  for (const d of [...r.layers, ...r.manifests.keys()]) {
    const bytes = store.blobs.get(d)
    if (bytes) yield* file(dataOf(root, d), bytes)
  }
  for (const d of r.layers) yield* file(`${dir}/_layers/sha256/${d.slice(7)}/link`, utf8(d))
  for (const d of r.manifests.keys()) yield* file(`${dir}/_manifests/revisions/sha256/${d.slice(7)}/link`, utf8(d))
  for (const [t, d] of r.tags) yield* file(`${dir}/_manifests/tags/${t}/current/link`, utf8(d))
}

export const ownRegistry: Program = function* (sys, argv) {
  const config = yield* readText(sys, argv[2] ?? '/etc/docker/registry/config.yml')
  if (isErr(config)) {
    yield* warn(sys, `configuration error: open ${argv[2] ?? ''}: ${config.text.toLowerCase()}\n`)
    return 1
  }
  const environment = (name: string): string | undefined =>
    sys
      .environ()
      .find((e) => e.startsWith(`${name}=`))
      ?.slice(name.length + 1)
  const root = `${environment('REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY') ?? /rootdirectory:\s*(\S+)/.exec(config)?.[1] ?? '/var/lib/registry'}/docker/registry/v2`
  const port = Number(
    /:(\d+)$/.exec(environment('REGISTRY_HTTP_ADDR') ?? /addr:\s*(\S+)/.exec(config)?.[1] ?? ':5000')?.[1] ?? 5000,
  )
  const deletes =
    environment('REGISTRY_STORAGE_DELETE_ENABLED') === 'true' || /delete:\s*\n\s*enabled:\s*true/.test(config)
  const store = yield* load(sys, root)
  const written = new Set<string>()
  const log = function* (t: Sys, message: string): Run<void> {
    yield* warn(
      t,
      `time="${strftime('%FT%T.%NZ', yield* t.clock('realtime'))}" level=info msg="${message}" service=registry version=2.8.3\n`,
    )
  }
  yield* log(sys, `listening on [::]:${port}`)
  return yield* serveHttp(sys, port, function* (t, request, from) {
    const refused = request.method === 'DELETE' && !deletes && !/\/uploads\//.test(request.target)
    const r = yield* restarting(() => handle(store, refused ? { ...request, method: 'REFUSED' } : request))
    const name = /^\/v2\/(.+)\/(?:manifests|blobs)\//.exec(request.target)?.[1]
    if (name && request.method !== 'GET' && request.method !== 'HEAD' && r.status < 300)
      yield* save(t, root, store, name, written)
    const now = yield* t.clock('realtime')
    yield* warn(
      t,
      `${from.split(':')[0]} - - [${strftime('%d/%b/%Y:%H:%M:%S +0000', now)}] "${request.method} ${request.target} HTTP/1.1" ${r.status} ${r.body.length} "" "${request.headers['user-agent'] ?? ''}"\n`,
    )
    return r
  })
}
