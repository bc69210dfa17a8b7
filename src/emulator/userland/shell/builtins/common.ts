/** What the builtins share. */
import type { ExitCode, Run } from '../../../kernel/linux/abi.ts'
import { writeAll } from '../../lib/io.ts'
import { ShellError } from '../errors.ts'
import type { Shell } from '../interp.ts'
import { toBytes } from '../text.ts'

/** A builtin's program. `around`: the command whose name stood in messages before this one. */
export type Builtin = (sh: Shell, argv: readonly string[], around?: string) => Run<ExitCode>

export const isName = (text: string): boolean => /^[A-Za-z_]\w*$/.test(text)
/** A value as the shell reads it again. */
export const quote = (value: string): string => `'${value.replace(/'+/g, (q) => `'"${q}"'`)}'`.replace(/(?<=")''$/, '')

/** Writes to standard output; 1 with a complaint where that fails. */
export function* out(sh: Shell, text: string): Run<ExitCode> {
  return yield* outBytes(sh, toBytes(text))
}
export function* outBytes(sh: Shell, bytes: Uint8Array): Run<ExitCode> {
  const failed = yield* writeAll(sh.sys, 1, bytes)
  if (!failed) return 0
  return yield* appletError(sh, `write error: ${sh.s.reason(failed)}`)
}
/** A complaint of code that applets share (echo, printf, test, kill), which knows of no lines and commands. */
export function* appletError(sh: Shell, message: string, code: ExitCode = 1): Run<ExitCode> {
  if (sh.s.dialect) yield* sh.error(message)
  else yield* sh.warn(`${sh.s.applet}: ${message}\n`)
  return code
}
export function* complain(sh: Shell, message: string, code: ExitCode = 1): Run<ExitCode> {
  yield* sh.error(message)
  return code
}
/** A whole number, not negative. */
export function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new ShellError(`Illegal number: ${text}`)
  return Number(text)
}
/** Takes the options off a command line as ash's nextopt() does: letters of `known`; `:` after one that has a value. */
export function options(
  argv: readonly string[],
  known: string,
): { readonly flags: ReadonlyMap<string, string>; readonly rest: readonly string[] } {
  const flags = new Map<string, string>()
  let i = 1
  for (; i < argv.length; i++) {
    const word = argv[i] as string
    if (word === '--') {
      i++
      break
    }
    if (!/^-./.test(word)) break
    for (let k = 1; k < word.length; k++) {
      const c = word[k] as string
      const at = known.indexOf(c)
      if (at < 0 || c === ':') throw new ShellError(`illegal option -${c}`)
      if (known[at + 1] !== ':') {
        flags.set(c, '')
        continue
      }
      const value = word.slice(k + 1) || argv[++i]
      if (value === undefined) throw new ShellError(`no arg for -${c} option`)
      flags.set(c, value)
      break
    }
  }
  return { flags, rest: argv.slice(i) }
}
