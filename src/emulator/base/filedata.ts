/** A file's content with holes: what is not in an extent reads as zeros. */
import { utf8 } from './bytes.ts'

export interface Extent {
  readonly offset: number
  readonly bytes: Uint8Array
}
export interface FileData {
  readonly size: number
  /** Sorted, not overlapping. */
  readonly extents: readonly Extent[]
}

export const fromBytes = (bytes: Uint8Array): FileData => ({
  size: bytes.length,
  extents: bytes.length > 0 ? [{ offset: 0, bytes }] : [],
})
export const fromText = (content: string): FileData => fromBytes(utf8(content))

/** The bytes from `offset`, at most `count`; holes as zeros. */
export function slice(data: FileData, offset = 0, count = data.size - offset): Uint8Array {
  const out = new Uint8Array(Math.max(0, Math.min(count, data.size - offset)))
  for (const e of data.extents) {
    const from = Math.max(offset, e.offset)
    const to = Math.min(offset + out.length, e.offset + e.bytes.length)
    if (from < to) out.set(e.bytes.subarray(from - e.offset, to - e.offset), from - offset)
  }
  return out
}
