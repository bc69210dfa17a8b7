/** HEALTHCHECK: runs the test again and again, and says how the container is; moby's daemon/health.go. */
import { concat } from '../../../base/bytes.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { WaitQueue } from '../../../kernel/linux/wait.ts'
import { decode } from '../../../userland/lib/io.ts'
import { rfc3339 } from '../documents.ts'
import { startExec } from '../exec.ts'
import { type Container, type Daemon, type Exec, newId } from '../state.ts'
import { call, note } from '../support.ts'

const SECOND = 1e9
/** What docker takes where nothing is said. */
const defaults = { Interval: 30 * SECOND, Timeout: 30 * SECOND, StartPeriod: 0, StartInterval: 5 * SECOND, Retries: 3 }
const OUTPUT_LIMIT = 4096
const LOG_LENGTH = 5

/** Checks a container's health for as long as it runs. */
export function checkHealth(sys: Sys, d: Daemon, c: Container): void {
  const own = c.config.Healthcheck
  const of = (key: keyof typeof defaults): number => own?.[key] || defaults[key]
  c.health = { status: 'starting', failingStreak: 0, log: [] }
  const { health, pid } = c
  const runs = (): boolean => c.pid === pid && c.health === health
  sys.thread(function* (t) {
    const began = yield* t.clock('monotonic')
    for (;;) {
      const starting = health.status === 'starting' && (yield* t.clock('monotonic')) - began < of('StartPeriod')
      const pause = starting ? Math.min(of('StartInterval'), of('Interval')) : of('Interval')
      yield* t.futex(c.changed, () => !runs(), pause)
      if (!runs()) return
      if (c.status === 'paused') continue
      const now = yield* t.clock('realtime')
      const result = yield* probe(t, d, c, of('Timeout'))
      if (!runs()) return
      health.log.push({ Start: rfc3339(now), End: rfc3339(yield* t.clock('realtime')), ...result })
      if (health.log.length > LOG_LENGTH) health.log.shift()
      const before = health.status
      if (result.ExitCode === 0) {
        health.failingStreak = 0
        health.status = 'healthy'
      } else if (!(before === 'starting' && (yield* t.clock('monotonic')) - began < of('StartPeriod'))) {
        health.failingStreak++
        if (health.failingStreak >= of('Retries')) health.status = 'unhealthy'
      }
      if (health.status !== before) yield* note(t, d, c, `health_status: ${health.status}`)
      c.changed.wake()
    }
  })
}
/** Runs the test once: its exit code and output; -1 where it took too long. */
function* probe(
  sys: Sys,
  d: Daemon,
  c: Container,
  timeout: number,
): Run<{ readonly ExitCode: number; readonly Output: string }> {
  const [kind, ...words] = c.config.Healthcheck?.Test ?? []
  const Cmd = kind === 'CMD-SHELL' ? ['/bin/sh', '-c', ...words] : words
  const e: Exec = {
    id: yield* newId(sys),
    container: c,
    options: { Cmd },
    running: false,
    exitCode: null,
    pid: 0,
  }
  d.execs.set(e.id, e)
  yield* note(sys, d, c, `exec_create: ${Cmd.join(' ')}`, { execID: e.id })
  const output: Uint8Array[] = []
  let size = 0
  let ended = false
  const changed = new WaitQueue()
  yield* startExec(sys, d, e, (_stream, bytes) => {
    if (bytes === undefined) {
      ended = true
      changed.wake()
    } else if (size < OUTPUT_LIMIT) {
      output.push(bytes.subarray(0, OUTPUT_LIMIT - size))
      size += bytes.length
    }
  })
  const inTime = yield* sys.futex(changed, () => ended, timeout)
  d.execs.delete(e.id)
  if (!inTime) {
    yield* call(sys, 'tasks.Kill', { id: c.id, execId: e.id.slice(0, 12), signal: 9 })
    return { ExitCode: -1, Output: `Health check exceeded timeout (${timeout / SECOND}s)` }
  }
  return { ExitCode: e.exitCode ?? -1, Output: decode(concat(output)) }
}
