/** Scene "runtimes": client, high-level runtime, shim, low-level runtime, kernel; with what passes between them. */
import type { TraceEvent } from '../../emulator/base/trace.ts'
import { words } from '../words/runtimes.ts'
import { focus } from './focus.ts'
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
  readonly daemons: readonly Part[]
  readonly shim: Part
  readonly low: Part
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
const ways = (w: Words, low: LowLevel): Readonly<Record<string, Way>> => {
  const d = w.details
  const cri = (to: string) => (e: TraceEvent) => e.kind === 'grpc' && e.to === to && e.what.startsWith('runtime.v1.')
  const containerd = { id: 'containerd', title: 'containerd', detail: d.containerd }
  const shim = { id: 'shim', program: 'containerd-shim-runc-v2', title: 'containerd-shim-runc-v2', detail: d.shim }
  const runc = { id: 'runc', title: 'runc', detail: d.runc }
  const crictl = { id: 'crictl', title: 'crictl', detail: d.kubelet, refs: ['crictl', 'shell', 'session'] }
  return {
    docker: {
      client: { id: 'docker', title: 'docker', detail: d.client, refs: ['docker', 'shell', 'session'] },
      daemons: [{ id: 'dockerd', title: 'dockerd', detail: d.dockerd }, containerd],
      shim,
      low: { id: 'runc', program: low, title: low, detail: d[low] },
      asks: (e) => e.kind === 'api',
    },
    containerd: { client: crictl, daemons: [containerd], shim, low: runc, asks: cri('containerd') },
    crio: {
      client: crictl,
      daemons: [{ id: 'crio', title: 'CRI-O', detail: d.crio }],
      shim: { id: 'conmon', title: 'conmon', detail: d.conmon },
      low: { id: 'crun', title: 'crun', detail: d.crun },
      asks: cri('crio'),
    },
  }
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
  const [first] = way.daemons as [Part]
  const last = way.daemons.at(-1) as Part
  const { low, shim } = way
  const calls = trace.filter(
    (e) => e.kind === 'exec' && e.to === `file:${program(low)}` && (first.id === 'dockerd' || by(e, shim.id)),
  )
  const lowBox = daemon(low, w.tags.low)
  const pulls = trace.filter((e) => e.kind === 'http' && e.to.startsWith('registry:') && by(e, first.id))
  const kernelWork = [
    ...new Set(
      trace.filter((e) => (e.kind === 'namespace' || e.kind === 'cgroup') && by(e, program(low))).map((e) => e.what),
    ),
  ]
  // Two runtimes may be at work on one machine: to each its own.
  const parents = new Map(processes.map((p) => [p.pid, p.parent]))
  const shims = named(program(shim))
  const below = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (shims.includes(pid) || below(parents.get(pid)))
  const containers = view.containers.filter((c) => first.id === 'dockerd' || c.processes.some((p) => below(p.pid)))
  const sandboxes = containers.filter((c) => c.sentry !== undefined)
  const sandboxOf = (id: string): readonly number[] =>
    processes.filter((p) => /^runsc-(sandbox|gofer) /.test(p.command) && p.command.includes(id)).map((p) => p.pid)
  const boxes: Box[] = [
    {
      id: way.client.id,
      kind: 'process',
      tag: w.tags.client,
      title: way.client.title,
      details: [way.client.detail],
      refs: way.client.refs,
    },
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
    ...way.daemons.map((d) => daemon(d, w.tags.high)),
    daemon(shim, w.tags.shim),
    calls.length > 0 && named(program(low)).length === 0 ? { ...lowBox, details: [low.detail, w.gone] } : lowBox,
    ...sandboxes.map(
      (c): Box => ({
        id: `sentry:${c.id}`,
        kind: 'kernel',
        tag: w.tags.kernel,
        title: `Sentry (Linux ${c.sentry})`,
        details: [w.details.sentry, w.pids(sandboxOf(c.id).join(', '))],
        wide: true,
        refs: sandboxOf(c.id).map((p) => `process:${p}`),
      }),
    ),
    {
      id: 'kernel',
      kind: 'kernel',
      tag: w.tags.kernel,
      title: `Linux ${view.kernel?.release ?? ''}`,
      details: [w.details.kernel],
      wide: true,
      refs: ['mnt', 'pid', 'net', 'uts', 'ipc', 'user', 'cgroup', 'time'],
    },
    {
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
    },
  ]
  const started = trace.some((e) => e.kind === 'exec' && e.to === `file:${program(shim)}` && by(e, last.id))
  const handed = passed(
    'ttrpc',
    trace,
    (e) => ((e.kind === 'grpc' && e.to.startsWith('shim:')) || e.kind === 'file') && by(e, last.id),
    w,
  )
  const links: Link[] = [
    {
      id: `${way.client.id}-${first.id}`,
      from: way.client.id,
      to: first.id,
      ...passed('api', trace, way.asks, w),
    },
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
      to: 'kernel',
      labels: kernelWork.length > 0 ? [kernelWork.join(', ')] : [],
    },
    ...(pulls.length > 0
      ? [{ id: `${first.id}-registry`, from: first.id, to: 'registry', ...passed('http', pulls, () => true, w) }]
      : []),
    ...sandboxes.flatMap((c): readonly Link[] => [
      { id: `container-sentry:${c.id}`, from: `container:${c.id}`, to: `sentry:${c.id}`, labels: [w.syscalls] },
      { id: `sentry-kernel:${c.id}`, from: `sentry:${c.id}`, to: 'kernel', labels: [w.fewCalls] },
    ]),
    ...(sandboxes.length > 0 && sandboxes.length === containers.length
      ? []
      : [{ id: 'container-kernel', from: 'containers', to: 'kernel', labels: [w.syscalls] }]),
  ]
  return {
    root: { id: 'runtimes', kind: 'machine', machine: view.name, title: view.name, cell: 200, children: boxes },
    links,
  }
}

/** Chains of other set-ups, as their documentation draws them. */
function chainOf(choice: string, w: Words): Scene {
  type Entry = readonly [id: string, kind: Box['kind'], tag: string, title: string, detail: string, link?: string]
  const t = w.tags
  const d = w.details
  const chains: Readonly<Record<string, readonly Entry[]>> = {
    podman: [
      ['docker', 'process', t.client, 'podman', d.podman, 'fork, exec'],
      ['shim', 'daemon', t.shim, 'conmon', d.conmon, 'crun create, crun start'],
      ['runc', 'daemon', t.low, 'crun / runc / youki', d.crun, 'clone, mount, pivot_root, execve'],
      ['kernel', 'kernel', t.kernel, 'Linux', d.kernel],
    ],
    gvisor: [
      ['docker', 'process', t.client, 'docker, kubelet', d.client, 'Engine API / CRI'],
      ['containerd', 'daemon', t.high, 'containerd', d.containerd, 'ttRPC: Task.Create, Task.Start'],
      ['shim', 'daemon', t.shim, 'containerd-shim-runsc-v1', d.runscShim, 'runsc create, runsc start'],
      ['runc', 'daemon', t.low, 'runsc', d.runsc, 'boot'],
      ['sentry', 'kernel', t.kernel, 'Sentry', d.sentry, 'a few host calls'],
      ['kernel', 'kernel', t.kernel, 'Linux', ''],
    ],
    kata: [
      ['docker', 'process', t.client, 'nerdctl, kubelet', d.client, 'gRPC / CRI'],
      ['containerd', 'daemon', t.high, 'containerd', d.containerd, 'ttRPC: Task.Create, Task.Start'],
      ['shim', 'daemon', t.shim, 'containerd-shim-kata-v2', d.kataShim, 'QEMU, Cloud Hypervisor, Firecracker'],
      ['runc', 'vm', t.low, 'kata-agent', d.kata, 'clone, mount, execve'],
      ['kernel', 'kernel', t.kernel, 'Linux (guest)', d.kataKernel],
    ],
  }
  const entries = chains[choice] ?? []
  return {
    root: {
      id: 'runtimes',
      kind: 'group',
      title: '',
      arrange: 'column',
      children: entries.map(([id, kind, tag, title, detail]) => ({
        id,
        kind,
        tag,
        title,
        details: detail ? [detail] : [],
      })),
    },
    links: entries.slice(0, -1).map((e, i) => ({
      id: `chain-${e[0]}`,
      from: e[0],
      to: entries[i + 1]?.[0] as string,
      labels: e[5] ? [e[5]] : [],
    })),
    sources: [
      'containerd docs/runtime-v2.md (2026-08-22)',
      'Kubernetes, Container Runtimes',
      'gVisor Platform Guide (2026-08-21)',
      'Kata Containers 4.1 documentation (2026-08-22)',
    ],
  }
}

export default defineScene({
  words,
  setup: 'docker run -d --name web -p 8080:80 nginx:1.25.3-alpine',
  actions: {
    run: 'docker run -d --name web nginx:1.25.3-alpine',
    exec: 'docker exec web ps',
    rm: 'docker rm -f web',
  },
  choices: ['docker', 'containerd', 'crio', 'podman', 'gvisor', 'kata'],
  hosts: { containerd: 'k8s-node', crio: 'k8s-node', podman: '', kata: '' },
  scene: (input, w) => {
    const { containers } = focus(input).machine
    // gVisor's is the world's as soon as something in it runs under runsc.
    const live = input.choice === '' || (input.choice === 'gvisor' && containers.some((c) => c.sentry !== undefined))
    const way = ways(w, lowLevelOf(input, containers))[live ? 'docker' : input.choice]
    return way ? worked(input, way, w) : chainOf(input.choice, w)
  },
})
