/** <zukan-offline>: what is kept here, the whole site on request, and the way to be rid of it. Its words are in Offline.astro. */
import { Kept, NotKept } from './kept.ts'
import { addressOf, isSite } from './paths.ts'
import { refuse, refused, register, siteRoot, whyNot } from './register.ts'

const language = (): string => document.documentElement.lang
const megabytes = (bytes: number): string =>
  new Intl.NumberFormat(language(), { maximumFractionDigits: 1 }).format(bytes / 1e6)

/** What the worker at work keeps. */
async function current(): Promise<Kept> {
  const scope = siteRoot() as string
  const { active } = await register()
  const build = await new Promise<string>((answer, fail) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }) => answer(String(data))
    setTimeout(() => fail(new Error('the worker does not answer')), 5000)
    active?.postMessage({ kind: 'build' }, [port2])
  })
  return Kept.open({ scope, build })
}

class ZukanOffline extends HTMLElement {
  #abort: AbortController | undefined

  connectedCallback(): void {
    const why = whyNot()
    if (why !== undefined) {
      this.#say(why)
      return
    }
    this.#button('whole').addEventListener('click', () => void this.#whole())
    this.#button('cancel').addEventListener('click', () => this.#abort?.abort())
    this.#button('remove').addEventListener('click', () => void this.#remove())
    this.#button('again').addEventListener('click', () => {
      refuse(false)
      void this.#show()
    })
    void this.#missing()
    void this.#show()
  }
  #button(name: string): HTMLButtonElement {
    return this.querySelector(`[data-do="${name}"]`) as HTMLButtonElement
  }
  #buttons(...shown: readonly string[]): void {
    for (const b of this.querySelectorAll<HTMLButtonElement>('[data-do]'))
      b.hidden = !shown.includes(b.dataset.do ?? '')
  }
  /** Shows one of the element's sentences, with figures in the places of {}. */
  #say(name: string, ...figures: readonly string[]): void {
    const text = this.querySelector<HTMLTemplateElement>(`template[data-say="${name}"]`)?.content.textContent ?? ''
    const rest = [...figures]
    const status = this.querySelector('[role=status]') as HTMLElement
    status.textContent = text.replace(/\{\}/g, () => rest.shift() ?? '').trim()
    status.dataset.state = name
  }
  async #show(): Promise<void> {
    if (refused()) {
      this.#say('refused')
      this.#buttons('again')
      await this.#list([])
      return
    }
    try {
      const kept = await current()
      const list = (await kept.list()) ?? new Map()
      const paths = await kept.paths()
      const sum = (all: Iterable<string>): number => [...all].reduce((n, path) => n + (list.get(path)?.size ?? 0), 0)
      const whole = [...list.keys()].filter(isSite)
      const pages = paths.filter((path) => path.endsWith('.html'))
      if (await kept.isWhole()) this.#say('kept', megabytes(sum(whole)))
      else this.#say('some', String(pages.length), megabytes(sum(paths)), megabytes(sum(whole)))
      this.#buttons(...((await kept.isWhole()) ? [] : ['whole']), 'remove')
      await this.#list((await kept.isWhole()) ? [] : pages, kept)
    } catch {
      this.#say('failed')
      this.#buttons('again')
    }
  }
  /** Pages that can be read without network, as links with their titles. */
  async #list(pages: readonly string[], kept?: Kept): Promise<void> {
    const items = await Promise.all(
      pages
        .filter((path) => path.startsWith(`${language()}/`) && !/\/(embed|offline)\//.test(path))
        .map(async (path) => {
          const html = (await (await kept?.match(path))?.text()) ?? ''
          const item = document.createElement('li')
          const link = document.createElement('a')
          link.href = new URL(addressOf(path), siteRoot()).href
          link.textContent = new DOMParser().parseFromString(html, 'text/html').title.replace(/ \| .*$/, '')
          item.append(link)
          return item
        }),
    )
    this.querySelector('ul')?.replaceChildren(...items)
    const box = this.querySelector('details') as HTMLElement
    box.hidden = items.length === 0
  }
  /** Without network, a page that isn't kept leads here and says which it was. */
  async #missing(): Promise<void> {
    const path = new URLSearchParams(location.search).get('missing')
    if (path === null) return
    const note = this.querySelector('[data-missing]') as HTMLElement
    note.hidden = false
    const link = note.querySelector('a') as HTMLAnchorElement
    const known = (await (await current()).list())?.has(path)
    // Only an address of the site becomes a link.
    if (known) {
      link.href = new URL(addressOf(path), siteRoot()).href
      link.textContent = addressOf(path)
    } else link.remove()
  }
  async #whole(): Promise<void> {
    const progress = this.querySelector('progress') as HTMLProgressElement
    this.#abort = new AbortController()
    this.#buttons('cancel')
    this.#button('cancel').focus()
    progress.hidden = false
    let say = ''
    try {
      await navigator.storage?.persist?.()
      const kept = await current()
      const list = (await kept.list()) ?? new Map()
      const whole = [...list.keys()].filter(isSite)
      const total = whole.reduce((n, path) => n + (list.get(path)?.size ?? 0), 0)
      progress.max = total
      let told = -1
      await kept.keep(whole, {
        signal: this.#abort.signal,
        onProgress: (bytes) => {
          progress.value = bytes
          // Every tenth is said: a screen reader shouldn't hear each file.
          const tenth = Math.floor((bytes / total) * 10)
          if (tenth > told) this.#say('coming', megabytes(bytes), megabytes(total))
          told = Math.max(told, tenth)
        },
      })
      await kept.setWhole()
    } catch (error) {
      say = error instanceof NotKept ? error.reason : this.#abort.signal.aborted ? 'cancelled' : 'failed'
    }
    progress.hidden = true
    await this.#show()
    if (say) this.#say(say)
    this.#button(say ? 'whole' : 'remove').focus()
  }
  /** Nothing remains: neither files nor worker; and nothing comes back until it is asked for. */
  async #remove(): Promise<void> {
    refuse(true)
    const scope = siteRoot() as string
    const registration = await navigator.serviceWorker.getRegistration(scope)
    // Of another copy of the site, at a place above, nothing is removed.
    if (registration?.scope === scope) await registration.unregister()
    for (const kept of await Kept.all(scope)) await kept.remove()
    await this.#show()
    this.#button('again').focus()
  }
}
if (!customElements.get('zukan-offline')) customElements.define('zukan-offline', ZukanOffline)
