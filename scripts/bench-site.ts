/**
 * How fast the site is, beside a default Starlight with the same documents, in the same run:
 *   npm run bench:site [-- --only weight,lighthouse,build] [--counts 40,400] [--runs 3]
 * Wants a built site (npm run build).
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from '@playwright/test'
import { chapters, repeated } from './bench-site/documents.ts'
import { kinds } from './bench-site/kinds.ts'
import { lighthouse, type Scores } from './bench-site/lighthouse.ts'
import { serve } from './bench-site/serve.ts'
import { build, setUpDefault, setUpOurs } from './bench-site/sites.ts'
import { weigh } from './bench-site/weight.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'weight,lighthouse,build' },
    counts: { type: 'string', default: '40,400' },
    runs: { type: 'string', default: '3' },
  },
})
const wanted = values.only.split(',')
const dist = join(root, 'dist')
if (!existsSync(join(dist, 'files.json'))) {
  console.error('bench:site: there is no dist/ yet; run: npm run build')
  process.exit(1)
}
const all = chapters(join(root, 'src/content/docs'))
// Below the project, so that its dependencies are found.
const place = join(root, '.astro/bench-site')
const folder = (name: string): string => join(place, name)
rmSync(place, { recursive: true, force: true })
mkdirSync(place, { recursive: true })

const row = (name: string, ...cells: readonly string[]): void =>
  console.log(`${name.padEnd(34)}${cells.map((c) => c.padStart(16)).join('')}`)
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`

if (wanted.includes('weight')) {
  console.log('\nBytes that a page fetches until it rests, gzip')
  row('', 'ours', 'Starlight', 'ours, requests', 'Starlight')
  setUpDefault(root, folder('weight'), all)
  const theirs = await serve(build(root, folder('weight')).dist)
  const ours = await serve(dist)
  const path = '/usr/bin/chromium'
  const browser = await chromium.launch({
    ...(existsSync(path) ? { executablePath: path } : {}),
    args: ['--no-sandbox', '--disable-gpu'],
  })
  for (const language of ['ja', 'en'])
    for (const { name } of all.filter((d) => ['process', 'networking', 'history', 'windows'].includes(d.name))) {
      // A context each: nothing comes from a cache.
      const weights = []
      for (const site of [ours, theirs]) {
        const context = await browser.newContext({ serviceWorkers: 'block' })
        weights.push(await weigh(context, `${site.address}${language}/${name}/`))
        await context.close()
      }
      const [a, b] = weights
      if (a && b)
        row(`/${language}/${name}/`, kilobytes(a.total), kilobytes(b.total), String(a.requests), String(b.requests))
    }
  await browser.close()
  ours.close()
  theirs.close()
}

if (wanted.includes('lighthouse')) {
  console.log(`\nLighthouse: the median of ${values.runs} runs for speed (a busy machine lowers it); layout shift`)
  row('', 'performance', 'accessibility', 'best practices', 'SEO', 'shift', 'paint, ms', 'blocking, ms')
  const site = await serve(dist)
  for (const language of ['ja', 'en'])
    for (const [kind, path] of Object.entries(kinds)) {
      const runs: Scores[] = []
      for (let i = 0; i < Number(values.runs); i++) runs.push(await lighthouse(`${site.address}${language}/${path}`))
      runs.sort((a, b) => a.scores.performance - b.scores.performance)
      const { scores, shift, paint, blocking, lost } = runs[runs.length >> 1] as Scores
      const figures = [...Object.values(scores).map(String), shift.toFixed(3), paint.toFixed(0), blocking.toFixed(0)]
      row(`/${language}/ ${kind}`, ...figures)
      for (const text of lost) console.log(`    ${text}`)
    }
  site.close()
}

if (wanted.includes('build')) {
  console.log(
    '\nBuild time; a page is an HTML file, and ours writes more of them from the same documents (embeds, labs, lists)',
  )
  row('', 'ours', 'Starlight', 'ours a page', 'Starlight', 'ratio a page', 'ratio in all')
  for (const count of values.counts.split(',').map(Number)) {
    const documents = repeated(all, count / 2)
    setUpOurs(root, folder(`ours-${count}`), documents)
    setUpDefault(root, folder(`default-${count}`), documents)
    const first = build(root, folder(`ours-${count}`))
    // What commands printed is remembered: this is how long an author waits who changed a page's text.
    const again = build(root, folder(`ours-${count}`))
    const b = build(root, folder(`default-${count}`))
    const figures = (what: string, a: typeof b, of: (built: typeof b) => number | undefined): void => {
      const [x, y] = [of(a), of(b)]
      if (x === undefined || y === undefined) return
      row(
        `${count} documents${what}`,
        `${x.toFixed(1)} s`,
        `${y.toFixed(1)} s`,
        `${((x / a.pages) * 1000).toFixed(0)} ms`,
        `${((y / b.pages) * 1000).toFixed(0)} ms`,
        (x / a.pages / (y / b.pages)).toFixed(2),
        (x / y).toFixed(2),
      )
    }
    figures(', clock', first, (built) => built.wall)
    figures(', processor', first, (built) => built.cpu)
    figures(' again, clock', again, (built) => built.wall)
    figures(' again, processor', again, (built) => built.cpu)
    row('  pages', String(first.pages), String(b.pages))
  }
}
rmSync(place, { recursive: true, force: true })
