import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Trace, type TraceEvent } from '../emulator/base/trace.ts'
import { groupsOf } from './draw/shapes.ts'
import { svgText } from './draw/svg.ts'
import { inputOf, NARROW, playOf, WIDE } from './index.ts'
import { layoutScene } from './layout/index.ts'
import { pieces, wrap } from './layout/text.ts'
import { record } from './record.ts'
import { isSceneName, loadScene, sceneNames } from './scene/index.ts'
import { stepsOf } from './scene/steps.ts'
import { changesOf, rowsOf } from './scene/table.ts'
import { boxesOf, type Language, type Scene, type SceneInput, type SceneModule } from './scene/types.ts'
import { sound } from './sound.ts'
import { exampleWorld, plans, worldOf } from './testing.ts'
import { sentenceOf } from './words/common.ts'

const modules = new Map<string, SceneModule>()
for (const name of sceneNames) modules.set(name, await loadScene(name))
const moduleOf = (name: string): SceneModule => modules.get(name) as SceneModule
const languages: readonly Language[] = ['ja', 'en']
const choicesOf = (m: SceneModule): readonly string[] => (m.choices.length > 0 ? m.choices : [''])
/** Whether a scene can look at a world at all. */
const looks = (m: SceneModule): boolean => m.runs || Object.keys(m.hosts).length > 0
const sceneOf = (name: string, input: SceneInput, language: Language): Scene => {
  const m = moduleOf(name)
  return m.scene(looks(m) ? input : inputOf(undefined, input.choice), language)
}

describe('every scene', () => {
  for (const name of sceneNames)
    test(`${name}: sound at every width, for random worlds, in both languages; table and picture agree`, () => {
      const m = moduleOf(name)
      fc.assert(
        fc.property(
          plans,
          fc.constantFrom(...languages),
          fc.constantFrom(...choicesOf(m)),
          fc.constantFrom(220, NARROW, 480, WIDE, 760),
          (plan, language, choice, width) => {
            const scene = sceneOf(name, worldOf(plan, choice), language)
            const layout = layoutScene(scene, width)
            sound(scene, layout)
            const drawn = groupsOf(layout).filter((g) => g.attributes.role === 'treeitem')
            const rows = rowsOf(scene)
            expect(rows.map((r) => r.id).sort()).toEqual(drawn.map((g) => g.key).sort())
            for (const r of rows) {
              const label = String(drawn.find((g) => g.key === r.id)?.attributes['aria-label'])
              for (const fact of r.facts.split(' · ')) expect(label).toContain(fact)
            }
          },
        ),
        { numRuns: looks(m) ? 60 : 30 },
      )
    })
  for (const name of sceneNames)
    test(`${name}: has the same words in both languages`, () => {
      const { ja, en } = moduleOf(name).words
      const keys = (x: unknown): unknown =>
        x !== null && typeof x === 'object' && !Array.isArray(x)
          ? Object.fromEntries(Object.entries(x).map(([k, v]) => [k, keys(v)]))
          : Array.isArray(x)
            ? x.length
            : typeof x
      expect(keys(ja)).toEqual(keys(en))
      for (const c of moduleOf(name).choices) expect(Object.keys(ja.choices ?? {})).toContain(c)
      for (const a of Object.keys(moduleOf(name).actions)) expect(Object.keys(ja.actions ?? {})).toContain(a)
    })
  for (const name of sceneNames)
    test(`${name}: is drawn as the picture that is kept`, async () => {
      const m = moduleOf(name)
      const choice = m.choices[0] ?? ''
      const scene = m.scene(looks(m) ? exampleWorld(choice) : inputOf(undefined, choice), 'en')
      const svg = svgText(layoutScene(scene, WIDE), m.words.en.name)
      const styled = svg
        .replace('>', '><style>@import url("../../styles/diagrams.css");</style>')
        .replaceAll('<g ', '\n<g ')
      await expect(`${styled}\n`).toMatchFileSnapshot(`./scene/${name}.svg`)
    })
})

test('a picture whose world is still to come is sound as well', () => {
  for (const name of sceneNames)
    for (const choice of choicesOf(moduleOf(name)))
      for (const width of [220, WIDE]) {
        const scene = moduleOf(name).scene(inputOf(undefined, choice), 'ja')
        sound(scene, layoutScene(scene, width))
      }
})

describe('each object of a world is drawn exactly once', () => {
  const drawn = (name: string, input: SceneInput): readonly string[] =>
    [...boxesOf(sceneOf(name, input, 'en').root)].map(({ box }) => box.id)
  const check = (name: string, expected: (input: SceneInput) => readonly string[], choice = ''): void => {
    fc.assert(
      fc.property(plans, (plan) => {
        const input = worldOf(plan, choice)
        const ids = drawn(name, input)
        for (const id of expected(input)) expect(ids.filter((x) => x === id)).toEqual([id])
      }),
      { numRuns: 60 },
    )
  }
  test('stack: containers, guests and kernels', () =>
    check('stack', ({ view }) => [
      ...view.containers.map((c) => `container:${c.id}`),
      ...view.guests.flatMap((g) => [`machine:${g.name}`, `kernel:${g.name}`]),
      `kernel:${view.name}`,
    ]))
  test('processes', () =>
    check('processes', ({ kernels }) => kernels[0]?.processes.map((p) => `process:${p.pid}`) ?? []))
  test('cgroups', () =>
    check('cgroups', ({ kernels }) => {
      const paths: string[] = []
      const visit = (g: SceneInput['kernels'][number]['cgroups']): void => {
        paths.push(`cgroup:${g.path}`)
        g.children.forEach(visit)
      }
      for (const k of kernels) visit(k.cgroups)
      return paths
    }))
  test('network: interfaces and namespaces', () =>
    check('network', ({ kernels }) =>
      (kernels[0]?.network.namespaces ?? []).flatMap((ns, i) => [
        ...(i > 0 ? [`net:${ns.inum}`] : []),
        ...ns.interfaces.filter((f) => f.type !== 'loopback').map((f) => `link:${ns.inum}:${f.name}`),
      ]),
    ))
  test('layers: those of every running container', () =>
    check('layers', ({ view, kernels }) =>
      (kernels[0]?.layers ?? []).flatMap((s) => {
        const c = view.containers.find((x) => s.mountpoint.includes(x.id))
        return s.layers.map((l) => `layer:${c?.id}:${l.path}`)
      }),
    ))
  test('lifecycle: containers, running or not', () =>
    check('lifecycle', ({ view }) => [...view.containers, ...view.stopped].map((c) => `container:${c.id}`)))
  test('namespaces: every process belongs to one group', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const input = worldOf(plan)
        const refs = [...boxesOf(sceneOf('namespaces', input, 'ja').root)].flatMap(({ box }) => box.refs ?? [])
        for (const p of input.kernels[0]?.processes ?? [])
          expect(refs.filter((r) => r === `process:${p.pid}`)).toHaveLength(1)
      }),
      { numRuns: 60 },
    )
  })
})

describe('steps and changes', () => {
  test('the steps of a start name the boxes that acted', () => {
    const input = exampleWorld('docker')
    const scene = sceneOf('runtimes', input, 'en')
    const steps = stepsOf(input.trace, () => scene)
    const pairs = steps.map((s) => `${s.from} > ${s.to}`)
    expect(pairs).toContain('docker > dockerd')
    expect(pairs).toContain('dockerd > containerd')
    expect(pairs).toContain('containerd > shim')
    expect(pairs).toContain('dockerd > registry')
    expect(pairs).toContain('runc > kernel')
  })
  test('every kind of event has a sentence in both languages', () => {
    for (const e of exampleWorld().trace)
      for (const language of languages) expect(sentenceOf(e, language).length).toBeGreaterThan(5)
  })
  test('documents that passed can be opened: request bodies, messages and config.json', () => {
    const scene = sceneOf('runtimes', exampleWorld('docker'), 'en')
    const texts = scene.links.flatMap((l) => l.documents ?? []).map((d) => d.text)
    expect(texts.some((t) => t.includes('"PortBindings"'))).toBe(true)
    expect(texts.some((t) => t.includes('"ociVersion"'))).toBe(true)
  })
  test('what came and went is told by name', () => {
    const plan = (names: readonly string[]) =>
      worldOf({
        daemons: [],
        guests: [],
        containers: names.map((name) => ({
          name,
          image: 'alpine',
          processes: 1,
          status: 'running',
          memory: 1,
          shares: [],
          limit: undefined,
          written: [],
        })),
      })
    const before = sceneOf('stack', plan([]), 'en')
    const after = sceneOf('stack', plan(['web']), 'en')
    expect(changesOf(before, after).came).toEqual(['web'])
    expect(changesOf(after, before).went).toContain('web')
    expect(changesOf(after, after)).toEqual({ came: [], went: [], changed: [] })
  })
})

describe('looking back', () => {
  test('a world is kept as it was after each event of the last command, and only of that', () => {
    const trace = new Trace()
    const event = (kind: TraceEvent['kind'], what: string): TraceEvent => ({
      time: 0,
      kind,
      machine: 'linux-server',
      from: 'process:1:init',
      to: '',
      what,
    })
    let memory = 0
    const watched = record(trace, () => ({ ...exampleWorld(), view: { ...exampleWorld().view, memory: memory++ } }))
    const events = ['a', 'b', 'c', 'd'].map((what, i) => event(i === 2 ? 'command' : 'fork', what))
    for (const e of events) trace.add(e)
    expect(events.map((e) => watched.at(e)?.view.memory)).toEqual([undefined, undefined, 2, 3])
    const [, , first] = events
    const then = inputOf(watched, '', first)
    expect(then.view.memory).toBe(2)
    expect(then.trace.map((e) => e.what)).toEqual(['c'])
    expect(then.history.map((e) => e.what)).toEqual(['a', 'b', 'c'])
    expect(inputOf(watched, '').history).toHaveLength(4)
    for (let i = 0; i < 1000; i++) trace.add(event('fork', String(i)))
    expect(trace.lastCommand().filter((e) => watched.at(e))).toHaveLength(400)
  })
  test('what came, moved and went makes a step, even where no box acted', () => {
    const scenes = [['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c'], ['b']].map(
      (names): Scene => ({
        root: {
          id: 'root',
          kind: 'group',
          title: '',
          children: names.map((n) => ({ id: n, kind: 'process', title: n })),
        },
        links: [],
      }),
    )
    const trace = scenes.map((_, time): TraceEvent => ({ time, kind: 'fork', machine: '', from: '', to: '', what: '' }))
    expect(stepsOf(trace, (e) => scenes[e.time])).toEqual([
      { event: trace[1], from: undefined, to: undefined, came: ['c'], went: [] },
      { event: trace[3], from: undefined, to: undefined, came: [], went: ['a', 'c'] },
    ])
  })
  test('a picture of facts is walked along its arrows', () => {
    const m = moduleOf('syscalls')
    const walk = playOf(m, undefined, 'kata', 'en')
    expect(walk.map((s) => s.from)).toEqual(['app', 'guest', 'vmm', 'kernel'])
    expect(playOf(moduleOf('timeline'), undefined, 'all', 'en')).toEqual([])
  })
})

describe('texts', () => {
  test('break at words and lose nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 30, max: 300 }), (text, width) => {
        const flat = (t: string): string => t.replace(/\s+/g, '')
        expect(flat(wrap(text, 12, width).join(''))).toBe(flat(text))
        expect(pieces(text).join('')).toBe(text)
      }),
    )
  })
  test('Japanese breaks between phrases, never before a mark or inside a katakana word', () => {
    expect(pieces('ホストのカーネルが応える。')).toEqual(['ホストの', 'カーネルが', '応える。'])
    expect(wrap('ハイパーバイザーとカーネルの共有', 12, 120)).toEqual(['ハイパーバイザーと', 'カーネルの共有'])
  })
  test('a word too long for its line is broken, but never before a long-vowel mark or small kana', () => {
    for (const width of [40, 52, 64, 76])
      for (const line of wrap('メッセージキューインターフェイス', 12, width)) expect(line).not.toMatch(/^[ーッェュ]/)
  })
  test('paths break after their slashes', () => {
    expect(wrap('/usr/share/nginx/html/index.html', 12, 120)[0]).toMatch(/[/.]$/)
  })
})

test('a scene that does not exist is refused with a list of those that do', async () => {
  expect(isSceneName('stck')).toBe(false)
  await expect(loadScene('stck')).rejects.toThrow(/no such scene: "stck". Scenes are: stack, processes/)
})
