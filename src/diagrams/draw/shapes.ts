/** Placed boxes and links to shapes: the one description that build and browser both draw from. */
import { type Layout, METER, type Placed, type PlacedLink } from '../layout/index.ts'

export type Attributes = Readonly<Record<string, string | number>>
/** One SVG element of a group. Keys are stable within the group. */
export interface Part {
  readonly key: string
  readonly tag: 'rect' | 'path' | 'text' | 'title'
  /** Attributes that move when they change. */
  readonly moving?: Attributes
  readonly fixed?: Attributes
  readonly text?: string
}
/** One <g>: a box or a link. */
export interface Group {
  readonly key: string
  readonly class: string
  readonly attributes: Attributes
  readonly x: number
  readonly y: number
  readonly parts: readonly Part[]
}
const round = (n: number): number => Math.round(n * 10) / 10

/** What screen readers say of a box. */
export function labelOf(p: Placed): string {
  const { box } = p
  return [
    box.tag ? `${box.tag}: ${box.title}` : box.title,
    ...(box.details ?? []),
    ...(box.meters ?? []).map((m) => m.label),
  ]
    .filter(Boolean)
    .join(', ')
}

/**
 * The box's label with what only its drawing says, such as where an arrow without room for words leads; and which of the drawn texts end
 * with a word: a line's end is one but where a sentence without spaces was broken. So who copies or compares the texts gets words.
 */
function spoken(p: Placed): { readonly label: string; readonly ends: readonly boolean[] } {
  let label = labelOf(p)
  if (label === '') return { label, ends: p.texts.map(() => true) }
  let read = 0
  let added = ''
  const ends = p.texts.map((t) => {
    const found = label.indexOf(t.text, read)
    if (found >= 0) {
      read = found + t.text.length
      added = ''
    } else {
      const text = `${added === t.style ? ' ' : ', '}${t.text}`
      label = label.slice(0, read) + text + label.slice(read)
      read += text.length
      added = t.style
    }
    return !/^[^\s,:]/.test(label.slice(read))
  })
  return { label, ends }
}

interface Place {
  readonly level: number
  readonly position: number
  readonly size: number
}
function boxGroup(p: Placed, place: Place): Group {
  const { box } = p
  const { label, ends } = spoken(p)
  const parts: Part[] = [
    {
      key: 'rect',
      tag: 'rect',
      moving: { width: round(p.width), height: round(p.height) },
      fixed: { class: 'zk-frame', rx: 3 },
    },
  ]
  // A machine has a second rule inside, as the plates of a printed book do.
  if (box.kind === 'machine')
    parts.push({
      key: 'inner',
      tag: 'rect',
      moving: { width: round(p.width - 6), height: round(p.height - 6) },
      fixed: { class: 'zk-rule', x: 3, y: 3, rx: 1.5 },
    })
  if (box.kind === 'kernel' || box.kind === 'hypervisor')
    parts.push({
      key: 'edge',
      tag: 'rect',
      moving: { height: round(p.height) },
      fixed: { class: 'zk-edge', width: 4, rx: 1.5 },
    })
  p.texts.forEach((t, i) => {
    parts.push({
      key: `t${parts.length}`,
      tag: 'text',
      // The box's label says it all, in whole sentences: these are its pieces as they fit the lines.
      fixed: { class: `zk-${t.style}`, x: round(t.x), y: round(t.y), 'aria-hidden': 'true' },
      text: ends[i] ? `${t.text} ` : t.text,
    })
  })
  for (const { meter, x, y, width } of p.meters) {
    const from = Math.max(0, Math.min(1, meter.from ?? 0))
    const to = Math.max(from, Math.min(1, meter.fraction))
    parts.push(
      {
        key: `${meter.id}-track`,
        tag: 'rect',
        moving: { width: round(width) },
        fixed: { class: 'zk-track', x: round(x), y: round(y), height: METER, rx: 1 },
      },
      ...(meter.ticks
        ? [
            {
              key: `${meter.id}-ticks`,
              tag: 'path' as const,
              fixed: {
                class: 'zk-ticks',
                d: meter.ticks.map((t) => `M${round(x + t.at * width)},${round(y)}v${METER + 2}`).join(''),
              },
            },
          ]
        : []),
      {
        key: `${meter.id}-fill`,
        tag: 'rect',
        moving: { x: round(x + from * width), width: round(Math.max(to > from ? 2 : 0, (to - from) * width)) },
        fixed: { class: meter.alarm ? 'zk-fill zk-alarm' : 'zk-fill', y: round(y), height: METER, rx: 1 },
      },
    )
  }
  return {
    key: box.id,
    class: `zk-box zk-${box.kind}${box.faint ? ' zk-faint' : ''}${box.strong ? ' zk-strong' : ''}`,
    attributes:
      label === ''
        ? { role: 'none' }
        : {
            role: 'treeitem',
            'aria-level': place.level,
            'aria-posinset': place.position,
            'aria-setsize': place.size,
            'aria-label': label,
          },
    x: round(p.x),
    y: round(p.y),
    parts,
  }
}

function linkGroup(p: PlacedLink): Group {
  const parts: Part[] = [{ key: 'path', tag: 'path', fixed: { class: 'zk-path', d: p.path } }]
  if (p.head) parts.push({ key: 'head', tag: 'path', fixed: { class: 'zk-head', d: p.head } })
  p.texts.forEach((t, i) => {
    parts.push({
      key: `l${i}`,
      tag: 'text',
      fixed: { class: 'zk-label', x: round(t.x), y: round(t.y) },
      text: t.text,
    })
  })
  const opens = (p.link.documents?.length ?? 0) > 0
  return {
    key: p.link.id,
    class: `zk-link zk-link-${p.link.kind ?? 'arrow'}${opens ? ' zk-opens' : ''}`,
    // What links say is in the table and, where documents pass, in the panel: readers by ear needn't walk through lines.
    attributes: { 'aria-hidden': 'true', ...(opens ? { 'data-open': p.link.documents?.[0]?.id ?? '' } : {}) },
    x: 0,
    y: 0,
    parts,
  }
}

/** The groups of a picture, in the order in which they are painted. Boxes that only hold others together are no items of the tree. */
export function groupsOf(layout: Layout): readonly Group[] {
  const byId = new Map(layout.boxes.map((p) => [p.box.id, p]))
  /** The named boxes around a box, innermost first. */
  const around = (p: Placed): readonly Placed[] => {
    const out: Placed[] = []
    for (let at = byId.get(p.parent ?? ''); at; at = byId.get(at.parent ?? '')) if (labelOf(at) !== '') out.push(at)
    return out
  }
  const items = layout.boxes.map((p) => {
    const outer = around(p)
    return { p, level: outer.length + 1, parent: outer[0]?.box.id, named: labelOf(p) !== '' }
  })
  const siblings = new Map<string | undefined, number>()
  for (const { parent, named } of items) if (named) siblings.set(parent, (siblings.get(parent) ?? 0) + 1)
  const seen = new Map<string | undefined, number>()
  const boxes = items.map(({ p, level, parent, named }) => {
    const position = (seen.get(parent) ?? 0) + (named ? 1 : 0)
    seen.set(parent, position)
    return boxGroup(p, { level, position, size: siblings.get(parent) ?? 1 })
  })
  return [...boxes, ...layout.links.map(linkGroup)]
}
export const viewBoxOf = (layout: Layout): string => `-1 -1 ${round(layout.width + 2)} ${round(layout.height + 2)}`
