/** Links that last: the list for teachers, what addresses may ask for, what moved. */
import { readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, test } from '@playwright/test'

const dist = fileURLToPath(new URL('../../dist', import.meta.url))
interface Item {
  readonly id: string
  readonly kind: string
  readonly title: { readonly ja: string; readonly en: string }
  readonly path: { readonly ja: string; readonly en: string }
}
const { items } = JSON.parse(readFileSync(`${dist}/links.json`, 'utf8')) as { readonly items: readonly Item[] }

test('links.json: each id is registered, has titles in both languages, and leads to what is there', () => {
  const register = new Set(
    readFileSync(fileURLToPath(new URL('../../src/content/links.yaml', import.meta.url)), 'utf8')
      .split('\n')
      .map((line) => line.replace(/^- "?|"$/g, '')),
  )
  const html = new Map<string, string>()
  for (const { id, title, path } of items) {
    expect(register, id).toContain(id)
    for (const language of ['ja', 'en'] as const) {
      expect(title[language].trim(), id).not.toBe('')
      const [file = '', hash] = path[language].replace(/\?.*/, '').split('#')
      const text = html.get(file) ?? readFileSync(`${dist}/${file}index.html`, 'utf8')
      html.set(file, text)
      if (hash !== undefined) expect(text, id).toContain(` id="${hash}"`)
    }
  }
  expect(new Set(items.map((i) => i.kind))).toEqual(new Set(['page', 'heading', 'picture', 'lab', 'terminal', 'term']))
})

for (const place of ['http', 'file'])
  test(`the list narrows and copies in three forms (${place})`, async ({ page, context, baseURL }) => {
    if (place === 'http') await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const root = place === 'http' ? `${baseURL}/` : pathToFileURL(`${dist}/`).href
    const index = place === 'http' ? '' : 'index.html'
    await page.goto(`${root}en/teaching/${index}`)
    await page.getByRole('searchbox', { name: 'Narrow by title or id' }).fill('メモリの上限')
    const shown = page.locator('.zk-links li:visible')
    await expect(shown).toHaveCount(1)
    await expect(shown.locator('a')).toHaveText('The memory limit and the OOM killer')
    await expect(page.locator('.zk-links [role=status]')).toHaveText('1 links')
    const copied = async (): Promise<string> => {
      await shown.getByRole('button').click()
      await expect(shown.getByRole('button')).toHaveText('Copied')
      // From a folder the clipboard can't be read by a page: it is pasted.
      await page.getByRole('searchbox', { name: 'Narrow by title or id' }).evaluate(() => {
        const field = document.createElement('textarea')
        field.id = 'pasted'
        document.querySelector('#pasted')?.remove()
        document.body.append(field)
        field.focus()
      })
      await page.keyboard.press('Control+V')
      return page.locator('#pasted').inputValue()
    }
    expect(await copied()).toBe(`${root}en/lab/memory-limit/${index}`)
    await page.getByRole('radio', { name: 'Markdown' }).check()
    expect(await copied()).toBe(`[The memory limit and the OOM killer](${root}en/lab/memory-limit/${index})`)
    await page.getByRole('radio', { name: 'HTML' }).check()
    expect(await copied()).toContain(`<iframe src="${root}en/embed/lab/memory-limit/${index}" title="The memory limit`)
    await page.getByRole('searchbox', { name: 'Narrow by title or id' }).fill('')
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('picture')
    await expect(page.locator('.zk-links li[data-kind=heading]:visible')).toHaveCount(0)
    await expect(page.locator('.zk-links li[data-kind=picture]:visible').first()).toBeVisible()
  })

test('an address may ask for a language, with theme and heading', async ({ page }) => {
  await page.goto('/en/process/?lang=ja&theme=light#limits')
  await expect(page).toHaveURL(/\/ja\/process\/\?lang=ja&theme=light#limits$/)
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
  await page.goto('/ja/embed/stack/?lang=en')
  await expect(page).toHaveURL(/\/en\/embed\/stack\/\?lang=en$/)
  await page.goto('/?lang=en')
  await expect(page).toHaveURL(/\/en\/\?lang=en$/)
  await page.goto('/en/process/?lang=fr&theme=pink')
  await expect(page).toHaveURL(/\/en\/process\//)
  await expect(page.locator('h1')).toBeVisible()
})

test('an address that was published once leads on, with its heading', async ({ page }) => {
  await page.goto('/ja/links/?theme=light#list')
  await expect(page).toHaveURL(/\/ja\/teaching\/\?theme=light#list$/)
  await expect(page.locator('h1')).toBeVisible()
})
test('without script such an address leads on as well', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(`${baseURL}/en/links/`)
  await expect(page).toHaveURL(/\/en\/teaching\/$/)
  await context.close()
})

test('a picture’s address with a host or choice that is not there opens the picture, and says so', async ({ page }) => {
  const errors: string[] = []
  page.on('pageerror', (e) => errors.push(e.message))
  await page.goto('/en/embed/stack/?host=mainframe&choice=%3Cb%3E')
  await expect(page.locator('.zk-canvas svg .zk-machine').first()).toBeVisible()
  await expect(page.locator('.zk-problem')).toContainText([/mainframe/, /<b>/])
  await expect(page.locator('.zk-problem b')).toHaveCount(0)
  expect(errors).toEqual([])
})
