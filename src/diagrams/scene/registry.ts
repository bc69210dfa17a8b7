/** Scene "registry": the documents that a tag leads to, as the last pull fetched them. */
import type { TraceEvent } from '../../emulator/base/trace.ts'
import { words } from '../words/registry.ts'
import { amount, short } from './amount.ts'
import { type Box, defineScene, type Link } from './types.ts'

interface Descriptor {
  readonly digest: string
  readonly size: number
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string }
}
interface Fetched {
  readonly repository: string
  readonly kind: 'manifests' | 'blobs'
  readonly reference: string
  readonly document: Record<string, unknown>
}
/** The documents that a registry answered with, in order. */
export function fetchedOf(trace: readonly TraceEvent[]): readonly Fetched[] {
  const out: Fetched[] = []
  for (const e of trace) {
    const m = e.kind === 'http' && /^GET \/v2\/(.+)\/(manifests|blobs)\/(\S+)$/.exec(e.what)
    if (!m || e.document === undefined) continue
    try {
      out.push({
        repository: m[1] as string,
        kind: m[2] as Fetched['kind'],
        reference: m[3] as string,
        document: JSON.parse(e.document) as Record<string, unknown>,
      })
    } catch {
      // A layer that begins like JSON is no document.
    }
  }
  return out
}
const platformOf = (d: Descriptor): string =>
  [d.platform?.os, d.platform?.architecture, d.platform?.variant].filter(Boolean).join('/')

export default defineScene({
  words,
  setup: 'docker pull nginx:1.25.3-alpine',
  actions: {
    nginx: 'docker pull nginx:1.25.3-alpine',
    alpine: 'docker pull alpine:3.22',
    arm: 'docker pull --platform linux/arm64 alpine:3.22',
  },
  scene({ history }, w) {
    const fetched = fetchedOf(history)
    const at = fetched.findLastIndex((f) => Array.isArray(f.document.manifests))
    const index = fetched[at]
    if (!index)
      return {
        root: {
          id: 'registry',
          kind: 'group',
          title: '',
          children: [{ id: 'empty:registry', kind: 'empty', title: w.none }],
        },
        links: [],
      }
    const after = fetched.slice(at + 1).filter((f) => f.repository === index.repository)
    const manifest = after.find((f) => Array.isArray(f.document.layers))
    const config = after.find((f) => f.kind === 'blobs')
    const entries = index.document.manifests as readonly Descriptor[]
    const layers = (manifest?.document.layers ?? []) as readonly Descriptor[]
    const largest = Math.max(1, ...layers.map((l) => l.size))
    const run = config?.document.config as { Entrypoint?: string[]; Cmd?: string[] } | undefined
    const links: Link[] = [{ id: 'tag-index', from: 'tag', to: 'index', labels: [w.points] }]
    const boxes: Box[] = [
      {
        id: 'tag',
        kind: 'document',
        tag: w.tag,
        title: index.reference.startsWith('sha256:')
          ? `${index.repository}@${short(index.reference)}`
          : `${index.repository}:${index.reference}`,
        wide: true,
        refs: ['registry'],
      },
      {
        id: 'index',
        kind: 'document',
        tag: w.index,
        title: w.indexDetail,
        details: [],
        wide: true,
        children: entries.map((d) => {
          const taken = d.digest === manifest?.reference
          return {
            id: `entry:${d.digest}`,
            kind: 'layer',
            tag: w.platform,
            title: platformOf(d),
            details: [`sha256:${short(d.digest)}…`, taken ? w.chosen : w.notFetched],
            ...(taken ? { strong: true } : { faint: true }),
          }
        }),
      },
    ]
    if (manifest) {
      const platform = entries.find((d) => d.digest === manifest.reference)
      boxes.push({
        id: 'manifest',
        kind: 'document',
        tag: w.manifest,
        title: `sha256:${short(manifest.reference)}…`,
        details: [w.listed(layers.length + 1)],
        wide: true,
      })
      links.push({
        id: 'index-manifest',
        from: 'index',
        to: 'manifest',
        labels: platform ? [w.matches(platformOf(platform))] : [],
      })
      const d = manifest.document.config as Descriptor
      boxes.push({
        id: 'config',
        kind: 'file',
        tag: w.config,
        title: `sha256:${short(d.digest)}…`,
        details: [
          amount(d.size),
          w.configDetail,
          ...(run ? [w.command([...(run.Entrypoint ?? []), ...(run.Cmd ?? [])].join(' '))] : []),
        ],
      })
      layers.forEach((l, i) => {
        boxes.push({
          id: `blob:${l.digest}`,
          kind: 'layer',
          tag: w.layer(i + 1),
          title: `sha256:${short(l.digest)}…`,
          meters: [{ id: 'size', label: amount(l.size), fraction: l.size / largest }],
        })
      })
      links.push({ id: 'manifest-config', from: 'manifest', to: 'config' })
    }
    return {
      root: {
        id: 'registry',
        kind: 'machine',
        tag: w.registry,
        title: 'docker.io',
        details: [w.registryDetail],
        children: boxes,
        refs: [],
      },
      links,
    }
  },
})
