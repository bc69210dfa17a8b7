/** Scene "stack": hypervisor versus kernel sharing. Which kernel answers for which box, with memory and boot time to scale. */
import type { MachineView } from '../../emulator/view.ts'
import { words } from '../words/stack.ts'
import { amount, duration, namesOf } from './amount.ts'
import { type Box, defineScene, type Meter } from './types.ts'

type Words = (typeof words)['en']
/** Scales that all boxes of a picture share. */
interface Scale {
  readonly memory: number
  readonly boot: number
}
const memory = (bytes: number, scale: Scale, w: Words): Meter => ({
  id: 'memory',
  label: w.memory(amount(bytes)),
  fraction: bytes / scale.memory,
})
/** `time`: nanoseconds, 0 while it still boots; undefined where nothing boots at all. */
const boot = (time: number | undefined, scale: Scale, w: Words): Meter => ({
  id: 'boot',
  label: time === undefined ? w.noBoot : time > 0 ? w.boot(duration(time)) : w.booting,
  fraction: (time ?? 0) / scale.boot,
})

function* machines(m: MachineView): Generator<MachineView> {
  yield m
  for (const g of m.guests) yield* machines(g)
}
function scaleOf(m: MachineView): Scale {
  const all = [...machines(m)]
  const held = all.flatMap((x) => [...x.containers.map((c) => c.memory), ...(x === m ? [] : [x.memory])])
  return { memory: Math.max(1, ...held), boot: Math.max(1, ...all.map((x) => x.bootTime)) }
}

function containers(m: MachineView, kernel: string, scale: Scale, w: Words): Box[] {
  return m.containers.map((c) => ({
    id: `container:${c.id}`,
    kind: 'container',
    tag: w.container,
    title: c.name,
    details: [c.image, w.processes(namesOf(c)), w.asks(m.virtual ? w.guestKernel : w.hostKernel)],
    meters: [memory(c.memory, scale, w), boot(undefined, scale, w)],
    kernel,
    refs: [`container:${c.id}`, ...c.processes.map((p) => `process:${p.pid}`)],
  }))
}
/** Hypervisors that lie on the hardware, below the system that was installed there first. */
const isType1 = (hypervisor: string | undefined): boolean => /hyper-v|xen|esxi/i.test(hypervisor ?? '')

/**
 * A machine's boxes: what runs on top, layers below it, each as wide as what it carries. `places`: what isn't there has an empty place.
 */
function inside(m: MachineView, scale: Scale, places: boolean, w: Words): Box[] {
  const kernel = `kernel:${m.name}`
  const own = containers(m, kernel, scale, w)
  const guests = m.guests.map(
    (g): Box => ({
      id: `machine:${g.name}`,
      machine: g.name,
      kind: 'vm',
      tag: w.vm,
      // A machine that an engine made for one container has its number: what counts is whose it is.
      title: g.name.endsWith('@vm') ? w.vmOf(g.containers[0]?.name ?? g.name.slice(0, 12)) : g.name,
      ...(g.name === 'Domain-0' ? { details: [w.control] } : {}),
      meters: [memory(g.memory, scale, w), boot(g.bootTime, scale, w)],
      children: inside(g, scale, false, w),
      refs: [`machine:${g.name}`],
    }),
  )
  const hypervisor: readonly Box[] =
    m.guests.length > 0
      ? [
          {
            id: `hypervisor:${m.name}`,
            kind: 'hypervisor',
            tag: w.hypervisor,
            title: m.hypervisor === 'kvm' ? 'KVM + QEMU' : (m.hypervisor ?? ''),
            wide: true,
            refs: ['qemu-system-x86', 'virsh'],
          },
        ]
      : []
  const kernels: readonly Box[] = m.kernel
    ? [
        {
          id: kernel,
          kind: 'kernel',
          tag: w.kernel,
          title: m.virtual ? w.guestKernel : w.hostKernel,
          details: [`${m.kernel.system === 'Windows_NT' ? 'Windows' : m.kernel.system} ${m.kernel.release}`],
          wide: true,
          ...(m.virtual ? {} : { meters: [boot(m.bootTime, scale, w)] }),
        },
      ]
    : []
  if (isType1(m.hypervisor) && m.guests.length > 0) {
    // Xen's own domain 0 is one of the guests: nothing else stands beside them.
    const root = [...own, ...kernels]
    return [
      ...(root.length > 0
        ? [{ id: `root:${m.name}`, kind: 'group' as const, title: w.rootPartition, children: root }]
        : []),
      ...guests,
      ...hypervisor,
    ]
  }
  const anywhere = [...machines(m)].some((x) => x.containers.length > 0)
  const empty = (id: string, title: string, there: boolean): readonly Box[] =>
    places && !there ? [{ id: `empty:${id}:${m.name}`, kind: 'empty', title }] : []
  // The hypervisor carries the machines alone: containers beside them stand on the kernel.
  const carried: readonly Box[] =
    guests.length > 0
      ? [{ id: `virtual:${m.name}`, kind: 'group', title: '', cell: 140, children: [...guests, ...hypervisor] }]
      : empty('guests', w.noGuests, false)
  return [...empty('containers', w.noContainers, anywhere), ...own, ...carried, ...kernels]
}

/** The three ways as such: which layers there are, whatever the product. */
function compare(w: Words): Box {
  /** What a program brings along in either case: its own files. */
  const user = (id: string, kernel: string): readonly Box[] => [
    { id: `${id}:app`, kind: 'process', title: w.app, kernel, wide: true },
    { id: `${id}:libraries`, kind: 'file', title: w.libraries, wide: true },
  ]
  const vm = (id: string): Box => ({
    id,
    kind: 'vm',
    tag: w.vm,
    title: '',
    children: [
      ...user(id, `${id}:guest`),
      { id: `${id}:guest`, kind: 'kernel', title: w.guest, wide: true, kernel: `${id}:guest` },
    ],
  })
  const container = (id: string): Box => ({
    id,
    kind: 'container',
    tag: w.container,
    title: '',
    children: user(id, 'shared:host'),
  })
  const pair = (id: string, make: (id: string) => Box): readonly Box[] => [make(`${id}:1`), make(`${id}:2`)]
  const column = (id: string, title: string, detail: string, layers: readonly Box[]): Box => ({
    id,
    kind: 'machine',
    title,
    details: [detail],
    cell: 88,
    children: [
      ...layers.map((l) => ({ ...l, wide: l.kind !== 'vm' && l.kind !== 'container' })),
      { id: `${id}:hardware`, kind: 'group', title: w.hardware, wide: true },
    ],
  })
  return {
    id: 'compare',
    kind: 'group',
    title: '',
    cell: 210,
    children: [
      column('type1', w.type1, w.type1Detail, [
        ...pair('type1', vm),
        { id: 'type1:hypervisor', kind: 'hypervisor', title: 'Xen, ESXi, Hyper-V' },
      ]),
      column('type2', w.type2, w.type2Detail, [
        ...pair('type2', vm),
        { id: 'type2:hypervisor', kind: 'hypervisor', title: 'VirtualBox, VMware Workstation' },
        { id: 'type2:host', kind: 'kernel', title: w.hostOs },
      ]),
      column('shared', w.shared, w.sharedDetail, [
        ...pair('shared', container),
        { id: 'shared:runtime', kind: 'daemon', title: w.runtime, details: [w.runtimeDetail], faint: true },
        { id: 'shared:host', kind: 'kernel', title: w.hostOs, kernel: 'shared:host' },
      ]),
    ],
  }
}

/** An ordinary guest and a small one, and the time that they need. */
const guests = 'virsh start server1; virsh start micro1; sleep 20'

export default defineScene({
  words,
  setup: 'docker run -d --name web nginx:1.25.3-alpine && virsh start guest1 && sleep 10',
  actions: {
    run: 'docker run -d --name web -p 8080:80 nginx:1.25.3-alpine',
    rm: 'docker rm -f web',
    boot: 'virsh start guest1',
    stop: 'virsh destroy guest1',
  },
  choices: ['world', 'type1', 'type2', 'compare'],
  hosts: { type1: 'vm-type1', type2: 'vm-type2', compare: '' },
  setups: { type1: guests, type2: guests },
  scene({ view, choice }, w) {
    if (choice === 'compare')
      return {
        root: compare(w),
        links: [],
        sources: [
          'OCI Runtime Specification v1.3.0, config-linux.md (2025-11-04)',
          'Microsoft, Isolation modes (2025-01-23)',
        ],
      }
    const scale = scaleOf(view)
    return {
      root: {
        id: `machine:${view.name}`,
        machine: view.name,
        kind: 'machine',
        tag: w.machine,
        title: view.name,
        cell: 178,
        children: [
          ...inside(view, scale, choice !== 'type1' && choice !== 'type2', w),
          {
            id: `hardware:${view.name}`,
            kind: 'group',
            title: w.hardware,
            details: [`${view.cpus} CPU · ${amount(view.memory)} · ${view.arch}`],
            wide: true,
          },
        ],
        refs: [`machine:${view.name}`, 'session', 'shell'],
      },
      links: [],
    }
  },
})
