/** chroot(1) of coreutils. */
import { ENOENT } from '../../../base/errno.ts'
import type { Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import { groups, users } from '../../lib/accounts.ts'
import { fail } from '../../lib/io.ts'
import { execvp } from '../../lib/run.ts'
import { getopt } from '../getopt.ts'

/** A user or group by name or number; undefined where the files of the new root don't know it. */
function* idOf(sys: Sys, word: string, kind: 'user' | 'group'): Run<number | undefined> {
  if (/^\+?\d+$/.test(word)) return Number(word)
  if (kind === 'user') return (yield* users(sys)).find((u) => u.name === word)?.uid
  return (yield* groups(sys)).find((g) => g.name === word)?.gid
}
export const chroot: Program = function* (sys, argv) {
  const long = { 'groups=': 'g', 'userspec=': 'u', 'skip-chdir': 's' }
  const o = yield* getopt(sys, { name: 'chroot', short: '+', long, code: 125 }, argv)
  if (typeof o === 'number') return o
  const [root, ...command] = o.rest
  if (root === undefined)
    return yield* fail(sys, "chroot: missing operand\nTry 'chroot --help' for more information.", 125)
  const failed = yield* sys.chroot(root)
  if (failed) return yield* fail(sys, `chroot: cannot change root directory to '${root}': ${failed.text}`, 125)
  if (!o.has('s')) {
    const away = yield* sys.chdir('/')
    if (away) return yield* fail(sys, `chroot: cannot chdir to root directory: ${away.text}`, 125)
  }
  const gids: number[] = []
  for (const word of (o.value('g') ?? '').split(',').filter(Boolean)) {
    const gid = yield* idOf(sys, word, 'group')
    if (gid === undefined) return yield* fail(sys, `chroot: invalid group '${word}'`, 125)
    gids.push(gid)
  }
  const [user = '', group = ''] = (o.value('u') ?? '').split(':')
  const uid = user === '' ? undefined : yield* idOf(sys, user, 'user')
  if (user !== '' && uid === undefined) return yield* fail(sys, `chroot: invalid user`, 125)
  const gid = group !== '' ? yield* idOf(sys, group, 'group') : (yield* users(sys)).find((u) => u.uid === uid)?.gid
  if (group !== '' && gid === undefined) return yield* fail(sys, `chroot: invalid group`, 125)
  if (o.has('g') || uid !== undefined) yield* sys.setgroups(o.has('g') ? gids : gid === undefined ? [] : [gid])
  if (gid !== undefined) {
    const refused = yield* sys.setgid(gid)
    if (refused) return yield* fail(sys, `chroot: failed to set group-ID: ${refused.text}`, 125)
  }
  if (uid !== undefined) {
    const refused = yield* sys.setuid(uid)
    if (refused) return yield* fail(sys, `chroot: failed to set user-ID: ${refused.text}`, 125)
  }
  const shell =
    sys
      .environ()
      .find((e) => e.startsWith('SHELL='))
      ?.slice(6) || '/bin/sh'
  const words = command.length > 0 ? command : [shell, '-i']
  const error = yield* execvp(sys, words)
  return yield* fail(sys, `chroot: failed to run command '${words[0]}': ${error.text}`, error === ENOENT ? 127 : 126)
}
