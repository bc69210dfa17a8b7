/** What a reader's browser fetches for a page until it rests, untouched: bytes by kind, each answer compressed by gzip. */
import { gzipSync } from 'node:zlib'
import type { BrowserContext } from '@playwright/test'

export interface Weight {
  readonly html: number
  readonly css: number
  readonly js: number
  /** Pictures, data and the like. */
  readonly other: number
  readonly total: number
  readonly requests: number
}
const kindOf = (type: string): 'html' | 'css' | 'js' | 'other' =>
  /html/.test(type) ? 'html' : /css/.test(type) ? 'css' : /javascript/.test(type) ? 'js' : 'other'

/** gzip by the highest level stands for any compression: the same bytes always weigh the same. */
export async function weigh(context: BrowserContext, address: string): Promise<Weight> {
  const page = await context.newPage()
  const sizes = { html: 0, css: 0, js: 0, other: 0 }
  let requests = 0
  const coming: Promise<void>[] = []
  page.on('response', (response) => {
    requests++
    coming.push(
      response.body().then(
        (body) => {
          sizes[kindOf(response.headers()['content-type'] ?? '')] += gzipSync(body, { level: 9 }).length
        },
        () => {},
      ),
    )
  })
  await page.goto(address, { waitUntil: 'networkidle' })
  await Promise.all(coming)
  await page.close()
  const total = sizes.html + sizes.css + sizes.js + sizes.other
  return { ...sizes, total, requests }
}
