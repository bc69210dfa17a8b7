/** Bytes don't grow unnoticed (budget.json), and a page that is only read fetches no code of pictures, terminals or the emulator. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'
import { kinds } from '../../scripts/bench-site/kinds.ts'
import { weigh } from '../../scripts/bench-site/weight.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const budget = JSON.parse(readFileSync(join(root, 'budget.json'), 'utf8')) as {
  pages: Record<string, Record<'html' | 'css' | 'js' | 'other' | 'requests', number>>
  files: Record<string, number>
}

for (const [kind, path] of Object.entries({ ...kinds, embed: 'embed/stack/', lab: 'lab/' }))
  test(`a page of the kind ${kind} weighs no more than its budget`, async ({ context, baseURL }) => {
    const most = budget.pages[kind]
    expect(most, `budget.json has no pages.${kind}`).toBeDefined()
    for (const language of ['ja', 'en']) {
      const { total, ...weight } = await weigh(context, `${baseURL}/${language}/${path}`)
      for (const [part, size] of Object.entries(weight))
        expect(size, `/${language}/${path}: ${part}, ${total} in all; see budget.json`).toBeLessThanOrEqual(
          most?.[part as keyof typeof weight] ?? 0,
        )
    }
  })

test('shipped files weigh no more than their budget', () => {
  const sum = (folder: string, pattern: RegExp): number =>
    readdirSync(join(root, 'dist', folder), { recursive: true, encoding: 'utf8' })
      .filter((f) => pattern.test(f))
      .reduce((n, f) => n + gzipSync(readFileSync(join(root, 'dist', folder, f)), { level: 9 }).length, 0)
  const sizes: Record<string, number> = {
    scripts: sum('_astro', /\.js$/),
    styles: sum('_astro', /\.css$/),
    worker: sum('.', /^worker\.js$/),
    // Its index grows with the documents; this is its program.
    search: sum('pagefind', /\.pagefind$|^pagefind\.js$/),
  }
  for (const [name, size] of Object.entries(sizes))
    expect(size, `${name}; see budget.json`).toBeLessThanOrEqual(budget.files[name] ?? 0)
})

test('a page that is only read fetches no live code; a button pressed first still does what it says', async ({
  page,
}) => {
  const asked: string[] = []
  page.on('request', (r) => asked.push(r.url()))
  await page.goto('/en/process/', { waitUntil: 'networkidle' })
  expect(asked.filter((u) => /\/(diagram|terminal|emulator|later)\.[^/]*\.js$/.test(u))).toEqual([])
  // A press without a pointer near before: nothing was loaded.
  await page
    .locator('[data-zk-run]')
    .first()
    .evaluate((b) => (b as HTMLButtonElement).click())
  await expect(page.locator('zukan-terminal [role=log]')).toContainText('docker')
  expect(asked.some((u) => /\/terminal\.[^/]*\.js$/.test(u))).toBe(true)
})
