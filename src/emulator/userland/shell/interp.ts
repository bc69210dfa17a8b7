/** Runs the tree. Control flow that crosses commands (break, return, exit) travels as values thrown inside this folder alone. */
import { type Errno, isErr } from '../../base/errno.ts'
import type { ExitCode, Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { SIGCHLD, SIGINT } from '../../kernel/linux/signals.ts'
import { readAll, warn, writeAll } from '../lib/io.ts'
import { matchPattern } from '../lib/pattern.ts'
import type { Assignment, Node, Redirect } from './ast.ts'
import { quote as singleQuote } from './builtins/common.ts'
import { assigning, type Builtin, builtins, specialBuiltins } from './builtins/index.ts'
import { execute, failureText, find } from './command.ts'
import { Leave, ShellError } from './errors.ts'
import { Expander } from './expand.ts'
import { describe, fork, jobNumber, reap, waitFor } from './jobs.ts'
import { SyntaxProblem } from './lexer.ts'
import { reserved, ScriptReader } from './parser.ts'
import { redirect, redirected } from './redirect.ts'
import { MEMORY_LIMIT, ShellState, type Variable } from './state.ts'
import { fromBytes, toBytes } from './text.ts'

/** How deep functions and evals may nest. */
const MAX_DEPTH = 200
/**
 * Virtual processor time of one simple command, nanoseconds. The real ash takes a tenth of it; loops that wait for a second would cost
 * the reader's machine ten times as long.
 */
const COMMAND_TIME = 20_000
/** The number that ash's ERR has among the traps. */
export const ERR_TRAP = 65

type Simple = Extract<Node, { kind: 'simple' }>
type Assigned = readonly (readonly [string, string])[]

export class Shell {
  s: ShellState
  expander: Expander
  constructor(state: ShellState) {
    this.s = state
    this.expander = new Expander(state, (_s, list) => this.#substitute(list))
  }
  get sys(): Sys {
    return this.s.sys
  }

  /** A complaint as ash words it: the shell's name, the command that runs, and the line where it isn't typed. */
  *error(message: string, line = this.s.line): Run<void> {
    const { s } = this
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
    const { s } = this
    const reader = new ScriptReader(text, s.aliases, line, () => s.line)
    const outer = s.read
    for (;;) {
      const node = reader.next()
      s.read = reader.line
      if (node === undefined) break
      if (node instanceof SyntaxProblem) {
        yield* this.error(`syntax error: ${node.message}`, node.line)
        s.status = 2
        throw new Leave('abort', 2)
      }
      if (s.options.has('n') && !s.interactive) continue
      yield* this.exec(node, last && reader.atEnd)
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
        status = yield* this.#simple(node, last)
        check = true
        break
      case 'pipe':
        status = yield* this.#pipe(node)
        check = !node.negate
        break
      case 'and':
      case 'or': {
        s.tested++
        let left: ExitCode
        try {
          left = yield* this.exec(node.left)
        } finally {
          s.tested--
        }
        if ((left === 0) !== (node.kind === 'and')) return left
        return yield* this.exec(node.right, last)
      }
      case 'list': {
        status = 0
        for (let i = 0; i < node.nodes.length; i++)
          status = yield* this.exec(node.nodes[i] as Node, last && i === node.nodes.length - 1)
        return status
      }
      case 'async':
        status = yield* this.#async(node.node)
        break
      case 'group':
        status = yield* redirected(this, node.redirects, () => this.exec(node.body))
        break
      case 'subshell':
        s.line = node.line
        status = yield* this.#subshell(node.body, node.redirects)
        check = true
        break
      case 'if':
        return yield* redirected(this, node.redirects, () => this.#if(node))
      case 'while':
      case 'until':
        return yield* redirected(this, node.redirects, () => this.#while(node))
      case 'for':
        return yield* redirected(this, node.redirects, () => this.#for(node))
      case 'case':
        return yield* redirected(this, node.redirects, () => this.#case(node))
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

  *#if(node: Extract<Node, { kind: 'if' }>): Run<ExitCode> {
    for (const arm of node.arms) {
      this.s.tested++
      const test = yield* this.exec(arm.test)
      this.s.tested--
      if (test === 0) return yield* this.exec(arm.body)
    }
    if (node.other) return yield* this.exec(node.other)
    this.s.status = 0
    return 0
  }
  *#while(node: Extract<Node, { kind: 'while' | 'until' }>): Run<ExitCode> {
    let status = 0
    this.s.loops++
    try {
      for (;;) {
        try {
          this.s.tested++
          let test: ExitCode
          try {
            test = yield* this.exec(node.test)
          } finally {
            this.s.tested--
          }
          if ((test === 0) !== (node.kind === 'while')) break
          status = yield* this.exec(node.body)
        } catch (leave) {
          status = 0
          if (this.#loopLeave(leave)) break
        }
      }
    } finally {
      this.s.loops--
    }
    this.s.status = status
    return status
  }
  *#for(node: Extract<Node, { kind: 'for' }>): Run<ExitCode> {
    this.s.line = node.line
    const values = node.words ? yield* this.expander.fields(node.words) : [...this.s.positional]
    let status = 0
    this.s.loops++
    try {
      for (const value of values) {
        this.assign(node.name, value)
        try {
          status = yield* this.exec(node.body)
        } catch (leave) {
          status = 0
          if (this.#loopLeave(leave)) break
        }
      }
    } finally {
      this.s.loops--
    }
    this.s.status = status
    return status
  }
  /** True: leave this loop; false: go on with its next round. Rethrows what is not for it. */
  #loopLeave(leave: unknown): boolean {
    if (!(leave instanceof Leave) || (leave.kind !== 'break' && leave.kind !== 'continue')) throw leave
    if (leave.count > 1 && this.s.loops > 1) {
      leave.count--
      throw leave
    }
    this.s.status = 0
    return leave.kind === 'break'
  }
  *#case(node: Extract<Node, { kind: 'case' }>): Run<ExitCode> {
    this.s.line = node.line
    const subject = yield* this.expander.single(node.word)
    let fall = false
    let status = 0
    for (const arm of node.arms) {
      let hit = fall
      for (const pattern of arm.patterns) {
        if (hit) break
        hit = matchPattern(yield* this.expander.pattern(pattern), subject)
      }
      if (!hit) continue
      status = arm.body ? yield* this.exec(arm.body) : 0
      if (!arm.fall) {
        this.s.status = status
        return status
      }
      fall = true
    }
    this.s.status = status
    return status
  }

  // --- variables ---
  /** Sets a variable or fails as for `readonly`. */
  assign(name: string, value: string): void {
    if (!this.s.set(name, value)) throw new ShellError(`${name}: is read only`)
    if (this.s.held > MEMORY_LIMIT) throw new ShellError('out of memory')
  }
  /** Runs with variables set for that time; each value is expanded when those before it are set. */
  *#withVariables(assigns: readonly Assignment[], body: (assigned: Assigned) => Run<ExitCode>): Run<ExitCode> {
    if (assigns.length === 0) return yield* body([])
    const { s } = this
    const saved: [string, Variable | undefined][] = []
    const assigned: [string, string][] = []
    try {
      for (const a of assigns) {
        const value = yield* this.expander.single(a.value, true)
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
  *#assignAll(assigns: readonly Assignment[]): Run<Assigned> {
    const assigned: [string, string][] = []
    for (const a of assigns) {
      const value = yield* this.expander.single(a.value, true)
      this.assign(a.name, value)
      assigned.push([a.name, value])
    }
    return assigned
  }

  // --- simple commands ---
  *#simple(node: Simple, last: boolean): Run<ExitCode> {
    const { s } = this
    yield* this.sys.compute(COMMAND_TIME)
    if (s.interrupted) throw new Leave('interrupt', 130)
    try {
      s.substituted = undefined
      const argv = yield* this.#words(node)
      const name = argv[0]
      if (name === undefined) return yield* redirected(this, node.redirects, () => this.#onlyAssigns(node))
      const fn = s.functions.get(name)
      const builtin = builtins.get(name)
      const special = specialBuiltins.has(name)
      if (builtin && (special || !fn)) return yield* this.#builtin(node, argv, builtin, special)
      if (fn)
        return yield* redirected(this, node.redirects, () =>
          this.#withVariables(node.assigns, (assigned) => {
            return this.#traced(assigned, argv, () => this.#call(fn, argv))
          }),
        )
      return yield* this.#external(node, argv, last)
    } catch (problem) {
      if (!(problem instanceof ShellError)) throw problem
      const inText = problem.message.startsWith('syntax error')
      yield* this.error(problem.message, inText ? s.read : s.line)
      s.status = problem.status
      throw new Leave('abort', problem.status)
    }
  }
  /** The words of a command. Those that look like assignments to export and its kin are neither split nor globbed; nor are those of [[. */
  *#words(node: Simple): Run<string[]> {
    const argv: string[] = []
    let style: 'fields' | 'assigns' | 'test' = 'fields'
    for (const [i, word] of node.words.entries()) {
      if (style === 'assigns') argv.push(...(yield* this.expander.declaration(word)))
      else if (style === 'test') argv.push(yield* this.expander.single(word))
      else argv.push(...(yield* this.expander.fields([word])))
      if (i === 0 || argv.at(-2) === 'command')
        style = assigning.has(argv.at(-1) ?? '') ? 'assigns' : argv[0] === '[[' ? 'test' : 'fields'
    }
    return argv
  }
  /** A command without words: its assignments stay; its status is that of the last substitution. */
  *#onlyAssigns(node: Simple): Run<ExitCode> {
    for (const a of node.assigns) {
      const value = yield* this.expander.single(a.value, true)
      this.assign(a.name, value)
      if (this.s.options.has('x')) yield* this.#trace([[a.name, value]], [])
    }
    return this.s.substituted ?? 0
  }
  *#traced(assigned: Assigned, argv: readonly string[], body: () => Run<ExitCode>): Run<ExitCode> {
    if (this.s.options.has('x')) yield* this.#trace(assigned, argv)
    return yield* body()
  }
  *#trace(assigned: Assigned, argv: readonly string[]): Run<void> {
    const quote = (w: string): string => (/[\x01-*;-?`[\\{-\uffff]/.test(w) || reserved.has(w) ? singleQuote(w) : w)
    const words = [...assigned.map(([k, v]) => `${k}=${quote(v)}`), ...argv.map(quote)]
    const ps4 = this.s.get('PS4') ?? ''
    yield* this.warn(`${ps4.includes('$') ? yield* this.expander.text(ps4) : ps4}${words.join(' ')}\n`)
  }
  *#builtin(node: Simple, argv: readonly string[], builtin: Builtin, special: boolean): Run<ExitCode> {
    const name = argv[0] as string
    // A loop of builtins sees that its children ended.
    if (this.s.jobs.some((j) => j.state === 'running')) yield* reap(this)
    const replaces = name === 'exec' && argv.slice(1).every((a) => a === '--')
    const run = (assigned: Assigned): Run<ExitCode> =>
      this.#traced(assigned, argv, () => this.runBuiltin(argv, builtin, special))
    const self = this
    return yield* redirected(
      this,
      node.redirects,
      function* () {
        if (!special) return yield* self.#withVariables(node.assigns, run)
        if (name === 'exec' && !replaces) return yield* self.#withVariables(node.assigns, run)
        return yield* run(yield* self.#assignAll(node.assigns))
      },
      special,
      replaces,
    )
  }
  /** Runs a builtin under its name. Where it isn't a special one its errors end only itself. */
  *runBuiltin(argv: readonly string[], builtin: Builtin, special: boolean): Run<ExitCode> {
    const { s } = this
    const { command } = s
    s.command = argv[0]
    try {
      return yield* builtin(this, argv)
    } catch (problem) {
      let leave = problem
      if (problem instanceof ShellError) {
        yield* this.error(problem.message)
        leave = new Leave('abort', problem.status)
      }
      if (!(leave instanceof Leave) || leave.kind !== 'abort' || special) throw leave
      return leave.count
    } finally {
      s.command = command
    }
  }
  *#call(body: Node, argv: readonly string[]): Run<ExitCode> {
    const { s } = this
    if (s.depth >= MAX_DEPTH) throw new ShellError('function nesting too deep')
    const { positional, loops, optind, optoff, line } = s
    s.setPositional(argv.slice(1))
    s.depth++
    s.loops = 0
    s.locals.push(new Map())
    try {
      return yield* this.exec(body)
    } catch (leave) {
      if (leave instanceof Leave && leave.kind === 'return') {
        s.status = leave.count
        return leave.count
      }
      throw leave
    } finally {
      for (const [name, old] of s.locals.pop() as Map<string, Variable | undefined>) s.put(name, old)
      s.positional = positional
      s.depth--
      s.loops = loops
      s.optind = optind
      s.optoff = optoff
      s.line = line
    }
  }

  *#external(node: Simple, argv: readonly string[], last: boolean): Run<ExitCode> {
    const { s } = this
    // The last command of a script needs no process of its own, where nothing is left to do after it.
    const replaces = last && s.traps.size === 0 && !s.interactive
    const run = function* (sh: Shell, assigned: Assigned): Run<ExitCode> {
      const path = s.get('PATH') ?? ''
      if (s.options.has('x')) yield* sh.#trace(assigned, argv)
      const file = yield* find(sh, argv[0] as string, path)
      if (isErr(file)) {
        yield* sh.error(failureText(sh, argv[0] as string, file))
        return 127
      }
      const env = s.environment()
      if (replaces) throw new Leave('exit', yield* execute(sh, argv, env, path))
      const text = argv.join(' ')
      const child = yield* fork(sh, (x) => execute(x, argv, env, path), { text })
      if (isErr(child)) return yield* sh.#forkFailed(child)
      return yield* waitFor(sh, [child], text)
    }
    return yield* redirected(this, node.redirects, () =>
      this.#withVariables(node.assigns, (assigned) => run(this, assigned)),
    )
  }
  *#forkFailed(error: Errno): Run<ExitCode> {
    throw new ShellError(`can't fork: ${error.text}`, 2)
  }

  // --- processes ---
  *#pipe(node: Extract<Node, { kind: 'pipe' }>): Run<ExitCode> {
    if (node.nodes.length === 1) {
      this.s.tested++
      let status: ExitCode
      try {
        status = yield* this.exec(node.nodes[0] as Node)
      } finally {
        this.s.tested--
      }
      return node.negate ? (status === 0 ? 1 : 0) : status
    }
    const pids: number[] = []
    let input: Fd | undefined
    for (let i = 0; i < node.nodes.length; i++) {
      const part = node.nodes[i] as Node
      let ends: readonly [Fd, Fd] | undefined
      if (i < node.nodes.length - 1) {
        const made = yield* this.sys.pipe()
        if (isErr(made)) throw new ShellError(`can't create pipe: ${made.text}`)
        ends = made
      }
      const from = input
      const child = yield* fork(
        this,
        function* (sh) {
          if (from !== undefined) {
            yield* sh.sys.dup2(from, 0)
            yield* sh.sys.close(from)
          }
          if (ends) {
            yield* sh.sys.close(ends[0])
            yield* sh.sys.dup2(ends[1], 1)
            yield* sh.sys.close(ends[1])
          }
          return yield* sh.exec(part, true)
        },
        { text: '', ...(pids[0] !== undefined ? { group: pids[0] } : {}) },
      )
      if (input !== undefined) yield* this.sys.close(input)
      if (ends) yield* this.sys.close(ends[1])
      input = ends?.[0]
      if (isErr(child)) {
        if (input !== undefined) yield* this.sys.close(input)
        return yield* this.#forkFailed(child)
      }
      pids.push(child)
    }
    const status = yield* waitFor(this, pids, describe(node))
    return node.negate ? (status === 0 ? 1 : 0) : status
  }
  *#subshell(body: Node, redirects: readonly Redirect[]): Run<ExitCode> {
    const child = yield* fork(
      this,
      function* (sh) {
        const failed = yield* redirect(sh, redirects)
        return failed ?? (yield* sh.exec(body, true))
      },
      { text: '' },
    )
    if (isErr(child)) return yield* this.#forkFailed(child)
    return yield* waitFor(this, [child], describe(body))
  }
  *#async(node: Node): Run<ExitCode> {
    const body = function* (sh: Shell): Run<ExitCode> {
      sh.s.tested = 0
      return yield* sh.exec(node, true)
    }
    const child = yield* fork(this, body, { text: '', background: true })
    if (isErr(child)) return yield* this.#forkFailed(child)
    this.s.lastBackground = child
    const number = jobNumber(this)
    this.s.jobs.push({
      number,
      pgid: child,
      pids: [child],
      text: describe(node),
      running: new Set([child]),
      status: 0,
      state: 'running',
    })
    if (this.s.interactive) yield* warn(this.sys, `[${number}] ${child}\n`)
    return 0
  }

  /** $( ): a subshell whose output is the value. NUL bytes are dropped, as no variable can hold one. */
  *#substitute(list: Node | undefined): Run<string> {
    if (!list) {
      this.s.substituted = 0
      return ''
    }
    const ends = yield* this.sys.pipe()
    if (isErr(ends)) throw new ShellError(`can't create pipe: ${ends.text}`)
    const [read, to] = ends
    const { traps } = this.s
    const child = yield* fork(
      this,
      function* (sh) {
        sh.s.options.delete('m')
        // As in bash, -e isn't in force inside.
        sh.s.options.delete('e')
        sh.s.tested = 0
        // $(trap) is how a script asks for its own traps.
        if (list.kind === 'simple' && list.words.length === 1) sh.s.shownTraps = traps
        yield* sh.sys.close(read)
        yield* sh.sys.dup2(to, 1)
        yield* sh.sys.close(to)
        return yield* sh.exec(list, true)
      },
      { text: '' },
    )
    yield* this.sys.close(to)
    if (isErr(child)) {
      yield* this.sys.close(read)
      return String(yield* this.#forkFailed(child))
    }
    const bytes = yield* readAll(this.sys, read, MEMORY_LIMIT)
    yield* this.sys.close(read)
    this.s.substituted = yield* waitFor(this, [child], '')
    if (isErr(bytes)) return ''
    if (bytes.length >= MEMORY_LIMIT) throw new ShellError('out of memory')
    return fromBytes(bytes.includes(0) ? bytes.filter((b) => b !== 0) : bytes)
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
    if (signal === 0 || signal === SIGCHLD || signal === ERR_TRAP) return
    yield* this.sys.sigaction(
      signal,
      action === undefined
        ? s.interactive && signal === SIGINT
          ? function* () {}
          : 'default'
        : action === ''
          ? 'ignore'
          : function* () {
              s.pendingTraps.push(signal)
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
  s.command = file
  s.pid = yield* sh.sys.getpid()
  s.positional = args
  return yield* runShell(new Shell(s), (x) => x.runText(text, false, 1))
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
  if (trap) {
    s.traps.delete(0)
    s.status = status
    s.trapStatus = status
    s.trapDepth = s.depth
    try {
      yield* shell.runText(trap)
    } catch (leave) {
      if (leave instanceof Leave && (leave.kind === 'exit' || leave.kind === 'abort')) status = leave.count
      else if (!(leave instanceof Leave)) throw leave
    }
  }
  return status & 255
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
