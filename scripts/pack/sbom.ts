/** The bill of materials: a CycloneDX 1.5 document of what is shipped to the reader. Pure. */
import { createHash } from 'node:crypto'
import { type Release, releaseName } from './release.ts'

export interface Shipped {
  readonly name: string
  readonly version: string
  readonly license: string
}
/** What of package-lock.json (version 3) is read. */
export interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>
}

/** npm's package URL (github.com/package-url/purl-spec). */
const purl = (name: string, version: string): string =>
  `pkg:npm/${name.startsWith('@') ? `%40${name.slice(1)}` : name}@${version}`

export function sbom(shipped: readonly Shipped[], lock: Lock, release: Release, build: string): object {
  const components = shipped.map(({ name, version, license }) => {
    const integrity = /^sha512-(.+)$/.exec(lock.packages[`node_modules/${name}`]?.integrity ?? '')?.[1]
    return {
      type: 'library',
      'bom-ref': purl(name, version),
      ...(name.startsWith('@') ? { group: name.split('/')[0], name: name.split('/')[1] } : { name }),
      version,
      scope: 'required',
      ...(integrity ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity, 'base64').toString('hex') }] } : {}),
      licenses: [license.includes(' ') ? { expression: license } : { license: { id: license } }],
      purl: purl(name, version),
    }
  })
  const site = {
    type: 'application',
    'bom-ref': 'container-zukan',
    name: 'container-zukan',
    version: releaseName(release),
    licenses: [{ expression: 'MIT AND CC-BY-4.0' }],
    properties: [{ name: 'container-zukan:build', value: build }],
  }
  const text = createHash('sha256')
    .update(JSON.stringify([site, components]))
    .digest('hex')
  const uuid = [
    text.slice(0, 8),
    text.slice(8, 12),
    `5${text.slice(13, 16)}`,
    `8${text.slice(17, 20)}`,
    text.slice(20, 32),
  ]
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    // Made from the contents: the same package has the same number.
    serialNumber: `urn:uuid:${uuid.join('-')}`,
    version: 1,
    metadata: { timestamp: `${release.time.toISOString().slice(0, 19)}Z`, component: site },
    components,
    dependencies: [
      { ref: site['bom-ref'], dependsOn: components.map((c) => c['bom-ref']) },
      ...components.map((c) => ({ ref: c['bom-ref'], dependsOn: [] })),
    ],
  }
}
