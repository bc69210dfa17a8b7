import { expect, test } from '@playwright/test'
import { isSceneName, loadScene, sceneNames } from '../../src/diagrams/scene/index.ts'
import { faults } from './support/faults.ts'

for (const language of ['ja', 'en'])
  for (const width of [320, 768, 1440])
    test(`pictures at ${width} px in ${language}: no text is cut, crossed or faint, in either theme`, async ({
      page,
    }) => {
      test.setTimeout(240_000)
      const problems: string[] = []
      page.on('pageerror', (e) => problems.push(e.message))
      await page.setViewportSize({ width, height: 900 })
      await page.emulateMedia({ reducedMotion: 'reduce' })
      for (const scene of sceneNames)
        for (const theme of ['dark', 'light']) {
          await page.goto(`/${language}/embed/${scene}/?theme=${theme}`)
          for (const fault of await faults(page)) problems.push(`${scene} ${theme}: ${fault}`)
        }
      expect(problems).toEqual([])
    })

test('each choice of each picture fits at 320 and 768 px', async ({ page }) => {
  test.setTimeout(300_000)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const problems: string[] = []
  for (const scene of sceneNames) {
    const { choices } = await loadScene(scene)
    if (choices.length < 2) continue
    for (const width of [320, 768]) {
      await page.setViewportSize({ width, height: 900 })
      for (const language of ['ja', 'en']) {
        await page.goto(`/${language}/embed/${scene}/`)
        for (const choice of choices) {
          await page.locator(`button[data-choice="${choice}"]`).first().click()
          await expect(page.locator(`button[data-choice="${choice}"]`).first()).toHaveAttribute('aria-checked', 'true')
          await page.waitForTimeout(30)
          // A choice with a host of its own boots it.
          await expect(page.locator('.zk-canvas')).not.toHaveAttribute('aria-busy', 'true', { timeout: 20_000 })
          for (const fault of await faults(page)) problems.push(`${scene} ${choice} ${width}: ${fault}`)
        }
      }
    }
  }
  expect(problems).toEqual([])
})

test('arrow keys travel through the boxes, and the focus shows', async ({ page }) => {
  await page.goto('/en/embed/stack/')
  const boxes = page.locator('.zk-canvas svg:visible g[role=treeitem]')
  // The keys are there when the code is.
  await expect(boxes.first()).toHaveAttribute('tabindex', '0')
  await boxes.first().focus()
  await page.keyboard.press('ArrowDown')
  await expect(boxes.nth(1)).toBeFocused()
  await expect(boxes.nth(1)).toHaveAttribute('aria-label', /Container: web/)
  await page.keyboard.press('End')
  await expect(boxes.last()).toBeFocused()
  await page.keyboard.press('ArrowLeft')
  await expect(boxes.first()).toBeFocused()
  const width = () =>
    page.evaluate(() => getComputedStyle(document.activeElement?.querySelector('.zk-frame') as Element).strokeWidth)
  expect(Number.parseFloat(await width())).toBeGreaterThan(3)
})

test('the player walks through the last command and marks the boxes that acted', async ({ page }) => {
  await page.goto('/en/embed/runtimes/')
  const step = page.locator('.zk-step')
  await page.getByRole('button', { name: 'One step on' }).click()
  await expect(step).toContainText('Step 1 of')
  await page.getByRole('button', { name: 'One step on' }).click()
  await page.getByRole('button', { name: 'One step on' }).click()
  await expect(step).toContainText('docker')
  await expect(page.locator('.zk-mark-from')).toHaveCount(1)
  await page.locator('select[data-player=speed]').selectOption({ label: 'Fast' })
  await page.getByRole('button', { name: 'Play' }).click()
  await expect(step).toContainText(/Step ([5-9]|\d\d) of/, { timeout: 10_000 })
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Back to the start' }).click()
  await expect(page.locator('.zk-mark-from')).toHaveCount(0)
})

test('taking over a picture moves nothing', async ({ page }) => {
  await page.setViewportSize({ width: 760, height: 900 })
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto('/en/embed/cgroups/')
  const texts = () => page.locator('.zk-canvas svg:visible text').evaluateAll((all) => all.map((t) => t.textContent))
  const before = await texts()
  const first = page.locator('.zk-canvas svg:visible g').first()
  await first.evaluate((g) => g.setAttribute('data-same', 'yes'))
  await page.getByRole('button', { name: 'One step on' }).click()
  await expect(page.locator('.zk-step')).toContainText('Step 1')
  await page.getByRole('button', { name: 'Back to the start' }).click()
  await expect(page.locator('.zk-step')).not.toContainText('Step')
  expect(await texts()).toEqual(before)
  await expect(first).toHaveAttribute('data-same', 'yes')
})

test('a command changes the picture, its table, and is announced', async ({ page }) => {
  await page.goto('/en/embed/stack/')
  await page.getByRole('button', { name: 'Boot a VM' }).click()
  await expect(page.locator('.zk-state')).toContainText('Live', { timeout: 20_000 })
  await expect(page.locator('g[aria-label^="Virtual machine: guest1"]')).toHaveCount(1)
  await page.getByRole('button', { name: 'Stop the VM' }).click()
  await expect(page.locator('[data-say]')).toContainText('Gone: guest1', { timeout: 20_000 })
  await expect(page.locator('g[aria-label^="Virtual machine: guest1"]')).toHaveCount(0)
  await expect(page.locator('.zk-table tbody')).not.toContainText('guest1')
})

test('a switch morphs the picture: what stays is the same box', async ({ page }) => {
  await page.goto('/ja/embed/windows/')
  const box = page.locator('g[data-key="container:web"]:visible')
  await page.locator('button[data-choice=lcow]').click()
  await box.evaluate((g) => g.setAttribute('data-same', 'yes'))
  await page.locator('button[data-choice=hyperv]').click()
  await expect(box).toHaveAttribute('data-same', 'yes')
  await expect(page.locator('g[data-key="kernel:2"]')).toHaveCount(1)
})

test('documents that passed open from their arrow', async ({ page }) => {
  await page.goto('/en/embed/runtimes/')
  await page.locator('svg:visible .zk-opens .zk-label').first().click()
  await expect(page.locator('[data-document][open] pre').first()).toContainText('"Image": "nginx:1.25.3-alpine"')
})

test('a picture can be downloaded, and looks alike without the page', async ({ page }) => {
  await page.goto('/ja/embed/stack/?theme=light')
  await page.locator('.zk-menu summary').click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'SVG' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('stack.svg')
  const stream = await download.createReadStream()
  let text = ''
  for await (const part of stream) text += part
  expect(text).toContain('fill="rgb(')
  expect(text).not.toContain('class=')
})

test('without script the pictures of every scene are there, with their tables', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  for (const scene of sceneNames) {
    expect(isSceneName(scene)).toBe(true)
    await page.goto(`${baseURL}/en/embed/${scene}/`)
    await expect(page.locator('.zk-canvas svg:visible')).toHaveCount(1)
    expect(await page.locator('.zk-table tbody tr').count()).toBeGreaterThan(2)
  }
  await context.close()
})

test('an address may name the host: the same scene of another world', async ({ page }) => {
  await page.goto('/en/embed/stack/?host=windows-wsl2')
  await expect(page.locator('g[data-key="machine:windows-wsl2"]')).toHaveCount(1, { timeout: 20_000 })
  await expect(page.locator('g[data-key="hypervisor:windows-wsl2"]')).toHaveAttribute('aria-label', /Hyper-V/)
  await expect(page.locator('.zk-state code')).toContainText('docker run')
  await expect(page.getByRole('button', { name: 'Boot a VM' })).toBeHidden()
  await page.goto('/en/embed/windows/?choice=wsl2')
  await expect(page.locator('button[data-choice=wsl2]')).toHaveAttribute('aria-checked', 'true')
  await expect(page.locator('g[data-key="kernel:1"]')).toHaveAttribute('aria-label', /microsoft-standard-WSL2/, {
    timeout: 20_000,
  })
})

test('each picture of a world steps through its last command; a picture of facts along its arrows', async ({
  page,
}) => {
  test.setTimeout(240_000)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.setViewportSize({ width: 768, height: 700 })
  const problems: string[] = []
  page.on('pageerror', (e) => problems.push(e.message))
  for (const scene of sceneNames) {
    if (!(await loadScene(scene)).runs) continue
    await page.goto(`/ja/embed/${scene}/`)
    await page.getByRole('button', { name: '一つ進む' }).click()
    await expect(page.locator('.zk-step')).toContainText('1段階目', { timeout: 20_000 })
    // Somewhere on the way a box is marked: by keyboard as well.
    await page.getByRole('button', { name: '一つ進む' }).focus()
    const marked = page.locator('.zk-canvas svg :is(.zk-mark-from, .zk-mark-to, .zk-mark-new)')
    for (let n = 0; n < 30 && (await marked.count()) === 0; n++) await page.keyboard.press('Enter')
    if ((await marked.count()) === 0) problems.push(`${scene}: no step marks a box`)
    for (const fault of await faults(page)) problems.push(`${scene}: ${fault}`)
  }
  await page.goto('/en/embed/syscalls/?choice=gvisor')
  await page.getByRole('button', { name: 'One step on' }).click()
  await expect(page.locator('.zk-step')).toContainText('Step 1 of')
  await expect(page.locator('.zk-mark-link')).toHaveCount(1)
  expect(problems).toEqual([])
})

test('a step of the process tree shows the processes of that moment', async ({ page }) => {
  await page.goto('/en/embed/processes/')
  const inside = page.locator('.zk-canvas svg:visible g.zk-container:not(.zk-leaving)')
  const all = await inside.count()
  expect(all).toBeGreaterThan(2)
  await page.getByRole('button', { name: 'One step on' }).click()
  await expect(page.locator('.zk-step')).toContainText('Step 1')
  await expect(inside).toHaveCount(0)
  const runc = page.locator('g[aria-label^="runc"]')
  for (let n = 0; n < 100 && (await runc.count()) === 0; n++)
    await page.getByRole('button', { name: 'One step on' }).click()
  await expect(runc).not.toHaveCount(0)
  await page.getByRole('button', { name: 'Back to the start' }).click()
  await expect(inside).toHaveCount(all)
  await expect(page.locator('g[aria-label^="runc"]:not(.zk-leaving)')).toHaveCount(0)
})
