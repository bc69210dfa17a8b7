/** Logs of several containers at once, each line with its container's name before it. */

import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import { decode, print } from '../../userland/lib/io.ts'
import { CliError, Client, query } from '../docker/api.ts'
import { type Listed, nameOf, numberOf, serviceOf } from './engine.ts'

export interface LogOptions {
  readonly follow: boolean
  readonly tail: string
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly timestamps: boolean
  readonly prefix: boolean
  readonly colour: boolean
}
/** `web-1`: a container as logs call it; one with a name of its own by that. */
export const shortName = (c: Listed): string => {
  const n = `${serviceOf(c)}-${numberOf(c)}`
  return nameOf(c).endsWith(n) || c.Labels['com.docker.compose.oneoff'] === 'True'
    ? nameOf(c).endsWith(n)
      ? n
      : nameOf(c)
    : nameOf(c)
}
const colours = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94]

/** Prints the logs of containers; answers when all have ended. `ended` is told of each container whose log is over. */
export function* showLogs(
  sys: Sys,
  client: Client,
  list: readonly Listed[],
  o: LogOptions,
  ended?: (t: Sys, c: Listed, name: string) => Run<void>,
): Run<void> {
  const width = Math.max(0, ...list.map((c) => shortName(c).length)) + 1
  let open = list.length
  const changed = new WaitQueue()
  for (const [i, c] of list.entries()) {
    const name = shortName(c)
    const plain = `${name.padEnd(width)} | `
    const prefix = !o.prefix ? '' : o.colour ? `\x1b[${colours[i % colours.length]}m${plain}\x1b[0m` : plain
    const read = function* (t: Sys): Run<void> {
      try {
        yield* copyLog(t, new Client(t, client.host), c, o, prefix)
        if (ended) yield* ended(t, c, name)
      } catch (e) {
        if (!(e instanceof CliError)) throw e
      }
      open--
      changed.wake()
    }
    // Without following, one after the other keeps each container's lines together.
    if (o.follow) sys.thread(read)
    else yield* read(sys)
  }
  yield* sys.futex(changed, () => open === 0)
}
function* copyLog(sys: Sys, client: Client, c: Listed, o: LogOptions, prefix: string): Run<void> {
  const info = yield* client.json<{ Config: { Tty: boolean } }>('GET', `/containers/${c.Id}/json`)
  const s = yield* client.stream(
    'GET',
    `/containers/${c.Id}/logs${query({ stdout: true, stderr: true, follow: o.follow, tail: o.tail, since: o.since, until: o.until, timestamps: o.timestamps })}`,
  )
  let rest = ''
  const show = function* (text: string): Run<void> {
    rest += text
    for (let at = rest.indexOf('\n'); at >= 0; at = rest.indexOf('\n')) {
      yield* print(sys, `${prefix}${rest.slice(0, at).replace(/\r$/, '')}\n`)
      rest = rest.slice(at + 1)
    }
  }
  for (let part = yield* s.reader.piece(s.headers); part; part = yield* s.reader.piece(s.headers)) {
    if (info.Config.Tty) {
      yield* show(decode(part))
      continue
    }
    for (let i = 0; i + 8 <= part.length; ) {
      const length = new DataView(part.buffer, part.byteOffset + i).getUint32(4)
      yield* show(decode(part.subarray(i + 8, i + 8 + length)))
      i += 8 + length
    }
  }
  if (rest !== '') yield* print(sys, `${prefix}${rest}\n`)
  yield* sys.close(s.fd)
}
