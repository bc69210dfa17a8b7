/** Where the boxes and links of a scene are: nested boxes with wrapped texts, rows of siblings, arrows in the gaps. Pure. */
import type { Box, Link, Scene } from '../scene/types.ts'
import { drawLink, type Grid, isTree, linksOf, type Route, type Way, wayOf } from './links.ts'
import { textWidth, wrap } from './text.ts'
import {
  ARROW_GAP,
  CELL,
  CLEAR,
  GAP,
  INDENT,
  LANE,
  type Layout,
  METER,
  PAD,
  type Placed,
  type PlacedMeter,
  PORT,
  type TextLine,
  TRACK,
  TYPE,
} from './types.ts'

export { type Layout, METER, type Placed, type PlacedLink } from './types.ts'

interface Row {
  readonly cells: readonly Box[]
  readonly columns: number
}
/** Rows of children that stand side by side. */
function rowsOf(box: Box, inner: number, gap: number): readonly Row[] {
  const rows: Row[] = []
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
    const fit = Math.max(1, Math.min(run.length, Math.floor((inner + gap) / (least + gap))))
    const columns = Math.ceil(run.length / Math.ceil(run.length / fit))
    for (let at = 0; at < run.length; at += columns) rows.push({ cells: run.slice(at, at + columns), columns })
    i = end
  }
  return rows
}
function gridOf(rows: readonly Row[]): Grid {
  const grid = new Map<string, { row: number; column: number; columns: number }>()
  rows.forEach(({ cells, columns }, row) => {
    cells.forEach((c, column) => {
      grid.set(c.id, { row, column, columns })
    })
  })
  return grid
}
/** Whether the children of a box stand on one of them, and so at its bottom where it has room to spare. */
function stands(box: Box): boolean {
  const last = box.children?.at(-1)
  return last?.wide === true && (last.kind === 'kernel' || last.kind === 'hypervisor' || last.kind === 'group')
}
const isSide = (way: Way): boolean => way === 'side' || way === 'under'
/** Below this width of its texts a box has a small title. */
const NARROW_ROOM = 72

/** Places a scene into a width in px. */
export function layoutScene(scene: Scene, width: number): Layout {
  const boxes: Placed[] = []
  const indexes = new Map<string, number>()
  const links = linksOf(scene)
  const routes = new Map<Link, Route>()
  const notes = new Map<string, readonly string[]>()

  const sink = (box: Box, by: number): void => {
    for (const child of box.children ?? []) {
      const at = indexes.get(child.id) as number
      const p = boxes[at] as Placed
      boxes[at] = { ...p, y: p.y + by }
      sink(child, by)
    }
  }
  /** Places the children of a box from `top` on; returns the y below the last of them. */
  const fill = (box: Box, left: number, top: number, room: number, depth: number): number => {
    const mine = links.within(box).filter((l) => !isTree(l))
    // Links that no gap can hold go through lanes at the right side; both lanes and gaps take width, and so may change the rows.
    let rows: readonly Row[] = []
    let ways = new Map<Link, Way>()
    let lanes = 0
    let gap: number = GAP
    for (let turn = 0; turn < 4; turn++) {
      rows = rowsOf(box, room - lanes * LANE, gap)
      const grid = gridOf(rows)
      ways = new Map(mine.map((l) => [l, wayOf(links, box, l, grid)]))
      const needed = mine.filter((l) => ways.get(l) === 'lane').length
      const sides = mine.filter((l) => isSide(ways.get(l) as Way)).length
      const wanted = sides > 0 ? 2 * CLEAR + 2 + (sides - 1) * TRACK : GAP
      if (needed <= lanes && wanted <= gap) break
      lanes = Math.max(lanes, needed)
      gap = Math.max(gap, wanted)
    }
    const grid = gridOf(rows)
    let lane = 0
    let side = 0
    for (const l of mine) {
      const way = ways.get(l) as Way
      if (way === 'lane') routes.set(l, { way, around: box.id, nth: lane++, lanes })
      else if (way !== 'down')
        routes.set(l, { way, from: links.child(box, l.from), to: links.child(box, l.to), nth: side++ })
      if (way === 'down') continue
      // There is no room for words on such a way: they stand in the box that the link leaves.
      const note = links.notes(l)
      const known = notes.get(l.from) ?? []
      if (note !== undefined && !known.includes(note)) notes.set(l.from, [...known, note])
    }
    const inner = room - lanes * LANE
    let at = top
    rows.forEach(({ cells, columns }, r) => {
      const cell = (inner - gap * (columns - 1)) / columns
      let tallest = 0
      cells.forEach((c, i) => {
        const indent = (c.level ?? 0) * INDENT
        tallest = Math.max(tallest, place(c, left + i * (cell + gap) + indent, at, cell - indent, depth + 1, box.id))
      })
      // One row has one height: boxes beside each other end together.
      for (const c of cells) {
        const index = indexes.get(c.id) as number
        const p = boxes[index] as Placed
        if (p.height === tallest) continue
        boxes[index] = { ...p, height: tallest }
        if (stands(c)) sink(c, tallest - p.height)
      }
      at += tallest
      const under = mine.filter((l) => ways.get(l) === 'under' && grid.get(links.child(box, l.from))?.row === r).length
      if (r < rows.length - 1) at += gapBelow(rows, r, inner, gap)
      if (under > 0) at += CLEAR + (side - 1) * TRACK
    })
    return at

    /** Height of the gap below a row, with the links that go through it. */
    function gapBelow(all: readonly Row[], r: number, inside: number, between: number): number {
      const rowOf = (id: string): number => grid.get(id)?.row ?? -1
      const passing = mine.filter((l) => ways.get(l) === 'down' && Math.min(rowOf(l.from), rowOf(l.to)) === r)
      const columns = all[r]?.columns ?? 1
      const narrow = Math.max(columns, all[r + 1]?.columns ?? 1)
      // An arrow ends at the narrower of its boxes; several at one box share its width.
      const narrowRow = columns > 1 ? r : r + 1
      const end = (l: Link): string => (rowOf(l.from) === narrowRow ? l.from : l.to)
      const used = new Map<string, number>()
      const shares = new Map<string, number>()
      for (const l of passing) shares.set(end(l), (shares.get(end(l)) ?? 0) + 1)
      let height: number = GAP
      for (const l of passing) {
        const share = (inside - between * (narrow - 1)) / narrow / (shares.get(end(l)) ?? 1)
        const nth = used.get(end(l)) ?? 0
        used.set(end(l), nth + 1)
        const lines = (l.labels ?? []).flatMap((t) => wrap(t, TYPE.label.size, share - PORT - 12))
        routes.set(l, { way: 'down', lines, offset: nth * share })
        height = Math.max(height, ARROW_GAP, lines.length * TYPE.label.line + 14)
      }
      return height
    }
  }
  const place = (box: Box, x: number, y: number, w: number, depth: number, parent: string | undefined): number => {
    const index = boxes.length
    const texts: TextLine[] = []
    const meters: PlacedMeter[] = []
    // A heading may stand at the side of what it heads, where that leaves enough room.
    const aside = box.aside !== undefined && w >= 5 * box.aside ? box.aside : 0
    const room = aside > 0 ? aside : w - 2 * PAD
    let at = PAD - 3
    const write = (style: TextLine['style'], text: string): void => {
      const { size, line, bold } = TYPE[style]
      for (const part of wrap(text, size, room, bold)) {
        at += line
        texts.push({ style, x: PAD, y: at - line * 0.27, text: part })
      }
    }
    if (box.tag) write('tag', box.tag)
    if (box.title) write(room < NARROW_ROOM && !aside ? 'small' : 'title', box.title)
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
          const middle = PAD + inset + t.at * (room - 2 * inset) - half
          texts.push({ style: 'tag', x: Math.max(PAD, Math.min(w - PAD - 2 * half, middle)), y: at - 3, text })
        }
      }
    }
    indexes.set(box.id, index)
    boxes.push({ box, x, y, width: w, height: 0, depth, parent, texts, meters })
    if ((box.children ?? []).length > 0) {
      const top = aside > 0 ? PAD : at + (box.title || box.tag ? 7 : 0)
      at = Math.max(at, fill(box, x + PAD + aside, y + top, w - 2 * PAD - aside, depth) - y)
    }
    const height = at + PAD
    boxes[index] = { ...(boxes[index] as Placed), height }
    return height
  }
  const height = place(scene.root, 0, 0, width, 0, undefined)
  const placed = (id: string): Placed => boxes[indexes.get(id) as number] as Placed
  return { width, height, boxes, links: links.all.map((l) => drawLink(l, routes.get(l), placed)) }
}

/** Whether every line of text fits its box by our own count; tests ask. */
export function overflows(layout: Layout): readonly string[] {
  return layout.boxes.flatMap((p) =>
    p.texts
      .filter((t) => t.x + textWidth(t.text, TYPE[t.style].size, TYPE[t.style].bold) > p.width - PAD + 1)
      .map((t) => `${p.box.id}: ${t.text}`),
  )
}
