import { describe, expect, test } from 'vitest'
import { footnoteLabel } from './footnote-label.ts'
import { footnotes } from './footnotes.ts'
import { dateText, placeOf, type Source, type Term } from './library.ts'
import type { Node, VFile } from './nodes.ts'
import { quiz } from './quiz.ts'
import { bare, termLinks } from './term-links.ts'

const text = (value: string): Node => ({ type: 'text', value })
const paragraph = (...children: Node[]): Node => ({ type: 'paragraph', children })
const root = (...children: Node[]): Node => ({ type: 'root', children })
const file = (path: string): VFile => ({
  path,
  fail: (reason) => {
    throw new Error(reason)
  },
})
const ja = file('src/content/docs/ja/page.mdx')
const en = file('src/content/docs/en/page.mdx')
/** All text below a node. */
const words = (node: Node): string => node.value ?? (node.children ?? []).map(words).join('')

describe('quiz', () => {
  const answer = (right: boolean, name: string, why?: string): Node => ({
    type: 'listItem',
    checked: right,
    children: [
      paragraph(text(name)),
      ...(why === undefined
        ? []
        : [{ type: 'list', ordered: false, children: [{ type: 'listItem', children: [paragraph(text(why))] }] }]),
    ],
  })
  const question = (...answers: Node[]): Node => ({
    type: 'listItem',
    children: [paragraph(text('Q?')), { type: 'list', ordered: false, children: answers }],
  })
  const good = () => question(answer(false, 'a', 'no a'), answer(true, 'b', 'yes b'))
  const make = (...questions: Node[]): Node =>
    root({ type: 'mdxJsxFlowElement', name: 'Quiz', children: [{ type: 'list', ordered: true, children: questions }] })

  test('answers become details that say whether they are right, and why', () => {
    const tree = make(good(), good(), good())
    quiz()(tree, en)
    const items = tree.children?.[0]?.children?.[0]?.children ?? []
    expect(items).toHaveLength(3)
    const [, wrong, right] = items[0]?.children ?? []
    expect(wrong?.data?.hName).toBe('details')
    expect(wrong?.data?.hProperties?.['data-right']).toBe('no')
    expect(words(wrong as Node)).toBe('aNo. no a')
    expect(words(right as Node)).toBe('bRight. yes b')
  })
  test('speaks the page’s language', () => {
    const tree = make(good(), good(), good())
    quiz()(tree, ja)
    expect(words(tree)).toContain('正解です。')
  })
  test('says what is wrong with a quiz', () => {
    const problem = (...questions: Node[]) => {
      const tree = make(...questions)
      return () => quiz()(tree, en)
    }
    expect(problem(good(), good())).toThrow('3 to 5 questions, this one has 2')
    expect(problem(good(), good(), question(answer(true, 'a', 'x')))).toThrow('2 to 4 answers')
    expect(problem(good(), good(), question(answer(true, 'a', 'x'), answer(true, 'b', 'y')))).toThrow('this one has 2')
    expect(problem(good(), good(), question(answer(true, 'a', 'x'), answer(false, 'b')))).toThrow(
      'needs its explanation',
    )
  })
})

describe('footnotes', () => {
  const source: Source = {
    id: 'one',
    by: 'Who',
    title: 'What',
    url: 'https://github.com/a/b/blob/x',
    date: '2025-11-04',
  }
  test('a reference gets a footnote from the sources, once', () => {
    const tree = root(paragraph(text('So.[^one] Again[^one]!')))
    footnotes([source])()(tree, en)
    expect(tree.children?.[0]?.children?.map((c) => c.type)).toEqual([
      'text',
      'footnoteReference',
      'text',
      'footnoteReference',
      'text',
    ])
    expect(tree.children).toHaveLength(2)
    expect(words(tree.children?.[1] as Node)).toBe('Who, “What”, github.com/a/b, 2025-11-04.')
  })
  test('in Japanese, with a note', () => {
    const tree = root(paragraph(text('です。[^one]')))
    footnotes([{ ...source, note: { en: 'Old.', ja: '古い値です。' } }])()(tree, ja)
    expect(words(tree.children?.[1] as Node)).toBe('Who「What」、github.com/a/b、2025年11月4日時点。古い値です。')
  })
  test('an unknown source stops the build', () => {
    expect(() => footnotes([source])()(root(paragraph(text('x[^two]'))), en)).toThrow('no source "two"')
  })
})

test('the footnotes’ heading and ways back are in the page’s language', () => {
  const tree = () => ({
    type: 'root',
    children: [
      { type: 'element', properties: { id: 'footnote-label' }, children: [{ type: 'text', value: 'Footnotes' }] },
      { type: 'element', properties: { dataFootnoteBackref: '', ariaLabel: 'Back to reference 2-3' } },
    ],
  })
  const made = tree()
  footnoteLabel()(made, ja)
  expect(made.children[0]?.children).toEqual([{ type: 'text', value: '出典と注' }])
  expect(made.children[1]?.properties).toMatchObject({ ariaLabel: '2-3番の参照箇所に戻る' })
  const english = tree()
  footnoteLabel()(english, en)
  expect(english.children[1]?.properties).toMatchObject({ ariaLabel: 'Back to reference 2-3' })
})

describe('links to terms', () => {
  const terms = [
    {
      id: 'namespace',
      topic: 't',
      en: { term: 'namespace', definition: '' },
      ja: { term: '名前空間', definition: '' },
    },
    { id: 'wsl', topic: 't', en: { term: 'WSL (x)', definition: '' }, ja: { term: 'WSL(x)', definition: '' } },
  ] satisfies Term[]
  const strong = (value: string): Node => ({ type: 'strong', children: [text(value)] })
  test('the first bold use of a term links, what isn’t a term doesn’t', () => {
    const tree = root(paragraph(strong('名前空間(namespace)'), strong('名前空間'), strong('ほか'), strong('WSL')))
    termLinks(terms)()(tree, ja)
    const kinds = tree.children?.[0]?.children?.map((c) => (c.type === 'link' ? c.url : c.type))
    expect(kinds).toEqual(['../glossary/#namespace', 'strong', 'strong', '../glossary/#wsl'])
  })
  test('without bold, at the first plain use: whole words, plurals, the longer term first; not everyday words, not in questions', () => {
    const all: Term[] = [
      ...terms,
      {
        id: 'user',
        topic: 'x',
        en: { term: 'user namespace', definition: '' },
        ja: { term: 'ユーザー名前空間', definition: '' },
      },
      {
        id: 'kernel',
        topic: 'x',
        common: 'true',
        en: { term: 'kernel', definition: '' },
        ja: { term: 'カーネル', definition: '' },
      },
    ]
    const links = (tree: Node): string[] => [
      ...(tree.type === 'link' ? [`${tree.url?.replace(/.*#/, '')}: ${words(tree)}`] : []),
      ...(tree.children ?? []).flatMap(links),
    ]
    const linksOf = (value: string, where: VFile, around = paragraph) => {
      const tree = root(around(text(value)))
      termLinks(all)()(tree, where)
      expect(words(tree)).toBe(value)
      return links(tree)
    }
    expect(linksOf('A user namespace, namespaces and a namespace of the kernel.', en)).toEqual([
      'user: user namespace',
      'namespace: namespaces',
    ])
    expect(linksOf('myNamespaceless', en)).toEqual([])
    expect(linksOf('ユーザー名前空間と名前空間を、名前空間表の中で。', ja)).toEqual([
      'user: ユーザー名前空間',
      'namespace: 名前空間',
    ])
    const question = (...children: Node[]): Node => ({ type: 'mdxJsxFlowElement', name: 'Quiz', children })
    expect(linksOf('a namespace', en, question)).toEqual([])
    const tree = root(paragraph(text('a namespace')), paragraph(strong('namespace')))
    termLinks(all)()(tree, en)
    expect(links(tree)).toEqual(['namespace: namespace'])
    expect(tree.children?.[0]?.children?.[0]?.type).toBe('text')
  })
  test('not in headings, links or the glossary', () => {
    const tree = root({ type: 'heading', children: [strong('namespace')] })
    termLinks(terms)()(tree, en)
    expect(tree.children?.[0]?.children?.[0]?.type).toBe('strong')
    const glossary = root(paragraph(strong('namespace')))
    termLinks(terms)()(glossary, file('src/content/docs/en/glossary.mdx'))
    expect(glossary.children?.[0]?.children?.[0]?.type).toBe('strong')
  })
  test('what stands in brackets isn’t part of the term', () => {
    expect(bare('cgroup(コントロールグループ)')).toBe('cgroup')
    expect(bare('OCI (Open Container Initiative)')).toBe('oci')
  })
})

test('dates are as exact as they are given', () => {
  expect(dateText('2017', 'ja')).toBe('2017年')
  expect(dateText('2026-06', 'ja')).toBe('2026年6月')
  expect(dateText('2025-11-04', 'en')).toBe('2025-11-04')
})
test('addresses in short', () => {
  expect(placeOf('https://www.docker.com/blog/x/')).toBe('docker.com')
  expect(placeOf('https://github.com/a/b/tree/main')).toBe('github.com/a/b')
})
