/**
 * The service worker: pages come from the network as long as there is one, and from what was kept when there isn't; their files, whose
 * names change with their contents, come from what was kept. Each build has a worker and a cache of its own. A new one takes over at
 * once, but what the old one kept stays until the last page of the old build is closed or reloaded.
 */
import { Kept } from './kept.ts'
import { bundleOf, fileOf, isSite } from './paths.ts'

/** What of the service worker's scope is used here; TypeScript's own library for it contradicts that of pages. */
interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching extends Extendable {
  readonly request: Request
  readonly clientId: string
  respondWith(response: Promise<Response>): void
}
interface Told extends Extendable {
  readonly data: unknown
  readonly ports: readonly MessagePort[]
}
interface Scope {
  readonly registration: ServiceWorkerRegistration
  readonly clients: {
    claim(): Promise<void>
    get(id: string): Promise<{ readonly id: string } | undefined>
    matchAll(options: object): Promise<readonly { readonly id: string }[]>
  }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', listener: (event: Extendable) => void): void
  addEventListener(type: 'fetch', listener: (event: Fetching) => void): void
  addEventListener(type: 'message', listener: (event: Told) => void): void
}
declare const BUILD: string
const me = globalThis as unknown as Scope

/** Milliseconds that a page may take to come before the kept one is shown. */
const PATIENCE = 4000
/** Where pages of earlier builds are remembered: their clients' ids. */
const OLD = 'offline/old-clients'
const scope = me.registration.scope
const site = { scope, build: BUILD }
const fallback = (path: string): string => (path.startsWith('ja/') ? 'ja/offline/index.html' : 'en/offline/index.html')

let opened: Promise<Kept> | undefined
const mine = (): Promise<Kept> => {
  opened ??= Kept.open(site)
  return opened
}
const earlier = async (): Promise<readonly Kept[]> =>
  (await Kept.all(scope)).filter((kept) => kept.site.build !== BUILD)

me.addEventListener('install', (event) => event.waitUntil(install()))
/** All that earlier builds kept, as it is in this one. Where a file can't be had, the old worker stays. */
async function install(): Promise<void> {
  const kept = await mine()
  await kept.fetchList()
  const before = await earlier()
  const pages = new Set(['ja/offline/index.html', 'en/offline/index.html'])
  const files = new Set<string>()
  let whole = false
  for (const old of before) {
    whole ||= await old.isWhole()
    for (const path of await old.paths()) {
      if (path.endsWith('.html')) pages.add(path)
      else if (bundleOf(path) === undefined) files.add(path)
      else {
        // Names of these change with their contents: what stands in their place is the rest of their pack.
        const bundle = bundleOf(path)
        for (const other of (await kept.list())?.keys() ?? []) if (bundleOf(other) === bundle) files.add(other)
      }
    }
  }
  const options = { earlier: before }
  await kept.keepPages([...pages], options)
  await kept.keep([...files], options)
  if (whole) {
    await kept.keep([...((await kept.list())?.keys() ?? [])].filter(isSite), options)
    await kept.setWhole()
  }
  await me.skipWaiting()
}

me.addEventListener('activate', (event) => event.waitUntil(activate()))
async function activate(): Promise<void> {
  if ((await earlier()).length > 0) {
    const clients = await me.clients.matchAll({ type: 'window', includeUncontrolled: true })
    await remember(clients.map(({ id }) => id))
  }
  await me.clients.claim()
}
async function remember(ids: readonly string[]): Promise<void> {
  await (await mine()).note(OLD, JSON.stringify(ids))
}
async function oldClients(): Promise<readonly string[]> {
  const text = await (await mine()).noted(OLD)
  return text === undefined ? [] : (JSON.parse(text) as string[])
}
/** Forgets earlier builds once none of their pages is open. */
async function tidy(): Promise<void> {
  const builds = await earlier()
  if (builds.length === 0) return
  const open = await Promise.all((await oldClients()).map((id) => me.clients.get(id)))
  if (open.some((client) => client !== undefined)) return
  await Promise.all(builds.map((kept) => kept.remove()))
}

me.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  // no-store asks what the server has: the check of an installed copy, and our own requests.
  if (request.method !== 'GET' || request.cache === 'no-store' || request.headers.has('range')) return
  if (!url.href.startsWith(scope)) return
  const path = fileOf(url.href.slice(scope.length))
  if (path === undefined || path === 'worker.js' || path === 'files.json') return
  event.respondWith(request.mode === 'navigate' ? page(event, path) : file(event, path))
})

/** A page: the network's, which is then kept; the kept one where the network fails, is slow or the server is ill. */
async function page(event: Fetching, path: string): Promise<Response> {
  event.waitUntil(tidy())
  const kept = await mine()
  const old = await kept.match(path)
  const coming = fetch(event.request).then((response) => {
    if (response.ok) event.waitUntil(keep(path, response.clone()))
    return response
  })
  try {
    const patience = new Promise<undefined>((late) => old && setTimeout(late, PATIENCE))
    const response = await Promise.race([coming, patience])
    if (response === undefined) coming.catch(() => {})
    if (old && (response === undefined || response.status >= 500)) return old
    return response as Response
  } catch (error) {
    if (old) return old
    if (event.request.destination !== 'document' || (await kept.match(fallback(path))) === undefined) throw error
    const place = new URL(fallback(path).replace('index.html', ''), scope)
    place.searchParams.set('missing', path)
    return Response.redirect(place.href)
  }
}
async function keep(path: string, response: Response): Promise<void> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  const kept = await mine()
  if (!(await kept.list())?.has(path)) return
  // Another content than this build's: there is a new build, perhaps.
  if (!(await kept.store(path, bytes))) await me.registration.update()
}

/** A page's file: the kept one of the page's build, or the network's. */
async function file(event: Fetching, path: string): Promise<Response> {
  const kept = await mine()
  const others = await earlier()
  const old = others.length > 0 && (await oldClients()).includes(event.clientId)
  for (const one of old ? [...others, kept] : [kept, ...others]) {
    const response = await one.match(path)
    if (response) return response
  }
  const response = await fetch(event.request)
  if (response.ok && !old) event.waitUntil(keep(path, response.clone()))
  return response
}

me.addEventListener('message', (event) => {
  const message = event.data as { kind?: unknown; page?: unknown; packs?: unknown } | null
  if (message?.kind === 'build') event.ports[0]?.postMessage(BUILD)
  if (message?.kind === 'read' && typeof message.page === 'string' && Array.isArray(message.packs))
    event.waitUntil(read(message.page, message.packs))
})
/** Keeps the page that is read, and the packs that it needs to work. Failures are the next visit's. */
async function read(address: string, packs: readonly unknown[]): Promise<void> {
  const path = address.startsWith(scope) ? fileOf(address.slice(scope.length)) : undefined
  if (path === undefined) return
  try {
    const kept = await mine()
    const files = [...((await kept.list())?.keys() ?? [])].filter((file) => packs.includes(bundleOf(file)))
    await kept.keepPages([path])
    await kept.keep(files)
  } catch {
    // No network, no room, or another build by now: nothing is lost, the page is there.
  }
}
