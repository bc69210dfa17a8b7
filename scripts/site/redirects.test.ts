import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkSite, writeRedirects } from './redirects.ts'

let dist = ''
const put = (path: string, html: string): void => {
  for (const language of ['ja', 'en']) {
    const file = join(dist, language, path, 'index.html')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, html)
  }
}
const get = (path: string): string => readFileSync(join(dist, path, 'index.html'), 'utf8')
beforeEach(() => {
  dist = mkdtempSync(join(tmpdir(), 'zukan-redirects-'))
  put(
    'process',
    '<html><head></head><body><main><h2 class="x" id="limits">a</h2><h2 id="view">b</h2></main></body></html>',
  )
  put('cgroups', '<html><head></head><body><main><h2 id="memory">c</h2></main></body></html>')
})
afterEach(() => rmSync(dist, { recursive: true }))

test('a site that lacks a registered id is refused, with all that is gone', () => {
  expect(() => checkSite(dist, ['process', 'process#limits'], [])).not.toThrow()
  expect(() => checkSite(dist, ['process#gone', 'lost'], [])).toThrow(/"process#gone" is gone[\s\S]*"lost" is gone/)
})
test('an id counts where both languages have it', () => {
  writeFileSync(join(dist, 'ja/process/index.html'), '<main></main>')
  expect(() => checkSite(dist, ['process#limits'], [])).toThrow('"process#limits" is gone')
})
test('a heading that got another id on its page is still found by the old one', () => {
  writeRedirects(dist, ['process#old'], [{ from: 'process#old', to: 'process#limits' }])
  expect(get('ja/process')).toContain('<span id="old" class="zk-was"></span><h2 class="x" id="limits">')
})
test('a heading that moved to another page leaves a mark that leads there', () => {
  writeRedirects(dist, [], [{ from: 'process#old', to: 'cgroups#memory' }])
  expect(get('en/process')).toContain('id="old">This section has moved: <a data-moved href="../cgroups/#memory">')
  expect(get('en/process')).toContain('<script src="/moved.js" defer></script></head>')
})
test('a page that moved leaves a page that leads on, and its headings their own ways', () => {
  const redirects = [
    { from: 'limits', to: 'cgroups' },
    { from: 'limits#cpu', to: 'process#limits' },
  ]
  const register = ['limits', 'limits#memory', 'limits#cpu']
  expect(() => checkSite(dist, register, redirects)).not.toThrow()
  expect(writeRedirects(dist, register, redirects)).toEqual(['ja/limits/index.html', 'en/limits/index.html'])
  const page = get('ja/limits')
  expect(page).toContain('content="0; url=../cgroups/"')
  expect(page).toContain('<a id="cpu" data-moved href="../process/#limits">')
  expect(page).toContain('<a id="memory" data-moved href="../cgroups/#memory">')
})
