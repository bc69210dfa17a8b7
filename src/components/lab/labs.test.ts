import { describe, expect, test } from 'vitest'
import { openSession } from '../../emulator/complete.ts'
import { readLab, readLabs, runLab } from './labs.ts'

const good = `
chapter: cgroups#memory
title: { ja: 題, en: Title }
goal: { ja: 目的, en: Goal }
steps:
  - say: { ja: 見る, en: Look }
    run: echo seen
    shows: [seen]
  - say: { ja: 失敗する, en: Fail }
    run: "false"
    status: 1
end: { ja: 終わり, en: End }
`
describe('every lab of the site', () => {
  test.each(readLabs().map((lab) => [lab.name, lab] as const))('%s does what it says', (_, lab) => {
    const printed = runLab(lab, openSession({ host: lab.host }))
    expect(printed).toHaveLength(lab.steps.length)
    expect(printed.join('')).not.toContain('zukan: not emulated')
  })
})

test('a step that ends otherwise than it says stops the build, with file, step and what was printed', () => {
  const lab = readLab('x', good)
  const runner = (status: number, output: string) => ({ run: () => ({ status, output }) })
  expect(() => runLab(lab, runner(2, 'seen\n'))).toThrow('x.yaml: step 1: ended with status 2, not 0\necho seen\nseen')
  expect(() => runLab(lab, runner(0, 'nothing\n'))).toThrow('did not print "seen"')
})
test.each([
  ['a host that is not there', good.replace('chapter:', 'host: mainframe\nchapter:'), 'no host "mainframe"'],
  ['a picture that is not there', good.replace('chapter:', 'pictures: [moon]\nchapter:'), 'no picture "moon"'],
  [
    'a text in one language',
    good.replace('{ ja: 題, en: Title }', '{ ja: 題 }'),
    'title must be a text in both languages',
  ],
  ['a misspelt key', good.replace('shows:', 'show:'), 'step 1: unknown key "show"'],
  ['no steps', good.replace(/steps:[\s\S]*end:/, 'steps: []\nend:'), 'at least one step'],
])('%s is refused by name', (_, text, message) => {
  expect(() => readLab('x', text)).toThrow(message)
})
