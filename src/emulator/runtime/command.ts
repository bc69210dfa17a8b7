/** What the commands of runtimes share: how they are called, and the steps between created and gone. */
import { isErr } from '../base/errno.ts'
import type { ExitCode, Run, Sys } from '../kernel/linux/abi.ts'
import { O_CLOEXEC, O_RDONLY } from '../kernel/linux/fs/flags.ts'
import type { Spec } from '../oci/runtimespec.ts'
import { parseSpec } from '../oci/spectypes.ts'
import { readText } from '../userland/lib/io.ts'
import { rarities } from './create.ts'
import { writeFile } from './files.ts'
import { load, type Options, type State, statusOf } from './state.ts'

/** A message for the user, and the exit status. */
export class Failure {
  readonly message: string
  readonly code: ExitCode
  constructor(message: string, code: ExitCode = 1) {
    this.message = message
    this.code = code
  }
}
/** What a command gets: options with values, switches, operands. */
export interface Call {
  readonly sys: Sys
  readonly o: Options
  readonly values: ReadonlyMap<string, string>
  /** Options that may be given several times. */
  readonly lists: ReadonlyMap<string, readonly string[]>
  readonly flags: ReadonlySet<string>
  readonly args: readonly string[]
}
export interface Command {
  /** Options that take a value, and switches; `name,n` gives a short form, which is kept by the long one. */
  readonly takes?: readonly string[]
  readonly switches?: readonly string[]
  /** Operands: how many at least and at most. */
  readonly least: number
  readonly most?: number
  readonly run: (c: Call) => Run<ExitCode>
}

export function* need(c: Call): Run<State> {
  const s = yield* load(c.sys, c.o, c.args[0] as string)
  const id = c.args[0] as string
  if (!s && c.o.flavour.name === 'runc' && !/^[\w+.-]+$/.test(id)) throw new Failure(c.o.flavour.words.badId(id))
  if (!s) throw new Failure(c.o.flavour.words.unknown(c.args[0] as string, c.o.root))
  return s
}
function* configOf(sys: Sys, s: State): Run<string> {
  const config = yield* readText(sys, `${s.bundle}/config.json`)
  return isErr(config) ? '{}' : config
}
/** The specification that a container was made from. */
export function* specOf(sys: Sys, s: State): Run<Spec> {
  const read = yield* parseSpec(yield* configOf(sys, s))
  // Somebody wrote into the bundle since.
  if ('refused' in read) throw new Failure(read.refused)
  return read.value
}
/** Lets a created container's program start; hooks that wait for it run. A message where one failed. */
export function* openGate(sys: Sys, o: Options, s: State): Run<string | undefined> {
  const path = `${o.root}/${s.id}/exec.fifo`
  yield* sys.nanosleep(o.flavour.pace.start)
  const fd = yield* sys.open(path, O_RDONLY | O_CLOEXEC)
  if (!isErr(fd)) {
    yield* sys.read(fd, 1)
    yield* sys.close(fd)
  }
  yield* sys.unlink(path)
  return yield* runHooks(sys, o, s, 'poststart', 'running')
}
function* runHooks(
  sys: Sys,
  o: Options,
  s: State,
  point: 'poststart' | 'poststop',
  status: string,
): Run<string | undefined> {
  const config = yield* configOf(sys, s)
  // Nearly none has any, and with its seccomp rules the document is long.
  if (!config.includes(`"${point}"`)) return undefined
  const read = yield* parseSpec(config)
  if ('refused' in read) return read.refused
  const spec = read.value
  if (!spec.hooks?.[point]) return undefined
  const state = { id: s.id, status, ...(status === 'stopped' ? {} : { pid: s.init_process_pid }) }
  return yield* (yield* rarities(sys)).hooks(sys, point, spec, o, state)
}
/** Forgets a container that has stopped. A message where a hook that waits for that failed. */
export function* remove(sys: Sys, o: Options, s: State): Run<string | undefined> {
  yield* sys.nanosleep(o.flavour.pace.delete)
  for (const file of [o.flavour.stateFile, 'config.json', 'exec.fifo']) yield* sys.unlink(`${o.root}/${s.id}/${file}`)
  yield* sys.rmdir(`${o.root}/${s.id}`)
  yield* sys.rmdir(`/sys/fs/cgroup${s.cgroup}`)
  return yield* runHooks(sys, o, s, 'poststop', 'stopped')
}
/** Kills all of a container that runs, and waits until it has stopped. */
export function* end(sys: Sys, o: Options, s: State): Run<void> {
  yield* writeFile(sys, `/sys/fs/cgroup${s.cgroup}/cgroup.kill`, '1')
  yield* sys.wait(s.init_process_pid)
  // Somebody else's child ends as soon as its parent, or init, has collected it.
  for (let tries = 0; tries < 100 && (yield* statusOf(sys, o, s)) !== 'stopped'; tries++)
    yield* sys.nanosleep(1_000_000)
}
/** The exit code of a process that is our child. */
export function* codeOf(sys: Sys, pid: number): Run<ExitCode> {
  const r = yield* sys.wait(pid)
  return isErr(r) || !r ? 1 : r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
}
export const creating = ['bundle,b', 'pid-file', 'console-socket', 'preserve-fds']
export const creatingSwitches = ['no-pivot', 'no-new-keyring']
/** Carries a command out with the options that it was given; a Failure is what `fail` makes of it. `root` is where states are kept. */
export function* carryOut(
  sys: Sys,
  command: Command,
  given: Pick<Call, 'values' | 'lists' | 'flags' | 'args'>,
  flavour: Options['flavour'],
  root: string,
  systemd: boolean,
  fail: (message: string, code: ExitCode) => Run<ExitCode>,
): Run<ExitCode> {
  const { values, lists, flags, args } = given
  const here = yield* sys.getcwd()
  const cwd = isErr(here) ? '/' : here
  const bundle = values.get('bundle') ?? cwd
  const pidFile = values.get('pid-file')
  const consoleSocket = values.get('console-socket')
  const o: Options = {
    root,
    bundle: bundle.startsWith('/') ? bundle : `${cwd}/${bundle}`,
    flavour,
    systemd,
    tell: (message) => fail(message, 1),
    ...(pidFile === undefined ? {} : { pidFile }),
    ...(consoleSocket === undefined ? {} : { consoleSocket }),
  }
  try {
    return yield* command.run({ sys, o, values, lists, flags, args })
  } catch (e) {
    if (!(e instanceof Failure)) throw e
    return yield* fail(e.message, e.code)
  }
}
