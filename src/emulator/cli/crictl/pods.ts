/** crictl's commands on pods: runp, pods, inspectp, stopp, rmp. */
import type { Run } from '../../kernel/linux/abi.ts'
import { print } from '../../userland/lib/io.ts'
import type { Given } from '../flags.ts'
import { log } from '../logrus.ts'
import { type Leaf, ToolError } from '../urfave.ts'
import {
  ago,
  type Context,
  fileConfig,
  type PodInfo,
  printedOtherwise,
  printStatus,
  printTable,
  runtime,
  short,
  time,
  trying,
} from './context.ts'
import { labelsOf, matching } from './filter.ts'
import { usage } from './usage.ts'

type Json = Record<string, unknown>
/** A pod's configuration from a file, with what crictl itself checks and adds. */
export function* podConfig(c: Context, path: string): Run<Json> {
  const value = yield* fileConfig(c.sys, path)
  const config = (typeof value === 'object' && value !== null ? { ...value } : {}) as Json
  const m = config.metadata as Json | undefined
  if (m === undefined || m === null) throw new ToolError('metadata is not set')
  const uid = m.uid || `${[...(yield* c.sys.getrandom(16))].map((b) => b.toString(16).padStart(2, '0')).join('')}`
  if (!m.name || !m.namespace)
    throw new ToolError(
      `name or namespace is not in metadata ${JSON.stringify(`name:${JSON.stringify(m.name ?? '')} uid:${JSON.stringify(uid)} namespace:${JSON.stringify(m.namespace ?? '')}`)}`,
    )
  const linux = config.linux as Json | undefined
  if (linux && !linux.cgroup_parent && !linux.cgroupParent)
    yield* log(c.sys, 'warning', 'cgroup_parent is not set. Use `runtime-config` to get the runtime cgroup driver')
  return { ...config, metadata: { ...m, uid } }
}
export function* runPod(c: Context, path: string, handler: string): Run<string> {
  const config = yield* trying('load podSandboxConfig', () => podConfig(c, path))
  const r = yield* trying('run pod sandbox', () =>
    runtime<{ podSandboxId: string }>(c, 'RunPodSandbox', { config, runtimeHandler: handler }),
  )
  return r.podSandboxId
}
function* stop(c: Context, id: string): Run<void> {
  yield* runtime(c, 'StopPodSandbox', { id })
  yield* print(c.sys, `Stopped sandbox ${id}\n`)
}
export function* listPods(c: Context, g: Given): Run<PodInfo[]> {
  const all = yield* runtime<PodInfo[]>(c, 'ListPodSandbox')
  const state = g.value('state')?.toLowerCase()
  if (state !== undefined && state !== 'ready' && state !== 'notready')
    throw new ToolError('--state should be ready or notready')
  const labels = labelsOf(g)
  const kept = all.filter(
    (p) =>
      (g.value('id') === undefined || p.id.startsWith(g.value('id') as string)) &&
      (state === undefined || (state === 'ready') === (p.state === 'SANDBOX_READY')) &&
      labels(p.labels) &&
      matching(g.value('name'))(p.metadata.name) &&
      matching(g.value('namespace'))(p.metadata.namespace),
  )
  kept.sort((a, b) => b.createdAt - a.createdAt)
  const last = g.has('latest') ? 1 : Number(g.value('last') ?? 0)
  return last > 0 ? kept.slice(0, last) : kept
}
const filterFlags = 'name:string namespace:string s,state:string label:list l,latest n,last:int'
const filterTexts = [
  'Filter by pod name regular expression pattern',
  'Filter by pod namespace regular expression pattern',
  'Filter by pod state',
  'Filter by key=value label',
  'Show the most recently created pod',
  'Show last n recently created pods. Set 0 for unlimited',
]

export const podCommands: readonly Leaf<Context>[] = [
  {
    names: ['inspectp'],
    usage: 'Display the status of one or more pods',
    args: 'POD-ID [POD-ID...]',
    flags: `o,output:string q,quiet template:string ${filterFlags}`,
    texts: [
      'Output format, One of: json|yaml|go-template|table',
      'Do not show verbose information',
      'The template string is only used when output is go-template; The Template format is golang template',
      ...filterTexts,
    ],
    *run(sys, g, c) {
      const ids = g.args.length > 0 ? g.args : (yield* listPods(c, g)).map((p) => p.id)
      if (ids.length === 0) {
        yield* log(sys, 'error', 'No IDs provided or nothing found per filter')
        return yield* usage(sys, 'inspectp')
      }
      const out: unknown[] = []
      for (const id of ids) {
        const r = yield* trying('get the status of pod sandboxes: get pod sandbox status', () =>
          runtime<{ status: Json; info: Json }>(c, 'PodSandboxStatus', { id }),
        )
        const { namespaces: _, options, createdAt, ...status } = r.status
        const o = options as { readonly network: number; readonly pid: number; readonly ipc: number }
        const mode = (n: number): string => ['POD', 'CONTAINER', 'NODE'][n] ?? 'POD'
        out.push({
          info: g.has('quiet') ? undefined : r.info,
          status: {
            ...status,
            createdAt: time(createdAt as number),
            linux: { namespaces: { options: { ipc: mode(o.ipc), network: mode(o.network), pid: mode(o.pid) } } },
          },
        })
      }
      yield* printStatus(sys, g, out.length === 1 ? out[0] : out)
      return 0
    },
  },
  {
    names: ['pods'],
    usage: 'List pods',
    flags: `id:string ${filterFlags} v,verbose q,quiet o,output:string no-trunc`,
    texts: [
      'filter by pod id',
      ...filterTexts,
      'Show verbose info for pods',
      'List only pod IDs',
      'Output format, One of: json|yaml|table',
      'Show output without truncating the ID',
    ],
    *run(sys, g, c) {
      if (g.has('verbose')) throw new ToolError('zukan: not emulated: crictl pods --verbose')
      const pods = yield* trying('listing pod sandboxes', () => listPods(c, g))
      if (
        yield* printedOtherwise(sys, g, pods, () => ({
          items: pods.map((p) => ({ ...p, createdAt: String(p.createdAt) })),
        }))
      )
        return 0
      const now = yield* sys.clock('realtime')
      yield* printTable(sys, [
        ['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'],
        ...pods.map((p) => [
          g.has('no-trunc') ? p.id : short(p.id),
          ago(now, p.createdAt),
          p.state === 'SANDBOX_READY' ? 'Ready' : 'NotReady',
          p.metadata.name,
          p.metadata.namespace,
          String(p.metadata.attempt),
          p.runtimeHandler || '(default)',
        ]),
      ])
      return 0
    },
  },
  {
    names: ['rmp'],
    usage: 'Remove one or more pods',
    args: 'POD-ID [POD-ID...]',
    flags: 'f,force a,all',
    texts: ['Force removal of the pod sandbox, disregarding if running', 'Remove all pods'],
    *run(sys, g, c) {
      const ids = g.has('all') ? (yield* runtime<PodInfo[]>(c, 'ListPodSandbox')).map((p) => p.id) : g.args
      if (ids.length === 0) {
        if (!g.has('all')) return yield* usage(sys, 'rmp')
        yield* log(sys, 'info', 'No pods to remove')
        return 0
      }
      for (const id of ids) {
        const r = yield* trying(`getting sandbox status of pod ${JSON.stringify(id)}`, () =>
          runtime<{ status: PodInfo }>(c, 'PodSandboxStatus', { id }),
        )
        if (r.status.state === 'SANDBOX_READY') {
          if (!g.has('force')) throw new ToolError(`pod sandbox ${JSON.stringify(id)} is running, please stop it first`)
          yield* trying(`stopping the pod sandbox ${JSON.stringify(id)} failed`, () => stop(c, id))
        }
        yield* trying(`removing the pod sandbox ${JSON.stringify(id)}`, () => runtime(c, 'RemovePodSandbox', { id }))
        yield* print(sys, `Removed sandbox ${id}\n`)
      }
      return 0
    },
  },
  {
    names: ['runp'],
    usage: 'Run a new pod',
    args: 'pod-config.[json|yaml]',
    flags: 'r,runtime:string T,cancel-timeout:duration',
    texts: [
      'Runtime handler to use. Available options are defined by the container runtime.',
      'Seconds to wait for a run pod sandbox request to complete before cancelling the request',
    ],
    *run(sys, g, c) {
      if (g.args.length !== 1) return yield* usage(sys, 'runp')
      yield* print(sys, `${yield* runPod(c, g.args[0] as string, g.value('runtime') ?? '')}\n`)
      return 0
    },
  },
  {
    names: ['stopp'],
    usage: 'Stop one or more running pods',
    args: 'POD-ID [POD-ID...]',
    *run(sys, g, c) {
      if (g.args.length === 0) return yield* usage(sys, 'stopp')
      for (const id of g.args) yield* trying(`stopping the pod sandbox ${JSON.stringify(id)}`, () => stop(c, id))
      return 0
    },
  },
]
