/** Runs statements: pipelines of cmdlets and native programs, variables, errors. */
import { isErr } from '../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { SIGINT } from '../../kernel/linux/signals.ts'
import { decode, readAll, warn, write, writeAll } from '../../userland/lib/io.ts'
import { objectName, windowsName } from '../../userland/windows/paths.ts'
import type { Block, Element, Expression, Redirect, Statement, Word } from './ast.ts'
import { bind, type Cmdlets, Given } from './cmdlet.ts'
import { aliases, cmdlets } from './cmdlets/index.ts'
import { formatValues } from './format.ts'
import { evaluateOperator, invokeMethod, memberOf } from './operators.ts'
import { ParseProblem, Parser } from './parser.ts'
import {
  collapse,
  enumerate,
  isBlock,
  isList,
  numberOf,
  PsError,
  PsObject,
  textOf,
  truthOf,
  type Value,
} from './values.ts'

const extensions = ['.exe', '.cmd', '.ps1', '']

/** Where a pipeline's last objects go: to the screen, or to whoever asked. */
type Sink = 'host' | 'caller'

export class PowerShell {
  readonly sys: Sys
  readonly variables = new Map<string, Value>()
  readonly environment = new Map<string, string>()
  readonly cmdlets: Cmdlets = cmdlets
  /** $?: whether the last command went well. */
  succeeded = true
  /** The exit code of the last native program. */
  exitCode = 0
  /** The command that runs: as it was typed, and where errors put their marks. */
  #where = { typed: '', cmdlet: '', at: 0, length: 1 }
  #line = ''
  /** Errors below this count aren't shown: -ErrorAction SilentlyContinue. */
  #silent = 0

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
        if (!(e instanceof PsError)) throw e
        yield* this.fail(e)
      }
    }
    return this.succeeded ? 0 : this.exitCode !== 0 ? this.exitCode : 1
  }
  *#show(values: readonly Value[]): Run<void> {
    if (values.length > 0) yield* write(this.sys, 1, formatValues(values))
  }

  /** Reports an error without ending the pipeline. */
  *fail(error: PsError): Run<void> {
    this.succeeded = false
    this.exitCode = 0
    if (this.#silent > 0) return
    yield* this.#report(error, this.#where.at, this.#where.length)
  }
  /** A warning, as cmdlets give them: it changes nothing about success. */
  *warning(text: string): Run<void> {
    yield* warn(this.sys, `WARNING: ${text}\n`)
  }
  *#report(e: PsError, at: number, width: number): Run<void> {
    const before = this.#line.slice(0, at)
    const row = before.split('\n').length
    const column = at - before.lastIndexOf('\n')
    const text = this.#line.split('\n')[row - 1] ?? ''
    const length = Math.max(1, Math.min(text.length - column + 1, width))
    // Messages name a command as it was typed: `ps`, not Get-Process.
    const source = e.source !== undefined && e.source === this.#where.cmdlet ? this.#where.typed : e.source
    yield* warn(
      this.sys,
      `${source === undefined ? '' : `${source} : `}${e.message}\nAt line:${row} char:${column}\n+ ${text}\n+ ${' '.repeat(column - 1)}${'~'.repeat(length)}\n    + CategoryInfo          : ${e.category}\n    + FullyQualifiedErrorId : ${e.id}\n \n`,
    )
  }

  *statement(s: Statement, sink: Sink): Run<readonly Value[]> {
    switch (s.kind) {
      case 'pipeline':
        return yield* this.#pipeline(s.elements, sink)
      case 'assign': {
        const right = yield* this.statement(s.value, 'caller')
        const value = collapse(right)
        yield* this.#assign(
          s.target,
          s.operator === '=' ? value : evaluateOperator(s.operator[0] as string, yield* this.evaluate(s.target), value),
        )
        return []
      }
      case 'if':
        for (const [test, block] of s.arms)
          if (!test || truthOf(collapse(yield* this.statement(test, 'caller')))) return yield* this.block(block, sink)
        return []
      case 'foreach': {
        const out: Value[] = []
        for (const item of enumerate(collapse(yield* this.statement(s.list, 'caller')))) {
          this.variables.set(s.name.toLowerCase(), item)
          out.push(...(yield* this.block(s.body, sink)))
        }
        return out
      }
      case 'while': {
        const out: Value[] = []
        while (truthOf(collapse(yield* this.statement(s.test, 'caller')))) {
          out.push(...(yield* this.block(s.body, sink)))
          yield* this.sys.compute(1000)
        }
        return out
      }
    }
  }
  *block(b: Block, sink: Sink): Run<readonly Value[]> {
    const out: Value[] = []
    for (const s of b.body) {
      const values = yield* this.statement(s, sink)
      if (sink === 'host') yield* this.#show(values)
      else out.push(...values)
    }
    return out
  }
  /** A block with $_ set: what Where-Object and ForEach-Object do for each. */
  *call(b: Block, item: Value): Run<readonly Value[]> {
    const before = this.variables.get('_')
    this.variables.set('_', item)
    const out = yield* this.block(b, 'caller')
    if (before === undefined) this.variables.delete('_')
    else this.variables.set('_', before)
    return out
  }
  *#assign(target: Expression, value: Value): Run<void> {
    if (target.kind === 'member') {
      const of = yield* this.evaluate(target.of)
      const name = textOf(yield* this.evaluate(target.name))
      if (of instanceof PsObject) of.properties.set(of.spelled(name) ?? name, value)
      return
    }
    if (target.kind !== 'variable') return
    if (target.scope === 'env') this.environment.set(target.name.toUpperCase(), textOf(value))
    else this.variables.set(target.name.toLowerCase(), value)
  }

  *#pipeline(elements: readonly Element[], sink: Sink): Run<readonly Value[]> {
    let values: readonly Value[] = []
    for (const [i, e] of elements.entries()) {
      const last = i === elements.length - 1
      const toHost = last && sink === 'host'
      if (e.kind === 'expression') {
        values = enumerate(yield* this.evaluate(e.value))
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
  *#command(
    e: Extract<Element, { kind: 'command' }>,
    input: readonly Value[],
    piped: boolean,
    toHost: boolean,
  ): Run<readonly Value[]> {
    const head = yield* this.evaluate(e.name)
    if (isBlock(head)) return yield* this.block(head, 'caller')
    const typed = textOf(head)
    const lower = typed.toLowerCase()
    if (lower === 'exit')
      throw new Exit(Number(textOf(e.words[0]?.value ? yield* this.evaluate(e.words[0].value) : 0)) || 0)
    this.#where = { typed, cmdlet: '', at: e.at, length: e.text.length }
    const name = aliases[lower] ?? Object.keys(this.cmdlets).find((n) => n.toLowerCase() === lower)
    const mute = yield* this.#mutes(e.redirects)
    if (name) {
      const words: { parameter?: string; value?: Value }[] = []
      for (const w of e.words)
        words.push({
          ...(w.parameter === undefined ? {} : { parameter: w.parameter }),
          ...(w.value === undefined ? {} : { value: yield* this.evaluate(w.value) }),
        })
      const cmdlet = this.cmdlets[name] as Cmdlets[string]
      // Arguments that are commands themselves have run by now.
      this.#where = { typed, cmdlet: name, at: e.at, length: e.text.length }
      const bound = bind(name, cmdlet, words)
      if (bound instanceof PsError) throw bound
      const silent = mute || /^(silentlycontinue|ignore)$/i.test(textOf(bound.get('ErrorAction')))
      this.succeeded = true
      if (silent) this.#silent++
      try {
        return yield* cmdlet.run(new Given(name, bound, input, piped, this))
      } catch (error) {
        if (!(error instanceof PsError) || !silent) throw error
        this.succeeded = false
        return []
      } finally {
        if (silent) this.#silent--
      }
    }
    const path = yield* this.find(typed)
    if (path === undefined) {
      this.#where = { ...this.#where, length: typed.length }
      const error = new PsError(
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
  *#mutes(redirects: readonly Redirect[]): Run<boolean> {
    for (const r of redirects) if (r.from === 2 && r.to !== '&1' && (yield* this.evaluate(r.to)) === null) return true
    return false
  }
  *#nativeWords(w: Word): Run<readonly string[]> {
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
    if (isBlockExpression(e)) return [w.raw]
    const v = yield* this.evaluate(e)
    return isList(v) ? v.map(textOf) : [textOf(v)]
  }

  /** The executable for a name, as the object namespace calls it; undefined where PATH has none. */
  *find(name: string): Run<string | undefined> {
    const direct = /[\\/:]/.test(name)
    const folders = direct
      ? ['']
      : (this.environment.get('PATH') ?? this.environment.get('Path') ?? '').split(';').filter(Boolean)
    for (const folder of folders)
      for (const extension of extensions) {
        if (extension === '' && !/\.\w+$/.test(name)) continue
        if (extension !== '' && name.toLowerCase().endsWith(extension)) continue
        const path = yield* objectName(this.sys, direct ? name + extension : `${folder}\\${name}${extension}`)
        const s = yield* this.sys.stat(path)
        if (!isErr(s) && (s.mode & 0o170000) === 0o100000) return path
      }
    return undefined
  }
  environ(): readonly string[] {
    return [...this.environment].map(([k, v]) => `${k}=${v}`)
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
    const { sys } = this
    const output = toHost ? undefined : yield* sys.pipe()
    const source = piped ? yield* sys.pipe() : undefined
    if (isErr(output) || isErr(source)) return []
    const joined = redirects.some((r) => r.from === 2 && r.to === '&1')
    const muted = yield* this.#mutes(redirects)
    const env = this.environ()
    const pid = yield* sys.fork(function* (child) {
      if (output) yield* child.dup2(output[1], 1)
      if (joined) yield* child.dup2(1, 2)
      if (muted) {
        const nul = yield* child.open('/Device/Null', 2)
        if (!isErr(nul)) yield* child.dup2(nul, 2)
      }
      if (source) yield* child.dup2(source[0], 0)
      yield* child.closeRange(3)
      const failed = yield* child.execve(path, argv, env)
      return failed.name === 'ENOEXEC' ? 193 : 1
    })
    if (isErr(pid)) return []
    if (output) yield* sys.close(output[1])
    if (source) {
      yield* sys.close(source[0])
      yield* writeAll(sys, source[1], new TextEncoder().encode(formatValues(input)))
      yield* sys.close(source[1])
    }
    yield* sys.sigaction(SIGINT, 'ignore')
    let text = ''
    if (output) {
      const bytes = yield* readAll(sys, output[0])
      yield* sys.close(output[0])
      text = isErr(bytes) ? '' : decode(bytes)
    }
    const r = yield* sys.wait(pid)
    yield* sys.sigaction(SIGINT, 'default')
    this.exitCode = isErr(r) || !r ? 255 : r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
    if (this.exitCode === 193) {
      const name = path.split('/').at(-1) as string
      throw new PsError(
        `Program '${name}' failed to run: The specified executable is not a valid application for this OS platform.At line:1 char:1`,
        'ResourceUnavailable: (:) [], ApplicationFailedException',
        'NativeCommandFailed',
        name,
      )
    }
    this.succeeded = this.exitCode === 0
    return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/)
  }

  *evaluate(e: Expression): Run<Value> {
    switch (e.kind) {
      case 'block':
        return e
      case 'literal':
        return e.value
      case 'string': {
        let out = ''
        for (const p of e.parts) out += typeof p === 'string' ? p : textOf(yield* this.evaluate(p))
        return out
      }
      case 'variable':
        return this.#variable(e.scope, e.name, yield* this.sys.getcwd(), yield* this.sys.getpid())
      case 'group':
      case 'array': {
        const out: Value[] = []
        for (const s of e.body) out.push(...(yield* this.statement(s, 'caller')))
        return e.kind === 'array' ? out : collapse(out)
      }
      case 'list': {
        const out: Value[] = []
        for (const i of e.items) out.push(yield* this.evaluate(i))
        return out
      }
      case 'hash': {
        const pairs = new Map<string, Value>()
        for (const [k, v] of e.pairs)
          pairs.set(textOf(yield* this.evaluate(k)), collapse(yield* this.statement(v, 'caller')))
        return new PsObject('System.Collections.Hashtable', pairs)
      }
      case 'unary': {
        const v = yield* this.evaluate(e.of)
        return e.operator === '-' ? -(numberOf(v) ?? 0) : e.operator === '+' ? (numberOf(v) ?? 0) : !truthOf(v)
      }
      case 'binary': {
        const left = yield* this.evaluate(e.left)
        if (e.operator === 'and' && !truthOf(left)) return false
        if (e.operator === 'or' && truthOf(left)) return true
        return evaluateOperator(e.operator, left, yield* this.evaluate(e.right))
      }
      case 'cast': {
        const v = yield* this.evaluate(e.of)
        if (/^(int|int32|int64|long|double)$/.test(e.type)) {
          const n = numberOf(v)
          if (n === undefined)
            throw new PsError(
              `Cannot convert value "${textOf(v)}" to type "System.Int32". Error: "Input string was not in a correct format."`,
              'InvalidArgument: (:) [], RuntimeException',
              'InvalidCastFromStringToInteger',
            )
          return e.type === 'double' ? n : Math.round(n)
        }
        if (e.type === 'string') return textOf(v)
        if (e.type === 'bool') return truthOf(v)
        if (e.type === 'pscustomobject' && v instanceof PsObject) return new PsObject('PSCustomObject', v.properties)
        if (e.type === 'array' || e.type === 'object[]') return enumerate(v)
        throw new PsError(`zukan: not emulated: [${e.type}]`, 'NotImplemented: (:) [], RuntimeException', 'NotEmulated')
      }
      case 'member': {
        const of = yield* this.evaluate(e.of)
        const name = textOf(yield* this.evaluate(e.name))
        if (!e.call) return memberOf(of, name)
        const args: Value[] = []
        for (const a of e.call) args.push(yield* this.evaluate(a))
        return invokeMethod(of, name, args)
      }
      case 'index': {
        const of = yield* this.evaluate(e.of)
        const at = yield* this.evaluate(e.at)
        if (of instanceof PsObject && (of.type === 'System.Collections.Hashtable' || typeof at === 'string'))
          return of.get(textOf(at)) ?? null
        const list = typeof of === 'string' ? [...of] : enumerate(of)
        const pick = (v: Value): Value =>
          list[((numberOf(v) ?? 0) + ((numberOf(v) ?? 0) < 0 ? list.length : 0)) | 0] ?? null
        return isList(at) ? at.map(pick) : pick(at)
      }
    }
  }
  #variable(scope: string, name: string, cwd: unknown, pid: number): Value {
    const lower = name.toLowerCase()
    if (scope === 'env') {
      for (const [k, v] of this.environment) if (k.toLowerCase() === lower) return v
      return null
    }
    switch (lower) {
      case 'true':
        return true
      case 'false':
        return false
      case 'null':
        return null
      case '?':
        return this.succeeded
      case 'pid':
        return pid
      case 'lastexitcode':
        return this.exitCode
      case 'pwd':
        return typeof cwd === 'string' ? windowsName(cwd) : ''
      case 'home':
        return 'C:\\Users\\zukan'
      case 'psversiontable':
        return new PsObject('System.Collections.Hashtable', {
          PSVersion: '5.1.26100.7019',
          PSEdition: 'Desktop',
          BuildVersion: '10.0.26100.7019',
        })
      default:
        return this.variables.get(lower) ?? null
    }
  }
}
const isBlockExpression = (e: Expression): e is Block => e.kind === 'block'

/** `exit`. */
export class Exit {
  readonly code: number
  constructor(code: number) {
    this.code = code
  }
}
