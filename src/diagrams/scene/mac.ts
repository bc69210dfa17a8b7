/** Scene "mac": Linux containers on a Mac, on one virtual machine or on one each. */
import { words } from '../words/mac.ts'
import { systemWords } from '../words/system.ts'
import { amount, duration } from './amount.ts'
import { systemOf } from './system.ts'
import { defineScene } from './types.ts'

const setUps = ['desktop', 'apple'] as const
/** Two containers, so that it shows who shares what. */
const two = 'docker run -d --name web nginx:1.25.3-alpine; docker run -d --name api alpine sleep 1000'

export default defineScene({
  words,
  runs: false,
  choices: setUps,
  hosts: { desktop: 'mac-desktop', apple: 'mac-container' },
  setups: { desktop: two, apple: two.replaceAll('docker', 'container') },
  scene(input, w, language) {
    const { view } = input
    const setUp = setUps.find((x) => x === input.choice) ?? 'desktop'
    const { inside, vms, links } = systemOf(
      input,
      setUp === 'apple' ? 'container' : 'docker',
      'xnu',
      systemWords[language],
      (m) => m.kernel?.release ?? '',
    )
    return {
      root: {
        id: 'mac',
        kind: 'machine',
        tag: w.mac,
        title: w.choices?.[setUp] ?? setUp,
        details: [w.states[setUp] as string, `${view.cpus} CPU · ${amount(view.memory)} · ${view.arch}`],
        cell: 190,
        machine: view.name,
        children: [
          { id: 'macos', kind: 'group', title: w.macos, cell: 120, wide: vms.length === 0, children: inside },
          ...vms,
          { id: 'framework', kind: 'hypervisor', title: w.framework, details: [w.frameworkDetail], wide: true },
          {
            id: 'xnu',
            kind: 'kernel',
            title: w.xnu,
            details: [`Darwin ${view.kernel?.release ?? ''}`, w.boot(duration(view.bootTime))],
            wide: true,
          },
        ],
      },
      links,
      cites: [
        'Docker Docs, Virtual Machine Manager for Docker Desktop on Mac (2026-11-21)',
        'apple/container and apple/containerization, README (2026-08-07)',
      ],
    }
  },
})
