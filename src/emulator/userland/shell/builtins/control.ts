/** Control flow: exit, return, break, continue, eval, `.`, exec, trap, let. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Run } from '../../../kernel/linux/abi.ts'
import { isReg } from '../../../kernel/linux/fs/flags.ts'
import { SIGQUIT, signalNames, signalNumber } from '../../../kernel/linux/signals.ts'
import { readFile } from '../../lib/io.ts'
import { execute } from '../command.ts'
import { Leave, ShellError } from '../errors.ts'
import { ERR_TRAP, type Shell } from '../interp.ts'
import { fromBytes, toWord } from '../text.ts'
import { type Builtin, count, options, out, quote } from './common.ts'

const MAX_NESTING = 190

export const exit: Builtin = function* (sh, argv) {
  yield* []
  throw new Leave('exit', argv[1] === undefined ? (sh.s.trapStatus ?? sh.s.status) : count(argv[1]) & 255)
}
export const return_: Builtin = function* ({ s }, argv) {
  yield* []
  const before = s.trapStatus !== undefined && s.trapDepth === s.depth ? s.trapStatus : s.status
  throw new Leave('return', argv[1] === undefined ? before : count(argv[1]) & 255)
}
export const loopControl: Builtin = function* (sh, argv) {
  yield* []
  const n = argv[1] === undefined ? 1 : count(argv[1])
  if (n === 0) throw new ShellError(`Illegal number: ${argv[1]}`)
  if (sh.s.loops > 0) throw new Leave(argv[0] as 'break' | 'continue', n)
  return 0
}
function* nested(sh: Shell, body: () => Run<ExitCode>): Run<ExitCode> {
  if (sh.s.depth > MAX_NESTING) throw new ShellError('nesting too deep')
  sh.s.depth++
  if (sh.s.trapDepth === sh.s.depth - 1) sh.s.trapDepth++
  try {
    return yield* body()
  } finally {
    if (sh.s.trapDepth === sh.s.depth) sh.s.trapDepth--
    sh.s.depth--
  }
}
export const eval_: Builtin = function* (sh, argv) {
  const text = argv.slice(argv[1] === '--' ? 2 : 1).join(' ')
  // No command in it: the status is 0.
  if (/^\s*$/.test(text)) return 0
  return yield* nested(sh, () => sh.runText(text))
}
export const dot: Builtin = function* (sh, argv) {
  const { s } = sh
  const args = argv.slice(argv[1] === '--' ? 2 : 1)
  const name = args[0]
  if (name === undefined) return 2
  let file: string | undefined = name.includes('/') ? name : undefined
  for (const dir of file === undefined ? (s.get('PATH') ?? '').split(':') : []) {
    const full = `${dir || '.'}/${name}`
    const stat = yield* sh.sys.stat(toWord(full))
    if (isErr(stat) || !isReg(stat.mode)) continue
    file = full
    break
  }
  if (file === undefined) throw new ShellError(`${name}: not found`)
  const bytes = yield* readFile(sh.sys, toWord(file))
  if (isErr(bytes)) throw new ShellError(`can't open '${file}': ${sh.s.reason(bytes)}`)
  const { positional, command, loops } = s
  if (args.length > 1) s.positional = args.slice(1)
  s.command = file
  s.sourced++
  s.status = 0
  try {
    return yield* nested(sh, () => sh.runText(fromBytes(bytes), false, 1))
  } catch (leave) {
    if (leave instanceof Leave && leave.kind === 'return') return leave.count
    throw leave
  } finally {
    s.sourced--
    s.command = command
    s.loops = loops
    if (args.length > 1) s.positional = positional
  }
}
/** exec with a command; without one its redirections stay, which the caller sees to. */
export const exec: Builtin = function* (sh, argv) {
  let args = argv.slice(1)
  let name: string | undefined
  if (args[0] === '-a') {
    name = args[1]
    args = args.slice(2)
  }
  if (args[0] === '--') args = args.slice(1)
  if (args.length === 0) return 0
  const path = sh.s.get('PATH') ?? ''
  if (!sh.s.subshell && !sh.s.locked.has(SIGQUIT) && sh.s.traps.get(SIGQUIT) !== '')
    yield* sh.sys.sigaction(SIGQUIT, 'default')
  throw new Leave('exit', yield* execute(sh, args, sh.s.environment(), path, name))
}
export const let_: Builtin = function* (sh, argv) {
  if (argv.length < 2) throw new ShellError('expression expected')
  let value = 0n
  for (const e of argv.slice(1)) value = yield* sh.expander.arithmetic([{ kind: 'text', text: e, quoted: true }])
  return value === 0n ? 1 : 0
}

/** A trap's name: of signals, EXIT for 0, and ash's ERR. */
const trapName = (n: number): string => (n === 0 ? 'EXIT' : n === ERR_TRAP ? 'ERR' : (signalNames[n] ?? String(n)))
function trapNumber(name: string): number | undefined {
  if (name === '0' || /^(SIG)?EXIT$/i.test(name)) return 0
  if (name === 'ERR') return ERR_TRAP
  const n = signalNumber(name)
  return n === undefined || n > 64 ? undefined : n
}
export const trap: Builtin = function* (sh, argv) {
  const { rest: args } = options(argv, '')
  if (args.length === 0)
    return yield* out(
      sh,
      [...(sh.s.shownTraps ?? sh.s.traps)]
        .sort(([a], [b]) => a - b)
        .map(([n, action]) => `trap -- ${quote(action)} ${trapName(n)}\n`)
        .join(''),
    )
  // A number first, or nothing more: there is no action, and all are reset.
  const first = args[0] as string
  const bare = args.length === 1 || /^\d+$/.test(first)
  const action = bare || first === '-' ? undefined : first
  let status = 0
  for (const name of bare ? args : args.slice(1)) {
    const signal = trapNumber(name)
    if (signal === undefined) {
      yield* sh.error(`${name}: invalid signal specification`)
      status = 1
    } else yield* sh.setTrap(signal, action)
  }
  return status
}
