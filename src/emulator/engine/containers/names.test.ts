import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { candidates, isQualified, localName, lookUp, type Registries } from './names.ts'
import { Problem } from './problem.ts'
import type { ImageRecord } from './storage.ts'
import { parseImageName } from './transport.ts'

const none: Registries = {
  search: [],
  file: '/etc/containers/registries.conf',
  aliases: new Map([['alpine', { target: 'docker.io/library/alpine', file: '/a.conf' }]]),
  insecure: new Set(),
}
const hub: Registries = { ...none, search: ['docker.io', 'quay.io'] }
const image = (id: string, ...names: string[]): ImageRecord => ({
  id,
  digest: `sha256:${id}` as ImageRecord['digest'],
  names,
  'names-history': names,
  metadata: '{}',
  'big-data-names': [],
  'big-data-sizes': {},
  'big-data-digests': {},
  created: '',
})

describe('short names', () => {
  test('an alias says which registry is meant, tag kept', () => {
    expect(candidates('alpine', none)).toEqual({
      names: ['docker.io/library/alpine:latest'],
      note: 'Resolved "alpine" as an alias (/a.conf)',
    })
    expect(candidates('alpine:3.22', none).names).toEqual(['docker.io/library/alpine:3.22'])
  })
  test('without an alias the search registries are asked in turn, and none is a problem', () => {
    expect(candidates('thing', hub).names).toEqual(['docker.io/library/thing:latest', 'quay.io/thing:latest'])
    expect(candidates('me/thing', hub).names[0]).toBe('docker.io/me/thing:latest')
    expect(() => candidates('thing', none)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('did not resolve to an alias') }),
    )
  })
  test('a full name is asked for as it is', () => {
    expect(candidates('quay.io/a/b:1', none)).toEqual({ names: ['quay.io/a/b:1'], note: undefined })
    expect(candidates('localhost:5000/x', none).names).toEqual(['localhost:5000/x:latest'])
    expect(isQualified('library/alpine')).toBe(false)
  })
  test('images made here are localhost/', () => {
    expect(localName('mine')).toBe('localhost/mine:latest')
    expect(localName('a.example/mine:2')).toBe('a.example/mine:2')
  })
  test('local images are found by id, by name, and by a name without its registry', () => {
    const list = [
      image('a'.repeat(64), 'docker.io/library/alpine:latest'),
      image('b'.repeat(64), 'localhost/mine:latest', 'quay.io/x/y:1'),
    ]
    expect(lookUp(list, 'alpine', none)?.name).toBe('docker.io/library/alpine:latest')
    expect(lookUp(list, 'mine', none)?.image.id[0]).toBe('b')
    expect(lookUp(list, 'y:1', none)?.name).toBe('quay.io/x/y:1')
    expect(lookUp(list, 'bbb', none)).toEqual({ image: list[1], name: undefined })
    expect(lookUp(list, 'nosuch', none)).toBeUndefined()
  })
  test('any text is a name or a problem, never an exception of ours', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9./:@_-]{0,30}$/)), (text) => {
        for (const f of [() => candidates(text, hub), () => localName(text), () => parseImageName(text)]) {
          try {
            f()
          } catch (e) {
            expect(e).toBeInstanceOf(Problem)
          }
        }
        lookUp([image('a'.repeat(64), 'docker.io/library/alpine:latest')], text, hub)
      }),
    )
  })
})
test('transports', () => {
  expect(parseImageName('docker://alpine')).toEqual({ transport: 'docker', rest: 'alpine', whole: 'docker://alpine' })
  expect(parseImageName('oci:/tmp/x:1')).toMatchObject({ transport: 'oci', rest: '/tmp/x:1' })
  expect(parseImageName('alpine')).toEqual({
    error: 'Invalid image name "alpine", expected colon-separated transport:reference',
  })
  expect(parseImageName('foo:a')).toEqual({ error: 'Invalid image name "foo:a", unknown transport "foo"' })
})
