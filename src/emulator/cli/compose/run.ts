/** docker compose up, down, exec and run. */
import { hex, text } from '../../base/bytes.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { SIGINT, SIGTERM } from '../../kernel/linux/signals.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import { print, warn } from '../../userland/lib/io.ts'
import { CliError, Client, query, startCode } from '../docker/api.ts'
import { absolute } from '../docker/create.ts'
import { environmentOf } from '../docker/environment.ts'
import { parsePorts } from '../docker/ports.ts'
import { isTerminal, pump } from '../docker/streams.ts'
import type { Given } from '../flags.ts'
import { type ComposeCommand, chosen } from './commands.ts'
import { type Context, containersOf, createBody, find, type Listed, nameOf, numberOf, serviceOf } from './engine.ts'
import { injectFiles } from './files.ts'
import { ensureImages } from './images.ts'
import { log } from './load.ts'
import { shortName, showLogs } from './logs.ts'
import { imageOf, ordered, type Service } from './model.ts'
import { Progress } from './progress.ts'
import { words } from './tree.ts'
import {
  converge,
  ensureNetworks,
  ensureVolumes,
  removeContainers,
  selected,
  startService,
  type UpOptions,
  waitFor,
} from './up.ts'

function scaleOf(c: Context, g: Given): Record<string, number> {
  return Object.fromEntries(
    g.all('scale').map((s) => {
      const [name = '', n = ''] = s.split('=')
      if (!/^\d+$/.test(n)) throw new CliError(`invalid --scale option ${JSON.stringify(s)}. Should be SERVICE=NUM`)
      if (!c.project.services.some((x) => x.name === name))
        throw new CliError(`unknown service ${JSON.stringify(name)}`)
      return [name, Number(n)]
    }),
  )
}
const options = (c: Context, g: Given, start: boolean): UpOptions => ({
  forceRecreate: g.has('force-recreate'),
  noRecreate: g.has('no-recreate'),
  removeOrphans: g.has('remove-orphans'),
  scale: scaleOf(c, g),
  start,
  timeout: g.value('timeout'),
})
export const create: ComposeCommand = function* (c, g) {
  const services = selected(c, g.args)
  yield* ensureImages(c, services, { build: g.has('build'), pull: g.value('pull') ?? '', noBuild: g.has('no-build') })
  yield* converge(c, services, options(c, g, false))
  return 0
}
export const up: ComposeCommand = function* (c, g) {
  const detached = g.has('detach') || g.has('wait')
  const from = g.value('exit-code-from')
  const abort = g.has('abort-on-container-exit') || from !== undefined
  if (detached && abort)
    throw new CliError(
      `${g.has('wait') ? '--wait' : '--detach'} cannot be combined with --abort-on-container-exit or --attach.`,
    )
  if (g.has('force-recreate') && g.has('no-recreate'))
    throw new CliError('--force-recreate and --no-recreate are incompatible')
  const services = selected(c, g.args, !g.has('no-deps'))
  if (services.length === 0) throw new CliError('no service selected')
  yield* ensureImages(c, services, { build: g.has('build'), pull: g.value('pull') ?? '', noBuild: g.has('no-build') })
  const began = yield* c.sys.clock('realtime')
  yield* converge(c, services, options(c, g, detached && !g.has('no-start')))
  if (g.has('no-start')) return 0
  if (!detached) return yield* attached(c, g, services, began, abort, from)
  if (g.has('wait'))
    for (const x of yield* containersOf(c.client, c.project.name, true)) {
      const s = services.find((y) => y.name === serviceOf(x))
      if (s) yield* waitFor(c, x, s.healthcheck ? 'service_healthy' : 'service_started')
    }
  return 0
}
/** up without -d: the logs are shown until all containers have ended, or ^C stops them. */
function* attached(
  c: Context,
  g: Given,
  services: readonly Service[],
  began: number,
  abort: boolean,
  from: string | undefined,
): Run<number> {
  const names = services.map((s) => s.name)
  const list = (yield* containersOf(c.client, c.project.name, true)).filter((x) => names.includes(serviceOf(x)))
  yield* print(c.sys, `Attaching to ${list.map(shortName).join(', ')}\n`)
  const over = new WaitQueue()
  let ended = false
  let interrupted = false
  let code = 0
  for (const signal of [SIGINT, SIGTERM])
    yield* c.sys.sigaction(signal, function* () {
      interrupted = true
      over.wake()
    })
  const colour = !g.has('no-color') && (yield* isTerminal(c.sys, 1))
  const since = `${Math.floor(began / 1e9)}.${String(began % 1e9).padStart(9, '0')}`
  for (const s of ordered(c.project, services)) yield* startService(c, s)
  c.sys.thread(function* (t: Sys) {
    yield* showLogs(
      t,
      new Client(t, c.client.host),
      list,
      { follow: true, tail: 'all', since, timestamps: g.has('timestamps'), prefix: !g.has('no-log-prefix'), colour },
      function* (own, x, name) {
        const info = yield* new Client(own, c.client.host).json<{ State: { ExitCode: number } }>(
          'GET',
          `/containers/${x.Id}/json`,
        )
        if (!interrupted) yield* print(own, `${name} exited with code ${info.State.ExitCode}\n`)
        if (from === undefined ? abort : serviceOf(x) === from) code = info.State.ExitCode
        if (abort) {
          ended = true
          over.wake()
        }
      },
    )
    ended = true
    over.wake()
  })
  while (!(yield* c.sys.futex(over, () => ended || interrupted)));
  if (interrupted) yield* warn(c.sys, 'Gracefully stopping... (press Ctrl+C again to force)\n')
  if (interrupted || abort) {
    if (abort && !interrupted) yield* warn(c.sys, 'Aborting on container exit...\n')
    // Below the logs a list of its own begins.
    const stopping = yield* Progress.open(c.sys, 'stop', c.progress.mode)
    const running = (yield* containersOf(c.client, c.project.name, false)).filter((x) => names.includes(serviceOf(x)))
    for (const x of running.reverse()) {
      yield* stopping.on(`Container ${nameOf(x)}`, 'Stopping')
      yield* c.client.json('POST', `/containers/${x.Id}/stop${query({ t: g.value('timeout') })}`)
      yield* stopping.on(`Container ${nameOf(x)}`, 'Stopped', 'done')
    }
  }
  return interrupted ? 130 : code
}

export const down: ComposeCommand = function* (c, g) {
  const rmi = g.value('rmi')
  if (rmi !== undefined && rmi !== 'all' && rmi !== 'local')
    throw new CliError(`invalid value for --rmi: ${JSON.stringify(rmi)}`)
  const all = yield* containersOf(c.client, c.project.name, true, true)
  const known = (x: Listed): boolean => c.project.all.some((s) => s.name === serviceOf(x))
  const some = g.args.length > 0
  const list = all.filter((x) => (some ? g.args.includes(serviceOf(x)) : known(x) || g.has('remove-orphans')))
  const order = ordered(c.project, c.project.services).map((s) => s.name)
  list.sort((a, b) => order.indexOf(serviceOf(b)) - order.indexOf(serviceOf(a)) || numberOf(b) - numberOf(a))
  const orphans = all.filter((x) => !known(x))
  if (!some && orphans.length > 0 && !g.has('remove-orphans'))
    yield* log(
      c.sys,
      `Found orphan containers ([${orphans.map(nameOf).join(' ')}]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.`,
    )
  yield* removeContainers(c, list, g.value('timeout'), g.has('volumes'))
  if (some) return 0
  const used = new Set(c.project.services.flatMap((s) => Object.keys(s.networks)))
  for (const [key, n] of Object.entries(c.project.networks)) {
    if (n.external || !(used.has(key) || key !== 'default')) continue
    if (!(yield* find(c.client, `/networks/${encodeURIComponent(n.name)}`))) continue
    yield* c.progress.on(`Network ${n.name}`, 'Removing')
    try {
      yield* c.client.json('DELETE', `/networks/${encodeURIComponent(n.name)}`)
    } catch (e) {
      if (!(e instanceof CliError)) throw e
      yield* c.progress.on(`Network ${n.name}`, 'Resource is still in use', 'warning')
      continue
    }
    yield* c.progress.on(`Network ${n.name}`, 'Removed', 'done')
  }
  if (g.has('volumes'))
    for (const v of Object.values(c.project.volumes)) {
      if (v.external || !(yield* find(c.client, `/volumes/${encodeURIComponent(v.name)}`))) continue
      yield* c.progress.on(`Volume ${v.name}`, 'Removing')
      yield* c.client.json('DELETE', `/volumes/${encodeURIComponent(v.name)}`)
      yield* c.progress.on(`Volume ${v.name}`, 'Removed', 'done')
    }
  if (rmi !== undefined)
    for (const s of c.project.services) {
      if (rmi === 'local' && s.image !== undefined) continue
      const image = imageOf(c.project, s)
      if (!(yield* find(c.client, `/images/${encodeURIComponent(image)}/json`))) continue
      yield* c.progress.on(`Image ${image}`, 'Removing')
      yield* c.client.json('DELETE', `/images/${encodeURIComponent(image)}`)
      yield* c.progress.on(`Image ${image}`, 'Removed', 'done')
    }
  return 0
}

export const exec: ComposeCommand = function* (c, g) {
  const [service = '', ...command] = g.args
  const index = g.value('index')
  const [x] = (yield* chosen(c, [service], false)).filter((y) => index === undefined || numberOf(y) === Number(index))
  if (!x) throw new CliError(`service ${JSON.stringify(service)} is not running`)
  const detached = g.has('detach')
  const tty = !g.has('no-tty') && !detached && (yield* isTerminal(c.sys, 0)) && (yield* isTerminal(c.sys, 1))
  const made = yield* c.client.json<{ Id: string }>('POST', `/containers/${x.Id}/exec`, {
    User: g.value('user') ?? '',
    Privileged: g.has('privileged'),
    Tty: tty,
    AttachStdin: !detached,
    AttachStdout: !detached,
    AttachStderr: !detached,
    Env: yield* environmentOf(c.sys, [], g.all('env')),
    WorkingDir: g.value('workdir') ?? '',
    Cmd: command,
  })
  if (detached) {
    yield* c.client.json('POST', `/exec/${made.Id}/start`, { Detach: true, Tty: tty })
    return 0
  }
  const connection = yield* c.client.stream('POST', `/exec/${made.Id}/start`, { Detach: false, Tty: tty }, true)
  const how = yield* pump(c.sys, connection, {
    tty,
    input: true,
    resize: function* (h, w) {
      yield* c.client.json('POST', `/exec/${made.Id}/resize${query({ h, w })}`)
    },
  })
  if (how === 'detached') throw new CliError('read escape sequence')
  return (yield* c.client.json<{ ExitCode: number | null }>('GET', `/exec/${made.Id}/json`)).ExitCode ?? 0
}

export const run: ComposeCommand = function* (c, g) {
  const [service = '', ...command] = g.args
  const [s] = selected(c, [service], false)
  if (!s) throw new CliError(`no such service: ${service}`)
  for (const flag of ['label', 'quiet'])
    if (g.parsed.values.has(flag)) throw new CliError(`zukan: not emulated: --${flag}`)
  const needed = g.has('no-deps') ? [] : selected(c, [service]).filter((x) => x !== s)
  yield* ensureImages(c, [...needed, s], { build: g.has('build'), pull: '', noBuild: false })
  if (needed.length > 0)
    yield* converge(c, needed, {
      forceRecreate: false,
      noRecreate: true,
      removeOrphans: false,
      scale: {},
      start: true,
      timeout: undefined,
    })
  yield* ensureNetworks(c, [s])
  yield* ensureVolumes(c, [s])
  const all = yield* containersOf(c.client, c.project.name, true)
  for (const [name, d] of Object.entries(s.dependsOn))
    if (d.condition !== 'service_started' && !g.has('no-deps'))
      for (const x of all.filter((y) => serviceOf(y) === name)) yield* waitFor(c, x, d.condition, d.required)
  const detached = g.has('detach')
  const tty = !g.has('no-TTY') && !detached && (yield* isTerminal(c.sys, 0)) && (yield* isTerminal(c.sys, 1))
  const input = !detached && g.value('interactive') !== 'false'
  const name = g.value('name') ?? `${c.project.name}-${s.name}-run-${hex(yield* c.sys.getrandom(6))}`
  const ports = parsePorts(g.all('publish'))
  const entrypoint = g.value('entrypoint')
  const binds = g.all('volume').map((v) => {
    const [source = '', ...rest] = v.split(':')
    return [/^\.\.?(\/|$)/.test(source) ? absolute(c.project.directory, source) : source, ...rest].join(':')
  })
  const body = createBody(
    c.project,
    s,
    1,
    {
      ...(command.length > 0 ? { command } : {}),
      ...(entrypoint === undefined ? {} : { entrypoint: words(entrypoint) }),
      environment: yield* environmentOf(c.sys, [], g.all('env')),
      ports: g.has('service-ports'),
      oneOff: true,
      tty,
      interactive: input,
      autoRemove: g.has('rm') && detached,
      ...(g.value('user') === undefined ? {} : { user: g.value('user') as string }),
      ...(g.value('workdir') === undefined ? {} : { workdir: g.value('workdir') as string }),
      binds,
      bindings: ports.bindings,
    },
    all,
  )
  yield* c.progress.on(`Container ${name}`, 'Creating')
  const { Id } = yield* c.client.json<{ Id: string }>('POST', `/containers/create${query({ name })}`, body)
  yield* injectFiles(c.sys, c.client, Id, s.files, c.project.outside, c.project.env)
  yield* c.progress.on(`Container ${name}`, 'Created', 'done')
  const start = function* (): Run<void> {
    try {
      yield* c.client.json('POST', `/containers/${Id}/start`)
    } catch (e) {
      if (!(e instanceof CliError)) throw e
      if (g.has('rm')) yield* c.client.json('DELETE', `/containers/${Id}${query({ force: true })}`)
      throw new CliError(e.message, startCode(e.message))
    }
  }
  if (detached) {
    yield* start()
    yield* print(c.sys, `${name}\n`)
    return 0
  }
  const connection = yield* c.client.stream(
    'POST',
    `/containers/${Id}/attach${query({ stream: true, stdin: input, stdout: true, stderr: true })}`,
    undefined,
    true,
  )
  const waiting = yield* c.client.stream('POST', `/containers/${Id}/wait${query({ condition: 'next-exit' })}`)
  yield* start()
  yield* pump(c.sys, connection, {
    tty,
    input,
    resize: function* (h, w) {
      yield* c.client.json('POST', `/containers/${Id}/resize${query({ h, w })}`)
    },
  })
  const part = yield* waiting.reader.piece(waiting.headers)
  const code = part ? (JSON.parse(text(part)) as { StatusCode: number }).StatusCode : 1
  if (g.has('rm')) yield* c.client.json('DELETE', `/containers/${Id}${query({ force: true, v: true })}`)
  return code
}
