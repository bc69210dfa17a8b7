/** execvp(3) and what applets that run programs share. */
import { isErr } from '../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../kernel/linux/abi.ts'
import { warn } from './io.ts'
import { strerror } from './strerror.ts'

/** How a child ended: its exit code, or the signal that ended it. */
export interface Ended {
  readonly code: ExitCode
  readonly signal?: number
}
/** Exit status as a shell has it. */
export const statusOf = (r: Ended): ExitCode => (r.signal === undefined ? r.code : 128 + r.signal)

/** Finds a program by PATH and runs it as a child; 126 or 127 with a complaint `WHO: VERB 'NAME': why`. */
export function* runCommand(sys: Sys, argv: readonly string[], who: string, verb = ''): Run<Ended> {
  const pid = yield* sys.fork((child) => execPath(child, argv, child.environ(), who, verb))
  if (isErr(pid)) {
    yield* warn(sys, `${who}: fork: ${strerror(pid)}\n`)
    return { code: 126 }
  }
  const r = yield* sys.wait(pid)
  if (isErr(r) || !r) return { code: 127 }
  return r.signal !== undefined ? { code: 128 + r.signal, signal: r.signal } : { code: r.code ?? 0 }
}
/** execvp(3): answers only where nothing could be run. */
export function* execPath(
  sys: Sys,
  argv: readonly string[],
  env: readonly string[],
  who: string,
  verb = "can't execute",
): Run<ExitCode> {
  const name = argv[0] ?? ''
  const path = env.find((e) => e.startsWith('PATH='))?.slice(5) ?? '/bin:/usr/bin'
  let error: { readonly text: string; readonly name: string } | undefined
  for (const file of name.includes('/') ? [name] : path.split(':').map((d) => `${d || '.'}/${name}`)) {
    const failed = yield* sys.execve(file, argv, env)
    if (!error || failed.name !== 'ENOENT') error = { name: failed.name, text: strerror(failed) }
  }
  yield* warn(sys, `${who}: ${verb ? `${verb} '${name}'` : name}: ${error?.text ?? 'No such file or directory'}\n`)
  return error?.name === 'ENOENT' ? 127 : 126
}
