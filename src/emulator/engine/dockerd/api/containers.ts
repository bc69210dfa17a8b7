/** The API's routes on containers that a first lesson needs. */
import { utf8 } from '../../../base/bytes.ts'
import { endChunks, sendChunk, startChunked } from '../../../userland/lib/http.ts'
import { createContainer } from '../create.ts'
import { inspectContainer, listContainer } from '../documents.ts'
import { checkContainerFilters, containerFilters, filtersOf, filterValues, passes } from '../filters.ts'
import { integer } from '../http.ts'
import { type Context, created, none, ok, type Route, truth } from '../routes.ts'
import { sizesOf } from '../sizes.ts'
import { start } from '../start.ts'
import { ApiError, type ContainerConfig, type EndpointConfig, findContainer, type HostConfig } from '../state.ts'
import { remove, signal, stop, waitFor } from '../stop.ts'
import { call, note } from '../support.ts'

/** Seconds that a container has to end by itself; undefined where the container says it. */
const grace = (c: Context): number | undefined => (c.query('t') === '' ? undefined : integer(c, 't', 0))

export const containerRoutes: readonly Route[] = [
  [
    'GET',
    /^\/containers\/json$/,
    function* (c) {
      const filters = filtersOf(c, containerFilters)
      checkContainerFilters(c.d, filters)
      const now = yield* c.sys.clock('realtime')
      const limit = integer(c, 'limit', 0)
      const all =
        truth(c.query('all')) ||
        limit > 0 ||
        filterValues(filters, 'status').length > 0 ||
        filterValues(filters, 'exited').length > 0
      const list = [...c.d.containers.values()]
        .filter(
          (x) =>
            (all || x.status === 'running' || x.status === 'paused' || x.status === 'restarting') &&
            passes(c.d, x, filters),
        )
        .reverse()
      const shown = limit > 0 ? list.slice(0, limit) : list
      const size = truth(c.query('size'))
      const out: unknown[] = []
      for (const x of shown) out.push({ ...listContainer(c.d, x, now), ...(size ? yield* sizesOf(c.sys, x) : {}) })
      return ok(out)
    },
  ],
  [
    'POST',
    /^\/containers\/create$/,
    function* (c) {
      const body = yield* c.json<
        ContainerConfig & {
          HostConfig?: HostConfig | null
          NetworkingConfig?: { EndpointsConfig?: Record<string, EndpointConfig | null> | null } | null
        }
      >('createRequest')
      const { HostConfig: h, NetworkingConfig: n, ...config } = body
      if (Object.keys(config).length === 0)
        throw new ApiError(400, 'config cannot be empty in order to create a container')
      const made = yield* createContainer(
        c.sys,
        c.d,
        c.query('name').replace(/^\//, ''),
        config as ContainerConfig,
        h ?? {},
        n?.EndpointsConfig ?? {},
        c.query('platform'),
      )
      return created({ Id: made.container.id, Warnings: made.warnings })
    },
  ],
  [
    'GET',
    /^\/containers\/([^/]+)\/json$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      const size = truth(c.query('size'))
      return ok({ ...inspectContainer(c.d, x), ...(size ? yield* sizesOf(c.sys, x) : {}) })
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/start$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      if (x.status === 'running') return { status: 304 }
      yield* start(c.sys, c.d, x)
      return none
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/stop$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      if (!['running', 'paused', 'restarting'].includes(x.status)) return { status: 304 }
      yield* stop(c.sys, c.d, x, grace(c), c.query('signal') || undefined)
      return none
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/restart$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      yield* stop(c.sys, c.d, x, grace(c), c.query('signal') || undefined)
      yield* start(c.sys, c.d, x)
      yield* note(c.sys, c.d, x, 'restart')
      return none
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/kill$/,
    function* (c, ref) {
      const x = (() => {
        try {
          return findContainer(c.d, ref as string)
        } catch (e) {
          throw e instanceof ApiError ? new ApiError(e.status, `cannot kill container: ${ref}: ${e.message}`) : e
        }
      })()
      if (x.status !== 'running' && x.status !== 'paused')
        throw new ApiError(409, `cannot kill container: ${ref}: container ${x.id} is not running`)
      const name = c.query('signal') || 'SIGKILL'
      const { ends } = x
      try {
        yield* signal(c.sys, c.d, x, name)
      } catch (e) {
        throw e instanceof ApiError && !e.message.startsWith('invalid signal')
          ? new ApiError(e.status, `cannot kill container: ${ref}: ${e.message}`)
          : e
      }
      // SIGKILL has ended the container when the call returns.
      if (/^(SIG)?KILL$|^9$/i.test(name)) yield* c.sys.futex(x.changed, () => x.ends !== ends || x.removed)
      return none
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/wait$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      yield* startChunked(c.sys, c.fd, 200, { 'Content-Type': 'application/json' })
      yield* waitFor(c.sys, x, c.query('condition') || 'not-running')
      yield* sendChunk(c.sys, c.fd, utf8(`${JSON.stringify({ StatusCode: x.exitCode })}\n`))
      yield* endChunks(c.sys, c.fd)
      return undefined
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/resize$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      yield* call(c.sys, 'tasks.ResizePty', { id: x.id, height: integer(c, 'h', 0), width: integer(c, 'w', 0) })
      return ok({})
    },
  ],
  [
    'DELETE',
    /^\/containers\/([^/]+)$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      // Every name is a link of its own; those of --link aren't kept by name.
      if (truth(c.query('link')))
        throw ref === x.name
          ? new ApiError(409, 'Conflict, cannot remove the default link name of the container')
          : new ApiError(501, 'zukan: not emulated: removing a link')
      yield* remove(c.sys, c.d, x, truth(c.query('force')), truth(c.query('v')))
      return none
    },
  ],
]
