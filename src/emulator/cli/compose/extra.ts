/** The commands of docker compose that do to a service's container what docker does to a container, and scale, wait, events, volumes. */
import { text } from '../../base/bytes.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { print } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { CliError, query } from '../docker/api.ts'
import { printList } from '../docker/format.ts'
import { commit as dockerCommit, exportFiles } from '../docker/images/archive.ts'
import { cp as dockerCp } from '../docker/images/cp.ts'
import type { Command } from '../docker/invoke.ts'
import { stats as dockerStats } from '../docker/more/stats.ts'
import { attach as dockerAttach } from '../docker/run.ts'
import { Given } from '../flags.ts'
import { type ComposeCommand, chosen } from './commands.ts'
import { type Context, type Listed, nameOf, numberOf, serviceOf } from './engine.ts'
import { converge, selected } from './up.ts'

/** A service's container by --index, else its first. */
function* one(c: Context, service: string, g: Given): Run<Listed> {
  const wanted = g.value('index')
  const list = yield* chosen(c, [service], true)
  const [hit] = wanted === undefined || wanted === '0' ? list : list.filter((x) => numberOf(x) === Number(wanted))
  if (hit) return hit
  throw new CliError(
    list.length === 0
      ? `no container found for service ${JSON.stringify(service)}`
      : `service ${JSON.stringify(service)} is not running container #${wanted}`,
  )
}
/** A command of docker's with other operands and the same flags. */
const asDocker = (command: Command, c: Context, g: Given, args: readonly string[]): Run<number> =>
  command(c.sys, c.client, new Given({ values: g.parsed.values, args }))

/** `SERVICE:PATH` as docker cp takes it. */
function* place(c: Context, arg: string, g: Given): Run<{ readonly at: string; readonly container?: Listed }> {
  const colon = arg.indexOf(':')
  if (colon <= 0 || /^[./]/.test(arg)) return { at: arg }
  const container = yield* one(c, arg.slice(0, colon), g)
  return { at: `${nameOf(container)}${arg.slice(colon)}`, container }
}
const cp: ComposeCommand = function* (c, g) {
  const [from = '', to = ''] = g.args
  const source = yield* place(c, from, g)
  const target = yield* place(c, to, g)
  if (source.container && target.container) throw new CliError('copying between services is not supported')
  const container = source.container ?? target.container
  if (!container) throw new CliError('unknown copy direction')
  const id = `${nameOf(container)} copy ${source.at} to ${target.at}`
  yield* c.progress.on(id, 'Copying')
  const code = yield* asDocker(dockerCp, c, g, [source.at, target.at])
  yield* c.progress.on(id, 'Copied', 'done')
  return code
}
const wait: ComposeCommand = function* (c, g) {
  const list = yield* chosen(c, g.args, false)
  if (list.length === 0) throw new CliError(`no containers for project ${JSON.stringify(c.project.name)}`)
  let code = 0
  for (const x of list) {
    const w = yield* c.client.stream('POST', `/containers/${x.Id}/wait`)
    const part = yield* w.reader.piece(w.headers)
    yield* c.sys.close(w.fd)
    code = part ? (JSON.parse(text(part)) as { StatusCode: number }).StatusCode : 1
    yield* print(c.sys, `container ${JSON.stringify(x.Id)} exited with status code ${code}\n`)
    // The first that ends is the one that counts, where the project goes with it.
    if (g.has('down-project')) break
  }
  return code
}
interface Event {
  readonly Type: string
  readonly Action: string
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
  readonly timeNano: number
}
const events: ComposeCommand = function* (c, g) {
  const filters = JSON.stringify({ label: [`com.docker.compose.project=${c.project.name}`], type: ['container'] })
  yield* c.client.lines(
    'GET',
    `/events${query({ filters, until: g.value('until'), since: g.value('since') })}`,
    function* (line) {
      const { Action, Actor, timeNano } = line as unknown as Event
      const { ID, Attributes } = Actor
      const service = Attributes['com.docker.compose.service'] ?? ''
      if (g.args.length > 0 && !g.args.includes(service)) return
      if (Attributes['com.docker.compose.oneoff'] === 'True' || /^(exec_|attach|health_status$)/.test(Action)) return
      const own = Object.fromEntries(
        Object.entries(Attributes)
          .filter(([k]) => !k.startsWith('com.docker.compose.'))
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      )
      const plain = Object.entries(own).map(([k, v]) => `${k}=${v}`)
      yield* print(
        c.sys,
        g.has('json')
          ? `${JSON.stringify({ action: Action, attributes: own, id: ID, service, time: strftime('%FT%T.%NZ', timeNano), type: 'container' })}\n`
          : `${strftime('%F %T.%N', timeNano).slice(0, 26)} container ${Action} ${ID} (${plain.join(', ')})\n`,
      )
    },
  )
  return 0
}
const stats: ComposeCommand = function* (c, g) {
  const [service] = g.args
  const list = yield* chosen(c, service === undefined ? [] : [service], g.has('all'))
  if (list.length > 0)
    return yield* asDocker(
      dockerStats,
      c,
      g,
      list.map((x) => x.Id),
    )
  throw new CliError(`no container found for project ${JSON.stringify(c.project.name)}: not found`)
}
const scale: ComposeCommand = function* (c, g) {
  const wanted: Record<string, number> = {}
  for (const word of g.args) {
    const m = /^([^=]+)=(\d+)$/.exec(word)
    if (!m) throw new CliError(`invalid scale specifier: ${word}`)
    wanted[m[1] as string] = Number(m[2])
  }
  yield* converge(c, selected(c, Object.keys(wanted), !g.has('no-deps')), {
    forceRecreate: false,
    noRecreate: false,
    removeOrphans: false,
    scale: wanted,
    start: true,
    timeout: undefined,
  })
  return 0
}
const volumes: ComposeCommand = function* (c, g) {
  const filters = JSON.stringify({ label: [`com.docker.compose.project=${c.project.name}`] })
  const { Volumes } = yield* c.client.json<{
    Volumes: { Name: string; Driver: string; Mountpoint: string; Labels: Record<string, string> | null }[] | null
  }>('GET', `/volumes${query({ filters })}`)
  const used = new Set(selected(c, g.args).flatMap((s) => s.volumes.map((v) => v.source)))
  const rows = (Volumes ?? [])
    .filter((v) => g.args.length === 0 || used.has(v.Labels?.['com.docker.compose.volume'] ?? ''))
    .map((v) => ({ Driver: v.Driver, Name: v.Name, Mountpoint: v.Mountpoint, Scope: 'local' }))
  if (g.has('quiet')) {
    yield* print(c.sys, rows.map((r) => `${r.Name}\n`).join(''))
    return 0
  }
  const columns = [
    ['DRIVER', 'Driver'],
    ['VOLUME NAME', 'Name'],
  ] as const
  yield* printList(c.sys, g.value('format'), columns, rows, { Mountpoint: 'MOUNTPOINT' }, '*formatter.volumeContext')
  return 0
}
/** docker's command on one container of the service that is the first operand. */
const onOne = (command: Command): ComposeCommand =>
  function* (c, g) {
    const [service = '', ...rest] = g.args
    const x = yield* one(c, service, g)
    if (serviceOf(x) !== service) throw new CliError(`no such service: ${service}`)
    return yield* asDocker(command, c, g, [nameOf(x), ...rest])
  }

export const extraCommands: Readonly<Record<string, ComposeCommand>> = {
  attach: onOne(dockerAttach),
  commit: onOne(dockerCommit),
  cp,
  events,
  export: onOne(exportFiles),
  scale,
  stats,
  volumes,
  wait,
}
