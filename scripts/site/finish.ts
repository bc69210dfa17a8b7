/** Last steps of a build, on the files of dist/: every module a classic script, every page free of its place (see page.ts), one search index. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ASSETS, type ClassicModules, classicModules, type Sources } from './classic.ts'
import { classicModule, fileScript } from './module.ts'
import { portablePage, type Sheet } from './page.ts'
import { usualModules, usualSheets } from './together.ts'

const hash = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, 8).replace(/[-_]/g, '0')

/** All files below a folder, as paths with slashes from it. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((f) => statSync(join(folder, f)).isFile())
    .map((f) => f.split(sep).join('/'))
    .sort()
}

/** Makes the site in `dist` work at any address, below any path, and from file://. `classic` makes modules into classic ones. */
export async function makePortable(
  dist: string,
  classic: (sources: Sources) => Promise<ClassicModules> | ClassicModules = classicModules,
): Promise<{ readonly pages: number; readonly modules: number }> {
  const files = filesBelow(dist)
  const read = (path: string): string => readFileSync(join(dist, path), 'utf8')
  const write = (path: string, text: string): void => writeFileSync(join(dist, path), text)

  const scripts = files.filter((f) => f.startsWith(`${ASSETS}/`) && f.endsWith('.js'))
  const modules = await classic(new Map(scripts.map((path) => [posix.relative(ASSETS, path), read(path)])))
  for (const [name, { code }] of modules) write(posix.join(ASSETS, name), code)
  const needs = (name: string, seen = new Set<string>()): readonly string[] => {
    for (const need of modules.get(name)?.needs ?? []) {
      if (seen.has(need)) continue
      seen.add(need)
      needs(need, seen)
    }
    return [...seen].reverse()
  }
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
  const html = new Map(pages.map((path) => [path, read(path)]))

  const loaderText = readFileSync(fileURLToPath(new URL('./loader.js', import.meta.url)), 'utf8')
  // Names come from texts, which the pages write in part (classes): until all are done, sheets have these.
  const classSheet = `/${ASSETS}/unnamed-classes.css`
  const kinds = [true, false].map((embed) => {
    const own = [...html].filter(([path]) => isEmbed(path) === embed)
    const texts = own.map(([, text]) => text)
    const together = usualModules(texts, ASSETS, needs)
    const text = [loaderText, ...together.map((name) => modules.get(name)?.code ?? '')].join('')
    const loader = { path: `/${ASSETS}/loader.${hash(text)}.js`, modules: new Set(together) }
    write(loader.path, text)
    const sheets = usualSheets(texts)
    return { own, loader, sheets, sheet: `/${ASSETS}/unnamed-${embed ? 'embed' : 'page'}.css` }
  })
  const done = kinds.flatMap(({ own, loader, sheets, sheet }) => {
    const inSheet = (one: Sheet): boolean => sheets.some((s) => s.path === one.path && s.media === one.media)
    const styleSheets = (named: readonly Sheet[]): readonly Sheet[] =>
      sheets.every((s) => named.some((n) => n.path === s.path && n.media === s.media))
        ? [{ path: sheet }, ...named.filter((n) => !inSheet(n))]
        : [...named, { path: classSheet }]
    const context = { loader, needs, styleClass, styleFile, styleSheets, moved }
    return own.map(([path, text]) => [path, portablePage(text, { path, ...context })] as const)
  })
  const css = [...classes].map(([declarations, name]) => `.${name}{${declarations}}`).join('\n')
  const name = (unnamed: string, text: string): readonly [string, string] => {
    const path = unnamed.replace(/unnamed-(\w+)/, `$1.${hash(text)}`)
    write(path, text)
    return [posix.basename(unnamed), posix.basename(path)]
  }
  const named = new Map([
    name(classSheet, css),
    ...kinds.map(({ sheets, sheet }) => {
      const texts = sheets.map(({ path, media }) => (media ? `@media ${media}{${read(path)}}` : read(path)))
      return name(sheet, [...texts, css].join('\n'))
    }),
  ])
  const whole = done.map(
    ([path, text]) => [path, text.replace(/unnamed-\w+\.css/g, (unnamed) => named.get(unnamed) ?? unnamed)] as const,
  )
  for (const [path, text] of whole) write(path, text)
  // A sheet that all its readers have in another has no reader left.
  for (const path of new Set(kinds.flatMap(({ sheets }) => sheets.map((s) => s.path))))
    if (!whole.some(([, text]) => text.includes(posix.basename(path)))) rmSync(join(dist, path))
  return { pages: pages.length, modules: modules.size }
}

/** Pages for iframes have a frame of their own, and so scripts and styles of their own. */
const isEmbed = (path: string): boolean => path.split('/').includes('embed')

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
