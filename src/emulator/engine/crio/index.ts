/**
 * CRI-O: the CRI and nothing else. Images and layers are in containers/storage, each container has a conmon, and a pod whose containers
 * don't share a process namespace needs no process of its own: its namespaces are pinned to files. cri-o.io; crio(8), crio.conf(5).
 */
import { text } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Fd, Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_RDWR } from '../../kernel/linux/fs/flags.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import type { ImageConfig, Manifest } from '../../oci/image.ts'
import type { Spec, SpecProcess } from '../../oci/runtimespec.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { decode, LineReader, print, readText, unbinary } from '../../userland/lib/io.ts'
import { Frames, START_FD, SYNC_FD, type SyncMessage } from '../conmon.ts'
import { slicePath } from '../containerd/cri.ts'
import { makeSpec } from '../containerd/spec.ts'
import { chooseManifest, copyImage, hostPlatform } from '../containers/copy.ts'
import { registries } from '../containers/names.ts'
import type { Place } from '../containers/place.ts'
import { Problem } from '../containers/problem.ts'
import { Storage } from '../containers/storage.ts'
import { openSource, parseImageName, storageDestination, type World } from '../containers/transport.ts'
import type { Backend, Running, Send } from '../cri/backend.ts'
import { CriService } from '../cri/service.ts'
import type { CriContainer, CriImage } from '../cri/types.ts'
import { ApiError } from '../dockerd/state.ts'
import { writeFile } from '../dockerd/support.ts'
import { treeEntries } from '../layers.ts'
import { serveRpc } from '../rpc.ts'

export const CRIO_SOCKET = '/run/crio/crio.sock'
const VERSION = '1.37.0'
const PAUSE = 'registry.k8s.io/pause:3.10.1'
/** Programs by the names of their handlers, the default first, as CRI-O has it where nothing else is configured. */
const handlers = ['crun', 'runc'] as const
type Handler = (typeof handlers)[number]
const programOf = (h: Handler): string => `/usr/bin/${h}`
const rootOf = (h: Handler): string => `/run/${h}`
const EXITS = '/run/crio/exits'
const place: Place = {
  uid: 0,
  rootless: false,
  user: 'root',
  home: '/root',
  runtimeDir: '/run',
  graphRoot: '/var/lib/containers/storage',
  runRoot: '/run/containers/storage',
  tmp: '/run/crio/tmp',
}

/** Runs a program with its output thrown away: what it complained of, as the last line of its log; undefined where all went well. */
function* runtime(t: Sys, h: Handler, args: readonly string[]): Run<string | undefined> {
  const log = `/run/crio/log-${[...(yield* t.getrandom(4))].map((b) => b.toString(16)).join('')}`
  const pid = yield* t.fork(function* (child) {
    yield* streams(child, undefined, undefined, undefined)
    const program = programOf(h)
    const failed = yield* child.execve(
      program,
      [program, '--root', rootOf(h), '--log', log, '--log-format', 'json', ...args],
      child.environ(),
    )
    return failed.number
  })
  if (isErr(pid)) return pid.text
  const ended = yield* t.wait(pid)
  const said = yield* readText(t, log)
  yield* t.unlink(log)
  if (!isErr(ended) && ended?.code === 0) return undefined
  try {
    return (JSON.parse(isErr(said) ? '' : (said.trim().split('\n').at(-1) ?? '')) as { msg?: string }).msg ?? 'unknown'
  } catch {
    return 'unknown'
  }
}
/** Gives a child its standard streams, whatever numbers the descriptors have, and closes all others but `keep`. */
function* streams(
  child: Sys,
  input: Fd | undefined,
  output: Fd | undefined,
  errors: Fd | undefined,
  keep: readonly (readonly [from: Fd, to: Fd])[] = [],
): Run<void> {
  const nothing = yield* child.open('/dev/null', O_RDWR)
  if (isErr(nothing)) return
  const moved: (readonly [Fd, Fd])[] = []
  for (const [from, to] of [[input ?? nothing, 0], [output ?? nothing, 1], [errors ?? nothing, 2], ...keep] as const) {
    const high = yield* child.dupfd(from, 200, false)
    if (!isErr(high)) moved.push([high, to])
  }
  for (let fd = 3; fd < 200; fd++) yield* child.close(fd)
  for (const [from, to] of moved) {
    yield* child.dup2(from, to)
    yield* child.close(from)
  }
}
/** A copier of a pipe: a thread that hands on what comes. */
class Copies {
  #open = 0
  readonly #done = new WaitQueue()
  take(t: Sys, fd: Fd, stream: 'stdout' | 'stderr', send: Send): void {
    this.#open++
    const ended = (): void => {
      this.#open--
      this.#done.wake()
    }
    t.thread(function* (own) {
      for (;;) {
        const part = yield* own.read(fd, 65536)
        if (isErr(part) || part.length === 0) break
        send(stream, part)
      }
      yield* own.close(fd)
      ended()
    })
  }
  *all(t: Sys): Run<void> {
    yield* t.futex(this.#done, () => this.#open === 0)
  }
}

class CrioBackend implements Backend {
  readonly name = 'cri-o'
  readonly version = VERSION
  readonly pause = PAUSE
  readonly state = '/var/lib/crio'
  readonly network = 'crio'
  readonly #specs = new Map<string, Spec>()
  /** Which runtime has a container. */
  readonly #runtimes = new Map<string, Handler>()
  readonly #ended = new Map<string, number>()
  readonly #changed = new WaitQueue()

  #runtime(id: string): Handler {
    return this.#runtimes.get(id) ?? handlers[0]
  }
  *handlers(): Run<readonly string[]> {
    return handlers
  }
  #storage(t: Sys): Storage {
    return new Storage(t, place)
  }
  /** drop_infra_ctr: only a pod that shares its process namespace needs somebody in it first. */
  needsPause(s: { readonly config: { readonly namespaces: { readonly pid: number } } }): boolean {
    return s.config.namespaces.pid === 0
  }
  cgroup(parent: string, id: string): string {
    if (parent === '') return `/system.slice/crio-${id}.scope`
    return parent.endsWith('.slice')
      ? `${slicePath(parent.slice(parent.lastIndexOf('/') + 1))}/crio-${id}.scope`
      : `${parent}/crio-${id}`
  }
  *images(t: Sys): Run<readonly CriImage[]> {
    const storage = this.#storage(t)
    const out: CriImage[] = []
    for (const i of yield* storage.images()) {
      const m = yield* storage.imageJson<Manifest>(i.id, 'manifest')
      const config = yield* storage.imageJson<ImageConfig>(i.id, m.config.digest)
      const layers = yield* storage.layerChain(i.layer)
      const bare = (name: string): string => name.replace(/[:@](?!.*\/).*$/, '')
      out.push({
        id: `sha256:${i.id}`,
        repoTags: i.names.filter((n) => !n.includes('@')),
        repoDigests: [...new Set(i.names.map((n) => `${bare(n)}@${i.digest}`))],
        size: layers.reduce((n, l) => n + (l['diff-size'] ?? 0), 0),
        pinned: i.names.includes(PAUSE),
        config,
      })
    }
    return out
  }
  *pull(t: Sys, name: string): Run<string | undefined> {
    const storage = this.#storage(t)
    const world: World = {
      sys: t,
      storage,
      registries: yield* registries(t, place),
      *docker() {
        return {}
      },
    }
    const parsed = parseImageName(`docker://${name}`)
    if ('error' in parsed) return parsed.error
    try {
      const source = yield* openSource(world, parsed)
      try {
        const platform = yield* hostPlatform(t)
        const chosen = yield* chooseManifest(source, platform)
        const to = yield* storageDestination(world, [name], chosen.index ? [chosen.index] : [])
        yield* copyImage(source, to, { platform })
      } finally {
        yield* source.close()
      }
      return undefined
    } catch (e) {
      if (!(e instanceof Problem)) throw e
      return e.message
    }
  }
  *removeImage(t: Sys, image: CriImage): Run<void> {
    yield* this.#storage(t).deleteImage(image.id.slice(7))
  }
  *create(t: Sys, w: Parameters<Backend['create']>[1]): Run<number | string> {
    const storage = this.#storage(t)
    const m = w.sandbox.config.metadata
    const name = w.container
      ? `k8s_${w.container.config.metadata.name}_${m.name}_${m.namespace}_${m.uid}_${w.container.config.metadata.attempt}`
      : `k8s_POD_${m.name}_${m.namespace}_${m.uid}_${m.attempt}`
    const image = (yield* storage.images()).find((i) => i.id === w.image.id.slice(7))
    let spec: Spec
    let bundle: string
    try {
      const c = yield* storage.createContainer({
        id: w.id,
        name,
        image,
        metadata: { 'pod-name': m.name, 'pod-id': w.sandbox.id },
      })
      const root = yield* storage.mount(c)
      const { upper, lower } = yield* storage.layersOf(c)
      spec = {
        ...(yield* makeSpec(t, [upper, ...lower], w.options)),
        root: { path: root, readonly: w.options.readonly ?? false },
      }
      bundle = storage.runDir(w.id)
    } catch (e) {
      if (e instanceof Problem || e instanceof ApiError) return e.message
      throw e
    }
    this.#specs.set(w.id, spec)
    this.#runtimes.set(w.id, handlers.find((h) => h === w.sandbox.handler) ?? handlers[0])
    yield* makeDirs(t, bundle, 0o700)
    yield* writeFile(t, `${bundle}/config.json`, JSON.stringify(spec))
    t.traceMark('file', 'file:config.json', `${bundle}/config.json`, JSON.stringify(spec))
    const pid = yield* this.#conmon(t, w.id, name, bundle, w.container)
    if (typeof pid === 'number') return pid
    yield* storage.unmount({ layer: (yield* storage.findContainer(w.id))?.layer ?? '' }, true)
    yield* storage.deleteContainer(w.id)
    return pid
  }
  /** Starts conmon, which creates the container and stays its parent; answers the container's pid. */
  *#conmon(t: Sys, id: string, name: string, bundle: string, c: CriContainer | undefined): Run<number | string> {
    const sync = yield* t.pipe()
    const start = yield* t.pipe()
    if (isErr(sync) || isErr(start)) return 'too many open files'
    const args = [
      '/usr/bin/conmon',
      '-b',
      bundle,
      '-c',
      id,
      '--exit-dir',
      EXITS,
      '-l',
      c?.logPath || '/dev/null',
      '--log-level',
      'info',
      '-n',
      name,
      '-P',
      `${bundle}/conmon-pidfile`,
      '-p',
      `${bundle}/pidfile`,
      '-r',
      programOf(this.#runtime(id)),
      '--runtime-arg',
      `--root=${rootOf(this.#runtime(id))}`,
      '--runtime-arg',
      `--log=${bundle}/log.json`,
      '--runtime-arg',
      '--log-format=json',
      '-u',
      id,
      ...(c?.config.tty ? ['-t'] : []),
      ...(c?.config.stdin ? ['-i'] : []),
    ]
    const conmon = yield* t.fork(function* (child) {
      yield* streams(child, undefined, undefined, undefined, [
        [sync[1], SYNC_FD],
        [start[0], START_FD],
      ])
      const failed = yield* child.execve('/usr/bin/conmon', args, [
        ...child.environ().filter((e) => e.startsWith('PATH=')),
        `_OCI_SYNCPIPE=${SYNC_FD}`,
        `_OCI_STARTPIPE=${START_FD}`,
      ])
      return failed.number
    })
    yield* t.close(sync[1])
    yield* t.close(start[0])
    if (isErr(conmon)) return conmon.text
    yield* t.wait(conmon)
    yield* t.write(start[1], Uint8Array.of(1))
    yield* t.close(start[1])
    const line = yield* new LineReader(t, sync[0]).next()
    yield* t.close(sync[0])
    if (typeof line !== 'string') return 'container creation failed'
    const said = JSON.parse(decode(unbinary(line))) as SyncMessage
    if (said.pid < 0) return said.message ?? 'container creation failed'
    this.#watch(t, id, bundle)
    return said.pid
  }
  /** Learns of a container's end over conmon's attach socket, and its exit code from the file that conmon leaves. */
  #watch(t: Sys, id: string, bundle: string): void {
    const ended = (code: number): void => {
      this.#ended.set(id, code)
      this.#changed.wake()
    }
    t.thread(function* (own) {
      const fd = yield* own.socket('unix', 'stream')
      if (isErr(fd) || (yield* own.connect(fd, { family: 'unix', path: `${bundle}/attach` }))) {
        ended(255)
        return
      }
      const frames = new Frames()
      for (;;) {
        const part = yield* own.read(fd, 65536)
        if (isErr(part) || part.length === 0) break
        const last = frames.take(part).find((f) => f.stream === 1)
        if (!last) continue
        const file = yield* readText(own, `${EXITS}/${id}`)
        yield* own.close(fd)
        ended(Number(isErr(file) ? text(last.bytes) : file))
        return
      }
      yield* own.close(fd)
      ended(255)
    })
  }
  start(t: Sys, id: string): Run<string | undefined> {
    return runtime(t, this.#runtime(id), ['start', id])
  }
  *kill(t: Sys, id: string, signal: number): Run<void> {
    yield* runtime(t, this.#runtime(id), ['kill', id, String(signal)])
  }
  *wait(t: Sys, id: string): Run<number> {
    yield* t.futex(this.#changed, () => this.#ended.has(id))
    return this.#ended.get(id) ?? 255
  }
  *remove(t: Sys, id: string): Run<void> {
    const storage = this.#storage(t)
    yield* runtime(t, this.#runtime(id), ['delete', '--force', id])
    const c = yield* storage.findContainer(id)
    if (c) {
      yield* storage.unmount(c, true)
      yield* storage.deleteContainer(c.id)
    }
    yield* t.unlink(`${EXITS}/${id}`)
    this.#specs.delete(id)
    this.#runtimes.delete(id)
    this.#ended.delete(id)
  }
  *exec(t: Sys, c: CriContainer, process: SpecProcess, input: boolean, send: Send): Run<Running | string> {
    if (process.terminal) return yield* this.#execTerminal(t, c, process, send)
    const file = `/run/crio/exec-${[...(yield* t.getrandom(6))].map((b) => b.toString(16)).join('')}.json`
    yield* writeFile(t, file, JSON.stringify(process))
    const pipes = [yield* t.pipe(), yield* t.pipe(), yield* t.pipe()] as const
    const [stdin, stdout, stderr] = pipes
    if (isErr(stdin) || isErr(stdout) || isErr(stderr)) return 'too many open files'
    const log = `${file}.log`
    const h = this.#runtime(c.id)
    // crun tells its caller beside its log.
    const logging = h === 'crun' ? [] : ['--log', log, '--log-format', 'json']
    const pid = yield* t.fork(function* (child) {
      yield* streams(child, input ? stdin[0] : undefined, stdout[1], stderr[1])
      const failed = yield* child.execve(
        programOf(h),
        [programOf(h), '--root', rootOf(h), ...logging, 'exec', '--process', file, c.id],
        child.environ(),
      )
      return failed.number
    })
    for (const fd of [stdin[0], stdout[1], stderr[1]]) yield* t.close(fd)
    if (isErr(pid)) return pid.text
    const copies = new Copies()
    copies.take(t, stdout[0], 'stdout', send)
    copies.take(t, stderr[0], 'stderr', send)
    return {
      stdin: stdin[1],
      *resize() {},
      *wait(own) {
        const ended = yield* own.wait(pid)
        yield* copies.all(own)
        const said = yield* readText(own, log)
        for (const path of [file, log]) yield* own.unlink(path)
        if (!isErr(said) && said.trim() !== '') send('stderr', new TextEncoder().encode(`${messageOf(said)}\n`))
        return isErr(ended) || !ended ? 255 : ended.signal !== undefined ? 128 + ended.signal : (ended.code ?? 0)
      },
    }
  }
  /** With a terminal: the runtime hands its master over a socket. */
  *#execTerminal(t: Sys, c: CriContainer, process: SpecProcess, send: Send): Run<Running | string> {
    const base = `/run/crio/exec-${[...(yield* t.getrandom(6))].map((b) => b.toString(16)).join('')}`
    yield* writeFile(t, `${base}.json`, JSON.stringify(process))
    const socket = yield* t.socket('unix', 'stream')
    if (isErr(socket)) return socket.text
    yield* t.bind(socket, { family: 'unix', path: `${base}.sock` })
    yield* t.listen(socket)
    const h = this.#runtime(c.id)
    const pid = yield* t.fork(function* (child) {
      yield* streams(child, undefined, undefined, undefined)
      const failed = yield* child.execve(
        programOf(h),
        [
          programOf(h),
          '--root',
          rootOf(h),
          '--log',
          `${base}.log`,
          '--log-format',
          'json',
          'exec',
          '--console-socket',
          `${base}.sock`,
          '--process',
          `${base}.json`,
          c.id,
        ],
        child.environ(),
      )
      return failed.number
    })
    if (isErr(pid)) return pid.text
    const connection = yield* t.accept(socket)
    const master = isErr(connection) ? connection : yield* t.recvfd(connection)
    if (!isErr(connection)) yield* t.close(connection)
    yield* t.close(socket)
    for (const end of ['sock', 'json']) yield* t.unlink(`${base}.${end}`)
    if (isErr(master)) {
      yield* t.wait(pid)
      return master.text
    }
    const copies = new Copies()
    const reader = yield* t.dup(master)
    copies.take(t, isErr(reader) ? master : reader, 'stdout', send)
    return {
      stdin: master,
      *resize(own, rows, columns) {
        yield* own.ioctl(master, 'TIOCSWINSZ', { rows, columns })
      },
      *wait(own) {
        const ended = yield* own.wait(pid)
        yield* copies.all(own)
        yield* own.unlink(`${base}.log`)
        return isErr(ended) || !ended ? 255 : ended.signal !== undefined ? 128 + ended.signal : (ended.code ?? 0)
      },
    }
  }
  *spec(_t: Sys, id: string): Run<Spec | undefined> {
    return this.#specs.get(id)
  }
  *usage(t: Sys, id: string): Run<{ readonly bytes: number; readonly inodes: number }> {
    const storage = this.#storage(t)
    const c = yield* storage.findContainer(id)
    const entries = c ? yield* treeEntries(t, `${storage.layerDir(c.layer)}/diff`) : []
    if (isErr(entries)) return { bytes: 0, inodes: 0 }
    return { bytes: entries.reduce((n, e) => n + (e.data?.size ?? 0), 0), inodes: entries.length + 1 }
  }
  info(): Readonly<Record<string, unknown>> {
    return { privileged: false }
  }
}
const messageOf = (log: string): string => {
  try {
    return (JSON.parse(log.trim().split('\n').at(-1) ?? '') as { msg?: string }).msg ?? log
  } catch {
    return log
  }
}

export const crio: Program = function* (sys, argv) {
  // What a fresh one holds, by order of magnitude; nobody publishes a figure.
  yield* sys.brk(52 * 1024 ** 2)
  if (argv[1] === '--version' || argv[1] === 'version') {
    yield* print(sys, `crio version ${VERSION}\n`)
    return 0
  }
  for (const dir of ['/run/crio', EXITS, place.graphRoot, place.runRoot]) yield* makeDirs(sys, dir)
  return yield* serveRpc(sys, CRIO_SOCKET, new CriService(sys, new CrioBackend()).methods())
}
