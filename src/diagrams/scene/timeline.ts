/** Scene "timeline": dates of the history, each with a source behind it. */
import { words } from '../words/timeline.ts'
import { type Box, defineScene } from './types.ts'

const lanes = ['all', 'container', 'document', 'vm'] as const

export default defineScene({
  words,
  runs: false,
  choices: lanes,
  scene({ choice }, w) {
    const lane = lanes.find((l) => l === choice) ?? 'all'
    const years = new Map<string, Box[]>()
    for (const [id, [date, title, detail, kind]] of Object.entries(w.entries)) {
      if (lane !== 'all' && lane !== kind) continue
      const year = date.slice(0, 4)
      years.set(year, [
        ...(years.get(year) ?? []),
        { id: `event:${id}`, kind, tag: `${date} · ${w.lanes[kind]}`, title, details: detail ? [detail] : [] },
      ])
    }
    const boxes = [...years].map(
      ([year, children]): Box => ({
        id: `year:${year}`,
        kind: 'event',
        title: w.year(year),
        aside: 56,
        cell: 180,
        children,
      }),
    )
    return {
      root: { id: 'timeline', kind: 'group', title: '', arrange: 'column', children: boxes },
      links: boxes.slice(0, -1).map((b, i) => ({
        id: `next:${b.id}`,
        from: b.id,
        to: (boxes[i + 1] as Box).id,
        kind: 'line',
      })),
      sources: [
        'moby/moby tags v0.1.0, v1.0.0, v1.12.0; docker.com blog, 2014-03-10',
        'Business Wire, 2015-06-22 (OCI)',
        'opencontainers runtime-spec, image-spec, distribution-spec: tags',
        'containerd RELEASES.md (2026-08-22); The New Stack, November 2019',
        'Kubernetes: Container Runtimes, release schedule',
        'Docker Docs: Engine 29 release notes, deprecated features',
        'apple/container; microsoft/WSL release 3.0.1',
      ],
    }
  },
})
