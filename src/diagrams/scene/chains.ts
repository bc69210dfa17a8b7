/** Chains of runtimes that no world stands behind yet. */
import type { words } from '../words/runtimes.ts'
import type { Box, Scene } from './types.ts'

type Words = (typeof words)['en']

/** A set-up as its documentation draws it. */
export function chainOf(choice: string, w: Words): Scene {
  type Entry = readonly [id: string, kind: Box['kind'], tag: string, title: string, detail: string, link?: string]
  const t = w.tags
  const d = w.details
  const chains: Readonly<Record<string, readonly Entry[]>> = {
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
