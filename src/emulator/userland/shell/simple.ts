/** Simple commands: assignments, functions, builtins, programs. POSIX XCU 2.9.1, in ash's order. */
import { isErr } from '../../base/errno.ts'
import type { ExitCode, Run } from '../../kernel/linux/abi.ts'
import type { Assignment, Node } from './ast.ts'
import { quote as singleQuote } from './builtins/common.ts'
import { assigning, type Builtin, builtinOf, specialBuiltins } from './builtins/index.ts'
import { execute, failureText, find } from './command.ts'
import { Leave, ShellError } from './errors.ts'
import type { Shell } from './interp.ts'
import { fork, forkFailed, reap, waitFor } from './jobs.ts'
import { reserved } from './parser.ts'
import { redirected } from './redirect.ts'
import type { Variable } from './state.ts'

/** How deep functions may nest. */
const MAX_DEPTH = 200
/**
 * Virtual processor time of one simple command, nanoseconds. The real ash takes a tenth of it; loops that wait for a second would cost
 * the reader's machine ten times as long.
 */
const COMMAND_TIME = 20_000

type Simple = Extract<Node, { kind: 'simple' }>
type Assigned = readonly (readonly [string, string])[]

/** Runs with variables set for that time; each value is expanded when those before it are set. */
function* withVariables(
  sh: Shell,
  assigns: readonly Assignment[],
  body: (assigned: Assigned) => Run<ExitCode>,
): Run<ExitCode> {
  if (assigns.length === 0) return yield* body([])
  const { s } = sh
  const saved: [string, Variable | undefined][] = []
  const assigned: [string, string][] = []
  try {
    for (const a of assigns) {
      const value = yield* sh.expander.single(a.value, true)
      const old = s.variables.get(a.name)
      if (old?.readonly) throw new ShellError(`${a.name}: is read only`)
      saved.push([a.name, old])
      assigned.push([a.name, value])
      s.put(a.name, { value, exported: true, readonly: false })
    }
    return yield* body(assigned)
  } finally {
    for (const [name, old] of saved.reverse()) s.put(name, old)
  }
}
function* assignAll(sh: Shell, assigns: readonly Assignment[]): Run<Assigned> {
  const assigned: [string, string][] = []
  for (const a of assigns) {
    const value = yield* sh.expander.single(a.value, true)
    sh.assign(a.name, value)
    assigned.push([a.name, value])
  }
  return assigned
}

// --- simple commands ---
export function* runSimple(sh: Shell, node: Simple, last: boolean): Run<ExitCode> {
  const { s } = sh
  yield* sh.sys.compute(COMMAND_TIME)
  if (s.interrupted) throw new Leave('interrupt', 130)
  try {
    s.substituted = undefined
    const argv = yield* words(sh, node)
    const name = argv[0]
    if (name === undefined) return yield* redirected(sh, node.redirects, () => onlyAssigns(sh, node))
    const fn = s.functions.get(name)
    const builtin = builtinOf(sh, name)
    const special = builtin !== undefined && specialBuiltins.has(name)
    if (builtin && (special || !fn)) return yield* redirectedBuiltin(sh, node, argv, builtin, special)
    if (fn)
      return yield* redirected(sh, node.redirects, () =>
        withVariables(sh, node.assigns, (assigned) => {
          return traced(sh, assigned, argv, () => call(sh, fn, argv))
        }),
      )
    return yield* external(sh, node, argv, last)
  } catch (problem) {
    if (!(problem instanceof ShellError)) throw problem
    const inText = problem.message.startsWith('syntax error')
    yield* sh.error(problem.message, inText ? s.read : s.line)
    s.status = problem.status
    throw new Leave('abort', problem.status)
  }
}
/** The words of a command. Those that look like assignments to export and its kin are neither split nor globbed; nor are those of [[. */
function* words(sh: Shell, node: Simple): Run<string[]> {
  const argv: string[] = []
  let style: 'fields' | 'assigns' | 'test' = 'fields'
  for (const [i, word] of node.words.entries()) {
    if (style === 'assigns') argv.push(...(yield* sh.expander.declaration(word)))
    else if (style === 'test') argv.push(yield* sh.expander.single(word))
    else argv.push(...(yield* sh.expander.fields([word])))
    if (i === 0 || argv.at(-2) === 'command')
      style = assigning.has(argv.at(-1) ?? '') ? 'assigns' : argv[0] === '[[' ? 'test' : 'fields'
  }
  return argv
}
/** A command without words: its assignments stay; its status is that of the last substitution. */
function* onlyAssigns(sh: Shell, node: Simple): Run<ExitCode> {
  for (const a of node.assigns) {
    const value = yield* sh.expander.single(a.value, true)
    sh.assign(a.name, value)
    if (sh.s.options.has('x')) yield* trace(sh, [[a.name, value]], [])
  }
  return sh.s.substituted ?? 0
}
function* traced(sh: Shell, assigned: Assigned, argv: readonly string[], body: () => Run<ExitCode>): Run<ExitCode> {
  if (sh.s.options.has('x')) yield* trace(sh, assigned, argv)
  return yield* body()
}
function* trace(sh: Shell, assigned: Assigned, argv: readonly string[]): Run<void> {
  const quote = (w: string): string => (/[\x01-*;-?`[\\{-\uffff]/.test(w) || reserved.has(w) ? singleQuote(w) : w)
  const shown = sh.s.dialect?.posix ? (w: string): string => w : quote
  const words = [...assigned.map(([k, v]) => `${k}=${shown(v)}`), ...argv.map(shown)]
  const ps4 = sh.s.get('PS4') ?? ''
  yield* sh.warn(`${ps4.includes('$') ? yield* sh.expander.text(ps4) : ps4}${words.join(' ')}\n`)
}
function* redirectedBuiltin(
  sh: Shell,
  node: Simple,
  argv: readonly string[],
  builtin: Builtin,
  special: boolean,
): Run<ExitCode> {
  const name = argv[0] as string
  // A loop of builtins sees that its children ended.
  if (sh.s.jobs.some((j) => j.state === 'running')) yield* reap(sh)
  const replaces = name === 'exec' && argv.slice(1).every((a) => a === '--')
  const run = (assigned: Assigned): Run<ExitCode> =>
    traced(sh, assigned, argv, () => runBuiltin(sh, argv, builtin, special))
  return yield* redirected(
    sh,
    node.redirects,
    function* () {
      if (!special) return yield* withVariables(sh, node.assigns, run)
      if (name === 'exec' && !replaces) return yield* withVariables(sh, node.assigns, run)
      return yield* run(yield* assignAll(sh, node.assigns))
    },
    special,
    replaces,
  )
}
/** Runs a builtin under its name. Where it isn't a special one its errors end only itself. */
export function* runBuiltin(sh: Shell, argv: readonly string[], builtin: Builtin, special: boolean): Run<ExitCode> {
  const { s } = sh
  const { command } = s
  s.command = argv[0]
  try {
    return yield* builtin(sh, argv, command)
  } catch (problem) {
    let leave = problem
    if (problem instanceof ShellError) {
      yield* sh.error(problem.message)
      leave = new Leave('abort', problem.status)
    }
    if (!(leave instanceof Leave) || leave.kind !== 'abort' || special) throw leave
    return leave.count
  } finally {
    s.command = command
  }
}
function* call(sh: Shell, body: Node, argv: readonly string[]): Run<ExitCode> {
  const { s } = sh
  if (s.depth >= MAX_DEPTH) throw new ShellError('function nesting too deep')
  const { positional, loops, optind, optoff, line } = s
  s.setPositional(argv.slice(1))
  s.depth++
  s.loops = 0
  s.locals.push({ variables: new Map() })
  const caller = s.variables.get('FUNCNAME')
  s.variables.set('FUNCNAME', { value: argv[0], exported: false, readonly: false })
  try {
    return yield* sh.exec(body)
  } catch (leave) {
    if (leave instanceof Leave && leave.kind === 'return') {
      s.status = leave.count
      return leave.count
    }
    throw leave
  } finally {
    const frame = s.locals.pop()
    for (const [name, old] of frame?.variables ?? []) s.put(name, old)
    if (frame?.options) {
      s.options = new Set(frame.options.letters)
      s.pipefail = frame.options.pipefail
    }
    s.put('FUNCNAME', caller)
    s.positional = positional
    s.depth--
    s.loops = loops
    s.optind = optind
    s.optoff = optoff
    s.line = line
  }
}

function* external(sh: Shell, node: Simple, argv: readonly string[], last: boolean): Run<ExitCode> {
  return yield* redirected(sh, node.redirects, () =>
    withVariables(sh, node.assigns, (assigned) => runExternal(sh, argv, last, assigned)),
  )
}
function* runExternal(sh: Shell, argv: readonly string[], last: boolean, assigned: Assigned): Run<ExitCode> {
  const { s } = sh
  // The last command of a script needs no process of its own, where nothing is left to do after it.
  const replaces = last && s.traps.size === 0 && !s.interactive
  const path = s.get('PATH') ?? ''
  if (s.options.has('x')) yield* trace(sh, assigned, argv)
  const file = yield* find(sh, argv[0] as string, path)
  if (isErr(file)) {
    yield* sh.error(failureText(sh, argv[0] as string, file))
    return 127
  }
  const env = s.environment()
  if (replaces) throw new Leave('exit', yield* execute(sh, argv, env, path))
  const child = yield* fork(sh, (x) => execute(x, argv, env, path))
  if (isErr(child)) return forkFailed(child)
  return yield* waitFor(sh, [child], argv.join(' '))
}
