/** Placed boxes to SVG. The same functions make the text at build time and feed D3's joins in the browser. */
import type { Placed } from '../layout/stack.ts'

export interface BoxAttributes {
  readonly class: string
  readonly transform: string
}
export const boxAttributes = (p: Placed): BoxAttributes => ({
  class: `zk-box zk-${p.box.kind}`,
  transform: `translate(${round(p.x)},${round(p.y)})`,
})
const round = (n: number): number => Math.round(n * 10) / 10

/** Columns that a text takes at a font size, by a rough count: wide characters are as wide as they are high. */
export function textWidth(text: string, size: number): number {
  let width = 0
  for (const c of text) width += (c.codePointAt(0) ?? 0) >= 0x2e80 ? size : size * 0.58
  return width
}
/** A text that fits into a width, with an ellipsis where it was cut; the whole one is in the box's title element. */
export function shorten(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text
  let out = ''
  for (const c of text) {
    if (textWidth(`${out}${c}…`, size) > width) break
    out += c
  }
  return `${out}…`
}
/** What screen readers say of a box. */
export const label = (p: Placed): string => `${p.box.title}${p.box.detail ? `, ${p.box.detail}` : ''}`
export const titleOf = (p: Placed): string => shorten(p.box.title, 15, p.width - 24)
export const detailOf = (p: Placed): string => shorten(p.box.detail, 12, p.width - 24)

const escapeXml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')

/** The picture as SVG text, for pages that run no script. */
export function svgText(
  layout: { readonly boxes: readonly Placed[]; readonly width: number; readonly height: number },
  name: string,
): string {
  const groups = layout.boxes
    .map((p) => {
      const a = boxAttributes(p)
      return `<g class="${a.class}" transform="${a.transform}" role="listitem" aria-label="${escapeXml(label(p))}"><rect width="${round(p.width)}" height="${round(p.height)}" rx="6"/><title>${escapeXml(label(p))}</title><text class="zk-title" x="12" y="21">${escapeXml(titleOf(p))}</text><text class="zk-detail" x="12" y="38">${escapeXml(detailOf(p))}</text></g>`
    })
    .join('')
  return `<svg class="zk-svg" viewBox="0 0 ${round(layout.width)} ${round(layout.height)}" role="list" aria-label="${escapeXml(name)}" xmlns="http://www.w3.org/2000/svg">${groups}</svg>`
}
