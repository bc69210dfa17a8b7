/**
 * The emulator with the code of every part and every host at hand: for scripts, tests and the build of pages, which run lines to their end
 * and can't wait midway for code.
 */
import { completions } from './completion.ts'
import { hosts } from './hosts/hosts.ts'
import { parts } from './hosts/parts.ts'
import { programs } from './hosts/programs.ts'
import { type Host, type HostName, Session as PageSession, type RunResult, STEP_LIMIT, type Work } from './index.ts'
import type { Program } from './kernel/linux/abi.ts'
import { Pipe } from './kernel/linux/fs/pipe.ts'
import { endOf } from './kernel/linux/testing.ts'
import { type MachineView, sessionView } from './view.ts'

const loaded = new Map<string, Program>()
for (const [name, load] of Object.entries(parts)) loaded.set(name, await load())
const byName = new Map<string, Host>()
for (const [name, load] of Object.entries(hosts)) byName.set(name, await load())

/** Does a work at once. Throws where code is wanted that isn't there: complete.ts has it all. */
function finish<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    if (step.value.wanted.length > 0) throw new Error(`${step.value.wanted.join(', ')}: not loaded; see complete.ts`)
  }
}

/** A session whose work is done at once. */
export class Session extends PageSession {
  /** Runs lines in a shell that keeps its variables and directory from call to call, to their end; time jumps. */
  run(lines: string): RunResult {
    return finish(this.running(lines))
  }
  /** Gives what runs in the background the moment that it needs to start, so that an example shows it at work. */
  settle(): void {
    finish(this.settling())
  }
  /** Ends of the word before the cursor. */
  complete(line: string): readonly string[] {
    return completions(this, line)
  }
  /** The machine that the reader works on, as diagrams see it. */
  view(): MachineView {
    return sessionView(this)
  }

  /** Runs a program's argv with its own standard streams to its end: what a script or a comparison asks for. */
  execute(
    argv: readonly string[],
    o: {
      readonly stdin?: string
      readonly cwd?: string
      readonly env?: readonly string[]
      readonly steps?: number
    } = {},
  ): { readonly status: number; readonly stdout: string; readonly stderr: string } {
    const { host } = this
    const input = new Pipe()
    const output = new Pipe()
    const errors = new Pipe()
    const files = [endOf(this.kernel, input, 0), endOf(this.kernel, output, 1), endOf(this.kernel, errors, 1)]
    output.readers = errors.readers = 1
    const data = new TextEncoder().encode(o.stdin ?? '')
    if (data.length > 0) input.put(data)
    const p = this.spawn(
      function* (sys) {
        yield* sys.setsid()
        yield* sys.chdir(o.cwd ?? host.shell.home)
        const failed = yield* sys.execve(argv[0] as string, argv, o.env ?? host.shell.environment)
        return failed.number
      },
      files,
      o.env,
      true,
    )
    let out = ''
    let err = ''
    const decoders = [new TextDecoder(), new TextDecoder()] as const
    /** Takes what was written; whether that made room for whoever waits for it. */
    const drain = (): boolean => {
      const waiting = output.length + errors.length
      if (output.length > 0) out += decoders[0].decode(output.take(output.length))
      if (errors.length > 0) err += decoders[1].decode(errors.take(errors.length))
      return waiting > 0
    }
    const limit = o.steps ?? STEP_LIMIT * 2
    let left = limit
    for (; left > 0 && p.alive && out.length < 16_000_000; left -= 2000) {
      const state = this.world.run(2000, () => !p.alive)
      const room = drain()
      if (state.kind === 'idle' && p.alive && !room) {
        const next = this.world.nextTimer
        if (next === undefined) break
        this.world.advanceTo(next)
      }
    }
    if (p.alive) {
      for (const q of [...this.kernel.initial.pid.processes.values()])
        if (q.session === p.session) this.kernel.signal(q, 24, undefined)
      this.world.run(2000)
      err += 'CPU time limit exceeded\n'
    }
    drain()
    return { status: p.exitSignal !== undefined ? 128 + p.exitSignal : (p.exitCode ?? 152), stdout: out, stderr: err }
  }
}

/** Boots a host. The same seed gives the same world. */
export function openSession({
  host: name = 'linux-server',
  seed = 1,
}: {
  readonly host?: HostName
  readonly seed?: number
} = {}): Session {
  const host = byName.get(name)
  if (!host) throw new Error(`no such host: ${name}`)
  const session = new Session(host, seed, loaded, (program) => {
    const first = programs(program)
    return first === 'load' ? undefined : first
  })
  finish(session.boot())
  return session
}
export { type HostName, hostNames } from './index.ts'
