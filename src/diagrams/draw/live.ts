/** Keeps an SVG on the page like its layout: D3 joins by key, so that boxes grow, move and go instead of flickering. */
import { select } from 'd3-selection'
import 'd3-transition'
import type { Layout } from '../layout/index.ts'
import { type Attributes, type Group, groupsOf, type Part, viewBoxOf } from './shapes.ts'
import { groupText } from './svg.ts'

/** The key of a group, also of one that was drawn at build time and carries no data yet. */
function keyOf(this: Element, d: unknown): string {
  return (d as Group | undefined)?.key ?? (this as SVGElement).dataset.key ?? ''
}
function settled(this: SVGElement): void {
  this.style.removeProperty('opacity')
}
const place = (g: Group): string => `translate(${g.x},${g.y})`
/** Where a group is, as `place` writes it: transitions end with a blank more, and with nothing at the corner. */
const placed = (group: Element): string => group.getAttribute('transform')?.replace(', ', ',') || 'translate(0,0)'

/**
 * Draws a layout into an SVG element; what was drawn at build time is taken over by its keys.
 * `time`: milliseconds that a change may take, 0 where the reader wants no motion.
 */
export function update(svg: SVGSVGElement, layout: Layout, time: number): void {
  frame(svg, layout)
  if (!svg.firstElementChild) {
    first(svg, groupsOf(layout))
    return
  }
  const groups = select(svg).selectChildren<SVGGElement, Group>('g:not(.zk-leaving)').data(groupsOf(layout), keyOf)
  const leaving = groups.exit().classed('zk-leaving', true).attr('aria-hidden', 'true').attr('role', null)
  if (time > 0) leaving.interrupt().transition().duration(time).style('opacity', 0).remove()
  else leaving.remove()
  groups.each(function (g) {
    const before = drawn.get(this)
    drawn.set(this, g)
    if (before && lookOf(before) === lookOf(g)) return
    // Marks of the player stay where they are.
    const marks = [...this.classList].filter((c) => c.startsWith('zk-mark'))
    set(this, 'class', [g.class, ...marks].join(' '))
    for (const name in g.attributes) set(this, name, g.attributes[name] as string | number)
    parts(this, g, time)
  })
  const made = makeGroups(groups.enter().data())
  let n = 0
  const entered = groups.enter().append((g) => {
    const element = made[n++] as SVGGElement
    drawn.set(element, g)
    return element
  })
  if (time > 0) entered.style('opacity', 0)
  const all = entered.merge(groups)
  all.order()
  const moving = (time > 0 ? all : groups).filter(function (g) {
    return placed(this) !== place(g) || this.style.opacity !== ''
  })
  if (time > 0)
    moving.interrupt().transition().duration(time).style('opacity', 1).attr('transform', place).on('end', settled)
  else moving.interrupt().style('opacity', null).attr('transform', place)
}

/** Groups whose words are drawn in one frame. */
const SLICE = 60
/**
 * Draws into an empty svg element. Words are most of the work, for the code as for the browser that lays them out: those of a large picture
 * that are out of sight follow in the next frames.
 */
function first(svg: SVGSVGElement, groups: readonly Group[]): void {
  const fold = groups.length > SLICE ? innerHeight - svg.getBoundingClientRect().top : Number.POSITIVE_INFINITY
  const elements = makeGroups(groups.map((g) => (g.y > fold ? { ...g, parts: g.parts.filter(isShape) } : g)))
  const later: SVGGElement[] = []
  elements.forEach((element, i) => {
    const g = groups[i] as Group
    select(element).datum(g)
    if (g.y > fold) later.push(element)
    else drawn.set(element, g)
  })
  svg.append(...elements)
  const next = (): void => {
    for (const element of later.splice(0, SLICE)) {
      // What has changed meanwhile is drawn already.
      const g = select<SVGGElement, Group>(element).datum()
      if (drawn.has(element)) continue
      drawn.set(element, g)
      parts(element, g, 0)
    }
    if (later.length > 0) requestAnimationFrame(next)
  }
  // Not in the coming frame, which is the first: in the one after it.
  if (later.length > 0) requestAnimationFrame(() => requestAnimationFrame(next))
}
const isShape = (part: Part): boolean => part.tag !== 'text'

/** Height that a picture may grow by before its svg element changes. */
const ROOM = 600
/** The viewBox of what is drawn, without the room below: `data-view` of the svg element, once `update` has drawn it. */
export const viewOf = (svg: SVGSVGElement): string => svg.dataset.view ?? svg.getAttribute('viewBox') ?? ''
/**
 * Gives a picture its size. Browsers lay every text of an svg element out again when the element itself changes, which takes longer than
 * all the rest: so it stays as it is, with some room below, and the element around it (.zk-canvas) ends where the picture does.
 */
function frame(svg: SVGSVGElement, layout: Layout): void {
  const view = viewBoxOf(layout)
  if (svg.dataset.view === view) return
  svg.dataset.view = view
  const [x = 0, y = 0, width = 0, height = 0] = numbers(view)
  const [, , wide = 0, high = 0] = numbers(svg.getAttribute('viewBox') ?? '')
  if (wide !== width || high < height || high > height + 2 * ROOM)
    svg.setAttribute('viewBox', [x, y, width, ROOM * Math.ceil(height / ROOM)].join(' '))
  if (svg.parentElement) svg.parentElement.style.aspectRatio = `${width} / ${height}`
}
const numbers = (view: string): readonly number[] => view.split(' ').map(Number)

/** All new groups, written as text: a parser makes them in a third of the time that one call for each attribute takes. */
function makeGroups(groups: readonly Group[]): readonly SVGGElement[] {
  const holder = document.createElementNS('http://www.w3.org/2000/svg', 'g')
  holder.innerHTML = groups.map(groupText).join('')
  return [...holder.children] as SVGGElement[]
}

/** All that a group looks like but for its place. */
const lookOf = ({ x: _x, y: _y, ...rest }: Group): string => JSON.stringify(rest)
/** What a group was last drawn from, so that one that didn't change costs nothing. */
const drawn = new WeakMap<SVGGElement, Group>()

/** Brings the elements of one group into line with its parts: kept by key, made, moved or removed. */
function parts(group: SVGGElement, g: Group, time: number): void {
  const known = new Map<string, SVGElement>()
  for (const child of [...group.children] as SVGElement[]) known.set(child.dataset.part ?? '', child)
  let at: Element | null = group.firstElementChild
  for (const part of g.parts) {
    let element = known.get(part.key)
    const made = element === undefined || element.tagName !== part.tag
    if (element === undefined || made) {
      element = document.createElementNS('http://www.w3.org/2000/svg', part.tag)
      element.dataset.part = part.key
    } else known.delete(part.key)
    if (element === at) at = at.nextElementSibling
    else group.insertBefore(element, at)
    // What is new has nothing to compare with: asking the document costs as much as telling it.
    const write = made ? put : set
    for (const name in part.fixed) write(element, name, part.fixed[name] as string | number)
    if (part.text !== undefined && element.textContent !== part.text) element.textContent = part.text
    if (part.moving && made) for (const name in part.moving) put(element, name, part.moving[name] as string | number)
    else if (part.moving) move(element, part.moving, time)
  }
  for (const gone of known.values()) gone.remove()
}
function put(element: Element, name: string, value: string | number): void {
  element.setAttribute(name, String(value))
}
function set(element: Element, name: string, value: string | number): void {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value))
}
function move(element: SVGElement, to: Attributes, time: number): void {
  const moved = Object.keys(to).filter((name) => element.getAttribute(name) !== String(to[name]))
  if (moved.length === 0) return
  select(element).interrupt()
  if (time === 0) for (const name of moved) set(element, name, to[name] as string | number)
  else {
    const transition = select(element).transition().duration(time)
    for (const name of moved) transition.attr(name, to[name] as string | number)
  }
}
