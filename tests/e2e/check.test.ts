/** The check of an installed copy finds what is missing, differs or is served wrongly, over http and from a folder. */
import { appendFileSync, cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, test } from '@playwright/test'
import { CopyServer } from './support/copy-server.ts'

const dist = fileURLToPath(new URL('../../dist', import.meta.url))
const server = new CopyServer(dist, '/copy/', 4402)
const copies: string[] = []
function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zukan-copy-'))
  copies.push(folder)
  cpSync(dist, folder, { recursive: true })
  return folder
}
test.beforeAll(() => server.start())
test.afterAll(async () => {
  await server.stop()
  for (const folder of copies) rmSync(folder, { recursive: true, force: true })
})

for (const [language, good] of [
  ['ja', /すべてがそろっていて/],
  ['en', /are there and are what was built/],
] as const)
  test(`/${language}/check/ finds nothing wrong with what was built`, async ({ page }) => {
    server.folder = dist
    await page.goto(`${server.address}${language}/check/`)
    const status = page.getByRole('status')
    await expect(status).toHaveAttribute('data-state', 'good', { timeout: 40_000 })
    await expect(status).toHaveText(good)
    // This server neither compresses nor lets assets be kept, and says so.
    await expect(page.locator('[data-advice] li')).toHaveCount(2)
  })

test('a half-copied site: each file that is missing or differs is named', async ({ page }) => {
  const folder = copy()
  server.folder = folder
  rmSync(join(folder, 'ja/process'), { recursive: true })
  const asset = readdirSync(join(folder, '_astro')).find((f) => f.startsWith('emulator')) as string
  rmSync(join(folder, '_astro', asset))
  appendFileSync(join(folder, 'en/oci/index.html'), '<!-- altered -->')
  await page.goto(`${server.address}en/check/`)
  const status = page.getByRole('status')
  await expect(status).toHaveAttribute('data-state', 'bad', { timeout: 40_000 })
  await expect(page.locator('[data-problems] li')).toHaveText([
    new RegExp(`_astro/${asset}: isn’t there`),
    /en\/oci\/index\.html: isn’t what was built/,
    /ja\/process\/index\.html: isn’t there/,
  ])
  rmSync(join(folder, 'files.json'))
  await page.reload()
  await expect(status).toContainText('files.json')
})

test('without its script the page says what that means', async ({ page }) => {
  const folder = copy()
  server.folder = folder
  rmSync(join(folder, '_astro'), { recursive: true })
  await page.goto(`${server.address}ja/check/`)
  await expect(page.getByRole('status')).toContainText('_astroフォルダー')
})

test('from file://, missing files are named and none is run', async ({ page }) => {
  const folder = copy()
  const problems: string[] = []
  page.on('pageerror', (e) => problems.push(e.message))
  const address = pathToFileURL(join(folder, 'en/check/index.html')).href
  await page.goto(address)
  const status = page.getByRole('status')
  await expect(status).toHaveAttribute('data-state', 'good', { timeout: 40_000 })
  rmSync(join(folder, 'ja/oci'), { recursive: true })
  const wasm = 'pagefind/wasm.en.pagefind.js'
  rmSync(join(folder, wasm))
  await page.reload()
  await expect(status).toHaveAttribute('data-state', 'bad', { timeout: 40_000 })
  await expect(page.locator('[data-problems] li')).toHaveText([/ja\/oci\/index\.html: isn’t there/, new RegExp(wasm)])
  await expect(page).toHaveURL(address)
  expect(problems).toEqual([])
})

test('an old browser reads a sentence and the page', async ({ page, baseURL }) => {
  await page.addInitScript(() => {
    Reflect.deleteProperty(Object, 'hasOwn')
  })
  await page.goto(`${baseURL}/ja/process/`)
  await expect(page.locator('.zk-old')).toContainText('お使いのブラウザーは古い')
  await expect(page.locator('.zk-canvas svg').first()).toBeVisible()
})
