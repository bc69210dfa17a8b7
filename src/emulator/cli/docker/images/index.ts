/** docker's commands that carry archives and talk to registries, as a part of its own. */
import type { Program } from '../../../kernel/linux/abi.ts'
import { runDocker } from '../index.ts'
import { moreShapes } from '../more/shapes.ts'
import { commit, diff, exportFiles, importFiles, load, save } from './archive.ts'
import { cp } from './cp.ts'
import { login, logout, manifestInspect, push } from './registry.ts'

export const dockerImages: Program = (sys, argv) =>
  runDocker(
    sys,
    argv,
    {
      save,
      load,
      import: importFiles,
      export: exportFiles,
      commit,
      diff,
      cp,
      push,
      login,
      logout,
      'manifest inspect': manifestInspect,
    },
    moreShapes,
  )
