/** cpu.max: so much processor time in each period, then wait for the next; what kernel/sched/fair.c calls CFS bandwidth control. */
import type { VirtualClock } from '../../base/clock.ts'
import type { Nanoseconds } from './abi.ts'

/** Whoever is to be told that time is there again. */
interface Group {
  resume(): void
}

export class Bandwidth {
  /** Processor time a period; infinite where there is no limit. */
  quota: Nanoseconds = Number.POSITIVE_INFINITY
  period: Nanoseconds = 100_000_000
  throttled = false
  /** Periods in which it ran, those in which it used up its quota, and for how long it then waited: cpu.stat. */
  periods = 0
  throttledPeriods = 0
  throttledTime: Nanoseconds = 0
  #used: Nanoseconds = 0
  #start: Nanoseconds = Number.NEGATIVE_INFINITY

  /** Books time that was used. True where the group must wait now. */
  use(time: Nanoseconds, clock: VirtualClock, group: Group): boolean {
    if (clock.now >= this.#start + this.period) {
      const passed = Math.floor((clock.now - this.#start) / this.period)
      // A group that slept through whole periods starts anew; one that runs on keeps the beat.
      this.#start = passed === 1 ? this.#start + this.period : clock.now
      this.#used = passed === 1 ? Math.max(0, this.#used - this.quota) : 0
      this.periods++
    }
    this.#used += time
    if (this.throttled) return true
    if (this.#used < this.quota) return false
    this.throttled = true
    this.throttledPeriods++
    this.#waitForNext(clock, group)
    return true
  }
  #waitForNext(clock: VirtualClock, group: Group): void {
    const since = clock.now
    clock.at(this.#start + this.period, () => {
      this.throttledTime += clock.now - since
      this.#start += this.period
      this.#used = Math.max(0, this.#used - this.quota)
      this.periods++
      if (this.#used >= this.quota) {
        this.throttledPeriods++
        this.#waitForNext(clock, group)
        return
      }
      this.throttled = false
      group.resume()
    })
  }
  /** A new limit counts at once. */
  set(quota: Nanoseconds, period: Nanoseconds): void {
    this.quota = quota
    this.period = period
  }
}
