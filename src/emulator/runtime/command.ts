/** What runc's commands share. */
import { isErr } from '../base/errno.ts'
import type { ExitCode, Run, Sys } from '../kernel/linux/abi.ts'
import { O_CLOEXEC, O_RDONLY } from '../kernel/linux/fs/flags.ts'
import { load, type Options, type State } from './state.ts'

/** A message for the user; runc exits with 1. */
export class Failure {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
/** What a command gets: options with values, switches, operands. */
export interface Call {
  readonly sys: Sys
  readonly o: Options
  readonly values: ReadonlyMap<string, string>
  readonly flags: ReadonlySet<string>
  readonly args: readonly string[]
}
export interface Command {
  /** Options that take a value, with their short forms. */
  readonly takes?: readonly string[]
  readonly switches?: readonly string[]
  readonly least: number
  readonly run: (c: Call) => Run<ExitCode>
}

export function* need(c: Call): Run<State> {
  const s = yield* load(c.sys, c.o, c.args[0] as string)
  if (!s) throw new Failure('container does not exist')
  return s
}
/** Lets a created container's program start. */
export function* openGate(sys: Sys, o: Options, id: string): Run<void> {
  const path = `${o.root}/${id}/exec.fifo`
  const fd = yield* sys.open(path, O_RDONLY | O_CLOEXEC)
  if (!isErr(fd)) {
    yield* sys.read(fd, 1)
    yield* sys.close(fd)
  }
  yield* sys.unlink(path)
}
export function* remove(sys: Sys, o: Options, s: State): Run<void> {
  for (const file of ['state.json', 'exec.fifo']) yield* sys.unlink(`${o.root}/${s.id}/${file}`)
  yield* sys.rmdir(`${o.root}/${s.id}`)
  yield* sys.rmdir(`/sys/fs/cgroup${s.cgroup}`)
}
/** The exit code of a process that is our child. */
export function* codeOf(sys: Sys, pid: number): Run<ExitCode> {
  const r = yield* sys.wait(pid)
  return isErr(r) || !r ? 1 : r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
}
export const creating = ['--bundle', '-b', '--pid-file', '--console-socket']
