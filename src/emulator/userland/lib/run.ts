/** Starting another program in place, along PATH, as execvp(3) does; what env, nsenter, unshare, nice and their kin end with. */
import { EACCES, ENOENT, type Errno, isErr } from '../../base/errno.ts'
import type { ExitCode, Run, Sys, WaitStatus } from '../../kernel/linux/abi.ts'
import { SIGCHLD } from '../../kernel/linux/signals.ts'
import { warn } from './io.ts'

/** Replaces the program. Answers only where it fails: EACCES where some directory had it but wouldn't let it run. */
export function* execvp(sys: Sys, argv: readonly string[], env = sys.environ()): Run<Errno> {
  const name = argv[0] ?? ''
  if (name.includes('/')) return yield* sys.execve(name, argv, env)
  const path = env.find((e) => e.startsWith('PATH='))?.slice(5) ?? '/bin:/usr/bin'
  let worst = ENOENT
  for (const dir of path.split(':')) {
    const failed = yield* sys.execve(`${dir || '.'}/${name}`, argv, env)
    if (failed === EACCES) worst = EACCES
    else if (failed !== ENOENT && failed.name !== 'ENOTDIR') return failed
  }
  return worst
}

/** The same with util-linux's complaint and its exit codes: 127 not found, 126 found but not run. Without words: the shell. */
export function* execOrShell(sys: Sys, program: string, words: readonly string[], env = sys.environ()): Run<ExitCode> {
  const shell = env.find((e) => e.startsWith('SHELL='))?.slice(6) || '/bin/sh'
  const failed =
    words.length > 0 ? yield* execvp(sys, words, env) : yield* sys.execve(shell, [`-${shell.split('/').at(-1)}`], env)
  yield* warn(sys, `${program}: failed to execute ${words[0] ?? shell}: ${failed.text}\n`)
  return failed === ENOENT ? 127 : 126
}

/** Waits for one child to end. */
export function* waitFor(sys: Sys, pid: number): Run<WaitStatus> {
  for (;;) {
    const s = yield* sys.wait(pid)
    if (isErr(s)) {
      if (s.name === 'EINTR') continue
      return { pid, code: 1 }
    }
    if (s) return s
  }
}
/** Ends as a child ended: with its code, or by the same signal. */
export function* endAs(sys: Sys, s: WaitStatus): Run<ExitCode> {
  if (s.signal === undefined) return s.code ?? 0
  if (s.signal !== SIGCHLD) yield* sys.sigaction(s.signal, 'default')
  yield* sys.kill(yield* sys.getpid(), s.signal)
  return 128 + s.signal
}
