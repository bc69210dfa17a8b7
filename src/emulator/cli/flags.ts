/** Command lines as cobra and pflag read them, and their help as they print it. */

import { ramInBytes } from '../oci/units.ts'
import type { CommandTable } from './docker/tables.ts'

export interface Flag {
  readonly shorthand: string
  readonly name: string
  /** '' is a switch. */
  readonly type: string
  readonly text: string
}
/** What was given: every value of every flag by its name, and the operands. */
export interface Parsed {
  readonly values: ReadonlyMap<string, readonly string[]>
  readonly args: readonly string[]
}
const custom = 'Format output using a custom template:\n'
const formatTexts: Readonly<Record<string, string>> = {
  '~t': `${custom}'table':            Print output in table format with column headers (default)\n'table TEMPLATE':   Print output in table format using the given Go template\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates`,
  '~': `${custom}'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates`,
}
const parsedTables = new WeakMap<CommandTable, readonly Flag[]>()
export function flagsOf(table: CommandTable): readonly Flag[] {
  const known = parsedTables.get(table)
  if (known) return known
  const made = table.flags
    .split('\n')
    .filter(Boolean)
    .map((line): Flag => {
      const [shorthand = '', name = '', type = '', ...text] = line.split('|')
      const words = text.join('|')
      return { shorthand, name, type, text: formatTexts[words] ?? words }
    })
  parsedTables.set(table, made)
  return made
}
const wordType: Readonly<Record<string, string>> = { int: 'int', int64: 'int', uint16: 'int', 'pids-limit': 'int' }

/** Whether a flag's value has its type's form; the complaint where not. */
function complaint(flag: Flag, value: string): string | undefined {
  const shown = `${flag.shorthand ? `-${flag.shorthand}, ` : ''}--${flag.name}`
  if (flag.type === 'bytes' && ramInBytes(value) === undefined && value !== '-1')
    return `invalid argument "${value}" for "${shown}" flag: invalid size: '${value}'`
  if (wordType[flag.type] && !/^[-+]?\d+$/.test(value))
    return `invalid argument "${value}" for "${shown}" flag: strconv.ParseInt: parsing "${value}": invalid syntax`
  if (flag.type === 'decimal' && !/^\d*\.?\d+$/.test(value))
    return `invalid argument "${value}" for "${shown}" flag: failed to parse value "${value}": not a rational number`
  return undefined
}

/** Reads a command line; a message as pflag words it where it is wrong. `operandsFirst`: what follows the first operand is not ours. */
export function parseFlags(
  table: CommandTable,
  argv: readonly string[],
  operandsFirst: boolean,
): Parsed | { readonly error: string } | 'help' {
  const flags = flagsOf(table)
  const values = new Map<string, string[]>()
  const args: string[] = []
  let bad: string | undefined
  const set = (flag: Flag, value: string): void => {
    bad ??= complaint(flag, value)
    values.set(flag.name, [...(values.get(flag.name) ?? []), value])
  }
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string
    if (word === '--') {
      args.push(...argv.slice(i + 1))
      break
    }
    if (word.startsWith('--')) {
      const at = word.indexOf('=')
      const name = word.slice(2, at < 0 ? undefined : at)
      if (name === 'help') return 'help'
      const flag = flags.find((f) => f.name === name)
      if (!flag) return { error: `unknown flag: --${name}` }
      if (flag.type === '') {
        const value = at < 0 ? 'true' : word.slice(at + 1)
        if (!/^(1|0|t|f|true|false|True|False|TRUE|FALSE)$/.test(value))
          return {
            error: `invalid argument "${value}" for "${flag.shorthand ? `-${flag.shorthand}, ` : ''}--${name}" flag: strconv.ParseBool: parsing "${value}": invalid syntax`,
          }
        set(flag, /^(1|t|true|True|TRUE)$/.test(value) ? 'true' : 'false')
      } else if (at >= 0) set(flag, word.slice(at + 1))
      else if (i + 1 < argv.length) set(flag, argv[++i] as string)
      else return { error: `flag needs an argument: --${name}` }
    } else if (word.startsWith('-') && word.length > 1) {
      for (let k = 1; k < word.length; k++) {
        const c = word[k] as string
        if (c === 'h' && !flags.some((f) => f.shorthand === 'h')) return 'help'
        const flag = flags.find((f) => f.shorthand === c)
        if (!flag) return { error: `unknown shorthand flag: '${c}' in -${word.slice(k)}` }
        if (flag.type === '') {
          set(flag, 'true')
          continue
        }
        const rest = word.slice(k + 1).replace(/^=/, '')
        if (rest !== '') set(flag, rest)
        else if (i + 1 < argv.length) set(flag, argv[++i] as string)
        else return { error: `flag needs an argument: '${c}' in -${word.slice(k)}` }
        break
      }
    } else {
      args.push(word)
      if (operandsFirst) {
        args.push(...argv.slice(i + 1))
        break
      }
    }
    if (bad !== undefined) return { error: bad }
  }
  return { values, args }
}

/** pflag's wrapping (FlagUsagesWrapped): lines are broken five columns early, unless the rest fits as it is. */
function wrap(text: string, indent: number, width: number): string {
  const slop = 5
  const room = width - indent - slop
  const lines: string[] = []
  let rest = text
  while (rest !== '') {
    if (room + slop > rest.length) {
      lines.push(rest)
      break
    }
    const head = rest.slice(0, room)
    const blank = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\t'), head.lastIndexOf('\n'))
    const newline = head.lastIndexOf('\n')
    if (blank <= 0) {
      lines.push(rest)
      break
    }
    const at = newline > 0 && newline < blank ? newline : blank
    lines.push(rest.slice(0, at))
    rest = rest.slice(at + 1)
  }
  return lines.join('\n').replace(/\n/g, `\n${' '.repeat(indent)}`)
}

/** The help of a command that does something. */
export function commandHelp(table: CommandTable): string {
  const flags = flagsOf(table)
  const names = flags.map(
    (f) => `  ${f.shorthand ? `-${f.shorthand}, ` : '    '}--${f.name}${f.type ? ` ${f.type}` : ''}`,
  )
  const column = Math.max(0, ...names.map((n) => n.length)) + 3
  const options = flags.map((f, i) => `${(names[i] as string).padEnd(column)}${wrap(f.text, column, 79)}\n`).join('')
  return `Usage:  ${table.usage}\n\n${table.short}\n${table.aliases ? `\nAliases:\n  ${table.aliases}\n` : ''}${options ? `\nOptions:\n${options}` : ''}`
}
/** The last line that every complaint ends with. */
export const hint = (command: string): string => `\n\nRun '${command} --help' for more information`
