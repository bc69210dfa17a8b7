/**
 * What a browser keeps of one build: a cache of its own, named by the site's place and the build. Nothing enters it that differs from
 * the build's list (files.json), so that two builds never mix, and a page that a proxy has changed isn't kept.
 */
import { addressOf, type Bundle, bundleOf, bundlePath, contentType, resourcesOf } from './paths.ts'

export interface Site {
  /** The site's root, with a slash at the end. */
  readonly scope: string
  readonly build: string
}
interface Entry {
  readonly size: number
  readonly sha256: string
}
/** Why a file couldn't be kept: no answer, another content than the list's (another build), or no room. */
export class NotKept extends Error {
  readonly reason: 'network' | 'changed' | 'space'
  constructor(reason: 'network' | 'changed' | 'space', path: string) {
    super(`${path}: ${reason}`)
    this.reason = reason
  }
}
export interface KeepOptions {
  readonly signal?: AbortSignal
  /** Called with the bytes that are there now. */
  readonly onProgress?: (bytes: number) => void
  /** Earlier builds: what is the same there isn't asked for again. */
  readonly earlier?: readonly Kept[]
}
/** Files worked on at a time, and how many files of a pack must be missing for the pack to be fetched. */
const AT_ONCE = 6
const WORTH_A_PACK = 6
const LIST = 'files.json'
const WHOLE = 'offline/whole'

const hex = (bytes: ArrayBuffer): string =>
  [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, '0')).join('')
const prefix = (scope: string): string => `zukan ${scope} `

export class Kept {
  readonly site: Site
  readonly #cache: Cache
  #list: Promise<ReadonlyMap<string, Entry> | undefined> | undefined
  private constructor(site: Site, cache: Cache) {
    this.site = site
    this.#cache = cache
  }
  static async open(site: Site): Promise<Kept> {
    return new Kept(site, await caches.open(prefix(site.scope) + site.build))
  }
  /** All builds kept for the place. */
  static async all(scope: string): Promise<readonly Kept[]> {
    const names = (await caches.keys()).filter((name) => name.startsWith(prefix(scope)))
    return Promise.all(names.map((name) => Kept.open({ scope, build: name.slice(prefix(scope).length) })))
  }
  remove(): Promise<boolean> {
    return caches.delete(prefix(this.site.scope) + this.site.build)
  }
  #url(path: string): string {
    return new URL(addressOf(path), this.site.scope).href
  }
  /** The build's files by path; undefined where the list isn't there. */
  list(): Promise<ReadonlyMap<string, Entry> | undefined> {
    this.#list ??= (async () => {
      const response = await this.#cache.match(this.#url(LIST))
      if (!response) return undefined
      const { files } = (await response.json()) as { files: readonly [string, number, string][] }
      return new Map(files.map(([path, size, sha256]) => [path, { size, sha256 }]))
    })()
    return this.#list
  }
  /** Fetches the build's list. Throws NotKept where the server has another build's. */
  async fetchList(): Promise<void> {
    const response = await fetched(this.#url(LIST), LIST)
    const text = await response.text()
    let build: unknown
    try {
      build = (JSON.parse(text) as { build?: unknown }).build
    } catch {
      // A file in the list's place that isn't one: a sign-in page, perhaps.
    }
    if (build !== this.site.build) throw new NotKept('changed', LIST)
    await this.#put(LIST, new TextEncoder().encode(text))
    this.#list = undefined
  }
  match(path: string): Promise<Response | undefined> {
    return this.#cache.match(this.#url(path))
  }
  /** Paths that are kept. */
  async paths(): Promise<readonly string[]> {
    const list = await this.list()
    if (!list) return []
    const urls = new Set((await this.#cache.keys()).map((request) => request.url))
    return [...list.keys()].filter((path) => urls.has(this.#url(path)))
  }
  async #put(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      const headers = { 'Content-Type': contentType(path), 'Content-Length': String(bytes.length) }
      await this.#cache.put(this.#url(path), new Response(bytes, { headers }))
    } catch {
      throw new NotKept('space', path)
    }
  }
  /** Keeps a file if it is this build's. Answers whether it is. */
  async store(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const entry = (await this.list())?.get(path)
    if (!entry || entry.size !== bytes.length) return false
    if (hex(await crypto.subtle.digest('SHA-256', bytes)) !== entry.sha256) return false
    await this.#put(path, bytes)
    return true
  }
  /** Keeps files of the list; what is there already isn't fetched. Throws NotKept, or what the signal was aborted with. */
  async keep(paths: readonly string[], options: KeepOptions = {}): Promise<void> {
    const list = await this.list()
    if (!list) throw new NotKept('changed', LIST)
    const there = new Set(await this.paths())
    const wanted = [...new Set(paths)].filter((path) => list.has(path))
    const size = (path: string): number => list.get(path)?.size ?? 0
    let bytes = wanted.filter((path) => there.has(path)).reduce((n, path) => n + size(path), 0)
    const done = (path: string): void => {
      there.add(path)
      bytes += size(path)
      options.onProgress?.(bytes)
    }
    options.onProgress?.(bytes)
    const missing = (): string[] => wanted.filter((path) => !there.has(path))
    for (const earlier of options.earlier ?? []) {
      const other = await earlier.list()
      const same = missing().filter((path) => other?.get(path)?.sha256 === list.get(path)?.sha256)
      await atOnce(same, async (path) => {
        // What stands there was compared when it came.
        const old = await earlier.match(path)
        if (!old) return
        await this.#put(path, new Uint8Array(await old.arrayBuffer()))
        done(path)
      })
    }
    const packs = new Map<Bundle, string[]>()
    for (const path of missing()) {
      const bundle = bundleOf(path)
      if (bundle) packs.set(bundle, [...(packs.get(bundle) ?? []), path])
    }
    for (const [bundle, files] of packs) {
      if (files.length < WORTH_A_PACK || !list.has(bundlePath(bundle))) continue
      const parts = unpack(
        await (await fetched(this.#url(bundlePath(bundle)), bundlePath(bundle), options.signal)).text(),
      )
      await atOnce(files, async (path) => {
        options.signal?.throwIfAborted()
        const part = parts.get(path)
        if (part && (await this.store(path, part))) done(path)
      })
    }
    await atOnce(missing(), async (path) => {
      options.signal?.throwIfAborted()
      const response = await fetched(this.#url(path), path, options.signal)
      if (!(await this.store(path, new Uint8Array(await response.arrayBuffer())))) throw new NotKept('changed', path)
      done(path)
    })
  }
  /** Keeps pages with the files that they name. */
  async keepPages(paths: readonly string[], options: KeepOptions = {}): Promise<void> {
    await this.keep(paths, options)
    const needs: string[] = []
    for (const path of paths) {
      const page = await this.match(path)
      if (page) needs.push(...resourcesOf(path, await page.text()))
    }
    await this.keep(needs, options)
  }
  /** Whether the reader asked for the whole site; the next build then comes whole, too. */
  async isWhole(): Promise<boolean> {
    return (await this.noted(WHOLE)) !== undefined
  }
  setWhole(): Promise<void> {
    return this.note(WHOLE, 'yes')
  }
  /** A note beside the files; its name is no file's. */
  note(name: string, text: string): Promise<void> {
    return this.#put(name, new TextEncoder().encode(text))
  }
  async noted(name: string): Promise<string | undefined> {
    return (await this.match(name))?.text()
  }
}

async function atOnce(paths: readonly string[], work: (path: string) => Promise<void>): Promise<void> {
  const queue = [...paths]
  const one = async (): Promise<void> => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) await work(path)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}

/** A file as the server has it now, whatever the browser remembers. */
async function fetched(url: string, path: string, signal?: AbortSignal): Promise<Response> {
  let response: Response
  try {
    // no-store also tells the worker that this isn't for it.
    response = await fetch(url, { cache: 'no-store', credentials: 'same-origin', ...(signal ? { signal } : {}) })
  } catch (error) {
    signal?.throwIfAborted()
    throw error instanceof TypeError ? new NotKept('network', path) : error
  }
  if (response.status === 404) throw new NotKept('changed', path)
  if (!response.ok) throw new NotKept('network', path)
  return response
}
/** The files of a pack (scripts/site/bundles.ts writes them): texts as they are, other bytes in base64. */
function unpack(json: string): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
  const out = new Map<string, Uint8Array<ArrayBuffer>>()
  let pack: { text?: Record<string, string>; base64?: Record<string, string> } = {}
  try {
    pack = JSON.parse(json) as typeof pack
  } catch {
    // Not a pack: then every file is asked for by itself.
  }
  const encoder = new TextEncoder()
  for (const [path, text] of Object.entries(pack.text ?? {})) out.set(path, encoder.encode(text))
  for (const [path, text] of Object.entries(pack.base64 ?? {}))
    out.set(
      path,
      Uint8Array.from(atob(text), (c) => c.charCodeAt(0)),
    )
  return out
}
