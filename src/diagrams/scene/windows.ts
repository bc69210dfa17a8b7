/** Scene "windows": one picture of a Windows machine that changes with the set-up. Ids stay, so that boxes move. */
import { words } from '../words/windows.ts'
import { type Box, defineScene } from './types.ts'

type Words = (typeof words)['en']
const setUps = ['moby', 'lcow', 'wsl2', 'wslc', 'process', 'hyperv'] as const
type SetUp = (typeof setUps)[number]

/** Two containers and what is around them; the rest of the machine is the same for all. */
function contents(setUp: SetUp, w: Words): { readonly inWindows: readonly Box[]; readonly vms: readonly Box[] } {
  const client: Box = {
    id: 'client',
    kind: 'process',
    tag: w.client,
    title: setUp === 'wslc' ? 'wslc.exe' : 'docker.exe',
  }
  const engine = (title: string): Box => ({ id: 'engine', kind: 'daemon', tag: w.engine, title })
  const container = (n: number, linux: boolean, kernel: string, whom: string): Box => ({
    id: `container:${n}`,
    kind: 'container',
    tag: w.container,
    title: linux ? w.linuxContainer(n) : w.windowsContainer(n),
    details: [w.shares(whom)],
    kernel,
  })
  const kernel = (id: string, title: string): Box => ({ id, kind: 'kernel', title, wide: true, strong: true })
  const vm = (id: string, title: string, detail: string, children: readonly Box[]): Box => ({
    id,
    kind: 'vm',
    tag: w.vm,
    title,
    details: [detail],
    cell: 120,
    children,
  })
  switch (setUp) {
    case 'moby':
    case 'wsl2':
    case 'wslc': {
      const name = setUp === 'moby' ? w.linuxKernel : w.wslKernel
      return {
        inWindows: [client],
        vms: [
          vm(
            'vm:1',
            setUp === 'moby' ? 'DockerDesktopVM' : setUp === 'wsl2' ? 'docker-desktop' : w.utilityVm,
            w.oneVm,
            [
              container(1, true, 'kernel:1', w.withOthers),
              container(2, true, 'kernel:1', w.withOthers),
              engine(setUp === 'wslc' ? 'dockerd, containerd' : 'dockerd, containerd, runc'),
              ...(setUp === 'wsl2'
                ? [{ id: 'distro', kind: 'process' as const, title: w.otherDistro, kernel: 'kernel:1' }]
                : []),
              kernel('kernel:1', name),
            ],
          ),
        ],
      }
    }
    case 'lcow':
      return {
        inWindows: [client, engine('dockerd (windows), hcsshim')],
        vms: [1, 2].map((n) =>
          vm(`vm:${n}`, w.utilityVm, w.ownVm, [
            container(n, true, `kernel:${n}`, w.alone),
            kernel(`kernel:${n}`, w.linuxKernel),
          ]),
        ),
      }
    case 'process':
      return {
        inWindows: [
          container(1, false, 'windows-kernel', w.withHost),
          container(2, false, 'windows-kernel', w.withHost),
          client,
          engine('dockerd (windows)'),
        ],
        vms: [],
      }
    case 'hyperv':
      return {
        inWindows: [client, engine('dockerd (windows)')],
        vms: [1, 2].map((n) =>
          vm(`vm:${n}`, w.utilityVm, w.ownVm, [
            container(n, false, `kernel:${n}`, w.alone),
            kernel(`kernel:${n}`, w.windowsKernel),
          ]),
        ),
      }
  }
}

export default defineScene({
  words,
  runs: false,
  choices: setUps,
  scene({ choice }, w) {
    const setUp = setUps.find((x) => x === choice) ?? 'moby'
    const { inWindows, vms } = contents(setUp, w)
    return {
      root: {
        id: 'pc',
        kind: 'machine',
        tag: w.pc,
        title: w.choices?.[setUp] ?? setUp,
        details: [w.states[setUp] as string],
        cell: 205,
        children: [
          {
            id: 'windows',
            kind: 'group',
            title: w.windows,
            cell: 120,
            wide: vms.length === 0,
            children: [
              ...inWindows,
              {
                id: 'windows-kernel',
                kind: 'kernel',
                title: w.windowsKernel,
                wide: true,
                ...(setUp === 'process' ? { strong: true } : {}),
              },
            ],
          },
          ...vms,
          ...(vms.length > 0
            ? [{ id: 'hypervisor', kind: 'hypervisor' as const, title: w.hypervisor, wide: true }]
            : []),
        ],
      },
      links: [],
      sources: [
        'Docker Docs, Install Docker Desktop on Windows (2026-11-21)',
        'Microsoft, Isolation modes (2025-01-23)',
        'Microsoft, Windows Container Security (2026-08-07)',
        'Docker CLI, deprecated.md; moby #42451–#42685',
        'WSL security model (wsl.dev); WSL 3.0.1 release notes (2026-09-29)',
      ],
    }
  },
})
