/** Tables of others for references, names, sizes and durations; they lie outside the project and are skipped where missing. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { familiarName, parseReference } from '../../src/emulator/oci/reference.ts'
import { bytesSize, fromHumanSize, humanDuration, humanSize, ramInBytes } from '../../src/emulator/oci/units.ts'

const at = (name: string): string => fileURLToPath(new URL(`../../../shared/conformance/${name}`, import.meta.url))
const load = <T>(name: string): readonly T[] =>
  existsSync(at(name)) ? (JSON.parse(readFileSync(at(name), 'utf8')) as { cases: T[] }).cases : []

describe.skipIf(!existsSync(at('image-names.json')))(
  'image names (skipped where ../shared/conformance is missing)',
  () => {
    const cases = load<{ name: string; valid: boolean }>('image-names.json').filter((c) => c.valid !== undefined)
    test('valid and invalid repository names are told apart', () => {
      expect(cases.length).toBeGreaterThan(10)
      const wrong = cases.filter((c) => !('error' in parseReference(c.name)) !== c.valid)
      expect(wrong.map((c) => c.name)).toEqual([])
    })
  },
)

describe.skipIf(!existsSync(at('sizes-durations.json')))(
  'sizes (skipped where ../shared/conformance is missing)',
  () => {
    const functions: Readonly<Record<string, (x: never) => unknown>> = {
      FromHumanSize: fromHumanSize,
      RAMInBytes: ramInBytes,
      HumanSize: humanSize,
      BytesSize: bytesSize,
      HumanDuration: humanDuration,
    }
    const cases = load<{
      fn: string
      input?: never
      input_seconds?: number
      value?: unknown
      text?: string
      error?: unknown
    }>('sizes-durations.json')
    for (const [name, fn] of Object.entries(functions)) {
      test(`${name} agrees with go-units`, () => {
        const wrong = cases
          .filter((c) => c.fn === name)
          .map((c) => ({
            input: c.input ?? (((c.input_seconds ?? 0) * 1e9) as never),
            want: c.error !== undefined ? undefined : (c.text ?? c.value),
            got: fn(c.input ?? (((c.input_seconds ?? 0) * 1e9) as never)),
          }))
          .filter((c) => c.want !== c.got)
        expect(wrong).toEqual([])
      })
    }
  },
)

describe.skipIf(!existsSync(at('image-references.json')))(
  'references (skipped where ../shared/conformance is missing)',
  () => {
    const cases = load<{
      input: string
      repository?: string
      domain?: string
      tag?: string
      digest?: string
      error?: string
    }>('image-references.json').filter(
      // Without Go's sha512 linked in, the table's parser doesn't know it; docker's does.
      (c) => !c.input.includes('@sha512:'),
    )
    test('there are cases', () => expect(cases.length).toBeGreaterThan(30))
    test.each(cases.map((c) => [c.input.slice(0, 80), c] as const))('%j', (_, c) => {
      const r = parseReference(c.input)
      // The table is of names as they stand; docker's normal form adds docker.io and library, and refuses capitals in domains that are none.
      if (c.error) {
        expect(r).toHaveProperty('error')
        return
      }
      if ('error' in r) throw new Error(`${c.input}: ${r.error}`)
      expect([r.tag, r.digest]).toEqual([c.tag, c.digest])
      const full = `${r.domain}/${r.path}`
      expect([full, full.replace(/^docker\.io\//, ''), full.replace(/^docker\.io\/library\//, '')]).toContain(
        c.repository,
      )
    })
  },
)
describe.skipIf(!existsSync(at('image-names.json')))(
  'normal forms of names (skipped where ../shared/conformance is missing)',
  () => {
    const cases = load<{ familiar?: string; full?: string; ambiguous?: string; domain?: string }>(
      'image-names.json',
    ).filter((c) => c.full !== undefined)
    test.each(cases.map((c) => [c.full as string, c] as const))('%s', (_, c) => {
      for (const name of [c.familiar, c.full, c.ambiguous].filter((n) => n !== undefined && n !== '')) {
        const r = parseReference(name as string)
        if ('error' in r) throw new Error(`${name}: ${r.error}`)
        expect([`${r.domain}/${r.path}`, familiarName(r), r.domain]).toEqual([c.full, c.familiar, c.domain])
      }
    })
  },
)
