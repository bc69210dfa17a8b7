/** Expressions: values, what stands behind them, and operators by their order; about_Operator_Precedence. */
import type { Block, Expression, Statement } from './ast.ts'
import { ParseProblem, Scanner } from './scanner.ts'

const operators = new Set(
  'eq ne gt ge lt le like notlike match notmatch contains notcontains in notin replace split join and or xor f is isnot as band bor bxor shl shr'.split(
    ' ',
  ),
)
/** How strongly an operator binds; the comma binds more strongly than all of them. */
function precedence(operator: string): number {
  if (['and', 'or', 'xor'].includes(operator)) return 1
  if (['+', '-'].includes(operator)) return 3
  if (['*', '/', '%'].includes(operator)) return 4
  if (operator === 'f') return 5
  if (operator === '..') return 6
  return 2
}

export abstract class Expressions extends Scanner {
  protected abstract statement(): Statement
  protected abstract block(): Block

  protected expression(least = 0, commas = true): Expression {
    let left = commas ? this.#commas() : this.#unary()
    for (;;) {
      const back = this.at
      this.space()
      const rest = this.rest
      const word = /^-([ci]?)([a-z]+)\b/i.exec(rest)
      const named = word ? (word[2] as string).toLowerCase() : ''
      const full = word ? `${word[1]}${word[2]}`.toLowerCase() : ''
      const operator = operators.has(full)
        ? full
        : operators.has(named)
          ? `${(word?.[1] ?? '').toLowerCase()}${named}`
          : /^(\.\.|[-+*/%])(?![=])/.exec(rest)?.[1]
      const bare = operators.has(full) ? full : operators.has(named) ? named : operator
      if (operator === undefined || bare === undefined || precedence(bare) < least) {
        this.at = back
        return left
      }
      this.at += word && bare.length > 0 && /[a-z]/.test(bare) ? word[0].length : operator.length
      this.space(true)
      left = { kind: 'binary', operator, left, right: this.expression(precedence(bare) + 1, commas) }
    }
  }
  /** Values with commas between are a list. */
  #commas(): Expression {
    if (/^,(?=\s*\S)/.test(this.rest)) {
      this.at++
      return { kind: 'list', items: [this.#unary()] }
    }
    const items = [this.#unary()]
    for (;;) {
      const back = this.at
      this.space()
      if (!this.eat(',')) {
        this.at = back
        return items.length === 1 ? (items[0] as Expression) : { kind: 'list', items }
      }
      this.space(true)
      items.push(this.#unary())
    }
  }
  #unary(): Expression {
    this.space()
    const { rest } = this
    const step = /^(\+\+|--)(?=\$)/.exec(rest)
    if (step) {
      this.at += 2
      return { kind: 'step', of: this.suffixed(this.value()), by: step[0] === '++' ? 1 : -1, before: true }
    }
    const m = /^(-not\b|-bnot\b|-split\b|-join\b|!|-(?=\s*[\d$(.])|\+(?=\s*[\d$(.]))/i.exec(rest)
    if (m) {
      this.at += m[0].length
      this.space()
      const list = /^-(split|join)$/i.test(m[0])
      return { kind: 'unary', operator: m[0].toLowerCase(), of: list ? this.#commas() : this.#unary() }
    }
    const type = /^\[([\w.]+(?:\[[\w.,]*\])?)\]/.exec(rest)
    if (type) {
      this.at += type[0].length
      return this.#typed((type[1] as string).toLowerCase())
    }
    return this.suffixed(this.value())
  }
  /** Behind `[type]`: a member of it, a value to convert, or nothing. */
  #typed(name: string): Expression {
    if (this.eat('::')) {
      const m = /^\w+/.exec(this.rest)
      if (!m) this.unexpected()
      this.at += m[0].length
      const call = this.eat('(') ? this.#arguments() : undefined
      return this.suffixed({ kind: 'static', type: name, name: m[0], ...(call ? { call } : {}) })
    }
    const back = this.at
    this.space()
    if (this.at >= this.text.length || /^[\s;|)},]|^-[a-z]/i.test(this.rest)) {
      this.at = back
      return { kind: 'type', name }
    }
    return { kind: 'cast', type: name, of: this.#unary() }
  }
  #arguments(): Expression[] {
    const args: Expression[] = []
    for (;;) {
      this.space(true)
      if (this.eat(')')) return args
      args.push(this.expression(1, false))
      this.space(true)
      if (!this.eat(',') && !this.peek(')')) this.need(')')
    }
  }
  /** .Name, .Method(...), [index], ++ behind a value. */
  protected suffixed(value: Expression, calls = true): Expression {
    let v = value
    for (;;) {
      if (this.peek('.') && /^\.[A-Za-z_$"']/.test(this.text.slice(this.at, this.at + 2))) {
        if (!calls) return v
        this.at++
        const m = /^[A-Za-z_]\w*/.exec(this.rest)
        const name: Expression = m ? { kind: 'literal', value: m[0] } : this.value(false)
        if (m) this.at += m[0].length
        v =
          calls && this.eat('(')
            ? { kind: 'member', of: v, name, call: this.#arguments() }
            : { kind: 'member', of: v, name }
      } else if (calls && this.peek('[')) {
        this.at++
        const at = this.expression()
        this.need(']')
        v = { kind: 'index', of: v, at }
      } else if (calls && /^(\+\+|--)/.test(this.rest) && /^(variable|member|index)$/.test(v.kind)) {
        v = { kind: 'step', of: v, by: this.peek('++') ? 1 : -1, before: false }
        this.at += 2
      } else return v
    }
  }
  protected value(numbers = true): Expression {
    this.space()
    const c = this.text[this.at] ?? ''
    if (c === "'" || c === '"' || /^@["'][ \t\r]*\n/.test(this.rest)) return this.quoted()
    if (c === '$') return this.variable()
    if (c === '{') return this.block()
    if (c === '(') {
      this.at++
      const body = this.statements(')')
      this.need(')')
      return { kind: 'group', body }
    }
    if (this.eat('@(')) {
      const body = this.statements(')')
      this.need(')')
      return { kind: 'array', body }
    }
    if (this.eat('@{')) return this.#table()
    const n = numbers
      ? /^(0x[0-9a-f]+|(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?)[ld]?(kb|mb|gb|tb)?/i.exec(this.rest)
      : null
    if (n) {
      this.at += n[0].length
      const unit = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3, tb: 1024 ** 4 }[(n[2] ?? '').toLowerCase()] ?? 1
      return { kind: 'literal', value: Number(n[1]) * unit }
    }
    if (this.at >= this.text.length)
      throw new ParseProblem('You must provide a value expression.', this.at, 'ExpectedValueExpression', true)
    this.unexpected()
  }
  #table(): Expression {
    const pairs: (readonly [Expression, Statement])[] = []
    for (;;) {
      this.space(true)
      if (this.eat('}')) return { kind: 'hash', pairs }
      if (this.at >= this.text.length) this.need('}')
      const m = /^[A-Za-z_]\w*/.exec(this.rest)
      const key: Expression = m ? { kind: 'literal', value: m[0] } : this.value()
      if (m) this.at += m[0].length
      this.need('=')
      this.space(true)
      pairs.push([key, this.statement()])
    }
  }
}
