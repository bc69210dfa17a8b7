/** youki: the runtime in Rust. The same system calls again, in the words of its crates libcontainer and liboci-cli. */
import { isErr } from '../base/errno.ts'
import type { ExitCode, Program, Run } from '../kernel/linux/abi.ts'
import { signalNumber } from '../kernel/linux/signals.ts'
import { print, readText, warn } from '../userland/lib/io.ts'
import { meminfo } from '../userland/lib/proc.ts'
import { strftime } from '../userland/lib/time.ts'
import { type Command, carryOut, creating, creatingSwitches, end, Failure, need, openGate, remove } from './command.ts'
import { create } from './create.ts'
import { exampleSpec, rootlessSpec } from './example.ts'
import { features } from './features.ts'
import { writeFile } from './files.ts'
import { type Flavour, paceOf } from './flavour.ts'
import { runContainer, wantsTerminal } from './foreground.ts'
import { eventLine, pidsOf, psTable, statsOf } from './inside.ts'
import { execAndWait, execOptions, execProcess, freeze } from './more.ts'
import { parseOptions } from './runc.ts'
import { load, type State, statusOf } from './state.ts'
import { columns, listStates, type Row, rowOf } from './states.ts'
import { updateLimits, updateOptions } from './update.ts'

const VERSION = '0.7.0'
const SPEC = '1.3.0'

const flavour: Flavour = {
  name: 'youki',
  waiting: { title: 'youki:[2:INIT]', comm: 'youki:[2:INIT]' },
  threads: 0,
  root: '/run/youki',
  stateFile: 'state.json',
  parse(id, text) {
    const s = JSON.parse(text) as { pid: number; created: string; bundle: string; cgroupPath: string }
    return { id, init_process_pid: s.pid, created: s.created, bundle: s.bundle, cgroup: s.cgroupPath }
  },
  render: (s: State) =>
    JSON.stringify({
      ociVersion: `v${SPEC}`,
      id: s.id,
      status: 'created',
      pid: s.init_process_pid,
      bundle: s.bundle,
      annotations: {},
      created: s.created,
      creator: 0,
      useSystemd: false,
      cgroupPath: s.cgroup,
      cleanUpIntelRdtSubdirectory: false,
    }),
  pace: paceOf(111.5),
  words: {
    noProgram: (name) => `executable '${name}' not found in $PATH`,
    badProgram: (name, why) =>
      why.name === 'EACCES'
        ? `executable '${name}' at path '"${name}"' does not have correct permissions`
        : `executable '${name}' not found in $PATH`,
    noSource: () => 'failed to prepare rootfs',
    mount: () => 'failed to prepare rootfs',
    namespace: () => 'failed to apply namespaces',
    sysctl: () => 'failed to sysctl',
    noBundle: () => 'failed to load config.json',
    noConfig: 'failed to load config.json',
    badConfig: () => 'failed to load config.json',
    rootfs: (path) => `rootfs ${JSON.stringify(path)} does not exist`,
    exists: () => 'container already exists',
    badId: (id) =>
      id === ''
        ? "container id can't be empty"
        : id === '.' || id === '..'
          ? "container id can't be used to represent a file name (such as . or ..)"
          : `container id contains invalid characters: ${/[^\w+.-]/.exec(id)?.[0] ?? ''}`,
    unknown: (id) => `container ${id} does not exist.`,
    init: (message) => `failed to create container: ${message}`,
    hook: (_point, _index, path, why) => `hook ${path} failed: ${why.split(',')[0]}`,
    invalid(fault, detail) {
      switch (fault) {
        case 'root':
          return 'missing root in the spec'
        case 'process':
          return 'missing process in spec'
        case 'args':
          return 'missing args in the process spec'
        case 'sysctl':
          return `sysctl ${detail} is not in a separate kernel namespace`
        default:
          return undefined
      }
    },
  },
}
const title = (status: string): string => status.charAt(0).toUpperCase() + status.slice(1)
/** The error of a command that the container's state doesn't allow. */
const incompatible = (status: string): Failure =>
  new Failure(`failed operation due to incompatible container status: \`${title(status)}\``)
const stateOf = (r: Row): object => ({
  ociVersion: `v${SPEC}`,
  id: r.id,
  status: r.status,
  ...(r.pid ? { pid: r.pid } : {}),
  bundle: r.bundle,
  annotations: {},
})

const commands: Readonly<Record<string, Command>> = {
  create: {
    takes: creating,
    switches: creatingSwitches,
    least: 1,
    *run({ sys, o, args }) {
      const failed = yield* create(sys, args[0] as string, o)
      if (failed !== undefined) throw new Failure(failed)
      return 0
    },
  },
  run: {
    takes: creating,
    switches: [...creatingSwitches, 'detach,d', 'keep', 'no-subreaper'],
    least: 1,
    *run({ sys, o, args, flags }) {
      const result = yield* runContainer(sys, o, args[0] as string, {
        terminal: yield* wantsTerminal(sys, o),
        detached: flags.has('detach'),
        keep: flags.has('keep'),
      })
      if (typeof result === 'string') {
        yield* warn(sys, `run failed : ${result}\n`)
        throw new Failure(result, 255)
      }
      return result
    },
  },
  start: {
    least: 1,
    *run(c) {
      const s = yield* need(c)
      const status = yield* statusOf(c.sys, c.o, s)
      if (status !== 'created') throw incompatible(status)
      const failed = yield* openGate(c.sys, c.o, s)
      if (failed !== undefined) throw new Failure(failed)
      return 0
    },
  },
  delete: {
    switches: ['force,f'],
    least: 1,
    *run(c) {
      const s = yield* load(c.sys, c.o, c.args[0] as string)
      if (!s) {
        if (c.flags.has('force')) return 0
        throw new Failure(`container ${c.args[0]} does not exist.`)
      }
      const status = yield* statusOf(c.sys, c.o, s)
      if (status !== 'stopped') {
        if (status !== 'created' && !c.flags.has('force')) throw incompatible(status)
        yield* end(c.sys, c.o, s)
      }
      yield* remove(c.sys, c.o, s)
      return 0
    },
  },
  exec: {
    ...execOptions,
    least: 1,
    *run(c) {
      const s = yield* need(c)
      const fail = function* (message: string): Run<never> {
        yield* warn(c.sys, `exec failed : ${message}\n`)
        throw new Failure(message, 255)
      }
      const status = yield* statusOf(c.sys, c.o, s)
      if (status !== 'running' && status !== 'created') return yield* fail(incompatible(status).message)
      const p = yield* execProcess(c, (message) => new Failure(message, 255))
      const result = yield* execAndWait(c, p)
      return typeof result === 'string' ? yield* fail(result) : result
    },
  },
  kill: {
    switches: ['all,a'],
    least: 1,
    *run(c) {
      const s = yield* need(c)
      const signal = signalNumber(c.args[1] ?? 'TERM')
      if (signal === undefined) throw new Failure(`invalid signal: ${c.args[1]}`)
      const status = yield* statusOf(c.sys, c.o, s)
      if (status === 'stopped') throw incompatible(status)
      yield* c.sys.kill(s.init_process_pid, signal)
      return 0
    },
  },
  pause: {
    least: 1,
    *run(c) {
      const status = yield* statusOf(c.sys, c.o, yield* need(c))
      if (status !== 'running') throw incompatible(status)
      yield* freeze(c, true)
      return 0
    },
  },
  resume: {
    least: 1,
    *run(c) {
      const status = yield* statusOf(c.sys, c.o, yield* need(c))
      if (status !== 'paused') throw incompatible(status)
      yield* freeze(c, false)
      return 0
    },
  },
  state: {
    least: 1,
    *run(c) {
      yield* print(c.sys, `${JSON.stringify(stateOf(yield* rowOf(c.sys, c.o, yield* need(c))), null, 2)}\n`)
      return 0
    },
  },
  list: {
    takes: ['format,f'],
    switches: ['quiet,q'],
    least: 0,
    *run({ sys, o }) {
      const rows = yield* listStates(sys, o)
      const cells = rows.map((r) => [
        r.id,
        r.pid ? String(r.pid) : '',
        title(r.status),
        r.bundle,
        r.created.replace(/\.\d+Z$/, '+00:00'),
        'root',
      ])
      yield* print(sys, columns([['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'CREATOR'], ...cells], 0, 2))
      return 0
    },
  },
  ps: {
    takes: ['format,f'],
    least: 1,
    *run(c) {
      const s = yield* need(c)
      if (c.values.get('format') === 'json') yield* print(c.sys, `${JSON.stringify(yield* pidsOf(c.sys, s))}\n`)
      else yield* print(c.sys, yield* psTable(c.sys, s, c.args.slice(1)))
      return 0
    },
  },
  events: {
    takes: ['interval'],
    switches: ['stats'],
    least: 1,
    *run(c) {
      const s = yield* need(c)
      const once = c.flags.has('stats')
      const interval = Number(c.values.get('interval') ?? 5) * 1e9
      if (!(interval > 0)) throw new Failure('invalid interval')
      do {
        const status = yield* statusOf(c.sys, c.o, s)
        if (status === 'stopped') throw incompatible(status)
        yield* print(c.sys, eventLine(s.id, yield* statsOf(c.sys, s)))
        if (!once) yield* c.sys.nanosleep(interval)
      } while (!once)
      return 0
    },
  },
  update: {
    takes: updateOptions,
    least: 1,
    *run(c) {
      yield* updateLimits(c)
      return 0
    },
  },
  spec: {
    takes: ['bundle,b'],
    switches: ['rootless'],
    least: 0,
    *run({ sys, o, flags }) {
      const example = exampleSpec('youki')
      const cred = yield* sys.getcred()
      const spec = flags.has('rootless') ? rootlessSpec(example, cred.euid, cred.egid) : example
      yield* writeFile(sys, `${o.bundle}/config.json`, JSON.stringify(spec, null, 2))
      return 0
    },
  },
  features: {
    least: 0,
    *run({ sys }) {
      const { annotations: _, ...rest } = features
      yield* print(sys, `${JSON.stringify(rest, null, 2)}\n`)
      return 0
    },
  },
  info: {
    least: 0,
    *run({ sys }) {
      const u = yield* sys.uname()
      const release = yield* readText(sys, '/etc/os-release')
      const system = isErr(release) ? 'UNKNOWN' : (/^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? 'UNKNOWN')
      const controllers = yield* readText(sys, '/sys/fs/cgroup/cgroup.controllers')
      const rows: readonly (readonly [string, string])[] = [
        ['Kernel-Release', u.release],
        ['Kernel-Version', u.version],
        ['Architecture', u.machine],
        ['Operating System', system],
        ['Cores', String(yield* sys.schedGetaffinity())],
        ['Total Memory', String(Math.floor(((yield* meminfo(sys)).MemTotal ?? 0) / 2 ** 20))],
        ['Cgroup setup', 'unified'],
      ]
      const has = isErr(controllers) ? [] : controllers.trim().split(' ')
      const listed = ['cpu', 'cpuset', 'hugetlb', 'io', 'memory', 'pids']
        .map((n) => `  ${n.padEnd(16)}${has.includes(n) ? 'attached' : 'detached'}\n`)
        .join('')
      yield* print(
        sys,
        `${version}${rows.map(([k, v]) => `${k.padEnd(18)}${v}\n`).join('')}Cgroup mounts\n  ${'unified'.padEnd(16)}/sys/fs/cgroup\nCGroup v2 controllers\n${listed}`,
      )
      return 0
    },
  },
}
const version = `youki version: ${VERSION}
commit: ${VERSION}-unknown
spec: ${SPEC}
rustc: unknown
libseccomp: unknown
`
const summaries: readonly (readonly [string, string])[] = [
  ['create', 'Create a container'],
  ['start', 'Start a previously created container'],
  ['kill', 'Send the specified signal to the container'],
  ['delete', 'Release any resources held by the container'],
  ['state', 'Show the container state'],
  ['checkpoint', 'Checkpoint a running container'],
  ['events', 'Show resource statistics for the container'],
  ['exec', 'Execute a process within an existing container'],
  ['features', 'Return the features list for a container'],
  ['list', 'List created containers'],
  ['pause', 'Suspend the processes within the container'],
  ['ps', 'Display the processes inside the container'],
  ['resume', 'Resume the processes within the container'],
  ['run', 'Create a container and immediately start it'],
  ['spec', 'Command generates a config.json'],
  ['update', 'Update running container resource constraints'],
  ['info', 'Show information about the system'],
  ['completion', 'Generate scripts for shell completion'],
  ['help', 'Print this message or the help of the given subcommand(s)'],
]
const help = `Usage: youki [OPTIONS] [COMMAND]

Commands:
${summaries.map(([name, text]) => `  ${name.padEnd(10)}  ${text}\n`).join('')}
Options:
  -l, --log <LOG>                set the log file to write youki logs to (default is '/dev/stderr')
      --debug                    change log level to debug, but the \`log-level\` flag takes precedence
      --log-format <LOG_FORMAT>  set the log format ('text' (default), or 'json') (default: "text")
  -r, --root <ROOT>              root directory to store container state
  -s, --systemd-cgroup           Enable systemd cgroup manager, rather then use the cgroupfs directly
      --systemd-log              Enable logging to systemd-journald
      --log-level <LOG_LEVEL>    set the log level (default is 'error')
  -v, --version                  Display youki version and commit hash
  -h, --help                     Print help
`
const globals = {
  takes: ['log,l', 'log-format', 'root,r', 'log-level'],
  switches: ['debug', 'systemd-cgroup,s', 'systemd-log', 'version,v', 'help,h'],
}

export const youki: Program = function* (sys, argv) {
  const args = argv.slice(1)
  const general = parseOptions(args, globals)
  const log = general.values.get('log')
  const fail = function* (message: string, code: ExitCode = 1): Run<ExitCode> {
    const now = strftime('%FT%T.%N', yield* sys.clock('realtime')).replace(/(\.\d{6})\d*$/, '$1Z')
    const said = `error in executing command: ${message}`
    const line =
      general.values.get('log-format') === 'json'
        ? // A shim reads `msg`, which other runtimes write.
          `${JSON.stringify({ timestamp: now, level: 'ERROR', message: said, target: 'youki', msg: message })}\n`
        : `ERROR youki: ${said}\n`
    if (message.startsWith('zukan:')) yield* warn(sys, `${message}\n`)
    else if (log !== undefined) yield* writeFile(sys, log, line)
    else yield* warn(sys, line)
    return code
  }
  /** clap's complaint about the command line. */
  const misuse = function* (text: string, usage: string): Run<ExitCode> {
    yield* warn(sys, `error: ${text}\n\nUsage: ${usage}\n\nFor more information, try '--help'.\n`)
    return 2
  }
  const unexpected = (why: string): string => {
    const name = why.replace(/^.*: -/, '')
    return `unexpected argument '${name.length > 1 ? '--' : '-'}${name}' found`
  }
  if (general.unknown) return yield* misuse(unexpected(general.unknown), 'youki [OPTIONS] [COMMAND]')
  if (general.flags.has('version')) {
    yield* print(sys, version)
    return 0
  }
  const name = args.shift()
  if (name === undefined || name === 'help' || general.flags.has('help')) {
    yield* print(sys, help)
    return 0
  }
  if (name === 'checkpoint' || name === 'completion' || name === 'restore')
    return yield* fail(`zukan: not emulated: youki ${name}`)
  if (!Object.hasOwn(commands, name))
    return yield* misuse(`unrecognized subcommand '${name}'`, 'youki [OPTIONS] [COMMAND]')
  const command = commands[name] as Command
  const given = parseOptions(args, command)
  const usage = `youki ${name} [OPTIONS]${command.least > 0 ? ' <CONTAINER_ID>' : ''}`
  if (given.unknown) return yield* misuse(unexpected(given.unknown), usage)
  if (args.length < command.least)
    return yield* misuse('the following required arguments were not provided:\n  <CONTAINER_ID>', usage)
  return yield* carryOut(
    sys,
    command,
    { ...given, args },
    flavour,
    general.values.get('root') ?? flavour.root,
    general.flags.has('systemd-cgroup'),
    fail,
  )
}
