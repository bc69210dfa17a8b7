/** The containers that a runtime knows, and tables of them. */
import { isErr } from '../base/errno.ts'
import type { Run, Sys } from '../kernel/linux/abi.ts'
import { O_RDONLY } from '../kernel/linux/fs/flags.ts'
import { load, type Options, type State, statusOf } from './state.ts'

export interface Row extends State {
  readonly status: 'created' | 'running' | 'paused' | 'stopped'
  /** 0 where it has stopped. */
  readonly pid: number
}
/** A container's state with what the kernel says of it. */
export function* rowOf(sys: Sys, o: Options, s: State): Run<Row> {
  const status = yield* statusOf(sys, o, s)
  return { ...s, status, pid: status === 'stopped' ? 0 : s.init_process_pid }
}
/** All containers below the runtime's root, by name. */
export function* listStates(sys: Sys, o: Options): Run<Row[]> {
  const fd = yield* sys.open(o.root, O_RDONLY)
  const entries = isErr(fd) ? [] : yield* sys.getdents(fd)
  if (!isErr(fd)) yield* sys.close(fd)
  const rows: Row[] = []
  for (const e of isErr(entries) ? [] : entries) {
    const s = e.name.startsWith('.') ? undefined : yield* load(sys, o, e.name)
    if (s) rows.push(yield* rowOf(sys, o, s))
  }
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1))
}
/** Columns as Go's text/tabwriter sets them: at least `least` wide, `gap` apart; the last one isn't filled. */
export function columns(rows: readonly (readonly string[])[], least: number, gap: number): string {
  const width = (i: number): number => Math.max(least, ...rows.map((r) => (r[i] ?? '').length + gap))
  return rows.map((r) => `${r.map((c, i) => (i < r.length - 1 ? c.padEnd(width(i)) : c)).join('')}\n`).join('')
}
