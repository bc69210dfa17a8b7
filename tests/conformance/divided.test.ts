/**
 * The divided modules against the sources, with what was put aside gone again after every step (tests/divided/bundle.ts): the same
 * output, the same time, the same changes of the world. What may be begun again, really may; what waits, changes nothing meanwhile.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { divided } from '../divided/bundle.ts'
import { ownCases, recordings } from '../divided/cases.ts'
import { driveSources } from '../divided/undivided.ts'

let both: Awaited<ReturnType<typeof divided>>
beforeAll(async () => {
  both = await divided()
}, 180_000)
afterAll(() => both?.close())

test.each([...ownCases, ...recordings(6)].map((c) => [c.id, c] as const))('%s', async (_, c) => {
  const ours = await both.drive(c)
  expect(ours).toEqual(driveSources(c))
  expect(ours.faults).toEqual([])
})
test('code was waited for all the time', () => expect(both.waits()).toBeGreaterThan(500))
