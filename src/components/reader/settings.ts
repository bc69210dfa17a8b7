/** The dialog of settings: text size, the record of chapters read, and the keys. Everything stays in this browser. */
import { load, merged, parseProgress, progressText, save } from './progress.ts'
import { settingsWords } from './words.ts'

const SIZE = 'zukan-size'
const KEYS = 'zukan-keys'
/** Percent of the browser's own size; zukan.css has a rule for each but 100. */
const sizes = ['90', '100', '115', '130', '150'] as const
const root = document.documentElement

function keep(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // Where storage is forbidden the choice holds for this page.
  }
}
function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  text = '',
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag)
  e.textContent = text
  e.append(...children)
  return e
}
function button(label: string, then: (b: HTMLButtonElement) => void): HTMLButtonElement {
  const b = make('button', label)
  b.type = 'button'
  b.addEventListener('click', () => then(b))
  return b
}
function row(...children: readonly Node[]): HTMLElement {
  const e = make('div', '', ...children)
  e.className = 'zk-dialog-row'
  return e
}

/** Opens the dialog; the focus returns to where it was when it closes. */
export function openSettings(language: 'ja' | 'en'): void {
  if (document.querySelector('dialog.zk-settings')) return
  const w = settingsWords[language]
  const dialog = make('dialog')
  dialog.className = 'zk-dialog zk-settings not-content'
  const title = make('h2', w.title)
  title.id = 'zk-settings-title'
  dialog.setAttribute('aria-labelledby', title.id)

  const size = make('fieldset', '', make('legend', w.size))
  const now = root.dataset.size ?? '100'
  sizes.forEach((value, i) => {
    const input = make('input')
    input.type = 'radio'
    input.name = 'zk-size'
    input.value = value
    input.checked = value === now
    input.addEventListener('change', () => {
      if (value === '100') delete root.dataset.size
      else root.dataset.size = value
      keep(SIZE, value === '100' ? undefined : value)
    })
    size.append(make('label', '', input, ` ${w.sizes[i]}`))
  })

  const status = make('p')
  status.setAttribute('role', 'status')
  const tell = (text?: string): void => {
    status.textContent = text ?? w.count(Object.keys(load()).length)
  }
  tell()
  const file = make('input')
  file.type = 'file'
  file.accept = '.json,application/json'
  file.hidden = true
  file.addEventListener('change', async () => {
    const [chosen] = file.files ?? []
    // A record of all chapters has a few kilobytes: what is larger isn't one.
    const read = chosen && chosen.size < 200_000 ? parseProgress(await chosen.text()) : undefined
    file.value = ''
    if (read === undefined) return tell(w.wrong)
    save(merged(load(), read))
    tell(w.added(Object.keys(read).length))
  })
  const progress = make(
    'section',
    '',
    make('h3', w.progress),
    status,
    row(
      button(w.exported, () => {
        const url = URL.createObjectURL(new Blob([`${progressText(load())}\n`], { type: 'application/json' }))
        const a = make('a')
        a.href = url
        a.download = 'container-zukan-progress.json'
        a.click()
        setTimeout(() => URL.revokeObjectURL(url), 10_000)
      }),
      button(w.imported, () => file.click()),
      button(w.clear, (b) => {
        if (b.dataset.sure === undefined) {
          b.dataset.sure = ''
          b.textContent = w.sure
          return
        }
        delete b.dataset.sure
        b.textContent = w.clear
        save({})
        tell(w.cleared)
      }),
      file,
    ),
  )

  const single = make('input')
  single.type = 'checkbox'
  single.checked = root.dataset.keys !== 'off'
  single.addEventListener('change', () => {
    if (single.checked) delete root.dataset.keys
    else root.dataset.keys = 'off'
    keep(KEYS, single.checked ? undefined : 'off')
  })
  const list = make('dl')
  for (const [key, what] of w.list) list.append(make('dt', '', make('kbd', key)), make('dd', what))
  const keys = make('section', '', make('h3', w.keys), list, make('label', '', single, ` ${w.single}`))

  const close = button(w.close, () => dialog.close())
  dialog.addEventListener('close', () => dialog.remove())
  dialog.addEventListener('click', (e) => {
    if (e.target === dialog) dialog.close()
  })
  dialog.append(row(title, close), size, progress, keys)
  document.body.append(dialog)
  dialog.showModal()
}
