/** A line of cmd.exe taken apart: commands, pipes, redirections and what joins them (help cmd, help if, help for). */

export interface Redirection {
  readonly from: 0 | 1 | 2
  readonly append: boolean
  /** A file, or the number of a stream (2>&1). */
  readonly to: string | 1 | 2
}
export type Node =
  | { readonly kind: 'command'; readonly text: string; readonly redirections: readonly Redirection[] }
  | { readonly kind: 'group'; readonly body: readonly Node[]; readonly redirections: readonly Redirection[] }
  | { readonly kind: 'pipe'; readonly left: Node; readonly right: Node }
  /** `&`, `&&`, `||`: the second after the first; if it went well; if not. */
  | { readonly kind: 'join'; readonly operator: '&' | '&&' | '||'; readonly left: Node; readonly right: Node }
  | {
      readonly kind: 'if'
      readonly not: boolean
      readonly test: readonly string[]
      readonly then: Node
      readonly otherwise: Node | undefined
    }
  | {
      readonly kind: 'for'
      readonly option: string
      readonly name: string
      readonly items: string
      readonly body: Node
    }

/** What can't be taken apart: cmd says no more than which word it stumbled over. */
export class Unexpected {
  readonly message: string
  constructor(token: string) {
    this.message =
      token === '' ? 'The syntax of the command is incorrect.\n' : `${token} was unexpected at this time.\n`
  }
}

class Reader {
  readonly #text: string
  #at = 0
  /** Inside brackets a closing one ends a command. */
  #depth = 0
  constructor(text: string) {
    this.#text = text
  }
  all(): Node[] {
    const out: Node[] = []
    for (;;) {
      this.#blank(true)
      if (this.#at >= this.#text.length) return out
      if (this.#peek(')') && this.#depth > 0) return out
      out.push(this.#joined())
    }
  }
  #peek(s: string): boolean {
    return this.#text.startsWith(s, this.#at)
  }
  #blank(lines = false): void {
    while (/[ \t\r,;=]/.test(this.#text[this.#at] ?? '') || (lines && this.#peek('\n'))) this.#at++
  }
  #joined(): Node {
    let left = this.#piped()
    for (;;) {
      this.#blank()
      const operator = this.#peek('&&') ? '&&' : this.#peek('||') ? '||' : this.#peek('&') ? '&' : undefined
      if (operator === undefined) return left
      this.#at += operator.length
      this.#blank(this.#depth > 0)
      if (this.#at >= this.#text.length || this.#peek('\n')) {
        if (operator === '&') return left
        throw new Unexpected('')
      }
      left = { kind: 'join', operator, left, right: this.#piped() }
    }
  }
  #piped(): Node {
    const left = this.#one()
    this.#blank()
    if (!this.#peek('|') || this.#peek('||')) return left
    this.#at++
    this.#blank()
    if (this.#at >= this.#text.length) throw new Unexpected('')
    return { kind: 'pipe', left, right: this.#piped() }
  }
  #word(): string {
    this.#blank()
    const m = /^(?:"[^"\n]*"|[^\s"()&|<>])+|^\S/.exec(this.#text.slice(this.#at))
    if (!m) throw new Unexpected('')
    this.#at += m[0].length
    return m[0]
  }
  #one(): Node {
    this.#blank()
    while (this.#peek('@')) this.#at++
    if (/^[|&<]/.test(this.#text.slice(this.#at))) throw new Unexpected(this.#text[this.#at] as string)
    if (this.#peek('(')) {
      const body = this.#group()
      return { kind: 'group', body, redirections: this.#redirections() }
    }
    const word = /^(if|for)(?=\s)/i.exec(this.#text.slice(this.#at))?.[1]?.toLowerCase()
    if (word === 'if') return this.#if()
    if (word === 'for') return this.#for()
    return this.#command()
  }
  #group(): Node[] {
    this.#at++
    this.#depth++
    const body = this.all()
    this.#depth--
    if (!this.#peek(')')) throw new Unexpected('')
    this.#at++
    return body
  }
  #if(): Node {
    this.#at += 2
    const test: string[] = []
    let not = false
    let first = this.#word()
    for (; /^(\/i|not)$/i.test(first); first = this.#word()) {
      if (/^not$/i.test(first)) not = true
      else test.push('/i')
    }
    if (/^(exist|defined|errorlevel)$/i.test(first)) test.push(first.toLowerCase(), this.#word())
    else {
      const whole = /^(.*?)==(.*)$/.exec(first)
      const back = this.#at
      if (whole) test.push(whole[1] as string, '==', whole[2] === '' ? this.#word() : (whole[2] as string))
      else {
        // `a == b` and `1 EQU 2`: the sign may stand apart; blanks include = signs.
        const sign = /^\s*==\s*/.exec(this.#text.slice(back))
        if (sign) this.#at += sign[0].length
        const operator = sign ? '==' : this.#word().toUpperCase()
        if (!/^(==|EQU|NEQ|LSS|LEQ|GTR|GEQ)$/.test(operator)) throw new Unexpected(operator)
        test.push(first, operator, this.#word())
      }
    }
    const then = this.#one()
    const back = this.#at
    this.#blank()
    const otherwise = /^else\b/i.test(this.#text.slice(this.#at)) ? this.#else() : undefined
    if (!otherwise) this.#at = back
    return { kind: 'if', not, test, then, otherwise }
  }
  #else(): Node {
    this.#at += 4
    return this.#one()
  }
  #for(): Node {
    this.#at += 3
    let option = ''
    let word = this.#word()
    if (word.startsWith('/')) {
      option = word.toLowerCase()
      word = this.#word()
      if (!/^%/.test(word)) {
        option += ` ${word}`
        word = this.#word()
      }
    }
    const name = /^%{1,2}([A-Za-z])$/.exec(word)?.[1]
    if (name === undefined) throw new Unexpected(word)
    if (this.#word().toLowerCase() !== 'in') throw new Unexpected(word)
    this.#blank()
    const m = /^\(([^)]*)\)/.exec(this.#text.slice(this.#at))
    if (!m) throw new Unexpected('')
    this.#at += m[0].length
    const done = this.#word()
    if (done.toLowerCase() !== 'do') throw new Unexpected(done)
    return { kind: 'for', option, name, items: m[1] as string, body: this.#one() }
  }
  #redirections(): Redirection[] {
    const out: Redirection[] = []
    for (;;) {
      const back = this.#at
      this.#blank()
      const r = this.#redirection()
      if (!r) {
        this.#at = back
        return out
      }
      out.push(r)
    }
  }
  #redirection(): Redirection | undefined {
    const m = /^([012])?(<|>>?)(?:&([12]))?/.exec(this.#text.slice(this.#at))
    if (!m) return undefined
    this.#at += m[0].length
    const from = m[2] === '<' ? 0 : m[1] === '2' ? 2 : 1
    if (m[3] !== undefined) return { from, append: false, to: m[3] === '1' ? 1 : 2 }
    return { from, append: m[2] === '>>', to: this.#word().replace(/"/g, '') }
  }
  #command(): Node {
    let text = ''
    let quoted = false
    const redirections: Redirection[] = []
    for (;;) {
      const c = this.#text[this.#at]
      if (c === undefined || c === '\n') break
      if (c === '"') quoted = !quoted
      if (!quoted) {
        if (c === '^') {
          text += this.#text[this.#at + 1] ?? ''
          this.#at += 2
          continue
        }
        if (c === '&' || c === '|' || (c === ')' && this.#depth > 0)) break
        // A digit before the sign belongs to it where a blank stands before the digit.
        const sign = /^[012]?[<>]/.test(this.#text.slice(this.#at)) && (!/\d/.test(c) || /(^|\s)$/.test(text))
        if (sign) {
          const r = this.#redirection()
          if (r) redirections.push(r)
          continue
        }
      }
      text += c
      this.#at++
    }
    return { kind: 'command', text: text.trim(), redirections }
  }
}
/** The commands of a text, a line or a batch file's part. Throws Unexpected. */
export const parse = (text: string): readonly Node[] => new Reader(text).all()
