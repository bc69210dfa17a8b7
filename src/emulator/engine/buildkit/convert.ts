/** From a Dockerfile's stages to operations and a configuration: BuildKit's dockerfile2llb. */
import type { Run } from '../../kernel/linux/abi.ts'
import { signalNumber } from '../../kernel/linux/signals.ts'
import type { Platform, RunConfig } from '../../oci/image.ts'
import { parseReference, type Reference } from '../../oci/reference.ts'
import {
  BuildError,
  type Command,
  type CommandLine,
  type Copy,
  commandOf,
  type Program,
  type Stage,
  suggestion,
} from './dockerfile/instructions.ts'
import { type HereDocument, parseDockerfile, type Range } from './dockerfile/parse.ts'
import { expand, type WordOptions } from './dockerfile/words.ts'
import type { Base, Build, HistoryEntry, Op, Outcome, RunMount, Step, Warning } from './graph.ts'
import { cleanPath } from './ignore.ts'

export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
export interface ConvertOptions {
  readonly target: string
  readonly buildArgs: ReadonlyMap<string, string>
  readonly labels: ReadonlyMap<string, string>
  readonly platform: Platform
  readonly hostPlatform: Platform
  /** One of several platforms: steps say for which. */
  readonly oneOfSeveral: boolean
  readonly escape: string
  /** Finds a base image's documents. */
  readonly resolve: (ref: Reference, platform: Platform) => Run<Base>
}
type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** A stage while it is put together. */
interface State {
  readonly stage: Stage
  name: string
  base: State | undefined
  op: Op
  config: Mutable<RunConfig>
  image: Base | undefined
  author: string | undefined
  platform: Platform
  history: HistoryEntry[]
  readonly steps: Step[]
  /** ENV and ARG as RUN sees them. */
  env: Map<string, string>
  args: Map<string, string | undefined>
  total: number
  index: number
  cmdSet: boolean
  done: boolean
}
const quotedList = (words: readonly string[]): string => `[${words.map((w) => JSON.stringify(w)).join(' ')}]`
const platformText = (p: Platform): string => `${p.os}/${p.architecture}${p.variant ? `/${p.variant}` : ''}`

/** Converts what the target needs. Throws BuildError. */
export function* convert(program: Program, o: ConvertOptions): Run<Build> {
  return yield* new Converter(program, o).build()
}

const outcome = (s: State): Outcome => ({
  op: s.op,
  config: s.config,
  author: s.author,
  platform: s.platform,
  base: s.image?.config,
  history: s.history,
})

class Converter {
  readonly program: Program
  readonly o: ConvertOptions
  readonly warnings: Warning[] = []
  readonly states: State[] = []
  readonly byName = new Map<string, State>()
  readonly images = new Map<string, State>()
  readonly bases = new Map<Base, Op>()
  globals = new Map<string, string>()
  constructor(program: Program, o: ConvertOptions) {
    this.program = program
    this.o = o
  }

  *build(): Run<Build> {
    this.predefine()
    for (const command of this.program.args)
      for (const a of command.args) {
        const given = this.o.buildArgs.get(a.name)
        const value = given ?? (a.value === undefined ? undefined : this.word(a.value, this.globals, command.range))
        if (value !== undefined) this.globals.set(a.name, value)
      }
    for (const [i, stage] of this.program.stages.entries()) this.declare(stage, i)
    const target = this.target()
    const needed = new Set<State>()
    this.need(target, needed)
    if (this.states.length === 1) (this.states[0] as State).name = ''
    for (const s of this.states) if (needed.has(s)) yield* this.dispatchStage(s)
    for (const [k, v] of this.o.labels) target.config.Labels = { ...target.config.Labels, [k]: v }
    return {
      ...outcome(target),
      stages: this.states.filter((s) => needed.has(s)).map((s) => ({ ...outcome(s), steps: s.steps })),
      warnings: this.warnings,
    }
  }
  warn(rule: string, message: string, range: Range): void {
    this.warnings.push({ rule, message, line: range.start })
  }
  /** ARGs in the global scope that every build has. */
  predefine(): void {
    const { platform: t, hostPlatform: b } = this.o
    for (const [name, p] of [
      ['BUILD', b],
      ['TARGET', t],
    ] as const) {
      this.globals.set(`${name}PLATFORM`, platformText(p))
      this.globals.set(`${name}OS`, p.os)
      this.globals.set(`${name}ARCH`, p.architecture)
      this.globals.set(`${name}VARIANT`, p.variant ?? '')
    }
    this.globals.set('TARGETSTAGE', this.o.target || 'default')
    for (const key of this.globals.keys()) {
      const given = this.o.buildArgs.get(key)
      if (given !== undefined) this.globals.set(key, given)
    }
  }
  word(text: string, env: ReadonlyMap<string, string>, range: Range, options: WordOptions = {}): string {
    const missing = new Set<string>()
    const made = expand(text, (n) => env.get(n), { escape: this.o.escape, missing, ...options })
    if ('error' in made) throw new BuildError(`failed to process ${JSON.stringify(text)}: ${made.error}`, range)
    if (!options.keepUnset) for (const name of missing) this.unset(name, env, range)
    return made.text
  }
  unset(name: string, env: ReadonlyMap<string, string>, range: Range): void {
    if (/^[\d@*#?\-!$]/.test(name)) return
    this.warn('UndefinedVar', `Usage of undefined variable '$${name}'${suggestion(name, [...env.keys()], true)}`, range)
  }
  declare(stage: Stage, i: number): void {
    const base = this.word(stage.base, this.globals, stage.range)
    if (base === '') throw new BuildError(`base name (${stage.base}) should not be blank`, stage.range)
    let { platform } = this.o
    if (stage.platform !== '') {
      const text = this.word(stage.platform, this.globals, stage.range)
      if (text === '') throw new BuildError(`empty platform value from expression ${stage.platform}`, stage.range)
      const [os = '', architecture, variant] = text.split('/')
      if (architecture === undefined)
        throw new BuildError(
          `failed to parse platform ${stage.platform}: ${JSON.stringify(text)} is an invalid OS component of ${JSON.stringify(text)}: OSAndVersion specifier component must match "^([A-Za-z0-9_-]+)(?:\\\\(([A-Za-z0-9_.-]*)((?:\\\\+[A-Za-z0-9_.%-]+)*)\\\\))?$": invalid argument`,
          stage.range,
        )
      platform = { os, architecture, ...(variant ? { variant } : {}) }
    }
    if (stage.name !== '' && this.byName.has(stage.name))
      this.warn('DuplicateStageName', `Duplicate stage name "${stage.name}", stage names should be unique`, stage.range)
    const s = this.state({ ...stage, base }, stage.name || `stage-${i}`, platform)
    s.base = this.byName.get(base.toLowerCase())
    s.total =
      (base !== 'scratch' && !s.base ? 1 : 0) +
      stage.commands.filter((c) => ['add', 'copy', 'run', 'workdir'].includes(c.kind)).length
    this.states.push(s)
    if (stage.name !== '') this.byName.set(stage.name, s)
  }
  state(stage: Stage, name: string, platform: Platform): State {
    return {
      stage,
      name,
      base: undefined,
      op: { kind: 'scratch' },
      config: {},
      image: undefined,
      author: undefined,
      platform,
      history: [],
      steps: [],
      env: new Map(),
      args: new Map(),
      total: 0,
      index: 0,
      cmdSet: false,
      done: false,
    }
  }
  target(): State {
    if (this.o.target === '') return this.states.at(-1) as State
    const found = this.byName.get(this.o.target.toLowerCase())
    if (found) return found
    throw new BuildError(
      `target stage ${JSON.stringify(this.o.target)} could not be found${suggestion(this.o.target, [...this.byName.keys()], true)}`,
    )
  }
  /** The stage that `--from` names: another stage by name or number, or an image. */
  source(from: string, range: Range): State {
    const expanded = expand(from, () => undefined, { escape: this.o.escape })
    if ('error' in expanded) throw new BuildError(expanded.error, range)
    if (expanded.text !== from)
      throw new BuildError(
        'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
        range,
      )
    if (/^\d+$/.test(from)) {
      const found = this.states[Number(from)]
      if (!found) throw new BuildError(`invalid stage index ${from}`, range)
      return found
    }
    const named = this.byName.get(from.toLowerCase()) ?? this.images.get(from)
    if (named) return named
    const made = this.state({ base: from, name: '', platform: '', range, commands: [] }, '', this.o.platform)
    this.images.set(from, made)
    return made
  }
  /** Where a command takes files from, besides the stage itself. */
  sourcesOf(c: Command): string[] {
    if (c.kind === 'copy' && c.from !== '') return [c.from]
    if (c.kind === 'run')
      return c.mounts.flatMap((m) =>
        m
          .split(',')
          .filter((f) => f.startsWith('from='))
          .map((f) => f.slice(5)),
      )
    return []
  }
  need(s: State, needed: Set<State>, path: readonly State[] = []): void {
    if (path.includes(s)) throw new BuildError(`circular dependency detected on stage: ${s.name}`, s.stage.range)
    if (needed.has(s)) return
    if (s.base) this.need(s.base, needed, [...path, s])
    for (const c of s.stage.commands)
      for (const from of this.sourcesOf(c)) this.need(this.source(from, c.range), needed, [...path, s])
    needed.add(s)
  }
  /** Where a stage begins: nothing, another stage, or an image. */
  *begin(s: State): Run<void> {
    const { base } = s
    if (base) {
      s.op = base.op
      s.config = { ...base.config }
      s.image = base.image
      s.author = base.author
      s.platform = base.platform
      s.history = [...base.history]
      s.env = new Map(base.env)
      s.args = new Map(base.args)
      return
    }
    if (s.stage.base === 'scratch') return
    const ref = parseReference(s.stage.base)
    if ('error' in ref)
      throw new BuildError(`failed to parse stage name ${JSON.stringify(s.stage.base)}: ${ref.error}`, s.stage.range)
    const full: Reference = ref.tag === undefined && ref.digest === undefined ? { ...ref, tag: 'latest' } : ref
    let image: Base
    try {
      image = yield* this.o.resolve(full, s.platform)
    } catch (e) {
      throw e instanceof BuildError && !e.range ? new BuildError(e.message, s.stage.range) : e
    }
    s.image = image
    s.config = { ...image.config.config }
    s.author = image.config.author
    for (const e of image.config.config.Env ?? []) {
      const at = e.indexOf('=')
      s.env.set(at < 0 ? e : e.slice(0, at), at < 0 ? '' : e.slice(at + 1))
    }
    // Stages on the same image begin with the same operation.
    const name = this.prefix(s, `FROM ${image.reference}`)
    s.op = this.bases.get(image) ?? { kind: 'image', base: image, name, range: s.stage.range }
    this.bases.set(image, s.op)
  }
  *dispatchStage(s: State): Run<void> {
    if (s.done) return
    s.done = true
    yield* this.begin(s)
    const triggers = [...(s.config.OnBuild ?? [])]
    const { OnBuild: _, ...rest } = s.config
    s.config = rest
    s.steps.push({
      command: undefined,
      text: `FROM ${s.stage.base}${s.stage.name ? ` AS ${s.stage.name}` : ''}`,
      op: s.op,
      config: { ...s.config },
      history: [...s.history],
    })
    const commands: { readonly c: Command; readonly onbuild: boolean }[] = []
    for (const t of triggers) {
      const parsed = parseDockerfile(t)
      if ('error' in parsed) throw new BuildError(parsed.error, s.stage.range)
      const [only, more] = parsed.instructions
      if (!only || more) throw new BuildError('onbuild trigger should be a single expression', s.stage.range)
      commands.push({ c: commandOf({ ...only, range: s.stage.range }), onbuild: true })
    }
    s.total += commands.filter(({ c }) => ['add', 'copy', 'run', 'workdir'].includes(c.kind)).length
    for (const c of s.stage.commands) commands.push({ c, onbuild: false })
    if (!(s.config.Env ?? []).some((e) => e.startsWith('PATH='))) {
      s.config.Env = [...(s.config.Env ?? []), `PATH=${DEFAULT_PATH}`]
      s.env.set('PATH', DEFAULT_PATH)
    }
    for (const { c, onbuild } of commands) {
      for (const from of this.sourcesOf(c)) {
        const source = this.source(from, c.range)
        if (!source.done) {
          if (this.images.get(from) === source) yield* this.dispatchStage(source)
          else
            throw new BuildError(
              `cannot copy from stage ${JSON.stringify(from)}, it needs to be defined before current stage ${JSON.stringify(s.name)}`,
              c.range,
            )
        }
      }
      try {
        this.dispatch(s, c, onbuild)
      } catch (e) {
        if (e instanceof BuildError && !e.range) throw new BuildError(e.message, c.range)
        throw e
      }
      s.steps.push({
        command: c,
        text: c.original.replace(/^\S+/, (k) => k.toUpperCase()),
        op: s.op,
        config: { ...s.config },
        history: [...s.history],
      })
    }
  }
  prefix(s: State, text: string, onbuild = false): string {
    if (s.total === 0) return text
    s.index++
    const width = String(s.total).length
    const platform = this.o.oneOfSeveral ? `${platformText(s.platform)}${this.towards(s)} ` : ''
    return `[${platform}${s.name ? `${s.name} ` : ''}${String(s.index).padStart(width)}/${s.total}] ${onbuild ? 'ONBUILD ' : ''}${text}`
  }
  /** The other platform that a stage works for, where it asks for it: `->arm64` (dockerfile2llb, formatTargetPlatform). */
  towards(s: State): string {
    const { platform: p } = s
    const whole = s.env.get('TARGETPLATFORM')
    const [os = p.os, architecture = p.architecture, variant] = whole?.split('/') ?? [
      s.env.get('TARGETOS'),
      s.env.get('TARGETARCH'),
      s.env.get('TARGETVARIANT'),
    ]
    const more = variant ? `/${variant}` : ''
    if (os !== p.os) return `->${os}/${architecture}${more}`
    return architecture === p.architecture ? '' : `->${architecture}${more}`
  }
  /** The instruction as the progress shows it: variables expanded as far as they are known. */
  shown(s: State, c: Command, onbuild: boolean, more = ''): string {
    const text = c.original.replace(/^\S+/, (k) => k.toUpperCase()) + more
    const made = expand(text, (n) => s.env.get(n), {
      escape: this.o.escape,
      rawQuotes: true,
      keepUnset: c.kind === 'run',
    })
    return this.prefix(s, 'error' in made ? text : made.text, onbuild)
  }
  note(s: State, createdBy: string, layer = false): undefined {
    s.history.push({ createdBy, layer })
    return undefined
  }
  setEnv(s: State, name: string, value: string): void {
    s.env.set(name, value)
    const list = [...(s.config.Env ?? [])]
    const at = list.findIndex((e) => e.split('=')[0] === name)
    if (at < 0) list.push(`${name}=${value}`)
    else list[at] = `${name}=${value}`
    s.config.Env = list
  }
  commandLine(s: State, line: CommandLine): string[] {
    return line.shell ? [...(s.config.Shell ?? ['/bin/sh', '-c']), line.words.join(' ')] : [...line.words]
  }
  /** Carries one instruction over. Throws BuildError. */
  dispatch(s: State, c: Command, onbuild: boolean): undefined {
    const w = (text: string): string => this.word(text, s.env, c.range)
    switch (c.kind) {
      case 'env': {
        const pairs = c.pairs.map((p) => ({ name: w(p.name), value: w(p.value) }))
        for (const p of pairs) {
          this.secret('ENV', p.name, c.range)
          this.setEnv(s, p.name, p.value)
        }
        return this.note(s, `ENV ${pairs.map((p) => `${p.name}=${p.value}`).join(' ')}`)
      }
      case 'label': {
        const pairs = c.pairs.map((p) => ({ name: w(p.name), value: w(p.value) }))
        s.config.Labels = { ...s.config.Labels, ...Object.fromEntries(pairs.map((p) => [p.name, p.value])) }
        return this.note(s, `LABEL ${pairs.map((p) => `${p.name}=${p.value}`).join(' ')}`)
      }
      case 'arg': {
        const shown: string[] = []
        for (const a of c.args) {
          this.secret('ARG', a.name, c.range)
          const value = this.o.buildArgs.get(a.name) ?? (a.value === undefined ? this.globals.get(a.name) : w(a.value))
          s.args.set(a.name, value)
          if (value !== undefined) s.env.set(a.name, value)
          shown.push(value === undefined ? a.name : `${a.name}=${value}`)
        }
        return this.note(s, `ARG ${shown.join(' ')}`)
      }
      case 'run':
        return this.run(s, c, onbuild)
      case 'copy':
      case 'add':
        return this.copy(s, c, c, onbuild)
      case 'workdir': {
        const path = w(c.value)
        if (!path.startsWith('/') && !s.config.WorkingDir)
          this.warn(
            'WorkdirRelativePath',
            `Relative workdir ${JSON.stringify(path)} can have unexpected results if the base image changes`,
            c.range,
          )
        const dir = cleanPath(path.startsWith('/') ? path : `${s.config.WorkingDir || '/'}/${path}`)
        s.config.WorkingDir = dir
        if (dir !== '/')
          s.op = {
            kind: 'mkdir',
            below: s.op,
            path: dir,
            user: s.config.User ?? '',
            name: this.shown(s, c, onbuild),
            range: c.range,
          }
        return this.note(s, `WORKDIR ${dir}`, dir !== '/')
      }
      case 'user':
        s.config.User = w(c.value)
        return this.note(s, `USER ${s.config.User}`)
      case 'stopsignal':
        s.config.StopSignal = w(c.value)
        if (signalNumber(s.config.StopSignal) === undefined)
          throw new BuildError(`invalid signal: ${s.config.StopSignal}`)
        return this.note(s, `STOPSIGNAL ${s.config.StopSignal}`)
      case 'maintainer':
        s.author = c.value
        this.warn('MaintainerDeprecated', 'Maintainer instruction is deprecated in favor of using label', c.range)
        return this.note(s, `MAINTAINER ${c.value}`)
      case 'expose': {
        const words = c.values.flatMap((v) => {
          const made = expand(v, (n) => s.env.get(n), { escape: this.o.escape })
          if ('error' in made) throw new BuildError(made.error)
          return made.words
        })
        const ports = words.flatMap(portsOf)
        s.config.ExposedPorts = { ...s.config.ExposedPorts, ...Object.fromEntries(ports.map((p) => [p, {}])) }
        return this.note(s, `EXPOSE [${ports.join(' ')}]`)
      }
      case 'volume': {
        const values = c.values.map(w)
        if (values.includes('')) throw new BuildError('VOLUME specified can not be an empty string')
        s.config.Volumes = { ...s.config.Volumes, ...Object.fromEntries(values.map((v) => [v, {}])) }
        return this.note(s, `VOLUME [${values.join(' ')}]`)
      }
      case 'shell':
        s.config.Shell = c.values
        return this.note(s, `SHELL [${c.values.join(' ')}]`)
      case 'cmd':
        this.jsonAdvised(s, c.line, 'CMD', c.range)
        s.config.Cmd = this.commandLine(s, c.line)
        s.config.ArgsEscaped = true
        s.cmdSet = true
        return this.note(s, `CMD ${quotedList(s.config.Cmd)}`)
      case 'entrypoint': {
        this.jsonAdvised(s, c.line, 'ENTRYPOINT', c.range)
        s.config.Entrypoint = this.commandLine(s, c.line)
        // A command that comes from the base image doesn't suit the new entrypoint.
        if (!s.cmdSet) {
          const { Cmd: _, ...rest } = s.config
          s.config = rest
        }
        return this.note(s, `ENTRYPOINT ${quotedList(s.config.Entrypoint ?? [])}`)
      }
      case 'healthcheck': {
        s.config.Healthcheck = c.check
        const h = c.check
        return this.note(
          s,
          `HEALTHCHECK {Test:[${h.Test.join(' ')}] Interval:${goDuration(h.Interval ?? 0)} Timeout:${goDuration(h.Timeout ?? 0)} StartPeriod:${goDuration(h.StartPeriod ?? 0)} StartInterval:${goDuration(h.StartInterval ?? 0)} Retries:${h.Retries ?? 0}}`,
        )
      }
      case 'onbuild':
        s.config.OnBuild = [...(s.config.OnBuild ?? []), c.trigger]
        return undefined
    }
  }
  jsonAdvised(s: State, line: CommandLine, keyword: string, range: Range): void {
    if (line.shell && !s.config.Shell)
      this.warn(
        'JSONArgsRecommended',
        `JSON arguments recommended for ${keyword} to prevent unintended behavior related to OS signals`,
        range,
      )
  }
  secret(keyword: string, name: string, range: Range): void {
    if (
      /(^|_)(apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)($|_)/i.test(name) &&
      !/(^|_)public(_|$)/i.test(name)
    )
      this.warn(
        'SecretsUsedInArgOrEnv',
        `Do not use ARG or ENV instructions for sensitive data (${keyword} ${JSON.stringify(name)})`,
        range,
      )
  }
  run(s: State, c: Extract<Command, { kind: 'run' }>, onbuild: boolean): undefined {
    let line = c.line
    let script: HereDocument | undefined
    let more = ''
    const [first] = c.documents
    if (first) {
      const text = c.line.words[0] ?? ''
      if (c.line.words.length !== 1 || !c.line.shell)
        throw new BuildError(`parsing produced an invalid run command: [${c.line.words.join(' ')}]`)
      if (/^\d*<<-?["']?[^<"'\s]+["']?$/.test(text)) {
        if (first.content.startsWith('#!')) {
          script = first
          line = { words: [`/dev/pipes/${first.name}`], shell: false }
        } else line = { words: [first.content], shell: true }
        const lines = first.content.trim().split('\n')
        more = ` (${lines[0]}${lines.length > 1 ? '...' : ''})`
      } else line = { words: [text + c.documents.map((d) => `\n${d.content}${d.name}`).join('')], shell: true }
    }
    const args = this.commandLine(s, line)
    s.op = {
      kind: 'exec',
      below: s.op,
      args,
      env: [...this.proxies(s), ...[...s.env].map(([k, v]) => `${k}=${v}`)],
      cwd: s.config.WorkingDir || '/',
      user: s.config.User ?? '',
      network: c.network,
      mounts: c.mounts.map((m) => this.mount(m, c.range)),
      script,
      name: this.shown(s, c, onbuild, more),
      range: c.range,
    }
    const used = [...s.args].map(([k, v]) => `${k}=${s.env.get(k) ?? v ?? ''}`)
    return this.note(
      s,
      `RUN ${[...(used.length > 0 ? [`|${used.length}`, ...used] : []), ...args].join(' ')} # buildkit`,
      true,
    )
  }
  /** --mount=type=...,target=... */
  mount(text: string, range: Range): RunMount {
    const fields = new Map(
      text.split(',').map((f) => {
        const at = f.indexOf('=')
        return at < 0 ? [f.toLowerCase(), ''] : [f.slice(0, at).toLowerCase(), f.slice(at + 1)]
      }),
    )
    const type = fields.get('type') || 'bind'
    if (type === 'ssh') throw new BuildError('zukan: not emulated: RUN --mount=type=ssh')
    if (type === 'secret') return this.secretMount(fields)
    if (type !== 'cache' && type !== 'tmpfs' && type !== 'bind')
      throw new BuildError(`unsupported mount type ${JSON.stringify(type)}`)
    const target = fields.get('target') ?? fields.get('dst') ?? fields.get('destination') ?? ''
    if (target === '') throw new BuildError(`invalid mount: target is required`)
    const from = fields.get('from')
    return {
      type,
      target,
      id: fields.get('id') || target,
      source: fields.get('source') ?? fields.get('src') ?? '/',
      from: from !== undefined ? this.source(from, range).op : type === 'bind' ? 'context' : undefined,
      readonly: type === 'bind' && !fields.has('rw') && !fields.has('readwrite'),
    }
  }
  /** --mount=type=secret: a file for one command, by default readable by root alone below /run/secrets. */
  secretMount(fields: ReadonlyMap<string, string>): RunMount {
    if (fields.has('env')) throw new BuildError('zukan: not emulated: RUN --mount=type=secret,env')
    const given = fields.get('target') ?? fields.get('dst') ?? fields.get('destination')
    const id = fields.get('id') || given?.split('/').at(-1) || ''
    if (id === '') throw new BuildError('invalid secret mount: one of source, target required')
    return {
      type: 'secret',
      target: given ?? `/run/secrets/${id}`,
      id,
      from: undefined,
      source: '',
      readonly: true,
      secret: {
        mode: Number.parseInt(fields.get('mode') ?? '0400', 8),
        uid: Number(fields.get('uid') ?? 0),
        gid: Number(fields.get('gid') ?? 0),
        required: fields.has('required') && fields.get('required') !== 'false',
      },
    }
  }
  /** Arguments for proxies need no ARG: every RUN has them, and no history (docs.docker.com/reference/dockerfile, "Predefined ARGs"). */
  proxies(s: State): readonly string[] {
    return ['HTTP', 'HTTPS', 'FTP', 'NO', 'ALL']
      .flatMap((kind) => [`${kind}_PROXY`, `${kind.toLowerCase()}_proxy`])
      .flatMap((name) => {
        const value = s.env.has(name) ? undefined : this.o.buildArgs.get(name)
        return value === undefined ? [] : [`${name}=${value}`]
      })
  }
  copy(s: State, c: Command, p: Copy, onbuild: boolean): undefined {
    const w = (text: string): string => this.word(text, s.env, c.range)
    const sources = p.sources.map(w)
    for (const source of sources)
      if (/^(https?:\/\/|git@|git:\/\/)/.test(source))
        throw new BuildError(
          c.kind === 'copy'
            ? source.startsWith('http')
              ? "source can't be a URL for COPY"
              : "source can't be a git ref for COPY"
            : `zukan: not emulated: ADD ${source}`,
        )
    const destination = w(p.destination)
    const chown = w(p.chown)
    const chmod = w(p.chmod)
    if (chmod !== '' && !/^[0-7]{1,4}$/.test(chmod)) {
      if (/^\d+$/.test(chmod))
        throw new BuildError(`invalid chmod parameter: '${chmod}'. it should be octal string and between 0 and 07777`)
      throw new BuildError(`zukan: not emulated: --chmod=${chmod}`)
    }
    const at = destination.startsWith('/') ? destination : `${s.config.WorkingDir || '/'}/${destination}`
    const clean = cleanPath(at)
    const folder = /(^|\/)\.?$/.test(destination) && clean !== '/'
    if (sources.length + p.documents.length > 1 && !/(^|\/)\.?$/.test(destination))
      throw new BuildError(
        `When using ${c.kind.toUpperCase()} with more than one source file, the destination must be a directory and end with a /`,
        c.range,
      )
    s.op = {
      kind: 'copy',
      below: s.op,
      from: p.from === '' ? 'context' : this.source(p.from, c.range).op,
      sources,
      documents: p.documents.map((d) => ({
        name: d.name,
        content: d.expand ? this.document(s, d, c.range) : d.content,
      })),
      destination: folder ? `${clean}/` : clean,
      chown,
      chmod,
      exclude: p.exclude,
      unpack: c.kind === 'add',
      name: this.shown(s, c, onbuild),
      range: c.range,
    }
    const words = [
      c.kind.toUpperCase(),
      ...(chown ? [`--chown=${chown}`] : []),
      ...(chmod ? [`--chmod=${chmod}`] : []),
      ...sources,
      ...p.documents.map((d) => `<<${d.name}`),
      destination,
    ]
    return this.note(s, `${words.join(' ')} # buildkit`, true)
  }
  document(s: State, d: HereDocument, range: Range): string {
    const made = expand(d.content, (n) => s.env.get(n), { rawQuotes: true, escape: '\\' })
    if ('error' in made) throw new BuildError(made.error, range)
    return made.text
  }
}
/** 5s, 1m30s, 0s: Go's Duration.String for whole milliseconds and up. */
function goDuration(ns: number): string {
  if (ns === 0) return '0s'
  if (ns < 1e9) return `${ns / 1e6}ms`
  const h = Math.floor(ns / 3600e9)
  const m = Math.floor((ns % 3600e9) / 60e9)
  const s = (ns % 60e9) / 1e9
  return `${h ? `${h}h` : ''}${h || m ? `${m}m` : ''}${s}s`
}
/** EXPOSE's `8080`, `53/udp`, `8000-8002/tcp`. */
function portsOf(spec: string): string[] {
  const container = spec.slice(spec.lastIndexOf(':') + 1)
  const [range = '', given = ''] = container.split('/')
  if (range === '') throw new BuildError(`no port specified: ${container}<empty>`)
  const protocol = given.toLowerCase() || 'tcp'
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) throw new BuildError(`invalid proto: ${protocol}`)
  const m = /^(\d+)(?:-(\d+))?$/.exec(range)
  const from = Number(m?.[1])
  const to = Number(m?.[2] ?? m?.[1])
  if (!m || from > 65535 || to > 65535 || to < from) throw new BuildError(`invalid containerPort: ${range}`)
  return Array.from({ length: to - from + 1 }, (_, i) => `${from + i}/${protocol}`)
}
/** A reference as the progress shows it: with domain and tag. */
export const fullName = (ref: Reference): string =>
  `${ref.domain}/${ref.path}${ref.tag !== undefined ? `:${ref.tag}` : ''}${ref.digest !== undefined ? `@${ref.digest}` : ''}`
