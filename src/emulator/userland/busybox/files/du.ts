/** du: how much room files take. */
import { isErr } from '../../../base/errno.ts'
import type { Run } from '../../../kernel/linux/abi.ts'
import { isDir } from '../../../kernel/linux/fs/flags.ts'
import { fromWord } from '../../lib/argument.ts'
import { entriesOf } from '../../lib/files.ts'
import { warn } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt } from '../../lib/options.ts'
import { Output } from '../../lib/output.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

/** make_human_readable_str of libbb: one decimal below ten units' tenths, rounded. */
export function humanSize(bytes: number): string {
  let value = bytes
  let unit = ''
  for (const u of 'KMGTPE') {
    if (value < 1024) break
    value /= 1024
    unit = u
  }
  return unit === '' ? String(Math.round(value)) : `${value.toFixed(1)}${unit}`
}

/** du; `human` is how -h shows bytes. */
export const duWith = (human: (bytes: number) => string): Applet => {
  const applet: Applet = {
    name: 'du',
    usage: '[-aHLdclsxhmk] [FILE]...',
    help: 'Summarize disk space used for FILEs (or directories)\n\n\t-a\tShow file sizes too\n\t-b\tApparent size (including holes)\n\t-L\tFollow all symlinks\n\t-H\tFollow symlinks on command line\n\t-d N\tLimit output to directories (and files with -a) of depth < N\n\t-c\tShow grand total\n\t-l\tCount sizes many times if hard linked\n\t-s\tDisplay only a total for each argument\n\t-x\tSkip directories on different filesystems\n\t-h\tSizes in human readable format (e.g., 1K 243M 2G)\n\t-m\tSizes in megabytes\n\t-k\tSizes in kilobytes (default)',
    *run(sys, argv) {
      const parsed = yield* getopt(sys, applet, argv, 'aHkLsxd:lchmb', { 'max-depth': 'd' })
      if (typeof parsed === 'number') return parsed
      const o = parsed
      const wanted = o.has('s') ? 0 : o.has('d') ? parseNumber(o.value('d') as string) : Infinity
      if (typeof wanted !== 'number') {
        yield* warn(sys, `du: ${wanted.error}\n`)
        return 1
      }
      const out = new Output(sys)
      let status = 0
      const seen = new Set<string>()
      /** The last of -h, -m, -k counts. */
      const unit = o.list.findLast(([l]) => 'hmkb'.includes(l))?.[0] ?? 'k'
      const show = (blocks: number): string =>
        unit === 'h'
          ? human(blocks * 512)
          : String(unit === 'b' ? blocks : unit === 'm' ? Math.ceil(blocks / 2048) : Math.floor((blocks + 1) / 2))
      function* visit(path: string, level: number, device?: number): Run<number> {
        const follow = o.has('L') || (o.has('H') && level === 0)
        const s = follow ? yield* sys.stat(path) : yield* sys.lstat(path)
        if (isErr(s)) {
          yield* out.flush()
          yield* warn(sys, `du: ${path}: ${strerror(s)}\n`)
          status = 1
          return 0
        }
        if (o.has('x') && device !== undefined && s.dev !== device) return 0
        const key = `${s.dev}:${s.ino}`
        // A file with several names is counted once.
        if (!isDir(s.mode) && s.nlink > 1 && !o.has('l')) {
          if (seen.has(key)) return 0
          seen.add(key)
        }
        // -b counts what the files hold, in bytes.
        let total = unit === 'b' ? s.size : s.blocks
        if (isDir(s.mode)) {
          const list = yield* entriesOf(sys, path)
          if (isErr(list)) {
            yield* out.flush()
            yield* warn(sys, `du: can't open '${path}': ${strerror(list)}\n`)
            status = 1
          } else
            for (const n of list) total += yield* visit(`${path.replace(/\/$/, '')}/${n}`, level + 1, device ?? s.dev)
        }
        if (level <= (wanted as number) && (isDir(s.mode) || o.has('a') || level === 0))
          yield* out.write(`${show(total)}\t${fromWord(path)}\n`)
        return total
      }
      let sum = 0
      for (const path of o.rest.length > 0 ? o.rest : ['.']) sum += yield* visit(path, 0)
      if (o.has('c')) yield* out.write(`${show(sum)}\ttotal\n`)
      return yield* out.end('du', status)
    },
  }
  return applet
}
export const du = duWith(humanSize)
