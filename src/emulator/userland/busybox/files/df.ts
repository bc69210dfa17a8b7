/** df: what file systems hold. */
import { isErr } from '../../../base/errno.ts'
import { O_RDONLY } from '../../../kernel/linux/fs/flags.ts'
import { human, realPath } from '../../lib/files.ts'
import { print, warn } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

export const df: Applet = {
  name: 'df',
  usage: '[-PkmhTai] [-B SIZE] [-t TYPE] [FILESYSTEM]...',
  help: 'Print filesystem usage statistics\n\n\t-P\tPOSIX output format\n\t-k\t1024-byte blocks (default)\n\t-m\t1M-byte blocks\n\t-h\tHuman readable (e.g. 1K 243M 2G)\n\t-T\tPrint filesystem type\n\t-t TYPE\tPrint only mounts of this type\n\t-a\tShow all filesystems\n\t-i\tInodes\n\t-B SIZE\tBlocksize',
  *run(sys, argv) {
    const o = yield* getopt(sys, df, argv, 'PkmhTaiB:t:')
    if (typeof o === 'number') return o
    const fd = yield* sys.open('/proc/mounts', O_RDONLY)
    const text = isErr(fd) ? new Uint8Array(0) : yield* sys.read(fd, 65536)
    const rows = (isErr(text) ? '' : new TextDecoder().decode(text))
      .split('\n')
      .filter(Boolean)
      .map((l) => l.split(' '))
    const unit = o.has('h') ? 0 : o.has('m') ? 1048576 : 1024
    const cell = (n: number): string => (unit ? String(Math.ceil(n / unit)) : human(n))
    yield* print(
      sys,
      o.has('h')
        ? 'Filesystem                Size      Used Available Use% Mounted on\n'
        : `Filesystem           ${o.has('m') ? '1M' : '1K'}-blocks      Used Available Use% Mounted on\n`,
    )
    let status = 0
    const targets: string[] = []
    for (const path of o.rest) {
      const s = yield* sys.stat(path)
      if (isErr(s)) {
        yield* warn(sys, `df: ${path}: can't find mount point: ${strerror(s)}\n`)
        status = 1
        continue
      }
      const full = yield* realPath(sys, path)
      targets.push(
        rows
          .map((r) => r[1] ?? '')
          .filter((m) => m === '/' || full === m || String(full).startsWith(`${m}/`))
          .sort((a, b) => b.length - a.length)[0] ?? '/',
      )
    }
    for (const [source = '', where = '', type] of rows) {
      if (
        o.rest.length > 0
          ? !targets.includes(where)
          : ['proc', 'sysfs', 'cgroup2', 'devpts', 'mqueue', 'nsfs'].includes(type ?? '')
      )
        continue
      const s = yield* sys.statfs(where)
      if (isErr(s) || (s.size === 0 && o.rest.length === 0)) continue
      const used = s.size - s.free
      yield* print(
        sys,
        `${source.padEnd(20)}${source.length > 20 ? `\n${' '.repeat(20)}` : ''} ${cell(s.size).padStart(9)} ${cell(used).padStart(9)} ${cell(s.free).padStart(9)} ${`${Math.ceil((used / (s.size || 1)) * 100)}%`.padStart(4)} ${where}\n`,
      )
    }
    return status
  },
}
