/** The pictures of choices that have a host of their own, drawn from that host's world. */
import { describe, expect, test } from 'vitest'
import { hostNames, openSession, type Session } from '../emulator/complete.ts'
import type { MachineView } from '../emulator/view.ts'
import { lookAt } from '../emulator/view.ts'
import { hostFor, inputOf, playOf, setupFor, WIDE } from './index.ts'
import { layoutScene } from './layout/index.ts'
import { record, type Watched } from './record.ts'
import { loadScene, sceneNames } from './scene/index.ts'
import { boxesOf, type Scene, type SceneModule } from './scene/types.ts'
import { sound } from './sound.ts'

const worlds = new Map<string, Watched>()
function worldAfter(host: NonNullable<ReturnType<typeof hostFor>>, setup: string): Watched {
  const known = worlds.get(`${host}\n${setup}`)
  if (known) return known
  const session: Session = openSession({ host })
  const watched = record(session.world.trace, () => lookAt(session))
  expect(session.run(setup)).toMatchObject({ status: 0 })
  session.settle()
  worlds.set(`${host}\n${setup}`, watched)
  return watched
}
const modules = await Promise.all(sceneNames.map(async (name) => [name, await loadScene(name)] as const))
const own = modules.flatMap(([name, m]) => m.choices.filter((c) => m.hosts[c]).map((c) => [name, c, m] as const))

const texts = (scene: Scene): string => JSON.stringify([...boxesOf(scene.root)].map(({ box }) => box.details))
const idsOf = (scene: Scene): readonly string[] => [...boxesOf(scene.root)].map(({ box }) => box.id)
function* machines(m: MachineView): Generator<MachineView> {
  yield m
  for (const g of m.guests) yield* machines(g)
}

describe('choices with a host of their own', () => {
  test.each(own)('%s: %s', (_, choice, module: SceneModule) => {
    const host = hostFor(module, choice, 'linux-server')
    if (host === undefined) throw new Error(`no such host: ${module.hosts[choice]}`)
    const watched = worldAfter(host, setupFor(module, host, choice))
    for (const language of ['ja', 'en'] as const)
      for (const width of [220, 276, WIDE]) {
        const scene = module.scene(inputOf(watched, choice), language)
        expect(scene.sources).toBeUndefined()
        sound(scene, layoutScene(scene, width))
      }
    // An example has something in it.
    expect(idsOf(module.scene(inputOf(watched, choice), 'en')).filter((id) => id.startsWith('empty:'))).toEqual([])
    const steps = playOf(module, watched, choice, 'en')
    expect(steps.filter((s) => s.from !== undefined).length).toBeGreaterThan(1)
  })
})
describe('systems with virtual machines', () => {
  const systems = own.filter(([name]) => name === 'windows' || name === 'mac')
  test.each(
    systems,
  )('%s: %s draws each machine and container of its world once, on the kernel that answers', (_, choice, module) => {
    const host = hostFor(module, choice, 'linux-server')
    if (host === undefined) throw new Error('no host')
    const watched = worldAfter(host, setupFor(module, host, choice))
    const { view } = watched.now()
    const scene = module.scene(inputOf(watched, choice), 'en')
    const boxes = [...boxesOf(scene.root)]
    expect([...machines(view)].flatMap((m) => m.containers.map((c) => c.name)).sort()).toEqual(['api', 'web'])
    view.guests.forEach((g, i) => {
      expect(boxes.filter(({ box }) => box.refs?.includes(`machine:${g.name}`)).map(({ box }) => box.id)).toEqual([
        `vm:${i + 1}`,
      ])
    })
    for (const m of machines(view))
      for (const c of m.containers) {
        const drawn = boxes.filter(({ box }) => box.id === `container:${c.name}`)
        expect(drawn).toHaveLength(1)
        const within = view.guests.indexOf(m)
        expect(drawn[0]?.box.kernel).toBe(within < 0 ? 'windows-kernel' : `kernel:${within + 1}`)
        expect(drawn[0]?.parent?.id).toBe(within < 0 ? 'windows' : `vm:${within + 1}`)
      }
  })
  test.each([
    ['lcow', 2, 'a kernel of its own'],
    ['hyperv', 2, 'a kernel of its own'],
    ['moby', 1, 'all containers in this VM'],
    ['wsl2', 1, 'all containers in this VM'],
    ['wslc', 1, 'all containers in this VM'],
    ['process', 0, 'all such containers and the host'],
  ])('windows %s: %i machines, %s', async (choice, vms, words) => {
    const module = await loadScene('windows')
    const host = hostFor(module, choice, 'linux-server')
    if (host === undefined) throw new Error('no host')
    const scene = module.scene(inputOf(worldAfter(host, setupFor(module, host, choice)), choice), 'en')
    expect(idsOf(scene).filter((id) => /^vm:\d$/.test(id))).toHaveLength(vms)
    expect(texts(scene)).toContain(words)
  })
})
test.each(
  hostNames.filter((h) => h !== 'ci-runner'),
)('the stack of %s shows what its example started', async (host) => {
  const module = await loadScene('stack')
  const watched = worldAfter(host, setupFor(module, host, 'world'))
  const all = [...machines(watched.now().view)]
  expect(all.some((m) => m.containers.length > 0 || m.name === 'server1' || m.name === 'guest1')).toBe(true)
  const scene = module.scene(inputOf(watched, 'world'), 'ja')
  for (const width of [220, WIDE]) sound(scene, layoutScene(scene, width))
  expect(playOf(module, watched, 'world', 'ja').length).toBeGreaterThan(1)
})
