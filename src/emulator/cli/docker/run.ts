/** docker run, create, start, attach and exec. */
import { text } from '../../base/bytes.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { print, warn } from '../../userland/lib/io.ts'
import { CliError, type Client, query, startCode } from './api.ts'
import { createContainer } from './create.ts'
import { environmentOf } from './environment.ts'
import type { Command } from './invoke.ts'
import { isTerminal, pump } from './streams.ts'

const statusOf = (part: Uint8Array | undefined): number =>
  part ? (JSON.parse(text(part)) as { StatusCode: number }).StatusCode : 125

/** Starts what was just created. */
function* startContainer(client: Client, id: string): Run<void> {
  try {
    yield* client.json('POST', `/containers/${id}/start`)
  } catch (e) {
    throw e instanceof CliError ? new CliError(e.message, startCode(e.message)) : e
  }
}
/** Sends the signals that the client gets to the container. */
const forwarding = (client: Client, id: string) =>
  function* (signal: number): Run<void> {
    try {
      yield* client.json('POST', `/containers/${id}/kill${query({ signal })}`)
    } catch (e) {
      if (!(e instanceof CliError)) throw e
    }
  }
const resizing = (client: Client, path: string) =>
  function* (h: number, w: number): Run<void> {
    yield* client.json('POST', `${path}/resize${query({ h, w })}`)
  }

export const run: Command = function* (sys, client, g) {
  const detached = g.has('detach')
  const tty = g.has('tty')
  const wanted = g.all('attach').map((a) => a.toLowerCase())
  if (detached && wanted.length > 0)
    throw new CliError('conflicting options: cannot specify both --attach and --detach', 1, true)
  if (tty && g.has('interactive') && !detached && !(yield* isTerminal(sys, 0)))
    throw new CliError('the input device is not a TTY', 1, true)
  const keys = g.value('detach-keys')
  const id = yield* createContainer(sys, client, g)
  if (detached) {
    // It is there, and its id is told, even where it can't start.
    try {
      yield* startContainer(client, id)
    } finally {
      yield* print(sys, `${id}\n`)
    }
    return 0
  }
  const want = (s: string): boolean => wanted.length === 0 || wanted.includes(s)
  const input = g.has('interactive') && want('stdin')
  const connection = yield* client.stream(
    'POST',
    `/containers/${id}/attach${query({ stream: true, stdin: input, stdout: want('stdout'), stderr: want('stderr') })}`,
    undefined,
    true,
  )
  const waiting = yield* client.stream(
    'POST',
    `/containers/${id}/wait${query({ condition: g.has('rm') ? 'removed' : 'next-exit' })}`,
  )
  yield* startContainer(client, id)
  const how = yield* pump(sys, connection, {
    tty,
    input,
    keys,
    resize: resizing(client, `/containers/${id}`),
    ...(tty || g.value('sig-proxy') === 'false' ? {} : { forward: forwarding(client, id) }),
  })
  return how === 'detached' ? 0 : statusOf(yield* waiting.reader.piece(waiting.headers))
}

export const create: Command = function* (sys, client, g) {
  yield* print(sys, `${yield* createContainer(sys, client, g)}\n`)
  return 0
}

interface Inspected {
  readonly Id: string
  readonly Config: { readonly Tty: boolean; readonly OpenStdin: boolean }
  readonly State: {
    readonly Running: boolean
    readonly Paused: boolean
    readonly Restarting: boolean
    readonly ExitCode: number
  }
}
const attachTo = (client: Client, id: string, stdin: boolean) =>
  client.stream(
    'POST',
    `/containers/${id}/attach${query({ stream: true, stdin, stdout: true, stderr: true })}`,
    undefined,
    true,
  )
export const start: Command = function* (sys, client, g) {
  if (g.value('checkpoint') !== undefined || g.value('checkpoint-dir') !== undefined)
    throw new CliError('zukan: not emulated: --checkpoint')
  if (!g.has('attach') && !g.has('interactive')) {
    const failed: string[] = []
    for (const name of g.args) {
      try {
        yield* client.json('POST', `/containers/${encodeURIComponent(name)}/start`)
        yield* print(sys, `${name}\n`)
      } catch (e) {
        if (!(e instanceof CliError)) throw e
        yield* warn(sys, `${e.message}\n`)
        failed.push(name)
      }
    }
    if (failed.length > 0) throw new CliError(`Error: failed to start containers: ${failed.join(', ')}`)
    return 0
  }
  if (g.args.length > 1) throw new CliError('you cannot start and attach multiple containers at once')
  const name = encodeURIComponent(g.args[0] as string)
  const info = yield* client.json<Inspected>('GET', `/containers/${name}/json`)
  const input = g.has('interactive') && info.Config.OpenStdin
  const connection = yield* attachTo(client, name, input)
  const waiting = yield* client.stream('POST', `/containers/${name}/wait${query({ condition: 'next-exit' })}`)
  yield* client.json('POST', `/containers/${name}/start`)
  const how = yield* pump(sys, connection, {
    tty: info.Config.Tty,
    input,
    keys: g.value('detach-keys'),
    resize: resizing(client, `/containers/${name}`),
    ...(info.Config.Tty || g.value('sig-proxy') === 'false' ? {} : { forward: forwarding(client, name) }),
  })
  return how === 'detached' ? 0 : statusOf(yield* waiting.reader.piece(waiting.headers))
}
export const attach: Command = function* (sys, client, g) {
  const name = encodeURIComponent(g.args[0] as string)
  const info = yield* client.json<Inspected>('GET', `/containers/${name}/json`)
  if (!info.State.Running) throw new CliError('cannot attach to a stopped container, start it first')
  if (info.State.Paused) throw new CliError('cannot attach to a paused container, unpause it first')
  if (info.State.Restarting) throw new CliError('cannot attach to a restarting container, wait until it is running')
  const input = info.Config.OpenStdin && !g.has('no-stdin')
  if (info.Config.Tty && input && !(yield* isTerminal(sys, 0))) throw new CliError('the input device is not a TTY')
  const waiting = yield* client.stream('POST', `/containers/${name}/wait`)
  const connection = yield* attachTo(client, name, input)
  const how = yield* pump(sys, connection, {
    tty: info.Config.Tty,
    input,
    keys: g.value('detach-keys'),
    resize: resizing(client, `/containers/${name}`),
    ...(info.Config.Tty || g.value('sig-proxy') === 'false' ? {} : { forward: forwarding(client, name) }),
  })
  if (how === 'detached') throw new CliError('read escape sequence')
  return statusOf(yield* waiting.reader.piece(waiting.headers))
}

export const exec: Command = function* (sys, client, g) {
  const [name = '', ...command] = g.args
  const tty = g.has('tty')
  const detached = g.has('detach')
  const interactive = g.has('interactive')
  const keys = g.value('detach-keys')
  const environment = yield* environmentOf(sys, g.all('env-file'), g.all('env'))
  yield* client.json('GET', `/containers/${encodeURIComponent(name)}/json`)
  if (tty && interactive && !detached && !(yield* isTerminal(sys, 0)))
    throw new CliError('the input device is not a TTY')
  const made = yield* client.json<{ Id: string }>('POST', `/containers/${encodeURIComponent(name)}/exec`, {
    User: g.value('user') ?? '',
    Privileged: g.has('privileged'),
    Tty: tty,
    AttachStdin: interactive && !detached,
    AttachStdout: !detached,
    AttachStderr: !detached,
    Env: environment,
    WorkingDir: g.value('workdir') ?? '',
    Cmd: command,
  })
  if (detached) {
    yield* client.json('POST', `/exec/${made.Id}/start`, { Detach: true, Tty: tty })
    return 0
  }
  const connection = yield* client.stream('POST', `/exec/${made.Id}/start`, { Detach: false, Tty: tty }, true)
  const how = yield* pump(sys, connection, {
    tty,
    input: interactive,
    keys,
    resize: resizing(client, `/exec/${made.Id}`),
  })
  if (how === 'detached') throw new CliError('read escape sequence')
  return (yield* client.json<{ ExitCode: number | null }>('GET', `/exec/${made.Id}/json`)).ExitCode ?? 0
}
