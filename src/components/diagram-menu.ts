/** A picture's menu: its address, the code to embed it, and the picture as a file. */
import { viewOf } from '../diagrams/draw/live.ts'
import { commonWords } from '../diagrams/words/common.ts'
import { copyText } from './copy.ts'

/** Properties that the styles of a page give to shapes and that a file must carry with it. */
const carried = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-family',
  'font-size',
  'font-weight',
  'letter-spacing',
  'opacity',
] as const

/** The picture as a file that looks alike without the page: styles written into it, with the page's paper behind. */
export function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement
  const from = [svg, ...svg.querySelectorAll<SVGElement>('*')]
  const to = [copy, ...copy.querySelectorAll<SVGElement>('*')]
  from.forEach((element, i) => {
    const style = getComputedStyle(element)
    const target = to[i] as SVGElement
    target.removeAttribute('style')
    for (const name of carried) {
      const value = style.getPropertyValue(name)
      if (value && value !== 'normal' && !(name === 'opacity' && value === '1')) target.setAttribute(name, value)
    }
    for (const name of ['class', 'tabindex', 'data-part', 'data-key', 'data-keys', 'data-open'])
      target.removeAttribute(name)
  })
  const view = viewOf(svg)
  const [x = 0, y = 0, width = 0, height = 0] = view.split(' ').map(Number)
  copy.setAttribute('viewBox', view)
  copy.removeAttribute('data-view')
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  copy.setAttribute('role', 'img')
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  for (const [name, value] of Object.entries({ x, y, width, height })) paper.setAttribute(name, String(value))
  paper.setAttribute('fill', getComputedStyle(svg).getPropertyValue('--zk-paper').trim() || '#fff')
  copy.prepend(paper)
  copy.querySelectorAll('[role=treeitem]').forEach((g) => {
    for (const a of [...g.attributes]) if (a.name.startsWith('aria-') || a.name === 'role') g.removeAttribute(a.name)
  })
  return new XMLSerializer().serializeToString(copy)
}

/** Gives the buttons of a picture's menu their work. */
export function menu(element: HTMLElement): void {
  const words = commonWords[element.dataset.language === 'ja' ? 'ja' : 'en']
  const address = (): string => {
    const url = new URL(element.dataset.embed ?? '.', location.href)
    if (element.dataset.host) url.searchParams.set('host', element.dataset.host)
    if (element.dataset.choice) url.searchParams.set('choice', element.dataset.choice)
    return url.href
  }
  element.querySelectorAll<HTMLButtonElement>('[data-menu]').forEach((button) => {
    const label = button.textContent ?? ''
    const copy = (text: string): void => {
      void copyText(text).then((done) => {
        if (!done) return
        button.textContent = words.copied
        setTimeout(() => {
          button.textContent = label
        }, 1500)
      })
    }
    button.addEventListener('click', () => {
      const svg = element.querySelector<SVGSVGElement>('.zk-canvas svg')
      const name = svg?.getAttribute('aria-label') ?? ''
      if (button.dataset.menu === 'link') copy(address())
      else if (button.dataset.menu === 'embed') {
        const height = Math.ceil((svg?.getBoundingClientRect().height ?? 400) + 220)
        const frame = document.createElement('iframe')
        frame.src = address()
        frame.title = name
        frame.width = '100%'
        frame.height = String(height)
        frame.loading = 'lazy'
        copy(frame.outerHTML)
      } else if (svg) {
        const url = URL.createObjectURL(new Blob([standalone(svg)], { type: 'image/svg+xml' }))
        const a = document.createElement('a')
        a.href = url
        a.download = `${element.dataset.scene ?? 'diagram'}.svg`
        a.click()
        setTimeout(() => URL.revokeObjectURL(url), 10_000)
      }
    })
  })
}
