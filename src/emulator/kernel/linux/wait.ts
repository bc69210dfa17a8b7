/** Wait queues: where processes sleep until something happens. */
import type { Process } from './process.ts'

/** A set of sleeping processes, in order of arrival. */
export class WaitQueue {
  readonly sleepers = new Set<Process>()
  /** Makes every sleeper ready; each looks again at what it waited for. */
  wake(): void {
    if (this.sleepers.size === 0) return
    for (const p of [...this.sleepers]) p.kernel.scheduler.ready(p)
  }
}
