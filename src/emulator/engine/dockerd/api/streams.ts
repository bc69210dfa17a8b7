/** The API's routes to a container's streams: its log, and attaching to it. */
import { concat, utf8 } from '../../../base/bytes.ts'
import { isErr } from '../../../base/errno.ts'
import type { Fd, Run, Sys } from '../../../kernel/linux/abi.ts'
import { endChunks, sendChunk, startChunked } from '../../../userland/lib/http.ts'
import { writeAll } from '../../../userland/lib/io.ts'
import { rfc3339 } from '../documents.ts'
import { timeOf } from '../filters.ts'
import { frame, hijack } from '../hijack.ts'
import { logDetails, logLines } from '../logs.ts'
import { type Route, truth } from '../routes.ts'
import { ApiError, type Container, findContainer } from '../state.ts'
import { note } from '../support.ts'

export const streamRoutes: readonly Route[] = [
  [
    'GET',
    /^\/containers\/([^/]+)\/logs$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      const tty = x.config.Tty ?? false
      const want = (s: string): boolean => truth(c.query(s))
      if (!want('stdout') && !want('stderr'))
        throw new ApiError(400, 'Bad parameters: you must choose at least one stream')
      if (x.hostConfig.LogConfig?.Type === 'none')
        throw new ApiError(501, 'configured logging driver does not support reading')
      yield* startChunked(c.sys, c.fd, 200, {
        'Content-Type': tty ? 'application/vnd.docker.raw-stream' : 'application/vnd.docker.multiplexed-stream',
      })
      const tail = c.query('tail')
      const details = utf8(
        `${Object.entries(logDetails(x))
          .map(([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(v)}`)
          .sort()
          .join(',')} `,
      )
      const since = c.query('since') === '' ? 0 : timeOf(c.query('since'))
      const until = c.query('until') === '' ? Number.POSITIVE_INFINITY : timeOf(c.query('until'))
      const send = function* (lines: ReturnType<typeof logLines>): Run<boolean> {
        for (const l of lines) {
          if (!want(l.stream) || l.time < since || l.time > until) continue
          const bytes = concat([
            ...(truth(c.query('timestamps')) ? [utf8(`${rfc3339(l.time)} `)] : []),
            ...(truth(c.query('details')) ? [details] : []),
            l.bytes,
          ])
          if (yield* sendChunk(c.sys, c.fd, tty ? bytes : frame(l.stream, bytes))) return false
        }
        return true
      }
      const follow = truth(c.query('follow'))
      const runs = (): boolean => x.status === 'running' || x.status === 'paused' || x.status === 'restarting'
      // A line that has no end yet is held back while more may come.
      const whole = (): ReturnType<typeof logLines> => {
        const all = logLines(x)
        return follow && runs() ? all.filter((l) => l.bytes.at(-1) === 10) : all
      }
      const first = whole()
      let sent = first.length
      const count = tail === '' || tail === 'all' || !/^\+?\d+$/.test(tail) ? first.length : Number(tail)
      const chosen = first.filter((l) => want(l.stream) && l.time >= since && l.time <= until)
      yield* send(count < chosen.length ? chosen.slice(chosen.length - count) : chosen)
      while (follow && runs()) {
        const seen = sent
        yield* c.sys.futex(x.changed, () => whole().length > seen || !runs())
        const all = whole()
        if (!(yield* send(all.slice(sent)))) return undefined
        sent = all.length
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
      if (x.status === 'paused')
        throw new ApiError(409, `container ${x.id} is paused, unpause the container before attach`)
      const want = (s: string): boolean => truth(c.query(s))
      const once = x.config.StdinOnce ?? false
      yield* note(c.sys, c.d, x, 'attach')
      yield* hijack(
        c,
        x.config.Tty ?? false,
        function* (send) {
          const deliver = (stream: 'stdout' | 'stderr', bytes: Uint8Array | undefined): void => {
            if (bytes === undefined || want(stream)) send(stream, bytes)
          }
          if (want('logs')) for (const l of x.log) deliver(l.stream, l.bytes)
          if (truth(c.query('stream'))) x.attached.add(deliver)
          else send('stdout', undefined)
          if (!want('stdin') || !x.config.OpenStdin) return undefined
          return yield* inputOf(c.sys, x, once)
        },
        want('stdin'),
      )
      return undefined
    },
  ],
]
/** Where an attached client's input goes; what comes before the start waits for the fifo. */
function* inputOf(sys: Sys, x: Container, once: boolean): Run<Fd | undefined> {
  const ends = yield* sys.pipe()
  if (isErr(ends)) return undefined
  sys.thread(function* (t) {
    yield* t.futex(x.changed, () => x.stdin !== undefined || x.removed || x.ends > 0)
    const to = x.stdin
    for (;;) {
      const part = yield* t.read(ends[0], 65536)
      if (isErr(part) || part.length === 0) break
      if (to === undefined || (yield* writeAll(t, to, part))) break
    }
    yield* t.close(ends[0])
    if (once && to !== undefined && x.stdin === to) {
      x.stdin = undefined
      yield* t.close(to)
    }
  })
  return ends[1]
}
