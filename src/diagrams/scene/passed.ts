/** What went from one part of a world to another: labels beside an arrow, and the documents that open from it. */
import type { TraceEvent } from '../../emulator/base/trace.ts'
import type { Link, SceneDocument } from './types.ts'

/** Lines beside one arrow, and documents of one link. */
const LABELS = 4
const DOCUMENTS = 6

/** What was asked for as people say it: ids as docker prints them, no API version, nothing escaped, no query that only repeats the path. */
function shortened(text: string): string {
  const short = text
    .replace(/[0-9a-f]{64}/g, (id) => id.slice(0, 12))
    .replace('/v1.55', '')
    .replace(/^(GET \/token|(?:POST|PUT|PATCH) \/v2\/\S+\/blobs\/uploads\/)\S*$/, '$1')
  try {
    return decodeURIComponent(short)
  } catch {
    return short
  }
}
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
/** The labels, without repetition, and documents of a link's events; `more` says how many labels there was no room for. */
export function passed(
  id: string,
  trace: readonly TraceEvent[],
  takes: (e: TraceEvent) => boolean,
  w: { readonly more: (n: number) => string },
  lines = LABELS,
): Pick<Link, 'labels' | 'documents'> {
  const events = trace.filter(takes)
  const texts = [...new Set(events.map((e) => shortened(e.what)))]
  const labels = texts.length > lines ? [...texts.slice(0, lines - 1), w.more(texts.length - lines + 1)] : texts
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
