/** crictl's commands on containers: create, start, run, ps, inspect, logs, stop, rm, stats. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { humanSize } from '../../oci/units.ts'
import { encode, print, readText, writeAll } from '../../userland/lib/io.ts'
import type { Given } from '../flags.ts'
import { log } from '../logrus.ts'
import { type Leaf, ToolError } from '../urfave.ts'
import {
  ago,
  type ContainerInfo,
  type Context,
  fileConfig,
  imageService,
  printedOtherwise,
  printStatus,
  printTable,
  runtime,
  short,
  time,
  trying,
} from './context.ts'
import { labelsOf, matching } from './filter.ts'
import { podConfig, runPod } from './pods.ts'
import { usage } from './usage.ts'

type Json = Record<string, unknown>
interface Status {
  readonly status: Json &
    ContainerInfo & { readonly startedAt: number; readonly finishedAt: number; readonly logPath: string }
  readonly info: Json
}
const pullFlags = 'no-pull with-pull T,cancel-timeout:duration creds:string auth:string username:string'
const pullTexts = [
  'Do not pull the image on container creation (overrides pull-image-on-create=true in config)',
  'Pull the image on container creation (overrides pull-image-on-create=false in config)',
  'Seconds to wait for a container create request to complete before cancelling the request',
  'Use `USERNAME[:PASSWORD]` for accessing the registry',
  "Use `AUTH_STRING` for accessing the registry. AUTH_STRING is a base64 encoded 'USERNAME[:PASSWORD]'",
  'Use `USERNAME` for accessing the registry. The password will be requested on the command line',
]
function* create(c: Context, pod: string, path: string, podPath: string, pull: boolean): Run<string> {
  const value = yield* fileConfig(c.sys, path)
  const config = (typeof value === 'object' && value !== null ? value : {}) as Json
  const m = config.metadata as Json | undefined
  if (m === undefined || m === null) throw new ToolError('metadata is not set')
  if (!m.name) throw new ToolError(`name is not in metadata ${JSON.stringify('')}`)
  const sandboxConfig = podPath === '' ? null : yield* podConfig(c, podPath)
  const image = (config.image as Json | undefined)?.image
  if (pull) {
    yield* log(c.sys, 'info', `Pulling container image: ${String(image)}`)
    yield* imageService(c, 'PullImage', { image })
  }
  return (yield* runtime<{ containerId: string }>(c, 'CreateContainer', { pod, config, sandboxConfig })).containerId
}
function* start(c: Context, id: string): Run<void> {
  yield* runtime(c, 'StartContainer', { id })
  yield* print(c.sys, `${id}\n`)
}
function* stop(c: Context, id: string, timeout: number): Run<void> {
  yield* runtime(c, 'StopContainer', { id, timeout })
  yield* print(c.sys, `${id}\n`)
}
const none = (g: Given): void => {
  if (g.args.length === 0) throw new ToolError('ID cannot be empty')
}
/** The containers that a command's filters leave, the newest first. */
export function* listContainers(c: Context, g: Given, all: boolean): Run<ContainerInfo[]> {
  const state = g.value('state')?.toLowerCase()
  if (state !== undefined && !['created', 'running', 'exited', 'unknown'].includes(state))
    throw new ToolError('--state should be one of created, running, exited or unknown')
  const last = g.has('latest') ? 1 : Number(g.value('last') ?? 0)
  const labels = labelsOf(g)
  const list = yield* runtime<ContainerInfo[]>(c, 'ListContainers')
  const wanted =
    last > 0
      ? undefined
      : state !== undefined
        ? `CONTAINER_${state.toUpperCase()}`
        : all
          ? undefined
          : 'CONTAINER_RUNNING'
  const kept = list.filter(
    (x) =>
      (wanted === undefined || x.state === wanted) &&
      (g.value('id') === undefined || x.id.startsWith(g.value('id') as string)) &&
      (g.value('pod') === undefined || x.podSandboxId.startsWith(g.value('pod') as string)) &&
      labels(x.labels) &&
      matching(g.value('name'))(x.metadata.name) &&
      matching(g.value('namespace'))(x.labels['io.kubernetes.pod.namespace'] ?? 'unknown'),
  )
  kept.sort((a, b) => b.createdAt - a.createdAt)
  return last > 0 ? kept.slice(0, last) : kept
}
const filterFlags =
  'name:string p,pod:string namespace:string image:string s,state:string label:list l,latest n,last:int'
const filterTexts = [
  'Filter by container name regular expression pattern',
  'Filter by pod id',
  'Filter by pod namespace regular expression pattern',
  'Filter by container image',
  'Filter by container state',
  'Filter by key=value label',
  'Show the most recently created container (includes all states)',
  'Show last n recently created containers (includes all states). Set 0 for unlimited.',
]
const states: Readonly<Record<ContainerInfo['state'], string>> = {
  CONTAINER_CREATED: 'Created',
  CONTAINER_RUNNING: 'Running',
  CONTAINER_EXITED: 'Exited',
  CONTAINER_UNKNOWN: 'Unknown',
}

interface Stat {
  readonly id: string
  readonly name: string
  readonly podSandboxId: string
  readonly labels: Readonly<Record<string, string>>
  readonly time: number
  readonly cpu: number
  readonly memory: number
  readonly disk: { readonly bytes: number; readonly inodes: number }
}
/** One line of a log in the kubelet's format: the text goes to the stream that it names. */
function* logLine(sys: Sys, line: string, stamps: boolean): Run<void> {
  const m = /^(\S+) (stdout|stderr) (\S+) ?(.*)$/.exec(line)
  if (!m) return
  const [, stamp = '', stream, tag = '', rest = ''] = m
  const end = tag.split(':')[0] === 'P' ? '' : '\n'
  yield* writeAll(sys, stream === 'stderr' ? 2 : 1, encode(`${stamps ? `${stamp} ` : ''}${rest}${end}`))
}

export const containerCommands: readonly Leaf<Context>[] = [
  {
    names: ['create'],
    usage: 'Create a new container',
    args: 'POD container-config.[json|yaml] pod-config.[json|yaml]',
    flags: pullFlags,
    texts: pullTexts,
    *run(sys, g, c) {
      if (g.args.length !== 3) return yield* usage(sys, 'create')
      if (g.has('no-pull') && g.has('with-pull')) throw new ToolError('conflict: no-pull and with-pull are both set')
      const [pod = '', path = '', podPath = ''] = g.args
      const id = yield* trying('creating container', () => create(c, pod, path, podPath, g.has('with-pull')))
      yield* print(sys, `${id}\n`)
      return 0
    },
  },
  {
    names: ['inspect'],
    usage: 'Display the status of one or more containers',
    args: 'CONTAINER-ID [CONTAINER-ID...]',
    flags: `o,output:string q,quiet template:string ${filterFlags} a,all`,
    texts: [
      'Output format, One of: json|yaml|go-template|table',
      'Do not show verbose information',
      'The template string is only used when output is go-template; The Template format is golang template',
      ...filterTexts,
      'Show all containers',
    ],
    *run(sys, g, c) {
      const ids = g.args.length > 0 ? g.args : (yield* listContainers(c, g, g.has('all'))).map((x) => x.id)
      if (ids.length === 0) {
        yield* log(sys, 'error', 'No IDs provided or nothing found per filter')
        return yield* usage(sys, 'inspect')
      }
      const out: unknown[] = []
      for (const id of ids) {
        const { status, info } = yield* trying('get the status of containers: get container status', () =>
          runtime<Status>(c, 'ContainerStatus', { id }),
        )
        const { podSandboxId: _, createdAt, startedAt, finishedAt, ...rest } = status
        const shown = {
          ...rest,
          createdAt: time(createdAt),
          startedAt: time(startedAt),
          finishedAt: time(finishedAt),
        }
        out.push(g.has('quiet') ? { status: shown } : { info, status: shown })
      }
      yield* printStatus(sys, g, out.length === 1 ? out[0] : out)
      return 0
    },
  },
  {
    names: ['logs'],
    usage: 'Fetch the logs of a container',
    args: 'CONTAINER-ID',
    flags: 'f,follow tail:int t,timestamps since:string limit-bytes:int p,previous r,reopen',
    texts: [
      'Follow log output',
      'Number of lines to show from the end of the logs. Defaults to all (default: -1)',
      'Show timestamps',
      'Show logs since timestamp (e.g. 2013-01-02T13:23:37) or relative (e.g. 42m for 42 minutes)',
      'Maximum bytes of logs to return. Defaults to no limit (default: -1)',
      'If true, print the logs for the previous instance of the container in a pod if it exists',
      'Reopen container logs',
    ],
    *run(sys, g, c) {
      // Options may stand behind the container's id here.
      const words = g.args.filter((a) => !a.startsWith('-'))
      const follow = g.has('follow') || g.args.includes('-f') || g.args.includes('--follow')
      const id = words[0]
      if (id === undefined) throw new ToolError('ID cannot be empty')
      for (const flag of ['since', 'limit-bytes', 'previous', 'reopen'])
        if (g.value(flag) !== undefined) throw new ToolError(`zukan: not emulated: crictl logs --${flag}`)
      const { status } = yield* runtime<Status>(c, 'ContainerStatus', { id })
      if (status.logPath === '') throw new ToolError('The container has not set log path')
      const source = yield* readText(sys, status.logPath)
      let lines = isErr(source) ? [] : source.split('\n').filter(Boolean)
      let seen = lines.length
      const tail = Number(g.value('tail') ?? -1)
      if (tail >= 0) lines = lines.slice(lines.length - Math.min(tail, lines.length))
      for (const line of lines) yield* logLine(sys, line, g.has('timestamps'))
      while (follow) {
        const now = yield* runtime<Status>(c, 'ContainerStatus', { id })
        const again = yield* readText(sys, status.logPath)
        const more = (isErr(again) ? [] : again.split('\n').filter(Boolean)).slice(seen)
        seen += more.length
        for (const line of more) yield* logLine(sys, line, g.has('timestamps'))
        if (now.status.state !== 'CONTAINER_RUNNING') break
        yield* sys.nanosleep(200_000_000)
      }
      return 0
    },
  },
  {
    names: ['ps'],
    usage: 'List containers',
    flags: `v,verbose id:string ${filterFlags} a,all q,quiet o,output:string no-trunc r,resolve-image-path`,
    texts: [
      'Show verbose information for containers',
      'Filter by container id',
      ...filterTexts,
      'Show all containers',
      'Only display container IDs',
      'Output format, One of: json|yaml|table',
      'Show output without truncating the ID',
      'Show image path instead of image id',
    ],
    *run(sys, g, c) {
      for (const flag of ['verbose', 'image', 'resolve-image-path'])
        if (g.value(flag) !== undefined) throw new ToolError(`zukan: not emulated: crictl ps --${flag}`)
      const list = yield* trying('listing containers: list containers', () => listContainers(c, g, g.has('all')))
      if (
        yield* printedOtherwise(sys, g, list, () => ({
          containers: list.map((x) => ({ ...x, createdAt: String(x.createdAt) })),
        }))
      )
        return 0
      const now = yield* sys.clock('realtime')
      const cut = (id: string): string => (g.has('no-trunc') ? id : short(id))
      yield* printTable(sys, [
        ['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE'],
        ...list.map((x) => [
          cut(x.id),
          x.image.image.startsWith('sha256:') ? cut(x.image.image) : x.image.image,
          ago(now, x.createdAt),
          states[x.state],
          x.metadata.name,
          String(x.metadata.attempt),
          cut(x.podSandboxId),
          x.labels['io.kubernetes.pod.name'] ?? 'unknown',
          x.labels['io.kubernetes.pod.namespace'] ?? 'unknown',
        ]),
      ])
      return 0
    },
  },
  {
    names: ['rm'],
    usage: 'Remove one or more containers',
    args: 'CONTAINER-ID [CONTAINER-ID...]',
    flags: 'f,force k,keep-logs a,all',
    texts: [
      'Force removal of the container, disregarding if running',
      'Preserve the container log file and its rotations',
      'Remove all containers',
    ],
    *run(sys, g, c) {
      const ids = g.has('all') ? (yield* runtime<ContainerInfo[]>(c, 'ListContainers')).map((x) => x.id) : g.args
      if (ids.length === 0) {
        if (!g.has('all')) return yield* usage(sys, 'rm')
        yield* log(sys, 'info', 'No containers to remove')
        return 0
      }
      for (const id of ids) {
        const { status } = yield* trying(`getting container status ${JSON.stringify(id)}`, () =>
          runtime<Status>(c, 'ContainerStatus', { id }),
        )
        if (status.state === 'CONTAINER_RUNNING') {
          if (!g.has('force')) throw new ToolError(`container ${JSON.stringify(id)} is running, please stop it first`)
          yield* trying(`stopping the container ${JSON.stringify(id)}`, () => stop(c, id, 0))
        }
        yield* trying(`removing container ${JSON.stringify(id)}`, () => runtime(c, 'RemoveContainer', { id }))
        yield* print(sys, `${id}\n`)
        if (status.logPath !== '' && !g.has('keep-logs')) yield* sys.unlink(status.logPath)
      }
      return 0
    },
  },
  {
    names: ['run'],
    usage: 'Run a new container inside a sandbox',
    args: 'container-config.[json|yaml] pod-config.[json|yaml]',
    flags: `${pullFlags} r,runtime:string`,
    texts: [...pullTexts, 'Runtime handler to use. Available options are defined by the container runtime.'],
    *run(sys, g, c) {
      if (g.args.length !== 2) return yield* usage(sys, 'run')
      const [path = '', podPath = ''] = g.args
      yield* trying('running container', function* () {
        const pod = yield* runPod(c, podPath, g.value('runtime') ?? '')
        const id = yield* trying('creating container failed', () => create(c, pod, path, podPath, !g.has('no-pull')))
        yield* trying(`starting the container ${JSON.stringify(id)}`, () => start(c, id))
      })
      return 0
    },
  },
  {
    names: ['start'],
    usage: 'Start one or more created containers',
    args: 'CONTAINER-ID [CONTAINER-ID...]',
    *run(_sys, g, c) {
      none(g)
      for (const id of g.args) yield* trying(`starting the container ${JSON.stringify(id)}`, () => start(c, id))
      return 0
    },
  },
  {
    names: ['stats'],
    usage: 'List container(s) resource usage statistics',
    args: '[ID]',
    flags: 'a,all id:string p,pod:string label:list o,output:string s,seconds:int w,watch',
    texts: [
      'Show all containers (default shows just running)',
      'Filter by container id',
      'Filter by pod id',
      'Filter by key=value label',
      'Output format, One of: json|yaml|table',
      'Sample duration for CPU usage in seconds (default: 1)',
      'Watch pod resources',
    ],
    *run(sys, g, c) {
      for (const flag of ['output', 'watch'])
        if (g.value(flag) !== undefined) throw new ToolError(`zukan: not emulated: crictl stats --${flag}`)
      const labels = labelsOf(g)
      const mine = (x: Stat): boolean =>
        x.id.startsWith(g.value('id') ?? g.args[0] ?? '') &&
        x.podSandboxId.startsWith(g.value('pod') ?? '') &&
        labels(x.labels)
      const first = (yield* runtime<Stat[]>(c, 'ListContainerStats')).filter(mine)
      yield* sys.nanosleep(Number(g.value('seconds') ?? 1) * 1e9)
      const second = (yield* runtime<Stat[]>(c, 'ListContainerStats')).filter(mine)
      const rows = second.flatMap((x) => {
        const before = first.find((y) => y.id === x.id)
        if (!before || (!g.has('all') && x.cpu === 0 && x.memory === 0)) return []
        const share = x.time > before.time ? ((x.cpu - before.cpu) / (x.time - before.time)) * 100 : 0
        return [
          [short(x.id), x.name, share.toFixed(2), humanSize(x.memory), humanSize(x.disk.bytes), String(x.disk.inodes)],
        ]
      })
      yield* printTable(sys, [
        ['CONTAINER', 'NAME', 'CPU %', 'MEM', 'DISK', 'INODES'],
        ...rows.sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1)),
      ])
      return 0
    },
  },
  {
    names: ['stop'],
    usage: 'Stop one or more running containers',
    args: 'CONTAINER-ID [CONTAINER-ID...]',
    flags: 't,timeout:int a,all',
    texts: [
      'Seconds to wait to kill the container after a graceful stop is requested (default: 0)',
      'Stop all running containers',
    ],
    *run(sys, g, c) {
      let ids = g.args
      if (g.has('all')) {
        if (ids.length > 0) throw new ToolError('cannot specify CONTAINER-ID(s) when using --all')
        ids = (yield* runtime<ContainerInfo[]>(c, 'ListContainers'))
          .filter((x) => x.state === 'CONTAINER_RUNNING')
          .map((x) => x.id)
        if (ids.length === 0) {
          yield* print(sys, 'No running containers found.\n')
          return 0
        }
      }
      if (ids.length === 0) throw new ToolError('you must specify at least one CONTAINER-ID or use --all')
      for (const id of ids)
        yield* trying(`stopping the container ${JSON.stringify(id)}`, () =>
          stop(c, id, Number(g.value('timeout') ?? 0)),
        )
      return 0
    },
  },
]
