/** containerd: content, snapshots, and tasks, each task behind a shim; what clients beside dockerd need is in containerd/. */
import { text } from '../base/bytes.ts'
import { isErr } from '../base/errno.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../kernel/linux/fs/flags.ts'
import { type Digest, digestOf } from '../oci/digest.ts'
import type { Descriptor } from '../oci/image.ts'
import { readLayer } from '../oci/layer.ts'
import type { Spec } from '../oci/runtimespec.ts'
import { makeDirs } from '../runtime/runc.ts'
import { readFile, write } from '../userland/lib/io.ts'
import { callRpc, done, type Methods, type Reply, serveRpc } from './rpc.ts'
import { type RuncOptions, type Stdio, shimSocket } from './shim.ts'
import { unpack } from './unpack.ts'

export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock'
const ROOT = '/var/lib/containerd'
const CONTENT = `${ROOT}/io.containerd.content.v1.content/blobs/sha256`
/** Where snapshots lie, each in a directory of its number. */
export const SNAPSHOTS = `${ROOT}/io.containerd.snapshotter.v1.overlayfs/snapshots`
/** What containerd remembers when it isn't running: as JSON, where the real one has a bolt database. */
export const META = `${ROOT}/io.containerd.metadata.v1.bolt/meta.db`
/** Where a blob lies. */
export const blobPath = (digest: string): string => `${CONTENT}/${digest.replace(/^sha256:/, '')}`

/** A namespace's object: `moby` where none is named. */
export interface Named {
  readonly ns?: string
  readonly id: string
}
/** What a client asks of tasks.Create. */
export interface TaskRequest extends Named {
  /** config.json, or its text. */
  readonly spec: Spec | string
  /** Undefined where the spec names a root by its path. */
  readonly rootfs?: { readonly upper: string; readonly work: string; readonly lower: readonly string[] }
  readonly stdio: Stdio
  readonly image?: string
  /** runc where nothing is said. */
  readonly runtime?: { readonly name: string; readonly options?: RuncOptions }
  /** The task whose shim serves this one as well: a pod has one shim. */
  readonly sandbox?: string
}
/** What is kept of a task; its document lies in its bundle. */
export type TaskRecord = Omit<TaskRequest, 'spec' | 'rootfs' | 'stdio'>
export interface Snapshot {
  readonly number: number
  readonly parent: string | undefined
  /** Bytes of its files, of a committed one. */
  readonly size?: number
}
/** What META holds: committed snapshots by chain id, and images by namespace and name. */
export interface Metadata {
  readonly snapshots: readonly (readonly [string, Snapshot])[]
  readonly images: readonly (readonly [string, { readonly target: Descriptor; readonly created: number }])[]
}
/** What containerd knows: committed layers by chain id, active ones by key; images and tasks by namespace and name. */
export interface Store {
  readonly snapshots: Map<string, Snapshot>
  readonly images: Map<string, { readonly target: Descriptor; readonly created: number }>
  readonly tasks: Map<string, TaskRecord>
  readonly methods: Methods
  /** Directories of a snapshot and those below it, topmost first. */
  lowers(key: string | undefined): string[]
  /** The directory that holds a snapshot. */
  directory(s: Snapshot): string
  /** Writes down what a containerd that is started again must know: after each change of an image or a committed snapshot. */
  save(t: Sys): Run<void>
  readonly sys: Sys
}
/** Committed snapshots have their chain's id as a key. */
const isChain = (key: string): boolean => key.startsWith('sha256:')
/** The key of a namespace's object. */
export const keyOf = (p: Named): string => `${p.ns ?? 'moby'}/${p.id}`
/** The directory of a task's bundle. */
export const bundleOf = (p: Named): string => `/run/containerd/io.containerd.runtime.v2.task/${keyOf(p)}`
/**
 * Unpacks a layer, whose contents must be what its image's configuration says, into the folder of the next snapshot's `number`, over the
 * `lower` ones. Answers its size in bytes, or why that can't be done; then nothing half-written stays.
 */
function* extract(
  t: Sys,
  p: { readonly digest: Digest; readonly diffId: Digest },
  lower: readonly string[],
  number: () => number,
): Run<number | string> {
  const bytes = yield* readFile(t, blobPath(p.digest))
  if (isErr(bytes)) return `content ${p.digest}: not found`
  const layer = readLayer(bytes)
  if ('error' in layer) return `failed to extract layer ${p.diffId}: ${layer.error}`
  if (layer.diffId !== p.diffId) return `wrong diff id calculated on extraction "${layer.diffId}"`
  const folder = `${SNAPSHOTS}/${number()}`
  yield* makeDirs(t, `${folder}/fs`)
  const failed = yield* unpack(t, `${folder}/fs`, layer.entries, { layer: { lower } })
  if (failed) yield* removeTree(t, folder)
  return failed || layer.size
}

/** What comes when it is first asked for: methods of the other services. */
export const later: { services?: (store: Store) => Methods } = {}

export const containerd: Program = function* (sys, argv) {
  if (argv[1]) return yield* (yield* sys.part('containerd/more'))(sys, argv)
  // What a fresh one holds, by order of magnitude; nobody publishes a figure.
  yield* sys.brk(46 * 1024 ** 2)
  // Go's runtime raises the limit on descriptors to the hard one, and gives children back what it was.
  const [soft, hard] = yield* sys.getrlimit('nofile')
  yield* sys.setrlimit('nofile', hard, hard)
  for (const d of [CONTENT, SNAPSHOTS, '/run/containerd/s', '/run/containerd/io.containerd.runtime.v2.task/moby'])
    yield* makeDirs(sys, d)
  const saved = yield* readFile(sys, META)
  const before: Metadata | undefined = isErr(saved) ? undefined : JSON.parse(text(saved))
  const snapshots: Store['snapshots'] = new Map(before?.snapshots)
  const images: Store['images'] = new Map(before?.images)
  const tasks: Store['tasks'] = new Map()
  let next = 1 + Math.max(0, ...[...snapshots.values()].map((s) => s.number))
  const save = function* (t: Sys): Run<void> {
    yield* makeDirs(t, META.slice(0, META.lastIndexOf('/')))
    const fd = yield* t.open(META, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    if (isErr(fd)) return
    const kept: Metadata = { snapshots: [...snapshots].filter(([key]) => isChain(key)), images: [...images] }
    yield* write(t, fd, JSON.stringify(kept))
    yield* t.close(fd)
  }
  const directory = (s: Snapshot): string => `${SNAPSHOTS}/${s.number}`
  const lowers = (key: string | undefined): string[] => {
    const out: string[] = []
    for (let at = key; at !== undefined; at = snapshots.get(at)?.parent)
      out.push(`${SNAPSHOTS}/${snapshots.get(at)?.number}/fs`)
    return out
  }
  const toShim = (t: Sys, method: string, p: Named): Run<Reply> => {
    const id = tasks.get(keyOf(p))?.sandbox ?? p.id
    return callRpc(t, shimSocket(id, p.ns), `shim:${id.slice(0, 12)}`, method, { ...p })
  }

  /** A task that is over, with all that was made for it. */
  const drop = function* (t: Sys, p: Named): Run<void> {
    yield* toShim(t, 'Task.Delete', p)
    yield* t.umount(`${bundleOf(p)}/rootfs`, 2)
    yield* removeTree(t, bundleOf(p))
    tasks.delete(keyOf(p))
  }

  const methods: { [name: string]: Methods[string] } = {
    *'content.Commit'(t, p: { digest: Digest }): Run<Reply<unknown>> {
      const bytes = yield* readFile(t, blobPath(p.digest))
      if (isErr(bytes)) return { ok: false, error: `content ${p.digest}: not found` }
      const found = digestOf(bytes)
      if (found === p.digest) return done
      yield* t.unlink(blobPath(p.digest))
      return { ok: false, error: `unexpected commit digest ${found}, expected ${p.digest}: failed precondition` }
    },
    *'diff.Apply'(t, p: { digest: Digest; diffId: Digest; chainId: string; parent?: string }): Run<Reply<unknown>> {
      if (snapshots.has(p.chainId)) return done
      let number = 0
      const size = yield* extract(t, p, lowers(p.parent), () => (number = next++))
      if (typeof size === 'string') return { ok: false, error: size }
      snapshots.set(p.chainId, { number, parent: p.parent, size })
      yield* save(t)
      return done
    },
    *'snapshots.Prepare'(t, p: { key: string; parent?: string }): Run<Reply<unknown>> {
      const number = next++
      for (const d of ['fs', 'work']) yield* makeDirs(t, `${SNAPSHOTS}/${number}/${d}`)
      snapshots.set(p.key, { number, parent: p.parent })
      return {
        ok: true,
        result: { upper: `${SNAPSHOTS}/${number}/fs`, work: `${SNAPSHOTS}/${number}/work`, lower: lowers(p.parent) },
      }
    },
    *'snapshots.Remove'(t, p: { key: string }): Run<Reply<unknown>> {
      const s = snapshots.get(p.key)
      if (!s) return { ok: false, error: `snapshot ${p.key}: not found` }
      snapshots.delete(p.key)
      yield* removeTree(t, `${SNAPSHOTS}/${s.number}`)
      if (isChain(p.key)) yield* save(t)
      return done
    },
    /** Bytes that a committed snapshot takes: known since it was committed. */
    *'snapshots.Usage'(_t, p: { key: string }): Run<Reply<unknown>> {
      return { ok: true, result: { size: snapshots.get(p.key)?.size } }
    },
    /** Names of a namespace's images and what they stand for; `images.List` says more of them. */
    *'images.Targets'(_t, p: { ns?: string }): Run<Reply<unknown>> {
      const space = keyOf({ ...p, id: '' })
      return {
        ok: true,
        result: [...images].flatMap(([key, i]) =>
          key.startsWith(space) ? [{ name: key.slice(space.length), target: i.target }] : [],
        ),
      }
    },
    *'images.Update'(t, p: { ns?: string; name: string; target?: Descriptor }): Run<Reply<unknown>> {
      const key = keyOf({ ...p, id: p.name })
      if (p.target) images.set(key, { target: p.target, created: yield* t.clock('realtime') })
      else images.delete(key)
      yield* save(t)
      return done
    },
    /** Mounts the root file system and writes the bundle, starts a shim, and has it create the container. */
    *'tasks.Create'(t, p: TaskRequest): Run<Reply<unknown>> {
      const name = p.runtime?.name ?? 'io.containerd.runc.v2'
      const shim = yield* shimOf(t, name)
      if (shim === undefined)
        return {
          ok: false,
          error: `failed to start shim: failed to resolve runtime path: runtime "${name}" binary not installed "${binaryOf(name)}": file does not exist: unknown`,
        }
      const bundle = bundleOf(p)
      yield* makeDirs(t, `${bundle}/rootfs`)
      const fd = yield* t.open(`${bundle}/config.json`, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      if (isErr(fd)) return { ok: false, error: fd.text }
      const document = typeof p.spec === 'string' ? p.spec : JSON.stringify(p.spec)
      yield* write(t, fd, document)
      t.traceMark('file', 'file:config.json', `${bundle}/config.json`, document)
      yield* t.close(fd)
      if (p.rootfs) {
        const { upper, work, lower } = p.rootfs
        const mounted =
          lower.length > 0
            ? yield* t.mount(
                'overlay',
                `${bundle}/rootfs`,
                'overlay',
                0,
                `lowerdir=${lower.join(':')},upperdir=${upper},workdir=${work}`,
              )
            : yield* t.mount(upper, `${bundle}/rootfs`, '', 4096)
        if (mounted) return { ok: false, error: `failed to mount rootfs component: ${mounted.text}` }
      }
      const socket = shimSocket(p.sandbox ?? p.id, p.ns)
      if (p.sandbox === undefined) {
        const argv = [shim, '-namespace', p.ns ?? 'moby', '-id', p.id, '-address', CONTAINERD_SOCKET, '-bundle', bundle]
        const pid = yield* t.fork((child) => orphan(child, argv, soft, hard))
        if (isErr(pid)) return { ok: false, error: `failed to start shim: ${pid.text}` }
        yield* t.wait(pid)
        for (let tries = 0; tries < 1000 && isErr(yield* t.stat(socket)); tries++) yield* t.nanosleep(50_000)
      }
      const { spec: _spec, rootfs: _rootfs, stdio: _stdio, ...record } = p
      tasks.set(keyOf(p), record)
      const reply = yield* toShim(t, 'Task.Create', {
        id: p.id,
        ns: p.ns,
        stdio: p.stdio,
        options: p.runtime?.options,
      } as Named)
      if (!reply.ok) {
        yield* drop(t, p)
        return { ok: false, error: `failed to create shim task: ${reply.error}` }
      }
      return reply
    },
    *'tasks.Delete'(t, p: Named): Run<Reply<unknown>> {
      yield* drop(t, p)
      return done
    },
  }
  for (const name of ['Start', 'Exec', 'Wait', 'Kill', 'Pause', 'Resume', 'Update', 'ResizePty', 'Stats'])
    methods[`tasks.${name}`] = (t: Sys, p: Named) => toShim(t, `Task.${name}`, p)
  let services: Methods | undefined
  return yield* serveRpc(sys, CONTAINERD_SOCKET, methods, function* (t) {
    if (!later.services) yield* (yield* t.part('containerd/more'))(t, [])
    services ??= later.services?.({ snapshots, images, tasks, methods, sys, lowers, directory, save })
    return services ?? {}
  })
}

/** The shim's file for a runtime's name: io.containerd.kata.v2 is served by containerd-shim-kata-v2. */
const binaryOf = (name: string): string => `containerd-shim-${name.split('.').slice(-2).join('-')}`
/** Where a runtime's shim lies: along PATH, or where the name says by a path. containerd core/runtime/v2/shim_manager.go. */
function* shimOf(t: Sys, name: string): Run<string | undefined> {
  const places = name.startsWith('/') ? [name] : ['/usr/local/bin', '/usr/bin'].map((d) => `${d}/${binaryOf(name)}`)
  for (const path of places) if (!isErr(yield* t.stat(path))) return path
  return undefined
}
/** Starts a shim that outlives containerd: it becomes a child of init. */
function* orphan(sys: Sys, argv: readonly string[], soft: number, hard: number): Run<number> {
  const pid = yield* sys.fork((own) => becomeShim(own, argv, soft, hard))
  return isErr(pid) ? 1 : 0
}
function* becomeShim(sys: Sys, argv: readonly string[], soft: number, hard: number): Run<number> {
  yield* sys.closeRange(3)
  yield* sys.setrlimit('nofile', soft, hard)
  return (yield* sys.execve(argv[0] as string, argv, sys.environ())).number
}

/** rm -r */
export function* removeTree(sys: Sys, path: string): Run<void> {
  const failed = yield* sys.unlink(path)
  if (failed?.name !== 'EISDIR') return
  const fd = yield* sys.open(path, 0)
  if (isErr(fd)) return
  const entries = yield* sys.getdents(fd)
  yield* sys.close(fd)
  if (!isErr(entries))
    for (const e of entries) if (e.name !== '.' && e.name !== '..') yield* removeTree(sys, `${path}/${e.name}`)
  yield* sys.rmdir(path)
}
