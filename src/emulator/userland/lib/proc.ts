/** What ps(1) and its kin read from /proc. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { O_RDONLY } from '../../kernel/linux/fs/flags.ts'
import { decode, readFile, readText } from './io.ts'

export interface ProcessRow {
  readonly pid: number
  readonly comm: string
  readonly state: string
  readonly ppid: number
  readonly pgid: number
  readonly sid: number
  readonly tty: number
  readonly foreground: number
  /** Clock ticks of 10 ms. */
  readonly utime: number
  readonly stime: number
  readonly start: number
  readonly nice: number
  readonly threads: number
  /** The processor it last ran on. */
  readonly cpu: number
  readonly vsz: number
  readonly rss: number
  /** Effective user and group. */
  readonly uid: number
  readonly gid: number
  /** The command line as one text; [comm] for what has none. */
  readonly args: string
}

/** All processes of the mounted /proc, by number. */
export function* processes(sys: Sys): Run<ProcessRow[]> {
  const fd = yield* sys.open('/proc', O_RDONLY)
  if (isErr(fd)) return []
  const entries = yield* sys.getdents(fd)
  yield* sys.close(fd)
  const rows: ProcessRow[] = []
  for (const e of isErr(entries) ? [] : entries) {
    if (!/^\d+$/.test(e.name)) continue
    const stat = yield* readText(sys, `/proc/${e.name}/stat`)
    if (isErr(stat)) continue
    const cmdline = yield* readFile(sys, `/proc/${e.name}/cmdline`)
    const owner = yield* sys.stat(`/proc/${e.name}`)
    const close = stat.lastIndexOf(')')
    const comm = stat.slice(stat.indexOf('(') + 1, close)
    const f = stat.slice(close + 2).split(' ')
    const n = (i: number): number => Number(f[i] ?? 0)
    const words = isErr(cmdline) ? '' : decode(cmdline).replace(/\0$/, '').replace(/\0/g, ' ')
    rows.push({
      pid: Number(e.name),
      comm,
      state: f[0] ?? '?',
      ppid: n(1),
      pgid: n(2),
      sid: n(3),
      tty: n(4),
      foreground: n(5),
      utime: n(11),
      stime: n(12),
      start: n(19),
      nice: n(16),
      threads: n(17),
      cpu: n(36),
      vsz: n(20),
      rss: n(21) * 4096,
      uid: isErr(owner) ? 0 : owner.uid,
      gid: isErr(owner) ? 0 : owner.gid,
      args: words || `[${comm}]`,
    })
  }
  return rows.sort((a, b) => a.pid - b.pid)
}
/** /proc/meminfo in bytes, by name. */
export function* meminfo(sys: Sys): Run<Record<string, number>> {
  const text = yield* readText(sys, '/proc/meminfo')
  if (isErr(text)) return {}
  return Object.fromEntries(
    [...text.matchAll(/^(\w+):\s+(\d+) kB/gm)].map((m) => [m[1] as string, Number(m[2]) * 1024] as const),
  )
}
