/** What Compose shows while it works: a line for every step, or on a terminal a list whose lines change. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { warn } from '../../userland/lib/io.ts'
import { isTerminal } from '../docker/streams.ts'

type Status = 'working' | 'done' | 'warning' | 'error'
interface Task {
  readonly id: string
  readonly began: number
  ended: number | undefined
  text: string
  details: string
  status: Status
}
const colour = (code: number, text: string): string => `\x1b[${code}m${text}\x1b[0m`
const marks: Readonly<Record<Status, string>> = {
  working: colour(33, '⠋'),
  done: colour(32, '✔'),
  warning: colour(33, '!'),
  error: colour(31, '✘'),
}
const codes: Readonly<Record<Status, number>> = { working: 0, done: 32, warning: 33, error: 31 }

export class Progress {
  readonly sys: Sys
  /** What is being done, as the list's heading says it: up, down, pull ... */
  readonly operation: string
  readonly mode: 'plain' | 'tty' | 'quiet'
  readonly #tasks: Task[] = []
  readonly #columns: number
  #lines = 0
  private constructor(sys: Sys, operation: string, mode: 'plain' | 'tty' | 'quiet', columns: number) {
    this.sys = sys
    this.operation = operation
    this.mode = mode
    this.#columns = columns
  }
  static *open(sys: Sys, operation: string, wanted: string): Run<Progress> {
    const size = yield* sys.ioctl<{ readonly columns: number }>(2, 'TIOCGWINSZ')
    const terminal = yield* isTerminal(sys, 2)
    const mode = wanted === 'quiet' ? 'quiet' : wanted === 'plain' || !(wanted === 'tty' || terminal) ? 'plain' : 'tty'
    return new Progress(sys, operation, mode, isErr(size) || !size.columns ? 80 : size.columns)
  }
  /** One step: `Container web-1`, `Created`. */
  *on(id: string, text: string, status: Status = 'working', details = ''): Run<void> {
    if (this.mode === 'quiet') return
    if (this.mode === 'plain') {
      yield* warn(this.sys, ` ${id} ${text} ${details}\n`)
      return
    }
    // What starts is left to the logs that follow.
    if (this.operation !== 'start' && (text === 'Starting' || text === 'Started')) return
    const now = yield* this.sys.clock('monotonic')
    const ended = status === 'working' ? undefined : now
    const task = this.#tasks.find((t) => t.id === id)
    if (task) Object.assign(task, { text, details, status, ended })
    else this.#tasks.push({ id, began: now, ended, text, details, status })
    yield* this.#draw(now)
  }
  *#draw(now: number): Run<void> {
    const width = Math.max(0, ...this.#tasks.map((t) => t.id.length))
    const finished = this.#tasks.filter((t) => t.status !== 'working').length
    const up = this.#lines > 0 ? `\x1b[${this.#lines}A` : ''
    let out = `\x1b[?25l${up}\x1b[0G[+] ${this.operation} ${finished}/${this.#tasks.length}\x1b[K\n`
    for (const t of this.#tasks) {
      const timer = `${(((t.ended ?? now) - t.began) / 1e9).toFixed(1)}s `
      const left = ` ${marks[t.status]} ${t.id.padEnd(width)} ${t.status === 'working' ? t.text : colour(codes[t.status], t.text)} ${t.details}`
      const shown = 1 + 1 + 1 + width + 1 + t.text.length + 1 + t.details.length
      out += `${left}${' '.repeat(Math.max(1, this.#columns - shown - timer.length))}${colour(34, timer)}\x1b[K\n`
    }
    this.#lines = this.#tasks.length + 1
    yield* warn(this.sys, `${out}\x1b[?25h`)
  }
}
