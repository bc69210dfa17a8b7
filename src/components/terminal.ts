/**
 * <zukan-terminal>: a terminal on a host of the emulator. Output is a log that screen readers follow, input a real text field, so that
 * IME, phones and spell-out work as everywhere. The emulator's code loads when the terminal comes into view or is touched.
 */
import type { Tty } from '../emulator/index.ts'
import { Screen } from './screen.ts'
import { openShared, type Shared } from './sessions.ts'

const encoder = new TextEncoder()
/** Characters that take two columns get a box of their own width, so that columns stay in line. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]+/g

class ZukanTerminal extends HTMLElement {
  #log!: HTMLElement
  #input!: HTMLInputElement
  #shared: Shared | undefined
  #tty: Tty | undefined
  #screen = new Screen()
  #rendered: { dropped: number; cleared: number; count: number } = { dropped: 0, cleared: 0, count: 0 }
  #history: string[] = []
  #at = 0
  #starting: Promise<void> | undefined

  connectedCallback(): void {
    this.#log = this.querySelector('[role=log]') as HTMLElement
    this.#input = this.querySelector('input') as HTMLInputElement
    this.hidden = false
    new IntersectionObserver((entries, observer) => {
      if (!entries.some((e) => e.isIntersecting)) return
      observer.disconnect()
      void this.start()
    }).observe(this)
    this.#input.addEventListener('focus', () => void this.start())
    this.#input.addEventListener('keydown', (e) => this.#key(e))
    this.querySelector('form')?.addEventListener('submit', (e) => {
      e.preventDefault()
      void this.send()
    })
    this.querySelectorAll<HTMLButtonElement>('[data-key]').forEach((b) => {
      b.addEventListener('click', () => {
        const key = b.dataset.key ?? ''
        if (key === 'Tab') this.#complete()
        else if (key === 'ArrowUp' || key === 'ArrowDown') this.#recall(key === 'ArrowUp' ? -1 : 1)
        else this.#control(Number(key))
        this.#input.focus()
      })
    })
    this.querySelector('[data-copy]')?.addEventListener(
      'click',
      () => void navigator.clipboard?.writeText(this.#screen.lines.join('\n')),
    )
  }

  /** Loads the emulator and opens a shell; once. */
  start(): Promise<void> {
    this.#starting ??= (async () => {
      const shared = await openShared(this.dataset.host ?? 'linux-server')
      this.#shared = shared
      const tty = shared.session.openTerminal({
        rows: 24,
        columns: Math.max(40, Math.min(120, Math.floor(this.#log.clientWidth / 8.2))),
      })
      this.#tty = tty
      const others = shared.awaited
      shared.awaited = () => others() || tty.awaited
      shared.onChange(() => this.#drain())
      this.dataset.state = 'ready'
      shared.kick()
    })()
    return this.#starting
  }

  /** Types lines as if by hand. */
  async type(text: string): Promise<void> {
    await this.start()
    // The first prompt must be there before what is typed at it.
    for (let n = 0; n < 100 && this.#screen.lines.join('') === ''; n++)
      await new Promise((done) => setTimeout(done, 10))
    this.#write(encoder.encode(text))
  }
  async send(): Promise<void> {
    const line = this.#input.value
    this.#input.value = ''
    if (line.trim() !== '' && this.#history.at(-1) !== line) this.#history.push(line)
    this.#at = this.#history.length
    await this.type(`${line}\n`)
  }
  #write(bytes: Uint8Array): void {
    // A long paste goes in by pieces, each after the last was taken up.
    for (let at = 0; at < bytes.length; at += 4096) this.#tty?.type(bytes.subarray(at, at + 4096))
    this.#shared?.kick()
  }
  #control(byte: number): void {
    if (byte === 3) this.#input.value = ''
    this.#write(Uint8Array.of(byte))
  }
  #key(e: KeyboardEvent): void {
    if (e.isComposing) return
    if (e.ctrlKey && !e.altKey && !e.metaKey && /^[cdz\\lp q]$/i.test(e.key)) {
      if (e.key === 'c' && this.#input.selectionStart !== this.#input.selectionEnd) return
      if (e.key === 'l') {
        e.preventDefault()
        this.#screen = new Screen()
        this.#log.replaceChildren()
        this.#rendered = { dropped: 0, cleared: 0, count: 0 }
        return
      }
      if (e.key === 'd' && this.#input.value !== '') return
      e.preventDefault()
      this.#control(e.key === '\\' ? 28 : e.key.toLowerCase().charCodeAt(0) - 96)
    } else if (e.key === 'ArrowUp' || e.key === 'ArrowDown') {
      e.preventDefault()
      this.#recall(e.key === 'ArrowUp' ? -1 : 1)
    } else if (e.key === 'Tab' && !e.shiftKey && this.#input.value.trim() !== '') {
      // Tab completes where there is something to complete; on an empty line it moves on, so that nobody is trapped.
      e.preventDefault()
      this.#complete()
    }
  }
  #recall(step: number): void {
    this.#at = Math.max(0, Math.min(this.#history.length, this.#at + step))
    this.#input.value = this.#history[this.#at] ?? ''
  }
  #complete(): void {
    const session = this.#shared?.session
    if (!session) return
    const line = this.#input.value
    const hits = session.complete(line)
    if (hits.length === 0) return
    const word = /\S*$/.exec(line)?.[0] ?? ''
    let common = hits[0] as string
    for (const h of hits) while (!h.startsWith(common)) common = common.slice(0, -1)
    if (common.length > word.length)
      this.#input.value =
        line.slice(0, line.length - word.length) + common + (hits.length === 1 && !common.endsWith('/') ? ' ' : '')
    const status = this.querySelector('[data-hint]')
    if (status) status.textContent = hits.length > 1 ? hits.slice(0, 12).join('  ') : ''
  }

  #drain(): void {
    const bytes = this.#tty?.takeOutput()
    if (!bytes || bytes.length === 0) return
    this.#screen.write(bytes)
    this.#render()
  }
  #render(): void {
    const { lines, dropped, cleared } = this.#screen
    if (cleared !== this.#rendered.cleared) this.#log.replaceChildren()
    const kept = cleared === this.#rendered.cleared ? this.#rendered.count : 0
    const gone = cleared === this.#rendered.cleared ? dropped - this.#rendered.dropped : 0
    for (let n = 0; n < gone; n++) this.#log.firstElementChild?.remove()
    const have = Math.max(0, kept - gone)
    // The last line may have grown; all before it are finished.
    for (let i = Math.max(0, have - 1); i < lines.length; i++) {
      const text = lines[i] as string
      let row = this.#log.children[i] as HTMLElement | undefined
      if (!row) {
        row = document.createElement('div')
        this.#log.append(row)
      }
      row.replaceChildren(...pieces(text))
    }
    this.#rendered = { dropped, cleared, count: lines.length }
    this.#log.scrollTop = this.#log.scrollHeight
  }
}

/** A line's text with wide runs in boxes as wide as their columns. */
function pieces(text: string): Node[] {
  const out: Node[] = []
  let at = 0
  for (const m of text.matchAll(wide)) {
    if (m.index > at) out.push(document.createTextNode(text.slice(at, m.index)))
    for (const c of m[0]) {
      const box = document.createElement('span')
      box.className = 'zk-wide'
      box.textContent = c
      out.push(box)
    }
    at = m.index + m[0].length
  }
  if (at < text.length || out.length === 0) out.push(document.createTextNode(text.slice(at) || '\u200b'))
  return out
}

if (!customElements.get('zukan-terminal')) customElements.define('zukan-terminal', ZukanTerminal)

// "Run it here" buttons of a page type their commands into the page's terminal.
document.addEventListener('click', (e) => {
  const button = (e.target as HTMLElement).closest<HTMLElement>('[data-zk-run]')
  const terminal = document.querySelector<ZukanTerminal>('zukan-terminal')
  if (!button || !terminal) return
  terminal.scrollIntoView({
    block: 'center',
    behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth',
  })
  void terminal.type(`${(button.dataset.zkRun ?? '').trim()}\n`)
})
document.documentElement.classList.add('zk-live')
