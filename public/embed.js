// The language that the address asks for, and the theme of what is embedded: as asked, else as the reader's system has it.
;(() => {
  const asked = new URLSearchParams(location.search)
  const language = asked.get('lang')
  if (/^(ja|en)$/.test(language || '') && language !== document.documentElement.lang) {
    // The site's root: what this file, or the folder that it was put into, lies in.
    const home = document.currentScript.src.replace(/(_astro\/)?[^/]*$/, '')
    const rest = location.href.slice(home.length)
    if (location.href.startsWith(home) && /^(ja|en)\//.test(rest)) location.replace(home + language + rest.slice(2))
  }
  // What needs script has its place from the first paint.
  document.documentElement.classList.add('zk-live')
  const theme = asked.get('theme')
  const light = theme ? theme === 'light' : matchMedia('(prefers-color-scheme: light)').matches
  document.documentElement.dataset.theme = light ? 'light' : 'dark'
})()
