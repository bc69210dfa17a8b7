/**
 * A Dockerfile carried out by buildah's library: each instruction on a working container, each leaving an image where layers are kept, which
 * serves as the cache of the next build. imagebuildah's executor.
 */
import { isErr } from '../../base/errno.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { chainIds, type Digest } from '../../oci/digest.ts'
import type { ImageConfig, Manifest, Platform, RunConfig } from '../../oci/image.ts'
import { parseReference, type Reference } from '../../oci/reference.ts'
import { convert, fullName } from '../buildkit/convert.ts'
import { checksum, copyFiles, makeWorkdir } from '../buildkit/copy.ts'
import { BuildError, programOf } from '../buildkit/dockerfile/instructions.ts'
import { parseDockerfile } from '../buildkit/dockerfile/parse.ts'
import type { Base, Build, Op, Step } from '../buildkit/graph.ts'
import {
  type ContextSource,
  documentItem,
  type Item,
  MountedSource,
  type Source,
  selectFiles,
} from '../buildkit/source.ts'
import { commitImage } from '../containers/commit.ts'
import { hostPlatform } from '../containers/copy.ts'
import { makeFolders } from '../containers/files.ts'
import { isQualified } from '../containers/names.ts'
import { Problem } from '../containers/problem.ts'
import { isoTime } from '../containers/storage.ts'
import { withMount } from '../layers.ts'
import { type ImageInfo, imageInfo, type PullOptions, pull } from '../libpod/images.ts'
import type { Libpod } from '../libpod/libpod.ts'
import { runIn } from './exec.ts'

export interface BuildOptions {
  readonly dockerfile: string
  readonly context: ContextSource
  /** Where the context lies, for messages. */
  readonly contextDir: string
  /** Full names. */
  readonly tags: readonly string[]
  /** As the user wrote the first of them. */
  readonly shownTag: string
  readonly target: string
  readonly buildArgs: ReadonlyMap<string, string>
  readonly labels: ReadonlyMap<string, string>
  readonly platform: Partial<Platform>
  /** An image for each instruction: podman's way; buildah's is one layer for a stage. */
  readonly layers: boolean
  readonly noCache: boolean
  readonly network: string
  readonly pull: PullOptions
  /** A line of progress. */
  readonly say: (line: string) => Run<void>
  /** What buildah's copying tells; undefined: podman doesn't tell. */
  readonly copying?: ((line: string) => Run<void>) | undefined
  readonly version: string
}
/** A file system: a layer of the storage, and the image whose it is. */
interface At {
  readonly layer: string | undefined
  readonly base: { readonly config: ImageConfig; readonly manifest: Manifest } | undefined
  readonly id: string | undefined
  /** As history's comments name it. */
  readonly name: string
}

const withLatest = (ref: Reference): Reference =>
  ref.tag === undefined && ref.digest === undefined ? { ...ref, tag: 'latest' } : ref

/** Builds: the image's id. Throws Problem. */
export function* build(lp: Libpod, o: BuildOptions): Run<string> {
  const executor = new Executor(lp, o)
  try {
    return yield* executor.run()
  } finally {
    yield* executor.clear()
  }
}

class Executor {
  readonly lp: Libpod
  readonly o: BuildOptions
  readonly #bases = new Map<
    Base,
    { readonly info: ImageInfo; readonly name: string; readonly lines: readonly string[] }
  >()
  readonly #done = new Map<Op, At>()
  /** Short names as the file has them, by what Docker would make of them. */
  readonly #short = new Map<string, string>()
  constructor(lp: Libpod, o: BuildOptions) {
    this.lp = lp
    this.o = o
  }
  *run(): Run<string> {
    const { lp, o } = this
    const parsed = parseDockerfile(o.dockerfile)
    if ('error' in parsed)
      throw new Problem(/no instructions|empty/.test(parsed.error) ? 'no FROM statement found' : parsed.error)
    // Which registry a short name is of, registries.conf says, and not Docker's custom.
    for (const i of parsed.instructions) {
      const word = /^from$/i.test(i.keyword)
        ? i.original
            .trim()
            .split(/\s+/)
            .slice(1)
            .find((w) => !w.startsWith('--'))
        : undefined
      const ref = word === undefined || isQualified(word) ? undefined : parseReference(word)
      if (word !== undefined && ref && !('error' in ref)) this.#short.set(fullName(withLatest(ref)), word)
    }
    const host = yield* hostPlatform(lp.sys)
    let plan: Build
    try {
      plan = yield* convert(programOf(parsed.instructions), {
        target: o.target,
        buildArgs: o.buildArgs,
        labels: o.labels,
        platform: { ...host, ...o.platform },
        hostPlatform: host,
        oneOfSeveral: false,
        escape: parsed.escape,
        resolve: (ref, platform) => this.#resolve(ref, platform),
      })
    } catch (e) {
      if (!(e instanceof BuildError)) throw e
      throw new Problem(
        /^no build stage in current context|no FROM|before FROM/i.test(e.message)
          ? 'no FROM statement found'
          : e.message,
      )
    }
    let last: string | undefined
    const many = plan.stages.length > 1
    for (const [n, stage] of plan.stages.entries()) {
      const isLast = n === plan.stages.length - 1
      const prefix = many ? `[${n + 1}/${plan.stages.length}] ` : ''
      last = yield* this.#stage(stage.steps, stage, prefix, isLast)
    }
    if (last === undefined) throw new Problem('no FROM statement found')
    return last
  }
  /** Removes the working containers that are left. */
  *clear(): Run<void> {
    for (const id of this.#containers) yield* this.lp.storage.deleteContainer(id)
  }
  *#resolve(ref: Reference, platform: Platform): Run<Base> {
    const name = fullName(ref)
    for (const [base, known] of this.#bases)
      if (known.name === name && base.config.architecture === platform.architecture) return base
    const lines: string[] = []
    const { lp, o } = this
    const found = yield* pull(
      lp.sys,
      lp.storage,
      yield* lp.registries(),
      this.#short.get(fullName(withLatest(ref))) ?? name,
      {
        ...o.pull,
        platform,
        *say(line) {
          lines.push(line)
        },
      },
    )
    const record = (yield* lp.storage.images()).find((i) => i.id === found.id)
    if (!record) throw new Problem(`${name}: image not known`)
    const info = yield* imageInfo(lp.storage, record)
    const base: Base = {
      reference: `${name}@${record.digest}`,
      config: info.config,
      chain: chainIds(info.config.rootfs.diff_ids),
    }
    this.#bases.set(base, { info, name, lines })
    return base
  }
  /** One stage: its image's id; undefined for an earlier stage without layers kept. */
  *#stage(
    steps: readonly Step[],
    stage: Build['stages'][number],
    prefix: string,
    isLast: boolean,
  ): Run<string | undefined> {
    const { o } = this
    const first = steps[0]
    if (!first) return undefined
    yield* o.say(`${prefix}STEP 1/${steps.length}: ${first.text}`)
    let at = yield* this.#begin(first.op)
    let config: RunConfig = first.config
    const history: NonNullable<ImageConfig['history']>[number][] = []
    let committed = at
    let changed = false
    let cached = false
    for (const [n, step] of steps.entries()) {
      if (n === 0) continue
      yield* o.say(`${prefix}STEP ${n + 1}/${steps.length}: ${step.text}`)
      const before = steps[n - 1] as Step
      const final = n === steps.length - 1
      const labelled =
        final && isLast
          ? { ...step.config, Labels: { ...step.config.Labels, 'io.buildah.version': o.version } }
          : step.config
      config = labelled
      const named: { createdBy: string } = { createdBy: '' }
      if (o.layers) {
        const result = yield* this.#layered(step, before, committed, config, stage.platform, named)
        committed = result.at
        at = result.at
        cached = result.cached
        if (cached) yield* o.say(`--> Using cache ${result.at.id}`)
        if (!(final && isLast)) yield* o.say(`--> ${(result.at.id ?? '').slice(0, 12)}`)
      } else {
        const made = step.op === before.op ? at : yield* this.#perform(step, at, named, !changed)
        if (made !== at) changed = true
        at = made
        history.push({ created_by: named.createdBy || `/bin/sh -c #(nop) ${step.text}`, empty_layer: true })
      }
      this.#done.set(step.op, at)
    }
    if (!isLast && o.layers) return committed.id
    const tag = isLast && o.shownTag !== '' ? ` ${o.shownTag}` : ''
    if (isLast) yield* o.say(`${prefix}COMMIT${tag}`)
    if (o.layers && committed.id !== undefined && (steps.length > 1 || first.op.kind !== 'scratch')) {
      if (steps.length === 1) committed = yield* this.#configOnly(committed, config, stage.platform, first.text)
      const id = committed.id as string
      yield* this.#tag(id)
      yield* o.say(`--> ${id.slice(0, 12)}`)
      yield* this.#told()
      return id
    }
    if (!isLast) return undefined
    const id = yield* this.#commitStage(at, config, stage.platform, history)
    yield* o.say(`--> ${id.slice(0, 12)}`)
    yield* this.#told()
    return id
  }
  *#told(): Run<void> {
    for (const name of this.o.tags) yield* this.o.say(`Successfully tagged ${name}`)
  }
  *#tag(id: string): Run<void> {
    const image = (yield* this.lp.storage.images()).find((i) => i.id === id)
    if (image && this.o.tags.length > 0)
      yield* this.lp.storage.setNames(id, [...new Set([...this.o.tags, ...image.names])])
  }
  /** FROM: the image's file system, another stage's, or nothing. */
  *#begin(op: Op): Run<At> {
    if (op.kind === 'scratch') return { layer: undefined, base: undefined, id: undefined, name: 'scratch' }
    const known = this.#done.get(op)
    if (known) return known
    if (op.kind !== 'image') throw new Problem('zukan: not emulated: this FROM')
    const found = this.#bases.get(op.base)
    if (!found) throw new Problem(`${op.base.reference}: image not known`)
    for (const line of found.lines) if (this.o.pull.say) yield* this.o.pull.say(line)
    const { record } = found.info
    const at: At = { layer: record.layer, base: found.info, id: record.id, name: found.name }
    this.#done.set(op, at)
    return at
  }
  /** One instruction, and an image of it; the one that is there where the same was done before. */
  *#layered(
    step: Step,
    before: Step,
    below: At,
    config: RunConfig,
    platform: Platform,
    named: { createdBy: string },
  ): Run<{ readonly at: At; readonly cached: boolean }> {
    const plan = step.op === before.op ? undefined : yield* this.#prepare(step)
    const createdBy = plan?.createdBy ?? `/bin/sh -c #(nop) ${step.text}`
    named.createdBy = createdBy
    if (!this.o.noCache) {
      const hit = yield* this.#cached(below, createdBy, config)
      if (hit) return { at: hit, cached: true }
    }
    const at = plan ? yield* this.#onto(below, step, plan.items) : { diff: undefined }
    const created = isoTime(yield* this.lp.now())
    const made = yield* commitImage(this.lp.storage, {
      base: below.base,
      parent: below.layer,
      layer: at.diff,
      config,
      platform,
      created,
      history: [
        {
          created,
          created_by: createdBy,
          ...(below.id === undefined ? {} : { comment: `FROM ${below.name}` }),
          ...(at.diff ? {} : { empty_layer: true }),
        },
      ],
      names: [],
    })
    const layer = (yield* this.lp.storage.images()).find((i) => i.id === made.id)?.layer
    return { at: { layer, base: made, id: made.id, name: made.id.slice(0, 12) }, cached: false }
  }
  /** FROM alone: the same image under a new name has a configuration of its own. */
  *#configOnly(below: At, config: RunConfig, platform: Platform, text: string): Run<At> {
    const created = isoTime(yield* this.lp.now())
    const made = yield* commitImage(this.lp.storage, {
      base: below.base,
      parent: below.layer,
      layer: undefined,
      config: { ...config, Labels: { ...config.Labels, 'io.buildah.version': this.o.version } },
      platform,
      created,
      history: [{ created, created_by: `/bin/sh -c #(nop) ${text}`, comment: `FROM ${below.name}`, empty_layer: true }],
      names: [],
    })
    return { layer: below.layer, base: made, id: made.id, name: made.id.slice(0, 12) }
  }
  /** An image that the same instruction made of the same one. */
  *#cached(below: At, createdBy: string, config: RunConfig): Run<At | undefined> {
    for (const record of yield* this.lp.storage.images()) {
      const info = yield* imageInfo(this.lp.storage, record)
      const { history } = info.config
      const own = history.at(-1)
      const base = below.base?.config
      if (own?.created_by !== createdBy || history.length !== (base?.history.length ?? 0) + 1) continue
      const same =
        (base?.history ?? []).every(
          (h, n) => h.created_by === history[n]?.created_by && h.created === history[n]?.created,
        ) &&
        (base?.rootfs.diff_ids ?? []).every((d, n) => d === info.config.rootfs.diff_ids[n]) &&
        JSON.stringify(info.config.config) === JSON.stringify(config)
      if (same) return { layer: record.layer, base: info, id: record.id, name: record.id.slice(0, 12) }
    }
    return undefined
  }
  /** What an instruction reads from elsewhere, and what history calls it. */
  *#prepare(step: Step): Run<{ readonly createdBy: string; readonly items: readonly Item[] }> {
    const { op } = step
    if (op.kind === 'exec') {
      const used = step.history.at(-1)?.createdBy.match(/^RUN (\|\d+ .*?) \/bin\/sh -c/)?.[1]
      return { createdBy: `${used ? `${used} ` : ''}${op.args.join(' ')}`, items: [] }
    }
    if (op.kind === 'mkdir') return { createdBy: `/bin/sh -c #(nop) ${step.text}`, items: [] }
    if (op.kind !== 'copy') throw new Problem('zukan: not emulated: this instruction')
    const items = yield* this.#items(op, step)
    const kind = items.length === 1 && items[0]?.name !== undefined ? 'file' : op.sources.length > 1 ? 'multi' : 'dir'
    const word = op.unpack ? 'ADD' : 'COPY'
    return {
      createdBy: `/bin/sh -c #(nop) ${word} ${kind}:${checksum(items).slice(7)} in ${op.destination.replace(/\/$/, '') || '/'}`,
      items,
    }
  }
  *#items(op: Extract<Op, { kind: 'copy' }>, step: Step): Run<readonly Item[]> {
    const now = yield* this.lp.now()
    const documents = op.documents.map((x) => documentItem(x.name, x.content, Math.floor(now / 1e9)))
    if (op.sources.length === 0) return documents
    const select = function* (source: Source, where: string): Run<readonly Item[]> {
      const items = yield* selectFiles(source, op.sources, op.exclude)
      if ('missing' in items)
        throw new Problem(
          `building at STEP ${JSON.stringify(step.text)}: checking on sources under ${JSON.stringify(where)}: copier: stat: ${JSON.stringify(items.missing)}: no such file or directory`,
        )
      return items
    }
    if (op.from === 'context') return [...(yield* select(this.o.context, this.o.contextDir)), ...documents]
    const from = this.#done.get(op.from) ?? (yield* this.#begin(op.from))
    const lower =
      from.layer === undefined
        ? []
        : [`${this.lp.storage.layerDir(from.layer)}/diff`, ...(yield* this.lp.storage.lowers(from.layer))]
    const tmp = `${this.lp.place.graphRoot}/tmp`
    yield* makeFolders(this.lp.sys, tmp, 0o700)
    const read = yield* withMount(this.lp.sys, { lower, tmp }, (dir) =>
      select(new MountedSource(this.lp.sys, dir), dir),
    )
    if (isErr(read)) throw new Problem(read.text)
    return [...read, ...documents]
  }
  /** Carries an instruction out on a working container over a layer: what it changed. */
  *#onto(
    below: At,
    step: Step,
    items: readonly Item[],
  ): Run<{ readonly diff: { readonly tar: Uint8Array; readonly diffId: Digest } }> {
    const { storage } = this.lp
    const id = yield* this.lp.newId()
    const image = (yield* storage.images()).find((i) => i.id === below.id)
    const c = yield* storage.createContainer({
      id,
      name: `${id.slice(0, 12)}-working-container`,
      image: image ?? (below.layer === undefined ? undefined : ({ id: '', layer: below.layer } as never)),
      metadata: {},
    })
    try {
      const root = yield* storage.mount(c)
      yield* this.#act(root, step, items)
      return { diff: yield* storage.diff(c) }
    } finally {
      yield* storage.deleteContainer(id)
    }
  }
  /** The instruction itself. Throws Problem. */
  *#act(root: string, step: Step, items: readonly Item[]): Run<void> {
    const { op } = step
    try {
      if (op.kind === 'mkdir') yield* makeWorkdir(this.lp.sys, root, op.path, op.user)
      else if (op.kind === 'copy') yield* copyFiles(this.lp.sys, root, op, items)
      else if (op.kind === 'exec') {
        if (op.mounts.some((m) => m.type !== 'tmpfs'))
          throw new Problem('zukan: not emulated: RUN --mount in buildah but for tmpfs')
        if (op.script)
          throw new Problem('zukan: not emulated: RUN with a script that names its interpreter, in buildah')
        const code = yield* runIn(this.lp, root, {
          args: op.args,
          env: op.env,
          workDir: op.cwd,
          user: op.user,
          network: op.network === 'default' ? this.o.network : op.network,
          tmpfs: op.mounts.map((m) => m.target),
        })
        if (code !== 0)
          throw new Problem(
            `building at STEP ${JSON.stringify(step.text)}: while running runtime: exit status ${code}`,
            code,
          )
      }
    } catch (e) {
      if (!(e instanceof BuildError)) throw e
      throw new Problem(`building at STEP ${JSON.stringify(step.text)}: ${e.message}`)
    }
  }
  /** Without layers: instructions follow each other in one working container. */
  readonly #containers = new Set<string>()
  #working: { readonly id: string; readonly root: string; readonly layer: string } | undefined;
  *#perform(step: Step, at: At, named: { createdBy: string }, start: boolean): Run<At> {
    const { storage } = this.lp
    const plan = yield* this.#prepare(step)
    named.createdBy = plan.createdBy
    if (start || !this.#working) {
      const id = yield* this.lp.newId()
      const image = (yield* storage.images()).find((i) => i.id === at.id)
      const c = yield* storage.createContainer({
        id,
        name: `${id.slice(0, 12)}-working-container`,
        image,
        metadata: {},
      })
      this.#containers.add(id)
      this.#working = { id, root: yield* storage.mount(c), layer: c.layer }
    }
    yield* this.#act(this.#working.root, step, plan.items)
    return { ...at, layer: this.#working.layer }
  }
  *#commitStage(
    at: At,
    config: RunConfig,
    platform: Platform,
    history: readonly NonNullable<ImageConfig['history']>[number][],
  ): Run<string> {
    const { storage } = this.lp
    const working = this.#working
    const created = isoTime(yield* this.lp.now())
    const layer = working ? yield* storage.diff({ layer: working.layer }) : undefined
    const entries = history.map((h, n) => ({
      ...h,
      created,
      ...(layer && n === history.length - 1 ? { empty_layer: false } : {}),
    }))
    const made = yield* commitImage(storage, {
      base: at.base,
      parent: at.base ? (yield* storage.images()).find((i) => i.id === at.id)?.layer : undefined,
      layer,
      config,
      platform,
      created,
      history: entries.map(({ empty_layer, ...h }) => (empty_layer ? { ...h, empty_layer } : h)),
      names: this.o.tags,
    })
    if (this.o.copying) {
      yield* this.o.copying('Getting image source signatures')
      for (const d of made.diffIds) yield* this.o.copying(`Copying blob ${d}`)
      yield* this.o.copying(`Copying config sha256:${made.id}`)
      yield* this.o.copying('Writing manifest to image destination')
    }
    this.#working = undefined
    return made.id
  }
}
