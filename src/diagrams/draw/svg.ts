/** A picture as SVG text, for pages that run no script. */
import type { Layout } from '../layout/index.ts'
import { type Attributes, type Group, groupsOf, viewBoxOf } from './shapes.ts'

const special = /[&<>"]/g
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeXml = (text: string): string => text.replace(special, (c) => entities[c] as string)
function write(attributes: Attributes): string {
  let out = ''
  for (const name in attributes) {
    const value = attributes[name] as string | number
    out += ` ${name}="${typeof value === 'number' ? value : escapeXml(value)}"`
  }
  return out
}

const none: Attributes = {}
/** A group as SVG text. */
export function groupText(g: Group): string {
  const parts = g.parts
    .map((p) => {
      const attributes = ` data-part="${escapeXml(p.key)}"${write(p.fixed ?? none)}${write(p.moving ?? none)}`
      return p.text === undefined
        ? `<${p.tag}${attributes}/>`
        : `<${p.tag}${attributes}>${escapeXml(p.text)}</${p.tag}>`
    })
    .join('')
  const move = g.x || g.y ? ` transform="translate(${g.x},${g.y})"` : ''
  return `<g class="${g.class}" data-key="${escapeXml(g.key)}"${move}${write(g.attributes)}>${parts}</g>`
}

/** `name` is the picture's name for those who can't see it; `extra` are classes of the svg element. */
export function svgText(layout: Layout, name: string, extra = ''): string {
  const groups = groupsOf(layout).map((g) => groupText(g))
  return `<svg class="zk-svg${extra && ` ${extra}`}" viewBox="${viewBoxOf(layout)}" role="tree" aria-label="${escapeXml(name)}" xmlns="http://www.w3.org/2000/svg">${groups.join('')}</svg>`
}
