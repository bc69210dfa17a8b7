/** crictl: the kubelet's part played by hand, over the Container Runtime Interface; kubernetes-sigs/cri-tools. */
import type { Program } from '../../kernel/linux/abi.ts'
import { print, warn } from '../../userland/lib/io.ts'
import { log } from '../logrus.ts'
import { helpOf, type Leaf, runTool, type Tool, ToolError } from '../urfave.ts'
import { containerCommands } from './containers.ts'
import { begin, type Context, runtime, trying } from './context.ts'
import { exec } from './exec.ts'
import { imageCommands } from './images.ts'
import { podCommands } from './pods.ts'
import { helps } from './usage.ts'

const VERSION = 'v1.37.0'
/** Known, but not emulated. */
const not = (names: string, usage: string): Leaf<Context> => ({ names: names.split(' '), usage })

const commands: readonly Leaf<Context>[] = [
  not('attach', 'Attach to a running container'),
  not('checkpoint', 'Checkpoint one or more running containers'),
  not('completion', 'Output shell completion code'),
  not('config', 'Get, set and list crictl configuration options'),
  not('events event', 'Stream the events of containers'),
  exec,
  not('imagefsinfo', 'Return image filesystem info'),
  {
    names: ['info'],
    usage: 'Display information of the container runtime',
    flags: 'o,output:string q,quiet template:string',
    texts: [
      'Output format, One of: json|yaml|go-template',
      'Do not show verbose information',
      'The template string is only used when output is go-template; The Template format is golang template',
    ],
    *run(sys, g, c) {
      for (const flag of ['output', 'template'])
        if (g.value(flag) !== undefined && g.value(flag) !== 'json')
          throw new ToolError(`zukan: not emulated: crictl info --${flag}`)
      const r = yield* trying('getting status of runtime', () =>
        runtime<{ status: unknown; runtimeHandlers: unknown; cni: unknown }>(c, 'Status'),
      )
      yield* print(
        sys,
        `${JSON.stringify({ ...(g.has('quiet') || r.cni === null ? {} : { cniconfig: r.cni }), runtimeHandlers: r.runtimeHandlers, status: r.status }, null, 2)}\n`,
      )
      return 0
    },
  },
  not('metricdescs', 'List metric descriptors. Returns information about the metrics available through the CRI.'),
  not(
    'metricsp',
    "List pod metrics. Metrics are unstructured key/value pairs gathered by CRI meant to replace cAdvisor's /metrics/cadvisor endpoint.",
  ),
  not('port-forward', 'Forward local port to a pod'),
  not('runtime-config', 'Retrieve the container runtime configuration'),
  not(
    'statsp',
    "List pod statistics. Stats represent a structured API that will fulfill the Kubelet's /stats/summary endpoint.",
  ),
  not('update', 'Update one or more running containers'),
  {
    names: ['version'],
    usage: 'Display runtime version information',
    *run(sys, _g, c) {
      const r = yield* trying('getting the runtime version', () =>
        runtime<{ version: string; runtimeName: string; runtimeVersion: string; runtimeApiVersion: string }>(
          c,
          'Version',
        ),
      )
      yield* print(
        sys,
        `Version:  ${r.version}\nRuntimeName:  ${r.runtimeName}\nRuntimeVersion:  ${r.runtimeVersion}\nRuntimeApiVersion:  ${r.runtimeApiVersion}\n`,
      )
      return 0
    },
  },
  ...containerCommands,
  ...imageCommands,
  ...podCommands,
]
for (const command of commands)
  helps.set(command.names[0] as string, () => helpOf(`crictl ${command.names[0]}`, command))

export const tool: Tool<Context> = {
  name: 'crictl',
  usage: 'client for CRI',
  version: VERSION,
  globals: 'c,config:string D,debug i,image-endpoint:string r,runtime-endpoint:string t,timeout:duration',
  globalTexts: [
    'Location of the client config file. If not specified and the default does not exist, the program\'s directory is searched as well (default: "/etc/crictl.yaml") [$CRI_CONFIG_FILE]',
    'Enable debug mode (default: false)',
    "Endpoint of CRI image manager service (default: uses 'runtime-endpoint' setting) [$IMAGE_SERVICE_ENDPOINT]",
    'Endpoint of CRI container runtime service (default: uses in order the first successful one of [unix:///run/containerd/containerd.sock unix:///run/crio/crio.sock unix:///var/run/cri-dockerd.sock]). Default is now deprecated and the endpoint should be set instead. [$CONTAINER_RUNTIME_ENDPOINT]',
    'Timeout of connecting to the server in seconds (e.g. 2s, 20s.). 0 or less is set to default (default: 2s)',
  ],
  clusters: true,
  commands: [...commands].sort((a, b) => ((a.names[0] as string) < (b.names[0] as string) ? -1 : 1)),
}

export const crictl: Program = function* (sys, argv) {
  try {
    return yield* runTool(sys, tool, argv, (g) => begin(sys, g))
  } catch (e) {
    if (!(e instanceof ToolError)) throw e
    const own = /zukan: not emulated: .*/.exec(e.message)
    if (own || e.code === 3) yield* warn(sys, `${own?.[0] ?? e.message}\n`)
    else yield* log(sys, 'fatal', e.message)
    return e.code
  }
}
