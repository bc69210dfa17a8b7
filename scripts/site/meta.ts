/**
 * What machines want to know of a site: llms.txt always; canonical links, hreflang, Open Graph addresses, oEmbed and the site map where
 * the build knows the site's address (SITE). Without it they are left out: the same files are served at many places, and those
 * specifications ask for absolute addresses.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
const plain = (html: string): string =>
  html
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;|&#x27;/g, "'")
    .replace(/&amp;/g, '&')

/** The site's address with a slash at its end, from the environment's SITE. Throws where it isn't an address. */
export function siteAddress(given: string | undefined): string | undefined {
  if (given === undefined || given.trim() === '') return undefined
  let url: URL
  try {
    url = new URL(given.trim())
  } catch {
    throw new Error(`SITE=${given}: expected an address such as https://example.org/zukan/`)
  }
  if (!/^https?:$/.test(url.protocol) || url.search || url.hash)
    throw new Error(`SITE=${given}: expected an address such as https://example.org/zukan/, without ? or #`)
  return url.href.endsWith('/') ? url.href : `${url.href}/`
}

interface Described {
  /** From the site's root: `ja/process/`. */
  readonly path: string
  readonly title: string
  readonly description: string
  readonly indexed: boolean
}
function describe(path: string, html: string): Described {
  const title = plain(/<title>([^<]*)<\/title>/.exec(html)?.[1] ?? '').replace(/ \| [^|]*$/, '')
  const description = plain(/<meta name="description" content="([^"]*)"/.exec(html)?.[1] ?? '')
  return {
    path: path.replace(/index\.html$/, ''),
    title,
    description,
    indexed: !/<meta name="robots" content="noindex"/.test(html),
  }
}
const twin = (path: string): string => path.replace(/^(ja|en)\//, (_, l) => (l === 'ja' ? 'en/' : 'ja/'))

/** Elements for the head of a page at `path` of the site at `site`. */
export function headFor(page: Described, site: string): string {
  const at = (path: string): string => escaped(site + path)
  const image = at('card.png')
  const out = [
    `<meta property="og:url" content="${at(page.path)}">`,
    `<meta property="og:image" content="${image}"><meta property="og:image:width" content="1200"><meta property="og:image:height" content="630"><meta property="og:image:alt" content="Container Zukan">`,
  ]
  if (page.indexed) {
    const [ja, en] = page.path.startsWith('ja/') ? [page.path, twin(page.path)] : [twin(page.path), page.path]
    out.push(
      `<link rel="canonical" href="${at(page.path)}">`,
      `<link rel="alternate" hreflang="ja" href="${at(ja)}"><link rel="alternate" hreflang="en" href="${at(en)}">`,
    )
    if (/^(ja|en)\/$/.test(page.path)) out.push(`<link rel="alternate" hreflang="x-default" href="${at('')}">`)
  }
  if (/^(ja|en)\/embed\//.test(page.path))
    out.push(
      `<meta property="og:title" content="${escaped(page.title)}"><meta property="og:type" content="website"><meta property="og:description" content="${escaped(page.description)}">`,
      `<link rel="alternate" type="application/json+oembed" href="${at(`${page.path}oembed.json`)}" title="${escaped(page.title)}">`,
    )
  return out.join('')
}
/** oEmbed 1.0, a rich response. */
export const oembedFor = (page: Described, site: string): string =>
  `${JSON.stringify({
    type: 'rich',
    version: '1.0',
    title: page.title,
    provider_name: 'Container Zukan',
    provider_url: site,
    width: 760,
    height: 640,
    html: `<iframe src="${escaped(site + page.path)}" title="${escaped(page.title)}" width="760" height="640" loading="lazy"></iframe>`,
  })}\n`
/** sitemaps.org 0.9, with both languages of each page. */
export const sitemapFor = (pages: readonly Described[], site: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
${pages
  .map(({ path }) => {
    const links = ['ja', 'en']
      .map((l) => `<xhtml:link rel="alternate" hreflang="${l}" href="${escaped(site + path.replace(/^(ja|en)/, l))}"/>`)
      .join('')
    return `<url><loc>${escaped(site + path)}</loc>${links}</url>`
  })
  .join('\n')}
</urlset>
`
/** llmstxt.org: what is where, for language models; addresses are relative where the site's own isn't known. */
export function llmsText(pages: readonly Described[], site = ''): string {
  const list = (language: string): string =>
    pages
      .filter((p) => p.path.startsWith(`${language}/`))
      .map((p) => `- [${p.title}](${site}${p.path}): ${p.description}`)
      .join('\n')
  return `# Container Zukan (コンテナ図鑑)

> An illustrated encyclopedia of container technology, in English and Japanese, whose pictures run: every page embeds an emulator of Linux, container engines, registries and hosts. The outputs of commands in the text were printed by that emulator.

Each page stands in both languages at the same path, below en/ and ja/. [links.json](${site}links.json) lists every page, heading, picture and lab.

## English

${list('en')}

## 日本語

${list('ja')}
`
}

/** Writes it all; `paths` are the pages below the languages' folders, after they were made portable. */
export function writeMeta(dist: string, paths: readonly string[], site: string | undefined): void {
  const read = (path: string): string => readFileSync(join(dist, path), 'utf8')
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(dist, path)), { recursive: true })
    writeFileSync(join(dist, path), text)
  }
  const pages = paths.map((path) => describe(path, read(path)))
  const indexed = pages.filter((p) => p.indexed)
  write('llms.txt', llmsText(indexed, site))
  if (site === undefined) return
  for (const page of pages) {
    const file = `${page.path}index.html`
    write(
      file,
      read(file).replace('</head>', () => `${headFor(page, site)}</head>`),
    )
    if (/^(ja|en)\/embed\//.test(page.path)) write(`${page.path}oembed.json`, oembedFor(page, site))
  }
  write('sitemap.xml', sitemapFor(indexed, site))
  // Crawlers ask for this file at the root of a host alone.
  if (new URL(site).pathname === '/') write('robots.txt', `User-agent: *\nAllow: /\n\nSitemap: ${site}sitemap.xml\n`)
}
