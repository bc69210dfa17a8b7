/** Characters to tokens. The lexer and the parser are one pass: what a word means depends on where it stands. */
import type { HereDoc, Node, Part, Word } from './ast.ts'
import type { Grammar } from './dialect.ts'
import { fromBinary, toBinary } from './text.ts'

/** A mistake in the text, in ash's words. `incomplete`: more lines could mend it. */
export class SyntaxProblem {
  readonly message: string
  readonly incomplete: boolean
  readonly line: number
  constructor(message: string, incomplete: boolean, line: number) {
    this.message = message
    this.incomplete = incomplete
    this.line = line
  }
}

export type Token =
  | {
      readonly kind: 'word'
      readonly word: Word /** Its text where nothing in it is quoted or expanded. */
      readonly plain: string | undefined
      readonly text: string
      readonly line: number
      /** How much text was left where it began: tells whether an alias's text is used up. */
      readonly left: number
    }
  | { readonly kind: 'op'; readonly op: string; readonly line: number }
  | { readonly kind: 'newline'; readonly line: number }
  | { readonly kind: 'end'; readonly line: number }

/** What may follow an operator's first character, longest first. */
const operators: Readonly<Record<string, readonly string[]>> = {
  '&': ['&&', '&>', '&'],
  '|': ['||', '|'],
  ';': [';;', ';&', ';'],
  '<': ['<<-', '<<', '<&', '<>', '<'],
  '>': ['>>', '>&', '>|', '>'],
  '(': ['('],
  ')': [')'],
}
const isSpecial = (c: string): boolean => c !== '' && '@*#?$!-0123456789'.includes(c)
const isMeta = (c: string): boolean => ' \t\n;&|<>()'.includes(c)

export class Lexer {
  text: string
  at = 0
  line: number
  /** The text ended inside a here-document. */
  hereDocOpen = false
  /** Here-documents whose bodies follow the next newline. */
  readonly waiting: {
    readonly end: string
    readonly strip: boolean
    readonly quoted: boolean
    readonly doc: HereDoc
  }[] = []
  /** Only what POSIX has: no &>, $'...' and `function`. */
  readonly grammar: Grammar
  /** Parses a command list up to a closing token: given by the parser. */
  readonly parseInner: (lexer: Lexer, close: ')' | '`') => Node | undefined
  /** The line of the command that ran last: ash counts the lines inside backquotes from there. */
  readonly ranLine: () => number
  constructor(
    text: string,
    parseInner: (lexer: Lexer, close: ')' | '`') => Node | undefined,
    line = 1,
    ranLine = (): number => this.line,
    grammar: Grammar = 'ash',
  ) {
    this.grammar = grammar
    this.text = text
    this.parseInner = parseInner
    this.line = line
    this.ranLine = ranLine
  }

  fail(message: string, incomplete = false): never {
    throw new SyntaxProblem(message, incomplete, this.line)
  }

  /** The next character; a backslash with its newline is no character at all, POSIX XCU 2.2.1. */
  char(): string {
    while (this.text[this.at] === '\\' && this.text[this.at + 1] === '\n') {
      this.at += 2
      this.line++
    }
    return this.text[this.at] ?? ''
  }
  #takeChar(): string {
    const c = this.char()
    this.at++
    return c
  }

  #skipBlank(): void {
    for (;;) {
      const c = this.char()
      if (c === ' ' || c === '\t') this.at++
      else if (c === '#') {
        while (this.at < this.text.length && this.text[this.at] !== '\n') this.at++
      } else return
    }
  }

  next(): Token {
    this.#skipBlank()
    const { line } = this
    const c = this.text[this.at]
    if (c === undefined) {
      if (this.waiting.length > 0) this.#readHereDocs()
      return { kind: 'end', line }
    }
    if (c === '\n') {
      this.at++
      this.line++
      if (this.waiting.length > 0) this.#readHereDocs()
      return { kind: 'newline', line }
    }
    if (Object.hasOwn(operators, c)) return { kind: 'op', op: this.#operator(operators[c] as readonly string[]), line }
    const from = this.at
    const left = this.text.length - from
    const word = this.word()
    const plain = word.every((p) => p.kind === 'text' && !p.quoted)
      ? word.map((p) => (p as { text: string }).text).join('')
      : undefined
    return { kind: 'word', word, plain, text: this.text.slice(from, this.at), line, left }
  }
  /** Operators that not every shell of the family has. */
  #known(op: string): boolean {
    return op === '&>' ? this.grammar !== 'dash' : op !== ';&' || this.grammar === 'bash'
  }
  #operator(choices: readonly string[]): string {
    let op = this.#takeChar()
    while (this.char() !== '' && choices.includes(op + this.char()) && this.#known(op + this.char()))
      op += this.#takeChar()
    return op
  }
  /** The word after `<<`: quotes are taken off, and nothing in it is expanded. */
  delimiter(): { readonly end: string; readonly quoted: boolean } | undefined {
    this.#skipBlank()
    let end = ''
    let quoted = false
    const from = this.at
    for (;;) {
      const c = this.char()
      if (c === '' || isMeta(c)) break
      if (c === "'") {
        end += this.#single()
        quoted = true
      } else if (c === '"' || c === '\\') {
        quoted = true
        this.at++
        if (c === '\\') end += this.#takeChar()
        else {
          // Nothing is expanded here: what stands between the quotes is the delimiter.
          while (this.char() !== '"' && this.char() !== '') {
            if (this.char() === '\\' && /["$`\\]/.test(this.text[this.at + 1] ?? '')) this.at++
            end += this.#takeChar()
          }
          if (this.char() === '') this.fail('unterminated quoted string', true)
          this.at++
        }
      } else {
        if (c === '`') quoted = true
        end += c
        this.at++
      }
    }
    return this.at > from ? { end, quoted } : undefined
  }

  /** A word up to blank or operator. */
  word(): Word {
    const parts: Part[] = []
    let text = ''
    const flush = (): void => {
      if (text !== '') parts.push({ kind: 'text', text, quoted: false })
      text = ''
    }
    for (;;) {
      const c = this.text[this.at]
      if (c === undefined || isMeta(c)) break
      if (c === '\\') {
        const n = this.text[this.at + 1]
        this.at += 2
        if (n === '\n') this.line++
        else {
          flush()
          parts.push({ kind: 'text', text: n ?? '\\', quoted: true })
        }
      } else if (c === "'") {
        flush()
        parts.push({ kind: 'text', text: this.#single(), quoted: true })
      } else if (c === '"') {
        flush()
        this.at++
        const inner = this.quoted('"')
        parts.push(...(inner.length > 0 ? inner : [{ kind: 'text' as const, text: '', quoted: true }]))
      } else if (c === '$' && this.text[this.at + 1] === "'" && this.grammar !== 'dash') {
        flush()
        this.at++
        parts.push({ kind: 'text', text: ansi(this.#single(true)), quoted: true })
      } else if (c === '$' || c === '`') {
        const part = this.dollar(false)
        if (part) {
          flush()
          parts.push(part)
        } else {
          text += c
          this.at++
        }
      } else {
        text += c
        this.at++
      }
    }
    flush()
    return parts
  }

  #single(escapes = false): string {
    const from = ++this.at
    for (;;) {
      const c = this.text[this.at]
      if (c === undefined) this.fail('unterminated quoted string', true)
      if (escapes && c === '\\') this.at++
      else if (c === "'") break
      if (c === '\n') this.line++
      this.at++
    }
    return this.text.slice(from, this.at++)
  }

  /** The inside of double quotes, of a here-document (`close` undefined: to the end) or of an arithmetic expansion. */
  quoted(close: '"' | undefined): Part[] {
    const parts: Part[] = []
    let text = ''
    const flush = (): void => {
      if (text !== '') parts.push({ kind: 'text', text, quoted: true })
      text = ''
    }
    for (;;) {
      const c = this.text[this.at]
      if (c === undefined) {
        if (close) this.fail('unterminated quoted string', true)
        break
      }
      if (c === close) {
        this.at++
        break
      }
      if (c === '\\') {
        const n = this.text[this.at + 1] ?? ''
        if (n === '\n') {
          this.at += 2
          this.line++
        } else if ('$`\\'.includes(n) || (close && n === '"')) {
          text += n
          this.at += 2
        } else {
          text += c
          this.at++
        }
      } else if (c === '$' || c === '`') {
        const part = this.dollar(true)
        if (part) {
          flush()
          parts.push(part)
        } else {
          text += c
          this.at++
        }
      } else {
        if (c === '\n') this.line++
        text += c
        this.at++
      }
    }
    flush()
    return parts
  }

  /** An expansion at `$` or a backquote; undefined where the dollar stands for itself. */
  dollar(quoted: boolean): Part | undefined {
    if (this.text[this.at] === '`') return this.#backquote(quoted)
    const from = this.at
    this.at++
    const n = this.char()
    if (n === '(') {
      this.at++
      if (this.char() === '(') {
        const arith = this.#arith(quoted)
        if (arith) return arith
      }
      const list = this.parseInner(this, ')')
      return { kind: 'command', list, quoted }
    }
    if (n === '{') {
      this.at++
      return this.#braced(quoted)
    }
    if (isSpecial(n)) {
      this.at++
      return { kind: 'param', name: n, op: '', word: undefined, quoted }
    }
    const name = this.#name()
    if (name !== '') return { kind: 'param', name, op: '', word: undefined, quoted }
    this.at = from
    return undefined
  }
  #name(): string {
    let name = ''
    for (let c = this.char(); /[A-Za-z_]/.test(c) || (name !== '' && /[0-9]/.test(c)); c = this.char()) {
      name += c
      this.at++
    }
    return name
  }

  /** $(( ... )), or undefined where the second parenthesis opens a subshell. */
  #arith(quoted: boolean): Part | undefined {
    let depth = 0
    const from = this.at + 1
    let i = from
    for (; i < this.text.length; i++) {
      const c = this.text[i]
      if (c === '(') depth++
      else if (c === ')') {
        if (depth === 0) break
        depth--
      } else if (c === '\\') i++
    }
    if (i >= this.text.length) this.fail("missing '))'", true)
    if (this.text[i + 1] !== ')') return undefined
    const inner = new Lexer(this.text.slice(from, i), this.parseInner, this.line, this.ranLine, this.grammar)
    const word = inner.quoted(undefined)
    this.line = inner.line
    this.at = i + 2
    return { kind: 'arith', word, quoted }
  }

  #backquote(quoted: boolean): Part {
    let source = ''
    this.at++
    for (;;) {
      const c = this.text[this.at]
      if (c === undefined) this.fail('EOF in backquote substitution', true)
      if (c === '`') break
      if (c === '\\') {
        const n = this.text[this.at + 1] ?? ''
        source += '$`\\'.includes(n) || (quoted && n === '"') ? n : `\\${n}`
        this.at += 2
        continue
      }
      if (c === '\n') this.line++
      source += c
      this.at++
    }
    this.at++
    const inner = new Lexer(source, this.parseInner, this.ranLine(), this.ranLine, this.grammar)
    return { kind: 'command', list: this.parseInner(inner, '`'), quoted }
  }

  /** What follows `${`: #name, or name op word. A form that isn't known is an error when it is expanded, as in ash. */
  #braced(quoted: boolean): Part {
    const from = this.at
    const bad = (): Part => {
      this.#braceWord(quoted, undefined)
      return { kind: 'param', name: this.text.slice(from, this.at - 1), op: 'bad', word: undefined, quoted }
    }
    let name = this.#paramName()
    if (name === '') return bad()
    let c = this.char()
    if (name === '#' && c !== '}') {
      // ${#x} is a length; ${#-x} and its kin belong to $#.
      const at = this.at
      const of = this.#paramName() || this.#takeChar()
      if (this.char() === '}' && of !== '}') {
        this.at++
        if (!isSpecial(of[0] as string) && !/^[A-Za-z_]/.test(of)) {
          return { kind: 'param', name: `#${of}`, op: 'bad', word: undefined, quoted }
        }
        return { kind: 'param', name: of, op: 'length', word: undefined, quoted }
      }
      if (/^\w/.test(of)) return bad()
      this.at = at
      c = this.char()
      name = '#'
    }
    if (c === '}') {
      this.at++
      return { kind: 'param', name, op: '', word: undefined, quoted }
    }
    if (!':-=+?#%/'.includes(c)) return bad()
    this.at++
    let op = c
    const second = this.char()
    if (c === ':' ? '-=+?}'.includes(second) : '#%/'.includes(c) && second === c) {
      op += second
      this.at++
    }
    if (op === ':}') {
      // ${x:} isn't closed yet for ash: what follows is a word that is not used.
      this.#braceWord(quoted, undefined)
      return { kind: 'param', name, op: '', word: undefined, quoted }
    }
    // Inside double quotes a pattern has its own quoting; a default value keeps the quotes around it.
    const own = /^[#%/]/.test(op)
    const separator = op === ':' ? ':' : c === '/' ? '/' : undefined
    const word = this.#braceWord(quoted && !own, separator, c === '/')
    let more: Word | undefined
    if (separator !== undefined && this.text[this.at - 1] !== '}')
      more = this.#braceWord(quoted && op === ':', undefined)
    return { kind: 'param', name, op, word, quoted, ...(more ? { more } : {}) }
  }
  #paramName(): string {
    const c = this.char()
    if (/[0-9]/.test(c)) {
      let n = ''
      while (/[0-9]/.test(this.char())) n += this.#takeChar()
      return n
    }
    if (isSpecial(c)) {
      this.at++
      return c
    }
    return this.#name()
  }
  /** Text up to the closing brace (taken) or a separator (taken); `first`: a separator at the very beginning is text. */
  #braceWord(quoted: boolean, separator: string | undefined, first = false): Word {
    const from = this.at
    const parts: Part[] = []
    let text = ''
    const flush = (): void => {
      if (text !== '') parts.push({ kind: 'text', text, quoted })
      text = ''
    }
    for (;;) {
      const c = this.text[this.at]
      if (c === undefined) this.fail("missing '}'", true)
      if (c === '}' || (c === separator && !(first && this.at === from))) {
        this.at++
        break
      }
      if (c === '\\') {
        const n = this.text[this.at + 1] ?? ''
        this.at += 2
        if (n === '\n') this.line++
        else if (!quoted || '$`"\\}'.includes(n)) {
          flush()
          parts.push({ kind: 'text', text: n, quoted: true })
        } else text += `\\${n}`
      } else if (c === "'" && !quoted) {
        flush()
        parts.push({ kind: 'text', text: this.#single(), quoted: true })
      } else if (c === '$' && !quoted && this.text[this.at + 1] === "'" && this.grammar !== 'dash') {
        flush()
        this.at++
        parts.push({ kind: 'text', text: ansi(this.#single(true)), quoted: true })
      } else if (c === '"') {
        flush()
        this.at++
        parts.push(...this.quoted('"'))
        if (this.text[this.at - 2] === '"') parts.push({ kind: 'text', text: '', quoted: true })
      } else if (c === '$' || c === '`') {
        const part = this.dollar(quoted)
        if (part) {
          flush()
          parts.push(part)
        } else {
          text += c
          this.at++
        }
      } else {
        if (c === '\n') this.line++
        text += c
        this.at++
      }
    }
    flush()
    return parts
  }

  #readHereDocs(): void {
    for (const { end, strip, quoted, doc } of this.waiting.splice(0)) {
      let body = ''
      for (;;) {
        if (this.at >= this.text.length) {
          this.hereDocOpen = true
          break
        }
        let stop = this.text.indexOf('\n', this.at)
        if (stop < 0) stop = this.text.length
        let line = this.text.slice(this.at, stop)
        this.at = Math.min(this.text.length, stop + 1)
        this.line++
        if (strip) line = line.replace(/^\t+/, '')
        // In an unquoted body a backslash at the end joins lines before the end is looked for.
        while (!quoted && /(^|[^\\])(\\\\)*\\$/.test(line) && this.at < this.text.length) {
          let next = this.text.indexOf('\n', this.at)
          if (next < 0) next = this.text.length
          line = line.slice(0, -1) + this.text.slice(this.at, next)
          this.at = Math.min(this.text.length, next + 1)
          this.line++
        }
        if (line === end) break
        body += stop < this.text.length ? `${line}\n` : line
      }
      doc.body = quoted
        ? [{ kind: 'text', text: body, quoted: true }]
        : new Lexer(body, this.parseInner, this.line, this.ranLine, this.grammar).quoted(undefined)
    }
  }
}

/** The escapes of $'...'. */
export function ansi(text: string): string {
  const simple: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', e: '\x1b', f: '\f', v: '\v' }
  const bytes = toBinary(text).replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])/g, (_, e: string) => {
    if (e[0] === 'x' && e.length > 1) return String.fromCharCode(Number.parseInt(e.slice(1), 16))
    if (/^[0-7]/.test(e)) return String.fromCharCode(Number.parseInt(e, 8) & 255)
    return simple[e] ?? (`\\'"?`.includes(e) ? e : `\\${e}`)
  })
  return fromBinary(bytes)
}
