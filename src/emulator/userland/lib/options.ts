/** Options as getopt(3) reads them, with busybox's complaints. */
import type { ExitCode, Run, Sys } from '../../kernel/linux/abi.ts'
import type { Applet } from '../program.ts'
import { print, warn } from './io.ts'

export interface Options {
  /** By letter: true, or the value. The last one counts; `all` has every one. */
  readonly has: (letter: string) => boolean
  readonly value: (letter: string) => string | undefined
  readonly all: (letter: string) => readonly string[]
  readonly rest: readonly string[]
}

export const BANNER = 'BusyBox v1.37.0 (2025-05-26 20:04:45 UTC) multi-call binary.'
export const usageOf = (applet: Pick<Applet, 'name' | 'usage' | 'help'>): string =>
  `${BANNER}\n\nUsage: ${applet.name}${applet.usage ? ` ${applet.usage}` : ''}\n${applet.help ? `\n${applet.help}\n` : ''}`

/**
 * Reads options by a getopt string (`ab:c`); `long` maps long names to letters. Answers an exit code where --help was asked for or
 * something is wrong: then the complaint is already written. `+` in front stops at the first operand.
 */
export function* getopt(
  sys: Sys,
  applet: Pick<Applet, 'name' | 'usage' | 'help'>,
  argv: readonly string[],
  letters: string,
  long: Readonly<Record<string, string>> = {},
): Run<Options | ExitCode> {
  const stop = letters.startsWith('+')
  const found: (readonly [string, string])[] = []
  const rest: string[] = []
  function* bad(message: string): Run<ExitCode> {
    yield* warn(sys, `${applet.name}: ${message}\n${usageOf(applet)}`)
    return 1
  }
  for (let i = 1; i < argv.length; i++) {
    const arg = argv[i] as string
    if (arg === '--') {
      rest.push(...argv.slice(i + 1))
      break
    }
    if (arg === '--help') {
      yield* print(sys, '')
      yield* warn(sys, usageOf(applet))
      return 0
    }
    if (arg.startsWith('--')) {
      const at = arg.indexOf('=')
      const name = arg.slice(2, at < 0 ? undefined : at)
      const letter = Object.hasOwn(long, name) ? (long[name] as string) : undefined
      if (letter === undefined) return yield* bad(`unrecognized option '--${name}'`)
      const takes = letters[letters.indexOf(letter) + 1] === ':'
      if (!takes) found.push([letter, ''])
      else if (at >= 0) found.push([letter, arg.slice(at + 1)])
      else if (i + 1 < argv.length) found.push([letter, argv[++i] as string])
      else return yield* bad(`option '--${name}' requires an argument`)
      continue
    }
    if (arg.startsWith('-') && arg.length > 1) {
      for (let k = 1; k < arg.length; k++) {
        const c = arg[k] as string
        const at = c === ':' || c === '+' ? -1 : letters.indexOf(c)
        if (at < 0) return yield* bad(`invalid option -- '${c}'`)
        if (letters[at + 1] !== ':') {
          found.push([c, ''])
          continue
        }
        const value = arg.slice(k + 1) || argv[++i]
        if (value === undefined) return yield* bad(`option requires an argument -- '${c}'`)
        found.push([c, value])
        break
      }
      continue
    }
    rest.push(arg)
    if (stop) {
      rest.push(...argv.slice(i + 1))
      break
    }
  }
  return {
    has: (letter) => found.some(([l]) => l === letter),
    value: (letter) => found.findLast(([l]) => l === letter)?.[1],
    all: (letter) => found.filter(([l]) => l === letter).map(([, v]) => v),
    rest,
  }
}
