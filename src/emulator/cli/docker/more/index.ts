/** docker's commands that come later in a course, each in a module of its subject. Loaded when one of them is first typed. */
import type { Program } from '../../../kernel/linux/abi.ts'
import { runDocker } from '../index.ts'
import type { Command } from '../invoke.ts'
import { containerCommands } from './container.ts'
import { contextCommands } from './context.ts'
import { events } from './events.ts'
import { imageCommands } from './image.ts'
import { networkCommands } from './network.ts'
import { moreShapes } from './shapes.ts'
import { stats } from './stats.ts'
import { systemCommands } from './system.ts'
import { volumeCommands } from './volume.ts'

const commands: Readonly<Record<string, Command>> = {
  ...containerCommands,
  ...contextCommands,
  ...imageCommands,
  ...networkCommands,
  ...systemCommands,
  ...volumeCommands,
  events,
  stats,
}

export const dockerMore: Program = (sys, argv) => runDocker(sys, argv, commands, moreShapes)
