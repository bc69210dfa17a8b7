/** The commands of docker compose but up, down and run: each asks the engine for the project's containers. */
import { stringify } from 'yaml'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { humanDuration } from '../../oci/units.ts'
import { print } from '../../userland/lib/io.ts'
import { CliError, query } from '../docker/api.ts'
import { ask } from '../docker/confirm.ts'
import { printList, tabulate } from '../docker/format.ts'
import { ellipsis, goTime, portsText } from '../docker/list.ts'
import { isTerminal } from '../docker/streams.ts'
import { sinceOf } from '../docker/time.ts'
import type { Given } from '../flags.ts'
import { canonical } from './canonical.ts'
import { type Context, containersOf, find, hashOf, type Listed, nameOf, numberOf, serviceOf } from './engine.ts'
import { buildImage, pullImage } from './images.ts'
import { showLogs } from './logs.ts'
import { imageOf, ordered } from './model.ts'
import { removeContainers, selected, startService } from './up.ts'

export type ComposeCommand = (c: Context, g: Given) => Run<number>

/** The containers of the services named, or of all. */
export function* chosen(c: Context, names: readonly string[], all: boolean, oneOff = false): Run<Listed[]> {
  for (const n of names) if (!c.project.all.some((s) => s.name === n)) throw new CliError(`no such service: ${n}`)
  const list = yield* containersOf(c.client, c.project.name, all, oneOff)
  return names.length === 0 ? list : list.filter((x) => names.includes(serviceOf(x)))
}
/** Asks one thing of each container, its steps shown. */
const each = (
  doing: string,
  done: string,
  states: readonly string[],
  path: (x: Listed, g: Given) => string,
  reverse = false,
): ComposeCommand =>
  function* (c, g) {
    const list = (yield* chosen(c, g.args, true)).filter((x) => states.includes(x.State))
    const order = ordered(c.project, c.project.services).map((s) => s.name)
    list.sort((a, b) => order.indexOf(serviceOf(a)) - order.indexOf(serviceOf(b)))
    for (const x of reverse ? list.reverse() : list) {
      yield* c.progress.on(`Container ${nameOf(x)}`, doing)
      yield* c.client.json('POST', path(x, g))
      yield* c.progress.on(`Container ${nameOf(x)}`, done, 'done')
    }
    return 0
  }
const live = ['running', 'paused', 'restarting']

const ps: ComposeCommand = function* (c, g) {
  const all = g.has('all')
  const status = [...g.all('status'), ...g.all('filter').map((f) => f.replace(/^status=/, ''))]
  let list = yield* chosen(c, g.args, all || status.length > 0, all)
  if (status.length > 0) list = list.filter((x) => status.includes(x.State))
  if (g.has('quiet')) {
    yield* print(c.sys, list.map((x) => `${x.Id}\n`).join(''))
    return 0
  }
  if (g.has('services')) {
    yield* print(c.sys, [...new Set(list.map(serviceOf))].map((n) => `${n}\n`).join(''))
    return 0
  }
  const now = yield* c.sys.clock('realtime')
  const rows = list.map((x) => ({
    Command: JSON.stringify(g.has('no-trunc') ? x.Command : ellipsis(x.Command, 20)),
    CreatedAt: goTime(x.Created),
    ExitCode: Number(/^Exited \((\d+)\)/.exec(x.Status)?.[1] ?? 0),
    Health: /\((healthy|unhealthy|health: starting)\)/.exec(x.Status)?.[1]?.replace('health: ', '') ?? '',
    ID: x.Id.slice(0, 12),
    Image: x.Image,
    Labels: Object.entries(x.Labels)
      .map(([k, v]) => `${k}=${v}`)
      .join(','),
    Name: nameOf(x),
    Names: nameOf(x),
    Ports: portsText(x.Ports),
    Project: c.project.name,
    Publishers: x.Ports.map((q) => ({
      URL: q.IP ?? '',
      TargetPort: q.PrivatePort,
      PublishedPort: q.PublicPort ?? 0,
      Protocol: q.Type,
    })),
    RunningFor: `${humanDuration(now - x.Created * 1e9)} ago`,
    Service: serviceOf(x),
    State: x.State,
    Status: x.Status,
  }))
  yield* printList(
    c.sys,
    g.value('format'),
    [
      ['NAME', 'Name'],
      ['IMAGE', 'Image'],
      ['COMMAND', 'Command'],
      ['SERVICE', 'Service'],
      ['CREATED', 'RunningFor'],
      ['STATUS', 'Status'],
      ['PORTS', 'Ports'],
    ],
    rows,
    { State: 'STATE', ID: 'CONTAINER ID' },
    '*formatter.ContainerContext',
  )
  return 0
}
const logs: ComposeCommand = function* (c, g) {
  const index = g.value('index')
  const list = (yield* chosen(c, g.args, true, true)).filter(
    (x) => index === undefined || numberOf(x) === Number(index),
  )
  const now = yield* c.sys.clock('realtime')
  yield* showLogs(c.sys, c.client, list, {
    follow: g.has('follow'),
    tail: g.value('tail') ?? 'all',
    since: sinceOf(g.value('since'), now, 'invalid value for "since"'),
    until: sinceOf(g.value('until'), now, 'invalid value for "until"'),
    timestamps: g.has('timestamps'),
    prefix: !g.has('no-log-prefix'),
    colour: !g.has('no-color') && (yield* isTerminal(c.sys, 1)),
  })
  return 0
}
const config: ComposeCommand = function* (c, g) {
  const p = c.project
  const lines = function* (list: readonly string[]): Run<number> {
    yield* print(c.sys, list.map((x) => `${x}\n`).join(''))
    return 0
  }
  const services = selected(c, g.args)
  if (g.has('quiet')) return 0
  if (g.has('services')) return yield* lines(ordered(p, services).map((s) => s.name))
  if (g.has('volumes')) return yield* lines(Object.keys(p.volumes))
  if (g.has('networks')) return yield* lines(Object.keys(p.networks))
  if (g.has('images')) return yield* lines(services.map((s) => imageOf(p, s)))
  if (g.has('profiles')) return yield* lines([...new Set(p.all.flatMap((s) => s.profiles))].sort())
  const hash = g.value('hash')
  if (hash !== undefined)
    return yield* lines(
      services.filter((s) => hash === '*' || hash.split(',').includes(s.name)).map((s) => `${s.name} ${hashOf(p, s)}`),
    )
  for (const flag of ['environment', 'output'])
    if (g.parsed.values.has(flag)) throw new CliError(`zukan: not emulated: --${flag}`)
  const tree = canonical(p, services)
  const format = g.value('format') ?? 'yaml'
  if (format !== 'yaml' && format !== 'json') throw new CliError(`unsupported format ${JSON.stringify(format)}`)
  yield* print(
    c.sys,
    format === 'json'
      ? `${JSON.stringify(tree, null, 2)}\n`
      : stringify(tree, { lineWidth: 0, singleQuote: false, version: '1.1' }),
  )
  return 0
}
const top: ComposeCommand = function* (c, g) {
  for (const x of yield* chosen(c, g.args, false)) {
    const t = yield* c.client.json<{ Titles: string[]; Processes: string[][] }>('GET', `/containers/${x.Id}/top`)
    const rows = [['SERVICE', '#', ...t.Titles], ...t.Processes.map((r) => [serviceOf(x), String(numberOf(x)), ...r])]
    yield* print(c.sys, `${nameOf(x)}\n${tabulate(rows, 4, 3)}\n`)
  }
  return 0
}
const images: ComposeCommand = function* (c, g) {
  const rows: Record<string, unknown>[] = []
  for (const x of yield* chosen(c, g.args, true)) {
    const i = yield* find<{ Id: string; RepoTags: string[]; Size: number; Os: string; Architecture: string }>(
      c.client,
      `/images/${encodeURIComponent(x.Image)}/json`,
    )
    if (!i) continue
    const tag = i.RepoTags[0] ?? '<none>:<none>'
    rows.push({
      id: i.Id,
      ContainerName: nameOf(x),
      Repository: tag.slice(0, tag.lastIndexOf(':')),
      Tag: tag.slice(tag.lastIndexOf(':') + 1),
      Platform: `${i.Os}/${i.Architecture}`,
      ID: i.Id.slice(7, 19),
      Size: `${(i.Size / 1e6).toPrecision(3)}MB`,
    })
  }
  if (g.has('quiet')) {
    yield* print(c.sys, [...new Set(rows.map((r) => String(r.id).slice(7)))].map((x) => `${x}\n`).join(''))
    return 0
  }
  yield* printList(
    c.sys,
    g.value('format'),
    [
      ['CONTAINER', 'ContainerName'],
      ['REPOSITORY', 'Repository'],
      ['TAG', 'Tag'],
      ['PLATFORM', 'Platform'],
      ['IMAGE ID', 'ID'],
      ['SIZE', 'Size'],
    ],
    rows,
  )
  return 0
}
const port: ComposeCommand = function* (c, g) {
  const [service = '', wanted = ''] = g.args
  const n = Number(g.value('index') ?? 1)
  const [x] = (yield* chosen(c, [service], false)).filter((y) => numberOf(y) === n)
  if (!x) throw new CliError(`service ${JSON.stringify(service)} is not running`)
  const hit = x.Ports.find(
    (q) => String(q.PrivatePort) === wanted && q.Type === (g.value('protocol') ?? 'tcp') && q.PublicPort,
  )
  if (!hit) throw new CliError(`no port ${wanted}/${g.value('protocol') ?? 'tcp'} for container ${nameOf(x)}`)
  yield* print(c.sys, `${hit.IP}:${hit.PublicPort}\n`)
  return 0
}
const rm: ComposeCommand = function* (c, g) {
  let list = yield* chosen(c, g.args, true)
  if (!g.has('stop')) list = list.filter((x) => !live.includes(x.State))
  if (list.length === 0) {
    yield* print(c.sys, 'No stopped containers\n')
    return 0
  }
  if (!g.has('force') && !(yield* ask(c.sys, `? Going to remove ${list.map(nameOf).join(', ')}`))) return 0
  yield* removeContainers(c, list, undefined, g.has('volumes'))
  return 0
}

export const commands: Readonly<Record<string, ComposeCommand>> = {
  ps,
  logs,
  config,
  top,
  images,
  port,
  rm,
  stop: each(
    'Stopping',
    'Stopped',
    live,
    (x, g) => `/containers/${x.Id}/stop${query({ t: g.value('timeout') })}`,
    true,
  ),
  restart: each(
    'Restarting',
    'Started',
    [...live, 'exited', 'created'],
    (x, g) => `/containers/${x.Id}/restart${query({ t: g.value('timeout') })}`,
  ),
  kill: each(
    'Killing',
    'Killed',
    live,
    (x, g) => `/containers/${x.Id}/kill${query({ signal: g.value('signal') })}`,
    true,
  ),
  pause: each('Pausing', 'Paused', ['running'], (x) => `/containers/${x.Id}/pause`),
  unpause: each('Unpausing', 'Unpaused', ['paused'], (x) => `/containers/${x.Id}/unpause`),
  *start(c, g) {
    const services = ordered(c.project, selected(c, g.args))
    for (const s of services) {
      if ((yield* chosen(c, [s.name], true)).length === 0)
        throw new CliError(`service ${JSON.stringify(s.name)} has no container to start`)
      yield* startService(c, s)
    }
    return 0
  },
  *pull(c, g) {
    const services = selected(c, g.args, g.has('include-deps')).filter((s) => !(s.build && g.has('ignore-buildable')))
    for (const s of services) {
      try {
        if (s.build && s.image === undefined)
          yield* c.progress.on(`Image ${imageOf(c.project, s)}`, 'Skipped', 'warning', 'No image to be pulled')
        else yield* pullImage(c, s)
      } catch (e) {
        if (!(e instanceof CliError) || !g.has('ignore-pull-failures')) throw e
      }
    }
    return 0
  },
  *build(c, g) {
    if (g.parsed.values.has('build-arg')) throw new CliError('zukan: not emulated: --build-arg')
    for (const s of selected(c, g.args, false))
      yield* buildImage(c, s, { noCache: g.has('no-cache'), pull: g.has('pull'), quiet: g.has('quiet') })
    return 0
  },
}
/** docker compose ls: the projects that containers belong to. */
export function* projects(sys: Sys, client: Context['client'], g: Given): Run<number> {
  const rows = yield* client.json<Listed[]>(
    'GET',
    `/containers/json${query({ all: true, filters: JSON.stringify({ label: ['com.docker.compose.project'] }) })}`,
  )
  const by = new Map<string, Listed[]>()
  for (const x of rows) {
    const name = x.Labels['com.docker.compose.project'] ?? ''
    by.set(name, [...(by.get(name) ?? []), x])
  }
  const list = [...by]
    .map(([Name, containers]) => {
      const count = new Map<string, number>()
      for (const x of containers) count.set(x.State, (count.get(x.State) ?? 0) + 1)
      return {
        Name,
        Status: [...count]
          .sort()
          .map(([s, n]) => `${s}(${n})`)
          .join(', '),
        ConfigFiles: containers[0]?.Labels['com.docker.compose.project.config_files'] ?? '',
      }
    })
    .filter((r) => g.has('all') || r.Status.includes('running'))
    .sort((a, b) => (a.Name < b.Name ? -1 : 1))
  if (g.has('quiet')) yield* print(sys, list.map((r) => `${r.Name}\n`).join(''))
  else if (g.value('format') === 'json')
    yield* print(
      sys,
      `${JSON.stringify(list.map(({ Name, Status, ConfigFiles }) => ({ Name, Status, ConfigFiles })))}\n`,
    )
  else
    yield* printList(
      sys,
      g.value('format'),
      [
        ['NAME', 'Name'],
        ['STATUS', 'Status'],
        ['CONFIG FILES', 'ConfigFiles'],
      ],
      list,
    )
  return 0
}
