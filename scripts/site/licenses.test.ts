import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { accepted, shipping, tools } from './licenses.ts'

/** Packages whose package.json names no licence, and where it was found. */
const elsewhere: Readonly<Record<string, string>> = {
  // Its file "license" is the MIT licence; mermaid's drawing of charts needs it, and only when charts are drawn anew.
  khroma: 'MIT',
  // Named by their package.json in older ways, which npm doesn't write into the lockfile; textlint's rules need them.
  boundary: 'BSD-2-Clause',
  format: 'MIT',
  'structured-source': 'BSD-2-Clause',
}

test('expressions', () => {
  expect(accepted('MIT', shipping)).toBe(true)
  expect(accepted('(MPL-2.0 OR Apache-2.0)', shipping)).toBe(true)
  expect(accepted('Apache-2.0 AND LGPL-3.0-or-later', shipping)).toBe(false)
  expect(accepted('Apache-2.0 AND LGPL-3.0-or-later AND MIT', tools)).toBe(true)
  for (const bad of ['', 'GPL-3.0-only', 'MIT AND', 'UNLICENSED', 'SEE LICENSE IN x', '(MIT'])
    expect(accepted(bad, tools), bad).toBe(false)
})
test('every package of the lockfile is under an accepted licence', () => {
  const { packages } = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
    packages: Record<string, { license?: string }>
  }
  const bad = Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, { license }]) => {
      const name = path.split('node_modules/').at(-1) as string
      return [name, license ?? elsewhere[name] ?? ''] as const
    })
    .filter(([, license]) => !accepted(license, tools))
  expect(bad).toEqual([])
})
