/** Runs the tree. Control flow that crosses commands (break, return, exit) travels as thrown values of this file alone. */
import { ECHILD, EINTR, ENOENT, ENOEXEC, ENOTDIR, type Errno, isErr } from '../../base/errno.ts'
import type { ExitCode, Fd, Run, Sys, WaitStatus } from '../../kernel/linux/abi.ts'
import {
  isDir,
  O_APPEND,
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  X_OK,
} from '../../kernel/linux/fs/flags.ts'
import { SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, signalText } from '../../kernel/linux/signals.ts'
import { binary, decode, encode, readAll, readFile, warn, write } from '../lib/io.ts'
import { matchPattern } from '../lib/pattern.ts'
import type { Assignment, Node, Redirect, Word } from './ast.ts'
import { builtins, specialBuiltins } from './builtins.ts'
import { Expander, ShellError } from './expand.ts'
import { SyntaxProblem } from './lexer.ts'
import { ScriptReader } from './parser.ts'
import { MEMORY_LIMIT, ShellState, type Variable } from './state.ts'

/** Thrown to leave loops, functions and the shell. */
export class Leave {
  readonly kind: 'break' | 'continue' | 'return' | 'exit' | 'interrupt'
  count: number
  constructor(kind: Leave['kind'], count: number) {
    this.kind = kind
    this.count = count
  }
}

/** How deep functions and evals may nest. */
const MAX_DEPTH = 200
const POISON = /\/$/

export class Shell {
  s: ShellState
  expander: Expander
  /** Descriptors to put back after a builtin with redirections. */
  constructor(state: ShellState) {
    this.s = state
    this.expander = new Expander(state, (_s, list) => this.#substitute(list))
  }
  get sys(): Sys {
    return this.s.sys
  }

  /** `sh: line ...: message` as ash words it. */
  *error(message: string): Run<void> {
    yield* warn(this.sys, `${this.s.name}: ${message}\n`)
  }

  // --- scripts ---
  /** Runs text to its end; the status of its last command. `last`: nothing follows, so its last command may take the shell's place. */
  *runText(text: string, last = false): Run<ExitCode> {
    const reader = new ScriptReader(text, this.s.aliases)
    const outer = this.s.line
    for (;;) {
      const node = reader.next()
      if (node === undefined) break
      if (node instanceof SyntaxProblem) {
        yield* this.error(
          `syntax error: ${node.message}`.replace(
            /^syntax error: (bad substitution|bad for loop variable|bad function name|out of memory)$/,
            '$1',
          ),
        )
        this.s.status = 2
        if (!this.s.interactive) throw new Leave('exit', 2)
        break
      }
      if (this.s.options.has('n')) continue
      yield* this.exec(node, last && reader.atEnd)
    }
    this.s.line = outer
    return this.s.status
  }

  /** Runs one node; answers and remembers its status. */
  *exec(node: Node, last = false): Run<ExitCode> {
    const { s } = this
    let status: ExitCode
    switch (node.kind) {
      case 'simple':
        s.line = node.line
        status = yield* this.#simple(node, last)
        break
      case 'pipe':
        status = yield* this.#pipe(node)
        break
      case 'and':
      case 'or': {
        s.tested++
        const left = yield* this.exec(node.left)
        s.tested--
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
        status = yield* this.#redirected(node.redirects, () => this.exec(node.body))
        break
      case 'subshell':
        status = yield* this.#subshell(node.body, node.redirects)
        break
      case 'if':
        return yield* this.#redirected(node.redirects, () => this.#if(node))
      case 'while':
      case 'until':
        return yield* this.#redirected(node.redirects, () => this.#while(node))
      case 'for':
        return yield* this.#redirected(node.redirects, () => this.#for(node))
      case 'case':
        return yield* this.#redirected(node.redirects, () => this.#case(node))
      case 'function':
        s.functions.set(node.name, node.body)
        status = 0
        break
    }
    s.status = status
    if (s.pendingTraps.length > 0) yield* this.runTraps()
    if (
      status !== 0 &&
      s.options.has('e') &&
      s.tested === 0 &&
      node.kind !== 'function' &&
      node.kind !== 'async' &&
      !(node.kind === 'pipe' && node.negate)
    )
      throw new Leave('exit', status)
    return status
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
          if (this.#loopLeave(leave)) {
            status = 0
            break
          }
        }
        yield* this.sys.compute(10_000)
      }
    } finally {
      this.s.loops--
    }
    this.s.status = status
    return status
  }
  *#for(node: Extract<Node, { kind: 'for' }>): Run<ExitCode> {
    const values = node.words ? yield* this.#expand(node.words) : [...this.s.positional]
    let status = 0
    this.s.loops++
    try {
      for (const value of values) {
        this.assign(node.name, value)
        try {
          status = yield* this.exec(node.body)
        } catch (leave) {
          if (this.#loopLeave(leave)) {
            status = 0
            break
          }
        }
        yield* this.sys.compute(10_000)
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
    return leave.kind === 'break'
  }
  *#case(node: Extract<Node, { kind: 'case' }>): Run<ExitCode> {
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

  // --- expansions ---
  *#expand(words: readonly Word[]): Run<string[]> {
    return yield* this.expander.fields(words)
  }
  /** Sets a variable or fails as for `readonly`. */
  assign(name: string, value: string): void {
    if (!this.s.set(name, value)) throw new ShellError(`${name}: is read only`)
    if (this.s.held > MEMORY_LIMIT) throw new ShellError('out of memory')
  }
  *#assigns(assigns: readonly Assignment[]): Run<[string, string][]> {
    const out: [string, string][] = []
    for (const a of assigns) {
      const value = yield* this.expander.single(a.value, true)
      out.push([a.name, a.append ? (this.s.get(a.name) ?? '') + value : value])
    }
    return out
  }

  // --- simple commands ---
  *#simple(node: Extract<Node, { kind: 'simple' }>, last: boolean): Run<ExitCode> {
    const { s } = this
    yield* this.sys.compute(10_000)
    if (s.interrupted) throw new Leave('interrupt', 130)
    try {
      const before = s.status
      if (node.words.length === 0) s.status = 0
      const argv = yield* this.#expand(node.words)
      if (argv.length === 0) {
        for (const a of node.assigns) {
          const value = yield* this.expander.single(a.value, true)
          this.assign(a.name, a.append ? (s.get(a.name) ?? '') + value : value)
          if (s.options.has('x')) yield* this.#trace([`${a.name}=${value}`])
        }
        const status = node.words.length === 0 ? s.status : before
        if (node.redirects.length === 0) return node.assigns.length > 0 || node.words.length > 0 ? s.status : status
        const failed = yield* this.#redirected(node.redirects, function* () {
          return s.status
        })
        return failed
      }
      const name = argv[0] as string
      const fn = s.functions.get(name)
      const builtin = builtins.get(name)
      const special = specialBuiltins.has(name)
      const assigned = yield* this.#assigns(node.assigns)
      if (s.options.has('x')) yield* this.#trace([...assigned.map(([k, v]) => `${k}=${v}`), ...argv])
      if (builtin && (special || !fn)) {
        if (name === 'exec') return yield* this.#execBuiltin(node, argv, assigned)
        if (special) {
          for (const [k, v] of assigned) this.assign(k, v)
          return yield* this.#redirected(node.redirects, () => builtin(this, argv), true)
        }
        return yield* this.#withVariables(assigned, () => this.#redirected(node.redirects, () => builtin(this, argv)))
      }
      if (fn)
        return yield* this.#withVariables(assigned, () => this.#redirected(node.redirects, () => this.#call(fn, argv)))
      return yield* this.#external(node, argv, assigned, last)
    } catch (problem) {
      if (!(problem instanceof ShellError)) throw problem
      yield* this.error(problem.message)
      s.status = problem.status
      if (!s.interactive) throw new Leave('exit', problem.status)
      return problem.status
    }
  }
  *#trace(words: readonly string[]): Run<void> {
    const quote = (w: string): string => (w === '' || /[^\w@%+=:,./-]/.test(w) ? `'${w.replace(/'/g, "'\\''")}'` : w)
    yield* warn(
      this.sys,
      `${this.s.get('PS4') ?? '+ '}${words.map((w, i) => (/^[A-Za-z_]\w*=/.test(w) && i === 0 ? `${w.slice(0, w.indexOf('=') + 1)}${quote(w.slice(w.indexOf('=') + 1))}` : quote(w))).join(' ')}\n`,
    )
  }
  /** Runs with variables set for that time. */
  *#withVariables(assigned: readonly (readonly [string, string])[], body: () => Run<ExitCode>): Run<ExitCode> {
    if (assigned.length === 0) return yield* body()
    const saved = assigned.map(([k]) => [k, this.s.variables.get(k)] as const)
    for (const [k, v] of assigned) {
      const old = this.s.variables.get(k)
      if (old?.readonly) throw new ShellError(`${k}: is read only`)
      this.s.variables.set(k, { value: v, exported: true, readonly: false })
    }
    try {
      return yield* body()
    } finally {
      for (const [k, v] of saved) {
        if (v) this.s.variables.set(k, v)
        else this.s.variables.delete(k)
      }
    }
  }
  *#call(body: Node, argv: readonly string[]): Run<ExitCode> {
    const { s } = this
    if (s.depth >= MAX_DEPTH) throw new ShellError('function nesting too deep')
    const saved = s.positional
    const { loops, optind, optoff } = s
    s.positional = argv.slice(1)
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
      for (const [name, old] of s.locals.pop() as Map<string, Variable | undefined>) {
        if (old) s.variables.set(name, old)
        else s.variables.delete(name)
      }
      s.positional = saved
      s.depth--
      s.loops = loops
      s.optind = optind
      s.optoff = optoff
    }
  }

  *#external(
    node: Extract<Node, { kind: 'simple' }>,
    argv: readonly string[],
    assigned: readonly (readonly [string, string])[],
    last: boolean,
  ): Run<ExitCode> {
    const env = [
      ...this.s.environment().filter((e) => !assigned.some(([k]) => e.startsWith(`${k}=`))),
      ...assigned.map(([k, v]) => `${k}=${v}`),
    ]
    const path = assigned.find(([k]) => k === 'PATH')?.[1] ?? this.s.get('PATH') ?? ''
    // The last command of a script needs no process of its own, where nothing is left to do after it.
    if (last && this.s.traps.size === 0 && !this.s.interactive) {
      const failed = yield* this.#redirect(node.redirects)
      if (failed !== undefined) return failed
      throw new Leave('exit', yield* this.execute(argv, env, path))
    }
    const child = yield* this.#fork(
      function* (sh) {
        const failed = yield* sh.#redirect(node.redirects)
        if (failed !== undefined) return failed
        return yield* sh.execute(argv, env, path)
      },
      { text: argv.join(' ') },
    )
    if (isErr(child)) return yield* this.#forkFailed(child)
    return yield* this.#waitFor([child], argv.join(' '))
  }
  *#forkFailed(error: Errno): Run<ExitCode> {
    throw new ShellError(`can't fork: ${error.text}`, 2)
  }

  /** Where a command's file is; undefined where PATH has none. */
  *find(name: string, path = this.s.get('PATH') ?? ''): Run<string | undefined> {
    if (name.includes('/')) return name
    for (const dir of path.split(':')) {
      const full = `${dir === '' ? '.' : dir}/${name}`
      const stat = yield* this.sys.stat(full)
      if (!isErr(stat) && !isDir(stat.mode) && !(yield* this.sys.access(full, X_OK))) return full
    }
    return undefined
  }
  /** execve(2) in this process: answers only a failure's status. */
  *execute(argv: readonly string[], env: readonly string[], path: string): Run<ExitCode> {
    const name = argv[0] as string
    let file: string | undefined
    let denied = false
    if (name.includes('/')) file = name
    else if (name !== '') {
      for (const dir of path.split(':')) {
        const full = `${dir === '' ? '.' : dir}/${name}`
        const stat = yield* this.sys.stat(full)
        if (isErr(stat) || isDir(stat.mode)) continue
        if (yield* this.sys.access(full, X_OK)) {
          denied = true
          continue
        }
        file = full
        break
      }
    }
    if (file === undefined) {
      yield* this.error(denied ? `${name}: Permission denied` : this.#unknown(name))
      return denied ? 126 : 127
    }
    const error = yield* this.sys.execve(file, argv, env)
    if (error === ENOEXEC) {
      // A text file without #! is a script of this shell; a binary for another machine is not.
      const text = yield* readFile(this.sys, file)
      if (!isErr(text) && !text.subarray(0, 256).includes(0)) return yield* this.#script(binary(text), argv, file)
    }
    if (error === ENOENT || error === ENOTDIR) {
      yield* this.error(this.#unknown(name))
      return 127
    }
    yield* this.error(`${name}: ${error === ENOEXEC ? 'Exec format error' : error.text}`)
    return 126
  }
  /** zsh puts it the other way round. */
  #unknown(name: string): string {
    return this.s.name === 'zsh' ? `command not found: ${name}` : `${name}: not found`
  }
  *#script(text: string, argv: readonly string[], file: string): Run<ExitCode> {
    const s = new ShellState(this.sys)
    for (const [k, v] of this.s.variables) if (v.exported) s.variables.set(k, { ...v })
    s.name = file
    s.pid = yield* this.sys.getpid()
    s.positional = argv.slice(1)
    return yield* runShell(new Shell(s), (sh) => sh.runText(text))
  }

  *#execBuiltin(
    node: Extract<Node, { kind: 'simple' }>,
    argv: readonly string[],
    assigned: readonly (readonly [string, string])[],
  ): Run<ExitCode> {
    for (const [k, v] of assigned) this.assign(k, v)
    const failed = yield* this.#redirect(node.redirects)
    if (failed !== undefined) {
      if (!this.s.interactive) throw new Leave('exit', failed)
      return failed
    }
    const rest = argv[1] === '--' ? argv.slice(2) : argv.slice(1)
    if (rest.length === 0) return 0
    throw new Leave('exit', yield* this.execute(rest, this.s.environment(), this.s.get('PATH') ?? ''))
  }

  // --- processes ---
  /** Forks a subshell that runs `body` to its end. */
  *#fork(
    body: (sh: Shell) => Run<ExitCode>,
    job: { readonly text: string; readonly group?: number; readonly background?: boolean },
  ): Run<number | Errno> {
    const parent = this.s
    const own = this.s.interactive && this.s.options.has('m')
    const child = yield* this.sys.fork(function* (sys) {
      const state = parent.copy(sys)
      if (own) {
        yield* sys.setpgid(0, job.group ?? 0)
        if (!job.background) yield* sys.ioctl(2, 'TIOCSPGRP', yield* sys.getpgid(0))
        for (const signal of [SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU])
          yield* sys.sigaction(signal, 'default')
      } else {
        for (const signal of parent.traps.keys())
          if (signal > 0 && parent.traps.get(signal) !== '') yield* sys.sigaction(signal, 'default')
        if (job.background) {
          // Without job control a background command doesn't hear the keyboard.
          yield* sys.sigaction(SIGINT, 'ignore')
          yield* sys.sigaction(SIGQUIT, 'ignore')
          const fd = yield* sys.open('/dev/null', O_RDONLY)
          if (!isErr(fd) && fd !== 0) {
            yield* sys.dup2(fd, 0)
            yield* sys.close(fd)
          }
        }
      }
      state.interactive = false
      return yield* runShell(new Shell(state), body)
    })
    if (own && !isErr(child)) {
      yield* this.sys.setpgid(child, job.group ?? child)
      if (!job.background) yield* this.sys.ioctl(2, 'TIOCSPGRP', job.group ?? child)
    }
    return child
  }

  /** Waits for a foreground job; its status is that of the last process. */
  *#waitFor(pids: readonly number[], text: string): Run<ExitCode> {
    let status = 0
    let failed = 0
    const own = this.s.interactive && this.s.options.has('m')
    for (let i = 0; i < pids.length; i++) {
      const pid = pids[i] as number
      let result: WaitStatus | undefined | Errno
      do result = yield* this.sys.wait(pid, { untraced: own })
      while (result === EINTR)
      if (isErr(result) || !result) {
        status = result === ECHILD ? 127 : 130
        continue
      }
      if (result.stopped !== undefined) {
        yield* this.sys.ioctl(2, 'TIOCSPGRP', yield* this.sys.getpgid(0))
        const number = this.#jobNumber()
        this.s.jobs.push({
          number,
          pgid: pids[0] as number,
          pids: [...pids],
          text,
          running: new Set(pids.slice(i)),
          status: 0,
          state: 'stopped',
        })
        yield* write(this.sys, 2, `\n[${number}]+  Stopped                    ${text}\n`)
        return 128 + result.stopped
      }
      status = exitOf(result)
      if (status !== 0) failed = status
      if (result.signal !== undefined && i === pids.length - 1 && result.signal !== 13) {
        if (result.signal === SIGINT) {
          if (this.s.interactive) yield* write(this.sys, 2, '\n')
        } else if (this.s.interactive || !this.s.subshell)
          yield* warn(this.sys, `${signalText[result.signal] ?? `Signal ${result.signal}`}\n`)
      }
    }
    if (own) yield* this.sys.ioctl(2, 'TIOCSPGRP', yield* this.sys.getpgid(0))
    return this.s.pipefail ? failed : status
  }
  #jobNumber(): number {
    let n = 1
    while (this.s.jobs.some((j) => j.number === n)) n++
    return n
  }

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
      const child = yield* this.#fork(
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
    const status = yield* this.#waitFor(pids, describe(node))
    return node.negate ? (status === 0 ? 1 : 0) : status
  }
  *#subshell(body: Node, redirects: readonly Redirect[]): Run<ExitCode> {
    const child = yield* this.#fork(
      function* (sh) {
        const failed = yield* sh.#redirect(redirects)
        return failed ?? (yield* sh.exec(body, true))
      },
      { text: '' },
    )
    if (isErr(child)) return yield* this.#forkFailed(child)
    return yield* this.#waitFor([child], describe(body))
  }
  *#async(node: Node): Run<ExitCode> {
    const child = yield* this.#fork((sh) => sh.exec(node, true), { text: '', background: true })
    if (isErr(child)) return yield* this.#forkFailed(child)
    this.s.lastBackground = child
    const number = this.#jobNumber()
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
  /** Takes notice of background jobs that ended. */
  *reap(): Run<void> {
    for (;;) {
      const result = yield* this.sys.wait(-1, { noHang: true, untraced: this.s.interactive })
      if (isErr(result) || !result) return
      this.noteChild(result)
    }
  }
  /** Enters what wait(2) told into the table of jobs. */
  noteChild(result: WaitStatus): void {
    const job = this.s.jobs.find((j) => j.pids.includes(result.pid))
    if (!job) return
    if (result.stopped !== undefined) {
      job.state = 'stopped'
      return
    }
    job.running.delete(result.pid)
    if (result.pid === job.pids.at(-1)) job.status = exitOf(result)
    if (job.running.size === 0) job.state = 'done'
  }

  /** $( ): a subshell whose output is the value. */
  *#substitute(list: Node | undefined): Run<string> {
    if (!list) {
      this.s.status = 0
      return ''
    }
    const ends = yield* this.sys.pipe()
    if (isErr(ends)) throw new ShellError(`can't create pipe: ${ends.text}`)
    const [read, to] = ends
    const child = yield* this.#fork(
      function* (sh) {
        sh.s.options.delete('m')
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
    this.s.status = yield* this.#waitFor([child], '')
    if (isErr(bytes)) return ''
    if (bytes.length >= MEMORY_LIMIT) throw new ShellError('out of memory')
    return fromBytes(bytes)
  }

  // --- redirections ---
  /** Runs with redirections in force, and puts the descriptors back. A failure is a status, or ends the shell for a special builtin. */
  *#redirected(redirects: readonly Redirect[], body: () => Run<ExitCode>, special = false): Run<ExitCode> {
    if (redirects.length === 0) return yield* body()
    const saved: [Fd, Fd | undefined][] = []
    try {
      const failed = yield* this.#redirect(redirects, saved)
      if (failed !== undefined) {
        this.s.status = failed
        if (special && !this.s.interactive) throw new Leave('exit', failed)
        return failed
      }
      return yield* body()
    } finally {
      for (const [fd, copy] of saved.reverse()) {
        if (copy === undefined) yield* this.sys.close(fd)
        else {
          yield* this.sys.dup2(copy, fd)
          yield* this.sys.close(copy)
        }
      }
    }
  }
  /** Applies redirections; undefined where all went well. `saved` collects what to put back. */
  *#redirect(redirects: readonly Redirect[], saved?: [Fd, Fd | undefined][]): Run<ExitCode | undefined> {
    for (const r of redirects) {
      const both = r.op === '&>'
      const fd = r.fd ?? (r.op.startsWith('<') ? 0 : 1)
      if (saved) {
        for (const n of both ? [1, 2] : [fd]) {
          const copy = yield* this.sys.dupfd(n, 10, true)
          saved.push([n, isErr(copy) ? undefined : copy])
        }
      }
      const failed = yield* this.#one(r, fd, both)
      if (failed) {
        yield* this.error(failed)
        return r.op === '<&' || r.op === '>&' ? 2 : 1
      }
    }
    return undefined
  }
  *#one(r: Redirect, fd: Fd, both: boolean): Run<string | undefined> {
    const { sys } = this
    if (r.op === '<<') {
      const ends = yield* sys.pipe()
      if (isErr(ends)) return `can't create pipe: ${ends.text}`
      const body = toBytes(yield* this.expander.single(r.word))
      const [read, to] = ends
      // What doesn't fit into a pipe is written by a process of its own.
      if (body.length <= 4096) yield* sys.write(to, body)
      else
        yield* sys.fork(function* (child) {
          yield* child.close(read)
          for (let at = 0; at < body.length; at += 4096)
            if (isErr(yield* child.write(to, body.subarray(at, at + 4096)))) break
          return 0
        })
      yield* sys.close(to)
      yield* this.#move(read, fd)
      return undefined
    }
    const target = yield* this.expander.single(r.word)
    if (r.op === '<&' || r.op === '>&') {
      if (target === '-') {
        yield* sys.close(fd)
        return undefined
      }
      if (/^\d+$/.test(target)) {
        const from = Number(target)
        if (from >= 10 || isErr(yield* sys.dup2(from, fd))) {
          if (from < 10) return `${target}: Bad file descriptor`
          if (isErr(yield* sys.dup2(from, fd))) return `${target}: Bad file descriptor`
        }
        return undefined
      }
      if (r.op === '<&' || r.fd !== undefined) return `syntax error: bad fd number`
      both = true
    }
    let flags: number
    switch (r.op) {
      case '<':
        flags = O_RDONLY
        break
      case '<>':
        flags = O_RDWR | O_CREAT
        break
      case '>>':
        flags = O_WRONLY | O_CREAT | O_APPEND
        break
      default:
        flags = O_WRONLY | O_CREAT | O_TRUNC
    }
    if (r.op === '>' && this.s.options.has('C')) {
      const stat = yield* sys.stat(target)
      if (!isErr(stat) && (stat.mode & 0o170000) === 0o100000) return `can't create ${target}: File exists`
      if (isErr(stat)) flags |= O_EXCL
    }
    const opened = yield* sys.open(target, flags, 0o666)
    if (isErr(opened)) {
      if (r.op === '<') return `can't open ${target}: ${opened === ENOENT ? 'no such file' : opened.text}`
      return `can't create ${target}: ${opened === ENOENT || (opened === ENOTDIR && !POISON.test(target)) ? 'nonexistent directory' : opened.text}`
    }
    yield* this.#move(opened, both ? 1 : fd)
    if (both) yield* sys.dup2(1, 2)
    return undefined
  }
  *#move(from: Fd, to: Fd): Run<void> {
    if (from === to) return
    yield* this.sys.dup2(from, to)
    yield* this.sys.close(from)
  }

  // --- traps ---
  /** Runs the actions of signals that came. */
  *runTraps(): Run<void> {
    for (let signal = this.s.pendingTraps.shift(); signal !== undefined; signal = this.s.pendingTraps.shift()) {
      const action = this.s.traps.get(signal)
      if (!action) continue
      const { status } = this.s
      yield* this.runText(action)
      this.s.status = status
    }
  }
  /** Sets a trap; '' ignores, undefined resets. */
  *setTrap(signal: number, action: string | undefined): Run<void> {
    if (action === undefined) this.s.traps.delete(signal)
    else this.s.traps.set(signal, action)
    if (signal === 0 || signal === SIGCHLD) return
    const shell = this
    yield* this.sys.sigaction(
      signal,
      action === undefined
        ? this.s.interactive && signal === SIGINT
          ? function* () {}
          : 'default'
        : action === ''
          ? 'ignore'
          : function* () {
              shell.s.pendingTraps.push(signal)
            },
    )
  }
}

/** A shell's text is one character a byte inside, so that no byte is lost. */
export const fromBytes = (bytes: Uint8Array): string => binary(bytes)
export function toBytes(text: string): Uint8Array {
  const out = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    // A character beyond a byte can only come from a literal of ours.
    if (c > 255) return encode(text)
    out[i] = c
  }
  return out
}
export const shown = (text: string): string => decode(toBytes(text))

const exitOf = (r: WaitStatus): ExitCode => (r.signal !== undefined ? 128 + r.signal : (r.code ?? 0))

/** Runs a shell's body: exit, EXIT trap and leftovers of control flow end here. */
export function* runShell(shell: Shell, body: (sh: Shell) => Run<ExitCode>): Run<ExitCode> {
  let status: ExitCode
  try {
    status = yield* guarded(shell, body)
  } catch (problem) {
    status = yield* lastWords(shell, problem)
  }
  const trap = shell.s.traps.get(0)
  if (trap) {
    shell.s.traps.delete(0)
    shell.s.status = status
    try {
      yield* shell.runText(trap)
    } catch (leave) {
      if (leave instanceof Leave && leave.kind === 'exit') status = leave.count
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
    return problem.kind === 'exit' || problem.kind === 'return' ? problem.count : shell.s.status
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

/** A command as jobs(1) shows it. */
export function describe(node: Node): string {
  const word = (w: Word): string =>
    w
      .map((p) =>
        p.kind === 'text' ? p.text : p.kind === 'param' ? `\${${p.name}}` : p.kind === 'arith' ? '$((...))' : '$(...)',
      )
      .join('')
  switch (node.kind) {
    case 'simple':
      return [...node.assigns.map((a) => `${a.name}=${word(a.value)}`), ...node.words.map(word)].join(' ')
    case 'pipe':
      return node.nodes.map(describe).join(' | ')
    case 'and':
      return `${describe(node.left)} && ${describe(node.right)}`
    case 'or':
      return `${describe(node.left)} || ${describe(node.right)}`
    case 'list':
      return node.nodes.map(describe).join('; ')
    case 'subshell':
      return `(${describe(node.body)})`
    case 'group':
      return `{ ${describe(node.body)}; }`
    case 'async':
      return `${describe(node.node)} &`
    default:
      return `${node.kind} ...`
  }
}
