/** Instructions with their arguments checked: Dockerfile reference, in BuildKit's words where they are wrong. */
import type { HereDocument, Instruction, Range } from './parse.ts'

/** What a build says when it can't go on, and which lines of the Dockerfile are to blame. */
export class BuildError {
  readonly message: string
  readonly range: Range | undefined
  constructor(message: string, range?: Range) {
    this.message = message
    this.range = range
  }
}
export interface Pair {
  readonly name: string
  readonly value: string
}
/** image-spec's extension by Docker: nanoseconds. */
export interface Healthcheck {
  readonly Test: readonly string[]
  readonly Interval?: number
  readonly Timeout?: number
  readonly StartPeriod?: number
  readonly StartInterval?: number
  readonly Retries?: number
}
/** A command line that a shell runs, or that is run as it is. */
export interface CommandLine {
  readonly words: readonly string[]
  readonly shell: boolean
}
export interface Copy {
  readonly sources: readonly string[]
  readonly documents: readonly HereDocument[]
  readonly destination: string
  readonly chown: string
  readonly chmod: string
  readonly from: string
  readonly exclude: readonly string[]
}
export type Command = { readonly range: Range; readonly original: string } & (
  | { readonly kind: 'env'; readonly pairs: readonly Pair[] }
  | { readonly kind: 'label'; readonly pairs: readonly Pair[] }
  | { readonly kind: 'arg'; readonly args: readonly { readonly name: string; readonly value: string | undefined }[] }
  | {
      readonly kind: 'run'
      readonly line: CommandLine
      readonly documents: readonly HereDocument[]
      readonly network: string
      readonly mounts: readonly string[]
    }
  | ({ readonly kind: 'copy' | 'add' } & Copy)
  | { readonly kind: 'workdir' | 'user' | 'stopsignal' | 'maintainer'; readonly value: string }
  | { readonly kind: 'expose' | 'volume' | 'shell'; readonly values: readonly string[] }
  | { readonly kind: 'cmd' | 'entrypoint'; readonly line: CommandLine }
  | { readonly kind: 'healthcheck'; readonly check: Healthcheck }
  | { readonly kind: 'onbuild'; readonly trigger: string }
)
export interface Stage {
  readonly base: string
  readonly name: string
  readonly platform: string
  readonly range: Range
  readonly commands: readonly Command[]
}
export interface Program {
  /** ARGs before the first FROM. */
  readonly args: readonly Extract<Command, { kind: 'arg' }>[]
  readonly stages: readonly Stage[]
}

const names =
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  )

/** How many letters must change to make one word of another (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(
          (row[j] as number) + 1,
          (next[j - 1] as number) + 1,
          (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      )
    row = next
  }
  return row[b.length] as number
}
/** ` (did you mean X?)` where one of the words is near; '' where none is. */
export function suggestion(word: string, words: readonly string[], caseMatters: boolean): string {
  const fold = (x: string): string => (caseMatters ? x : x.toLowerCase())
  if (words.some((w) => fold(w) === fold(word))) return ''
  let best: string | undefined
  let least = 3
  for (const w of words) {
    const n = distance(fold(word), fold(w))
    if (n < least) {
      best = w
      least = n
    }
  }
  return best === undefined ? '' : ` (did you mean ${best}?)`
}

const boolFlags = new Set(['link', 'keep-git-dir', 'parents', 'unpack'])
/** `--name=value` words by name; those that the instruction doesn't know are refused. */
function flagsOf(i: Instruction, known: readonly string[]): Map<string, string[]> {
  const out = new Map<string, string[]>()
  for (const word of i.flags) {
    const at = word.indexOf('=')
    const name = word.slice(2, at < 0 ? undefined : at)
    if (!known.includes(name)) throw new BuildError(`unknown flag: --${name}${suggestion(name, known, true)}`)
    if (at < 0 && !boolFlags.has(name)) throw new BuildError(`missing a value on flag: --${name}`)
    if (out.has(name) && name !== 'mount' && name !== 'exclude')
      throw new BuildError(`duplicate flag specified: --${name}`)
    const value = at < 0 ? 'true' : word.slice(at + 1)
    if (boolFlags.has(name) && value !== 'true' && value !== 'false')
      throw new BuildError(`expecting boolean value for flag --${name}, not: ${value}`)
    out.set(name, [...(out.get(name) ?? []), value])
  }
  return out
}
const one = (i: Instruction): string => {
  if (i.args.length !== 1) throw new BuildError(`${i.keyword.toUpperCase()} requires exactly one argument`)
  return i.args[0] as string
}
const some = (i: Instruction): readonly string[] => {
  if (i.args.length === 0) throw new BuildError(`${i.keyword.toUpperCase()} requires at least one argument`)
  return i.args
}
function pairsOf(i: Instruction): Pair[] {
  const out: Pair[] = []
  const args = some(i)
  for (let k = 0; k + 1 < args.length; k += 3) {
    if (args[k] === '') throw new BuildError(`${i.keyword.toUpperCase()} names can not be blank`)
    out.push({ name: args[k] as string, value: args[k + 1] as string })
  }
  return out
}
const durations: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }
/** Go's time.ParseDuration: nanoseconds. */
export function parseDuration(value: string): number | undefined {
  const m = /^([-+]?)((?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.exec(value)
  if (value === '0') return 0
  if (!m) return undefined
  let total = 0
  for (const [, n, unit] of value.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g))
    total += Number(n) * (durations[unit as string] as number)
  return m[1] === '-' ? -total : total
}
function healthcheckOf(i: Instruction): Healthcheck {
  const [first, ...rest] = some(i) as [string, ...string[]]
  const type = first.toUpperCase()
  if (type === 'NONE') {
    if (rest.length > 0) throw new BuildError('HEALTHCHECK NONE takes no arguments')
    return { Test: ['NONE'] }
  }
  const flags = flagsOf(i, ['interval', 'timeout', 'start-period', 'start-interval', 'retries'])
  if (type !== 'CMD') throw new BuildError(`Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`)
  if (rest.length === 0) throw new BuildError('Missing command after HEALTHCHECK CMD')
  const time = (name: string, key: string): Record<string, number> => {
    const text = flags.get(name)?.[0]
    if (text === undefined || text === '') return {}
    const value = parseDuration(text)
    if (value === undefined) throw new BuildError(`time: invalid duration ${JSON.stringify(text)}`)
    if (value !== 0 && value < 1e6) throw new BuildError(`Interval ${JSON.stringify(name)} cannot be less than 1ms`)
    return value === 0 ? {} : { [key]: value }
  }
  const retries = flags.get('retries')?.[0]
  if (retries !== undefined && !/^-?\d+$/.test(retries))
    throw new BuildError(`strconv.ParseInt: parsing ${JSON.stringify(retries)}: invalid syntax`)
  if (Number(retries ?? 0) < 0) throw new BuildError(`--retries cannot be negative (${retries})`)
  return {
    Test: [i.json ? 'CMD' : 'CMD-SHELL', ...rest],
    ...time('interval', 'Interval'),
    ...time('timeout', 'Timeout'),
    ...time('start-period', 'StartPeriod'),
    ...time('start-interval', 'StartInterval'),
    ...(Number(retries ?? 0) > 0 ? { Retries: Number(retries) } : {}),
  }
}
const heredocName = (word: string): string | undefined => /^\d*<<-?["']?([^<"']+)["']?$/.exec(word)?.[1]
function copyOf(i: Instruction, add: boolean): Copy {
  const keyword = i.keyword.toUpperCase()
  if (i.args.length < 2)
    throw new BuildError(
      `${keyword} requires at least two arguments, but only one was provided. Destination could not be determined`,
    )
  const flags = flagsOf(
    i,
    add
      ? ['chown', 'chmod', 'link', 'keep-git-dir', 'checksum', 'exclude', 'unpack']
      : ['chown', 'from', 'chmod', 'link', 'parents', 'exclude'],
  )
  for (const name of ['parents', 'unpack', 'checksum'])
    if (flags.has(name)) throw new BuildError(`zukan: not emulated: ${keyword} --${name}`)
  const destination = i.args.at(-1) as string
  if (heredocName(destination) !== undefined)
    throw new BuildError(`${keyword} cannot accept a heredoc as a destination`)
  const sources = i.args.slice(0, -1)
  return {
    sources: sources.filter((s) => i.heredocs.length === 0 || heredocName(s) === undefined),
    documents: i.heredocs,
    destination,
    chown: flags.get('chown')?.[0] ?? '',
    chmod: flags.get('chmod')?.[0] ?? '',
    from: flags.get('from')?.[0] ?? '',
    exclude: flags.get('exclude') ?? [],
  }
}

/** One instruction other than FROM. */
export function commandOf(i: Instruction): Command {
  const common = { range: i.range, original: i.original }
  const line: CommandLine = { words: i.args, shell: !i.json }
  const keyword = i.keyword.toUpperCase()
  if (!['RUN', 'COPY', 'ADD', 'HEALTHCHECK', 'FROM'].includes(keyword) && names.includes(keyword)) flagsOf(i, [])
  switch (keyword) {
    case 'ENV':
      return { ...common, kind: 'env', pairs: pairsOf(i) }
    case 'LABEL':
      return { ...common, kind: 'label', pairs: pairsOf(i) }
    case 'ARG':
      return {
        ...common,
        kind: 'arg',
        args: some(i).map((a) => {
          const at = a.indexOf('=')
          if (at === 0) throw new BuildError('ARG names can not be blank')
          return at < 0 ? { name: a, value: undefined } : { name: a.slice(0, at), value: a.slice(at + 1) }
        }),
      }
    case 'RUN': {
      const flags = flagsOf(i, ['mount', 'network', 'security', 'device'])
      for (const name of ['security', 'device'])
        if (flags.has(name)) throw new BuildError(`zukan: not emulated: RUN --${name}`)
      const network = flags.get('network')?.[0] ?? 'default'
      if (!['default', 'none', 'host'].includes(network))
        throw new BuildError(`invalid network mode ${JSON.stringify(network)}`)
      return { ...common, kind: 'run', line, documents: i.heredocs, network, mounts: flags.get('mount') ?? [] }
    }
    case 'COPY':
      return { ...common, kind: 'copy', ...copyOf(i, false) }
    case 'ADD':
      return { ...common, kind: 'add', ...copyOf(i, true) }
    case 'WORKDIR':
      return { ...common, kind: 'workdir', value: one(i) }
    case 'USER':
      return { ...common, kind: 'user', value: one(i) }
    case 'STOPSIGNAL':
      return { ...common, kind: 'stopsignal', value: one(i) }
    case 'MAINTAINER':
      return { ...common, kind: 'maintainer', value: one(i) }
    case 'EXPOSE':
      return { ...common, kind: 'expose', values: some(i) }
    case 'VOLUME': {
      const values = some(i).map((v) => v.trim())
      if (values.includes('')) throw new BuildError('VOLUME specified can not be an empty string')
      return { ...common, kind: 'volume', values }
    }
    case 'SHELL':
      if (!i.json) throw new BuildError(`SHELL requires the arguments to be in JSON form`)
      return { ...common, kind: 'shell', values: some(i) }
    case 'CMD':
      return { ...common, kind: 'cmd', line }
    case 'ENTRYPOINT':
      return { ...common, kind: 'entrypoint', line }
    case 'HEALTHCHECK':
      return { ...common, kind: 'healthcheck', check: healthcheckOf(i) }
    case 'ONBUILD': {
      const child = i.child
      if (!child) throw new BuildError('ONBUILD requires at least one argument')
      const trigger = child.keyword.toUpperCase()
      if (trigger === 'ONBUILD') throw new BuildError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
      if (trigger === 'MAINTAINER' || trigger === 'FROM')
        throw new BuildError(`${trigger} isn't allowed as an ONBUILD trigger`)
      const text = i.original.replace(/^\s*ONBUILD\s*/i, '')
      return { ...common, kind: 'onbuild', trigger: text + i.heredocs.map((h) => `\n${h.content}${h.name}`).join('') }
    }
    default:
      throw new BuildError(`unknown instruction: ${i.keyword}${suggestion(i.keyword, names, false)}`)
  }
}
function stageOf(i: Instruction): Omit<Stage, 'commands'> {
  const [base = '', as, name] = i.args
  const named = i.args.length === 3 && as?.toLowerCase() === 'as'
  if (!named && i.args.length !== 1) throw new BuildError('FROM requires either one or three arguments')
  if (named && !/^[a-z][a-z0-9-_.]*$/.test((name as string).toLowerCase()))
    throw new BuildError(
      `invalid name for build stage: ${JSON.stringify(name)}, name can't start with a number or contain symbols`,
    )
  return {
    base,
    name: named ? (name as string).toLowerCase() : '',
    platform: flagsOf(i, ['platform']).get('platform')?.[0] ?? '',
    range: i.range,
  }
}
/** Stages of instructions. Throws BuildError. */
export function programOf(instructions: readonly Instruction[]): Program {
  const args: Extract<Command, { kind: 'arg' }>[] = []
  const stages: { -readonly [K in keyof Stage]: K extends 'commands' ? Command[] : Stage[K] }[] = []
  for (const i of instructions) {
    try {
      if (i.keyword.toUpperCase() === 'FROM') {
        stages.push({ ...stageOf(i), commands: [] })
        continue
      }
      const command = commandOf(i)
      const stage = stages.at(-1)
      if (stage) stage.commands.push(command)
      else if (command.kind === 'arg') args.push(command)
      else throw new BuildError('no build stage in current context', i.range)
    } catch (e) {
      if (!(e instanceof BuildError) || e.range) throw e
      throw new BuildError(
        e.message.startsWith('zukan:') ? e.message : `dockerfile parse error on line ${i.range.start}: ${e.message}`,
        i.range,
      )
    }
  }
  if (stages.length === 0) throw new BuildError('dockerfile contains no stages to build')
  return { args, stages }
}
