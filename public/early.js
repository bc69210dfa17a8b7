/* Before the first paint: the language that the address asks for, the reader's theme and text size. Then what must work from file:// and without the page's modules. */
;(() => {
  const root = document.documentElement
  const asked = new URLSearchParams(location.search)
  const language = asked.get('lang')
  if (/^(ja|en)$/.test(language || '') && language !== root.lang) {
    // The site's root: what this file, or the folder that it was put into, lies in.
    const home = document.currentScript.src.replace(/(_astro\/)?[^/]*$/, '')
    const rest = location.href.slice(home.length)
    if (location.href.startsWith(home) && /^(ja|en)\//.test(rest)) location.replace(home + language + rest.slice(2))
  }
  const wanted = asked.get('theme')
  let stored = ''
  try {
    stored = localStorage.getItem('zukan-theme') || ''
    const size = localStorage.getItem('zukan-size')
    if (/^\d+$/.test(size || '')) root.dataset.size = size
    if (localStorage.getItem('zukan-keys') === 'off') root.dataset.keys = 'off'
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

  // What needs script has its place from the first paint: nothing moves when the modules come.
  const able = Object.hasOwn && window.customElements && window.HTMLDialogElement
  if (able) root.classList.add('zk-live')
  // A browser that can't run the page's modules says so once; the text reads as ever.
  else
    document.addEventListener('DOMContentLoaded', () => {
      const note = document.createElement('p')
      note.className = 'zk-old'
      note.textContent =
        root.lang === 'ja'
          ? 'お使いのブラウザーは古いため、図とターミナルは動きません。本文と実行結果、図の絵は読めます。'
          : 'This browser is too old for moving pictures and terminals. The text, recorded results and drawings can be read.'
      const main = document.querySelector('main') || document.body
      main.insertBefore(note, main.firstChild)
    })

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
