/** ctr run and ctr containers create: a container from an image, and its task. */

import { Streams } from '../../engine/containerd/client.ts'
import type { StoredImage } from '../../engine/containerd/images.ts'
import { type ContainerRecord, RUNC_V2 } from '../../engine/containerd/index.ts'
import { makeSpec } from '../../engine/containerd/spec.ts'
import { ApiError } from '../../engine/dockerd/state.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { SIGINT, SIGTERM } from '../../kernel/linux/signals.ts'
import type { Spec, SpecMount, SpecResources } from '../../oci/runtimespec.ts'
import type { Given } from '../flags.ts'
import { type Leaf, ToolError } from '../urfave.ts'
import type { Context } from './context.ts'

const containerFlags =
  'snapshotter:string snapshotter-label:list config:string cwd:string env:list env-file:string label:list annotation:list mount:list net-host privileged read-only runtime:string runtime-config-path:string t,tty with-ns:list pid-file:string gpus:list allow-new-privs memory-limit:uint cap-add:list cap-drop:list seccomp cpus:float cpu-shares:uint cgroup:string user:string hostname:string'
const containerTexts = [
  'Snapshotter name. Empty value stands for the default value. [$CONTAINERD_SNAPSHOTTER]',
  'Labels added to the new snapshot for this container.',
  'Path to the runtime-specific spec config file',
  'Specify the working directory of the process',
  'Specify additional container environment variables (e.g. FOO=bar)',
  'Specify additional container environment variables in a file(e.g. FOO=bar, one per line)',
  'Specify additional labels (e.g. foo=bar)',
  'Specify additional OCI annotations (e.g. foo=bar)',
  'Specify additional container mount (e.g. type=bind,src=/tmp,dst=/host,options=rbind:ro)',
  'Enable host networking for the container',
  'Run privileged container',
  'Set the containers filesystem as readonly',
  'Runtime name or absolute path to runtime binary (default: "io.containerd.runc.v2")',
  'Optional runtime config path',
  'Allocate a TTY for the container',
  "Specify existing Linux namespaces to join at container runtime (format '<nstype>:<path>')",
  "File path to write the task's pid",
  'Add gpus to the container',
  "Turn off OCI spec's NoNewPrivileges feature flag",
  'Memory limit (in bytes) for the container (default: 0)',
  "Add Linux capabilities (Set capabilities with 'CAP_' prefix)",
  "Drop Linux capabilities (Set capabilities with 'CAP_' prefix)",
  'Enable the default seccomp profile',
  'Set the CFS cpu quota (default: 0)',
  'Set the cpu shares (default: 1024)',
  'Cgroup path (To disable use of cgroup, set to "" explicitly)',
  'Username or user id, group optional (format: <name|uid>[:<group|gid>])',
  'Set the hostname of the container',
]
const unknown = [
  'snapshotter',
  'snapshotter-label',
  'config',
  'env-file',
  'annotation',
  'runtime-config-path',
  'gpus',
  'pid-file',
  'cni',
  'null-io',
  'log-uri',
  'fifo-dir',
  'platform',
  'rootfs',
]

/** `type=bind,src=/tmp,dst=/host,options=rbind:ro` */
export function parseMount(text: string): SpecMount {
  const m: Record<string, string> = {}
  for (const field of text.split(',')) {
    const at = field.indexOf('=')
    if (at < 0) throw new ToolError(`invalid mount specification: expected key=val, got ${field}`)
    m[field.slice(0, at)] = field.slice(at + 1)
  }
  const known = ['type', 'source', 'src', 'destination', 'dst', 'options']
  const odd = Object.keys(m).find((k) => !known.includes(k))
  if (odd !== undefined) throw new ToolError(`mount option ${JSON.stringify(odd)} not supported`)
  return {
    type: m.type ?? '',
    source: m.source ?? m.src ?? '',
    destination: m.destination ?? m.dst ?? '',
    options: (m.options ?? '').split(':').filter(Boolean),
  }
}
function resources(g: Given): SpecResources {
  const memory = Number(g.value('memory-limit') ?? 0)
  const cpus = Number(g.value('cpus') ?? 0)
  const shares = g.value('cpu-shares')
  return {
    ...(memory > 0 ? { memory: { limit: memory } } : {}),
    ...(cpus > 0 || shares !== undefined
      ? {
          cpu: {
            ...(cpus > 0 ? { quota: Math.trunc(cpus * 100000), period: 100000 } : {}),
            ...(shares === undefined ? {} : { shares: Number(shares) }),
          },
        }
      : {}),
  }
}
/** Makes the snapshot and containerd's record of the container. */
function* newContainer(sys: Sys, g: Given, c: Context, ref: string, id: string, args: readonly string[]): Run<Made> {
  const odd = unknown.find((name) => g.value(name) !== undefined)
  if (odd !== undefined) throw new ToolError(`zukan: not emulated: ctr run --${odd}`)
  const runtime = g.value('runtime') ?? RUNC_V2
  if (runtime !== RUNC_V2) throw new ToolError(`zukan: not emulated: ctr run --runtime ${runtime}`)
  const image = yield* c.client.call<StoredImage>('images.Get', { name: ref })
  const key = `${c.client.ns}/${id}`
  const exists = yield* c.client.try('containers.Get', { id })
  if (exists.ok) throw new ToolError(`snapshot ${JSON.stringify(id)}: already exists`)
  const rootfs = yield* c.client.call<Made['rootfs']>('snapshots.Prepare', { key, parent: image.chain.at(-1) })
  const namespaces: Record<string, string> = g.has('net-host') ? { network: 'host' } : {}
  for (const text of g.all('with-ns')) {
    const at = text.indexOf(':')
    if (at < 0)
      throw new ToolError(`joining a Linux namespace using --with-ns requires the format 'nstype:path', got: ${text}`)
    namespaces[text.slice(0, at)] = text.slice(at + 1)
  }
  const bind = (path: string): SpecMount => ({
    type: 'bind',
    source: path,
    destination: path,
    options: ['rbind', 'ro'],
  })
  let spec: Spec
  try {
    spec = yield* makeSpec(sys, [rootfs.upper, ...rootfs.lower], {
      image: image.config.config,
      args,
      ...(args.length > 0 ? { entrypoint: [] } : {}),
      env: g.all('env'),
      ...(g.value('cwd') === undefined ? {} : { cwd: g.value('cwd') as string }),
      ...(g.value('user') === undefined ? {} : { user: g.value('user') as string }),
      ...(g.value('hostname') === undefined ? {} : { hostname: g.value('hostname') as string }),
      tty: g.has('tty'),
      readonly: g.has('read-only'),
      privileged: g.has('privileged'),
      capAdd: g.all('cap-add'),
      capDrop: g.all('cap-drop'),
      mounts: [
        ...g.all('mount').map(parseMount),
        // On the host's network the host's names hold as well.
        ...(g.has('net-host') ? [bind('/etc/hosts'), bind('/etc/resolv.conf')] : []),
      ],
      namespaces,
      cgroup: g.value('cgroup') ?? `/${c.client.ns}/${id}`,
      resources: resources(g),
      seccomp: g.has('seccomp'),
      noNewPrivileges: !g.has('allow-new-privs'),
    })
  } catch (e) {
    if (!(e instanceof ApiError)) throw e
    yield* c.client.try('snapshots.Remove', { key })
    throw new ToolError(e.message)
  }
  const labels = Object.fromEntries(g.all('label').map((l) => [l.split('=')[0], l.split('=').slice(1).join('=')]))
  yield* c.client.call('containers.Create', {
    id,
    image: ref,
    runtime,
    snapshotter: 'overlayfs',
    snapshotKey: id,
    labels: {
      ...image.config.config.Labels,
      'io.containerd.image.config.stop-signal': image.config.config.StopSignal ?? 'SIGTERM',
      ...labels,
    },
    spec,
  } satisfies Omit<ContainerRecord, 'created'>)
  return { rootfs, spec }
}
interface Made {
  readonly rootfs: { readonly upper: string; readonly work: string; readonly lower: readonly string[] }
  readonly spec: Spec
}
function operands(g: Given): readonly [ref: string, id: string, ...args: string[]] {
  const [ref, id, ...args] = g.args
  if (ref === undefined) throw new ToolError('image ref must be provided')
  if (id === undefined) throw new ToolError('container id must be provided')
  return [ref, id, ...args]
}

export const run: Leaf<Context> = {
  names: ['run'],
  usage: 'Run a container',
  args: '[flags] Image|RootFS ID [COMMAND] [ARG...]',
  flags: `rm null-io log-uri:string d,detach fifo-dir:string platform:string cni ${containerFlags}`,
  texts: [
    'Remove the container after running, cannot be used with --detach',
    'Send all IO to /dev/null',
    'Log uri',
    'Detach from the task after it has started execution, cannot be used with --rm',
    'Directory used for storing IO FIFOs',
    'Run image for specific platform',
    'Enable cni networking for the container',
    ...containerTexts,
  ],
  *run(sys, g, c) {
    const [ref, id, ...args] = operands(g)
    const detached = g.has('detach')
    if (detached && g.has('rm')) throw new ToolError('flags --detach and --rm cannot be specified together')
    const { rootfs, spec } = yield* newContainer(sys, g, c, ref, id, args)
    const clean = function* (): Run<void> {
      if (g.has('rm')) yield* c.client.try('containers.Delete', { id, snapshot: true })
    }
    const streams = new Streams(sys, '/run/containerd/fifo', id, { tty: g.has('tty'), input: true })
    const none = { stdin: '', stdout: '', stderr: '', terminal: false }
    if (!detached) yield* streams.open()
    const created = yield* c.client.try('tasks.Create', {
      id,
      spec,
      rootfs,
      stdio: detached ? none : streams.stdio,
    })
    const started = created.ok ? yield* c.client.try('tasks.Start', { id }) : created
    if (!started.ok) {
      if (created.ok) yield* c.client.try('tasks.Delete', { id })
      if (!detached) yield* streams.close()
      yield* clean()
      throw new ToolError(started.error)
    }
    if (detached) return 0
    return yield* follow(sys, c, streams, id, undefined, function* () {
      yield* c.client.call('tasks.Delete', { id })
      yield* clean()
    })
  },
}
/** Waits for a process of a task with its streams here; signals go to it. Answers its exit code. */
export function* follow(
  sys: Sys,
  c: Context,
  streams: Streams,
  id: string,
  execId: string | undefined,
  after: () => Run<void>,
): Run<number> {
  const target = { id, ...(execId === undefined ? {} : { execId }) }
  streams.feed()
  if (streams.stdio.terminal)
    yield* streams.raw(function* (height, width) {
      yield* c.client.try('tasks.ResizePty', { ...target, height, width })
    })
  else
    for (const signal of [SIGINT, SIGTERM])
      yield* sys.sigaction(signal, function* () {
        yield* c.client.try('tasks.Kill', { ...target, signal })
      })
  const ended = yield* c.client.call<{ status: number }>('tasks.Wait', target)
  yield* streams.close()
  yield* after()
  if (ended.status !== 0) throw new ToolError('', ended.status)
  return 0
}

export const create: Leaf<Context> = {
  names: ['create'],
  usage: 'Create container',
  args: '[flags] Image|RootFS CONTAINER [COMMAND] [ARG...]',
  flags: containerFlags,
  texts: containerTexts,
  *run(sys, g, c) {
    const [ref, id, ...args] = operands(g)
    yield* newContainer(sys, g, c, ref, id, args)
    return 0
  },
}
