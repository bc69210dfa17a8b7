/** Nothing inline, nothing from elsewhere, no text made code; what an address carries never becomes markup. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { type DefaultTreeAdapterMap, parse } from 'parse5'
import { filesBelow } from '../../scripts/site/finish.ts'
import { POLICY } from '../../scripts/site/page.ts'

const dist = fileURLToPath(new URL('../../dist', import.meta.url))
const files = filesBelow(dist)
const read = (path: string): string => readFileSync(join(dist, path), 'utf8')
type Node = DefaultTreeAdapterMap['childNode']

/** What of a page the content security policy would stop, or would ask elsewhere. */
function faults(path: string, html: string): readonly string[] {
  const out: string[] = []
  const visit = (node: Node): void => {
    if (!('tagName' in node)) return
    const attrs = new Map(node.attrs.map((a) => [a.name, a.value]))
    const say = (what: string): void => void out.push(`${path}: <${node.tagName}> ${what}`)
    const type = attrs.get('type') ?? ''
    if (node.tagName === 'script' && !attrs.has('src') && !/json/.test(type)) say('is inline')
    if (node.tagName === 'style') say('is inline')
    for (const [name, value] of attrs) {
      if (/^on/.test(name)) say(`has ${name}`)
      if (name === 'style') say('has a style attribute')
      if (
        /^\s*(javascript|vbscript|data):/i.test(value) &&
        ['href', 'src', 'action'].includes(name) &&
        node.tagName !== 'img'
      )
        say(`leads to ${value.slice(0, 40)}`)
      const fetched =
        name === 'src' ||
        name === 'poster' ||
        (node.tagName === 'link' && /stylesheet|icon|preload|manifest/.test(attrs.get('rel') ?? '') && name === 'href')
      if (fetched && /^([a-z]+:)?\/\//i.test(value)) say(`asks ${value}`)
    }
    for (const child of node.childNodes) visit(child)
    if (node.tagName === 'template')
      for (const child of (node as DefaultTreeAdapterMap['template']).content.childNodes) visit(child)
  }
  for (const child of parse(html).childNodes) visit(child)
  return out
}

test('every page has the policy, nothing inline, and asks nobody else', () => {
  // Pages for "not found" may be asked for below any path: theirs are inline and allowed by hashes (scripts/site/not-found.ts).
  const pages = files.filter((f) => f.endsWith('.html') && !/(^|\/)404\.html$/.test(f))
  expect(pages.length).toBeGreaterThan(100)
  for (const path of pages) {
    const html = read(path)
    expect(html.includes(`content="${POLICY.replaceAll('"', '&quot;')}"`), `${path} has the policy`).toBe(true)
    expect(faults(path, html)).toEqual([])
  }
})
test('no script makes code of text', () => {
  for (const path of files.filter(
    (f) => /^(_astro|pagefind)\/[^/]+\.js$|^worker\.js$/.test(f) && !/\.(json|pf_meta|pagefind)\.js$/.test(f),
  ))
    expect(
      /[^.\w$"'`]eval\(|new Function\(|setTimeout\(\s*["'`]|document\.write\(|importScripts\(/.exec(read(path))?.[0],
      path,
    ).toBeUndefined()
})
test('the scan finds what it looks for', () => {
  const bad =
    '<body onload=x()><script>1</script><a href="javascript:x">x</a><img src="//elsewhere/x.png"><p style="color:red"><template><style></style></template>'
  expect(faults('x', bad)).toHaveLength(6)
})

const hostile = '"><img src=x onerror="window.stolen=1"><script>window.stolen=1</script>\'); alert(1)//'
for (const address of [
  'en/offline/?missing=%',
  'en/embed/stack/?host=%&choice=%&theme=%',
  'en/process/?theme=%&lang=%#%',
  'en/lab/?host=%&run=%',
  'en/links/?q=%#%',
  'en/no/such/%/?%',
])
  test(`a hostile address shows nothing of itself as markup: ${address}`, async ({ page, baseURL }) => {
    const elsewhere: string[] = []
    page.on('request', (r) => !r.url().startsWith(baseURL as string) && elsewhere.push(r.url()))
    page.on('dialog', (d) => {
      elsewhere.push(`dialog ${d.message()}`)
      void d.dismiss()
    })
    for (const text of [hostile, `${hostile}`.repeat(20), '%00%ff%E0%A4%A', '__proto__', '\u202e\u0000\ud7ff']) {
      const encoded = /^%/.test(text) ? text : encodeURIComponent(text)
      await page.goto(`${baseURL}/${address.replaceAll('%', encoded)}`)
      await page.waitForLoadState('networkidle')
      expect(
        await page.evaluate(() => [Reflect.get(window, 'stolen'), document.querySelectorAll('img[src=x]').length]),
      ).toEqual([undefined, 0])
    }
    expect(elsewhere).toEqual([])
  })
test('what is typed into the search is text', async ({ page }) => {
  await page.goto('/en/')
  await page.locator('zukan-search > button').click()
  await page.locator('zukan-search input').fill(hostile)
  await expect(page.locator('zukan-search [role=status]')).not.toBeEmpty()
  expect(
    await page.evaluate(() => [Reflect.get(window, 'stolen'), document.querySelectorAll('img[src=x]').length]),
  ).toEqual([undefined, 0])
})
