/**
 * <zukan-terminal>: a terminal on a host of the emulator. Output is a log that screen readers follow, input a real text field, so that
 * IME, phones and spell-out work as everywhere. The emulator's code loads when the terminal comes into view or is touched.
 */
import type { Tty } from '../emulator/index.ts'
import { PlainScreen } from './plain-screen.ts'
import { piecesOf, type Row } from './rows.ts'
import type { Screen } from './screen.ts'
import { openShared, type Shared } from './sessions.ts'

const encoder = new TextEncoder()
const MISSING = 'zukan: a part of the emulator could not be loaded; trying again until it comes'
const SIZE = { rows: 24, columns: 80 }
/** Bytes of keys for programs that read them one by one; xterm's. */
const keyBytes: Readonly<Record<string, string>> = {
  Enter: '\r',
  Backspace: '\x7f',
  Escape: '\x1b',
  Tab: '\t',
  ArrowUp: '\x1b[A',
  ArrowDown: '\x1b[B',
  ArrowRight: '\x1b[C',
  ArrowLeft: '\x1b[D',
  Home: '\x1b[H',
  End: '\x1b[F',
  PageUp: '\x1b[5~',
  PageDown: '\x1b[6~',
  Delete: '\x1b[3~',
  Insert: '\x1b[2~',
}

class ZukanTerminal extends HTMLElement {
  #log!: HTMLElement
  #input!: HTMLInputElement
  #shared: Shared | undefined
  #tty: Tty | undefined
  #screen: PlainScreen | Screen = new PlainScreen(SIZE)
  #size = SIZE
  /** Rows on the page, by their id. */
  readonly #shown = new Map<number, { readonly element: HTMLElement; mark: string }>()
  #history: string[] = []
  #at = 0
  /** The screen that shows everything is on its way. */
  #loading = false
  #starting: Promise<void> | undefined
  /** Done when the world has run since the last control key. */
  #taken: Promise<void> | undefined
  #onDrain: () => void = () => {}
  /** What was typed here, by hand or by buttons: what a link of the session holds. */
  readonly #typed: string[] = []

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
    // What an IME or a phone's keyboard put in goes to a program that reads keys as soon as it is settled.
    const settled = (e: Event): void => {
      if (!this.#keyByKey || (e as InputEvent).isComposing) return
      this.#write(encoder.encode(this.#input.value))
      this.#input.value = ''
    }
    this.#input.addEventListener('input', settled)
    this.#input.addEventListener('compositionend', settled)
    this.querySelector('form')?.addEventListener('submit', (e) => {
      e.preventDefault()
      void this.send()
    })
    this.querySelectorAll<HTMLButtonElement>('[data-key]').forEach((b) => {
      b.addEventListener('click', () => {
        const key = b.dataset.key ?? ''
        if (key === 'Tab') void this.#complete()
        else if (this.#keyByKey && Object.hasOwn(keyBytes, key)) this.#write(encoder.encode(keyBytes[key]))
        else if (key === 'ArrowUp' || key === 'ArrowDown') this.#recall(key === 'ArrowUp' ? -1 : 1)
        else this.#control(Number(key))
        this.#input.focus()
      })
    })
    this.querySelector('[data-copy]')?.addEventListener(
      'click',
      async () => void (await import('./copy.ts')).copyText(this.#screen.text),
    )
    this.querySelector('[data-share]')?.addEventListener('click', async () => {
      const { share } = await import('./lab/share.ts')
      share(this.dataset.host ?? 'linux-server', this.#typed, document.documentElement.lang === 'ja' ? 'ja' : 'en')
    })
  }

  /** Loads the emulator and opens a shell; once. */
  start(): Promise<void> {
    this.#starting ??= (async () => {
      const shared = await openShared(this.dataset.host ?? 'linux-server')
      this.#shared = shared
      const size = {
        rows: SIZE.rows,
        columns: Math.max(40, Math.min(120, Math.floor((this.#log.clientWidth - 24) / this.#columnWidth()))),
      }
      this.#size = size
      this.#screen = new PlainScreen(size)
      const tty = shared.session.openTerminal(size)
      this.#tty = tty
      const others = shared.awaited
      shared.awaited = () => others() || tty.awaited
      shared.onChange(() => this.#drain())
      shared.onMissing(() => {
        this.#show(encoder.encode(`\r\n${MISSING}\r\n`))
        this.#render()
      })
      this.dataset.state = 'ready'
      shared.kick()
    })()
    return this.#starting
  }

  /** Types lines as if by hand. */
  async type(text: string): Promise<void> {
    this.#typed.push(text)
    await this.start()
    // The first prompt must be there before what is typed at it.
    for (let n = 0; n < 100 && this.#screen.text === ''; n++) await new Promise((done) => setTimeout(done, 10))
    await this.#taken
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
    // A line typed after ^C must not reach the shell together with it: it would be given up with what ran.
    this.#taken = new Promise((resolve) => {
      this.#onDrain = resolve
      setTimeout(resolve, 1000)
    })
  }
  /** A program draws the screen and reads keys one by one: what is typed goes to it at once. */
  get #keyByKey(): boolean {
    return this.#screen.fullScreen && this.#tty?.termios.icanon === false
  }
  #columnWidth(): number {
    const ruler = document.createElement('span')
    ruler.textContent = '0'.repeat(20)
    this.#log.append(ruler)
    const width = ruler.getBoundingClientRect().width / 20
    ruler.remove()
    return width || 8
  }
  #key(e: KeyboardEvent): void {
    if (e.isComposing) return
    if (this.#keyByKey) {
      // Shift+Tab leads out: nobody is trapped.
      if ((e.key === 'Tab' && e.shiftKey) || e.metaKey || e.altKey) return
      const bytes =
        e.ctrlKey && /^[a-z[\\\]]$/i.test(e.key)
          ? String.fromCharCode(e.key.toUpperCase().charCodeAt(0) & 31)
          : Object.hasOwn(keyBytes, e.key)
            ? keyBytes[e.key]
            : undefined
      if (bytes === undefined) return
      e.preventDefault()
      this.#write(encoder.encode(bytes))
      return
    }
    if (e.ctrlKey && !e.altKey && !e.metaKey && /^[cdz\\lp q]$/i.test(e.key)) {
      if (e.key === 'c' && this.#input.selectionStart !== this.#input.selectionEnd) return
      if (e.key === 'l') {
        e.preventDefault()
        this.#show(encoder.encode('\x1b[H\x1b[3J'))
        this.#write(Uint8Array.of(10))
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
      void this.#complete()
    }
  }
  #recall(step: number): void {
    this.#at = Math.max(0, Math.min(this.#history.length, this.#at + step))
    this.#input.value = this.#history[this.#at] ?? ''
  }
  async #complete(): Promise<void> {
    const session = this.#shared?.session
    if (!session) return
    const line = this.#input.value
    const { completions } = await import('../emulator/completion.ts')
    const hits = completions(session, line)
    if (hits.length === 0 || this.#input.value !== line) return
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
    this.#onDrain()
    const tty = this.#tty
    const bytes = tty?.takeOutput()
    if (tty?.termios.icanon) this.#screen.release()
    const keys = this.#keyByKey
    if (keys !== this.hasAttribute('data-keys')) {
      this.toggleAttribute('data-keys', keys)
      // A drawn screen isn't a log: a screen reader would read every change of it.
      this.#log.setAttribute('aria-live', keys ? 'off' : 'polite')
      const hint = this.querySelector('[data-hint]')
      if (hint) hint.textContent = (keys ? this.dataset.keyHint : this.dataset.lineHint) ?? ''
      this.#render()
    }
    if (!bytes || bytes.length === 0) return
    this.#show(bytes)
    this.#render()
  }
  /** What isn't plain needs the screen that knows control sequences and wide characters. */
  #show(bytes: Uint8Array): void {
    if (this.#screen.write(bytes) !== false || this.#loading) return
    this.#loading = true
    const take = ({ Screen }: typeof import('./screen.ts')): void => {
      const { written } = this.#screen as PlainScreen
      this.#screen = new Screen(this.#size)
      for (const part of written) this.#screen.write(part)
      for (const { element } of this.#shown.values()) element.remove()
      this.#shown.clear()
      this.#drain()
      this.#render()
    }
    import('./screen.ts').then(take, (error) => {
      // A failure may be the network's: the next output asks again.
      this.#loading = false
      reportError(error)
    })
  }
  #render(): void {
    const { rows, cursor } = this.#screen
    const cursorRow = this.#keyByKey && this.#screen.cursorVisible ? cursor.row : -1
    const kept = new Set(rows.map((row) => row.id))
    for (const [id, { element }] of this.#shown) {
      if (kept.has(id)) continue
      element.remove()
      this.#shown.delete(id)
    }
    rows.forEach((row, i) => {
      const at = i === cursorRow ? cursor.column : undefined
      const mark = `${row.version}:${at ?? ''}`
      let shown = this.#shown.get(row.id)
      if (!shown) {
        shown = { element: document.createElement('div'), mark: '' }
        this.#shown.set(row.id, shown)
      }
      if (this.#log.children[i] !== shown.element) this.#log.insertBefore(shown.element, this.#log.children[i] ?? null)
      if (shown.mark === mark) return
      shown.mark = mark
      shown.element.replaceChildren(...nodesOf(row, at))
    })
    this.#log.scrollTop = this.#log.scrollHeight
  }
}

/** A row's text; coloured runs in spans, wide characters in boxes as wide as their columns. */
function nodesOf(row: Row, cursor: number | undefined): readonly Node[] {
  const nodes = piecesOf(row, cursor).map(({ text, style, columns }) => {
    if (style === '' && columns === undefined) return document.createTextNode(text)
    const span = document.createElement('span')
    span.className = `${style}${columns ? ' zk-wide' : ''}`.trim()
    span.textContent = text
    return span
  })
  // An empty line is as high as others.
  return nodes.length > 0 ? nodes : [document.createTextNode('\u200b')]
}

if (!customElements.get('zukan-terminal')) customElements.define('zukan-terminal', ZukanTerminal)

/** A terminal on a machine that none of the page's is on, below the block whose button asks for it: made like one that is there. */
function terminalBelow(button: HTMLElement, model: ZukanTerminal | undefined): ZukanTerminal | undefined {
  const block = button.closest('.expressive-code')
  const terminal = model?.cloneNode(true) as ZukanTerminal | undefined
  if (!block || !terminal) return undefined
  terminal.dataset.host = button.dataset.zkHost ?? ''
  const title = terminal.querySelector('[data-title]')
  if (title) title.textContent = button.dataset.zkTitle ?? ''
  terminal.querySelector('[role=log]')?.replaceChildren()
  block.after(terminal)
  return terminal
}
/** The terminal that a button's commands go into: one on the machine that the button names, or else the page's first. */
function terminalFor(button: HTMLElement): ZukanTerminal | undefined {
  const all = [...document.querySelectorAll<ZukanTerminal>('zukan-terminal')]
  const { zkHost } = button.dataset
  if (zkHost === undefined) return all[0]
  return all.find((t) => (t.dataset.host ?? 'linux-server') === zkHost) ?? terminalBelow(button, all[0])
}
// "Run it here" buttons of a page type their commands into the page's terminal.
document.addEventListener('click', (e) => {
  const button = (e.target as HTMLElement).closest<HTMLElement>('[data-zk-run]')
  const terminal = button && terminalFor(button)
  if (!button || !terminal) return
  terminal.scrollIntoView({
    block: 'center',
    behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth',
  })
  void terminal.type(`${(button.dataset.zkRun ?? '').trim()}\n`)
})
