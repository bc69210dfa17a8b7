import { expect, test } from 'vitest'
import { choiceRows } from './choices.ts'
import { loadScene, sceneNames } from './scene/index.ts'

test.each(
  sceneNames,
)('%s: each choice is reached by pressing buttons, and shows itself by one in each row', async (name) => {
  const m = await loadScene(name)
  if (m.choices.length < 2) {
    expect(choiceRows(m, '', 'en')).toEqual([])
    return
  }
  const seen = new Set<string>()
  const visit = (choice: string): void => {
    if (seen.has(choice)) return
    seen.add(choice)
    for (const { buttons } of choiceRows(m, choice, 'ja')) {
      expect(buttons.filter((b) => b.checked).map((b) => b.choice)).toEqual([choice])
      for (const b of buttons) if (b.choice !== undefined) visit(b.choice)
    }
  }
  visit(m.choices[0] as string)
  expect([...seen].sort()).toEqual([...m.choices].sort())
})
test('what an engine can’t call is there, but leads nowhere', async () => {
  const rows = choiceRows(await loadScene('runtimes'), 'podman', 'en')
  expect(rows.map((r) => r.label)).toEqual(['Engine', 'Low-level runtime'])
  expect(rows[1]?.buttons.map((b) => [b.text, b.choice])).toEqual([
    ['runc', undefined],
    ['crun', 'podman'],
    ['youki', undefined],
    ['gVisor (runsc)', undefined],
    ['Kata', undefined],
  ])
})
