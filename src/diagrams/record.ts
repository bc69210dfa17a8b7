/**
 * Replay: a world that pictures look at, with what it was like after each event of the last command. Looking at a world costs a tenth of a
 * millisecond, so nothing is worked out backwards: the picture of a step is the scene of that moment's world.
 */
import type { Trace, TraceEvent } from '../emulator/base/trace.ts'
import type { MachineView } from '../emulator/view.ts'
import type { KernelView } from '../emulator/views/index.ts'

/** What a scene sees of a world. */
export interface Moment {
  readonly view: MachineView
  /** The insides of its Linux kernels, emulator/views. */
  readonly kernels: readonly KernelView[]
}
/** A world to look at. */
export interface Watched {
  readonly trace: Pick<Trace, 'lastCommand' | 'events'>
  now(): Moment
  /** The world after an event of the last command; undefined where nobody looked then. */
  at(event: TraceEvent): Moment | undefined
}
/** Moments kept of one command: who steps through more has lost the thread. */
const LIMIT = 400

/** Looks at a world after each event from now on, and keeps what it saw until the next command. */
export function record(trace: Trace, now: () => Moment): Watched {
  const moments = new Map<TraceEvent, Moment>()
  trace.listener = (event) => {
    if (event.kind === 'command') moments.clear()
    if (moments.size < LIMIT) moments.set(event, now())
  }
  return { trace, now, at: (event) => moments.get(event) }
}
