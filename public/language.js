// Japanese where the browser asks for it first, English otherwise.
var wanted = (navigator.languages || [navigator.language || 'en'])[0] || 'en'
location.replace((/^ja/i.test(wanted) ? './ja/' : './en/') + (location.protocol === 'file:' ? 'index.html' : ''))
