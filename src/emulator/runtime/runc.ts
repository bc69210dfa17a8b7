/** runc: the command line over create, start, exec and the rest; runc(8). What a shim needs is here, the rest in more.ts. */
import { isErr } from '../base/errno.ts'
import type { ExitCode, Program, Run, Sys } from '../kernel/linux/abi.ts'
import { SIGTERM, signalNumber } from '../kernel/linux/signals.ts'
import type { Spec, SpecProcess } from '../oci/runtimespec.ts'
import { print, readText, warn } from '../userland/lib/io.ts'
import { strftime } from '../userland/lib/time.ts'
import { type Command, creating, Failure, need, openGate, remove } from './command.ts'
import { create } from './create.ts'
import { execIn } from './exec.ts'
import { lower, writeFile } from './files.ts'
import { load, type Options, statusOf } from './state.ts'

export { makeDirs } from './files.ts'

const commands: Readonly<Record<string, Command>> = {
  create: {
    takes: creating,
    least: 1,
    *run({ sys, o, args }) {
      const failed = yield* create(sys, args[0] as string, o)
      if (failed !== undefined) throw new Failure(`runc create failed: ${failed}`)
      return 0
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

/** Runs the command line with a set of commands; what it hasn't is another part's. */
export function* runRunc(
  sys: Sys,
  argv: readonly string[],
  commands: Readonly<Record<string, Command>>,
  elsewhere: string | undefined,
): Run<ExitCode> {
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
    } else if ((flag === '--help' || flag === '-h') && elsewhere !== undefined)
      return yield* (yield* sys.part(elsewhere))(sys, ['runc', 'help'])
    else if (flag !== '--systemd-cgroup' && flag !== '--debug') return yield* fail(`zukan: not emulated: runc ${flag}`)
  }
  const name = args.shift() ?? (elsewhere === undefined ? 'help' : undefined)
  const command = name !== undefined && Object.hasOwn(commands, name) ? (commands[name] as Command) : undefined
  if (!command || name === undefined) {
    if (elsewhere !== undefined) return yield* (yield* sys.part(elsewhere))(sys, argv)
    return yield* fail(`zukan: not emulated: runc ${name}`)
  }
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
export const runc: Program = (sys, argv) => runRunc(sys, argv, commands, 'runc/more')
