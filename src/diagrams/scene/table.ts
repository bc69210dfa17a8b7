/** A scene as a table: the same facts as the picture, for those who would rather read. */
import { boxesOf, type Scene } from './types.ts'

export interface Row {
  readonly id: string
  readonly title: string
  /** Kind, details and measures. */
  readonly facts: string
  /** The box around it. */
  readonly within: string
  /** The kernel that answers its system calls. */
  readonly kernel: string
  /** What it is linked to, with what passes. */
  readonly links: string
}

/** One row a box, in the order in which the boxes are drawn; those that only hold others together, and say nothing, have none. */
export function rowsOf(scene: Scene): readonly Row[] {
  const titles = new Map([...boxesOf(scene.root)].map(({ box }) => [box.id, box.title]))
  const rows = [...boxesOf(scene.root)].map(({ box, parent }) => ({
    id: box.id,
    title: box.title,
    facts: [box.tag, ...(box.details ?? []), ...(box.meters ?? []).map((m) => m.label)].filter(Boolean).join(' · '),
    within: parent?.title ?? '',
    kernel: box.kernel === undefined ? '' : (titles.get(box.kernel) ?? ''),
    links: scene.links
      .filter((l) => l.from === box.id)
      .map((l) => `→ ${titles.get(l.to) ?? ''}${l.labels?.length ? ` (${l.labels.join(', ')})` : ''}`)
      .join('; '),
  }))
  return rows.filter((r) => r.title !== '' || r.facts !== '')
}
/** Columns of the table that hold anything; the first two always. */
export function columnsOf(rows: readonly Row[]): readonly (keyof Omit<Row, 'id'>)[] {
  return (['title', 'facts', 'within', 'kernel', 'links'] as const).filter(
    (c) => c === 'title' || c === 'facts' || rows.some((r) => r[c] !== ''),
  )
}

/** Which boxes came and went between two states of a scene. */
export function changesOf(
  before: Scene,
  after: Scene,
): { readonly came: readonly string[]; readonly went: readonly string[]; readonly changed: readonly string[] } {
  const text = (s: Scene) =>
    new Map([...boxesOf(s.root)].map(({ box }) => [box.id, { title: box.title, all: facts(box) }]))
  const facts = (box: Scene['root']): string => JSON.stringify([box.title, box.details, box.meters, box.faint])
  const old = text(before)
  const now = text(after)
  return {
    came: [...now].filter(([id]) => !old.has(id)).map(([, b]) => b.title),
    went: [...old].filter(([id]) => !now.has(id)).map(([, b]) => b.title),
    changed: [...now].filter(([id, b]) => old.has(id) && old.get(id)?.all !== b.all).map(([, b]) => b.title),
  }
}
