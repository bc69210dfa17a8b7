/** chmod, chown, chgrp. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import { isDir } from '../../../kernel/linux/fs/flags.ts'
import type { Stat } from '../../../kernel/linux/fs/inode.ts'
import { groups, users } from '../../lib/accounts.ts'
import { changeMode, entriesOf, modeText } from '../../lib/files.ts'
import { print, warn } from '../../lib/io.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

export function* recurse(sys: Sys, path: string, act: (path: string, s: Stat) => Run<ExitCode>): Run<ExitCode> {
  const s = yield* sys.lstat(path)
  if (isErr(s)) return 1
  let status = yield* act(path, s)
  if (isDir(s.mode)) {
    const list = yield* entriesOf(sys, path)
    for (const n of isErr(list) ? [] : list) status |= yield* recurse(sys, `${path}/${n}`, act)
  }
  return status
}
export const chmod: Applet = {
  name: 'chmod',
  usage: '[-Rcvf] MODE[,MODE]... FILE...',
  help: 'MODE is octal number (bit pattern sstrwxrwxrwx) or [ugoa]{+|-|=}[rwxXst]\n\n\t-R\tRecurse\n\t-c\tList changed files\n\t-v\tVerbose\n\t-f\tHide errors',
  *run(sys, argv) {
    const dash = argv.findIndex((a, i) => i > 0 && /^-[rwxXst]/.test(a))
    const o = yield* getopt(
      sys,
      chmod,
      dash > 0 && argv[dash - 1] !== '--' ? [...argv.slice(0, dash), '--', ...argv.slice(dash)] : argv,
      'Rcvf',
    )
    if (typeof o === 'number') return o
    const [spec, ...files] = o.rest
    if (spec === undefined || files.length === 0) return yield* showUsage(sys, chmod)
    const mask = yield* sys.umask(0)
    yield* sys.umask(mask)
    let status = 0
    for (const file of files) {
      const one = function* (path: string): Run<ExitCode> {
        const s = yield* sys.stat(path)
        const mode = isErr(s) ? undefined : changeMode(spec ?? '', s.mode, mask)
        if (!isErr(s) && mode === undefined) {
          yield* warn(sys, `chmod: invalid mode '${spec}'\n`)
          return 1
        }
        const failed = isErr(s) ? s : yield* sys.chmod(path, mode as number)
        if (failed) yield* warn(sys, `chmod: ${path}: ${strerror(failed)}\n`)
        if (!failed && !isErr(s) && (o.has('v') || (o.has('c') && (s.mode & 0o7777) !== mode)))
          yield* print(
            sys,
            `mode of '${path}' changed to ${(mode as number).toString(8).padStart(4, '0')} (${modeText(mode as number).slice(1)})\n`,
          )
        return failed ? 1 : 0
      }
      status |= o.has('R') ? yield* recurse(sys, file, one) : yield* one(file)
    }
    return status
  },
}
export const owner = (name: 'chown' | 'chgrp'): Applet => {
  const applet: Applet = {
    name,
    usage: name === 'chown' ? '[-RhLHPcvf]... USER[:[GRP]] FILE...' : '[-RhLHPcvf]... GROUP FILE...',
    help: `${name === 'chown' ? 'Change the owner and/or group of FILEs to USER and/or GRP' : 'Change the group membership of FILEs to GROUP'}\n\n\t-h\tAffect symlinks instead of symlink targets\n\t-L\tTraverse all symlinks to directories\n\t-H\tTraverse symlinks on command line only\n\t-P\tDon't traverse symlinks (default)\n\t-R\tRecurse\n\t-c\tList changed files\n\t-v\tVerbose\n\t-f\tHide errors`,
    *run(sys, argv) {
      const o = yield* getopt(sys, applet, argv, 'RhLHPcvf')
      if (typeof o === 'number') return o
      const [spec = '', ...files] = o.rest
      if (files.length === 0) return yield* showUsage(sys, applet)
      const [user = '', named] = name === 'chgrp' ? ['', spec] : spec.split(/[:.]/)
      const number = function* (text: string | undefined, kind: 'user' | 'group'): Run<number | undefined> {
        if (text === undefined || text === '') return -1
        if (/^\d+$/.test(text)) return Number(text)
        const found =
          kind === 'user'
            ? (yield* users(sys)).find((u) => u.name === text)?.uid
            : (yield* groups(sys)).find((g) => g.name === text)?.gid
        if (found === undefined)
          yield* warn(
            sys,
            `${name}: unknown ${kind === 'user' ? `user ${text}` : name === 'chgrp' ? `group ${text}` : `user/group ${spec}`}\n`,
          )
        return found
      }
      const uid = yield* number(user, 'user')
      // `USER:`: that user's own group.
      const login = named === '' ? (yield* users(sys)).find((u) => u.uid === uid)?.gid : undefined
      const gid = login ?? (yield* number(named, 'group'))
      if (uid === undefined || gid === undefined) return 1
      let status = 0
      for (const file of files) {
        const one = function* (path: string): Run<ExitCode> {
          const before = yield* sys.lstat(path)
          const failed = o.has('h') ? yield* sys.lchown(path, uid, gid) : yield* sys.chown(path, uid, gid)
          if (failed && !o.has('f')) yield* warn(sys, `${name}: ${path}: ${strerror(failed)}\n`)
          if (failed) return 1
          const s = yield* sys.lstat(path)
          if (
            !isErr(s) &&
            !isErr(before) &&
            (o.has('v') || (o.has('c') && (s.uid !== before.uid || s.gid !== before.gid)))
          )
            yield* print(sys, `changed ownership of '${path}' to ${s.uid}:${s.gid}\n`)
          return 0
        }
        status |= o.has('R') ? yield* recurse(sys, file, one) : yield* one(file)
      }
      return status
    },
  }
  return applet
}
