/** -e, --env-file, -l and --label-file: variables and labels from the command line, the client's environment and files. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { readText } from '../../userland/lib/io.ts'
import { CliError } from './api.ts'
import { variable } from './context.ts'

/** The lines of a file that say something; those without `=` take the client's value, or go. */
function* linesOf(sys: Sys, file: string, what: 'env' | 'label'): Run<string[]> {
  const text = yield* readText(sys, file)
  if (isErr(text)) throw new CliError(`open ${file}: ${text.text.toLowerCase()}`)
  const out: string[] = []
  for (const line of text.split('\n')) {
    const t = line.replace(/^[\s\uFEFF]+/, '').replace(/\r$/, '')
    if (t === '' || t.startsWith('#')) continue
    const at = t.indexOf('=')
    const name = at < 0 ? t : t.slice(0, at)
    const kind = what === 'env' ? 'variable' : 'label'
    if (name === '') throw new CliError(`invalid ${what} file (${file}): no variable name on line '${t}'`, 125)
    if (/\s/.test(name))
      throw new CliError(`invalid ${what} file (${file}): ${kind} '${name}' contains whitespaces`, 125)
    if (at >= 0) out.push(t)
    else if (what === 'label') out.push(`${t}=`)
    else {
      const own = variable(sys, t)
      if (own !== undefined) out.push(`${t}=${own}`)
    }
  }
  return out
}
/** The variables of --env-file, then of -e: later ones count. */
export function* environmentOf(sys: Sys, files: readonly string[], given: readonly string[]): Run<string[]> {
  const out: string[] = []
  for (const file of files) out.push(...(yield* linesOf(sys, file, 'env')))
  for (const e of given) {
    const own = e.includes('=') ? undefined : variable(sys, e)
    if (e.includes('=')) out.push(e)
    else if (own !== undefined) out.push(`${e}=${own}`)
  }
  return out
}
/** `a=b` words as an object. */
export const pairs = (words: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    words.map((w) => {
      const at = w.indexOf('=')
      return at < 0 ? [w, ''] : [w.slice(0, at), w.slice(at + 1)]
    }),
  )
export function* labelsOf(sys: Sys, files: readonly string[], given: readonly string[]): Run<Record<string, string>> {
  const out: string[] = []
  for (const file of files) out.push(...(yield* linesOf(sys, file, 'label')))
  return pairs([...out, ...given])
}
