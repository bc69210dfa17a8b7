/** /proc/PID/mountinfo as a table, proc_pid_mountinfo(5). */
import { type Errno, isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { readText } from './io.ts'

export interface MountRow {
  readonly id: number
  readonly parent: number
  /** MAJOR:MINOR */
  readonly device: string
  /** What of the file system is mounted: / unless it is a bind mount. */
  readonly root: string
  readonly target: string
  /** Options of this mount, and of its file system. */
  readonly options: string
  readonly superOptions: string
  readonly tags: readonly string[]
  readonly type: string
  readonly source: string
}
const unquote = (text: string): string =>
  text.replace(/\\(\d{3})/g, (_, n: string) => String.fromCharCode(Number.parseInt(n, 8)))

/** The mounts that a process (`self` by default) sees, in order of mounting. */
export function* mountRows(sys: Sys, pid = 'self'): Run<readonly MountRow[] | Errno> {
  const text = yield* readText(sys, `/proc/${pid}/mountinfo`)
  if (isErr(text)) return text
  return text
    .split('\n')
    .filter((l) => l !== '')
    .map((line) => {
      const w = line.split(' ')
      const dash = w.indexOf('-')
      return {
        id: Number(w[0]),
        parent: Number(w[1]),
        device: w[2] ?? '',
        root: unquote(w[3] ?? ''),
        target: unquote(w[4] ?? ''),
        options: w[5] ?? '',
        tags: w.slice(6, dash),
        type: w[dash + 1] ?? '',
        source: unquote(w[dash + 2] ?? ''),
        superOptions: w[dash + 3] ?? '',
      }
    })
}

/** Options of a mount and of its file system in one list, as mount(8) and findmnt(8) show them. */
export function mergedOptions(m: MountRow): string {
  const own = m.options.split(',')
  const ro = own.includes('ro') || m.superOptions.split(',').includes('ro')
  const rest = [...own, ...m.superOptions.split(',')].filter((o) => o !== 'ro' && o !== 'rw')
  return [ro ? 'ro' : 'rw', ...new Set(rest)].join(',')
}
