/** BuildKit's own tables for its Dockerfile parser and its word expansion; they lie outside the project and are skipped where missing. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { dump, parseDockerfile } from '../../src/emulator/engine/buildkit/dockerfile/parse.ts'
import { expand } from '../../src/emulator/engine/buildkit/dockerfile/words.ts'

const at = (name: string): string => fileURLToPath(new URL(`../../../shared/conformance/${name}`, import.meta.url))
const load = <T>(name: string): readonly T[] =>
  existsSync(at(name)) ? (JSON.parse(readFileSync(at(name), 'utf8')) as { cases: T[] }).cases : []

describe.skipIf(!existsSync(at('dockerfiles.json')))(
  'Dockerfiles (skipped where ../shared/conformance is missing)',
  () => {
    const cases = load<{ name: string; dockerfile: string; tree?: string; error?: boolean }>('dockerfiles.json')
    test('there are cases', () => expect(cases.length).toBeGreaterThan(20))
    test.each(cases.map((c) => [c.name, c] as const))('%s', (_, c) => {
      const parsed = parseDockerfile(c.dockerfile)
      if (c.error) expect(parsed).toHaveProperty('error')
      else expect('error' in parsed ? parsed : parsed.instructions.map((i) => `${dump(i)}\n`).join('')).toBe(c.tree)
    })
  },
)
describe.skipIf(!existsSync(at('dockerfile-variables.json')))(
  'words with variables (skipped where ../shared/conformance is missing)',
  () => {
    const env: Readonly<Record<string, string>> = { PWD: '/home', SHELL: 'bash', KOREAN: '한국어', NULL: '' }
    const cases = load<{ platform: string; input: string; value?: string; error?: boolean }>(
      'dockerfile-variables.json',
    )
    test('there are cases', () => expect(cases.length).toBeGreaterThan(100))
    test.each(cases.map((c) => [`${c.platform} ${c.input}`, c] as const))('%s', (_, c) => {
      const windows = c.platform === 'W'
      const made = expand(c.input, (name) => env[windows ? name.toUpperCase() : name])
      if (c.error) expect(made).toHaveProperty('error')
      else expect('error' in made ? made : made.text).toBe(c.value)
    })
  },
)
