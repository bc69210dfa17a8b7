/** Processes as they were at a step of the last command: those that came later aren't there yet, those that ended since still are. */
import type { TraceEvent } from '../../emulator/base/trace.ts'
import type { ProcessDetail } from '../../emulator/views/index.ts'

const pidOf = (part: string): number | undefined => {
  const m = /^process:(\d+):/.exec(part)
  return m ? Number(m[1]) : undefined
}
const commOf = (part: string): string => /^process:\d+:(.*)$/.exec(part)?.[1] ?? ''

/** `until` counts the events that have happened; all of them give the processes of now, and those that ended on the way besides. */
export function processesAt(
  now: readonly ProcessDetail[],
  trace: readonly TraceEvent[],
  until: number,
): readonly ProcessDetail[] {
  const alive = new Map(now.map((p) => [p.pid, p]))
  const born = new Map<number, { readonly at: number; readonly event: TraceEvent }>()
  trace.forEach((event, at) => {
    const pid = event.kind === 'fork' ? pidOf(event.to) : undefined
    if (pid !== undefined && !born.has(pid)) born.set(pid, { at, event })
  })
  const past = trace.slice(0, until)
  /** What a process had become by then: the last program it executed, else the name it was born with. */
  const command = (pid: number, otherwise: string): string =>
    past.findLast((e) => e.kind === 'exec' && pidOf(e.from) === pid)?.what ?? otherwise
  const out: ProcessDetail[] = now
    .filter((p) => (born.get(p.pid)?.at ?? -1) < until)
    .map((p) => {
      const birth = born.get(p.pid)
      return birth && until < trace.length ? { ...p, command: command(p.pid, commOf(birth.event.to)) } : p
    })
  for (const [pid, { at, event }] of born) {
    if (alive.has(pid) || at >= until) continue
    const ended = past.some((e) => e.kind === 'exit' && pidOf(e.from) === pid)
    if (ended && until < trace.length) continue
    const parent = pidOf(event.from) ?? 1
    const like = alive.get(parent) ?? now[0]
    if (!like) continue
    out.push({
      ...like,
      pid,
      pids: [pid],
      parent,
      command: command(pid, commOf(event.to)),
      state: ended ? 'zombie' : 'running',
      memory: 0,
      namespaces: now[0]?.namespaces ?? like.namespaces,
    })
  }
  return out.sort((a, b) => a.pid - b.pid)
}
