/** <zukan-diagram>: takes over a picture drawn at build time and keeps it like the page's world. */
import { update } from '../diagrams/draw/live.ts'
import { layoutStack } from '../diagrams/layout/stack.ts'
import { rowsOf, stackScene } from '../diagrams/scene/stack.ts'
import { openShared } from './sessions.ts'

class ZukanDiagram extends HTMLElement {
  #last = ''
  connectedCallback(): void {
    const svg = this.querySelector('svg') as SVGSVGElement
    const language = this.dataset.language === 'ja' ? 'ja' : 'en'
    const host = this.dataset.host ?? 'linux-server'
    let begun: Promise<void> | undefined
    const begin = (): Promise<void> =>
      (begun ??= openShared(host).then((shared) => {
        const draw = (): void => {
          const scene = stackScene(shared.session.view(), language)
          const width = Math.max(280, Math.min(760, this.clientWidth))
          const key = JSON.stringify(scene) + width
          if (key === this.#last) return
          const first = this.#last === ''
          this.#last = key
          update(svg, layoutStack(scene, width))
          const rows = rowsOf(scene)
          this.querySelector('tbody')?.replaceChildren(
            ...rows.map((r) => {
              const tr = document.createElement('tr')
              for (const text of [r.title, r.detail, r.kernel]) {
                const td = document.createElement('td')
                td.textContent = text
                tr.append(td)
              }
              return tr
            }),
          )
          const say = this.querySelector('[aria-live]')
          if (say && !first) say.textContent = rows.map((r) => r.title).join(', ')
        }
        shared.onChange(draw)
        new ResizeObserver(draw).observe(this)
        shared.kick()
      }))
    new IntersectionObserver((entries, observer) => {
      if (!entries.some((e) => e.isIntersecting)) return
      observer.disconnect()
      void begin()
    }).observe(this)
  }
}
if (!customElements.get('zukan-diagram')) customElements.define('zukan-diagram', ZukanDiagram)
