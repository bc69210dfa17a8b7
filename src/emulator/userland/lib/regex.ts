/** POSIX basic and extended regular expressions, regex(7), as JavaScript ones over one character a byte. */

const classes: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  cntrl: '\\x00-\\x1f\\x7f',
  print: '\\x20-\\x7e',
  graph: '\\x21-\\x7e',
}

function bracket(source: string, from: number): { readonly text: string; readonly end: number } | undefined {
  let i = from + 1
  let out = '['
  if (source[i] === '^') {
    out += '^'
    i++
  }
  let first = true
  for (; i < source.length; i++, first = false) {
    const c = source[i] as string
    if (c === ']' && !first) return { text: `${out}]`, end: i }
    if (c === '[' && ':.='.includes(source[i + 1] ?? ' ')) {
      const kind = source[i + 1] as string
      const end = source.indexOf(`${kind}]`, i + 2)
      if (end > 0) {
        const name = source.slice(i + 2, end)
        out += kind === ':' ? (classes[name] ?? '') : name.replace(/[\\\]^-]/g, '\\$&')
        i = end + 1
        continue
      }
    }
    out += c === '-' ? (first || source[i + 1] === ']' ? '\\-' : '-') : '\\]^['.includes(c) ? `\\${c}` : c
  }
  return undefined
}

/** The JavaScript source of a POSIX expression; a message where it is wrong. */
export function regexSource(source: string, extended: boolean): string | { readonly error: string } {
  let out = ''
  let depth = 0
  let atStart = true
  for (let i = 0; i < source.length; i++) {
    const c = source[i] as string
    const special = extended ? c : c === '\\' ? `\\${source[i + 1] ?? ''}` : c
    if (c === '[') {
      const b = bracket(source, i)
      if (!b) return { error: 'Unmatched [, [^, [:, [., or [=' }
      out += b.text
      i = b.end
      atStart = false
      continue
    }
    const group = extended ? c === '(' : special === '\\('
    const close = extended ? c === ')' : special === '\\)'
    const alternate = extended ? c === '|' : special === '\\|'
    if (group) {
      depth++
      out += '('
      if (!extended) i++
      atStart = true
      continue
    }
    if (close && (depth > 0 || !extended)) {
      if (depth === 0) return { error: 'Unmatched ) or \\)' }
      depth--
      out += ')'
      if (!extended) i++
      atStart = false
      continue
    }
    if (alternate) {
      out += '|'
      if (!extended) i++
      atStart = true
      continue
    }
    if (extended ? c === '{' : special === '\\{') {
      const m = (extended ? /^\{(\d*)(,?)(\d*)\}/ : /^\\\{(\d*)(,?)(\d*)\\\}/).exec(source.slice(i))
      if (m && (m[1] !== '' || m[2] !== '') && !atStart) {
        out += `{${m[1] || '0'}${m[2]}${m[3]}}`
        i += m[0].length - 1
        continue
      }
      if (!extended) return { error: 'Unmatched \\{' }
      out += '\\{'
      continue
    }
    if (c === '\\') {
      const n = source[++i]
      if (n === undefined) return { error: 'Trailing backslash' }
      if (n === '<') out += '\\b(?=\\w)'
      else if (n === '>') out += '\\b(?<=\\w)'
      else if (n === '`') out += '^'
      else if (n === "'") out += '$'
      else if ('wWbBsS'.includes(n) || /[1-9]/.test(n)) out += `\\${n}`
      else if (n === 'n') out += '\\n'
      else if (n === 't') out += '\\t'
      else if (!extended && (n === '+' || n === '?')) out += atStart ? `\\${n}` : n
      else out += n.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
      atStart = false
      continue
    }
    if (c === '*') {
      out += atStart ? '\\*' : /[*+?]$/.test(out) && !/\\[*+?]$/.test(out) ? '' : '*'
      atStart = false
      continue
    }
    if (extended && (c === '+' || c === '?')) {
      out += atStart ? `\\${c}` : c
      continue
    }
    if (c === '^') {
      out += extended || atStart ? '^' : '\\^'
      continue
    }
    if (c === '$') {
      const rest = source.slice(i + 1)
      out += extended || rest === '' || rest.startsWith('\\)') || rest.startsWith('\\|') ? '$' : '\\$'
      atStart = false
      continue
    }
    out += c.replace(/[+?(){}|/]/g, '\\$&')
    atStart = false
  }
  if (depth > 0) return { error: 'Unmatched ( or \\(' }
  return out
}

/** A compiled expression, or what is wrong with it. */
export function compileRegex(source: string, extended: boolean, flags = ''): RegExp | { readonly error: string } {
  const js = regexSource(source, extended)
  if (typeof js !== 'string') return js
  try {
    return new RegExp(js, flags)
  } catch {
    return { error: 'Invalid regular expression' }
  }
}
