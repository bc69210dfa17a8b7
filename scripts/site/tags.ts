/**
 * Finds a page's start tags and lets them be changed, text by text: pages are long, and only few of their tags concern a build's last steps.
 * It follows the HTML standard's tokenizer as far as what Astro writes goes: quoted, unquoted and empty attributes, comments, and elements
 * whose contents are text (13.2.5). Pure.
 */

export interface Tag {
  /** In small letters. */
  readonly name: string
  /** As it stands in the page, from < to >. */
  readonly text: string
  /** The contents, where they are text: of script, style, title, textarea and noscript. */
  readonly contents: string
  /** An attribute's value, with its entities resolved; undefined where there is none. */
  get(attribute: string): string | undefined
}

const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g
const TOKEN = /<!--[\s\S]*?-->|<\/?([a-zA-Z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>/g
const TEXT = new Set(['script', 'style', 'title', 'textarea', 'noscript', 'iframe', 'noembed', 'noframes', 'xmp'])
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

const plain = (text: string): string =>
  text.includes('&')
    ? text.replace(/&(?:#x([\da-f]+)|#(\d+)|([a-z]+));/gi, (whole, hex, decimal, name) => {
        const code = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : undefined
        return code === undefined ? (named[name] ?? whole) : String.fromCodePoint(code)
      })
    : text
/** A text as it may stand between double quotes. */
export const quoted = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;')

/** A start tag's text with attributes set, or taken away where the value is undefined. */
export function withAttributes(tag: string, values: Readonly<Record<string, string | undefined>>): string {
  const [, head = '', rest = '', end = ''] = /^(<[^\s/>]+)(.*?)(\s*\/?>)$/s.exec(tag) ?? []
  const left = new Map(Object.entries(values))
  const kept = rest.replace(ATTRIBUTE, (attribute, name: string) => {
    const key = name.toLowerCase()
    if (!left.has(key)) return attribute
    const value = left.get(key)
    left.delete(key)
    return value === undefined ? '' : `${name}="${quoted(value)}"`
  })
  const added = [...left].flatMap(([name, value]) => (value === undefined ? [] : ` ${name}="${quoted(value)}"`))
  return `${head}${kept.replace(/\s+$/, '')}${added.join('')}${end}`
}

/**
 * The page with what `change` answers in place of start tags that match `wanted`, and of contents where those are text; undefined leaves
 * a tag as it is. `ended` hears of end tags, in their order among the start tags.
 */
export function changeTags(
  html: string,
  wanted: RegExp,
  change: (tag: Tag) => string | undefined,
  ended: (name: string) => string = () => '',
): string {
  let out = ''
  let at = 0
  TOKEN.lastIndex = 0
  for (let m = TOKEN.exec(html); m; m = TOKEN.exec(html)) {
    const [text, given] = m
    if (given === undefined) continue
    const name = given.toLowerCase()
    if (text[1] === '/') {
      const before = ended(name)
      if (before === '') continue
      out += html.slice(at, m.index) + before
      at = m.index
      continue
    }
    let end = TOKEN.lastIndex
    let contents = ''
    if (TEXT.has(name)) {
      const close = new RegExp(`</${name}[\\s/>]`, 'gi')
      close.lastIndex = end
      const found = close.exec(html)?.index ?? html.length
      contents = html.slice(end, found)
      // The end tag goes with it.
      end = html.indexOf('>', found) + 1 || html.length
      TOKEN.lastIndex = end
    }
    if (!wanted.test(text)) continue
    const changed = change({
      name,
      text,
      contents,
      get: (attribute) => {
        for (const [, key = '', double, single, bare] of text.slice(given.length + 1, -1).matchAll(ATTRIBUTE))
          if (key.toLowerCase() === attribute) return plain(double ?? single ?? bare ?? '')
        return undefined
      },
    })
    if (changed === undefined) continue
    const whole = TEXT.has(name) ? end : m.index + text.length
    out += html.slice(at, m.index) + changed
    at = whole
  }
  return out + html.slice(at)
}
