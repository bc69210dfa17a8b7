/** crun: the runtime in C. It makes the system calls that runc makes; its commands, words and pace are its own. crun(1), libcrun. */
import { isErr } from '../base/errno.ts'
import type { ExitCode, Program, Run } from '../kernel/linux/abi.ts'
import { signalNumber } from '../kernel/linux/signals.ts'
import type { Spec } from '../oci/runtimespec.ts'
import { print, warn } from '../userland/lib/io.ts'
import { strftime } from '../userland/lib/time.ts'
import {
  type Call,
  type Command,
  carryOut,
  creating,
  creatingSwitches,
  end,
  Failure,
  need,
  openGate,
  remove,
  specOf,
} from './command.ts'
import { create } from './create.ts'
import { crunGeneralHelp, crunHelp } from './crunhelp.ts'
import { exampleSpec, rootlessSpec } from './example.ts'
import { features } from './features.ts'
import { writeFile } from './files.ts'
import { type Flavour, paceOf } from './flavour.ts'
import { runContainer, wantsTerminal } from './foreground.ts'
import { pidsOf } from './inside.ts'
import { execAndWait, execOptions, execProcess, freeze } from './more.ts'
import { parseOptions } from './runc.ts'
import { load, type State, statusOf } from './state.ts'
import { listStates, rowOf } from './states.ts'
import { updateLimits, updateOptions } from './update.ts'

const VERSION = `crun version 1.30
commit: 1.30
rundir: RUNDIR
spec: 1.0.0
+SYSTEMD +SELINUX +APPARMOR +CAP +SECCOMP +EBPF
`
/** What crun writes of a container beside runc's: src/libcrun/status.c. */
interface Status {
  readonly pid: number
  readonly 'cgroup-path': string
  readonly rootfs: string
  readonly bundle: string
  readonly created: string
}
const flavour: Flavour = {
  name: 'crun',
  // It forks without another exec: the first process still has the command line of `crun create`.
  waiting: { comm: 'crun' },
  threads: 0,
  root: '/run/crun',
  stateFile: 'status',
  parse(id, text) {
    const s = JSON.parse(text) as Status
    return { id, init_process_pid: s.pid, created: s.created, bundle: s.bundle, cgroup: s['cgroup-path'] }
  },
  render: (s: State, spec: Spec) =>
    `${JSON.stringify(
      {
        pid: s.init_process_pid,
        'cgroup-path': s.cgroup,
        scope: '',
        rootfs: spec.root.path,
        'systemd-cgroup': false,
        bundle: s.bundle,
        created: micro(s.created),
        owner: 'root',
        detached: true,
      },
      null,
      4,
    )}\n`,
  pace: paceOf(47.3),
  words: {
    noProgram: (name) => `executable file \`${name}\` not found in $PATH: No such file or directory`,
    badProgram: (name, why) =>
      why.name === 'EACCES'
        ? 'open executable: Permission denied'
        : `executable file \`${name}\` not found: ${why.text}`,
    noSource: (source, _destination, why) => `error stat'ing file \`${source}\`: ${why.text}`,
    mount: (source, destination, _options, why) =>
      `mount \`${source}\` to \`${destination.replace(/^\//, '')}\`: ${why.text}`,
    namespace: (path, why) => `open \`${path}\`: ${why.text}`,
    sysctl: (name, why) => `open /proc/sys/${name.replace(/\./g, '/')}: ${why.text}`,
    noBundle: (path, why) => `chdir \`${path}\` failed: ${why.text}`,
    noConfig: 'load `config.json`: cannot read the file: config.json',
    badConfig: (why) =>
      `load \`config.json\`: cannot parse the data: ${/^unexpected end/.test(why) ? 'parse error: premature EOF' : 'lexical error: invalid char in json text.'}`,
    rootfs: (path, why) => `make \`${path.slice(path.lastIndexOf('/') + 1)}\` private: ${why.text}`,
    exists: (id) => `container \`${id}\` already exists`,
    badId: (id) => `cannot create state directory for \`${id}\``,
    unknown: (id, root) => `error opening file \`${root}/${id}/status\`: No such file or directory`,
    init: (message) => message,
    hook: (_point, _index, path, why) =>
      `error executing hook \`${path}\` (exit code: ${/exit status (\d+)/.exec(why)?.[1] ?? 1})`,
    invalid(fault, detail) {
      switch (fault) {
        case 'root':
          return "invalid config file, no 'root' block specified"
        case 'args':
          return 'open executable: Invalid argument'
        case 'namespace':
          return `invalid namespace type: \`${/"([^"]*)"/.exec(detail)?.[1] ?? ''}\``
        case 'sysctl':
          return `the sysctl \`${detail}\` is not namespaced`
        case 'rlimit':
          return `invalid rlimit \`${detail}\``
        case 'action':
          return `invalid seccomp action \`${detail}\``
        case 'hostname':
          return 'hostname requires the UTS namespace'
        default:
          return undefined
      }
    },
  },
}
/** crun keeps microseconds. */
const micro = (created: string): string => created.replace(/(\.\d{6})\d*Z$/, '$1Z')

/** A line of `state` and `list -f json`. */
function* row(c: Call, s: State): Run<{ readonly id: string; readonly pid: number; readonly status: string }> {
  const { id, pid, status } = yield* rowOf(c.sys, c.o, s)
  return { id, pid, status }
}
const commands: Readonly<Record<string, Command>> = {
  create: {
    takes: [...creating, 'config,f'],
    switches: [...creatingSwitches, 'no-subreaper'],
    least: 1,
    *run({ sys, o, args }) {
      const failed = yield* create(sys, args[0] as string, o)
      if (failed !== undefined) throw new Failure(failed)
      return 0
    },
  },
  run: {
    takes: [...creating, 'config,f'],
    switches: [...creatingSwitches, 'no-subreaper', 'detach,d', 'keep'],
    least: 1,
    *run({ sys, o, args, flags }) {
      const result = yield* runContainer(sys, o, args[0] as string, {
        terminal: yield* wantsTerminal(sys, o),
        detached: flags.has('detach'),
        keep: flags.has('keep'),
      })
      if (typeof result === 'string') throw new Failure(result, result.startsWith('error executing hook') ? 255 : 1)
      return result
    },
  },
  start: {
    least: 1,
    *run(c) {
      const s = yield* need(c)
      if ((yield* statusOf(c.sys, c.o, s)) !== 'created')
        throw new Failure(`cannot open \`${c.o.root}/${s.id}/exec.fifo\`: No such file or directory`)
      const failed = yield* openGate(c.sys, c.o, s)
      if (failed !== undefined) throw new Failure(failed)
      return 0
    },
  },
  delete: {
    switches: ['force,f', 'regex,r'],
    least: 1,
    *run(c) {
      if (c.flags.has('regex')) throw new Failure('zukan: not emulated: crun delete --regex')
      const id = c.args[0] as string
      const s = yield* load(c.sys, c.o, id)
      if (!s) {
        if (c.flags.has('force')) return 0
        throw new Failure(`cannot open directory '${c.o.root}/${id}': No such file or directory`)
      }
      const status = yield* statusOf(c.sys, c.o, s)
      if (status !== 'stopped') {
        if (status !== 'created' && !c.flags.has('force'))
          throw new Failure(`the container \`${id}\` is not in \`created\` or \`stopped\` state`)
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
      if (c.args.length < 2 && !c.values.has('process'))
        throw new Failure('crun: `exec` requires a minimum of 2 arguments')
      const s = yield* need(c)
      const status = yield* statusOf(c.sys, c.o, s)
      if (status === 'stopped') throw new Failure(`the container \`${s.id}\` is not running`)
      if (status === 'paused') throw new Failure(`the container \`${s.id}\` is paused`)
      const p = yield* execProcess(c, (message) => new Failure(message))
      const result = yield* execAndWait(c, p)
      if (typeof result === 'string') throw new Failure(result, 255)
      return result
    },
  },
  kill: {
    switches: ['all,a', 'regex,r'],
    least: 1,
    *run(c) {
      if (c.flags.has('regex')) throw new Failure('zukan: not emulated: crun kill --regex')
      const s = yield* need(c)
      const signal = signalNumber(c.args[1] ?? 'TERM')
      if (signal === undefined) throw new Failure(`unknown signal \`${c.args[1]}\``)
      const stopped = (yield* statusOf(c.sys, c.o, s)) === 'stopped'
      const failed = stopped ? undefined : yield* c.sys.kill(s.init_process_pid, signal)
      if (stopped || failed) throw new Failure(`kill container: ${failed ? failed.text : 'No such process'}`)
      return 0
    },
  },
  pause: {
    least: 1,
    *run(c) {
      yield* freeze(c, true)
      return 0
    },
  },
  resume: {
    least: 1,
    *run(c) {
      yield* freeze(c, false)
      return 0
    },
  },
  ps: {
    takes: ['format,f'],
    least: 1,
    *run(c) {
      const pids = yield* pidsOf(c.sys, yield* need(c))
      const format = c.values.get('format') ?? 'table'
      if (format === 'json') yield* print(c.sys, `[\n${pids.map((p) => `  ${p}`).join(',\n')}\n]\n`)
      else yield* print(c.sys, ['PID', ...pids].map((x) => `${x}\n`).join(''))
      return 0
    },
  },
  state: {
    least: 1,
    *run(c) {
      const s = yield* need(c)
      const { id, pid, status } = yield* row(c, s)
      const { root } = yield* specOf(c.sys, s)
      const document = {
        ociVersion: '1.0.0',
        id,
        pid,
        status,
        bundle: s.bundle,
        rootfs: root?.path ?? '',
        created: s.created,
        'systemd-scope': '',
        owner: 'root',
      }
      yield* print(c.sys, `${JSON.stringify(document, null, 4)}\n\n`)
      return 0
    },
  },
  list: {
    takes: ['format,f'],
    switches: ['quiet,q'],
    least: 0,
    *run({ sys, o, flags, values }) {
      const rows = yield* listStates(sys, o)
      if (flags.has('quiet')) yield* print(sys, rows.map((r) => `${r.id}\n`).join(''))
      else if (values.get('format') === 'json') {
        const list = rows.map(({ id, pid, status, bundle, created }) => ({
          id,
          pid,
          status,
          bundle,
          created,
          owner: 'root',
        }))
        yield* print(sys, list.length > 0 ? `${JSON.stringify(list, null, 4)}\n` : '[\n\n]\n')
      } else {
        const wide = Math.max(4, ...rows.map((r) => r.id.length))
        const line = (
          name: string,
          pid: string,
          status: string,
          bundle: string,
          created: string,
          owner: string,
        ): string =>
          `${name.padEnd(wide)} ${pid.padEnd(9)} ${status.padEnd(8)} ${bundle.padEnd(39)} ${created.padEnd(30)} ${owner}\n`
        yield* print(sys, line('NAME', 'PID', 'STATUS', 'BUNDLE PATH', 'CREATED', 'OWNER'))
        for (const r of rows) yield* print(sys, line(r.id, String(r.pid), r.status, r.bundle, r.created, 'root'))
      }
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
    takes: ['bundle,b', 'file,f'],
    switches: ['rootless'],
    least: 0,
    *run({ sys, o, flags, values }) {
      const name = values.get('file') ?? 'config.json'
      const file = name.startsWith('/') ? name : `${o.bundle}/${name}`
      if (!isErr(yield* sys.stat(file))) throw new Failure(`\`${name}\` already exists`)
      const example = exampleSpec('crun', '1.0.0')
      const cred = yield* sys.getcred()
      const spec = flags.has('rootless') ? rootlessSpec(example, cred.euid, cred.egid) : example
      const failed = yield* writeFile(sys, file, `${JSON.stringify(spec, null, '\t')}\n`)
      if (failed) throw new Failure(`opening file \`${name}\` for writing: ${failed.text}`)
      return 0
    },
  },
  features: {
    least: 0,
    *run({ sys }) {
      const annotations = {
        'org.opencontainers.runc.checkpoint.enabled': 'false',
        'run.oci.crun.commit': '1.30',
        'run.oci.crun.version': '1.30',
        'run.oci.crun.wasm': 'false',
      }
      yield* print(sys, `${JSON.stringify({ ...features, annotations }, null, 4)}\n`)
      return 0
    },
  },
}
/** Operands at most. */
const mostOf: Readonly<Record<string, number>> = {
  create: 1,
  run: 1,
  start: 1,
  delete: 1,
  state: 1,
  ps: 1,
  list: 0,
  spec: 0,
}
const globals = {
  takes: ['cgroup-manager', 'log', 'log-format', 'root', 'rootless'],
  switches: ['debug', 'systemd-cgroup', 'help,?', 'usage', 'version,v,V'],
}
/** Operands and options in any order, as getopt_long(3) takes them; `exec` stops at its first operand. */
function permuted(
  args: string[],
  command: Command,
  inOrder: boolean,
): ReturnType<typeof parseOptions> & { operands: string[] } {
  const operands: string[] = []
  const given = { ...command, switches: [...(command.switches ?? []), 'help,?', 'usage'] }
  const all = parseOptions(args, given)
  while (!inOrder && args.length > 0 && all.unknown === undefined) {
    operands.push(args.shift() as string)
    const more = parseOptions(args, given)
    for (const [k, v] of more.values) all.values.set(k, v)
    for (const [k, v] of more.lists) all.lists.set(k, [...(all.lists.get(k) ?? []), ...v])
    for (const f of more.flags) all.flags.add(f)
    if (more.unknown !== undefined) return { ...all, unknown: more.unknown, operands }
  }
  return { ...all, operands: [...operands, ...args] }
}

export const crun: Program = function* (sys, argv) {
  const args = argv.slice(1)
  const general = parseOptions(args, globals)
  const log = general.values.get('log')
  const fail = function* (message: string, code: ExitCode = 1): Run<ExitCode> {
    const time = strftime('%FT%T.%N', yield* sys.clock('realtime')).replace(/(\.\d{6})\d*$/, '$1Z')
    const json = general.values.get('log-format') === 'json' && !message.startsWith('zukan:')
    const line = json ? `${JSON.stringify({ msg: message, level: 'error', time })}\n` : `${message}\n`
    if (log !== undefined) yield* writeFile(sys, log, line)
    // Beside a log it is told on standard error as well, bare whatever the log's format (tried with crun 1.8).
    yield* warn(sys, log !== undefined ? `${message}\n` : line)
    return code
  }
  const misuse = function* (who: string, why: string): Run<ExitCode> {
    const option = why.replace(/^.*: -/, '')
    const text = /^flag needs/.test(why)
      ? option.length > 1
        ? `option '--${option}' requires an argument`
        : `option requires an argument -- '${option}'`
      : option.length > 1
        ? `unrecognized option '--${option}'`
        : `invalid option -- '${option}'`
    yield* warn(sys, `${who}: ${text}\nTry \`${who} --help' or \`${who} --usage' for more information.\n`)
    return 64
  }
  if (general.unknown) return yield* misuse('crun', general.unknown)
  const root = general.values.get('root') ?? flavour.root
  if (general.flags.has('version')) {
    yield* print(sys, VERSION.replace('RUNDIR', root))
    return 0
  }
  if (general.flags.has('help')) {
    yield* print(sys, crunGeneralHelp)
    return 0
  }
  const logFormat = general.values.get('log-format')
  if (logFormat !== undefined && logFormat !== 'text' && logFormat !== 'json')
    return yield* fail(`unknown log format type ${logFormat}`)
  const name = args.shift()
  if (name === undefined) return yield* fail('please specify a command')
  if (name === 'checkpoint' || name === 'restore') return yield* fail(`zukan: not emulated: crun ${name}`)
  if (!Object.hasOwn(commands, name)) return yield* fail(`unknown command ${name}`)
  const command = commands[name] as Command
  const given = permuted(args, command, name === 'exec')
  if (given.unknown) return yield* misuse(name, given.unknown)
  if (given.flags.has('help')) {
    yield* print(sys, crunHelp(name) ?? crunGeneralHelp)
    return 0
  }
  if (given.operands.length > (mostOf[name] ?? Infinity))
    return yield* fail(`crun: \`${name}\` requires a maximum of ${mostOf[name]} arguments`)
  if (name === 'ps' && given.operands.length === 0) return yield* fail('crun: `ps` requires a minimum of 1 arguments')
  const format = name === 'ps' || name === 'list' ? given.values.get('format') : undefined
  if (format !== undefined && format !== 'table' && format !== 'json')
    return yield* fail(`crun: invalid format \`${format}\``)
  if (given.operands.length < command.least) return yield* fail('please specify a ID for the container')
  return yield* carryOut(
    sys,
    command,
    { ...given, args: given.operands },
    flavour,
    root,
    general.flags.has('systemd-cgroup'),
    fail,
  )
}
