/** Times of drawing a picture of 200 boxes in Chromium: layout, D3 joins and the browser's own layout of the result. */
import { existsSync, readFileSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { build } from 'esbuild'

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
globalThis.measure = (boxes) => {
  const first = []
  const next = []
  // The first ones, before the code is compiled, don't count but for the very first.
  for (let i = 0; i < 45; i++) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    svg.setAttribute('class', 'zk-svg')
    const canvas = document.createElement('div')
    canvas.className = 'zk-canvas'
    canvas.append(svg)
    document.body.append(canvas)
    first.push(time(() => update(svg, layoutScene(scene(boxes), 700), 0), svg))
    next.push(time(() => update(svg, layoutScene(scene(boxes + 1), 700), 0), svg))
    canvas.remove()
  }
  return { boxes: count(scene(boxes).root), cold: first[0], first: median(first.slice(15)), next: median(next.slice(15)) }
}
`

export interface DrawTimes {
  readonly boxes: number
  /** Milliseconds: the very first drawing of the page, a first drawing, an update by one box. */
  readonly cold: number
  readonly first: number
  readonly next: number
}

/** Undefined where there is no browser. */
export async function drawTimes(boxes: number): Promise<DrawTimes | undefined> {
  const { outputFiles } = await build({
    stdin: { contents: page, resolveDir: new URL('../..', import.meta.url).pathname, loader: 'js' },
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
  })
  const debian = '/usr/bin/chromium'
  const browser = await chromium
    .launch(existsSync(debian) ? { executablePath: debian, args: ['--no-sandbox'] } : {})
    .catch(() => undefined)
  if (!browser) return undefined
  try {
    const styles = readFileSync(new URL('../../src/styles/diagrams.css', import.meta.url), 'utf8')
    const tab = await browser.newPage()
    await tab.setContent(`<!doctype html><style>${styles}</style><body></body>`)
    await tab.addScriptTag({ content: outputFiles[0]?.text ?? '' })
    return await tab.evaluate((n) => (globalThis as unknown as { measure(n: number): DrawTimes }).measure(n), boxes)
  } finally {
    await browser.close()
  }
}
