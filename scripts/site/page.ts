/**
 * One page of the build made fit for any place: addresses become relative, so that it works below any path and from file://; modules are
 * run by the loader; nothing is inline, so that the content security policy can forbid it. Pure.
 */
import { posix } from 'node:path'
import { type DefaultTreeAdapterMap, parse, serialize, defaultTreeAdapter as tree } from 'parse5'

type Node = DefaultTreeAdapterMap['childNode']
type Element = DefaultTreeAdapterMap['element']

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

const addressed = new Set(['href', 'src', 'poster', 'action', 'xlink:href'])
const attribute = (e: Element, name: string): string | undefined => e.attrs.find((a) => a.name === name)?.value
function setAttribute(e: Element, name: string, value: string): void {
  const known = e.attrs.find((a) => a.name === name)
  if (known) known.value = value
  else e.attrs.push({ name, value })
}
const element = (name: string, attrs: Readonly<Record<string, string>>): Element =>
  tree.createElement(
    name,
    'http://www.w3.org/1999/xhtml' as never,
    Object.entries(attrs).map(([key, value]) => ({ name: key, value })),
  )
const textOf = (e: Element): string => e.childNodes.map((c) => ('value' in c ? c.value : '')).join('')

/** The page's HTML for any place. Throws where a page holds an inline script: it says where it comes from. */
export function portablePage(html: string, context: PageContext): string {
  const document = parse(html)
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
  let head: Element | undefined
  const sheets: Sheet[] = []
  const gone: Element[] = []

  const script = (e: Element): void => {
    const src = attribute(e, 'src')
    const type = attribute(e, 'type')
    if (type === 'module') {
      if (!src) throw new Error(`${context.path}: an inline module: ${textOf(e).slice(0, 80)}`)
      entries.push(posix.relative(posix.dirname(context.loader.path), src))
      gone.push(e)
    } else if (!src && !(type && /json/.test(type)))
      throw new Error(
        `${context.path}: an inline script, which the content security policy forbids; put it into a file: ${textOf(e).trim().slice(0, 80)}`,
      )
  }
  const visit = (node: Node): void => {
    if (!('tagName' in node)) return
    if (node.tagName === 'head') head = node
    if (node.tagName === 'script') script(node)
    if (node.tagName === 'link' && attribute(node, 'rel') === 'modulepreload') gone.push(node)
    if (node.tagName === 'link' && attribute(node, 'rel') === 'stylesheet' && node.parentNode === head) {
      const href = rooted(attribute(node, 'href') ?? '')
      sheets.push({ path: context.moved(href) ?? href, media: attribute(node, 'media') })
      gone.push(node)
    }
    if (node.tagName === 'style') {
      const path = context.styleFile(textOf(node))
      if (node.parentNode === head) sheets.push({ path })
      else
        tree.insertBefore(
          node.parentNode as Element,
          element('link', { rel: 'stylesheet', href: relative(path) }),
          node,
        )
      gone.push(node)
    }
    const style = attribute(node, 'style')
    if (style !== undefined) {
      node.attrs = node.attrs.filter((a) => a.name !== 'style')
      if (style.trim() !== '') {
        const name = context.styleClass(style)
        setAttribute(node, 'class', `${attribute(node, 'class') ?? ''} ${name}`.trim())
      }
    }
    for (const a of node.attrs) if (addressed.has(a.name)) a.value = relative(a.value)
    for (const child of [...node.childNodes]) visit(child)
    if (node.tagName === 'template')
      for (const child of [...(node as DefaultTreeAdapterMap['template']).content.childNodes]) visit(child)
  }
  for (const child of [...document.childNodes]) visit(child)
  for (const e of gone) tree.detachNode(e)
  if (!head) throw new Error(`${context.path}: no head element`)

  const first = head.childNodes.find(
    (c) => 'tagName' in c && c.tagName === 'meta' && attribute(c, 'charset') !== undefined,
  )
  const policy = element('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY })
  const after = first ? head.childNodes[head.childNodes.indexOf(first) + 1] : head.childNodes[0]
  if (after) tree.insertBefore(head, policy, after)
  else tree.appendChild(head, policy)
  for (const { path, media } of context.styleSheets(sheets))
    tree.appendChild(
      head,
      element('link', { rel: 'stylesheet', href: relative(path), ...(media === undefined ? {} : { media }) }),
    )
  if (entries.length > 0) {
    const { path, modules } = context.loader
    const run = [...new Set(entries)]
    tree.appendChild(head, element('script', { defer: '', src: relative(path), 'data-run': run.join(' ') }))
    const files = new Set(run.flatMap((name) => [...context.needs(name), name]))
    for (const name of files)
      if (!modules.has(name))
        tree.appendChild(head, element('script', { defer: '', src: relative(posix.join(posix.dirname(path), name)) }))
  }
  return serialize(document)
}
