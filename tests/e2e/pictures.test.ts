/** Pictures on paper, with large letters, while their world changes, and the bytes of the code that draws them. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, type Page, test } from '@playwright/test'
import { loadScene, sceneNames } from '../../src/diagrams/scene/index.ts'
import { faults } from './support/faults.ts'

/** Waits until a choice is drawn, its machines booted. */
async function choose(page: Page, choice: string): Promise<void> {
  await page.locator(`button[data-choice="${choice}"]`).first().click()
  await expect(page.locator(`button[data-choice="${choice}"]`).first()).toHaveAttribute('aria-checked', 'true')
  await page.waitForTimeout(60)
  await expect(page.locator('.zk-canvas')).not.toHaveAttribute('aria-busy', 'true', { timeout: 30_000 })
}

test('on paper every picture is black and white, whole, and without buttons', async ({ page }) => {
  test.setTimeout(240_000)
  const problems: string[] = []
  for (const scene of sceneNames)
    for (const theme of ['dark', 'light']) {
      await page.emulateMedia({ media: 'screen' })
      await page.goto(`/ja/embed/${scene}/?theme=${theme}`)
      await page.emulateMedia({ media: 'print' })
      const seen = await page.evaluate(() => {
        const svg = [...document.querySelectorAll<SVGSVGElement>('.zk-canvas svg')].find((s) => s.clientWidth > 0)
        const canvas = document.querySelector('.zk-canvas')?.getBoundingClientRect()
        const painted = [...(svg?.querySelectorAll('rect, path, text') ?? [])].flatMap((e) => {
          const { fill, stroke } = getComputedStyle(e)
          return [fill, stroke]
        })
        return {
          colors: [...new Set(painted)],
          cut: (svg?.lastElementChild?.getBoundingClientRect().bottom ?? 0) > (canvas?.bottom ?? 0) + 5,
          shown: [
            ...document.querySelectorAll<HTMLElement>('.zk-player, .zk-choices, .zk-actions, .zk-menu, .zk-table'),
          ]
            .filter((e) => e.offsetHeight > 0)
            .map((e) => e.className),
        }
      })
      for (const c of seen.colors)
        if (c !== 'none' && !/^rgb\((0, 0, 0|255, 255, 255)\)$/.test(c)) problems.push(`${scene} ${theme}: ${c}`)
      if (seen.cut) problems.push(`${scene} ${theme}: cut`)
      for (const s of seen.shown) problems.push(`${scene} ${theme}: ${s} on paper`)
    }
  expect(problems).toEqual([])
})

test('letters twice as large, by zoom and by the site’s own setting: nothing is cut, and they are larger', async ({
  browser,
  baseURL,
}) => {
  test.setTimeout(300_000)
  const problems: string[] = []
  // A browser's zoom of 200 % halves the window's CSS pixels and doubles what each is drawn with.
  const context = await browser.newContext({
    viewport: { width: 640, height: 400 },
    deviceScaleFactor: 2,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  for (const scene of sceneNames)
    for (const language of ['ja', 'en'])
      for (const size of ['', '150', '200']) {
        await page.goto(`${baseURL}/${language}/embed/${scene}/`)
        // The settings go to 150; a browser's own letter size may be more.
        await page.evaluate((s) => {
          if (s !== '') document.documentElement.style.fontSize = `${s}%`
        }, size)
        const { choices, runs } = await loadScene(scene)
        const first = choices[0]
        if (first !== undefined) await choose(page, first)
        else if (runs) {
          await page.locator('[data-player=forward]').click()
          await expect(page.locator('.zk-step')).toContainText(/\d/, { timeout: 30_000 })
          await page.locator('[data-player=first]').click()
        }
        for (const fault of await faults(page)) problems.push(`${scene} ${language} ${size}: ${fault}`)
        const scale = await page
          .locator('.zk-canvas svg:visible')
          .evaluate((s) => (s as SVGSVGElement).getScreenCTM()?.a ?? 0)
        // Where the window is too narrow for the narrowest picture, letters grow as far as there is room.
        if (scale < Math.min(Number(size || 100) / 100, 2.4) - 0.12)
          problems.push(`${scene} ${language} ${size}: ${scale}`)
      }
  await context.close()
  expect(problems).toEqual([])
})

test('a world that changes twice a frame: nothing flickers, what stays is the same element', async ({ page }) => {
  await page.goto('/en/embed/processes/')
  await page.locator('[data-zk-run]').first().click()
  await expect(page.locator('.zk-state')).toContainText('Live', { timeout: 30_000 })
  await page.waitForTimeout(600)
  const seen = await page.evaluate(async () => {
    const svg = document.querySelector('.zk-canvas svg') as SVGSVGElement
    const stays = svg.querySelector('g[data-key="process:1"]') as SVGGElement
    const out = { again: [] as string[], faint: 0, same: false }
    const gone = new Set<string>()
    new MutationObserver((all) => {
      for (const m of all) {
        for (const n of m.removedNodes) if (n instanceof SVGGElement) gone.add(n.dataset.key ?? '')
        for (const n of m.addedNodes)
          if (n instanceof SVGGElement && gone.has(n.dataset.key ?? '')) out.again.push(n.dataset.key ?? '')
      }
    }).observe(svg, { childList: true })
    const buttons = [...document.querySelectorAll<HTMLElement>('[data-zk-run]')]
    const began = performance.now()
    // Start another process twice within a frame, and go on for a while.
    for (const b of [1, 1]) buttons[b]?.click()
    while (performance.now() - began < 2500) {
      await new Promise(requestAnimationFrame)
      if (Number(getComputedStyle(stays).opacity) < 1) out.faint++
    }
    out.same = svg.querySelector('g[data-key="process:1"]') === stays
    return out
  })
  expect(seen).toEqual({ again: [], faint: 0, same: true })
  await expect(page.locator('.zk-canvas svg g:not(.zk-leaving)[aria-label*="sleep"]')).toHaveCount(2)
})

test('a step scrolls to the box that acts, and the buttons stay at hand', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 560 })
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto('/ja/embed/runtimes/')
  const forward = page.locator('[data-player=forward]')
  await forward.click()
  await expect(page.locator('.zk-step')).toContainText('1', { timeout: 30_000 })
  for (let n = 0; n < 12; n++) {
    await forward.click()
    const acting = page.locator('.zk-canvas svg :is(.zk-mark-to, .zk-mark-from)').first()
    if ((await acting.count()) > 0) await expect(acting).toBeInViewport()
    await expect(forward).toBeInViewport()
  }
})

test('each picture: the table says what is drawn, the link and the code to embed are its own address', async ({
  page,
  context,
}) => {
  test.setTimeout(120_000)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  for (const scene of sceneNames) {
    await page.goto(`/en/embed/${scene}/`)
    const drawn = await page.locator('.zk-canvas svg:visible g[role=treeitem]').count()
    expect(await page.locator('.zk-table tbody tr').count(), scene).toBe(drawn)
    await page.locator('.zk-menu summary').click()
    await page.locator('[data-menu=link]').click()
    const link = new URL(await page.evaluate(() => navigator.clipboard.readText()))
    expect(link.pathname, scene).toBe(`/en/embed/${scene}/`)
    await page.locator('[data-menu=embed]').click()
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('<iframe')
    const frame = await page.evaluate(() => navigator.clipboard.readText())
    expect(frame, scene).toContain(`/en/embed/${scene}/`)
    expect(frame, scene).toMatch(/title="[^"]+"/)
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('[data-menu=download]').click()])
    expect(download.suggestedFilename()).toBe(`${scene}.svg`)
  }
})

test('code with d3 in it stays within 30 kB gzip, all that draws and plays pictures included', () => {
  const folder = fileURLToPath(new URL('../../dist/_astro/', import.meta.url))
  const sizes = readdirSync(folder)
    .filter((f) => f.endsWith('.js'))
    .map((f) => [f, readFileSync(folder + f)] as const)
    // Names that d3-selection and d3-transition give to properties of elements.
    .filter(([, code]) => /__transition|__data__/.test(code.toString()))
    .map(([f, code]) => [f, gzipSync(code).length] as const)
  expect(sizes.length).toBeGreaterThan(0)
  expect(
    sizes.reduce((n, [, size]) => n + size, 0),
    JSON.stringify(sizes),
  ).toBeLessThanOrEqual(30_000)
})
