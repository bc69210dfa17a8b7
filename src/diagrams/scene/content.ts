/** What a registry's conversation tells of an image: the documents that were fetched or sent, and what became of each blob. */
import type { TraceEvent } from '../../emulator/base/trace.ts'
import { partName } from '../words/common.ts'

export interface Descriptor {
  readonly digest: string
  readonly size: number
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string }
}
export interface Content {
  readonly registry: string
  /** Who spoke with it, by the program's name. */
  readonly engine: string
  readonly repository: string
  /** The tag, or the digest that was asked for. */
  readonly reference: string
  /** Entries of the index; undefined where the reference leads to a manifest at once. */
  readonly entries: readonly Descriptor[] | undefined
  readonly manifest:
    | { readonly digest: string; readonly config: Descriptor; readonly layers: readonly Descriptor[] }
    | undefined
  readonly run: readonly string[] | undefined
  /** What was done about a blob, by its digest. */
  readonly blobs: ReadonlyMap<string, 'fetched' | 'sent' | 'there'>
  /** The requests, in order. */
  readonly requests: readonly TraceEvent[]
}
interface Request {
  readonly event: TraceEvent
  readonly method: string
  readonly repository: string
  readonly kind: string
  readonly reference: string
  readonly document: Record<string, unknown> | undefined
}
function requestOf(event: TraceEvent): Request | undefined {
  const m =
    event.kind === 'http' &&
    /^(GET|HEAD|POST|PUT) \/v2\/(.+)\/(manifests|blobs\/uploads|blobs)\/(\S*)$/.exec(event.what)
  if (!m) return undefined
  let document: Record<string, unknown> | undefined
  try {
    if (event.document !== undefined) document = JSON.parse(event.document) as Record<string, unknown>
  } catch {
    // A layer that begins like JSON is no document.
  }
  return {
    event,
    method: m[1] as string,
    repository: m[2] as string,
    kind: m[3] as string,
    reference: decodeURIComponent(m[4] ?? ''),
    document,
  }
}
const isIndex = (r: Request): boolean => Array.isArray(r.document?.manifests)
const isManifest = (r: Request): boolean => Array.isArray(r.document?.layers)

/** The last image that was pulled or pushed, as far as the conversation has come; undefined where there was none. */
export function contentOf(history: readonly TraceEvent[], what: 'pull' | 'push'): Content | undefined {
  const all = history.map(requestOf).filter((r) => r !== undefined)
  const push = what === 'push'
  const asks = (r: Request): boolean => (push ? r.method !== 'GET' : r.method === 'GET')
  /** A conversation is about one repository, and begins anew with a tag that is asked for or after one that was sent. */
  const last = all.findLast((r) => asks(r) && (push || isIndex(r) || isManifest(r)))
  if (!last) return undefined
  const same = all.filter((r) => asks(r) && r.repository === last.repository && r.event.to === last.event.to)
  const tagged = (r: Request): boolean => r.kind === 'manifests' && !r.reference.startsWith('sha256:')
  const ends = same.flatMap((r, i) => (push && tagged(r) ? [i] : []))
  const begin = push
    ? (ends.findLast((i) => i < same.length - 1) ?? -1) + 1
    : same.findLastIndex((r) => isIndex(r) || tagged(r))
  const talk = same.slice(Math.max(0, begin))
  const named = talk.find(tagged) ?? (push ? undefined : talk[0])
  const index = talk.find(isIndex)
  const manifest = talk.find(isManifest)
  const config = talk.find((r) => r.kind === 'blobs' && r.document !== undefined)?.document?.config as
    | { Entrypoint?: string[]; Cmd?: string[] }
    | undefined
  const sent = (digest: string): boolean =>
    talk.some((r) => r.method === 'PUT' && r.kind === 'blobs/uploads' && r.reference.endsWith(digest))
  return {
    registry: last.event.to.slice('registry:'.length),
    engine: partName(last.event.from).replace(/ \(.*$/, ''),
    repository: last.repository,
    reference: named?.reference ?? '',
    entries: index?.document?.manifests as readonly Descriptor[] | undefined,
    manifest: manifest && {
      digest: manifest.reference,
      config: manifest.document?.config as Descriptor,
      layers: manifest.document?.layers as readonly Descriptor[],
    },
    run: config && [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])],
    blobs: new Map(
      talk
        .filter((r) => r.kind === 'blobs')
        .map((r) => [r.reference, push ? (sent(r.reference) ? 'sent' : 'there') : 'fetched']),
    ),
    requests: talk.map((r) => r.event),
  }
}
