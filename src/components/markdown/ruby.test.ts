import { expect, test } from 'vitest'
import { readReadings } from './library.ts'
import type { Node } from './nodes.ts'
import { ruby } from './ruby.ts'

const readings = [
  { id: 'a', word: '脆弱', reading: 'ぜいじゃく' },
  { id: 'b', word: '束', reading: 'たば', before: 'ね' },
]
/** A page's text, what stands above a word in brackets. */
function shown(path: string, ...children: Node[]): string {
  const tree: Node = { type: 'root', children }
  const fail = (): never => {
    throw new Error()
  }
  ruby(readings)()(tree, { path, fail })
  const of = (node: Node): string =>
    node.value ??
    (node.data?.hName === 'ruby' ? `<${node.children?.map(of).join('')}>` : (node.children ?? []).map(of).join(''))
  return of(tree)
}
const paragraph = (value: string): Node => ({ type: 'paragraph', children: [{ type: 'text', value }] })

test('a word’s first use in prose has its reading', () => {
  const heading: Node = { type: 'heading', children: [{ type: 'text', value: '脆弱性' }] }
  expect(shown('src/ja/a.mdx', heading, paragraph('脆弱性と、脆弱な'))).toBe('脆弱性<脆弱(ぜいじゃく)>性と、脆弱な')
})
test('a word of more kanji, and a word that goes on otherwise, are others', () => {
  expect(shown('src/ja/a.mdx', paragraph('約束と束。束ねる'))).toBe('約束と束。<束(たば)>ねる')
})
test('English pages have none', () => {
  expect(shown('src/en/a.mdx', paragraph('脆弱'))).toBe('脆弱')
})
test('every word of the list is there once, with a reading in kana', () => {
  const list = readReadings()
  expect(new Set(list.map(({ word }) => word)).size).toBe(list.length)
  for (const { word, reading } of list) expect(reading, word).toMatch(/^[\u3041-\u309f]+$/)
})
