/** POST /build: BuildKit's way (version=2: a stream of its status) and the classic builder's (a stream of text). */
import { utf8 } from '../../base/bytes.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { readJson, stringMap } from '../../oci/gotypes.ts'
import { unpacked } from '../../oci/layer.ts'
import { endChunks, sendChunk, startChunked } from '../../userland/lib/http.ts'
import { Builder, type BuildOptions } from '../buildkit/builder.ts'
import { classicBuild } from '../buildkit/classic.ts'
import { BuildError } from '../buildkit/dockerfile/instructions.ts'
import { buildState } from '../buildkit/solve.ts'
import { dropChain } from './content.ts'
import { readCredentials } from './distribution.ts'
import { parsePlatform } from './images.ts'
import { pushNamed } from './push.ts'
import { type Context, providing, type Route } from './routes.ts'
import { ApiError } from './state.ts'
import { event } from './support.ts'

const truth = (v: string): boolean => v === '1' || v === 'true' || v === 'True'
function pairs(text: string): Map<string, string> {
  if (text === '') return new Map()
  const read = readJson<Record<string, string | null>>(text, stringMap, true)
  if ('refused' in read) throw new ApiError(400, `error reading build args: ${read.refused}`)
  // A null is an argument whose value the client doesn't know.
  return new Map(Object.entries(read.value).filter((e): e is [string, string] => e[1] !== null))
}
const fromHex = (digits: string): Uint8Array =>
  Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
function optionsOf(c: Context): BuildOptions {
  const dockerfile = c.query('dockerfile') || 'Dockerfile'
  const credentials = readCredentials(c.request.headers['x-registry-auth'])
  return {
    dockerfile,
    shown: c.query('zukan-name') || dockerfile,
    tags: c.queries('t'),
    target: c.query('target'),
    buildArgs: pairs(c.query('buildargs')),
    labels: pairs(c.query('labels')),
    platforms: c.query('platform').split(',').filter(Boolean).map(parsePlatform),
    secrets: new Map([...pairs(c.query('zukan-secrets'))].map(([id, bytes]) => [id, fromHex(bytes)])),
    push: truth(c.query('zukan-push')) ? (name) => pushNamed(c, name, credentials) : undefined,
    noCache: truth(c.query('nocache')),
    pull: truth(c.query('pull')),
    contextKey: c.query('zukan-context'),
    credentials,
  }
}
function bodyOf(c: Context): Uint8Array {
  const bytes = unpacked(c.request.body)
  if ('error' in bytes) throw new ApiError(400, bytes.error)
  return bytes
}

const routes: readonly Route[] = [
  [
    'POST',
    /^\/build$/,
    function* (c) {
      if (c.query('remote') !== '' && c.query('remote') !== 'client-session')
        throw new ApiError(501, `zukan: not emulated: docker build ${c.query('remote')}`)
      const options = optionsOf(c)
      const context = bodyOf(c)
      let begun = false
      const line = function* (value: unknown): Run<void> {
        if (!begun) yield* startChunked(c.sys, c.fd, 200, { 'Content-Type': 'application/json' })
        begun = true
        yield* sendChunk(c.sys, c.fd, utf8(`${JSON.stringify(value)}\r\n`))
      }
      const builder =
        c.query('version') === '2'
          ? new Builder(c.sys, c.d, options, (s) => line({ id: 'moby.buildkit.trace', aux: s }))
          : undefined
      try {
        const image = builder
          ? yield* builder.run(context)
          : yield* classicBuild(
              c.sys,
              c.d,
              { ...options, remove: c.query('rm') !== '0', quiet: truth(c.query('q')) },
              context,
              line,
            )
        if (builder && builder.warnings.length > 0) yield* line({ id: 'moby.buildkit.warnings', aux: builder.warnings })
        if (builder) yield* line({ id: 'moby.image.id', aux: { ID: image.id } })
        for (const tag of options.tags) yield* event(c.sys, c.d, 'image', 'tag', image.id, { name: tag })
      } catch (e) {
        if (!(e instanceof BuildError) && !(e instanceof ApiError)) throw e
        const range = e instanceof BuildError ? e.range : undefined
        if (!begun && e instanceof ApiError && !builder) throw e
        if (range) yield* line({ id: 'moby.buildkit.source', aux: range })
        const code = /(?:exit|non-zero) code: (\d+)$/.exec(e.message)?.[1]
        yield* line({
          errorDetail: { ...(code && !builder ? { code: Number(code) } : {}), message: e.message },
          error: e.message,
        })
      } finally {
        yield* builder?.close() ?? (function* (): Run<void> {})()
      }
      yield* endChunks(c.sys, c.fd)
      return undefined
    },
  ],
  [
    'POST',
    /^\/build\/prune$/,
    function* (c) {
      const { cache } = buildState(c.d)
      const gone: string[] = []
      let space = 0
      for (const [key, r] of cache) {
        gone.push(key.slice(7, 32))
        space += r.size
      }
      const leases = [...c.d.leases]
      cache.clear()
      c.d.leases.clear()
      yield* dropChain(c.sys, c.d, leases)
      return { status: 200, body: { CachesDeleted: gone, SpaceReclaimed: space } }
    },
  ],
]
export const buildRoutes = providing('dockerd/build', routes)
