/** Runs the tree. Control flow that crosses commands (break, return, exit) travels as values thrown inside this folder alone. */
import type { ExitCode, Run, Sys } from '../../kernel/linux/abi.ts'
import { SIGCHLD, SIGINT, SIGQUIT } from '../../kernel/linux/signals.ts'
import { writeAll } from '../lib/io.ts'
import type { Node } from './ast.ts'
import { runCase, runFor, runIf, runWhile } from './compound.ts'
import { Leave, ShellError } from './errors.ts'
import { Expander } from './expand.ts'
import { SyntaxProblem } from './lexer.ts'
import { ScriptReader } from './parser.ts'
import { plainLines } from './plain.ts'
import { redirected } from './redirect.ts'
import { runSimple } from './simple.ts'
import { MEMORY_LIMIT, ShellState } from './state.ts'
import { runAsync, runPipe, runSubshell, substitute } from './subshell.ts'
import { toBytes } from './text.ts'

/** What runText does with text that isn't plain. */
function* runScript(sh: Shell, text: string, last: boolean, line: number): Run<ExitCode> {
  const { s } = sh
  const reader = new ScriptReader(text, s.aliases, line, () => s.line, s.dialect?.grammar)
  const outer = s.read
  for (;;) {
    const node = reader.next()
    s.read = reader.line
    if (node === undefined) break
    if (node instanceof SyntaxProblem) {
      const missing = s.dialect?.missing?.(text)
      if (missing !== undefined) yield* sh.warn(`zukan: not emulated: ${missing}\n`)
      else yield* sh.error(`syntax error: ${node.message}`, node.line)
      s.status = 2
      throw new Leave('abort', 2)
    }
    if (s.options.has('n') && !s.interactive) continue
    yield* sh.exec(node, last && reader.atEnd)
  }
  s.read = outer
  return s.status
}

/** The number that ash's ERR has among the traps. */
export const ERR_TRAP = 65

export class Shell {
  s: ShellState
  expander: Expander
  constructor(state: ShellState) {
    this.s = state
    this.expander = new Expander(state, (_s, list) => substitute(this, list))
  }
  get sys(): Sys {
    return this.s.sys
  }

  /** A complaint as ash words it: the shell's name, the command that runs, and the line where it isn't typed. */
  *error(message: string, line = this.s.line): Run<void> {
    const { s } = this
    if (s.dialect) return yield* this.warn(yield* s.dialect.complaint(s, message, line))
    let prefix = `${s.name}: `
    if (s.command !== undefined) {
      if (s.command !== s.name) prefix += `${s.command}: `
      if (!s.interactive || s.sourced > 0) prefix += `line ${line}: `
    }
    yield* this.warn(`${prefix}${message}\n`)
  }
  /** The shell's text to standard error. */
  *warn(text: string): Run<void> {
    yield* writeAll(this.sys, 2, toBytes(text))
  }

  // --- scripts ---
  /**
   * Runs text to its end; the status of its last command. `last`: nothing follows, so its last command may take the shell's place.
   * `line`: the number of its first line.
   */
  *runText(text: string, last = false, line = this.s.line): Run<ExitCode> {
    const plain = plainLines(text, this.s.aliases, line)
    if (!plain) return yield* runScript(this, text, last, line)
    const { s } = this
    const outer = s.read
    for (const [i, node] of plain.entries()) {
      s.read = i < plain.length - 1 || text.endsWith('\n') ? node.line + 1 : node.line
      if (s.options.has('n') && !s.interactive) continue
      yield* this.exec(node, last && i === plain.length - 1)
    }
    s.read = outer
    return s.status
  }

  /** Runs one node; answers and remembers its status. */
  *exec(node: Node, last = false): Run<ExitCode> {
    const { s } = this
    if (s.options.has('n') && !s.interactive) return 0
    if (s.pendingTraps.length > 0) yield* this.runTraps()
    let status: ExitCode
    let check = false
    switch (node.kind) {
      case 'simple':
        s.line = node.line
        status = yield* runSimple(this, node, last)
        check = true
        break
      case 'pipe':
        status = yield* runPipe(this, node)
        check = !node.negate
        break
      case 'and':
      case 'or':
        return yield* runAndOr(this, node, last)
      case 'list':
        return yield* runList(this, node.nodes, last)
      case 'async':
        status = yield* runAsync(this, node.node)
        break
      case 'group':
        status = yield* redirected(this, node.redirects, () => this.exec(node.body))
        break
      case 'subshell':
        s.line = node.line
        status = yield* runSubshell(this, node.body, node.redirects)
        check = true
        break
      case 'if':
        return yield* redirected(this, node.redirects, () => runIf(this, node))
      case 'while':
      case 'until':
        return yield* redirected(this, node.redirects, () => runWhile(this, node))
      case 'for':
        return yield* redirected(this, node.redirects, () => runFor(this, node))
      case 'case':
        return yield* redirected(this, node.redirects, () => runCase(this, node))
      case 'function':
        s.functions.set(node.name, node.body)
        status = 0
        break
    }
    s.status = status
    if (s.pendingTraps.length > 0) yield* this.runTraps()
    if (check && status !== 0 && s.tested === 0) {
      yield* this.#errTrap()
      if (s.options.has('e')) throw new Leave('exit', status)
    }
    return status
  }
  /** The trap of a command that failed; functions run it only under set -E. */
  *#errTrap(): Run<void> {
    const { s } = this
    const action = s.traps.get(ERR_TRAP)
    if (!action || s.inErrTrap || (s.locals.length > 0 && !s.options.has('E'))) return
    const { status } = s
    s.inErrTrap = true
    try {
      yield* this.runText(action)
    } finally {
      s.inErrTrap = false
    }
    s.status = status
  }

  // --- variables ---
  /** Sets a variable or fails as for `readonly`. */
  assign(name: string, value: string): void {
    if (!this.s.set(name, value)) throw new ShellError(`${name}: is read only`)
    if (this.s.held > MEMORY_LIMIT) throw new ShellError('out of memory')
  }
  // --- traps ---
  /** Runs the actions of signals that came. `exit` and `return` in them answer the status from before, XCU 2.15 trap. */
  *runTraps(): Run<void> {
    const { s } = this
    for (let signal = s.pendingTraps.shift(); signal !== undefined; signal = s.pendingTraps.shift()) {
      const action = s.traps.get(signal)
      if (!action) continue
      const { status, trapStatus, trapDepth } = s
      if (trapStatus === undefined) {
        s.trapStatus = status
        s.trapDepth = s.depth
      }
      try {
        yield* this.runText(action)
      } finally {
        s.trapStatus = trapStatus
        s.trapDepth = trapDepth
      }
      s.status = status
    }
  }
  /** Sets a trap; '' ignores, undefined resets. */
  *setTrap(signal: number, action: string | undefined): Run<void> {
    const { s } = this
    s.shownTraps = undefined
    if (action === undefined) s.traps.delete(signal)
    else s.traps.set(signal, action)
    if (signal === 0 || signal === ERR_TRAP) return
    // Never ignored: the shell waits for its children.
    if (signal === SIGCHLD && action === '') return
    if (!s.handled.has(signal)) {
      s.handled.add(signal)
      if (!s.interactive && (yield* this.sys.sigquery(signal)) === 'ignore') s.locked.add(signal)
    }
    if (s.locked.has(signal)) return
    yield* this.sys.sigaction(
      signal,
      action === undefined
        ? s.interactive && signal === SIGINT
          ? function* () {}
          : signal === SIGQUIT && !s.subshell
            ? 'ignore'
            : 'default'
        : action === ''
          ? 'ignore'
          : function* () {
              if (!s.pendingTraps.includes(signal)) s.pendingTraps.push(signal)
            },
    )
  }
}

/** A script file without #!: a new shell in this process, with what was exported. */
export function* openScript(
  sh: Shell,
  text: string,
  args: readonly string[],
  file: string,
  env: readonly string[],
): Run<ExitCode> {
  const s = new ShellState(sh.sys)
  s.importEnvironment(env)
  s.name = file
  s.dialect = sh.s.dialect
  s.applet = sh.s.applet
  s.command = file
  s.pid = yield* sh.sys.getpid()
  s.positional = args
  return yield* runShell(new Shell(s), (x) => x.runText(text, false, 1))
}

/** `a && b`, `a || b`. What fails on the left side doesn't end a shell of -e. */
function* runAndOr(sh: Shell, node: Extract<Node, { readonly left: Node }>, last: boolean): Run<ExitCode> {
  let left: ExitCode
  sh.s.tested++
  try {
    left = yield* sh.exec(node.left)
  } finally {
    sh.s.tested--
  }
  return (left === 0) === (node.kind === 'and') ? yield* sh.exec(node.right, last) : left
}
/** `a; b`. */
function* runList(sh: Shell, nodes: readonly Node[], last: boolean): Run<ExitCode> {
  let status: ExitCode = 0
  for (const [i, node] of nodes.entries()) status = yield* sh.exec(node, last && i === nodes.length - 1)
  return status
}
/** Runs a shell's body: exit, EXIT trap and leftovers of control flow end here. */
export function* runShell(shell: Shell, body: (sh: Shell) => Run<ExitCode>): Run<ExitCode> {
  const { s } = shell
  let status: ExitCode
  try {
    status = yield* guarded(shell, body)
  } catch (problem) {
    status = yield* lastWords(shell, problem)
  }
  const trap = s.traps.get(0)
  if (trap) status = yield* exitTrap(shell, trap, status)
  return status & 255
}
function* exitTrap(shell: Shell, trap: string, status: ExitCode): Run<ExitCode> {
  const { s } = shell
  s.traps.delete(0)
  s.status = status
  s.trapStatus = status
  s.trapDepth = s.depth
  try {
    yield* shell.runText(trap)
  } catch (leave) {
    if (leave instanceof Leave && (leave.kind === 'exit' || leave.kind === 'abort')) return leave.count
    if (!(leave instanceof Leave)) throw leave
  }
  return status
}
function* guarded(shell: Shell, body: (sh: Shell) => Run<ExitCode>): Run<ExitCode> {
  const status = yield* body(shell)
  if (shell.s.pendingTraps.length > 0) yield* shell.runTraps()
  return status
}
function* lastWords(shell: Shell, problem: unknown): Run<ExitCode> {
  if (problem instanceof Leave)
    return problem.kind === 'exit' || problem.kind === 'return' || problem.kind === 'abort'
      ? problem.count
      : shell.s.status
  if (problem instanceof ShellError) {
    yield* shell.error(problem.message)
    return problem.status
  }
  if (problem instanceof RangeError) {
    yield* shell.error('out of memory')
    return 2
  }
  throw problem
}
