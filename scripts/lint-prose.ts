/**
 * Lints the prose of both languages with textlint: `npm run lint:prose`, or with names of files, those alone.
 * Pages, labs, the glossary, notes to sources, and the words of pictures and components. Says file and line; fails if there is anything to mend.
 */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { readTerms } from '../src/components/markdown/library.ts'
import { type Spelling, spellingsOf } from './prose/dictionary.ts'
import { lintTexts, type Text } from './prose/lint.ts'
import { headOf, proseOf } from './prose/mdx.ts'
import { stringsOfTypeScript, stringsOfYaml } from './prose/strings.ts'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

/** Where prose stands: pages, data, catalogues of words. */
const places = [
  'src/content/docs/{ja,en}/*.{md,mdx}',
  'src/content/{labs,glossary}/*.yaml',
  'src/content/sources.yaml',
  'src/components/**/words.ts',
  'src/diagrams/words/*.ts',
]
function textsOf(file: string): Text[] {
  const source = readFileSync(file, 'utf8')
  if (file.endsWith('.yaml')) return stringsOfYaml(file, source)
  if (file.endsWith('.ts')) return stringsOfTypeScript(file, source)
  const language = file.includes('/ja/') ? 'ja' : 'en'
  return [
    ...headOf(source).map((h) => ({ ...h, file, language }) as const),
    { file, language, text: proseOf(source), line: 1, page: true },
  ]
}

const wanted = process.argv.slice(2)
const files = places
  .flatMap((place) => globSync(place))
  .map((f) => f.replaceAll('\\', '/'))
  .filter((f) => wanted.length === 0 || wanted.some((w) => f.endsWith(w.replace(/^\.\//, ''))))
  .sort()
const terms = readTerms()
const others = parse(readFileSync('src/content/glossary/spelling.yaml', 'utf8'), { schema: 'failsafe' }) as Spelling[]
const problems = await lintTexts(files.flatMap(textsOf), {
  ja: spellingsOf('ja', terms, others),
  en: spellingsOf('en', terms, others),
})
for (const p of problems) console.log(`${p.file}:${p.line}: ${p.text}`)
console.log(`${files.length} files of prose: ${problems.length} to mend`)
process.exitCode = problems.length > 0 || files.length === 0 ? 1 : 0
