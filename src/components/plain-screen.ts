/**
 * A screen on which only lines of ASCII were written, as most commands do: it stands for screen.ts until something else comes, whose
 * code loads then. What it can't show it keeps. Pure.
 */
import type { Row } from './rows.ts'

interface Line extends Row {
  version: number
  readonly cells: string[]
  /** The line above was full: this one goes on with it. */
  readonly wrapped: boolean
}
const decoder = new TextDecoder()
const encoder = new TextEncoder()

export class PlainScreen {
  rows: readonly Row[] = []
  readonly fullScreen = false
  readonly cursorVisible = true
  readonly cursor = { row: -1, column: 0 }
  readonly #columns: number
  readonly #limit: number
  #lines: Line[] = []
  /** Bytes from the first that it can't show. */
  #rest: Uint8Array[] = []

  constructor(size: { readonly columns: number }, limit = 1000) {
    this.#columns = size.columns
    this.#limit = limit
  }
  get text(): string {
    return this.#lines.map((line) => line.cells.join('')).join('\n')
  }
  /** All that was written, as far as it is still there: what a screen that can show it must take. */
  get written(): readonly Uint8Array[] {
    const text = this.#lines.map((line, i) => (i === 0 || line.wrapped ? '' : '\r\n') + line.cells.join('')).join('')
    return [encoder.encode(text), ...this.#rest]
  }
  release(): void {}

  /** False where something was written, now or before, that it can't show. */
  write(bytes: Uint8Array): boolean {
    const text = decoder.decode(bytes)
    if (this.#rest.length > 0 || !/^(?:[ -~]|\r\n)*$/.test(text)) {
      this.#rest.push(bytes)
      return false
    }
    for (const [i, part] of text.split('\r\n').entries()) {
      if (i > 0 || this.#lines.length === 0) this.#newLine(false)
      for (const c of part) {
        if (this.#last.cells.length === this.#columns) this.#newLine(true)
        this.#last.cells.push(c)
        this.#last.version++
      }
    }
    this.#lines = this.#lines.slice(-this.#limit)
    this.rows = this.#lines
    return true
  }
  get #last(): Line {
    return this.#lines.at(-1) as Line
  }
  #newLine(wrapped: boolean): void {
    const id = (this.#lines.at(-1)?.id ?? 0) + 1
    this.#lines.push({ id, version: 0, cells: [], styles: [], wrapped })
  }
}
