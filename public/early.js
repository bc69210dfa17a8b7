/* Before the first paint: the reader's theme. Then what must work from file:// and without the page's modules. */
;(() => {
  const root = document.documentElement
  const wanted = new URLSearchParams(location.search).get('theme')
  let stored = ''
  try {
    stored = localStorage.getItem('zukan-theme') || ''
  } catch {
    // Storage may be forbidden: then the system's theme holds.
  }
  const theme = /^(light|dark)$/.test(wanted || '') ? wanted : stored
  const apply = (name) => {
    root.dataset.theme = name || (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark')
  }
  apply(theme)
  addEventListener('zukan-theme', (event) => apply(event.detail))
  matchMedia('(prefers-color-scheme: light)').addEventListener('change', () => {
    if (!root.dataset.chosen) apply('')
  })
  if (theme) root.dataset.chosen = theme

  addEventListener(
    'click',
    (event) => {
      const link = event.target instanceof Element && event.target.closest('a[href]')
      if (!link) return
      // The other language opens at the same heading.
      if (link.hasAttribute('data-twin')) link.hash = location.hash
      // A folder has no index from file://.
      if (location.protocol === 'file:' && link.protocol === 'file:' && link.pathname.endsWith('/')) link.pathname += 'index.html'
    },
    true,
  )
})()
