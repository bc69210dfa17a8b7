/** What reading PowerShell's text has in common: white space and comments, quotes, escapes, and what is missing; about_Parsing. */
import type { Expression, Statement } from './ast.ts'

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

export abstract class Scanner {
  protected readonly text: string
  protected at = 0
  constructor(text: string) {
    this.text = text
  }
  /** Statements up to a bracket that closes them, which stays. */
  protected abstract statements(end: string): Statement[]

  protected get rest(): string {
    return this.text.slice(this.at)
  }
  protected unexpected(): never {
    const c = this.text[this.at] as string
    throw new ParseProblem(`Unexpected token '${c}' in expression or statement.`, this.at, 'UnexpectedToken')
  }
  protected space(lines = false): void {
    for (;;) {
      const c = this.text[this.at]
      if (c === ' ' || c === '\t' || c === '\r') this.at++
      else if (lines && (c === '\n' || c === ';')) this.at++
      else if (c === '`' && this.text[this.at + 1] === '\n') this.at += 2
      else if (this.peek('<#')) {
        const end = this.text.indexOf('#>', this.at)
        this.at = end < 0 ? this.text.length : end + 2
      } else if (c === '#' && (this.at === 0 || /[\s;({|]/.test(this.text[this.at - 1] as string)))
        while (this.at < this.text.length && this.text[this.at] !== '\n') this.at++
      else return
    }
  }
  protected peek(s: string): boolean {
    return this.text.startsWith(s, this.at)
  }
  protected eat(s: string): boolean {
    if (!this.peek(s)) return false
    this.at += s.length
    return true
  }
  /** Takes a word of the language, whatever its capitals. */
  protected eatWord(word: string): boolean {
    const m = /^[A-Za-z]+(?![\w-])/.exec(this.rest)
    if (m?.[0].toLowerCase() !== word) return false
    this.at += word.length
    return true
  }
  protected need(s: string): void {
    this.space(s === '}' || s === ')')
    if (this.eat(s)) return
    const open = { ')': '(', '}': '{', ']': '[' }[s]
    if (this.at >= this.text.length)
      throw new ParseProblem(
        s === '}'
          ? "Missing closing '}' in statement block or type definition."
          : `Missing closing '${s}' in expression.`,
        this.at,
        open === '{' ? 'MissingEndCurlyBrace' : 'MissingEndParenthesisInExpression',
        true,
      )
    this.unexpected()
  }
  protected escape(): string {
    const c = this.text[this.at + 1] ?? ''
    this.at += 2
    return { n: '\n', t: '\t', r: '\r', '0': '\0', a: '\x07', b: '\b' }[c] ?? c
  }
  /** A string in quotes, or between @" and "@. */
  protected quoted(): Expression {
    const here = /^@(["'])[ \t\r]*\n/.exec(this.rest)
    if (here) return this.#here(here[1] as string, here[0].length)
    const quote = this.text[this.at] as string
    const start = this.at++
    const unended = (): never => {
      throw new ParseProblem(
        `The string is missing the terminator: ${quote}.`,
        start,
        'TerminatorExpectedAtEndOfString',
        true,
      )
    }
    if (quote === "'") {
      let text = ''
      for (;;) {
        const end = this.text.indexOf("'", this.at)
        if (end < 0) return unended()
        text += this.text.slice(this.at, end)
        this.at = end + 1
        if (this.text[this.at] !== "'") return { kind: 'literal', value: text }
        text += "'"
        this.at++
      }
    }
    return this.#expandable(() => {
      if (this.at >= this.text.length) return unended()
      if (!this.peek('"')) return false
      this.at++
      if (this.text[this.at] !== '"') return true
      return '"'
    })
  }
  #here(quote: string, head: number): Expression {
    const start = this.at
    this.at += head
    const end = this.text.indexOf(`\n${quote}@`, this.at - 1)
    if (end < 0)
      throw new ParseProblem(
        `The string is missing the terminator: ${quote}@.`,
        start,
        'TerminatorExpectedAtEndOfString',
        true,
      )
    if (quote === "'") {
      const text = this.text.slice(this.at, Math.max(end, this.at))
      this.at = end + 3
      return { kind: 'literal', value: text }
    }
    const value = this.#expandable(() => this.at >= end)
    this.at = end + 3
    return value
  }
  /** Text with variables in it. `ends`: true at its end; a character that was taken, where a quote stands for itself; else false. */
  #expandable(ends: () => boolean | string): Expression {
    const parts: (string | Expression)[] = []
    let text = ''
    for (;;) {
      const end = ends()
      if (end === true) break
      if (typeof end === 'string') {
        text += end
        this.at++
        continue
      }
      const c = this.text[this.at] as string
      if (c === '`') text += this.escape()
      else if (c === '$' && /^\$[\w({?]/.test(this.text.slice(this.at, this.at + 2))) {
        parts.push(text, this.variable())
        text = ''
      } else {
        text += c
        this.at++
      }
    }
    if (parts.length === 0) return { kind: 'literal', value: text }
    return { kind: 'string', parts: [...parts, text].filter((p) => p !== '') }
  }
  protected variable(): Expression {
    if (this.eat('$(')) {
      const body = this.statements(')')
      this.need(')')
      return { kind: 'group', body, sub: true }
    }
    const m = /^\$(?:\{(?:(\w+):)?([^}]+)\}|(?:(env|global|script|local):)?([\w?]+))/i.exec(this.rest)
    if (!m) this.unexpected()
    this.at += m[0].length
    return { kind: 'variable', scope: (m[1] ?? m[3] ?? '').toLowerCase(), name: (m[2] ?? m[4]) as string }
  }
}
