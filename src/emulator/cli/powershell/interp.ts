/** Runs statements: pipelines of cmdlets, functions and programs; keeps variables and errors. */
import { isErr } from '../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { warn, write, writeAll } from '../../userland/lib/io.ts'
import { objectName, windowsName } from '../../userland/windows/paths.ts'
import type { Block, Element, Expression, Redirect, Statement, Word } from './ast.ts'
import { bind, type Cmdlets, Given } from './cmdlet.ts'
import { aliases, cmdlets } from './cmdlets/index.ts'
import { isReal } from './cmdlets/known.ts'
import { Jump, runControl } from './control.ts'
import { errorRecord } from './errors.ts'
import { assign, evaluate } from './evaluate.ts'
import { formatValues } from './format.ts'
import { type Argument, callFunction, type UserFunction } from './functions.ts'
import { findProgram, runProgram } from './native.ts'
import { evaluateOperator } from './operators.ts'
import { Parser } from './parser.ts'
import { ParseProblem } from './scanner.ts'
import { collapse, enumerate, isBlock, isList, PsError, PsObject, textOf, type Value } from './values.ts'

/** Where a pipeline's last objects go: to the screen, or to whoever asked. */
export type Sink = 'host' | 'caller'

export class PowerShell {
  readonly sys: Sys
  readonly #globals = new Map<string, Value>()
  #variables = this.#globals
  readonly functions = new Map<string, UserFunction>()
  readonly environment = new Map<string, string>()
  readonly cmdlets: Cmdlets = cmdlets
  /** $Error: the newest first. */
  readonly errors: PsObject[] = []
  /** Lines that were typed, for Get-History. */
  readonly history: string[] = []
  /** $?: whether the last command went well. */
  succeeded = true
  /** The exit code of the last native program. */
  exitCode = 0
  /** The command that runs: as it was typed, and where errors put their marks. */
  #where = { typed: '', cmdlet: '', at: 0, length: 1, text: '' }
  #line = ''
  /** Errors aren't shown while above 0: -ErrorAction SilentlyContinue. */
  #silent = 0
  /** Errors end what runs while above 0: a try block, or -ErrorAction Stop. */
  #strict = 0
  #stop = 0

  constructor(sys: Sys) {
    this.sys = sys
    for (const entry of sys.environ()) {
      const at = entry.indexOf('=')
      if (at > 0) this.environment.set(entry.slice(0, at), entry.slice(at + 1))
    }
  }

  /** Runs text and shows its results; answers an exit code: that of powershell -Command. */
  *runText(text: string): Run<ExitCode> {
    this.#line = text
    let body: Statement[]
    try {
      body = new Parser(text).program()
    } catch (e) {
      if (!(e instanceof ParseProblem)) throw e
      if (e.id === 'NotEmulated') yield* warn(this.sys, `${e.message}\n`)
      else
        yield* this.#report(
          new PsError(e.message, 'ParserError: (:) [], ParentContainsErrorRecordException', e.id),
          e.at,
          1,
        )
      this.succeeded = false
      return 1
    }
    this.succeeded = true
    for (const s of body) {
      try {
        yield* this.#show(yield* this.statement(s, 'host'))
      } catch (e) {
        if (e instanceof Exit) return e.code
        if (e instanceof Jump) {
          yield* this.#show(e.values)
          break
        }
        if (!(e instanceof PsError)) throw e
        yield* this.#told(e)
        if (isFatal(e)) break
      }
    }
    return this.succeeded ? 0 : this.exitCode !== 0 ? this.exitCode : 1
  }
  *#show(values: readonly Value[]): Run<void> {
    if (values.length > 0) yield* write(this.sys, 1, formatValues(values))
  }

  // --- errors ---

  /** Reports an error without ending the pipeline; where errors are to stop what runs, it is thrown. */
  *fail(error: PsError): Run<void> {
    if (this.#stop > 0 || /^stop$/i.test(textOf(this.get('erroractionpreference')))) throw error
    yield* this.#told(error)
  }
  *#told(error: PsError): Run<void> {
    this.succeeded = false
    if (!/^Program '/.test(error.message)) this.exitCode = 0
    this.errors.unshift(errorRecord(error))
    if (this.#silent > 0 || /^(silentlycontinue|ignore)$/i.test(textOf(this.get('erroractionpreference')))) return
    yield* this.#report(error, this.#where.at, this.#where.length)
  }
  /** A warning, as cmdlets give them: it changes nothing about success. */
  *warning(text: string): Run<void> {
    yield* warn(this.sys, `WARNING: ${text}\n`)
  }
  /** Puts the marks of the next error. */
  mark(at: number, length: number): void {
    this.#where = { typed: '', cmdlet: '', at, length, text: '' }
  }
  *#report(e: PsError, at: number, width: number): Run<void> {
    const tail = `    + CategoryInfo          : ${e.category}\n    + FullyQualifiedErrorId : ${e.id}\n \n`
    if (e.message.startsWith('zukan: not emulated')) {
      yield* warn(this.sys, `${e.message}\n`)
      return
    }
    // Write-Error tells the line that it stood in instead of its place.
    if (e.source === 'Write-Error') {
      yield* warn(this.sys, `${this.#where.text} : ${e.message}\n${tail}`)
      return
    }
    const before = this.#line.slice(0, at)
    const row = before.split('\n').length
    const column = at - before.lastIndexOf('\n')
    const text = this.#line.split('\n')[row - 1] ?? ''
    const length = Math.max(1, Math.min(text.length - column + 1, width))
    // Messages name a command as it was typed: `ps`, not Get-Process.
    const source = e.source !== undefined && e.source === this.#where.cmdlet ? this.#where.typed : e.source
    yield* warn(
      this.sys,
      `${source === undefined ? '' : `${source} : `}${e.message}\nAt line:${row} char:${column}\n+ ${text}\n+ ${' '.repeat(column - 1)}${'~'.repeat(length)}\n${tail}`,
    )
  }
  /** Runs what a try block holds: an error ends it. */
  *strictly<T>(run: () => Run<T>): Run<T> {
    this.#strict++
    try {
      return yield* run()
    } finally {
      this.#strict--
    }
  }

  // --- variables ---

  get(name: string, scope = ''): Value {
    return (/^(global|script)$/.test(scope) ? this.#globals : this.#variables).get(name) ?? null
  }
  set(name: string, v: Value, scope = ''): void {
    this.#variables.set(name, v)
    if (/^(global|script)$/.test(scope)) this.#globals.set(name, v)
  }
  /** All variables of the user's. */
  get variables(): ReadonlyMap<string, Value> {
    return this.#variables
  }
  /** Runs a function's body: what it sets is gone afterwards. */
  *scoped<T>(run: () => Run<T>): Run<T> {
    const outer = this.#variables
    this.#variables = new Map(outer)
    try {
      return yield* run()
    } finally {
      this.#variables = outer
    }
  }
  /** Runs something with $_ set. */
  *withItem<T>(item: Value, run: () => Run<T>): Run<T> {
    const before = this.#variables.get('_')
    this.#variables.set('_', item)
    try {
      return yield* run()
    } finally {
      if (before === undefined) this.#variables.delete('_')
      else this.#variables.set('_', before)
    }
  }
  environ(): readonly string[] {
    return [...this.environment].map(([k, v]) => `${k}=${v}`)
  }

  // --- statements ---

  *statement(s: Statement, sink: Sink): Run<readonly Value[]> {
    if (s.kind === 'pipeline') return yield* this.#pipeline(s.elements, sink)
    if (s.kind !== 'assign') return yield* runControl(this, s, sink)
    const value = collapse(yield* this.statement(s.value, 'caller'))
    const old = s.operator === '=' ? null : yield* this.evaluate(s.target)
    yield* assign(this, s.target, s.operator === '=' ? value : evaluateOperator(s.operator[0] as string, old, value))
    return []
  }
  evaluate(e: Expression): Run<Value> {
    return evaluate(this, e)
  }
  format(pattern: Value, items: readonly Value[]): Value {
    return evaluateOperator('f', pattern, items)
  }
  /** Runs a block's statements; an error ends the one that it happened in, but in a try block all of them. */
  *block(b: Block, sink: Sink): Run<readonly Value[]> {
    const out: Value[] = []
    for (const s of b.body) {
      try {
        const values = yield* this.statement(s, sink)
        if (sink === 'host') yield* this.#show(values)
        else out.push(...values)
      } catch (e) {
        if (e instanceof Jump) e.values = [...out, ...e.values]
        if (!(e instanceof PsError) || this.#strict > 0 || isFatal(e)) throw e
        yield* this.fail(e)
      }
    }
    return out
  }
  /** A block with $_ set: what Where-Object and ForEach-Object do for each. */
  call(b: Block, item: Value): Run<readonly Value[]> {
    return this.withItem(item, () => this.block(b, 'caller'))
  }

  *#pipeline(elements: readonly Element[], sink: Sink): Run<readonly Value[]> {
    let values: readonly Value[] = []
    for (const [i, e] of elements.entries()) {
      const last = i === elements.length - 1
      const toHost = last && sink === 'host'
      if (e.kind === 'expression') {
        this.mark(e.at, e.text.length)
        const value = yield* this.evaluate(e.value)
        // $x++ as a statement gives nothing, and [void] neither.
        values = e.value.kind === 'step' && elements.length === 1 ? [] : enumerate(value)
        this.succeeded = true
      } else values = yield* this.#command(e, values, i > 0, toHost)
      if (e.redirects.some((r) => r.from !== 2 && r.to !== '&1')) values = yield* this.#redirect(e.redirects, values)
    }
    return values
  }
  *#redirect(redirects: readonly Redirect[], values: readonly Value[]): Run<readonly Value[]> {
    for (const r of redirects) {
      if (r.from === 2 || r.to === '&1') continue
      const target = yield* this.evaluate(r.to)
      if (target === null) return []
      const path = yield* objectName(this.sys, textOf(target))
      const fd = yield* this.sys.open(path, O_WRONLY | O_CREAT | (r.append ? O_APPEND : O_TRUNC), 0o644)
      if (isErr(fd))
        throw new PsError(
          `Could not find a part of the path '${windowsName(path)}'.`,
          'OpenError: (:) [Out-File], DirectoryNotFoundException',
          'FileOpenFailure,Microsoft.PowerShell.Commands.OutFileCommand',
          'out-file',
        )
      yield* writeAll(this.sys, fd, new TextEncoder().encode(formatValues(values)))
      yield* this.sys.close(fd)
      return []
    }
    return values
  }

  // --- commands ---

  *#command(
    e: Extract<Element, { kind: 'command' }>,
    input: readonly Value[],
    piped: boolean,
    toHost: boolean,
  ): Run<readonly Value[]> {
    const head = yield* this.evaluate(e.name)
    const sink: Sink = toHost && e.redirects.length === 0 ? 'host' : 'caller'
    if (isBlock(head)) return yield* callFunction(this, '', head, yield* this.#arguments(e.words), input, sink)
    const typed = textOf(head)
    const lower = typed.toLowerCase()
    if (lower === 'exit')
      throw new Exit(Number(textOf(e.words[0]?.value ? yield* this.evaluate(e.words[0].value) : 0)) || 0)
    this.#where = { typed, cmdlet: '', at: e.at, length: e.text.length, text: e.text }
    const own = this.functions.get(lower)
    if (own) {
      const words = yield* this.#arguments(e.words)
      this.succeeded = true
      return yield* callFunction(this, own.name, own.body, words, input, sink)
    }
    const name = aliases[lower] ?? Object.keys(this.cmdlets).find((n) => n.toLowerCase() === lower)
    const mute = yield* this.#mutes(e.redirects)
    if (name) return yield* this.#cmdlet(name, typed, e, input, piped, mute)
    const path = yield* findProgram(this, typed)
    if (path === undefined) {
      this.#where = { ...this.#where, length: typed.length }
      const error = isReal(typed)
        ? new PsError(
            `zukan: not emulated: ${typed}`,
            'NotImplemented: (:) [], CommandNotFoundException',
            'NotEmulated',
          )
        : new PsError(
            `The term '${typed}' is not recognized as the name of a cmdlet, function, script file, or operable program. Check the spelling of the name, or if a path was included, verify that the path is correct and try again.`,
            `ObjectNotFound: (${typed}:String) [], CommandNotFoundException`,
            'CommandNotFoundException',
            typed,
          )
      if (mute) {
        this.succeeded = false
        return []
      }
      throw error
    }
    const argv: string[] = [windowsName(path)]
    for (const w of e.words) argv.push(...(yield* this.#nativeWords(w)))
    return yield* this.native(path, argv, input, piped, toHost && !e.redirects.some((r) => r.from !== 2), e.redirects)
  }
  *#cmdlet(
    name: string,
    typed: string,
    e: Extract<Element, { kind: 'command' }>,
    input: readonly Value[],
    piped: boolean,
    mute: boolean,
  ): Run<readonly Value[]> {
    const words = yield* this.#arguments(e.words)
    const cmdlet = this.cmdlets[name] as Cmdlets[string]
    // Arguments that are commands themselves have run by now.
    this.#where = { typed, cmdlet: name, at: e.at, length: e.text.length, text: e.text }
    const bound = bind(name, cmdlet, words)
    if (bound instanceof PsError) throw bound
    const action = textOf(bound.get('ErrorAction')).toLowerCase()
    const silent = mute || /^(silentlycontinue|ignore|0)$/.test(action)
    const stop = action === 'stop'
    this.succeeded = true
    if (silent) this.#silent++
    if (stop) this.#stop++
    try {
      const out = yield* cmdlet.run(new Given(name, bound, input, piped, this))
      const variable = bound.get('OutVariable')
      if (variable !== undefined) this.set(textOf(variable).toLowerCase(), out)
      return out
    } catch (error) {
      if (!(error instanceof PsError) || !silent) throw error
      this.succeeded = false
      this.errors.unshift(errorRecord(error))
      return []
    } finally {
      if (silent) this.#silent--
      if (stop) this.#stop--
    }
  }
  /** Words with their values; `@table` as the parameters that it holds. */
  *#arguments(words: readonly Word[]): Run<Argument[]> {
    const out: Argument[] = []
    for (const w of words) {
      if (w.splat !== undefined) {
        const v = this.get(w.splat.toLowerCase())
        if (v instanceof PsObject) for (const [parameter, value] of v.properties) out.push({ parameter, value })
        else for (const value of enumerate(v)) out.push({ value })
        continue
      }
      out.push({
        ...(w.parameter === undefined ? {} : { parameter: w.parameter }),
        ...(w.value === undefined ? {} : { value: yield* this.evaluate(w.value) }),
      })
    }
    return out
  }
  *#mutes(redirects: readonly Redirect[]): Run<boolean> {
    for (const r of redirects) if (r.from !== 1 && r.to !== '&1' && (yield* this.evaluate(r.to)) === null) return true
    return false
  }
  *#nativeWords(w: Word): Run<readonly string[]> {
    if (w.splat !== undefined) return enumerate(this.get(w.splat.toLowerCase())).map(textOf)
    if (w.parameter !== undefined && w.value === undefined) return [w.raw]
    if (w.parameter !== undefined) return [`-${w.parameter}:${textOf(yield* this.evaluate(w.value as Expression))}`]
    const e = w.value as Expression
    // a,b stays one word for a program; a list in a variable is several.
    if (e.kind === 'list')
      return [
        enumerate(yield* this.evaluate(e))
          .map(textOf)
          .join(','),
      ]
    if (e.kind === 'block' || (e.kind === 'literal' && typeof e.value === 'number')) return [w.raw]
    const v = yield* this.evaluate(e)
    return isList(v) ? v.map(textOf) : [textOf(v)]
  }

  /** The executable for a name; see native.ts. */
  find(name: string): Run<string | undefined> {
    return findProgram(this, name)
  }
  /** Runs a program: on the console where its output goes there, else its lines become strings. */
  *native(
    path: string,
    argv: readonly string[],
    input: readonly Value[],
    piped: boolean,
    toHost: boolean,
    redirects: readonly Redirect[] = [],
  ): Run<readonly Value[]> {
    const { code, lines } = yield* runProgram(this, path, argv, {
      input,
      piped,
      toHost,
      joined: redirects.some((r) => r.from === 2 && r.to === '&1'),
      muted: yield* this.#mutes(redirects),
    })
    this.exitCode = code
    this.succeeded = code === 0
    return lines
  }
}
/** Errors that end a script, however deep: throw. */
const isFatal = (e: PsError): boolean => e.category.startsWith('OperationStopped')

/** `exit`. */
export class Exit {
  readonly code: number
  constructor(code: number) {
    this.code = code
  }
}
