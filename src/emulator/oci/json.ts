/** JSON from outside: why it can't be parsed, in Go's words and not in those of the machine that the emulator runs on. */

/** A character as Go's quoteChar shows it. */
const shown = (ch: string): string =>
  ch === "'" ? "'\\''" : ch === '"' ? `'"'` : `'${JSON.stringify(ch).slice(1, -1)}'`
const END = 'unexpected end of JSON input'
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
  value(depth = 0): void {
    const ch = this.blanks()
    if (depth > 10000) throw new Fault('exceeded max depth')
    if (ch === '{') this.members(depth)
    else if (ch === '[') this.elements(depth)
    else if (ch === '"') this.string()
    else if (ch !== undefined && /^[-\d]$/.test(ch)) this.number()
    else if (ch === 't') this.word('true')
    else if (ch === 'f') this.word('false')
    else if (ch === 'n') this.word('null')
    else this.fail('looking for beginning of value')
  }
  members(depth: number): void {
    this.at++
    if (this.blanks() === '}') {
      this.at++
      return
    }
    for (;;) {
      if (this.blanks() !== '"') this.fail('looking for beginning of object key string')
      this.string()
      if (this.blanks() !== ':') this.fail('after object key')
      this.at++
      this.value(depth + 1)
      const next = this.blanks()
      if (next !== ',' && next !== '}') this.fail('after object key:value pair')
      this.at++
      if (next === '}') return
    }
  }
  elements(depth: number): void {
    this.at++
    if (this.blanks() === ']') {
      this.at++
      return
    }
    for (;;) {
      this.value(depth + 1)
      const next = this.blanks()
      if (next !== ',' && next !== ']') this.fail('after array element')
      this.at++
      if (next === ']') return
    }
  }
}

/** encoding/json's complaint about a text that JSON.parse refuses. */
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
