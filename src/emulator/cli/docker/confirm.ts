/** A yes or no before something is thrown away. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { print } from '../../userland/lib/io.ts'
import { CliError } from './api.ts'

/** Asks on standard output and reads a line: only y is a yes. */
export function* ask(sys: Sys, question: string): Run<boolean> {
  yield* print(sys, `${question} [y/N] `)
  let answer = ''
  for (;;) {
    const part = yield* sys.read(0, 1)
    if (isErr(part) || part.length === 0 || part[0] === 10) break
    answer += String.fromCharCode(part[0] as number)
  }
  return answer.trim().toLowerCase() === 'y'
}
/** Asks, too; anything but y ends the command, silently and with success, as docker's cancelledErr does. */
export function* confirm(sys: Sys, question: string): Run<void> {
  if (!(yield* ask(sys, question))) throw new CliError('', 0)
}
