/**
 * Every check of the documents at once: for `npm run check:content`, for the build, which stops at what it finds, and for `npm run dev`.
 * The comparisons with the source texts and the fact sheet need ../shared; `compared` says whether it is there.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readComponents } from '../../src/components/markdown/components.ts'
import { readList, readSources, readTerms } from '../../src/components/markdown/library.ts'
import { sceneNames } from '../../src/diagrams/scene/index.ts'
import { hostNames } from '../../src/emulator/hosts/host.ts'
import { idsOfSources, readRedirects, readRegister } from '../links/present.ts'
import { checkRegister, REGISTER, unregistered } from '../links/register.ts'
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
  checkValues,
  linesOf,
  type Problem,
  type Row,
  SOURCES,
  TERMS,
} from './checks.ts'
import { checkGlossary, checkVerdicts } from './facts.ts'
import { checkFigures } from './figures.ts'
import { checkBlocks, checkFront } from './form.ts'
import { readPages } from './page.ts'

/** The longest run of characters that a page may share with a source text. */
const LONGEST_RUN = 20

export interface Checked {
  readonly pages: number
  readonly problems: readonly Problem[]
  readonly compared: boolean
}

/** Checks the documents below a project's folder. */
export async function checkDocuments(root = '.'): Promise<Checked> {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  const lines = (path: string) => linesOf(read(path))
  const pages = readPages(root)
  const terms = readTerms(root)
  const coverage = readList<Row>(COVERAGE, root)
  const problems: Problem[] = [
    ...checkFront(pages, hostNames),
    ...checkBlocks(pages, hostNames),
    ...checkTwins(pages),
    ...checkHeadings(pages),
    ...checkComponents(pages, readComponents(root)),
    ...checkValues(pages, {
      'Diagram scene': sceneNames,
      'Diagram host': hostNames,
      'Terminal host': hostNames,
      'Glossary topic': [...new Set(terms.map((t) => t.topic))],
    }),
    ...checkLinks(
      pages,
      terms.map((t) => t.id),
    ),
    ...checkSources(
      pages,
      readSources(root).map((s) => s.id),
      lines(SOURCES),
    ),
    ...checkFigures(pages),
    ...checkTerms(terms, pages, lines(TERMS)),
    ...checkCoverage(coverage, pages, lines(COVERAGE)),
    ...checkSpacing(pages),
  ]
  const ids = await idsOfSources(pages, root)
  const register = readRegister(root)
  for (const text of checkRegister(register, ids, readRedirects(root))) {
    const [file = '', ...rest] = text.split(': ')
    problems.push({ file, line: 1, text: rest.join(': ') })
  }
  const fresh = unregistered(register, ids)
  if (fresh.length > 0)
    problems.push({ file: REGISTER, line: 1, text: `${fresh.length} new ids (${fresh[0]} ...): run npm run links` })
  const factsFolder = '../shared/facts'
  if (existsSync(join(root, factsFolder))) {
    problems.push(...checkVerdicts(coverage, read(`${factsFolder}/facts.md`), read(COVERAGE)))
    problems.push(...checkGlossary(terms, read(`${factsFolder}/glossary.csv`)))
  }
  const seedsFolder = '../shared/seeds'
  if (existsSync(join(root, seedsFolder))) {
    const seeds = readdirSync(join(root, seedsFolder)).map((f) => read(`${seedsFolder}/${f}`))
    problems.push(...checkRuns(pages, seeds, LONGEST_RUN))
  }
  return { pages: pages.length, problems, compared: existsSync(join(root, seedsFolder)) }
}

/** A problem as it is printed: file, line, and how to mend it. */
export const said = (p: Problem): string => `${p.hint ? 'note: ' : ''}${p.file}:${p.line}: ${p.text}`
