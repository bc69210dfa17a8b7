/** Scene "runtimes": client, high-level runtime, shim, low-level runtime, kernel; with what passes between them. */
import type { TraceEvent } from '../../emulator/base/trace.ts'
import { words } from '../words/runtimes.ts'
import { chainOf } from './chains.ts'
import { focus } from './focus.ts'
import { guestBox, guestLinks, ownMachines } from './guests.ts'
import { passed } from './passed.ts'
import { aliases } from './steps.ts'
import { type Box, defineScene, type Link, type Scene, type SceneInput } from './types.ts'

type Words = (typeof words)['en']
interface Part {
  readonly id: string
  /** The program's name, where it isn't the id. */
  readonly program?: string
  readonly title: string
  readonly detail: string
}
/** A chain whose processes and messages are this world's. */
interface Way {
  readonly client: Part & { readonly refs: readonly string[] }
  /** High-level runtimes between client and shim; none where the client does their work itself. */
  readonly daemons: readonly Part[]
  /** Helpers that stay beside the container. */
  readonly beside?: readonly Part[]
  readonly shim: Part
  /** None where the shim speaks to a machine of the container's own. */
  readonly low?: Part
  /** Whether an event is the client's request. */
  readonly asks: (e: TraceEvent) => boolean
}
const lowLevel = ['runc', 'crun', 'youki', 'runsc'] as const
type LowLevel = (typeof lowLevel)[number]
/** The low-level runtime that the last command called; while it called none and a sandbox is all there is, what made that. */
function lowLevelOf({ trace }: SceneInput, containers: readonly { readonly sentry?: string | undefined }[]): LowLevel {
  const called = trace.findLast((e) => lowLevel.some((l) => e.to === `file:${l}`))?.to
  const sandboxed = containers.length > 0 && containers.every((c) => c.sentry !== undefined)
  return lowLevel.find((n) => called === `file:${n}`) ?? (sandboxed ? 'runsc' : 'runc')
}
/** How a client speaks to its high-level runtime, and that to what stays beside the container. */
function wayOf(engine: string, low: LowLevel | 'kata', w: Words): Way {
  const d = w.details
  const cri = (to: string) => (e: TraceEvent) => e.kind === 'grpc' && e.to === to && e.what.startsWith('runtime.v1.')
  const docker = { id: 'docker', title: 'docker', detail: d.client, refs: ['docker', 'shell', 'session'] }
  const crictl = { id: 'crictl', title: 'crictl', detail: d.kubelet, refs: ['crictl', 'shell', 'session'] }
  const dockerd = { id: 'dockerd', title: 'dockerd', detail: d.dockerd }
  const containerd = { id: 'containerd', title: 'containerd', detail: d.containerd }
  const shim = (kind: string, detail: string): Part => ({
    id: 'shim',
    program: `containerd-shim-${kind}`,
    title: `containerd-shim-${kind}`,
    detail,
  })
  const conmon = { id: 'conmon', title: 'conmon', detail: d.conmon }
  // Ids stay, so that boxes change where the reader switches the runtime.
  const runtime = low === 'kata' ? undefined : { id: 'runc', program: low, title: low, detail: d[low] }
  const crun = { id: low, title: low, detail: low === 'kata' ? '' : d[low] }
  switch (engine) {
    case 'crio':
      return {
        client: crictl,
        daemons: [{ id: 'crio', title: 'CRI-O', detail: d.crio }],
        shim: conmon,
        low: crun,
        asks: cri('crio'),
      }
    case 'podman':
      return {
        client: { id: 'podman', title: 'podman', detail: d.podman, refs: ['podman', 'shell', 'session'] },
        daemons: [],
        beside: [{ id: 'pasta', title: 'pasta', detail: d.pasta }],
        shim: conmon,
        low: crun,
        asks: () => false,
      }
    case 'containerd':
      return {
        client: crictl,
        daemons: [containerd],
        // A shim of its own comes with gVisor for kubelets; Docker calls runsc through runc's.
        shim:
          low === 'kata'
            ? shim('kata-v2', d.kataShim)
            : low === 'runsc'
              ? shim('runsc-v1', d.runscShim)
              : shim('runc-v2', d.shim),
        ...(runtime ? { low: runtime } : {}),
        asks: cri('containerd'),
      }
    default:
      return {
        client: docker,
        daemons: [dockerd, containerd],
        shim: low === 'kata' ? shim('kata-v2', d.kataShim) : shim('runc-v2', d.shim),
        ...(runtime ? { low: runtime } : {}),
        asks: (e) => e.kind === 'api' && (low !== 'kata' || e.to === 'dockerd'),
      }
  }
}

/** The kind of namespace that a flag of clone(2) asks for, as /proc/PID/ns names it. */
const namespaceOf = (flag: string): string => {
  const kind = flag.replace(/^CLONE_NEW/, '').toLowerCase()
  return kind === 'ns' ? 'mnt' : kind
}

/** A chain from the processes and the trace of the world. */
function worked(input: SceneInput, way: Way, w: Words): Scene {
  const { machine: view, kernel } = focus(input)
  const { trace } = input
  const processes = kernel?.processes ?? []
  const named = (name: string): readonly number[] =>
    processes.filter((p) => new RegExp(`^(\\S*/)?${name}( |$)`).test(p.command)).map((p) => p.pid)
  const by = (e: TraceEvent, name: string): boolean => aliases(e.from).includes(name)
  const program = (part: Part): string => part.program ?? part.id
  const daemon = (part: Part, tag: string): Box => {
    const pids = named(program(part))
    return {
      id: part.id,
      kind: 'daemon',
      tag,
      title: part.title,
      details: [part.detail, pids.length > 0 ? w.pids(pids.join(', ')) : w.notNow],
      wide: true,
      refs: [...new Set([part.id, program(part)]), ...pids.map((p) => `process:${p}`)],
      ...(pids.length > 0 ? {} : { faint: true }),
    }
  }
  const first: Part = way.daemons[0] ?? way.client
  const last: Part = way.daemons.at(-1) ?? way.client
  const { low, shim } = way
  const calls = trace.filter(
    (e) =>
      low !== undefined &&
      e.kind === 'exec' &&
      e.to === `file:${program(low)}` &&
      (first.id === 'dockerd' || by(e, shim.id) || by(e, last.id)),
  )
  const pulls = trace.filter((e) => e.kind === 'http' && e.to.startsWith('registry:') && by(e, first.id))
  const did = trace.filter((e) => low && by(e, program(low)))
  const made = did.filter((e) => e.kind === 'namespace').map((e) => namespaceOf(e.what))
  const written = did.filter((e) => e.kind === 'cgroup' && !e.what.startsWith('cgroup.subtree_control'))
  const kernelWork = [
    ...(made.length > 0 ? [w.namespaces([...new Set(made)].join(', '))] : []),
    ...(written.length > 0 ? [w.cgroup([...new Set(written.map((e) => e.what))].join(', '))] : []),
  ]
  // Two runtimes may be at work on one machine: to each its own.
  const parents = new Map(processes.map((p) => [p.pid, p.parent]))
  const shims = named(program(shim))
  const below = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (shims.includes(pid) || below(parents.get(pid)))
  // Processes in a sandbox have numbers of its own kernel's.
  const containers = view.containers.filter(
    (c) =>
      first.id === 'dockerd' ||
      (c.sentry === undefined ? c.processes.some((p) => below(p.pid)) : low !== undefined && program(low) === 'runsc'),
  )
  const sandboxes = containers.filter((c) => c.sentry !== undefined)
  const runsc = processes.filter((p) => /^runsc-(sandbox|gofer) /.test(p.command))
  // A pod's containers share the sandbox that is called after the pod.
  const sandboxOf = (id: string): readonly number[] => {
    const own = runsc.filter((p) => p.command.includes(id))
    return (own.length > 0 ? own : runsc).map((p) => p.pid)
  }
  const client: Box = {
    id: way.client.id,
    kind: 'process',
    tag: w.tags.client,
    title: way.client.title,
    details: [way.client.detail],
    refs: way.client.refs,
    // One that does the work itself is at the end of the arrows.
    ...(first === way.client ? { wide: true } : {}),
  }
  const aside: readonly Box[] = [
    ...(pulls.length > 0
      ? [
          {
            id: 'registry',
            kind: 'network' as const,
            tag: w.tags.registry,
            title: pulls[0]?.to.slice('registry:'.length) ?? '',
            details: [w.details.registry],
            refs: ['registry'],
          },
        ]
      : []),
    ...(way.beside ?? [])
      .filter((b) => named(program(b)).length > 0)
      .map((b) => ({ ...daemon(b, w.tags.beside), wide: false })),
  ]
  const group: Box = {
    id: 'containers',
    kind: 'group',
    title: '',
    wide: true,
    children:
      containers.length > 0
        ? containers.map((c) => ({
            id: `container:${c.id}`,
            kind: 'container',
            tag: w.tags.container,
            title: c.name,
            details: [c.image, w.pids(c.processes.map((p) => p.pid).join(', '))],
            kernel: c.sentry === undefined ? 'kernel' : `sentry:${c.id}`,
            refs: c.processes.map((p) => `process:${p.pid}`),
          }))
        : [{ id: 'empty:containers', kind: 'empty', title: w.noContainer }],
  }
  const sentries = sandboxes.map(
    (c): Box => ({
      id: `sentry:${c.id}`,
      kind: 'kernel',
      tag: w.tags.kernel,
      title: `Sentry (Linux ${c.sentry})`,
      details: [w.details.sentry, w.pids(sandboxOf(c.id).join(', '))],
      refs: sandboxOf(c.id).map((p) => `process:${p}`),
    }),
  )
  const guests = low ? [] : ownMachines(view).map((m) => guestBox(m, w))
  const linux: Box = {
    id: 'kernel',
    kind: 'kernel',
    tag: w.tags.kernel,
    title: `Linux ${view.kernel?.release ?? ''}`,
    details: [
      guests.length > 0
        ? w.details.seesMonitor
        : sandboxes.length > 0 && sandboxes.length === containers.length
          ? w.details.seesSentry
          : w.details.kernel,
    ],
    wide: true,
    refs: ['kind:namespace', 'kind:mount', 'kind:cgroup'],
  }
  const lowBox = (part: Part): Box => {
    const box = daemon(part, w.tags.low)
    return calls.length > 0 && named(program(part)).length === 0 ? { ...box, details: [part.detail, w.gone] } : box
  }
  const carriers = (low ? [] : (['qemu-system-x86_64', 'virtiofsd'] as const))
    .filter((name) => named(name).length > 0)
    .map((name): Box => ({ ...daemon({ id: name, title: name, detail: w.details[name] }, w.tags.vmm), wide: false }))
  const boxes: readonly Box[] = [
    ...(first === way.client ? [...aside, client] : [client, ...aside]),
    ...way.daemons.map((d) => daemon(d, w.tags.high)),
    daemon(shim, w.tags.shim),
    ...(low ? [lowBox(low)] : []),
    // Calls go down from a sandbox to its kernel; without one the host's carries all that is below the runtimes.
    ...(low ? (sandboxes.length > 0 ? [group, ...sentries, linux] : [linux, group]) : [...guests, ...carriers, linux]),
  ]
  const started = trace.some((e) => e.kind === 'exec' && e.to === `file:${program(shim)}` && by(e, last.id))
  const handed = passed(
    'ttrpc',
    trace,
    (e) => ((e.kind === 'grpc' && e.to.startsWith('shim:')) || e.kind === 'file') && by(e, last.id),
    w,
  )
  const links: Link[] = [
    ...(first === way.client
      ? []
      : [
          {
            id: `${way.client.id}-${first.id}`,
            from: way.client.id,
            to: first.id,
            ...passed('api', trace, way.asks, w),
          },
        ]),
    ...way.daemons.slice(1).map((d, n) => ({
      id: `${way.daemons[n]?.id}-${d.id}`,
      from: way.daemons[n]?.id as string,
      to: d.id,
      ...passed('grpc', trace, (e) => e.kind === 'grpc' && e.to === d.id, w),
    })),
    {
      id: `${last.id}-${shim.id}`,
      from: last.id,
      to: shim.id,
      ...handed,
      labels: [...(shim.id !== 'shim' && started ? [w.forkExec] : []), ...(handed.labels ?? [])],
    },
    ...(low
      ? [
          {
            id: `${shim.id}-${low.id}`,
            from: shim.id,
            to: low.id,
            labels: [
              ...new Set(
                calls.map(
                  (e) => `${program(low)} ${/ (create|start|exec|delete|kill|pause|resume)\b/.exec(e.what)?.[1] ?? ''}`,
                ),
              ),
            ],
          },
          {
            id: `${low.id}-kernel`,
            from: low.id,
            to: sandboxes.length > 0 ? 'containers' : 'kernel',
            labels: kernelWork,
          },
          ...(sandboxes.length > 0 && sandboxes.length === containers.length
            ? []
            : [{ id: 'container-kernel', from: 'containers', to: 'kernel', labels: [w.syscalls] }]),
        ]
      : guestLinks(input, shim.id, guests, carriers, w)),
    ...(pulls.length > 0
      ? [{ id: `${first.id}-registry`, from: first.id, to: 'registry', ...passed('http', pulls, () => true, w) }]
      : []),
    ...sandboxes.flatMap((c): readonly Link[] => [
      {
        id: `container-sentry:${c.id}`,
        from: 'containers',
        to: `sentry:${c.id}`,
        labels: [`${c.name}: ${w.syscalls}`],
      },
      { id: `sentry-kernel:${c.id}`, from: `sentry:${c.id}`, to: 'kernel', labels: [w.fewCalls] },
    ]),
  ]
  return {
    root: { id: 'runtimes', kind: 'machine', machine: view.name, title: view.name, cell: 200, children: boxes },
    links,
  }
}

/** The engine of each choice, and the low-level runtime that it calls there; an engine's first choice is what it calls by default. */
const engines: Readonly<Record<string, string>> = {
  docker: 'docker',
  crun: 'docker',
  youki: 'docker',
  gvisor: 'docker',
  kata: 'docker',
  containerd: 'containerd',
  'containerd-crun': 'containerd',
  'containerd-gvisor': 'containerd',
  'containerd-kata': 'containerd',
  crio: 'crio',
  'crio-runc': 'crio',
  podman: 'podman',
}
const runtimes: Readonly<Record<string, string>> = {
  docker: 'runc',
  crun: 'crun',
  youki: 'youki',
  gvisor: 'runsc',
  kata: 'kata',
  containerd: 'runc',
  'containerd-crun': 'crun',
  'containerd-gvisor': 'runsc',
  'containerd-kata': 'kata',
  crio: 'crun',
  'crio-runc': 'runc',
  podman: 'crun',
}
/** A pod with one container, by a runtime handler of the kubelet's engine. */
const pod = (socket: string, handler: string): string =>
  `crictl -r unix:///run/${socket}.sock -i unix:///run/${socket}.sock run --runtime ${handler} shell.json pod.json`

export default defineScene({
  words,
  setup: 'docker run -d --name web -p 8080:80 nginx:1.25.3-alpine',
  actions: {
    run: 'docker run -d --name web nginx:1.25.3-alpine',
    exec: 'docker exec web ps',
    rm: 'docker rm -f web',
  },
  choices: Object.keys(engines),
  axes: [{ of: engines }, { of: runtimes }],
  hosts: {
    ...Object.fromEntries(Object.keys(engines).flatMap((c) => (/^(containerd|crio)/.test(c) ? [[c, 'k8s-node']] : []))),
    podman: 'linux-podman',
  },
  setups: {
    crun: 'docker run -d --name web --runtime crun alpine sleep 1000',
    youki: 'docker run -d --name web --runtime youki alpine sleep 1000',
    gvisor: 'docker run -d --name web --runtime runsc alpine sleep 1000',
    kata: 'docker run -d --name web --runtime io.containerd.kata.v2 alpine sleep 1000',
    'containerd-crun': pod('containerd/containerd', 'crun'),
    'containerd-gvisor': pod('containerd/containerd', 'runsc'),
    'containerd-kata': pod('containerd/containerd', 'kata'),
    'crio-runc': pod('crio/crio', 'runc'),
  },
  scene: (input, w) => {
    const { containers } = focus(input).machine
    const { choice } = input
    const engine = engines[choice] ?? 'docker'
    const asked = runtimes[choice]
    const kata = asked === 'kata'
    // A world without such a sandbox is no picture of one.
    if (kata && ownMachines(input.view).length === 0) return chainOf('kata', w)
    if (asked === 'runsc' && !containers.some((c) => c.sentry !== undefined)) return chainOf('gvisor', w)
    // Docker may have called any runtime, whatever was chosen: what was called is drawn.
    const low = engine === 'docker' ? lowLevelOf(input, containers) : lowLevel.find((l) => l === asked)
    return worked(input, wayOf(engine, kata ? 'kata' : (low ?? 'runc'), w), w)
  },
})
