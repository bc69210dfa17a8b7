/** docker build as a part of its own: it comes when it is first typed. */
import type { Program } from '../../../kernel/linux/abi.ts'
import { runDocker } from '../index.ts'
import { moreShapes } from '../more/shapes.ts'
import { build } from './build.ts'
import { builderPrune } from './prune.ts'

export const dockerBuild: Program = (sys, argv) =>
  runDocker(sys, argv, { build, 'builder prune': builderPrune }, moreShapes)
