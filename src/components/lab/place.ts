/** Where the site lies: addresses of its pages as a reader can pass them on. */

/** The site's root: what loader.js stands below, or the server's root while the pages are being written. */
const root = (): URL => {
  const base = (window as { zukan?: { base?: string } }).zukan?.base
  return base ? new URL('..', base) : new URL('/', location.href)
}
/** The address of a page (`ja/lab/`) with a query; a folder has no index from file://. */
export function addressOf(path: string, query = ''): string {
  const url = new URL(path, root())
  if (url.protocol === 'file:' && url.pathname.endsWith('/')) url.pathname += 'index.html'
  return query === '' ? url.href : `${url.href}?${query}`
}
