/** .dockerignore and the wildcards of COPY: moby/patternmatcher and Go's filepath.Match. */

/** Go's filepath.Match pattern as a regular expression's source; undefined where it is malformed. `**` crosses directories where asked for. */
export function patternSource(pattern: string, doubleStar: boolean): string | undefined {
  let out = ''
  for (let i = 0; i < pattern.length; i++) {
    const ch = pattern[i] as string
    if (ch === '*') {
      if (doubleStar && pattern[i + 1] === '*') {
        i++
        // `**/` stands for no directory, too.
        if (pattern[i + 1] === '/') i++
        out += i + 1 >= pattern.length ? '.*' : '(?:.*\\/)?'
      } else out += '[^\\/]*'
    } else if (ch === '?') out += '[^\\/]'
    else if (ch === '[') {
      const end = pattern.indexOf(']', i + 2)
      if (end < 0) return undefined
      const set = pattern.slice(i + 1, end)
      out += `[${set
        .replace(/^[\^!]/, '^')
        .replace(/\\/g, '\\\\')
        .replace(/\[/g, '\\[')}]`
      i = end
    } else if (ch === '\\') {
      if (i + 1 >= pattern.length) return undefined
      out += quote(pattern[++i] as string)
    } else out += quote(ch)
  }
  return out
}
const quote = (ch: string): string => (/[\\^$.*+?()[\]{}|/]/.test(ch) ? `\\${ch}` : ch)

/** Go's path.Clean of a slash path. */
export function cleanPath(path: string): string {
  const absolute = path.startsWith('/')
  const out: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (out.length > 0 && out.at(-1) !== '..') out.pop()
      else if (!absolute) out.push('..')
    } else out.push(part)
  }
  return `${absolute ? '/' : ''}${out.join('/')}` || '.'
}

interface Rule {
  readonly exclude: boolean
  readonly pattern: RegExp
}
/** The patterns of a .dockerignore file: comments and blank lines out, paths cleaned. */
export function readIgnore(text: string): string[] {
  return text
    .replace(/^\ufeff/, '')
    .split('\n')
    .filter((l) => !l.startsWith('#'))
    .map((l) => l.trim())
    .filter((l) => l !== '')
    .map((l) => {
      const not = l.startsWith('!')
      const path = (not ? l.slice(1) : l).trim()
      const clean = path === '' ? '' : cleanPath(path)
      return `${not ? '!' : ''}${clean.length > 1 && clean.startsWith('/') ? clean.slice(1) : clean}`
    })
}
/** Whether a path (without a leading slash) is kept out of the context by the patterns; the last one that matches it or a directory above it decides. */
export function ignoreMatcher(patterns: readonly string[]): ((path: string) => boolean) | { readonly error: string } {
  const rules: Rule[] = []
  for (const p of patterns) {
    const exclude = !p.startsWith('!')
    const text = exclude ? p : p.slice(1)
    if (text === '') return { error: `illegal exclusion pattern: "${p}"` }
    const source = patternSource(text, true)
    if (source === undefined) return { error: `syntax error in pattern` }
    rules.push({ exclude, pattern: new RegExp(`^${source}$`, 'su') })
  }
  return (path) => {
    const parts = path.split('/')
    const above = parts.map((_, i) => parts.slice(0, i + 1).join('/'))
    let ignored = false
    for (const r of rules) if (r.exclude !== ignored && above.some((a) => r.pattern.test(a))) ignored = r.exclude
    return ignored
  }
}
/** Whether names that a pattern takes out could come back by a later `!`: then directories must be looked into all the same. */
export const hasExceptions = (patterns: readonly string[]): boolean => patterns.some((p) => p.startsWith('!'))
export const hasWildcard = (path: string): boolean => /(^|[^\\])[*?[]/.test(path)
