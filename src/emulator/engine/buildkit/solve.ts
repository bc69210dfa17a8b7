/** Carries operations out: each makes a layer, unless the cache has one for the same operation on the same input. */
import { gzipSync } from 'fflate'
import { utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { chainIds, type Digest, digestOf } from '../../oci/digest.ts'
import { type Descriptor, MAX_LAYERS, media } from '../../oci/image.ts'
import { writeTar } from '../../oci/tar.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { writeAll } from '../../userland/lib/io.ts'
import { removeTree } from '../containerd.ts'
import { contain, putBlob } from '../dockerd/content.ts'
import { ApiError, type Daemon, newId } from '../dockerd/state.ts'
import { type Layers, layerEntries, withMount } from '../layers.ts'
import { checksum, copyFiles, makeWorkdir } from './copy.ts'
import { BuildError } from './dockerfile/instructions.ts'
import { execute } from './exec.ts'
import type { Base, Op, RunMount } from './graph.ts'
import { type ContextSource, documentItem, type Item, MountedSource, type Source, selectFiles } from './source.ts'

/** A layer that an operation made; `descriptor` is undefined where nothing changed. */
export interface Made {
  readonly descriptor: Descriptor | undefined
  readonly diffId: Digest | undefined
  /** Nanoseconds since 1970. */
  readonly created: number
}
/** What an operation left: its file system as a chain of layers, those of the base image first. */
export interface Result {
  readonly key: string
  readonly base: Base | undefined
  readonly diffIds: readonly Digest[]
  readonly chain: readonly string[]
  readonly made: readonly Made[]
  readonly cached: boolean
}
interface CacheRecord {
  readonly made: Made
  readonly chainId: string | undefined
  /** For `docker builder prune` and `docker system df`. */
  readonly size: number
  readonly name: string
  lastUsed: number
  uses: number
}
/** What the builder keeps between builds. */
export interface BuildState {
  readonly cache: Map<string, CacheRecord>
  /** What clients sent last: size and time of each file, by context. */
  readonly sent: Map<string, Map<string, string>>
  /** Steps that the classic builder has made images of. */
  readonly classic: Set<string>
}
const states = new WeakMap<Daemon, BuildState>()
export function buildState(d: Daemon): BuildState {
  const known = states.get(d) ?? { cache: new Map(), sent: new Map(), classic: new Set<string>() }
  states.set(d, known)
  return known
}

/** Told while operations are carried out. */
export interface Reporter {
  begin(op: Op): Run<void>
  log(op: Op, stream: 1 | 2, bytes: Uint8Array): Run<void>
  end(op: Op, outcome: { readonly error?: string }): Run<void>
  /** Instead of begin and end. */
  cached(op: Op): Run<void>
  /** Layers of a base image that aren't here yet: brings them. */
  fetch(op: Extract<Op, { kind: 'image' }>): Run<void>
}

export class Solver {
  readonly sys: Sys
  readonly d: Daemon
  readonly state: BuildState
  readonly reporter: Reporter
  readonly noCache: boolean
  /** Builders don't share their caches. */
  readonly namespace: string
  /** What the client gives for --mount=type=secret. */
  readonly secrets: ReadonlyMap<string, Uint8Array>
  readonly #results = new Map<Op, Result>()
  /** Of a build for several platforms: the same operation is one operation, and is told once. */
  readonly #same: Map<string, Result> | undefined
  /** Fetches the context's files, once they are needed. */
  readonly context: () => Run<ContextSource>
  constructor(
    sys: Sys,
    d: Daemon,
    reporter: Reporter,
    o: {
      readonly noCache: boolean
      readonly namespace: string
      readonly secrets?: ReadonlyMap<string, Uint8Array>
      readonly several?: boolean
    },
    context: () => Run<ContextSource>,
  ) {
    this.sys = sys
    this.d = d
    this.state = buildState(d)
    this.reporter = reporter
    this.noCache = o.noCache
    this.namespace = o.namespace
    this.secrets = o.secrets ?? new Map()
    this.#same = o.several ? new Map() : undefined
    this.context = context
  }
  /** Carries an operation out, with all that it depends on. Throws BuildError. */
  *solve(op: Op): Run<Result> {
    const known = this.#results.get(op)
    if (known) return known
    const made = yield* this.#solve(op)
    this.#results.set(op, made)
    return made
  }
  *#solve(op: Op): Run<Result> {
    if (op.kind === 'scratch')
      return { key: 'scratch', base: undefined, diffIds: [], chain: [], made: [], cached: false }
    if (op.kind === 'image') {
      const { base } = op
      const key = `image:${base.chain.at(-1) ?? ''}`
      const same = this.#same?.get(key)
      if (same) return same
      yield* this.reporter.fetch(op)
      const diffIds = base.config.rootfs.diff_ids
      const result = { key, base, diffIds, chain: base.chain, made: [], cached: true }
      this.#same?.set(key, result)
      return result
    }
    const below = yield* this.solve(op.below)
    const { items, key: inputs } = yield* this.#inputs(op)
    const key = keyOf(op, `${this.namespace} ${below.key}`, inputs)
    const same = this.#same?.get(key)
    if (same) return same
    const record = this.noCache ? undefined : this.state.cache.get(key)
    const now = yield* this.sys.clock('realtime')
    if (record) {
      yield* this.reporter.cached(op)
      record.lastUsed = now
      record.uses++
      return this.#result(key, below, record.made, record.chainId, true)
    }
    yield* this.reporter.begin(op)
    try {
      const { made, chainId, size } = yield* this.#carryOut(op, below, items)
      if (chainId !== undefined) for (const c of [...below.chain, chainId]) this.d.leases.add(c)
      this.state.cache.set(key, { made, chainId, size, name: op.name, lastUsed: now, uses: 1 })
      yield* this.reporter.end(op, {})
      return this.#result(key, below, made, chainId, false)
    } catch (e) {
      const error = e instanceof ApiError ? new BuildError(e.message, op.range) : e
      if (!(error instanceof BuildError)) throw e
      const located = error.range ? error : new BuildError(error.message, op.range)
      yield* this.reporter.end(op, { error: located.message })
      throw located
    }
  }
  #result(key: string, below: Result, made: Made, chainId: string | undefined, cached: boolean): Result {
    const result = {
      key,
      base: below.base,
      diffIds: made.diffId === undefined ? below.diffIds : [...below.diffIds, made.diffId],
      chain: chainId === undefined ? below.chain : [...below.chain, chainId],
      made: [...below.made, made],
      cached,
    }
    this.#same?.set(key, result)
    return result
  }
  /** The files that an operation reads from elsewhere, and what stands for them in its cache key. */
  *#inputs(op: Op): Run<{ readonly items: readonly Item[]; readonly key: string }> {
    if (op.kind === 'exec') {
      const keys: string[] = []
      for (const m of op.mounts)
        if (m.from !== undefined && m.from !== 'context') keys.push((yield* this.solve(m.from)).key)
        else if (m.from === 'context')
          keys.push(checksum(yield* this.#select(yield* this.context(), [m.source], [], op)))
      return { items: [], key: keys.join() }
    }
    if (op.kind !== 'copy') return { items: [], key: '' }
    const now = yield* this.sys.clock('realtime')
    const documents = op.documents.map((x) => documentItem(x.name, x.content, Math.floor(now / 1e9)))
    const read = function* (this: Solver): Run<Item[]> {
      if (op.sources.length === 0) return []
      if (op.from === 'context') return yield* this.#select(yield* this.context(), op.sources, op.exclude, op)
      const from = yield* this.solve(op.from)
      const r = yield* this.#mounted(from.chain, (dir) =>
        this.#select(new MountedSource(this.sys, dir), op.sources, op.exclude, op),
      )
      return r
    }
    const items = [...(yield* read.call(this)), ...documents]
    return { items, key: checksum(items) }
  }
  *#select(source: Source, sources: readonly string[], exclude: readonly string[], op: Op): Run<Item[]> {
    const items = yield* selectFiles(source, sources, exclude)
    if (!('missing' in items)) return items
    const ref = `${yield* randomRef(this.sys)}::${yield* randomRef(this.sys)}`
    const message = `failed to calculate checksum of ref ${ref}: ${JSON.stringify(items.missing)}: not found`
    yield* this.reporter.begin(op)
    yield* this.reporter.end(op, { error: message })
    throw new BuildError(`failed to compute cache key: ${message}`, 'range' in op ? op.range : undefined)
  }
  /** Runs with a read-only view of a chain of layers. */
  *#mounted<T>(chain: readonly string[], body: (dir: string) => Run<T>): Run<T> {
    const { lower } = yield* contain<{ lower: string[] }>(this.sys, 'snapshots.View', { key: chain.at(-1) })
    if (lower.length === 0) {
      const dir = '/var/lib/docker/buildkit/empty'
      yield* makeDirs(this.sys, dir)
      return yield* body(dir)
    }
    const r = yield* withMount(this.sys, { lower }, body)
    if (isErr(r)) throw new ApiError(500, r.text)
    return r as T
  }
  *#carryOut(
    op: Exclude<Op, { kind: 'scratch' | 'image' }>,
    below: Result,
    items: readonly Item[],
  ): Run<{ readonly made: Made; readonly chainId: string | undefined; readonly size: number }> {
    const { sys, d } = this
    if (below.chain.length >= MAX_LAYERS) throw new BuildError('max depth exceeded')
    const snapshot = yield* newId(sys)
    const layers = yield* contain<{ upper: string; work: string; lower: string[] }>(sys, 'snapshots.Prepare', {
      key: snapshot,
      parent: below.chain.at(-1),
    })
    try {
      if (op.kind === 'exec') yield* this.#execute(op, layers)
      else {
        const r = yield* withMount(sys, layers, function* (root) {
          if (op.kind === 'mkdir') yield* makeWorkdir(sys, root, op.path, op.user)
          else yield* copyFiles(sys, root, op, items)
          return true
        })
        if (isErr(r)) throw new BuildError(r.text)
      }
      const entries = yield* layerEntries(sys, layers)
      if (isErr(entries)) throw new BuildError(entries.text)
      const created = yield* sys.clock('realtime')
      if (entries.length === 0) {
        yield* contain(sys, 'snapshots.Remove', { key: snapshot })
        return { made: { descriptor: undefined, diffId: undefined, created }, chainId: undefined, size: 0 }
      }
      const tar = writeTar(entries)
      const diffId = digestOf(tar)
      const descriptor = yield* putBlob(sys, media.layer, gzipSync(tar, { level: 6, mtime: 0 }))
      const chainId = chainIds([...below.diffIds, diffId]).at(-1) as string
      yield* contain(sys, 'snapshots.Commit', { key: snapshot, name: chainId })
      const size = entries.reduce((n, e) => n + (e.data?.size ?? 0), 0)
      d.layerSizes.set(descriptor.digest, size)
      return { made: { descriptor, diffId, created }, chainId, size }
    } catch (e) {
      // Nothing half-made stays.
      yield* contain(sys, 'snapshots.Remove', { key: snapshot })
      throw e
    }
  }
  *#execute(op: Extract<Op, { kind: 'exec' }>, layers: Layers): Run<void> {
    const binds: { target: string; source: string; readonly: boolean }[] = []
    const scratch: string[] = []
    for (const m of op.mounts) {
      if (m.type === 'tmpfs') continue
      if (m.secret) {
        const content = this.secrets.get(m.id)
        if (content) {
          const source = `/run/docker/secret-${yield* randomRef(this.sys)}`
          yield* writeSecret(this.sys, source, content, m.secret)
          scratch.push(source)
          binds.push({ target: m.target, source, readonly: true })
        } else if (m.secret.required) throw new BuildError(`secret ${m.id}: not found`, op.range)
        continue
      }
      if (m.type === 'cache') {
        const source = `/var/lib/docker/buildkit/cache/${digestOf(utf8(m.id)).slice(7, 31)}`
        yield* makeDirs(this.sys, source)
        binds.push({ target: m.target, source, readonly: m.readonly })
        continue
      }
      // Files of the context or of another stage, put where they can be mounted from.
      const source = `/var/lib/docker/buildkit/bind-${yield* randomRef(this.sys)}`
      scratch.push(source)
      yield* makeDirs(this.sys, source)
      const from = m.from ?? 'context'
      const copy: Extract<Op, { kind: 'copy' }> = {
        kind: 'copy',
        below: { kind: 'scratch' },
        from,
        sources: [m.source],
        documents: [],
        destination: '/.',
        chown: '',
        chmod: '',
        exclude: [],
        unpack: false,
        name: op.name,
        range: op.range,
      }
      const { items } = yield* this.#inputs(copy)
      const single = items.length === 1 && items[0]?.name !== undefined
      yield* copyFiles(this.sys, source, { ...copy, destination: '/' }, items)
      binds.push({ target: m.target, source: single ? `${source}/${items[0]?.name}` : source, readonly: m.readonly })
    }
    const { reporter } = this
    try {
      const code = yield* execute(this.sys, this.d, op, layers, binds, (stream, bytes) =>
        reporter.log(op, stream, bytes),
      )
      if (code !== 0)
        throw new BuildError(
          `process ${JSON.stringify(op.args.join(' '))} did not complete successfully: exit code: ${code}`,
          op.range,
        )
    } finally {
      for (const dir of scratch) yield* removeTree(this.sys, dir)
    }
  }
}
/** A secret where it can be mounted from: in memory, and only as long as the command runs. */
function* writeSecret(sys: Sys, path: string, content: Uint8Array, o: NonNullable<RunMount['secret']>): Run<void> {
  yield* makeDirs(sys, path.slice(0, path.lastIndexOf('/')))
  const fd = yield* sys.open(path, O_WRONLY | O_CREAT | O_TRUNC, o.mode)
  if (isErr(fd)) throw new BuildError(fd.text)
  yield* writeAll(sys, fd, content)
  yield* sys.close(fd)
  yield* sys.chown(path, o.uid, o.gid)
}
/** 25 characters as BuildKit's identity.NewID makes them. */
export function* randomRef(sys: Sys): Run<string> {
  const digits = '0123456789abcdefghijklmnopqrstuvwxyz'
  let out = ''
  for (const b of yield* sys.getrandom(25)) out += digits[b % 36]
  return out
}
/** A cache key: the operation, what it is done to, and what it reads. */
function keyOf(op: Exclude<Op, { kind: 'scratch' | 'image' }>, below: string, inputs: string): string {
  const { name: _, range: _range, below: _below, ...rest } = op
  const plain =
    rest.kind === 'copy'
      ? { ...rest, from: rest.from === 'context' ? 'context' : 'stage', sources: rest.sources.length }
      : rest.kind === 'exec'
        ? { ...rest, mounts: rest.mounts.map((m) => ({ ...m, from: m.from === undefined ? null : 'input' })) }
        : rest
  return digestOf(utf8(JSON.stringify([plain, below, inputs])))
}
