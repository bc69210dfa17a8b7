/**
 * Builds the site and packs it for those who install it: pack/container-zukan-RELEASE.zip and .tar.gz.
 *   npm run pack [-- --no-build] [-- --out DIR]
 * The same commit gives the same bytes.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { type ArchiveFile, tar, zip } from './pack/archive.ts'
import { compressAll } from './pack/compress.ts'
import { readRelease, releaseName } from './pack/release.ts'
import { type Lock, type Shipped, sbom } from './pack/sbom.ts'
import { type FileList, sha256 } from './site/files.ts'
import { filesBelow } from './site/finish.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({ options: { 'no-build': { type: 'boolean' }, out: { type: 'string' } } })
const out = values.out ?? join(root, 'pack')
const dist = join(root, 'dist')

function fail(message: string): never {
  console.error(`pack: ${message}`)
  process.exit(1)
}
/** What stands in dist/ must be what the build listed: nothing half-built, nothing changed by hand. */
function verified(): FileList {
  if (!existsSync(join(dist, 'files.json'))) fail('there is no finished build in dist/; run it without --no-build')
  const list = JSON.parse(readFileSync(join(dist, 'files.json'), 'utf8')) as FileList
  const wrong = list.files.filter(
    ([path, , hash]) => !existsSync(join(dist, path)) || sha256(readFileSync(join(dist, path))) !== hash,
  )
  if (wrong.length > 0)
    fail(
      `dist/ differs from its list: ${wrong
        .slice(0, 5)
        .map(([path]) => path)
        .join(', ')}; build again`,
    )
  const known = new Set([...list.files.map(([path]) => path), 'files.json', 'files.json.js'])
  const strange = filesBelow(dist).filter((path) => !known.has(path))
  if (strange.length > 0) fail(`dist/ holds files of no build: ${strange.slice(0, 5).join(', ')}; build again`)
  return list
}

if (!values['no-build']) {
  const built = spawnSync(process.execPath, [join(root, 'node_modules/astro/bin/astro.mjs'), 'build'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (built.status !== 0) fail('the build failed')
}
const list = verified()
const release = readRelease(root)
const name = releaseName(release)
const folder = mkdtempSync(join(tmpdir(), 'zukan-pack-'))
try {
  cpSync(dist, join(folder, 'site'), { recursive: true })
  console.error('pack: compressing')
  await compressAll(join(folder, 'site'), filesBelow(dist))
  cpSync(join(root, 'deploy'), join(folder, 'deploy'), { recursive: true })
  const fill = (file: string): string =>
    readFileSync(join(root, 'scripts/pack/files', file), 'utf8').replaceAll('RELEASE-NAME', name)
  writeFileSync(join(folder, 'start.html'), fill('start.html'))
  // As Windows' editors like it.
  for (const file of ['README.ja.txt', 'README.en.txt'])
    writeFileSync(join(folder, file), `\ufeff${fill(file).replaceAll('\n', '\r\n')}`)
  cpSync(join(dist, 'licenses.txt'), join(folder, 'LICENSES.txt'))
  const software = JSON.parse(readFileSync(join(dist, 'software.json'), 'utf8')) as Shipped[]
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
  writeFileSync(join(folder, 'sbom.cdx.json'), json(sbom(software, lock, release, list.build)))
  const { version, commit, time, changed } = release
  writeFileSync(
    join(folder, 'release.json'),
    json({ name, version, commit, date: time.toISOString(), changed, build: list.build }),
  )
  const sums = filesBelow(folder).map((path) => `${sha256(readFileSync(join(folder, path)))}  ${path}\n`)
  writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''))

  const top = `container-zukan-${name}`
  const files = filesBelow(folder).map(
    (path): ArchiveFile => ({
      path: `${top}/${path}`,
      bytes: readFileSync(join(folder, path)),
      executable: path.endsWith('.sh'),
    }),
  )
  mkdirSync(out, { recursive: true })
  const archives = { 'tar.gz': gzipSync(tar(files, time), { level: 9 }), zip: zip(files, time) }
  for (const [end, bytes] of Object.entries(archives)) {
    const path = join(out, `${top}.${end}`)
    writeFileSync(path, bytes)
    writeFileSync(`${path}.sha256`, `${sha256(bytes)}  ${top}.${end}\n`)
    console.log(`${path}  ${(statSync(path).size / 1e6).toFixed(1)} MB`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
