/** The commands that a first lesson types; the others are in more/. */
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { print, warn, writeAll } from '../../userland/lib/io.ts'
import type { Given } from '../flags.ts'
import { CliError, type Client, query } from './api.ts'
import { compile, printObjects } from './format.ts'
import { type Command, each } from './invoke.ts'
import { images, ps } from './list.ts'
import { pull } from './pull.ts'
import { create, exec, run, start } from './run.ts'
import { sinceOf } from './time.ts'

const at = (name: string): string => encodeURIComponent(name)
const statusOf = (e: CliError): number => (e as { status?: number }).status ?? 0

/** To remove by force what isn't there is no failure, but it is told; other errors go on. */
function* forgiven(sys: Sys, e: CliError, g: Parameters<Command>[2]): Run<void> {
  if (!g.has('force') || statusOf(e) !== 404) throw e
  yield* warn(sys, `${e.message}\n`)
}
const rm = each(function* (sys, client, name, g) {
  const bare = name.replace(/^\/+/, '')
  if (bare === '') throw new CliError('container name cannot be empty')
  try {
    yield* client.json(
      'DELETE',
      `/containers/${at(bare)}${query({ force: g.has('force'), v: g.has('volumes'), link: g.has('link') })}`,
    )
  } catch (e) {
    if (!(e instanceof CliError)) throw e
    yield* forgiven(sys, e, g)
    return undefined
  }
  return name
})

const rmi = each(function* (sys, client, name, g) {
  if (g.value('platform') !== undefined) throw new CliError('zukan: not emulated: --platform')
  const path = `/images/${at(name)}${query({ force: g.has('force'), noprune: g.has('no-prune') })}`
  let out: readonly { Untagged?: string; Deleted?: string }[] = []
  try {
    out = yield* client.json('DELETE', path)
  } catch (e) {
    if (!(e instanceof CliError)) throw e
    yield* forgiven(sys, e, g)
  }
  yield* print(sys, out.map((o) => (o.Untagged ? `Untagged: ${o.Untagged}\n` : `Deleted: ${o.Deleted}\n`)).join(''))
  return undefined
})

const logs: Command = function* (sys, client, g) {
  const name = at(g.args[0] as string)
  const now = yield* sys.clock('realtime')
  const info = yield* client.json<{ Config: { Tty: boolean } }>('GET', `/containers/${name}/json`)
  const stream = yield* client.stream(
    'GET',
    `/containers/${name}/logs${query({
      stdout: true,
      stderr: true,
      follow: g.has('follow'),
      tail: g.value('tail') ?? 'all',
      timestamps: g.has('timestamps'),
      details: g.has('details'),
      since: sinceOf(g.value('since'), now, 'invalid value for "since"'),
      until: sinceOf(g.value('until'), now, 'invalid value for "until"'),
    })}`,
  )
  for (let part = yield* stream.reader.piece(stream.headers); part; part = yield* stream.reader.piece(stream.headers))
    yield* demultiplex(sys, part, info.Config.Tty)
  yield* sys.close(stream.fd)
  return 0
}
/** Writes whole frames of a log to the streams that they name. */
function* demultiplex(sys: Sys, part: Uint8Array, tty: boolean): Run<void> {
  if (tty) {
    yield* writeAll(sys, 1, part)
    return
  }
  for (let i = 0; i + 8 <= part.length; ) {
    const length = new DataView(part.buffer, part.byteOffset + i).getUint32(4)
    yield* writeAll(sys, part[i] === 2 ? 2 : 1, part.subarray(i + 8, i + 8 + length))
    i += 8 + length
  }
}

const kinds = ['config', 'container', 'image', 'network', 'node', 'plugin', 'secret', 'service', 'task', 'volume']
/** docker inspect: a container, else an image, a network, a volume of that name; or of one kind alone. */
export const inspect =
  (only?: string): Command =>
  (sys, client, g) =>
    inspectObjects(sys, client, g, only)
function* inspectObjects(sys: Sys, client: Client, g: Given, only: string | undefined): Run<number> {
  const type = only ?? g.value('type') ?? ''
  if (type === '' && g.parsed.values.has('type'))
    throw new CliError(`type is empty: must be one of ${kinds.map((k) => JSON.stringify(k)).join(', ')}`)
  if (type !== '' && !kinds.includes(type))
    throw new CliError(
      `unknown type: ${JSON.stringify(type)}: must be one of ${kinds.map((k) => JSON.stringify(k)).join(', ')}`,
    )
  const format = g.value('format')
  if (format !== undefined && format !== '' && format !== 'json') yield* compile(sys, format, 64)
  if (g.has('size') && type !== '' && type !== 'container') yield* warn(sys, `WARNING: --size ignored for ${type}s\n`)
  const size = query({ size: g.has('size') })
  const found: unknown[] = []
  const errors: string[] = []
  for (const name of g.args) {
    const n = at(name)
    const places: readonly (readonly [string, string])[] = [
      ['container', `/containers/${n}/json${size}`],
      ['image', `/images/${n}/json`],
      ['network', `/networks/${n}`],
      ['volume', `/volumes/${n}`],
    ]
    let message = type === '' ? `Error: No such object: ${name}` : `zukan: not emulated: inspect --type ${type}`
    let hit = false
    for (const [kind, path] of places) {
      if (type !== '' && kind !== type) continue
      try {
        found.push(yield* client.json('GET', path))
        hit = true
        if (g.has('size') && type === '' && kind !== 'container')
          yield* warn(sys, `WARNING: --size ignored for ${kind}\n`)
        break
      } catch (e) {
        if (!(e instanceof CliError) || !('status' in e)) throw e
        if (type !== '') message = e.message
      }
    }
    if (!hit) errors.push(message)
  }
  if (found.length > 0 || format === undefined || format === 'json') yield* printObjects(sys, format, found)
  else yield* print(sys, '\n')
  if (errors.length > 0) yield* warn(sys, `${errors.join('\n')}\n`)
  return errors.length > 0 ? 1 : 0
}
/** Asks one thing of each container, and prints the name when it is done. */
export const post = (path: (name: string, client: Client, g: Parameters<Command>[2]) => string): Command =>
  each(function* (_sys, client, name, g) {
    yield* client.json('POST', path(at(name), client, g))
    return name
  })
const timeout = (g: Parameters<Command>[2]): string | undefined => g.value('timeout') ?? g.value('time')

export const core: Readonly<Record<string, Command>> = {
  run,
  create,
  start,
  exec,
  ps,
  images,
  pull,
  logs,
  rm,
  rmi,
  inspect: inspect(),
  stop: post((n, _c, g) => `/containers/${n}/stop${query({ t: timeout(g), signal: g.value('signal') })}`),
  restart: post((n, _c, g) => `/containers/${n}/restart${query({ t: timeout(g), signal: g.value('signal') })}`),
  kill: post((n, _c, g) => `/containers/${n}/kill${query({ signal: g.value('signal') })}`),
}
