/** su-exec (ncopa/su-exec), by which entry points of Alpine images give root up: another user's program in this very process. */
import type { Program } from '../../kernel/linux/abi.ts'
import { groups, users } from '../lib/accounts.ts'
import { execPath } from '../lib/exec.ts'
import { warn } from '../lib/io.ts'

/** su-exec USER COMMAND [ARGUMENT...] */
export const suExec: Program = function* (sys, argv) {
  const [, name, ...words] = argv
  if (name === undefined || words.length === 0) {
    yield* warn(sys, 'Usage: su-exec user-spec command [args]\n')
    return 0
  }
  const user = (yield* users(sys)).find((u) => u.name === name)
  if (!user) {
    yield* warn(sys, `su-exec: ${name}: Invalid argument\n`)
    return 1
  }
  const own = (yield* groups(sys)).filter((g) => g.members.includes(name)).map((g) => g.gid)
  const failed =
    (yield* sys.setgroups([user.gid, ...own])) ?? (yield* sys.setgid(user.gid)) ?? (yield* sys.setuid(user.uid))
  if (failed) {
    yield* warn(sys, `su-exec: setgroups: ${failed.text}\n`)
    return 1
  }
  const environment = [...sys.environ().filter((e) => !e.startsWith('HOME=')), `HOME=${user.home}`]
  return yield* execPath(sys, words, environment, 'su-exec', '')
}
