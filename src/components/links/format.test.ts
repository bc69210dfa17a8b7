import { expect, test } from 'vitest'
import { linkText } from './format.ts'

const target = { title: 'A [b] & "c"', href: 'https://x.example/ja/lab/?run=echo+(1)&v=1' }
test('Markdown keeps brackets and parentheses apart from its own', () => {
  expect(linkText(target, 'markdown')).toBe('[A \\[b\\] & "c"](https://x.example/ja/lab/?run=echo+%281%29&v=1)')
})
test('HTML is a link, or a frame where there is something to frame', () => {
  expect(linkText(target, 'html')).toBe(
    '<a href="https://x.example/ja/lab/?run=echo+(1)&amp;v=1">A [b] &amp; &quot;c&quot;</a>',
  )
  expect(linkText({ ...target, embed: 'e/?a&b' }, 'html')).toContain(
    '<iframe src="e/?a&amp;b" title="A [b] &amp; &quot;c&quot;"',
  )
})
