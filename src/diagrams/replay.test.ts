/** Stepping through what a command really set in motion, in every picture that has a world. */
import { describe, expect, test } from 'vitest'
import { openSession } from '../emulator/complete.ts'
import { lookAt } from '../emulator/view.ts'
import { inputOf, playOf, setupFor, WIDE } from './index.ts'
import { layoutScene, overflows } from './layout/index.ts'
import { record } from './record.ts'
import { loadScene, type SceneName, sceneNames } from './scene/index.ts'
import { boxesOf } from './scene/types.ts'

async function played(name: SceneName) {
  const module = await loadScene(name)
  const session = openSession()
  const watched = record(session.world.trace, () => lookAt(session))
  session.run(setupFor(module, 'linux-server', ''))
  const choice = module.choices[0] ?? ''
  const steps = playOf(module, watched, choice, 'en')
  const at = (n: number) => module.scene(inputOf(watched, choice, steps[n]?.event), 'en')
  const ids = (n: number) => [...boxesOf(at(n).root)].map(({ box }) => box.id)
  return { steps, at, ids, now: module.scene(inputOf(watched, choice), 'en') }
}
const worlds = (await Promise.all(sceneNames.map(async (n) => [n, (await loadScene(n)).runs] as const)))
  .filter(([, runs]) => runs)
  .map(([n]) => n)

describe('each picture of a world steps through its example', () => {
  test.each(worlds)('%s', async (name) => {
    const { steps, at, ids } = await played(name)
    expect(steps.length).toBeGreaterThan(2)
    const last = steps.length - 1
    // Something has come into being on the way, or acted where all was there from the start.
    expect(steps.some((s) => s.came.length > 0 || s.from !== undefined)).toBe(true)
    for (const [n, s] of steps.entries()) {
      for (const id of [s.from, s.to, ...s.came]) if (id !== undefined) expect(ids(n)).toContain(id)
      if (n % 5 === 0 || n === last) expect(overflows(layoutScene(at(n), WIDE))).toEqual([])
    }
  })
})
test('a container appears when its process is born, and runc is gone when it has ended', async () => {
  const { steps, ids, at } = await played('processes')
  const titles = (n: number) => [...boxesOf(at(n).root)].map(({ box }) => box.title)
  const born = steps.findIndex((s) => s.event?.kind === 'fork' && s.event.to.endsWith(':runc') && s.came.length > 0)
  expect(born).toBeGreaterThan(0)
  expect(titles(born).some((t) => t.startsWith('runc'))).toBe(true)
  expect(titles(0).some((t) => t.startsWith('nginx'))).toBe(false)
  expect(titles(steps.length - 1).some((t) => /^runc /.test(t))).toBe(false)
  expect(ids(0).length).toBeLessThan(ids(steps.length - 1).length)
})

test('the life of a container: each command moves it to the state that it leads to', async () => {
  const module = await loadScene('lifecycle')
  const session = openSession()
  const watched = record(session.world.trace, () => lookAt(session))
  const state = (line: string): string | undefined => {
    session.run(line)
    const scene = module.scene(inputOf(watched, ''), 'en')
    return [...boxesOf(scene.root)].find(({ box }) => box.title === 'web')?.parent?.id
  }
  expect(state('docker create --name web nginx:1.25.3-alpine')).toBe('state:created')
  expect(state('docker start web')).toBe('state:running')
  expect(state('docker pause web')).toBe('state:paused')
  const paused = playOf(module, watched, '', 'en').find((s) => s.came.length > 0)
  expect(paused?.link).toBe('pause')
  expect(state('docker unpause web')).toBe('state:running')
  expect(state('docker stop web')).toBe('state:exited')
  expect(playOf(module, watched, '', 'en').some((s) => s.link === 'stop')).toBe(true)
  expect(state('docker rename web other; docker rename other web')).toBe('state:exited')
  expect(state('docker rm web')).toBeUndefined()
})
test('a packet from curl on the host walks over the proxy, the bridge and the cable into the container', async () => {
  const { steps, at } = await played('network')
  const last = at(steps.length - 1)
  const title = (id: string | undefined) => [...boxesOf(last.root)].find(({ box }) => box.id === id)?.box.title
  const walk = steps.filter((s) => s.event?.kind === 'network').map((s) => `${title(s.from)} > ${title(s.to)}`)
  expect(walk.slice(-4).map((w) => w.replace(/veth[0-9a-f]+/g, 'veth'))).toEqual([
    'curl localhost:8080 > docker-proxy',
    'docker0 > veth',
    'veth > eth0',
    'eth0 > web',
  ])
})
test('copy-up and whiteout are steps of their own', async () => {
  const { steps } = await played('layers')
  expect(steps.filter((s) => s.event?.from === 'overlay').map((s) => s.event?.what)).toEqual([
    'copy-up /usr/share/nginx/html/index.html',
    'whiteout /docker-entrypoint.d/30-tune-worker-processes.sh',
  ])
})
test('a gauge that is over its limit, and one that is held back', async () => {
  const module = await loadScene('cgroups')
  const session = openSession()
  const watched = record(session.world.trace, () => lookAt(session))
  const web = (line: string) => {
    session.run(line)
    return [...boxesOf(module.scene(inputOf(watched, ''), 'en').root)].find(({ box }) => box.tag?.includes('web'))?.box
      .details?.[0]
  }
  expect(web(module.actions.run ?? '')).not.toMatch(/killed|throttled/)
  expect(web(module.actions.hog ?? '')).toContain('killed for memory: 1')
  expect(playOf(module, watched, '', 'en').find((s) => s.event?.kind === 'oom')?.from).toMatch(/^cgroup:.*docker-/)
  expect(web(module.actions.burn ?? '')).toMatch(/throttled \d+ times/)
})
