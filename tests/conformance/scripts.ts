/** A suite of scripts as tests: every case agrees or is listed with its reason, and none is listed that agrees. */
import { describe, expect, test } from 'vitest'
import { knownScripts as known } from './known-script-differences.ts'
import { agrees, outcome, readSuite, type SuiteName } from './suites.ts'

export function testSuite(name: SuiteName): void {
  const cases = readSuite(name)
  describe.skipIf(!cases)(`${name} (skipped where ../shared is missing)`, () => {
    test('there are cases', () => expect(cases?.length).toBeGreaterThan(200))
    test.each(
      (cases ?? []).map((c) => [`${c.id}${known[c.id] ? ` (differs: ${known[c.id]})` : ''}`, c] as const),
    )('%s', (_, c) => {
      const o = outcome(name, c)
      if (known[c.id]) expect(agrees(o), 'it agrees: take it off the list').toBe(false)
      else expect(o.ours).toEqual(o.real)
    })
  })
}
