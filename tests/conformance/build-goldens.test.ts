/**
 * Builds recorded with the classic builder (DOCKER_BUILDKIT=0 was set when they were): the emulator's classic builder must print the
 * same. The recordings lie outside the project; where they are missing the test says so.
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
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}
/** Docker 23 words it anew: moby/moby's builder/dockerfile/containerbackend.go. */
const renewed = (text: string): string =>
  text
    .replace(/\r/g, '')
    .replace(/^Removing intermediate container/gm, ' ---> Removed intermediate container')
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{12}\b/g, '<id>')

describe.skipIf(!existsSync(file))('the classic builder (skipped where ../shared/goldens is missing)', () => {
  const cases = existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((l) => JSON.parse(l) as Golden)
        .filter((c) => c.topic === 'build')
    : []
  test.each(cases.map((c) => [`${c.id} ${c.run}`, c] as const))('%s', (_, c) => {
    const legacy = (line: string): string => `export DOCKER_BUILDKIT=0; ${line}`
    const r = runCase({ ...c, setup: (c.setup ?? []).map(legacy), run: legacy(c.run) })
    expect([r.exit, renewed(r.stdout), renewed(r.stderr)]).toEqual([c.exit, renewed(c.stdout), renewed(c.stderr)])
  })
})
