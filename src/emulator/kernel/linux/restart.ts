/**
 * Code that isn't there, met where nothing can wait. A build puts some aside (scripts/site/later): what is called from a place that
 * can't wait, because it isn't a generator, throws Missing, and whoever called first waits and begins again, as the instruction that
 * met a page fault does. That is right only before anything was changed; such code says @restartable in the comment above it.
 */
import type { Run } from './abi.ts'

export class Missing {
  /** The part to load. */
  readonly program: string
  constructor(program: string) {
    this.program = program
  }
}

/** Does work that may be begun again. */
export function* restarting<T>(work: () => T): Run<T> {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    yield { kind: 'load', program: error.program }
    return work()
  }
}
