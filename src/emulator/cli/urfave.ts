/**
 * Command lines of tools made with urfave/cli: ctr and crictl. Options stand before operands; one or two dashes are alike, as Go's flag
 * package has it. A tool is a tree of commands with their flags (columns as in flags.ts) and texts, from which parsing and help come.
 */
import type { Run, Sys } from '../kernel/linux/abi.ts'
import { print } from '../userland/lib/io.ts'
import { type Flag, flagsOf, Given, type Parsed, parseBool } from './flags.ts'

/** A command that does something. `texts` describe the flags, in their order. */
export interface Leaf<C> {
  /** Its name, then its other names. */
  readonly names: readonly string[]
  readonly usage: string
  /** What follows the options, as help shows it. */
  readonly args?: string
  readonly description?: string
  readonly flags?: string
  readonly texts?: readonly string[]
  /** Undefined where it is known, but not emulated. */
  readonly run?: (sys: Sys, g: Given, context: C) => Run<number>
}
/** A command with further commands below it. */
export interface Branch<C> {
  readonly names: readonly string[]
  readonly usage: string
  readonly below: readonly Leaf<C>[]
}
export type Entry<C> = Leaf<C> | Branch<C>
export interface Tool<C> {
  readonly name: string
  readonly usage: string
  readonly version: string
  readonly description?: string
  readonly globals: string
  readonly globalTexts: readonly string[]
  readonly commands: readonly Entry<C>[]
  /** `-it` means `-i -t`. */
  readonly clusters: boolean
}
/** A failure that the tool's main function tells. An empty message only ends with the code. */
export class ToolError {
  readonly message: string
  readonly code: number
  constructor(message: string, code = 1) {
    this.message = message
    this.code = code
  }
}

const number = /^[-+]?\d+$/
const decimal = /^[-+]?\d+(\.\d*)?$/
/** What is wrong with a value, in the words of Go's flag package. */
function complaint(flag: Flag, value: string): string | undefined {
  const wrong = (why: string): string => `invalid value ${JSON.stringify(value)} for flag -${flag.name}: ${why}`
  if ((flag.type === 'int' || flag.type === 'uint') && !(flag.type === 'int' ? number : /^\d+$/).test(value))
    return wrong('parse error')
  if (flag.type === 'float' && !decimal.test(value)) return wrong('parse error')
  if (flag.type === 'duration' && !/^(\d+(\.\d+)?(ns|us|ms|s|m|h))+$|^0$/.test(value)) return wrong('parse error')
  return undefined
}
/** Reads options up to the first operand. Answers what was given, 'help', or the flag package's complaint. */
export function parseOptions(
  flags: readonly Flag[],
  words: readonly string[],
  clusters: boolean,
): Parsed | { readonly error: string } | 'help' {
  const values = new Map<string, string[]>()
  const find = (name: string): Flag | undefined => flags.find((f) => f.name === name || f.shorthand === name)
  let i = 0
  for (; i < words.length; i++) {
    const word = words[i] as string
    if (word === '--') {
      i++
      break
    }
    if (!word.startsWith('-') || word === '-') break
    const bare = word.replace(/^--?/, '')
    if (bare === '' || /^[-=]/.test(bare)) return { error: `bad flag syntax: ${word}` }
    const at = bare.indexOf('=')
    const name = at < 0 ? bare : bare.slice(0, at)
    const flag = find(name)
    if (!flag) {
      if (name === 'help' || name === 'h') return 'help'
      const parts = [...name].map(find)
      if (clusters && !word.startsWith('--') && at < 0 && parts.every((f) => f?.type === '')) {
        for (const f of parts) if (f) values.set(f.name, ['true'])
        continue
      }
      return { error: `flag provided but not defined: -${name}` }
    }
    let value: string
    if (flag.type === '') {
      value = at < 0 ? 'true' : bare.slice(at + 1)
      const on = parseBool(value)
      if (on === undefined) return { error: `invalid boolean value ${JSON.stringify(value)} for -${name}: parse error` }
      value = String(on)
    } else if (at >= 0) value = bare.slice(at + 1)
    else if (i + 1 < words.length) value = words[++i] as string
    else return { error: `flag needs an argument: -${name}` }
    const wrong = complaint(flag, value)
    if (wrong !== undefined) return { error: wrong }
    values.set(flag.name, [...(values.get(flag.name) ?? []), value])
  }
  return { values, args: words.slice(i) }
}

/** Lines of help in two columns, three blanks in. */
const columns = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(0, ...rows.map(([a]) => a.length)) + 2
  return rows
    .map(([a, b]) => `   ${b === '' ? a : a.padEnd(width) + b.replace(/\n/g, `\n${' '.repeat(width + 3)}`)}\n`)
    .join('')
}
function flagHelp(column: string, texts: readonly string[]): string {
  const rows = flagsOf(column).flatMap((f, i): (readonly [string, string])[] => {
    if (f.hidden) return []
    const value = f.type === '' ? '' : ' value'
    const long = `--${f.name}${value}`
    const names = f.shorthand ? `${long}, -${f.shorthand}${value}` : long
    return [[f.type === 'list' ? `${names} [ ${names} ]` : names, texts[i] ?? '']]
  })
  return columns([...rows, ['--help, -h', 'show help']])
}
const isBranch = <C>(e: Entry<C>): e is Branch<C> => 'below' in e
/** The help of a command, by its whole name. */
export function helpOf<C>(name: string, e: Entry<C>): string {
  const head = `NAME:\n   ${name} - ${e.usage}\n\nUSAGE:\n   ${name}`
  if (isBranch(e))
    return `${head} command [command options]\n\nCOMMANDS:\n${columns([...e.below.map((l): [string, string] => [l.names.join(', '), l.usage]), ['help, h', 'Shows a list of commands or help for one command']])}\nOPTIONS:\n   --help, -h  show help\n`
  const description = e.description ? `\nDESCRIPTION:\n   ${e.description.replace(/\n/g, '\n   ')}\n` : ''
  return `${head} [command options]${e.args ? ` ${e.args}` : ''}\n${description}\nOPTIONS:\n${flagHelp(e.flags ?? '', e.texts ?? [])}`
}
export const toolHelp = <C>(t: Tool<C>): string =>
  `NAME:\n   ${t.name} - ${t.usage}\n\nUSAGE:\n   ${t.name} [global options] command [command options]\n\nVERSION:\n   ${t.version}\n${t.description ? `\nDESCRIPTION:\n   ${t.description.replace(/\n/g, '\n   ')}\n` : ''}\nCOMMANDS:\n${columns([...t.commands.map((c): [string, string] => [c.names.join(', '), c.usage]), ['help, h', 'Shows a list of commands or help for one command']])}\nGLOBAL OPTIONS:\n${flagHelp(t.globals, t.globalTexts)}${columns([['--version, -v', 'print the version']])}`

/**
 * Runs a tool: finds the command, reads its options, and does it. Answers the exit code; failures are thrown as ToolError.
 * `begin` makes of the global options what commands get.
 */
export function* runTool<C>(
  sys: Sys,
  tool: Tool<C>,
  argv: readonly string[],
  begin: (global: Given) => Run<C>,
): Run<number> {
  /** Says what is wrong with the options, with the help that belongs there. */
  const refuse = function* (error: string, help: string): Run<never> {
    yield* print(sys, `Incorrect Usage: ${error}\n\n${help}\n`)
    throw new ToolError(error)
  }
  const global = parseOptions(flagsOf(`${tool.globals} v,version`), argv.slice(1), tool.clusters)
  if (global === 'help') {
    yield* print(sys, toolHelp(tool))
    return 0
  }
  if ('error' in global) return yield* refuse(global.error, toolHelp(tool))
  const given = new Given(global)
  if (given.has('version')) {
    yield* print(sys, `${tool.name} version ${tool.version}\n`)
    return 0
  }
  let words = global.args
  let entries: readonly Entry<C>[] = tool.commands
  let name = tool.name
  let help = toolHelp(tool)
  for (;;) {
    const [first, ...rest] = words
    if (first === undefined || first === '--help' || first === '-h') {
      yield* print(sys, help)
      return 0
    }
    if (first === 'help' || first === 'h') {
      const asked = entries.find((e) => e.names.includes(rest[0] ?? ''))
      yield* print(sys, asked ? helpOf(`${name} ${asked.names[0]}`, asked) : help)
      return 0
    }
    const found = entries.find((e) => e.names.includes(first))
    if (!found) {
      if (first.startsWith('-'))
        return yield* refuse(`flag provided but not defined: -${first.replace(/^--?/, '')}`, help)
      throw new ToolError(`No help topic for '${first}'`, 3)
    }
    name += ` ${found.names[0]}`
    help = helpOf(name, found)
    words = rest
    if (isBranch(found)) {
      entries = found.below
      continue
    }
    const parsed = parseOptions(flagsOf(found.flags ?? ''), words, tool.clusters)
    if (parsed === 'help') {
      yield* print(sys, help)
      return 0
    }
    if ('error' in parsed) return yield* refuse(parsed.error, help)
    if (!found.run) throw new ToolError(`zukan: not emulated: ${name}`)
    return yield* found.run(sys, new Given(parsed), yield* begin(given))
  }
}
/** Columns as text/tabwriter pads them: `padding` blanks between, after the last as well where `last` holds. */
export function tabs(rows: readonly (readonly string[])[], padding: number, minimum = 0, last = true): string {
  const width = (i: number): number => Math.max(minimum, ...rows.map((r) => [...(r[i] ?? '')].length + padding))
  const widths = (rows[0] ?? []).map((_, i) => width(i))
  return rows
    .map(
      (r) =>
        `${r.map((c, i) => (i < r.length - 1 || last ? c + ' '.repeat((widths[i] ?? 0) - [...c].length) : c)).join('')}\n`,
    )
    .join('')
}
