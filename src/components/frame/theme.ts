/** <zukan-theme>: keeps the reader's choice of theme; public/early.js applies it before the first paint of every page. */
const KEY = 'zukan-theme'

class ZukanTheme extends HTMLElement {
  connectedCallback(): void {
    this.hidden = false
    const select = this.querySelector('select') as HTMLSelectElement
    select.value = document.documentElement.dataset.chosen ?? ''
    select.addEventListener('change', () => {
      // All pickers of a page (header, menu) show the same.
      for (const other of document.querySelectorAll<HTMLSelectElement>('zukan-theme select')) other.value = select.value
      document.documentElement.dataset.chosen = select.value
      dispatchEvent(new CustomEvent(KEY, { detail: select.value }))
      try {
        if (select.value) localStorage.setItem(KEY, select.value)
        else localStorage.removeItem(KEY)
      } catch {
        // Where storage is forbidden the choice holds for this page.
      }
    })
  }
}
if (!customElements.get('zukan-theme')) customElements.define('zukan-theme', ZukanTheme)
