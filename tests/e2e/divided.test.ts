/** The build's modules, divided as they are, in a browser, against the sources in Node: the same output, time and changes of the world. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, type Page, test } from '@playwright/test'
import { coldCases, ownCases, recordings } from '../divided/cases.ts'
import { type Driven, type DrivenCase, driving } from '../divided/driving.ts'
import { driveSources } from '../divided/undivided.ts'

const code = readdirSync(fileURLToPath(new URL('../../dist/_astro', import.meta.url)))
const chunk = (name: string): string => code.find((f) => new RegExp(`^${name}\\.[^.]+\\.js$`).test(f)) ?? ''
/** Milliseconds that a case may take in a page. */
const PATIENCE = 20_000

/** Runs in the page: finds the emulator as the page's own loader has it, opens a world, and does the work, fetching what is wanted. */
async function inPage(name: string, c: DrivenCase, drive: typeof driving): Promise<Driven> {
  const { zukan } = window as unknown as { zukan: { load: (name: string) => Promise<Record<string, unknown>> } }
  type Emulator = typeof import('../../src/emulator/index.ts')
  const module = await zukan.load(name)
  const emulator = Object.values(module).find((v) => (v as Partial<Emulator>)?.openingSession) as Emulator
  const done = async <T>(
    work: Generator<{ world: import('../../src/emulator/index.ts').World; wanted: readonly string[] }, T, void>,
  ): Promise<T> => {
    for (;;) {
      const step = work.next()
      if (step.done) return step.value
      for (const part of step.value.wanted) step.value.world.provide(part, await emulator.loadPart(part))
    }
  }
  const host = await emulator.loadHost(c.host ?? 'linux-server')
  if (!host) throw new Error(`no such host: ${c.host}`)
  return done(drive(await done(emulator.openingSession({ host })), c))
}
const run = (page: Page, c: DrivenCase): Promise<Driven> =>
  Promise.race([
    page.evaluate(
      `(${inPage})(${JSON.stringify(chunk('emulator'))}, ${JSON.stringify(c)}, ${driving})`,
    ) as Promise<Driven>,
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error('it hangs')), PATIENCE)),
  ])
const open = (page: Page): Promise<unknown> => page.goto('/en/links/')

/** Cases that differ, with what differs. A case that hangs or throws takes its page with it, not the others. */
async function differences(page: Page, cases: readonly DrivenCase[], fresh: boolean): Promise<readonly unknown[]> {
  const found: unknown[] = []
  if (!fresh) await open(page)
  for (const c of cases) {
    if (fresh) await open(page)
    const { view: _, ...node } = driveSources(c)
    try {
      const browser = await run(page, c)
      if (JSON.stringify(browser) !== JSON.stringify(node)) found.push({ id: c.id, run: c.run, browser, node })
    } catch (error) {
      found.push({ id: c.id, run: c.run, error: String(error) })
      await page.close({ runBeforeUnload: false })
      page = await page.context().newPage()
      await open(page)
    }
  }
  return found
}

test('every part of the emulator is a program', async ({ page }) => {
  await open(page)
  const parts = await page.evaluate(async (name) => {
    const { zukan } = window as unknown as { zukan: { load: (name: string) => Promise<object> } }
    const found: [string, string][] = []
    for (const exported of Object.values(await zukan.load(name)))
      for (const [part, load] of Object.entries(exported as Record<string, () => Promise<unknown>>))
        found.push([part, typeof (await load())])
    return found
  }, chunk('parts'))
  expect(parts.length).toBeGreaterThan(100)
  expect(parts.filter(([, kind]) => kind !== 'function')).toEqual([])
})
test('each with the first wait for code in its midst', async ({ page }) => {
  test.setTimeout(180_000)
  expect(await differences(page, coldCases, true)).toEqual([])
})
test('every family of commands, on every host', async ({ page }) => {
  test.setTimeout(180_000)
  expect(await differences(page, ownCases, false)).toEqual([])
})
test('recordings of real tools', async ({ page }) => {
  test.setTimeout(300_000)
  expect(await differences(page, recordings(4), false)).toEqual([])
})

test('code that cannot be fetched: the terminal says so, the page lives, and what waited goes on once it comes', async ({
  page,
}) => {
  const later = `**/${chunk('later')}`
  await page.route(later, (route) => route.abort())
  await page.goto('/en/first-container/')
  const log = page.locator('zukan-terminal [role=log]')
  const type = async (line: string): Promise<void> => {
    await page.locator('zukan-terminal input').fill(line)
    await page.keyboard.press('Enter')
  }
  await type('cat /proc/self/limits')
  await expect(log).toContainText('a part of the emulator could not be loaded; trying again until it comes')
  expect(await page.evaluate(() => 6 * 7)).toBe(42)
  await page.unroute(later)
  // What waited goes on where it stood.
  await expect(log).toContainText('Max open files', { timeout: 15_000 })
  await type('echo here $((6 * 7))')
  await expect(log.locator('div', { hasText: /^here 42$/ })).toBeVisible()
})
