/** Where the boxes and links of a scene are: nested boxes with wrapped texts, rows of siblings, arrows in the gaps. Pure. */
import { type Box, boxesOf, type Link, type Meter, type Scene } from '../scene/types.ts'
import { textWidth, wrap } from './text.ts'

export interface TextLine {
  readonly style: 'tag' | 'title' | 'detail' | 'label'
  readonly x: number
  readonly y: number
  readonly text: string
}
export interface PlacedMeter {
  readonly meter: Meter
  readonly x: number
  readonly y: number
  readonly width: number
}
/** A box with its place; texts and meters are relative to its corner. */
export interface Placed {
  readonly box: Box
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly depth: number
  readonly parent: string | undefined
  readonly texts: readonly TextLine[]
  readonly meters: readonly PlacedMeter[]
}
export interface PlacedLink {
  readonly link: Link
  readonly path: string
  /** The head of the arrow; empty for lines. */
  readonly head: string
  readonly texts: readonly TextLine[]
}
export interface Layout {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Placed[]
  readonly links: readonly PlacedLink[]
}

/** Font sizes and line heights in px; draw/ sets the same in CSS. */
export const TYPE = {
  tag: { size: 10.5, line: 15 },
  title: { size: 14, line: 19 },
  detail: { size: 12, line: 17 },
  label: { size: 11.5, line: 16 },
} as const
const PAD = 10
const GAP = 10
/** A gap that an arrow goes through. */
const ARROW_GAP = 26
const INDENT = 20
export const METER = 7
/** Where an arrow leaves and arrives, from a box's left edge. */
const PORT = 18
/** Width of a lane at the right side, for links that pass other boxes. */
const LANE = 11
const CELL = 148

const isTree = (l: Link): boolean => l.kind === 'tree'
const lineGap = (labels: readonly string[] | undefined, width: number): readonly string[] =>
  (labels ?? []).flatMap((l) => wrap(l, TYPE.label.size, width))

/** Places a scene into a width in px. */
export function layoutScene(scene: Scene, width: number): Layout {
  const boxes: Placed[] = []
  const inGaps = new Map<Link, { readonly lines: readonly string[]; readonly offset: number }>()
  const parents = new Map([...boxesOf(scene.root)].map(({ box, parent }) => [box.id, parent?.id]))
  const links = scene.links.filter((l) => parents.has(l.from) && parents.has(l.to) && l.from !== l.to)
  const chain = (id: string): readonly string[] => {
    const out = [id]
    for (let at = parents.get(id); at !== undefined; at = parents.get(at)) out.push(at)
    return out
  }
  /** The innermost box around both ends of a link. */
  const around = (l: Link): string => {
    const up = new Set(chain(l.from).slice(1))
    return (
      chain(l.to)
        .slice(1)
        .find((id) => up.has(id)) ?? scene.root.id
    )
  }
  const linksIn = new Map<string, Link[]>()
  for (const l of links) linksIn.set(around(l), [...(linksIn.get(around(l)) ?? []), l])
  const adjacent = new Set<Link>()
  const laneCount = new Map<string, number>()
  const notes = new Map<string, readonly string[]>()
  const titles = new Map([...boxesOf(scene.root)].map(({ box }) => [box.id, box.title]))

  /** Rows of children that stand side by side. */
  const rowsOf = (box: Box, inner: number): { readonly cells: readonly Box[]; readonly columns: number }[] => {
    const rows: { cells: Box[]; columns: number }[] = []
    const children = box.children ?? []
    const least = box.cell ?? CELL
    for (let i = 0; i < children.length; ) {
      const first = children[i] as Box
      if (box.arrange === 'column' || first.wide) {
        rows.push({ cells: [first], columns: 1 })
        i++
        continue
      }
      let end = i
      while (end < children.length && !(children[end] as Box).wide) end++
      const run = children.slice(i, end)
      const fit = Math.max(1, Math.min(run.length, Math.floor((inner + GAP) / (least + GAP))))
      const columns = Math.ceil(run.length / Math.ceil(run.length / fit))
      for (let at = 0; at < run.length; at += columns) rows.push({ cells: run.slice(at, at + columns), columns })
      i = end
    }
    return rows
  }

  /** Kernels and hypervisors lie at the bottom of what stands on them, also where that was made taller. */
  const sink = (box: Box, by: number): void => {
    if (by <= 0) return
    for (let i = (box.children?.length ?? 0) - 1; i >= 0; i--) {
      const child = box.children?.[i] as Box
      if (!child.wide || !(child.kind === 'kernel' || child.kind === 'hypervisor' || child.kind === 'group')) return
      for (const { box: b } of boxesOf(child)) {
        const at = boxes.findIndex((p) => p.box.id === b.id)
        const p = boxes[at] as Placed
        boxes[at] = { ...p, y: p.y + by }
      }
    }
  }
  const place = (box: Box, x: number, y: number, w: number, depth: number, parent: string | undefined): number => {
    const index = boxes.length
    const texts: TextLine[] = []
    const meters: PlacedMeter[] = []
    const room = w - 2 * PAD
    let at = PAD - 3
    const write = (style: TextLine['style'], text: string): void => {
      const { size, line } = TYPE[style]
      for (const part of wrap(text, size, room, style === 'title')) {
        at += line
        texts.push({ style, x: PAD, y: at - line * 0.27, text: part })
      }
    }
    if (box.tag) write('tag', box.tag)
    if (box.title) write('title', box.title)
    for (const detail of box.details ?? []) write('detail', detail)
    for (const note of notes.get(box.id) ?? []) write('label', note)
    for (const meter of box.meters ?? []) {
      write('detail', meter.label)
      const axis = meter.ticks?.some((t) => t.label !== undefined) ?? false
      // An axis stands over the meters of the boxes below, which begin one padding further in.
      const inset = axis ? PAD : 0
      meters.push({ meter, x: PAD + inset, y: at + 1, width: room - 2 * inset })
      at += METER + 4
      if (axis) {
        at += TYPE.tag.line
        for (const t of meter.ticks ?? []) {
          const text = t.label ?? ''
          const half = textWidth(text, TYPE.tag.size) / 2
          const x = PAD + inset + t.at * (room - 2 * inset) - half
          texts.push({ style: 'tag', x: Math.max(PAD, Math.min(w - PAD - 2 * half, x)), y: at - 3, text })
        }
      }
    }
    boxes.push({ box, x, y, width: w, height: 0, depth, parent, texts, meters })
    const children = box.children ?? []
    if (children.length > 0) {
      const mine = linksIn.get(box.id) ?? []
      const left = x + PAD
      // Links that no gap can hold go through lanes at the right side; lanes take width, and so may change the rows.
      const row = new Map<string, number>()
      let rows = rowsOf(box, room)
      const next = (l: Link): boolean => {
        const a = row.get(l.from)
        const b = row.get(l.to)
        if (a === undefined || b === undefined || Math.abs(a - b) !== 1) return false
        // An arrow goes straight down, so one end must be as wide as the row.
        return rows[a]?.columns === 1 || rows[b]?.columns === 1
      }
      let lanes = 0
      for (let turn = 0; turn < 3; turn++) {
        rows = rowsOf(box, room - lanes * LANE)
        row.clear()
        rows.forEach(({ cells }, i) => {
          for (const c of cells) row.set(c.id, i)
        })
        const needed = mine.filter((l) => !isTree(l) && !next(l)).length
        if (needed <= lanes) break
        lanes = needed
      }
      laneCount.set(box.id, lanes)
      // A lane has no room for words: they stand in the box that the link leaves.
      for (const l of mine)
        if (!isTree(l) && !next(l) && l.labels?.length)
          notes.set(l.from, [...(notes.get(l.from) ?? []), `→ ${titles.get(l.to)}: ${l.labels.join(', ')}`])
      const inner = room - lanes * LANE
      let top = y + at + (box.title || box.tag ? 7 : 0)
      rows.forEach(({ cells, columns }, r) => {
        const cell = (inner - GAP * (columns - 1)) / columns
        const from = boxes.length
        let tallest = 0
        cells.forEach((c, i) => {
          const indent = (c.level ?? 0) * INDENT
          tallest = Math.max(tallest, place(c, left + i * (cell + GAP) + indent, top, cell - indent, depth + 1, box.id))
        })
        // One row has one height: boxes beside each other end together.
        const ids = new Set(cells.map((c) => c.id))
        for (let i = from; i < boxes.length; i++) {
          const p = boxes[i] as Placed
          if (!ids.has(p.box.id)) continue
          boxes[i] = { ...p, height: tallest }
          sink(p.box, tallest - p.height)
        }
        top += tallest
        if (r === rows.length - 1) return
        const passing = mine.filter(
          (l) => !isTree(l) && next(l) && Math.min(row.get(l.from) as number, row.get(l.to) as number) === r,
        )
        let gap: number = GAP
        const below = rows[r + 1]
        // An arrow ends at the narrower of its boxes; several at one box share its width.
        const narrowRow = columns > 1 ? r : r + 1
        const at = (l: Link): string => (row.get(l.from) === narrowRow ? l.from : l.to)
        const used = new Map<string, number>()
        const shares = new Map<string, number>()
        for (const link of passing) shares.set(at(link), (shares.get(at(link)) ?? 0) + 1)
        for (const link of passing) {
          adjacent.add(link)
          const narrow = Math.max(columns, below?.columns ?? 1)
          const share = (inner - GAP * (narrow - 1)) / narrow / (shares.get(at(link)) ?? 1)
          const nth = used.get(at(link)) ?? 0
          used.set(at(link), nth + 1)
          const lines = lineGap(link.labels, share - PORT - 12)
          inGaps.set(link, { lines, offset: nth * share })
          gap = Math.max(gap, ARROW_GAP, lines.length * TYPE.label.line + 14)
        }
        top += gap
      })
      at = top - y
    }
    const height = at + PAD
    boxes[index] = { ...(boxes[index] as Placed), height }
    return height
  }
  const height = place(scene.root, 0, 0, width, 0, undefined)
  const byId = new Map(boxes.map((p) => [p.box.id, p]))
  const lane = new Map<string, number>()
  const placedLinks = links.map((link): PlacedLink => {
    const a = byId.get(link.from) as Placed
    const b = byId.get(link.to) as Placed
    if (isTree(link)) {
      const x = a.x + INDENT / 2
      const y = b.y + Math.min(18, b.height / 2)
      return { link, path: `M${r1(x)},${r1(a.y + a.height)}V${r1(y)}H${r1(b.x)}`, head: '', texts: [] }
    }
    const arrow = link.kind !== 'line'
    if (adjacent.has(link)) {
      const down = b.y > a.y
      // The narrower of the two decides where: an arrow must touch both.
      const narrow = a.width < b.width ? a : b
      const { lines, offset } = inGaps.get(link) ?? { lines: [], offset: 0 }
      const x = narrow.x + PORT + offset
      const [y1, y2] = down ? [a.y + a.height, b.y] : [a.y, b.y + b.height]
      const middle = (y1 + y2) / 2 - (lines.length * TYPE.label.line) / 2
      const texts = lines.map((text, i) => ({
        style: 'label' as const,
        x: x + 12,
        y: middle + (i + 1) * TYPE.label.line - 4.5,
        text,
      }))
      const tip = down ? -7 : 7
      return {
        link,
        path: `M${r1(x)},${r1(y1)}V${r1(arrow ? y2 + tip : y2)}`,
        head: arrow ? `M${r1(x)},${r1(y2)}l-4.5,${tip}h9Z` : '',
        texts,
      }
    }
    const box = byId.get(around(link)) as Placed
    const n = lane.get(box.box.id) ?? 0
    lane.set(box.box.id, n + 1)
    const x = box.x + box.width - PAD - (laneCount.get(box.box.id) ?? 1) * LANE + n * LANE + 6
    const y1 = a.y + Math.min(a.height - 6, 14 + n * 4)
    const y2 = b.y + Math.min(b.height - 6, 22 + n * 4)
    return {
      link,
      path: `M${r1(a.x + a.width)},${r1(y1)}H${r1(x)}V${r1(y2)}H${r1(b.x + b.width + (arrow ? 7 : 0))}`,
      head: arrow ? `M${r1(b.x + b.width)},${r1(y2)}l7,-4.5v9Z` : '',
      texts: [],
    }
  })
  return { width, height, boxes, links: placedLinks }
}
const r1 = (n: number): number => Math.round(n * 10) / 10

/** Whether every line of text fits its box by our own count; tests ask. */
export function overflows(layout: Layout): readonly string[] {
  return layout.boxes.flatMap((p) =>
    p.texts
      .filter((t) => t.x + textWidth(t.text, TYPE[t.style].size, t.style === 'title') > p.width - PAD + 1)
      .map((t) => `${p.box.id}: ${t.text}`),
  )
}
