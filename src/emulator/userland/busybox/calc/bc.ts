/** bc: an arbitrary-precision calculator, POSIX XCU 4 bc with the extensions that busybox's has. */
import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { print, readAll, readText, warn } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'
import { type Expression, type FunctionNode, parseProgram, type Statement } from './bcparser.ts'
import * as d from './decimal.ts'
import { CalcError, type Num, num, ONE, ZERO } from './decimal.ts'
import { mathFunction, mathFunctions } from './mathlib.ts'

/** Leaves loops, functions or the program. */
class Leave {
  readonly kind: 'break' | 'continue' | 'return' | 'quit'
  readonly value: Num
  constructor(kind: Leave['kind'], value = ZERO) {
    this.kind = kind
    this.value = value
  }
}
/** Virtual processor time of one statement, nanoseconds. */
const STATEMENT_TIME = 2000
const MAX_DEPTH = 1000

class Calculator {
  readonly #sys: Sys
  readonly #library: boolean
  readonly #variables = new Map<string, Num>()
  readonly #arrays = new Map<string, Map<string, Num>>()
  readonly #functions = new Map<string, FunctionNode>()
  scale = 0
  #ibase = 10
  #obase = 10
  #last: Num = ZERO
  #depth = 0
  constructor(sys: Sys, library: boolean) {
    this.#sys = sys
    this.#library = library
    if (library) this.scale = 20
  }
  get inputBase(): number {
    return this.#ibase
  }

  *run(statements: readonly Statement[]): Run<void> {
    for (const s of statements) yield* this.#statement(s)
  }
  *#statement(s: Statement): Run<void> {
    yield* this.#sys.compute(STATEMENT_TIME)
    switch (s.kind) {
      case 'print': {
        const value = yield* this.#value(s.value)
        if (s.silent) return
        this.#last = value
        yield* print(this.#sys, `${this.#show(value)}\n`)
        return
      }
      case 'text':
        yield* print(this.#sys, s.text)
        return
      case 'list':
        for (const item of s.items) {
          if (typeof item === 'string') yield* print(this.#sys, item)
          else {
            this.#last = yield* this.#value(item)
            yield* print(this.#sys, this.#show(this.#last))
          }
        }
        return
      case 'block':
        return yield* this.run(s.body)
      case 'if':
        if ((yield* this.#value(s.test)).n !== 0n) yield* this.#statement(s.then)
        else if (s.other) yield* this.#statement(s.other)
        return
      case 'loop':
        return yield* this.#loop(s)
      case 'define':
        this.#functions.set(s.definition.name, s.definition)
        return
      case 'return':
        throw new Leave('return', s.value ? yield* this.#value(s.value) : ZERO)
      default:
        throw new Leave(s.kind)
    }
  }
  *#loop(s: Extract<Statement, { kind: 'loop' }>): Run<void> {
    if (s.first) yield* this.#value(s.first)
    while (!s.test || (yield* this.#value(s.test)).n !== 0n) {
      try {
        yield* this.#statement(s.body)
      } catch (leave) {
        if (!(leave instanceof Leave) || (leave.kind !== 'break' && leave.kind !== 'continue')) throw leave
        if (leave.kind === 'break') return
      }
      if (s.step) yield* this.#value(s.step)
    }
  }
  #show(value: Num): string {
    return d.format(value, this.#obase)
  }
  *#value(e: Expression): Run<Num> {
    switch (e.kind) {
      case 'number':
        return d.parse(e.text, this.#ibase)
      case 'place':
        return yield* this.#read(e)
      case 'negate':
        return d.negate(yield* this.#value(e.value))
      case 'not':
        return (yield* this.#value(e.value)).n === 0n ? ONE : ZERO
      case 'binary': {
        const left = yield* this.#value(e.left)
        return this.#apply(e.op, left, yield* this.#value(e.right))
      }
      case 'assign': {
        const right = yield* this.#value(e.value)
        const value = e.op === '=' ? right : this.#apply(e.op.slice(0, -1), yield* this.#read(e.place), right)
        yield* this.#write(e.place, value)
        return value
      }
      case 'step': {
        const before = yield* this.#read(e.place)
        const after = d.add(before, num(e.by))
        yield* this.#write(e.place, after)
        return e.after ? before : after
      }
      default:
        return yield* this.#call(e)
    }
  }
  #apply(op: string, a: Num, b: Num): Num {
    const truth = (yes: boolean): Num => (yes ? ONE : ZERO)
    switch (op) {
      case '+':
        return d.add(a, b)
      case '-':
        return d.subtract(a, b)
      case '*':
        return d.multiply(a, b, this.scale)
      case '/':
        return d.divide(a, b, this.scale)
      case '%':
        return d.remainder(a, b, this.scale)
      case '^':
        return d.power(a, b, this.scale)
      case '&&':
        return truth(a.n !== 0n && b.n !== 0n)
      case '||':
        return truth(a.n !== 0n || b.n !== 0n)
      default: {
        const order = d.compare(a, b)
        return truth(
          { '==': order === 0, '!=': order !== 0, '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[
            op
          ] === true,
        )
      }
    }
  }
  *#read(place: Extract<Expression, { kind: 'place' }>): Run<Num> {
    if (place.index) {
      const at = d.rescale(yield* this.#value(place.index), 0).n
      return this.#arrays.get(place.name)?.get(String(at)) ?? ZERO
    }
    switch (place.name) {
      case 'scale':
        return num(this.scale)
      case 'ibase':
        return num(this.#ibase)
      case 'obase':
        return num(this.#obase)
      case 'last':
      case '.':
        return this.#last
      default:
        return this.#variables.get(place.name) ?? ZERO
    }
  }
  *#write(place: Extract<Expression, { kind: 'place' }>, value: Num): Run<void> {
    if (place.index) {
      const at = d.rescale(yield* this.#value(place.index), 0).n
      const array = this.#arrays.get(place.name) ?? new Map<string, Num>()
      array.set(String(at), value)
      this.#arrays.set(place.name, array)
      return
    }
    const whole = Number(d.rescale(value, 0).n)
    switch (place.name) {
      case 'scale':
        if (whole < 0 || whole > 10_000) throw new CalcError(`bad scale; must be [0, 4294967295]`)
        this.scale = whole
        return
      case 'ibase':
        if (whole < 2 || whole > 16) throw new CalcError('bad ibase; must be [2, 16]')
        this.#ibase = whole
        return
      case 'obase':
        if (whole < 2 || whole > 999) throw new CalcError('bad obase; must be [2, 999]')
        this.#obase = whole
        return
      case 'last':
      case '.':
        this.#last = value
        return
      default:
        this.#variables.set(place.name, value)
    }
  }
  *#call(e: Extract<Expression, { kind: 'call' }>): Run<Num> {
    if (e.name === 'read') throw new CalcError('zukan: not emulated: read()')
    const args: Num[] = []
    for (const a of e.args) args.push(yield* this.#value(a))
    const first = args[0] ?? ZERO
    if (e.name === 'sqrt') return d.squareRoot(first, this.scale)
    if (e.name === 'length') return num(d.length(first))
    if (e.name === 'scale') return num(first.scale)
    const own = this.#functions.get(e.name)
    if (!own && this.#library && mathFunctions.has(e.name)) {
      if (mathFunctions.get(e.name) !== args.length) throw new CalcError('function parameter number mismatch')
      return mathFunction(e.name, args, this.scale)
    }
    if (!own) throw new CalcError('undefined function')
    if (own.parameters.length !== args.length) throw new CalcError('function parameter number mismatch')
    if (++this.#depth > MAX_DEPTH) throw new CalcError('zukan: not emulated: functions so deep')
    const covered = [...own.parameters, ...own.autos].map((name) => [name, this.#variables.get(name)] as const)
    for (const [i, name] of own.parameters.entries()) this.#variables.set(name, args[i] as Num)
    for (const name of own.autos) this.#variables.delete(name)
    try {
      yield* this.run(own.body)
      return ZERO
    } catch (leave) {
      if (leave instanceof Leave && leave.kind === 'return') return leave.value
      throw leave
    } finally {
      this.#depth--
      for (const [name, value] of covered.reverse())
        if (value) this.#variables.set(name, value)
        else this.#variables.delete(name)
    }
  }
}

export const bc: Applet = {
  name: 'bc',
  usage: '[-sqlw] [FILE]...',
  help: 'Arbitrary precision calculator\n\n\t-q\tQuiet\n\t-l\tLoad standard library\n\t-s\tBe POSIX compatible\n\t-w\tWarn if extensions are used\n\n$BC_LINE_LENGTH changes output width',
  *run(sys, argv) {
    const o = yield* getopt(sys, bc, argv, 'qlwsi', { quiet: 'q', mathlib: 'l', warn: 'w', standard: 's' })
    if (typeof o === 'number') return o
    const calculator = new Calculator(sys, o.has('l'))
    for (const file of [...o.rest, undefined]) {
      const bytes = file === undefined ? yield* readAll(sys, 0) : yield* readText(sys, file)
      if (isErr(bytes)) {
        yield* warn(sys, `bc: can't open '${file ?? '-'}': ${strerror(bytes)}\n`)
        return 1
      }
      const text = typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes)
      const where = file === undefined ? '' : `${file}:`
      const reader = parseProgram(text)
      try {
        for (let next = reader.next(); next; next = reader.next()) yield* calculator.run(next)
      } catch (problem) {
        if (problem instanceof Leave && problem.kind === 'quit') return 0
        if (!(problem instanceof CalcError)) throw problem
        const line = where === '' ? '' : `${where}${reader.line}: `
        yield* warn(
          sys,
          problem.message.startsWith('zukan:') ? `${problem.message}\n` : `bc: ${line}${problem.message}\n`,
        )
        return 1
      }
    }
    return 0
  },
}
