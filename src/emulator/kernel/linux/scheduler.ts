/** The run queue: steps ready processes in turn. Which kernel runs when is the world's business (machine/world.ts). */
import type { Wait } from './abi.ts'
import type { Kernel } from './kernel.ts'
import type { Process } from './process.ts'
import { defaultAction } from './signals.ts'

/** System calls before a process that never waits must let others run. */
const SLICE = 256

export class Scheduler {
  readonly #kernel: Kernel
  #queue: Process[] = []
  #head = 0
  /** Programs that some process waits for to be loaded. */
  readonly wanted = new Map<string, Set<Process>>()

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  get hasReady(): boolean {
    return this.#head < this.#queue.length
  }

  /** Puts a process into the run queue; where it slept, it sleeps no more. */
  ready(p: Process): void {
    if (!p.alive || p.queued) return
    for (const queue of p.waiting) queue.sleepers.delete(p)
    p.waiting = []
    p.timer?.cancel()
    p.timer = undefined
    if (p.state === 'stopped') return
    p.state = 'running'
    p.queued = true
    this.#queue.push(p)
  }

  /** Runs the first ready process until it waits or its slice is used up. False where none was ready. */
  step(): boolean {
    const p = this.#queue[this.#head]
    if (!p) return false
    this.#queue[this.#head++] = undefined as unknown as Process
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
    p.queued = false
    if (!p.alive || p.state === 'stopped') return true
    if (p.signalPending && this.#kernel.takeSignals(p)) return true
    if (p.cgroup.isFrozen) {
      this.#sleep(p, { kind: 'sleep', queues: [p.cgroup.thaw] })
      return true
    }
    p.slice = SLICE
    const gen = p.gen
    if (!gen) return true
    let result: IteratorResult<Wait, number>
    try {
      result = gen.next()
    } catch (error) {
      // An exception is a bug of ours (or the end of the JavaScript stack): the process dies as by a wild pointer.
      this.#kernel.fault(p, error)
      return true
    }
    if (!p.alive) return true
    if (p.gen !== gen) {
      this.ready(p)
      return true
    }
    if (result.done) this.#kernel.exit(p, { code: result.value & 0xff })
    else this.#sleep(p, result.value)
    return true
  }

  #sleep(p: Process, wait: Wait): void {
    switch (wait.kind) {
      case 'preempt':
        this.ready(p)
        return
      case 'stopped':
        return
      case 'load': {
        const waiting = this.wanted.get(wait.program) ?? new Set()
        waiting.add(p)
        this.wanted.set(wait.program, waiting)
        p.state = 'sleeping'
        return
      }
      case 'sleep':
        p.state = 'sleeping'
        p.waiting = wait.queues
        for (const queue of wait.queues) queue.sleepers.add(p)
        if (wait.deadline !== undefined) p.timer = this.#kernel.clock.at(wait.deadline, () => this.ready(p))
        // What was to wake it may have happened between its look and its sleep only by a signal.
        if (
          p.signalPending &&
          [...signals(p.pending & ~p.blocked)].some((s) => p.action(s) !== 'default' || defaultAction(s) !== 'ignore')
        )
          this.ready(p)
        return
    }
  }
}

/** The numbers of the signals in a bit set, lowest first. */
export function* signals(set: number): Generator<number> {
  for (let n = 1; n <= 31; n++) if (set & (1 << (n - 1))) yield n
}
