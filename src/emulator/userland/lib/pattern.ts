/** Shell patterns, glob(7): `*`, `?`, `[...]`, with `\` quoting the next character. */

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
const cache = new Map<string, RegExp>()

/** The source of a regular expression for one pattern; `*` and `?` don't match `/` where `path` is set. */
export function patternSource(pattern: string, path = false): string {
  let out = ''
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i] as string
    if (c === '\\') {
      i++
      out += quoteChar(pattern[i] ?? '\\')
    } else if (c === '*') {
      while (pattern[i + 1] === '*') i++
      out += path ? '[^/]*' : '[\\s\\S]*'
    } else if (c === '?') out += path ? '[^/]' : '[\\s\\S]'
    else if (c === '[') {
      const set = bracket(pattern, i)
      if (set) {
        out += set.source
        i = set.end
      } else out += '\\['
    } else out += quoteChar(c)
  }
  return out
}
const quoteChar = (c: string): string => c.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** A bracket expression that starts at `from`; undefined where it isn't closed. */
function bracket(pattern: string, from: number): { readonly source: string; readonly end: number } | undefined {
  let i = from + 1
  let set = '['
  if (pattern[i] === '!' || pattern[i] === '^') {
    set += '^'
    i++
  }
  let first = true
  for (; i < pattern.length; i++, first = false) {
    const c = pattern[i] as string
    if (c === ']' && !first) return { source: set === '[' ? '(?!)' : set === '[^' ? '[\\s\\S]' : `${set}]`, end: i }
    if (c === '[' && pattern[i + 1] === ':') {
      const end = pattern.indexOf(':]', i)
      const name = end > 0 ? pattern.slice(i + 2, end) : ''
      if (Object.hasOwn(classes, name)) {
        set += classes[name]
        i = end + 1
        continue
      }
    }
    if (c === '\\') {
      i++
      set += quoteChar(pattern[i] ?? '\\')
    } else if (c === '-' && !first && pattern[i + 1] !== ']' && pattern[i + 1] !== undefined) set += '-'
    else set += quoteChar(c)
  }
  return undefined
}

/** Whether a whole text matches a pattern. */
export function matchPattern(pattern: string, text: string): boolean {
  let re = cache.get(pattern)
  if (!re) {
    try {
      re = new RegExp(`^(?:${patternSource(pattern)})$`)
    } catch {
      re = /(?!)/
    }
    if (cache.size > 200) cache.clear()
    cache.set(pattern, re)
  }
  return re.test(text)
}
/** True where a word has something that pathname expansion would look at. */
export const hasMagic = (pattern: string): boolean => /(^|[^\\])(\\\\)*[*?[]/.test(pattern)
/** The text of a pattern without its quoting. */
export const unquotePattern = (pattern: string): string => pattern.replace(/\\([\s\S])/g, '$1')
