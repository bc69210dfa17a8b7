/**
 * container-apiserver: the daemon of Apple's container tool. Each container is a virtual machine of its own; a helper process
 * (container-runtime-linux) holds it, and vminitd in the machine starts the container's process.
 */
import { utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Pid, Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_CREAT, O_RDWR, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { SIGKILL } from '../../kernel/linux/signals.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import type { Partition, PartitionRequest, Share } from '../../machine/hypervisor.ts'
import type { Spec } from '../../oci/runtimespec.ts'
import { exampleSpec } from '../../runtime/example.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { decode, LineReader, unbinary, write, writeAll } from '../../userland/lib/io.ts'
import { removeTree } from '../containerd.ts'
import { findImage } from '../dockerd/images.ts'
import { ApiError, type Daemon } from '../dockerd/state.ts'
import { askGuest, awaitGuest, callGuest, readGuest, sendSignal } from '../guest.ts'
import { callRpc, done, type Methods, type Reply, serveRpc } from '../rpc.ts'
import { pullImage } from '../windows/dockerd/layers.ts'
import { GCS_PORT } from '../windows/gcs.ts'

export const APP = '/Users/zukan/Library/Application Support/com.apple.container'
export const API_SOCKET = `${APP}/apiserver.sock`
const RUNTIME = '/usr/local/libexec/container/plugins/container-runtime-linux'

export interface ContainerOptions {
  readonly name?: string
  readonly image: string
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly cwd?: string
  readonly cpus?: number
  /** Bytes. */
  readonly memory?: number
  readonly volumes: readonly string[]
  readonly remove: boolean
}
export interface ContainerInfo {
  readonly id: string
  readonly image: string
  readonly os: string
  readonly arch: string
  readonly state: 'running' | 'stopped'
  readonly address: string
  readonly cpus: number
  readonly memory: number
}
interface Known {
  readonly options: ContainerOptions
  readonly info: Omit<ContainerInfo, 'state' | 'address'>
  readonly layers: readonly string[]
  readonly spec: Spec
  state: 'running' | 'stopped'
  cid: number
  helper: Pid
  pid: Pid
  stream: number | undefined
  code: number
  readonly log: Uint8Array[]
  readonly changed: WaitQueue
}
const layerFolder = (_os: string, chain: string): string => `${APP}/snapshots/${chain.replace('sha256:', '')}`

/** container-runtime-linux ID JSON: holds the machine of one container. Tells its vsock number when init runs. */
export const appleRuntime: Program = function* (sys, argv) {
  const request = JSON.parse(argv[2] ?? '{}') as PartitionRequest
  yield* sys.setproctitle(`${RUNTIME} start --root ${APP}/containers/${argv[1]} --uuid ${argv[1]}`)
  const device = yield* sys.open('/dev/hypervisor', O_RDWR)
  if (isErr(device)) return 1
  const cid = yield* sys.ioctl<number>(device, 'HvCreatePartition', request)
  const partition = isErr(cid) ? cid : yield* sys.ioctl<Partition>(device, 'HvRun')
  if (isErr(cid) || isErr(partition)) {
    yield* write(sys, 1, 'error the machine could not be started: not enough memory\n')
    return 1
  }
  yield* sys.brk(partition.touched)
  yield* write(sys, 1, `${cid}\n`)
  yield* sys.close(1)
  for (;;) yield* sys.pause()
}

export const appleApiserver: Program = function* (sys) {
  // What a fresh one holds, by order of magnitude; nobody publishes a figure.
  yield* sys.brk(18 * 1024 ** 2)
  const d = { images: new Map() } as unknown as Daemon
  const known = new Map<string, Known>()
  yield* makeDirs(sys, `${APP}/containers`)
  const writeState = function* (t: Sys, id: string, k: Known): Run<void> {
    const folder = `${APP}/containers/${id}`
    yield* makeDirs(t, folder)
    const fd = yield* t.open(`${folder}/config.v2.json`, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    if (isErr(fd)) return
    const Status = k.state === 'running' ? 'running' : 'exited'
    const document = {
      Name: id,
      State: { Status, Running: k.state === 'running', Pid: k.pid, ExitCode: k.code },
      Config: { Image: k.options.image },
    }
    yield* writeAll(t, fd, utf8(JSON.stringify(document)))
    yield* t.close(fd)
  }
  const stopped = function* (t: Sys, id: string, k: Known, code: number): Run<void> {
    if (k.state === 'stopped' && k.helper === 0) return
    const { helper } = k
    k.helper = 0
    k.cid = 0
    k.code = code
    k.state = 'stopped'
    yield* t.kill(helper, SIGKILL)
    yield* t.wait(helper)
    yield* writeState(t, id, k)
    k.changed.wake()
    if (k.options.remove) yield* forget(t, id)
  }
  const forget = function* (t: Sys, id: string): Run<void> {
    known.delete(id)
    yield* removeTree(t, `${APP}/containers/${id}`)
  }
  const missing = (id: string): Reply<unknown> => ({
    ok: false,
    error: `notFound: "container with ID ${id} not found"`,
  })
  /** Boots the container's machine and has vminitd prepare the container. */
  const bootstrap = function* (t: Sys, id: string, k: Known): Run<string | undefined> {
    const volumes = k.options.volumes.map((v, i) => {
      const [source = '', destination = ''] = v.split(':')
      return { source, destination, tag: `bind${i}` }
    })
    const request: PartitionRequest = {
      name: `${id}@vm`,
      memory: k.info.memory,
      cpus: k.info.cpus,
      system: 'apple',
      shares: [
        ...k.layers.map((path, i): Share => ({ tag: `layer${i}`, path, protocol: 'ext4' })),
        ...volumes.map((v): Share => ({ tag: v.tag, path: v.source, protocol: 'virtiofs' })),
      ],
    }
    const ends = yield* t.pipe()
    if (isErr(ends)) return ends.text
    const helper = yield* t.fork(function* (child) {
      yield* child.setsid()
      yield* child.dup2(ends[1], 1)
      yield* child.closeRange(3)
      return (yield* child.execve(RUNTIME, [RUNTIME, id, JSON.stringify(request)], child.environ())).number
    })
    yield* t.close(ends[1])
    if (isErr(helper)) return helper.text
    k.helper = helper
    const line = yield* new LineReader(t, ends[0]).next()
    yield* t.close(ends[0])
    const cid = typeof line === 'string' ? Number(decode(unbinary(line))) : Number.NaN
    if (!Number.isInteger(cid) || !(yield* awaitGuest(t, cid, GCS_PORT))) {
      yield* t.kill(helper, SIGKILL)
      yield* t.wait(helper)
      k.helper = 0
      return typeof line === 'string' ? decode(unbinary(line)).replace(/^error /, '') : 'the machine did not start'
    }
    k.cid = cid
    t.traceMark('grpc', `machine:${id}@vm`, 'SandboxContext.CreateProcess (vminitd over vsock)')
    const made = yield* callGuest(t, cid, GCS_PORT, {
      op: 'create',
      id,
      layers: k.layers.length,
      binds: volumes.map(({ tag, destination }) => ({ tag, destination })),
      spec: k.spec,
    })
    return typeof made === 'string' ? made : undefined
  }

  const methods: Methods = {
    *ping() {
      return done
    },
    *imagePull(t, p: { reference: string; arch: string }): Run<Reply<unknown>> {
      try {
        const platform = { os: 'linux', architecture: p.arch }
        yield* pullImage(t, d, p.reference, [platform], function* () {}, layerFolder)
        return done
      } catch (e) {
        if (!(e instanceof ApiError)) throw e
        return { ok: false, error: e.message }
      }
    },
    *imageList() {
      return {
        ok: true,
        result: [...d.images.values()].flatMap((i) =>
          [...i.tags].map((t) => ({ name: t.split(':')[0], tag: t.split(':')[1], digest: i.target.digest })),
        ),
      }
    },
    *containerCreate(t, p: ContainerOptions): Run<Reply<unknown>> {
      const id = p.name ?? (yield* uuid(t))
      if (known.has(id)) return { ok: false, error: `exists: "container with id ${id} already exists"` }
      try {
        const image = findImage(d, p.image)
        const c = image.config.config
        const words =
          p.args.length > 0 ? [...(c.Entrypoint ?? []), ...p.args] : [...(c.Entrypoint ?? []), ...(c.Cmd ?? [])]
        const base = exampleSpec('container')
        const spec: Spec = {
          ...base,
          hostname: id.slice(0, 63),
          root: { path: 'rootfs', readonly: false },
          process: {
            ...base.process,
            terminal: false,
            args: words,
            env: [...(c.Env ?? []), ...p.env],
            cwd: p.cwd || c.WorkingDir || '/',
            noNewPrivileges: false,
          },
        }
        const { architecture } = image.config
        const k: Known = {
          options: p,
          info: {
            id,
            image: p.image,
            os: 'linux',
            arch: architecture,
            cpus: p.cpus ?? 4,
            memory: p.memory ?? 1024 ** 3,
          },
          layers: [...image.chain].reverse().map((chain) => layerFolder('linux', chain)),
          spec,
          state: 'stopped',
          cid: 0,
          helper: 0,
          pid: 0,
          stream: undefined,
          code: 0,
          log: [],
          changed: new WaitQueue(),
        }
        known.set(id, k)
        yield* writeState(t, id, k)
        return { ok: true, result: { id } }
      } catch (e) {
        if (!(e instanceof ApiError)) throw e
        return { ok: false, error: `notFound: "image ${p.image} not found"` }
      }
    },
    /** Starts a container; answers when its process runs, or with `attach` the machine in which the caller starts it. */
    *containerStart(t, p: { id: string; attach?: boolean }): Run<Reply<unknown>> {
      const k = known.get(p.id)
      if (!k) return missing(p.id)
      if (k.state === 'running') return { ok: true, result: { cid: k.cid } }
      const failed = yield* bootstrap(t, p.id, k)
      if (failed !== undefined) return { ok: false, error: `internalError: "failed to bootstrap container: ${failed}"` }
      k.state = 'running'
      yield* writeState(t, p.id, k)
      if (p.attach) return { ok: true, result: { cid: k.cid } }
      const stream = yield* askGuest(t, k.cid, GCS_PORT, { op: 'run', id: p.id })
      if (stream === undefined) return { ok: false, error: 'internalError: "vminitd does not answer"' }
      k.stream = stream
      t.thread(function* (own) {
        const code = yield* readGuest(own, stream, {
          *started(pid) {
            k.pid = pid
            yield* writeState(own, p.id, k)
            k.changed.wake()
          },
          *output(_stream, bytes) {
            k.log.push(bytes)
          },
        })
        yield* own.close(stream)
        k.stream = undefined
        yield* stopped(own, p.id, k, typeof code === 'number' ? code : 1)
      })
      yield* t.futex(k.changed, () => k.pid !== 0 || k.state === 'stopped')
      return { ok: true, result: { cid: k.cid } }
    },
    /** The caller's own process of a container has ended. */
    *containerEnded(t, p: { id: string; code: number }): Run<Reply<unknown>> {
      const k = known.get(p.id)
      if (k) yield* stopped(t, p.id, k, p.code)
      return done
    },
    *containerStop(t, p: { id: string; signal: number }): Run<Reply<unknown>> {
      const k = known.get(p.id)
      if (!k) return missing(p.id)
      if (k.state === 'stopped') return done
      if (k.stream !== undefined) {
        yield* sendSignal(t, k.stream, p.signal)
        if (!(yield* t.futex(k.changed, () => k.state === 'stopped', 5_000_000_000)) && k.stream !== undefined)
          yield* sendSignal(t, k.stream, SIGKILL)
        yield* t.futex(k.changed, () => k.state === 'stopped', 1_000_000_000)
      }
      yield* stopped(t, p.id, k, 137)
      return done
    },
    *containerDelete(t, p: { id: string; force?: boolean }): Run<Reply<unknown>> {
      const k = known.get(p.id)
      if (!k) return missing(p.id)
      if (k.state === 'running' && !p.force)
        return { ok: false, error: `invalidState: "container ${p.id} is running and can not be deleted"` }
      if (k.state === 'running') yield* stopped(t, p.id, k, 137)
      if (known.has(p.id)) yield* forget(t, p.id)
      return done
    },
    *containerList(): Run<Reply<unknown>> {
      return {
        ok: true,
        result: [...known.values()].map(
          (k): ContainerInfo => ({ ...k.info, state: k.state, address: k.cid > 0 ? `192.168.64.${k.cid - 1}` : '' }),
        ),
      }
    },
    *containerLogs(_t, p: { id: string }): Run<Reply<unknown>> {
      const k = known.get(p.id)
      return k ? { ok: true, result: { text: k.log.map((b) => decode(b)).join('') } } : missing(p.id)
    },
    *containerConnect(_t, p: { id: string }): Run<Reply<unknown>> {
      const k = known.get(p.id)
      if (!k) return missing(p.id)
      return k.state === 'running'
        ? { ok: true, result: { cid: k.cid } }
        : { ok: false, error: `invalidState: "container ${p.id} is not running"` }
    },
  }
  // XPC asks for no rights on a path: whoever is logged in may call.
  yield* sys.umask(0)
  return yield* serveRpc(sys, API_SOCKET, methods)
}
function* uuid(sys: Sys): Run<string> {
  const h = [...(yield* sys.getrandom(16))].map((b) => (b + 256).toString(16).slice(1)).join('')
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20)}`
}
/** A call to the daemon, as the tool makes it by XPC. */
export const apple = <T = unknown>(sys: Sys, method: string, params: object = {}): Run<Reply<T>> =>
  callRpc<T>(sys, API_SOCKET, 'container-apiserver', method, { ...params }, 'api')
