/** What a name stands for: type, command, alias, unalias, hash, help. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Run } from '../../../kernel/linux/abi.ts'
import { execute, failureText, find } from '../command.ts'
import type { Shell } from '../interp.ts'
import { fork, forkFailed, waitFor } from '../jobs.ts'
import { reserved } from '../parser.ts'
import { runBuiltin } from '../simple.ts'
import { toWord } from '../text.ts'
import { type Builtin, options, out, quote } from './common.ts'
import { builtinOf, builtins, specialBuiltins } from './index.ts'

/** One name, in a sentence or bare; 127 where nothing is called so. */
function* describe(sh: Shell, name: string, verbose: boolean, path?: string): Run<ExitCode> {
  const alias = sh.s.aliases.get(name)
  let text: string | undefined
  if (reserved.has(name) && !(name === 'function' && sh.s.dialect?.posix)) text = verbose ? ' is a shell keyword' : name
  else if (alias !== undefined) text = verbose ? ` is an alias for ${alias}` : `alias ${name}=${quote(alias)}`
  else if (sh.s.functions.has(name)) text = verbose ? ' is a function' : name
  else if (builtinOf(sh, name))
    text = verbose ? ` is a ${specialBuiltins.has(name) ? 'special ' : ''}shell builtin` : name
  else {
    const file = yield* find(sh, name, path)
    if (!isErr(file) && !isErr(yield* sh.sys.stat(toWord(file)))) text = verbose ? ` is ${file}` : file
  }
  if (text === undefined) {
    if (verbose) yield* out(sh, `${name}: not found\n`)
    return 127
  }
  yield* out(sh, `${verbose ? name : ''}${text}\n`)
  return 0
}
/** Any option makes its answer brief, as in ash. */
export const type: Builtin = function* (sh, argv) {
  const brief = argv[1]?.startsWith('-') === true
  let status = 0
  for (const name of argv.slice(brief ? 2 : 1)) status |= yield* describe(sh, name, !brief)
  return status
}
export const command: Builtin = function* (sh, argv, around) {
  const { flags, rest } = options(argv, 'pvV')
  const path = flags.has('p') ? '/sbin:/usr/sbin:/bin:/usr/bin' : undefined
  const [name] = rest
  if (name === undefined) return 0
  if (flags.has('v') || flags.has('V')) return yield* describe(sh, name, flags.has('V'), path)
  const builtin = builtinOf(sh, name)
  if (builtin) return yield* runBuiltin(sh, rest, builtin, false)
  const file = yield* find(sh, name, path)
  const { s } = sh
  if (isErr(file)) {
    s.command = around
    yield* sh.error(failureText(sh, name, file))
    return 127
  }
  const child = yield* fork(sh, (x) => execute(x, rest, s.environment(), path ?? s.get('PATH') ?? ''))
  if (isErr(child)) return forkFailed(child)
  return yield* waitFor(sh, [child], rest.join(' '))
}
export const alias: Builtin = function* (sh, argv) {
  const { aliases } = sh.s
  if (argv.length === 1) {
    const all = [...aliases].sort(([a], [b]) => (a < b ? -1 : 1))
    return yield* out(sh, all.map(([k, v]) => `${k}=${quote(v)}\n`).join(''))
  }
  let status = 0
  for (const arg of argv.slice(1)) {
    const at = arg.indexOf('=', 1)
    if (at > 0) {
      aliases.set(arg.slice(0, at), arg.slice(at + 1))
      continue
    }
    const value = aliases.get(arg)
    if (value === undefined) {
      yield* sh.warn(`alias: ${arg} not found\n`)
      status = 1
    } else yield* out(sh, `${arg}=${quote(value)}\n`)
  }
  return status
}
export const unalias: Builtin = function* (sh, argv) {
  const { flags, rest } = options(argv, 'a')
  if (flags.has('a')) sh.s.aliases.clear()
  let status = 0
  for (const name of rest) {
    if (sh.s.aliases.delete(name)) continue
    yield* sh.warn(`unalias: ${name} not found\n`)
    status = 1
  }
  return status
}
/** Nothing is remembered here: each command is looked up anew. What can't be found is an error all the same. */
export const hash: Builtin = function* (sh, argv) {
  const { rest } = options(argv, 'r')
  let status = 0
  for (const name of rest) {
    if (builtinOf(sh, name) || sh.s.functions.has(name)) continue
    const file = yield* find(sh, name)
    if (!isErr(file)) continue
    yield* sh.error(failureText(sh, name, file))
    status = 1
  }
  return status
}
export const help: Builtin = function* (sh) {
  let text = 'Built-in commands:\n------------------\n'
  let column = 0
  for (const name of [...builtins.keys()].sort()) {
    text += `${column === 0 ? '\t' : ' '}${name}`
    column += name.length + 1
    if (column > 60) {
      text += '\n'
      column = 0
    }
  }
  return yield* out(sh, `${text}\n\n`)
}
