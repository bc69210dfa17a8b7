/** Options as glibc's getopt_long(3) reads them, with its complaints: what GNU, util-linux and procps programs share. */
import type { ExitCode, Run, Sys } from '../../kernel/linux/abi.ts'
import { warn } from '../lib/io.ts'
import type { Options } from '../lib/options.ts'

export interface OptionSpec {
  readonly name: string
  /** As for getopt(3): `ab:c::`; a leading `+` stops at the first operand. */
  readonly short: string
  /** Long names with the letter they stand for; a trailing `=` takes a value, `=?` may take one. */
  readonly long?: Readonly<Record<string, string>>
  /** Exit code for wrong options. */
  readonly code?: ExitCode
}

/** The options found, or the exit code where one was wrong: then the complaint is written. Long options without a letter are kept by their name. */
export function* getopt(sys: Sys, spec: OptionSpec, argv: readonly string[]): Run<Options | ExitCode> {
  const { name, short, long = {} } = spec
  const stop = short.startsWith('+')
  const found: (readonly [string, string])[] = []
  const rest: string[] = []
  function* bad(text: string): Run<ExitCode> {
    yield* warn(sys, `${name}: ${text}\nTry '${name} --help' for more information.\n`)
    return spec.code ?? 1
  }
  const names = Object.keys(long)
  for (let i = 1; i < argv.length; i++) {
    const arg = argv[i] as string
    if (arg === '--') {
      rest.push(...argv.slice(i + 1))
      break
    }
    if (arg.startsWith('--')) {
      const at = arg.indexOf('=')
      const word = arg.slice(2, at < 0 ? undefined : at)
      const hits = names.filter((n) => n.replace(/=\??$/, '').startsWith(word))
      const hit = hits.find((n) => n.replace(/=\??$/, '') === word) ?? (hits.length === 1 ? hits[0] : undefined)
      if (hit === undefined)
        return yield* bad(
          hits.length > 1
            ? `option '--${word}' is ambiguous; possibilities:${hits.map((h) => ` '--${h.replace(/=\??$/, '')}'`).join('')}`
            : `unrecognized option '--${word}'`,
        )
      const letter = long[hit] as string
      if (hit.endsWith('=')) {
        const value = at >= 0 ? arg.slice(at + 1) : argv[++i]
        if (value === undefined) return yield* bad(`option '--${word}' requires an argument`)
        found.push([letter, value])
      } else if (at >= 0 && !hit.endsWith('=?')) return yield* bad(`option '--${word}' doesn't allow an argument`)
      else found.push([letter, at >= 0 ? arg.slice(at + 1) : ''])
      continue
    }
    if (arg.startsWith('-') && arg.length > 1) {
      for (let k = 1; k < arg.length; k++) {
        const c = arg[k] as string
        const at = c === ':' || c === '+' ? -1 : short.indexOf(c)
        if (at < 0) return yield* bad(`invalid option -- '${c}'`)
        if (short[at + 1] !== ':') {
          found.push([c, ''])
          continue
        }
        const attached = arg.slice(k + 1)
        if (short[at + 2] === ':') found.push([c, attached])
        else {
          const value = attached || argv[++i]
          if (value === undefined) return yield* bad(`option requires an argument -- '${c}'`)
          found.push([c, value])
        }
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
    list: found,
    has: (letter) => found.some(([l]) => l === letter),
    value: (letter) => found.findLast(([l]) => l === letter)?.[1],
    all: (letter) => found.filter(([l]) => l === letter).map(([, v]) => v),
    rest,
  }
}
