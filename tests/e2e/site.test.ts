import { expect, test } from '@playwright/test'

const pages = ['', 'vms-and-containers/', 'first-container/', 'process/']
for (const language of ['ja', 'en']) {
  for (const path of pages) {
    test(`/${language}/${path} opens without errors, without requests elsewhere, and fits 320 px`, async ({
      page,
      baseURL,
    }) => {
      const problems: string[] = []
      page.on('pageerror', (e) => problems.push(e.message))
      page.on('console', (m) => m.type() === 'error' && problems.push(m.text()))
      page.on('request', (r) => !r.url().startsWith(baseURL as string) && problems.push(`asked ${r.url()}`))
      await page.setViewportSize({ width: 320, height: 700 })
      await page.goto(`/${language}/${path}`)
      await expect(page.locator('html')).toHaveAttribute('lang', language)
      await expect(page.locator('h1').first()).toBeVisible()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
      expect(problems).toEqual([])
    })
  }
}

test('headings have the same ids in both languages', async ({ page }) => {
  for (const path of pages.slice(1)) {
    const ids: string[][] = []
    for (const language of ['ja', 'en']) {
      await page.goto(`/${language}/${path}`)
      ids.push(await page.locator('.sl-markdown-content :is(h2, h3)[id]').evaluateAll((all) => all.map((e) => e.id)))
    }
    expect(ids[0]).toEqual(ids[1])
    expect(ids[0]?.length).toBeGreaterThan(4)
  }
})

test('the front page sends a reader to the language of the browser', async ({ browser, baseURL }) => {
  for (const [locale, want] of [
    ['ja-JP', '/ja/'],
    ['fr-FR', '/en/'],
  ] as const) {
    const context = await browser.newContext({ locale })
    const page = await context.newPage()
    await page.goto(`${baseURL}/`)
    await page.waitForURL(`**${want}`)
    await context.close()
  }
})

test('without script the text, the recorded output and the picture are there', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(`${baseURL}/en/process/`)
  await expect(page.getByText('nginx: master process').first()).toBeVisible()
  await expect(page.locator('.zk-canvas svg').first()).toBeVisible()
  await context.close()
})

test('the search finds a Japanese term, by keyboard alone', async ({ page }) => {
  await page.goto('/ja/')
  // The button shows when there is code that listens.
  await expect(page.locator('zukan-search > button')).toBeVisible()
  await page.keyboard.press('/')
  await page.keyboard.type('名前空間')
  await expect(page.locator('zukan-search [data-results] a').first()).toHaveText('名前空間')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/ja\/namespaces\//)
})

test('the theme that a reader chose stays', async ({ page }) => {
  await page.goto('/en/')
  await page.locator('zukan-theme select').first().selectOption('light')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
  await page.goto('/ja/process/')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
})

test('the other language opens at the same heading', async ({ page }) => {
  await page.goto('/ja/process/#limits')
  await page.locator('a[data-twin]').first().click()
  await expect(page).toHaveURL(/\/en\/process\/#limits$/)
})
