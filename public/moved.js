/* Leads from an address that was published once to the place where its contents are now. */
;(() => {
  let id = ''
  try {
    id = decodeURIComponent(location.hash.slice(1))
  } catch {
    // A broken percent sign names no heading.
  }
  const mark = id === '' ? null : document.getElementById(id)
  const link = mark && (mark.matches('[data-moved]') ? mark : mark.querySelector('[data-moved]'))
  const page = document.querySelector('[data-moved-page]')
  if (!link && !page) return
  const url = new URL((link || page).href)
  url.search = location.search
  if (!link && !url.hash) url.hash = location.hash
  if (url.protocol === 'file:' && url.pathname.endsWith('/')) url.pathname += 'index.html'
  location.replace(url)
})()
