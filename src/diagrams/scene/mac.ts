/** Scene "mac": Linux containers on a Mac, on one virtual machine or on one each. */
import { words } from '../words/mac.ts'
import { type Box, defineScene } from './types.ts'

const setUps = ['desktop', 'apple'] as const

export default defineScene({
  words,
  runs: false,
  choices: setUps,
  scene({ choice }, w) {
    const apple = choice === 'apple'
    const container = (n: number, kernel: string): Box => ({
      id: `container:${n}`,
      kind: 'container',
      tag: w.container,
      title: w.linuxContainer(n),
      details: [w.shares(apple ? w.alone : w.withOthers)],
      kernel,
    })
    const kernel = (n: number): Box => ({
      id: `kernel:${n}`,
      kind: 'kernel',
      title: w.linuxKernel,
      wide: true,
      strong: true,
    })
    const engine: Box = {
      id: 'engine',
      kind: 'daemon',
      tag: w.engine,
      title: apple ? 'container-apiserver' : 'dockerd, containerd, runc',
    }
    const vm = (n: number, detail: string, children: readonly Box[]): Box => ({
      id: `vm:${n}`,
      kind: 'vm',
      tag: w.vm,
      title: 'Linux',
      details: [detail],
      cell: 120,
      children,
    })
    return {
      root: {
        id: 'mac',
        kind: 'machine',
        tag: w.mac,
        title: w.choices?.[apple ? 'apple' : 'desktop'] ?? '',
        details: [w.states[apple ? 'apple' : 'desktop'] as string],
        cell: 190,
        children: [
          {
            id: 'macos',
            kind: 'group',
            title: w.macos,
            cell: 120,
            children: [
              { id: 'client', kind: 'process', tag: w.client, title: apple ? 'container' : 'docker' },
              ...(apple ? [engine] : []),
            ],
          },
          ...(apple
            ? [1, 2].map((n) => vm(n, w.ownVm, [container(n, `kernel:${n}`), kernel(n)]))
            : [vm(1, w.oneVm, [container(1, 'kernel:1'), container(2, 'kernel:1'), engine, kernel(1)])]),
          { id: 'framework', kind: 'hypervisor', title: w.framework, details: [w.frameworkDetail], wide: true },
          { id: 'xnu', kind: 'kernel', title: w.xnu, wide: true },
        ],
      },
      links: [],
      sources: [
        'Docker Docs, Virtual Machine Manager for Docker Desktop on Mac (2026-11-21)',
        'apple/container and apple/containerization, README (2026-08-07)',
      ],
    }
  },
})
