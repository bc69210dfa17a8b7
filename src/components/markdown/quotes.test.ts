import { expect, test } from 'vitest'
import type { Node } from './nodes.ts'
import { quotes, typeset } from './quotes.ts'

test('marks open and close by what stands before them', () => {
  expect(typeset(`"One" and 'two' aren't ("three")...`)).toBe('“One” and ‘two’ aren’t (“three”)…')
  expect(typeset(`the '90s; host's; "a 'b' c"`)).toBe('the ’90s; host’s; “a ‘b’ c”')
})
test('a mark after code or a link closes, one at the start of a block opens', () => {
  const text = (value: string): Node => ({ type: 'text', value })
  const tree: Node = {
    type: 'root',
    children: [
      { type: 'paragraph', children: [{ type: 'inlineCode', value: 'ps' }, text("'s output, "), text('"it"')] },
      { type: 'paragraph', children: [{ type: 'link', children: [text('Docker')] }, text("'s own")] },
      { type: 'paragraph', children: [text('"Which"')] },
    ],
  }
  quotes()(tree)
  const of = (node: Node): string => node.value ?? (node.children ?? []).map(of).join('')
  expect((tree.children ?? []).map(of)).toEqual(['ps’s output, “it”', 'Docker’s own', '“Which”'])
})
test('code keeps its marks', () => {
  const tree: Node = { type: 'root', children: [{ type: 'code', value: `echo "it's..."` }] }
  quotes()(tree)
  expect(tree.children?.[0]?.value).toBe(`echo "it's..."`)
})
