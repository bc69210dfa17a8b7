/**
 * Runs a case in a session, wherever that lives: in Node from the sources, from the divided modules, or in a browser. A function that
 * needs nothing around it, since Playwright sends its text to a page.
 */
import type { Session, Work } from '../../src/emulator/index.ts'
import type { Case } from '../conformance/suites.ts'

export type DrivenCase = Pick<Case, 'id' | 'in' | 'run' | 'setup' | 'files' | 'stdin'> & { readonly host?: string }

/** What is seen of a case, and of the world after it: where two worlds went apart, one of these differs. */
export interface Driven {
  readonly exit: number | undefined
  readonly stdout: string
  readonly stderr: string
  /** Virtual nanoseconds. */
  readonly now: number
  /** Changes that a diagram could show. */
  readonly changes: number
  /** Bugs that ended a program. */
  readonly faults: readonly string[]
}

export function* driving(session: Session, c: DrivenCase): Work<Driven> {
  const { world, host } = session
  const { shell } = host
  const work = `${shell.home}/work`
  session.makeFolder(work)
  session.putFiles(work, { ...c.files, '.stdin': c.stdin ?? '', '.stdout': '', '.stderr': '' })
  /** Runs a process to its end, time jumping. */
  function* ending(p: ReturnType<Session['spawn']>): Work<void> {
    for (let left = 300_000; left > 0; ) {
      const state = world.run(512, () => !p.alive)
      // In the midst of a step nothing is decided.
      if (state.kind === 'load') {
        yield { world, wanted: state.programs }
        continue
      }
      left -= 512
      if (!p.alive) return
      if (state.kind !== 'idle') continue
      const next = world.nextTimer
      if (next === undefined) return
      world.advanceTo(next)
    }
  }
  function* execute(argv: readonly string[]): Work<number | undefined> {
    const p = session.spawn(
      function* (sys) {
        yield* sys.setsid()
        yield* sys.chdir(work)
        yield* sys.open('.stdin', 0)
        // O_WRONLY | O_APPEND
        yield* sys.open('.stdout', 0o2001)
        yield* sys.open('.stderr', 0o2001)
        const failed = yield* sys.execve(argv[0] as string, argv, shell.environment)
        return failed.number
      },
      [],
      shell.environment,
      true,
    )
    yield* ending(p)
    return p.exitSignal === undefined ? p.exitCode : 128 + p.exitSignal
  }
  let exit: number | undefined
  if (c.in === undefined || c.in === 'host') {
    for (const line of c.setup ?? []) yield* execute(shell.script(line))
    session.putFiles(work, { '.stdout': '', '.stderr': '' })
    exit = yield* execute(shell.script(c.run))
  } else {
    const script = [...(c.setup ?? []), c.run].join('\n')
    exit = yield* execute(['/usr/bin/docker', 'run', '--rm', '-i', '-w', '/tmp', c.in, 'sh', '-c', script])
  }
  const texts = ['', '']
  yield* ending(
    session.spawn(function* (sys) {
      yield* sys.chdir(work)
      for (const [n, name] of ['.stdout', '.stderr'].entries()) {
        const decoder = new TextDecoder()
        const fd = yield* sys.open(name, 0)
        for (; typeof fd === 'number'; ) {
          const bytes = yield* sys.read(fd, 65_536)
          if (!(bytes instanceof Uint8Array) || bytes.length === 0) break
          texts[n] += decoder.decode(bytes, { stream: true })
        }
      }
      return 0
    }, []),
  )
  const faults: string[] = []
  for (const { kernel } of world.allMachines()) for (const f of kernel?.faults ?? []) faults.push(String(f.error))
  const [stdout, stderr] = texts as [string, string]
  return { exit, stdout, stderr, now: world.clock.now, changes: world.version, faults }
}
