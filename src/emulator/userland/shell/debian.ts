/** The program `sh` of Debian's kind of systems: bash where it is called so, else dash, which comes when it is first needed. */
import type { Program } from '../../kernel/linux/abi.ts'
import { bash } from './bash.ts'
import { runShellProgram } from './index.ts'

export const debianShell: Program = function* (sys, argv) {
  if (/(^|[-/])bash$/.test(argv[0] ?? '')) return yield* runShellProgram(sys, argv, bash)
  return yield* (yield* sys.part('shell/dash'))(sys, argv)
}
