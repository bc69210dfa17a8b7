/** Questions on standard error, answered on standard input; bb_ask_y_confirmation of libbb. */
import { EINTR, isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { warn } from './io.ts'

/** Prints the question and reads one line: true where its first letter is y or Y. */
export function* confirmed(sys: Sys, question: string): Run<boolean> {
  yield* warn(sys, question)
  let answer: string | undefined
  for (;;) {
    const byte = yield* sys.read(0, 1)
    if (byte === EINTR) continue
    if (isErr(byte) || byte.length === 0) break
    const c = String.fromCharCode(byte[0] as number)
    if (c === '\n') break
    if (c !== ' ' && c !== '\t') answer ??= c
  }
  return answer === 'y' || answer === 'Y'
}
