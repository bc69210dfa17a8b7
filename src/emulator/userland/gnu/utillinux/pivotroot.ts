/** pivot_root(8) of util-linux. */
import type { Program } from '../../../kernel/linux/abi.ts'
import { fail } from '../../lib/io.ts'
import { getopt } from '../getopt.ts'

export const pivotRoot: Program = function* (sys, argv) {
  const o = yield* getopt(sys, { name: 'pivot_root', short: '+' }, argv)
  if (typeof o === 'number') return o
  const [root, old, more] = o.rest
  if (root === undefined || old === undefined || more !== undefined)
    return yield* fail(sys, "pivot_root: bad usage\nTry 'pivot_root --help' for more information.")
  const failed = yield* sys.pivotRoot(root, old)
  return failed ? yield* fail(sys, `pivot_root: failed to change root from \`${root}' to \`${old}': ${failed.text}`) : 0
}
