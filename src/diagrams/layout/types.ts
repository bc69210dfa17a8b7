/** What a layout is, and the measures that its parts share. */
import type { Box, Link, Meter } from '../scene/types.ts'

export interface TextLine {
  readonly style: keyof typeof TYPE
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

/** Font sizes and line heights in px; the styles of pictures set the same. `small` is a title where a box is narrow. */
export const TYPE = {
  tag: { size: 11, line: 15, bold: false },
  title: { size: 14, line: 19, bold: true },
  small: { size: 12, line: 17, bold: true },
  detail: { size: 12.5, line: 17, bold: false },
  label: { size: 12, line: 16, bold: false },
} as const
export const PAD = 10
export const GAP = 10
/** A gap that an arrow goes through. */
export const ARROW_GAP = 26
/** Step to the right of a tree's level. */
export const INDENT = 20
export const METER = 7
/** Where an arrow leaves and arrives, from a box's left edge. */
export const PORT = 18
/** Width of a lane at the right side, for links that pass other boxes. */
export const LANE = 11
/** Least width of a cell in a flow, where the box doesn't say another. */
export const CELL = 148
/** Distance between links that share a gap. */
export const TRACK = 7
/** From a box's edge to the first link in a gap. */
export const CLEAR = 9
