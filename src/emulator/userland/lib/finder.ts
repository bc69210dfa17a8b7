/** Search in lines of text by a basic regular expression, for pagers and editors: places are counted in characters. */
import { binary, decode, encode, unbinary } from './io.ts'
import { compileRegex, type RegexError } from './regex.ts'

/** Where matches lie in a line: pairs of start and end, in UTF-16 units. */
export type Finder = (line: string) => readonly (readonly [from: number, to: number])[]

export function finder(pattern: string, ignoreCase = false): Finder | RegexError {
  const regex = compileRegex(binary(encode(pattern)), false, ignoreCase ? 'i' : '')
  if ('error' in regex) return regex
  return (line) => {
    const bytes = binary(encode(line))
    const units = (n: number): number => (bytes.length === line.length ? n : decode(unbinary(bytes.slice(0, n))).length)
    const found: [number, number][] = []
    for (let at = 0; at <= bytes.length; ) {
      const m = regex.exec(bytes, at)
      if (!m) break
      const [from = 0, to = 0] = m
      found.push([units(from), units(to)])
      at = to > from ? to : to + 1
    }
    return found
  }
}
