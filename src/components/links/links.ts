/** <zukan-links>: narrows the list of links and copies them in the form that is wanted. */
import { copyText } from '../copy.ts'
import { type Format, linkText } from './format.ts'

/** What is compared: no case, full-width letters as half-width ones. */
const plain = (text: string): string => text.normalize('NFKC').toLowerCase()

class ZukanLinks extends HTMLElement {
  connectedCallback(): void {
    const form = this.querySelector('form')
    const status = this.querySelector('[role=status]')
    if (!form || !status || !form.hidden) return
    form.hidden = false
    const { copy = '', copied = '', uncopied = '', count = '' } = this.dataset
    const groups = [...this.querySelectorAll('details')].map((details) => ({
      details,
      items: [...details.querySelectorAll('li')].map((li) => ({
        li,
        text: plain(`${li.textContent} ${li.dataset.other ?? ''}`),
      })),
    }))
    const search = form.querySelector('input') as HTMLInputElement
    const kind = form.querySelector('select') as HTMLSelectElement
    const narrow = (): void => {
      const words = plain(search.value).split(/\s+/).filter(Boolean)
      const narrowed = words.length > 0 || kind.value !== ''
      let shown = 0
      for (const { details, items } of groups) {
        let some = false
        for (const { li, text } of items) {
          li.hidden = (kind.value !== '' && li.dataset.kind !== kind.value) || !words.every((w) => text.includes(w))
          if (!li.hidden) shown++
          some ||= !li.hidden
        }
        details.hidden = !some
        details.open = narrowed && some
      }
      status.textContent = count.replace('{}', String(shown))
    }
    form.addEventListener('input', (e) => {
      if ((e.target as HTMLElement).matches('[type=radio]')) return
      narrow()
    })
    form.addEventListener('submit', (e) => e.preventDefault())
    for (const { details, items } of groups)
      details.addEventListener('toggle', () => {
        // Buttons are made for what is looked at.
        for (const { li } of items) {
          if (li.querySelector('button')) continue
          const button = document.createElement('button')
          button.type = 'button'
          button.textContent = copy
          button.setAttribute('aria-label', `${copy}: ${li.querySelector('a')?.textContent ?? ''}`)
          li.append(button)
        }
      })
    this.addEventListener('click', (e) => {
      const button = (e.target as HTMLElement).closest('li button')
      const li = button?.closest('li')
      const link = li?.querySelector('a')
      if (!button || !li || !link) return
      const format = new FormData(form).get('format') as Format
      const { embed } = li.dataset
      const text = linkText(
        {
          title: link.textContent ?? '',
          href: this.#address(link.getAttribute('href') ?? ''),
          ...(embed === undefined ? {} : { embed: this.#address(embed) }),
        },
        format,
      )
      const say = (words: string): void => {
        button.textContent = words
        status.textContent = words
        setTimeout(() => {
          button.textContent = copy
        }, 1500)
      }
      void copyText(text).then((done) => say(done ? copied : uncopied))
    })
    narrow()
  }
  /** The whole address; a folder has no index from file://. */
  #address(href: string): string {
    const url = new URL(href, location.href)
    if (url.protocol === 'file:' && url.pathname.endsWith('/')) url.pathname += 'index.html'
    return url.href
  }
}
if (!customElements.get('zukan-links')) customElements.define('zukan-links', ZukanLinks)
