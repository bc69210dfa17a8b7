/** Programs of the machine: found by PATH, run on the console or for their lines. */
import { isErr } from '../../base/errno.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { SIGINT } from '../../kernel/linux/signals.ts'
import { decode, readAll, writeAll } from '../../userland/lib/io.ts'
import { objectName } from '../../userland/windows/paths.ts'
import { formatValues } from './format.ts'
import type { PowerShell } from './interp.ts'
import { PsError, type Value } from './values.ts'

const extensions = ['.exe', '.cmd', '.bat', '.ps1', '']

/** The executable for a name, as the object namespace calls it; undefined where PATH has none. */
export function* findProgram(shell: PowerShell, name: string): Run<string | undefined> {
  const direct = /[\\/:]/.test(name)
  const folders = direct
    ? ['']
    : (shell.environment.get('PATH') ?? shell.environment.get('Path') ?? '').split(';').filter(Boolean)
  for (const folder of folders)
    for (const extension of extensions) {
      if (extension === '' && !/\.\w+$/.test(name)) continue
      if (extension !== '' && name.toLowerCase().endsWith(extension)) continue
      const path = yield* objectName(shell.sys, direct ? name + extension : `${folder}\\${name}${extension}`)
      const s = yield* shell.sys.stat(path)
      if (!isErr(s) && (s.mode & 0o170000) === 0o100000) return path
    }
  return undefined
}
export interface NativeOptions {
  readonly input: readonly Value[]
  readonly piped: boolean
  /** The console is its output; else its lines become strings. */
  readonly toHost: boolean
  /** 2>&1, and 2>$null. */
  readonly joined: boolean
  readonly muted: boolean
}
/** Runs a program and answers its exit code and its lines. Throws a PsError where it is none of this machine's. */
export function* runProgram(
  shell: PowerShell,
  path: string,
  argv: readonly string[],
  o: NativeOptions,
): Run<{ readonly code: number; readonly lines: readonly string[] }> {
  const { sys } = shell
  const output = o.toHost ? undefined : yield* sys.pipe()
  const source = o.piped ? yield* sys.pipe() : undefined
  if (isErr(output) || isErr(source)) return { code: 255, lines: [] }
  const env = shell.environ()
  const pid = yield* sys.fork(function* (child) {
    if (output) yield* child.dup2(output[1], 1)
    if (o.joined) yield* child.dup2(1, 2)
    if (o.muted) {
      const nul = yield* child.open('/Device/Null', 2)
      if (!isErr(nul)) yield* child.dup2(nul, 2)
    }
    if (source) yield* child.dup2(source[0], 0)
    yield* child.closeRange(3)
    const failed = yield* child.execve(path, argv, env)
    return failed.name === 'ENOEXEC' ? 193 : 1
  })
  if (isErr(pid)) return { code: 255, lines: [] }
  if (output) yield* sys.close(output[1])
  if (source) {
    yield* sys.close(source[0])
    yield* writeAll(sys, source[1], new TextEncoder().encode(formatValues(o.input)))
    yield* sys.close(source[1])
  }
  yield* sys.sigaction(SIGINT, 'ignore')
  let text = ''
  if (output) {
    const bytes = yield* readAll(sys, output[0])
    yield* sys.close(output[0])
    text = isErr(bytes) ? '' : decode(bytes)
  }
  const r = yield* sys.wait(pid)
  yield* sys.sigaction(SIGINT, 'default')
  const code = isErr(r) || !r ? 255 : r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
  if (code === 193) {
    const name = path.split('/').at(-1) as string
    throw new PsError(
      `Program '${name}' failed to run: The specified executable is not a valid application for this OS platform.At line:1 char:1`,
      'ResourceUnavailable: (:) [], ApplicationFailedException',
      'NativeCommandFailed',
      name,
    )
  }
  return { code, lines: text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/) }
}
