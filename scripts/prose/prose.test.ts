import { describe, expect, test } from 'vitest'
import type { Term } from '../../src/components/markdown/library.ts'
import { foundIn, spellingsOf } from './dictionary.ts'
import { lintTexts } from './lint.ts'
import { headOf, proseOf } from './mdx.ts'
import { stringsOfTypeScript, stringsOfYaml } from './strings.ts'

const term = (en: string, ja: string): Term => ({
  id: 'x',
  topic: 'x',
  en: { term: en, definition: '' },
  ja: { term: ja, definition: '' },
})
const terms = [term('container', 'コンテナ'), term('hypervisor', 'ハイパーバイザー'), term('gVisor', 'gVisor')]
const spellings = {
  ja: spellingsOf('ja', terms, [{ wrong: 'ネームスペース', right: '名前空間' }]),
  en: spellingsOf('en', terms, []),
}
const lint = async (language: 'ja' | 'en', body: string) =>
  (await lintTexts([{ file: 'f', language, text: proseOf(body), line: 1, page: true }], spellings)).map(
    (p) => `${p.line}: ${/\(([a-z-]+)\)$/.exec(p.text)?.[1]}`,
  )

describe('the prose of a page', () => {
  test('keeps every line where it is, without what isn’t prose', () => {
    const mdx = [
      '---',
      'title: "T: t"',
      'description: What it tells.',
      '---',
      "import Quiz from '../Quiz.astro'",
      '',
      '<Quiz>',
      'A word.[^src] Another. {/* figures: case */}',
      '## Heading [#id]',
      '```sh',
      '<not a="tag">',
      '```',
      'See `<this>` and <b>that</b>.',
    ].join('\n')
    expect(proseOf(mdx).split('\n').slice(4)).toEqual([
      '',
      '',
      '',
      'A word. Another.',
      '## Heading',
      '```sh',
      '<not a="tag">',
      '```',
      'See `<this>` and that.',
    ])
    expect(headOf(mdx)).toEqual([
      { text: 'T: t', line: 2 },
      { text: 'What it tells.', line: 3 },
    ])
  })
})

describe('the dictionary', () => {
  const wrong = (language: 'ja' | 'en', text: string) => foundIn(text, spellings[language]).map((s) => s.right)
  test('the long vowel at the end of katakana, as the glossary has it', () => {
    expect(wrong('ja', 'コンテナーとハイパーバイザ')).toEqual(['コンテナ', 'ハイパーバイザー'])
    expect(wrong('ja', 'コンテナとハイパーバイザー、ハイパーバイザーズ')).toEqual([])
  })
  test('the letters of a name, in both languages, but not in paths and longer names', () => {
    for (const language of ['ja', 'en'] as const) {
      expect(wrong(language, 'GVisor')).toEqual(['gVisor'])
      expect(wrong(language, 'gVisor gvisor.dev /usr/bin/gvisor gvisor-tool')).toEqual([])
    }
  })
  test('spellings that no rule gives', () => expect(wrong('ja', 'ネームスペース')).toEqual(['名前空間']))
})

describe('linting', () => {
  test('Japanese: the preset and the dictionary, with the line of the page', async () => {
    expect(
      await lint('ja', '正しい文です。\n\nコンテナーを設定することができます。\n\n- ネームスペースを見れます。\n'),
    ).toEqual(['3: prh', '3: ja-no-redundant-expression', '5: prh', '5: no-dropping-the-ra'])
    expect(await lint('ja', 'これはである調である。\n')).toEqual(['1: no-mix-dearu-desumasu'])
  })
  test('English: fillers, wordy phrases, wrong terms, endless sentences', async () => {
    expect(await lint('en', 'It is right.\n\nThis is really simple.\n\nUtilize javascript.\n')).toEqual(
      expect.arrayContaining(['3: write-good', '5: terminology']),
    )
    expect(await lint('en', `${Array.from({ length: 41 }, (_, i) => `w${i}`).join(' ')}.\n`)).toEqual([
      '1: en-max-word-count',
    ])
  })
  test('code, links’ addresses and exempted messages are no mistakes', async () => {
    expect(await lint('ja', '一つの`コンテナー`は[これ](../gvisor/)です。\n')).toEqual([])
    expect(await lint('en', 'Only root may, and it is `really` so.\n')).toEqual([])
  })
})

describe('texts in data', () => {
  test('YAML: what stands below ja and en, with its line', () => {
    const yaml =
      'id: x\ntitle: { ja: 題です, en: A title }\nsteps:\n  - say:\n      ja: 手順です\n    run: docker ps -a\n'
    expect(stringsOfYaml('f', yaml).map((t) => [t.language, t.text, t.line])).toEqual([
      ['ja', '題です', 2],
      ['en', 'A title', 2],
      ['ja', '手順です', 5],
    ])
  })
  test('TypeScript: literals and templates below ja and en; what is filled in becomes code', () => {
    const code =
      "const words = {\n  ja: { a: 'はい', n: (n: number) => `${n}個です` },\n  en: { a: 'Yes it is', id: 'x' },\n}\n"
    expect(stringsOfTypeScript('f', code).map((t) => [t.language, t.text, t.line])).toEqual([
      ['ja', 'はい', 2],
      ['ja', '`x`個です', 2],
      ['en', 'Yes it is', 3],
    ])
  })
})
