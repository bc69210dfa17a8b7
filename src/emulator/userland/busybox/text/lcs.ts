/**
 * The longest common subsequence of two lists of lines as diff(1) finds it: J. W. Hunt and M. D. McIlroy, "An algorithm for differential
 * file comparison" (1976). Which of several longest ones is found, shows in the output, so it is theirs.
 */
interface Candidate {
  readonly x: number
  readonly y: number
  readonly before: Candidate | undefined
}

/** For each line of the first list (from 1), the line of the second that it is matched with, or 0. */
export function matchLines(first: readonly string[], second: readonly string[]): number[] {
  const matched = new Array<number>(first.length + 2).fill(0)
  const least = Math.min(first.length, second.length)
  let head = 0
  while (head < least && first[head] === second[head]) head++
  let tail = 0
  while (tail < least - head && first[first.length - 1 - tail] === second[second.length - 1 - tail]) tail++
  for (let i = 1; i <= head; i++) matched[i] = i
  for (let i = 0; i < tail; i++) matched[first.length - i] = second.length - i

  const places = new Map<string, number[]>()
  for (let y = head + 1; y <= second.length - tail; y++) {
    const line = second[y - 1] as string
    const list = places.get(line)
    if (list) list.push(y)
    else places.set(line, [y])
  }
  /** The last candidate of each length so far; their places in the second list rise. */
  const ends: Candidate[] = [{ x: 0, y: 0, before: undefined }]
  for (let x = head + 1; x <= first.length - tail; x++) {
    let old: Candidate | undefined = ends[0]
    let length = 0
    for (const y of places.get(first[x - 1] as string) ?? []) {
      if (old && length > 0 && y <= old.y) continue
      const at = search(ends, y)
      if (at !== length + 1) old = ends[at - 1]
      const there = ends[at]
      if (there && there.y <= y) continue
      ends[at] = { x, y, before: old }
      if (!there) break
      old = there
      length = at
    }
  }
  for (let c = ends.at(-1); c && c.x > 0; c = c.before) matched[c.x] = c.y
  return matched
}
/** The first length whose candidate ends at `y` or behind it. */
function search(ends: readonly Candidate[], y: number): number {
  let low = 0
  let high = ends.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((ends[middle] as Candidate).y < y) low = middle
    else high = middle
  }
  return high
}
