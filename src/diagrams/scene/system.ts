/** A system that holds virtual machines for containers, drawn from its world: what pictures of Windows and of the Mac have in common. */
import type { ContainerView, MachineView } from '../../emulator/view.ts'
import type { Role, SystemWords } from '../words/system.ts'
import { amount, duration, namesOf } from './amount.ts'
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
    const [title = '', ...others] = names.filter((n) => programs.some((p) => p.name === n))
    return [
      {
        id: `${prefix}${role}`,
        kind: 'daemon',
        title,
        details: [
          w.roles[role],
          ...(others.length > 0 ? [w.beside(others.join(', '))] : []),
          w.pids(programs.map((p) => p.pid).join(', ')),
        ],
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
    details: [c.image, namesOf(c), whom, w.memory(amount(c.memory))].filter(Boolean),
    kernel: on,
    refs: c.processes.map((p) => `process:${p.pid}`),
  })
  const own = services(view, '', w)
  // Engines make containers and step aside: what runs in these stands on the kernel.
  const inside: readonly Box[] = [
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
    ...view.containers.map((c) => container(c, kernel, w.withHost)),
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
        ...services(m, `${i + 1}:`, w),
        ...m.containers.map((c) => container(c, on, single(m) ? w.alone : w.withOthers)),
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
  const box = (role: Role): Box | undefined => own.find((b) => b.id === role)
  const hcs = box('hcs')
  const worker = box('worker')
  // Who asked for the machines is known from what it asked.
  const made = by('vmcompute')
  const asks = own.findLast((b) => b.id === 'wslservice' || (b.id === 'engine' && hcs !== undefined))
  // Requests go on into the machines from whoever speaks for them outside, by sockets that need no network.
  const socket = view.kernel?.system === 'Windows_NT' ? 'hvsocket' : 'vsock'
  const speaker = box('backend') ?? (hcs ? (box('engine') ?? box('wslservice')) : worker)
  const holder = hcs ?? box('backend') ?? box('engine')
  return {
    inside,
    vms,
    links: [
      ...(first ? [{ id: 'client-service', from: 'client', to: first.id, ...by(client, true) }] : []),
      ...(hcs && asks && made.labels?.length ? [{ id: 'service-hcs', from: asks.id, to: 'hcs', ...made }] : []),
      ...(worker && holder ? [{ id: 'holder-worker', from: holder.id, to: 'worker', labels: [w.perVm] }] : []),
      ...vms.flatMap((vm, i): readonly Link[] => {
        const inner = vm.children?.find((c) => c.id === `${i + 1}:engine` || c.id === `${i + 1}:agent`)
        if (!inner || !speaker) return []
        const label = inner.id.endsWith('engine') ? w.engineApi(socket) : w.agentCalls(socket)
        return [{ id: `into:${vm.id}`, from: speaker.id, to: inner.id, labels: [label] }]
      }),
    ],
  }
}
