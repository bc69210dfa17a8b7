/** sed's language: POSIX's, as busybox reads it. A script is text of one character a byte. */
import { compileRegex, type Regex } from '../../../lib/regex.ts'

/** What an address says; `last` is `$`, `plus` is `,+N`. */
export type Address =
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'last' }
  /** Without an expression: the one used last. */
  | { readonly kind: 'match'; readonly regex: Regex | undefined }
  | { readonly kind: 'plus'; readonly lines: number }

export interface Substitution {
  readonly regex: Regex | undefined
  readonly replacement: string
  readonly global: boolean
  /** The first match that is replaced, from 1. */
  readonly which: number
  readonly print: boolean
}
export interface Command {
  readonly letter: string
  readonly from: Address | undefined
  readonly to: Address | undefined
  readonly negated: boolean
  /** Text of a, i, c; name of a label or of a file. */
  readonly text: string
  readonly substitution?: Substitution
  readonly translation?: ReadonlyMap<string, string>
}
export interface SedError {
  readonly error: string
}
class Refusal {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

const LETTERS = 'saicrw:btTydDgGhHlnNpPqx={}'
const controls: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07' }

/** Reads a script; the error is what is said after `sed: `. */
export function parseScript(script: string, extended: boolean): readonly Command[] | SedError {
  try {
    return new Parser(script, extended).commands()
  } catch (refusal) {
    if (refusal instanceof Refusal) return { error: refusal.message }
    throw refusal
  }
}

class Parser {
  readonly #script: string
  readonly #extended: boolean
  #at = 0
  constructor(script: string, extended: boolean) {
    this.#script = script
    this.#extended = extended
  }
  get #next(): string {
    return this.#script[this.#at] ?? ''
  }
  #skip(set: RegExp): void {
    while (this.#at < this.#script.length && set.test(this.#next)) this.#at++
  }
  commands(): readonly Command[] {
    const list: Command[] = []
    for (;;) {
      this.#skip(/[\s;]/)
      if (this.#at >= this.#script.length) return list
      if (this.#next === '#') {
        this.#line()
        continue
      }
      list.push(this.#command())
    }
  }
  /** The rest of the line. */
  #line(): string {
    const end = this.#script.indexOf('\n', this.#at)
    const text = this.#script.slice(this.#at, end < 0 ? undefined : end)
    this.#at = end < 0 ? this.#script.length : end + 1
    return text
  }
  #command(): Command {
    const from = this.#address(false)
    let to: Address | undefined
    if (this.#next === ',') {
      this.#at++
      this.#skip(/[ \t]/)
      to = this.#address(true)
      if (!to) throw new Refusal('no address after comma')
    }
    this.#skip(/\s/)
    const negated = this.#next === '!'
    if (negated) this.#at++
    this.#skip(/\s/)
    const letter = this.#next
    if (letter === '') throw new Refusal('missing command')
    if (!LETTERS.includes(letter)) throw new Refusal(`unsupported command ${letter}`)
    this.#at++
    const base = { letter, from, to, negated, text: '' }
    switch (letter) {
      case 's':
        return this.#substitute(base)
      case 'y':
        return { ...base, translation: this.#translation() }
      case 'a':
      case 'i':
      case 'c':
        return { ...base, text: this.#text() }
      case 'r':
      case 'w':
        return { ...base, text: this.#file() }
      case ':':
      case 'b':
      case 't':
      case 'T': {
        this.#skip(/[ \t]/)
        const m = /^[^; \n\r\t\v]*/.exec(this.#script.slice(this.#at)) as RegExpExecArray
        this.#at += m[0].length
        return { ...base, text: m[0] }
      }
      default:
        return base
    }
  }
  #address(second: boolean): Address | undefined {
    const rest = this.#script.slice(this.#at)
    const number = /^\d+/.exec(rest)
    if (number) {
      this.#at += number[0].length
      return { kind: 'line', line: Number(number[0]) }
    }
    const plus = second && /^\+(\d*)/.exec(rest)
    if (plus) {
      this.#at += plus[0].length
      return { kind: 'plus', lines: Number(plus[1]) }
    }
    if (rest[0] === '$') {
      this.#at++
      return { kind: 'last' }
    }
    if (rest[0] !== '/' && rest[0] !== '\\') return undefined
    this.#at += rest[0] === '/' ? 1 : 2
    const delimiter = rest[0] === '/' ? '/' : (rest[1] ?? '')
    const source = this.#delimited(delimiter, true)
    const fold = this.#next === 'I'
    if (fold) this.#at++
    return { kind: 'match', regex: this.#compile(source, fold) }
  }
  /** Up to the next delimiter that isn't quoted (nor in a bracket expression), its escapes read; stands behind the delimiter after. */
  #delimited(delimiter: string, regex: boolean): string {
    let out = ''
    let bracket = -1
    for (let i = this.#at; i < this.#script.length; i++) {
      const c = this.#script[i] as string
      if (bracket >= 0) {
        const named = c === '[' && /^\[([:.=])[\s\S]*?\1\]/.exec(this.#script.slice(i, i + 40))
        if (named) {
          out += named[0]
          i += named[0].length - 1
          continue
        }
        // `]` is itself where it comes first.
        if (c === ']' && i > bracket + (this.#script[bracket + 1] === '^' ? 2 : 1)) bracket = -1
      } else if (c === delimiter) {
        this.#at = i + 1
        return out
      } else if (regex && c === '[') bracket = i
      if (c === '\n' && regex && bracket < 0) break
      if (c !== '\\') {
        out += c
        continue
      }
      const e = this.#script[++i]
      if (e === undefined) break
      const control = Object.hasOwn(controls, e) ? controls[e] : undefined
      if (e === delimiter && e !== '\\' && bracket < 0) out += e === '&' && !regex ? '\\&' : e
      else if (control !== undefined) out += control
      else if (bracket >= 0 && e === ']') {
        out += '\\'
        i--
      } else out += `\\${e}`
    }
    throw new Refusal(`unmatched '${delimiter}'`)
  }
  #compile(source: string, fold: boolean): Regex | undefined {
    if (source === '') return undefined
    const regex = compileRegex(source, this.#extended, fold ? 'i' : '')
    if ('error' in regex) throw new Refusal(`bad regex '${source}': ${regex.error}`)
    return regex
  }
  #substitute(base: Command): Command {
    const delimiter = this.#next
    if (delimiter === '' || delimiter === '\n' || delimiter === '\\')
      throw new Refusal('bad format in substitution expression')
    this.#at++
    const source = this.#delimited(delimiter, true)
    const replacement = this.#delimited(delimiter, false)
    let global = false
    let print = false
    let fold = false
    let which = 1
    for (;;) {
      const c = this.#next
      const number = /^\d+/.exec(this.#script.slice(this.#at))
      if (number) {
        which = Math.max(1, Number(number[0]))
        global = false
        this.#at += number[0].length
      } else if (c === 'w') {
        this.#at++
        const text = this.#file()
        return {
          ...base,
          text,
          substitution: { regex: this.#compile(source, fold), replacement, global, which, print },
        }
      } else if (c === 'g') global = true
      else if (c === 'p') print = true
      else if (c === 'i' || c === 'I') fold = true
      else if (c === '' || /[\s;}#]/.test(c)) break
      else throw new Refusal('bad option in substitution expression')
      if (!number) this.#at++
    }
    return { ...base, substitution: { regex: this.#compile(source, fold), replacement, global, which, print } }
  }
  #translation(): ReadonlyMap<string, string> {
    const delimiter = this.#next
    if (delimiter === '' || delimiter === '\n') throw new Refusal('bad format in y expression')
    this.#at++
    const plain = (text: string): string => text.replace(/\\([\s\S])/g, '$1')
    const from = plain(this.#delimited(delimiter, false))
    const to = plain(this.#delimited(delimiter, false))
    const map = new Map<string, string>()
    for (let i = 0; i < from.length && i < to.length; i++)
      if (!map.has(from[i] as string)) map.set(from[i] as string, to[i] as string)
    return map
  }
  /** The text of a, i, c: up to a line's end that no backslash quotes. */
  #text(): string {
    this.#skip(/[ \t]/)
    if (this.#next === '\\') {
      this.#at++
      // One-line form `a\text` and the classic one, whose text begins on the next line.
      const blank = /^[ \t]*\n/.exec(this.#script.slice(this.#at))
      if (blank) this.#at += blank[0].length
    }
    let out = ''
    while (this.#at < this.#script.length) {
      const c = this.#script[this.#at++] as string
      if (c === '\n') break
      if (c !== '\\') {
        out += c
        continue
      }
      const e = this.#script[this.#at++]
      if (e === undefined) break
      out += (Object.hasOwn(controls, e) ? controls[e] : undefined) ?? e
    }
    return out
  }
  #file(): string {
    this.#skip(/[ \t]/)
    const name = this.#line()
    if (name === '') throw new Refusal('empty filename')
    return name
  }
}
