/** Steps of a scene: the events of the last command that its boxes take part in, so that the reader can walk through them. */
import type { TraceEvent } from '../../emulator/base/trace.ts'
import { boxesOf, type Scene } from './types.ts'

export interface Step {
  readonly event: TraceEvent
  /** The box that acted, and the one that was acted on. */
  readonly from: string | undefined
  readonly to: string | undefined
}

/** Names that a part of the world may go by in a scene: `process:329:runc` is also `process:329` and `runc`. */
export function aliases(part: string): readonly string[] {
  const process = /^process:(\d+):(.*)$/.exec(part)
  if (process) return [`process:${process[1]}`, process[2] as string, shortName(process[2] as string)]
  const colon = part.indexOf(':')
  return colon > 0 && !part.startsWith('/') ? [part, part.slice(0, colon)] : [part]
}
/** comm is cut at 15 characters, and runc's first process renames itself. */
const shortName = (comm: string): string =>
  comm.startsWith('containerd-shim') ? 'shim' : comm.startsWith('runc') ? 'runc' : comm

/** The events that at least one box of the scene stands for. */
export function stepsOf(scene: Scene, trace: readonly TraceEvent[]): readonly Step[] {
  const byRef = new Map<string, string>()
  for (const { box } of boxesOf(scene.root))
    for (const ref of box.refs ?? []) if (!byRef.has(ref)) byRef.set(ref, box.id)
  const find = (part: string): string | undefined => {
    for (const alias of aliases(part)) {
      const id = byRef.get(alias)
      if (id !== undefined) return id
    }
    return undefined
  }
  const out: Step[] = []
  for (const event of trace) {
    const from = find(event.from)
    const to = event.to === '' ? undefined : find(event.to)
    if (from !== undefined || to !== undefined) out.push({ event, from, to })
  }
  return out
}
