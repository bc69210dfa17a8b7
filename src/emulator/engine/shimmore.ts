/** What a shim is seldom asked for: a task's state, its pauses, and new limits. */
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { done, type Methods, type Reply } from './rpc.ts'
import { later, type Shim, type Target } from './shim.ts'

/** What Task.State answers. `status` is the exit code of a task that has ended. */
export interface TaskState {
  readonly pid: number
  readonly status: number | undefined
  readonly started: boolean
  readonly paused: boolean
}
const methodsOf = (shim: Shim): Methods => {
  const answer = (failed: string | undefined): Reply<unknown> =>
    failed === undefined ? done : { ok: false, error: failed }
  /** Freezes a task's processes, or lets them go on. */
  const freeze = (verb: 'pause' | 'resume') =>
    function* (t: Sys, p: Target): Run<Reply<unknown>> {
      const failed = yield* shim.runc(t, p, [verb, p.id])
      const task = shim.tasks.get(shim.keyOf(p))
      if (task && failed === undefined) task.paused = verb === 'pause'
      return answer(failed)
    }
  return {
    'Task.Pause': freeze('pause'),
    'Task.Resume': freeze('resume'),
    *'Task.State'(_t, p: Target): Run<Reply<unknown>> {
      const task = shim.tasks.get(shim.keyOf(p))
      if (!task) return { ok: false, error: 'process does not exist: not found' }
      const { pid, status, started, paused } = task
      return { ok: true, result: { pid, status, started, paused } satisfies TaskState }
    },
    *'Task.Update'(t, p: Target & { resources: unknown }): Run<Reply<unknown>> {
      const file = `${shim.bundleOf(p)}/resources.json`
      yield* shim.put(t, file, p.resources)
      const failed = yield* shim.runc(t, p, ['update', '--resources', file, p.id])
      yield* t.unlink(file)
      return answer(failed)
    },
  }
}
/** The part 'shim/more': hands the methods over. */
export const shimMore: Program = function* () {
  later.methods = methodsOf
  return 0
}
