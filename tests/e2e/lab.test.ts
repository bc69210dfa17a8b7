/** Links that open a terminal: what they hold is shown first, runs on request, and can't do harm. */
import { expect, type Page, test } from '@playwright/test'

const log = (page: Page) => page.locator('zukan-terminal [role=log]')
const problem = (page: Page) => page.locator('[data-problem]')
/** Errors of the page, gathered while a test goes on. */
function watched(page: Page): readonly string[] {
  const out: string[] = []
  page.on('pageerror', (e) => out.push(e.message))
  page.on('console', (m) => m.type() === 'error' && out.push(m.text()))
  page.on('dialog', (d) => {
    out.push(`dialog: ${d.message()}`)
    void d.dismiss()
  })
  return out
}

test('a link shows its commands and runs them when it is told to', async ({ page }) => {
  const errors = watched(page)
  await page.goto('/en/lab/?host=linux-server&run=docker+run+-d+--name+web+nginx:1.25.3-alpine&run=docker+ps')
  await expect(page.locator('[data-commands] li pre')).toHaveText([
    'docker run -d --name web nginx:1.25.3-alpine',
    'docker ps',
  ])
  await expect(log(page)).toContainText('#')
  await page.waitForTimeout(500)
  await expect(log(page)).not.toContainText('docker')
  await page.getByRole('button', { name: 'Run all in order' }).click()
  await expect(log(page)).toContainText(/NAMES[\s\S]*web/, { timeout: 20_000 })
  await expect(page.locator('[data-commands] [role=status]')).toHaveText('All commands have been typed.')
  expect(errors).toEqual([])
})

test('commands of a session inside a container wait for its prompt', async ({ page }) => {
  await page.goto('/en/lab/?run=docker+run+--rm+-it+--hostname+inside+alpine+sh&run=hostname&run=exit&run=echo+back')
  await page.getByRole('button', { name: 'Run all in order' }).click()
  await expect(log(page).locator('div', { hasText: /^inside$/ })).toBeVisible({ timeout: 20_000 })
  await expect(log(page).locator('div', { hasText: /^back$/ })).toBeVisible({ timeout: 20_000 })
})

test('a link takes its machine, its files and its pictures along', async ({ page }) => {
  const errors = watched(page)
  await page.goto(
    '/ja/lab/?v=1&host=linux-server&picture=stack&file=app/Dockerfile=FROM+alpine%0ACMD+echo+built&run=docker+build+-q+-t+mine+app&run=docker+run+--rm+mine',
  )
  await expect(page.locator('[data-commands] > pre')).toHaveText('FROM alpine\nCMD echo built')
  await page.getByRole('button', { name: 'すべてを順に実行' }).click()
  await expect(log(page).locator('div', { hasText: /^built$/ })).toBeVisible({ timeout: 20_000 })
  await page.locator('[data-pictures]').scrollIntoViewIfNeeded()
  await expect(page.locator('[data-pictures] svg .zk-machine').first()).toBeVisible({ timeout: 20_000 })
  await page.goto('/en/lab/?host=windows-wsl2&run=wsl+-l+-v')
  await page.getByRole('button', { name: 'Run: 1' }).click()
  await expect(log(page)).toContainText('docker-desktop', { timeout: 20_000 })
  expect(errors).toEqual([])
})

const hostile: readonly (readonly [string, string, RegExp])[] = [
  ['a script', 'run=%3Cscript%3Ealert(1)%3C/script%3E', /^$/],
  ['an image that fails', 'run=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E&host=linux-server', /^$/],
  ['markup for a host', 'host=%3Cb%3Ex%3C/b%3E', /no machine called “<b>x<\/b>”/],
  ['a broken percent sign', 'run=100%', /can’t be read/],
  ['half a character', 'run=%E3%81', /can’t be read/],
  ['a control character', 'run=%1B%5B2J', /invisible character \(U\+001B\)/],
  ['a mark that turns the writing', 'run=ls%E2%80%AE', /invisible character \(U\+202E\)/],
  ['an unknown picture', 'picture=../x', /no picture called “..\/x”/],
  ['a future version', 'v=7&run=ls&mode=quantum', /made by a newer edition.*its version is 7/],
  ['no version', 'v=latest', /no version number/],
  ['a file of the system', 'file=../../etc/passwd=x', /isn’t the name of a file/],
]
for (const [name, query, sentence] of hostile)
  test(`a link with ${name} is answered by a sentence, and nothing runs`, async ({ page }) => {
    const errors = watched(page)
    await page.goto(`/en/lab/?${query}`)
    await expect(log(page)).toContainText('#')
    if (sentence.source === '^$') {
      await expect(problem(page)).toBeHidden()
      await expect(page.locator('[data-commands] li pre')).toContainText('<')
      await expect(page.locator('zukan-lab :is(script, img)')).toHaveCount(0)
    } else {
      await expect(problem(page)).toContainText(sentence)
      await expect(page.locator('[data-commands]')).toBeHidden()
    }
    await expect(log(page)).toHaveText(/^\s*~ # $/)
    expect(errors).toEqual([])
  })
test('a link of a megabyte is refused in the language of the page, by pages and by frames', async ({ page }) => {
  // Servers refuse such an address themselves; from a folder and from a cache it may come.
  for (const path of ['/ja/lab/', '/ja/embed/lab/']) {
    await page.goto(path)
    await page.evaluate((query) => history.replaceState(null, '', query), `?run=${'x'.repeat(1_000_000)}`)
    const message = await page.evaluate(() => {
      const old = document.querySelector('zukan-lab') as HTMLElement
      const fresh = document.createElement('zukan-lab')
      fresh.dataset.language = 'ja'
      fresh.innerHTML = '<p data-problem hidden></p><div data-commands hidden></div>'
      old.after(fresh)
      return fresh.querySelector('[data-problem]')?.textContent
    })
    expect(message).toContain('上限の2,048バイトを超えています')
  }
})
test('a frame opens links as the page does', async ({ page }) => {
  await page.goto('/en/embed/lab/?run=hostname')
  await page.getByRole('button', { name: 'Run: 1' }).click()
  await expect(log(page).locator('div', { hasText: /^server$/ })).toBeVisible({ timeout: 20_000 })
})

test('a session becomes a link that opens the same session', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto('/en/first-container/')
  const input = page.locator('zukan-terminal input')
  for (const line of ['docker run --rm alpine echo "a & b" 100%', "cat <<'E'", 'x + y', 'E']) {
    await input.fill(line)
    await page.keyboard.press('Enter')
  }
  await expect(log(page)).toContainText('x + y')
  await page.getByRole('button', { name: 'Share' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'A link of this session' })
  await dialog.getByRole('button', { name: 'Copy' }).click()
  await expect(dialog.getByRole('status')).toHaveText('Copied')
  const link = await page.evaluate(() => navigator.clipboard.readText())
  expect(link).toContain('/en/lab/?v=1&host=linux-server&run=docker+run+--rm+alpine+echo+')
  await page.goto(link)
  await expect(page.locator('[data-commands] li pre')).toHaveText([
    'docker run --rm alpine echo "a & b" 100%',
    "cat <<'E'\nx + y\nE",
  ])
  await page.getByRole('button', { name: 'Run all in order' }).click()
  await expect(log(page)).toContainText('a & b 100%', { timeout: 20_000 })
})
test('a session too long for a link says so', async ({ page }) => {
  await page.goto('/en/lab/')
  await page.getByRole('button', { name: 'Share' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Commands, one a line' }).fill(`echo ${'長'.repeat(400)}`)
  await expect(dialog.getByRole('status')).toContainText('delete some lines')
  await expect(dialog.getByRole('button', { name: 'Copy' })).toBeDisabled()
  await expect(dialog.getByRole('textbox', { name: 'Link' })).toHaveValue('')
})

test('a ready-made lab reads without script, and runs step by step', async ({ page, browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const still = await context.newPage()
  await still.goto(`${baseURL}/ja/lab/memory-limit/`)
  await still.getByText('実行結果の例').first().click()
  await expect(still.locator('.zk-lab details pre').first()).toContainText('true 137')
  await context.close()
  await page.goto('/en/lab/memory-limit/')
  await page.getByRole('button', { name: 'Run: 1' }).click()
  await expect(log(page)).toContainText('tail /dev/zero')
  await page.waitForTimeout(1000)
  await page.getByRole('button', { name: 'Run: 2' }).click()
  await expect(log(page).locator('div', { hasText: /^true 137$/ })).toBeVisible({ timeout: 20_000 })
})
