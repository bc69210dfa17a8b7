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
  /** How the tool heads its flags: `Options:` or `Flags:`. */
  readonly heading: string
}
/** Prints a command's help, a group's, or the tool's own. */
export function* printHelp(sys: Sys, t: Texts, asked: string): Run<number> {
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
  yield* print(sys, `${text.head}\n${lines === '' ? '' : `\n${t.heading}\n${lines}`}`)
  return 0
}
