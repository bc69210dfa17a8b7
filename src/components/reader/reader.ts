/**
 * What a page does for those who read: marks of what was read, the same place in the other language, and the key that opens the settings.
 * The settings themselves come when they are asked for.
 */
import { KEY, load, pageName, save } from './progress.ts'

const name = pageName(location.pathname)
const root = document.documentElement

/** Marks in the list of chapters, and the box at the page's end. */
function mark(): void {
  const read = load()
  for (const link of document.querySelectorAll<HTMLAnchorElement>('nav.sidebar a[href]')) {
    const done = Object.hasOwn(read, pageName(link.pathname))
    if (done === link.classList.contains('zk-read')) continue
    link.classList.toggle('zk-read', done)
    link.querySelector('.zk-read-word')?.remove()
    if (!done) continue
    const word = document.createElement('span')
    word.className = 'sr-only zk-read-word'
    word.textContent = root.lang === 'ja' ? '(読了)' : ' (read)'
    link.append(word)
  }
  const box = document.querySelector<HTMLInputElement>('[data-read]')
  if (box) box.checked = Object.hasOwn(read, name)
}
const today = (): string => new Date().toISOString().slice(0, 10)

/** A page counts as read when its end has been in sight, some seconds after it was opened. */
const SECONDS = 8
function watch(): void {
  const place = document.querySelector<HTMLElement>('.zk-progress')
  const box = place?.querySelector<HTMLInputElement>('[data-read]')
  if (!place || !box || name === '') return
  place.classList.add('zk-ready')
  box.addEventListener('change', () => {
    const { [name]: _, ...others } = load()
    save(box.checked ? { ...others, [name]: today() } : others)
    // What the reader decided holds.
    observer.disconnect()
  })
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((e) => e.isIntersecting)) return
    setTimeout(
      () => {
        const { top } = place.getBoundingClientRect()
        if (top > innerHeight || box.checked) return
        save({ ...load(), [name]: today() })
      },
      Math.max(0, SECONDS * 1000 - performance.now()),
    )
  })
  observer.observe(place)
}

const PLACE = 'zukan-place'
const headings = (): readonly HTMLElement[] => [
  ...document.querySelectorAll<HTMLElement>('.sl-markdown-content :is(h2, h3, h4)[id]'),
]
/** The line of the window that counts as where one reads. */
const line = (): number => Math.min(220, innerHeight / 3)
/** The heading above that line, and how much of the way to the next one lies behind. */
function placeNow(): { readonly id: string; readonly part: number } | undefined {
  const all = headings()
  const at = all.findLastIndex((h) => h.getBoundingClientRect().top <= line())
  const heading = all[at]
  if (!heading || scrollY < 8) return undefined
  const top = heading.getBoundingClientRect().top
  const end = all[at + 1]?.getBoundingClientRect().top ?? document.body.getBoundingClientRect().bottom
  return { id: heading.id, part: Math.min(1, Math.max(0, (line() - top) / Math.max(1, end - top))) }
}
/** The other language opens where one reads: at the heading by the address, at the line by a note for the next page. */
function twins(): void {
  addEventListener('click', (e) => {
    const link = e.target instanceof Element && e.target.closest<HTMLAnchorElement>('a[data-twin]')
    if (!link) return
    const place = placeNow()
    if (!place) return
    link.hash = place.id
    try {
      sessionStorage.setItem(PLACE, JSON.stringify({ page: name, ...place }))
    } catch {
      // Then it opens at the heading.
    }
  })
  let kept: { page?: unknown; id?: unknown; part?: unknown }
  try {
    kept = JSON.parse(sessionStorage.getItem(PLACE) ?? '{}')
    sessionStorage.removeItem(PLACE)
  } catch {
    return
  }
  if (kept.page !== name || typeof kept.part !== 'number' || location.hash !== `#${kept.id}`) return
  const { part } = kept
  const go = (): void => {
    const all = headings()
    const at = all.findIndex((h) => h.id === kept.id)
    const top = all[at]?.getBoundingClientRect().top
    if (top === undefined) return
    const end = all[at + 1]?.getBoundingClientRect().top ?? document.body.getBoundingClientRect().bottom
    scrollTo({ top: scrollY + top + part * (end - top) - line(), behavior: 'instant' })
  }
  // After the browser's own jump to the heading.
  if (document.readyState === 'complete') go()
  else addEventListener('load', () => requestAnimationFrame(go))
}

function settings(): void {
  const open = (): void => {
    void import('./settings.ts').then((m) => m.openSettings(root.lang === 'ja' ? 'ja' : 'en'))
  }
  for (const button of document.querySelectorAll<HTMLElement>('[data-settings]')) {
    button.hidden = false
    button.addEventListener('click', open)
  }
  addEventListener('keydown', (e) => {
    const typing = e.target instanceof Element && e.target.closest('input, textarea, select, [contenteditable]')
    if (e.key !== '?' || typing || root.dataset.keys === 'off' || document.querySelector('dialog[open]')) return
    e.preventDefault()
    open()
  })
}

/** A table is a stop for the keyboard where it scrolls, and not elsewhere. */
function tables(): void {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.setAttribute('tabindex', '0')
      else target.removeAttribute('tabindex')
    }
  })
  for (const table of document.querySelectorAll('.sl-markdown-content table:not(.not-content table)'))
    observer.observe(table)
}

tables()
mark()
watch()
twins()
settings()
addEventListener(KEY, mark)
// Another tab of the same site.
addEventListener('storage', mark)
