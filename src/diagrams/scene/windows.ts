/** Scene "windows": one picture of a Windows machine that changes with the set-up. Ids stay, so that boxes move. */
import type { MachineView } from '../../emulator/view.ts'
import { words } from '../words/windows.ts'
import { amount, duration } from './amount.ts'
import { type Box, defineScene } from './types.ts'

type Words = (typeof words)['en']
const setUps = ['moby', 'lcow', 'wsl2', 'wslc', 'process', 'hyperv'] as const
type SetUp = (typeof setUps)[number]

interface Contents {
  readonly inWindows: readonly Box[]
  readonly vms: readonly Box[]
  /** What the machine's own kernel says of itself. */
  readonly kernel?: readonly string[]
}
/** Two containers of the example, by name. */
const names = ['', 'web', 'api'] as const

/** The machine as it is, where there is one to look at. */
function living(setUp: SetUp, view: MachineView, w: Words): Contents {
  const whom = setUp === 'process' ? w.withHost : setUp === 'lcow' || setUp === 'hyperv' ? w.alone : w.withOthers
  const containers = (m: MachineView, kernel: string): readonly Box[] =>
    m.containers.map((c) => ({
      id: `container:${c.name}`,
      kind: 'container',
      tag: w.container,
      title: c.name,
      details: [c.image, w.shares(whom), w.memory(amount(c.memory))],
      kernel,
      refs: c.processes.map((p) => `process:${p.pid}`),
    }))
  const engine: Box = {
    id: 'engine',
    kind: 'daemon',
    tag: w.engine,
    title: setUp === 'moby' || setUp === 'wsl2' ? 'dockerd, containerd, runc' : 'dockerd (windows)',
    refs: ['dockerd', 'containerd', 'shim', 'runc'],
  }
  const inVm = setUp === 'moby' || setUp === 'wsl2'
  const client: Box = {
    id: 'client',
    kind: 'process',
    tag: w.client,
    title: 'docker.exe',
    refs: ['docker', 'docker.exe', 'shell', 'session'],
  }
  return {
    inWindows: [...containers(view, 'windows-kernel'), client, ...(inVm ? [] : [engine])],
    kernel: [view.kernel?.release ?? '', w.boot(duration(view.bootTime))].filter(Boolean),
    vms: view.guests.map(
      (g, i): Box => ({
        id: `vm:${i + 1}`,
        kind: 'vm',
        tag: w.vm,
        title: g.name,
        details: [inVm ? w.oneVm : w.ownVm, `${w.memory(amount(g.memory))} · ${w.boot(duration(g.bootTime))}`],
        cell: 120,
        refs: [`machine:${g.name}`],
        children: [
          ...containers(g, `kernel:${i + 1}`),
          ...(inVm ? [{ ...engine, id: i === 0 ? engine.id : `${engine.id}:${i + 1}` }] : []),
          {
            id: `kernel:${i + 1}`,
            kind: 'kernel',
            title: setUp === 'wsl2' ? w.wslKernel : g.kernel?.system === 'Linux' ? w.linuxKernel : w.windowsKernel,
            details: [g.kernel?.release ?? ''].filter(Boolean),
            wide: true,
            strong: true,
          },
        ],
      }),
    ),
  }
}

/** Two containers and what is around them, for set-ups that no host stands for. */
function contents(setUp: SetUp, w: Words): Contents {
  const client: Box = {
    id: 'client',
    kind: 'process',
    tag: w.client,
    title: setUp === 'wslc' ? 'wslc.exe' : 'docker.exe',
  }
  const engine = (title: string): Box => ({ id: 'engine', kind: 'daemon', tag: w.engine, title })
  const container = (n: number, linux: boolean, kernel: string, whom: string): Box => ({
    id: `container:${names[n]}`,
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

const sources = [
  'Docker Docs, Install Docker Desktop on Windows (2026-11-21)',
  'Microsoft, Isolation modes (2025-01-23)',
  'Microsoft, Windows Container Security (2026-08-07)',
  'Docker CLI, deprecated.md; moby #42451–#42685',
  'WSL security model (wsl.dev); WSL 3.0.1 release notes (2026-09-29)',
]

export default defineScene({
  words,
  runs: false,
  choices: setUps,
  hosts: {
    moby: 'windows-moby',
    wsl2: 'windows-wsl2',
  },
  actions: { run: 'docker run -d --name api nginx:1.25.3-alpine', rm: 'docker rm -f api' },
  scene({ choice, view }, w) {
    const setUp = setUps.find((x) => x === choice) ?? 'moby'
    const alive = view.kernel !== undefined
    const { inWindows, vms, kernel } = alive ? living(setUp, view, w) : contents(setUp, w)
    return {
      root: {
        id: 'pc',
        kind: 'machine',
        tag: w.pc,
        title: w.choices?.[setUp] ?? setUp,
        details: [
          w.states[setUp] as string,
          ...(alive ? [`${view.cpus} CPU · ${amount(view.memory)} · ${view.arch}`] : []),
        ],
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
                ...(kernel ? { details: kernel } : {}),
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
      ...(alive ? {} : { sources }),
    }
  },
})
