import { expect, test } from 'vitest'
import { importsOf, violation } from './floors.ts'

test('an import downwards is allowed, one upwards is not', () => {
  expect(violation({ from: 'src/emulator/engine/shim.ts', to: 'src/emulator/kernel/linux/abi.ts' })).toBeUndefined()
  expect(violation({ from: 'src/emulator/kernel/linux/kernel.ts', to: 'src/emulator/userland/lib/io.ts' })).toMatch(
    /above/,
  )
  expect(violation({ from: 'src/diagrams/scene/stack.ts', to: 'src/diagrams/draw/stack.ts' })).toMatch(/above/)
})
test('the emulator imports neither Node nor unknown packages', () => {
  expect(violation({ from: 'src/emulator/index.ts', to: 'node:fs' })).toMatch(/Node/)
  expect(violation({ from: 'src/emulator/oci/digest.ts', to: '@noble/hashes/sha2.js' })).toBeUndefined()
  expect(violation({ from: 'src/emulator/oci/digest.ts', to: 'd3-selection' })).toBeDefined()
})
test('imports are found whatever their form', () => {
  expect(
    importsOf(
      'src/a/b.ts',
      "import { x } from '../c.ts'\nexport * from './d.ts'\nimport 'e'\nconst f = import('./g.ts')",
    ).map((i) => i.to),
  ).toEqual(['src/c.ts', 'src/a/d.ts', 'e', 'src/a/g.ts'])
})
