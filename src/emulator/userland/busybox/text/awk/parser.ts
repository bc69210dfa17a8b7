/** awk's grammar (POSIX, with busybox's additions) from words to a tree. */
import { AwkError, type Token, tokenize, UNEXPECTED_TOKEN } from './lexer.ts'
import type { Expr, Func, Place, Program, Redirection, Rule, Statement } from './syntax.ts'

/** Deeper nesting than any program needs. */
const DEEPEST = 300
/** Functions that read or run something. */
const WAITING = new Set(['system', 'close', 'fflush'])

/** Reads a program; throws AwkError. `globals` are known names in their slots (see Interpreter). */
export const parseProgram = (source: string, globals: readonly string[]): Program =>
  new Parser(tokenize(source), globals).program()

class Parser {
  readonly #tokens: readonly Token[]
  readonly #globals: string[]
  readonly #slots = new Map<string, number>()
  readonly #functions = new Map<string, Func>()
  #locals: readonly string[] = []
  #at = 0
  #depth = 0
  #loops = 0
  /** `>` ends an expression that print prints; `in` ends the one before it in a for. */
  #noGreater = false
  #noIn = false
  constructor(tokens: readonly Token[], globals: readonly string[]) {
    this.#tokens = tokens
    this.#globals = [...globals]
    for (const [i, name] of globals.entries()) this.#slots.set(name, i)
  }
  get #token(): Token {
    return this.#tokens[this.#at] as Token
  }
  #is(text: string): boolean {
    const t = this.#token
    return t.text === text && (t.kind === 'operator' || t.kind === 'keyword')
  }
  #take(text: string): boolean {
    if (!this.#is(text)) return false
    this.#at++
    return true
  }
  #expect(text: string): void {
    if (!this.#take(text)) this.#unexpected()
  }
  #unexpected(): never {
    const t = this.#token
    throw new AwkError(UNEXPECTED_TOKEN, t.line)
  }
  #newlines(): void {
    while (this.#token.kind === 'newline') this.#at++
  }
  #terminators(): void {
    while (this.#token.kind === 'newline' || this.#is(';')) this.#at++
  }
  #deeper<T>(parse: () => T): T {
    if (++this.#depth > DEEPEST) throw new AwkError('Out of memory', this.#token.line)
    const r = parse()
    this.#depth--
    return r
  }
  #variable(name: string): { readonly slot: number; readonly local: boolean } {
    const local = this.#locals.indexOf(name)
    if (local >= 0) return { slot: local, local: true }
    let slot = this.#slots.get(name)
    if (slot === undefined) {
      slot = this.#globals.length
      this.#globals.push(name)
      this.#slots.set(name, slot)
    }
    return { slot, local: false }
  }

  program(): Program {
    const begin: Statement[] = []
    const end: Statement[] = []
    const rules: Rule[] = []
    this.#terminators()
    while (this.#token.kind !== 'end') {
      if (this.#take('BEGIN')) begin.push(this.#block())
      else if (this.#take('END')) end.push(this.#block())
      else if (this.#take('function')) this.#function()
      else rules.push(this.#rule())
      this.#terminators()
    }
    return { begin, end, rules, functions: this.#functions, globals: this.#globals }
  }
  #function(): void {
    const name = this.#token
    if (name.kind !== 'name' && name.kind !== 'function') this.#unexpected()
    this.#at++
    this.#expect('(')
    const params: string[] = []
    this.#newlines()
    while (!this.#take(')')) {
      if (params.length > 0) {
        this.#expect(',')
        this.#newlines()
      }
      if (this.#token.kind !== 'name') this.#unexpected()
      params.push(this.#token.text)
      this.#at++
    }
    this.#newlines()
    const f: Func = { params, body: undefined }
    this.#functions.set(name.text, f)
    this.#locals = params
    f.body = this.#block()
    this.#locals = []
  }
  #rule(): Rule {
    let from: Expr | undefined
    let to: Expr | undefined
    if (!this.#is('{')) {
      from = this.#expr()
      if (this.#take(',')) {
        this.#newlines()
        to = this.#expr()
      }
    }
    return { from, to, body: this.#is('{') ? this.#block() : undefined }
  }
  #block(): Statement {
    const { line } = this.#token
    this.#expect('{')
    const body: Statement[] = []
    this.#terminators()
    while (!this.#take('}')) {
      body.push(this.#deeper(() => this.#statement()))
      this.#terminators()
    }
    return { op: 'block', body, line }
  }
  #loopBody(): Statement {
    this.#loops++
    const body = this.#governed()
    this.#loops--
    return body
  }
  /** The statement that an if or a loop governs. */
  #governed(): Statement {
    this.#newlines()
    const { line } = this.#token
    if (this.#take(';')) return { op: 'block', body: [], line }
    return this.#deeper(() => this.#statement())
  }
  #endOfStatement(): void {
    if (this.#is('}') || this.#token.kind === 'end') return
    if (this.#token.kind !== 'newline' && !this.#is(';')) this.#unexpected()
    this.#at++
  }
  #statement(): Statement {
    const { line, text, kind } = this.#token
    if (this.#is('{')) return this.#block()
    if (kind === 'keyword') {
      switch (text) {
        case 'if': {
          this.#at++
          this.#expect('(')
          const test = this.#inner()
          this.#expect(')')
          const yes = this.#governed()
          const back = this.#at
          this.#terminators()
          if (this.#take('else')) return { op: 'if', test, yes, no: this.#governed(), line }
          this.#at = back
          return { op: 'if', test, yes, no: undefined, line }
        }
        case 'while': {
          this.#at++
          this.#expect('(')
          const test = this.#inner()
          this.#expect(')')
          return { op: 'while', test, body: this.#loopBody(), line }
        }
        case 'do': {
          this.#at++
          const body = this.#loopBody()
          this.#terminators()
          this.#expect('while')
          this.#expect('(')
          const test = this.#inner()
          this.#expect(')')
          this.#endOfStatement()
          return { op: 'do', test, body, line }
        }
        case 'for':
          this.#at++
          return this.#for(line)
      }
    }
    const s = this.#simple()
    this.#endOfStatement()
    return s
  }
  #for(line: number): Statement {
    this.#expect('(')
    const name = this.#token
    const over = this.#tokens[this.#at + 1]
    const list = this.#tokens[this.#at + 2]
    const close = this.#tokens[this.#at + 3]
    if (name.kind === 'name' && over?.text === 'in' && list?.kind === 'name' && close?.text === ')') {
      this.#at += 4
      const place: Place = { op: 'var', ...this.#variable(name.text), pure: true }
      const array = this.#variable(list.text)
      return { op: 'forin', place, ...array, body: this.#loopBody(), line }
    }
    const begin = this.#is(';') ? undefined : this.#simple()
    this.#expect(';')
    this.#newlines()
    const test = this.#is(';') ? undefined : this.#expr()
    this.#expect(';')
    this.#newlines()
    const step = this.#is(')') ? undefined : this.#simple()
    this.#expect(')')
    return { op: 'for', begin, test, step, body: this.#loopBody(), line }
  }
  #simple(): Statement {
    const { line, text, kind } = this.#token
    if (kind === 'keyword') {
      switch (text) {
        case 'print':
        case 'printf':
          this.#at++
          return this.#print(text, line)
        case 'break':
        case 'continue':
          if (this.#loops === 0) throw new AwkError(`'${text}' not in a loop`, line)
          this.#at++
          return { op: text, line }
        case 'next':
        case 'nextfile':
          this.#at++
          return { op: text, line }
        case 'exit':
        case 'return': {
          this.#at++
          const none = this.#token.kind === 'newline' || this.#is(';') || this.#is('}')
          return { op: text, value: none ? undefined : this.#expr(), line }
        }
        case 'delete': {
          this.#at++
          if (this.#token.kind !== 'name') {
            if (this.#token.kind === 'newline' || this.#is('}') || this.#is(';'))
              throw new AwkError('Too few arguments', line)
            this.#unexpected()
          }
          const array = this.#variable(this.#token.text)
          this.#at++
          return { op: 'delete', ...array, subscripts: this.#take('[') ? this.#subscripts() : undefined, line }
        }
      }
    }
    return { op: 'expr', expr: this.#expr(), line }
  }
  #print(op: 'print' | 'printf', line: number): Statement {
    const stops = (): boolean =>
      this.#token.kind === 'newline' ||
      this.#token.kind === 'end' ||
      [';', '}', '>', '>>', '|'].some((t) => this.#is(t))
    let args: readonly Expr[] = []
    if (!stops()) {
      const back = this.#at
      let grouped: readonly Expr[] | undefined
      // `print (a, b) > "f"`: parentheses around all that is printed.
      if (this.#take('(')) {
        if (this.#is(')')) throw new AwkError('Empty sequence', line)
        const items = this.#innerList()
        if (this.#take(')') && stops()) grouped = items
      }
      if (grouped) args = grouped
      else {
        this.#at = back
        const before = this.#noGreater
        this.#noGreater = true
        args = this.#list()
        this.#noGreater = before
      }
    }
    let to: Redirection | undefined
    for (const how of ['>>', '>', '|'] as const)
      if (!to && this.#take(how)) {
        const before = this.#noGreater
        this.#noGreater = true
        to = { how, target: how === '|' ? this.#concatenation() : this.#expr() }
        this.#noGreater = before
      }
    if (op === 'printf' && args.length === 0) throw new AwkError('Too few arguments', line)
    return { op, args, to, line }
  }
  #list(): Expr[] {
    const items = [this.#expr()]
    while (this.#take(',')) {
      this.#newlines()
      items.push(this.#expr())
    }
    return items
  }
  /** An expression in parentheses or brackets, where `>` and `in` are operators again. */
  #fresh<T>(parse: () => T): T {
    const [greater, isIn] = [this.#noGreater, this.#noIn]
    this.#noGreater = false
    this.#noIn = false
    this.#newlines()
    const r = this.#deeper(parse)
    this.#newlines()
    this.#noGreater = greater
    this.#noIn = isIn
    return r
  }
  #inner(): Expr {
    return this.#fresh(() => this.#expr())
  }
  #innerList(): Expr[] {
    return this.#fresh(() => this.#list())
  }
  #subscripts(): readonly Expr[] {
    const items = this.#innerList()
    this.#expect(']')
    return items
  }

  #expr(): Expr {
    return this.#deeper(() => this.#assignment())
  }
  #assignment(): Expr {
    const left = this.#ternary()
    const { text, kind } = this.#token
    if (kind !== 'operator' || !/^([-+*/%^])?=$/.test(text)) return left
    const place = placeOf(left)
    if (!place) this.#unexpected()
    this.#at++
    this.#newlines()
    const value = this.#expr()
    return { op: 'assign', how: text.slice(0, -1), place, value, pure: place.pure && value.pure }
  }
  #ternary(): Expr {
    const test = this.#or()
    if (!this.#take('?')) return test
    this.#newlines()
    const yes = this.#expr()
    this.#newlines()
    this.#expect(':')
    this.#newlines()
    const no = this.#expr()
    return { op: 'cond', test, yes, no, pure: test.pure && yes.pure && no.pure }
  }
  #or(): Expr {
    let left = this.#and()
    while (this.#take('||')) {
      this.#newlines()
      const right = this.#and()
      left = { op: 'or', left, right, pure: left.pure && right.pure }
    }
    return left
  }
  #and(): Expr {
    let left = this.#in()
    while (this.#take('&&')) {
      this.#newlines()
      const right = this.#in()
      left = { op: 'and', left, right, pure: left.pure && right.pure }
    }
    return left
  }
  #in(): Expr {
    let left = this.#match()
    while (!this.#noIn && this.#take('in')) {
      if (this.#token.kind !== 'name') this.#unexpected()
      const subscripts = left.op === 'list' ? left.items : [left]
      left = { op: 'in', ...this.#variable(this.#token.text), subscripts, pure: subscripts.every((s) => s.pure) }
      this.#at++
    }
    return left
  }
  #match(): Expr {
    let left = this.#comparison()
    while (this.#is('~') || this.#is('!~')) {
      const negated = this.#token.text === '!~'
      this.#at++
      const right = this.#comparison()
      left = { op: 'match', negated, left, right, pure: left.pure && right.pure }
    }
    return left
  }
  #comparison(): Expr {
    let left = this.#concatenation()
    for (;;) {
      const { text, kind } = this.#token
      if (kind !== 'operator') return left
      if (text === '|' && this.#tokens[this.#at + 1]?.text === 'getline') {
        this.#at += 2
        left = { op: 'getline', from: 'command', source: left, place: this.#optionalPlace(), pure: false }
        continue
      }
      if (!['<', '<=', '==', '!=', '>=', '>'].includes(text) || (text === '>' && this.#noGreater)) return left
      this.#at++
      const right = this.#concatenation()
      left = { op: 'binary', how: text, left, right, pure: left.pure && right.pure }
    }
  }
  #concatenation(): Expr {
    let left = this.#additive()
    while (this.#startsOperand()) {
      const right = this.#additive()
      left = { op: 'binary', how: ' ', left, right, pure: left.pure && right.pure }
    }
    return left
  }
  #startsOperand(): boolean {
    const { kind, text } = this.#token
    if (['number', 'string', 'regex', 'name', 'function', 'builtin'].includes(kind)) return true
    if (kind !== 'operator') return false
    return ['(', '$', '!', '++', '--', '-', '+'].includes(text)
  }
  #additive(): Expr {
    return this.#leftwards(['+', '-'], () => this.#leftwards(['*', '/', '%'], () => this.#unary()))
  }
  #leftwards(operators: readonly string[], next: () => Expr): Expr {
    let left = next()
    while (this.#token.kind === 'operator' && operators.includes(this.#token.text)) {
      const how = this.#token.text
      this.#at++
      const right = next()
      left = { op: 'binary', how, left, right, pure: left.pure && right.pure }
    }
    return left
  }
  #unary(): Expr {
    for (const how of ['!', '-', '+'] as const)
      if (this.#take(how)) {
        const of = this.#deeper(() => this.#unary())
        return { op: 'unary', how, of, pure: of.pure }
      }
    return this.#power()
  }
  #power(): Expr {
    const left = this.#step()
    if (!this.#take('^')) return left
    // Rightwards, and `2^-1` is a power too.
    const right = this.#deeper(() => this.#unary())
    return { op: 'binary', how: '^', left, right, pure: left.pure && right.pure }
  }
  #step(): Expr {
    for (const [text, by] of [
      ['++', 1],
      ['--', -1],
    ] as const)
      if (this.#take(text)) {
        const place = placeOf(this.#step())
        if (!place) this.#unexpected()
        return { op: 'step', by, prefix: true, place, pure: place.pure }
      }
    const operand = this.#primary()
    const place = placeOf(operand)
    if (place)
      for (const [text, by] of [
        ['++', 1],
        ['--', -1],
      ] as const)
        if (this.#take(text)) return { op: 'step', by, prefix: false, place, pure: place.pure }
    return operand
  }
  #optionalPlace(): Place | undefined {
    if (this.#token.kind !== 'name' && !this.#is('$')) return undefined
    const place = placeOf(this.#primary())
    if (!place) this.#unexpected()
    return place
  }
  #primary(): Expr {
    const t = this.#token
    this.#at++
    switch (t.kind) {
      case 'number':
        return {
          op: 'constant',
          value: /^0[0-7]+$/.test(t.text) ? Number.parseInt(t.text, 8) : Number(t.text),
          pure: true,
        }
      case 'string':
        return { op: 'constant', value: t.text, pure: true }
      case 'regex':
        return { op: 'regex', source: t.text, pure: true }
      case 'name': {
        const variable = this.#variable(t.text)
        if (!this.#take('[')) return { op: 'var', ...variable, pure: true }
        const subscripts = this.#subscripts()
        return { op: 'index', ...variable, subscripts, pure: subscripts.every((s) => s.pure) }
      }
      case 'function': {
        return { op: 'call', name: t.text, args: this.#arguments(), line: t.line, pure: false }
      }
      case 'builtin': {
        const args = this.#is('(') ? this.#arguments() : []
        const pure = !WAITING.has(t.text) && args.every((a) => a.pure)
        return { op: 'builtin', name: t.text, args, line: t.line, pure }
      }
      case 'keyword':
        if (t.text === 'getline') {
          const place = this.#optionalPlace()
          if (!this.#take('<')) return { op: 'getline', from: 'main', source: undefined, place, pure: false }
          return { op: 'getline', from: 'file', source: this.#step(), place, pure: false }
        }
        break
      case 'operator':
        if (t.text === '$') {
          const index = this.#is('-') || this.#is('!') || this.#is('+') ? this.#unary() : this.#step()
          // `$i++` is `($i)++`.
          if (index.op === 'step' && !index.prefix) {
            this.#at--
            return { op: 'field', index: index.place, pure: index.pure }
          }
          return { op: 'field', index, pure: index.pure }
        }
        if (t.text === '(') {
          if (this.#is(')')) throw new AwkError('Empty sequence', t.line)
          const items = this.#innerList()
          this.#expect(')')
          const [first] = items
          // Parentheses keep a place from being assigned to no more than in C.
          if (items.length === 1 && first) return first.op === 'regex' || placeOf(first) ? first : { ...first }
          if (!this.#is('in')) this.#unexpected()
          return { op: 'list', items, pure: items.every((i) => i.pure) }
        }
    }
    this.#at--
    return this.#unexpected()
  }
  #arguments(): readonly Expr[] {
    this.#expect('(')
    this.#newlines()
    if (this.#take(')')) return []
    const items = this.#innerList()
    this.#expect(')')
    return items
  }
}
const placeOf = (e: Expr): Place | undefined => (e.op === 'var' || e.op === 'field' || e.op === 'index' ? e : undefined)
