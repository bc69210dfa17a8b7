import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { queries } from './data/queries.ts'

const written = (language: string, page: string): boolean =>
  existsSync(fileURLToPath(new URL(`../../src/content/docs/${language}/${page}.mdx`, import.meta.url)))

for (const language of ['ja', 'en'] as const) {
  test(`what readers of /${language}/ type brings the right page among the first three`, async ({ page }) => {
    await page.goto(`/${language}/`)
    await page.locator('zukan-search > button').click()
    const wrong: string[] = []
    for (const [query, ...want] of queries[language]) {
      if (!want.every((name) => written(language, name))) wrong.push(`${query}: there is no page of ${want.join(', ')}`)
      await page.locator('zukan-search input').fill(query)
      const results = page.locator('zukan-search [data-query]')
      await expect(results).toHaveAttribute('data-query', query)
      const pages = await page
        .locator('zukan-search [data-results] > li > p > a')
        .evaluateAll((links) => links.slice(0, 3).map((a) => (a as HTMLAnchorElement).pathname.split('/').at(-2)))
      if (!want.some((name) => pages.includes(name)))
        wrong.push(`${query}: ${want.join(', ')} is not in ${pages.join(', ')}`)
    }
    expect(wrong).toEqual([])
  })
}
