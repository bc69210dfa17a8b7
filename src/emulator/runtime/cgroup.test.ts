import { expect, test } from 'vitest'
import { weightOf } from './cgroup.ts'

test.each([
  [2, 1],
  [256, 35],
  [1024, 100],
  [262144, 10000],
])('%i CPU shares are a weight of %i, as in the tests of opencontainers/cgroups', (shares, weight) => {
  expect(weightOf(shares)).toBe(weight)
})
