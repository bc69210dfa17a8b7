/** Wait queues: where processes sleep until something happens. */
import type { Process } from './process.ts'

/** A set of sleeping processes, in order of arrival. Nearly always one or none sleeps: the set is made for the second. */
export class WaitQueue {
  #first: Process | undefined
  #others: Set<Process> | undefined

  get empty(): boolean {
    return !this.#first && !this.#others
  }
  add(p: Process): void {
    if (this.empty) this.#first = p
    else if (this.#first !== p) {
      this.#others ??= new Set()
      this.#others.add(p)
    }
  }
  delete(p: Process): void {
    if (this.#first === p) this.#first = undefined
    else if (this.#others?.delete(p) && this.#others.size === 0) this.#others = undefined
  }
  /** Makes every sleeper ready; each looks again at what it waited for. */
  wake(): void {
    const first = this.#first
    const others = this.#others
    if (first) first.kernel.scheduler.ready(first)
    if (others) for (const p of [...others]) p.kernel.scheduler.ready(p)
  }
}
