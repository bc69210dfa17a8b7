import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SyntaxProblem } from './lexer.ts'
import { ScriptReader } from './parser.ts'
import { plainLines } from './plain.ts'

/** What the parser makes of a text. */
function parsed(text: string, aliases: ReadonlyMap<string, string>): readonly unknown[] {
  const reader = new ScriptReader(text, aliases, 3)
  const nodes: unknown[] = []
  for (let node = reader.next(); node !== undefined; node = reader.next()) {
    nodes.push(node)
    if (node instanceof SyntaxProblem) break
  }
  return nodes
}
test('what is plain is what the parser would have made of it', () => {
  const aliases = new Map([['ll', 'ls -l']])
  const word = fc.constantFrom(
    'ls',
    '-la',
    'a=b',
    '=',
    '/x.y',
    '%1',
    '2',
    'if',
    'done',
    'll',
    '!',
    '{',
    '~',
    '*',
    '$x',
    '"q"',
    '#c',
    ';',
    '|',
    '>f',
    '\\',
  )
  const blank = fc.constantFrom(' ', '  ', '\t', '\n', '')
  let plain = 0
  fc.assert(
    fc.property(fc.array(fc.tuple(word, blank), { minLength: 1, maxLength: 6 }), (pieces) => {
      const text = pieces.flat().join('')
      const fast = plainLines(text, aliases, 3)
      if (!fast) return
      plain++
      expect(fast).toEqual(parsed(text, aliases))
    }),
    { numRuns: 3000 },
  )
  expect(plain).toBeGreaterThan(100)
})
test('a command of several lines keeps their numbers', () => {
  expect(plainLines('docker ps\n  ls -l /\n', new Map(), 1)?.map((c) => [c.line, c.words.length])).toEqual([
    [1, 2],
    [2, 3],
  ])
})
