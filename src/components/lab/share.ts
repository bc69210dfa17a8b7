/** The dialog that turns what was typed into a link: lines to edit, the link that they make, and its size. */
import { copyText } from '../copy.ts'
import type { Language } from '../markdown/library.ts'
import { fits, makeLink } from './link.ts'
import { addressOf } from './place.ts'
import { labWords } from './words.ts'

/** Opens the dialog over a terminal of `host` with the lines that were typed there. */
export function share(host: string, typed: readonly string[], language: Language): void {
  const w = labWords[language]
  const dialog = document.createElement('dialog')
  dialog.className = 'zk-dialog not-content'
  const make = <K extends keyof HTMLElementTagNameMap>(tag: K, text = ''): HTMLElementTagNameMap[K] => {
    const e = document.createElement(tag)
    e.textContent = text
    return e
  }
  const title = make('h2', w.shareTitle)
  title.id = 'zk-share-title'
  dialog.setAttribute('aria-labelledby', title.id)
  const lines = make('textarea')
  lines.rows = 7
  lines.spellcheck = false
  lines.value = typed.map((t) => t.replace(/\n$/, '')).join('\n')
  const link = make('textarea')
  link.rows = 3
  link.readOnly = true
  const size = make('p')
  size.setAttribute('role', 'status')
  const copy = make('button', w.copy)
  const close = make('button', w.close)
  for (const b of [copy, close]) b.type = 'button'

  const labelled = (text: string, field: HTMLElement): HTMLElement => {
    const label = make('label')
    label.append(make('span', text), field)
    return label
  }
  const update = (): void => {
    const run = lines.value.split('\n').filter((l) => l.trim() !== '')
    const query = makeLink({ host, run: joined(run), files: [], pictures: [] })
    const ok = fits(query)
    const bytes = new TextEncoder().encode(query).length
    link.value = ok ? addressOf(`${language}/lab/`, query) : ''
    size.textContent = ok ? w.size(bytes) : w.tooLong(bytes)
    copy.disabled = !ok
  }
  lines.addEventListener('input', update)
  copy.addEventListener('click', async () => {
    const done = await copyText(link.value)
    size.textContent = done ? w.copied : w.uncopied
    if (!done) link.select()
  })
  close.addEventListener('click', () => dialog.close())
  dialog.addEventListener('close', () => dialog.remove())
  const row = make('div')
  row.className = 'zk-dialog-row'
  row.append(copy, close)
  dialog.append(title, make('p', w.shareHelp), labelled(w.shareLines, lines), labelled(w.shareLink, link), size, row)
  document.body.append(dialog)
  update()
  dialog.showModal()
  lines.focus()
}

/** Lines of a here-document stay with the command that began it: one entry, as it was typed. */
export function joined(lines: readonly string[]): readonly string[] {
  const out: string[] = []
  let end: string | undefined
  for (const line of lines) {
    if (end !== undefined) {
      out[out.length - 1] += `\n${line}`
      if (line.trim() === end) end = undefined
      continue
    }
    out.push(line)
    end = /<<-?\s*(['"]?)([A-Za-z_]\w*)\1/.exec(line)?.[2]
  }
  return out
}
