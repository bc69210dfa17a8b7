/** Help of podman, buildah and skopeo, as cobra lays it out. */
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { print, warn } from '../../userland/lib/io.ts'
import { flagLines } from '../helptext.ts'
import { flagsFor } from './frame.ts'

export interface Texts {
  readonly texts: Readonly<Record<string, { readonly head: string; readonly flags: string }>>
  readonly groupTexts: Readonly<Record<string, string>>
  readonly shapes: Readonly<Record<string, string>>
  readonly aliases: Readonly<Record<string, string>>
  /** Names that a command's help gives beside its own. */
  readonly also?: Readonly<Record<string, string>>
  /** How the tool heads its flags: `Options:` or `Flags:`. */
  readonly heading: string
}
/** The head of a help text, for the name that was typed: usage and examples show that one. */
function headOf(head: string, name: string, asked: string, also: string | undefined): string {
  if (asked === name) return head
  const at = head.indexOf('\nUsage:')
  const usage = head.slice(at).replace(new RegExp(`^((?:  |\t)\\w+) ${name}(?=[ \n]|$)`, 'gm'), `$1 ${asked}`)
  const names = also === undefined ? '' : `Aliases:\n  ${also}\n\n`
  return head.slice(0, at) + usage.replace(/(\nUsage:\n.*\n\n)/, `$1${names}`)
}
/** Prints a command's help, a group's, or the tool's own. */
export function* printHelp(sys: Sys, t: Texts, line: string): Run<number> {
  // What follows the command's own words says nothing here.
  const words = line.split(' ')
  const known = (n: string): boolean => t.groupTexts[n] !== undefined || t.texts[n] !== undefined
  const prefixes = words.map((_, i) => words.slice(0, words.length - i).join(' '))
  const asked = prefixes.find((p) => known(t.aliases[p] ?? p)) ?? line
  const name = t.aliases[asked] ?? asked
  const group = t.groupTexts[name]
  if (group !== undefined) {
    yield* print(sys, `${group}\n`)
    return 0
  }
  const text = t.texts[name]
  const shape = t.shapes[name]
  if (!text || shape === undefined) {
    yield* warn(sys, `zukan: not emulated: help on ${asked}\n`)
    return 125
  }
  const lines = flagLines(
    flagsFor(shape),
    text.flags.split('\n').map((l) => l.replace(/\v/g, '\n')),
    100_000,
  )
  yield* print(
    sys,
    `${headOf(text.head, name, asked, t.also?.[asked])}\n${lines === '' ? '' : `\n${t.heading}\n${lines}`}`,
  )
  return 0
}
