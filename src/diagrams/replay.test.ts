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
