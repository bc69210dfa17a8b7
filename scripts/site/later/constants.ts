/**
 * Modules whose answer never differs, worked out at build time: each of their functions answers what it answers in the sources, which the
 * tests of the divided build compare (tests/conformance/divided.test.ts).
 */
import { fileURLToPath } from 'node:url'
import { packedAlpine } from '../../../src/emulator/oci/catalogue/packed.ts'

const functions = { 'oci/catalogue/packed.ts': { packedAlpine } }

/** Texts of these modules, by path. */
export const constants = (): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(functions).map(([module, named]) => [
      fileURLToPath(new URL(`../../../src/emulator/${module}`, import.meta.url)),
      Object.entries(named)
        .map(([name, f]) => `export const ${name} = () => (${JSON.stringify(f())})\n`)
        .join(''),
    ]),
  )
