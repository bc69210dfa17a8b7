/** The trace: what just happened between the parts of a world, in order. Diagrams animate it and the "what just happened" panel explains it. */

/** One step. `from` and `to` name parts of the world: `process:PID`, `machine:NAME`, `container:ID`, `registry:HOST`, `file:PATH`. */
export interface TraceEvent {
  /** Nanoseconds of virtual time. */
  readonly time: number
  readonly kind:
    | 'api'
    | 'grpc'
    | 'http'
    | 'fork'
    | 'exec'
    | 'exit'
    | 'namespace'
    | 'mount'
    | 'cgroup'
    | 'boot'
    | 'halt'
    | 'oom'
    | 'network'
    | 'file'
    | 'command'
  readonly machine: string
  readonly from: string
  readonly to: string
  /** What passed, in the field's own words: `POST /v1.55/containers/create`, `CLONE_NEWPID`, `memory.max = 268435456`. */
  readonly what: string
  /** The document that passed, as text: a request's body, a message, a file. */
  readonly document?: string
}

/** Keeps the last events, oldest dropped first. */
export class Trace {
  readonly #limit: number
  #events: TraceEvent[] = []
  /** Events ever added. */
  count = 0
  /** Command lines ever entered. */
  commands = 0
  listener: ((event: TraceEvent) => void) | undefined
  constructor(limit = 2000) {
    this.#limit = limit
  }
  add(event: TraceEvent): void {
    this.count++
    if (event.kind === 'command') this.commands++
    this.#events.push(event)
    if (this.#events.length > 2 * this.#limit) this.#events = this.#events.slice(-this.#limit)
    this.listener?.(event)
  }
  /** The events since a command line was last entered, that one first; all that are kept where none was. */
  lastCommand(): readonly TraceEvent[] {
    const at = this.#events.findLastIndex((e) => e.kind === 'command')
    return this.#events.slice(Math.max(0, at))
  }
  /** The events kept, oldest first; `since` is a former `count`. */
  events(since = 0): readonly TraceEvent[] {
    const first = this.count - this.#events.length
    return this.#events.slice(Math.max(0, since - first))
  }
}
