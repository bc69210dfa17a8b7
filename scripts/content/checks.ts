/** The rules for documents, as pure functions from what was read to what is wrong. */
import { complaint, importedNames } from '../../src/components/markdown/components.ts'
import type { Language, Page } from './page.ts'

/** Something to mend: where, what, and how. A hint doesn't fail the check. */
export interface Problem {
  readonly file: string
  readonly line: number
  readonly text: string
  readonly hint?: boolean
}
export interface Row {
  readonly id: string
  readonly status: string
  readonly page: string
  readonly heading: string
  /** Of a claim that is WRONG or DATED: words of the correction. */
  readonly says?: Readonly<Partial<Record<Language, string>>>
}

/** How many rows the fact sheet has under each letter. */
export const sheet: Readonly<Record<string, number>> = { A: 32, B: 95, C: 59, D: 36, E: 50 }
const statuses = ['HOLDS', 'CAVEAT', 'DATED', 'WRONG', 'UNVERIFIED']
export const COVERAGE = 'src/content/coverage.yaml'
export const SOURCES = 'src/content/sources.yaml'
export const TERMS = 'src/content/glossary/terms.yaml'

/** Where the entries of a list stand in their file: id to line. */
export function linesOf(yaml: string): ReadonlyMap<string, number> {
  return new Map(
    yaml.split('\n').flatMap((line, i) => {
      const id = /^- (?:\{ *)?id: ([A-Za-z0-9-]+)/.exec(line)?.[1]
      return id === undefined ? [] : [[id, i + 1] as const]
    }),
  )
}
type Lines = ReadonlyMap<string, number>
const none: Lines = new Map()

const other = (language: Language): Language => (language === 'ja' ? 'en' : 'ja')
const key = (language: Language, name: string): string => `${language}/${name}`
const index = (pages: readonly Page[]): ReadonlyMap<string, Page> =>
  new Map(pages.map((p) => [key(p.language, p.name), p]))
const idsOf = (page: Page): readonly string[] => page.headings.flatMap((h) => h.id ?? [])

/** Each page stands in both languages, with the same heading ids in the same order; an earlier twin is a hint. */
export function checkTwins(pages: readonly Page[]): Problem[] {
  const all = index(pages)
  return pages.flatMap((page): Problem[] => {
    const twin = all.get(key(other(page.language), page.name))
    if (!twin)
      return [{ file: page.file, line: 1, text: `there is no ${other(page.language)} page "${page.name}": write it` }]
    const out: Problem[] = []
    if (page.lastUpdated < twin.lastUpdated)
      out.push({
        file: page.file,
        line: 1,
        text: `its twin was changed later (${twin.lastUpdated}, this page ${page.lastUpdated}): compare them, then set lastUpdated`,
        hint: true,
      })
    if (page.language === 'en') return out
    const mine = idsOf(page)
    const theirs = idsOf(twin)
    const at = Array.from({ length: Math.max(mine.length, theirs.length) }).findIndex((_, i) => mine[i] !== theirs[i])
    if (at >= 0)
      out.push({
        file: page.file,
        line: page.headings.filter((h) => h.id !== undefined)[at]?.line ?? 1,
        text: `heading ids differ from those in ${twin.file}: here [#${mine[at] ?? ''}], there [#${theirs[at] ?? ''}]; make them the same, in the same order`,
      })
    return out
  })
}

/** Every heading has an id of its own, none twice in a page. */
export function checkHeadings(pages: readonly Page[]): Problem[] {
  return pages.flatMap((page) => {
    const seen = new Set<string>()
    return page.headings.flatMap((h): Problem[] => {
      const at = { file: page.file, line: h.line }
      if (h.depth === 1) return [{ ...at, text: 'a heading of level 1: the title is in the front matter, use ##' }]
      if (h.id === undefined)
        return [{ ...at, text: 'this heading has no id: end it with [#name], the same in ja and en' }]
      if (seen.has(h.id)) return [{ ...at, text: `the heading id [#${h.id}] stands twice in this page: rename one` }]
      seen.add(h.id)
      return []
    })
  })
}

/** A component in a page exists and is imported there. */
export function checkComponents(pages: readonly Page[], known: readonly string[]): Problem[] {
  return pages.flatMap((page) => {
    const imported = importedNames(page.source.join('\n'))
    return page.text.flatMap((text, i) =>
      [...text.matchAll(/<([A-Z]\w*)/g)].flatMap((m): Problem[] => {
        const reason = complaint(m[1] as string, imported, known)
        return reason === undefined ? [] : [{ file: page.file, line: i + 1, text: reason }]
      }),
    )
  })
}

/** Values that attributes of components may have: `Diagram scene` to the scenes there are. */
export type Values = Readonly<Record<string, readonly string[]>>

/** An attribute names something that exists. */
export function checkValues(pages: readonly Page[], values: Values): Problem[] {
  return pages.flatMap((page) =>
    page.text.flatMap((text, i) =>
      [...text.matchAll(/<([A-Z]\w*)([^>]*)/g)].flatMap(([, component, attributes = '']) =>
        [...attributes.matchAll(/(\w+)="([^"]*)"/g)].flatMap(([, name, value = '']): Problem[] => {
          const known = values[`${component} ${name}`]
          if (known === undefined || known.includes(value)) return []
          return [
            {
              file: page.file,
              line: i + 1,
              text: `<${component} ${name}="${value}">: there is none of this name; write one of ${known.join(', ')}`,
            },
          ]
        }),
      ),
    ),
  )
}

/** Links within the site lead to a page and, after #, to a heading or a glossary term. */
export function checkLinks(pages: readonly Page[], termIds: readonly string[]): Problem[] {
  const all = index(pages)
  return pages.flatMap((page) =>
    page.links.flatMap(({ what, line }): Problem[] => {
      const m = /^(?:(\.\.?)\/([a-z0-9-]+)\/)?(?:#([a-z0-9-]+))?$/.exec(what)
      const above = page.name === 'index' ? './' : '../'
      if (!m || (m[1] === undefined && m[3] === undefined))
        return [
          { file: page.file, line, text: `the link ${what} isn't of the form ${above}name/ or ${above}name/#heading` },
        ]
      if (m[1] !== undefined && `${m[1]}/` !== above)
        return [{ file: page.file, line, text: `the link ${what} must begin with ${above} on this page` }]
      const name = m[2] ?? page.name
      const target = all.get(key(page.language, name))
      if (!target)
        return [{ file: page.file, line, text: `the link ${what} leads to no page: there is no ${name}.mdx` }]
      const id = m[3]
      if (id === undefined || idsOf(target).includes(id) || (name === 'glossary' && termIds.includes(id))) return []
      return [{ file: page.file, line, text: `the link ${what} leads to no heading: ${target.file} has no [#${id}]` }]
    }),
  )
}

/** Footnotes refer to sources that exist, and each source is referred to. */
export function checkSources(pages: readonly Page[], sourceIds: readonly string[], lines: Lines = none): Problem[] {
  const known = new Set(sourceIds)
  const used = new Set<string>()
  const out: Problem[] = []
  for (const page of pages) {
    const cited = new Set(page.notes.map((n) => n.what))
    for (const { what, line } of [...page.notes, ...page.definitions]) {
      used.add(what)
      if (!known.has(what))
        out.push({ file: page.file, line, text: `[^${what}] is no source: add it to ${SOURCES}, or mend the id` })
    }
    for (const { what, line } of page.definitions)
      if (!cited.has(what))
        out.push({ file: page.file, line, text: `nothing refers to the footnote [^${what}]: cite or remove it` })
  }
  sourceIds.forEach((id, i) => {
    if (!used.has(id))
      out.push({ file: SOURCES, line: lines.get(id) ?? 1, text: `no page cites the source "${id}": cite or remove it` })
    if (sourceIds.indexOf(id) !== i)
      out.push({ file: SOURCES, line: lines.get(id) ?? 1, text: `the source "${id}" stands twice` })
  })
  return out
}

/** What stands under a heading, up to the next one of its depth or above; as written, tables and code included. */
function sectionOf(page: Page, id: string): string {
  const at = page.headings.findIndex((h) => h.id === id)
  const { depth, line } = page.headings[at] as Page['headings'][number]
  const end = page.headings.slice(at + 1).find((h) => h.depth <= depth)
  return page.source.slice(line, end === undefined ? undefined : end.line - 1).join('\n')
}

/** Every row of the fact sheet leads to a heading that exists in both languages; of a wrong or dated claim, the correction stands there. */
export function checkCoverage(rows: readonly Row[], pages: readonly Page[], lines: Lines = none): Problem[] {
  const all = index(pages)
  const out: Problem[] = []
  const seen = new Set<string>()
  const wanted = Object.entries(sheet).flatMap(([l, n]) => Array.from({ length: n }, (_, i) => `${l}${i + 1}`))
  for (const row of rows) {
    const say = (text: string): void => {
      out.push({ file: COVERAGE, line: lines.get(row.id) ?? 1, text: `${row.id}: ${text}` })
    }
    if (!wanted.includes(row.id)) say('the fact sheet has no such row')
    if (seen.has(row.id)) say('stands twice')
    seen.add(row.id)
    if (!statuses.includes(row.status)) say(`the status is one of ${statuses.join(', ')}`)
    for (const language of ['ja', 'en'] as const) {
      const page = all.get(key(language, row.page))
      if (!page) say(`there is no ${language} page "${row.page}"`)
      else if (!idsOf(page).includes(row.heading)) say(`${page.file} has no heading [#${row.heading}]`)
      else if (row.status === 'WRONG' || row.status === 'DATED') {
        const words = row.says?.[language]
        if (words === undefined)
          say(`a claim that is ${row.status} needs the words of its correction: says: { ${language}: ... }`)
        else if (!sectionOf(page, row.heading).includes(words))
          say(
            `the correction "${words}" doesn't stand under [#${row.heading}] of ${page.file}: put it back, or say here in which words it stands`,
          )
      }
    }
  }
  const missing = wanted.filter((id) => !seen.has(id))
  if (missing.length > 0)
    out.push({
      file: COVERAGE,
      line: 1,
      text: `${missing.length} rows are missing: ${missing.join(' ')}; say where each is dealt with`,
    })
  return out
}

/** Where glossary entries say they are explained, there is such a page and heading. */
export function checkTerms(
  terms: readonly { readonly id: string; readonly page?: string }[],
  pages: readonly Page[],
  lines: Lines = none,
): Problem[] {
  const all = index(pages)
  return terms.flatMap(({ id, page: target }, i): Problem[] => {
    const out: Problem[] = []
    if (terms.findIndex((t) => t.id === id) !== i)
      out.push({ file: TERMS, line: lines.get(id) ?? 1, text: `the term "${id}" stands twice` })
    for (const glossary of pages.filter((p) => p.name === 'glossary'))
      for (const h of glossary.headings.filter((x) => x.id === id))
        out.push({
          file: glossary.file,
          line: h.line,
          text: `[#${id}] is the id of a term, which stands on this page, too: rename the heading`,
        })
    const [name, heading] = (target ?? '').split('#')
    const page = name ? all.get(key('en', name)) : undefined
    if (name && !page) out.push({ file: TERMS, line: lines.get(id) ?? 1, text: `${id}: there is no page "${name}"` })
    if (page && heading && !idsOf(page).includes(heading))
      out.push({ file: TERMS, line: lines.get(id) ?? 1, text: `${id}: ${page.file} has no heading [#${heading}]` })
    return out
  })
}

/** Japanese prose has no space between Latin letters or figures and kana or kanji. */
export function checkSpacing(pages: readonly Page[]): Problem[] {
  const japanese = '[\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Han}]'
  const spaced = new RegExp(`${japanese} [A-Za-z0-9]|[A-Za-z0-9] ${japanese}`, 'u')
  return pages
    .filter((p) => p.language === 'ja')
    .flatMap((page) =>
      page.prose.flatMap((line, i): Problem[] => {
        const gap = spaced.exec(line.replace(/ (\d+\.|[-*]) /g, ''))?.[0]
        if (gap === undefined) return []
        const text = `"${gap}": no space between Latin letters or figures and Japanese`
        return [{ file: page.file, line: i + 1, text }]
      }),
    )
}

/** The longest run of characters that a page's prose shares with a source text; spaces and line ends don't count. */
export function checkRuns(pages: readonly Page[], seeds: readonly string[], limit: number): Problem[] {
  const known = new Set<string>()
  const size = limit + 1
  for (const seed of seeds) {
    const text = seed.replace(/\s+/g, '')
    for (let i = 0; i + size <= text.length; i++) known.add(text.slice(i, i + size))
  }
  return pages.flatMap((page) => {
    const out: Problem[] = []
    // A run may cross a line's end, so the page is read as one text; `lines` remembers where each character stands.
    const chars: string[] = []
    const lines: number[] = []
    page.prose.forEach((line, i) => {
      for (const c of line.replace(/\s+/g, '')) {
        chars.push(c)
        lines.push(i + 1)
      }
    })
    for (let i = 0; i + size <= chars.length; i++) {
      const run = chars.slice(i, i + size).join('')
      if (!known.has(run)) continue
      out.push({
        file: page.file,
        line: lines[i] as number,
        text: `more than ${limit} characters as in a source text, "${run}": say it in your own words`,
      })
      i += size
    }
    return out
  })
}
