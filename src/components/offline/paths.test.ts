import { expect, test } from 'vitest'
import { addressOf, bundleOf, contentType, fileOf, isSite, isTwin, resourcesOf } from './paths.ts'

test('addresses and files lead to each other', () => {
  for (const path of ['index.html', 'ja/process/index.html', 'pagefind/pagefind.js'])
    expect(fileOf(addressOf(path))).toBe(path)
  expect(addressOf('ja/404.html')).toBe('ja/404.html')
  expect(fileOf('ja/lab/?run=a%2Fb#x')).toBe('ja/lab/index.html')
  expect(fileOf('%E0%A4%A')).toBeUndefined()
})
test('a pack holds programs or one language’s search; pages and twins for file:// are in none', () => {
  expect(bundleOf('_astro/emulator.abc.js')).toBe('program')
  expect(bundleOf('pagefind/pagefind.js')).toBe('program')
  expect(bundleOf('pagefind/fragment/ja_10b4a16.pf_fragment')).toBe('search.ja')
  expect(bundleOf('pagefind/wasm.en.pagefind')).toBe('search.en')
  expect(bundleOf('pagefind/pagefind.en_f15.pf_meta')).toBe('search.en')
  expect(bundleOf('ja/index.html')).toBeUndefined()
  for (const twin of [
    'pagefind/wasm.en.pagefind.js',
    'pagefind/fragment/en_1.pf_fragment.js',
    'pagefind/pagefind-entry.json.js',
  ]) {
    expect(isTwin(twin)).toBe(true)
    expect(isSite(twin)).toBe(false)
    expect(bundleOf(twin)).toBeUndefined()
  }
  expect(isTwin('pagefind/pagefind.js')).toBe(false)
  expect(isSite('offline/program.json')).toBe(false)
  expect(isSite('ja/offline/index.html')).toBe(true)
})
test('a page names its own files, at any depth, and nobody else’s', () => {
  const html =
    '<link href="../../_astro/a.css"><script src="../../_astro/b.js"></script><img src="https://elsewhere.example/x.png"><a href="../oci/">x</a><a href="#top">y</a>'
  expect(resourcesOf('en/process/index.html', html)).toEqual(['_astro/a.css', '_astro/b.js'])
})
test('media types', () => {
  expect(contentType('ja/app.json')).toBe('application/json')
  expect(contentType('pagefind/wasm.en.pagefind')).toBe('application/octet-stream')
})
