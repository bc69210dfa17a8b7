/** Machines that a runtime made for one container or pod each, as Kata does: what runs in them, and who carries them. */
import type { MachineView } from '../../emulator/view.ts'
import type { words } from '../words/runtimes.ts'
import { amount, duration } from './amount.ts'
import { passed } from './passed.ts'
import type { Box, Link, SceneInput } from './types.ts'

type Words = (typeof words)['en']
const AGENT = 'kata-agent'

/** The machines of containers on a Linux host: each has an agent in it. */
export const ownMachines = (m: MachineView): readonly MachineView[] =>
  m.guests.filter((g) => g.programs.some((p) => p.name === AGENT))

const containersId = (m: MachineView): string => `containers:${m.name}`
const kernelId = (m: MachineView): string => `kernel:${m.name}`

export function guestBox(m: MachineView, w: Words): Box {
  const agents = m.programs.filter((p) => p.name === AGENT).map((p) => p.pid)
  return {
    id: `machine:${m.name}`,
    kind: 'vm',
    tag: w.tags.vm,
    title: m.containers.map((c) => c.name).join(', ') || m.name.slice(0, 12),
    details: [w.sizes(amount(m.memory), duration(m.bootTime))],
    wide: true,
    machine: m.name,
    refs: [`machine:${m.name}`],
    arrange: 'column',
    children: [
      {
        id: `agent:${m.name}`,
        kind: 'daemon',
        tag: w.tags.low,
        title: AGENT,
        details: [w.details.kata, w.pids(agents.join(', '))],
        refs: [`agent:${m.name.slice(0, 12)}`, ...agents.map((p) => `process:${p}`), AGENT],
      },
      {
        id: containersId(m),
        kind: 'group',
        title: '',
        children: m.containers.map((c) => ({
          id: `container:${c.id}`,
          kind: 'container',
          tag: w.tags.container,
          title: c.name,
          details: [c.image, w.pids(c.processes.map((p) => p.pid).join(', '))],
          kernel: kernelId(m),
          refs: c.processes.map((p) => `process:${p.pid}`),
        })),
      },
      {
        id: kernelId(m),
        kind: 'kernel',
        tag: w.tags.kernel,
        title: `Linux ${m.kernel?.release ?? ''}`,
        details: [w.details.kataKernel],
        strong: true,
        refs: ['kind:namespace', 'kind:mount', 'kind:cgroup'],
      },
    ],
  }
}
/** From the shim to the agents, from each container to its machine's kernel, and from the last machine to what carries it. */
export function guestLinks(
  { view, trace }: SceneInput,
  shim: string,
  guests: readonly Box[],
  carriers: readonly Box[],
  w: Words,
): readonly Link[] {
  const last = guests.at(-1)
  return [
    ...ownMachines(view).flatMap((m): readonly Link[] => {
      const agent = `agent:${m.name.slice(0, 12)}`
      return [
        {
          id: `${shim}-${agent}`,
          from: shim,
          to: `machine:${m.name}`,
          ...passed(agent, trace, (e) => e.kind === 'grpc' && e.to === agent, w),
        },
        { id: `${agent}-containers`, from: `agent:${m.name}`, to: containersId(m), labels: [w.makes] },
        { id: `calls:${m.name}`, from: containersId(m), to: kernelId(m), labels: [w.syscalls] },
      ]
    }),
    ...(last
      ? carriers.flatMap((c): readonly Link[] => [
          { id: `${last.id}-${c.id}`, from: last.id, to: c.id, labels: [w.devices[c.id] ?? ''].filter(Boolean) },
          { id: `${c.id}-kernel`, from: c.id, to: 'kernel', labels: [w.syscalls] },
        ])
      : []),
  ]
}
