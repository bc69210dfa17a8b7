/** echo, printf, test, [ and [[. */

import type { ExitCode } from '../../../kernel/linux/abi.ts'
import { unbinary } from '../../lib/io.ts'
import { expandEscapes, formatPrintf } from '../../lib/printf.ts'
import { evalTest } from '../../lib/test.ts'
import { fromBinary, toBinary } from '../text.ts'
import { appletError, type Builtin, out, outBytes } from './common.ts'

export const echo: Builtin = function* (sh, argv) {
  let i = 1
  let newline = true
  let escapes = false
  for (; i < argv.length && /^-[neE]+$/.test(argv[i] as string); i++) {
    for (const c of (argv[i] as string).slice(1)) {
      if (c === 'n') newline = false
      else escapes = c === 'e'
    }
  }
  const text = argv.slice(i).join(' ')
  if (!escapes) return yield* out(sh, newline ? `${text}\n` : text)
  const u = expandEscapes(toBinary(text), true)
  return yield* outBytes(sh, unbinary(newline && !u.stop ? `${u.text}\n` : u.text))
}
export const printf: Builtin = function* (sh, argv) {
  const args = argv[1] === '--' ? argv.slice(2) : argv.slice(1)
  if (args.length === 0) return yield* appletError(sh, 'usage: printf FORMAT [ARGUMENT...]', 2)
  const { output, errors } = formatPrintf(
    toBinary(args[0] as string),
    args.slice(1).map(toBinary),
    sh.s.dialect ? undefined : '',
  )
  const status = yield* outBytes(sh, unbinary(output))
  for (const e of errors) yield* appletError(sh, fromBinary(e))
  return errors.length > 0 ? 1 : status
}
export const test: Builtin = function* (sh, argv) {
  const close = { test: undefined, '[': ']', '[[': ']]' }[argv[0] as 'test']
  const words = argv.slice(1)
  if (close !== undefined && words.pop() !== close) {
    yield* appletError(sh, `missing ${close}`)
    return 2
  }
  const r: { readonly status: ExitCode; readonly error?: string } = yield* evalTest(sh.sys, words, argv[0] === '[[')
  if (r.error) yield* appletError(sh, r.error)
  return r.status
}
