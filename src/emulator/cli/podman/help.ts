/** Help of podman, buildah and skopeo, as cobra lays it out. */
import type { Program } from '../../kernel/linux/abi.ts'
import { print, warn } from '../../userland/lib/io.ts'
import { flagsFor } from '../containers/frame.ts'
import { flagLines } from '../helptext.ts'
import { shapes } from './shapes.ts'
import { groupTexts, texts } from './texts.ts'
import { podmanTool } from './index.ts'

/** [part, command]: prints a command's help, a group's, or podman's own. */
export const podmanHelp: Program = function* (sys, argv) {
  const asked = argv[1] ?? ''
  const name = podmanTool.aliases[asked] ?? asked
  const text = texts[name]
  const group = groupTexts[name]
  if (group !== undefined) {
    yield* print(sys, `${group}\n`)
    return 0
  }
  const shape = shapes[name]
  if (!text || shape === undefined) {
    yield* warn(sys, `Error: unknown help topic: ${asked}\n`)
    return 125
  }
  const lines = flagLines(
    flagsFor(shape),
    text.flags.split('\n').map((l) => l.replace(/\v/g, '\n')),
    100_000,
  )
  yield* print(sys, `${text.head}\n${lines === '' ? '' : `\nOptions:\n${lines}`}`)
  return 0
}
