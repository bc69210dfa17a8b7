/** act's log: every line with its workflow and job before it; coloured on a terminal. Secrets are masked. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { print } from '../../userland/lib/io.ts'

/** Blue is for the first job that isn't there: act counts on before it chooses. */
const colours = [34, 33, 32, 35, 31, 37, 36]
/** Commands that a program gives to the runner by printing them, and how they are shown. */
const commands: readonly (readonly [RegExp, string])[] = [
  [/^::(?:error)(?: [^:]*)?::/, '❗'],
  [/^::warning(?: [^:]*)?::/, '🚧'],
  [/^::notice(?: [^:]*)?::/, '💬'],
  [/^::(?:group|endgroup)::/, '❓'],
]

export class JobLog {
  readonly #sys: Sys
  readonly #job: string
  readonly #colour: number
  readonly #masks: string[]
  readonly #dry: string
  constructor(sys: Sys, job: string, n: number, masks: readonly string[], dry = false) {
    this.#sys = sys
    this.#job = job
    this.#dry = dry ? '*DRYRUN*' : ''
    this.#colour = colours[(n + 1) % colours.length] as number
    this.#masks = masks.filter((m) => m !== '')
  }
  #masked(text: string): string {
    return this.#masks.reduce((t, m) => t.replaceAll(m, '***'), text)
  }
  *#put(text: string, raw: boolean): Run<void> {
    const shown = this.#masked(text)
    const terminal = !isErr(yield* this.#sys.ioctl(1, 'TCGETS'))
    const dry = this.#dry
    const c = (s: string): string => `\x1b[${this.#colour}m${s}\x1b[0m`
    const line = raw
      ? terminal
        ? `${c('|')} ${shown}`
        : `[${this.#job}]   | ${shown}`
      : terminal
        ? `${dry && `\x1b[1m\x1b[${this.#colour}m\x1b[7m${dry}\x1b[0m `}${c(`[${this.#job}] `)}${shown}`
        : `${dry && `${dry} `}[${this.#job}] ${shown}`
    yield* print(this.#sys, `${line}\n`)
  }
  /** A line of act's own. */
  line(text: string): Run<void> {
    return this.#put(text, false)
  }
  /** A line that a step printed. */
  *output(text: string): Run<void> {
    const mask = /^::add-mask::(.+)$/.exec(text)
    if (mask) {
      yield* this.line('  ⚙  ***')
      this.#masks.push(mask[1] as string)
      return
    }
    const known = commands.find(([pattern]) => pattern.test(text))
    if (known) yield* this.line(`  ${known[1]}  ${text}`)
    else yield* this.#put(text, true)
  }
}
/** A time as Go prints it: 1.5s, 250ms, 1m2s. */
export function goDuration(ns: number): string {
  const trim = (n: number, digits: number): string => n.toFixed(digits).replace(/\.?0+$/, '')
  if (ns < 1000) return `${Math.round(ns)}ns`
  if (ns < 1e6) return `${trim(ns / 1e3, 3)}µs`
  if (ns < 1e9) return `${trim(ns / 1e6, 6)}ms`
  const minutes = Math.floor(ns / 6e10)
  const seconds = trim((ns - minutes * 6e10) / 1e9, 9)
  return minutes === 0
    ? `${seconds}s`
    : minutes < 60
      ? `${minutes}m${seconds}s`
      : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}s`
}
