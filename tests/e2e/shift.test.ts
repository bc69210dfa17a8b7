/** Nothing moves while a page comes: on a phone and on a desk, with a slow processor and a slow network. */
import { expect, test } from '@playwright/test'
import { kinds } from '../../scripts/bench-site/kinds.ts'

for (const [kind, path] of Object.entries({ ...kinds, offline: 'offline/' }))
  test(`a page of the kind ${kind} doesn’t move`, async ({ browser, baseURL }) => {
    test.slow()
    for (const viewport of [
      { width: 412, height: 823 },
      { width: 1350, height: 940 },
    ])
      for (const language of ['ja', 'en']) {
        const context = await browser.newContext({ viewport, serviceWorkers: 'block' })
        const page = await context.newPage()
        const session = await context.newCDPSession(page)
        await session.send('Emulation.setCPUThrottlingRate', { rate: 2 })
        await session.send('Network.enable')
        const network = { offline: false, latency: 100, downloadThroughput: 400_000, uploadThroughput: 100_000 }
        await session.send('Network.emulateNetworkConditions', network)
        await page.addInitScript(() => {
          const seen: string[] = []
          Reflect.set(window, 'shifts', seen)
          // Layout Instability: sources name what moved.
          interface Shift extends PerformanceEntry {
            readonly value: number
            readonly sources: readonly { readonly node?: Node }[]
          }
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries() as Shift[]) {
              const node = entry.sources[0]?.node
              const what = node instanceof Element ? node.outerHTML.slice(0, 80) : node?.textContent?.slice(0, 80)
              seen.push(`${entry.value.toFixed(4)} ${what}`)
            }
          }).observe({ type: 'layout-shift', buffered: true })
        })
        await page.goto(`${baseURL}/${language}/${path}`, { waitUntil: 'networkidle' })
        expect(
          await page.evaluate(() => Reflect.get(window, 'shifts')),
          `/${language}/${path} ${viewport.width}`,
        ).toEqual([])
        await context.close()
      }
  })
