/** Checks the documents: `npm run check:content`. Says file, line and how to mend; fails if there is anything to mend. */
import { fileURLToPath } from 'node:url'
import { checkDocuments, said } from './content/all.ts'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const { pages, problems, compared } = await checkDocuments().catch((problem: Error) => {
  // A file that can't be read at all; the message says which and where.
  console.log(problem.message)
  process.exit(1)
})
if (!compared)
  console.log("../shared isn't here: pages were compared neither with the source texts nor with the fact sheet")
for (const p of problems) console.log(said(p))
const errors = problems.filter((p) => !p.hint).length
console.log(`${pages} pages: ${errors} to mend, ${problems.length - errors} notes`)
process.exitCode = errors > 0 ? 1 : 0
