/** Streams of containers: logs, attached clients, further processes. */
import { isErr } from '../../../base/errno.ts'
import type { Fd, Run } from '../../../kernel/linux/abi.ts'
import { WaitQueue } from '../../../kernel/linux/wait.ts'
import { endChunks, sendChunk, startChunked } from '../../../userland/lib/http.ts'
import { writeAll } from '../../../userland/lib/io.ts'
import { frame, sendOutput, takenOver } from '../../dockerd/hijack.ts'
import { logLines } from '../../dockerd/logs.ts'
import { ok, truth } from '../../dockerd/routes.ts'
import { ApiError, type Exec, findContainer } from '../../dockerd/state.ts'
import { endInput, sendInput, sendSize } from '../../guest.ts'
import { createExec, startExec, streamOf } from './containers.ts'
import type { WindowsContext, WindowsRoute } from './routes.ts'

/** The connections that carry the streams of further processes. */
const connections = new WeakMap<Exec, Fd>()

/** Takes a connection over: output goes to the client as frames, its input to a process. */
function* hijack(
  c: WindowsContext,
  tty: boolean,
  begin: (send: (stream: 'stdout' | 'stderr', bytes: Uint8Array | undefined) => void) => Run<() => Run<Fd | undefined>>,
  wantInput: boolean,
): Run<void> {
  const { sys, fd } = c
  yield* writeAll(sys, fd, takenOver(c.request))
  const queue: (Uint8Array | undefined)[] = []
  const filled = new WaitQueue()
  const target = yield* begin((stream, bytes) => {
    queue.push(bytes && (tty ? bytes : frame(stream, bytes)))
    filled.wake()
  })
  if (wantInput)
    sys.thread(function* (t) {
      const to = yield* target()
      if (to === undefined) return
      if (c.rest.length > 0) yield* sendInput(t, to, c.rest)
      for (;;) {
        const part = yield* t.read(fd, 65536)
        if (isErr(part) || part.length === 0) break
        yield* sendInput(t, to, part)
      }
      yield* endInput(t, to)
    })
  else
    sys.thread(function* (t) {
      const to = yield* target()
      if (to !== undefined) yield* endInput(t, to)
    })
  yield* sendOutput(sys, fd, queue, filled)
}

export const streamRoutes: readonly WindowsRoute[] = [
  [
    'GET',
    /^\/containers\/([^/]+)\/logs$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      yield* startChunked(c.sys, c.fd, 200, { 'Content-Type': 'application/vnd.docker.multiplexed-stream' })
      let sent = 0
      for (;;) {
        const all = logLines(x)
        const tail = sent === 0 && /^\d+$/.test(c.query('tail')) ? Number(c.query('tail')) : all.length
        for (const l of all.slice(Math.max(sent, all.length - tail)))
          if (truth(c.query(l.stream))) yield* sendChunk(c.sys, c.fd, x.config.Tty ? l.bytes : frame(l.stream, l.bytes))
        sent = all.length
        if (!truth(c.query('follow')) || x.status !== 'running') break
        const seen = sent
        yield* c.sys.futex(x.changed, () => logLines(x).length > seen || x.status !== 'running')
      }
      yield* endChunks(c.sys, c.fd)
      return undefined
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/attach$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      yield* hijack(
        c,
        x.config.Tty ?? false,
        function* (send) {
          x.attached.add(send)
          // Input waits for the start.
          return function* (): Run<Fd | undefined> {
            yield* c.sys.futex(x.changed, () => streamOf(x) !== undefined || x.ends > 0 || x.removed)
            return streamOf(x)
          }
        },
        (x.config.OpenStdin ?? false) && truth(c.query('stdin')),
      )
      return undefined
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/exec$/,
    function* (c, ref) {
      return {
        status: 201,
        body: { Id: (yield* createExec(c.sys, c.d, ref as string, yield* c.json('execCreate'))).id },
      }
    },
  ],
  [
    'POST',
    /^\/exec\/([^/]+)\/start$/,
    function* (c, id) {
      const e = c.d.execs.get(id as string)
      if (!e) throw new ApiError(404, `No such exec instance: ${id}`)
      if ((yield* c.json<{ Detach?: boolean }>('execStart')).Detach) {
        yield* startExec(c.sys, e, () => {})
        return ok({})
      }
      yield* hijack(
        c,
        e.options.Tty ?? false,
        function* (send) {
          const fd = yield* startExec(c.sys, e, send)
          if (fd !== undefined) connections.set(e, fd)
          return function* (): Run<Fd | undefined> {
            return fd
          }
        },
        e.options.AttachStdin ?? false,
      )
      return undefined
    },
  ],
  [
    'POST',
    /^\/exec\/([^/]+)\/resize$/,
    function* (c, id) {
      const e = c.d.execs.get(id as string)
      if (!e) throw new ApiError(404, `No such exec instance: ${id}`)
      const fd = connections.get(e)
      if (fd !== undefined) yield* sendSize(c.sys, fd, Number(c.query('h')), Number(c.query('w')))
      return ok({})
    },
  ],
  [
    'GET',
    /^\/exec\/([^/]+)\/json$/,
    function* (c, id) {
      const e = c.d.execs.get(id as string)
      if (!e) throw new ApiError(404, `No such exec instance: ${id}`)
      return ok({ ID: e.id, Running: e.running, ExitCode: e.exitCode, ContainerID: e.container.id, Pid: e.pid })
    },
  ],
]
