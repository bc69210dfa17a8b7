/** Scene "runtimes": client, high-level runtime, shim, low-level runtime, kernel; with what passes between them. */
import type { TraceEvent } from '../../emulator/base/trace.ts'
import { words } from '../words/runtimes.ts'
import { focus } from './focus.ts'
import { aliases } from './steps.ts'
import { type Box, defineScene, type Link, type Scene, type SceneDocument, type SceneInput } from './types.ts'

type Words = (typeof words)['en']
/** Lines beside one arrow, and documents of one link. */
const LABELS = 4
const DOCUMENTS = 6

const shortened = (text: string): string => text.replace(/[0-9a-f]{64}/g, (id) => id.slice(0, 12)).replace('/v1.55', '')
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
/** What went from one part to another: labels without repetition, and the documents. */
function passed(
  id: string,
  trace: readonly TraceEvent[],
  takes: (e: TraceEvent) => boolean,
  w: Words,
): Pick<Link, 'labels' | 'documents'> {
  const events = trace.filter(takes)
  const texts = [...new Set(events.map((e) => shortened(e.what)))]
  const labels = texts.length > LABELS ? [...texts.slice(0, LABELS - 1), w.more(texts.length - LABELS + 1)] : texts
  const documents: SceneDocument[] = []
  for (const e of events)
    if (
      e.document !== undefined &&
      e.document.length > 60 &&
      documents.length < DOCUMENTS &&
      !documents.some((d) => d.title === shortened(e.what))
    )
      documents.push({ id: `${id}-${documents.length}`, title: shortened(e.what), text: pretty(e.document) })
  return { labels, documents }
}

const lowLevel = ['runc', 'crun', 'youki', 'runsc'] as const
/** The low-level runtime that was called last. */
const lastCalled = (trace: readonly TraceEvent[]): (typeof lowLevel)[number] =>
  lowLevel.find((n) => `file:${n}` === trace.findLast((e) => lowLevel.some((l) => e.to === `file:${l}`))?.to) ?? 'runc'

/** Docker's chain, from the processes and the trace of the world. */
function docker(input: SceneInput, w: Words): Scene {
  const { machine: view, kernel } = focus(input)
  const { trace } = input
  const processes = kernel?.processes ?? []
  const named = (name: string): readonly number[] =>
    processes.filter((p) => new RegExp(`(^|/)${name}( |$)`).test(p.command)).map((p) => p.pid)
  const by = (e: TraceEvent, name: string): boolean => aliases(e.from).includes(name)
  const daemon = (id: string, tag: string, title: string, detail: string, pids: readonly number[]): Box => ({
    id,
    kind: 'daemon',
    tag,
    title,
    details: [detail, pids.length > 0 ? w.pids(pids.join(', ')) : w.notNow],
    wide: true,
    refs: [id, ...pids.map((p) => `process:${p}`)],
    ...(pids.length > 0 ? {} : { faint: true }),
  })
  const sandboxes = view.containers.filter((c) => c.sentry !== undefined)
  // What the last command called; while it called none and a sandbox is all there is, what made that.
  const low =
    trace.some((e) => lowLevel.some((l) => e.to === `file:${l}`)) ||
    sandboxes.length === 0 ||
    sandboxes.length < view.containers.length
      ? lastCalled(trace)
      : 'runsc'
  const ran = trace.some((e) => e.kind === 'exec' && e.to === `file:${low}`)
  const named1 = named(low)
  const runc: Box = {
    ...daemon('runc', w.tags.low, low, w.details[low], named1),
    refs: ['runc', low, ...named1.map((p) => `process:${p}`)],
  }
  const pulls = trace.filter((e) => e.kind === 'http' && e.to.startsWith('registry:'))
  const kernelWork = [
    ...new Set(trace.filter((e) => (e.kind === 'namespace' || e.kind === 'cgroup') && by(e, low)).map((e) => e.what)),
  ]
  const boxes: Box[] = [
    {
      id: 'docker',
      kind: 'process',
      tag: w.tags.client,
      title: 'docker',
      details: [w.details.client],
      refs: ['docker', 'shell', 'session'],
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
    daemon('dockerd', w.tags.high, 'dockerd', w.details.dockerd, named('dockerd')),
    daemon('containerd', w.tags.high, 'containerd', w.details.containerd, named('containerd')),
    daemon('shim', w.tags.shim, 'containerd-shim-runc-v2', w.details.shim, named('containerd-shim-runc-v2')),
    ran && named1.length === 0 ? { ...runc, details: [w.details[low], w.gone] } : runc,
    ...sandboxes.map(
      (c): Box => ({
        id: `sentry:${c.id}`,
        kind: 'kernel',
        tag: w.tags.kernel,
        title: `Sentry (Linux ${c.sentry})`,
        details: [
          w.details.sentry,
          w.pids(
            processes
              .filter((p) => /^runsc-(sandbox|gofer) /.test(p.command) && p.command.includes(c.id))
              .map((p) => p.pid)
              .join(', '),
          ),
        ],
        wide: true,
        refs: processes
          .filter((p) => /^runsc-(sandbox|gofer) /.test(p.command) && p.command.includes(c.id))
          .map((p) => `process:${p.pid}`),
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
        view.containers.length > 0
          ? view.containers.map((c) => ({
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
  const links: Link[] = [
    { id: 'docker-dockerd', from: 'docker', to: 'dockerd', ...passed('api', trace, (e) => e.kind === 'api', w) },
    {
      id: 'dockerd-containerd',
      from: 'dockerd',
      to: 'containerd',
      ...passed('grpc', trace, (e) => e.kind === 'grpc' && e.to === 'containerd', w),
    },
    {
      id: 'containerd-shim',
      from: 'containerd',
      to: 'shim',
      ...passed(
        'ttrpc',
        trace,
        (e) => (e.kind === 'grpc' && e.to.startsWith('shim:')) || (e.kind === 'file' && e.to.startsWith('file:')),
        w,
      ),
    },
    {
      id: 'shim-runc',
      from: 'shim',
      to: 'runc',
      labels: [
        ...new Set(
          trace
            .filter((e) => e.kind === 'exec' && e.to === `file:${low}`)
            .map((e) => `${low} ${/ (create|start|exec|delete|kill|pause|resume)\b/.exec(e.what)?.[1] ?? ''}`),
        ),
      ],
    },
    { id: 'runc-kernel', from: 'runc', to: 'kernel', labels: kernelWork.length > 0 ? [kernelWork.join(', ')] : [] },
    ...(pulls.length > 0
      ? [{ id: 'dockerd-registry', from: 'dockerd', to: 'registry', ...passed('http', pulls, () => true, w) }]
      : []),
    ...sandboxes.flatMap((c): readonly Link[] => [
      { id: `container-sentry:${c.id}`, from: `container:${c.id}`, to: `sentry:${c.id}`, labels: [w.syscalls] },
      { id: `sentry-kernel:${c.id}`, from: `sentry:${c.id}`, to: 'kernel', labels: [w.fewCalls] },
    ]),
    ...(sandboxes.length > 0 && sandboxes.length === view.containers.length
      ? []
      : [{ id: 'container-kernel', from: 'containers', to: 'kernel', labels: [w.syscalls] }]),
  ]
  return { root: { id: 'runtimes', kind: 'machine', title: view.name, cell: 200, children: boxes }, links }
}

/** Chains of other set-ups, as their documentation draws them. */
function chainOf(choice: string, w: Words): Scene {
  type Entry = readonly [id: string, kind: Box['kind'], tag: string, title: string, detail: string, link?: string]
  const t = w.tags
  const d = w.details
  const chains: Readonly<Record<string, readonly Entry[]>> = {
    containerd: [
      ['docker', 'process', t.client, 'ctr, nerdctl, kubelet', d.ctr, 'gRPC'],
      ['containerd', 'daemon', t.high, 'containerd', d.containerd, 'ttRPC: Task.Create, Task.Start'],
      ['shim', 'daemon', t.shim, 'containerd-shim-runc-v2', d.shim, 'runc create, runc start'],
      ['runc', 'daemon', t.low, 'runc', d.runc, 'clone, mount, pivot_root, execve'],
      ['kernel', 'kernel', t.kernel, 'Linux', d.kernel],
    ],
    crio: [
      ['docker', 'process', t.client, 'kubelet', d.kubelet, 'CRI (gRPC): RunPodSandbox, CreateContainer'],
      ['containerd', 'daemon', t.high, 'CRI-O', d.crio, 'fork, exec'],
      ['shim', 'daemon', t.shim, 'conmon', d.conmon, 'crun create, crun start'],
      ['runc', 'daemon', t.low, 'crun / runc', d.crun, 'clone, mount, pivot_root, execve'],
      ['kernel', 'kernel', t.kernel, 'Linux', d.kernel],
    ],
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
  hosts: { containerd: '', crio: '', podman: '', kata: '' },
  // gVisor's is the world's as soon as something in it runs under runsc.
  scene: (input, w) =>
    input.choice === 'docker' ||
    input.choice === '' ||
    (input.choice === 'gvisor' && focus(input).machine.containers.some((c) => c.sentry !== undefined))
      ? docker(input, w)
      : chainOf(input.choice, w),
})
