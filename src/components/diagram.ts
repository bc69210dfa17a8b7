/**
 * <zukan-diagram>: takes over a picture drawn at build time. It shows the example it was built with until a command runs in the page's
 * world; from then on it is drawn from that world. Scene and emulator load when they are first needed.
 */
import { choiceRows } from '../diagrams/choices.ts'
import { update } from '../diagrams/draw/live.ts'
import { actionsFor, choiceOf, hostFor, inputOf, playOf, setupFor, type Watched } from '../diagrams/index.ts'
import { layoutScene } from '../diagrams/layout/index.ts'
import { record } from '../diagrams/record.ts'
import { loadScene } from '../diagrams/scene/index.ts'
import { plays, type Step } from '../diagrams/scene/steps.ts'
import { changesOf, columnsOf, rowsOf } from '../diagrams/scene/table.ts'
import { boxesOf, type Language, type Scene, type SceneModule } from '../diagrams/scene/types.ts'
import { commonWords, sentenceOf } from '../diagrams/words/common.ts'
import { hostNames } from '../emulator/hosts/host.ts'
import type { HostName, Session } from '../emulator/index.ts'
import { keys } from './diagram-keys.ts'
import { menu } from './diagram-menu.ts'
import { openExample, openShared, type Shared, whenOpened } from './sessions.ts'

/** Milliseconds of a change's motion, and the least time between two drawings. */
const MOTION = 320
const PAUSE = 90
/** Distance in px between a box that is scrolled to and the window's edge. */
const EDGE = 12
const still = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches

/** How much larger the reader wants letters than they usually are: a picture is laid out narrower by that, and drawn larger. */
const letters = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1

/** Sessions as pictures look at them, all pictures of a page alike. */
const watches = new WeakMap<Session, Promise<Watched>>()
/** Looks at a session from now on; the code that looks into kernels comes with the first world. */
function watch(session: Session): Promise<Watched> {
  const known = watches.get(session)
  if (known) return known
  const made = import('../emulator/view.ts').then(({ lookAt }) => record(session.world.trace, () => lookAt(session)))
  watches.set(session, made)
  made.catch(() => watches.delete(session))
  return made
}

/** Some titles, for a sentence. */
const some = (titles: readonly string[]): string => [...new Set(titles)].filter(Boolean).slice(0, 6).join(', ')

class ZukanDiagram extends HTMLElement {
  #module: SceneModule | undefined
  #language: Language = 'en'
  #choice = ''
  /** The choice that the page's commands were written for. */
  #written = ''
  /** Worlds by host: examples, each made when it is first needed, and the page's own once a command ran in it. */
  readonly #examples = new Map<string, Promise<void>>()
  readonly #watched = new Map<string, Watched>()
  #live: string | undefined
  #scene: Scene | undefined
  #drawn = ''
  /** Steps of the last command, found when the reader first asks for one. */
  #steps: readonly Step[] | undefined
  #at = -1
  #timer: ReturnType<typeof setTimeout> | undefined
  #waiting = false
  #begun: Promise<void> | undefined

  connectedCallback(): void {
    if (this.#begun) return
    this.#language = this.dataset.language === 'ja' ? 'ja' : 'en'
    // A picture on a page of its own is told by its address what to show.
    const asked = new URLSearchParams(this.closest('[data-alone]') ? location.search : '')
    const buttons = [...this.querySelectorAll<HTMLElement>('[data-choice]')].map((b) => b.dataset.choice)
    const known = this.dataset.choices?.split(' ') ?? buttons
    const choice = this.#known(asked.get('choice'), known)
    const host = this.#known(asked.get('host'), hostNames)
    this.#written = this.dataset.choice ?? ''
    this.#choice = choice ?? this.#written
    const other = (host !== undefined && host !== this.#host) || this.#choice !== this.#written
    if (host !== undefined && host !== this.#host) {
      this.dataset.host = host
      this.dataset.setup = ''
    }
    this.querySelectorAll<SVGSVGElement>('.zk-canvas svg').forEach(keys)
    this.querySelectorAll<HTMLElement>('.zk-choices').forEach((row) => {
      row.querySelectorAll('button').forEach((b) => {
        b.addEventListener('click', () => void this.#choose(b.dataset.choice ?? ''))
      })
      row.addEventListener('keydown', (e) => this.#chooseByKey(row, e))
    })
    this.querySelectorAll<HTMLElement>('[data-player]').forEach((b) => {
      if (b instanceof HTMLButtonElement) b.addEventListener('click', () => void this.#play(b.dataset.player ?? ''))
    })
    this.addEventListener('click', (e) => this.#open(e.target as Element))
    menu(this)
    whenOpened(this.dataset.host ?? 'linux-server', (shared) => void this.#follow(shared))
    new IntersectionObserver((entries, observer) => {
      if (!entries.some((e) => e.isIntersecting)) return
      observer.disconnect()
      // A picture of facts costs little: it is fitted to the page's width at once. Others stay as built until they are used, but for
      // readers who want larger letters than those have.
      if (this.dataset.runs === undefined || other || this.#small)
        void this.#begin().then(() => this.#choose(this.#choice))
    }).observe(this)
  }

  /** What an address asks for, where there is such a thing; else the reader is told, and the picture is as without. */
  #known(asked: string | null, among: readonly (string | undefined)[]): string | undefined {
    if (asked === null || asked === '') return undefined
    if (among.includes(asked)) return asked
    const problem = document.createElement('p')
    problem.className = 'zk-note zk-problem'
    problem.setAttribute('role', 'alert')
    problem.textContent = this.#words.unknown(asked.length > 60 ? `${asked.slice(0, 59)}…` : asked)
    this.prepend(problem)
    return undefined
  }

  get #svg(): SVGSVGElement {
    return this.querySelector('.zk-canvas svg') as SVGSVGElement
  }
  /** Whether the picture as built has smaller letters than the reader wants. */
  get #small(): boolean {
    const shown = [...this.querySelectorAll<SVGSVGElement>('.zk-canvas svg')].find((s) => s.clientWidth > 0)
    return letters() > 1.05 && shown !== undefined && shown.clientWidth / shown.viewBox.baseVal.width < 0.95 * letters()
  }
  get #words() {
    return commonWords[this.#language]
  }
  /** Of the widths drawn at build time, the one that CSS shows stays. */
  #keepOneSvg(): void {
    const all = [...this.querySelectorAll<SVGSVGElement>('.zk-canvas svg')]
    const shown = all.find((s) => getComputedStyle(s).display !== 'none') ?? all[0]
    for (const svg of all) if (svg !== shown) svg.remove()
    shown?.classList.remove('zk-wide-only', 'zk-narrow-only')
    if (shown) keys(shown)
  }

  get #host(): string {
    return this.dataset.host ?? 'linux-server'
  }
  /** The host of what is shown now; undefined where that is facts. */
  get #shown(): HostName | undefined {
    return this.#module && hostFor(this.#module, this.#choice, this.#host)
  }

  /** Loads the scene and, where it needs one, the example's world; draws at the page's width. */
  #begin(): Promise<void> {
    this.#begun ??= (async () => {
      this.#module = await loadScene(this.dataset.scene ?? '')
      this.#choice = choiceOf(this.#module, this.#choice)
      await this.#prepare()
      this.#keepOneSvg()
      this.#draw(0)
      // The head grows with the reader's letters, also where the picture's width stays.
      const resized = new ResizeObserver(() => this.#draw(0))
      for (const part of this.querySelectorAll('.zk-canvas, .zk-head')) resized.observe(part)
    })()
    return this.#begun
  }
  /** The commands of a host's example: those that the page wrote, or the scene's own. */
  #setup(host: HostName): string {
    const written = host === this.#host && this.#choice === this.#written ? this.dataset.setup : undefined
    return written || (this.#module ? setupFor(this.#module, host, this.#choice) : '')
  }
  /** Which of the worlds at hand is shown: the page's own, or the one after a host's example. */
  #world(host: HostName): string {
    return host === this.#live ? host : `${host}\n${this.#setup(host)}`
  }
  get #watching(): Watched | undefined {
    const host = this.#shown
    return host === undefined ? undefined : this.#watched.get(this.#world(host))
  }
  /** Has the world of what is shown at hand: the page's own, or an example. */
  async #prepare(): Promise<void> {
    const host = this.#shown
    if (!this.#module || host === undefined) return
    const world = this.#world(host)
    if (this.#watched.has(world)) return
    let example = this.#examples.get(world)
    if (!example) {
      example = openExample(host, this.#setup(host), watch).then((watched) => {
        this.#watched.set(world, watched)
      })
      this.#examples.set(world, example)
      // A failure may be the network's: the next choice tries again.
      example.catch(() => this.#examples.delete(world))
    }
    this.#wait(true)
    await example.finally(() => this.#wait(false))
  }
  /** Says that a machine is being booted for the picture, and no longer. */
  #wait(busy: boolean): void {
    this.querySelector('.zk-canvas')?.setAttribute('aria-busy', String(busy))
    const state = this.querySelector<HTMLElement>('.zk-state')
    if (!state || !busy) return
    state.hidden = false
    state.textContent = this.#words.booting
  }
  /** Listens to the page's world: from its first command on, pictures of that host show it. */
  async #follow(shared: Shared): Promise<void> {
    const { trace } = shared.session.world
    const before = trace.commands
    const watched = await watch(shared.session)
    shared.onChange(() => {
      if (this.#live === undefined) {
        if (trace.commands === before) return
        this.#live = this.#host
        this.#watched.set(this.#host, watched)
        void this.#begin()
      }
      if (this.#shown === this.#host) this.#soon()
    })
  }
  /** Draws at the next frame, at most every PAUSE ms however often the world changes. */
  #soon(): void {
    if (this.#waiting) return
    this.#waiting = true
    setTimeout(
      () =>
        requestAnimationFrame(() => {
          this.#waiting = false
          this.#draw(still() ? 0 : MOTION)
        }),
      PAUSE,
    )
  }
  #draw(time: number): void {
    const module = this.#module
    const host = this.#shown
    const watched = this.#watching
    if (!module || (host !== undefined && !watched)) return
    const last = watched?.trace.lastCommand() ?? []
    const traced = `${host}:${this.#choice}:${last.length}:${last[0]?.time}:${last[0]?.what}`
    if (traced !== this.#traced) {
      // Something else has happened since: its steps are others.
      this.#traced = traced
      this.#steps = undefined
      this.#at = -1
      this.#stop()
      this.#button()
      this.#hold()
      this.classList.remove('zk-stepping')
    }
    const scene = module.scene(inputOf(watched, this.#choice, this.#step?.event), this.#language)
    const room = (this.querySelector('.zk-canvas') as HTMLElement).clientWidth / letters()
    const width = Math.max(220, Math.min(760, Math.floor(room)))
    const key = JSON.stringify(scene) + width
    const before = this.#scene
    this.#scene = scene
    if (key !== this.#drawn) {
      this.#drawn = key
      update(this.#svg, layoutScene(scene, width), time)
      keys(this.#svg)
      this.#fillPanels(scene)
      // What a step changes, the player says.
      if (before && this.#at < 0) this.#say(before, scene)
    }
    this.#settle(scene)
  }
  #traced = ''
  get #step(): Step | undefined {
    return this.#steps?.[this.#at]
  }
  #settle(scene: Scene): void {
    this.#mark()
    const state = this.querySelector('.zk-state')
    const host = this.#shown
    const live = host !== undefined && host === this.#live
    // A world that has nothing of the kind is shown by what is cited, and the reader may bring one up.
    const facts = scene.sources !== undefined
    if (state && host !== undefined) this.#tell(state, live, host, facts)
    this.classList.toggle('zk-follows', live)
    const actions = this.querySelector<HTMLElement>('.zk-actions')
    if (actions && this.#module) {
      actions.hidden = host !== this.#host
      const known = actionsFor(this.#module, host).map(([, command]) => command)
      for (const b of actions.querySelectorAll<HTMLElement>('[data-zk-run]'))
        b.hidden = !known.includes(b.dataset.zkRun ?? '')
    }
    if (state instanceof HTMLElement) state.hidden = host === undefined
    const player = this.querySelector<HTMLElement>('.zk-player')
    if (player) player.hidden = !plays(scene)
    const sources = this.closest('figure')?.querySelector<HTMLElement>('.zk-sources')
    if (sources) {
      const cited = scene.sources ?? scene.cites
      sources.hidden = cited === undefined
      const list = sources.querySelector('[data-sources]')
      if (list) list.textContent = cited?.join('; ') ?? ''
    }
  }

  /** Says which world is shown: the page's, or an example after some commands. */
  #tell(state: Element, live: boolean, host: HostName, facts: boolean): void {
    const setup = this.#setup(host)
    const text = facts
      ? this.#words.facts
      : live
        ? this.#words.live
        : setup === ''
          ? this.#words.nothing
          : this.#words.example
    const code = state.querySelector('code')?.textContent ?? ''
    if (state.firstChild?.textContent?.trim() === text && (live || facts || code === setup)) return
    state.textContent = `${text} `
    if (live || facts || setup === '') return
    const shown = document.createElement('code')
    shown.textContent = setup
    state.append(shown)
  }

  #fillPanels(scene: Scene): void {
    const rows = rowsOf(scene)
    const columns = columnsOf(rows)
    const cells = (tag: 'th' | 'td', texts: readonly string[]): HTMLElement => {
      const tr = document.createElement('tr')
      for (const text of texts) {
        const cell = document.createElement(tag)
        if (tag === 'th') cell.setAttribute('scope', 'col')
        cell.textContent = text
        tr.append(cell)
      }
      return tr
    }
    this.querySelector('thead')?.replaceChildren(
      cells(
        'th',
        columns.map((c) => this.#words.heads[c]),
      ),
    )
    this.querySelector('tbody')?.replaceChildren(
      ...rows.map((r) =>
        cells(
          'td',
          columns.map((c) => r[c]),
        ),
      ),
    )
    const documents = scene.links.flatMap((l) => l.documents ?? [])
    const list = this.querySelector<HTMLElement>('[data-documents]')
    if (!list) return
    const shown = [...list.querySelectorAll('pre')].map((p) => p.textContent).join('\n')
    if (shown !== documents.map((d) => d.text).join('\n'))
      list.replaceChildren(
        ...documents.map((d) => {
          const details = document.createElement('details')
          details.dataset.document = d.id
          const summary = document.createElement('summary')
          summary.textContent = d.title
          const pre = document.createElement('pre')
          pre.tabIndex = 0
          pre.textContent = d.text
          details.append(summary, pre)
          return details
        }),
      )
    const panel = this.querySelector<HTMLElement>('.zk-documents')
    if (panel) panel.hidden = documents.length === 0
  }
  /** One sentence about what came, went and changed. */
  #say(before: Scene, after: Scene): void {
    const { came, went, changed } = changesOf(before, after)
    const w = this.#words
    const say = this.querySelector('[data-say]')
    if (say)
      say.textContent = [
        came.length > 0 ? w.came(some(came)) : '',
        went.length > 0 ? w.went(some(went)) : '',
        came.length + went.length === 0 && changed.length > 0 ? w.changed(some(changed)) : '',
      ]
        .filter(Boolean)
        .join(' ')
  }

  async #choose(choice: string): Promise<void> {
    this.#choice = choice
    await this.#begin()
    if (this.#choice !== choice) return
    this.dataset.choice = choice
    this.#showChoice(choice)
    this.#draw(still() ? 0 : MOTION)
    await this.#prepare()
    if (this.#choice === choice) this.#draw(still() ? 0 : MOTION)
  }
  /** Which button is pressed, and what each leads to from here. */
  #showChoice(choice: string): void {
    if (!this.#module) return
    const buttons = choiceRows(this.#module, choice, this.#language).flatMap((row) => row.buttons)
    this.querySelectorAll<HTMLButtonElement>('.zk-choices button').forEach((b, i) => {
      const now = buttons[i]
      b.setAttribute('aria-checked', String(now?.checked ?? false))
      b.tabIndex = now?.checked ? 0 : -1
      b.disabled = now?.choice === undefined
      if (now?.choice === undefined) delete b.dataset.choice
      else b.dataset.choice = now.choice
    })
  }
  #chooseByKey(row: HTMLElement, e: KeyboardEvent): void {
    const all = [...row.querySelectorAll<HTMLButtonElement>('button:enabled')]
    const step =
      e.key === 'ArrowRight' || e.key === 'ArrowDown' ? 1 : e.key === 'ArrowLeft' || e.key === 'ArrowUp' ? -1 : 0
    const at = all.findIndex((b) => b.getAttribute('aria-checked') === 'true')
    const next = all[(at + step + all.length) % all.length]
    if (step === 0 || !next) return
    e.preventDefault()
    next.focus()
    void this.#choose(next.dataset.choice ?? '')
  }

  /** The player: walks through the steps of the last command, or along the arrows of a picture of facts. */
  async #play(what: string): Promise<void> {
    await this.#begin()
    const module = this.#module
    if (!module) return
    this.#steps ??= playOf(module, this.#watching, this.#choice, this.#language)
    const last = this.#steps.length - 1
    if (what === 'play') {
      if (this.#timer !== undefined) this.#stop()
      else {
        if (this.#at >= last) this.#at = -1
        this.#tick()
      }
      this.#button()
      return
    }
    this.#stop()
    this.#at = what === 'first' ? -1 : what === 'back' ? Math.max(-1, this.#at - 1) : Math.min(last, this.#at + 1)
    this.#button()
    this.#go()
  }
  #tick(): void {
    const last = (this.#steps?.length ?? 0) - 1
    this.#at = Math.min(last, this.#at + 1)
    const speed = this.querySelector<HTMLSelectElement>('select[data-player]')
    this.#timer = this.#at < last ? setTimeout(() => this.#tick(), Number(speed?.value ?? 1100)) : undefined
    if (this.#timer === undefined) this.#button()
    this.#go()
  }
  #stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
  #button(): void {
    const button = this.querySelector('[data-player=play]')
    const runs = this.#timer !== undefined
    button?.setAttribute('aria-pressed', String(runs))
    button?.setAttribute('aria-label', runs ? this.#words.pause : this.#words.play)
    // While it runs by itself, nobody is interrupted by each step.
    this.querySelector('.zk-step')?.setAttribute('aria-live', runs ? 'off' : 'polite')
  }
  /** Draws the step that the player stands at. */
  #go(): void {
    this.#draw(still() ? 0 : MOTION)
    this.#hold()
    this.classList.toggle('zk-stepping', this.#at >= 0)
    if (this.#at >= 0) this.#show()
  }
  /** Scrolls to the box that acts, where it is out of sight above the player or the window. */
  #show(): void {
    const acting = this.#svg.querySelector('.zk-mark-to, .zk-mark-from, .zk-mark-new')?.getBoundingClientRect()
    const player = this.querySelector('.zk-player')?.getBoundingClientRect()
    if (!acting || !player) return
    const top = Number.parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0
    const end = player.left >= acting.right ? innerHeight : Math.min(player.top, innerHeight)
    const below = acting.bottom + EDGE - end
    const above = acting.top - EDGE - top
    const by = above < 0 || acting.height > end - top ? above : Math.max(0, Math.min(below, above))
    if (by !== 0) scrollBy({ top: by, behavior: still() ? 'auto' : 'smooth' })
  }
  #tallest = 0
  /** Keeps the place below the pictures of steps that are lower than others, so that the player stays under the reader's finger. */
  #hold(): void {
    const canvas = this.querySelector<HTMLElement>('.zk-canvas')
    if (!canvas) return
    this.#tallest = this.#at < 0 ? 0 : Math.max(this.#tallest, canvas.offsetHeight)
    canvas.style.marginBottom = this.#at < 0 ? '' : `${this.#tallest - canvas.offsetHeight}px`
  }
  /** Marks the boxes of the step that the player stands at, and the link between them; says what happens. */
  #mark(): void {
    const step = this.#step
    const scene = this.#scene
    this.#svg.querySelectorAll<SVGGElement>(':scope > g').forEach((g) => {
      const { key = '' } = g.dataset
      g.classList.toggle('zk-mark-from', step !== undefined && key === step.from)
      g.classList.toggle('zk-mark-to', step !== undefined && key === step.to && step.to !== step.from)
      g.classList.toggle('zk-mark-new', step?.came.includes(key) ?? false)
      g.classList.toggle('zk-mark-link', step?.link !== undefined && key === step.link)
    })
    const text = this.querySelector('.zk-step')
    const words = step && scene ? this.#told(step, scene) : this.#words.player
    if (text && text.textContent !== words) text.textContent = words
  }
  /** A step in a sentence: which of how many, what happened, and what came and went with it. */
  #told(step: Step, scene: Scene): string {
    const w = this.#words
    const boxes = new Map([...boxesOf(scene.root)].map(({ box }) => [box.id, box.title]))
    const title = (id: string | undefined): string => boxes.get(id ?? '') ?? ''
    const labels = scene.links.find((l) => l.id === step.link)?.labels ?? []
    const came = some(step.came.map(title))
    return [
      `${w.step(this.#at + 1, this.#steps?.length ?? 0)}: ${step.event ? sentenceOf(step.event, this.#language) : w.goes(title(step.from), title(step.to), labels)}`,
      came === '' ? '' : w.came(came),
      step.went.length === 0 ? '' : w.went(some(step.went)),
    ]
      .filter(Boolean)
      .join(this.#language === 'ja' ? '。' : '. ')
  }

  /** A click on a link that documents passed along opens the first of them. */
  #open(target: Element): void {
    const id = target.closest<SVGGElement>('[data-open]')?.dataset.open
    const details = id && this.querySelector<HTMLDetailsElement>(`[data-document="${id}"]`)
    if (!details) return
    for (let at: Element | null = details; at; at = at.parentElement?.closest('details') ?? null)
      (at as HTMLDetailsElement).open = true
    details.querySelector('summary')?.focus()
    details.scrollIntoView({ block: 'nearest', behavior: still() ? 'auto' : 'smooth' })
  }
}
if (!customElements.get('zukan-diagram')) customElements.define('zukan-diagram', ZukanDiagram)

// A page without a terminal runs the buttons' commands in a shell that nobody sees; the picture shows what they do.
document.addEventListener('click', (e) => {
  const button = (e.target as HTMLElement).closest<HTMLElement>('[data-zk-run]')
  const diagram = button?.closest<HTMLElement>('zukan-diagram')
  if (!button || !diagram || document.querySelector('zukan-terminal')) return
  void openShared(diagram.dataset.host ?? 'linux-server').then((shared) => {
    if (!hidden) {
      const tty = shared.session.openTerminal({ rows: 24, columns: 120 })
      hidden = tty
      const others = shared.awaited
      shared.awaited = () => others() || tty.awaited
    }
    hidden.type(new TextEncoder().encode(`${(button.dataset.zkRun ?? '').trim()}\n`))
    hidden.takeOutput()
    shared.kick()
  })
})
let hidden: ReturnType<Awaited<ReturnType<typeof openShared>>['session']['openTerminal']> | undefined
