/** cmd.exe: the old command interpreter, line by line at a console or by /c. */
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { decode, LineReader, print, unbinary } from '../../userland/lib/io.ts'
import { windowsName } from '../../userland/windows/paths.ts'
import { Cmd, Leave } from './shell.ts'

function* left(run: Run<number>): Run<number | Leave> {
  try {
    return yield* run
  } catch (e) {
    if (e instanceof Leave) return e
    throw e
  }
}
function* interact(sys: Sys, shell: Cmd): Run<number> {
  const reader = new LineReader(sys, 0)
  for (;;) {
    const cwd = yield* sys.getcwd()
    yield* print(sys, `\n${isErr(cwd) ? '' : windowsName(cwd)}>`)
    const line = yield* reader.next()
    if (typeof line !== 'string') return 0
    const code = yield* left(shell.runLine(decode(unbinary(line)).replace(/\r$/, '')))
    if (code instanceof Leave) return code.code & 0xff
  }
}

/** cmd [/q | /v:on | /s] [/c command | /k command] */
export const cmd: Program = function* (sys, argv) {
  const shell = new Cmd(sys)
  const at = argv.findIndex((a) => /^\/[ck]$/i.test(a))
  if (at > 0) {
    const line = argv
      .slice(at + 1)
      .map((w, i) => (i > 0 && /\s/.test(w) && !w.includes('"') ? `"${w}"` : w))
      .join(' ')
      .replace(/^"([^"]*)"$/, '$1')
    const code = yield* left(shell.runLine(line))
    if (/^\/c$/i.test(argv[at] as string) || code instanceof Leave)
      // What isn't found is 9009 inside, and 1 to whoever started the interpreter.
      return code instanceof Leave ? code.code & 0xff : code === 9009 ? 1 : code & 0xff
    return yield* interact(sys, shell)
  }
  yield* print(
    sys,
    `Microsoft Windows [Version ${(yield* sys.uname()).release}]\n(c) Microsoft Corporation. All rights reserved.\n`,
  )
  return yield* interact(sys, shell)
}
