/** What a runtime remembers of a container between its runs, and what the kernel says of it. */
import { isErr } from '../base/errno.ts'
import type { Run, Sys } from '../kernel/linux/abi.ts'
import { readText } from '../userland/lib/io.ts'
import type { Flavour } from './flavour.ts'

/** state.json of runc. */
export interface State {
  readonly id: string
  readonly init_process_pid: number
  readonly created: string
  readonly bundle: string
  readonly cgroup: string
}
/** Where the runtime keeps states, where the bundle lies, and whose manners it has. */
export interface Options {
  readonly root: string
  readonly bundle: string
  readonly flavour: Flavour
  readonly pidFile?: string
  readonly consoleSocket?: string
  /** cgroupsPath is of systemd's form. */
  readonly systemd?: boolean
  /** Tells of a failure that changes nothing any more, as errors are told. */
  readonly tell?: (message: string) => Run<unknown>
}

/** The state of a container; undefined where there is none. */
export function* load(sys: Sys, o: Options, id: string): Run<State | undefined> {
  const text = yield* readText(sys, `${o.root}/${id}/${o.flavour.stateFile}`)
  if (isErr(text)) return undefined
  return o.flavour.parse ? o.flavour.parse(id, text) : (JSON.parse(text) as State)
}
/** created, running, paused or stopped, from what the kernel says. */
export function* statusOf(sys: Sys, o: Options, s: State): Run<'created' | 'running' | 'paused' | 'stopped'> {
  const stat = yield* readText(sys, `/proc/${s.init_process_pid}/stat`)
  if (isErr(stat) || / Z /.test(stat)) return 'stopped'
  const frozen = yield* readText(sys, `/sys/fs/cgroup${s.cgroup}/cgroup.freeze`)
  if (!isErr(frozen) && frozen.trim() === '1') return 'paused'
  return isErr(yield* sys.stat(`${o.root}/${s.id}/exec.fifo`)) ? 'running' : 'created'
}
