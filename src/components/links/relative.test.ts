import { expect, test } from 'vitest'
import { relativeTo } from './relative.ts'

test.each([
  ['ja/process/#a', '/ja/teaching/', '../process/#a'],
  ['ja/', '/ja/teaching/', '../'],
  ['ja/lab/?v=1&run=cat+/etc/hosts', '/ja/teaching/', '../lab/?v=1&run=cat+/etc/hosts'],
  ['ja/teaching/#list', '/ja/teaching/', './#list'],
])('%s from %s', (address, page, expected) => {
  expect(relativeTo(address, page)).toBe(expected)
})
