/** containerd's CRI plugin: pods in the namespace k8s.io, each with one shim; what the interface asks is done by containerd's own services. */
import { isErr } from '../../base/errno.ts'
import type { Fd, Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_RDONLY, O_RDWR, S_IFIFO } from '../../kernel/linux/fs/flags.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import { chainIds } from '../../oci/digest.ts'
import type { Spec } from '../../oci/runtimespec.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { readText } from '../../userland/lib/io.ts'
import { keyOf, type Store } from '../containerd.ts'
import type { Backend, Running, Send, Work } from '../cri/backend.ts'
import { CriService } from '../cri/service.ts'
import type { CriContainer, CriImage, Sandbox } from '../cri/types.ts'
import { releaseReaders } from '../dockerd/start.ts'
import { ApiError } from '../dockerd/state.ts'
import { treeEntries } from '../layers.ts'
import type { Reply } from '../rpc.ts'
import { type LogLine, StreamLog } from '../streamlog.ts'
import { imagesOf, type StoredImage } from './images.ts'
import { RUNC_V2 } from './index.ts'
import { plugin } from './plugin.ts'
import { makeSpec } from './spec.ts'
import { transfer } from './transfer.ts'
import { CONTAINERD_VERSION } from './version.ts'

const NS = 'k8s.io'
const PAUSE = 'registry.k8s.io/pause:3.10.1'
const STATE = '/var/lib/containerd/io.containerd.grpc.v1.cri'
const IO = '/run/containerd/io.containerd.grpc.v1.cri/containers'
/** A slice of systemd's as a path: `a-b.slice` lies in `a.slice`. */
export function slicePath(slice: string): string {
  const parts = slice.replace(/\.slice$/, '').split('-')
  return parts.map((_, n) => `/${parts.slice(0, n + 1).join('-')}.slice`).join('')
}

/** A container's streams: fifos that are read into its log in the kubelet's format. */
class Streams {
  readonly dir: string
  readonly stdio: {
    readonly stdin: string
    readonly stdout: string
    readonly stderr: string
    readonly terminal: boolean
  }
  #reading = 0
  readonly #done = new WaitQueue()
  stdin: Fd | undefined
  constructor(dir: string, name: string, tty: boolean, input: boolean) {
    this.dir = dir
    const at = (what: string): string => `${dir}/${name}${what}`
    this.stdio = {
      stdin: input ? at('stdin') : '',
      stdout: at('stdout'),
      stderr: tty ? '' : at('stderr'),
      terminal: tty,
    }
  }
  *open(t: Sys, take: (t: Sys, stream: 'stdout' | 'stderr', bytes: Uint8Array) => Run<void>): Run<void> {
    const { stdin, stdout, stderr } = this.stdio
    yield* makeDirs(t, this.dir, 0o700)
    for (const path of [stdin, stdout, stderr].filter(Boolean)) {
      yield* t.unlink(path)
      yield* t.mknod(path, S_IFIFO | 0o700)
    }
    if (stdin) {
      const fd = yield* t.open(stdin, O_RDWR)
      this.stdin = isErr(fd) ? undefined : fd
    }
    for (const [stream, path] of [
      ['stdout', stdout],
      ['stderr', stderr],
    ] as const) {
      if (!path) continue
      this.#reading++
      const ended = (): void => {
        this.#reading--
        this.#done.wake()
      }
      t.thread(function* (own) {
        const fd = yield* own.open(path, O_RDONLY)
        while (!isErr(fd)) {
          const part = yield* own.read(fd, 65536)
          if (isErr(part) || part.length === 0) break
          yield* take(own, stream, part)
        }
        if (!isErr(fd)) yield* own.close(fd)
        ended()
      })
    }
  }
  *close(t: Sys): Run<void> {
    yield* releaseReaders(t, [this.stdio.stdout, this.stdio.stderr])
    yield* t.futex(this.#done, () => this.#reading === 0)
    if (this.stdin !== undefined) yield* t.close(this.stdin)
    this.stdin = undefined
    for (const path of [this.stdio.stdin, this.stdio.stdout, this.stdio.stderr]) if (path) yield* t.unlink(path)
  }
}
/** Lines as the kubelet reads them: time, stream, F for a whole line or P for a part, text. */
const criLine: LogLine = (time, stream, text, whole) => `${time} ${stream} ${whole ? 'F' : 'P'} ${text}\n`

const CONFIG = '/etc/containerd/config.toml'
/** A runtime of config.toml: the name of its shim, where that lies if not along PATH, and for runc's the program. */
export interface Handler {
  readonly type: string
  readonly path?: string
  readonly binary?: string
}
/** `runtimes.NAME` of config.toml with their options; runc is there always. */
export function handlersOf(toml: string): ReadonlyMap<string, Handler> {
  const out = new Map<string, Handler>([['runc', { type: RUNC_V2, binary: '/usr/bin/runc' }]])
  let name: string | undefined
  let options = false
  for (const line of toml.split('\n')) {
    if (line.trimStart().startsWith('[')) {
      const [, found, rest] = /\.containerd\.runtimes\.([\w-]+)(\.options)?\]/.exec(line) ?? []
      name = found
      options = rest !== undefined
    }
    const [, key, value] = /^\s*(BinaryName|runtime_type|runtime_path)\s*=\s*["'](.+)["']\s*$/.exec(line) ?? []
    if (name === undefined || key === undefined || value === undefined) continue
    const known = out.get(name) ?? { type: RUNC_V2 }
    if (options && key === 'BinaryName') out.set(name, { ...known, binary: value })
    if (!options && key === 'runtime_type') out.set(name, { ...known, type: value })
    if (!options && key === 'runtime_path') out.set(name, { ...known, path: value })
  }
  return out
}

function backendOf(store: Store): Backend {
  const call = function* <T = unknown>(t: Sys, method: string, params: object): Run<Reply<T>> {
    const act = store.methods[method] as ((t: Sys, p: unknown) => Run<Reply<unknown>>) | undefined
    return (act ? yield* act(t, { ns: NS, ...params }) : { ok: false, error: `unknown method ${method}` }) as Reply<T>
  }
  const specs = new Map<string, Spec>()
  const streams = new Map<string, Streams>()
  const logs = new Map<string, StreamLog>()
  let configured: ReadonlyMap<string, Handler> | undefined
  /** Runtimes by the names of their handlers: read once. */
  const runtimes = function* (t: Sys): Run<ReadonlyMap<string, Handler>> {
    const config = yield* readText(t, CONFIG)
    configured ??= handlersOf(isErr(config) ? '' : config)
    return configured
  }
  const find = (i: StoredImage, all: readonly StoredImage[]): CriImage => {
    const same = all.filter((x) => x.configDigest === i.configDigest)
    const [bare = ''] = i.name.split(/[:@](?!.*\/)/)
    return {
      id: i.configDigest,
      repoTags: same.map((x) => x.name).filter((n) => !n.includes('@')),
      repoDigests: [`${bare}@${i.target.digest}`],
      size: i.size,
      pinned: i.name === PAUSE,
      config: i.config,
    }
  }
  const list = function* (t: Sys): Run<readonly StoredImage[]> {
    return yield* imagesOf(t, store, NS)
  }
  return {
    name: 'containerd',
    version: CONTAINERD_VERSION,
    pause: PAUSE,
    *handlers(t) {
      return [...(yield* runtimes(t)).keys()]
    },
    state: STATE,
    needsPause: () => true,
    cgroup: (parent, id) =>
      parent === ''
        ? `/${NS}/${id}`
        : parent.endsWith('.slice')
          ? `${slicePath(parent.slice(parent.lastIndexOf('/') + 1))}/cri-containerd-${id}.scope`
          : `${parent}/${id}`,
    *images(t) {
      const all = yield* list(t)
      return all
        .filter((i, n) => all.findIndex((x) => x.configDigest === i.configDigest) === n)
        .map((i) => find(i, all))
    },
    *pull(t, name) {
      const r = yield* transfer(t, store, { ns: NS, name })
      return r.ok
        ? undefined
        : r.error.replace(/^failed to resolve image/, `failed to resolve reference ${JSON.stringify(name)}`)
    },
    *removeImage(t, image) {
      for (const name of image.repoTags) store.images.delete(keyOf({ ns: NS, id: name }))
      yield* store.save(t)
    },
    *create(t, w) {
      const chain = chainIds(w.image.config.rootfs.diff_ids)
      const key = keyOf({ ns: NS, id: w.id })
      const prepared = yield* call<{ upper: string; work: string; lower: string[] }>(t, 'snapshots.Prepare', {
        key,
        parent: chain.at(-1),
      })
      if (!prepared.ok) return prepared.error
      const rootfs = prepared.result
      const c = w.container
      const undo = function* (message: string): Run<string> {
        yield* call(t, 'containers.Delete', { id: w.id })
        yield* call(t, 'snapshots.Remove', { key })
        return message
      }
      let spec: Spec
      try {
        spec = {
          ...(yield* makeSpec(t, [rootfs.upper, ...rootfs.lower], w.options)),
          annotations: annotationsOf(w),
        }
      } catch (e) {
        if (!(e instanceof ApiError)) throw e
        return yield* undo(e.message)
      }
      specs.set(w.id, spec)
      const image = w.image.repoTags[0] ?? w.image.id
      const handler = (yield* runtimes(t)).get(w.sandbox.handler || 'runc') ?? { type: RUNC_V2 }
      yield* call(t, 'containers.Create', {
        id: w.id,
        image,
        runtime: handler.type,
        snapshotter: 'overlayfs',
        snapshotKey: w.id,
        labels: {
          ...w.image.config.config.Labels,
          ...(c ?? w.sandbox).config.labels,
          'io.cri-containerd.kind': c ? 'container' : 'sandbox',
        },
        spec,
      })
      let stdio = { stdin: '', stdout: '', stderr: '', terminal: false }
      if (c) {
        const s = new Streams(`${IO}/${w.id}/io`, '', c.config.tty, c.config.stdin)
        const log = new StreamLog(c.logPath, 0o640, criLine)
        yield* s.open(t, (own, stream, bytes) => log.write(own, stream, bytes))
        streams.set(w.id, s)
        logs.set(w.id, log)
        stdio = { ...s.stdio }
      }
      const task = yield* call<{ pid: number }>(t, 'tasks.Create', {
        id: w.id,
        spec,
        rootfs,
        stdio,
        image,
        runtime:
          handler.type === RUNC_V2
            ? {
                name: RUNC_V2,
                options: {
                  BinaryName: handler.binary ?? '/usr/bin/runc',
                  Root: '/run/containerd/runc',
                  SystemdCgroup: false,
                },
              }
            : { name: handler.path ?? handler.type },
        // A pod without a process of its own for its namespaces has no shim to share.
        ...(c && w.sandbox.pid !== 0 ? { sandbox: w.sandbox.id } : {}),
      })
      if (task.ok) return task.result.pid
      yield* streams.get(w.id)?.close(t) ?? nothing()
      return yield* undo(task.error)
    },
    *start(t, id) {
      const r = yield* call(t, 'tasks.Start', { id })
      return r.ok ? undefined : r.error
    },
    *kill(t, id, signal) {
      yield* call(t, 'tasks.Kill', { id, signal })
    },
    *wait(t, id) {
      const r = yield* call<{ status: number }>(t, 'tasks.Wait', { id })
      yield* streams.get(id)?.close(t) ?? nothing()
      for (const stream of ['stdout', 'stderr'] as const) yield* logs.get(id)?.write(t, stream, undefined) ?? nothing()
      return r.ok ? r.result.status : 255
    },
    *remove(t, id) {
      yield* call(t, 'tasks.Delete', { id })
      yield* streams.get(id)?.close(t) ?? nothing()
      yield* call(t, 'containers.Delete', { id })
      yield* call(t, 'snapshots.Remove', { key: keyOf({ ns: NS, id }) })
      for (const map of [specs, streams, logs]) map.delete(id)
    },
    *exec(t, c, process, input, send: Send) {
      const execId = [...(yield* t.getrandom(8))].map((b) => b.toString(16).padStart(2, '0')).join('')
      const s = new Streams(`${IO}/${c.id}/io`, `${execId}-`, process.terminal ?? false, input)
      yield* s.open(t, function* (_own, stream, bytes) {
        send(stream, bytes)
      })
      const r = yield* call(t, 'tasks.Exec', { id: c.id, execId, process, stdio: s.stdio })
      if (!r.ok) {
        yield* s.close(t)
        return `failed to start exec ${JSON.stringify(execId)}: ${r.error}`
      }
      const running: Running = {
        get stdin() {
          return s.stdin
        },
        *resize(own, height, width) {
          yield* call(own, 'tasks.ResizePty', { id: c.id, execId, height, width })
        },
        *wait(own) {
          const w = yield* call<{ status: number }>(own, 'tasks.Wait', { id: c.id, execId })
          yield* s.close(own)
          return w.ok ? w.result.status : 255
        },
      }
      return running
    },
    *spec(_t, id) {
      return specs.get(id)
    },
    *usage(t, id) {
      const s = store.snapshots.get(keyOf({ ns: NS, id }))
      const entries = s ? yield* treeEntries(t, `${store.directory(s)}/fs`) : []
      if (isErr(entries)) return { bytes: 0, inodes: 0 }
      return { bytes: entries.reduce((n, e) => n + (e.data?.size ?? 0), 0), inodes: entries.length + 1 }
    },
    *figures(t, c) {
      const handler = (yield* runtimes(t)).get(c.sandbox.handler || 'runc')
      if (!handler || handler.type === RUNC_V2) return undefined
      const r = yield* call<{ files: Readonly<Record<string, string>> }>(t, 'tasks.Stats', { id: c.id })
      return r.ok ? r.result.files : undefined
    },
    info: (x) => ({
      removing: false,
      snapshotKey: x.id,
      snapshotter: 'overlayfs',
      runtimeType: configured?.get(handlerOf(x) || 'runc')?.type ?? RUNC_V2,
      runtimeHandler: 'netns' in x ? handlerOf(x) : '',
    }),
  }
}
const handlerOf = (x: CriContainer | Sandbox): string => ('sandbox' in x ? x.sandbox.handler : x.handler)
/** What a runtime may know of its pod: containerd internal/cri/annotations. */
function annotationsOf(w: Work): Readonly<Record<string, string>> {
  const { metadata } = w.sandbox.config
  const prefix = 'io.kubernetes.cri'
  return {
    [`${prefix}.container-type`]: w.container ? 'container' : 'sandbox',
    [`${prefix}.sandbox-id`]: w.sandbox.id,
    [`${prefix}.sandbox-name`]: metadata.name,
    [`${prefix}.sandbox-namespace`]: metadata.namespace,
    [`${prefix}.sandbox-uid`]: metadata.uid,
    ...(w.container
      ? {
          [`${prefix}.container-name`]: w.container.config.metadata.name,
          [`${prefix}.image-name`]: w.image.repoTags[0] ?? w.image.id,
        }
      : {}),
  }
}
function* nothing(): Run<void> {}

/** The part 'containerd/cri'. */
export const criPlugin: Program = function* () {
  plugin.methods = (store) => new CriService(store.sys, backendOf(store)).methods()
  return 0
}
