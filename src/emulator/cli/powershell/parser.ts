/** From text to statements: the two modes of PowerShell, expressions and commands; about_Parsing. */
import type { Block, Element, Expression, Redirect, Statement, Word } from './ast.ts'

export class ParseProblem {
  readonly message: string
  readonly at: number
  readonly id: string
  /** More text may mend it. */
  readonly incomplete: boolean
  constructor(message: string, at: number, id: string, incomplete = false) {
    this.message = message
    this.at = at
    this.id = id
    this.incomplete = incomplete
  }
}

const operators = new Set(
  'eq ne gt ge lt le like notlike match notmatch contains notcontains in notin replace split join and or xor f is isnot band bor'.split(
    ' ',
  ),
)
/** How strongly an operator binds: about_Operator_Precedence. */
function precedence(operator: string): number {
  if (['and', 'or', 'xor'].includes(operator)) return 1
  if (['+', '-'].includes(operator)) return 3
  if (['*', '/', '%'].includes(operator)) return 4
  if (operator === 'f') return 5
  if (operator === '..') return 6
  return 2
}

export class Parser {
  readonly #text: string
  #at = 0
  constructor(text: string) {
    this.#text = text
  }

  /** All statements up to the end. Throws a ParseProblem. */
  program(): Statement[] {
    const body = this.#statements('')
    if (this.#at < this.#text.length) this.#unexpected()
    return body
  }
  #unexpected(): never {
    const c = this.#text[this.#at] as string
    throw new ParseProblem(`Unexpected token '${c}' in expression or statement.`, this.#at, 'UnexpectedToken')
  }
  #space(lines = false): void {
    for (;;) {
      const c = this.#text[this.#at]
      if (c === ' ' || c === '\t' || c === '\r') this.#at++
      else if (lines && (c === '\n' || c === ';')) this.#at++
      else if (c === '`' && this.#text[this.#at + 1] === '\n') this.#at += 2
      else if (c === '#' && (this.#at === 0 || /[\s;({|]/.test(this.#text[this.#at - 1] as string)))
        while (this.#at < this.#text.length && this.#text[this.#at] !== '\n') this.#at++
      else return
    }
  }
  #peek(s: string): boolean {
    return this.#text.startsWith(s, this.#at)
  }
  #eat(s: string): boolean {
    if (!this.#peek(s)) return false
    this.#at += s.length
    return true
  }
  #need(s: string): void {
    this.#space(s === '}' || s === ')')
    if (this.#eat(s)) return
    const open = { ')': '(', '}': '{', ']': '[' }[s]
    if (this.#at >= this.#text.length)
      throw new ParseProblem(
        s === '}'
          ? "Missing closing '}' in statement block or type definition."
          : `Missing closing '${s}' in expression.`,
        this.#at,
        open === '{' ? 'MissingEndCurlyBrace' : 'MissingEndParenthesisInExpression',
        true,
      )
    this.#unexpected()
  }
  #statements(end: string): Statement[] {
    const out: Statement[] = []
    for (;;) {
      this.#space(true)
      if (this.#at >= this.#text.length || (end !== '' && this.#peek(end))) return out
      if (/[)}]/.test(this.#text[this.#at] as string)) this.#unexpected()
      out.push(this.#statement())
      this.#space()
      const c = this.#text[this.#at]
      if (c === undefined || c === '\n' || c === ';' || (end !== '' && c === end)) continue
      if (this.#peek('&&') || this.#peek('||')) {
        const token = this.#text.slice(this.#at, this.#at + 2)
        throw new ParseProblem(
          `The token '${token}' is not a valid statement separator in this version.`,
          this.#at,
          'InvalidEndOfLine',
        )
      }
      if (c === '}' || c === ')') return out
      this.#unexpected()
    }
  }
  #block(): Block {
    this.#space(true)
    const start = this.#at
    this.#need('{')
    const body = this.#statements('}')
    this.#need('}')
    return { kind: 'block', body, text: this.#text.slice(start + 1, this.#at - 1) }
  }
  #keyword(): string | undefined {
    const m = /^(if|foreach|while)(?=\s*\()/i.exec(this.#text.slice(this.#at, this.#at + 12))
    return m?.[1]?.toLowerCase()
  }
  #statement(): Statement {
    const word = this.#keyword()
    if (word) {
      this.#at += word.length
      this.#space()
      this.#need('(')
      if (word === 'foreach') {
        this.#space()
        const m = /^\$(\w+)\s+in\b/i.exec(this.#text.slice(this.#at))
        if (!m) this.#unexpected()
        this.#at += m[0].length
        this.#space()
        const list = this.#statement()
        this.#need(')')
        return { kind: 'foreach', name: m[1] as string, list, body: this.#block() }
      }
      this.#space()
      const test = this.#statement()
      this.#need(')')
      if (word === 'while') return { kind: 'while', test, body: this.#block() }
      const arms: (readonly [Statement | undefined, Block])[] = [[test, this.#block()]]
      for (;;) {
        const back = this.#at
        this.#space(true)
        if (/^elseif\b/i.test(this.#text.slice(this.#at))) {
          this.#at += 6
          this.#space()
          this.#need('(')
          const next = this.#statement()
          this.#need(')')
          arms.push([next, this.#block()])
        } else if (/^else\b/i.test(this.#text.slice(this.#at))) {
          this.#at += 4
          arms.push([undefined, this.#block()])
        } else {
          this.#at = back
          return { kind: 'if', arms }
        }
      }
    }
    const start = this.#at
    const assign = /^(\$(?:\w+:)?\w+(?:\.\w+)*)\s*([-+*/]?=)(?!=)/.exec(this.#text.slice(this.#at))
    if (assign) {
      const target = new Parser(assign[1] as string).#value()
      this.#at += assign[0].length
      this.#space()
      return { kind: 'assign', target, operator: assign[2] as string, value: this.#statement() }
    }
    const elements = [this.#element()]
    for (;;) {
      this.#space()
      if (!this.#peek('|') || this.#peek('||')) break
      this.#at++
      this.#space(true)
      if (this.#at >= this.#text.length)
        throw new ParseProblem('An empty pipe element is not allowed.', this.#at, 'EmptyPipeElement', true)
      elements.push(this.#element())
    }
    return { kind: 'pipeline', elements, text: this.#text, at: start }
  }
  #element(): Element {
    const start = this.#at
    const rest = this.#text.slice(this.#at)
    if (
      /^(["'$([{@]|\d|[-+!]\s*[\d$(]|-not\b|\.\d)/i.test(rest) &&
      !/^\d[\w.-]*[A-Za-z][\w.-]*(\s|$)/.test(rest.replace(/^\d+(\.\d+)?(kb|mb|gb|tb)?\b/i, ''))
    ) {
      const value = this.#expression(0)
      return { kind: 'expression', value, redirects: this.#redirects() }
    }
    let name: Expression
    if (this.#eat('&') || (this.#peek('. ') && this.#eat('.'))) {
      this.#space()
      name = /["'$({]/.test(this.#text[this.#at] ?? '') ? this.#value() : this.#bare()
    } else name = this.#bare()
    const words: Word[] = []
    const redirects: Redirect[] = []
    for (;;) {
      this.#space()
      const c = this.#text[this.#at]
      if (c === undefined || /[\n;|)}]/.test(c) || this.#peek('&&')) break
      const r = this.#redirect()
      if (r) {
        redirects.push(r)
        continue
      }
      if (c === '&') this.#unexpected()
      words.push(this.#word())
    }
    return { kind: 'command', at: start, name, words, redirects, text: this.#text.slice(start, this.#at).trimEnd() }
  }
  #redirects(): Redirect[] {
    const out: Redirect[] = []
    for (;;) {
      this.#space()
      const r = this.#redirect()
      if (!r) return out
      out.push(r)
    }
  }
  #redirect(): Redirect | undefined {
    const m = /^([12*])?>(>)?(&1)?/.exec(this.#text.slice(this.#at, this.#at + 5))
    if (!m) return undefined
    this.#at += m[0].length
    const from = m[1] === '2' ? 2 : m[1] === '*' ? '*' : 1
    if (m[3]) return { from, append: false, to: '&1' }
    this.#space()
    return { from, append: m[2] !== undefined, to: this.#word().value ?? { kind: 'literal', value: '' } }
  }
  #word(): Word {
    const start = this.#at
    const m = /^-([A-Za-z_][\w-]*)(:)?(?=[\s:;|)}\n]|$)/.exec(this.#text.slice(this.#at))
    if (m) {
      this.#at += m[0].length
      if (m[2]) {
        this.#space()
        const value = this.#listed()
        return { parameter: m[1] as string, value, raw: this.#text.slice(start, this.#at) }
      }
      return { parameter: m[1] as string, raw: m[0] }
    }
    const value = this.#listed()
    return { value, raw: this.#text.slice(start, this.#at) }
  }
  /** One argument, or several with commas between. */
  #listed(): Expression {
    const items = [this.#argument()]
    for (;;) {
      const back = this.#at
      this.#space()
      if (!this.#eat(',')) {
        this.#at = back
        break
      }
      this.#space(true)
      items.push(this.#argument())
    }
    return items.length === 1 ? (items[0] as Expression) : { kind: 'list', items }
  }
  #argument(): Expression {
    const c = this.#text[this.#at] ?? ''
    if (c === '{') return this.#block()
    if (c === '@' || c === '(') return this.#suffixed(this.#value(false))
    if (c === "'" || c === '"' || c === '$') {
      const back = this.#at
      const v = this.#suffixed(this.#value(false))
      // "a"b and $x\y are one word.
      if (this.#at >= this.#text.length || /[\s;|)},]/.test(this.#text[this.#at] as string)) return v
      this.#at = back
    }
    return this.#bare()
  }
  /** A word without quotes, with variables in it; quoted pieces are part of it. */
  #bare(): Expression {
    const parts: (string | Expression)[] = []
    let text = ''
    const start = this.#at
    for (;;) {
      const c = this.#text[this.#at]
      if (c === undefined || /[\s;|(){},<>&]/.test(c)) {
        if (c === '{' || c === '}' || c === '(' || c === ')') {
          // {{.Names}} inside a word stays what it is.
          if (c === '{' && this.#at > start) {
            const close = this.#text.indexOf('}', this.#at)
            if (close > 0) {
              text += this.#text.slice(this.#at, close + 1)
              this.#at = close + 1
              continue
            }
          }
        }
        break
      }
      if (c === '`') {
        text += this.#escape()
        continue
      }
      if (c === "'" || c === '"') {
        const v = this.#quoted()
        if (v.kind === 'string') parts.push(text, ...v.parts)
        else if (v.kind === 'literal') {
          text += String(v.value)
          continue
        }
        text = ''
        continue
      }
      if (c === '$' && /^\$[\w({?]/.test(this.#text.slice(this.#at))) {
        parts.push(text, this.#suffixed(this.#variable(), false))
        text = ''
        continue
      }
      text += c
      this.#at++
    }
    if (this.#at === start) this.#unexpected()
    if (parts.length === 0) return { kind: 'literal', value: text }
    return { kind: 'string', parts: [...parts, text].filter((p) => p !== '') }
  }
  #escape(): string {
    const c = this.#text[this.#at + 1] ?? ''
    this.#at += 2
    return { n: '\n', t: '\t', r: '\r', '0': '\0', a: '\x07', b: '\b' }[c] ?? c
  }
  #quoted(): Expression {
    const quote = this.#text[this.#at] as string
    const start = this.#at++
    if (quote === "'") {
      let text = ''
      for (;;) {
        const end = this.#text.indexOf("'", this.#at)
        if (end < 0)
          throw new ParseProblem(
            "The string is missing the terminator: '.",
            start,
            'TerminatorExpectedAtEndOfString',
            true,
          )
        text += this.#text.slice(this.#at, end)
        this.#at = end + 1
        if (this.#text[this.#at] !== "'") return { kind: 'literal', value: text }
        text += "'"
        this.#at++
      }
    }
    const parts: (string | Expression)[] = []
    let text = ''
    for (;;) {
      const c = this.#text[this.#at]
      if (c === undefined)
        throw new ParseProblem(
          'The string is missing the terminator: ".',
          start,
          'TerminatorExpectedAtEndOfString',
          true,
        )
      if (c === '"') {
        this.#at++
        if (this.#text[this.#at] !== '"') break
        text += '"'
        this.#at++
      } else if (c === '`') text += this.#escape()
      else if (c === '$' && /^\$[\w({?]/.test(this.#text.slice(this.#at))) {
        parts.push(text, this.#variable())
        text = ''
      } else {
        text += c
        this.#at++
      }
    }
    if (parts.length === 0) return { kind: 'literal', value: text }
    return { kind: 'string', parts: [...parts, text].filter((p) => p !== '') }
  }
  #variable(): Expression {
    if (this.#eat('$(')) {
      const body = this.#statements(')')
      this.#need(')')
      return { kind: 'group', body }
    }
    const m = /^\$(?:\{(?:(\w+):)?([^}]+)\}|(?:(env|global|script|local):)?([\w?]+))/i.exec(this.#text.slice(this.#at))
    if (!m) this.#unexpected()
    this.#at += m[0].length
    return { kind: 'variable', scope: (m[1] ?? m[3] ?? '').toLowerCase(), name: (m[2] ?? m[4]) as string }
  }
  #expression(least: number): Expression {
    let left = this.#unary()
    for (;;) {
      const back = this.#at
      this.#space()
      const rest = this.#text.slice(this.#at)
      const word = /^-([ci]?)([a-z]+)\b/i.exec(rest)
      const named = word ? (word[2] as string).toLowerCase() : ''
      const full = word ? `${word[1]}${word[2]}`.toLowerCase() : ''
      const operator = operators.has(full)
        ? full
        : operators.has(named)
          ? named
          : /^(\.\.|[-+*/%])(?!=)/.exec(rest)?.[1]
      if (operator === undefined || precedence(operator) < least) {
        if (rest.startsWith(',') && least === 0) {
          const items = [left]
          for (this.#space(); this.#eat(','); this.#space()) {
            this.#space(true)
            items.push(this.#unary())
          }
          left = { kind: 'list', items }
          continue
        }
        this.#at = back
        return left
      }
      this.#at += word && operators.has(operator) ? word[0].length : operator.length
      this.#space(true)
      const own = precedence(operator)
      let right = this.#expression(own + 1)
      if (own <= 2 && this.#peek(',')) {
        const items = [right]
        while (this.#eat(',')) {
          this.#space()
          items.push(this.#unary())
        }
        right = { kind: 'list', items }
      }
      left = { kind: 'binary', operator, left, right }
    }
  }
  #unary(): Expression {
    this.#space()
    const rest = this.#text.slice(this.#at)
    const m = /^(-not\b|!|-(?=[\d$(.])|\+(?=[\d$(.]))/i.exec(rest)
    if (m) {
      this.#at += m[0].length
      return { kind: 'unary', operator: m[0].toLowerCase(), of: this.#unary() }
    }
    const cast = /^\[([\w.]+(?:\[\])?)\](?!::)/.exec(rest)
    if (cast) {
      this.#at += cast[0].length
      return { kind: 'cast', type: (cast[1] as string).toLowerCase(), of: this.#unary() }
    }
    return this.#suffixed(this.#value())
  }
  /** .Name, .Method(...), [index] behind a value. */
  #suffixed(value: Expression, calls = true): Expression {
    let v = value
    for (;;) {
      if (this.#peek('.') && /^\.[A-Za-z_$"']/.test(this.#text.slice(this.#at, this.#at + 2))) {
        if (!calls) return v
        this.#at++
        const m = /^[A-Za-z_]\w*/.exec(this.#text.slice(this.#at))
        const name: Expression = m ? { kind: 'literal', value: m[0] } : this.#value(false)
        if (m) this.#at += m[0].length
        if (calls && this.#eat('(')) {
          const args: Expression[] = []
          for (;;) {
            this.#space(true)
            if (this.#eat(')')) break
            args.push(this.#expression(1))
            this.#space(true)
            this.#eat(',')
          }
          v = { kind: 'member', of: v, name, call: args }
        } else v = { kind: 'member', of: v, name }
      } else if (calls && this.#peek('[')) {
        this.#at++
        const at = this.#expression(0)
        this.#need(']')
        v = { kind: 'index', of: v, at }
      } else return v
    }
  }
  #value(numbers = true): Expression {
    this.#space()
    const c = this.#text[this.#at] ?? ''
    if (c === "'" || c === '"') return this.#quoted()
    if (c === '$') return this.#variable()
    if (c === '{') return this.#block()
    if (c === '(') {
      this.#at++
      const body = this.#statements(')')
      this.#need(')')
      return { kind: 'group', body }
    }
    if (this.#eat('@(')) {
      const body = this.#statements(')')
      this.#need(')')
      return { kind: 'array', body }
    }
    if (this.#eat('@{')) {
      const pairs: (readonly [Expression, Statement])[] = []
      for (;;) {
        this.#space(true)
        if (this.#eat('}')) return { kind: 'hash', pairs }
        const m = /^[A-Za-z_]\w*/.exec(this.#text.slice(this.#at))
        const key: Expression = m ? { kind: 'literal', value: m[0] } : this.#value(false)
        if (m) this.#at += m[0].length
        this.#need('=')
        this.#space(true)
        pairs.push([key, this.#statement()])
      }
    }
    const n = numbers ? /^(0x[0-9a-f]+|\d+(?:\.\d+)?|\.\d+)(kb|mb|gb|tb)?/i.exec(this.#text.slice(this.#at)) : null
    if (n) {
      this.#at += n[0].length
      const unit = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3, tb: 1024 ** 4 }[(n[2] ?? '').toLowerCase()] ?? 1
      return { kind: 'literal', value: Number(n[1]) * unit }
    }
    if (this.#at >= this.#text.length)
      throw new ParseProblem('You must provide a value expression.', this.#at, 'ExpectedValueExpression', true)
    this.#unexpected()
  }
}
