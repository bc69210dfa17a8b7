/**
 * What real docker, runc and busybox printed, against what the emulator prints. The recordings lie outside the project; where they are
 * missing the test says so. Of docker and runc every case agrees or is listed with its reason (known-differences.ts), and none is
 * listed that agrees. Other topics have a floor that was reached before: it may only rise.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runCase } from '../../scripts/emulate.ts'
import { awaited, knownDifferences } from './known-differences.ts'

const file = fileURLToPath(new URL('../../../shared/goldens/docker-busybox-runc.jsonl', import.meta.url))
interface Golden {
  readonly id: string
  readonly topic: string
  readonly in: string
  readonly setup?: readonly string[]
  readonly run: string
  readonly stdin?: string
  readonly volatile?: readonly string[]
  readonly exit: number
  readonly stdout: string
  readonly stderr?: string
}
/** Replaces what differs by nature: ids, times, ages, blanks. */
function plain(text: string, volatile: readonly string[] = []): string {
  let t = text.replace(/\r/g, '')
  for (const v of volatile) t = t.replace(new RegExp(v, 'g'), '<v>')
  return t
    .replace(/\b[0-9a-f]{64}\b/g, '<id>')
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{12}\b/g, '<id>')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?[+-]\d{4} UTC|Z| [+-]\d{2}:?\d{2})?/g, '<time>')
    .replace(/(Less than a|About an?|\d+) (second|minute|hour|day|week|month|year)s?( ago)?/g, '<age>')
    .replace(/[ \t]+/g, ' ')
    .replace(/ +$/gm, '')
}
/** Topics of which every case agrees or is listed. */
const strict = ['run', 'lifecycle', 'inspect', 'images', 'network', 'volumes', 'cli', 'runc']
/** Cases that agree, per topic, at the least. */
const floors: Readonly<Record<string, number>> = {
  view: 9,
  shell: 51,
  applet: 14,
}

describe.skipIf(!existsSync(file))('recordings of real tools (skipped where ../shared/goldens is missing)', () => {
  const cases = existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((l) => JSON.parse(l) as Golden)
        .filter((c) => c.id)
    : []
  const agrees = (c: Golden): boolean => {
    const r = runCase(c)
    return (
      r.exit === c.exit &&
      plain(r.stdout, c.volatile) === plain(c.stdout, c.volatile) &&
      (c.stderr === undefined || plain(r.stderr, c.volatile) === plain(c.stderr, c.volatile))
    )
  }
  test.each(strict)('%s: every case agrees or is listed with its reason', (topic) => {
    const differ = cases.filter((c) => c.topic === topic && !agrees(c)).map((c) => c.id)
    const listed = cases
      .filter((c) => c.topic === topic && (c.id in knownDifferences || c.id in awaited))
      .map((c) => c.id)
    expect(differ).toEqual(listed)
  })
  for (const [topic, floor] of Object.entries(floors)) {
    test(`${topic}: at least ${floor} cases agree`, () => {
      const mine = cases.filter((c) => c.topic === topic)
      const differ = mine.filter((c) => !agrees(c))
      expect(mine.length - differ.length, `these differ: ${differ.map((c) => c.id).join(' ')}`).toBeGreaterThanOrEqual(
        floor,
      )
    })
  }
})
