/** On every page: registers the worker that keeps what is read, unless the reader has said no, or the place has none (file://, plain http). */
import type { Bundle } from './paths.ts'

const NO = 'zukan-offline'
/** Milliseconds after the page has come before anything is kept: reading comes first. */
const REST = 2500

/** The site's root; undefined on a page that no build made. */
export function siteRoot(): string | undefined {
  return window.zukan ? new URL('..', window.zukan.base).href : undefined
}
/** Why there is no offline here: opened from a folder, over plain http, or by a browser without. Undefined where there is. */
export function whyNot(): 'file' | 'http' | 'browser' | undefined {
  if (location.protocol === 'file:') return 'file'
  if (!isSecureContext) return 'http'
  return 'serviceWorker' in navigator && 'caches' in window && siteRoot() ? undefined : 'browser'
}
export function refused(): boolean {
  try {
    return localStorage.getItem(NO) === 'no'
  } catch {
    return true
  }
}
export function refuse(no: boolean): void {
  try {
    if (no) localStorage.setItem(NO, 'no')
    else localStorage.removeItem(NO)
  } catch {
    // Where storage is forbidden nothing is kept anyway.
  }
}
/** Registers the worker and waits until it is at work. */
export async function register(): Promise<ServiceWorkerRegistration> {
  const scope = siteRoot() as string
  const registration = await navigator.serviceWorker.register(`${scope}worker.js`, { scope, updateViaCache: 'none' })
  const coming = registration.installing ?? registration.waiting
  if (registration.active || !coming) return registration
  await new Promise<void>((ready, failed) => {
    coming.addEventListener('statechange', () => {
      if (coming.state === 'activated') ready()
      if (coming.state === 'redundant') failed(new Error('the worker could not be installed'))
    })
  })
  return registration
}
/** The page needs these to work: its terminal and pictures, and the search. */
function packs(): readonly Bundle[] {
  const { connection } = navigator as { connection?: { saveData?: boolean } }
  if (connection?.saveData) return []
  const search: Bundle = document.documentElement.lang === 'ja' ? 'search.ja' : 'search.en'
  return ['program', search]
}
async function keepReading(): Promise<void> {
  const { active } = await register()
  active?.postMessage({ kind: 'read', page: location.href.replace(/[?#].*$/s, ''), packs: packs() })
}
function manifest(): void {
  const link = document.createElement('link')
  link.rel = 'manifest'
  link.href = `${siteRoot()}${document.documentElement.lang}/app.json`
  document.head.append(link)
}
/** Begins after the page is there. A worker that can't be had is no fault of the page: reading goes on. */
export function begin(): void {
  if (whyNot() !== undefined) return
  const start = (): void => {
    manifest()
    if (!refused()) setTimeout(() => void keepReading().catch(() => {}), REST)
  }
  if (document.readyState === 'complete') start()
  else addEventListener('load', start)
}
