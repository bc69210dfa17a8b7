import { describe, expect, test } from 'vitest'
import {
  checkComponents,
  checkCoverage,
  checkHeadings,
  checkLinks,
  checkRuns,
  checkSources,
  checkSpacing,
  checkTerms,
  checkTwins,
  checkValues,
  linesOf,
  type Row,
  sheet,
} from './checks.ts'
import { type Language, readPage } from './page.ts'

const page = (language: Language, name: string, body: string, lastUpdated = '2026-11-21') =>
  readPage(language, name, `${language}/${name}.mdx`, `---\ntitle: T\nlastUpdated: ${lastUpdated}\n---\n${body}`)
const both = (name: string, body: string) => [page('ja', name, body), page('en', name, body)]
const texts = (problems: readonly { line: number; text: string }[]) => problems.map((p) => `${p.line}: ${p.text}`)

describe('reading a page', () => {
  test('finds headings, links and footnotes with their lines, but not in code', () => {
    const p = page(
      'en',
      'a',
      '## One [#one]\n\n```md\n## Not a heading [#not]\n[^not] [x](../not/)\n```\n\nSee `[y](../neither/)` and [b](../b/#two).[^src]\n\n[^own]: mine\n',
    )
    expect(p.headings).toEqual([{ id: 'one', depth: 2, line: 5 }])
    expect(p.links).toEqual([{ what: '../b/#two', line: 12 }])
    expect(p.notes).toEqual([{ what: 'src', line: 12 }])
    expect(p.definitions).toEqual([{ what: 'own', line: 14 }])
    expect(p.lastUpdated).toBe('2026-11-21')
  })
  test('a fence ends only with a fence of its own kind, at least as long', () => {
    const p = page('en', 'a', '````md\n```\n## In [#in]\n```\n````\n## Out [#out]\n')
    expect(p.headings.map((h) => h.id)).toEqual(['out'])
  })
})

describe('twins', () => {
  test('a page without a twin', () => {
    expect(texts(checkTwins([page('ja', 'alone', '')]))).toEqual(['1: there is no en page "alone": write it'])
  })
  test('heading ids in another order, said at the first that differs', () => {
    const found = checkTwins([
      page('ja', 'a', '## い [#x]\n## ろ [#z]\n## は [#y]\n'),
      page('en', 'a', '## A [#x]\n## B [#y]\n## C [#z]\n'),
    ])
    expect(found).toHaveLength(1)
    expect(found[0]?.line).toBe(6)
    expect(found[0]?.text).toContain('here [#z], there [#y]')
  })
  test('a heading that one twin lacks', () => {
    expect(checkTwins([page('ja', 'a', '## い [#x]\n'), page('en', 'a', '## A [#x]\n## B [#y]\n')])[0]?.text).toContain(
      'there [#y]',
    )
  })
  test('a twin that was changed later is a hint', () => {
    const found = checkTwins([page('ja', 'a', '', '2026-01-01'), page('en', 'a', '', '2026-02-01')])
    expect(found).toMatchObject([{ file: 'ja/a.mdx', hint: true }])
  })
})

test('headings need ids, and each once', () => {
  expect(texts(checkHeadings([page('en', 'a', '## No id\n## A [#x]\n## B [#x]\n# Big [#big]\n')]))).toEqual([
    '5: this heading has no id: end it with [#name], the same in ja and en',
    '7: the heading id [#x] stands twice in this page: rename one',
    '8: a heading of level 1: the title is in the front matter, use ##',
  ])
})

test('components: unknown ones, and those that aren’t imported; not in code', () => {
  const body =
    "import Quiz from '../Quiz.astro'\n\n<Quiz>\n<Terminal host='x' />\n<Nothing />\n\n`<Nowhere />` <b>bold</b>\n"
  expect(texts(checkComponents([page('en', 'a', body)], ['Quiz', 'Terminal']))).toEqual([
    "8: <Terminal> isn't imported: add import Terminal from '../../../components/Terminal.astro' below the front matter",
    '9: there is no component <Nothing>: the components are Quiz, Terminal',
  ])
})

test('attributes: what they name exists', () => {
  const found = checkValues([page('en', 'a', '<Diagram scene="stack" host="x" />\n<Diagram scene="stak" />\n')], {
    'Diagram scene': ['stack', 'layers'],
  })
  expect(texts(found)).toEqual(['6: <Diagram scene="stak">: there is none of this name; write one of stack, layers'])
})

describe('links', () => {
  const target = both('b', '## H [#h]\n')
  const of = (link: string, name = 'a') => texts(checkLinks([page('en', name, `[t](${link})\n`), ...target], ['term']))
  test('right ones pass', () => {
    for (const link of ['../b/', '../b/#h', 'https://example.com/x']) expect(of(link)).toEqual([])
    expect(of('./b/#h', 'index')).toEqual([])
  })
  test('no page, no heading, wrong form', () => {
    expect(of('../c/')[0]).toContain('leads to no page')
    expect(of('../b/#nothing')[0]).toContain('no [#nothing]')
    expect(of('/en/b/')[0]).toContain("isn't of the form")
    expect(of('./b/')[0]).toContain('must begin with ../')
  })
  test('glossary terms are targets, on the glossary alone', () => {
    const glossary = page('en', 'glossary', '')
    const from = (link: string) => checkLinks([page('en', 'a', `[t](${link})`), glossary, ...target], ['term'])
    expect(from('../glossary/#term')).toEqual([])
    expect(from('../b/#term')).toHaveLength(1)
  })
})

test('sources: unknown, uncited, defined for nothing', () => {
  const found = texts(checkSources([page('en', 'a', 'x[^one] y[^two]\n\n[^three]: text\n')], ['one', 'three', 'four']))
  expect(found).toEqual([
    '5: [^two] is no source: add it to src/content/sources.yaml, or mend the id',
    '7: nothing refers to the footnote [^three]: cite or remove it',
    '1: no page cites the source "four": cite or remove it',
  ])
})

describe('coverage', () => {
  const all: Row[] = Object.entries(sheet).flatMap(([l, n]) =>
    Array.from({ length: n }, (_, i) => ({ id: `${l}${i + 1}`, status: 'HOLDS', page: 'a', heading: 'x' })),
  )
  const pages = both('a', '## X [#x]\n')
  test('complete', () => {
    expect(all).toHaveLength(272)
    expect(checkCoverage(all, pages)).toEqual([])
  })
  test('missing rows, missing headings and pages, statuses, doubles', () => {
    expect(checkCoverage(all.slice(1), pages)[0]?.text).toContain('1 rows are missing: A1;')
    const change = (row: Partial<Row>) => checkCoverage([{ ...(all[0] as Row), ...row }, ...all.slice(1)], pages)
    expect(change({ heading: 'nowhere' })).toHaveLength(2)
    expect(change({ page: 'nowhere' })).toHaveLength(2)
    expect(change({ status: 'GOOD' })[0]?.text).toContain('the status is one of')
    expect(change({ id: 'A2' }).map((p) => p.text)).toContain('A2: stands twice')
    expect(change({ status: 'WRONG' })[0]?.text).toContain('needs the words of its correction')
    expect(change({ id: 'F1' })[0]?.text).toContain('no such row')
  })
})

test('the correction of a wrong claim stands under its heading, code and tables included, not elsewhere', () => {
  const pages = both('a', '## X [#x]\nIt is | eight |.\n### In it [#y]\n`nine`\n## Z [#z]\nten\n')
  const with_ = (words: string) =>
    checkCoverage(
      [{ id: 'A1', status: 'WRONG', page: 'a', heading: 'x', says: { en: words, ja: words } }],
      pages,
    ).filter((p) => p.text.includes('correction'))
  expect(with_('| eight |')).toEqual([])
  expect(with_('`nine`')).toEqual([])
  expect(with_('ten').map((p) => p.text.slice(0, 20))).toEqual(['A1: the correction "', 'A1: the correction "'])
})

test('entries are found in their files', () => {
  expect([...linesOf('# head\n\n- { id: A1, status: HOLDS }\n- id: some-id\n  title: T\n')]).toEqual([
    ['A1', 3],
    ['some-id', 4],
  ])
})

test('terms: their pages exist', () => {
  const pages = both('a', '## X [#x]\n')
  expect(checkTerms([{ id: 't', page: 'a#x' }, { id: 'u' }], pages)).toEqual([])
  expect(checkTerms([{ id: 't', page: 'a#y' }], pages)[0]?.text).toContain('no heading [#y]')
  expect(checkTerms([{ id: 't', page: 'b' }], pages)[0]?.text).toContain('no page "b"')
  expect(checkTerms([{ id: 't' }], both('glossary', '## T [#t]\n'))).toHaveLength(2)
})

test('no space between scripts, code left alone', () => {
  const found = checkSpacing([page('ja', 'a', '`Docker の`話\n1. Docker の話\n')])
  expect(texts(found)).toEqual(['6: "r の": no space between Latin letters or figures and Japanese'])
  expect(checkSpacing([page('en', 'a', 'Docker の')])).toEqual([])
})

describe('runs shared with a source text', () => {
  const seed = 'コンテナはホストのカーネルを\n共有しています。'
  test('as long as allowed passes, one more fails, across line ends', () => {
    expect(checkRuns([page('ja', 'a', 'コンテナはホスト。')], [seed], 8)).toEqual([])
    const found = checkRuns([page('ja', 'a', '前置き。コンテナはホ\nストのカーネル')], [seed], 8)
    expect(found[0]).toMatchObject({ line: 5 })
  })
  test('code and tables are left out', () => {
    expect(
      checkRuns(
        [page('ja', 'a', '| コンテナはホストのカーネルを |\n```\nコンテナはホストのカーネルを\n```\n')],
        [seed],
        8,
      ),
    ).toEqual([])
  })
})
