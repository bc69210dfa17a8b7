/** bc's grammar, POSIX XCU 4 bc: text to statements, a line at a time. */
import { CalcError } from './decimal.ts'

export type Expression =
  | { readonly kind: 'number'; readonly text: string }
  | Place
  | { readonly kind: 'negate' | 'not'; readonly value: Expression }
  | { readonly kind: 'binary'; readonly op: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'assign'; readonly op: string; readonly place: Place; readonly value: Expression }
  | { readonly kind: 'step'; readonly place: Place; readonly by: 1 | -1; readonly after: boolean }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
interface Place {
  readonly kind: 'place'
  readonly name: string
  readonly index?: Expression
}
export interface FunctionNode {
  readonly name: string
  readonly parameters: readonly string[]
  readonly autos: readonly string[]
  readonly body: readonly Statement[]
}
export type Statement =
  /** An expression; its value is printed unless it is an assignment. */
  | { readonly kind: 'print'; readonly value: Expression; readonly silent: boolean }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly (string | Expression)[] }
  | { readonly kind: 'block'; readonly body: readonly Statement[] }
  | { readonly kind: 'if'; readonly test: Expression; readonly then: Statement; readonly other?: Statement }
  | {
      readonly kind: 'loop'
      readonly first?: Expression
      readonly test?: Expression
      readonly step?: Expression
      readonly body: Statement
    }
  | { readonly kind: 'define'; readonly definition: FunctionNode }
  | { readonly kind: 'return'; readonly value?: Expression }
  | { readonly kind: 'break' | 'continue' | 'quit' }

interface Token {
  readonly kind: 'number' | 'name' | 'word' | 'string' | 'op' | 'newline' | 'end'
  readonly text: string
  readonly line: number
}
const words = new Set('auto break continue define else for halt if limits print quit read return while'.split(' '))
const tokenRe =
  /[ \t]+|\\\n|\/\*[\s\S]*?\*\/|#[^\n]*|([0-9A-F]+\.?[0-9A-F]*|\.[0-9A-F]+)|([a-z][a-z0-9_]*)|"([^"]*)"|(\n)|(\+\+|--|[-+*/%^=!<>]=|&&|\|\||[-+*/%^=<>!(){}[\],;.])/y

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  for (let at = 0; at < text.length; ) {
    tokenRe.lastIndex = at
    const m = tokenRe.exec(text)
    if (!m) {
      // What stands before a mistake is still run: the mistake is a token.
      tokens.push({ kind: 'op', text: text[at] === '"' ? '\0string' : `\0${text[at]}`, line })
      break
    }
    at = tokenRe.lastIndex
    const [all, number, name, string, newline, op] = m
    if (number !== undefined) tokens.push({ kind: 'number', text: number, line })
    else if (name !== undefined) tokens.push({ kind: words.has(name) ? 'word' : 'name', text: name, line })
    else if (string !== undefined) tokens.push({ kind: 'string', text: string, line })
    else if (newline !== undefined) tokens.push({ kind: 'newline', text: '\n', line })
    else if (op !== undefined) tokens.push({ kind: 'op', text: op, line })
    line += all.split('\n').length - 1
  }
  tokens.push({ kind: 'end', text: '', line })
  return tokens
}

const levels: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
]
const assignments = new Set(['=', '+=', '-=', '*=', '/=', '%=', '^='])
const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  r: '\r',
  q: '"',
  '\\': '\\',
}

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0
  /** Names that the function being read has for its own. */
  #autos: string[] | undefined
  #depth = 0
  constructor(text: string) {
    this.#tokens = tokenize(text)
  }
  get #token(): Token {
    return this.#tokens[this.#at] as Token
  }
  get line(): number {
    return this.#token.line
  }
  #is(text: string): boolean {
    const t = this.#token
    return (t.kind === 'op' || t.kind === 'word') && t.text === text
  }
  #take(text: string): boolean {
    if (!this.#is(text)) return false
    this.#at++
    return true
  }
  #bad(what: 'expression' | 'token' = 'expression'): never {
    const { text, kind } = this.#token
    if (text === '\0string') throw new CalcError('unterminated string')
    if (text.startsWith('\0')) throw new CalcError(`bad character '${text.slice(1)}'`)
    throw new CalcError(`bad ${what} at '${kind === 'newline' || kind === 'end' ? '' : text}'`)
  }
  #need(text: string): void {
    if (!this.#take(text)) this.#bad()
  }
  #skip(text: string): void {
    while (this.#is(text)) this.#at++
  }
  #atEnd(): boolean {
    return this.#token.kind === 'end'
  }
  /** The end of a line, or of the text. */
  #ends(): boolean {
    return this.#token.kind === 'newline' || this.#token.kind === 'end'
  }
  #skipLines(): void {
    while (this.#token.kind === 'newline') this.#at++
  }
  /** The statements up to the end of a line; undefined at the end of the text. */
  next(): readonly Statement[] | undefined {
    this.#skipLines()
    if (this.#atEnd()) return undefined
    const statements: Statement[] = []
    for (;;) {
      this.#skip(';')
      if (this.#ends()) return statements
      if (this.#is('}')) this.#bad('token')
      const one = this.#statement()
      statements.push(one)
      const closed = one.kind === 'block' || one.kind === 'define' || one.kind === 'if' || one.kind === 'loop'
      if (this.#is(';') || this.#ends() || closed) continue
      this.#bad()
    }
  }
  #statement(): Statement {
    if (++this.#depth > 200) throw new CalcError('zukan: not emulated: statements so deep')
    try {
      return this.#oneStatement()
    } finally {
      this.#depth--
    }
  }
  #oneStatement(): Statement {
    const t = this.#token
    if (t.kind === 'string') {
      this.#at++
      return { kind: 'text', text: t.text }
    }
    if (this.#take('{')) return { kind: 'block', body: this.#block() }
    if (t.kind !== 'word' || t.text === 'read') {
      const value = this.#expression()
      return { kind: 'print', value, silent: value.kind === 'assign' }
    }
    this.#at++
    switch (t.text) {
      case 'if': {
        this.#need('(')
        const test = this.#expression()
        this.#need(')')
        this.#skipLines()
        const then = this.#statement()
        const back = this.#at
        while (this.#is(';') || this.#token.kind === 'newline') this.#at++
        if (!this.#take('else')) {
          this.#at = back
          return { kind: 'if', test, then }
        }
        this.#skipLines()
        return { kind: 'if', test, then, other: this.#statement() }
      }
      case 'while': {
        this.#need('(')
        const test = this.#expression()
        this.#need(')')
        this.#skipLines()
        return { kind: 'loop', test, body: this.#statement() }
      }
      case 'for': {
        this.#need('(')
        const first = this.#is(';') ? undefined : this.#expression()
        this.#need(';')
        const test = this.#is(';') ? undefined : this.#expression()
        this.#need(';')
        const step = this.#is(')') ? undefined : this.#expression()
        this.#need(')')
        this.#skipLines()
        return {
          kind: 'loop',
          ...(first ? { first } : {}),
          ...(test ? { test } : {}),
          ...(step ? { step } : {}),
          body: this.#statement(),
        }
      }
      case 'define':
        return this.#define()
      case 'return': {
        const ends = this.#is(';') || this.#is('}') || this.#token.kind === 'newline' || this.#token.kind === 'end'
        return ends ? { kind: 'return' } : { kind: 'return', value: this.#expression() }
      }
      case 'print': {
        const items: (string | Expression)[] = []
        do {
          if (this.#token.kind === 'string')
            items.push(
              (this.#tokens[this.#at++] as Token).text.replace(/\\(.)/g, (all, c: string) => escapes[c] ?? all),
            )
          else items.push(this.#expression())
        } while (this.#take(','))
        return { kind: 'list', items }
      }
      case 'auto':
        if (!this.#autos) this.#bad()
        do this.#autos?.push(this.#name())
        while (this.#take(','))
        return { kind: 'block', body: [] }
      case 'break':
      case 'continue':
        return { kind: t.text }
      case 'halt':
      case 'quit':
        return { kind: 'quit' }
      case 'limits':
        return {
          kind: 'text',
          text: 'BC_BASE_MAX     = 999\nBC_DIM_MAX      = 2147483647\nBC_SCALE_MAX    = 2147483647\nBC_STRING_MAX   = 2147483647\n',
        }
      default:
        this.#at--
        return this.#bad()
    }
  }
  #block(): Statement[] {
    const body: Statement[] = []
    for (;;) {
      while (this.#take(';') || this.#token.kind === 'newline') if (this.#token.kind === 'newline') this.#at++
      if (this.#take('}')) return body
      if (this.#token.kind === 'end') this.#bad()
      body.push(this.#statement())
    }
  }
  #name(): string {
    const t = this.#token
    if (t.kind !== 'name') this.#bad()
    this.#at++
    if (this.#take('[')) this.#need(']')
    return t.text
  }
  #define(): Statement {
    const name = this.#name()
    this.#need('(')
    const parameters: string[] = []
    while (!this.#take(')')) {
      parameters.push(this.#name())
      if (!this.#is(')')) this.#need(',')
    }
    this.#skipLines()
    this.#need('{')
    const autos: string[] = []
    this.#autos = autos
    const body = this.#block()
    this.#autos = undefined
    return { kind: 'define', definition: { name, parameters, autos, body } }
  }
  #expression(): Expression {
    if (++this.#depth > 200) throw new CalcError('zukan: not emulated: expressions so deep')
    const left = this.#binary(0)
    this.#depth--
    const t = this.#token
    if (left.kind !== 'place' || t.kind !== 'op' || !assignments.has(t.text)) return left
    this.#at++
    return { kind: 'assign', op: t.text, place: left, value: this.#expression() }
  }
  #binary(level: number): Expression {
    const ops = levels[level]
    if (!ops) return this.#power()
    let left = this.#binary(level + 1)
    while (this.#token.kind === 'op' && ops.includes(this.#token.text)) {
      const op = (this.#tokens[this.#at++] as Token).text
      const right = this.#binary(level + 1)
      const place = level > 2 ? undefined : right
      // a == b = c: an assignment binds looser only on its left.
      left = {
        kind: 'binary',
        op,
        left,
        right:
          place?.kind === 'place' && this.#token.kind === 'op' && assignments.has(this.#token.text)
            ? this.#assigned(place)
            : right,
      }
    }
    return left
  }
  #assigned(place: Place): Expression {
    const op = (this.#tokens[this.#at++] as Token).text
    return { kind: 'assign', op, place, value: this.#expression() }
  }
  #power(): Expression {
    const base = this.#unary()
    if (!this.#take('^')) return base
    return { kind: 'binary', op: '^', left: base, right: this.#power() }
  }
  #unary(): Expression {
    if (this.#take('-')) return { kind: 'negate', value: this.#unary() }
    if (this.#take('!')) return { kind: 'not', value: this.#unary() }
    if (this.#is('++') || this.#is('--')) {
      const by = this.#sign()
      const place = this.#primary()
      if (place.kind !== 'place') return this.#bad()
      return { kind: 'step', place, by, after: false }
    }
    const value = this.#primary()
    if (value.kind === 'place' && (this.#is('++') || this.#is('--'))) {
      const by = this.#sign()
      return { kind: 'step', place: value, by, after: true }
    }
    return value
  }
  /** Takes ++ or --. */
  #sign(): 1 | -1 {
    const up = this.#is('++')
    this.#at++
    return up ? 1 : -1
  }
  #primary(): Expression {
    const t = this.#token
    if (t.kind === 'number') {
      this.#at++
      return { kind: 'number', text: t.text }
    }
    if (this.#take('(')) {
      const inside = this.#expression()
      this.#need(')')
      // In parentheses an assignment is a value like others: it is printed.
      return inside.kind === 'assign' ? { kind: 'negate', value: { kind: 'negate', value: inside } } : inside
    }
    if (this.#take('.')) return { kind: 'place', name: 'last' }
    if (t.kind !== 'name' && !this.#is('read')) return this.#bad()
    this.#at++
    if (this.#take('(')) {
      const args: Expression[] = []
      while (!this.#take(')')) {
        args.push(this.#expression())
        if (!this.#is(')')) this.#need(',')
      }
      return { kind: 'call', name: t.text, args }
    }
    if (this.#take('[')) {
      const index = this.#expression()
      this.#need(']')
      return { kind: 'place', name: t.text, index }
    }
    return { kind: 'place', name: t.text }
  }
}
/** Reads a program line by line, so that what stands before a mistake is still run. Throws CalcError. */
export const parseProgram = (text: string): { next(): readonly Statement[] | undefined; readonly line: number } =>
  new Parser(text)
