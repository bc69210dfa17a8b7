/** docker builder prune: forgets the build cache, and gives its layers back where no image has them. */
import { humanSize } from '../../../oci/units.ts'
import { print } from '../../../userland/lib/io.ts'
import { CliError } from '../api.ts'
import { confirm } from '../confirm.ts'
import type { Command } from '../invoke.ts'

export const builderPrune: Command = function* (sys, client, g) {
  for (const flag of ['filter', 'keep-storage'])
    if (g.value(flag) !== undefined) throw new CliError(`zukan: not emulated: docker builder prune --${flag}`)
  const what = g.has('all') ? 'all build cache' : 'all dangling build cache'
  if (!g.has('force')) yield* confirm(sys, `WARNING! This will remove ${what}. Are you sure you want to continue?`)
  const r = yield* client.json<{ CachesDeleted: string[]; SpaceReclaimed: number }>('POST', '/build/prune')
  const gone = r.CachesDeleted.length > 0 ? `Deleted build cache objects:\n${r.CachesDeleted.join('\n')}\n\n` : ''
  yield* print(sys, `${gone}Total reclaimed space: ${humanSize(r.SpaceReclaimed, 4)}\n`)
  return 0
}
