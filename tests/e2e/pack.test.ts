/** What an administrator gets: the package is whole, says what is in it, and opens by a double click. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'
import { unzipSync } from 'fflate'

const root = fileURLToPath(new URL('../..', import.meta.url))
let place = ''
let top = ''
test.beforeAll(() => {
  test.setTimeout(240_000)
  place = mkdtempSync(join(tmpdir(), 'zukan-package-'))
  const r = spawnSync(process.execPath, [join(root, 'scripts/pack.ts'), '--no-build', '--out', place], {
    encoding: 'utf8',
  })
  expect(r.status, r.stderr).toBe(0)
  const zip = readdirSync(place).find((f) => f.endsWith('.zip')) as string
  const files = unzipSync(readFileSync(join(place, zip)))
  top = join(place, zip.replace(/\.zip$/, ''))
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true })
    writeFileSync(join(place, path), bytes)
  }
})
test.afterAll(() => rmSync(place, { recursive: true, force: true }))
const text = (path: string): string => readFileSync(join(top, path), 'utf8')
const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

test('checksums name every file, and both archives hold the same', () => {
  const sums = new Map(
    text('SHA256SUMS')
      .trim()
      .split('\n')
      .map((line) => [line.slice(66), line.slice(0, 64)] as const),
  )
  const files = readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((f) => f.isFile())
    .map((f) => join(f.parentPath, f.name).slice(top.length + 1))
  expect(files.filter((f) => f !== 'SHA256SUMS').sort()).toEqual([...sums.keys()].sort())
  for (const [path, sum] of sums) expect(sha256(join(top, path)), path).toBe(sum)
  const archive = readdirSync(place).find((f) => f.endsWith('.tar.gz')) as string
  const listed = spawnSync('tar', ['-tzf', join(place, archive)], { encoding: 'utf8' })
    .stdout.trim()
    .split('\n')
  expect(listed.length).toBe(files.length)
  const sum = readFileSync(join(place, `${archive}.sha256`), 'utf8')
  expect(sum).toBe(`${sha256(join(place, archive))}  ${archive}\n`)
})
test('packed twins hold what stands beside them', () => {
  const page = readFileSync(join(top, 'site/ja/process/index.html'))
  expect(brotliDecompressSync(readFileSync(join(top, 'site/ja/process/index.html.br'))).equals(page)).toBe(true)
  expect(gunzipSync(readFileSync(join(top, 'site/ja/process/index.html.gz'))).equals(page)).toBe(true)
})
test('bill of materials, licences, release and words for the installer', () => {
  const bom = JSON.parse(text('sbom.cdx.json'))
  expect([bom.bomFormat, bom.specVersion]).toEqual(['CycloneDX', '1.5'])
  const names = bom.components.map((c: { group?: string; name: string }) => (c.group ? `${c.group}/${c.name}` : c.name))
  for (const name of ['pagefind', '@astrojs/starlight', 'd3-selection', '@noble/hashes']) expect(names).toContain(name)
  for (const c of bom.components) expect(c.hashes?.[0]?.content, c.name).toMatch(/^[0-9a-f]{128}$/)
  for (const name of names) expect(text('LICENSES.txt')).toContain(`\n${name} `)
  const release = JSON.parse(text('release.json'))
  expect(release.build).toBe(JSON.parse(text('site/files.json')).build)
  for (const file of ['README.ja.txt', 'README.en.txt', 'start.html']) expect(text(file)).toContain(release.name)
})
test('start.html opens the site from the folder, and what it links to is there', async ({ page }) => {
  await page.goto(pathToFileURL(join(top, 'start.html')).href)
  const targets = await page.locator('a').evaluateAll((links) => links.map((a) => (a as HTMLAnchorElement).href))
  for (const target of targets) expect(readFileSync(fileURLToPath(target)).length).toBeGreaterThan(100)
  await page.getByRole('link', { name: 'Read in English' }).click()
  await expect(page.locator('h1').first()).toBeVisible()
  await page.goto(pathToFileURL(join(top, 'site/en/check/index.html')).href)
  await expect(page.getByRole('status')).toHaveAttribute('data-state', 'good', { timeout: 40_000 })
})
