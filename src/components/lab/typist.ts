/** Types commands one after the other, each when the machine waits for the next, as a person at the keyboard would. */
import type { Shared } from '../sessions.ts'

/**
 * Milliseconds between looks; for which a screen must be still before a prompt counts; the same where only the look of the last line says
 * that it is one, as of a shell in a container, whose client waits for more than keys; and after which a line without a prompt counts.
 */
const LOOK = 60
const STILL = 200
const LIKELY = 900
const PATIENCE = 2500

export interface Typed extends HTMLElement {
  start(): Promise<void>
  type(text: string): Promise<void>
}

/** Done when a program waits for keys, at a prompt: output has come to rest and its last line has begun. */
async function rested(terminal: HTMLElement, shared: Shared): Promise<void> {
  const log = terminal.querySelector('[role=log]') as HTMLElement
  let shown = ''
  let since = performance.now()
  for (;;) {
    await new Promise((done) => setTimeout(done, LOOK))
    const text = log.textContent ?? ''
    const now = performance.now()
    if (text !== shown) {
      shown = text
      since = now
      continue
    }
    const last = (log.lastElementChild?.textContent ?? '').replace(/\u200b/g, '')
    const still = now - since
    if (shared.awaited() ? still > (last.trim() !== '' ? STILL : PATIENCE) : /[#$>%] ?$/.test(last) && still > LIKELY)
      return
  }
}

/** Types each text and a newline; `at` is told which is being typed. Done when the last one has been typed and has come to rest. */
export async function typeAll(
  terminal: Typed,
  shared: Shared,
  texts: readonly string[],
  at: (index: number) => void,
): Promise<void> {
  await terminal.start()
  for (const [i, text] of texts.entries()) {
    await rested(terminal, shared)
    at(i)
    await terminal.type(`${text}\n`)
  }
  await rested(terminal, shared)
}
