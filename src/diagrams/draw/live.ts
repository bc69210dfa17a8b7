/** Keeps an SVG on the page like its layout: D3 joins by key, so that boxes grow, move and go instead of flickering. */
import { select } from 'd3-selection'
import 'd3-transition'
import type { Layout } from '../layout/index.ts'
import { type Group, groupsOf, type Part, viewBoxOf } from './shapes.ts'

const keyOf = (name: 'key' | 'part') =>
  function (this: Element, d: unknown): string {
    return (d as Group | Part | undefined)?.key ?? (this as SVGElement).dataset[name] ?? ''
  }
const place = (g: Group): string => `translate(${g.x},${g.y})`

/**
 * Draws a layout into an SVG element; what was drawn at build time is taken over by its keys.
 * `time`: milliseconds that a change may take, 0 where the reader wants no motion.
 */
export function update(svg: SVGSVGElement, layout: Layout, time: number): void {
  svg.setAttribute('viewBox', viewBoxOf(layout))
  const groups = select(svg)
    .selectChildren<SVGGElement, Group>('g:not(.zk-leaving)')
    .data(groupsOf(layout), keyOf('key'))
  const leaving = groups.exit().classed('zk-leaving', true).attr('aria-hidden', 'true').attr('role', null)
  if (time > 0) leaving.interrupt().transition().duration(time).style('opacity', 0).remove()
  else leaving.remove()
  const entered = groups
    .enter()
    .append('g')
    .attr('data-key', (g) => g.key)
    .attr('transform', place)
  if (time > 0) entered.style('opacity', 0)
  const all = entered.merge(groups)
  all.each(function (g) {
    // Marks of the player stay where they are.
    const marks = [...this.classList].filter((c) => c.startsWith('zk-mark'))
    this.setAttribute('class', [g.class, ...marks].join(' '))
    for (const [name, value] of Object.entries(g.attributes)) this.setAttribute(name, String(value))
    parts(this, g, time)
  })
  all.order()
  if (time > 0) all.interrupt().transition().duration(time).style('opacity', 1).attr('transform', place)
  else all.interrupt().style('opacity', null).attr('transform', place)
}

function parts(group: SVGGElement, g: Group, time: number): void {
  const joined = select(group).selectChildren<SVGElement, Part>('*').data(g.parts, keyOf('part'))
  joined.exit().remove()
  const entered = joined
    .enter()
    .append((p) => document.createElementNS('http://www.w3.org/2000/svg', p.tag))
    .attr('data-part', (p) => p.key)
    .each(function (p) {
      for (const [name, value] of Object.entries(p.moving ?? {})) this.setAttribute(name, String(value))
    })
  const all = entered.merge(joined as never)
  all.each(function (p) {
    for (const [name, value] of Object.entries(p.fixed ?? {})) {
      if (this.getAttribute(name) !== String(value)) this.setAttribute(name, String(value))
    }
    if (p.text !== undefined && this.textContent !== p.text) this.textContent = p.text
    const moved = Object.entries(p.moving ?? {}).filter(([name, value]) => this.getAttribute(name) !== String(value))
    if (moved.length === 0) return
    const element = select(this).interrupt()
    if (time === 0) for (const [name, value] of moved) element.attr(name, value)
    else {
      const transition = element.transition().duration(time)
      for (const [name, value] of moved) transition.attr(name, value)
    }
  })
  all.order()
}
