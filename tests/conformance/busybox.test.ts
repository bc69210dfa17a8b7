/** What a real busybox printed in a container: busybox.jsonl, recorded as ../shared/tools/record.mjs does it. Every case agrees. */
import { expect, test } from 'vitest'
import { type Case, outcome, readSuite } from './suites.ts'

const cases: readonly Case[] = readSuite('busybox') ?? []

test('there are recordings', () => expect(cases.length).toBeGreaterThan(40))
test.each(cases.map((c) => [c.id, c] as const))('%s', (_, c) => {
  const { ours, real } = outcome('busybox', c)
  expect(ours, c.run).toEqual(real)
})
