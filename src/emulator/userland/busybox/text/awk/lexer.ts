/** awk's words. A program is text of one character a byte. */

export type TokenKind =
  | 'number'
  | 'string'
  | 'regex'
  | 'name'
  /** A name with `(` right behind it: a function of the program. */
  | 'function'
  | 'builtin'
  | 'keyword'
  | 'operator'
  | 'newline'
  | 'end'
export interface Token {
  readonly kind: TokenKind
  /** The text; of strings, with escapes read. */
  readonly text: string
  readonly line: number
}
/** What stops a program, with busybox's words; printed as `awk: cmd. line:LINE: MESSAGE`. */
export class AwkError {
  readonly message: string
  readonly line: number
  constructor(message: string, line: number) {
    this.message = message
    this.line = line
  }
}
export const UNEXPECTED_TOKEN = 'Unexpected token'
export const UNEXPECTED_END = 'Unexpected end of string'

const KEYWORDS = new Set(
  'BEGIN END function func if else while for do break continue next nextfile exit return delete in getline print printf'.split(
    ' ',
  ),
)
export const BUILTINS: ReadonlySet<string> = new Set(
  'length substr index split sub gsub gensub match sprintf sin cos atan2 exp log sqrt int rand srand tolower toupper system close fflush and or xor lshift rshift compl strftime mktime systime'.split(
    ' ',
  ),
)
const OPERATORS = /^(\*\*=|\*\*|&&|\|\||\+\+|--|\+=|-=|\*=|\/=|%=|\^=|==|<=|>=|!=|!~|>>|[-+*/%^!<>|?:~$=,;(){}[\]])/
const controls: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
}

/** Escapes of a string constant (and of -v): `\n`, `\101`, `\x41`; others lose their backslash. */
export function readEscapes(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S]|$)/g, (all, e: string) => {
    if (/^x./.test(e)) return String.fromCharCode(Number.parseInt(e.slice(1), 16))
    if (/^[0-7]/.test(e)) return String.fromCharCode(Number.parseInt(e, 8) & 255)
    if (e === '\n') return ''
    return e === '' ? all : (controls[e] ?? e)
  })
}

/** All words of a program. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  let line = 1
  const push = (kind: TokenKind, text: string): void => {
    tokens.push({ kind, text, line })
  }
  /** Whether a `/` here divides. */
  const afterValue = (): boolean => {
    const last = tokens.at(-1)
    if (!last) return false
    if (last.kind === 'operator') return /^(\)|\]|\$|\+\+|--)$/.test(last.text)
    return last.kind === 'number' || last.kind === 'string' || last.kind === 'name' || last.kind === 'builtin'
  }
  while (at < source.length) {
    const rest = source.slice(at, at + 400)
    const blank = /^([ \t\r]+|\\\r?\n|#[^\n]*)/.exec(rest)
    if (blank) {
      if (blank[0].startsWith('\\')) line++
      at += blank[0].length
      continue
    }
    const c = source[at] as string
    if (c === '\n') {
      push('newline', c)
      line++
      at++
      continue
    }
    if (c === '"') {
      let end = at + 1
      while (end < source.length && source[end] !== '"') {
        if (source[end] === '\n') throw new AwkError(UNEXPECTED_END, line)
        end += source[end] === '\\' ? 2 : 1
      }
      if (end >= source.length) throw new AwkError(UNEXPECTED_END, line)
      push('string', readEscapes(source.slice(at + 1, end)))
      at = end + 1
      continue
    }
    if (c === '/' && !afterValue()) {
      let text = ''
      let bracket = false
      let end = at + 1
      for (; ; end++) {
        const r = source[end]
        if (r === undefined || r === '\n') throw new AwkError(UNEXPECTED_END, line)
        if (r === '\\') {
          const e = source[++end] ?? ''
          text += e === '/' ? '/' : e === '"' ? '"' : `\\${e}`
          continue
        }
        if (r === '[' && !bracket) {
          // A `]` right behind `[` or `[^` is itself.
          const open = /^\[\^?\]?/.exec(source.slice(end, end + 3)) as RegExpExecArray
          text += open[0]
          end += open[0].length - 1
          bracket = true
          continue
        }
        if (r === ']') bracket = false
        if (r === '/' && !bracket) break
        text += r
      }
      push('regex', text)
      at = end + 1
      continue
    }
    const number = /^(0[xX][0-9a-fA-F]+|(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)/.exec(rest)
    if (number) {
      push('number', number[0])
      at += number[0].length
      continue
    }
    const word = /^[A-Za-z_]\w*/.exec(source.slice(at))
    if (word) {
      const name = word[0]
      at += name.length
      if (KEYWORDS.has(name)) push('keyword', name === 'func' ? 'function' : name)
      else if (BUILTINS.has(name)) push('builtin', name)
      else push(source[at] === '(' ? 'function' : 'name', name)
      continue
    }
    const operator = OPERATORS.exec(rest)
    if (!operator) throw new AwkError(UNEXPECTED_TOKEN, line)
    push('operator', operator[0] === '**' ? '^' : operator[0] === '**=' ? '^=' : operator[0])
    at += operator[0].length
  }
  push('newline', '\n')
  push('end', '')
  return tokens
}
