/**
 * What real docker, runc and busybox printed, against what the emulator prints. The recordings lie outside the project; where they are
 * missing the test says so. Every topic has a floor that was reached before: it may only rise.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runCase } from '../../scripts/emulate.ts'

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
/** Cases that agree, per topic, at the least. */
const floors: Readonly<Record<string, number>> = {
  run: 46,
  lifecycle: 26,
  inspect: 7,
  images: 3,
  network: 11,
  volumes: 8,
  cli: 6,
  runc: 3,
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
  for (const [topic, floor] of Object.entries(floors)) {
    test(`${topic}: at least ${floor} cases agree`, () => {
      const mine = cases.filter((c) => c.topic === topic)
      const differ = mine.filter((c) => {
        const r = runCase(c)
        return !(
          r.exit === c.exit &&
          plain(r.stdout, c.volatile) === plain(c.stdout, c.volatile) &&
          (c.stderr === undefined || plain(r.stderr, c.volatile) === plain(c.stderr, c.volatile))
        )
      })
      expect(mine.length - differ.length, `these differ: ${differ.map((c) => c.id).join(' ')}`).toBeGreaterThanOrEqual(
        floor,
      )
    })
  }
})
