/**
 * Loads what makes terminals and pictures live when a reader is about to use one: the pointer comes near, a key is pressed, a terminal
 * comes into view. A page that is only read needs nothing of it: pictures stand there as the build drew them.
 */
const LIVE = 'zukan-terminal, zukan-diagram, [data-zk-run]'
/** How much wider or narrower than drawn a picture of facts may be shown before it is drawn anew for the width. */
const FITS = [0.8, 1.4] as const
let awake: Promise<void> | undefined

function wake(): Promise<void> {
  awake ??= (async () => {
    // Pictures first: they follow the page's world from its first command on.
    if (document.querySelector('zukan-diagram')) await import('./diagram.ts')
    if (document.querySelector('zukan-terminal')) await import('./terminal.ts')
  })()
  // A failure may be the network's: the next sign of use tries again.
  awake.catch(() => {
    awake = undefined
  })
  return awake
}
const live = (): boolean =>
  ['zukan-terminal', 'zukan-diagram'].every((name) => customElements.get(name) || !document.querySelector(name))
const near = (event: Event): Element | null => (event.target instanceof Element ? event.target.closest(LIVE) : null)

/** A picture of facts costs little to draw: it is fitted where the drawn widths don't suit the page's. */
function misfit(diagram: HTMLElement): boolean {
  if (diagram.dataset.runs !== undefined) return false
  const svg = [...diagram.querySelectorAll<SVGSVGElement>('.zk-canvas svg')].find((s) => s.clientWidth > 0)
  const ratio = (diagram.querySelector('.zk-canvas')?.clientWidth ?? 0) / (svg?.viewBox.baseVal.width || 1)
  return svg !== undefined && (ratio < FITS[0] || ratio > FITS[1])
}

function begin(): void {
  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue
      seen.unobserve(target)
      if (target.localName === 'zukan-terminal' || misfit(target as HTMLElement)) void wake()
    }
  })
  for (const e of document.querySelectorAll<HTMLElement>('zukan-terminal, zukan-diagram')) {
    e.hidden = false
    // A picture on a page of its own is told by its address what to show.
    if (e.closest('[data-alone]')) void wake()
    else seen.observe(e)
  }
  for (const type of ['pointerover', 'pointerdown', 'focusin'])
    document.addEventListener(type, (event) => near(event) && void wake(), { passive: true })
  document.addEventListener('keydown', () => void wake(), { once: true })
  // What is pressed before the code is there is pressed again when it is.
  document.addEventListener('click', (event) => {
    const pressed = near(event) && (event.target as Element).closest('button, [data-open]')
    // Enter in a field clicks the form's button as well: such a press comes again as the form's.
    if (!pressed || live() || (pressed instanceof HTMLButtonElement && pressed.form)) return
    void wake().then(() => pressed.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true })))
  })
  document.addEventListener('submit', (event) => {
    const form = near(event) && (event.target as HTMLFormElement)
    // A terminal that is there has taken the line, even while the page's pictures are still on their way.
    if (!form || event.defaultPrevented || live()) return
    event.preventDefault()
    // The line that was sent goes; what is typed meanwhile stays in the field.
    const field = form.querySelector('input')
    const line = field?.value ?? ''
    if (field) field.value = ''
    void wake().then(() => {
      const typed = field?.value ?? ''
      if (field) field.value = line
      form.requestSubmit()
      if (field) field.value = typed
    })
  })
}
begin()
