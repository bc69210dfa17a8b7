/** What must hold for the picture of any world; for tests. */
import { expect } from 'vitest'
import { type Layout, overflows, type Placed } from './layout/index.ts'
import { textWidth } from './layout/text.ts'
import { type TextLine, TYPE } from './layout/types.ts'
import { boxesOf, type Scene } from './scene/types.ts'

const inside = (child: Placed, parent: Placed): boolean =>
  child.x >= parent.x &&
  child.y >= parent.y &&
  child.x + child.width <= parent.x + parent.width + 0.01 &&
  child.y + child.height <= parent.y + parent.height + 0.01
const apart = (a: Placed, b: Placed): boolean =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y

/**
 * Throws where a box is missing or drawn twice, sticks out of the one around it, lies over a sibling or over words, where a text is cut, or
 * where an arrow goes through words.
 */
export function sound(scene: Scene, layout: Layout): void {
  const ids = [...boxesOf(scene.root)].map(({ box }) => box.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(layout.boxes.map((p) => p.box.id).sort()).toEqual([...ids].sort())
  expect(new Set(scene.links.map((l) => l.id)).size).toBe(scene.links.length)
  const byId = new Map(layout.boxes.map((p) => [p.box.id, p]))
  for (const p of layout.boxes) {
    const parent = p.parent === undefined ? undefined : (byId.get(p.parent) as Placed)
    if (parent && !inside(p, parent)) throw new Error(`${p.box.id} sticks out of ${parent.box.id}`)
  }
  const siblings = new Map<string | undefined, Placed[]>()
  for (const p of layout.boxes) siblings.set(p.parent, [...(siblings.get(p.parent) ?? []), p])
  for (const group of siblings.values())
    for (const [i, a] of group.entries())
      for (const b of group.slice(i + 1)) if (!apart(a, b)) throw new Error(`${a.box.id} and ${b.box.id} overlap`)
  expect(overflows(layout)).toEqual([])
  // A text of a box isn't covered by its children.
  for (const p of layout.boxes)
    for (const t of p.texts)
      for (const c of siblings.get(p.box.id) ?? [])
        if (crosses(rectOf(p, t), c)) throw new Error(`${c.box.id} covers "${t.text}"`)
  // No arrow goes through words, neither a box's nor another arrow's.
  const words = layout.boxes.flatMap((p) => p.texts.map((t) => ({ ...rectOf(p, t), text: t.text })))
  const labels = layout.links.flatMap((l) => l.texts.map((t) => ({ ...rectOf({ x: 0, y: 0 }, t), text: t.text })))
  for (const l of layout.links)
    for (const line of linesOf(l.path))
      for (const w of [...words, ...labels])
        if (crosses(line, w)) throw new Error(`${l.link.id} goes through "${w.text}"`)
}
interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}
const crosses = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
/** Where the letters of a text are at most, from the top of capitals to the line they stand on. */
const rectOf = (p: { readonly x: number; readonly y: number }, t: TextLine): Rect => {
  const { size, bold } = TYPE[t.style]
  return { x: p.x + t.x, y: p.y + t.y - 0.75 * size, width: textWidth(t.text, size, bold) * 0.8, height: 0.75 * size }
}
/** The straight pieces of a path, thin as they are. */
function linesOf(path: string): readonly Rect[] {
  const out: Rect[] = []
  let [x, y] = [0, 0]
  for (const [, letter, first, second] of path.matchAll(/([MHV])([-\d.]+)(?:,([-\d.]+))?/g)) {
    const to = letter === 'V' ? [x, Number(first)] : [Number(first), letter === 'M' ? Number(second) : y]
    const [nx, ny] = to as [number, number]
    if (letter !== 'M')
      out.push({ x: Math.min(x, nx), y: Math.min(y, ny), width: Math.abs(nx - x), height: Math.abs(ny - y) })
    x = nx
    y = ny
  }
  return out
}
