/** Keeps an SVG on the page like the world: D3 joins by box id, so that boxes grow, move and go instead of flickering. */
import { select } from 'd3-selection'
import 'd3-transition'
import type { Placed } from '../layout/stack.ts'
import { boxAttributes, detailOf, label, titleOf } from './stack.ts'

/** Draws a layout into an SVG element. Motion only where the reader's system allows it. */
export function update(
  svg: SVGSVGElement,
  layout: { readonly boxes: readonly Placed[]; readonly width: number; readonly height: number },
): void {
  const time = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 320
  svg.setAttribute('viewBox', `0 0 ${layout.width} ${layout.height}`)
  // What was drawn at build time carries no data: the first live drawing takes its place.
  if (!svg.dataset.live) svg.replaceChildren()
  svg.dataset.live = 'true'
  const groups = select(svg)
    .selectAll<SVGGElement, Placed>('g.zk-box')
    .data(layout.boxes, (d) => d.box.id)
  groups.exit().interrupt().transition().duration(time).style('opacity', 0).remove()
  const entered = groups
    .enter()
    .append('g')
    .style('opacity', time ? 0 : 1)
    .attr('transform', (d) => boxAttributes(d).transform)
    .attr('role', 'listitem')
  entered
    .append('rect')
    .attr('rx', 6)
    .attr('width', (d) => d.width)
    .attr('height', (d) => d.height)
  entered.append('title')
  entered.append('text').attr('class', 'zk-title').attr('x', 12).attr('y', 21)
  entered.append('text').attr('class', 'zk-detail').attr('x', 12).attr('y', 38)
  const all = entered
    .merge(groups)
    .attr('class', (d) => boxAttributes(d).class)
    .attr('aria-label', label)
  all.select('title').text(label)
  all.select('.zk-title').text(titleOf)
  all.select('.zk-detail').text(detailOf)
  all.order()
  all
    .interrupt()
    .transition()
    .duration(time)
    .style('opacity', 1)
    .attr('transform', (d) => boxAttributes(d).transform)
  all
    .select<SVGRectElement>('rect')
    .interrupt()
    .transition()
    .duration(time)
    .attr('width', (d) => d.width)
    .attr('height', (d) => d.height)
}
