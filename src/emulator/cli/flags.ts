/** Command lines as pflag reads them: interspersed or not, shorthands in a row, `--x=y`, and its complaints word by word. */

export interface Flag {
  readonly shorthand: string
  readonly name: string
  /** '' is a switch. */
  readonly type: string
  /** Only a daemon on Windows takes it: not shown, and refused. */
  readonly windows: boolean
  /** Taken, but not shown. */
  readonly hidden: boolean
  /** Another spelling of this flag, whose values it gives; deprecated where `told` says so. */
  readonly as?: string
  readonly told?: string
}
/** What was given: every value of every flag by its name, and the operands. */
export interface Parsed {
  readonly values: ReadonlyMap<string, readonly string[]>
  readonly args: readonly string[]
  /** What is said before anything is done: of deprecated flags. */
  readonly notes?: readonly string[]
  /** How the command was written, where that matters. */
  readonly called?: string
}
/** What is wrong with a flag's value; undefined where nothing is. */
export type Check = (flag: Flag, value: string) => string | undefined

const known = new Map<string, readonly Flag[]>()
const spellingOf = (mark: string | undefined, name: string): { readonly as?: string; readonly told?: string } => {
  const [kind, as] = mark?.split('=') ?? []
  if (as === undefined) return {}
  return kind === 'was' ? { as, told: `Flag --${name} has been deprecated, use --${as} instead` } : { as }
}
/**
 * The flags of a column as shapes write it: `shorthand,name:type!windows` or `!hidden`, blanks between. `!as=NAME` is a hidden
 * spelling of another flag, `!was=NAME` one that is deprecated for it.
 */
export function flagsOf(column: string): readonly Flag[] {
  const made = known.get(column)
  if (made) return made
  const flags = column
    .split(' ')
    .filter(Boolean)
    .map((word): Flag => {
      const [left = '', mark] = word.split('!')
      const [names = '', type = ''] = left.split(':')
      const [a = '', b] = names.split(',')
      return {
        shorthand: b === undefined ? '' : a,
        name: b ?? a,
        type,
        windows: mark === 'windows',
        hidden: mark !== undefined && mark !== 'windows',
        ...spellingOf(mark, b ?? a),
      }
    })
  known.set(column, flags)
  return flags
}
/** `-m, --memory`, as messages name a flag. */
export const shown = (flag: Flag): string => `${flag.shorthand ? `-${flag.shorthand}, ` : ''}--${flag.name}`

/** strconv.ParseBool */
export function parseBool(value: string): boolean | undefined {
  if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true
  return /^(0|f|F|FALSE|false|False)$/.test(value) ? false : undefined
}

/** A Go string literal in double quotes, as %q writes one. */
const quoted = (text: string): string => JSON.stringify(text)

/**
 * Reads a command line. Answers what was given, 'help' where --help (or -h without another meaning) is among it, or pflag's message.
 * `operandsFirst`: what follows the first operand belongs to it.
 */
export function parseFlags(
  flags: readonly Flag[],
  argv: readonly string[],
  operandsFirst: boolean,
  check: Check = () => undefined,
): Parsed | { readonly error: string } | 'help' {
  const values = new Map<string, string[]>()
  const args: string[] = []
  const notes: string[] = []
  let help = false
  let error: string | undefined
  const set = (flag: Flag, value: string): void => {
    let wrong: string | undefined
    let kept = value
    if (flag.type === '') {
      const on = parseBool(value)
      kept = String(on)
      wrong = on === undefined ? `strconv.ParseBool: parsing ${quoted(value)}: invalid syntax` : undefined
    } else wrong = check(flag, value)
    if (wrong !== undefined) error ??= `invalid argument ${quoted(value)} for "${shown(flag)}" flag: ${wrong}`
    if (flag.told !== undefined) notes.push(flag.told)
    const name = flag.as ?? flag.name
    values.set(name, [...(values.get(name) ?? []), kept])
  }
  for (let i = 0; i < argv.length && error === undefined; i++) {
    const word = argv[i] as string
    if (word === '--') {
      args.push(...argv.slice(i + 1))
      break
    }
    if (word.startsWith('--')) {
      const at = word.indexOf('=')
      const name = word.slice(2, at < 0 ? undefined : at)
      if (name === '' || name.startsWith('-')) return { error: `bad flag syntax: ${word}` }
      const flag = flags.find((f) => f.name === name)
      if (name === 'help' && (!flag || flag.type === '')) {
        const on = at < 0 ? true : parseBool(word.slice(at + 1))
        if (on === undefined)
          return {
            error: `invalid argument ${quoted(word.slice(at + 1))} for "--help" flag: strconv.ParseBool: parsing ${quoted(word.slice(at + 1))}: invalid syntax`,
          }
        help = on
        continue
      }
      if (!flag) return { error: `unknown flag: --${name}` }
      if (at >= 0) set(flag, word.slice(at + 1))
      else if (flag.type === '') set(flag, 'true')
      else if (i + 1 < argv.length) set(flag, argv[++i] as string)
      else return { error: `flag needs an argument: --${name}` }
    } else if (word.startsWith('-') && word.length > 1) {
      for (let k = 1; k < word.length; k++) {
        const c = word[k] as string
        const flag = flags.find((f) => f.shorthand === c)
        if (!flag) {
          if (c === 'h') {
            help = true
            continue
          }
          return { error: `unknown shorthand flag: '${c}' in -${word.slice(k)}` }
        }
        const rest = word.slice(k + 1)
        if (rest.startsWith('=')) set(flag, rest.slice(1))
        else if (flag.type === '') {
          set(flag, 'true')
          continue
        } else if (rest !== '') set(flag, rest)
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
  }
  if (error !== undefined) return { error }
  return help ? 'help' : { values, args, notes }
}

/** Access to what was given. */
export class Given {
  readonly parsed: Parsed
  constructor(parsed: Parsed) {
    this.parsed = parsed
  }
  /** A switch. */
  has(name: string): boolean {
    return this.parsed.values.get(name)?.at(-1) === 'true'
  }
  /** A flag's last value; undefined where it wasn't given. */
  value(name: string): string | undefined {
    return this.parsed.values.get(name)?.at(-1)
  }
  /** All values of a flag that may be repeated. */
  all(name: string): readonly string[] {
    return this.parsed.values.get(name) ?? []
  }
  get args(): readonly string[] {
    return this.parsed.args
  }
  /** How the command was written: `docker image ls`; '' where nobody told. */
  get called(): string {
    return this.parsed.called ?? ''
  }
}
/** What is wrong with a number of operands, in the words of docker's cli package; undefined where it is right. */
export function countComplaint(count: number, least: number, most: number): string | undefined {
  if (count >= least && count <= most) return undefined
  const plural = (k: number): string => `${k} argument${k === 1 ? '' : 's'}`
  if (most === 0) return 'accepts no arguments'
  if (least === most) return `requires ${plural(least)}`
  if (most === Infinity) return `requires at least ${plural(least)}`
  return least === 0 ? `requires at most ${plural(most)}` : `requires at least ${least} and at most ${plural(most)}`
}
