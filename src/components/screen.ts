/** What a terminal's bytes make of its lines: carriage returns, backspaces, clears; colours are left out. Pure. */

/** Lines of text with a cursor in the last one. */
export class Screen {
  lines: string[] = ['']
  #column = 0
  #escape = ''
  readonly #decoder = new TextDecoder()
  readonly #limit: number
  /** Lines dropped at the top so far. */
  dropped = 0
  cleared = 0
  constructor(limit = 1000) {
    this.#limit = limit
  }
  write(bytes: Uint8Array): void {
    for (const c of this.#decoder.decode(bytes, { stream: true })) this.#put(c)
    if (this.lines.length > this.#limit) {
      this.dropped += this.lines.length - this.#limit
      this.lines = this.lines.slice(-this.#limit)
    }
  }
  #put(c: string): void {
    if (this.#escape !== '') {
      this.#escape += c
      if (this.#escape === '\x1b[' || this.#escape === '\x1b]') return
      if (/^\x1b\][^\x07]*$/.test(this.#escape) && this.#escape.length < 200) return
      if (/^\x1b\[[0-9;?]*$/.test(this.#escape) && this.#escape.length < 20) return
      if (/^\x1b\[[0-3]?J$/.test(this.#escape)) {
        this.lines = ['']
        this.#column = 0
        this.cleared++
      }
      if (/^\x1b\[0?K$/.test(this.#escape)) this.#line = [...this.#line].slice(0, this.#column).join('')
      this.#escape = ''
      return
    }
    if (c === '\x1b') this.#escape = c
    else if (c === '\n') {
      this.lines.push('')
      this.#column = 0
    } else if (c === '\r') this.#column = 0
    else if (c === '\b') this.#column = Math.max(0, this.#column - 1)
    else if (c === '\t') for (let n = 8 - (this.#column % 8); n > 0; n--) this.#put(' ')
    else if (c >= ' ') {
      const chars = [...this.#line]
      if (this.#column >= chars.length) this.#line += c
      else {
        chars[this.#column] = c
        // Blanks written over the end by an erased character leave nothing behind.
        this.#line = chars.join('')
      }
      this.#column++
    }
  }
  get #line(): string {
    return this.lines.at(-1) as string
  }
  set #line(text: string) {
    this.lines[this.lines.length - 1] = text
  }
}
