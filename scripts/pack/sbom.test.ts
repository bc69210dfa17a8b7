import { expect, test } from 'vitest'
import { type Release, releaseName } from './release.ts'
import { sbom } from './sbom.ts'

const release: Release = {
  version: '1.2.3',
  commit: '0123456789ab',
  time: new Date('2026-03-04T05:06:08Z'),
  changed: false,
}
const shipped = [
  { name: '@scope/one', version: '1.0.0', license: 'MIT' },
  { name: 'two', version: '2.0.0', license: 'MIT OR Apache-2.0' },
]
const lock = {
  packages: {
    'node_modules/two': { version: '2.0.0', integrity: `sha512-${Buffer.from('x'.repeat(64)).toString('base64')}` },
  },
}

test('names of releases', () => {
  expect(releaseName(release)).toBe('1.2.3-20260304-0123456789ab')
  expect(releaseName({ ...release, changed: true })).toBe('1.2.3-20260304-0123456789ab-changed')
  expect(releaseName({ ...release, commit: 'unknown', changed: true })).toBe('1.2.3-20260304-unknown')
})
test('a CycloneDX document: components with purl, licence and checksum, the same for the same release', () => {
  const bom = sbom(shipped, lock, release, 'abc') as {
    serialNumber: string
    metadata: { timestamp: string; component: { version: string } }
    components: readonly Record<string, unknown>[]
    dependencies: readonly { ref: string; dependsOn: readonly string[] }[]
  }
  expect(bom.metadata.timestamp).toBe('2026-03-04T05:06:08Z')
  expect(bom.metadata.component.version).toBe('1.2.3-20260304-0123456789ab')
  expect(bom.components[0]).toMatchObject({
    group: '@scope',
    name: 'one',
    purl: 'pkg:npm/%40scope/one@1.0.0',
    licenses: [{ license: { id: 'MIT' } }],
  })
  expect(bom.components[1]).toMatchObject({
    name: 'two',
    licenses: [{ expression: 'MIT OR Apache-2.0' }],
    hashes: [{ alg: 'SHA-512', content: Buffer.from('x'.repeat(64)).toString('hex') }],
  })
  expect(bom.dependencies[0]?.dependsOn).toEqual(['pkg:npm/%40scope/one@1.0.0', 'pkg:npm/two@2.0.0'])
  expect(bom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(sbom(shipped, lock, release, 'abc')).toEqual(bom)
  expect((sbom(shipped, lock, release, 'abd') as typeof bom).serialNumber).not.toBe(bom.serialNumber)
})
