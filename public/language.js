// The language that the address asks for; else Japanese where the browser asks for it first, English otherwise.
var asked = (/[?&]lang=(ja|en)(&|$)/.exec(location.search) || [])[1]
var wanted = asked || (navigator.languages || [navigator.language || 'en'])[0] || 'en'
location.replace(
  (/^ja/i.test(wanted) ? './ja/' : './en/') + (location.protocol === 'file:' ? 'index.html' : '') + location.search + location.hash,
)
