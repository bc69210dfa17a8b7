/**
 * Keeps links alive: fails where a registered id is gone, and writes what leads from an old id to its new place: a page for a page, a
 * mark within a page for a heading. Works on the built pages before their addresses are made relative.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { relativeTo } from '../../src/components/links/relative.ts'
import { idsOfSite } from '../links/present.ts'
import { checkRegister, type Redirect, targetOf } from '../links/register.ts'

const words = {
  ja: { moved: 'ページが移りました', go: '新しい場所へ', heading: 'この節は移りました。' },
  en: { moved: 'This page has moved', go: 'Go to its new place', heading: 'This section has moved:' },
} as const
type Language = keyof typeof words

/** An id's address from the site's root. */
const addressOf = (id: string, language: Language): string => {
  const [page = '', heading] = id.split('#')
  return `${language}/${page === 'index' ? '' : `${page}/`}${heading === undefined ? '' : `#${heading}`}`
}
const fileOf = (id: string, language: Language): string => `${language}/${id === 'index' ? '' : `${id}/`}index.html`

/** A page that leads on, with script to the same heading, without script to the page. `marks` are headings that went elsewhere. */
function redirectPage(from: string, to: string, marks: ReadonlyMap<string, string>, language: Language): string {
  const here = `/${language}/${from}/`
  const up = '../'.repeat(here.split('/').filter(Boolean).length)
  const href = relativeTo(addressOf(to, language), here)
  const links = [...marks]
    .map(([id, target]) => `<a id="${id}" data-moved href="${relativeTo(addressOf(target, language), here)}"></a>`)
    .join('')
  const w = words[language]
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${w.moved}</title><meta name="robots" content="noindex"><link rel="icon" href="${up}favicon.svg"><link rel="stylesheet" href="${up}front.css"><script src="${up}moved.js" defer></script><noscript><meta http-equiv="refresh" content="0; url=${href}"></noscript></head>
<body><main><h1>${w.moved}</h1><p><a href="${href}" data-moved-page>${w.go}</a>${links}</p></main></body></html>
`
}
/** A page's HTML with a mark for a heading that it no longer has. */
function markHeading(html: string, id: string, to: string, from: string, language: Language): string {
  const [page, heading] = to.split('#')
  if (page === from && heading !== undefined) {
    // The old id stands right before the heading that took its place.
    const at = new RegExp(`<[a-z][a-z0-9]*\\b[^>]*? id="${heading}"`).exec(html)
    if (at) return `${html.slice(0, at.index)}<span id="${id}" class="zk-was"></span>${html.slice(at.index)}`
  }
  const w = words[language]
  const here = `/${fileOf(from, language).replace(/index\.html$/, '')}`
  const note = `<p class="zk-moved" id="${id}">${w.heading} <a data-moved href="${relativeTo(addressOf(to, language), here)}">${w.go}</a></p>`
  const script = html.includes('src="/moved.js"') ? '' : '<script src="/moved.js" defer></script>'
  const end = html.lastIndexOf('</main>')
  return `${html.slice(0, end)}${note}${html.slice(end)}`.replace('</head>', `${script}</head>`)
}

/** Checks the register against the built site. Throws with every id that is gone. */
export function checkSite(dist: string, register: readonly string[], redirects: readonly Redirect[]): void {
  const problems = checkRegister(register, idsOfSite(dist), redirects)
  if (problems.length > 0) throw new Error(`links from elsewhere would break:\n${problems.join('\n')}`)
}
/** Writes pages and marks for what is redirected; answers the paths of pages that are nothing else. */
export function writeRedirects(
  dist: string,
  register: readonly string[],
  redirects: readonly Redirect[],
): readonly string[] {
  const present = idsOfSite(dist)
  const ids = new Set([...redirects.map((r) => r.from), ...register.filter((id) => !present.has(id))])
  const written: string[] = []
  for (const language of ['ja', 'en'] as const) {
    const marksOf = (page: string): Map<string, string> =>
      new Map(
        [...ids].flatMap((id) => {
          const [from, heading] = id.split('#')
          const to = targetOf(id, redirects, present)
          return from === page && heading !== undefined && to !== undefined ? [[heading, to] as const] : []
        }),
      )
    for (const page of new Set([...ids].map((id) => id.split('#')[0] as string))) {
      const path = fileOf(page, language)
      const file = join(dist, path)
      if (existsSync(file)) {
        let html = readFileSync(file, 'utf8')
        for (const [heading, to] of marksOf(page)) html = markHeading(html, heading, to, page, language)
        writeFileSync(file, html)
        continue
      }
      const to = targetOf(page, redirects, present)
      if (to === undefined) continue
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, redirectPage(page, to, marksOf(page), language))
      written.push(path)
    }
  }
  return written
}
