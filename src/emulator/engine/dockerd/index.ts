/** dockerd: the Docker Engine API over /var/run/docker.sock, carried out with containerd's help. */
import { concat, text, utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Program, Run } from '../../kernel/linux/abi.ts'
import { O_RDONLY } from '../../kernel/linux/fs/flags.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import { familiar, parseReference } from '../../oci/reference.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { endChunks, HttpReader, sendChunk, sendResponse, startChunked } from '../../userland/lib/http.ts'
import { writeAll } from '../../userland/lib/io.ts'
import { meminfo, processes } from '../../userland/lib/proc.ts'
import { removeTree } from '../containerd.ts'
import {
  call,
  createContainer,
  createExec,
  ensureVolume,
  event,
  logLines,
  pause,
  remove,
  signal,
  start,
  startExec,
  stop,
  waitFor,
} from './containers.ts'
import { dropChain, nameImage } from './content.ts'
import {
  describeNetwork,
  describeVolume,
  filterValues,
  inspectContainer,
  inspectImage,
  knownFilters,
  listContainer,
  listImage,
  passes,
  rfc3339,
} from './documents.ts'
import { findImage, hostPlatform, imageHistory, parsePlatform, pull } from './images.ts'
import { addEndpoint, createNetwork, findNetwork, plug, prepareNat } from './networks.ts'
import { type Answer, type Context, lateRoutes, type Route } from './routes.ts'
import {
  API_VERSION,
  ApiError,
  type ContainerConfig,
  type Daemon,
  findContainer,
  type HostConfig,
  newId,
  VERSION,
} from './state.ts'

export const DOCKER_SOCKET = '/var/run/docker.sock'

const truth = (v: string): boolean => v === '1' || v === 'true' || v === 'True'
const frame = (stream: 'stdout' | 'stderr', bytes: Uint8Array): Uint8Array => {
  const head = new Uint8Array(8)
  head[0] = stream === 'stdout' ? 1 : 2
  new DataView(head.buffer).setUint32(4, bytes.length)
  return concat([head, bytes])
}

/** Takes a connection over: bytes go both ways until the container's side ends. */
function* hijack(
  c: Context,
  tty: boolean,
  begin: (send: (stream: 'stdout' | 'stderr', bytes: Uint8Array | undefined) => void) => Run<number | undefined>,
  wantInput: boolean,
): Run<void> {
  const { sys, fd } = c
  const upgrade = c.request.headers.upgrade !== undefined
  yield* writeAll(
    sys,
    fd,
    utf8(
      upgrade
        ? 'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'
        : 'HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n',
    ),
  )
  const queue: (Uint8Array | undefined)[] = []
  const filled = new WaitQueue()
  const stdin = yield* begin((stream, bytes) => {
    queue.push(bytes && (tty ? bytes : frame(stream, bytes)))
    filled.wake()
  })
  if (wantInput && stdin !== undefined) {
    sys.thread(function* (t) {
      if (c.rest.length > 0) yield* writeAll(t, stdin, c.rest)
      for (;;) {
        const part = yield* t.read(fd, 65536)
        if (isErr(part)) return
        if (part.length === 0) {
          yield* t.close(stdin)
          return
        }
        if (yield* writeAll(t, stdin, part)) return
      }
    })
  }
  for (;;) {
    yield* sys.futex(filled, () => queue.length > 0)
    const part = queue.shift()
    if (part === undefined) break
    if (yield* writeAll(sys, fd, part)) return
  }
  yield* sys.shutdown(fd, 'write')
}

function filtersOf(c: Context): Record<string, readonly string[]> {
  const raw = c.query('filters')
  if (raw === '') return {}
  try {
    return JSON.parse(raw) as Record<string, readonly string[]>
  } catch {
    throw new ApiError(400, 'invalid filter')
  }
}
const created = (body: unknown): Answer => ({ status: 201, body })
const ok = (body: unknown): Answer => ({ status: 200, body })
const none: Answer = { status: 204 }

const routes: readonly Route[] = [
  [
    'GET',
    /^\/_ping$/,
    function* ({ sys, fd }) {
      yield* sendResponse(
        sys,
        fd,
        200,
        {
          'Api-Version': API_VERSION,
          'Content-Type': 'text/plain; charset=utf-8',
          'Docker-Experimental': 'false',
          Ostype: 'linux',
          Server: `Docker/${VERSION} (linux)`,
        },
        utf8('OK'),
      )
      return undefined
    },
  ],
  [
    'HEAD',
    /^\/_ping$/,
    function* ({ sys, fd }) {
      yield* sendResponse(
        sys,
        fd,
        200,
        {
          'Api-Version': API_VERSION,
          'Content-Type': 'text/plain; charset=utf-8',
          'Content-Length': '0',
          Ostype: 'linux',
          Server: `Docker/${VERSION} (linux)`,
        },
        new Uint8Array(0),
      )
      return undefined
    },
  ],
  [
    'GET',
    /^\/version$/,
    function* ({ sys }) {
      const u = yield* sys.uname()
      return ok({
        Platform: { Name: 'Docker Engine - Community' },
        Version: VERSION,
        ApiVersion: API_VERSION,
        MinAPIVersion: '1.40',
        GitCommit: '6a43e3d5',
        GoVersion: 'go1.26.5',
        Os: 'linux',
        Arch: u.machine === 'aarch64' ? 'arm64' : 'amd64',
        KernelVersion: u.release,
        BuildTime: '2026-08-05T12:00:00.000000000+00:00',
        Components: [
          {
            Name: 'Engine',
            Version: VERSION,
            Details: {
              ApiVersion: API_VERSION,
              MinAPIVersion: '1.40',
              GitCommit: '6a43e3d5',
              GoVersion: 'go1.26.5',
              Os: 'linux',
              Arch: u.machine === 'aarch64' ? 'arm64' : 'amd64',
              BuildTime: '2026-08-05T12:00:00.000000000+00:00',
              Experimental: 'false',
            },
          },
          { Name: 'containerd', Version: 'v2.3.3', Details: { GitCommit: '' } },
          { Name: 'runc', Version: '1.4.3', Details: { GitCommit: '' } },
          { Name: 'docker-init', Version: '0.19.0', Details: { GitCommit: 'de40ad0' } },
        ],
      })
    },
  ],
  [
    'GET',
    /^\/info$/,
    function* ({ sys, d }) {
      const u = yield* sys.uname()
      const m = yield* meminfo(sys)
      const count = (s: string): number => [...d.containers.values()].filter((c) => c.status === s).length
      return ok({
        ID: 'b6f1d9d2-3b0c-4c8e-9a6e-7f3f7c2a1d10',
        Containers: d.containers.size,
        ContainersRunning: count('running'),
        ContainersPaused: count('paused'),
        ContainersStopped: d.containers.size - count('running') - count('paused'),
        Images: d.images.size,
        Driver: 'overlayfs',
        DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
        LoggingDriver: 'json-file',
        CgroupDriver: 'systemd',
        CgroupVersion: '2',
        KernelVersion: u.release,
        OperatingSystem: 'Debian GNU/Linux 13 (trixie)',
        OSType: 'linux',
        Architecture: u.machine,
        NCPU: yield* sys.schedGetaffinity(),
        MemTotal: m.MemTotal ?? 0,
        DockerRootDir: '/var/lib/docker',
        Name: u.nodename,
        ServerVersion: VERSION,
        DefaultRuntime: 'runc',
        Runtimes: { runc: { path: 'runc' }, 'io.containerd.runc.v2': { path: 'runc' } },
        SecurityOptions: ['name=seccomp,profile=builtin', 'name=cgroupns'],
        LiveRestoreEnabled: false,
        Swarm: { LocalNodeState: 'inactive' },
        Plugins: {
          Volume: ['local'],
          Network: ['bridge', 'host', 'ipvlan', 'macvlan', 'null', 'overlay'],
          Log: ['json-file'],
        },
        IndexServerAddress: 'https://index.docker.io/v1/',
        Warnings: null,
      })
    },
  ],
  [
    'GET',
    /^\/containers\/json$/,
    function* (c) {
      const filters = filtersOf(c)
      for (const key of Object.keys(filters))
        if (!knownFilters.has(key)) throw new ApiError(400, `invalid filter '${key}'`)
      const now = yield* c.sys.clock('realtime')
      const limit = Number(c.query('limit') || 0)
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
      return ok((limit > 0 ? list.slice(0, limit) : list).map((x) => listContainer(c.d, x, now)))
    },
  ],
  [
    'POST',
    /^\/containers\/create$/,
    function* (c) {
      const body = c.json<
        ContainerConfig & {
          HostConfig?: HostConfig
          NetworkingConfig?: { EndpointsConfig?: Record<string, { Aliases?: string[] }> }
        }
      >()
      const { HostConfig: h = {}, NetworkingConfig: n, ...config } = body
      const aliases = Object.values(n?.EndpointsConfig ?? {}).flatMap((e) => e?.Aliases ?? [])
      const asked = c.query('platform')
      const platform = asked === '' ? undefined : parsePlatform(asked)
      const made = yield* createContainer(c.sys, c.d, c.query('name'), config as ContainerConfig, h, aliases, platform)
      return created({ Id: made.id, Warnings: [] })
    },
  ],
  [
    'GET',
    /^\/containers\/([^/]+)\/json$/,
    function* (c, ref) {
      return ok(inspectContainer(c.d, findContainer(c.d, ref as string)))
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
      const t = c.query('t')
      yield* stop(
        c.sys,
        c.d,
        findContainer(c.d, ref as string),
        t === '' ? undefined : Number(t),
        c.query('signal') || undefined,
      )
      return none
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/restart$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      const t = c.query('t')
      yield* stop(c.sys, c.d, x, t === '' ? undefined : Number(t))
      yield* start(c.sys, c.d, x)
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
      yield* signal(c.sys, c.d, x, name)
      // SIGKILL has ended the container when the call returns.
      if (/^(SIG)?KILL$|^9$/.test(name)) yield* c.sys.futex(x.changed, () => x.ends !== ends || x.removed)
      return none
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/(pause|unpause)$/,
    function* (c, ref, what) {
      yield* pause(c.sys, c.d, findContainer(c.d, ref as string), what === 'pause')
      return none
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/rename$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      const name = c.query('name')
      if (name === '') throw new ApiError(400, 'Neither old nor new names may be empty')
      for (const other of c.d.containers.values())
        if (other.name === name)
          throw new ApiError(
            409,
            `Conflict. The container name "/${name}" is already in use by container "${other.id}". You have to remove (or rename) that container to be able to reuse that name.`,
          )
      x.name = name
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
      yield* call(c.sys, 'tasks.ResizePty', { id: x.id, height: Number(c.query('h')), width: Number(c.query('w')) })
      return ok({})
    },
  ],
  [
    'DELETE',
    /^\/containers\/([^/]+)$/,
    function* (c, ref) {
      yield* remove(c.sys, c.d, findContainer(c.d, ref as string), truth(c.query('force')), truth(c.query('v')))
      return none
    },
  ],
  [
    'GET',
    /^\/containers\/([^/]+)\/top$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      if (x.status !== 'running') throw new ApiError(409, `container ${x.id} is not running`)
      const rows = yield* processes(c.sys)
      const inside = new Set<number>([x.pid])
      for (let grown = true; grown; ) {
        grown = false
        for (const r of rows)
          if (inside.has(r.ppid) && !inside.has(r.pid)) {
            inside.add(r.pid)
            grown = true
          }
      }
      const arg = c.query('ps_args')
      if (arg !== '' && arg !== '-ef' && !/pid/.test(arg))
        throw new ApiError(500, "couldn't find PID field in ps output")
      return ok({
        Titles: ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'],
        Processes: rows
          .filter((r) => inside.has(r.pid))
          .map((r) => [
            r.uid === 0 ? 'root' : String(r.uid),
            String(r.pid),
            String(r.ppid),
            '0',
            '00:00',
            r.tty ? `pts/${r.tty & 255}` : '?',
            '00:00:00',
            r.args,
          ]),
      })
    },
  ],
  [
    'GET',
    /^\/containers\/([^/]+)\/stats$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      const at = `/sys/fs/cgroup/system.slice/docker-${x.id}.scope`
      const read = function* (file: string): Run<string> {
        const fd = yield* c.sys.open(`${at}/${file}`, O_RDONLY)
        if (isErr(fd)) return ''
        const bytes = yield* c.sys.read(fd, 4096)
        yield* c.sys.close(fd)
        return isErr(bytes) ? '' : text(bytes)
      }
      const m = yield* meminfo(c.sys)
      const max = (yield* read('memory.max')).trim()
      const usage = Number((yield* read('memory.current')).trim() || 0)
      const cpu = Number(/usage_usec (\d+)/.exec(yield* read('cpu.stat'))?.[1] ?? 0)
      return ok({
        id: x.id,
        name: `/${x.name}`,
        read: rfc3339(yield* c.sys.clock('realtime')),
        pids_stats: { current: Number((yield* read('pids.current')).trim() || 0) },
        memory_stats: { usage, limit: max === 'max' || max === '' ? (m.MemTotal ?? 0) : Number(max) },
        cpu_stats: { cpu_usage: { total_usage: cpu * 1000 }, online_cpus: yield* c.sys.schedGetaffinity() },
        precpu_stats: { cpu_usage: { total_usage: cpu * 1000 } },
        networks: {},
        blkio_stats: {},
      })
    },
  ],
  [
    'GET',
    /^\/containers\/([^/]+)\/logs$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      const tty = x.config.Tty ?? false
      const want = (s: string): boolean => truth(c.query(s))
      yield* startChunked(c.sys, c.fd, 200, {
        'Content-Type': tty ? 'application/vnd.docker.raw-stream' : 'application/vnd.docker.multiplexed-stream',
      })
      let sent = 0
      const tail = c.query('tail')
      const send = function* (lines: ReturnType<typeof logLines>): Run<boolean> {
        for (const l of lines) {
          if (!want(l.stream)) continue
          const bytes = truth(c.query('timestamps')) ? concat([utf8(`${rfc3339(l.time)} `), l.bytes]) : l.bytes
          if (yield* sendChunk(c.sys, c.fd, tty ? bytes : frame(l.stream, bytes))) return false
        }
        return true
      }
      const since = Number(c.query('since') || 0) * 1e9
      const first = logLines(x).filter((l) => l.time >= since)
      sent = logLines(x).length
      yield* send(tail !== '' && tail !== 'all' ? first.slice(Math.max(0, first.length - Number(tail))) : first)
      while (truth(c.query('follow')) && (x.status === 'running' || x.status === 'paused')) {
        yield* c.sys.futex(
          x.changed,
          () => logLines(x).length > sent || (x.status !== 'running' && x.status !== 'paused'),
        )
        const all = logLines(x)
        if (!(yield* send(all.slice(sent)))) return undefined
        sent = all.length
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
      if (x.status === 'paused')
        throw new ApiError(409, `container ${x.id} is paused, unpause the container before attach`)
      const want = (s: string): boolean => truth(c.query(s))
      const once = x.config.StdinOnce ?? false
      yield* hijack(
        c,
        x.config.Tty ?? false,
        function* (send) {
          const deliver = (stream: 'stdout' | 'stderr', bytes: Uint8Array | undefined): void => {
            if (bytes === undefined || want(stream)) send(stream, bytes)
          }
          if (want('logs')) for (const l of x.log) deliver(l.stream, l.bytes)
          if (truth(c.query('stream'))) x.attached.add(deliver)
          else send('stdout', undefined)
          if (!want('stdin') || !x.config.OpenStdin) return undefined
          // Input that comes before the start waits for the fifo.
          const ends = yield* c.sys.pipe()
          if (isErr(ends)) return undefined
          c.sys.thread(function* (t) {
            yield* t.futex(x.changed, () => x.stdin !== undefined || x.removed || x.ends > 0)
            const to = x.stdin
            for (;;) {
              const part = yield* t.read(ends[0], 65536)
              if (isErr(part) || part.length === 0) break
              if (to === undefined || (yield* writeAll(t, to, part))) break
            }
            yield* t.close(ends[0])
            if (once && to !== undefined && x.stdin === to) {
              x.stdin = undefined
              yield* t.close(to)
            }
          })
          return ends[1]
        },
        want('stdin'),
      )
      return undefined
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/exec$/,
    function* (c, ref) {
      return created({ Id: (yield* createExec(c.sys, c.d, ref as string, c.json())).id })
    },
  ],
  [
    'POST',
    /^\/exec\/([^/]+)\/start$/,
    function* (c, id) {
      const e = c.d.execs.get(id as string)
      if (!e) throw new ApiError(404, `No such exec instance: ${id}`)
      const body = c.json<{ Detach?: boolean }>()
      if (body.Detach) {
        yield* startExec(c.sys, c.d, e, () => {})
        return ok({})
      }
      yield* hijack(c, e.options.Tty ?? false, (send) => startExec(c.sys, c.d, e, send), e.options.AttachStdin ?? false)
      return undefined
    },
  ],
  [
    'POST',
    /^\/exec\/([^/]+)\/resize$/,
    function* (c, id) {
      const e = c.d.execs.get(id as string)
      if (e)
        yield* call(c.sys, 'tasks.ResizePty', {
          id: e.container.id,
          execId: e.id.slice(0, 12),
          height: Number(c.query('h')),
          width: Number(c.query('w')),
        })
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
      const reference = filterValues(filtersOf(c), 'reference')
      const list = [...c.d.images.values()].filter(
        (i) =>
          reference.length === 0 || [...i.tags].some((t) => reference.some((r) => t === r || t.split(':')[0] === r)),
      )
      // Variants for several platforms have one name and one id.
      const shown = list.filter((i, n) => list.findIndex((x) => x.id === i.id) === n)
      return ok(
        shown.reverse().map((i) => listImage(i, [...c.d.containers.values()].filter((x) => x.image === i).length)),
      )
    },
  ],
  [
    'POST',
    /^\/images\/create$/,
    function* (c) {
      const from = c.query('fromImage')
      const tag = c.query('tag')
      const name = tag === '' ? from : tag.includes(':') ? `${from}@${tag}` : `${from}:${tag}`
      const platform = c.query('platform') ? parsePlatform(c.query('platform')) : yield* hostPlatform(c.sys)
      let begun = false
      try {
        yield* pull(c.sys, c.d, name, platform, function* (line) {
          if (!begun) yield* startChunked(c.sys, c.fd, 200, { 'Content-Type': 'application/json' })
          begun = true
          yield* sendChunk(c.sys, c.fd, utf8(`${JSON.stringify(line)}\r\n`))
        })
      } catch (e) {
        if (!(e instanceof ApiError) || !begun) throw e
        yield* sendChunk(
          c.sys,
          c.fd,
          utf8(`${JSON.stringify({ errorDetail: { message: e.message }, error: e.message })}\r\n`),
        )
      }
      yield* endChunks(c.sys, c.fd)
      yield* event(c.sys, c.d, 'image', 'pull', name, { name })
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
    'GET',
    /^\/images\/(.+)\/history$/,
    function* (c, ref) {
      return ok(yield* imageHistory(c.sys, c.d, findImage(c.d, ref as string)))
    },
  ],
  [
    'POST',
    /^\/images\/(.+)\/tag$/,
    function* (c, ref) {
      const i = findImage(c.d, ref as string)
      const parsed = parseReference(`${c.query('repo')}:${c.query('tag') || 'latest'}`)
      if ('error' in parsed) throw new ApiError(400, parsed.error)
      const name = familiar(parsed)
      nameImage(c.d, i, name)
      return created({})
    },
  ],
  [
    'DELETE',
    /^\/images\/(.+)$/,
    function* (c, ref) {
      const i = findImage(c.d, ref as string)
      const force = truth(c.query('force'))
      const users = [...c.d.containers.values()].filter((x) => x.image === i)
      const out: Record<string, string>[] = []
      const parsed = parseReference(ref as string)
      const name = 'error' in parsed ? '' : familiar(parsed)
      const byName = i.tags.has(name)
      if (byName && i.tags.size > 1) {
        i.tags.delete(name)
        return ok([{ Untagged: name }])
      }
      const running = users.find((x) => x.status === 'running')
      if (running)
        throw new ApiError(
          409,
          byName
            ? `conflict: unable to remove repository reference "${ref}" (must force) - container ${running.id.slice(0, 12)} is using its referenced image ${i.id.slice(7, 19)}`
            : `conflict: unable to delete ${i.id.slice(7, 19)} (cannot be forced) - image is being used by running container ${running.id.slice(0, 12)}`,
        )
      if (users.length > 0 && !force)
        throw new ApiError(
          409,
          byName
            ? `conflict: unable to remove repository reference "${ref}" (must force) - container ${users[0]?.id.slice(0, 12)} is using its referenced image ${i.id.slice(7, 19)}`
            : `conflict: unable to delete ${i.id.slice(7, 19)} (must be forced) - image is being used by stopped container ${users[0]?.id.slice(0, 12)}`,
        )
      if (!byName && i.tags.size > 1 && !force)
        throw new ApiError(
          409,
          `conflict: unable to delete ${i.id.slice(7, 19)} (must be forced) - image is referenced in multiple repositories`,
        )
      for (const t of i.tags) out.push({ Untagged: t })
      for (const t of i.digests) out.push({ Untagged: t })
      i.tags.clear()
      if (users.length === 0) {
        c.d.images.delete(i.manifest.digest)
        out.push({ Deleted: i.id })
        yield* dropChain(c.sys, c.d, i.chain)
      }
      return ok(out)
    },
  ],
  [
    'GET',
    /^\/networks$/,
    function* (c) {
      return ok([...c.d.networks.values()].map((n) => describeNetwork(c.d, n)))
    },
  ],
  [
    'POST',
    /^\/networks\/create$/,
    function* (c) {
      const b = c.json<{
        Name: string
        Driver?: string
        Internal?: boolean
        Labels?: Record<string, string>
        IPAM?: { Config?: { Subnet?: string; Gateway?: string }[] }
      }>()
      const ipam = b.IPAM?.Config?.[0]
      const n = yield* createNetwork(c.sys, c.d, b.Name, {
        ...(b.Driver ? { driver: b.Driver } : {}),
        ...(ipam?.Subnet ? { subnet: ipam.Subnet } : {}),
        ...(ipam?.Gateway ? { gateway: ipam.Gateway } : {}),
        internal: b.Internal ?? false,
        labels: b.Labels ?? {},
      })
      return created({ Id: n.id, Warning: '' })
    },
  ],
  [
    'POST',
    /^\/networks\/([^/]+)\/(connect|disconnect)$/,
    function* (c, ref, what) {
      const n = findNetwork(c.d, ref as string)
      const b = c.json<{ Container: string; EndpointConfig?: { Aliases?: string[] } }>()
      const x = findContainer(c.d, b.Container)
      const at = x.endpoints.findIndex((e) => e.network === n.id)
      if (what === 'connect') {
        if (at >= 0) throw new ApiError(403, `endpoint with name ${x.name} already exists in network ${n.name}`)
        const e = yield* addEndpoint(c.sys, x, n, b.EndpointConfig?.Aliases ?? [])
        if (x.status === 'running') yield* plug(c.sys, c.d, x, e, x.endpoints.length - 1)
      } else {
        if (at < 0) throw new ApiError(403, `container ${x.id} is not connected to network ${n.name}`)
        yield* c.sys.netlink({ op: 'link.del', name: `veth${x.endpoints[at]?.id.slice(0, 7)}` })
        x.endpoints.splice(at, 1)
      }
      return ok({})
    },
  ],
  [
    'GET',
    /^\/networks\/([^/]+)$/,
    function* (c, ref) {
      return ok(describeNetwork(c.d, findNetwork(c.d, ref as string)))
    },
  ],
  [
    'DELETE',
    /^\/networks\/([^/]+)$/,
    function* (c, ref) {
      const n = findNetwork(c.d, ref as string)
      if (['bridge', 'host', 'none'].includes(n.name))
        throw new ApiError(403, `${n.name} is a pre-defined network and cannot be removed`)
      if ([...c.d.containers.values()].some((x) => x.endpoints.some((e) => e.network === n.id && e.address)))
        throw new ApiError(403, `error while removing network: network ${n.name} id ${n.id} has active endpoints`)
      yield* c.sys.netlink({ op: 'link.del', name: n.bridge })
      c.d.networks.delete(n.id)
      return none
    },
  ],
  [
    'GET',
    /^\/volumes$/,
    function* (c) {
      return ok({ Volumes: [...c.d.volumes.values()].map(describeVolume), Warnings: null })
    },
  ],
  [
    'POST',
    /^\/volumes\/create$/,
    function* (c) {
      const b = c.json<{ Name?: string; Labels?: Record<string, string> }>()
      const name = b.Name || (yield* newId(c.sys))
      yield* ensureVolume(c.sys, c.d, name, b.Labels ?? {})
      const v = c.d.volumes.get(name)
      return created(v && describeVolume(v))
    },
  ],
  [
    'GET',
    /^\/volumes\/([^/]+)$/,
    function* (c, name) {
      const v = c.d.volumes.get(name as string)
      if (!v) throw new ApiError(404, `get ${name}: no such volume`)
      return ok(describeVolume(v))
    },
  ],
  [
    'DELETE',
    /^\/volumes\/([^/]+)$/,
    function* (c, name) {
      if (!c.d.volumes.has(name as string)) throw new ApiError(404, `get ${name}: no such volume`)
      const users = [...c.d.containers.values()].filter((x) => x.mounts.some((m) => m.name === name))
      if (users.length > 0)
        throw new ApiError(409, `remove ${name}: volume is in use - [${users.map((x) => x.id).join(', ')}]`)
      c.d.volumes.delete(name as string)
      yield* removeTree(c.sys, `/var/lib/docker/volumes/${name}`)
      return none
    },
  ],
  [
    'POST',
    /^\/(containers|networks|volumes|images)\/prune$/,
    function* (c, what) {
      const gone: string[] = []
      if (what === 'containers')
        for (const x of [...c.d.containers.values()])
          if (x.status !== 'running' && x.status !== 'paused') {
            yield* remove(c.sys, c.d, x, false, false)
            gone.push(x.id)
          }
      if (what === 'networks')
        for (const n of [...c.d.networks.values()])
          if (
            !['bridge', 'host', 'none'].includes(n.name) &&
            ![...c.d.containers.values()].some((x) => x.endpoints.some((e) => e.network === n.id))
          ) {
            yield* c.sys.netlink({ op: 'link.del', name: n.bridge })
            c.d.networks.delete(n.id)
            gone.push(n.name)
          }
      if (what === 'volumes')
        for (const v of [...c.d.volumes.values()])
          if (
            /^[0-9a-f]{64}$/.test(v.name) &&
            ![...c.d.containers.values()].some((x) => x.mounts.some((m) => m.name === v.name))
          ) {
            c.d.volumes.delete(v.name)
            gone.push(v.name)
          }
      return ok({
        [`${{ containers: 'Containers', networks: 'Networks', volumes: 'Volumes', images: 'Images' }[what as string]}Deleted`]:
          gone,
        SpaceReclaimed: 0,
      })
    },
  ],
  [
    'GET',
    /^\/system\/df$/,
    function* (c) {
      return ok({
        LayersSize: [...c.d.images.values()].reduce((n, i) => n + i.size, 0),
        Images: [...c.d.images.values()].map((i) => listImage(i, 0)),
        Containers: [...c.d.containers.values()].map((x) => ({ Id: x.id, State: x.status })),
        Volumes: [...c.d.volumes.values()].map(describeVolume),
        BuildCache: [],
      })
    },
  ],
  [
    'GET',
    /^\/events$/,
    function* (c) {
      yield* startChunked(c.sys, c.fd, 200, { 'Content-Type': 'application/json' })
      const since = c.query('since') === '' ? c.d.events.length : 0
      const until = c.query('until') === '' ? Number.POSITIVE_INFINITY : Number(c.query('until')) * 1e9
      let at = since
      for (;;) {
        for (; at < c.d.events.length; at++) {
          const e = c.d.events[at]
          if (!e || e.time < Number(c.query('since') || 0) * 1e9 || e.time > until) continue
          if (
            yield* sendChunk(
              c.sys,
              c.fd,
              utf8(
                `${JSON.stringify({ Type: e.type, Action: e.action, Actor: { ID: e.id, Attributes: e.attributes }, scope: 'local', time: Math.floor(e.time / 1e9), timeNano: e.time })}\n`,
              ),
            )
          )
            return undefined
        }
        if ((yield* c.sys.clock('realtime')) >= until) break
        const seen = at
        const left = until === Number.POSITIVE_INFINITY ? undefined : until - (yield* c.sys.clock('realtime'))
        yield* c.sys.futex(c.d.changed, () => c.d.events.length > seen, left)
      }
      yield* endChunks(c.sys, c.fd)
      return undefined
    },
  ],
]

/** Answers one request on a connection; false where the connection was taken over. */
function* answer(c: Context): Run<boolean> {
  const path = (c.request.target.split('?')[0] as string).replace(/^\/v\d+\.\d+(?=\/)/, '')
  const matching = (list: readonly Route[]): Route | undefined =>
    list.find(([method, pattern]) => method === c.request.method && pattern.test(path))
  const route = matching(routes) ?? matching(yield* lateRoutes(c.sys, path))
  if (route) {
    const [, pattern, handler] = route
    const m = pattern.exec(path) as RegExpExecArray
    try {
      const result = yield* handler(c, ...m.slice(1).map(unescapePath))
      if (!result) return false
      const body = result.body === undefined ? new Uint8Array(0) : utf8(`${JSON.stringify(result.body)}\n`)
      yield* sendResponse(
        c.sys,
        c.fd,
        result.status,
        { 'Api-Version': API_VERSION, 'Content-Type': 'application/json', Server: `Docker/${VERSION} (linux)` },
        body,
      )
    } catch (e) {
      if (!(e instanceof ApiError)) throw e
      yield* sendResponse(
        c.sys,
        c.fd,
        e.status,
        { 'Api-Version': API_VERSION, 'Content-Type': 'application/json', Server: `Docker/${VERSION} (linux)` },
        utf8(`${JSON.stringify({ message: e.message })}\n`),
      )
    }
    return true
  }
  yield* sendResponse(
    c.sys,
    c.fd,
    404,
    { 'Content-Type': 'application/json' },
    utf8(`${JSON.stringify({ message: 'page not found' })}\n`),
  )
  return true
}
function unescapePath(text: string | undefined): string {
  try {
    return decodeURIComponent(text ?? '')
  } catch {
    return text ?? ''
  }
}

export const dockerd: Program = function* (sys) {
  const d: Daemon = {
    containers: new Map(),
    images: new Map(),
    networks: new Map(),
    volumes: new Map(),
    execs: new Map(),
    events: [],
    leases: new Set(),
    layerSizes: new Map(),
    serial: 0,
    changed: new WaitQueue(),
  }
  for (const dir of [
    '/var/lib/docker/containers',
    '/var/lib/docker/volumes',
    '/run/docker/netns',
    '/run/docker/containerd/daemon',
  ])
    yield* makeDirs(sys, dir, 0o710)
  yield* prepareNat(sys)
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
        const params = (request.target.split('?')[1] ?? '')
          .split('&')
          .filter(Boolean)
          .map((p) => [p.split('=')[0] as string, unescapePath((p.split('=')[1] ?? '').replace(/\+/g, ' '))] as const)
        const queries = (key: string): readonly string[] => params.filter(([k]) => k === key).map(([, v]) => v)
        const keep = yield* answer({
          sys: t,
          fd: connection,
          d,
          request,
          query: (key) => queries(key).at(-1) ?? '',
          queries,
          json: <T>(): T => {
            try {
              return JSON.parse(text(request.body) || '{}') as T
            } catch (e) {
              throw new ApiError(400, `invalid JSON: ${(e as Error).message}`)
            }
          },
          rest: request.headers.upgrade !== undefined ? reader.takeRest() : new Uint8Array(0),
        })
        if (!keep && request.headers.upgrade !== undefined) break
      }
      yield* t.close(connection)
    })
  }
}
