/** More of what a real docker printed: engine.jsonl, recorded with ../shared/tools/record.mjs. Every case agrees. */
import { expect, test } from 'vitest'
import { type Case, outcome, readSuite } from './suites.ts'

const cases: readonly Case[] = readSuite('engine') ?? []

test('there are recordings', () => expect(cases.length).toBeGreaterThan(400))
test.each(cases.map((c) => [c.id, c] as const))('%s', (_, c) => {
  const { ours, real } = outcome('engine', c)
  expect(ours, c.run).toEqual(real)
})
