/** Tracing of system calls, ptrace(2) as strace(1) uses it: tracees stop where they enter and leave a call until the tracer looked. */
import type { Run, TraceStop } from './abi.ts'
import type { FileOps } from './fs/inode.ts'
import type { Process } from './process.ts'
import { WaitQueue } from './wait.ts'

/** One tracer's view of its tracees; the tracer holds it by a descriptor. */
export class TraceSession implements FileOps {
  readonly stream = true
  /** Children of tracees are traced, too: PTRACE_O_TRACEFORK. */
  readonly follow: boolean
  readonly tracees = new Set<Process>()
  readonly #owner: Process
  readonly #stops: { readonly stop: TraceStop; seen: boolean }[] = []
  readonly #news = new WaitQueue()
  readonly #go = new WaitQueue()
  #closed = false
  constructor(owner: Process, follow: boolean) {
    this.#owner = owner
    this.follow = follow
  }
  attach(p: Process): void {
    this.tracees.add(p)
    p.tracer = this
  }
  numberOf(p: Process): number {
    return p.leader.pidIn(this.#owner.ns.pid)
  }
  get tracerPid(): Process {
    return this.#owner
  }

  /** Tells of something without stopping. */
  tell(stop: TraceStop): void {
    this.#stops.push({ stop, seen: false })
    this.#news.wake()
  }
  /** Stops the calling tracee until the tracer has seen it. */
  *halt(stop: TraceStop): Run<void> {
    const entry = { stop, seen: false }
    this.#stops.push(entry)
    this.#news.wake()
    while (!entry.seen && !this.#closed) yield { kind: 'sleep', queues: [this.#go] }
  }
  /** The next stop. The one told before goes on. Undefined where no tracee is left. */
  *next(): Run<TraceStop | undefined> {
    const last = this.#stops[0]
    if (last?.seen === false && this.#told) {
      last.seen = true
      this.#stops.shift()
      this.#go.wake()
    }
    this.#told = false
    while (this.#stops.length === 0) {
      if (this.tracees.size === 0) return undefined
      yield { kind: 'sleep', queues: [this.#news] }
    }
    this.#told = true
    return this.#stops[0]?.stop
  }
  #told = false
  ended(p: Process): void {
    this.tracees.delete(p)
    this.#news.wake()
  }
  release(): void {
    this.#closed = true
    for (const p of this.tracees) p.tracer = undefined
    this.tracees.clear()
    this.#go.wake()
  }
}
