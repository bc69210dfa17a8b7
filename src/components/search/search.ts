/** <zukan-search>: the search dialog. Asks Pagefind with the words of terms.ts, section by section, and groups the answers by page. */
import type { Engine, Search } from './ask.ts'
import type { Page, Section } from './rank.ts'
import type { excerpt } from './terms.ts'

interface Loader {
  readonly base: string
  load(name: string): Promise<unknown>
}
declare global {
  interface Window {
    zukan?: Loader
  }
}
/** Pages shown. */
const MOST_PAGES = 8

interface Opened {
  readonly search: Search
  readonly excerpt: typeof excerpt
}
/** What a search needs is fetched when the dialog is opened: a page that is only read is lighter without it. */
async function openSearch(): Promise<Opened> {
  const loader = window.zukan
  if (!loader) throw new Error('the search works on the built site')
  const [{ Search }, { excerpt }, pagefind, names] = await Promise.all([
    import('./ask.ts'),
    import('./terms.ts'),
    loader.load('../pagefind/pagefind.js') as Promise<{ createInstance(options: object): Engine }>,
    loader.load('../pagefind/names.js') as Promise<{ default: readonly (readonly string[])[]; sections: number }>,
  ])
  const engine = pagefind.createInstance({
    basePath: new URL('../pagefind/', loader.base).href,
    noWorker: true,
    baseUrl: '/',
  })
  return { search: new Search(engine, names.default, names.sections), excerpt }
}

class ZukanSearch extends HTMLElement {
  #opening: Promise<Opened> | undefined
  #asked = ''
  connectedCallback(): void {
    const button = this.querySelector('button') as HTMLButtonElement
    const dialog = this.querySelector('dialog') as HTMLDialogElement
    const input = this.querySelector('input') as HTMLInputElement
    button.hidden = false
    const open = (): void => {
      if (dialog.open) return
      dialog.showModal()
      input.select()
      this.#opening ??= openSearch()
      // Said when something is asked for.
      this.#opening.catch(() => {})
    }
    button.addEventListener('click', open)
    this.querySelector('[data-close]')?.addEventListener('click', () => dialog.close())
    dialog.addEventListener('click', (e) => {
      if (e.target === dialog || (e.target as Element).closest('a')) dialog.close()
    })
    addEventListener('keydown', (e) => {
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test((e.target as Element).tagName ?? '')
      if (
        ((e.ctrlKey || e.metaKey) && e.key === 'k') ||
        (e.key === '/' && !typing && document.documentElement.dataset.keys !== 'off')
      ) {
        e.preventDefault()
        open()
      }
    })
    input.addEventListener('input', () => void this.#ask(input.value))
    dialog.addEventListener('keydown', (e) => {
      // At once: the field itself would take the first Escape to empty it.
      if (e.key === 'Escape' && !e.isComposing) {
        e.preventDefault()
        dialog.close()
      }
      if (e.key !== 'ArrowDown' && e.key !== 'ArrowUp') return
      const stops = [input, ...dialog.querySelectorAll<HTMLElement>('[data-results] a')]
      const at = stops.indexOf(document.activeElement as HTMLElement)
      e.preventDefault()
      stops[Math.max(0, Math.min(stops.length - 1, at + (e.key === 'ArrowDown' ? 1 : -1)))]?.focus()
    })
  }
  async #ask(query: string): Promise<void> {
    this.#asked = query
    const list = this.querySelector('[data-results]') as HTMLElement
    const status = this.querySelector('[role=status]') as HTMLElement
    if (query.trim() === '') {
      list.replaceChildren()
      status.textContent = ''
      return
    }
    let pages: readonly Page[]
    let opened: Opened
    try {
      this.#opening ??= openSearch()
      opened = await this.#opening
      pages = await opened.search.ask(query)
    } catch (error) {
      this.#opening = undefined
      status.textContent = this.dataset.failed ?? ''
      reportError(error)
      return
    }
    // An answer that comes late, to a query that has changed since, is dropped.
    if (this.#asked !== query) return
    const shown = pages.slice(0, MOST_PAGES)
    list.dataset.query = query
    list.replaceChildren(...shown.map((page) => this.#page(page, query, opened.excerpt)))
    status.textContent =
      (shown.length === 0 ? this.dataset.none : this.dataset.some)?.replace(
        '{}',
        shown.length > 0 ? String(pages.length) : query,
      ) ?? ''
  }
  #page(sections: Page, query: string, cut: typeof excerpt): HTMLElement {
    const item = document.createElement('li')
    const first = sections[0] as Section
    const link = (section: Section, text: string): HTMLAnchorElement => {
      const a = document.createElement('a')
      a.href = new URL(`..${section.url}`, (window.zukan as Loader).base).href
      a.textContent = text
      return a
    }
    const whole = { ...first, url: first.url.replace(/#.*/, '') }
    const title = document.createElement('p')
    title.append(link(whole, first.meta.page))
    const inner = document.createElement('ul')
    for (const section of sections.slice(0, 3)) {
      const row = document.createElement('li')
      if (section.url.includes('#')) row.append(link(section, section.meta.title))
      const p = document.createElement('p')
      const { text, marks } = cut(section.meta.text, query)
      let at = 0
      for (const [from, to] of marks) {
        const mark = document.createElement('mark')
        mark.textContent = text.slice(from, to)
        p.append(text.slice(at, from), mark)
        at = to
      }
      p.append(text.slice(at))
      row.append(p)
      inner.append(row)
    }
    item.append(title, inner)
    return item
  }
}
if (!customElements.get('zukan-search')) customElements.define('zukan-search', ZukanSearch)
