/**
 * Words of a Dockerfile: quotes, escapes and variables as BuildKit's shell lexer reads them
 * (Dockerfile reference, "Environment replacement").
 */

export interface WordOptions {
  /** The escape character of the file: a backslash or a backtick. */
  readonly escape?: string
  /** Quotes stay, as for words that a shell will read. */
  readonly rawQuotes?: boolean
  readonly rawEscapes?: boolean
  /** A variable that isn't set stays as it is written. */
  readonly keepUnset?: boolean
  /** Names of variables that were asked for and aren't set are put here. */
  readonly missing?: Set<string>
}
/** A variable's value; undefined where it isn't set. */
export type Lookup = (name: string) => string | undefined
export interface WordError {
  readonly error: string
}
export interface Expanded {
  /** The whole text as one word. */
  readonly text: string
  /** Split at blanks that aren't quoted. */
  readonly words: readonly string[]
}

class Problem {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
const END = ''
const letter = /[\p{L}\p{Nd}_]/u
const digit = /\p{Nd}/u
const special = new Set(['@', '*', '#', '?', '-', '!', '$', '0'])

/** Collects words: blanks end one, unless they come raw. */
class Splitter {
  readonly words: string[] = []
  #word = ''
  #open = false
  add(ch: string): void {
    if (/\s/.test(ch)) this.end()
    else this.raw(ch)
  }
  /** What a variable held: its blanks split, too. */
  text(text: string): void {
    for (const ch of text) this.add(ch)
  }
  raw(text: string): void {
    this.#word += text
    this.#open = true
  }
  end(): void {
    if (this.#open) this.words.push(this.#word)
    this.#word = ''
    this.#open = false
  }
}

class Lexer {
  readonly chars: readonly string[]
  readonly lookup: Lookup
  readonly o: WordOptions
  readonly escape: string
  at = 0
  constructor(text: string, lookup: Lookup, o: WordOptions) {
    this.chars = [...text]
    this.lookup = lookup
    this.o = o
    this.escape = o.escape ?? '\\'
  }
  peek(): string {
    return this.chars[this.at] ?? END
  }
  next(): string {
    return this.chars[this.at++] ?? END
  }
  /** Up to `stop` (taken, not answered) or the end. */
  until(stop: string, rawEscapes: boolean): Expanded {
    let text = ''
    const split = new Splitter()
    while (this.peek() !== END) {
      const ch = this.peek()
      if (stop !== END && ch === stop) {
        this.next()
        split.end()
        return { text, words: split.words }
      }
      if (ch === "'" || ch === '"') {
        const inner = ch === "'" ? this.single() : this.double()
        text += inner
        split.raw(inner)
      } else if (ch === '$') {
        const value = this.dollar()
        text += value
        split.text(value)
      } else {
        this.next()
        if (ch !== this.escape) {
          text += ch
          split.add(ch)
          continue
        }
        if (rawEscapes || this.o.rawEscapes) {
          text += ch
          split.raw(ch)
        }
        const escaped = this.next()
        if (escaped === END) break
        text += escaped
        split.raw(escaped)
      }
    }
    if (stop !== END) throw new Problem(`unexpected end of statement while looking for matching ${stop}`)
    split.end()
    return { text, words: split.words }
  }
  single(): string {
    this.next()
    let out = this.o.rawQuotes ? "'" : ''
    for (;;) {
      const ch = this.next()
      if (ch === END) throw new Problem('unexpected end of statement while looking for matching single-quote')
      if (ch === "'") return this.o.rawQuotes ? `${out}'` : out
      out += ch
    }
  }
  double(): string {
    this.next()
    let out = this.o.rawQuotes ? '"' : ''
    for (;;) {
      const ch = this.peek()
      if (ch === END) throw new Problem('unexpected end of statement while looking for matching double-quote')
      if (ch === '"') {
        this.next()
        return this.o.rawQuotes ? `${out}"` : out
      }
      if (ch === '$') {
        out += this.dollar()
        continue
      }
      this.next()
      if (ch !== this.escape) {
        out += ch
        continue
      }
      if (this.o.rawEscapes) out += ch
      const after = this.peek()
      // A lone escape at the end is dropped; only these may be escaped, before others the escape stays.
      if (after === END) continue
      if (after === '"' || after === '$' || after === this.escape) out += this.next()
      else if (!this.o.rawEscapes) out += ch
    }
  }
  name(): string {
    let name = ''
    for (let ch = this.peek(); ch !== END; ch = this.peek()) {
      if (name === '' && digit.test(ch)) {
        while (digit.test(this.peek())) name += this.next()
        return name
      }
      if (name === '' && special.has(ch)) return this.next()
      if (!letter.test(ch)) break
      name += this.next()
    }
    return name
  }
  value(name: string): string | undefined {
    const value = this.lookup(name)
    if (value === undefined) this.o.missing?.add(name)
    return value
  }
  dollar(): string {
    this.next()
    if (this.peek() !== '{') {
      const name = this.name()
      if (name === '') return '$'
      return this.value(name) ?? (this.o.keepUnset ? `$${name}` : '')
    }
    this.next()
    const first = this.peek()
    if (first === END) throw new Problem("syntax error: missing '}'")
    if (first === '{' || first === '}' || first === ':') throw new Problem('syntax error: bad substitution')
    const name = this.name()
    let ch = this.next()
    if (ch === END) throw new Problem("syntax error: missing '}'")
    if (ch === '}') return this.value(name) ?? (this.o.keepUnset ? `\${${name}}` : '')
    let modifier = ch
    const orNull = ch === ':'
    if (orNull) {
      ch = this.next()
      modifier += ch
    }
    switch (ch) {
      case '+':
      case '-':
      case '?':
        return this.conditional(name, ch, orNull, modifier)
      case '#':
      case '%':
        if (!orNull) return this.trimmed(name, ch)
        break
      case '/':
        if (!orNull) return this.replaced(name)
    }
    throw new Problem(`unsupported modifier (${modifier}) in substitution`)
  }
  /** The word of a modifier, up to the closing brace. */
  word(stop: string, rawEscapes: boolean): string {
    try {
      return this.until(stop, rawEscapes).text
    } catch (e) {
      if (e instanceof Problem && this.peek() === END) throw new Problem("syntax error: missing '}'")
      throw e
    }
  }
  conditional(name: string, kind: '+' | '-' | '?', orNull: boolean, modifier: string): string {
    const word = this.word('}', false)
    const value = this.lookup(name)
    const unset = value === undefined || (orNull && value === '')
    if (value === undefined && this.o.keepUnset) return `\${${name}${modifier}${word}}`
    switch (kind) {
      case '-':
        return unset ? word : (value as string)
      case '+':
        return unset ? '' : word
      case '?':
        if (!unset) return value as string
        throw new Problem(`${name}: ${word || `is not allowed to be ${value === undefined ? 'unset' : 'empty'}`}`)
    }
  }
  /** ${name#pattern}, ##, %, %% */
  trimmed(name: string, kind: '#' | '%'): string {
    const greedy = this.peek() === kind
    if (greedy) this.next()
    const pattern = this.word('}', true)
    const value = this.value(name)
    if (value === undefined) return this.o.keepUnset ? `\${${name}${greedy ? kind + kind : kind}${pattern}}` : ''
    const source = globSource(pattern, this.escape, greedy)
    if (kind === '#') return value.replace(new RegExp(`^${source}`, 'su'), '')
    // The shortest end that matches is the one that begins last.
    const whole = new RegExp(`^${globSource(pattern, this.escape, true)}$`, 'su')
    const chars = [...value]
    const starts = chars.map((_, i) => i).concat(chars.length)
    for (const i of greedy ? starts : starts.reverse())
      if (whole.test(chars.slice(i).join(''))) return chars.slice(0, i).join('')
    return value
  }
  /** ${name/pattern/word}, ${name//pattern/word} */
  replaced(name: string): string {
    const all = this.peek() === '/'
    if (all) this.next()
    const pattern = this.word('/', true)
    const word = this.word('}', true)
    const value = this.value(name)
    if (value === undefined) return this.o.keepUnset ? `\${${name}/${all ? '/' : ''}${pattern}/${word}}` : ''
    return value.replace(new RegExp(globSource(pattern, this.escape, true), all ? 'gsu' : 'su'), () => word)
  }
}
/** A pattern of `*` and `?` as a regular expression's source. */
function globSource(pattern: string, token: string, greedy: boolean): string {
  let out = ''
  const chars = [...pattern]
  for (let i = 0; i < chars.length; i++) {
    const ch = chars[i] as string
    if (ch === token && i + 1 < chars.length) out += quote(chars[++i] as string)
    else if (ch === '*') {
      while (chars[i + 1] === '*') i++
      out += greedy ? '.*' : '.*?'
    } else if (ch === '?') out += '.'
    else out += quote(ch)
  }
  return out
}
const quote = (ch: string): string => (/[\\^$.*+?()[\]{}|/]/.test(ch) ? `\\${ch}` : ch)

/** Expands a text; an error in BuildKit's words where it is malformed or a variable is demanded. */
export function expand(text: string, lookup: Lookup, options: WordOptions = {}): Expanded | WordError {
  try {
    return new Lexer(text, lookup, options).until(END, false)
  } catch (e) {
    if (e instanceof Problem) return { error: e.message }
    throw e
  }
}
