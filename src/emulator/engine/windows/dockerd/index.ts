/** dockerd.exe: the Docker Engine API on a named pipe of Windows, carried out with the Host Compute Service's help. */
import { utf8 } from '../../../base/bytes.ts'
import { isErr } from '../../../base/errno.ts'
import type { Program, Run } from '../../../kernel/linux/abi.ts'
import { WaitQueue } from '../../../kernel/linux/wait.ts'
import { makeDirs } from '../../../runtime/runc.ts'
import { HttpReader, sendResponse } from '../../../userland/lib/http.ts'
import { windowsName } from '../../../userland/windows/paths.ts'
import { contextOf, unescapePath } from '../../dockerd/http.ts'
import { networkRoutes } from '../../dockerd/more/networks.ts'
import { volumeRoutes } from '../../dockerd/more/volumes.ts'
import { ApiError, type Daemon } from '../../dockerd/state.ts'
import { containerRoutes } from './api.ts'
import { buildRoutes } from './build.ts'
import { imageRoutes } from './images.ts'
import { ROOT } from './layers.ts'
import { prepareNetworks } from './network.ts'
import type { WindowsContext, WindowsRoute } from './routes.ts'
import { streamRoutes } from './streams.ts'
import { systemRoutes } from './system.ts'

const routes: readonly WindowsRoute[] = [
  ...systemRoutes,
  ...containerRoutes,
  ...streamRoutes,
  ...buildRoutes,
  ...imageRoutes,
  ...volumeRoutes,
  // Networks of other drivers can be looked at, not made.
  ...networkRoutes.filter(([method]) => method === 'GET'),
]
/** Paths as Windows writes them: C:\\ProgramData for the object name /C:/ProgramData. */
const shown = (_key: string, value: unknown): unknown =>
  typeof value === 'string' && /^\/[A-Z]:\//.test(value) ? windowsName(value) : value

function* answer(c: WindowsContext): Run<boolean> {
  const path = (c.request.target.split('?')[0] as string).replace(/^\/v\d+\.\d+(?=\/)/, '')
  const send = (status: number, body: unknown): Run<unknown> =>
    sendResponse(
      c.sys,
      c.fd,
      status,
      { 'Api-Version': c.s.api, 'Content-Type': 'application/json', Server: `Docker/${c.s.version} (windows)` },
      body === undefined ? new Uint8Array(0) : utf8(`${JSON.stringify(body, shown)}\n`),
    )
  const route = routes.find(([method, pattern]) => method === c.request.method && pattern.test(path))
  try {
    if (!route) throw new ApiError(501, `zukan: not emulated: ${c.request.method} ${path} on Windows`)
    const [, pattern, handler] = route
    const result = yield* handler(c, ...(pattern.exec(path) as RegExpExecArray).slice(1).map(unescapePath))
    if (!result) return false
    yield* send(result.status, result.body)
  } catch (e) {
    if (!(e instanceof ApiError)) throw e
    yield* send(e.status, { message: e.message })
  }
  return true
}

/** dockerd.exe [-H npipe://PIPE] [--exec-opt isolation=...] [--experimental] */
export const windowsDockerd: Program = function* (sys, argv) {
  // What a fresh one holds, by order of magnitude; nobody publishes a figure.
  yield* sys.brk(72 * 1024 ** 2)
  const option = (name: string): string | undefined => {
    const at = argv.indexOf(name)
    return at < 0 ? undefined : argv[at + 1]
  }
  const lcow = argv.includes('--experimental')
  const s = {
    defaultIsolation: option('--exec-opt') === 'isolation=process' ? ('process' as const) : ('hyperv' as const),
    lcow,
    version: lcow ? '20.10.27' : '29.7.2',
    api: lcow ? '1.41' : '1.55',
  }
  const d: Daemon = {
    config: {},
    containers: new Map(),
    images: new Map(),
    networks: new Map(),
    volumes: new Map(),
    volumeRoot: `${ROOT}/volumes`,
    execs: new Map(),
    events: [],
    eventsGone: 0,
    leases: new Set(),
    layerSizes: new Map(),
    serial: 0,
    changed: new WaitQueue(),
  }
  yield* makeDirs(sys, `${ROOT}/containers`)
  yield* makeDirs(sys, `${ROOT}/volumes`)
  yield* prepareNetworks(sys, d)
  const path = option('-H') ?? '/Device/NamedPipe/docker_engine'
  yield* sys.unlink(path)
  const socket = yield* sys.socket('unix', 'stream')
  if (isErr(socket)) return 1
  if ((yield* sys.bind(socket, { family: 'unix', path })) ?? (yield* sys.listen(socket))) return 1
  for (;;) {
    const connection = yield* sys.accept(socket)
    if (isErr(connection)) continue
    sys.thread(function* (t) {
      const reader = new HttpReader(t, connection)
      for (let request = yield* reader.request(); request; request = yield* reader.request()) {
        const upgraded = request.headers.upgrade !== undefined
        const rest = upgraded ? reader.takeRest() : new Uint8Array(0)
        const keep = yield* answer({ ...contextOf(t, connection, d, request, rest), s })
        if (!keep && upgraded) break
      }
      yield* t.close(connection)
    })
  }
}
