/** Characters to tokens. The lexer and the parser are one pass: what a word means depends on where it stands. */
import type { HereDoc, Node, Part, Word } from './ast.ts'

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
      readonly glued: boolean
    }
  | { readonly kind: 'op'; readonly op: string; readonly line: number }
  | { readonly kind: 'newline'; readonly line: number }
  | { readonly kind: 'end'; readonly line: number }

const operators = [
  '&&',
  '||',
  ';;',
  ';&',
  '<<-',
  '<<',
  '>>',
  '<&',
  '>&',
  '<>',
  '>|',
  '&>',
  '&',
  '|',
  ';',
  '<',
  '>',
  '(',
  ')',
]
const nameRe = /[A-Za-z_][A-Za-z0-9_]*/y
const isMeta = (c: string): boolean => ' \t\n;&|<>()'.includes(c)

export class Lexer {
  text: string
  at = 0
  line: number
  /** Here-documents whose bodies follow the next newline. */
  readonly waiting: {
    readonly end: string
    readonly strip: boolean
    readonly quoted: boolean
    readonly doc: HereDoc
  }[] = []
  /** Parses a command list up to a closing token: given by the parser. */
  readonly parseInner: (lexer: Lexer, close: ')' | '`') => Node | undefined
  constructor(text: string, parseInner: (lexer: Lexer, close: ')' | '`') => Node | undefined, line = 1) {
    this.text = text
    this.parseInner = parseInner
    this.line = line
  }

  fail(message: string, incomplete = false): never {
    throw new SyntaxProblem(message, incomplete, this.line)
  }

  #skipBlank(): boolean {
    let skipped = false
    for (;;) {
      const c = this.text[this.at]
      if (c === ' ' || c === '\t' || c === '\r') this.at++
      else if (c === '\\' && this.text[this.at + 1] === '\n') {
        this.at += 2
        this.line++
      } else if (c === '#') {
        while (this.at < this.text.length && this.text[this.at] !== '\n') this.at++
      } else return skipped
      skipped = true
    }
  }

  next(): Token {
    const glued = !this.#skipBlank()
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
    for (const op of operators) {
      if (this.text.startsWith(op, this.at)) {
        this.at += op.length
        return { kind: 'op', op, line }
      }
    }
    const from = this.at
    const word = this.word()
    const plain = word.every((p) => p.kind === 'text' && !p.quoted)
      ? word.map((p) => (p as { text: string }).text).join('')
      : undefined
    return { kind: 'word', word, plain, text: this.text.slice(from, this.at), line, glued }
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
      } else if (c === '$' && this.text[this.at + 1] === "'") {
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
    const n = this.text[this.at + 1]
    if (n === undefined) return undefined
    if (n === '(') {
      if (this.text[this.at + 2] === '(') {
        const arith = this.#arith(quoted)
        if (arith) return arith
      }
      this.at += 2
      const list = this.parseInner(this, ')')
      return { kind: 'command', list, quoted }
    }
    if (n === '{') return this.#braced(quoted)
    if (/[0-9@*#?$!-]/.test(n)) {
      this.at += 2
      return { kind: 'param', name: n, op: '', word: undefined, quoted }
    }
    nameRe.lastIndex = this.at + 1
    const m = nameRe.exec(this.text)
    if (!m) return undefined
    this.at += 1 + m[0].length
    return { kind: 'param', name: m[0], op: '', word: undefined, quoted }
  }

  /** $(( ... )), or undefined where the second parenthesis opens a subshell. */
  #arith(quoted: boolean): Part | undefined {
    let depth = 0
    let i = this.at + 3
    for (; i < this.text.length; i++) {
      const c = this.text[i]
      if (c === '(') depth++
      else if (c === ')') {
        if (depth === 0) break
        depth--
      } else if (c === '\\') i++
    }
    if (i >= this.text.length) this.fail('unexpected end of file (expecting "))")', true)
    if (this.text[i + 1] !== ')') return undefined
    const inner = new Lexer(this.text.slice(this.at + 3, i), this.parseInner, this.line)
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
    const inner = new Lexer(source, this.parseInner, this.line)
    return { kind: 'command', list: this.parseInner(inner, '`'), quoted }
  }

  /** ${name op word}. */
  #braced(quoted: boolean): Part {
    const from = this.at
    this.at += 2
    const bad = (): never => this.fail('bad substitution')
    let name = ''
    const rest = (): string => this.text[this.at] ?? ''
    if (rest() === '#' && this.text[this.at + 1] !== '}' && !/[-+=?:%#]/.test(this.text[this.at + 1] ?? '')) {
      this.at++
      name = this.#paramName()
      if (name === '' || rest() !== '}') return bad()
      this.at++
      return { kind: 'param', name, op: 'length', word: undefined, quoted }
    }
    name = this.#paramName()
    if (name === '') {
      if (this.text.indexOf('}', this.at) < 0) this.fail("missing '}'", true)
      this.at = this.text.indexOf('}', from) + 1
      return { kind: 'param', name: this.text.slice(from, this.at), op: 'bad', word: undefined, quoted }
    }
    if (rest() === '}') {
      this.at++
      return { kind: 'param', name, op: '', word: undefined, quoted }
    }
    const two = this.text.slice(this.at, this.at + 2)
    let op: string
    if ([':-', ':=', ':+', ':?', '##', '%%', '//'].includes(two)) op = two
    else if ('-=+?#%:/'.includes(rest())) op = rest()
    else op = 'bad'
    if (op === 'bad') {
      const end = this.text.indexOf('}', this.at)
      if (end < 0) this.fail("missing '}'", true)
      this.at = end + 1
      return { kind: 'param', name: this.text.slice(from, this.at), op: 'bad', word: undefined, quoted }
    }
    this.at += op.length
    // Inside double quotes a pattern has its own quoting; a default value keeps the quotes around it.
    const own = /^[#%/]/.test(op)
    const word = this.#braceWord(
      quoted && !own,
      op === ':' || op.startsWith('/') ? (op === ':' ? ':' : '/') : undefined,
    )
    let more: Word | undefined
    if ((op === ':' || op.startsWith('/')) && this.text[this.at - 1] !== '}')
      more = this.#braceWord(quoted && op === ':', undefined)
    return { kind: 'param', name, op, word, quoted, ...(more ? { more } : {}) }
  }
  #paramName(): string {
    const c = this.text[this.at] ?? ''
    if (/[0-9]/.test(c)) {
      let n = ''
      while (/[0-9]/.test(this.text[this.at] ?? '')) n += this.text[this.at++]
      return n
    }
    if (c !== '' && '@*#?$!-'.includes(c)) {
      this.at++
      return c
    }
    nameRe.lastIndex = this.at
    const m = nameRe.exec(this.text)
    if (!m) return ''
    this.at += m[0].length
    return m[0]
  }
  /** Text up to the closing brace (taken) or a separator (taken). */
  #braceWord(quoted: boolean, separator: string | undefined): Word {
    const parts: Part[] = []
    let text = ''
    const flush = (): void => {
      if (text !== '') parts.push({ kind: 'text', text, quoted })
      text = ''
    }
    for (;;) {
      const c = this.text[this.at]
      if (c === undefined) this.fail("missing '}'", true)
      if (c === '}' || c === separator) {
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
        if (this.at >= this.text.length) break
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
        body += `${line}\n`
      }
      doc.body = quoted
        ? [{ kind: 'text', text: body, quoted: true }]
        : new Lexer(body, this.parseInner, this.line).quoted(undefined)
    }
  }
}

/** The escapes of $'...'. */
export function ansi(text: string): string {
  const simple: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', e: '\x1b', f: '\f', v: '\v' }
  return text.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])/g, (_, e: string) => {
    if (e[0] === 'x' && e.length > 1) return String.fromCharCode(Number.parseInt(e.slice(1), 16))
    if (/^[0-7]/.test(e)) return String.fromCharCode(Number.parseInt(e, 8) & 255)
    return simple[e] ?? (`\\'"?`.includes(e) ? e : `\\${e}`)
  })
}
