/** Reads a document's source: its headings, links, footnotes and plain text, each with its line. */
import { readdirSync, readFileSync } from 'node:fs'

export type Language = 'ja' | 'en'
export interface Heading {
  readonly id: string | undefined
  readonly depth: number
  readonly line: number
}
export interface Found {
  readonly what: string
  readonly line: number
}
export interface Page {
  readonly language: Language
  readonly name: string
  readonly file: string
  /** Value of lastUpdated in the front matter; empty where there is none. */
  readonly lastUpdated: string
  readonly headings: readonly Heading[]
  /** Addresses of links that stay within the site. */
  readonly links: readonly Found[]
  /** Ids of footnotes referred to. */
  readonly notes: readonly Found[]
  /** Ids of footnotes that the page defines itself. */
  readonly definitions: readonly Found[]
  /** The prose, line by line; code and tables are blank lines. */
  readonly prose: readonly string[]
  /** The same with tables, components and definitions: all but front matter, imports and code. */
  readonly text: readonly string[]
  /** What stands in code, fenced or inline. */
  readonly code: string
  /** All lines as they are. */
  readonly source: readonly string[]
}

/** Blanks out front matter, imports, fenced code and inline code; the number of lines stays. */
function withoutCode(lines: readonly string[]): string[] {
  let fence = ''
  let front = lines[0] === '---' ? 1 : 0
  return lines.map((line, i) => {
    if (front > 0) {
      if (i > 0 && line === '---') front = 0
      return ''
    }
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence === '' && mark) {
      fence = mark
      return ''
    }
    if (fence !== '') {
      if (mark && mark[0] === fence[0] && mark.length >= fence.length && line.trim() === mark) fence = ''
      return ''
    }
    if (/^import .* from '/.test(line)) return ''
    return line.replace(/(`+)(?!`).*?[^`]?\1(?!`)/g, (code) => ' '.repeat(code.length))
  })
}

/** What a page consists of. `file` is named in messages, `text` is the file's contents. */
export function readPage(language: Language, name: string, file: string, text: string): Page {
  const lines = text.split('\n')
  const bare = withoutCode(lines)
  const headings: Heading[] = []
  const links: Found[] = []
  const notes: Found[] = []
  const definitions: Found[] = []
  bare.forEach((line, i) => {
    const at = i + 1
    const heading = /^(#{1,6})\s/.exec(line)
    if (heading)
      headings.push({ depth: (heading[1] as string).length, id: /\[#([a-z0-9-]+)\]\s*$/.exec(line)?.[1], line: at })
    const definition = /^\[\^([a-z0-9-]+)\]:/.exec(line)
    if (definition) definitions.push({ what: definition[1] as string, line: at })
    else for (const m of line.matchAll(/\[\^([a-z0-9-]+)\]/g)) notes.push({ what: m[1] as string, line: at })
    for (const m of line.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)) links.push({ what: m[1] as string, line: at })
  })
  const prose = bare.map((line) => (/^\s*\|/.test(line) || /^\[\^/.test(line) || /^\s*<\/?\w/.test(line) ? '' : line))
  // What of a line isn't in the bare one is code; the front matter isn't there either.
  const head = lines[0] === '---' ? lines.indexOf('---', 1) + 1 : 0
  const code = lines
    .slice(head)
    .map((line, i) => [...line].filter((c, j) => c !== bare[head + i]?.[j]).join(''))
    .join('\n')
  const lastUpdated = /^lastUpdated:\s*(\S+)/m.exec(text)?.[1] ?? ''
  return {
    language,
    name,
    file,
    lastUpdated,
    headings,
    links,
    notes,
    definitions,
    prose,
    text: bare,
    code,
    source: lines,
  }
}

/** Every document of both languages, from a project's folder. */
export const readPages = (root = '.'): Page[] =>
  (['ja', 'en'] as const).flatMap((language) => {
    const folder = `src/content/docs/${language}`
    return readdirSync(`${root}/${folder}`)
      .filter((f) => /\.mdx?$/.test(f))
      .map((f) => {
        const file = `${folder}/${f}`
        return readPage(language, f.replace(/\.mdx?$/, ''), file, readFileSync(`${root}/${file}`, 'utf8'))
      })
  })
