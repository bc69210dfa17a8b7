/**
 * containerd's services for clients beside dockerd: namespaces, images, content, snapshots, containers and tasks, as ctr and nerdctl call
 * them. dockerd's own calls are in ../containerd.ts. What a namespace has is what was made in it; layers and blobs are stored once.
 */
import { text } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import type { Spec } from '../../oci/runtimespec.ts'
import { cgroupPath } from '../../runtime/cgroup.ts'
import { print, readFile, readText, warn } from '../../userland/lib/io.ts'
import { blobPath, bundleOf, keyOf, later, type Named, removeTree, type Store } from '../containerd.ts'
import { criMethodNames } from '../cri/names.ts'
import { callRpc, done, type Methods, type Reply } from '../rpc.ts'
import { shimSocket } from '../shim.ts'
import type { TaskState } from '../shimmore.ts'
import { contentOf, fullName, imagesOf, storedName } from './images.ts'
import { plugin } from './plugin.ts'
import { transferMethods } from './transfer.ts'
import { CONTAINERD_VERSION, REVISION } from './version.ts'

/** containerd's own record of a container, api/services/containers/v1. */
export interface ContainerRecord {
  readonly id: string
  readonly image: string
  readonly runtime: string
  readonly snapshotter: string
  readonly snapshotKey: string
  readonly labels: Readonly<Record<string, string>>
  readonly spec: Spec
  /** Nanoseconds since 1970. */
  readonly created: number
}
export interface TaskInfo {
  readonly id: string
  readonly pid: number
  readonly status: 'CREATED' | 'RUNNING' | 'PAUSED' | 'STOPPED'
  readonly exit: number
}
export const RUNC_V2 = 'io.containerd.runc.v2'
const missing = (what: string): Reply<unknown> => ({ ok: false, error: `${what}: not found` })

/** The state of a task, from its shim; undefined where there is none. */
export function* taskOf(sys: Sys, store: Store, p: Named): Run<TaskInfo | undefined> {
  const task = store.tasks.get(keyOf(p))
  if (!task) return undefined
  const r = yield* callRpc<TaskState>(
    sys,
    shimSocket(task.sandbox ?? p.id, p.ns),
    `shim:${p.id.slice(0, 12)}`,
    'Task.State',
    {
      id: p.id,
    },
  )
  if (!r.ok) return undefined
  const { pid, status, started, paused } = r.result
  return {
    id: p.id,
    pid,
    status: status !== undefined ? 'STOPPED' : paused ? 'PAUSED' : started ? 'RUNNING' : 'CREATED',
    exit: status ?? 0,
  }
}

function services(store: Store): Methods {
  const containers = new Map<string, ContainerRecord>()
  const made = new Map<string, Record<string, string>>()
  const inside = <T>(map: ReadonlyMap<string, T>, ns: string): [string, T][] =>
    [...map].filter(([k]) => k.startsWith(`${ns}/`)).map(([k, v]) => [k.slice(ns.length + 1), v])
  /** Namespaces: made by name, or by putting the first thing into them. */
  const namespaces = (): string[] =>
    [
      ...new Set([
        ...made.keys(),
        ...[...containers.keys(), ...store.tasks.keys(), ...store.images.keys()].map((k) => k.split('/')[0] as string),
      ]),
    ].sort()
  /** dockerd keeps its containers' records itself: what it starts has one for as long as it runs. */
  const recordOf = function* (t: Sys, ns: string, id: string): Run<ContainerRecord | undefined> {
    const own = containers.get(keyOf({ ns, id }))
    const task = store.tasks.get(keyOf({ ns, id }))
    if (own || !task) return own
    const path = `${bundleOf({ ns, id })}/config.json`
    const config = yield* readText(t, path)
    const made = yield* t.stat(path)
    if (isErr(config) || isErr(made)) return undefined
    return {
      id,
      image: task.image === undefined ? '' : fullName(task.image),
      runtime: RUNC_V2,
      snapshotter: 'overlayfs',
      snapshotKey: id,
      labels: {},
      spec: JSON.parse(config) as Spec,
      created: made.mtime,
    }
  }
  const idsOf = (ns: string): string[] =>
    [...new Set([...inside<unknown>(containers, ns), ...inside(store.tasks, ns)].map(([id]) => id))].sort()
  const absent = (p: { ns: string; id: string }): Reply<unknown> =>
    missing(`container ${JSON.stringify(p.id)} in namespace ${JSON.stringify(p.ns)}`)

  const own: Methods = {
    *'version.Version'() {
      return { ok: true, result: { version: CONTAINERD_VERSION, revision: REVISION } }
    },
    *'namespaces.List'() {
      return { ok: true, result: namespaces().map((name) => ({ name, labels: made.get(name) ?? {} })) }
    },
    *'namespaces.Create'(_t, p: { name: string; labels: Record<string, string> }) {
      if (namespaces().includes(p.name))
        return { ok: false, error: `namespace ${JSON.stringify(p.name)}: already exists` }
      made.set(p.name, p.labels)
      return done
    },
    *'namespaces.Delete'(_t, p: { name: string }) {
      if (!namespaces().includes(p.name)) return missing(`namespace ${JSON.stringify(p.name)}`)
      const images = inside(store.images, p.name).length > 0
      const left = [
        ...(images ? ['images', 'blobs'] : []),
        ...(idsOf(p.name).length > 0 ? ['containers'] : []),
        ...(images ? ['snapshots on "overlayfs" snapshotter'] : []),
      ]
      if (left.length > 0)
        return {
          ok: false,
          error: `namespace ${JSON.stringify(p.name)} must be empty, but it still has ${left.join(', ')}: failed precondition`,
        }
      made.delete(p.name)
      return done
    },
    *'images.List'(t, p: { ns: string }) {
      return { ok: true, result: yield* imagesOf(t, store, p.ns) }
    },
    *'images.Get'(t, p: { ns: string; name: string }) {
      const found = (yield* imagesOf(t, store, p.ns)).find((i) => i.name === p.name)
      return found ? { ok: true, result: found } : missing(`image ${JSON.stringify(p.name)}`)
    },
    *'images.Create'(t, p: { ns: string; name: string; source: string }) {
      const found = (yield* imagesOf(t, store, p.ns)).find((i) => i.name === p.source)
      if (!found) return missing(`image ${JSON.stringify(p.source)}`)
      const key = keyOf({ ns: p.ns, id: p.name })
      if (store.images.has(key)) return { ok: false, error: `image ${JSON.stringify(p.name)}: already exists` }
      store.images.set(key, { target: found.target, created: yield* t.clock('realtime') })
      yield* store.save(t)
      return done
    },
    *'images.Delete'(t, p: { ns: string; name: string }) {
      const key = [...store.images.keys()].find((k) => k.startsWith(`${p.ns}/`) && storedName(k) === p.name)
      if (key === undefined) return missing(`image ${JSON.stringify(p.name)}`)
      store.images.delete(key)
      yield* store.save(t)
      return done
    },
    *'content.List'(t, p: { ns: string }) {
      const out: { digest: string; size: number; created: number; labels: Record<string, string> }[] = []
      for (const [digest, labels] of yield* contentOf(t, store, p.ns)) {
        const s = yield* t.stat(blobPath(digest))
        if (!isErr(s)) out.push({ digest, size: s.size, created: s.mtime, labels })
      }
      return { ok: true, result: out.sort((a, b) => (a.digest < b.digest ? -1 : 1)) }
    },
    *'content.Read'(t, p: { ns: string; digest: string }) {
      const mine = (yield* contentOf(t, store, p.ns)).has(p.digest)
      const bytes = mine ? yield* readFile(t, blobPath(p.digest)) : undefined
      if (bytes === undefined || isErr(bytes)) return missing(`content digest ${p.digest}`)
      return bytes[0] === 0x7b
        ? { ok: true, result: { text: text(bytes) } }
        : { ok: false, error: 'zukan: not emulated: printing a layer' }
    },
    *'snapshots.List'(t, p: { ns: string }) {
      const chains = new Set((yield* imagesOf(t, store, p.ns)).flatMap((i) => i.chain))
      const rows = [...store.snapshots].flatMap(([key, s]) => {
        const at = key.indexOf('/')
        const ns = at < 0 ? 'moby' : key.slice(0, at)
        const committed = key.startsWith('sha256:')
        if (committed ? !chains.has(key) : ns !== p.ns) return []
        return [{ key: key.slice(at + 1), parent: s.parent ?? '', kind: committed ? 'Committed' : 'Active' }]
      })
      return { ok: true, result: rows.sort((a, b) => (a.key < b.key ? -1 : 1)) }
    },
    /** A writable layer becomes a read-only one by the name of its chain; where that is there already, the new one goes. */
    *'snapshots.Commit'(t, p: { key: string; name: string }): Run<Reply<unknown>> {
      const s = store.snapshots.get(p.key)
      if (!s) return missing(`snapshot ${p.key}`)
      store.snapshots.delete(p.key)
      if (store.snapshots.has(p.name)) yield* removeTree(t, store.directory(s))
      else store.snapshots.set(p.name, s)
      yield* store.save(t)
      return done
    },
    /** Directories of a snapshot and those below it, topmost first: to be mounted read-only. */
    *'snapshots.View'(_t, p: { key?: string }): Run<Reply<unknown>> {
      if (p.key !== undefined && !store.snapshots.has(p.key)) return missing(`snapshot ${p.key}`)
      return { ok: true, result: { lower: store.lowers(p.key) } }
    },
    /** What a prepared snapshot is mounted from. */
    *'snapshots.Mounts'(_t, p: { key: string }): Run<Reply<unknown>> {
      const s = store.snapshots.get(p.key)
      if (!s) return missing(`snapshot ${p.key}`)
      const dir = store.directory(s)
      return { ok: true, result: { upper: `${dir}/fs`, work: `${dir}/work`, lower: store.lowers(s.parent) } }
    },
    *'containers.List'(t, p: { ns: string }) {
      const out: ContainerRecord[] = []
      for (const id of idsOf(p.ns)) {
        const record = yield* recordOf(t, p.ns, id)
        if (record) out.push(record)
      }
      return { ok: true, result: out }
    },
    *'containers.Get'(t, p: { ns: string; id: string }) {
      const found = yield* recordOf(t, p.ns, p.id)
      return found ? { ok: true, result: found } : absent(p)
    },
    *'containers.Create'(t, p: { ns: string } & ContainerRecord) {
      if (idsOf(p.ns).includes(p.id)) return { ok: false, error: `container ${JSON.stringify(p.id)}: already exists` }
      const { ns: _, ...record } = p
      containers.set(keyOf(p), { ...record, created: yield* t.clock('realtime') })
      return done
    },
    /** Takes a container's record away, and with `snapshot` its writable layer. */
    *'containers.Delete'(t, p: { ns: string; id: string; snapshot: boolean }) {
      const found = containers.get(keyOf(p))
      if (!found) return absent(p)
      containers.delete(keyOf(p))
      const key = keyOf({ ns: p.ns, id: found.snapshotKey })
      const s = p.snapshot ? store.snapshots.get(key) : undefined
      if (s) {
        store.snapshots.delete(key)
        yield* removeTree(t, store.directory(s))
      }
      return done
    },
    *'tasks.List'(t, p: { ns: string }) {
      const out: TaskInfo[] = []
      for (const [id] of inside(store.tasks, p.ns)) {
        const info = yield* taskOf(t, store, { ns: p.ns, id })
        if (info) out.push(info)
      }
      return { ok: true, result: out.sort((a, b) => (a.id < b.id ? -1 : 1)) }
    },
    *'tasks.Get'(t, p: { ns: string; id: string }) {
      if (!idsOf(p.ns).includes(p.id)) return absent(p)
      const info = yield* taskOf(t, store, p)
      return info
        ? { ok: true, result: info }
        : { ok: false, error: 'no running task found: task ' + `${p.id} not found: not found` }
    },
    *'tasks.ListPids'(t, p: { ns: string; id: string }) {
      const record = store.tasks.has(keyOf(p)) ? yield* recordOf(t, p.ns, p.id) : undefined
      const given = record?.spec.linux.cgroupsPath
      const path = given === undefined ? undefined : cgroupPath(given, p.id, given.includes(':'))
      const procs = path === undefined ? '' : yield* readText(t, `/sys/fs/cgroup${path}/cgroup.procs`)
      return { ok: true, result: isErr(procs) ? [] : procs.split('\n').filter(Boolean).map(Number) }
    },
    ...transferMethods(store),
  }
  return { ...own, ...criMethods({ ...store, methods: { ...store.methods, ...own } }) }
}

/** The Container Runtime Interface's methods: the plugin's code comes with the first of them. */
function criMethods(store: Store): Methods {
  let methods: Methods | undefined
  return Object.fromEntries(
    criMethodNames.map((name) => [
      name,
      function* (t: Sys, p: never): Run<Reply<unknown>> {
        if (!plugin.methods) yield* (yield* t.part('containerd/cri'))(t, [])
        methods ??= plugin.methods?.(store)
        const act = methods?.[name]
        return act ? yield* act(t, p) : { ok: false, error: `unknown method ${name}: not implemented` }
      },
    ]),
  )
}
/** The part 'containerd/more': hands the services over; with words, it answers those. */
export const containerdMore: Program = function* (sys, argv) {
  later.services = services
  if (argv.length < 2) return 0
  if (argv[1] === '--version' || argv[1] === '-v') {
    yield* print(sys, `containerd github.com/containerd/containerd/v2 ${CONTAINERD_VERSION}\n`)
    return 0
  }
  yield* warn(sys, `zukan: not emulated: containerd ${argv[1]}\n`)
  return 1
}
