/** Finding and starting programs, POSIX XCU 2.9.1.4. */
import { EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOEXEC, ENOTDIR, type Errno, isErr } from '../../base/errno.ts'
import type { ExitCode, Run } from '../../kernel/linux/abi.ts'
import { isReg } from '../../kernel/linux/fs/flags.ts'
import { readFile } from '../lib/io.ts'
import { openScript, type Shell } from './interp.ts'
import { fromBytes, toWord } from './text.ts'

/** Where a command's file is, as PATH has it; the error where no directory has a file of that name. Whether it may be run isn't asked. */
export function* find(sh: Shell, name: string, path = sh.s.get('PATH') ?? ''): Run<string | Errno> {
  if (name.includes('/')) return name
  let error = ENOENT
  for (const dir of path.split(':')) {
    const full = `${dir === '' ? '.' : dir}/${name}`
    const stat = yield* sh.sys.stat(toWord(full))
    if (isErr(stat)) continue
    if (isReg(stat.mode)) return full
    error = EACCES
  }
  return error
}
/** ash's words for what execve(2) answered. */
export const errorText = (sh: Shell, e: Errno): string =>
  e === ENOENT || e === ENOTDIR ? 'not found' : e === ENOEXEC ? 'Exec format error' : sh.s.reason(e)

/** Why a command couldn't be run; zsh puts a missing one the other way round. */
export const failureText = (sh: Shell, name: string, error: Errno): string => {
  const why = errorText(sh, error)
  return sh.s.name === 'zsh' && why === 'not found' ? `command not found: ${name}` : `${name}: ${why}`
}

/** execve(2) in this process along PATH: answers only a failure's status. `as`: what the program gets for its own name. */
export function* execute(
  sh: Shell,
  argv: readonly string[],
  env: readonly string[],
  path: string,
  as?: string,
): Run<ExitCode> {
  const name = argv[0] as string
  const files = name.includes('/') ? [name] : path.split(':').map((dir) => `${dir === '' ? '.' : dir}/${name}`)
  const words = [as ?? name, ...argv.slice(1)].map(toWord)
  const variables = env.map(toWord)
  let error = ENOENT
  for (const file of files) {
    const failed = yield* sh.sys.execve(toWord(file), words, variables)
    if (failed === ENOEXEC) {
      // A text file without #! is a script of this shell; a binary for another machine is not.
      const text = yield* readFile(sh.sys, toWord(file))
      if (!isErr(text) && !text.subarray(0, 256).includes(0))
        return yield* openScript(sh, fromBytes(text), argv.slice(1), file, env)
    }
    if (failed !== ENOENT && failed !== ENOTDIR) error = failed
    if (failed === ENOEXEC) break
  }
  yield* sh.error(failureText(sh, name, error))
  return error === ENOENT || error === ENOTDIR || error === ELOOP || error === ENAMETOOLONG ? 127 : 126
}
