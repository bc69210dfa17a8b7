/**
 * Renders the ```mermaid blocks of all documents to SVG in src/content/mermaid, one file a block, named by the hash of its text.
 * Renders what is missing, removes what no document holds any more; with --check only says what would be done.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { keptIn, mermaidHash, titleIn } from '../src/components/markdown/mermaid.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

export interface Block {
  readonly file: string
  readonly text: string
  readonly hash: string
}
/** The mermaid blocks in a document's text. */
export function blocksIn(file: string, text: string): readonly Block[] {
  return [...text.matchAll(/^( *)(`{3,}|~{3,})mermaid[^\n]*\n([\s\S]*?)^\1\2\s*$/gm)].map((m) => {
    const lines = (m[3] as string)
      .split('\n')
      .map((l) => (l.startsWith(m[1] as string) ? l.slice((m[1] as string).length) : l))
    const body = lines.join('\n').replace(/\n$/, '')
    return { file, text: body, hash: mermaidHash(body) }
  })
}
/** The blocks of all documents below a project's root. */
export function allBlocks(project: string = root): readonly Block[] {
  const docs = `${project.replace(/\/$/, '')}/src/content/docs`
  return readdirSync(docs, { recursive: true, encoding: 'utf8' })
    .filter((f) => /\.mdx?$/.test(f))
    .sort()
    .flatMap((f) => blocksIn(f, readFileSync(`${docs}/${f}`, 'utf8')))
}
/** What is missing among the kept pictures, and what is left over. */
export function difference(blocks: readonly Block[], kept: readonly string[]) {
  const wanted = new Map(blocks.map((b) => [`${b.hash}.svg`, b]))
  return {
    missing: [...wanted].filter(([name]) => !kept.includes(name)).map(([, b]) => b),
    left: kept.filter((name) => !wanted.has(name)),
  }
}

/** Colours that Mermaid is given, each standing for a colour of ours: they are exchanged in what it draws. */
const colors = {
  '#010101': '--zk-process', // faces
  '#020202': '--zk-process-ink', // texts on them
  '#030303': '--zk-process-rule', // their rules
  '#040404': '--zk-arrow', // arrows
  '#050505': '--sl-color-white', // texts beside them
  '#060606': '--zk-cgroup', // notes
  '#070707': '--zk-cgroup-ink',
  '#080808': '--zk-cgroup-rule',
  '#090909': '--zk-container', // periods of work, sections
  '#0a0a0a': '--zk-container-ink',
  '#0b0b0b': '--zk-container-rule',
  '#0c0c0c': '--zk-kernel',
  '#0d0d0d': '--zk-kernel-ink',
  '#0e0e0e': '--zk-paper',
} as const
const sections = Object.fromEntries(
  Array.from({ length: 12 }, (_, i) => [
    [`cScale${i}`, i % 2 ? '#0c0c0c' : '#090909'],
    [`cScaleLabel${i}`, i % 2 ? '#0d0d0d' : '#0a0a0a'],
    [`cScalePeer${i}`, '#030303'],
    [`cScaleInv${i}`, '#030303'],
  ]).flat(),
)
const theme = {
  background: '#0e0e0e',
  mainBkg: '#010101',
  primaryColor: '#010101',
  primaryTextColor: '#020202',
  primaryBorderColor: '#030303',
  secondaryColor: '#090909',
  secondaryTextColor: '#0a0a0a',
  secondaryBorderColor: '#0b0b0b',
  tertiaryColor: '#0e0e0e',
  tertiaryTextColor: '#050505',
  tertiaryBorderColor: '#030303',
  lineColor: '#040404',
  textColor: '#050505',
  nodeBorder: '#030303',
  titleColor: '#050505',
  edgeLabelBackground: '#0e0e0e',
  actorBkg: '#010101',
  actorBorder: '#030303',
  actorTextColor: '#020202',
  actorLineColor: '#030303',
  signalColor: '#040404',
  signalTextColor: '#050505',
  labelBoxBkgColor: '#090909',
  labelBoxBorderColor: '#0b0b0b',
  labelTextColor: '#0a0a0a',
  loopTextColor: '#050505',
  noteBkgColor: '#060606',
  noteTextColor: '#070707',
  noteBorderColor: '#080808',
  activationBkgColor: '#090909',
  activationBorderColor: '#0b0b0b',
  sequenceNumberColor: '#0e0e0e',
  clusterBkg: '#0e0e0e',
  clusterBorder: '#030303',
  ...sections,
}

/** Runs in the page: draws, then writes every style into attributes, since no page allows styles inside. */
async function draw(arg: {
  text: string
  id: string
  theme: Record<string, string>
  colors: Record<string, string>
}): Promise<string> {
  const { mermaid } = globalThis as unknown as {
    mermaid: { initialize(o: unknown): void; render(id: string, text: string): Promise<{ svg: string }> }
  }
  mermaid.initialize({
    startOnLoad: false,
    theme: 'base',
    themeVariables: { ...arg.theme, fontFamily: 'Noto Sans CJK JP, Noto Sans, sans-serif' },
    fontFamily: 'Noto Sans CJK JP, Noto Sans, sans-serif',
    fontSize: 12,
    htmlLabels: false,
    flowchart: { htmlLabels: false, useMaxWidth: false },
    sequence: {
      useMaxWidth: false,
      mirrorActors: false,
      wrap: false,
      width: 84,
      height: 30,
      actorMargin: 10,
      messageMargin: 24,
      boxMargin: 8,
      noteMargin: 8,
      actorFontSize: 13,
      messageFontSize: 12,
      noteFontSize: 12,
    },
    timeline: { useMaxWidth: false },
  })
  const { svg: text } = await mermaid.render(arg.id, arg.text)
  const host = document.createElement('div')
  host.innerHTML = text
  document.body.replaceChildren(host)
  const svg = host.querySelector('svg') as SVGSVGElement
  const hex = (color: string): string => {
    const m = /^rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)$/.exec(color)
    if (!m || m[4] === '0') return m ? 'none' : color
    return `#${[m[1], m[2], m[3]].map((n) => Number(n).toString(16).padStart(2, '0')).join('')}`
  }
  const ours = (color: string, fallback: string): string => {
    if (color === 'none' || color.startsWith('url')) return color
    const name = arg.colors[hex(color)]
    return name === undefined ? (hex(color) === 'none' ? 'none' : `var(${fallback})`) : `var(${name})`
  }
  for (const e of [...svg.querySelectorAll<SVGElement>('*')]) {
    if (['style', 'title', 'desc', 'defs', 'filter', 'fedropshadow'].includes(e.tagName.toLowerCase())) continue
    if (!(e instanceof SVGGraphicsElement) && e.tagName !== 'tspan') continue
    const style = getComputedStyle(e)
    const text = e.tagName === 'text' || e.tagName === 'tspan'
    if (e.tagName !== 'g' && e.tagName !== 'svg') {
      e.setAttribute('fill', ours(style.fill, text ? '--sl-color-white' : '--zk-process'))
      if (style.stroke !== 'none' && !text) {
        e.setAttribute('stroke', ours(style.stroke, '--zk-arrow'))
        e.setAttribute('stroke-width', style.strokeWidth)
        if (style.strokeDasharray !== 'none') e.setAttribute('stroke-dasharray', style.strokeDasharray)
      }
      if (text) {
        e.setAttribute('font-size', style.fontSize)
        if (Number(style.fontWeight) >= 600) e.setAttribute('font-weight', '700')
        e.setAttribute('text-anchor', style.textAnchor)
        if (style.dominantBaseline !== 'auto') e.setAttribute('dominant-baseline', style.dominantBaseline)
      }
      for (const name of ['marker-start', 'marker-end'] as const) {
        const value = style.getPropertyValue(name)
        if (value !== 'none' && value !== '') e.setAttribute(name, `url(${/#[^")]*/.exec(value)?.[0]})`)
      }
      if (style.opacity !== '1') e.setAttribute('opacity', style.opacity)
    }
    e.removeAttribute('filter')
  }
  // Lifelines are drawn far beyond what Mermaid then shows: they end with the picture.
  const shown = svg.viewBox.baseVal
  for (const line of svg.querySelectorAll('line'))
    if (line.y2.baseVal.value > shown.y + shown.height) line.setAttribute('y2', String(shown.y + shown.height))
  const box = svg.getBBox()
  svg.querySelectorAll('style').forEach((e) => {
    e.remove()
  })
  for (const e of [svg, ...svg.querySelectorAll('*')]) {
    e.removeAttribute('style')
    e.removeAttribute('class')
    for (const a of [...e.attributes]) if (a.name.startsWith('data-')) e.removeAttribute(a.name)
  }
  const pad = 6
  const [w, h] = [Math.ceil(box.width + 2 * pad), Math.ceil(box.height + 2 * pad)]
  svg.setAttribute('viewBox', `${Math.floor(box.x - pad)} ${Math.floor(box.y - pad)} ${w} ${h}`)
  svg.setAttribute('width', String(w))
  svg.setAttribute('height', String(h))
  svg.setAttribute('role', 'img')
  return new XMLSerializer().serializeToString(svg)
}

/** Renders blocks in a browser. Throws with the file where Mermaid refuses one. */
async function render(blocks: readonly Block[]): Promise<void> {
  const { chromium } = await import('playwright')
  const debian = '/usr/bin/chromium'
  const browser = await chromium.launch({
    ...(existsSync(debian) ? { executablePath: debian } : {}),
    args: ['--no-sandbox', '--disable-gpu'],
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } })
    await page.setContent('<!doctype html><body></body>')
    await page.addScriptTag({ path: `${root}/node_modules/mermaid/dist/mermaid.min.js` })
    for (const b of blocks) {
      if (titleIn(b.text) === undefined) throw new Error(`${b.file}: a mermaid block needs a line "accTitle: ..."`)
      try {
        const svg = await page.evaluate(draw, { text: b.text, id: `m${b.hash}`, theme, colors })
        writeFileSync(`${keptIn(root)}/${b.hash}.svg`, `${svg}\n`)
        console.log(`rendered ${b.file}: ${titleIn(b.text)}`)
      } catch (problem) {
        throw new Error(`${b.file}: ${(problem as Error).message}`)
      }
    }
  } finally {
    await browser.close()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const kept = readdirSync(keptIn(root)).filter((f) => f.endsWith('.svg'))
  const { missing, left } = difference(allBlocks(), kept)
  if (process.argv.includes('--check')) {
    for (const b of missing) console.error(`${b.file}: "${titleIn(b.text) ?? ''}" must be rendered: npm run mermaid`)
    for (const name of left)
      console.error(`src/content/mermaid/${name}: no document holds this block any more: npm run mermaid`)
    process.exitCode = missing.length + left.length > 0 ? 1 : 0
  } else {
    for (const name of left) rmSync(`${keptIn(root)}/${name}`)
    if (missing.length > 0) await render(missing)
    console.log(`${missing.length} rendered, ${left.length} removed, ${kept.length - left.length} kept`)
  }
}
