/**
 * All chapters on one page: each chapter's contents from its own page, with ids and links made unique. Works on the built pages before
 * their addresses are made relative. Pure but for composeAll.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DefaultTreeAdapterMap, parse, serialize, serializeOuter, defaultTreeAdapter as tree } from 'parse5'

type Node = DefaultTreeAdapterMap['childNode']
type Element = DefaultTreeAdapterMap['element']

const isElement = (node: Node): node is Element => 'tagName' in node
const attribute = (e: Element, name: string): string | undefined => e.attrs.find((a) => a.name === name)?.value
const classes = (e: Element): readonly string[] => (attribute(e, 'class') ?? '').split(/\s+/)

function find(node: { readonly childNodes: readonly Node[] }, wanted: (e: Element) => boolean): Element | undefined {
  for (const child of node.childNodes) {
    if (!isElement(child)) continue
    if (wanted(child)) return child
    const below = find(child, wanted)
    if (below) return below
  }
  return undefined
}
/** What has no use on paper, or would begin to live on the screen. */
const dropped = new Set([
  'script',
  'noscript',
  'template',
  'style',
  'link',
  'button',
  'zukan-terminal',
  'select',
  'zukan-lab',
])
const droppedClasses = [
  'zk-run',
  'zk-player',
  'zk-actions',
  'zk-panels',
  'zk-narrow-only',
  'sl-anchor-link',
  'zk-choices',
  'zk-hint',
  'zk-score',
  'sr-only',
]
const idLists = new Set(['aria-labelledby', 'aria-describedby', 'aria-controls', 'headers', 'for'])

/** Makes a chapter's contents fit to stand beside others: ids begin with its name, headings go down a level, answers are open. */
export function fitChapter(content: Element, name: string, chapters: ReadonlySet<string>): void {
  const own = (id: string): string => `${name}--${id}`
  const href = (value: string): string => {
    if (value.startsWith('#')) return value === '#' ? value : `#${own(value.slice(1))}`
    const m = /^\.\.\/([a-z0-9-]+)\/(?:#(.*))?$/.exec(value)
    if (!m || !chapters.has(m[1] as string)) return value
    return m[2] === undefined ? `#${m[1]}` : `#${m[1]}--${m[2]}`
  }
  const visit = (e: Element): void => {
    for (const child of [...e.childNodes]) {
      if (!isElement(child)) continue
      if (dropped.has(child.tagName) || classes(child).some((c) => droppedClasses.includes(c))) {
        tree.detachNode(child)
        continue
      }
      for (const a of child.attrs) {
        if (a.name === 'id') a.value = own(a.value)
        else if (a.name === 'href' || a.name === 'xlink:href') a.value = href(a.value)
        else if (idLists.has(a.name)) a.value = a.value.split(/\s+/).map(own).join(' ')
        else if (a.value.includes('url(#')) a.value = a.value.replace(/url\(#/g, `url(#${name}--`)
      }
      const level = /^h([2-5])$/.exec(child.tagName)?.[1]
      if (level) {
        child.nodeName = child.tagName = `h${Number(level) + 1}`
        child.attrs = child.attrs.map((a) => ({ ...a }))
      }
      if (child.tagName === 'details' && attribute(child, 'open') === undefined)
        child.attrs.push({ name: 'open', value: '' })
      visit(child)
    }
  }
  visit(content)
}

/** Fills `LANGUAGE/print/index.html` with the chapters that it names. Throws where one of them is no page. */
export function composeAll(dist: string, language: string): number {
  const path = join(dist, language, 'print', 'index.html')
  const page = parse(readFileSync(path, 'utf8'))
  const place = find(page, (e) => attribute(e, 'data-all-chapters') !== undefined)
  const head = find(page, (e) => e.tagName === 'head')
  if (!place || !head) throw new Error(`${path}: no place for the chapters`)
  const names = (attribute(place, 'data-all-chapters') ?? '').split(' ').filter(Boolean)
  const known = new Set(names)
  const sheets = new Set(
    head.childNodes.flatMap((c) =>
      isElement(c) && attribute(c, 'rel') === 'stylesheet' ? [attribute(c, 'href')] : [],
    ),
  )
  const parts: string[] = []
  const titles: string[] = []
  for (const name of names) {
    const chapter = parse(readFileSync(join(dist, language, name, 'index.html'), 'utf8'))
    const title = find(chapter, (e) => e.tagName === 'h1')
    const content = find(chapter, (e) => classes(e).includes('sl-markdown-content'))
    if (!title || !content) throw new Error(`${language}/${name}: no title or no contents`)
    const chapterHead = find(chapter, (e) => e.tagName === 'head') as Element
    for (const link of chapterHead.childNodes.filter(isElement)) {
      const sheet = attribute(link, 'rel') === 'stylesheet' ? attribute(link, 'href') : undefined
      if (sheet === undefined || sheets.has(sheet)) continue
      sheets.add(sheet)
      tree.appendChild(head, link)
    }
    fitChapter(content, name, known)
    titles.push(`<li><a href="#${name}">${serialize(title)}</a></li>`)
    parts.push(
      `<section class="zk-chapter" aria-labelledby="${name}"><h2 id="${name}">${serialize(title)}</h2>${serialize(content)}</section>`,
    )
  }
  const marker = `<!--chapters ${language}-->`
  place.attrs = []
  place.childNodes = []
  tree.appendChild(place, tree.createCommentNode(marker.slice(4, -3)))
  const html = `<ol class="zk-chapters">${titles.join('')}</ol>${parts.join('')}`
  writeFileSync(
    path,
    serialize(page).replace(serializeOuter(place), () => html),
  )
  return names.length
}
