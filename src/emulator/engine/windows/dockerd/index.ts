/** dockerd.exe: the Docker Engine API on a named pipe of Windows, carried out with the Host Compute Service's help. */
import { concat, text, utf8 } from '../../../base/bytes.ts'
import { isErr } from '../../../base/errno.ts'
import type { Fd, Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import { WaitQueue } from '../../../kernel/linux/wait.ts'
import { ntProcesses } from '../../../kernel/nt/abi.ts'
import { makeDirs } from '../../../runtime/runc.ts'
import {
  endChunks,
  HttpReader,
  type HttpRequest,
  sendChunk,
  sendResponse,
  startChunked,
} from '../../../userland/lib/http.ts'
import { writeAll } from '../../../userland/lib/io.ts'
import { inspectContainer, inspectImage, listContainer, listImage } from '../../dockerd/documents.ts'
import { findImage, parsePlatform } from '../../dockerd/images.ts'
import { logLines } from '../../dockerd/logs.ts'
import { ApiError, type ContainerConfig, type Daemon, findContainer, type HostConfig } from '../../dockerd/state.ts'
import { waitFor } from '../../dockerd/stop.ts'
import { endInput, sendInput } from '../../guest.ts'
import {
  createContainer,
  createExec,
  isolationOf,
  kill,
  remove,
  resize,
  type Settings,
  start,
  startExec,
  stop,
  streamOf,
} from './containers.ts'
import { pullImage, ROOT } from './layers.ts'

interface Context {
  readonly sys: Sys
  readonly fd: Fd
  readonly d: Daemon
  readonly s: Settings & { readonly version: string; readonly api: string }
  readonly request: HttpRequest
  readonly query: (key: string) => string
  readonly json: <T>() => T
  readonly rest: Uint8Array
}
type Answer = { readonly status: number; readonly body?: unknown } | undefined
type Route = readonly [string, RegExp, (c: Context, ...args: string[]) => Run<Answer>]

const ok = (body: unknown): Answer => ({ status: 200, body })
const truth = (v: string): boolean => v === '1' || v === 'true'
const frame = (stream: 'stdout' | 'stderr', bytes: Uint8Array): Uint8Array => {
  const head = new Uint8Array(8)
  head[0] = stream === 'stdout' ? 1 : 2
  new DataView(head.buffer).setUint32(4, bytes.length)
  return concat([head, bytes])
}
/** Takes a connection over: output goes to the client as frames, its input to a process. */
function* hijack(
  c: Context,
  tty: boolean,
  begin: (send: (stream: 'stdout' | 'stderr', bytes: Uint8Array | undefined) => void) => Run<() => Run<Fd | undefined>>,
  wantInput: boolean,
): Run<void> {
  const { sys, fd } = c
  const head = c.request.headers.upgrade
    ? 'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'
    : 'HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n'
  yield* writeAll(sys, fd, utf8(head))
  const queue: (Uint8Array | undefined)[] = []
  const filled = new WaitQueue()
  const target = yield* begin((stream, bytes) => {
    queue.push(bytes && (tty ? bytes : frame(stream, bytes)))
    filled.wake()
  })
  if (wantInput)
    sys.thread(function* (t) {
      const to = yield* target()
      if (to === undefined) return
      if (c.rest.length > 0) yield* sendInput(t, to, c.rest)
      for (;;) {
        const part = yield* t.read(fd, 65536)
        if (isErr(part) || part.length === 0) break
        yield* sendInput(t, to, part)
      }
      yield* endInput(t, to)
    })
  else
    sys.thread(function* (t) {
      const to = yield* target()
      if (to !== undefined) yield* endInput(t, to)
    })
  for (;;) {
    yield* sys.futex(filled, () => queue.length > 0)
    const part = queue.shift()
    if (part === undefined) break
    if (yield* writeAll(sys, fd, part)) return
  }
  yield* sys.shutdown(fd, 'write')
}

const routes: readonly Route[] = [
  [
    'GET',
    /^\/_ping$/,
    function* (c) {
      yield* sendResponse(c.sys, c.fd, 200, { 'Api-Version': c.s.api, Ostype: 'windows' }, utf8('OK'))
      return undefined
    },
  ],
  [
    'GET',
    /^\/version$/,
    function* (c) {
      const u = yield* c.sys.uname()
      const details = {
        ApiVersion: c.s.api,
        MinAPIVersion: '1.24',
        GitCommit: '6a43e3d5',
        GoVersion: 'go1.26.5',
        Os: 'windows',
        Arch: 'amd64',
        KernelVersion: `${u.release} (${u.version})`,
        BuildTime: '2026-08-05T12:00:00.000000000+00:00',
        Experimental: String(c.s.lcow),
      }
      return ok({
        Platform: { Name: 'Docker Engine - Community' },
        Version: c.s.version,
        ...details,
        Components: [{ Name: 'Engine', Version: c.s.version, Details: details }],
      })
    },
  ],
  [
    'GET',
    /^\/info$/,
    function* (c) {
      const u = yield* c.sys.uname()
      const { totalram } = yield* c.sys.sysinfo()
      const running = [...c.d.containers.values()].filter((x) => x.status === 'running').length
      return ok({
        ID: 'b6f1d9d2-3b0c-4c8e-9a6e-7f3f7c2a1d10',
        Containers: c.d.containers.size,
        ContainersRunning: running,
        ContainersPaused: 0,
        ContainersStopped: c.d.containers.size - running,
        Images: c.d.images.size,
        Driver: c.s.lcow ? 'windowsfilter (windows) lcow (linux)' : 'windowsfilter',
        DriverStatus: [['Windows', '']],
        LoggingDriver: 'json-file',
        KernelVersion: u.release,
        OperatingSystem: u.version,
        OSType: 'windows',
        Architecture: 'x86_64',
        NCPU: yield* c.sys.schedGetaffinity(),
        MemTotal: totalram,
        DockerRootDir: 'C:\\ProgramData\\docker',
        Name: u.nodename,
        ServerVersion: c.s.version,
        Isolation: c.s.defaultIsolation,
        ExperimentalBuild: c.s.lcow,
        DefaultRuntime: '',
        Runtimes: {},
        SecurityOptions: [],
        Swarm: { LocalNodeState: 'inactive' },
        Plugins: { Volume: ['local'], Network: ['nat', 'null', 'overlay', 'transparent'], Log: ['json-file'] },
        IndexServerAddress: 'https://index.docker.io/v1/',
        Warnings: null,
      })
    },
  ],
  [
    'GET',
    /^\/containers\/json$/,
    function* (c) {
      const now = yield* c.sys.clock('realtime')
      const list = [...c.d.containers.values()].filter((x) => truth(c.query('all')) || x.status === 'running')
      return ok(list.reverse().map((x) => listContainer(c.d, x, now)))
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
      } = c.json<ContainerConfig & { HostConfig?: HostConfig; NetworkingConfig?: unknown }>()
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
      yield* remove(c.sys, c.d, findContainer(c.d, ref as string), truth(c.query('force')))
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
    'GET',
    /^\/containers\/([^/]+)\/logs$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      yield* startChunked(c.sys, c.fd, 200, { 'Content-Type': 'application/vnd.docker.multiplexed-stream' })
      let sent = 0
      for (;;) {
        const all = logLines(x)
        const tail = sent === 0 && /^\d+$/.test(c.query('tail')) ? Number(c.query('tail')) : all.length
        for (const l of all.slice(Math.max(sent, all.length - tail)))
          if (truth(c.query(l.stream))) yield* sendChunk(c.sys, c.fd, x.config.Tty ? l.bytes : frame(l.stream, l.bytes))
        sent = all.length
        if (!truth(c.query('follow')) || x.status !== 'running') break
        const seen = sent
        yield* c.sys.futex(x.changed, () => logLines(x).length > seen || x.status !== 'running')
      }
      yield* endChunks(c.sys, c.fd)
      return undefined
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/attach$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      yield* hijack(
        c,
        x.config.Tty ?? false,
        function* (send) {
          x.attached.add(send)
          // Input waits for the start.
          return function* (): Run<Fd | undefined> {
            yield* c.sys.futex(x.changed, () => streamOf(x) !== undefined || x.ends > 0 || x.removed)
            return streamOf(x)
          }
        },
        (x.config.OpenStdin ?? false) && truth(c.query('stdin')),
      )
      return undefined
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/exec$/,
    function* (c, ref) {
      return { status: 201, body: { Id: (yield* createExec(c.sys, c.d, ref as string, c.json())).id } }
    },
  ],
  [
    'POST',
    /^\/exec\/([^/]+)\/start$/,
    function* (c, id) {
      const e = c.d.execs.get(id as string)
      if (!e) throw new ApiError(404, `No such exec instance: ${id}`)
      if (c.json<{ Detach?: boolean }>().Detach) {
        yield* startExec(c.sys, e, () => {})
        return ok({})
      }
      yield* hijack(
        c,
        e.options.Tty ?? false,
        function* (send) {
          const fd = yield* startExec(c.sys, e, send)
          return function* (): Run<Fd | undefined> {
            return fd
          }
        },
        e.options.AttachStdin ?? false,
      )
      return undefined
    },
  ],
  [
    'POST',
    /^\/exec\/([^/]+)\/resize$/,
    function* () {
      return ok({})
    },
  ],
  [
    'GET',
    /^\/exec\/([^/]+)\/json$/,
    function* (c, id) {
      const e = c.d.execs.get(id as string)
      if (!e) throw new ApiError(404, `No such exec instance: ${id}`)
      return ok({ ID: e.id, Running: e.running, ExitCode: e.exitCode, ContainerID: e.container.id, Pid: e.pid })
    },
  ],
  [
    'GET',
    /^\/images\/json$/,
    function* (c) {
      return ok([...c.d.images.values()].reverse().map((i) => listImage(i, 0)))
    },
  ],
  [
    'POST',
    /^\/images\/create$/,
    function* (c) {
      const tag = c.query('tag')
      const from = c.query('fromImage')
      const name = tag === '' ? from : tag.includes(':') ? `${from}@${tag}` : `${from}:${tag}`
      const asked = c.query('platform')
      const windows = { os: 'windows', architecture: 'amd64' }
      // Without --platform a daemon with LCOW takes a Windows image where there is one, else Linux.
      const platforms =
        asked !== ''
          ? [parsePlatform(asked.includes('/') ? asked : `${asked}/amd64`)]
          : c.s.lcow
            ? [windows, { os: 'linux', architecture: 'amd64' }]
            : [windows]
      if (platforms.some((p) => p.os === 'linux') && !c.s.lcow)
        throw new ApiError(
          400,
          'image operating system "linux" cannot be used on this platform: operating system is not supported',
        )
      let begun = false
      try {
        yield* pullImage(c.sys, c.d, name, platforms, function* (line) {
          if (!begun) yield* startChunked(c.sys, c.fd, 200, { 'Content-Type': 'application/json' })
          begun = true
          yield* sendChunk(c.sys, c.fd, utf8(`${JSON.stringify(line)}\r\n`))
        })
      } catch (e) {
        if (!(e instanceof ApiError) || !begun) throw e
        const error = JSON.stringify({ errorDetail: { message: e.message }, error: e.message })
        yield* sendChunk(c.sys, c.fd, utf8(`${error}\r\n`))
      }
      yield* endChunks(c.sys, c.fd)
      return undefined
    },
  ],
  [
    'GET',
    /^\/images\/(.+)\/json$/,
    function* (c, ref) {
      return ok(inspectImage(findImage(c.d, ref as string)))
    },
  ],
  [
    'DELETE',
    /^\/images\/(.+)$/,
    function* (c, ref) {
      const i = findImage(c.d, ref as string)
      const user = [...c.d.containers.values()].find((x) => x.image === i)
      if (user)
        throw new ApiError(
          409,
          `conflict: unable to delete ${i.id.slice(7, 19)} (must be forced) - image is being used by container ${user.id.slice(0, 12)}`,
        )
      c.d.images.delete(i.id)
      return ok([...[...i.tags].map((t) => ({ Untagged: t })), { Deleted: i.id }])
    },
  ],
  [
    'GET',
    /^\/networks$/,
    function* () {
      const one = (Name: string, Driver: string): object => ({ Id: '0'.repeat(64), Name, Driver, Scope: 'local' })
      return ok([one('nat', 'nat'), one('none', 'null')])
    },
  ],
]

function* answer(c: Context): Run<boolean> {
  const path = (c.request.target.split('?')[0] as string).replace(/^\/v\d+\.\d+(?=\/)/, '')
  const send = (status: number, body: unknown): Run<unknown> =>
    sendResponse(
      c.sys,
      c.fd,
      status,
      { 'Api-Version': c.s.api, 'Content-Type': 'application/json', Server: `Docker/${c.s.version} (windows)` },
      body === undefined ? new Uint8Array(0) : utf8(`${JSON.stringify(body)}\n`),
    )
  for (const [method, pattern, handler] of routes) {
    const m = method === c.request.method ? pattern.exec(path) : null
    if (!m) continue
    try {
      const result = yield* handler(c, ...m.slice(1).map((a) => decodeURIComponent(a ?? '')))
      if (!result) return false
      yield* send(result.status, result.body)
    } catch (e) {
      if (!(e instanceof ApiError)) throw e
      yield* send(e.status, { message: e.message })
    }
    return true
  }
  yield* send(501, { message: `zukan: not emulated: ${c.request.method} ${path} on Windows` })
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
    execs: new Map(),
    events: [],
    eventsGone: 0,
    leases: new Set(),
    layerSizes: new Map(),
    serial: 0,
    changed: new WaitQueue(),
  }
  yield* makeDirs(sys, `${ROOT}/containers`)
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
        const { body, target, headers } = request
        const params = new Map(
          (target.split('?')[1] ?? '')
            .split('&')
            .filter(Boolean)
            .map((p) => [p.split('=')[0] as string, decodeURIComponent((p.split('=')[1] ?? '').replace(/\+/g, ' '))]),
        )
        const keep = yield* answer({
          sys: t,
          fd: connection,
          d,
          s,
          request,
          query: (key) => params.get(key) ?? '',
          json: <T>(): T => JSON.parse(text(body) || '{}') as T,
          rest: headers.upgrade !== undefined ? reader.takeRest() : new Uint8Array(0),
        })
        if (!keep && headers.upgrade !== undefined) break
      }
      yield* t.close(connection)
    })
  }
}
