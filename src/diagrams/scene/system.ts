/** A system that holds virtual machines for containers, drawn from its world: what pictures of Windows and of the Mac have in common. */
import type { ContainerView, MachineView } from '../../emulator/view.ts'
import type { Role, SystemWords } from '../words/system.ts'
import { amount, duration } from './amount.ts'
import { passed } from './passed.ts'
import { aliases } from './steps.ts'
import type { Box, Link, SceneInput } from './types.ts'

/** What the programs of such systems are for; those of one role are one box. */
const roles: readonly (readonly [Role, readonly string[]])[] = [
  ['backend', ['com.docker.backend', 'com.docker.backend.exe']],
  ['wslservice', ['wslservice.exe']],
  ['engine', ['dockerd', 'dockerd.exe', 'containerd', 'containerd-shim-runc-v2', 'container-apiserver']],
  ['hcs', ['vmcompute.exe']],
  ['worker', ['vmwp.exe', 'com.apple.Virtualization.VirtualMachine', 'container-runtime-linux']],
  ['agent', ['gcs', 'vmcomputeagent.exe', 'vminitd']],
]
/** The services that run on a machine, a box each. Ids begin with `prefix`. */
function services(m: MachineView, prefix: string, w: SystemWords): readonly Box[] {
  return roles.flatMap(([role, names]): readonly Box[] => {
    const programs = m.programs.filter((p) => names.includes(p.name))
    if (programs.length === 0) return []
    return [
      {
        id: `${prefix}${role}`,
        kind: 'daemon',
        title: names.filter((n) => programs.some((p) => p.name === n)).join(', '),
        details: [w.roles[role], w.pids(programs.map((p) => p.pid).join(', '))],
        wide: true,
        refs: [
          ...programs.map((p) => `process:${p.pid}`),
          ...(role === 'hcs' ? ['vmcompute'] : role === 'wslservice' ? ['wslservice'] : []),
        ],
      },
    ]
  })
}

export interface System {
  /** Containers on the machine's own kernel, the client, and the services in order. */
  readonly inside: readonly Box[]
  readonly vms: readonly Box[]
  readonly links: readonly Link[]
}
/** `client` is the command that readers type; `kernel` the id of the machine's own kernel. */
export function systemOf(
  { view, trace }: SceneInput,
  client: string,
  kernel: string,
  w: SystemWords,
  release: (m: MachineView) => string,
): System {
  const container = (c: ContainerView, on: string, whom: string): Box => ({
    id: `container:${c.name}`,
    kind: 'container',
    tag: w.container,
    title: c.name,
    details: [c.image, whom, w.memory(amount(c.memory))],
    kernel: on,
    refs: c.processes.map((p) => `process:${p.pid}`),
  })
  const own = services(view, '', w)
  const inside: readonly Box[] = [
    ...view.containers.map((c) => container(c, kernel, w.withHost)),
    {
      id: 'client',
      kind: 'process',
      tag: w.client,
      title: client,
      details: [w.clientDetail],
      wide: true,
      refs: [client, client.replace(/\.exe$/, ''), 'shell', 'session'],
    },
    ...own,
  ]
  // A machine that an engine made for one container is called after it.
  const single = (m: MachineView): boolean => m.name.endsWith('@vm')
  const vms = view.guests.map((m, i): Box => {
    const on = `kernel:${i + 1}`
    return {
      id: `vm:${i + 1}`,
      kind: 'vm',
      tag: w.vm,
      title: single(m) ? w.vmOf(m.containers[0]?.name ?? m.name.slice(0, 12)) : m.name,
      details: [
        single(m) ? w.ownVm : w.oneVm,
        [w.memory(amount(m.memory)), ...(m.bootTime > 0 ? [w.boot(duration(m.bootTime))] : [])].join(' · '),
      ],
      cell: 120,
      machine: m.name,
      refs: [`machine:${m.name}`],
      children: [
        ...m.containers.map((c) => container(c, on, single(m) ? w.alone : w.withOthers)),
        ...services(m, `${i + 1}:`, w),
        {
          id: on,
          kind: 'kernel',
          title: m.kernel?.system === 'Windows_NT' ? w.windowsKernel : w.linuxKernel,
          details: [release(m)].filter(Boolean),
          wide: true,
          strong: true,
        },
      ],
    }
  })
  const by = (name: string, client = false) =>
    passed(
      `api-${name}`,
      trace,
      (e) => (client ? aliases(e.from).includes(name) : e.to === name) && (e.kind === 'api' || e.kind === 'grpc'),
      w,
      2,
    )
  const first = own[0]
  const hcs = own.find((b) => b.id === 'hcs')
  // Who asked for the machines is known from what it asked.
  const made = by('vmcompute')
  const asks = own.findLast((b) => b.id === 'wslservice' || (b.id === 'engine' && hcs !== undefined))
  return {
    inside,
    vms,
    links: [
      ...(first ? [{ id: 'client-service', from: 'client', to: first.id, ...by(client, true) }] : []),
      ...(hcs && asks && made.labels?.length ? [{ id: 'service-hcs', from: asks.id, to: 'hcs', ...made }] : []),
    ],
  }
}
