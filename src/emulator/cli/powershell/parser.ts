/** From text to statements: the two modes of PowerShell, expressions and commands; about_Parsing. */
import type { Block, Element, Expression, Parameter, Redirect, Statement, Word } from './ast.ts'
import { Expressions } from './expressions.ts'
import { ParseProblem } from './scanner.ts'
import { numberOf } from './values.ts'

const NUMBER = /^-?(?:\d+(?:\.\d+)?(?:kb|mb|gb|tb)?|0x[0-9a-f]+)$/i
/** Words that begin a statement of the language. */
const keywords =
  /^(if|foreach|for|while|do|switch|try|function|filter|throw|return|break|continue|param|class|enum|begin|process|end|trap|data|workflow|using)(?![\w-])/i

export class Parser extends Expressions {
  /** All statements up to the end. Throws a ParseProblem. */
  program(): Statement[] {
    const body = this.statements('')
    if (this.at < this.text.length) this.unexpected()
    return body
  }
  protected override statements(end: string): Statement[] {
    const out: Statement[] = []
    for (;;) {
      this.space(true)
      if (this.at >= this.text.length || (end !== '' && this.peek(end))) return out
      if (/[)}]/.test(this.text[this.at] as string)) this.unexpected()
      const statement = this.statement()
      out.push(statement)
      this.space()
      const c = this.text[this.at]
      if (c === undefined || c === '\n' || c === ';' || (end !== '' && c === end)) continue
      if (this.peek('&&') || this.peek('||')) {
        const token = this.text.slice(this.at, this.at + 2)
        throw new ParseProblem(
          `The token '${token}' is not a valid statement separator in this version.`,
          this.at,
          'InvalidEndOfLine',
        )
      }
      if (c === '}' || c === ')') return out
      // A statement that ends in a block needs nothing behind it.
      if (/^(if|foreach|loop|switch|try|function)$/.test(statement.kind)) continue
      this.unexpected()
    }
  }
  protected override block(): Block {
    this.space(true)
    const start = this.at
    this.need('{')
    this.space(true)
    const parameters = this.eatWord('param') ? this.#parameters() : undefined
    const body = this.statements('}')
    this.need('}')
    const text = this.text.slice(start + 1, this.at - 1)
    return { kind: 'block', body, text, ...(parameters ? { parameters } : {}) }
  }
  /** `([type]$name = value, ...)`. */
  #parameters(): Parameter[] {
    this.space(true)
    this.need('(')
    const out: Parameter[] = []
    for (;;) {
      this.space(true)
      if (this.eat(')')) return out
      let type: string | undefined
      for (;;) {
        const m = /^\[([\w.]+(?:\[\])?)(\([^)]*\))?\]\s*/.exec(this.rest)
        if (!m) break
        this.at += m[0].length
        if (m[2] === undefined) type = (m[1] as string).toLowerCase()
      }
      const m = /^\$(\w+)/.exec(this.rest)
      if (!m) {
        if (this.at >= this.text.length) this.need(')')
        this.unexpected()
      }
      this.at += m[0].length
      this.space(true)
      const fallback = this.eat('=') ? this.expression(0, false) : undefined
      out.push({ name: m[1] as string, type, fallback })
      this.space(true)
      if (!this.eat(',') && !this.peek(')')) this.need(')')
    }
  }
  #tested(): Statement {
    this.space()
    this.need('(')
    this.space(true)
    const test = this.statement()
    this.need(')')
    return test
  }
  protected override statement(): Statement {
    const word = keywords.exec(this.rest)?.[1]?.toLowerCase()
    const special = word === undefined ? undefined : this.#language(word)
    if (special) return special
    const start = this.at
    const assign = /^((?:\[[\w.]+\]\s*)?\$(?:\w+:)?\w+(?:\.\w+|\[[^\]\n]*\])*)\s*([-+*/%]?=)(?!=)/.exec(this.rest)
    if (assign) {
      const target = new Parser((assign[1] as string).replace(/^\[[\w.]+\]\s*/, '')).#target()
      const type = /^\[([\w.]+)\]/.exec(assign[1] as string)?.[1]?.toLowerCase()
      this.at += assign[0].length
      this.space(true)
      const value = this.statement()
      return {
        kind: 'assign',
        target,
        operator: assign[2] as string,
        value:
          type === undefined
            ? value
            : expressionStatement({ kind: 'cast', type, of: grouped(value) }, this.text, start),
      }
    }
    const elements = [this.#element()]
    for (;;) {
      const back = this.at
      this.space()
      // A line may begin with the pipe that its predecessor ends in.
      if (!this.peek('|') || this.peek('||')) {
        this.at = back
        break
      }
      this.at++
      this.space(true)
      if (this.at >= this.text.length)
        throw new ParseProblem('An empty pipe element is not allowed.', this.at, 'EmptyPipeElement', true)
      elements.push(this.#element())
    }
    return { kind: 'pipeline', elements, text: this.text, at: start }
  }
  #target(): Expression {
    return this.suffixed(this.value())
  }
  #language(word: string): Statement | undefined {
    const start = this.at
    this.at += word.length
    switch (word) {
      case 'if':
        return this.#if()
      case 'foreach':
        // Without a bracket it is the alias of ForEach-Object.
        if (/^\s*\(/.test(this.rest)) return this.#foreach()
        break
      case 'for': {
        this.space()
        this.need('(')
        const part = (end: string): Statement | undefined => {
          this.space()
          const one = this.peek(end) ? undefined : this.statement()
          this.space()
          if (end === ';') this.need(';')
          return one
        }
        const begin = part(';')
        const test = part(';')
        const step = part(')')
        this.need(')')
        return { kind: 'loop', begin, test, step, body: this.block(), first: false, until: false }
      }
      case 'while':
        return {
          kind: 'loop',
          begin: undefined,
          test: this.#tested(),
          step: undefined,
          body: this.block(),
          first: false,
          until: false,
        }
      case 'do': {
        const body = this.block()
        this.space(true)
        const until = this.eatWord('until')
        if (!until && !this.eatWord('while')) this.unexpected()
        return { kind: 'loop', begin: undefined, test: this.#tested(), step: undefined, body, first: true, until }
      }
      case 'switch':
        return this.#switch()
      case 'try':
        return this.#try()
      case 'function':
      case 'filter': {
        this.space()
        const m = /^(?:(?:global|script):)?([\w-]+)/.exec(this.rest)
        if (!m || word === 'filter') break
        this.at += m[0].length
        this.space()
        const parameters = this.peek('(') ? this.#parameters() : undefined
        const body = this.block()
        return { kind: 'function', name: m[1] as string, body: parameters ? { ...body, parameters } : body }
      }
      case 'throw':
      case 'return':
      case 'break':
      case 'continue': {
        this.space()
        const ends = this.at >= this.text.length || /^[\n;)}]/.test(this.rest)
        const value = ends ? undefined : this.statement()
        return { kind: 'jump', what: word, value, at: start, text: this.text.slice(start, this.at).trimEnd() }
      }
    }
    this.at = start
    if (/^(foreach)$/.test(word)) return undefined
    throw new ParseProblem(`zukan: not emulated: ${word}`, start, 'NotEmulated')
  }
  #if(): Statement {
    const arms: (readonly [Statement | undefined, Block])[] = [[this.#tested(), this.block()]]
    for (;;) {
      const back = this.at
      this.space(true)
      if (this.eatWord('elseif')) arms.push([this.#tested(), this.block()])
      else if (this.eatWord('else')) arms.push([undefined, this.block()])
      else {
        this.at = back
        return { kind: 'if', arms }
      }
    }
  }
  #foreach(): Statement {
    this.space()
    this.need('(')
    this.space()
    const m = /^\$(\w+)\s+in\b/i.exec(this.rest)
    if (!m) this.unexpected()
    this.at += m[0].length
    this.space()
    const list = this.statement()
    this.need(')')
    return { kind: 'foreach', name: m[1] as string, list, body: this.block() }
  }
  #switch(): Statement {
    this.space()
    const flag = /^-(wildcard|regex|exact|casesensitive)\b/i.exec(this.rest)
    if (flag) this.at += flag[0].length
    const value = this.#tested()
    this.space(true)
    this.need('{')
    const arms: (readonly [Expression | undefined, Block])[] = []
    for (;;) {
      this.space(true)
      if (this.eat('}')) return { kind: 'switch', value, mode: flag?.[1]?.toLowerCase() ?? 'exact', arms }
      if (this.at >= this.text.length) this.need('}')
      const other = this.eatWord('default')
      const test = other ? undefined : /^["'${(\d]/.test(this.rest) ? this.value() : this.#bare()
      arms.push([test, this.block()])
    }
  }
  #try(): Statement {
    const body = this.block()
    const catches: { types: string[]; body: Block }[] = []
    let last: Block | undefined
    for (;;) {
      const back = this.at
      this.space(true)
      if (this.eatWord('catch')) {
        const types: string[] = []
        for (this.space(); ; this.space()) {
          const m = /^\[([\w.]+)\]\s*,?/.exec(this.rest)
          if (!m) break
          this.at += m[0].length
          types.push(m[1] as string)
        }
        catches.push({ types, body: this.block() })
      } else if (this.eatWord('finally')) last = this.block()
      else {
        this.at = back
        if (catches.length === 0 && !last)
          throw new ParseProblem(
            'The Try statement is missing its Catch or Finally block.',
            this.at,
            'MissingCatchOrFinally',
            this.at >= this.text.length,
          )
        return { kind: 'try', body, catches, last }
      }
    }
  }
  #element(): Element {
    const start = this.at
    const { rest } = this
    if (
      /^(["'$([{,]|@["'({]|\d|(\+\+|--)\$|[-+!]\s*[\d$(]|-not\b|-split\b|-join\b|\.\d)/i.test(rest) &&
      !/^\d[\w.-]*[A-Za-z][\w.-]*(\s|$)/.test(
        rest.replace(/^(0x[0-9a-f]+|\d+(\.\d+)?(e[-+]?\d+)?[ld]?(kb|mb|gb|tb)?)(?![\w])/i, ''),
      )
    ) {
      const value = this.expression()
      const end = this.at
      return { kind: 'expression', at: start, value, redirects: this.#redirects(), text: this.text.slice(start, end) }
    }
    let name: Expression
    if (this.eat('&') || (this.peek('. ') && this.eat('.'))) {
      this.space()
      name = /["'$({]/.test(this.text[this.at] ?? '') ? this.suffixed(this.value()) : this.#bare()
    } else name = this.#bare()
    const words: Word[] = []
    const redirects: Redirect[] = []
    for (;;) {
      this.space()
      const c = this.text[this.at]
      if (c === undefined || /[\n;|)}]/.test(c) || this.peek('&&')) break
      const r = this.#redirect()
      if (r) {
        redirects.push(r)
        continue
      }
      if (c === '&') this.unexpected()
      words.push(this.#word())
    }
    return { kind: 'command', at: start, name, words, redirects, text: this.text.slice(start, this.at).trimEnd() }
  }
  #redirects(): Redirect[] {
    const out: Redirect[] = []
    for (;;) {
      const back = this.at
      this.space()
      const r = this.#redirect()
      if (!r) {
        this.at = back
        return out
      }
      out.push(r)
    }
  }
  #redirect(): Redirect | undefined {
    const m = /^([12*])?>(>)?(&1)?/.exec(this.text.slice(this.at, this.at + 5))
    if (!m) return undefined
    this.at += m[0].length
    const from = m[1] === '2' ? 2 : m[1] === '*' ? '*' : 1
    if (m[3]) return { from, append: false, to: '&1' }
    this.space()
    return { from, append: m[2] !== undefined, to: this.#word().value ?? { kind: 'literal', value: '' } }
  }
  #word(): Word {
    const start = this.at
    const splat = /^@([A-Za-z_]\w*)(?=[\s;|)}]|$)/.exec(this.rest)
    if (splat) {
      this.at += splat[0].length
      return { splat: splat[1] as string, raw: splat[0] }
    }
    const m = /^-([A-Za-z_][\w-]*)(:)?(?=[\s:;|)}\n]|$)/.exec(this.rest)
    if (m) {
      this.at += m[0].length
      if (m[2]) {
        this.space()
        const value = this.#listed()
        return { parameter: m[1] as string, value, raw: this.text.slice(start, this.at) }
      }
      return { parameter: m[1] as string, raw: m[0] }
    }
    const value = this.#listed()
    return { value, raw: this.text.slice(start, this.at) }
  }
  /** One argument, or several with commas between. */
  #listed(): Expression {
    const items = [this.#argument()]
    for (;;) {
      const back = this.at
      this.space()
      if (!this.eat(',')) {
        this.at = back
        break
      }
      this.space(true)
      items.push(this.#argument())
    }
    return items.length === 1 ? (items[0] as Expression) : { kind: 'list', items }
  }
  #argument(): Expression {
    const c = this.text[this.at] ?? ''
    if (c === '{') return this.block()
    if (c === '@' || c === '(') return this.suffixed(this.value(false))
    if (c === "'" || c === '"' || c === '$') {
      const back = this.at
      const v = this.suffixed(this.value(false))
      // "a"b and $x\y are one word.
      if (this.at >= this.text.length || /[\s;|)},]/.test(this.text[this.at] as string)) return v
      this.at = back
    }
    return this.#bare()
  }
  /** A word without quotes, with variables in it; quoted pieces are part of it. */
  #bare(): Expression {
    const parts: (string | Expression)[] = []
    let text = ''
    const start = this.at
    for (;;) {
      const c = this.text[this.at]
      if (c === undefined || /[\s;|(){},<>&]/.test(c)) {
        // {{.Names}} inside a word stays what it is.
        const close = c === '{' && this.at > start ? this.text.indexOf('}', this.at) : -1
        if (close < 0) break
        text += this.text.slice(this.at, close + 1)
        this.at = close + 1
        continue
      }
      if (c === '`') {
        text += this.escape()
        continue
      }
      if (c === "'" || c === '"') {
        const v = this.quoted()
        if (v.kind === 'string') parts.push(text, ...v.parts)
        else if (v.kind === 'literal') {
          text += String(v.value)
          continue
        }
        text = ''
        continue
      }
      if (c === '$' && /^\$[\w({?]/.test(this.text.slice(this.at, this.at + 2))) {
        parts.push(text, this.suffixed(this.variable(), false))
        text = ''
        continue
      }
      text += c
      this.at++
    }
    if (this.at === start) this.unexpected()
    if (parts.length === 0) {
      // What looks like a number is one; a program gets it as it was typed.
      const plain = this.text.slice(start, this.at)
      return { kind: 'literal', value: NUMBER.test(plain) ? (numberOf(plain) ?? text) : text }
    }
    return { kind: 'string', parts: [...parts, text].filter((p) => p !== '') }
  }
}
const grouped = (s: Statement): Expression => ({ kind: 'group', body: [s] })
const expressionStatement = (value: Expression, text: string, at: number): Statement => ({
  kind: 'pipeline',
  elements: [{ kind: 'expression', at, value, redirects: [], text: '' }],
  text,
  at,
})
