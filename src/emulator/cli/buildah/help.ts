/** The part that prints buildah's help: [part, command]. */
import type { Program } from '../../kernel/linux/abi.ts'
import { printHelp } from '../containers/help.ts'
import { knownGroups, knownShapes, knownTexts } from './known.ts'
import { shapes } from './shapes.ts'
import { groupTexts, texts } from './texts.ts'

export const buildahHelp: Program = (sys, argv) =>
  printHelp(
    sys,
    {
      texts: { ...knownTexts, ...texts },
      groupTexts: { ...knownGroups, ...groupTexts },
      shapes: { ...knownShapes, ...shapes },
      aliases: { bud: 'build' },
      heading: 'Flags:',
    },
    argv[1] ?? '',
  )
