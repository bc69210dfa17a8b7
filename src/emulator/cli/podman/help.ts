/** The part that prints podman's help: [part, command]. */
import type { Program } from '../../kernel/linux/abi.ts'
import { printHelp } from '../containers/help.ts'
import { podmanTool } from './index.ts'
import { knownGroups, knownShapes, knownTexts } from './known.ts'
import { shapes } from './shapes.ts'
import { groupTexts, texts } from './texts.ts'

export const podmanHelp: Program = (sys, argv) =>
  printHelp(
    sys,
    {
      texts: { ...knownTexts, ...texts },
      groupTexts: { ...knownGroups, ...groupTexts },
      shapes: { ...knownShapes, ...shapes },
      aliases: podmanTool.aliases,
      also: { 'container list': 'list, ls', 'image list': 'list, ls' },
      heading: 'Options:',
    },
    argv[1] ?? '',
  )
