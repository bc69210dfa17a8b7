import { expect, test } from 'vitest'
import { tableHeads } from './table-heads.ts'

const el = (tagName: string, ...children: unknown[]) => ({ type: 'element', tagName, children }) as never
const cell = (tag: string, text: string) => el(tag, ...(text ? [{ type: 'text', value: text }] : []))
const table = (heads: readonly string[], ...body: readonly (readonly string[])[]) =>
  el(
    'table',
    el('thead', el('tr', ...heads.map((h) => cell('th', h)))),
    el('tbody', ...body.map((r) => el('tr', ...r.map((c) => cell('td', c))))),
  )
interface Node {
  tagName?: string
  properties?: Record<string, unknown>
  children?: Node[]
}
const tags = (node: Node): unknown =>
  node.tagName === 'th' || node.tagName === 'td'
    ? `${node.tagName}${node.properties?.scope ? ' row' : ''}`
    : (node.children ?? []).map(tags)

test('a first column below an empty heading names the rows', () => {
  const t = table(['', 'A'], ['x', '1'], ['', '2'])
  tableHeads()(t)
  expect(tags(t)).toEqual([
    [['td', 'th']],
    [
      ['th row', 'td'],
      ['td', 'td'],
    ],
  ])
})
test('a head without a word is left out', () => {
  const t = table(['', ''], ['x', '1'])
  tableHeads()(t)
  expect(tags(t)).toEqual([[['th row', 'td']]])
})
test('other tables stay as they are', () => {
  const t = table(['K', 'A'], ['x', '1'])
  tableHeads()(t)
  expect(tags(t)).toEqual([[['th', 'th']], [['td', 'td']]])
})
