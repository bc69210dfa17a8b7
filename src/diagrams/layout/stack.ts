/** Boxes to coordinates: running things side by side on top, full-width layers (hypervisor, kernel) below them. Pure. */
import type { Box } from '../scene/stack.ts'

export interface Placed {
  readonly box: Box
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly depth: number
}
const PAD = 12
const HEAD = 46
const GAP = 10
const LAYER = 50
const LEAF = 62
const MINIMUM = 168

const isLayer = (b: Box): boolean => b.kind === 'kernel' || b.kind === 'hypervisor'

/** Places a scene into a width; answers every box, outer ones first, and the height that it takes. */
export function layoutStack(
  root: Box,
  width: number,
): { readonly boxes: readonly Placed[]; readonly width: number; readonly height: number } {
  const boxes: Placed[] = []
  const place = (box: Box, x: number, y: number, w: number, depth: number): number => {
    const index = boxes.length
    boxes.push({ box, x, y, width: w, height: 0, depth })
    let height: number
    if (box.children.length === 0) height = isLayer(box) ? LAYER : LEAF
    else {
      const inner = w - 2 * PAD
      const tops = box.children.filter((c) => !isLayer(c))
      const columns = Math.max(1, Math.min(tops.length, Math.floor((inner + GAP) / (MINIMUM + GAP))))
      const cell = (inner - GAP * (columns - 1)) / columns
      let at = y + HEAD
      for (let row = 0; row < tops.length; row += columns) {
        const line = tops.slice(row, row + columns)
        const from = boxes.length
        const tallest = Math.max(...line.map((c, i) => place(c, x + PAD + i * (cell + GAP), at, cell, depth + 1)))
        // One row has one height: boxes beside each other end together.
        const ids = new Set(line.map((c) => c.id))
        for (let i = from; i < boxes.length; i++) {
          const p = boxes[i] as Placed
          if (ids.has(p.box.id)) boxes[i] = { ...p, height: tallest }
        }
        at += tallest + GAP
      }
      for (const layer of box.children.filter(isLayer)) at += place(layer, x + PAD, at, inner, depth + 1) + GAP
      height = at - GAP + PAD - y
    }
    boxes[index] = { ...(boxes[index] as Placed), height }
    return height
  }
  const height = place(root, 0, 0, width, 0)
  return { boxes, width, height }
}
