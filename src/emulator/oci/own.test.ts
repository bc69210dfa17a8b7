import { expect, test } from 'vitest'
import { openSession } from '../complete.ts'
import { type Body, bodies } from '../engine/dockerd/shapes.ts'
import { readJson } from './gotypes.ts'
import { manifestOf } from './imagetypes.ts'
import { isOurs, ours } from './own.ts'
import { readSpec } from './specdocument.ts'
import { parseSpec } from './spectypes.ts'

/** A blank makes a document another text than ours, and so one that is checked. */
const foreign = (text: string): string => {
  expect(isOurs(`${text} `)).toBe(false)
  return `${text} `
}
const run = <T>(g: Generator<unknown, T, unknown>): T => {
  const step = g.next()
  if (!step.done) throw new Error('it waits')
  return step.value
}

test('what our own code writes says the same to who checks it and to who does not', () => {
  const s = openSession()
  const mark = s.world.trace.events().length
  const { output } = s.run(
    `docker network create --label a=b --subnet 10.9.0.0/24 net
docker network create net2
docker volume create --label a=b vol
docker run -d --name web --network net --ip 10.9.0.7 -p 8080:80 -v vol:/data --tmpfs /t --mount type=bind,source=/etc,target=/e,readonly -e A=b \\
  --memory 64m --cpus 1.5 --cap-drop ALL --ulimit nofile=64 --restart on-failure:2 --health-cmd true --health-interval 5s --log-opt max-size=1m alpine sleep 9
docker exec -e X=y -w /tmp web true
docker network connect --alias z net2 web
docker update --memory 96m --memory-swap 96m web
cat /run/containerd/io.containerd.runtime.v2.task/moby/$(docker ps -q --no-trunc)/config.json`,
  )
  const types: readonly (readonly [RegExp, Body])[] = [
    [/ \/v[\d.]+\/networks\/create/, 'networkCreate'],
    [/ \/v[\d.]+\/networks\/.*\/connect/, 'networkConnect'],
    [/ \/v[\d.]+\/volumes\/create/, 'volumeCreate'],
    [/ \/v[\d.]+\/containers\/create/, 'createRequest'],
    [/ \/v[\d.]+\/containers\/.*\/exec/, 'execCreate'],
    [/ \/v[\d.]+\/exec\/.*\/start/, 'execStart'],
    [/ \/v[\d.]+\/containers\/.*\/update/, 'updateRequest'],
  ]
  const seen = new Set<Body>()
  for (const { what, document } of s.world.trace.events().slice(mark)) {
    const type = types.find(([path]) => what.startsWith('POST') && path.test(what))?.[1]
    if (type === undefined || !document) continue
    seen.add(type)
    expect(readJson(foreign(document), bodies[type], true), what).toEqual({ value: JSON.parse(document) })
  }
  expect([...seen].sort()).toEqual(types.map(([, type]) => type).sort())
  const config = output.slice(output.indexOf('{"ociVersion"')).trimEnd()
  expect(run(parseSpec(foreign(config)))).toEqual({ value: readSpec(config) })
})

test('a text of others is checked, and one that was forgotten', () => {
  const text = '{"schemaVersion":"two"}'
  expect(run(manifestOf(text))).toHaveProperty('refused')
  expect(run(manifestOf(ours(text)))).toEqual({ value: JSON.parse(text) })
  for (let n = 0; n < 200; n++) ours(`{"n":${n}}`)
  expect(run(manifestOf(text))).toHaveProperty('refused')
})
