/** Checks that no room imports upwards: node scripts/check-floors.ts */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { importsOf, violation } from './floors.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
  .filter((f) => /\.(ts|astro)$/.test(f))
  .map((f) => `src/${f.replaceAll('\\', '/')}`)
const problems = files
  .flatMap((f) => importsOf(f, readFileSync(root + f, 'utf8')).map(violation))
  .filter((v) => v !== undefined)
for (const p of problems) console.error(p)
console.log(`floors: ${files.length} files, ${problems.length} imports upwards`)
process.exitCode = problems.length > 0 ? 1 : 0
