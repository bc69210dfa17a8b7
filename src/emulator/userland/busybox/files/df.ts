/** df: what file systems hold. */
import { isErr } from '../../../base/errno.ts'
import { human, realPath } from '../../lib/files.ts'
import { print, warn } from '../../lib/io.ts'
import { mountRows } from '../../lib/mounts.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

/** File systems without room of their own: only -a shows them. */
const hidden: ReadonlySet<string> = new Set(['proc', 'sysfs', 'cgroup2', 'devpts', 'mqueue', 'nsfs'])

export const df: Applet = {
  name: 'df',
  usage: '[-PkmhTai] [-B SIZE] [-t TYPE] [FILESYSTEM]...',
  help: 'Print filesystem usage statistics\n\n\t-P\tPOSIX output format\n\t-k\t1024-byte blocks (default)\n\t-m\t1M-byte blocks\n\t-h\tHuman readable (e.g. 1K 243M 2G)\n\t-T\tPrint filesystem type\n\t-t TYPE\tPrint only mounts of this type\n\t-a\tShow all filesystems\n\t-i\tInodes\n\t-B SIZE\tBlocksize',
  *run(sys, argv) {
    const o = yield* getopt(sys, df, argv, 'PkmhTaiB:t:')
    if (typeof o === 'number') return o
    const rows = yield* mountRows(sys)
    if (isErr(rows)) {
      yield* warn(sys, `df: /proc/mounts: ${strerror(rows)}\n`)
      return 1
    }
    const block = o.value('B')
    const size = block === undefined ? undefined : parseNumber(block, 1, Number.MAX_SAFE_INTEGER, 'few')
    if (typeof size === 'object') {
      yield* warn(sys, `df: ${size.error}\n`)
      return 1
    }
    const inodes = o.has('i')
    // Of -h, -m and -k the last counts; POSIX speaks of 1024-byte blocks.
    const unit = size ?? { h: 0, m: 1048576, k: 1024 }[o.list.findLast(([l]) => 'hmk'.includes(l))?.[0] ?? 'k'] ?? 1024
    const cell = (n: number): string => (unit ? String(Math.ceil(n / unit)) : human(n))
    const sizeTitle = inodes
      ? '   Inodes'
      : unit === 0
        ? '     Size'
        : (o.has('P') ? `${unit}-blocks` : `${unit === 1048576 ? '1M' : unit === 1024 ? '1K' : unit}-blocks`).padEnd(9)
    const title = `Filesystem           ${o.has('T') ? 'Type       ' : ''}${unit === 0 || inodes ? sizeTitle.padStart(9) : sizeTitle}      Used Available ${o.has('P') ? 'Capacity' : 'Use%'} Mounted on\n`
    yield* print(sys, o.has('P') && !inodes && unit !== 0 ? title.replace('      Used', '    Used') : title)
    let status = 0
    const targets: string[] = []
    for (const path of o.rest) {
      const s = yield* sys.stat(path)
      if (isErr(s)) {
        yield* warn(sys, `df: ${path}: can't find mount point\n`)
        status = 1
        continue
      }
      const full = yield* realPath(sys, path)
      targets.push(
        rows
          .map((r) => r.target)
          .filter((m) => m === '/' || full === m || String(full).startsWith(`${m}/`))
          .sort((a, b) => b.length - a.length)[0] ?? '/',
      )
    }
    for (const row of rows) {
      const wanted = o.value('t')
      if (wanted !== undefined && row.type !== wanted) continue
      if (o.rest.length > 0 ? !targets.includes(row.target) : !o.has('a') && hidden.has(row.type)) continue
      const s = yield* sys.statfs(row.target)
      if (isErr(s) || (s.size === 0 && o.rest.length === 0 && !o.has('a'))) continue
      const [all, free] = inodes ? [s.files ?? 0, s.filesFree ?? 0] : [s.size, s.free]
      const shown = inodes ? String : cell
      const used = all - free
      const name = row.source.padEnd(20)
      yield* print(
        sys,
        `${name}${o.has('T') ? ` ${row.type.padEnd(10)}` : ''}${row.source.length > 20 && !o.has('T') && !o.has('P') ? `\n${' '.repeat(20)}` : ''} ${shown(all).padStart(9)} ${shown(used).padStart(9)} ${shown(free).padStart(9)} ${`${Math.ceil((used / (all || 1)) * 100)}%`.padStart(4)} ${row.target}\n`,
      )
    }
    return status
  },
}
