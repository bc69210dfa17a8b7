/** The part that prints skopeo's help: [part, command]. */
import type { Program } from '../../kernel/linux/abi.ts'
import { printHelp } from '../containers/help.ts'
import { knownShapes, knownTexts } from './known.ts'
import { shapes } from './shapes.ts'
import { groupTexts, texts } from './texts.ts'

export const skopeoHelp: Program = (sys, argv) =>
  printHelp(
    sys,
    {
      texts: { ...knownTexts, ...texts },
      groupTexts,
      shapes: { ...knownShapes, ...shapes },
      aliases: {},
      heading: 'Flags:',
    },
    argv[1] ?? '',
  )
