/**
 * Runs the site's modules as classic scripts. Browsers load neither ES modules nor fetch() from file://, so the build turns every module
 * into `zukan(name, needs, body)`; this file keeps them, fetches what is missing by script elements, and runs them. The page's loader
 * element names what to run (data-run) once the document is there.
 */
;(() => {
  if (window.zukan) return
  const me = document.currentScript
  const base = new URL('.', me.src).href
  /** Modules by name: what they need, how to run them, and what they export once run. */
  const modules = new Map()
  /** Scripts by name: settled when the module is there. */
  const scripts = new Map()
  const files = new Map()

  const inject = (url) =>
    new Promise((resolve, reject) => {
      const script = document.createElement('script')
      script.src = url
      script.onload = () => resolve()
      script.onerror = () => {
        script.remove()
        reject(new Error(`${url}: could not be loaded`))
      }
      document.head.append(script)
    })
  const bring = (name) => {
    if (modules.has(name)) return Promise.resolve()
    if (!scripts.has(name)) {
      const coming = inject(base + name)
      // A failure may be the network's: the next one who asks tries again.
      coming.catch(() => scripts.delete(name))
      scripts.set(name, coming)
    }
    return scripts.get(name)
  }
  const bringAll = async (name, seen = new Set()) => {
    if (seen.has(name)) return
    seen.add(name)
    await bring(name)
    await Promise.all(modules.get(name).needs.map((need) => bringAll(need, seen)))
  }
  const run = (name) => {
    const module = modules.get(name)
    if (!module.exports) {
      module.exports = {}
      const box = { exports: module.exports }
      // A cycle sees what is exported so far, as with ES modules.
      module.body(run, box, load, base + name, fetchFile)
      Object.defineProperties(module.exports, Object.getOwnPropertyDescriptors(box.exports))
    }
    return module.exports
  }
  const load = async (name) => {
    await bringAll(name)
    return run(name)
  }
  /** fetch() for data beside the scripts. From file:// it comes from a twin of the file that is a script. */
  const fetchFile = async (url) => {
    if (location.protocol !== 'file:') return fetch(url)
    const path = new URL(String(url).split('?')[0], base).href
    if (!files.has(path)) await inject(`${path}.js`)
    const bytes = Uint8Array.from(atob(files.get(path)), (c) => c.charCodeAt(0))
    return new Response(bytes)
  }

  window.zukan = (name, needs, body) => modules.set(name, { needs, body })
  window.zukan.load = load
  window.zukan.base = base
  window.zukan.file = (text) => files.set(document.currentScript.src.replace(/\.js$/, ''), text)
  // The page is painted first: modules measure it, and would have the browser lay it out for them alone. A task each: none is long.
  const painted = () =>
    new Promise((done) => {
      if (document.hidden) done()
      else requestAnimationFrame(() => setTimeout(done))
    })
  document.addEventListener('DOMContentLoaded', async () => {
    await painted()
    for (const name of (me.dataset.run || '').split(' ').filter(Boolean)) {
      load(name).catch(reportError)
      await new Promise((done) => setTimeout(done))
    }
  })
})()
