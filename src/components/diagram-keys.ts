/** Travel through the boxes of a picture by keyboard, as through a tree: WAI-ARIA Authoring Practices, "Tree View". */

/** Makes a picture's boxes reachable; may be called again after each drawing. */
export function keys(svg: SVGSVGElement): void {
  const boxes = [...svg.querySelectorAll<SVGGElement>('g[role=treeitem]')]
  const current = boxes.find((b) => b.getAttribute('tabindex') === '0') ?? boxes[0]
  for (const b of boxes) b.setAttribute('tabindex', b === current ? '0' : '-1')
  if (svg.dataset.keys) return
  svg.dataset.keys = 'true'
  svg.addEventListener('keydown', (e) => travel(svg, e))
  svg.addEventListener('focusin', (e) => {
    for (const b of svg.querySelectorAll('g[role=treeitem]')) b.setAttribute('tabindex', b === e.target ? '0' : '-1')
  })
}

function travel(svg: SVGSVGElement, e: KeyboardEvent): void {
  const boxes = [...svg.querySelectorAll<SVGGElement>('g[role=treeitem]')]
  const at = boxes.indexOf(e.target as SVGGElement)
  if (at < 0 || e.ctrlKey || e.altKey || e.metaKey) return
  const level = (i: number): number => Number(boxes[i]?.getAttribute('aria-level') ?? 0)
  let to = at
  if (e.key === 'ArrowDown') to = at + 1
  else if (e.key === 'ArrowUp') to = at - 1
  else if (e.key === 'ArrowRight') to = level(at + 1) > level(at) ? at + 1 : at
  else if (e.key === 'ArrowLeft') {
    to = at - 1
    while (to > 0 && level(to) >= level(at)) to--
  } else if (e.key === 'Home') to = 0
  else if (e.key === 'End') to = boxes.length - 1
  else return
  e.preventDefault()
  boxes[Math.max(0, Math.min(boxes.length - 1, to))]?.focus()
}
