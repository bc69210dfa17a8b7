/** JSON from outside: why it can't be parsed, in Go's words and not in those of the machine that the emulator runs on. */

/** A character as Go's quoteChar shows it. */
const shown = (ch: string): string =>
  ch === "'" ? "'\\''" : ch === '"' ? `'"'` : `'${JSON.stringify(ch).slice(1, -1)}'`
const END = 'unexpected end of JSON input'
/** encoding/json's maxNestingDepth. */
const MAX_DEPTH = 10_000
class Fault {
  readonly why: string
  constructor(why: string) {
    this.why = why
  }
}

/** Reads a text as encoding/json's scanner does; throws the Fault that it meets first. */
class Scanner {
  readonly text: readonly string[]
  at = 0
  constructor(text: string) {
    this.text = [...text]
  }
  fail(context: string): never {
    const ch = this.text[this.at]
    throw new Fault(ch === undefined ? END : `invalid character ${shown(ch)} ${context}`)
  }
  blanks(): string | undefined {
    while (/^[ \t\r\n]$/.test(this.text[this.at] ?? '')) this.at++
    return this.text[this.at]
  }
  /** The digits from here; at least one is wanted. */
  digits(context: string): void {
    if (!/^\d$/.test(this.text[this.at] ?? '')) this.fail(context)
    while (/^\d$/.test(this.text[this.at] ?? '')) this.at++
  }
  number(): void {
    if (this.text[this.at] === '-') this.at++
    if (this.text[this.at] === '0') this.at++
    else this.digits('in numeric literal')
    if (this.text[this.at] === '.') {
      this.at++
      this.digits('after decimal point in numeric literal')
    }
    if (/^e$/i.test(this.text[this.at] ?? '')) {
      this.at++
      if (/^[-+]$/.test(this.text[this.at] ?? '')) this.at++
      this.digits('in exponent of numeric literal')
    }
  }
  string(): void {
    this.at++
    for (;;) {
      const ch = this.text[this.at]
      if (ch === undefined || ch < ' ') this.fail('in string literal')
      this.at++
      if (ch === '"') return
      if (ch !== '\\') continue
      const code = this.text[this.at]
      if (!/^[bfnrt\\/"u]$/.test(code ?? '')) this.fail('in string escape code')
      this.at++
      for (let n = 0; code === 'u' && n < 4; n++, this.at++)
        if (!/^[0-9a-fA-F]$/.test(this.text[this.at] ?? '')) this.fail('in \\u hexadecimal character escape')
    }
  }
  word(word: string): void {
    for (const [n, letter] of [...word].entries()) {
      if (this.text[this.at] !== letter) this.fail(`in literal ${word} (expecting '${word[n]}')`)
      this.at++
    }
  }
  /** A key and its colon. */
  key(): void {
    if (this.blanks() !== '"') this.fail('looking for beginning of object key string')
    this.string()
    if (this.blanks() !== ':') this.fail('after object key')
    this.at++
  }
  /** One whole value. What is open is a list and not the call stack: a hostile text may nest as deep as it is long. */
  value(): void {
    const open: ('{' | '[')[] = []
    for (;;) {
      const ch = this.blanks()
      if (ch === '{' || ch === '[') {
        this.at++
        if (open.length >= MAX_DEPTH) throw new Fault('exceeded max depth')
        if (this.blanks() !== (ch === '{' ? '}' : ']')) {
          open.push(ch)
          if (ch === '{') this.key()
          continue
        }
        this.at++
      } else if (ch === '"') this.string()
      else if (ch !== undefined && /^[-\d]$/.test(ch)) this.number()
      else if (ch === 't') this.word('true')
      else if (ch === 'f') this.word('false')
      else if (ch === 'n') this.word('null')
      else this.fail('looking for beginning of value')
      // A value has ended, and with it perhaps those around it.
      for (;;) {
        const around = open.at(-1)
        if (around === undefined) return
        const next = this.blanks()
        if (next !== ',' && next !== (around === '{' ? '}' : ']'))
          this.fail(around === '{' ? 'after object key:value pair' : 'after array element')
        this.at++
        if (next !== ',') {
          open.pop()
          continue
        }
        if (around === '{') this.key()
        break
      }
    }
  }
}

/** encoding/json's complaint about a text that isn't JSON, or nests too deeply for it. */
export function jsonComplaint(text: string): string {
  const scanner = new Scanner(text)
  try {
    scanner.value()
    if (scanner.blanks() !== undefined) scanner.fail('after top-level value')
  } catch (fault) {
    if (fault instanceof Fault) return fault.why
    throw fault
  }
  return END
}
/** Whether lists and objects nest deeper than Go reads: JSON.parse has no such limit, and what walks the value has a stack. */
function tooDeep(text: string): boolean {
  let depth = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (quoted) {
      if (c === 92) i++
      else if (c === 34) quoted = false
    } else if (c === 34) quoted = true
    else if (c === 123 || c === 91) {
      if (++depth > MAX_DEPTH) return true
    } else if (c === 125 || c === 93) depth--
  }
  return false
}

/** A text that was refused, and why. */
export interface Refused {
  readonly refused: string
}
/** What a text says as JSON, or Go's complaint (json.Unmarshal). */
export function parseJson(text: string): { readonly value: unknown } | Refused {
  if (text.length > MAX_DEPTH && tooDeep(text)) return { refused: 'exceeded max depth' }
  try {
    return { value: JSON.parse(text) }
  } catch {
    return { refused: jsonComplaint(text) }
  }
}
/** How json.Decoder, which reads a stream, words what json.Unmarshal says of a text that ends too early. */
export const streamComplaint = (complaint: string, text: string): string =>
  complaint !== END ? complaint : text.trim() === '' ? 'EOF' : 'unexpected EOF'
