/** The words of a template: Go's text/template/parse/lex.go. */

/** What a word is; `error` ends the list, its text is Go's complaint. */
export type Kind =
  | 'text'
  | 'open'
  | 'close'
  | 'space'
  | 'bool'
  | 'nil'
  | 'number'
  | 'character'
  | 'string'
  | 'raw'
  | 'identifier'
  | 'keyword'
  | 'dot'
  | 'field'
  | 'variable'
  | 'pipe'
  | 'assign'
  | 'declare'
  | 'left'
  | 'right'
  | 'other'
  | 'end'
  | 'error'
export interface Token {
  readonly kind: Kind
  readonly text: string
  /** Characters before it. */
  readonly at: number
}
const keywords = ['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'range', 'template', 'with']
const isSpace = (ch: string): boolean => /^[ \t\r\n]$/.test(ch)
const isWord = (ch: string): boolean => /^[_\p{L}\p{Nd}]$/u.test(ch)
/** A character as %#U shows it: U+007D '}'. */
const unicode = (ch: string): string =>
  `U+${(ch.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}${/[\p{C}\p{Z}]/u.test(ch) ? '' : ` '${ch}'`}`

/** All words of a template. Words before an error stand as they are: what comes first is told first. */
export function lex(source: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  const emit = (kind: Kind, from: number): void => void tokens.push({ kind, text: source.slice(from, at), at: from })
  const fail = (text: string, from = at): readonly Token[] => [...tokens, { kind: 'error', text, at: from }]
  const closes = (): boolean =>
    source.startsWith('}}', at) || (isSpace(source[at] ?? '') && source.startsWith('-}}', at + 1))
  /** A word that may follow a field or a variable. */
  const atTerminator = (): boolean => {
    const ch = source[at]
    return ch === undefined || isSpace(ch) || '.,|:)('.includes(ch) || closes()
  }
  let trimmed = false
  while (at < source.length) {
    const open = source.indexOf('{{', at)
    const until = open < 0 ? source.length : open
    const trims = open >= 0 && source[open + 2] === '-' && isSpace(source[open + 3] ?? '')
    let text = source.slice(at, until)
    const lead = trimmed ? text.length - text.trimStart().length : 0
    text = text.slice(lead)
    if (trims) text = text.trimEnd()
    if (text !== '') tokens.push({ kind: 'text', text, at: at + lead })
    if (open < 0) break
    at = open
    const inside = open + (trims ? 4 : 2)
    if (source.startsWith('/*', inside)) {
      const end = source.indexOf('*/', inside)
      if (end < 0) return fail('unclosed comment')
      at = end + 2
      trimmed = isSpace(source[at] ?? '') && source.startsWith('-}}', at + 1)
      if (!trimmed && !source.startsWith('}}', at)) return fail('comment ends before closing delimiter')
      at += trimmed ? 4 : 2
      continue
    }
    at = open + 2
    emit('open', open)
    at = inside
    let depth = 0
    for (;;) {
      const from = at
      if (closes()) {
        if (depth > 0) return fail('unclosed left paren')
        trimmed = source[at] !== '}'
        at += trimmed ? 4 : 2
        emit('close', from)
        break
      }
      const ch = source[at]
      if (ch === undefined) return fail('unclosed action')
      at++
      if (isSpace(ch)) {
        while (isSpace(source[at] ?? '') && !closes()) at++
        emit('space', from)
      } else if (ch === '=') emit('assign', from)
      else if (ch === ':') {
        if (source[at++] !== '=') return fail('expected :=')
        emit('declare', from)
      } else if (ch === '|') emit('pipe', from)
      else if (ch === '"' || ch === "'") {
        const what = ch === '"' ? 'unterminated quoted string' : 'unterminated character constant'
        while (source[at] !== ch) {
          if (source[at] === '\\') at++
          if (source[at] === undefined || source[at] === '\n') return fail(what, from)
          at++
        }
        at++
        emit(ch === '"' ? 'string' : 'character', from)
      } else if (ch === '`') {
        at = source.indexOf('`', at) + 1
        if (at === 0) return fail('unterminated raw quoted string', from)
        emit('raw', from)
      } else if (ch === '$' || (ch === '.' && !/^\d$/.test(source[at] ?? ''))) {
        while (isWord(source[at] ?? '')) at++
        if (!atTerminator()) return fail(`bad character ${unicode([...source.slice(at)][0] as string)}`, at)
        emit(ch === '$' ? 'variable' : at === from + 1 ? 'dot' : 'field', from)
      } else if (/^[-+.\d]$/.test(ch)) {
        at = from
        const m =
          /^[-+]?(0[xX][\da-fA-F_]*(\.[\da-fA-F_]*)?([pP][-+]?\d+)?|0[bBoO][\d_]*|[\d_]*(\.[\d_]*)?([eE][-+]?[\d_]+)?)i?/.exec(
            source.slice(at),
          ) as RegExpExecArray
        at += m[0].length
        if (m[0] === '' || isWord(source[at] ?? '')) {
          at++
          return fail(`bad number syntax: ${JSON.stringify(source.slice(from, at))}`, from)
        }
        emit('number', from)
      } else if (isWord(ch)) {
        while (isWord(source[at] ?? '')) at++
        const word = source.slice(from, at)
        if (!atTerminator()) return fail(`bad character ${unicode([...source.slice(at)][0] as string)}`, at)
        const bool = word === 'true' || word === 'false'
        emit(keywords.includes(word) ? 'keyword' : bool ? 'bool' : word === 'nil' ? 'nil' : 'identifier', from)
      } else if (ch === '(') {
        depth++
        emit('left', from)
      } else if (ch === ')') {
        if (--depth < 0) return fail('unexpected right paren', from)
        emit('right', from)
      } else if (/^[!-~]$/.test(ch)) emit('other', from)
      else return fail(`unrecognized character in action: ${unicode([...source.slice(from)][0] as string)}`, from)
    }
  }
  return [...tokens, { kind: 'end', text: '', at: source.length }]
}
