/**
 * Checks the documents: `npm run check:content`. Says file, line and how to mend; fails if there is anything to mend.
 * The comparisons with the source texts and the fact sheet need ../shared and are left out, plainly, where that isn't there.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { readComponents } from '../src/components/markdown/components.ts'
import { readSources, readTerms } from '../src/components/markdown/library.ts'
import {
  COVERAGE,
  checkComponents,
  checkCoverage,
  checkHeadings,
  checkLinks,
  checkRuns,
  checkSources,
  checkSpacing,
  checkTerms,
  checkTwins,
  linesOf,
  type Row,
  SOURCES,
  TERMS,
} from './content/checks.ts'
import { checkGlossary, checkVerdicts } from './content/facts.ts'
import { checkFigures } from './content/figures.ts'
import { readPages } from './content/page.ts'
import { idsOfSources, readRedirects, readRegister } from './links/present.ts'
import { checkRegister, REGISTER, unregistered } from './links/register.ts'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
/** The longest run of characters that a page may share with a source text. */
const LONGEST_RUN = 20

const read = (path: string): string => readFileSync(path, 'utf8')
const lines = (path: string) => linesOf(read(path))
const pages = readPages()
const terms = readTerms()
const coverage = parse(read(COVERAGE), { schema: 'failsafe' }) as readonly Row[]
const problems = [
  ...checkTwins(pages),
  ...checkHeadings(pages),
  ...checkComponents(pages, readComponents('.')),
  ...checkLinks(
    pages,
    terms.map((t) => t.id),
  ),
  ...checkSources(
    pages,
    readSources().map((s) => s.id),
    lines(SOURCES),
  ),
  ...checkFigures(pages),
  ...checkTerms(terms, pages, lines(TERMS)),
  ...checkCoverage(coverage, pages, lines(COVERAGE)),
  ...checkSpacing(pages),
]
const ids = await idsOfSources(pages)
const register = readRegister()
for (const text of checkRegister(register, ids, readRedirects())) {
  const [file = '', ...rest] = text.split(': ')
  problems.push({ file, line: 1, text: rest.join(': ') })
}
const fresh = unregistered(register, ids)
if (fresh.length > 0)
  problems.push({ file: REGISTER, line: 1, text: `${fresh.length} new ids (${fresh[0]} ...): run npm run links` })
const factsFolder = '../shared/facts'
if (existsSync(factsFolder)) {
  problems.push(...checkVerdicts(coverage, read(`${factsFolder}/facts.md`), read(COVERAGE)))
  problems.push(...checkGlossary(terms, read(`${factsFolder}/glossary.csv`)))
}
const seedsFolder = '../shared/seeds'
if (existsSync(seedsFolder)) {
  const seeds = readdirSync(seedsFolder).map((f) => read(`${seedsFolder}/${f}`))
  problems.push(...checkRuns(pages, seeds, LONGEST_RUN))
} else
  console.log(`${seedsFolder} isn't here: pages were compared neither with the source texts nor with the fact sheet`)

for (const p of problems) console.log(`${p.hint ? 'note: ' : ''}${p.file}:${p.line}: ${p.text}`)
const errors = problems.filter((p) => !p.hint).length
console.log(`${pages.length} pages: ${errors} to mend, ${problems.length - errors} notes`)
process.exitCode = errors > 0 ? 1 : 0
