/** Holds what the documents took over to the fact sheet and the glossary that they were written from, where those are at hand. */
import type { Term } from '../../src/components/markdown/library.ts'
import { COVERAGE, linesOf, type Problem, type Row, TERMS } from './checks.ts'

/** Verdicts of the fact sheet, from its tables: id to verdict. */
export function verdictsOf(facts: string): ReadonlyMap<string, string> {
  return new Map(
    [...facts.matchAll(/^\| ([A-E]\d+) \|.*? \| (HOLDS|CAVEAT|DATED|WRONG|UNVERIFIED) \|/gm)].map((m) => [
      m[1] as string,
      m[2] as string,
    ]),
  )
}

/** A claim has the verdict of the fact sheet. */
export function checkVerdicts(rows: readonly Row[], facts: string, yaml: string): Problem[] {
  const verdicts = verdictsOf(facts)
  const lines = linesOf(yaml)
  return rows.flatMap((row): Problem[] => {
    const verdict = verdicts.get(row.id)
    return verdict === row.status
      ? []
      : [
          {
            file: COVERAGE,
            line: lines.get(row.id) ?? 1,
            text: `${row.id}: the fact sheet says ${verdict ?? 'nothing'}, not ${row.status}`,
          },
        ]
  })
}

/** First two fields of each row of a CSV file after its head: the term in English and in Japanese. */
function termsOf(csv: string): readonly (readonly [string, string])[] {
  return csv
    .split('\n')
    .slice(1)
    .filter(Boolean)
    .map((row) => {
      const [en = '', ja = ''] = [...row.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((m) =>
        (m[1] ?? '').replace(/^"(.*)"$/, '$1').replaceAll('""', '"'),
      )
      return [en, ja] as const
    })
}

/** The glossary has every term, by the same name in both languages; our Japanese has no space between scripts. */
export function checkGlossary(terms: readonly Term[], csv: string): Problem[] {
  const known = new Map(terms.map((t) => [t.en.term, t.ja.term]))
  return termsOf(csv).flatMap(([en, ja]): Problem[] => {
    const ours = known.get(en)
    const wanted = ja.replaceAll(' ', '')
    if (ours?.replaceAll(' ', '') === wanted) return []
    return [
      {
        file: TERMS,
        line: 1,
        text: ours === undefined ? `the term "${en}" is missing` : `"${en}" is ${wanted}, not ${ours}`,
      },
    ]
  })
}
