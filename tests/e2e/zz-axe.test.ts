/** axe finds nothing on any page, in either language, theme and width. */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { expect, type Page, test } from '@playwright/test'

const dist = fileURLToPath(new URL('/tmp/w/links/main/dist', import.meta.url))
const source = readFileSync(createRequire('/tmp/w/links/main/x.js').resolve('axe-core/axe.min.js'), 'utf8')
/** Every page of the site, as an address below its root. */
const only = /^\/(ja|en)\/($|print|check|offline|install|teaching|lab\/$|lab\/(volume|wsl2)|embed\/lab\/($|volume)|embed\/(stack|timeline|lifecycle)|process|oci-image|wsl2|references|glossary|emulator)/
const pages = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  .map((f) => f.replaceAll('\\', '/'))
  .filter((f) => /^(ja|en)\/.*index\.html$|^index\.html$/.test(f))
  // Pages that only lead on have left before anybody could look at them.
  .filter((f) => !readFileSync(`${dist}/${f}`, 'utf8').includes('data-moved-page') && f !== 'index.html')
  .map((f) => `/${f.replace(/index\.html$/, '')}`)
  .filter((p) => only.test(p)).sort()

interface Axe {
  run(
    context: unknown,
    options: unknown,
  ): Promise<{
    violations: { id: string; help: string; nodes: { target: unknown; failureSummary: string }[] }[]
  }>
}
/** What axe finds wrong, a line each. `rules` narrows the run to some of them. */
async function faults(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  return page.evaluate(async (only) => {
    const { axe } = window as unknown as { axe: Axe }
    const { violations } = await axe.run(document, {
      resultTypes: ['violations'],
      ...(only ? { runOnly: { type: 'rule', values: only } } : {}),
    })
    return violations.flatMap((v) =>
      v.nodes.slice(0, 3).map((n) => `${v.id}: ${JSON.stringify(n.target)}: ${n.failureSummary.replace(/\s+/g, ' ')}`),
    )
  }, rules)
}
const setTheme = (page: Page, theme: string): Promise<void> =>
  page.evaluate((name) => {
    document.documentElement.dataset.theme = name
  }, theme)

/** Goes through pages one after the other in one tab. */
async function walk(page: Page, width: number, paths: readonly string[]): Promise<readonly string[]> {
  await page.setViewportSize({ width, height: 900 })
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const found: string[] = []
  for (const path of paths) {
    await page.goto(path)
    await page.evaluate(source)
    for (const fault of await faults(page)) found.push(`${path} dark: ${fault}`)
    // What depends on the theme is colour alone.
    await setTheme(page, 'light')
    for (const fault of await faults(page, ['color-contrast', 'link-in-text-block']))
      found.push(`${path} light: ${fault}`)
  }
  return found
}
/** A few tests share the pages, so that a failure names its part of the site; two tabs each, for two processors. */
const parts = 1
for (const width of [1280, 320])
  for (let part = 0; part < parts; part++)
    test(`axe at ${width} px, part ${part + 1} of ${parts}`, async ({ page, context }) => {
      test.setTimeout(900_000)
      const mine = pages.filter((_, i) => i % parts === part)
      const found = await Promise.all([
        walk(
          page,
          width,
          mine.filter((_, i) => i % 2 === 0),
        ),
        walk(
          await context.newPage(),
          width,
          mine.filter((_, i) => i % 2 === 1),
        ),
      ])
      expect(found.flat().slice(0, 40)).toEqual([])
    })
