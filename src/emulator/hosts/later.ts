/**
 * Code that a build has put aside, because the first prompt and the first container never run it: as a part, since it comes as parts do.
 * In the sources nothing is aside; see scripts/site/later/plugin.ts.
 */
import type { Program } from '../kernel/linux/abi.ts'

/** The part `later`: once it is there, programs reach what was put aside. */
export const laterCode: Program = function* () {
  return 0
}
