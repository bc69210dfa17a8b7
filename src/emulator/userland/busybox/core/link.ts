/** ln: another name for a file, or a symbolic link. */
import { isErr } from '../../../base/errno.ts'
import { isDir, isLink } from '../../../kernel/linux/fs/flags.ts'
import { print, warn } from '../../lib/io.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'
import { inside, lastName } from './copy.ts'

export const ln: Applet = {
  name: 'ln',
  usage: '[-sfnbtv] [-S SUF] TARGET... LINK|DIR',
  help: "Create a link LINK or DIR/TARGET to the specified TARGET(s)\n\n\t-s\tMake symlinks instead of hardlinks\n\t-f\tRemove existing destinations\n\t-n\tDon't dereference symlinks - treat like normal file\n\t-b\tMake a backup of the target (if exists) before link operation\n\t-S SUF\tUse suffix instead of ~ when making backup files\n\t-T\tTreat LINK as a file, not DIR\n\t-v\tVerbose",
  *run(sys, argv) {
    const o = yield* getopt(sys, ln, argv, 'sfnbS:vT')
    if (typeof o === 'number') return o
    const only = o.rest[0]
    if (only === undefined) return yield* showUsage(sys, ln)
    const targets = o.rest.length === 1 ? o.rest : o.rest.slice(0, -1)
    const last = o.rest.length === 1 ? lastName(only) : (o.rest.at(-1) as string)
    if (o.has('T') && targets.length > 1) {
      yield* warn(sys, 'ln: -T accepts 2 args max\n')
      return 1
    }
    let status = 0
    function* bad(path: string, error: Parameters<typeof strerror>[0]) {
      yield* warn(sys, `ln: ${path}: ${strerror(error)}\n`)
      status = 1
    }
    for (const target of targets) {
      let path = last
      const s = o.has('n') ? yield* sys.lstat(last) : yield* sys.stat(last)
      if (!isErr(s) && isDir(s.mode)) {
        if (o.has('T')) {
          yield* warn(sys, `ln: '${last}' is a directory\n`)
          return 1
        }
        path = inside(last, target)
      }
      if (!o.has('s')) {
        const source = yield* sys.stat(target)
        const own = isErr(source) ? yield* sys.lstat(target) : undefined
        if (isErr(source) && (isErr(own) || !own || !isLink(own.mode))) {
          yield* bad(target, source)
          continue
        }
      }
      if (o.has('b')) {
        const failed = yield* sys.rename(path, `${path}${o.value('S') ?? '~'}`)
        if (failed && failed.name !== 'ENOENT') {
          yield* bad(path, failed)
          continue
        }
        // Two names of one file: rename(2) did nothing.
        yield* sys.unlink(path)
      } else if (o.has('f')) yield* sys.unlink(path)
      if (o.has('v')) yield* print(sys, `'${path}' -> '${target}'\n`)
      const failed = o.has('s') ? yield* sys.symlink(target, path) : yield* sys.link(target, path)
      if (failed) yield* bad(path, failed)
    }
    return status
  },
}
