/** Reading comforts: the place in the other language, what was read, text size, keys, copying, paper. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'

test('the other language opens where one reads', async ({ page }) => {
  await page.goto('/ja/namespaces/')
  const heading = page.locator('#enter')
  await heading.evaluate((h) => scrollTo(0, h.getBoundingClientRect().top + scrollY + 260))
  const twin = page.locator('a[data-twin]').first()
  await twin.click()
  await expect(page).toHaveURL(/\/en\/namespaces\/#enter$/)
  // Past the heading, before the next one.
  const at = (id: string) => () => page.locator(`#${id}`).evaluate((e) => e.getBoundingClientRect().top)
  await expect.poll(at('enter')).toBeLessThan(60)
  await expect.poll(at('not-hidden')).toBeGreaterThan(200)
})

test('a chapter is marked as read by hand or by its end, in both languages, and the record can be taken along', async ({
  page,
  browser,
  baseURL,
}) => {
  await page.goto('/ja/process/')
  const box = page.getByRole('checkbox', { name: 'この章を読み終えた' })
  await expect(box).not.toBeChecked()
  await box.check()
  const link = page.locator('nav.sidebar a', { hasText: 'コンテナはプロセスである' })
  await expect(link).toHaveClass(/zk-read/)
  await page.goto('/en/process/')
  await expect(page.getByRole('checkbox', { name: 'I have read this chapter' })).toBeChecked()

  await page.goto('/en/cgroups/')
  await page.waitForTimeout(8200)
  await page.locator('.zk-progress').scrollIntoViewIfNeeded()
  await expect(page.getByRole('checkbox', { name: 'I have read this chapter' })).toBeChecked()

  await page.keyboard.press('?')
  const dialog = page.getByRole('dialog', { name: 'Display and keys' })
  await expect(dialog.getByRole('status')).toContainText('2 chapters')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save to a file' }).click(),
  ])
  const folder = mkdtempSync(join(tmpdir(), 'zukan-progress-'))
  const file = join(folder, download.suggestedFilename())
  await download.saveAs(file)
  expect(Object.keys((JSON.parse(readFileSync(file, 'utf8')) as { read: object }).read).sort()).toEqual([
    'cgroups',
    'process',
  ])

  const elsewhere = await (await browser.newContext()).newPage()
  await elsewhere.goto(`${baseURL}/ja/faq/`)
  await elsewhere.getByRole('button', { name: '表示とキー操作' }).first().click()
  const theirs = elsewhere.getByRole('dialog', { name: '表示とキー操作' })
  writeFileSync(join(folder, 'other.json'), '{"read":"<b>all</b>"}')
  await theirs.locator('input[type=file]').setInputFiles(join(folder, 'other.json'))
  await expect(theirs.getByRole('status')).toContainText('記録ではありません')
  await theirs.locator('input[type=file]').setInputFiles(file)
  await expect(theirs.getByRole('status')).toContainText('2章分')
  await expect(elsewhere.locator('nav.sidebar a.zk-read')).toHaveCount(2)
  await theirs.getByRole('button', { name: 'すべて消す' }).click()
  await theirs.getByRole('button', { name: 'もう一度押すと' }).click()
  await expect(elsewhere.locator('nav.sidebar a.zk-read')).toHaveCount(0)
  await elsewhere.context().close()
  rmSync(folder, { recursive: true })
})

test('the text size that a reader chose stays, and pages fit at twice the size', async ({ page }) => {
  await page.goto('/en/process/')
  await page.getByRole('button', { name: 'Display and keys' }).first().click()
  await page.getByRole('radio', { name: 'Largest' }).check()
  const size = () =>
    page.evaluate(() => Number.parseFloat(getComputedStyle(document.querySelector('main p') as Element).fontSize))
  const large = await size()
  await page.goto('/ja/cgroups/')
  expect(await size()).toBe(large)
  expect(large).toBeGreaterThanOrEqual(24)
  // WCAG 1.4.4: twice the size on a window of 1280, nothing cut and nothing to be scrolled sideways.
  await page.setViewportSize({ width: 1280, height: 800 })
  for (const path of [
    '/ja/',
    '/ja/process/',
    '/en/lab/memory-limit/',
    '/en/lab/',
    '/ja/teaching/',
    '/en/embed/stack/',
  ]) {
    await page.goto(path)
    await page.evaluate(() => {
      document.documentElement.removeAttribute('data-size')
      document.documentElement.style.fontSize = '200%'
    })
    await page.waitForTimeout(200)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(1280)
  }
})

test('keys of one character can be switched off', async ({ page }) => {
  await page.goto('/en/process/')
  const use = page.getByRole('checkbox', { name: 'Use keys of one character' })
  // Modules run after the page was painted.
  await expect(async () => {
    await page.keyboard.press('?')
    await expect(use).toBeVisible({ timeout: 500 })
  }).toPass()
  await use.uncheck()
  await page.keyboard.press('Escape')
  await page.goto('/en/cgroups/')
  await expect(page.locator('zukan-search > button')).toBeVisible()
  await page.keyboard.press('?')
  await page.keyboard.press('/')
  await page.waitForTimeout(300)
  await expect(page.locator('dialog[open]')).toHaveCount(0)
})

/** The focused element's name, as a reader by keyboard would tell it. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const e = document.activeElement
    return `${e?.tagName.toLowerCase()} ${(e?.getAttribute('aria-label') ?? e?.textContent ?? '').trim().slice(0, 30)}`
  })
test('a page by keyboard alone: skip link, search, menu, picture, terminal', async ({ page }) => {
  await page.goto('/en/process/')
  await page.keyboard.press('Tab')
  expect(await focused(page)).toContain('Skip to content')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/#_top$/)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('cgroup')
  await expect(page.locator('zukan-search [data-results] a').first()).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.locator('zukan-search dialog')).toBeHidden()
  // Into the terminal, a command, and out again by Shift+Tab.
  const input = page.locator('zukan-terminal input')
  await input.focus()
  await page.keyboard.type('echo typed')
  await page.keyboard.press('Enter')
  await expect(page.locator('zukan-terminal [role=log]')).toContainText(/echo typed\s*typed/)
  await page.keyboard.press('Shift+Tab')
  await expect(input).not.toBeFocused()
  await input.focus()
  await page.keyboard.press('Tab')
  await expect(input).not.toBeFocused()
})
test('the menu of a small window by keyboard', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 })
  await page.goto('/ja/process/')
  const menu = page.locator('button.sl-menu-button')
  await menu.focus()
  await page.keyboard.press('Enter')
  await expect(page.locator('nav.sidebar a').first()).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.locator('nav.sidebar a').first()).toBeHidden()
})
test('with colours that the reader’s system forces, controls keep their edges', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' })
  await page.goto('/en/process/')
  const width = (selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((e) => Number.parseFloat(getComputedStyle(e).borderTopWidth))
  expect(await width('.zk-terminal button')).toBeGreaterThan(0)
  expect(await width('.zk-run')).toBeGreaterThan(0)
  expect(await width('.zk-answer')).toBeGreaterThan(0)
})

test('a console block’s button copies the commands, without prompts and outputs', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto('/ja/process/')
  const block = page.locator('.expressive-code', { has: page.locator('.zk-typed') }).first()
  await block.hover()
  await block.locator('.copy button').click()
  const text = await page.evaluate(() => navigator.clipboard.readText())
  expect(text.split('\n')[0]).toBe('docker run -d --name first-app-web -p 8080:80 nginx:1.25.3-alpine')
  expect(text).not.toContain('Pulling')
})
test('the way to a page stands above its title', async ({ page }) => {
  await page.goto('/en/lab/memory-limit/')
  await page.getByRole('navigation', { name: 'Breadcrumbs' }).getByRole('link', { name: 'Laboratory' }).click()
  await expect(page).toHaveURL(/\/en\/lab\/$/)
  await page.goto('/ja/namespaces/')
  await expect(page.getByRole('navigation', { name: 'パンくずリスト' })).toContainText('しくみ')
})

const pdftotext = '/usr/bin/pdftotext'
test.describe('on paper', () => {
  test.skip(!existsSync(pdftotext), 'pdftotext (poppler-utils) is not installed')
  const paper = async (page: Page): Promise<string> => {
    const folder = mkdtempSync(join(tmpdir(), 'zukan-pdf-'))
    writeFileSync(join(folder, 'page.pdf'), await page.pdf({ format: 'A4' }))
    const text = execFileSync(pdftotext, ['-layout', join(folder, 'page.pdf'), '-'], {
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    })
    rmSync(folder, { recursive: true })
    return text
  }
  test('a chapter has its answers, the addresses of its sources, and no controls', async ({ page }) => {
    await page.goto('/en/process/')
    const text = await paper(page)
    expect(text).toContain('Containers are processes'.slice(0, 10))
    expect(text).toMatch(/Right\.\s/)
    expect(text).toMatch(/<https:\/\//)
    for (const control of [
      'Run it here',
      'Copy screen',
      'Type a command',
      'Embed',
      'Display and keys',
      'On this page',
      'I have read',
    ])
      expect(text, control).not.toContain(control)
  })
  test('all chapters are one document, with links within it', async ({ page }) => {
    test.setTimeout(180_000)
    await page.goto('/ja/print/')
    const titles = await page.locator('.zk-chapter > h2').allTextContents()
    expect(titles.length).toBeGreaterThan(25)
    const broken = await page
      .locator('.zk-chapter a[href^="#"], .zk-chapters a')
      .evaluateAll((all) =>
        all
          .map((a) => a.getAttribute('href') ?? '')
          .filter((href) => href !== '#' && !document.getElementById(decodeURIComponent(href.slice(1)))),
      )
    expect(broken).toEqual([])
    const twice = await page.evaluate(() => {
      const ids = [...document.querySelectorAll('[id]')].map((e) => e.id)
      return ids.filter((id, i) => ids.indexOf(id) !== i)
    })
    expect(twice).toEqual([])
    const text = await paper(page)
    for (const title of titles) expect(text.replace(/\s/g, '')).toContain(title.replace(/\s/g, ''))
    expect(text).toContain('正解です。')
  })
})
