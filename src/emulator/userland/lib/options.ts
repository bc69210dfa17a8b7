/** Options as musl's getopt_long(3) reads them, with its complaints and busybox's usage text. */
import type { ExitCode, Run, Sys } from '../../kernel/linux/abi.ts'
import type { Applet } from '../program.ts'
import { warn } from './io.ts'

/** What was found on a command line. */
export interface Options {
  /** Every option in order, with its value ('' for one without). */
  readonly list: readonly (readonly [letter: string, value: string])[]
  readonly has: (letter: string) => boolean
  /** The value of the last one. */
  readonly value: (letter: string) => string | undefined
  readonly all: (letter: string) => readonly string[]
  /** Operands. */
  readonly rest: readonly string[]
}
type Described = Pick<Applet, 'name' | 'usage' | 'help'>

export const BANNER = 'BusyBox v1.37.0 (2025-05-26 20:04:45 UTC) multi-call binary.'
/** What --help prints. An applet without a text has `usage` '\b', as in busybox. */
export const usageOf = ({ name, usage, help }: Described): string =>
  `${BANNER}\n\n${usage === '\b' ? 'No help available' : `Usage: ${name}${usage ? ` ${usage}` : ''}`}\n${help ? `\n${help}\n` : ''}`

/** Prints the usage text to standard error and answers `status`. */
export function* showUsage(sys: Sys, applet: Described, status: ExitCode = 1): Run<ExitCode> {
  yield* warn(sys, usageOf(applet))
  return status
}

/**
 * Reads options by a getopt string: `a` alone, `b:` with a value, `c::` with one that may be attached; a leading `+` stops at the first
 * operand. `long` maps long names to letters. Answers an exit code (`failure`) where something is wrong: then the complaint is written.
 */
export function* getopt(
  sys: Sys,
  applet: Described,
  argv: readonly string[],
  letters: string,
  long: Readonly<Record<string, string>> = {},
  failure: ExitCode = 1,
): Run<Options | ExitCode> {
  const stop = letters.startsWith('+')
  const list: (readonly [string, string])[] = []
  const rest: string[] = []
  const names = Object.keys(long)
  function* bad(message: string): Run<ExitCode> {
    yield* warn(sys, `${argv[0]}: ${message}\n`)
    return yield* showUsage(sys, applet, failure)
  }
  for (let i = 1; i < argv.length; i++) {
    const arg = argv[i] as string
    if (arg === '--' || !/^-./.test(arg)) {
      if (arg !== '--') rest.push(arg)
      if (arg !== '--' && !stop) continue
      rest.push(...argv.slice(i + 1))
      break
    }
    if (arg.startsWith('--') && names.length > 0) {
      const [name = '', ...values] = arg.slice(2).split('=')
      const meant = names.includes(name) ? [name] : names.filter((n) => n.startsWith(name))
      if (new Set(meant.map((n) => long[n])).size > 1) return yield* bad(`option is ambiguous: ${arg.slice(2)}`)
      const letter = long[meant[0] ?? '']
      if (letter === undefined) return yield* bad(`unrecognized option: ${arg.slice(2)}`)
      const takes = letters.slice(letters.indexOf(letter) + 1, letters.indexOf(letter) + 3)
      if (takes[0] !== ':') {
        if (values.length > 0) return yield* bad(`option does not take an argument: ${meant[0]}`)
        list.push([letter, ''])
      } else if (values.length > 0 || takes === '::') list.push([letter, values.join('=')])
      else if (i + 1 < argv.length) list.push([letter, argv[++i] as string])
      else return yield* bad(`option requires an argument: ${meant[0]}`)
      continue
    }
    for (let k = 1; k < arg.length; k++) {
      const c = arg[k] as string
      const at = ':+'.includes(c) ? -1 : letters.indexOf(c)
      if (at < 0) return yield* bad(`unrecognized option: ${c}`)
      if (letters[at + 1] !== ':') {
        list.push([c, ''])
        continue
      }
      const attached = arg.slice(k + 1)
      const value = attached || (letters[at + 2] === ':' ? '' : argv[++i])
      if (value === undefined) return yield* bad(`option requires an argument: ${c}`)
      list.push([c, value])
      break
    }
  }
  return {
    list,
    has: (letter) => list.some(([l]) => l === letter),
    value: (letter) => list.findLast(([l]) => l === letter)?.[1],
    all: (letter) => list.filter(([l]) => l === letter).map(([, v]) => v),
    rest,
  }
}
