/** Names of the site's files and the addresses they are asked by. Pure; worker, page, build and tests share it. */

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
  xml: 'application/xml',
  txt: 'text/plain; charset=utf-8',
}
/** The media type of a file of the site, by its name's end. Pagefind's files are bytes. */
export const contentType = (path: string): string =>
  types[/\.([a-z]+)$/.exec(path)?.[1] ?? ''] ?? 'application/octet-stream'

/** `ja/process/index.html` is asked for as `ja/process/`: some servers redirect the longer address. */
export const addressOf = (path: string): string => path.replace(/(^|\/)index\.html$/, '$1')
/** The file that an address below the site's root stands for; the root itself is ''. Undefined where its escapes are broken. */
export function fileOf(address: string): string | undefined {
  try {
    const path = decodeURIComponent(address.replace(/[?#].*$/s, ''))
    return path === '' || path.endsWith('/') ? `${path}index.html` : path
  } catch {
    return undefined
  }
}

/** Packs of files that are kept together in one request. */
export const bundles = ['program', 'search.ja', 'search.en'] as const
export type Bundle = (typeof bundles)[number]
export const bundlePath = (bundle: Bundle): string => `offline/${bundle}.json`
/** The pack that holds a file; none for pages, pictures and what is only for file://. */
export function bundleOf(path: string): Bundle | undefined {
  if (isTwin(path)) return undefined
  if (path.startsWith('_astro/')) return 'program'
  if (!path.startsWith('pagefind/')) return undefined
  const language = /[/.](ja|en)[_.]/.exec(path)?.[1]
  return language === 'ja' || language === 'en' ? `search.${language}` : 'program'
}
/** A data file's twin that is a script, for file://. */
export const isTwin = (path: string): boolean =>
  /^pagefind\/.*\.(json|pf_\w+|pagefind)\.js$/.test(path) || path === 'files.json.js'
/** Files that the whole site offline consists of: not the packs it comes in, nor what serves other places. */
export const isSite = (path: string): boolean =>
  !isTwin(path) && !path.startsWith('offline/') && path !== 'worker.js' && path !== 'files.json'

/** Files of the site that a page names: its styles, scripts and pictures. `path` is the page's. */
export function resourcesOf(path: string, html: string): readonly string[] {
  const out = new Set<string>()
  for (const [, address] of html.matchAll(/\s(?:href|src)="([^"#?]+)"/g)) {
    const { pathname, host } = new URL(address as string, `http://zukan/${path}`)
    if (host === 'zukan' && /\.(css|js|svg|png)$/.test(pathname)) out.add(pathname.slice(1))
  }
  return [...out]
}
