/** nerdctl: docker's command line for containerd, without a daemon of its own; nerdctl docs/command-reference.md. */
import { Containerd, ContainerdError } from '../../engine/containerd/client.ts'
import { CONTAINERD_VERSION, REVISION } from '../../engine/containerd/version.ts'
import { CONTAINERD_SOCKET } from '../../engine/containerd.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { signalNumber } from '../../kernel/linux/signals.ts'
import { print, warn } from '../../userland/lib/io.ts'
import { flagsOf, Given, parseFlags } from '../flags.ts'
import { log } from '../logrus.ts'
import { ToolError, tabs } from '../urfave.ts'
import { images, inspect, logs, networks, ps, rmi, tag } from './list.ts'
import { logging } from './logging.ts'
import { cp, port, top, wait } from './process.ts'
import { attached, clear, createOnly, detached, exec, pull, remove, run } from './run.ts'
import { find, type Item, label } from './store.ts'
import { createVolume, inspectVolumes, listVolumes, pruneVolumes, removeVolumes } from './volumes.ts'

const VERSION = '2.3.4'
/** As runc --version tells it. */
const RUNC = ['1.4.3', 'v1.4.3-0-g1e5d8a6']
interface Command {
  readonly names: readonly string[]
  readonly usage: string
  /** Operands, as its usage line has them. */
  readonly args: string
  readonly flags?: string
  readonly least?: number
  readonly most?: number
  /** What follows the first operand belongs to it. */
  readonly operandsFirst?: boolean
  /** Undefined where it is known, but not emulated. */
  readonly run?: (sys: Sys, g: Given, c: Containerd) => Run<number>
}
const each = (
  names: string,
  usage: string,
  flags: string,
  one: (sys: Sys, g: Given, c: Containerd, i: Item) => Run<void>,
): Command => ({
  names: names.split(' '),
  usage,
  args: 'CONTAINER [CONTAINER, ...]',
  flags,
  least: 1,
  *run(sys, g, c) {
    const failed: (ToolError | ContainerdError)[] = []
    for (const ref of g.args) {
      try {
        yield* one(sys, g, c, yield* find(c, ref))
        if (!g.has('attach')) yield* print(sys, `${ref}\n`)
      } catch (e) {
        if (!(e instanceof ToolError || e instanceof ContainerdError)) throw e
        failed.push(e)
      }
    }
    const [first, second] = failed
    if (first && second) throw new ToolError(`${failed.length} errors:\n${failed.map((e) => e.message).join('\n')}`)
    if (first) throw first
    return 0
  },
})
const running = (i: Item): boolean => i.task?.status === 'RUNNING' || i.task?.status === 'PAUSED'
/** Waits up to some seconds for a container to end. */
function* ended(sys: Sys, c: Containerd, id: string, seconds: number): Run<boolean> {
  for (let passed = 0; passed <= seconds * 10; passed++) {
    if (!running(yield* find(c, id))) return true
    yield* sys.nanosleep(100_000_000)
  }
  return false
}
function* stop(sys: Sys, g: Given, c: Containerd, i: Item): Run<void> {
  if (running(i)) {
    const { id, labels } = i.record
    yield* c.call('tasks.Kill', { id, signal: signalNumber(labels[label.stop] ?? 'SIGTERM') })
    if (!(yield* ended(sys, c, id, Number(g.value('time') ?? 10)))) {
      yield* c.call('tasks.Kill', { id, signal: 9 })
      yield* ended(sys, c, id, 10)
    }
  }
  yield* clear(sys, c, { ...i, task: undefined })
}
const startFlags =
  'add-host:list cap-add:list cap-drop:list cpus:float d,detach dns:list entrypoint:string e,env:list env-file:list h,hostname:string i,interactive l,label:list m,memory:bytes name:string net:string network:string pids-limit:int platform:string privileged p,publish:list pull:string q,quiet read-only restart:string rm runtime:string security-opt:list stop-signal:string tmpfs:list t,tty u,user:string v,volume:list w,workdir:string'
/** Flags of run that are read, but not done. */
const ignored = ['add-host', 'dns', 'platform', 'restart', 'runtime', 'security-opt']
const starting = (
  what: (sys: Sys, c: Containerd, g: Given) => Run<number>,
  name: string,
): NonNullable<Command['run']> =>
  function* (sys, g, c) {
    for (const flag of ignored)
      if (g.value(flag) !== undefined && !(flag === 'restart' && g.value(flag) === 'no'))
        throw new ToolError(`zukan: not emulated: nerdctl ${name} --${flag}`)
    return yield* what(sys, c, g)
  }
const not = (names: string, usage: string): Command => ({ names: names.split(' '), usage, args: '' })

const psCommand: Command = {
  names: ['ps', 'list', 'ls'],
  usage: 'List containers',
  args: '',
  flags: 'a,all f,filter:list format:string n,last:int l,latest no-trunc q,quiet s,size',
  most: 0,
  run: ps,
}
const imagesCommand: Command = {
  names: ['images', 'ls', 'list'],
  usage: 'List images',
  args: '[REPOSITORY[:TAG]]',
  flags: 'a,all digests f,filter:list format:string names no-trunc q,quiet',
  most: 1,
  run: images,
}
const commands: readonly Command[] = [
  {
    names: ['run'],
    usage:
      'Run a command in a new container. Optionally specify "ipfs://" or "ipns://" scheme to pull image from IPFS.',
    args: 'IMAGE [COMMAND] [ARG...]',
    flags: startFlags,
    least: 1,
    operandsFirst: true,
    run: starting(run, 'run'),
  },
  {
    names: ['create'],
    usage: 'Create a new container. Optionally specify "ipfs://" or "ipns://" scheme to pull image from IPFS.',
    args: 'IMAGE [COMMAND] [ARG...]',
    flags: startFlags,
    least: 1,
    operandsFirst: true,
    run: starting(createOnly, 'create'),
  },
  {
    names: ['exec'],
    usage: 'Run a command in a running container',
    args: 'CONTAINER COMMAND [ARG...]',
    flags: 'd,detach e,env:list env-file:list i,interactive privileged t,tty u,user:string w,workdir:string',
    least: 2,
    operandsFirst: true,
    run: (sys, g, c) => exec(sys, c, g),
  },
  psCommand,
  {
    names: ['logs'],
    usage: "Fetch the logs of a container. Expected to be used with 'nerdctl run -d'.",
    args: 'CONTAINER',
    flags: 'details f,follow since:string n,tail:string t,timestamps until:string',
    least: 1,
    most: 1,
    run: logs,
  },
  {
    ...each('start', 'Start one or more running containers', 'a,attach', function* (sys, g, c, i) {
      if (running(i)) return
      yield* clear(sys, c, i)
      if (g.has('attach')) {
        const code = yield* attached(sys, c, { ...i, task: undefined }, false)
        if (code !== 0) throw new ToolError('', code)
        return
      }
      yield* detached(sys, c, { ...i, task: undefined })
    }),
  },
  each('stop', 'Stop one or more running containers', 's,signal:string t,time:int', stop),
  each('restart', 'Restart one or more running containers', 't,time:int', function* (sys, g, c, i) {
    yield* stop(sys, g, c, i)
    const now = yield* find(c, i.record.id)
    yield* clear(sys, c, now)
    yield* detached(sys, c, { ...now, task: undefined })
  }),
  each('kill', 'Kill one or more running containers', 's,signal:string', function* (sys, g, c, i) {
    const name = g.value('signal') ?? 'KILL'
    const signal = signalNumber(name)
    if (signal === undefined) throw new ToolError(`unknown signal ${JSON.stringify(name)}`)
    if (!running(i)) throw new ToolError(`cannot kill container ${i.record.id}: container is not running`)
    yield* c.call('tasks.Kill', { id: i.record.id, signal })
    if (signal === 9) yield* ended(sys, c, i.record.id, 10)
  }),
  each('pause', 'Pause all processes within one or more containers', '', function* (_sys, _g, c, i) {
    yield* c.call('tasks.Pause', { id: i.record.id })
  }),
  each('unpause', 'Unpause all processes within one or more containers', '', function* (_sys, _g, c, i) {
    yield* c.call('tasks.Resume', { id: i.record.id })
  }),
  each('rm', 'Remove one or more containers', 'f,force v,volumes', function* (sys, g, c, i) {
    if (running(i)) {
      if (!g.has('force'))
        throw new ToolError(
          `container ${i.record.id} is in ${i.task?.status.toLowerCase()} status: unpause/stop container first or force removal`,
        )
      yield* c.call('tasks.Kill', { id: i.record.id, signal: 9 })
      yield* ended(sys, c, i.record.id, 10)
    }
    yield* remove(sys, c, yield* find(c, i.record.id))
  }),
  imagesCommand,
  {
    names: ['pull'],
    usage: 'Pull an image from a registry. Optionally specify "ipfs://" or "ipns://" scheme to pull image from IPFS.',
    args: 'NAME[:TAG]',
    flags: 'all-platforms platform:list q,quiet unpack:string verify:string',
    least: 1,
    most: 1,
    *run(sys, g, c) {
      for (const flag of ['all-platforms', 'platform', 'unpack', 'verify'])
        if (g.value(flag) !== undefined) throw new ToolError(`zukan: not emulated: nerdctl pull --${flag}`)
      yield* pull(sys, c, g.args[0] as string, 1, g.has('quiet'))
      if (g.has('quiet')) yield* print(sys, `${(yield* imageNamed(c, g.args[0] as string)).name}\n`)
      return 0
    },
  },
  {
    names: ['rmi'],
    usage: 'Remove one or more images',
    args: 'IMAGE [IMAGE, ...]',
    flags: 'async f,force',
    least: 1,
    run: rmi,
  },
  {
    names: ['tag'],
    usage: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
    args: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
    least: 2,
    most: 2,
    run: tag,
  },
  {
    names: ['inspect'],
    usage: 'Return low-level information on objects.',
    args: 'OBJECT [OBJECT, ...]',
    flags: 'f,format:string mode:string s,size type:string',
    least: 1,
    run: inspect,
  },
  {
    names: ['version'],
    usage: 'Show the nerdctl version information',
    args: '',
    flags: 'f,format:string',
    most: 0,
    *run(sys, g, c) {
      if (g.value('format') !== undefined) throw new ToolError('zukan: not emulated: nerdctl version --format')
      yield* print(
        sys,
        `Client:\n Version:\tv${VERSION}\n OS/Arch:\tlinux/amd64\n Git commit:\t\n buildctl:\n  Version:\t\n\n`,
      )
      yield* c.ping()
      yield* print(
        sys,
        `Server:\n containerd:\n  Version:\t${CONTAINERD_VERSION}\n  GitCommit:\t${REVISION}\n runc:\n  Version:\t${RUNC[0]}\n  GitCommit:\t${RUNC[1]}\n`,
      )
      return 0
    },
  },
  {
    names: ['cp'],
    usage: 'Copy files/folders between a running container and the local filesystem.',
    args: 'CONTAINER:SRC_PATH DEST_PATH|-',
    flags: 'L,follow-link',
    least: 2,
    most: 2,
    run: cp,
  },
  {
    names: ['port'],
    usage: 'List port mappings or a specific mapping for the container',
    args: 'CONTAINER [PRIVATE_PORT[/PROTO]]',
    least: 1,
    most: 2,
    run: port,
  },
  {
    names: ['top'],
    usage: 'Display the running processes of a container',
    args: 'CONTAINER [ps OPTIONS]',
    least: 1,
    operandsFirst: true,
    run: top,
  },
  {
    names: ['wait'],
    usage: 'Block until one or more containers stop, then print their exit codes.',
    args: 'CONTAINER [CONTAINER, ...]',
    least: 1,
    run: wait,
  },
  not('attach', 'Attach stdin, stdout, and stderr to a running container.'),
  not('build', 'Build an image from a Dockerfile. Needs buildkitd to be running.'),
  not('commit', "Create a new image from a container's changes"),
  not('compose', 'Compose'),
  not('diff', "Inspect changes to files or directories on a container's filesystem"),
  not('events', 'Get real time events from the server'),
  not('export', 'Export a containers filesystem as a tar archive'),
  not('healthcheck', 'Execute the health check command in a container'),
  not('history', 'Show the history of an image'),
  not('info', 'Display system-wide information'),
  not('load', 'Load an image from a tar archive or STDIN'),
  not('login', 'Log in to a container registry'),
  not('logout', 'Log out from a container registry'),
  not('push', 'Push an image or a repository to a registry.'),
  not('rename', 'rename a container'),
  not('save', 'Save one or more images to a tar archive (streamed to STDOUT by default)'),
  not('search', 'Search registry for images'),
  not('stats', 'Display a live stream of container(s) resource usage statistics.'),
  not('update', 'Update one or more running containers'),
]
const named = (name: string): Command => commands.find((c) => c.names[0] === name) as Command
const groups: Readonly<Record<string, { readonly usage: string; readonly below: readonly Command[] }>> = {
  builder: {
    usage: 'Manage builds',
    below: [not('build', 'Build an image from a Dockerfile.'), not('prune', 'Clean up')],
  },
  checkpoint: { usage: 'Manage checkpoints.', below: [not('create', 'Create a checkpoint')] },
  container: {
    usage: 'Manage containers',
    below: [
      ...[
        'create',
        'exec',
        'inspect',
        'kill',
        'logs',
        'pause',
        'port',
        'restart',
        'rm',
        'run',
        'start',
        'stop',
        'top',
        'unpause',
        'wait',
        'cp',
      ].map(named),
      { ...psCommand, names: ['ls', 'ps', 'list'] },
    ],
  },
  image: {
    usage: 'Manage images',
    below: [
      named('pull'),
      { ...named('rmi'), names: ['rm', 'remove', 'rmi'] },
      named('tag'),
      { ...imagesCommand, names: ['ls', 'list'] },
    ],
  },
  namespace: {
    usage: 'Manage containerd namespaces',
    below: [
      {
        names: ['ls', 'list'],
        usage: 'List containerd namespaces',
        args: '',
        flags: 'format:string q,quiet',
        most: 0,
        *run(sys, g, c) {
          const all = yield* c.call<{ name: string; labels: Record<string, string> }[]>('namespaces.List')
          const rows: string[][] = []
          for (const { name, labels } of all) {
            const inside = new Containerd(sys, name)
            const count = (r: readonly unknown[]): string => String(r.length)
            const text = Object.entries(labels).map(([k, v]) => `${k}=${v}`)
            rows.push([
              name,
              count(yield* inside.call<unknown[]>('containers.List')),
              count(yield* inside.call<unknown[]>('images.List')),
              '0',
              text.join(','),
            ])
          }
          const table = [['NAME', 'CONTAINERS', 'IMAGES', 'VOLUMES', 'LABELS'], ...rows]
          yield* print(sys, g.has('quiet') ? all.map((n) => `${n.name}\n`).join('') : tabs(table, 4, 4, true))
          return 0
        },
      },
      not('create', 'Create a new namespace'),
      not('inspect', 'Display detailed information on one or more namespaces.'),
      not('remove rm', 'Remove one or more namespaces'),
    ],
  },
  network: {
    usage: 'Manage networks',
    below: [
      {
        names: ['ls', 'list'],
        usage: 'List networks',
        args: '',
        flags: 'f,filter:list format:string q,quiet',
        most: 0,
        run: networks,
      },
      not('create', 'Create a network'),
      not('inspect', 'Display detailed information on one or more networks'),
      not('prune', 'Remove all unused networks'),
      not('rm remove', 'Remove one or more networks'),
    ],
  },
  system: {
    usage: 'Manage containerd',
    below: [not('info', 'Display system-wide information'), not('prune', 'Remove unused data')],
  },
  volume: {
    usage: 'Manage volumes',
    below: [
      {
        names: ['create'],
        usage: 'Create a volume',
        args: '[VOLUME]',
        flags: 'label:list',
        least: 1,
        most: 1,
        run: createVolume,
      },
      {
        names: ['inspect'],
        usage: 'Display detailed information on one or more volumes',
        args: 'VOLUME [VOLUME...]',
        least: 1,
        run: inspectVolumes,
      },
      { names: ['ls', 'list'], usage: 'List volumes', args: '', flags: 'q,quiet', most: 0, run: listVolumes },
      {
        names: ['prune'],
        usage: 'Remove all unused local volumes',
        args: '',
        flags: 'a,all f,force',
        most: 0,
        run: pruneVolumes,
      },
      {
        names: ['rm', 'remove'],
        usage: 'Remove one or more volumes',
        args: 'VOLUME [VOLUME...]',
        flags: 'f,force',
        least: 1,
        run: removeVolumes,
      },
    ],
  },
}
const globals =
  'debug debug-full a,address:string H,host:string n,namespace:string snapshotter:string storage-driver:string cni-path:string cni-netconfpath:string data-root:string cgroup-manager:string insecure-registry hosts-dir:list v,version'
const notGlobals = [
  'snapshotter',
  'storage-driver',
  'cni-path',
  'cni-netconfpath',
  'data-root',
  'cgroup-manager',
  'insecure-registry',
  'hosts-dir',
]

function* imageNamed(c: Containerd, name: string): Run<{ readonly name: string }> {
  const all = yield* c.call<{ name: string }[]>('images.List')
  return all.find((i) => i.name.endsWith(name) || i.name.endsWith(`${name}:latest`)) ?? { name }
}
const listed = (rows: readonly (readonly [string, string])[]): string => {
  const wide = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, usage]) => `  ${name.padEnd(wide)}  ${usage}\n`).join('')
}
function rootHelp(): string {
  const shown = [...commands].sort((a, b) => ((a.names[0] as string) < (b.names[0] as string) ? -1 : 1))
  return `nerdctl is a command line interface for containerd\n\nConfig file ($NERDCTL_TOML): /etc/nerdctl/nerdctl.toml\n\nUsage: nerdctl [flags]\n\nManagement commands:\n${listed(Object.entries(groups).map(([name, g]) => [name, g.usage]))}\nCommands:\n${listed(shown.map((c) => [c.names[0] as string, c.usage]))}\nRun 'nerdctl COMMAND --help' for more information on a command.\n`
}
const flagHelp = (column: string): string =>
  listed(
    flagsOf(column).map((f) => [
      `${f.shorthand ? `-${f.shorthand}, ` : '    '}--${f.name}${f.type === '' ? '' : ` ${f.type === 'list' ? 'strings' : f.type}`}`,
      '',
    ]),
  ).replace(/ +$/gm, '')
const helpOf = (path: string, c: Command): string =>
  `${c.usage}\n\nUsage: ${path} ${c.flags ? '[flags] ' : ''}${c.args}\n${c.flags ? `\nFlags:\n${flagHelp(c.flags)}` : ''}`.replace(
    / +$/gm,
    '',
  )

function* dispatch(sys: Sys, argv: readonly string[]): Run<number> {
  const env = sys.environ()
  const variable = (name: string): string | undefined =>
    env.find((e) => e.startsWith(`${name}=`))?.slice(name.length + 1)
  const head = parseFlags(flagsOf(globals), argv, true)
  if (head === 'help') {
    yield* print(sys, rootHelp())
    return 0
  }
  if ('error' in head) throw new ToolError(head.error)
  const given = new Given(head)
  if (given.has('version')) {
    yield* print(sys, `nerdctl version ${VERSION}\n`)
    return 0
  }
  for (const flag of notGlobals)
    if (given.value(flag) !== undefined) throw new ToolError(`zukan: not emulated: nerdctl --${flag}`)
  const [word, ...rest] = given.args
  if (word === undefined || word === 'help') {
    yield* print(sys, rootHelp())
    return 0
  }
  let path = `nerdctl ${word}`
  let command = commands.find((c) => c.names[0] === word)
  const group = groups[word]
  if (group) {
    const below = rest.shift()
    if (below === undefined || below === '--help' || below === '-h') {
      yield* print(
        sys,
        `${group.usage}\n\nUsage: ${path} [flags]\n\nCommands:\n${listed(group.below.map((c) => [c.names[0] as string, c.usage]))}`,
      )
      return 0
    }
    command = group.below.find((c) => c.names.includes(below))
    if (!command) throw new ToolError(`unknown subcommand ${JSON.stringify(below)} for ${JSON.stringify(word)}`)
    path += ` ${command.names[0]}`
  }
  if (!command) throw new ToolError(`unknown subcommand ${JSON.stringify(word)} for "nerdctl"`)
  // Options of nerdctl itself may stand behind the command too.
  const parsed = command.run
    ? parseFlags(
        [...flagsOf(command.flags ?? ''), ...flagsOf('namespace:string address:string debug')],
        rest,
        command.operandsFirst ?? false,
      )
    : { values: new Map(), args: [] }
  if (parsed === 'help') {
    yield* print(sys, helpOf(path, command))
    return 0
  }
  if (!command.run) throw new ToolError(`zukan: not emulated: ${path}`)
  if ('error' in parsed) throw new ToolError(parsed.error)
  const count = parsed.args.length
  const { least = 0, most = Infinity } = command
  if (count < least || count > most)
    throw new ToolError(
      most === 0
        ? `unknown command ${JSON.stringify(parsed.args[0])} for ${JSON.stringify(path)}`
        : least === most
          ? `${JSON.stringify(path)} requires exactly ${least} argument${least === 1 ? '' : 's'}.\nSee '${path} --help'.\n\nUsage:  ${path} ${command.flags ? '[flags] ' : ''}${command.args}\n\n${command.usage}`
          : `requires at least ${least} arg(s), only received ${count}`,
    )
  const g = new Given(parsed)
  const address = (
    g.value('address') ??
    given.value('address') ??
    given.value('host') ??
    variable('CONTAINERD_ADDRESS') ??
    CONTAINERD_SOCKET
  ).replace(/^unix:\/\//, '')
  const client = new Containerd(
    sys,
    g.value('namespace') ?? given.value('namespace') ?? variable('CONTAINERD_NAMESPACE') ?? 'default',
    address,
  )
  if (command !== named('version')) yield* ping(client)
  return yield* command.run(sys, g, client)
}
/** nerdctl looks for the socket before it dials. */
function* ping(c: Containerd): Run<void> {
  try {
    yield* c.ping()
  } catch (e) {
    if (!(e instanceof ContainerdError)) throw e
    throw new ToolError(`cannot access containerd socket ${JSON.stringify(c.address)}: no such file or directory`)
  }
}

export const nerdctl: Program = function* (sys, argv) {
  if (argv[1] === '_NERDCTL_INTERNAL_LOGGING') return yield* logging(sys, argv)
  try {
    return yield* dispatch(sys, argv.slice(1))
  } catch (e) {
    if (!(e instanceof ToolError || e instanceof ContainerdError)) throw e
    if (e.message.startsWith('zukan: ')) yield* warn(sys, `${e.message}\n`)
    else if (e.message !== '') yield* log(sys, 'fatal', e.message)
    return e instanceof ToolError ? e.code : 1
  }
}
