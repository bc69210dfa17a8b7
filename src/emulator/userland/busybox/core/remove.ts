/** rm: removing files and trees, as libbb's remove_file does it. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import { isDir, isLink, W_OK } from '../../../kernel/linux/fs/flags.ts'
import { confirmed } from '../../lib/ask.ts'
import { entriesOf } from '../../lib/files.ts'
import { print, warn } from '../../lib/io.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

interface RemoveOptions {
  readonly force?: boolean
  readonly recursive?: boolean
  readonly ask?: boolean
  readonly verbose?: boolean
  readonly name?: string
}
/** Removes a file or tree: 0, or 1 with a complaint. */
export function* removeTree(sys: Sys, path: string, o: RemoveOptions): Run<ExitCode> {
  const name = o.name ?? 'rm'
  function* bad(text: string): Run<ExitCode> {
    yield* warn(sys, `${name}: ${text}\n`)
    return 1
  }
  const s = yield* sys.lstat(path)
  if (isErr(s)) {
    if (s.name !== 'ENOENT') return yield* bad(`can't stat '${path}': ${strerror(s)}`)
    return o.force ? 0 : yield* bad(`can't remove '${path}': ${strerror(s)}`)
  }
  // What isn't writable is asked for on a terminal, too.
  const guarded =
    o.ask ||
    (!o.force && !isLink(s.mode) && isErr(yield* sys.access(path, W_OK)) && !isErr(yield* sys.ioctl(0, 'TCGETS')))
  if (isDir(s.mode)) {
    if (!o.recursive) return yield* bad(`'${path}' is a directory`)
    if (guarded && !(yield* confirmed(sys, `${name}: descend into directory '${path}'? `))) return 0
    const list = yield* entriesOf(sys, path)
    if (isErr(list)) return yield* bad(`can't open '${path}': ${strerror(list)}`)
    let status = 0
    for (const n of list) status |= yield* removeTree(sys, `${path.replace(/\/$/, '')}/${n}`, o)
    if (o.ask && !(yield* confirmed(sys, `${name}: remove directory '${path}'? `))) return status
    if (status === 0) {
      const failed = yield* sys.rmdir(path)
      if (failed) return yield* bad(`can't remove '${path}': ${strerror(failed)}`)
      if (o.verbose) yield* print(sys, `removed directory: '${path}'\n`)
    }
    return status
  }
  if (guarded && !(yield* confirmed(sys, `${name}: remove '${path}'? `))) return 0
  const failed = yield* sys.unlink(path)
  if (failed) return yield* bad(`can't remove '${path}': ${strerror(failed)}`)
  if (o.verbose) yield* print(sys, `removed '${path}'\n`)
  return 0
}
export const rm: Applet = {
  name: 'rm',
  usage: '[-irf] FILE...',
  help: 'Remove (unlink) FILEs\n\n\t-i\tAlways prompt before removing\n\t-f\tNever prompt\n\t-R,-r\tRecurse',
  *run(sys, argv) {
    const o = yield* getopt(sys, rm, argv, 'fiRrv', { recursive: 'r', force: 'f', interactive: 'i', verbose: 'v' })
    if (typeof o === 'number') return o
    // Of -f and -i the last counts.
    const how = o.list.findLast(([l]) => 'fi'.includes(l))?.[0]
    if (o.rest.length === 0) return how === 'f' ? 0 : yield* showUsage(sys, rm)
    let status = 0
    for (const path of o.rest) {
      if (/(^|\/)\.{1,2}\/*$/.test(path)) {
        yield* warn(sys, "rm: can't remove '.' or '..'\n")
        status = 1
        continue
      }
      status |= yield* removeTree(sys, path, {
        force: how === 'f',
        ask: how === 'i',
        recursive: o.has('r') || o.has('R'),
        verbose: o.has('v'),
      })
    }
    return status
  },
}
