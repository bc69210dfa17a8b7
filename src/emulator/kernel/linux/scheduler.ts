/**
 * The run queue: steps ready processes. Who sleeps and wakes is stepped in order of waking; who uses up its slices competes for
 * processors by weight (cgroup v2 cpu.weight), on as many processors as there are or its cpuset leaves.
 * Which kernel runs when is the world's business (machine/world.ts).
 */
import type { Run, Wait } from './abi.ts'
import type { Cgroup } from './cgroup.ts'
import { parseCpuList } from './cpulist.ts'
import type { Kernel } from './kernel.ts'
import type { Process } from './process.ts'
import { defaultAction } from './signals.ts'

/** System calls before a process that never waits must let others run. */
const SLICE = 256
/** Slices used up in a row before one counts as much as the kernel's own (base_slice_ns): bounds what a second of looping costs. */
const PATIENCE = 40
const LONG_SLICE = 3_000_000
/** Woken processes stepped before a busy one has its turn all the same. */
const FAIRNESS = 8

/** What a process does from one wait to the next. */
interface Step {
  readonly process: Process
  readonly gen: Run<number>
  readonly began: number
  /** Processor time that it had used by then. */
  readonly used: number
}

export class Scheduler {
  readonly #kernel: Kernel
  #queue: Process[] = []
  #head = 0
  /** Processes that used up their last slice. */
  readonly #busy = new Set<Process>()
  #sinceBusy = 0
  /** Whose step it is. */
  current: Process | undefined
  /** Until when each processor is taken by slices of busy processes. */
  readonly #taken: number[]
  /** The step in whose midst code is missing: meanwhile the whole world stands still, so that loading changes nothing in it. */
  wanted: (Step & { readonly program: string }) | undefined

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#taken = Array.from({ length: kernel.options.cpus }, () => 0)
  }

  get hasReady(): boolean {
    return this.#head < this.#queue.length || this.#busy.size > 0
  }
  /** Processes that could run now. */
  get running(): number {
    const one = this.current && !this.#busy.has(this.current) && !this.current.queued ? 1 : 0
    return this.#queue.length - this.#head + this.#busy.size + one
  }
  /** Busy processes advance the clock together: so many slices fit into one. */
  get parallel(): number {
    return Math.max(1, Math.min(this.#busy.size, this.#taken.length))
  }

  /** Puts a process into the run queue; where it slept, it sleeps no more. */
  ready(p: Process): void {
    if (!p.alive || p.queued) return
    for (const queue of p.waiting) queue.delete(p)
    p.waiting = []
    p.timer?.cancel()
    p.timer = undefined
    if (p.state === 'stopped') return
    p.state = 'running'
    p.queued = true
    this.#queue.push(p)
  }

  #next(): Process | undefined {
    const first = this.#queue[this.#head]
    if (this.#busy.size > 0 && (!first || ++this.#sinceBusy > FAIRNESS)) {
      this.#sinceBusy = 0
      return this.#pickBusy()
    }
    if (!first) return undefined
    this.#queue[this.#head++] = undefined as unknown as Process
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
    first.queued = false
    return first
  }

  /** Runs a ready process until it waits or its slice is used up. False where none was ready. */
  step(): boolean {
    const p = this.#next()
    if (!p) return false
    if (!p.alive || p.state === 'stopped') {
      this.#busy.delete(p)
      return true
    }
    if (p.signalPending && this.#kernel.takeSignals(p)) {
      this.#busy.delete(p)
      return true
    }
    const held = p.cgroup.heldBy
    if (held) {
      this.#busy.delete(p)
      this.#sleep(p, { kind: 'sleep', queues: [p.cgroup.resumed] })
      if (!held.frozen) p.state = 'running'
      return true
    }
    p.slice = SLICE
    const gen = p.gen
    if (!gen) {
      this.#busy.delete(p)
      return true
    }
    this.#go(p, gen, this.#kernel.clock.now, usedBy(p))
    return true
  }
  /** The code is there, or can't be had: the step that waits for it goes on as if it had never waited. */
  goOn(): void {
    const step = this.wanted
    this.wanted = undefined
    if (!step) return
    if (step.process.alive) this.#go(step.process, step.gen, step.began, step.used)
    else this.#busy.delete(step.process)
  }
  #go(p: Process, gen: Run<number>, began: number, used: number): void {
    let result: IteratorResult<Wait, number>
    this.current = p
    try {
      result = gen.next()
    } catch (error) {
      // An exception is a bug of ours (or the end of the JavaScript stack): the process dies as by a wild pointer.
      this.#busy.delete(p)
      this.#kernel.fault(p, error)
      return
    } finally {
      this.current = undefined
    }
    if (!result.done && result.value.kind === 'load') {
      this.wanted = { process: p, gen, began, used, program: result.value.program }
      return
    }
    if (p.alive && p.gen === gen && !result.done && result.value.kind === 'preempt' && p.slice <= 0) {
      this.#becomeBusy(p, began, usedBy(p) - used)
      return
    }
    this.#busy.delete(p)
    p.fullSlices = 0
    if (!p.alive) return
    if (p.gen !== gen) {
      this.ready(p)
      return
    }
    if (result.done) this.#kernel.exit(p, { code: result.value & 0xff })
    else this.#sleep(p, result.value)
  }

  /** A slice was used up: books it, and lets the process compete. */
  #becomeBusy(p: Process, began: number, used: number): void {
    let time = used
    if (++p.fullSlices > PATIENCE && used < LONG_SLICE) {
      this.#kernel.useTime(p, LONG_SLICE - used, 0)
      time = LONG_SLICE
    }
    if (!this.#busy.has(p)) {
      this.#busy.add(p)
      p.vruntime = Math.max(p.vruntime, p.cgroup.cpuGroup.memberFloor)
      for (let g = p.cgroup.cpuGroup; g.parent; g = g.parent.cpuGroup)
        g.vruntime = Math.max(g.vruntime, g.parent.cpuGroup.memberFloor)
    }
    p.vruntime += time / niceFactor(p.nice)
    for (let g = p.cgroup.cpuGroup; g.parent; g = g.parent.cpuGroup) g.vruntime += (time * 100) / g.cpuWeight
    p.busyUntil = began + time
    const cpu = this.#freeCpu(p)
    p.cpu = cpu
    this.#taken[cpu] = Math.max(this.#taken[cpu] as number, began) + time
  }
  #cpusOf(p: Process): readonly number[] {
    const set = p.cgroup.effectiveCpus
    const cpus = p.affinity ?? (set ? parseCpuList(set) : undefined)
    const all = this.#taken.map((_, n) => n)
    const own = cpus && set ? cpus.filter((n) => (parseCpuList(set) ?? all).includes(n)) : cpus
    return own && own.length > 0 ? own : all
  }
  /** Of the processors a process may use, the one that is free first. */
  #freeCpu(p: Process): number {
    return this.#cpusOf(p).reduce((best, n) => ((this.#taken[n] as number) < (this.#taken[best] as number) ? n : best))
  }

  /** Whose turn it is, by weight, among those who have a processor free; time passes where none is. */
  #pickBusy(): Process {
    const { clock } = this.#kernel
    if (this.#busy.size === 1) {
      const [only] = this.#busy
      return only as Process
    }
    const startOf = (p: Process): number => Math.max(p.busyUntil, this.#taken[this.#freeCpu(p)] as number)
    const all = [...this.#busy]
    let can = all.filter((p) => !p.alive || p.signalPending || startOf(p) <= clock.now)
    if (can.length === 0) {
      const soonest = all.reduce((a, b) => (startOf(b) < startOf(a) ? b : a))
      clock.now = Math.max(clock.now, startOf(soonest))
      can = all.filter((p) => startOf(p) <= clock.now)
    }
    return fairest(can)
  }

  #sleep(p: Process, wait: Wait): void {
    switch (wait.kind) {
      case 'preempt':
        this.ready(p)
        return
      case 'stopped':
        return
      case 'sleep':
        p.state = 'sleeping'
        p.waiting = wait.queues
        for (const queue of wait.queues) queue.add(p)
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

/** Of those who compete, the one furthest behind: first among groups by weight, level by level, then among processes. */
function fairest(can: readonly Process[]): Process {
  const chains = new Map<Process, (Cgroup | Process)[]>()
  for (const p of can) {
    const chain: (Cgroup | Process)[] = [p]
    for (let g = p.cgroup.cpuGroup; g.parent; g = g.parent.cpuGroup) chain.unshift(g)
    chains.set(p, chain)
  }
  let left = can
  for (let level = 0; ; level++) {
    let best: Cgroup | Process | undefined
    for (const p of left) {
      const entity = chains.get(p)?.[level]
      if (entity && (!best || entity.vruntime < best.vruntime)) best = entity
    }
    if (!best) return left[0] as Process
    const above = 'pids' in best ? best.cgroup.cpuGroup : best.parent?.cpuGroup
    if (above) above.memberFloor = Math.max(above.memberFloor, best.vruntime)
    left = left.filter((p) => chains.get(p)?.[level] === best)
    if ('pids' in best) return best
  }
}

/** Processor time that a process has used. A thread's is its process's, which it finds faster by itself. */
const usedBy = ({ leader }: Process): number => leader.userTime + leader.systemTime

/** Each nice level is a tenth more or less of a processor, sched(7): 1.25 times the weight. */
const niceFactor = (nice: number): number => (nice === 0 ? 1 : 1.25 ** -nice)

/** The numbers of the signals in a bit set, lowest first. */
export function* signals(set: number): Generator<number> {
  for (let n = 1; n <= 31; n++) if (set & (1 << (n - 1))) yield n
}
