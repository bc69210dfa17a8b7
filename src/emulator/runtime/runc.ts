/** runc: the command line over create, start, exec and the rest; runc(8). */
import { isErr } from '../base/errno.ts'
import type { ExitCode, Program, Run, Sys } from '../kernel/linux/abi.ts'
import { O_CLOEXEC, O_RDONLY } from '../kernel/linux/fs/flags.ts'
import { SIGTERM, signalNumber } from '../kernel/linux/signals.ts'
import type { Spec, SpecProcess, SpecResources } from '../oci/runtimespec.ts'
import { print, readAll, readText, warn } from '../userland/lib/io.ts'
import { processes } from '../userland/lib/proc.ts'
import { strftime } from '../userland/lib/time.ts'
import { limit } from './cgroup.ts'
import { openConsole } from './console.ts'
import { create } from './create.ts'
import { exampleSpec } from './example.ts'
import { execIn } from './exec.ts'
import { lower, makeDirs, writeFile } from './files.ts'
import { load, type Options, type State, statusOf } from './state.ts'

export { makeDirs } from './files.ts'

/** A message for the user; runc exits with 1. */
class Failure {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
/** What a command gets: options with values, switches, operands. */
interface Call {
  readonly sys: Sys
  readonly o: Options
  readonly values: ReadonlyMap<string, string>
  readonly flags: ReadonlySet<string>
  readonly args: readonly string[]
}
interface Command {
  /** Options that take a value, with their short forms. */
  readonly takes?: readonly string[]
  readonly switches?: readonly string[]
  readonly least: number
  readonly run: (c: Call) => Run<ExitCode>
}
const text = (e: unknown): string => (e instanceof Error ? e.message : String(e))

function* need(c: Call): Run<State> {
  const s = yield* load(c.sys, c.o, c.args[0] as string)
  if (!s) throw new Failure('container does not exist')
  return s
}
/** Lets a created container's program start. */
function* openGate(sys: Sys, o: Options, id: string): Run<void> {
  const path = `${o.root}/${id}/exec.fifo`
  const fd = yield* sys.open(path, O_RDONLY | O_CLOEXEC)
  if (!isErr(fd)) {
    yield* sys.read(fd, 1)
    yield* sys.close(fd)
  }
  yield* sys.unlink(path)
}
function* remove(sys: Sys, o: Options, s: State): Run<void> {
  for (const file of ['state.json', 'exec.fifo']) yield* sys.unlink(`${o.root}/${s.id}/${file}`)
  yield* sys.rmdir(`${o.root}/${s.id}`)
  yield* sys.rmdir(`/sys/fs/cgroup${s.cgroup}`)
}
/** The exit code of a process that is our child. */
function* codeOf(sys: Sys, pid: number): Run<ExitCode> {
  const r = yield* sys.wait(pid)
  return isErr(r) || !r ? 1 : r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
}
const creating = ['--bundle', '-b', '--pid-file', '--console-socket']

const commands: Readonly<Record<string, Command>> = {
  spec: {
    takes: ['--bundle', '-b'],
    least: 0,
    *run({ sys, o }) {
      const file = `${o.bundle}/config.json`
      if (!isErr(yield* sys.stat(file))) throw new Failure('File config.json exists. Remove it first')
      yield* writeFile(sys, file, `${JSON.stringify(exampleSpec(), null, '\t')}\n`)
      return 0
    },
  },
  create: {
    takes: creating,
    least: 1,
    *run({ sys, o, args }) {
      const failed = yield* create(sys, args[0] as string, o)
      if (failed !== undefined) throw new Failure(`runc create failed: ${failed}`)
      return 0
    },
  },
  run: {
    takes: creating,
    switches: ['--detach', '-d', '--keep'],
    least: 1,
    *run({ sys, o, args, flags }) {
      const id = args[0] as string
      const detached = flags.has('-d') || flags.has('--detach')
      const config = yield* readText(sys, `${o.bundle}/config.json`)
      const terminal = !isErr(config) && /"terminal":\s*true/.test(config)
      let console: Awaited<ReturnType<typeof openConsole> extends Run<infer T> ? T : never>
      if (terminal && !detached) {
        yield* makeDirs(sys, o.root, 0o711)
        console = yield* openConsole(sys, `${o.root}/${id}.console`)
        if (!console) throw new Failure('runc run failed: provided file is not a console')
      }
      const failed = yield* create(sys, id, console ? { ...o, consoleSocket: console.path } : o)
      if (failed !== undefined) throw new Failure(`runc run failed: ${failed}`)
      const s = yield* load(sys, o, id)
      yield* openGate(sys, o, id)
      if (detached || !s) return 0
      if (console) yield* console.copy()
      const code = yield* codeOf(sys, s.init_process_pid)
      if (!flags.has('--keep')) yield* remove(sys, o, s)
      return code
    },
  },
  start: {
    least: 1,
    *run(c) {
      const status = yield* statusOf(c.sys, c.o, yield* need(c))
      if (status === 'stopped') throw new Failure('cannot start a container that has stopped')
      if (status !== 'created') throw new Failure('cannot start an already running container')
      yield* openGate(c.sys, c.o, c.args[0] as string)
      return 0
    },
  },
  state: {
    least: 1,
    *run(c) {
      const s = yield* need(c)
      const status = yield* statusOf(c.sys, c.o, s)
      const pid = status === 'stopped' ? 0 : s.init_process_pid
      const rootfs = `${s.bundle}/rootfs`
      const document = {
        ociVersion: '1.3.0',
        id: s.id,
        pid,
        status,
        bundle: s.bundle,
        rootfs,
        created: s.created,
        owner: '',
      }
      yield* print(c.sys, `${JSON.stringify(document, null, 2)}\n`)
      return 0
    },
  },
  kill: {
    switches: ['--all', '-a'],
    least: 1,
    *run(c) {
      const s = yield* need(c)
      const signal = signalNumber(c.args[1] ?? 'TERM')
      if (signal === undefined) throw new Failure(`unknown signal ${JSON.stringify(c.args[1])}`)
      const failed = yield* c.sys.kill(s.init_process_pid, signal || SIGTERM)
      if (failed) throw new Failure(failed.name === 'ESRCH' ? 'container not running' : lower(failed))
      return 0
    },
  },
  pause: {
    least: 1,
    *run(c) {
      const s = yield* need(c)
      const status = yield* statusOf(c.sys, c.o, s)
      if (status !== 'running') throw new Failure(`container not running or created: ${status}`)
      yield* writeFile(c.sys, `/sys/fs/cgroup${s.cgroup}/cgroup.freeze`, '1')
      return 0
    },
  },
  resume: {
    least: 1,
    *run(c) {
      const s = yield* need(c)
      if ((yield* statusOf(c.sys, c.o, s)) !== 'paused') throw new Failure('container not paused')
      yield* writeFile(c.sys, `/sys/fs/cgroup${s.cgroup}/cgroup.freeze`, '0')
      return 0
    },
  },
  delete: {
    switches: ['--force', '-f'],
    least: 1,
    *run(c) {
      const force = c.flags.has('-f') || c.flags.has('--force')
      const s = yield* load(c.sys, c.o, c.args[0] as string)
      if (!s) {
        if (force) return 0
        throw new Failure('container does not exist')
      }
      const status = yield* statusOf(c.sys, c.o, s)
      if (status !== 'stopped') {
        if (!force) throw new Failure(`cannot delete container ${s.id} that is not stopped: ${status}`)
        yield* writeFile(c.sys, `/sys/fs/cgroup${s.cgroup}/cgroup.kill`, '1')
        yield* c.sys.wait(s.init_process_pid)
        // Somebody else's child ends as soon as its parent, or init, has collected it.
        for (let tries = 0; tries < 100 && (yield* statusOf(c.sys, c.o, s)) !== 'stopped'; tries++)
          yield* c.sys.nanosleep(1_000_000)
      }
      yield* remove(c.sys, c.o, s)
      return 0
    },
  },
  list: {
    takes: ['--format', '-f'],
    switches: ['--quiet', '-q'],
    least: 0,
    *run({ sys, o, flags, values }) {
      const fd = yield* sys.open(o.root, O_RDONLY)
      const entries = isErr(fd) ? [] : yield* sys.getdents(fd)
      const rows: (State & { readonly status: string; readonly pid: number })[] = []
      for (const e of isErr(entries) ? [] : entries) {
        const s = e.name.startsWith('.') ? undefined : yield* load(sys, o, e.name)
        if (!s) continue
        const status = yield* statusOf(sys, o, s)
        rows.push({ ...s, status, pid: status === 'stopped' ? 0 : s.init_process_pid })
      }
      if (flags.has('-q') || flags.has('--quiet')) {
        yield* print(sys, rows.map((r) => `${r.id}\n`).join(''))
        return 0
      }
      const format = values.get('--format') ?? values.get('-f') ?? 'table'
      if (format === 'json') {
        const list = rows.map((r) => ({
          ociVersion: '1.3.0',
          id: r.id,
          pid: r.pid,
          status: r.status,
          bundle: r.bundle,
          rootfs: `${r.bundle}/rootfs`,
          created: r.created,
          owner: 'root',
        }))
        yield* print(sys, `${JSON.stringify(list.length > 0 ? list : null)}\n`)
        return 0
      }
      if (format !== 'table') throw new Failure('invalid format option')
      const cells = [
        ['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'],
        ...rows.map((r) => [r.id, String(r.pid), r.status, r.bundle, r.created, 'root']),
      ]
      const width = (i: number): number => Math.max(12, ...cells.map((r) => (r[i] ?? '').length + 3))
      for (const r of cells)
        yield* print(sys, `${r.map((c, i) => (i < r.length - 1 ? c.padEnd(width(i)) : c)).join('')}\n`)
      return 0
    },
  },
  ps: {
    takes: ['--format', '-f'],
    least: 1,
    *run(c) {
      const s = yield* need(c)
      const list = yield* readText(c.sys, `/sys/fs/cgroup${s.cgroup}/cgroup.procs`)
      const pids = isErr(list) ? [] : list.split('\n').filter(Boolean).map(Number)
      const format = c.values.get('--format') ?? c.values.get('-f') ?? 'table'
      if (format === 'json') {
        yield* print(c.sys, `${JSON.stringify(pids)}\n`)
        return 0
      }
      const rows = (yield* processes(c.sys)).filter((r) => pids.includes(r.pid))
      const boot = (yield* c.sys.clock('realtime')) - (yield* c.sys.clock('boottime'))
      yield* print(c.sys, 'UID          PID    PPID  C STIME TTY          TIME CMD\n')
      for (const r of rows) {
        const user = (r.uid === 0 ? 'root' : String(r.uid)).padEnd(8)
        const tty = (r.tty ? `pts/${r.tty & 255}` : '?').padEnd(8)
        const time = strftime('%H:%M:%S', (r.utime + r.stime) * 1e7)
        const begun = strftime('%H:%M', boot + r.start * 1e7)
        yield* print(
          c.sys,
          `${user} ${String(r.pid).padStart(7)} ${String(r.ppid).padStart(7)}  0 ${begun} ${tty} ${time} ${r.args}\n`,
        )
      }
      return 0
    },
  },
  update: {
    takes: [
      '--resources',
      '-r',
      '--memory',
      '--memory-reservation',
      '--memory-swap',
      '--cpu-quota',
      '--cpu-period',
      '--cpu-share',
      '--cpuset-cpus',
      '--pids-limit',
    ],
    least: 1,
    *run(c) {
      const s = yield* need(c)
      const file = c.values.get('--resources') ?? c.values.get('-r')
      let r: SpecResources
      if (file !== undefined) {
        const content = file === '-' ? yield* readAll(c.sys, 0) : yield* readText(c.sys, file)
        if (isErr(content)) throw new Failure(`open ${file}: ${lower(content)}`)
        try {
          r = JSON.parse(typeof content === 'string' ? content : new TextDecoder().decode(content)) as SpecResources
        } catch (e) {
          throw new Failure(text(e))
        }
      } else {
        const n = (name: string): Record<string, number> | undefined => {
          const v = c.values.get(name)
          if (v === undefined) return undefined
          if (!/^-?\d+$/.test(v))
            throw new Failure(
              `invalid value for ${name.slice(2)}: strconv.ParseInt: parsing ${JSON.stringify(v)}: invalid syntax`,
            )
          const key = {
            '--memory': 'limit',
            '--memory-reservation': 'reservation',
            '--memory-swap': 'swap',
            '--cpu-quota': 'quota',
            '--cpu-period': 'period',
            '--cpu-share': 'shares',
            '--pids-limit': 'limit',
          }[name] as string
          return { [key]: Number(v) }
        }
        const cpus = c.values.get('--cpuset-cpus')
        const pids = n('--pids-limit')
        r = {
          memory: { ...n('--memory'), ...n('--memory-reservation'), ...n('--memory-swap') },
          cpu: {
            ...n('--cpu-quota'),
            ...n('--cpu-period'),
            ...n('--cpu-share'),
            ...(cpus === undefined ? {} : { cpus }),
          },
          ...(pids ? { pids: pids as { limit: number } } : {}),
        }
      }
      const failed = yield* limit(c.sys, s.cgroup, r)
      if (failed !== undefined) throw new Failure(failed)
      return 0
    },
  },
  exec: {
    takes: ['--cwd', '--env', '-e', '--user', '-u', '--process', '-p', '--pid-file', '--console-socket'],
    switches: ['--detach', '-d'],
    least: 1,
    *run(c) {
      const s = yield* need(c)
      const status = yield* statusOf(c.sys, c.o, s)
      if (status === 'paused')
        throw new Failure('exec failed: cannot exec in a paused container (use --ignore-paused to override)')
      if (status === 'stopped') throw new Failure('exec failed: cannot exec in a stopped container')
      const config = yield* readText(c.sys, `${s.bundle}/config.json`)
      const spec = JSON.parse(isErr(config) ? '{}' : config) as Spec
      const file = c.values.get('--process') ?? c.values.get('-p')
      const given = file === undefined ? undefined : yield* readText(c.sys, file)
      if (given === undefined && c.args.length < 2) throw new Failure('exec failed: process args cannot be empty')
      const user = c.values.get('--user') ?? c.values.get('-u')
      const [uid = 0, gid = 0] = (user ?? '').split(':').map(Number)
      const env = c.values.get('--env') ?? c.values.get('-e')
      const p: SpecProcess =
        given === undefined || isErr(given)
          ? {
              ...spec.process,
              terminal: false,
              args: c.args.slice(1),
              cwd: c.values.get('--cwd') ?? spec.process.cwd,
              env: [...(spec.process.env ?? []), ...(env === undefined ? [] : [env])],
              ...(user === undefined ? {} : { user: { uid, gid } }),
            }
          : (JSON.parse(given) as SpecProcess)
      const result = yield* execIn(c.sys, s, spec, p, c.o, c.flags.has('--detach') || c.flags.has('-d'))
      if (typeof result === 'string') throw new Failure(`exec failed: ${result}`)
      return result
    },
  },
}
const VERSION = 'runc version 1.4.3\ncommit: v1.4.3-0-g1e5d8a6\nspec: 1.3.0\ngo: go1.26.5\nlibseccomp: 2.5.5\n'
const usage = `NAME:
   runc - Open Container Initiative runtime

USAGE:
   runc [global options] command [command options] [arguments...]

COMMANDS:
   create   create a container
   delete   delete any resources held by the container often used with detached container
   exec     execute new process inside the container
   kill     kill sends the specified signal (default: SIGTERM) to the container's init process
   list     lists containers started by runc with the given root
   pause    pause suspends all processes inside the container
   ps       ps displays the processes running inside a container
   resume   resumes all processes that have been previously paused
   run      create and run a container
   spec     create a new specification file
   start    executes the user defined process in a created container
   state    output the state of a container
   update   update container resource constraints

GLOBAL OPTIONS:
   --log value         set the log file to write runc logs to (default is '/dev/stderr')
   --log-format value  set the log format ('text' (default), or 'json') (default: "text")
   --root value        root directory for storage of container state (this should be located in tmpfs) (default: "/run/runc")
   --help, -h          show help
   --version, -v       print the version
`

export const runc: Program = function* (sys, argv) {
  const args = argv.slice(1)
  let root = '/run/runc'
  let json = false
  let log: string | undefined
  const fail = function* (message: string): Run<ExitCode> {
    const now = strftime('%FT%TZ', yield* sys.clock('realtime'))
    const line = json
      ? `${JSON.stringify({ level: 'error', msg: message, time: now })}\n`
      : `time="${now}" level=error msg=${JSON.stringify(message)}\n`
    if (log !== undefined) yield* writeFile(sys, log, line)
    else yield* warn(sys, message.startsWith('zukan:') ? `${message}\n` : line)
    return 1
  }
  while (args[0]?.startsWith('-')) {
    const [flag = '', attached] = (args.shift() as string).split('=')
    const value = (): string => attached ?? args.shift() ?? ''
    if (flag === '--root') root = value()
    else if (flag === '--log') log = value()
    else if (flag === '--log-format') json = value() === 'json'
    else if (flag === '--version' || flag === '-v') {
      yield* print(sys, VERSION)
      return 0
    } else if (flag === '--help' || flag === '-h') {
      yield* print(sys, usage)
      return 0
    } else if (flag !== '--systemd-cgroup' && flag !== '--debug')
      return yield* fail(`zukan: not emulated: runc ${flag}`)
  }
  const name = args.shift()
  if (name === undefined || name === 'help') {
    yield* print(sys, usage)
    return 0
  }
  const command = Object.hasOwn(commands, name) ? (commands[name] as Command) : undefined
  if (!command) return yield* fail(`zukan: not emulated: runc ${name}`)
  const values = new Map<string, string>()
  const flags = new Set<string>()
  while (args[0]?.startsWith('-') && args[0] !== '--' && args[0] !== '-') {
    const [word = '', attached] = (args.shift() as string).split('=')
    if (command.takes?.includes(word)) values.set(word, attached ?? args.shift() ?? '')
    else if (command.switches?.includes(word)) flags.add(word)
    else return yield* fail(`zukan: not emulated: runc ${name} ${word}`)
  }
  if (args[0] === '--') args.shift()
  if (args.length < command.least) {
    yield* warn(
      sys,
      `runc: "${name}" requires a minimum of ${command.least} argument${command.least === 1 ? '' : 's'}\n`,
    )
    return 1
  }
  const here = yield* sys.getcwd()
  const cwd = isErr(here) ? '/' : here
  const given = values.get('--bundle') ?? values.get('-b')
  const bundle = given === undefined ? cwd : given.startsWith('/') ? given : `${cwd}/${given}`
  const o: Options = {
    root,
    bundle,
    ...(values.has('--pid-file') ? { pidFile: values.get('--pid-file') as string } : {}),
    ...(values.has('--console-socket') ? { consoleSocket: values.get('--console-socket') as string } : {}),
  }
  try {
    return yield* command.run({ sys, o, values, flags, args })
  } catch (e) {
    if (!(e instanceof Failure)) throw e
    return yield* fail(e.message)
  }
}
