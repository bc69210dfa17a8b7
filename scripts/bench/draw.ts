/** Times of drawing a picture of 200 boxes in Chromium: layout, D3 joins and the browser's own layout of the result. */
import { readFileSync } from 'node:fs'
import { inTab } from './page.ts'

/** What runs in the page: boxes in boxes as a host's containers stand in a picture, drawn anew and with one more. */
const page = `
import { layoutScene } from './src/diagrams/layout/index.ts'
import { update } from './src/diagrams/draw/live.ts'

const scene = (count) => ({
  root: {
    id: 'machine', kind: 'machine', title: 'docker-host', children: [
      { id: 'kernel', kind: 'kernel', title: 'Linux 6.12' },
      ...Array.from({ length: 20 }, (_, g) => ({
        id: 'group' + g, kind: 'group', title: 'Containers ' + g,
        children: Array.from({ length: Math.ceil((count - 22 - g) / 20) }, (_, n) => ({
          id: 'c' + g + '-' + n, kind: 'container', tag: 'container', title: 'web-' + g + '-' + n,
          details: ['nginx:1.25.3-alpine', 'PID ' + (1000 + 20 * n + g)], kernel: 'kernel',
        })),
      })),
    ],
  },
  links: [],
})
const count = (box) => 1 + (box.children ?? []).reduce((n, b) => n + count(b), 0)
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1]
const time = (work, svg) => {
  const began = performance.now()
  work()
  // What the browser still has to do before it can paint belongs to it.
  svg.getBoundingClientRect()
  return performance.now() - began
}
// Later frames come when the measure says: their work is timed as well.
let frames = []
globalThis.requestAnimationFrame = (f) => frames.push(f)
/** Milliseconds for what a first drawing leaves to later frames. */
const rest = (svg) => time(() => {
  while (frames.length > 0) frames.splice(0).forEach((f) => f())
}, svg)
globalThis.measure = (boxes) => {
  const first = []
  const whole = []
  const next = []
  // The first ones, before the code is compiled, don't count but for the very first.
  for (let i = 0; i < 45; i++) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    svg.setAttribute('class', 'zk-svg')
    const canvas = document.createElement('div')
    canvas.className = 'zk-canvas'
    canvas.append(svg)
    document.body.append(canvas)
    const drawn = time(() => update(svg, layoutScene(scene(boxes), 700), 0), svg)
    first.push(drawn)
    whole.push(drawn + rest(svg))
    next.push(time(() => update(svg, layoutScene(scene(boxes + 1), 700), 0), svg))
    canvas.remove()
  }
  return { boxes: count(scene(boxes).root), cold: first[0], first: median(first.slice(15)), whole: median(whole.slice(15)), next: median(next.slice(15)) }
}
`

export interface DrawTimes {
  readonly boxes: number
  /**
   * Milliseconds: the very first drawing of the page; a first drawing until it can be painted, and with the words out of sight that follow
   * in later frames; an update by one box.
   */
  readonly cold: number
  readonly first: number
  readonly whole: number
  readonly next: number
}

/** Undefined where there is no browser. */
export function drawTimes(boxes: number): Promise<DrawTimes | undefined> {
  const styles = readFileSync(new URL('../../src/styles/diagrams.css', import.meta.url), 'utf8')
  return inTab(page, `<style>${styles}</style>`, (tab) => tab.evaluate(`measure(${boxes})`) as Promise<DrawTimes>)
}
