import { gzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'

/** Bytes, gzip, that a reader loads for the first prompt and the first container, terminal included. It may only fall. */
const MOST = 110_000

test('the first prompt and a docker run stay within their budget of bytes', async ({ page }) => {
  const sizes = new Map<string, number>()
  const coming: Promise<void>[] = []
  page.on('response', (response) => {
    const name = new URL(response.url()).pathname.split('/').at(-1) ?? ''
    if (!name.endsWith('.js')) return
    coming.push(response.body().then((body) => void sizes.set(name, gzipSync(body).length)))
  })
  // The page's picture has code of its own, which isn't counted here.
  await page.addInitScript(() =>
    document.addEventListener('DOMContentLoaded', () => {
      for (const picture of document.querySelectorAll('zukan-diagram')) picture.remove()
    }),
  )
  await page.goto('/en/')
  // What the page itself names is every page's, but for the terminal; the rest comes by import().
  const named = await page.evaluate(async () => {
    const text = await (await fetch(location.href)).text()
    const html = new DOMParser().parseFromString(text, 'text/html')
    return [...html.querySelectorAll('script[src]')].map((e) => e.getAttribute('src')?.split('/').at(-1) ?? '')
  })
  const pages = new Set(named.filter((name) => !/^(terminal|sessions|screen)/i.test(name)))
  await page.locator('zukan-terminal input').fill('docker run --rm alpine echo here')
  // At once: what is pressed before the code is there counts.
  await page.keyboard.press('Enter')
  await expect(page.locator('zukan-terminal [role=log]')).toContainText(/echo here\s*here/)
  await Promise.all(coming)
  const mine = [...sizes].filter(([name]) => !pages.has(name)).sort((a, b) => b[1] - a[1])
  const total = mine.reduce((n, [, size]) => n + size, 0)
  expect(mine.some(([name]) => name.startsWith('emulator'))).toBe(true)
  expect(total, mine.map(([name, size]) => `${size} ${name}`).join('\n')).toBeLessThanOrEqual(MOST)
})
