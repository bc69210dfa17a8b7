/**
 * One page of the build made fit for any place: addresses become relative, so that it works below any path and from file://; modules are
 * run by the loader; nothing is inline, so that the content security policy can forbid it. Pure.
 */
import { posix } from 'node:path'
import { changeTags, quoted, type Tag, withAttributes } from './tags.ts'

/** What pages may do: their own files and nothing else; WebAssembly is the search's. Frames are ruled by the server (deploy/). */
export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'"

/** A style sheet of a page's head: its file from the site's root, and the media it is for where not for all. */
export interface Sheet {
  readonly path: string
  readonly media?: string | undefined
}

export interface PageContext {
  /** The page's path in the site: `ja/process/index.html`. */
  readonly path: string
  /** The script that holds the loader, from the site's root, and the modules that it brings along. */
  readonly loader: { readonly path: string; readonly modules: ReadonlySet<string> }
  /** A module's static needs, nearest last. */
  readonly needs: (module: string) => readonly string[]
  /** The class that stands for a style attribute's text. */
  readonly styleClass: (declarations: string) => string
  /** Stores a style element's text; answers the file's path from the site's root. */
  readonly styleFile: (css: string) => string
  /** The style sheets that serve a page whose head names these, and that hold the classes of `styleClass`. */
  readonly styleSheets: (named: readonly Sheet[]) => readonly Sheet[]
  /** Where a file lies now that was at an address of the site's root, if it was renamed. */
  readonly moved: (address: string) => string | undefined
}

/** An address from the site's root as seen from a page: `/ja/` from `ja/process/index.html` is `../`. */
export function relativeAddress(address: string, page: string): string {
  const [, path = '', rest = ''] = /^([^?#]*)(.*)$/s.exec(address) ?? []
  const from = posix.dirname(`/${page}`)
  let to = posix.relative(from, path) || '.'
  if (path.endsWith('/') && !to.endsWith('/')) to += '/'
  return (to.startsWith('.') ? to : `./${to}`) + rest
}

const addressed = ['href', 'src', 'poster', 'action', 'xlink:href']
const CONCERNED = /^<(?:head|script|style|link|meta)\b|\s(?:style|(?:xlink:)?href|src|poster|action)\s*=/i
const element = (name: string, attrs: Readonly<Record<string, string>>): string =>
  `<${name}${Object.entries(attrs)
    .map(([key, value]) => ` ${key}="${quoted(value)}"`)
    .join('')}>`

/** The page's HTML for any place. Throws where a page holds an inline script: it says where it comes from. */
export function portablePage(html: string, context: PageContext): string {
  const entries: string[] = []
  /** A file's address as the page gives it, from the site's root. */
  const rooted = (file: string): string =>
    file.startsWith('/') ? file : posix.join('/', posix.dirname(context.path), file)
  const relative = (address: string): string => {
    const fromRoot = address.startsWith('/') && !address.startsWith('//')
    const file = /^[^?#]*/.exec(address)?.[0] ?? ''
    const moved = context.moved(rooted(file))
    if (moved !== undefined) return relativeAddress(moved + address.slice(file.length), context.path)
    return fromRoot ? relativeAddress(address, context.path) : address
  }
  const sheets: Sheet[] = []
  let place = 'before' as 'before' | 'head' | 'body'
  let charset = false

  /** Whether it goes to the loader. Throws where it stands in the page itself. */
  const isModule = (tag: Tag): boolean => {
    const src = tag.get('src')
    const type = tag.get('type')
    if (type === 'module') {
      if (!src) throw new Error(`${context.path}: an inline module: ${tag.contents.slice(0, 80)}`)
      entries.push(posix.relative(posix.dirname(context.loader.path), src))
      return true
    }
    if (!src && !(type && /json/.test(type)))
      throw new Error(
        `${context.path}: an inline script, which the content security policy forbids; put it into a file: ${tag.contents.trim().slice(0, 80)}`,
      )
    return false
  }
  /** Where a sheet of the body is. */
  const sheetElement = (path: string): string => element('link', { rel: 'stylesheet', href: relative(path) })
  const changed = (tag: Tag): string | undefined => {
    if (tag.name === 'head' && place === 'before') place = 'head'
    if (tag.name === 'script' && isModule(tag)) return ''
    if (tag.name === 'link' && tag.get('rel') === 'modulepreload') return ''
    if (tag.name === 'link' && tag.get('rel') === 'stylesheet' && place === 'head') {
      const href = rooted(tag.get('href') ?? '')
      sheets.push({ path: context.moved(href) ?? href, media: tag.get('media') })
      return ''
    }
    if (tag.name === 'style') {
      const path = context.styleFile(tag.contents)
      if (place !== 'head') return sheetElement(path)
      sheets.push({ path })
      return ''
    }
    const values: Record<string, string | undefined> = {}
    for (const name of addressed) {
      const value = tag.get(name)
      const now = value === undefined ? undefined : relative(value)
      if (now !== value) values[name] = now
    }
    const style = tag.get('style')
    if (style !== undefined) {
      values.style = undefined
      if (style.trim() !== '') values.class = `${tag.get('class') ?? ''} ${context.styleClass(style)}`.trim()
    }
    const text = Object.keys(values).length === 0 ? tag.text : withAttributes(tag.text, values)
    // The policy holds for what comes after it.
    if (tag.name === 'meta' && place === 'head' && !charset && tag.get('charset') !== undefined) {
      charset = true
      return `${text}${element('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY })}`
    }
    if (text === tag.text) return undefined
    return tag.name === 'script' ? `${text}${tag.contents}</script>` : text
  }
  const atHeadsEnd = (): string => {
    let out = ''
    for (const { path, media } of context.styleSheets(sheets))
      out += element('link', {
        rel: 'stylesheet',
        href: relative(path),
        ...(media === undefined ? {} : { media }),
      })
    if (entries.length === 0) return out
    const { path, modules } = context.loader
    const run = [...new Set(entries)]
    const script = (attrs: Readonly<Record<string, string>>): string =>
      `${element('script', attrs).replace('<script', '<script defer')}</script>`
    out += script({ src: relative(path), 'data-run': run.join(' ') })
    for (const name of new Set(run.flatMap((entry) => [...context.needs(entry), entry])))
      if (!modules.has(name)) out += script({ src: relative(posix.join(posix.dirname(path), name)) })
    return out
  }
  // Modules may stand anywhere; what they need goes to the head's end.
  const HEADS_END = '<!--zukan-head-->'
  const out = changeTags(html, CONCERNED, changed, (name) => {
    if (name !== 'head' || place !== 'head') return ''
    place = 'body'
    return HEADS_END
  })
  if (place !== 'body' || !charset) throw new Error(`${context.path}: no head element, or no charset in it`)
  return out.replace(HEADS_END, atHeadsEnd)
}
