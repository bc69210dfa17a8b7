/** Runs an awk program: POSIX awk as busybox has it. */
import { isErr } from '../../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../../kernel/linux/abi.ts'
import { O_RDONLY } from '../../../../kernel/linux/fs/flags.ts'
import { fromWord, toWord } from '../../../lib/argument.ts'
import { warn } from '../../../lib/io.ts'
import { compileRegex, type Regex } from '../../../lib/regex.ts'
import { strerror } from '../../../lib/strerror.ts'
import { type Zone, zoneOf } from '../../../lib/time.ts'
import { format, pureFunctions } from './functions.ts'
import { AwkError, readEscapes } from './lexer.ts'
import { Random } from './random.ts'
import { Records, type Separator, Streams } from './streams.ts'
import type { Expr, Place, Program, Redirection, Rule, Statement } from './syntax.ts'
import { type AwkArray, Cell, compare, Field, formatNumber, isTrue, toNumber, toText, type Value } from './values.ts'

/** Names in their slots: what awk itself looks at and sets. */
export const SPECIAL = [
  'NF',
  'NR',
  'FNR',
  'FS',
  'OFS',
  'ORS',
  'RS',
  'SUBSEP',
  'CONVFMT',
  'OFMT',
  'FILENAME',
  'RSTART',
  'RLENGTH',
  'ENVIRON',
  'ARGV',
  'ARGC',
  'ERRNO',
] as const
type Special = (typeof SPECIAL)[number]
const slotOf = Object.fromEntries(SPECIAL.map((name, i) => [name, i])) as Readonly<Record<Special, number>>
const NF = slotOf.NF

/** How a statement ended. */
type Flow = 'next' | 'nextfile' | 'break' | 'continue' | 'return' | 'exit' | undefined

/** Steps between two times at which the processor may be taken away, and what they take in nanoseconds. */
const SLICE = 200
const SLICE_TIME = 40_000
const DEEPEST_CALL = 800
/** Beyond what a tab can hold. */
const LONGEST_TEXT = 1 << 25

export class Interpreter {
  readonly sys: Sys
  readonly streams: Streams
  readonly random = new Random()
  seed = 1
  /** The time at which the present record or rule began, in nanoseconds since 1970. */
  now0 = 0
  readonly zone: Zone
  readonly #program: Program
  readonly #globals: Cell[]
  #locals: Cell[] = []
  #record = ''
  #fields: Value[] = []
  /** The fields are those of the record; the record is that of the fields. */
  #split = true
  #joined = true
  #ranges = new Set<Rule>()
  #returned: Value
  #status: ExitCode = 0
  #failure: ExitCode = 0
  #depth = 0
  #work = 0
  #line = 1
  #input: Records | undefined
  #operand = 1
  #readAny = false
  readonly #regexes = new Map<string, Regex>()

  constructor(sys: Sys, program: Program) {
    this.sys = sys
    this.zone = zoneOf(sys)
    this.streams = new Streams(sys)
    this.#program = program
    this.#globals = program.globals.map(() => new Cell())
    for (const [name, value] of Object.entries({
      NF: 0,
      NR: 0,
      FNR: 0,
      FS: ' ',
      OFS: ' ',
      ORS: '\n',
      RS: '\n',
      SUBSEP: '\x1c',
      CONVFMT: '%.6g',
      OFMT: '%.6g',
      RSTART: 0,
      RLENGTH: -1,
      ARGC: 0,
    }))
      this.setSpecial(name as Special, value)
  }
  get line(): number {
    return this.#line
  }
  #special(name: Special): Value {
    return (this.#globals[slotOf[name]] as Cell).value
  }
  setSpecial(name: Special, value: Value): void {
    ;(this.#globals[slotOf[name]] as Cell).value = value
  }
  get format(): string {
    return toText(this.#special('CONVFMT'), '%.6g')
  }
  text(v: Value): string {
    return typeof v === 'string' ? v : toText(v, this.format)
  }
  /** `-v NAME=VALUE` and operands of that form; a name that the program doesn't know is of no use. */
  assign(text: string): void {
    const at = text.indexOf('=')
    const slot = this.#program.globals.indexOf(text.slice(0, at))
    if (slot >= 0)
      this.#setCell(this.#globals[slot] as Cell, slot, new Field(readEscapes(fromWord(text.slice(at + 1)))))
  }
  /** A regular expression, compiled once. */
  regex(source: string): Regex {
    const known = this.#regexes.get(source)
    if (known) return known
    let made = compileRegex(source, true)
    // As busybox: what isn't an extended expression may be a basic one.
    if ('error' in made) made = compileRegex(source, false)
    if ('error' in made) throw new AwkError(`bad regex '${source}': ${made.error}`, 0)
    if (this.#regexes.size > 200) this.#regexes.clear()
    this.#regexes.set(source, made)
    return made
  }

  /** The whole run; the exit status. */
  *run(argv: readonly string[]): Run<ExitCode> {
    this.now0 = yield* this.sys.clock('realtime')
    const args = (this.#globals[slotOf.ARGV] as Cell).asArray()
    for (const [i, word] of argv.entries()) args.set(String(i), new Field(fromWord(word)))
    this.setSpecial('ARGC', argv.length)
    const environment = (this.#globals[slotOf.ENVIRON] as Cell).asArray()
    for (const e of this.sys.environ()) {
      const at = e.indexOf('=')
      if (at > 0) environment.set(fromWord(e.slice(0, at)), new Field(fromWord(e.slice(at + 1))))
    }
    let flow: Flow
    for (const body of this.#program.begin) {
      flow = yield* this.#exec(body)
      if (flow === 'exit') break
    }
    if (flow !== 'exit' && (this.#program.rules.length > 0 || this.#program.end.length > 0)) {
      flow = undefined
      while (flow !== 'exit' && (yield* this.#nextRecord())) {
        flow = yield* this.#rules()
        if (flow === 'nextfile') yield* this.#closeInput()
      }
    }
    for (const body of this.#program.end) if ((yield* this.#exec(body)) === 'exit') break
    yield* this.streams.closeAll()
    return (yield* this.streams.stdout.end('awk', this.#status)) || this.#failure
  }
  *#rules(): Run<Flow> {
    for (const rule of this.#program.rules) {
      if (rule.from && rule.to) {
        if (!this.#ranges.has(rule)) {
          if (!isTrue(yield* this.#ev(rule.from))) continue
          this.#ranges.add(rule)
        }
        if (isTrue(yield* this.#ev(rule.to))) this.#ranges.delete(rule)
      } else if (rule.from && !isTrue(yield* this.#ev(rule.from))) continue
      if (!rule.body) {
        yield* this.streams.stdout.write(this.#whole() + this.text(this.#special('ORS')))
        if (++this.#work % SLICE === 0) yield* this.#breathe()
        continue
      }
      const flow = yield* this.#exec(rule.body)
      if (flow === 'next') return undefined
      if (flow === 'exit' || flow === 'nextfile') return flow
    }
    return undefined
  }

  // --- input ---
  #separator(): Separator {
    const rs = this.text(this.#special('RS'))
    return rs.length <= 1 ? rs : this.regex(rs)
  }
  *#closeInput(): Run<void> {
    const input = this.#input
    this.#input = undefined
    if (input && input.fd !== 0) yield* this.sys.close(input.fd)
  }
  /** Opens the next file operand; false where there is none. */
  *#openNext(): Run<boolean> {
    const args = (this.#globals[slotOf.ARGV] as Cell).asArray()
    for (; this.#operand < toNumber(this.#special('ARGC')); this.#operand++) {
      if (!args.has(String(this.#operand))) continue
      const word = this.text(args.get(String(this.#operand)))
      if (word === '') continue
      if (/^[A-Za-z_]\w*=/.test(word)) {
        this.assign(word)
        continue
      }
      this.#readAny = true
      this.#operand++
      const fd = word === '-' ? 0 : yield* this.sys.open(toWord(word), O_RDONLY)
      if (isErr(fd)) {
        yield* this.streams.flush()
        yield* warn(this.sys, `awk: ${toWord(word)}: ${strerror(fd)}\n`)
        this.#failure = 2
        this.#operand--
        continue
      }
      this.setSpecial('FILENAME', new Field(word))
      this.setSpecial('FNR', 0)
      this.#input = new Records(this.sys, fd)
      return true
    }
    if (this.#readAny) return false
    this.#readAny = true
    this.#input = new Records(this.sys, 0)
    return true
  }
  *#mainRecord(): Run<string | undefined> {
    for (;;) {
      if (!this.#input && !(yield* this.#openNext())) return undefined
      const record = yield* (this.#input as Records).next(this.#separator())
      if (typeof record === 'string') {
        this.#count('NR')
        this.#count('FNR')
        return record
      }
      if (isErr(record)) {
        yield* warn(this.sys, `awk: read error: ${strerror(record)}\n`)
        this.#failure = 2
      }
      yield* this.#closeInput()
    }
  }
  #count(name: 'NR' | 'FNR'): void {
    this.setSpecial(name, toNumber(this.#special(name)) + 1)
  }
  *#nextRecord(): Run<boolean> {
    const record = yield* this.#mainRecord()
    if (record === undefined) return false
    this.#setRecord(record)
    return true
  }
  *#getline(e: Extract<Expr, { readonly op: 'getline' }>): Run<number> {
    let record: string | undefined
    if (e.from === 'main') record = yield* this.#mainRecord()
    else {
      const name = this.text(yield* this.#ev(e.source as Expr))
      const source = yield* this.streams.source(name, e.from === 'command')
      if (isErr(source)) {
        this.setSpecial('ERRNO', source.number)
        return -1
      }
      const r = yield* source.next(this.#separator())
      if (isErr(r)) return -1
      record = r
      if (record !== undefined && e.from === 'command') this.#count('NR')
    }
    if (record === undefined) return 0
    if (e.place) yield* this.#store(e.place, new Field(record))
    else this.#setRecord(record)
    return 1
  }

  // --- the record and its fields ---
  #setRecord(text: string): void {
    this.#record = text
    this.#split = false
    this.#joined = true
  }
  #whole(): string {
    if (!this.#joined) {
      this.#record = this.#fields.map((f) => this.text(f)).join(this.text(this.#special('OFS')))
      this.#joined = true
    }
    return this.#record
  }
  #needFields(): void {
    if (this.#split) return
    this.#split = true
    this.#fields = this.splitText(this.#record, this.text(this.#special('FS'))).map((t) => new Field(t))
    ;(this.#globals[NF] as Cell).value = this.#fields.length
  }
  /** Parts of a text as FS (or split()'s third argument) says. */
  splitText(text: string, separator: string | Regex): string[] {
    if (text === '') return []
    if (separator === ' ') return text.match(/[^ \t\n]+/g) ?? []
    if (separator === '') return [...text]
    const paragraphs = this.text(this.#special('RS')) === ''
    if (typeof separator === 'string' && separator.length === 1)
      return text.split(paragraphs ? new RegExp(`[\\n${separator.replace(/[\\\]^-]/, '\\$&')}]`) : separator)
    const regex = typeof separator === 'string' ? this.regex(paragraphs ? `(${separator})|\n` : separator) : separator
    const out: string[] = []
    let from = 0
    for (let at = 0; at < text.length; ) {
      const m = regex.exec(text, at)
      if (!m) break
      const [start = 0, end = 0] = m
      if (end === start) {
        at = end + 1
        continue
      }
      out.push(text.slice(from, start))
      from = at = end
    }
    out.push(text.slice(from))
    return out
  }
  #field(index: number): Value {
    if (index < 0) throw new AwkError('Access to negative field', this.#line)
    if (index === 0) return new Field(this.#whole())
    this.#needFields()
    return this.#fields[index - 1]
  }
  #setField(index: number, value: Value): void {
    if (index < 0) throw new AwkError('Access to negative field', this.#line)
    if (index === 0) {
      this.#setRecord(this.text(value))
      return
    }
    this.#needFields()
    this.#setCount(Math.max(index, this.#fields.length))
    this.#fields[index - 1] = value
  }
  #setCount(count: number): void {
    if (count > 100_000) throw new AwkError('Out of memory', this.#line)
    this.#needFields()
    while (this.#fields.length < count) this.#fields.push('')
    this.#fields.length = Math.max(0, count)
    ;(this.#globals[NF] as Cell).value = this.#fields.length
    this.#joined = false
  }

  // --- variables ---
  #cell(slot: number, local: boolean): Cell {
    return (local ? this.#locals[slot] : this.#globals[slot]) as Cell
  }
  #setCell(cell: Cell, slot: number, value: Value): void {
    if (cell === this.#globals[NF] && slot === NF) this.#setCount(Math.trunc(toNumber(value)))
    else cell.value = value
  }
  array(e: Expr | undefined): AwkArray {
    if (e?.op !== 'var') throw new AwkError('Not an array', this.#line)
    return this.#cell(e.slot, e.local).asArray()
  }
  isArray(e: Extract<Expr, { readonly op: 'var' }>): boolean {
    const cell = this.#cell(e.slot, e.local)
    return cell.array !== undefined || cell.origin?.array !== undefined
  }
  get fieldSeparator(): string {
    return this.text(this.#special('FS'))
  }
  #key(values: readonly Value[]): string {
    return values.map((v) => this.text(v)).join(this.text(this.#special('SUBSEP')))
  }
  /** What a place holds; its subscripts are values already. */
  #load(place: Place, subscripts: readonly Value[]): Value {
    switch (place.op) {
      case 'field':
        return this.#field(Math.trunc(toNumber(subscripts[0])))
      case 'index':
        return this.#cell(place.slot, place.local).asArray().get(this.#key(subscripts))
      case 'var':
        if (place.slot === NF && !place.local) this.#needFields()
        return this.#cell(place.slot, place.local).value
    }
  }
  #put(place: Place, subscripts: readonly Value[], value: Value): void {
    if (place.op === 'field') this.#setField(Math.trunc(toNumber(subscripts[0])), value)
    else if (place.op === 'index') this.#cell(place.slot, place.local).asArray().set(this.#key(subscripts), value)
    else this.#setCell(this.#cell(place.slot, place.local), place.local ? -1 : place.slot, value)
  }
  *#subscripts(place: Place): Run<readonly Value[]> {
    const list = place.op === 'field' ? [place.index] : place.op === 'index' ? place.subscripts : []
    const values: Value[] = []
    for (const e of list) values.push(yield* this.#ev(e))
    return values
  }
  #pureSubscripts(place: Place): readonly Value[] {
    return place.op === 'field'
      ? [this.now(place.index)]
      : place.op === 'index'
        ? place.subscripts.map((e) => this.now(e))
        : []
  }
  *#store(place: Place, value: Value): Run<void> {
    this.#put(place, yield* this.#subscripts(place), value)
  }
  /** Stores into a place without side effects: what sub() and getline change. */
  storeNow(place: Place, value: Value): void {
    this.#put(place, this.#pureSubscripts(place), value)
  }

  // --- expressions ---
  /** The value of an expression that waits for nothing. */
  now(e: Expr): Value {
    switch (e.op) {
      case 'constant':
        return e.value
      case 'var':
      case 'field':
      case 'index':
        return this.#load(e, this.#pureSubscripts(e))
      case 'regex':
        return this.regex(e.source).test(this.#whole()) ? 1 : 0
      case 'list':
        return this.#key(e.items.map((i) => this.now(i)))
      case 'assign': {
        const subscripts = this.#pureSubscripts(e.place)
        return this.#assigned(e.how, e.place, subscripts, this.now(e.value))
      }
      case 'step':
        return this.#stepped(e.by, e.prefix, e.place, this.#pureSubscripts(e.place))
      case 'unary':
        return unary(e.how, this.now(e.of))
      case 'binary':
        return this.#binary(e.how, this.now(e.left), this.now(e.right))
      case 'and':
        return isTrue(this.now(e.left)) && isTrue(this.now(e.right)) ? 1 : 0
      case 'or':
        return isTrue(this.now(e.left)) || isTrue(this.now(e.right)) ? 1 : 0
      case 'match':
        return this.#matches(
          this.now(e.left),
          this.#pattern(e.right, () => this.now(e.right)),
        ) === e.negated
          ? 0
          : 1
      case 'cond':
        return this.now(isTrue(this.now(e.test)) ? e.yes : e.no)
      case 'in':
        return this.#cell(e.slot, e.local)
          .asArray()
          .has(this.#key(e.subscripts.map((s) => this.now(s))))
          ? 1
          : 0
      case 'builtin':
        return this.#builtin(e.name, e.args)
      default:
        throw new AwkError('Unexpected token', this.#line)
    }
  }
  /** The value of any expression. */
  *#ev(e: Expr): Run<Value> {
    if (e.pure) return this.now(e)
    switch (e.op) {
      case 'field':
      case 'index':
        return this.#load(e, yield* this.#subscripts(e))
      case 'assign': {
        const subscripts = yield* this.#subscripts(e.place)
        return this.#assigned(e.how, e.place, subscripts, yield* this.#ev(e.value))
      }
      case 'step':
        return this.#stepped(e.by, e.prefix, e.place, yield* this.#subscripts(e.place))
      case 'unary':
        return unary(e.how, yield* this.#ev(e.of))
      case 'binary': {
        const left = yield* this.#ev(e.left)
        return this.#binary(e.how, left, yield* this.#ev(e.right))
      }
      case 'and':
        return isTrue(yield* this.#ev(e.left)) && isTrue(yield* this.#ev(e.right)) ? 1 : 0
      case 'or':
        return isTrue(yield* this.#ev(e.left)) || isTrue(yield* this.#ev(e.right)) ? 1 : 0
      case 'match': {
        const left = yield* this.#ev(e.left)
        const right = e.right.op === 'regex' ? '' : yield* this.#ev(e.right)
        return this.#matches(
          left,
          this.#pattern(e.right, () => right),
        ) === e.negated
          ? 0
          : 1
      }
      case 'cond':
        return yield* this.#ev(isTrue(yield* this.#ev(e.test)) ? e.yes : e.no)
      case 'list':
      case 'in': {
        const values: Value[] = []
        for (const s of e.op === 'in' ? e.subscripts : e.items) values.push(yield* this.#ev(s))
        if (e.op === 'list') return this.#key(values)
        return this.#cell(e.slot, e.local).asArray().has(this.#key(values)) ? 1 : 0
      }
      case 'getline':
        return yield* this.#getline(e)
      case 'call':
        return yield* this.#call(e.name, e.args, e.line)
      case 'builtin':
        return yield* this.#waitingBuiltin(e)
      default:
        return this.now(e)
    }
  }
  #assigned(how: string, place: Place, subscripts: readonly Value[], value: Value): Value {
    const result = how === '' ? value : this.#binary(how, this.#load(place, subscripts), value)
    this.#put(place, subscripts, result)
    return result
  }
  #stepped(by: number, prefix: boolean, place: Place, subscripts: readonly Value[]): Value {
    const before = toNumber(this.#load(place, subscripts))
    this.#put(place, subscripts, before + by)
    return prefix ? before + by : before
  }
  #binary(how: string, left: Value, right: Value): Value {
    switch (how) {
      case ' ': {
        const text = this.text(left) + this.text(right)
        if (text.length > LONGEST_TEXT) throw new AwkError('Out of memory', this.#line)
        return text
      }
      case '+':
        return toNumber(left) + toNumber(right)
      case '-':
        return toNumber(left) - toNumber(right)
      case '*':
        return toNumber(left) * toNumber(right)
      case '/':
      case '%': {
        const divisor = toNumber(right)
        if (divisor === 0) throw new AwkError('Division by zero', this.#line)
        return how === '/' ? toNumber(left) / divisor : toNumber(left) % divisor
      }
      case '^':
        return toNumber(left) ** toNumber(right)
    }
    const c = compare(left, right, this.format)
    switch (how) {
      case '<':
        return c < 0 ? 1 : 0
      case '<=':
        return c <= 0 ? 1 : 0
      case '==':
        return c === 0 ? 1 : 0
      case '!=':
        return c === 0 ? 0 : 1
      case '>':
        return c > 0 ? 1 : 0
      default:
        return c >= 0 ? 1 : 0
    }
  }
  /** The expression that an operand stands for: itself where it is written as one, else its value's text. */
  #pattern(e: Expr, value: () => Value): Regex {
    return this.regex(e.op === 'regex' ? e.source : this.text(value()))
  }
  patternOf(e: Expr): Regex {
    return this.#pattern(e, () => this.now(e))
  }
  #matches(value: Value, regex: Regex): boolean {
    return regex.test(this.text(value))
  }
  #builtin(name: string, args: readonly Expr[]): Value {
    const f = Object.hasOwn(pureFunctions, name) ? pureFunctions[name] : undefined
    if (!f) throw new AwkError('Unexpected token', this.#line)
    return f(this, args, this.#line)
  }
  /** $0, as functions with no argument take it. */
  get record(): string {
    return this.#whole()
  }

  // --- calls ---
  *#waitingBuiltin(e: Extract<Expr, { readonly op: 'builtin' }>): Run<Value> {
    const [first] = e.args
    switch (e.name) {
      case 'system': {
        if (!first) throw new AwkError('Too few arguments', e.line)
        const command = this.text(yield* this.#ev(first))
        yield* this.streams.flush()
        const pid = yield* this.sys.fork(function* (sys) {
          yield* sys.execve('/bin/sh', ['sh', '-c', toWord(command)], sys.environ())
          return 127
        })
        const r = isErr(pid) ? pid : yield* this.sys.wait(pid)
        return isErr(r) || !r ? -1 : (r.code ?? 0)
      }
      case 'close':
        return first ? yield* this.streams.close(this.text(yield* this.#ev(first))) : -1
      case 'fflush':
        yield* this.streams.flush()
        return 0
    }
    // A function without side effects of its own whose arguments have some: they are computed first.
    const args: Expr[] = []
    for (const a of e.args) args.push(a.pure ? a : { op: 'constant', value: plain(yield* this.#ev(a)), pure: true })
    return this.#builtin(e.name, args)
  }
  *#call(name: string, args: readonly Expr[], line: number): Run<Value> {
    const f = this.#program.functions.get(name)
    if (!f?.body) throw new AwkError('Call to undefined function', line)
    if (args.length > f.params.length) {
      // What is too many is computed all the same.
      for (const extra of args.slice(f.params.length)) yield* this.#ev(extra)
    }
    const frame: Cell[] = []
    for (let i = 0; i < f.params.length; i++) {
      const a = args[i]
      if (a?.op === 'var') {
        if (a.slot === NF && !a.local) this.#needFields()
        const cell = this.#cell(a.slot, a.local)
        if (cell.array) {
          const c = new Cell()
          c.array = cell.array
          frame.push(c)
        } else frame.push(cell.value === undefined ? new Cell(undefined, cell) : new Cell(cell.value))
      } else frame.push(new Cell(a ? yield* this.#ev(a) : undefined))
    }
    if (++this.#depth > DEEPEST_CALL)
      throw new AwkError(`zukan: not emulated: more than ${DEEPEST_CALL} nested calls`, line)
    const before = this.#locals
    this.#locals = frame
    this.#returned = undefined
    const flow = yield* this.#exec(f.body)
    this.#locals = before
    this.#depth--
    if (flow === 'exit') throw new Exit()
    const value = this.#returned
    this.#returned = undefined
    return value
  }

  // --- statements ---
  *#breathe(): Run<void> {
    yield* this.sys.compute(SLICE_TIME)
    this.now0 = yield* this.sys.clock('realtime')
  }
  *#exec(s: Statement): Run<Flow> {
    if (++this.#work % SLICE === 0) yield* this.#breathe()
    this.#line = s.line
    try {
      return yield* this.#statement(s)
    } catch (e) {
      // exit in a function that an expression called.
      if (e instanceof Exit) return 'exit'
      throw e
    }
  }
  *#statement(s: Statement): Run<Flow> {
    switch (s.op) {
      case 'expr':
        if (s.expr.pure) this.now(s.expr)
        else yield* this.#ev(s.expr)
        return undefined
      case 'block':
        for (const inner of s.body) {
          const flow = yield* this.#exec(inner)
          if (flow) return flow
        }
        return undefined
      case 'print':
      case 'printf':
        yield* this.#print(s)
        return undefined
      case 'if': {
        const branch = isTrue(yield* this.#ev(s.test)) ? s.yes : s.no
        return branch && (yield* this.#exec(branch))
      }
      case 'while':
      case 'do':
      case 'for':
        return yield* this.#loop(s)
      case 'forin': {
        const array = this.#cell(s.slot, s.local).asArray()
        for (const key of array.keys()) {
          yield* this.#store(s.place, new Field(key))
          const flow = yield* this.#exec(s.body)
          if (flow === 'break') break
          if (flow && flow !== 'continue') return flow
        }
        return undefined
      }
      case 'break':
      case 'continue':
      case 'next':
      case 'nextfile':
        return s.op
      case 'exit':
        if (s.value) this.#status = Math.trunc(toNumber(yield* this.#ev(s.value))) & 255
        return 'exit'
      case 'return':
        this.#returned = s.value ? yield* this.#ev(s.value) : undefined
        return 'return'
      case 'delete': {
        const array = this.#cell(s.slot, s.local).asArray()
        if (!s.subscripts) array.clear()
        else {
          const values: Value[] = []
          for (const e of s.subscripts) values.push(yield* this.#ev(e))
          array.delete(this.#key(values))
        }
        return undefined
      }
    }
  }
  *#loop(s: Extract<Statement, { readonly op: 'while' | 'do' | 'for' }>): Run<Flow> {
    if (s.op === 'for' && s.begin) yield* this.#exec(s.begin)
    for (let first = s.op === 'do'; ; first = false) {
      if (!first && s.test && !isTrue(yield* this.#ev(s.test))) return undefined
      const flow = yield* this.#exec(s.body)
      if (flow === 'break') return undefined
      if (flow && flow !== 'continue') return flow
      if (s.op === 'for' && s.step) yield* this.#exec(s.step)
    }
  }
  *#print(s: Extract<Statement, { readonly op: 'print' | 'printf' }>): Run<void> {
    const values: Value[] = []
    for (const a of s.args) values.push(yield* this.#ev(a))
    let text: string
    if (s.op === 'printf') text = format(this, values, s.line)
    else if (values.length === 0) text = this.#whole() + this.text(this.#special('ORS'))
    else {
      const ofmt = toText(this.#special('OFMT'), '%.6g')
      text =
        values
          .map((v) => (typeof v === 'number' ? formatNumber(v, ofmt) : this.text(v)))
          .join(this.text(this.#special('OFS'))) + this.text(this.#special('ORS'))
    }
    const out = s.to ? yield* this.#redirect(s.to) : this.streams.stdout
    yield* out.write(text)
    if (s.to && out !== this.streams.stdout && out.fd === 2) yield* out.flush()
  }
  *#redirect(to: Redirection) {
    const name = this.text(yield* this.#ev(to.target))
    const out = yield* this.streams.sink(name, to.how)
    if (isErr(out)) throw new AwkError(`can't open '${toWord(name)}': ${strerror(out)}`, 0)
    return out
  }
}
class Exit {}
const plain = (v: Value): number | string => (v === undefined ? '' : v instanceof Field ? v.text : v)
const unary = (how: '-' | '+' | '!', v: Value): number =>
  how === '!' ? (isTrue(v) ? 0 : 1) : how === '-' ? -toNumber(v) : toNumber(v)
