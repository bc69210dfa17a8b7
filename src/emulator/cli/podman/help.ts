/** The part that prints podman's help: [part, command]. */
import type { Program } from '../../kernel/linux/abi.ts'
import { printHelp } from '../containers/help.ts'
import { podmanTool } from './index.ts'
import { shapes } from './shapes.ts'
import { groupTexts, texts } from './texts.ts'

export const podmanHelp: Program = (sys, argv) =>
  printHelp(sys, { texts, groupTexts, shapes, aliases: podmanTool.aliases, heading: 'Options:' }, argv[1] ?? '')
