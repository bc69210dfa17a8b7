import { expect, test } from 'vitest'
import { merged, pageName, parseProgress, progressText } from './progress.ts'

test('a record reads back', () => {
  const read = { process: '2026-11-21', cgroups: '2026-11-22' }
  expect(parseProgress(progressText(read))).toEqual(read)
})
test.each([
  ['no JSON', 'read everything'],
  ['a later version', '{"version":2,"read":{}}'],
  ['a list', '{"version":1,"read":[]}'],
  ['nothing', 'null'],
])('%s is no record', (_, text) => {
  expect(parseProgress(text)).toBeUndefined()
})
test('what is no page or no day is left out', () => {
  const text =
    '{"version":1,"read":{"process":"2026-11-21","<script>":"2026-11-21","__proto__":"2026-11-21","faq":"yesterday"}}'
  expect(parseProgress(text)).toEqual({ process: '2026-11-21' })
})
test('of two records the earlier day stays', () => {
  expect(merged({ a: '2026-01-02', b: '2026-01-01' }, { a: '2026-01-01', c: '2026-03-03' })).toEqual({
    a: '2026-01-01',
    b: '2026-01-01',
    c: '2026-03-03',
  })
})
test('a page has one name in both languages, below any path and from a folder', () => {
  expect(
    ['/ja/process/', '/x/y/en/process/', '/home/me/dist/ja/process/index.html', '/ja/', '/ja/lab/oom/'].map(pageName),
  ).toEqual(['process', 'process', 'process', '', ''])
})
