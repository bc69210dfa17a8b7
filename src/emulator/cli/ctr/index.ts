/** ctr: containerd's own client, for looking behind the curtain. Nothing is added to what is typed: no registry, no tag, no network. */
import { Containerd, ContainerdError } from '../../engine/containerd/client.ts'
import { CONTAINERD_VERSION, REVISION } from '../../engine/containerd/version.ts'
import { CONTAINERD_SOCKET } from '../../engine/containerd.ts'
import type { Program } from '../../kernel/linux/abi.ts'
import { print, warn } from '../../userland/lib/io.ts'
import { runTool, type Tool, ToolError } from '../urfave.ts'
import { containers, namespaces, tasks } from './containers.ts'
import type { Context } from './context.ts'
import { content, images, snapshots } from './images.ts'
import { run } from './run.ts'

const logo = `
        __
  _____/ /______
 / ___/ __/ ___/
/ /__/ /_/ /
\\___/\\__/_/

containerd CLI
`
/** Known, but not emulated. */
const not = (names: string, usage: string) => ({ names: names.split(' '), usage })

export const tool: Tool<Context> = {
  name: 'ctr',
  usage: logo,
  version: CONTAINERD_VERSION,
  description:
    '\nctr is an unsupported debug and administrative client for interacting\nwith the containerd daemon. Because it is unsupported, the commands,\noptions, and operations are not guaranteed to be backward compatible or\nstable from release to release of the containerd project.',
  globals: 'debug a,address:string timeout:duration connect-timeout:duration n,namespace:string',
  globalTexts: [
    'Enable debug output in logs',
    `Address for containerd's GRPC server (default: "${CONTAINERD_SOCKET}") [$CONTAINERD_ADDRESS]`,
    'Total timeout for ctr commands (default: 0s)',
    'Timeout for connecting to containerd (default: 0s)',
    'Namespace to use with commands (default: "default") [$CONTAINERD_NAMESPACE]',
  ],
  clusters: false,
  commands: [
    not('plugins plugin', 'Provides information about containerd plugins'),
    {
      names: ['version'],
      usage: 'Print the client and server versions',
      *run(sys, _g, c) {
        const own = `  Version:  ${CONTAINERD_VERSION}\n  Revision: ${REVISION}\n`
        yield* print(sys, `Client:\n${own}  Go version: go1.26.5\n\n`)
        const r = yield* c.client.call<{ version: string; revision: string }>('version.Version')
        yield* print(sys, `Server:\n  Version:  ${r.version}\n  Revision: ${r.revision}\n`)
        return 0
      },
    },
    containers,
    content,
    not('events event', 'Display containerd events'),
    images,
    not('leases', 'Manage leases'),
    namespaces,
    not('pprof', 'Provide golang pprof outputs for containerd'),
    run,
    snapshots,
    tasks,
    not('install', 'Install a new package'),
    not('oci', 'OCI tools'),
    not('sandboxes sandbox sb s', 'Manage sandboxes'),
    not('info', 'Print the server info'),
    not('deprecations', 'Manage deprecations'),
    not('shim', 'Interact with a shim directly'),
  ],
}
const variable = (env: readonly string[], name: string): string | undefined =>
  env.find((e) => e.startsWith(`${name}=`))?.slice(name.length + 1)

export const ctr: Program = function* (sys, argv) {
  const env = sys.environ()
  try {
    return yield* runTool(sys, tool, argv, function* (g) {
      const client = new Containerd(
        sys,
        g.value('namespace') ?? variable(env, 'CONTAINERD_NAMESPACE') ?? 'default',
        g.value('address') ?? variable(env, 'CONTAINERD_ADDRESS') ?? CONTAINERD_SOCKET,
      )
      yield* client.ping()
      return { client }
    })
  } catch (e) {
    if (e instanceof ContainerdError) {
      yield* warn(sys, `ctr: ${e.message}\n`)
      return 1
    }
    if (!(e instanceof ToolError)) throw e
    // Unknown words are told without the tool's name, as urfave/cli exits with them.
    if (e.message !== '')
      yield* warn(sys, `${e.code === 3 || e.message.startsWith('zukan:') ? '' : 'ctr: '}${e.message}\n`)
    return e.code
  }
}
