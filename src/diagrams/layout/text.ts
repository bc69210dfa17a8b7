/** Widths of texts, and texts broken into lines that fit. The same at build time and in the browser, so no font is asked. */

const narrow = new Set("iIl.,:;|'’‘!()[]{}jftr\u00a0 `/\\·-")
const broad = new Set('mwMW@%GOQ—→←')
/** Width of a character at size 1, rounded up over the fonts of the house's list. */
function widthOf(c: string): number {
  const code = c.codePointAt(0) ?? 0
  if (code >= 0x1100 && !(code >= 0x2000 && code < 0x2e80)) return 1.02
  if (narrow.has(c)) return 0.42
  if (broad.has(c)) return 0.95
  if (c >= 'A' && c <= 'Z') return 0.72
  return code > 0x24f ? 1 : 0.6
}
/** The same for the characters that most texts are made of. */
const latin = Float64Array.from({ length: 0x250 }, (_, code) => widthOf(String.fromCharCode(code)))
/** An upper bound of a text's width in px at a font size. */
export function textWidth(text: string, size: number, bold = false): number {
  let width = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x250) width += latin[code] as number
    else {
      const c = String.fromCodePoint(text.codePointAt(i) as number)
      width += widthOf(c)
      i += c.length - 1
    }
  }
  return width * size * (bold ? 1.05 : 1)
}

const kind = (c: string): 'kanji' | 'kana' | 'katakana' | 'mark' | 'open' | 'space' | 'latin' => {
  // A number keeps its unit: the blank between them is one that doesn't break.
  if (c === '\u00a0') return 'latin'
  if (/\s/.test(c)) return 'space'
  if (/[、。，．)）」』】・ー!?！？：:；]/.test(c)) return 'mark'
  if (/[(（「『【]/.test(c)) return 'open'
  if (/[ァ-ヶ]/.test(c)) return 'katakana'
  if (/[ぁ-ん]/.test(c)) return 'kana'
  if (/[\u3400-\u9fff々〇]/.test(c)) return 'kanji'
  return 'latin'
}
/** Pieces between which a line may break: words, and in Japanese a word with the kana that follow it. */
export function pieces(text: string): readonly string[] {
  const out: string[] = []
  let current = ''
  let last: ReturnType<typeof kind> | undefined
  for (const c of text) {
    const now = kind(c)
    const joins =
      last === undefined ||
      now === 'mark' ||
      last === 'open' ||
      now === 'space' ||
      now === last ||
      (now === 'kana' && last !== 'mark' && last !== 'space') ||
      (last === 'mark' && now === 'latin' && /[:\w.)]$/.test(current)) ||
      (now === 'katakana' && last === 'mark' && current.endsWith('ー'))
    if (joins) current += c
    else {
      out.push(current)
      current = c
    }
    if (!(now === 'mark' && c === 'ー')) last = now
    else last = 'katakana'
  }
  if (current) out.push(current)
  // Paths, addresses and lists may break after what separates their parts.
  return out.flatMap((p) => (p.length > 6 ? p.split(/(?<=[/,=?&])/) : [p]))
}
/** A word's parts, for lines that can't hold it whole: names and versions break after these. */
const parts = (word: string): readonly string[] => word.split(/(?<=[-:@_.])(?=.{3})/)

/** Lines of a text, each within `width` px; a piece that is too long by itself is broken where it must be. */
export function wrap(text: string, size: number, width: number, bold = false): readonly string[] {
  if (textWidth(text, size, bold) <= width) return text.trim() === '' ? [] : [text.trim()]
  const lines: string[] = []
  let line = ''
  const fits = (t: string): boolean => textWidth(t.trimEnd(), size, bold) <= width
  const flush = (): void => {
    if (line.trim() !== '') lines.push(line.trim())
    line = ''
  }
  const letters = (word: string): void => {
    for (const c of word) {
      if (textWidth(line + c, size, bold) > width) {
        // Small kana and marks don't begin a line: the character before comes along.
        const carried = /[ーッャュョァィゥェォ、。」』）)…]/.test(c) && line.length > 1 ? (line.at(-1) as string) : ''
        if (carried) line = line.slice(0, -1)
        flush()
        line = carried
      }
      line += c
    }
  }
  const add = (all: readonly string[], broken: (piece: string) => void): void => {
    for (const piece of all) {
      if (fits(line + piece)) {
        line += piece
        continue
      }
      flush()
      if (fits(piece)) line = piece.trimStart()
      else broken(piece)
    }
  }
  add(pieces(text), (word) => add(parts(word), letters))
  flush()
  return lines
}
