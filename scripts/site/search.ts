/** The search index: every section of every page a record of Pagefind's, its words as src/components/search/terms.ts has them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createIndex } from 'pagefind'
import { type DefaultTreeAdapterMap, parse } from 'parse5'
import { parse as parseYaml } from 'yaml'
import { indexTerms, normalize } from '../../src/components/search/terms.ts'

type Node = DefaultTreeAdapterMap['childNode']
type Element = DefaultTreeAdapterMap['element']

export interface Section {
  /** Heading's id; '' for what stands before the first heading. */
  readonly id: string
  readonly title: string
  readonly text: string
}
export interface PageText {
  readonly language: string
  readonly title: string
  readonly description: string
  readonly sections: readonly Section[]
}

const attribute = (e: Element, name: string): string => e.attrs.find((a) => a.name === name)?.value ?? ''
const hasClass = (e: Element, name: string): boolean => attribute(e, 'class').split(/\s+/).includes(name)
const skipped = new Set(['script', 'style', 'template', 'svg', 'button', 'noscript', 'nav', 'sup', 'rp', 'rt'])
/** What isn't searched: what is no text, what only screen readers read, and what an author keeps out by Pagefind's attribute. */
const skip = (e: Element): boolean =>
  skipped.has(e.tagName) ||
  e.attrs.some((a) => a.name === 'data-pagefind-ignore') ||
  hasClass(e, 'sr-only') ||
  hasClass(e, 'sl-anchor-link') ||
  hasClass(e, 'footnotes')
const blocks = new Set([
  'p',
  'li',
  'td',
  'th',
  'tr',
  'div',
  'figcaption',
  'pre',
  'summary',
  'dt',
  'dd',
  'h2',
  'h3',
  'h4',
])

/** A page's searchable text by sections (h2 and h3). Of recorded terminals only the commands count: outputs hold anything. Pure. */
export function pageText(html: string): PageText | undefined {
  let language = ''
  let title = ''
  let description = ''
  let inBody = false
  const sections: { id: string; title: string; text: string }[] = [{ id: '', title: '', text: '' }]
  const raw = (node: Node): string =>
    'value' in node ? node.value : 'childNodes' in node && !skip(node) ? node.childNodes.map(raw).join('') : ''
  const lines = (pre: Element): string =>
    pre.childNodes
      .flatMap((code) => ('childNodes' in code ? code.childNodes : []))
      .map(raw)
      .join('\n')
  const visit = (node: Node): void => {
    if ('value' in node) {
      if (inBody) (sections.at(-1) as Section & { text: string }).text += node.value
      return
    }
    if (!('tagName' in node) || skip(node)) return
    if (node.tagName === 'html') language = attribute(node, 'lang')
    if (node.tagName === 'meta' && attribute(node, 'name') === 'description') description = attribute(node, 'content')
    if (node.tagName === 'h1') title ||= node.childNodes.map(raw).join('').trim()
    if (inBody && (node.tagName === 'h2' || node.tagName === 'h3') && attribute(node, 'id')) {
      sections.push({ id: attribute(node, 'id'), title: node.childNodes.map(raw).join('').trim(), text: '' })
      return
    }
    const section = sections.at(-1) as Section & { text: string }
    if (inBody && node.tagName === 'pre') {
      const text = lines(node)
      const commands = text.split('\n').flatMap((line) => /^(?:\$|PS>) (.*)/.exec(line)?.[1] ?? [])
      section.text += ` ${(commands.length > 0 ? commands : [text]).join(' ')} `
      return
    }
    const body = hasClass(node, 'sl-markdown-content')
    if (body) inBody = true
    for (const child of node.childNodes) visit(child)
    if (body) inBody = false
    if (blocks.has(node.tagName)) (sections.at(-1) as Section & { text: string }).text += ' '
  }
  for (const child of parse(html).childNodes) visit(child)
  if (!title || !language) return undefined
  const tidy = sections.map((s) => ({ ...s, text: s.text.replace(/\s+/g, ' ').trim() }))
  return { language, title, description, sections: tidy.filter((s) => s.id === '' || s.text !== '') }
}

/** A word said n times weighs more: a page's own subject must come before a page that mentions it. */
const times = (n: number, text: string): string => `${indexTerms(text).join(' ')} `.repeat(n)

/** How often a query is said that a section is the answer to. */
const ASKED = 6

/** Names of one thing: its terms in both languages (glossary/terms.yaml) and other spellings (search-names.yaml). */
export function nameGroups(glossary: string, names: string): readonly (readonly string[])[] {
  const terms = parseYaml(glossary) as readonly {
    readonly en: { term: string }
    readonly ja: { term: string }
    readonly aliases?: readonly string[]
  }[]
  // `cgroup(コントロールグループ)` is two names.
  const both = (term: string): readonly string[] => term.split(/\s*[()（）]/).filter(Boolean)
  const listed = parseYaml(names) as readonly (readonly string[])[]
  const groups = [
    ...listed,
    ...terms.map(({ en, ja, aliases = [] }) => [...both(ja.term), ...both(en.term), ...aliases]),
  ]
  return groups.map((group) => [...new Set(group)]).filter((group) => group.length > 1)
}

/** What a section is to be found by beside its own words: `page#heading`, or `page`, to queries (src/content/search-answers.yaml). */
export type Answers = ReadonlyMap<string, readonly string[]>
export function readAnswers(yaml: string): Answers {
  const rows = parseYaml(yaml, { schema: 'failsafe' }) as readonly {
    readonly to: string
    readonly for: readonly string[]
  }[]
  return new Map(rows.map((row) => [row.to, row.for]))
}

/** Writes dist/pagefind for the given pages. Answers how many sections it holds. */
export async function buildSearch(
  dist: string,
  pages: readonly string[],
  groups: readonly (readonly string[])[],
  answers: Answers,
): Promise<number> {
  const { index, errors } = await createIndex({})
  if (!index) throw new Error(`search: ${errors.join('; ')}`)
  const counts = new Map<string, number>()
  for (const path of pages) {
    const page = pageText(readFileSync(join(dist, path), 'utf8'))
    if (!page) continue
    const address = `/${path.replace(/index\.html$/, '')}`
    const name = address.split('/')[2] ?? ''
    for (const section of page.sections) {
      const first = section.id === ''
      const asked = answers.get(`${name}${first ? '' : `#${section.id}`}`) ?? []
      const content = [
        times(first ? 8 : 2, page.title),
        first ? times(2, page.description) : times(4, section.title),
        // What stands before the first heading answers for the page as a whole.
        ...(first ? page.sections.map((s) => `${times(2, s.title)} ${times(1, s.text)}`) : [times(1, section.text)]),
        ...asked.map((query) => times(ASKED, query)),
      ].join(' ')
      const { errors: problems } = await index.addCustomRecord({
        url: first ? address : `${address}#${section.id}`,
        content,
        language: page.language,
        meta: {
          page: page.title,
          title: section.title || page.title,
          ...(asked.length > 0 && { asked: asked.map((query) => normalize(query)).join('\n') }),
          text: (first ? `${page.description} ${section.text}` : section.text).slice(0, 1200),
        },
      })
      if (problems.length > 0) throw new Error(`search: ${path}: ${problems.join('; ')}`)
      counts.set(page.language, (counts.get(page.language) ?? 0) + 1)
    }
  }
  const written = await index.writeFiles({ outputPath: join(dist, 'pagefind') })
  if (written.errors.length > 0) throw new Error(`search: ${written.errors.join('; ')}`)
  await index.deleteIndex()
  writeFileSync(
    join(dist, 'pagefind', 'names.js'),
    `export const sections = ${Math.max(...counts.values())}\nexport default ${JSON.stringify(groups)}`,
  )
  return [...counts.values()].reduce((a, b) => a + b, 0)
}
