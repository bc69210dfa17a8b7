/** What a pull and a push really say to a registry. */
import { expect, test } from 'vitest'
import { openSession } from '../../emulator/complete.ts'
import { contentOf } from './content.ts'

const session = openSession()
const run = (line: string): void => expect(session.run(line)).toMatchObject({ status: 0 })
const history = () => session.world.trace.events()

test('a pull: index, the manifest that fits, configuration and layers', () => {
  run('docker pull -q nginx:1.25.3-alpine')
  const c = contentOf(history(), 'pull')
  expect([c?.registry, c?.engine, c?.repository, c?.reference]).toEqual([
    'docker.io',
    'dockerd',
    'library/nginx',
    '1.25.3-alpine',
  ])
  expect(c?.entries?.map((d) => d.digest)).toContain(c?.manifest?.digest)
  for (const d of [c?.manifest?.config, ...(c?.manifest?.layers ?? [])])
    expect(c?.blobs.get(d?.digest ?? '')).toBe('fetched')
  expect(c?.run?.[0]).toBe('/docker-entrypoint.sh')
})
test('a pull of something else is a conversation of its own', () => {
  run('docker pull -q alpine:3.22')
  const c = contentOf(history(), 'pull')
  expect([c?.repository, c?.reference, c?.manifest?.layers.length]).toEqual(['library/alpine', '3.22', 1])
})
test('a push: blobs, then the documents that name them; what is there already is not sent again', () => {
  expect(contentOf(history(), 'push')).toBeUndefined()
  run('docker run -d --name registry -p 5000:5000 registry:2')
  run('docker tag alpine:3.22 localhost:5000/mine:1 && docker push -q localhost:5000/mine:1')
  const c = contentOf(history(), 'push')
  expect([c?.registry, c?.repository, c?.reference]).toEqual(['localhost:5000', 'mine', '1'])
  expect([...new Set(c?.blobs.values())]).toEqual(['sent'])
  expect(c?.manifest?.layers.every((l) => c.blobs.has(l.digest))).toBe(true)
  expect(c?.requests.at(-1)?.what).toBe('PUT /v2/mine/manifests/1')
  run('docker tag alpine:3.22 localhost:5000/mine:2 && docker push -q localhost:5000/mine:2')
  const again = contentOf(history(), 'push')
  expect(again?.reference).toBe('2')
  expect([...new Set(again?.blobs.values())]).toEqual(['there'])
  expect(contentOf(history(), 'pull')?.repository).toBe('library/registry')
})
