/**
 * What real docker, runc and busybox printed, against what the emulator prints. The recordings lie outside the project; where they are
 * missing the test says so. Every case agrees or is listed with its reason (known-differences.ts), and none is
 * listed that agrees.
 */
import { describe, expect, test } from 'vitest'
import { knownDifferences } from './known-differences.ts'
import { agrees, outcome, readSuite } from './suites.ts'

/** Recordings of builds with the classic builder are build-goldens.test.ts. */
const strict = ['run', 'lifecycle', 'inspect', 'images', 'network', 'volumes', 'cli', 'runc', 'view', 'shell', 'applet']
const cases = readSuite('goldens')

describe.skipIf(!cases)('recordings of real tools (skipped where ../shared/goldens is missing)', () => {
  test.each(strict)('%s: every case agrees or is listed with its reason', (topic) => {
    const mine = (cases ?? []).filter((c) => c.topic === topic)
    const differ = mine.filter((c) => !agrees(outcome('goldens', c))).map((c) => c.id)
    const listed = mine.filter((c) => c.id in knownDifferences).map((c) => c.id)
    expect(differ).toEqual(listed)
  })
})
