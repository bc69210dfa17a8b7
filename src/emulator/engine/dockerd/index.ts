/** dockerd: the Docker Engine API over /var/run/docker.sock, carried out with containerd's help. */
import { utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Program, Run } from '../../kernel/linux/abi.ts'
import { SIGHUP } from '../../kernel/linux/signals.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { HttpReader, sendResponse } from '../../userland/lib/http.ts'
import { containerRoutes } from './api/containers.ts'
import { execRoutes } from './api/exec.ts'
import { imageRoutes } from './api/images.ts'
import { streamRoutes } from './api/streams.ts'
import { prepareFirewall } from './firewall.ts'
import { contextOf, unescapePath } from './http.ts'
import { createNetwork } from './networks.ts'
import { type Context, commonHeaders, lateRoutes, type Route } from './routes.ts'
import { readConfig } from './runtime.ts'
import { API_VERSION, ApiError, type Daemon, VERSION } from './state.ts'
import { enterStored } from './stored.ts'

export const DOCKER_SOCKET = '/var/run/docker.sock'

const ping: Route[1] = /^\/_ping$/
const pong = {
  'Api-Version': API_VERSION,
  'Builder-Version': '2',
  'Content-Type': 'text/plain; charset=utf-8',
  'Docker-Experimental': 'false',
  Ostype: 'linux',
  Server: `Docker/${VERSION} (linux)`,
  Swarm: 'inactive',
}
const routes: readonly Route[] = [
  [
    'GET',
    ping,
    function* ({ sys, fd }) {
      yield* sendResponse(sys, fd, 200, pong, utf8('OK'))
      return undefined
    },
  ],
  [
    'HEAD',
    ping,
    function* ({ sys, fd }) {
      yield* sendResponse(sys, fd, 200, { ...pong, 'Content-Length': '0' }, new Uint8Array(0))
      return undefined
    },
  ],
  ...containerRoutes,
  ...streamRoutes,
  ...execRoutes,
  ...imageRoutes,
]

/** Answers one request on a connection; false where the connection was taken over. */
function* answer(c: Context): Run<boolean> {
  const path = (c.request.target.split('?')[0] as string).replace(/^\/v\d+\.\d+(?=\/)/, '')
  const matching = (list: readonly Route[]): Route | undefined =>
    list.find(([method, pattern]) => method === c.request.method && pattern.test(path))
  // An answer to HEAD has no body: a client takes one for the next answer (RFC 9110, section 9.3.2).
  const bare = c.request.method === 'HEAD'
  try {
    const route = matching(routes) ?? matching(yield* lateRoutes(c.sys, path))
    if (!route) throw new ApiError(404, 'page not found')
    const [, pattern, handler] = route
    const result = yield* handler(c, ...(pattern.exec(path) as RegExpExecArray).slice(1).map(unescapePath))
    if (!result) return false
    const body = result.body === undefined ? new Uint8Array(0) : utf8(`${JSON.stringify(result.body)}\n`)
    yield* sendResponse(c.sys, c.fd, result.status, commonHeaders, body, bare)
  } catch (e) {
    if (!(e instanceof ApiError)) throw e
    const body = utf8(`${JSON.stringify({ message: e.message })}\n`)
    yield* sendResponse(c.sys, c.fd, e.status, commonHeaders, body, bare)
  }
  return true
}
export const dockerd: Program = function* (sys) {
  // What a fresh one holds, by order of magnitude; nobody publishes a figure.
  yield* sys.brk(84 * 1024 ** 2)
  // Go's runtime raises the limit on descriptors to the hard one: a thousand containers need more than 1024.
  const [, most] = yield* sys.getrlimit('nofile')
  yield* sys.setrlimit('nofile', most, most)
  const config = yield* readConfig(sys)
  if (!config) return 1
  const d: Daemon = {
    config,
    containers: new Map(),
    images: new Map(),
    networks: new Map(),
    volumes: new Map(),
    execs: new Map(),
    events: [],
    eventsGone: 0,
    leases: new Set(),
    layerSizes: new Map(),
    serial: 0,
    changed: new WaitQueue(),
  }
  yield* sys.sigaction(SIGHUP, function* () {
    d.config = (yield* readConfig(sys)) ?? d.config
  })
  for (const dir of [
    '/var/lib/docker/containers',
    '/var/lib/docker/volumes',
    '/run/docker/netns',
    '/run/docker/containerd/daemon',
  ])
    yield* makeDirs(sys, dir, 0o710)
  yield* enterStored(sys, d)
  yield* prepareFirewall(sys)
  yield* createNetwork(sys, d, 'bridge', { subnet: '172.17.0.0/16', bridge: 'docker0' })
  yield* createNetwork(sys, d, 'host', { driver: 'host' })
  yield* createNetwork(sys, d, 'none', { driver: 'null' })
  yield* sys.unlink(DOCKER_SOCKET)
  const socket = yield* sys.socket('unix', 'stream')
  if (isErr(socket)) return 1
  const mask = yield* sys.umask(0o117)
  const failed = (yield* sys.bind(socket, { family: 'unix', path: DOCKER_SOCKET })) ?? (yield* sys.listen(socket))
  yield* sys.umask(mask)
  if (failed) return 1
  for (;;) {
    const connection = yield* sys.accept(socket)
    if (isErr(connection)) continue
    sys.thread(function* (t) {
      const reader = new HttpReader(t, connection)
      for (;;) {
        const request = yield* reader.request()
        if (!request) break
        const c = contextOf(
          t,
          connection,
          d,
          request,
          request.headers.upgrade !== undefined ? reader.takeRest() : new Uint8Array(0),
        )
        const keep = yield* answer(c)
        if (!keep && request.headers.upgrade !== undefined) break
      }
      yield* t.close(connection)
    })
  }
}
