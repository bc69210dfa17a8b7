import { expect, type Page, test } from '@playwright/test'

const log = (page: Page) => page.locator('zukan-terminal [role=log]')
async function type(page: Page, line: string): Promise<void> {
  await page.locator('zukan-terminal input').fill(line)
  await page.keyboard.press('Enter')
}

test('the emulator is not loaded before a terminal or a picture comes into view', async ({ page }) => {
  const asked: string[] = []
  page.on('request', (r) => asked.push(r.url()))
  await page.setViewportSize({ width: 1000, height: 300 })
  await page.goto('/en/')
  expect(asked.filter((u) => /emulator\./.test(u))).toEqual([])
  await page.locator('zukan-terminal').scrollIntoViewIfNeeded()
  await expect(log(page)).toContainText('#')
  expect(asked.filter((u) => /emulator\./.test(u)).length).toBeGreaterThan(0)
})

test('docker run answers from inside a container', async ({ page }) => {
  await page.goto('/en/first-container/')
  await type(page, 'docker run --rm alpine cat /etc/os-release')
  await expect(log(page)).toContainText('Alpine Linux v3.22')
})

test('a shell in a container has a prompt until exit', async ({ page }) => {
  await page.goto('/ja/first-container/')
  await type(page, 'docker run --rm -it --hostname inside alpine sh')
  await expect(log(page)).toContainText('/ #')
  await type(page, 'hostname')
  await expect(log(page).locator('div', { hasText: /^inside$/ })).toBeVisible()
  await type(page, 'exit')
  // What is typed before the prompt is back goes to the client, which leaves it unread, as the real one does.
  await expect(log(page)).toContainText(/exit\s*~ # $/)
  await type(page, 'echo back on $(hostname)')
  await expect(log(page)).toContainText('back on server')
})

test('an endless loop leaves the page alive and ends by ^C', async ({ page }) => {
  await page.goto('/en/first-container/')
  await type(page, 'while :; do :; done')
  await page.waitForTimeout(500)
  expect(await page.evaluate(() => 6 * 7)).toBe(42)
  await page.locator('zukan-terminal [data-key="3"]').click()
  await type(page, 'echo still here')
  await expect(log(page).locator('div', { hasText: /^still here$/ })).toBeVisible()
})

test('a picture follows the commands: containers and virtual machines come and go', async ({ page }) => {
  await page.goto('/en/vms-and-containers/')
  const picture = page.locator('zukan-diagram .zk-canvas').first()
  await picture.scrollIntoViewIfNeeded()
  // The example that was drawn at build time gives way to the reader's own world with the first command.
  await page.locator('[data-zk-run^="docker run"]').first().click()
  await expect(log(page)).toContainText('docker run')
  await expect(picture.locator('svg .zk-vm')).toHaveCount(0)
  await expect(picture.locator('svg .zk-container')).toHaveCount(1)
  await page.locator('[data-zk-run^="virsh start"]').first().click()
  await expect(picture.locator('svg .zk-vm')).toHaveCount(1)
  await expect(picture.locator('svg .zk-kernel')).toHaveCount(2)
  await page.locator('[data-zk-run^="docker rm"]').first().click()
  await expect(picture.locator('svg .zk-container')).toHaveCount(0)
})

test('a block of another machine than the page’s terminal opens a terminal on it, once', async ({ page }) => {
  await page.goto('/en/faq/')
  const button = page.locator('[data-zk-host="linux-podman"]')
  await button.scrollIntoViewIfNeeded()
  await button.click()
  const opened = page.locator('zukan-terminal[data-host="linux-podman"]')
  await expect(opened.locator('[role=log]')).toContainText('Hello from Podman', { timeout: 30_000 })
  await expect(opened.locator('[data-title]')).toHaveText('user@server')
  await button.click()
  await expect(opened).toHaveCount(1)
  // The page's own terminal is where it was, and knows nothing of it.
  await expect(page.locator('zukan-terminal').first().locator('[role=log]')).not.toContainText('podman')
})

test('a paste of one megabyte neither hangs nor breaks the page', async ({ page }) => {
  await page.goto('/en/first-container/')
  await log(page).scrollIntoViewIfNeeded()
  await expect(log(page)).toContainText('#')
  await page.locator('zukan-terminal input').evaluate((e: HTMLInputElement) => {
    e.value = `echo ${'x'.repeat(1_000_000)}`
  })
  await page.locator('zukan-terminal input').press('Enter')
  await page.locator('zukan-terminal [data-key="3"]').click()
  await type(page, 'echo alive')
  await expect(log(page).locator('div', { hasText: /^alive$/ })).toBeVisible({ timeout: 30_000 })
})
