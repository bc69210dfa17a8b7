/** Scene "syscalls": the way of one system call under runc, gVisor, Kata and in a virtual machine. */
import { type Way, words } from '../words/syscalls.ts'
import { defineScene } from './types.ts'

const ways: readonly Way[] = ['runc', 'gvisor', 'kata', 'vm']

export default defineScene({
  words,
  runs: false,
  choices: ways,
  scene({ choice }, w) {
    const way = ways.find((x) => x === choice) ?? 'runc'
    const stations = w.ways[way]
    const answering = w.answering[way]
    return {
      root: {
        id: 'syscalls',
        kind: 'group',
        title: '',
        arrange: 'column',
        children: stations.map(([id, kind, tag, title, detail]) => ({
          id,
          kind,
          tag: id === answering ? `${tag} · ${w.answers}` : tag,
          title,
          details: detail ? [detail] : [],
          ...(id === answering ? { strong: true } : {}),
          ...(id === 'app' ? { kernel: answering } : {}),
          ...(kind === 'kernel' && id !== answering ? { faint: true } : {}),
        })),
      },
      links: stations.slice(0, -1).map((s, i) => ({
        id: `call:${s[0]}`,
        from: s[0],
        to: stations[i + 1]?.[0] as string,
        labels: s[5] ? [s[5]] : [],
      })),
      sources: [
        'OCI Runtime Specification v1.3.0, config-linux.md (2025-11-04)',
        'gVisor, Platform Guide (2026-08-21)',
        'Kata Containers 4.1, documentation (2026-08-22)',
      ],
    }
  },
})
