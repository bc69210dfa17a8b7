import { gzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'

/** Bytes, gzip: what a reader on a phone loads for the first prompt and the first container, terminal included. */
const MOST = 110_000

test('the first prompt and a docker run stay within their budget of bytes', async ({ page }, info) => {
  const sizes = new Map<string, number>()
  const coming: Promise<void>[] = []
  page.on('response', (response) => {
    const name = new URL(response.url()).pathname.split('/').at(-1) ?? ''
    if (!name.endsWith('.js')) return
    coming.push(response.body().then((body) => void sizes.set(name, gzipSync(body).length)))
  })
  await page.goto('/en/first-container/')
  await page.waitForLoadState('networkidle')
  // What every page loads, terminal or not, isn't the terminal's.
  const pages = new Set([...sizes.keys()].filter((name) => !/^Terminal/.test(name)))
  await page.locator('zukan-terminal input').fill('docker run --rm alpine echo here')
  await page.keyboard.press('Enter')
  await expect(page.locator('zukan-terminal [role=log]')).toContainText(/echo here\s*here/)
  await Promise.all(coming)
  const mine = [...sizes].filter(([name]) => !pages.has(name)).sort((a, b) => b[1] - a[1])
  const total = mine.reduce((n, [, size]) => n + size, 0)
  info.annotations.push({ type: 'bytes', description: String(total) })
  expect(total, mine.map(([name, size]) => `${size} ${name}`).join('\n')).toBeLessThanOrEqual(MOST)
})
