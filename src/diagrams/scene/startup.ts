/** Scene "startup": cited figures for start and memory on a logarithmic scale. */
import { type FigureId, words } from '../words/startup.ts'
import { type Box, defineScene } from './types.ts'

interface Figure {
  readonly id: FigureId
  readonly kind: 'process' | 'container' | 'vm'
  /** Milliseconds, or megabytes. */
  readonly value: number
  readonly text: string
  readonly bound?: 'most' | 'about'
}
const times: readonly Figure[] = [
  { id: 'fork', kind: 'process', value: 1, text: '1 ms', bound: 'about' },
  { id: 'lightvm', kind: 'vm', value: 2.3, text: '2.3 ms' },
  { id: 'crun', kind: 'container', value: 47.3, text: '47.3 ms' },
  { id: 'youki', kind: 'container', value: 111.5, text: '111.5 ms' },
  { id: 'firecracker', kind: 'vm', value: 125, text: '125 ms', bound: 'most' },
  { id: 'runc', kind: 'container', value: 224.6, text: '224.6 ms' },
  { id: 'runsc', kind: 'container', value: 1140, text: '1.14 s' },
  { id: 'dockerRun', kind: 'container', value: 1190, text: '1.19 s' },
]
const memories: readonly Figure[] = [
  { id: 'runcMemory', kind: 'container', value: 4.1, text: '4.1 MB' },
  { id: 'firecrackerMemory', kind: 'vm', value: 5.24, text: '5 MiB', bound: 'most' },
  { id: 'runscMemory', kind: 'container', value: 23.7, text: '23.7 MB' },
]

/** What one GiB is in the megabytes of these figures. */
const GIB = 1073.7

export default defineScene({
  words,
  runs: false,
  choices: ['time', 'memory'],
  scene({ choice }, w) {
    const memory = choice === 'memory'
    const figures = memory ? memories : times
    const [low, high] = memory ? [1, 100] : [0.1, 10_000]
    const decades = Math.round(Math.log10(high / low))
    const names = memory ? ['1 MB', '10 MB', '100 MB'] : ['0.1 ms', '1 ms', '10 ms', '100 ms', '1 s', '10 s']
    const ticks = Array.from({ length: decades + 1 }, (_, i) => ({ at: i / decades }))
    const place = (value: number): number => Math.log10(value / low) / Math.log10(high / low)
    return {
      root: {
        id: 'startup',
        kind: 'group',
        title: '',
        meters: [
          {
            id: 'axis',
            label: w.scale(names[0] as string, names.at(-1) as string),
            fraction: 0,
            ticks: ticks.map((t, i) => ({ ...t, label: names[i] as string })),
          },
        ],
        arrange: 'column',
        children: figures.map(
          (f): Box => ({
            id: `figure:${f.id}`,
            kind: f.kind,
            tag: w.kinds[f.kind],
            title: w.figures[f.id][0],
            details: [w.figures[f.id][1], ...(memory ? [w.density(Math.floor(GIB / f.value / 10) * 10)] : [])],
            meters: [
              {
                id: 'value',
                label: f.bound === 'most' ? w.atMost(f.text) : f.bound === 'about' ? w.about(f.text) : f.text,
                fraction: place(f.value),
                ticks,
              },
            ],
          }),
        ),
      },
      links: [],
      sources: [
        'Manco et al., My VM is Lighter (and Safer) than your Container, SOSP 2017 (abstract)',
        'youki, README (2024-05)',
        'Firecracker, SPECIFICATION.md (2026)',
        'gVisor, Performance Guide (data since 2020-05)',
      ],
    }
  },
})
