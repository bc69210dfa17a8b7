/** The ways of a picture's links: through the gap between two rows, between two columns, or in a lane at the right side. */
import { type Box, boxesOf, type Link, type Scene } from '../scene/types.ts'
import { CLEAR, INDENT, LANE, PAD, type Placed, type PlacedLink, PORT, TRACK, TYPE } from './types.ts'

export const r1 = (n: number): number => Math.round(n * 10) / 10

/** Where the children of a box stand: the row and the column of each, by its id. */
export type Grid = ReadonlyMap<string, { readonly row: number; readonly column: number; readonly columns: number }>
/**
 * How a link goes: `down` through the gap between two rows, `side` between two columns of a row, `under` a row, where columns lie between
 * its ends, or in a `lane`.
 */
export type Way = 'down' | 'side' | 'under' | 'lane'

export interface Links {
  readonly all: readonly Link[]
  /** The links whose ends are both in a box, and in no box within it. */
  within(box: Box): readonly Link[]
  /** The child of a box that holds another box, or is it. */
  child(box: Box, id: string): string
  /** Words that a link without room for them leaves to the box it comes from. */
  notes(link: Link): string | undefined
}
export const isTree = (l: Link): boolean => l.kind === 'tree'

/** Labels that a box says of a link. */
const NOTED = 2

export function linksOf(scene: Scene): Links {
  const parents = new Map<string, string | undefined>()
  const titles = new Map<string, string>()
  for (const { box, parent } of boxesOf(scene.root)) {
    parents.set(box.id, parent?.id)
    titles.set(box.id, box.title)
  }
  const all = scene.links.filter((l) => parents.has(l.from) && parents.has(l.to) && l.from !== l.to)
  const chain = (id: string): readonly string[] => {
    const out = [id]
    for (let at = parents.get(id); at !== undefined; at = parents.get(at)) out.push(at)
    return out
  }
  const within = new Map<string, Link[]>()
  for (const l of all) {
    const up = new Set(chain(l.from).slice(1))
    const around =
      chain(l.to)
        .slice(1)
        .find((id) => up.has(id)) ?? scene.root.id
    within.set(around, [...(within.get(around) ?? []), l])
  }
  return {
    all,
    within: (box) => within.get(box.id) ?? [],
    child(box, id) {
      let at = id
      for (let up = parents.get(at); up !== undefined && up !== box.id; up = parents.get(at)) at = up
      return at
    },
    notes(link) {
      const { labels = [] } = link
      if (labels.length === 0) return undefined
      return `→ ${titles.get(link.to)}: ${labels.slice(0, NOTED).join(', ')}${labels.length > NOTED ? ' …' : ''}`
    },
  }
}

/** How a link goes, from where its ends stand. */
export function wayOf(links: Links, box: Box, link: Link, grid: Grid): Way {
  const a = grid.get(links.child(box, link.from))
  const b = grid.get(links.child(box, link.to))
  if (!a || !b) return 'lane'
  if (a.row === b.row && a.column !== b.column) return Math.abs(a.column - b.column) === 1 ? 'side' : 'under'
  const direct = grid.has(link.from) && grid.has(link.to)
  // An arrow goes straight down, so one end must be as wide as the row.
  return direct && Math.abs(a.row - b.row) === 1 && (a.columns === 1 || b.columns === 1) ? 'down' : 'lane'
}

/** What the placing of boxes found out about a link. */
export type Route =
  | { readonly way: 'down'; readonly lines: readonly string[]; readonly offset: number }
  /** `from` and `to` are the cells whose gaps it goes through; `nth` of those in its row. */
  | { readonly way: 'side' | 'under'; readonly from: string; readonly to: string; readonly nth: number }
  | { readonly way: 'lane'; readonly around: string; readonly nth: number; readonly lanes: number }

const tip = (arrow: boolean): number => (arrow ? 7 : 0)

export function drawLink(link: Link, route: Route | undefined, placed: (id: string) => Placed): PlacedLink {
  const a = placed(link.from)
  const b = placed(link.to)
  if (!route) {
    const x = a.x + INDENT / 2
    const y = b.y + Math.min(18, b.height / 2)
    return { link, path: `M${r1(x)},${r1(a.y + a.height)}V${r1(y)}H${r1(b.x)}`, head: '', texts: [] }
  }
  const arrow = link.kind !== 'line'
  switch (route.way) {
    case 'down': {
      const down = b.y > a.y
      // The narrower of the two decides where: an arrow must touch both.
      const narrow = a.width < b.width ? a : b
      const { lines, offset } = route
      const x = narrow.x + PORT + offset
      const [y1, y2] = down ? [a.y + a.height, b.y] : [a.y, b.y + b.height]
      const middle = (y1 + y2) / 2 - (lines.length * TYPE.label.line) / 2
      const back = down ? -tip(arrow) : tip(arrow)
      return {
        link,
        path: `M${r1(x)},${r1(y1)}V${r1(y2 + back)}`,
        head: arrow ? `M${r1(x)},${r1(y2)}l-4.5,${back}h9Z` : '',
        texts: lines.map((text, i) => ({
          style: 'label' as const,
          x: x + 12,
          y: middle + (i + 1) * TYPE.label.line - 4.5,
          text,
        })),
      }
    }
    case 'side':
    case 'under': {
      const right = b.x > a.x
      const from = placed(route.from)
      const to = placed(route.to)
      const step = CLEAR + route.nth * TRACK
      const y1 = a.y + Math.min(a.height - 6, 14 + route.nth * 5)
      const y2 = b.y + Math.min(b.height - 6, 14 + route.nth * 5)
      const [x1, x2] = right ? [a.x + a.width, b.x] : [a.x, b.x + b.width]
      const leave = right ? from.x + from.width + step : from.x - step
      const back = right ? -tip(arrow) : tip(arrow)
      // Where columns lie between, it dives below the row and comes up before the last gap.
      const arrive = right ? to.x - CLEAR - 2 : to.x + to.width + CLEAR + 2
      const dive = route.way === 'under' ? `V${r1(from.y + from.height + step)}H${r1(arrive)}` : ''
      return {
        link,
        path: `M${r1(x1)},${r1(y1)}H${r1(leave)}${dive}V${r1(y2)}H${r1(x2 + back)}`,
        head: arrow ? `M${r1(x2)},${r1(y2)}l${back},-4.5v9Z` : '',
        texts: [],
      }
    }
    case 'lane': {
      const box = placed(route.around)
      const x = box.x + box.width - PAD - route.lanes * LANE + route.nth * LANE + 6
      const y1 = a.y + Math.min(a.height - 6, 14 + route.nth * 4)
      const y2 = b.y + Math.min(b.height - 6, 22 + route.nth * 4)
      return {
        link,
        path: `M${r1(a.x + a.width)},${r1(y1)}H${r1(x)}V${r1(y2)}H${r1(b.x + b.width + tip(arrow))}`,
        head: arrow ? `M${r1(b.x + b.width)},${r1(y2)}l7,-4.5v9Z` : '',
        texts: [],
      }
    }
  }
}
