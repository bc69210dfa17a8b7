/** What the command lines of podman, buildah and skopeo have in common: cobra's way from words to a command, its help and its complaints. */

import { Problem } from '../../engine/containers/problem.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { print, warn } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { parseDuration } from '../docker/values.ts'
import { type Flag, flagsOf, Given, parseFlags } from '../flags.ts'

export interface Spec<C> {
  /** Operands at least and at most. */
  readonly args: readonly [number, number]
  /** Flags that are carried out, blanks between; others are refused by name. */
  readonly flags: string
  /** What is said of too few operands, in the command's own words. */
  readonly few?: string
  /** What is said of operands beside --all; they are let be where nothing is. */
  readonly beside?: string
  /** What follows the first operand belongs to it. */
  readonly first?: boolean
  readonly run: (c: C, g: Given) => Run<number>
}
export interface Tool<C> {
  readonly name: string
  readonly globals: string
  readonly shapes: Readonly<Record<string, string>>
  /** Known, and not emulated. */
  readonly others: readonly string[]
  /** Other spellings of commands: `container ps` is `ps`. */
  readonly aliases: Readonly<Record<string, string>>
  readonly commands: Readonly<Record<string, Spec<C>>>
  /** The part that prints help. */
  readonly help: string
  readonly version: string
  /** Global flags that are carried out. */
  readonly known: string
  /** skopeo's complaints are log lines, and its exit code is 1. */
  readonly logs?: boolean
  /** Names of flags that stand for others. */
  readonly same?: Readonly<Record<string, string>>
  open(sys: Sys, argv: readonly string[], name: string, globals: Given): Run<C>
}

const flagCache = new Map<string, readonly Flag[]>()
/** A command's flags; types' colons are written as `~`, blanks as `_`, underscores as `%`. */
export function flagsFor(column: string): readonly Flag[] {
  const known = flagCache.get(column)
  if (known) return known
  const made = flagsOf(column).map((f) => ({
    ...f,
    type: f.type.replace(/~/g, ':').replace(/_/g, ' ').replace(/%/g, '_'),
  }))
  flagCache.set(column, made)
  return made
}
function check(flag: Flag, value: string): string | undefined {
  const bad = (fn: string, why = 'invalid syntax'): string => `strconv.${fn}: parsing ${JSON.stringify(value)}: ${why}`
  switch (flag.type) {
    case 'int':
      return /^[-+]?\d+$/.test(value) ? undefined : bad('ParseInt')
    case 'uint':
      return /^\d+$/.test(value) ? undefined : bad('ParseUint')
    case 'float':
      return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(value) ? undefined : bad('ParseFloat')
    case 'duration': {
      const d = parseDuration(value)
      return typeof d === 'number' ? undefined : d.error
    }
    default:
      return undefined
  }
}
/** Flags whose value may be left out, with what they are then: `string[="true"]`. */
const optional = (f: Flag): string | undefined => /\[="([^"]*)"\]$/.exec(f.type)?.[1]

/** What is wrong with a number of operands, in cobra's words. */
export function argsComplaint(
  spelled: string,
  count: number,
  [least, most]: readonly [number, number],
): string | undefined {
  if (count >= least && count <= most) return undefined
  if (most === 0) return `\`${spelled}\` takes no arguments`
  if (least === most) return `accepts ${least} arg(s), received ${count}`
  if (count < least && most === Infinity) return `requires at least ${least} arg(s), only received ${count}`
  if (least === 0) return `accepts at most ${most} arg(s), received ${count}`
  return `accepts between ${least} and ${most} arg(s), received ${count}`
}
/** Levenshtein's distance, for "Did you mean this?". */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      )
    row = next
  }
  return row[b.length] ?? 0
}
/** Every command's name, and the groups that they are in. */
function words<C>(t: Tool<C>): { readonly commands: ReadonlySet<string>; readonly groups: ReadonlySet<string> } {
  const commands = new Set([...Object.keys(t.shapes), ...t.others, ...Object.keys(t.aliases)])
  const groups = new Set([...commands].flatMap((c) => (c.includes(' ') ? [c.slice(0, c.indexOf(' '))] : [])))
  return { commands, groups }
}
function* complain<C>(sys: Sys, t: Tool<C>, message: string, code: number): Run<number> {
  if (message.startsWith('zukan:')) yield* warn(sys, `${message}\n`)
  else if (t.logs)
    yield* warn(
      sys,
      `time="${strftime('%FT%TZ', yield* sys.clock('realtime'))}" level=fatal msg=${JSON.stringify(message)}\n`,
    )
  else yield* warn(sys, `Error: ${message}\n`)
  return t.logs ? 1 : code
}
const help = function* <C>(sys: Sys, t: Tool<C>, name: string): Run<number> {
  return yield* (yield* sys.part(t.help))(sys, [t.help, name])
}

/** Runs a command line to its end: the exit code. */
export function* runTool<C>(t: Tool<C>, sys: Sys, argv: readonly string[]): Run<number> {
  const globals = parseFlags(flagsFor(t.globals), argv.slice(1), true, check)
  if (globals === 'help') return yield* help(sys, t, '')
  if ('error' in globals)
    return yield* complain(sys, t, t.logs ? globals.error : `${globals.error}\nSee '${t.name} --help'`, 125)
  const given = new Given(globals)
  if (given.has('version')) {
    yield* print(sys, t.version)
    return 0
  }
  const level = given.value('log-level')
  if (
    level !== undefined &&
    t.name === 'podman' &&
    !/^(trace|debug|info|warn|warning|error|fatal|panic)$/i.test(level)
  ) {
    yield* warn(
      sys,
      `Log Level "${level}" is not supported, choose from: trace, debug, info, warn, warning, error, fatal, panic\n`,
    )
    return 1
  }
  const knownGlobals = t.known.split(' ')
  for (const name of globals.values.keys())
    if (!knownGlobals.includes(name)) return yield* complain(sys, t, `zukan: not emulated: ${t.name} --${name}`, 125)
  const [first, second] = globals.args
  const { commands, groups } = words(t)
  if (first === undefined) {
    if (t.name !== 'podman') return yield* help(sys, t, '')
    yield* help(sys, t, '')
    return yield* complain(sys, t, `missing command 'podman COMMAND'`, 125)
  }
  if (first === 'help') return yield* help(sys, t, globals.args.slice(1).join(' '))
  const pair = second === undefined ? '' : `${first} ${second}`
  const typed = commands.has(pair) ? pair : commands.has(first) ? first : undefined
  if (typed === undefined) {
    if (groups.has(first)) {
      if (second === undefined || second === '--help' || second === '-h') {
        yield* help(sys, t, first)
        return second === undefined && t.name === 'podman'
          ? yield* complain(sys, t, `missing command '${t.name} ${first} COMMAND'`, 125)
          : 0
      }
      return yield* complain(
        sys,
        t,
        `unrecognized command \`${t.name} ${first} ${second}\`\nTry '${t.name} ${first} --help' for more information`,
        125,
      )
    }
    return yield* complain(sys, t, unknown(t, first, commands, groups), 125)
  }
  const name = t.aliases[typed] ?? typed
  const spec = t.commands[name]
  const shape = t.shapes[name]
  const spelled = `${t.name} ${typed}`
  const rest = globals.args.slice(typed.split(' ').length)
  if (!spec || shape === undefined) {
    const operands = rest.filter((w) => !w.startsWith('-'))
    if (rest.includes('--help') || rest.includes('-h')) return yield* help(sys, t, [typed, ...operands].join(' '))
    return yield* complain(sys, t, `zukan: not emulated: ${spelled}`, 125)
  }
  return yield* runCommand(t, sys, argv, { name, spelled, spec, shape, rest, given })
}
function unknown<C>(t: Tool<C>, first: string, commands: ReadonlySet<string>, groups: ReadonlySet<string>): string {
  if (t.name === 'buildah') return `unknown command ${JSON.stringify(first)} for "buildah"`
  const candidates = [...new Set([...[...commands].filter((c) => !c.includes(' ')), ...groups])].sort()
  const near = t.logs ? [] : candidates.filter((c) => distance(first, c) <= 2 || c.startsWith(first))
  return `${t.logs ? 'Unrecognized' : 'unrecognized'} command \`${t.name} ${first}\`\n${near.length > 0 ? `\nDid you mean this?\n${near.map((n) => `\t${n}\n`).join('')}\n` : ''}Try '${t.name} --help' for more information`
}
function* runCommand<C>(
  t: Tool<C>,
  sys: Sys,
  argv: readonly string[],
  c: {
    readonly name: string
    readonly spelled: string
    readonly spec: Spec<C>
    readonly shape: string
    readonly rest: readonly string[]
    readonly given: Given
  },
): Run<number> {
  const flags = flagsFor(c.shape)
  const bare = new Map<string, string | undefined>(
    flags.flatMap((f) => (optional(f) === undefined ? [] : [[`--${f.name}`, optional(f)] as const])),
  )
  const rest = c.rest.map((word) => {
    if (bare.has(word)) return `${word}=${bare.get(word)}`
    const [name = '', value] = word.split(/=(.*)/s)
    const other = t.same?.[name]
    return other === undefined ? word : value === undefined ? other : `${other}=${value}`
  })
  const parsed = parseFlags(flags, rest, c.spec.first ?? false, check)
  if (parsed === 'help') return yield* help(sys, t, c.spelled.slice(t.name.length + 1))
  if ('error' in parsed)
    return yield* complain(sys, t, t.logs ? parsed.error : `${parsed.error}\nSee '${c.spelled} --help'`, 125)
  const supported = new Set(c.spec.flags.split(' '))
  for (const name of parsed.values.keys())
    if (!supported.has(name)) return yield* complain(sys, t, `zukan: not emulated: ${c.spelled} --${name}`, 125)
  const count = parsed.args.length
  const named = new Given(parsed)
  const without = ['all', 'latest', 'ignore', 'cidfile', 'pod-id-file', 'filter'].some((f) => parsed.values.has(f))
  const few = c.spec.few !== undefined && count === 0 && !without ? c.spec.few : undefined
  const wrong =
    few ?? (named.has('all') && count > 0 ? c.spec.beside : undefined) ?? argsComplaint(c.spelled, count, c.spec.args)
  if (wrong !== undefined) return yield* complain(sys, t, wrong, 125)
  try {
    const context = yield* t.open(sys, argv, c.name, c.given)
    return yield* c.spec.run(context, named)
  } catch (e) {
    if (!(e instanceof Problem)) throw e
    if (e.message === '') return e.code
    return yield* complain(sys, t, e.message, e.code)
  }
}
/** Does one thing to each operand; failures are told one by one, and the others still get their turn. */
export function* each<T>(
  sys: Sys,
  list: readonly T[],
  act: (item: T) => Run<string | undefined>,
  code = 125,
): Run<number> {
  let result = 0
  for (const item of list) {
    try {
      const said = yield* act(item)
      if (said !== undefined) yield* print(sys, `${said}\n`)
    } catch (e) {
      if (!(e instanceof Problem)) throw e
      yield* warn(sys, e.message.startsWith('zukan:') ? `${e.message}\n` : `Error: ${e.message}\n`)
      result = result === 0 ? (e.code === 125 ? code : e.code) : result
    }
  }
  return result
}
