/** A command's own help, where it was called with the wrong number of words: crictl prints it and is content. */
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { print } from '../../userland/lib/io.ts'

/** Filled by index.ts, which knows all commands. */
export const helps = new Map<string, () => string>()
export function* usage(sys: Sys, name: string): Run<number> {
  yield* print(sys, `${helps.get(name)?.() ?? ''}`)
  return 0
}
