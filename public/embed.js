// The theme of an embedded picture: what its address asks for, else what the reader's system prefers.
;(() => {
  const asked = new URLSearchParams(location.search).get('theme')
  const light = asked ? asked === 'light' : matchMedia('(prefers-color-scheme: light)').matches
  document.documentElement.dataset.theme = light ? 'light' : 'dark'
})()
