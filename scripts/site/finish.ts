/** Last steps of a build, on the files of dist/: every module a classic script, every page free of its place (see page.ts), one search index. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ClassicModule, classicModule, fileScript, namedModules, namesRead } from './module.ts'
import { portablePage } from './page.ts'

const hash = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, 8).replace(/[-_]/g, '0')
const ASSETS = '_astro'

/** All files below a folder, as paths with slashes from it. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((f) => statSync(join(folder, f)).isFile())
    .map((f) => f.split(sep).join('/'))
    .sort()
}

/** Modules by name as classic ones, what one needs before it. */
export function classicModules(sources: ReadonlyMap<string, string>): ReadonlyMap<string, ClassicModule> {
  const named = new Map([...sources].map(([name, source]) => [name, namedModules(source, name)]))
  /** Names of exports that were asked for before the module was written, or that an import() reads. */
  const kept = new Map([...sources.keys()].map((name) => [name, new Set<string>()]))
  for (const [name, { later }] of named)
    for (const to of later) for (const read of namesRead(sources.get(name) as string)) kept.get(to)?.add(read)
  const modules = new Map<string, ClassicModule>()
  const begun = new Set<string>()
  const visit = (name: string): void => {
    const source = sources.get(name)
    if (source === undefined || begun.has(name)) return
    begun.add(name)
    for (const need of named.get(name)?.needs ?? []) visit(need)
    const called = (module: string, key: string): string => {
      const known = modules.get(module)
      if (!known) kept.get(module)?.add(key)
      return known?.exports.get(key) ?? key
    }
    modules.set(name, classicModule(source, name, { called, kept: kept.get(name) ?? new Set() }))
  }
  for (const name of sources.keys()) visit(name)
  return modules
}

/** Makes the site in `dist` work at any address, below any path, and from file://. */
export function makePortable(dist: string): { readonly pages: number; readonly modules: number } {
  const files = filesBelow(dist)
  const read = (path: string): string => readFileSync(join(dist, path), 'utf8')
  const write = (path: string, text: string): void => writeFileSync(join(dist, path), text)

  const scripts = files.filter((f) => f.startsWith(`${ASSETS}/`) && f.endsWith('.js'))
  const modules = classicModules(new Map(scripts.map((path) => [posix.relative(ASSETS, path), read(path)])))
  for (const [name, { code }] of modules) write(posix.join(ASSETS, name), code)
  const needs = (name: string, seen = new Set<string>()): readonly string[] => {
    for (const need of modules.get(name)?.needs ?? []) {
      if (seen.has(need)) continue
      seen.add(need)
      needs(need, seen)
    }
    return [...seen].reverse()
  }
  const loaderText = readFileSync(fileURLToPath(new URL('./loader.js', import.meta.url)), 'utf8')
  const loader = `/${ASSETS}/loader.${hash(loaderText)}.js`
  write(loader, loaderText)

  searchScripts(dist, files)
  for (const path of files.filter((f) => f.startsWith(`${ASSETS}/`) && f.endsWith('.css')))
    write(
      path,
      read(path)
        .replaceAll(`url(/${ASSETS}/`, 'url(./')
        .replace(/span\[style\^=(['"]?)--\1\]:not\(\[class\]\)/g, 'span[class^=zs-]'),
    )

  const classes = new Map<string, string>()
  const styleClass = (declarations: string): string => {
    const known = classes.get(declarations)
    if (known) return known
    const name = `zs-${hash(declarations)}`
    classes.set(declarations, name)
    return name
  }
  const styleFile = (css: string): string => {
    const path = `/${ASSETS}/style.${hash(css)}.css`
    write(path, css)
    return path
  }
  const stamped = stampedFiles(dist, files)
  const moved = (address: string): string | undefined => stamped.get(address)
  const pages = files.filter((f) => f.endsWith('.html') && f !== '404.html')
  // Its name comes from its text, which the pages write: until all are done it has this one.
  const unnamed = `${ASSETS}/inline.css`
  const context = { loader, needs, styleClass, styleFile, styleSheet: `/${unnamed}`, moved }
  const done = pages.map((path) => [path, portablePage(read(path), { path, ...context })] as const)
  const css = [...classes].map(([declarations, name]) => `.${name}{${declarations}}`).join('\n')
  const styleSheet = `${ASSETS}/inline.${hash(css)}.css`
  write(styleSheet, css)
  for (const [path, html] of done) write(path, html.replaceAll(`${unnamed}"`, `${styleSheet}"`))
  return { pages: pages.length, modules: modules.size }
}

/**
 * Scripts and styles of the site's root (from public/), moved among the assets under names made from their text, so that a page and its
 * files always belong together and servers may let browsers keep them for good. Answers old address to new.
 */
function stampedFiles(dist: string, files: readonly string[]): ReadonlyMap<string, string> {
  const moved = new Map<string, string>()
  for (const path of files.filter((f) => /^[^/]+\.(js|css)$/.test(f))) {
    const text = readFileSync(join(dist, path), 'utf8')
    const to = `/${ASSETS}/${path.replace(/\.(\w+)$/, `.${hash(text)}.$1`)}`
    renameSync(join(dist, path), join(dist, to))
    moved.set(`/${path}`, to)
  }
  return moved
}

/** Pagefind's program as a module of ours, and its data as scripts beside, for file://. */
function searchScripts(dist: string, files: readonly string[]): void {
  for (const path of files.filter((f) => f.startsWith('pagefind/'))) {
    const full = join(dist, path)
    if (/^pagefind\/(pagefind|names)\.js$/.test(path))
      writeFileSync(full, classicModule(readFileSync(full, 'utf8'), posix.relative(ASSETS, path)).code)
    else writeFileSync(`${full}.js`, fileScript(readFileSync(full)))
  }
}
