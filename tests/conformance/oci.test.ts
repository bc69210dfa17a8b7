/** Tables of others for references, names, sizes and durations; they lie outside the project and are skipped where missing. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parseReference } from '../../src/emulator/oci/reference.ts'
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
