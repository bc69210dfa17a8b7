import { expect, test } from 'vitest'
import { headFor, llmsText, oembedFor, siteAddress, sitemapFor } from './meta.ts'

const site = 'https://example.org/zukan/'
const page = { path: 'ja/process/', title: '題 "a" & b', description: '説明', indexed: true }
const frame = { path: 'ja/embed/stack/', title: '図', description: '説明', indexed: false }

test('SITE is an address, and gets its slash', () => {
  expect(siteAddress('https://example.org/zukan')).toBe(site)
  expect(siteAddress(undefined)).toBeUndefined()
  expect(() => siteAddress('example.org')).toThrow('expected an address')
  expect(() => siteAddress('ftp://example.org/')).toThrow('expected an address')
})
test('a page names itself and its twin by whole addresses', () => {
  const head = headFor(page, site)
  expect(head).toContain('<link rel="canonical" href="https://example.org/zukan/ja/process/">')
  expect(head).toContain('hreflang="en" href="https://example.org/zukan/en/process/"')
})
test('what is made for frames is not offered to search engines, but to oEmbed', () => {
  const head = headFor(frame, site)
  expect(head).not.toContain('canonical')
  expect(head).toContain('type="application/json+oembed" href="https://example.org/zukan/ja/embed/stack/oembed.json"')
  const oembed = JSON.parse(oembedFor(frame, site)) as Record<string, unknown>
  expect(oembed).toMatchObject({ type: 'rich', version: '1.0', width: 760, height: 640 })
  expect(oembed.html).toContain('src="https://example.org/zukan/ja/embed/stack/"')
})
test('the site map is XML with both languages', () => {
  expect(sitemapFor([{ ...page, path: 'ja/a&b/' }], site)).toContain('<loc>https://example.org/zukan/ja/a&amp;b/</loc>')
})
test('llms.txt names pages by relative addresses where the site has none', () => {
  expect(llmsText([page])).toContain('- [題 "a" & b](ja/process/): 説明')
})
