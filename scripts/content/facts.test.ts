import { expect, test } from 'vitest'
import type { Term } from '../../src/components/markdown/library.ts'
import { checkGlossary, checkVerdicts, verdictsOf } from './facts.ts'

const facts =
  '| id | verdict |\n|---|---|\n| A1 | s | a claim | HOLDS | right | src |\n| A2 | s | another | WRONG | no | src |\n'

test('verdicts are read from the tables and compared, with the line of the row', () => {
  expect([...verdictsOf(facts)]).toEqual([
    ['A1', 'HOLDS'],
    ['A2', 'WRONG'],
  ])
  const rows = [
    { id: 'A1', status: 'HOLDS', page: 'a', heading: 'x' },
    { id: 'A2', status: 'HOLDS', page: 'a', heading: 'x' },
  ]
  expect(checkVerdicts(rows, facts, '- id: A1\n- id: A2\n')).toEqual([
    { file: 'src/content/coverage.yaml', line: 2, text: 'A2: the fact sheet says WRONG, not HOLDS' },
  ])
})

test('terms: missing ones, and other names; quoted fields and spaces between scripts are the file’s own', () => {
  const term = (en: string, ja: string): Term => ({
    id: 'x',
    topic: 'x',
    en: { term: en, definition: '' },
    ja: { term: ja, definition: '' },
  })
  const csv =
    'term_en,term_ja,def_en,def_ja\ncontainer,コンテナ,"a, b",c\nOCI bundle,OCI バンドル,a,b\nlayer,レイヤー,a,b\n'
  expect(
    checkGlossary([term('container', 'コンテナ'), term('OCI bundle', 'OCIバンドル'), term('layer', 'レイヤ')], csv).map(
      (p) => p.text,
    ),
  ).toEqual(['"layer" is レイヤー, not レイヤ'])
  expect(checkGlossary([], csv)).toHaveLength(3)
})
