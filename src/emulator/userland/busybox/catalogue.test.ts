import { expect, test } from 'vitest'
import type { Applet } from '../program.ts'
import { adminApplets } from './admin/index.ts'
import { archiveApplets } from './archive/index.ts'
import { basicApplets } from './basic.ts'
import { type PartName, partOf, silent } from './catalogue.ts'
import { fileApplets } from './files/index.ts'
import { applets } from './index.ts'
import { networkApplets } from './network/index.ts'
import { screenApplets } from './screen/index.ts'
import { processApplets } from './system/processes.ts'
import { textApplets } from './text/index.ts'

const parts: readonly (readonly [PartName, readonly Applet[]])[] = [
  ['basic', basicApplets],
  ['processes', processApplets],
  ['network', networkApplets],
  ['text', textApplets],
  ['files', fileApplets],
  ['archive', archiveApplets],
  ['admin', adminApplets],
  ['screen', screenApplets],
]
test.each(parts)('the catalogue names what the part %s has', (part, list) => {
  const named = [...partOf].filter(([, p]) => p === part).map(([name]) => name)
  expect(named.sort()).toEqual(list.map((a) => a.name).sort())
})
test('no name is in two places, and none that is emulated says that it is not', () => {
  for (const name of partOf.keys()) {
    expect(applets.has(name), name).toBe(false)
    expect(silent.has(name), name).toBe(false)
  }
})
