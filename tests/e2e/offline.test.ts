/** Reading without network: what was read, the whole site on request, a new build in the place of an old one, and removal. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, type Page, test } from '@playwright/test'
import { nameBuild } from '../../scripts/site/build-name.ts'
import { CopyServer } from './support/copy-server.ts'

test.use({ serviceWorkers: 'allow' })
const dist = fileURLToPath(new URL('../../dist', import.meta.url))
const server = new CopyServer(dist, '/any/where/', 4401)
const at = (path: string): string => server.address + path

test.beforeEach(async () => {
  server.folder = dist
  await server.start()
})
test.afterEach(() => server.stop())

/** Opens a page and waits until all that it needs is kept. */
async function visit(page: Page, path: string): Promise<void> {
  await page.goto(at(path))
  const kept = (): Promise<boolean> =>
    page.evaluate(
      async (file) => {
        for (const name of await caches.keys()) {
          const urls = (await (await caches.open(name)).keys()).map((r) => r.url)
          if (urls.includes(location.href) && urls.some((u) => u.includes(file))) return true
        }
        return false
      },
      path.startsWith('ja') ? 'fragment/ja_' : 'fragment/en_',
    )
  await expect.poll(kept, { timeout: 30_000 }).toBe(true)
}
const terminalSays = async (page: Page, word: string): Promise<void> => {
  await page.locator('zukan-terminal').scrollIntoViewIfNeeded()
  await page.locator('zukan-terminal input').fill(`docker run --rm --hostname ${word} alpine hostname`)
  await page.keyboard.press('Enter')
  await expect(page.locator('zukan-terminal [role=log]')).toContainText(new RegExp(`hostname\\s*${word}`))
}
const searchFinds = async (page: Page, query: string): Promise<void> => {
  await page.locator('zukan-search > button').click()
  await page.locator('zukan-search input').fill(query)
  await expect(page.locator('zukan-search [data-results] a').first()).toBeVisible()
  await page.keyboard.press('Escape')
}
/** The build of the worker that answers the page. */
const buildAtWork = (): Promise<string> =>
  new Promise((answer) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }) => answer(String(data))
    navigator.serviceWorker.controller?.postMessage({ kind: 'build' }, [port2])
    setTimeout(() => answer('no answer'), 1000)
  })
const cacheNames = (page: Page): Promise<readonly string[]> => page.evaluate(() => caches.keys())

test('a page that was read works without network: terminal, search and picture; others lead to the list', async ({
  page,
}) => {
  const problems: string[] = []
  page.on('pageerror', (e) => problems.push(e.message))
  await visit(page, 'en/process/')
  await server.stop()
  await page.reload()
  await expect(page.locator('.zk-canvas svg').first()).toBeVisible()
  await terminalSays(page, 'offline')
  await searchFinds(page, 'namespace')
  await page.goto(at('en/windows/'))
  await expect(page).toHaveURL(/\/any\/where\/en\/offline\/\?missing=/)
  await expect(page.locator('[data-missing] a')).toHaveText('en/windows/')
  await expect(page.locator('zukan-offline ul a')).toHaveText(['A container is a process'])
  expect(problems).toEqual([])
  await server.start()
})

test('the whole site on request, with size, progress, a way to stop, and one to be rid of it', async ({
  page,
  context,
}) => {
  await page.goto(at('en/offline/'))
  await expect(page.getByRole('status').first()).toHaveAttribute('data-state', 'some')
  const whole = page.getByRole('button', { name: 'whole site' })
  const status = page.locator('zukan-offline [role=status]')
  await expect(status).toContainText(/whole site is [0-9.]+ MB/)
  await whole.press('Enter')
  await page.getByRole('button', { name: 'Cancel' }).press('Enter')
  await expect(status).toHaveAttribute('data-state', /cancelled|kept/)
  if ((await status.getAttribute('data-state')) === 'cancelled') await whole.press('Enter')
  await expect(status).toHaveAttribute('data-state', 'kept', { timeout: 30_000 })
  await server.stop()
  for (const path of ['ja/windows/', 'en/glossary/', 'ja/', ''] as const) {
    await page.goto(at(path))
    await expect(page.locator('h1').first()).toBeVisible()
  }
  await page.goto(at('ja/process/'))
  await terminalSays(page, 'zentai')
  await searchFinds(page, '名前空間')
  await page.goto(at('en/embed/stack/'))
  await expect(page.locator('.zk-canvas svg').first()).toBeVisible()

  await page.goto(at('en/offline/'))
  await page.getByRole('button', { name: 'Remove all' }).press('Enter')
  await expect(status).toHaveAttribute('data-state', 'refused')
  expect(await cacheNames(page)).toEqual([])
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0)
  await expect(page.goto(at('en/process/'))).rejects.toThrow()
  // Nothing comes back by itself.
  await server.start()
  const later = await context.newPage()
  await later.goto(at('en/process/'))
  await later.waitForTimeout(3500)
  expect(await cacheNames(later)).toEqual([])
})

test('a new build replaces the old one without mixing; a page that is open goes on with its own files', async ({
  page,
  context,
}) => {
  test.slow()
  const old = mkdtempSync(join(tmpdir(), 'zukan-old-'))
  const renewed = mkdtempSync(join(tmpdir(), 'zukan-new-'))
  try {
    cpSync(dist, old, { recursive: true })
    cpSync(dist, renewed, { recursive: true })
    // The new build: other words on a page, other names for what the terminal loads later.
    const page1 = join(renewed, 'en/process/index.html')
    writeFileSync(page1, readFileSync(page1, 'utf8').replaceAll('A container is a process', 'The second edition'))
    const name = await nameBuild(renewed, 'next')
    server.folder = old
    await visit(page, 'en/process/')
    const before = await cacheNames(page)
    // The old one's later parts are gone from the server.
    server.folder = renewed
    const second = await context.newPage()
    await second.goto(at('en/process/'))
    await expect(second.locator('h1').first()).toHaveText('The second edition')
    await expect.poll(() => second.evaluate(buildAtWork), { timeout: 60_000 }).toBe(name)
    await server.stop()
    // The page of the old build still has what it needs, the new one is read without network.
    await terminalSays(page, 'before')
    await second.reload()
    await expect(second.locator('h1').first()).toHaveText('The second edition')
    await server.start()
    await page.reload()
    await expect(page.locator('h1').first()).toHaveText('The second edition')
    await page.goto(at('en/process/'))
    await second.goto(at('en/process/'))
    await expect
      .poll(async () => (await cacheNames(page)).filter((c) => before.includes(c)), { timeout: 10_000 })
      .toEqual([])
  } finally {
    rmSync(old, { recursive: true, force: true })
    rmSync(renewed, { recursive: true, force: true })
  }
})

test('installable, in both languages', async ({ page }) => {
  for (const language of ['ja', 'en']) {
    await page.goto(at(`${language}/process/`))
    const link = page.locator('link[rel=manifest]')
    await expect(link).toHaveCount(1)
    const address = await link.evaluate((e) => (e as HTMLLinkElement).href)
    const { icons, ...manifest } = JSON.parse(await (await fetch(address)).text())
    expect(new URL(manifest.start_url, address).href).toBe(at(`${language}/`))
    expect(new URL(manifest.scope, address).href).toBe(at(''))
    for (const icon of icons) expect((await fetch(new URL(icon.src, address))).status, icon.src).toBe(200)
  }
})
