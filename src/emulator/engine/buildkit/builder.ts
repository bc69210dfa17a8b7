/** One build: from a context and a Dockerfile to an image in the store, with every step told (BuildKit's control API, "Solve" and "Status"). */
import { text } from '../../base/bytes.ts'
import { slice } from '../../base/filedata.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { digestOf } from '../../oci/digest.ts'
import { type Descriptor, type ImageConfig, type Manifest, media, type Platform } from '../../oci/image.ts'
import { familiar, parseReference, type Reference } from '../../oci/reference.ts'
import { readTar, type TarEntry } from '../../oci/tar.ts'
import { strftime } from '../../userland/lib/time.ts'
import { enterImage, getJson, nameImage, putJson, type Target, writeImage } from '../dockerd/content.ts'
import { type Credentials, RegistryClient } from '../dockerd/distribution.ts'
import { fetchLayers, hostPlatform, platformText, type Remote, resolveRemote } from '../dockerd/images.ts'
import { ApiError, type Daemon, type Image } from '../dockerd/state.ts'
import { convert, fullName } from './convert.ts'
import { BuildError, type Program, programOf } from './dockerfile/instructions.ts'
import { type Instruction, parseDockerfile } from './dockerfile/parse.ts'
import type { Base, Build, Op, Outcome, Warning } from './graph.ts'
import { cleanPath, hasWildcard, ignoreMatcher, readIgnore } from './ignore.ts'
import { buildState, type Made, type Reporter, type Result, Solver } from './solve.ts'
import { ContextSource } from './source.ts'

export interface BuildOptions {
  /** Where the Dockerfile lies in the archive. */
  readonly dockerfile: string
  /** How it is called: the archive may hold it under another name. */
  readonly shown: string
  readonly tags: readonly string[]
  readonly target: string
  readonly buildArgs: ReadonlyMap<string, string>
  readonly labels: ReadonlyMap<string, string>
  /** None for the host's own. */
  readonly platforms: readonly Platform[]
  /** What --mount=type=secret finds. */
  readonly secrets: ReadonlyMap<string, Uint8Array>
  /** Sends an image that is named to its registry: --push. */
  readonly push: ((name: string) => Run<void>) | undefined
  readonly noCache: boolean
  readonly pull: boolean
  /** What names the context from one build to the next. */
  readonly contextKey: string
  readonly credentials: Credentials
}
export interface Vertex {
  readonly id: string
  readonly name: string
  readonly started?: number
  readonly completed?: number
  readonly cached?: boolean
  readonly error?: string
}
/** What is told while a build goes on: BuildKit's SolveStatus. Times in nanoseconds since 1970. */
export type Status =
  | { readonly vertex: Vertex }
  | {
      readonly status: {
        readonly vertex: string
        readonly id: string
        readonly current?: number
        readonly total?: number
        readonly started: number
        readonly time: number
        readonly completed: boolean
      }
    }
  | { readonly log: { readonly vertex: string; readonly stream: 1 | 2; readonly time: number; readonly text: string } }
export type Emit = (s: Status) => Run<void>

/** The build context as it came, without what .dockerignore takes out. */
export interface Context {
  readonly dockerfile: string | undefined
  readonly source: ContextSource
  readonly entries: ReadonlyMap<string, TarEntry>
  readonly hasIgnore: boolean
}
export function readContext(bytes: Uint8Array, o: Pick<BuildOptions, 'dockerfile' | 'shown'>): Context {
  const read = readTar(bytes)
  if ('error' in read) throw new ApiError(400, `Error processing tar file(exit status 1): ${read.error}`)
  const all = new Map<string, TarEntry>()
  for (const e of read) {
    if (e.path.split('/').includes('..'))
      throw new ApiError(400, `invalid tar entry: ${e.path}: path escapes the build context`)
    all.set(e.path, e)
  }
  const content = (path: string): string | undefined => {
    const e = all.get(path)
    return e?.type === 'file' ? text(slice(e.data ?? { size: 0, extents: [] })) : undefined
  }
  const dockerfile = content(o.dockerfile)
  const ignore = content(`${o.dockerfile}.dockerignore`) ?? content('.dockerignore')
  const entries = new Map(all)
  // A Dockerfile from elsewhere isn't part of the context.
  if (o.dockerfile.startsWith('.dockerfile.')) entries.delete(o.dockerfile)
  if (ignore !== undefined) {
    const matcher = ignoreMatcher(readIgnore(ignore))
    if (typeof matcher !== 'function') throw new BuildError(`error from sender: ${matcher.error}`)
    for (const [path, e] of entries) if (e.type !== 'dir' && matcher(path)) entries.delete(path)
    for (const [path, e] of entries)
      if (e.type === 'dir' && matcher(path) && ![...entries.keys()].some((p) => p.startsWith(`${path}/`)))
        entries.delete(path)
  }
  return { dockerfile, source: new ContextSource(entries), entries, hasIgnore: ignore !== undefined }
}

/** Bytes of the packets that carry files to the builder: a header each, content where it is new (fsutil's Packet). */
function transferSize(entries: Iterable<TarEntry>, sent: Map<string, string>): number {
  const varint = (n: number): number => (n < 128 ? 1 : n < 16384 ? 2 : n < 2097152 ? 3 : 4)
  let total = 2
  for (const e of entries) {
    const size = e.data?.size ?? 0
    const stat = 2 + e.path.length + 3 + (size > 0 ? 1 + varint(size) : 0) + 10 + (e.target ? 2 + e.target.length : 0)
    total += 1 + varint(stat) + stat
    const mark = `${size}/${e.mtime}`
    if (e.type === 'file' && sent.get(e.path) !== mark) {
      for (let left = size; left > 0; left -= 32768) {
        const part = Math.min(left, 32768)
        total += 2 + 1 + varint(part) + part
      }
      total += 2
    }
    sent.set(e.path, mark)
  }
  return total
}

/** Names of references that were looked for, and where they were found. */
interface Found {
  readonly base: Base
  readonly remote: { readonly client: RegistryClient; readonly r: Remote } | undefined
}

export class Builder {
  readonly sys: Sys
  readonly d: Daemon
  readonly o: BuildOptions
  readonly emit: Emit
  warnings: readonly Warning[] = []
  #serial = 0
  readonly #vertices = new Map<Op, { readonly id: string; readonly started: number }>()
  readonly #found = new Map<Base, Found>()
  readonly #clients: RegistryClient[] = []
  /** Brings a base image that isn't here yet into the image store; without it, only its layers come. */
  readonly #pull: ((ref: Reference, platform: Platform) => Run<void>) | undefined
  constructor(
    sys: Sys,
    d: Daemon,
    o: BuildOptions,
    emit: Emit,
    pull?: (ref: Reference, platform: Platform) => Run<void>,
  ) {
    this.sys = sys
    this.d = d
    this.o = o
    this.emit = emit
    this.#pull = pull
  }
  now(): Run<number> {
    return this.sys.clock('realtime')
  }
  *close(): Run<void> {
    for (const c of this.#clients) yield* c.close()
  }

  /** A step that isn't an operation of the graph. */
  *step<T>(name: string, body: (v: Steps) => Run<T>): Run<T> {
    const id = digestOf(new TextEncoder().encode(`${++this.#serial} ${name}`))
    const started = yield* this.now()
    yield* this.emit({ vertex: { id, name, started } })
    const steps = new Steps(this, id)
    try {
      const made = yield* body(steps)
      yield* this.emit({
        vertex: { id, name, started, completed: yield* this.now(), ...(steps.cached ? { cached: true } : {}) },
      })
      return made
    } catch (e) {
      const error = e instanceof BuildError || e instanceof ApiError ? e.message : undefined
      if (error !== undefined) yield* this.emit({ vertex: { id, name, started, completed: yield* this.now(), error } })
      throw e
    }
  }

  /** The whole build: the image. Throws BuildError. */
  *run(bytes: Uint8Array): Run<Image> {
    const { o } = this
    const context = readContext(bytes, o)
    const sent = buildState(this.d).sent
    const known = (kind: string): Map<string, string> => {
      const key = `${kind} ${o.contextKey}`
      const map = sent.get(key) ?? new Map<string, string>()
      sent.set(key, map)
      return map
    }
    yield* this.step(`[internal] load build definition from ${o.shown}`, function* (v) {
      const e = context.entries.get(o.dockerfile)
      if (context.dockerfile === undefined) {
        yield* v.status('transferring dockerfile:', 2)
        throw new BuildError(`failed to read dockerfile: open ${o.shown}: no such file or directory`)
      }
      const entry: TarEntry = e ?? {
        path: o.shown,
        type: 'file',
        mode: 0o644,
        uid: 0,
        gid: 0,
        mtime: 0,
        data: { size: new TextEncoder().encode(context.dockerfile).length, extents: [] },
      }
      yield* v.status('transferring dockerfile:', transferSize([{ ...entry, path: o.shown }], known('dockerfile')))
    })
    const parsed = this.parse(context.dockerfile ?? '')
    const builds: Build[] = []
    for (const p of o.platforms.length > 0 ? o.platforms : [undefined])
      builds.push(yield* this.convert(parsed.program, parsed.escape, p))
    this.warnings = [...parsed.warnings, ...(builds[0] as Build).warnings]
    yield* this.step('[internal] load .dockerignore', function* (v) {
      const ignore = context.entries.get('.dockerignore')
      yield* v.status('transferring context:', transferSize(ignore ? [ignore] : [], known('ignore')))
    })
    let loaded = false
    const builder = this
    const solver = new Solver(
      this.sys,
      this.d,
      this.reporter(),
      { noCache: o.noCache, namespace: 'buildkit', secrets: o.secrets, several: builds.length > 1 },
      function* () {
        if (!loaded) {
          loaded = true
          yield* builder.step('[internal] load build context', function* (v) {
            const files = new Set(builds.flatMap((b) => needed(b.op, context)))
            yield* v.status('transferring context:', transferSize(files, known('context')))
          })
        }
        return context.source
      },
    )
    const results: { readonly build: Build; readonly result: Result }[] = []
    for (const build of builds) results.push({ build, result: yield* solver.solve(build.op) })
    return yield* this.export(results)
  }

  parse(dockerfile: string): {
    readonly program: Program
    readonly escape: string
    readonly warnings: readonly Warning[]
  } {
    const parsed = parseDockerfile(dockerfile)
    if ('error' in parsed) throw new BuildError(parsed.error, parsed.range)
    const warnings = parsed.warnings.map((w) => ({
      rule: 'NoEmptyContinuation',
      message: 'Empty continuation line',
      line: w.line,
    }))
    return {
      program: programOf(parsed.instructions),
      escape: parsed.escape,
      warnings: [...warnings, ...casing(parsed.instructions)],
    }
  }
  *convert(program: Program, token: string, platform = this.o.platforms[0]): Run<Build> {
    const host = yield* hostPlatform(this.sys)
    return yield* convert(program, {
      target: this.o.target,
      buildArgs: this.o.buildArgs,
      labels: this.o.labels,
      platform: platform ?? host,
      hostPlatform: host,
      oneOfSeveral: this.o.platforms.length > 1,
      escape: token,
      resolve: (ref, platform) => this.resolve(ref, platform),
    })
  }
  /** A base image's documents: from the store where it is, else from its registry. */
  *resolve(ref: Reference, platform: Platform): Run<Base> {
    for (const f of this.#found.values())
      if (f.base.reference.startsWith(`${fullName(ref)}@`) && f.base.config.architecture === platform.architecture)
        return f.base
    const name = fullName(ref)
    try {
      const which = this.o.platforms.length > 1 ? `${platformText(platform)} ` : ''
      return yield* this.step(`[${which}internal] load metadata for ${name}`, () => this.#look(ref, platform))
    } catch (e) {
      if (!(e instanceof ApiError)) throw e
      throw new BuildError(
        `${familiar(ref).replace(/:latest$/, '')}: failed to resolve source metadata for ${name}: ${e.message}`,
      )
    }
  }
  *#look(ref: Reference, platform: Platform): Run<Base> {
    const full = fullName(ref)
    const enter = (base: Base, remote: Found['remote']): Base => {
      this.#found.set(base, { base, remote })
      return base
    }
    const here = (): Image | undefined =>
      [...this.d.images.values()].find(
        (i) =>
          (i.tags.has(familiar(ref)) || i.digests.has(familiar(ref)) || i.id === ref.digest) &&
          i.config.os === platform.os &&
          i.config.architecture === platform.architecture,
      )
    let local = this.o.pull ? undefined : here()
    if (!local && this.#pull) {
      yield* this.#pull(ref, platform)
      local = here()
    }
    if (local)
      return enter(
        { reference: ref.digest ? full : `${full}@${local.id}`, config: local.config, chain: local.chain },
        undefined,
      )
    const client = new RegistryClient(this.sys, ref, this.o.credentials)
    this.#clients.push(client)
    try {
      const r = yield* resolveRemote(client, platform)
      return enter(
        { reference: ref.digest ? full : `${full}@${r.target.digest}`, config: r.config, chain: r.chain },
        { client, r },
      )
    } catch (e) {
      if (!(e instanceof ApiError)) throw e
      // The resolver's own words for what the registry said.
      if (/^pull access denied/.test(e.message))
        throw new ApiError(
          e.status,
          'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
        )
      if (/manifest unknown/.test(e.message)) throw new ApiError(e.status, `${full}: not found`)
      if (/^no matching manifest/.test(e.message))
        throw new ApiError(e.status, `no match for platform in manifest: not found`)
      throw e
    }
  }
  reporter(): Reporter {
    const builder = this
    const idOf = (op: Op): string => builder.#vertices.get(op)?.id ?? ''
    return {
      *begin(op) {
        if (!('name' in op)) return
        const started = yield* builder.now()
        const id = digestOf(new TextEncoder().encode(`${++builder.#serial} ${op.name}`))
        builder.#vertices.set(op, { id, started })
        yield* builder.emit({ vertex: { id, name: op.name, started } })
      },
      *log(op, stream, bytes) {
        yield* builder.emit({ log: { vertex: idOf(op), stream, time: yield* builder.now(), text: text(bytes) } })
      },
      *end(op, outcome) {
        const v = builder.#vertices.get(op)
        if (!v || !('name' in op)) return
        yield* builder.emit({
          vertex: { id: v.id, name: op.name, started: v.started, completed: yield* builder.now(), ...outcome },
        })
      },
      *cached(op) {
        if (!('name' in op)) return
        const now = yield* builder.now()
        const id = digestOf(new TextEncoder().encode(`${++builder.#serial} ${op.name}`))
        yield* builder.emit({ vertex: { id, name: op.name, started: now, completed: now, cached: true } })
      },
      *fetch(op) {
        const found = builder.#found.get(op.base)
        yield* builder.step(op.name, function* (v) {
          yield* v.status(`resolve ${op.base.reference}`)
          if (!found?.remote) {
            v.cached = true
            return
          }
          const { client, r } = found.remote
          const bytes = (l: Descriptor): string => l.digest
          yield* fetchLayers(builder.sys, builder.d, client, r, {
            *begin(layers) {
              v.cached = layers.every((l) => l.exists)
            },
            *downloaded(l) {
              yield* v.status(bytes(l), l.size, l.size)
            },
            *extracted(l) {
              yield* v.status(`extracting ${l.digest}`)
            },
          })
          for (const id of r.chain) builder.d.leases.add(id)
        })
      },
    }
  }
  /** Writes configuration and manifest of a result. */
  *write(build: Outcome, result: Result): Run<Target> {
    const config = configOf(build, result, yield* this.now(), this.#pull !== undefined)
    const base = build.op.kind === 'scratch' ? [] : baseLayers(this.d, result, this.#found)
    const layers = [...base, ...result.made.flatMap((m) => (m.descriptor ? [m.descriptor] : []))]
    return yield* writeImage(this.sys, config, layers, result.chain)
  }
  /** The results in the store, under their names; of several platforms as one image, by an index above them. */
  *export(results: readonly { readonly build: Build; readonly result: Result }[]): Run<Image> {
    const { sys, d, o } = this
    const builder = this
    return yield* this.step('exporting to image', function* (v) {
      yield* v.status('exporting layers')
      const targets: Target[] = []
      for (const { build, result } of results) {
        const target = yield* builder.write(build, result)
        targets.push(target)
        yield* v.status(`exporting manifest ${target.manifest.digest}`)
        yield* v.status(`exporting config ${yield* configDigest(sys, target.manifest)}`)
      }
      let index: Descriptor | undefined
      if (targets.length > 1) {
        const manifests = targets.map((t, i) => ({ ...t.manifest, platform: results[i]?.build.platform as Platform }))
        index = yield* putJson(sys, media.index, { schemaVersion: 2, mediaType: media.index, manifests })
        yield* v.status(`exporting manifest list ${index.digest}`)
      }
      const images: Image[] = []
      for (const t of targets) images.push(yield* enterImage(sys, d, index ? { ...t, target: index } : t))
      const image = images[0] as Image
      for (const tag of o.tags) {
        const ref = parseReference(tag)
        if ('error' in ref) throw new BuildError(`invalid tag ${JSON.stringify(tag)}: ${ref.error}`)
        for (const i of images) yield* nameImage(sys, d, i, familiar(ref))
        const name = fullName({ ...ref, tag: ref.tag ?? 'latest' })
        yield* v.status(`naming to ${name}`)
        yield* v.status(`unpacking to ${name}`)
        if (!o.push) continue
        yield* o.push(tag)
        yield* v.status('pushing layers')
        yield* v.status(`pushing manifest for ${name}@${image.id}`)
      }
      return image
    })
  }
}
function* configDigest(sys: Sys, manifest: Descriptor): Run<string> {
  return (yield* getJson<Manifest>(sys, manifest.digest)).config.digest
}
/** The descriptors of the layers that came with the base image. */
function baseLayers(d: Daemon, result: Result, found: ReadonlyMap<Base, Found>): readonly Descriptor[] {
  const { base } = result
  if (!base) return []
  const remote = found.get(base)?.remote
  if (remote) return remote.r.layers
  const chain = base.chain.at(-1)
  for (const i of d.images.values())
    if (i.chain.at(-1) === chain && i.chain.length === base.chain.length) return i.layers
  throw new BuildError(`failed to export: layers of ${base.reference} are gone`)
}

/** The image's configuration: what the instructions made of it, and how each layer came. */
export function configOf(build: Outcome, result: Result, now: number, classic: boolean): ImageConfig {
  const iso = (ns: number): string => strftime('%FT%T.%NZ', ns)
  const history: ImageConfig['history'][number][] = [...(build.base?.history ?? [])]
  let at = 0
  let last = result.made[0]?.created ?? now
  for (const h of build.history) {
    const made: Made | undefined = h.layer ? result.made[at++] : undefined
    if (made) last = made.created
    history.push({
      created: iso(last),
      ...(classic
        ? { created_by: classicHistory(h.createdBy, made?.diffId) }
        : { created_by: h.createdBy, comment: 'buildkit.dockerfile.v0' }),
      ...(made?.descriptor ? {} : { empty_layer: true }),
    })
  }
  return {
    ...build.platform,
    ...(build.author === undefined ? {} : { author: build.author }),
    created: iso(last),
    config: build.config,
    rootfs: { type: 'layers', diff_ids: result.diffIds },
    history,
  }
}
/** How the classic builder wrote an instruction down: as a command of a shell that does nothing. */
function classicHistory(createdBy: string, diffId: string | undefined): string {
  const plain = createdBy.replace(/ # buildkit$/, '')
  if (plain.startsWith('RUN ')) return plain.slice(4)
  const copy = /^(COPY|ADD) .* (\S+)$/s.exec(plain)
  if (copy) return `/bin/sh -c #(nop) ${copy[1]} file:${(diffId ?? '').slice(7)} in ${copy[2]} `
  return `/bin/sh -c #(nop)  ${plain}`
}
/** The context's files that operations ask for, with the directories above them. */
function needed(op: Op, context: Context): TarEntry[] {
  const paths: string[] = []
  const seen = new Set<Op>()
  const visit = (o: Op): void => {
    if (seen.has(o) || o.kind === 'scratch' || o.kind === 'image') return
    seen.add(o)
    visit(o.below)
    if (o.kind === 'copy') {
      if (o.from === 'context') paths.push(...o.sources)
      else visit(o.from)
    }
    if (o.kind === 'exec')
      for (const m of o.mounts) {
        if (m.from === 'context') paths.push(m.source)
        else if (m.from) visit(m.from)
      }
  }
  visit(op)
  const clean = paths.map((p) => cleanPath(`/${p}`).slice(1))
  // A wildcard's directory is sent as a whole.
  const roots = clean.map((p) =>
    hasWildcard(p)
      ? p
          .slice(0, Math.max(0, p.search(/[*?[]/)))
          .replace(/[^/]*$/, '')
          .replace(/\/$/, '')
      : p,
  )
  return [...context.entries.values()].filter((e) =>
    roots.some((r) => r === '' || e.path === r || e.path.startsWith(`${r}/`) || r.startsWith(`${e.path}/`)),
  )
}
/** Instructions that aren't written as most others are. */
function casing(instructions: readonly Instruction[]): Warning[] {
  const lower = instructions.filter((i) => i.keyword === i.keyword.toLowerCase()).length
  const upper = instructions.filter((i) => i.keyword === i.keyword.toUpperCase()).length
  const want = upper >= lower ? 'uppercase' : 'lowercase'
  const out: Warning[] = []
  for (const i of instructions) {
    const right = want === 'uppercase' ? i.keyword.toUpperCase() : i.keyword.toLowerCase()
    if (i.keyword !== right)
      out.push({
        rule: 'ConsistentInstructionCasing',
        message: `Command '${i.keyword}' should match the case of the command majority (${want})`,
        line: i.range.start,
      })
    if (i.keyword.toUpperCase() === 'FROM' && i.args.length === 3) {
      const [, as = '', name = ''] = i.args
      if ((as === as.toUpperCase()) !== (i.keyword === i.keyword.toUpperCase()))
        out.push({
          rule: 'FromAsCasing',
          message: `'${as}' and '${i.keyword}' keywords' casing do not match`,
          line: i.range.start,
        })
      if (name !== name.toLowerCase())
        out.push({ rule: 'StageNameCasing', message: `Stage name '${name}' should be lowercase`, line: i.range.start })
    }
    for (const [key, keyword] of [
      ['ENV', 'ENV'],
      ['LABEL', 'LABEL'],
    ])
      if (i.keyword.toUpperCase() === key && i.args[2] === '')
        out.push({
          rule: 'LegacyKeyValueFormat',
          message: `"${keyword} key=value" should be used instead of legacy "${keyword} key value" format`,
          line: i.range.start,
        })
  }
  return out
}
/** Tells of the parts of one step. */
class Steps {
  cached = false
  readonly #builder: Builder
  readonly #id: string
  constructor(builder: Builder, id: string) {
    this.#builder = builder
    this.#id = id
  }
  /** A part that is done. */
  *status(id: string, current?: number, total?: number): Run<void> {
    const now = yield* this.#builder.now()
    yield* this.#builder.emit({
      status: {
        vertex: this.#id,
        id,
        ...(current === undefined ? {} : { current }),
        ...(total === undefined ? {} : { total }),
        started: now,
        time: now,
        completed: true,
      },
    })
  }
}
