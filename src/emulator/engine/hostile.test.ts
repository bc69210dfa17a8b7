/** Whoever sends an engine nonsense is refused in its words, and the engine's files are as they were. */
import { gzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { text, utf8 } from '../base/bytes.ts'
import { isErr } from '../base/errno.ts'
import { fromBytes } from '../base/filedata.ts'
import { openSession, type Session } from '../complete.ts'
import type { Run, Sys } from '../kernel/linux/abi.ts'
import { rootCredentials } from '../kernel/linux/kernel.ts'
import type { Process } from '../kernel/linux/process.ts'
import { digestOf } from '../oci/digest.ts'
import { media } from '../oci/image.ts'
import { type TarEntry, writeTar } from '../oci/tar.ts'
import { HttpReader, sendRequest } from '../userland/lib/http.ts'
import { serveHttp } from './registry.ts'

const sh = (s: Session, line: string): string =>
  s.execute(['/bin/sh', '-c', `exec 2>&1; ${line}`], { cwd: '/root' }).stdout
/** Every file that containerd and dockerd keep of images, with its length, and the names that they know. */
const store = (s: Session): string =>
  sh(
    s,
    "find /var/lib/containerd /var/lib/docker -type f -o -type c | grep -v '/containers/' | sort | xargs ls -l | awk '{print $5, $NF}' | grep -v -e metadata -e meta.db; docker images --digests; ctr -n default images ls -q; ls /evil",
  )
const entry = (path: string, more: Partial<TarEntry> = {}): TarEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 0,
  ...(more.type && more.type !== 'file' ? {} : { data: fromBytes(utf8('x')) }),
  ...more,
})

/** Adds a process of root's to the machine. */
function start(s: Session, body: (sys: Sys) => Run<number>): void {
  const p = s.kernel.fork(s.kernel.initial.pid.init as Process, body)
  if (isErr(p)) throw new Error(p.text)
  p.cred = rootCredentials
  p.fds = []
}
/** A registry on localhost:5000 that says what it is told to. */
const registry = (s: Session, answers: ReadonlyMap<string, Uint8Array>): void =>
  start(s, function* (sys) {
    return yield* serveHttp(sys, 5000, function* (_t, { target, method }) {
      const body = answers.get(target.replace(/^.*\//, ''))
      if (target === '/v2/') return { status: 200, headers: {}, body: utf8('{}') }
      if (!body) return { status: 404, headers: {}, body: utf8('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}') }
      const type = /manifests/.test(target) ? media.manifest : 'application/octet-stream'
      return {
        status: 200,
        headers: {
          'Content-Type': type,
          'Content-Length': String(body.length),
          'Docker-Content-Digest': digestOf(body),
        },
        body: method === 'HEAD' ? new Uint8Array(0) : body,
      }
    })
  })
/** What dockerd answers a request: its body and status. */
function api(
  s: Session,
  method: string,
  path: string,
  body: Uint8Array = new Uint8Array(0),
  type = 'application/json',
): string {
  let answer = 'none'
  start(s, function* (sys) {
    const fd = yield* sys.socket('unix', 'stream')
    if (isErr(fd) || (yield* sys.connect(fd, { family: 'unix', path: '/var/run/docker.sock' }))) return 1
    yield* sendRequest(sys, fd, method, path, { Host: 'd', 'Content-Type': type }, body)
    const r = yield* new HttpReader(sys, fd).response(method)
    answer = r ? `${text(r.body).trim()} ${r.status}` : 'gone'
    return 0
  })
  s.execute(['/bin/sleep', '20'])
  return answer
}
type Json = Readonly<Record<string, unknown>>
/** An image's documents; each may be replaced. */
function image(o: {
  readonly layers?: readonly (readonly TarEntry[])[]
  readonly config?: (c: Json) => unknown
  readonly manifest?: (m: Json, config: Json) => unknown
  readonly top?: (manifest: Json) => unknown
  readonly spoil?: (blobs: Map<string, Uint8Array>, layers: readonly string[]) => void
}): Map<string, Uint8Array> {
  const blobs = new Map<string, Uint8Array>()
  const add = (mediaType: string, bytes: Uint8Array): { mediaType: string; digest: string; size: number } => {
    const digest = digestOf(bytes)
    blobs.set(digest, bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const json = (v: unknown): Uint8Array => utf8(typeof v === 'string' ? v : JSON.stringify(v))
  const tars = (o.layers ?? [[entry('a')], [entry('b')]]).map((l) => writeTar(l))
  const layers = tars.map((t) => add(media.layer, gzipSync(t, { mtime: 0 })))
  const c: Json = {
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['true'] },
    rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
  }
  const config = add(media.config, json(o.config ? o.config(c) : c))
  const m: Json = { schemaVersion: 2, mediaType: media.manifest, config, layers }
  const bytes = json(o.manifest ? o.manifest(m, config) : m)
  const manifest = add(media.manifest, bytes)
  const top = o.top ? json(o.top(manifest)) : bytes
  blobs.set('latest', top)
  blobs.set(digestOf(top), top)
  o.spoil?.(
    blobs,
    layers.map((l) => l.digest),
  )
  return blobs
}
const index = (...manifests: readonly unknown[]): Json => ({ schemaVersion: 2, mediaType: media.index, manifests })
const linux = { platform: { os: 'linux', architecture: 'amd64' } }

/** What a registry may answer, and what docker pull says of it. */
const pulls: readonly (readonly [string, ReadonlyMap<string, Uint8Array>, RegExp])[] = [
  [
    'a manifest cut short',
    image({ top: () => '{"schemaVersion":2' }),
    /failed to decode manifest: unexpected end of JSON input/,
  ],
  [
    'a manifest that is a list',
    image({ top: () => '[]' }),
    /cannot unmarshal array into Go value of type v1\.Manifest/,
  ],
  ['a manifest that is null', image({ top: () => 'null' }), /neither a manifest with a config nor an index/],
  [
    'layers that are an object',
    image({ manifest: (m) => ({ ...m, layers: {} }) }),
    /Manifest\.layers of type \[\]v1\.Descriptor/,
  ],
  [
    'a size that is a text',
    image({ manifest: (m, c) => ({ ...m, config: { ...c, size: '5' } }) }),
    /config\.size of type int64/,
  ],
  [
    'a digest that is none',
    image({ manifest: (m, c) => ({ ...m, config: { ...c, digest: '../../etc/passwd' } }) }),
    /invalid checksum digest format/,
  ],
  ['a negative size', image({ manifest: (m, c) => ({ ...m, config: { ...c, size: -1 } }) }), /invalid size -1/],
  [
    'a manifest that is an index as well',
    image({ manifest: (m) => ({ ...m, manifests: [] }) }),
    /both an index and a manifest/,
  ],
  [
    'a size that is wrong',
    image({ manifest: (m, c) => ({ ...m, config: { ...c, size: 3 } }) }),
    /failed size validation: \d+ != 3/,
  ],
  [
    'an index without the platform',
    image({ top: (m) => index({ ...m, platform: { os: 'plan9', architecture: 'mips' } }) }),
    /no matching manifest|no match for platform/,
  ],
  ['an index of null', image({ top: () => index(null) }), /invalid checksum digest format/],
  [
    'an index whose platform is an index again',
    (() => {
      const blobs = image({ top: (m) => index({ ...m, ...linux }) })
      const inner = blobs.get('latest') as Uint8Array
      const top = utf8(
        JSON.stringify(index({ mediaType: media.index, digest: digestOf(inner), size: inner.length, ...linux })),
      )
      return new Map([...blobs, ['latest', top], [digestOf(top), top]])
    })(),
    /not an image manifest/,
  ],
  [
    'an index that names itself',
    (() => {
      const top = utf8(
        JSON.stringify(index({ mediaType: media.index, digest: digestOf(utf8('self')), size: 4, ...linux })),
      )
      return new Map([
        ['latest', top],
        [digestOf(utf8('self')), top],
      ])
    })(),
    /unexpected (content|commit) digest/,
  ],
  ['a configuration that is none', image({ config: () => '{"rootfs":' }), /failed to decode image config/],
  [
    'a configuration with an object as command',
    image({ config: (c) => ({ ...c, config: { Cmd: {} } }) }),
    /cannot unmarshal object .*Cmd of type \[\]string/,
  ],
  [
    'more layers than the configuration knows',
    image({ config: (c) => ({ ...c, rootfs: { type: 'layers', diff_ids: [] } }) }),
    /mismatched image rootfs and manifest layers/,
  ],
  [
    'ten thousand layers',
    image({
      config: (c) => ({ ...c, rootfs: { type: 'layers', diff_ids: Array(10_000).fill(digestOf(utf8('x'))) } }),
      manifest: (m) => ({ ...m, layers: Array(10_000).fill((m.layers as unknown[])[0]) }),
    }),
    /max depth exceeded/,
  ],
  [
    'another second layer than the manifest names',
    image({ spoil: (b, l) => void b.set(l[1] as string, utf8('something else')) }),
    /unexpected (content|commit) digest/,
  ],
  [
    'a second layer that is no archive',
    image({
      layers: [[entry('a')], [entry('x'.repeat(90))]],
      config: (c) => ({
        ...c,
        rootfs: { type: 'layers', diff_ids: [(c.rootfs as { diff_ids: string[] }).diff_ids[0], digestOf(utf8('x'))] },
      }),
    }),
    /wrong diff id calculated on extraction/,
  ],
  [
    'a second layer that climbs out',
    image({ layers: [[entry('a')], [entry('../../../../../../../evil')]] }),
    /path escapes the layer/,
  ],
  ['a whiteout that climbs out', image({ layers: [[entry('a')], [entry('d/.wh...')]] }), /invalid whiteout name/],
  [
    'a hard link to what is outside',
    image({ layers: [[entry('a')], [entry('p', { type: 'link', target: '../../../../../../../etc/shadow' })]] }),
    /failed to extract p: no such file/,
  ],
  [
    'a hard link through a symbolic one',
    image({
      layers: [
        [entry('a')],
        [entry('out', { type: 'symlink', target: '/' }), entry('p', { type: 'link', target: 'out/etc/shadow' })],
      ],
    }),
    /failed to extract p: no such file/,
  ],
]
describe('an image from a registry that means harm', () => {
  test.each(pulls)('docker pull: %s is refused, and leaves nothing', (_, blobs, message) => {
    const s = openSession()
    registry(s, blobs)
    const before = store(s)
    expect(sh(s, 'docker pull localhost:5000/x; echo $?')).toMatch(message)
    expect(store(s)).toBe(before)
    // The daemon has survived it.
    expect(sh(s, 'docker run --rm alpine echo alive')).toContain('alive')
  })
  test.each(pulls)('ctr images pull: %s is refused, and leaves nothing', (_, blobs, message) => {
    const s = openSession()
    registry(s, blobs)
    const before = store(s)
    expect(sh(s, 'ctr images pull localhost:5000/x:latest; echo $?')).toMatch(message)
    expect(store(s)).toBe(before)
  })
  test('a build from it fails, and leaves nothing', () => {
    for (const [, blobs, message] of pulls.slice(0, 6)) {
      const s = openSession()
      registry(s, blobs)
      const before = store(s)
      expect(sh(s, "printf 'FROM localhost:5000/x\\nRUN true\\n' | docker build -")).toMatch(message)
      expect(store(s)).toBe(before)
    }
  })
  test('a good one is pulled: the refusals above are of what they name', () => {
    const s = openSession()
    registry(s, image({}))
    expect(sh(s, 'docker pull -q localhost:5000/x && docker images -q localhost:5000/x | wc -l')).toBe(
      'localhost:5000/x:latest\n1\n',
    )
  })
  test('names in a layer stay below its root, whatever links say', () => {
    const s = openSession()
    const link = (path: string, target: string): TarEntry => entry(path, { type: 'symlink', target })
    registry(
      s,
      image({
        layers: [
          [
            link('abs', '/'),
            link('up', '../../../../..'),
            link('self', 'self'),
            entry('d', { type: 'dir', mode: 0o755 }),
            entry('d/kept'),
          ],
          [entry('abs/evil'), entry('up/evil2'), entry('up/.wh.d'), entry('dev', { type: 'char', major: 1, minor: 3 })],
        ],
      }),
    )
    sh(s, 'docker pull -q localhost:5000/x')
    expect(
      sh(
        s,
        'ls -d /evil /evil2 /d; docker create --name cc localhost:5000/x >/dev/null; docker export cc | tar -t | sort',
      ),
    ).toMatch(
      /^ls: cannot access '\/evil': .*\nls: cannot access '\/evil2': .*\nls: cannot access '\/d': .*\n[\s\S]*abs\/evil\nd\/\nd\/kept\n[\s\S]*up\/evil2\n/,
    )
  })
})

describe('the Engine API', () => {
  const s = openSession()
  sh(s, 'docker create --name cc alpine')
  const post = (path: string, body: string, type?: string): string => api(s, 'POST', path, utf8(body), type)
  const create = '/containers/create'
  test.each<readonly [string, string, string, RegExp]>([
    ['broken JSON', create, '{"Image":', /invalid JSON: unexpected EOF"} 400$/],
    [
      'no JSON at all',
      create,
      'Image=alpine',
      /invalid JSON: invalid character 'I' looking for beginning of value"} 400$/,
    ],
    ['more than one document', create, '{"Image":"alpine"} {}', /unexpected content after JSON"} 400$/],
    ['nothing', create, '{}', /config cannot be empty in order to create a container"} 400$/],
    ['null', create, 'null', /config cannot be empty in order to create a container"} 400$/],
    ['a list', create, '[]', /cannot unmarshal array into Go value of type container\.CreateRequest"} 400$/],
    [
      'a number for a name',
      create,
      '{"Image":5}',
      /cannot unmarshal number into Go struct field CreateRequest\.Image of type string"} 400$/,
    ],
    [
      'an object for binds',
      create,
      '{"Image":"alpine","HostConfig":{"Binds":{}}}',
      /HostConfig\.Binds of type \[\]string"} 400$/,
    ],
    [
      'a text for memory',
      create,
      '{"Image":"alpine","HostConfig":{"Memory":"64m"}}',
      /HostConfig\.Memory of type int64"} 400$/,
    ],
    [
      'half a byte',
      create,
      '{"Image":"alpine","HostConfig":{"Memory":6291456.5}}',
      /cannot unmarshal number 6291456\.5 into .* int64"} 400$/,
    ],
    ['a text for mounts', create, '{"Image":"alpine","HostConfig":{"Mounts":["/x"]}}', /of type mount\.Mount"} 400$/],
    [
      'twenty thousand lists in each other',
      create,
      `{"Image":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      /exceeded max depth"} 400$/,
    ],
    ['a network without a name', '/networks/create', '{}', / 400$/],
    [
      'a network whose labels are a list',
      '/networks/create',
      '{"Name":"n","Labels":["a"]}',
      /CreateRequest\.Labels of type map\[string\]string"} 400$/,
    ],
    [
      'a network whose settings are null',
      '/networks/create',
      '{"Name":"n","IPAM":{"Config":[null,"x"]}}',
      /of type network\.IPAMConfig"} 400$/,
    ],
    [
      'a volume with a number as option',
      '/volumes/create',
      '{"Name":"v","DriverOpts":{"size":1}}',
      /DriverOpts of type string"} 400$/,
    ],
    ['an exec without a command', '/containers/cc/exec', '{}', / (400|409)$/],
    [
      'an exec with a text as environment',
      '/containers/cc/exec',
      '{"Cmd":["a"],"Env":"A=1"}',
      /Env of type \[\]string"} 400$/,
    ],
    [
      'limits that are lists',
      '/containers/cc/update',
      '{"Memory":[1]}',
      /cannot unmarshal array .*Memory of type int64"} 400$/,
    ],
    ['a connection to nobody', '/networks/bridge/connect', '{}', / 40[0-9]$/],
  ])('%s is refused, and changes nothing', (_, path, body, answer) => {
    const state = (): string => sh(s, 'docker ps -aq; docker network ls -q; docker volume ls -q; docker inspect cc')
    const before = state()
    expect(post(path, body)).toMatch(answer)
    expect(state()).toBe(before)
  })
  test('other kinds of bodies are refused', () => {
    expect(post(create, '{"Image":"alpine"}', 'text/plain')).toMatch(
      /unsupported Content-Type header \(text\/plain\): must be 'application\/json'"} 400$/,
    )
  })
  test('unknown members are left out, known ones found in any case, a command may be one word', () => {
    expect(
      post('/containers/create?name=oo', '{"image":"alpine","cmd":"true","Nosuch":{"a":[1]},"HostConfig":{"X":1}}'),
    ).toMatch(/ 201$/)
    expect(sh(s, "docker inspect -f '{{.Config.Image}} {{json .Config.Cmd}}' oo; docker rm oo")).toBe(
      'alpine ["true"]\noo\n',
    )
  })
  test.each([
    '/containers/json?filters=null',
    '/containers/json?filters=[]',
    '/images/json?filters={"label":5}',
    '/containers/json?filters={"name":[1]}',
    '/volumes?filters=x',
    '/networks?filters={"name":{"a":1}}',
  ])('%s is an invalid filter', (path) => {
    expect(api(s, 'GET', path)).toBe('{"message":"invalid filter"} 400')
  })
  test('numbers among parameters are numbers', () => {
    for (const [method, path] of [
      ['GET', '/containers/json?limit=x'],
      ['POST', '/containers/cc/resize?h=x&w=1'],
    ] as const)
      expect(api(s, method, path)).toBe('{"message":"strconv.Atoi: parsing \\"x\\": invalid syntax"} 400')
  })
})

describe('build contexts', () => {
  const context = (entries: readonly TarEntry[], query = '', bytes: Uint8Array = writeTar(entries)): string => {
    const s = openSession()
    s.putFiles('/root', { 'secret/key': 'SECRET' })
    const before = store(s)
    const out = api(s, 'POST', `/build?${query}`, bytes, 'application/x-tar')
    if (!/ID|Success/.test(out)) expect(store(s)).toBe(before)
    return out
  }
  const dockerfile = (text: string): TarEntry => entry('Dockerfile', { data: fromBytes(utf8(text)) })
  test.each<readonly [string, string]>([
    ['the classic builder', ''],
    ['BuildKit', 'version=2'],
  ])('%s refuses what is no archive', (_, query) => {
    expect(context([], query, utf8('no archive'))).toMatch(/unexpected EOF|invalid tar header/)
    expect(
      context([], query, writeTar([entry('a', { data: fromBytes(utf8('x'.repeat(9000))) })]).subarray(0, 2000)),
    ).toMatch(/unexpected EOF/)
  })
  test.each<readonly [string, string]>([
    ['the classic builder', ''],
    ['BuildKit', 'version=2'],
  ])('%s takes no file from outside the context', (_, query) => {
    const link = entry('l', { type: 'symlink', target: '/root/secret/key' })
    const up = entry('u', { type: 'symlink', target: '../../../../../../root/secret' })
    for (const copy of ['COPY l/x /x', 'COPY u/key /x', 'COPY ../../root/secret/key /x'])
      expect(context([dockerfile(`FROM alpine\n${copy}\nRUN cat /x`), link, up], query)).not.toContain('SECRET')
    expect(context([dockerfile('FROM alpine\nRUN true'), entry('../../../root/evil')], query)).toMatch(
      /escapes|outside|"errorDetail"|ID/,
    )
  })
})
