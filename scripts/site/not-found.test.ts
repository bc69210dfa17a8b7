import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { notFoundPages } from './not-found.ts'

const source = readFileSync(new URL('../../public/404.html', import.meta.url), 'utf8')
const pages = notFoundPages(source)

test('one page in both languages, and one in each', () => {
  expect(pages.both).toContain('<section lang="ja">')
  expect(pages.both).toContain('<section lang="en">')
  expect(pages.ja).toContain('<html lang="ja">')
  expect(pages.ja).not.toContain('<section lang="en">')
  expect(pages.en).toContain('<html lang="en">')
  expect(pages.en).toContain('<title>Page not found | Container Zukan</title>')
  expect(pages.en).not.toContain('<section lang="ja">')
})
test('the policy allows exactly the script and the style that stand in the page', () => {
  for (const html of Object.values(pages))
    for (const element of ['style', 'script']) {
      const text = new RegExp(`<${element}>([^<]*)</${element}>`).exec(html)?.[1] ?? ''
      expect(html).toContain(`${element}-src 'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    }
})
