/** Containers by the Engine API. */
import { utf8 } from '../../../base/bytes.ts'
import { ntProcesses } from '../../../kernel/nt/abi.ts'
import { endChunks, sendChunk, startChunked } from '../../../userland/lib/http.ts'
import { inspectContainer, listContainer } from '../../dockerd/documents.ts'
import { checkName } from '../../dockerd/record.ts'
import { ok, truth } from '../../dockerd/routes.ts'
import { ApiError, type ContainerConfig, findContainer, type HostConfig } from '../../dockerd/state.ts'
import { waitFor } from '../../dockerd/stop.ts'
import { isolationOf, kill, remove, resize, start, stop } from './containers.ts'
import { createContainer } from './create.ts'
import type { WindowsRoute } from './routes.ts'

export const containerRoutes: readonly WindowsRoute[] = [
  [
    'GET',
    /^\/containers\/json$/,
    function* (c) {
      const now = yield* c.sys.clock('realtime')
      const list = [...c.d.containers.values()].filter((x) => truth(c.query('all')) || x.status === 'running')
      // Windows' NAT publishes by IPv4 alone.
      const own = (document: Record<string, unknown>): object => ({
        ...document,
        Ports: (document.Ports as readonly { readonly IP?: string }[]).filter((p) => p.IP !== '::'),
      })
      return ok(list.reverse().map((x) => own(listContainer(c.d, x, now))))
    },
  ],
  [
    'POST',
    /^\/containers\/create$/,
    function* (c) {
      const {
        HostConfig: h = {},
        NetworkingConfig: _,
        ...config
      } = yield* c.json<ContainerConfig & { HostConfig?: HostConfig; NetworkingConfig?: unknown }>('createRequest')
      const made = yield* createContainer(c.sys, c.d, c.s, c.query('name'), config as ContainerConfig, h)
      return { status: 201, body: { Id: made.id, Warnings: [] } }
    },
  ],
  [
    'GET',
    /^\/containers\/([^/]+)\/json$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      const document = inspectContainer(c.d, x) as { HostConfig: object }
      return ok({
        ...document,
        Platform: x.image.config.os,
        HostConfig: { ...document.HostConfig, Isolation: isolationOf(x, c.s) },
      })
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/start$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      if (x.status === 'running') return { status: 304 }
      yield* start(c.sys, c.d, c.s, x)
      return { status: 204 }
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/(stop|restart)$/,
    function* (c, ref, what) {
      const x = findContainer(c.d, ref as string)
      yield* stop(c.sys, x, Number(c.query('t') || 10))
      if (what === 'restart') yield* start(c.sys, c.d, c.s, x)
      return { status: 204 }
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/kill$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      const { ends } = x
      yield* kill(c.sys, x, c.query('signal') || 'SIGKILL')
      yield* c.sys.futex(x.changed, () => x.ends !== ends || x.removed)
      return { status: 204 }
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
      yield* resize(c.sys, findContainer(c.d, ref as string), Number(c.query('h')), Number(c.query('w')))
      return ok({})
    },
  ],
  [
    'DELETE',
    /^\/containers\/([^/]+)$/,
    function* (c, ref) {
      yield* remove(c.sys, c.d, findContainer(c.d, ref as string), truth(c.query('force')), truth(c.query('v')))
      return { status: 204 }
    },
  ],
  [
    'GET',
    /^\/containers\/([^/]+)\/top$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      if (x.status !== 'running') throw new ApiError(409, `container ${x.id} is not running`)
      if (isolationOf(x, c.s) !== 'process') throw new ApiError(501, 'zukan: not emulated: docker top of a machine')
      const rows = (yield* ntProcesses(c.sys)).filter((p) => p.job === x.id)
      return ok({
        Titles: ['Name', 'PID', 'CPU', 'Private Working Set'],
        Processes: rows.map((p) => [p.name, String(p.pid), '00:00:00.000', `${(p.memory / 1e6).toFixed(3)}MB`]),
      })
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/rename$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      checkName(c.d, c.query('name'))
      x.name = c.query('name')
      return { status: 204 }
    },
  ],
]
