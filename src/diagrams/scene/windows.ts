/** Scene "windows": one picture of a Windows machine that changes with the set-up. Ids stay, so that boxes move. */
import { systemWords } from '../words/system.ts'
import { words } from '../words/windows.ts'
import { amount, duration } from './amount.ts'
import { systemOf } from './system.ts'
import { defineScene } from './types.ts'

const setUps = ['moby', 'lcow', 'wsl2', 'wslc', 'process', 'hyperv'] as const

/** Two containers, so that it shows who shares what. */
const linux = 'docker run -d --name web nginx:1.25.3-alpine; docker run -d --name api alpine sleep 1000'
const windows = (name: string, isolation: string): string =>
  `docker run -d --name ${name} --isolation=${isolation} mcr.microsoft.com/windows/nanoserver:ltsc2025 ping -t localhost`

const cites = [
  'Docker Docs, Install Docker Desktop on Windows (2026-11-21)',
  'Microsoft, Isolation modes (2025-01-23)',
  'Microsoft, Windows Container Security (2026-08-07)',
  'Microsoft, Linux Containers on Windows (2019-09-17)',
  'Docker CLI, deprecated.md; moby #42451–#42685',
  'WSL security model (wsl.dev); WSL 3.0.1 release notes (2026-09-29)',
]

export default defineScene({
  words,
  runs: false,
  choices: setUps,
  hosts: {
    moby: 'windows-moby',
    lcow: 'windows-lcow',
    wsl2: 'windows-wsl2',
    wslc: 'windows-wslc',
    process: 'windows-containers',
    hyperv: 'windows-containers',
  },
  setups: {
    moby: linux,
    lcow: linux,
    wsl2: linux,
    wslc: linux.replaceAll('docker', 'wslc'),
    process: `${windows('web', 'process')}; ${windows('api', 'process')}`,
    hyperv: `${windows('web', 'hyperv')}; ${windows('api', 'hyperv')}`,
  },
  actions: {
    run: 'docker run -d --name web nginx:1.25.3-alpine',
    more: 'docker run -d --name api alpine sleep 1000',
    rm: 'docker rm -f web',
  },
  scene(input, w, language) {
    const { view } = input
    const setUp = setUps.find((x) => x === input.choice) ?? 'moby'
    const { inside, vms, links } = systemOf(
      input,
      setUp === 'wslc' ? 'wslc.exe' : 'docker.exe',
      'windows-kernel',
      systemWords[language],
      (m) => m.kernel?.release ?? '',
    )
    return {
      root: {
        id: 'pc',
        kind: 'machine',
        tag: w.pc,
        title: w.choices?.[setUp] ?? setUp,
        details: [w.states[setUp] as string, `${view.cpus} CPU · ${amount(view.memory)} · ${view.arch}`],
        cell: 205,
        machine: view.name,
        children: [
          {
            id: 'windows',
            kind: 'group',
            title: w.windows,
            cell: 120,
            wide: vms.length === 0,
            children: [
              ...inside,
              {
                id: 'windows-kernel',
                kind: 'kernel',
                title: w.windowsKernel,
                details: [view.kernel?.release ?? '', w.boot(duration(view.bootTime))],
                wide: true,
                ...(view.containers.length > 0 ? { strong: true } : {}),
              },
            ],
          },
          ...vms,
          {
            id: 'hypervisor',
            kind: 'hypervisor',
            title: w.hypervisor,
            details: [vms.length > 0 ? w.hypervisorDetail : w.hypervisorIdle],
            wide: true,
            ...(vms.length > 0 ? {} : { faint: true }),
          },
        ],
      },
      links,
      cites,
    }
  },
})
