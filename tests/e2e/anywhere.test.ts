/** One build for any place: below any path of a real web server, and from file://. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, type Page, test } from '@playwright/test'

const dist = fileURLToPath(new URL('../../dist', import.meta.url))
const nginx = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((p) => existsSync(p))
const PORT = 4398

/** What a reader does on a page: the picture lives, the terminal answers, the search finds. */
async function works(page: Page, address: string, allowed: string): Promise<void> {
  const problems: string[] = []
  page.on('pageerror', (e) => problems.push(e.message))
  page.on('console', (m) => m.type() === 'error' && problems.push(m.text()))
  page.on('request', (r) => !r.url().startsWith(allowed) && problems.push(`asked ${r.url()}`))
  await page.goto(address)
  await expect(page.locator('.zk-canvas svg').first()).toBeVisible()
  await page.locator('zukan-terminal').scrollIntoViewIfNeeded()
  await page.locator('zukan-terminal input').fill('docker run --rm --hostname anywhere alpine hostname')
  await page.keyboard.press('Enter')
  await expect(page.locator('zukan-terminal [role=log]')).toContainText(/hostname\s*anywhere/)
  await page.locator('zukan-search > button').click()
  await page.locator('zukan-search input').fill('ハイパーバイザ')
  const answer = page.locator('zukan-search [data-results] a').first()
  await expect(answer).toBeVisible()
  await answer.click()
  await expect(page).toHaveURL(new RegExp(`^${allowed}ja/[a-z-]+/`))
  await expect(page.locator('h1')).toBeVisible()
  expect(problems).toEqual([])
}

test('from file://, by a double click', async ({ page }) => {
  const root = pathToFileURL(`${dist}/`).href
  await works(page, `${root}ja/process/index.html`, root)
  await page.goto(`${root}index.html`)
  await page.waitForURL(/\/(ja|en)\/index\.html$/)
  await page.goto(`${root}ja/process/index.html`)
  await page.locator('a[data-twin]').first().click()
  await expect(page).toHaveURL(`${root}en/process/index.html`)
})

test.describe('below a path of nginx', () => {
  test.skip(!nginx, 'nginx is not installed')
  let server: ChildProcess
  test.beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zukan-nginx-'))
    for (const place of ['course', 'intranet/docs']) {
      mkdirSync(join(folder, 'www', place, '..'), { recursive: true })
      symlinkSync(dist, join(folder, 'www', place))
    }
    const config = join(folder, 'nginx.conf')
    writeFileSync(
      config,
      `daemon off; pid ${folder}/pid; error_log stderr error; user ${process.getuid?.() === 0 ? 'root' : 'nobody'}; events {}
http { include /etc/nginx/mime.types; access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
server { listen 127.0.0.1:${PORT}; root ${folder}/www; error_page 404 /course/404.html; } }`,
    )
    server = spawn(nginx as string, ['-c', config, '-p', folder], { stdio: 'inherit' })
    await expect
      .poll(
        () =>
          fetch(`http://127.0.0.1:${PORT}/course/`).then(
            (r) => r.status,
            () => 0,
          ),
        { timeout: 10_000 },
      )
      .toBe(200)
  })
  test.afterAll(() => void server?.kill())

  for (const place of ['course', 'intranet/docs']) {
    test(`/${place}/`, async ({ page }) => {
      const root = `http://127.0.0.1:${PORT}/${place}/`
      await works(page, `${root}ja/process/`, root)
    })
  }
  test('a page that is not there is said so, with a way back', async ({ page }) => {
    const response = await page.goto(`http://127.0.0.1:${PORT}/course/en/no/such/page/`)
    expect(response?.status()).toBe(404)
    await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible()
    await page.getByRole('link', { name: 'contents of Container Zukan' }).click()
    await expect(page).toHaveURL(`http://127.0.0.1:${PORT}/course/en/`)
  })
})
