/** A picture as SVG text, for pages that run no script. */
import type { Layout } from '../layout/index.ts'
import { type Attributes, groupsOf, viewBoxOf } from './shapes.ts'

const escapeXml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
const write = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('')

/** `name` is the picture's name for those who can't see it; `extra` are classes of the svg element. */
export function svgText(layout: Layout, name: string, extra = ''): string {
  const groups = groupsOf(layout).map((g) => {
    const parts = g.parts
      .map((p) => {
        const attributes = write({ 'data-part': p.key, ...p.fixed, ...p.moving })
        return p.text === undefined
          ? `<${p.tag}${attributes}/>`
          : `<${p.tag}${attributes}>${escapeXml(p.text)}</${p.tag}>`
      })
      .join('')
    const move = g.x || g.y ? ` transform="translate(${g.x},${g.y})"` : ''
    return `<g class="${g.class}" data-key="${escapeXml(g.key)}"${move}${write(g.attributes)}>${parts}</g>`
  })
  return `<svg class="zk-svg${extra && ` ${extra}`}" viewBox="${viewBoxOf(layout)}" role="tree" aria-label="${escapeXml(name)}" xmlns="http://www.w3.org/2000/svg">${groups.join('')}</svg>`
}
