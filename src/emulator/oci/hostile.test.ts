/** Bad input is refused with words, never by an exception, and leaves nothing behind. */

import fc from 'fast-check'
import { gzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { concat, text, utf8 } from '../base/bytes.ts'
import { fromBytes, slice } from '../base/filedata.ts'
import { openSession } from '../complete.ts'
import { BuildError, programOf } from '../engine/buildkit/dockerfile/instructions.ts'
import { parseDockerfile } from '../engine/buildkit/dockerfile/parse.ts'
import { expand } from '../engine/buildkit/dockerfile/words.ts'
import { digestOf } from './digest.ts'
import { media } from './image.ts'
import { parseReference } from './reference.ts'
import { emptyStore, handle } from './registry.ts'
import { readTar, type TarEntry, writeTar } from './tar.ts'

const name = fc.stringMatching(/^[a-zé_.-]{1,40}$/).filter((n) => n !== '.' && n !== '..')
const path = fc.array(name, { minLength: 1, maxLength: 6 }).map((p) => p.join('/'))
const common = {
  path,
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 65_535 }),
  gid: fc.integer({ min: 0, max: 65_535 }),
  mtime: fc.integer({ min: 0, max: 2_000_000_000 }),
}
const entry: fc.Arbitrary<TarEntry> = fc.oneof(
  fc.record({ ...common, type: fc.constant('dir' as const) }),
  fc.record({ ...common, type: fc.constant('file' as const), data: fc.uint8Array({ maxLength: 3000 }).map(fromBytes) }),
  fc.record({ ...common, type: fc.constant('symlink' as const), target: fc.stringMatching(/^[a-z/.]{1,150}$/) }),
)
const plain = (e: TarEntry): unknown => ({ ...e, data: e.data ? [...slice(e.data)] : undefined })

describe('archives', () => {
  test('what is written can be read', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), (entries) => {
        const read = readTar(writeTar(entries))
        expect('error' in read ? read : read.map(plain)).toEqual(entries.map(plain))
      }),
      { numRuns: 200 },
    )
  })
  test('no bytes make the reader throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2048 }), (bytes) => void readTar(bytes)))
    const good = writeTar([
      { path: 'a', type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, data: fromBytes(utf8('x'.repeat(700))) },
    ])
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const bad = good.slice()
        bad[at] = value
        readTar(bad)
        readTar(bad.subarray(0, at))
      }),
    )
  })
})
describe('texts', () => {
  test('no Dockerfile makes the parser throw anything but its own error', () => {
    const line = fc.oneof(
      fc.constantFrom(
        'FROM alpine',
        'RUN <<E',
        'E',
        '# escape=`',
        'COPY --from=0 a b',
        'ENV a=$b',
        'HEALTHCHECK CMD',
        'ONBUILD RUN x',
        'CMD ["a"',
        'RUN a \\',
        '',
      ),
      fc.string({ maxLength: 40 }),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const parsed = parseDockerfile(lines.join('\n'))
        if ('error' in parsed) return
        try {
          programOf(parsed.instructions)
        } catch (e) {
          expect(e).toBeInstanceOf(BuildError)
        }
      }),
      { numRuns: 500 },
    )
  })
  test('no word makes the expansion throw, no reference the parser', () => {
    fc.assert(fc.property(fc.string(), (s) => void expand(s, (n) => (n.length % 2 ? s : undefined))))
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (s) => void parseReference(s)))
  })
})
describe('the registry', () => {
  test('no request makes it throw', () => {
    const store = emptyStore()
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS'),
        fc.oneof(
          fc.webPath(),
          fc.constantFrom(
            '/v2/a/manifests/x',
            '/v2/a/blobs/uploads/',
            '/v2/a/tags/list?n=x',
            '/v2/_catalog?n=1',
            '/v2/a/referrers/sha256:0',
          ),
        ),
        fc.uint8Array({ maxLength: 60 }),
        (method, target, body) => {
          expect(handle(store, { method, target, headers: {}, body }).status).toBeGreaterThanOrEqual(200)
        },
      ),
      { numRuns: 500 },
    )
  })
  const put = (store: ReturnType<typeof emptyStore>, document: unknown, tag = 'x') => {
    const r = handle(store, {
      method: 'PUT',
      target: `/v2/a/manifests/${tag}`,
      headers: { 'content-type': media.manifest },
      body: utf8(typeof document === 'string' ? document : JSON.stringify(document)),
    })
    return [
      r.status,
      r.status < 300 ? '' : (JSON.parse(text(r.body)) as { errors: { code: string }[] }).errors[0]?.code,
    ]
  }
  const digest = digestOf(utf8('x'))
  test('manifests that are none are refused with the specification’s codes', () => {
    const store = emptyStore()
    const config = { mediaType: media.config, digest, size: 1 }
    expect(put(store, '{')).toEqual([400, 'MANIFEST_INVALID'])
    expect(put(store, '[]')).toEqual([400, 'MANIFEST_INVALID'])
    expect(put(store, { config: { digest: 'sha256:x' } })).toEqual([400, 'MANIFEST_INVALID'])
    expect(put(store, { config, layers: [] })).toEqual([400, 'MANIFEST_BLOB_UNKNOWN'])
    expect(put(store, { mediaType: media.index, config, layers: [] })).toEqual([400, 'MANIFEST_INVALID'])
    expect(put(store, { config, layers: [] }, digest)).toEqual([400, 'DIGEST_INVALID'])
    expect(store.repositories.size).toBe(0)
  })
})
describe('docker load', () => {
  const load = (entries: readonly TarEntry[]): string => {
    const session = openSession()
    session.putFiles('/root', { 'x.tar': '' })
    const tar = writeTar(entries)
    // The archive goes in as text of base64: files are put in as text.
    session.putFiles('/root', { b: Buffer.from(tar).toString('base64') })
    return session.execute(
      ['/bin/sh', '-c', 'exec 2>&1; base64 -d b > x.tar; docker load -i x.tar; docker images -aq | wc -l; ls /evil'],
      { cwd: '/root' },
    ).stdout
  }
  const file = (p: string, content: string | Uint8Array): TarEntry => ({
    path: p,
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    data: fromBytes(typeof content === 'string' ? utf8(content) : content),
  })
  /** An OCI layout of one image with a layer of these entries. */
  const layout = (
    entries: readonly TarEntry[],
    o: { readonly cut?: boolean; readonly self?: boolean; readonly layers?: number } = {},
  ): TarEntry[] => {
    const tar = writeTar(entries)
    let layer = gzipSync(tar, { mtime: 0 })
    if (o.cut) layer = layer.slice(0, layer.length / 2)
    const blobs = new Map<string, Uint8Array>()
    const add = (mediaType: string, bytes: Uint8Array): unknown => {
      const d = digestOf(bytes)
      blobs.set(d, bytes)
      return { mediaType, digest: d, size: bytes.length }
    }
    const count = o.layers ?? 1
    const config = add(
      media.config,
      utf8(
        JSON.stringify({
          architecture: 'amd64',
          os: 'linux',
          config: {},
          rootfs: { type: 'layers', diff_ids: Array(count).fill(digestOf(tar)) },
          history: [],
        }),
      ),
    )
    const l = add(media.layer, layer)
    const manifest = add(
      media.manifest,
      utf8(JSON.stringify({ schemaVersion: 2, mediaType: media.manifest, config, layers: Array(count).fill(l) })),
    )
    const top = o.self ? { mediaType: media.index, digest: digestOf(utf8('self')), size: 4 } : manifest
    return [
      file('oci-layout', '{"imageLayoutVersion":"1.0.0"}'),
      file('index.json', JSON.stringify({ schemaVersion: 2, manifests: [top] })),
      ...[...blobs].map(([d, bytes]) => file(`blobs/${d.replace(':', '/')}`, bytes)),
      ...(o.self
        ? [file(`blobs/${digestOf(utf8('self')).replace(':', '/')}`, JSON.stringify({ manifests: [top] }))]
        : []),
    ]
  }
  const none = /\n2\nls: cannot access '\/evil': No such file or directory\n$/
  test.each<readonly [string, readonly TarEntry[], RegExp]>([
    ['a layer that climbs out', layout([file('../../evil', 'x')]), /path escapes the layer/],
    ['a layer cut short', layout([file('a', 'x'.repeat(5000))], { cut: true }), /unexpected EOF/],
    ['an index that claims to hold itself', layout([], { self: true }), /unexpected commit digest/],
    [
      'a wrong digest',
      layout([file('a', 'b')]).map((e) =>
        e.path.startsWith('blobs/') ? { ...e, data: fromBytes(concat([slice(e.data as never), utf8(' ')])) } : e,
      ),
      /unexpected commit digest/,
    ],
    ['ten thousand layers', layout([file('a', 'b')], { layers: 10_000 }), /max depth exceeded/],
    ['an archive of something else', [file('a', 'b')], /manifest\.json: no such file/],
    ['JSON that is none', [file('manifest.json', '{')], /failed to decode manifest\.json/],
  ])('%s is refused, and leaves nothing', (_, entries, message) => {
    const out = load(entries)
    expect(out).toMatch(message)
    expect(out).toMatch(none)
  })
  test('a symbolic link does not lead out of the layer', () => {
    const link: TarEntry = { path: 'out', type: 'symlink', target: '/', mode: 0o777, uid: 0, gid: 0, mtime: 0 }
    expect(load(layout([link, file('out/evil', 'x')]))).toMatch(
      /Loaded image ID[\s\S]*\n3\nls: cannot access '\/evil': No such file or directory\n$/,
    )
  })
})
