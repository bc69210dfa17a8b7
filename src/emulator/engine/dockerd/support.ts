/** What the daemon's modules share: calls to containerd, events, small files. */
import { utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { writeAll } from '../../userland/lib/io.ts'
import { CONTAINERD_SOCKET } from '../containerd.ts'
import { callRpc, type Reply } from '../rpc.ts'
import type { Container, Daemon } from './state.ts'

/** One call of containerd's. */
export function* call<T = Record<string, unknown>>(
  sys: Sys,
  method: string,
  params: Readonly<Record<string, unknown>>,
): Run<Reply<T>> {
  return yield* callRpc<T>(sys, CONTAINERD_SOCKET, 'containerd', method, params)
}
/** Writes a small file; what can't be written is left. */
export function* writeFile(sys: Sys, path: string, text: string): Run<void> {
  const fd = yield* sys.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  if (isErr(fd)) return
  yield* writeAll(sys, fd, utf8(text))
  yield* sys.close(fd)
}
/** Events that `docker events --since` can still tell (moby daemon/events, eventsLimit). */
const EVENTS = 256
/** Notes an event for `docker events`. */
export function* event(
  sys: Sys,
  d: Daemon,
  type: string,
  action: string,
  id: string,
  attributes: Readonly<Record<string, string>>,
): Run<void> {
  d.events.push({ time: yield* sys.clock('realtime'), type, action, id, attributes })
  if (d.events.length > EVENTS) {
    d.events.shift()
    d.eventsGone++
  }
  d.changed.wake()
}
/** Notes an event of a container. */
export const note = (
  sys: Sys,
  d: Daemon,
  c: Container,
  action: string,
  more: Readonly<Record<string, string>> = {},
): Run<void> =>
  event(sys, d, 'container', action, c.id, { ...c.config.Labels, ...more, image: c.config.Image, name: c.name })

/** Where a container's fifos lie. */
export const fifoDir = (c: Container): string =>
  `/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/${c.id}`
/** Where the daemon keeps a container's files. */
export const containerDir = (c: Container): string => `/var/lib/docker/containers/${c.id}`
