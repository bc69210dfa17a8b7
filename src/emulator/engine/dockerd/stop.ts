/** The ways to a container's end: signals, stop, pause, wait and removal. */
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { signalNumber } from '../../kernel/linux/signals.ts'
import { removeTree } from '../containerd.ts'
import { writeState } from './files.ts'
import { ApiError, type Container, type Daemon } from './state.ts'
import { call, containerDir, fifoDir, note } from './support.ts'
import { removeVolume, usersOf } from './volumes.ts'

/** The number of a signal that a user names; an ApiError where there is none, moby sys/signal ParseSignal. */
export function numberOf(name: string): number {
  const n = signalNumber(name)
  if (/^\d+$/.test(name) && Number(name) > 64)
    throw new ApiError(400, `the linux daemon does not support signal ${Number(name)}`)
  if (!n) throw new ApiError(400, `invalid signal: ${name}`)
  return n
}
/** Sends a signal to PID 1 of a container. */
export function* signal(sys: Sys, d: Daemon, c: Container, name: string): Run<void> {
  const n = numberOf(name)
  if (c.status !== 'running' && c.status !== 'paused') throw new ApiError(409, `Container ${c.id} is not running`)
  if (n === 9) c.stopping = true
  yield* call(sys, 'tasks.Kill', { id: c.id, signal: n })
  yield* note(sys, d, c, 'kill', { signal: String(n) })
}
/** Asks a container to stop, and ends it by SIGKILL when the time is over. */
export function* stop(sys: Sys, d: Daemon, c: Container, seconds: number | undefined, name?: string): Run<void> {
  if (c.status !== 'running' && c.status !== 'paused' && c.status !== 'restarting') return
  c.stopping = true
  if (c.status === 'paused') yield* pause(sys, d, c, false)
  const { ends } = c
  const first = numberOf(name ?? c.config.StopSignal ?? 'SIGTERM')
  yield* call(sys, 'tasks.Kill', { id: c.id, signal: first })
  yield* note(sys, d, c, 'kill', { signal: String(first) })
  const limit = seconds ?? c.config.StopTimeout ?? 10
  if (!(yield* sys.futex(c.changed, () => c.ends !== ends, limit < 0 ? undefined : limit * 1e9))) {
    yield* call(sys, 'tasks.Kill', { id: c.id, signal: 9 })
    yield* note(sys, d, c, 'kill', { signal: '9' })
    yield* sys.futex(c.changed, () => c.ends !== ends)
  }
  yield* note(sys, d, c, 'stop')
}
/** Freezes a container's processes, or lets them go on. */
export function* pause(sys: Sys, d: Daemon, c: Container, on: boolean): Run<void> {
  if (on && c.status === 'paused') throw new ApiError(409, `Container ${c.id} is already paused`)
  if (on && c.status !== 'running') throw new ApiError(409, `Container ${c.id} is not running`)
  if (!on && c.status !== 'paused') throw new ApiError(500, `Container ${c.id} is not paused`)
  const r = yield* call(sys, on ? 'tasks.Pause' : 'tasks.Resume', { id: c.id })
  if (!r.ok) throw new ApiError(500, r.error)
  c.status = on ? 'paused' : 'running'
  yield* writeState(sys, c)
  yield* note(sys, d, c, on ? 'pause' : 'unpause')
}
/** Waits until a container isn't running (or until its next end). */
export function* waitFor(sys: Sys, c: Container, condition: string): Run<void> {
  const { ends } = c
  if (condition === 'removed') {
    yield* sys.futex(c.changed, () => c.removed)
    return
  }
  const over = (): boolean =>
    condition === 'next-exit'
      ? c.ends > ends
      : c.status !== 'running' && c.status !== 'paused' && c.status !== 'restarting' && c.status !== 'created'
  yield* sys.futex(c.changed, over)
}
/** Kills what is to be removed, and waits until that is over; refused without force. */
function* endByForce(sys: Sys, d: Daemon, c: Container, force: boolean): Run<void> {
  if (!force)
    throw new ApiError(
      409,
      `cannot remove container "${c.name}": container is ${c.status}: stop the container before removing or force remove`,
    )
  const { ends } = c
  c.stopping = true
  if (c.status === 'paused') yield* pause(sys, d, c, false)
  yield* call(sys, 'tasks.Kill', { id: c.id, signal: 9 })
  yield* note(sys, d, c, 'kill', { signal: '9' })
  yield* sys.futex(c.changed, () => c.ends !== ends)
  if (c.hostConfig.AutoRemove) yield* sys.futex(c.changed, () => c.removed)
}
/** Removes a container with its file system and, where asked, its volumes without a name. */
export function* remove(sys: Sys, d: Daemon, c: Container, force: boolean, volumes: boolean): Run<void> {
  if (c.removed) return
  if (c.status === 'running' || c.status === 'paused' || c.status === 'restarting') {
    yield* endByForce(sys, d, c, force)
    // --rm has taken it away.
    if (c.removed) return
  }
  yield* call(sys, 'snapshots.Remove', { key: c.id })
  yield* removeTree(sys, containerDir(c))
  yield* removeTree(sys, fifoDir(c))
  d.containers.delete(c.id)
  if (volumes)
    for (const m of c.mounts) {
      const v = m.type === 'volume' && m.name ? d.volumes.get(m.name) : undefined
      if (v?.anonymous && usersOf(d, v.name).length === 0) yield* removeVolume(sys, d, v)
    }
  c.removed = true
  c.changed.wake()
  for (const send of c.attached) send('stdout', undefined)
  yield* note(sys, d, c, 'destroy')
}
