/**
 * <zukan-lab>: the page that opens a link's terminal. It shows what the link holds and runs nothing of it before the reader asks; all of
 * it reaches the page as text. A link that can't be opened is answered by a sentence, and by an empty server.
 */
import { isSceneName, sceneNames } from '../../diagrams/scene/index.ts'
import { hostNames } from '../../emulator/hosts/host.ts'
import { machineTitle } from '../machines.ts'
import { openShared } from '../sessions.ts'
import '../terminal.ts'
import { type Lab, readLink } from './link.ts'
import type { Typed } from './typist.ts'
import { labWords } from './words.ts'

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  text = '',
  ...children: readonly Node[]
): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag)
  e.textContent = text
  e.append(...children)
  return e
}

class ZukanLab extends HTMLElement {
  #lab: Lab = { host: 'linux-server', run: [], files: [], pictures: [] }
  #filesPut: Promise<void> | undefined
  get #language(): 'ja' | 'en' {
    return this.dataset.language === 'ja' ? 'ja' : 'en'
  }
  get #words() {
    return labWords[this.#language]
  }

  connectedCallback(): void {
    if (this.hasAttribute('data-opened')) return
    this.setAttribute('data-opened', '')
    const read = readLink(location.search, { hosts: hostNames, pictures: sceneNames })
    if (read.ok) this.#lab = read.lab
    else this.#refuse(this.#words.refusal(read.refusal))
    const { host, run, files, pictures } = this.#lab

    const select = this.querySelector<HTMLSelectElement>('select[data-machine]')
    if (select) {
      select.value = host
      select.addEventListener('change', () => {
        location.search = new URLSearchParams({ host: select.value }).toString()
      })
    }
    this.querySelector('[data-fresh]')?.addEventListener('click', () => location.reload())
    this.querySelectorAll<HTMLElement>('[data-needs-script]').forEach((e) => {
      e.hidden = false
    })
    // Made here, so that it begins on the link's machine and no other.
    const template = this.querySelector<HTMLTemplateElement>('template[data-terminal]')
    const terminal = template?.content.cloneNode(true) as DocumentFragment | undefined
    const made = terminal?.querySelector<HTMLElement>('zukan-terminal')
    if (!template || !terminal || !made) return
    made.dataset.host = host
    const name = made.querySelector('.zk-bar > span:not(.zk-lamp)')
    if (name) name.textContent = machineTitle(host, this.#language)
    template.replaceWith(terminal)
    if (run.length > 0 || files.length > 0) this.#show(made as Typed)
    if (pictures.length > 0)
      void import('./pictures.ts').then(({ showPictures }) =>
        showPictures(
          this.querySelector('[data-pictures]') as HTMLElement,
          pictures.filter(isSceneName),
          host,
          this.#language,
        ),
      )
  }

  #refuse(sentence: string): void {
    const place = this.querySelector<HTMLElement>('[data-problem]')
    if (!place) return
    place.replaceChildren(element('strong', sentence), ` ${this.#words.instead}`)
    place.hidden = false
  }

  /** Lists what the link holds, each command with a button. */
  #show(terminal: Typed): void {
    const place = this.querySelector<HTMLElement>('[data-commands]')
    if (!place) return
    const { run, files } = this.#lab
    const code = (text: string): HTMLElement => {
      const pre = element('pre', '', element('code', text))
      pre.tabIndex = 0
      return pre
    }
    const status = element('p')
    status.setAttribute('role', 'status')
    const buttons: HTMLButtonElement[] = []
    const perform = async (texts: readonly string[]): Promise<void> => {
      for (const b of buttons) b.disabled = true
      try {
        await this.#putFiles()
        const [{ typeAll }, shared] = await Promise.all([import('./typist.ts'), openShared(this.#lab.host)])
        await typeAll(terminal, shared, texts, (i) => {
          status.textContent = texts.length > 1 ? this.#words.typing(i + 1, texts.length) : ''
        })
        status.textContent = texts.length > 1 ? this.#words.typed : ''
      } finally {
        for (const b of buttons) b.disabled = false
      }
    }
    const button = (label: string, texts: readonly string[], described = label): HTMLButtonElement => {
      const b = element('button', label)
      b.type = 'button'
      b.className = 'zk-run'
      if (described !== label) b.setAttribute('aria-label', described)
      b.addEventListener('click', () => void perform(texts))
      buttons.push(b)
      return b
    }
    const list = element('ol')
    list.className = 'zk-lab-steps'
    run.forEach((text, i) => {
      list.append(element('li', '', code(text), button(this.#words.run, [text], `${this.#words.run}: ${i + 1}`)))
    })
    place.replaceChildren(
      element('p', this.#words.holds(run.length)),
      ...files.flatMap(({ path, text }) => [element('p', this.#words.file(path)), code(text)]),
      list,
      ...(run.length > 1 ? [button(this.#words.runAll, run)] : []),
      status,
    )
    place.hidden = false
  }
  /** Puts the link's files into the machine; once. */
  #putFiles(): Promise<void> {
    this.#filesPut ??= openShared(this.#lab.host).then(({ session }) => {
      session.putFiles(
        session.host.shell.home,
        Object.fromEntries(this.#lab.files.map(({ path, text }) => [path, text.endsWith('\n') ? text : `${text}\n`])),
      )
    })
    return this.#filesPut
  }
}
if (!customElements.get('zukan-lab')) customElements.define('zukan-lab', ZukanLab)
