/** The HTML of a picture and its controls, as diagram.ts takes it over: written at build time by Diagram.astro, in the browser by labs. Pure. */

import { choiceRows } from '../diagrams/choices.ts'
import { plays } from '../diagrams/scene/steps.ts'
import { columnsOf, rowsOf } from '../diagrams/scene/table.ts'
import type { Language, Scene, SceneModule } from '../diagrams/scene/types.ts'
import { commonWords } from '../diagrams/words/common.ts'

export interface Markup {
  readonly name: string
  readonly module: SceneModule
  readonly scene: Scene
  readonly host: string
  readonly language: Language
  readonly choice: string
  /** Commands that made the world that is shown. */
  readonly setup: string
  /** The host whose world is drawn; undefined where the picture shows facts alone or is drawn later. */
  readonly world: string | undefined
  /** Buttons: their names among the scene's words, and what they run. */
  readonly actions: readonly (readonly [string, string])[]
  /** The address of the picture's own page. */
  readonly embed: string
  /** The SVG, for every width. */
  readonly svg: string
}

const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
const when = (holds: boolean, text: () => string): string => (holds ? text() : '')

const icons = {
  first: '<path d="M3 3h2v10H3zM13 3v10L6 8z"/>',
  back: '<path d="M11 3v10L4 8zM12 3h2v10h-2z"/>',
  play: '<path class="zk-icon-play" d="M4 2v12l9-6z"/><path class="zk-icon-pause" d="M3 2h4v12H3zM9 2h4v12H9z"/>',
  forward: '<path d="M2 3h2v10H2zM5 3v10l7-5z"/>',
} as const
/** Milliseconds of a step at each of the three speeds. */
const speeds = [2400, 1100, 450] as const

/** What stands inside `<figure class="zk-diagram">`. */
export function figureMarkup(m: Markup): string {
  const { module, scene, language, choice } = m
  const t = commonWords[language]
  const words = module.words[language]
  const rows = rowsOf(scene)
  const columns = columnsOf(rows)
  const sources = scene.sources ?? scene.cites
  const documents = scene.links.flatMap((l) => l.documents ?? [])
  const drawsWorlds = module.runs || Object.keys(module.hosts).length > 0
  const cited = scene.sources !== undefined ? ' hidden' : ''
  const player = (what: keyof typeof icons): string =>
    `<button type="button" data-player="${what}" aria-label="${escaped(t[what])}"${what === 'play' ? ' aria-pressed="false"' : ''}><svg viewBox="0 0 16 16" aria-hidden="true">${icons[what]}</svg></button>`
  const data = Object.entries({
    scene: m.name,
    host: m.host,
    language,
    choice,
    setup: m.setup,
    embed: m.embed,
    ...(module.axes.length > 0 ? { choices: module.choices.join(' ') } : {}),
    ...(m.world === undefined ? {} : { runs: m.world }),
  })
    .map(([key, value]) => ` data-${key}="${escaped(value)}"`)
    .join('')
  const choices = choiceRows(module, choice, language)
    .map(
      ({ label, buttons }) =>
        `<div class="zk-choices" role="radiogroup" aria-label="${escaped(label)}">${buttons
          .map(
            (b) =>
              `<button type="button" role="radio" aria-checked="${b.checked}" tabindex="${b.checked ? 0 : -1}"${b.choice === undefined ? ' disabled' : ` data-choice="${escaped(b.choice)}"`}>${escaped(b.text)}</button>`,
          )
          .join('')}</div>`,
    )
    .join('')
  const state = when(
    drawsWorlds,
    () =>
      `<p class="zk-state"${cited}>${m.setup === '' ? escaped(t.nothing) : `${escaped(t.example)} <code>${escaped(m.setup)}</code>`}</p>`,
  )
  const controls = when(
    drawsWorlds || plays(scene),
    () =>
      `<div class="zk-player" role="group" aria-label="${escaped(t.player)}"${plays(scene) ? '' : ' hidden'}>${player('first')}${player('back')}${player('play')}${player('forward')}<label><span class="sr-only">${escaped(t.speed)}</span><select data-player="speed">${t.speeds
        .map((s, i) => `<option value="${speeds[i]}"${i === 1 ? ' selected' : ''}>${escaped(s)}</option>`)
        .join('')}</select></label><p class="zk-step" aria-live="polite">${escaped(t.player)}</p></div>`,
  )
  const actions = when(
    m.actions.length > 0,
    () =>
      `<div class="zk-actions">${m.actions
        .map(
          ([id, command]) =>
            `<button type="button" data-zk-run="${escaped(command)}" title="${escaped(command)}">${escaped(words.actions?.[id] ?? id)}</button>`,
        )
        .join('')}</div>`,
  )
  const passed = documents
    .map(
      (d) =>
        `<details data-document="${escaped(d.id)}"><summary>${escaped(d.title)}</summary><pre tabindex="0">${escaped(d.text)}</pre></details>`,
    )
    .join('')
  const head = columns.map((c) => `<th scope="col">${escaped(t.heads[c])}</th>`).join('')
  const body = rows.map((r) => `<tr>${columns.map((c) => `<td>${escaped(r[c])}</td>`).join('')}</tr>`).join('')
  const menu = (['link', 'embed', 'download'] as const)
    .map(
      (what) => `<button type="button" data-menu="${what}">${escaped(what === 'link' ? t.copyLink : t[what])}</button>`,
    )
    .join('')
  return `<zukan-diagram${data}><div class="zk-head"><p class="zk-name">${escaped(words.name)}</p>${choices}</div>${state}<div class="zk-canvas">${m.svg}</div>${controls}${actions}<div class="zk-panels"><details class="zk-documents"${documents.length === 0 ? ' hidden' : ''}><summary>${escaped(t.documents)}</summary><div data-documents>${passed}</div></details><details class="zk-table"><summary>${escaped(t.table)}</summary><div class="zk-scroll" tabindex="0" role="group" aria-label="${escaped(t.table)}"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div></details><details class="zk-menu"><summary>${escaped(t.menu)}</summary><div>${menu}</div></details></div><p class="sr-only" aria-live="polite" data-say></p></zukan-diagram><figcaption>${escaped(words.caption)}<span class="zk-sources"${sources === undefined ? ' hidden' : ''}>${escaped(t.sources)}: <span data-sources>${escaped(sources?.join('; ') ?? '')}</span></span></figcaption>`
}
