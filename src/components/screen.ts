/**
 * What a terminal's bytes make of its screen: lines that scroll off the top, a cursor, colours; the control sequences of ECMA-48 and
 * xterm that programs here use. Pure: terminal.ts shows it.
 */
import { eastAsianWidth } from 'get-east-asian-width'
import type { Row, Style } from './rows.ts'

export { piecesOf, type Row } from './rows.ts'

interface Line {
  id: number
  version: number
  cells: string[]
  styles: Style[]
}
interface Attributes {
  foreground: string
  background: string
  bold: boolean
  dim: boolean
  italic: boolean
  underline: boolean
  reverse: boolean
}
const plain: Readonly<Attributes> = {
  foreground: '',
  background: '',
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  reverse: false,
}
const colours = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const
/** A sequence longer than this is no sequence. */
const LONGEST_SEQUENCE = 256

export class Screen {
  /** Lines that are kept, scrolled-off ones first; the last `size.rows` of them at most are the screen. */
  rows: readonly Row[] = []
  #lines: Line[] = []
  #top = 0
  #row = 0
  #column = 0
  #attributes: Attributes = { ...plain }
  #style: Style = ''
  #saved = { row: 0, column: 0 }
  #region: readonly [top: number, bottom: number]
  #main: { lines: Line[]; top: number; row: number; column: number } | undefined
  #sequence = ''
  #ids = 0
  #placed = false
  cursorVisible = true
  readonly #decoder = new TextDecoder()
  readonly #limit: number
  size: { readonly rows: number; readonly columns: number }

  constructor(size = { rows: 24, columns: 80 }, limit = 1000) {
    this.size = size
    this.#limit = limit
    this.#region = [0, size.rows - 1]
    this.#lines = [this.#blank()]
    this.rows = this.#lines
  }

  /** A program draws the whole screen: keys go to it one by one, and the picture is not a log. */
  get fullScreen(): boolean {
    return this.#main !== undefined || this.#placed
  }
  /** A program that drew the screen has given the terminal back. */
  release(): void {
    this.#placed = false
  }
  /** Where the cursor is: the row's place in `rows`, and the column. */
  get cursor(): { readonly row: number; readonly column: number } {
    return { row: this.#top + this.#row, column: this.#column }
  }
  /** All text, a line a row. */
  get text(): string {
    return this.#lines.map((line) => line.cells.join('').trimEnd()).join('\n')
  }
  resize(size: { readonly rows: number; readonly columns: number }): void {
    this.size = size
    this.#region = [0, size.rows - 1]
    const cursor = this.#top + this.#row
    this.#top = Math.max(0, this.#lines.length - size.rows)
    this.#row = Math.max(0, Math.min(size.rows - 1, cursor - this.#top))
  }

  write(bytes: Uint8Array): void {
    for (const c of this.#decoder.decode(bytes, { stream: true })) {
      if (this.#sequence !== '') this.#follow(c)
      else if (c === '\x1b') this.#sequence = c
      else if (c < ' ' || c === '\x7f') this.#control(c)
      else this.#put(c)
    }
    const extra = this.#lines.length - this.#limit
    if (extra > 0) {
      this.#lines.splice(0, extra)
      this.#top = Math.max(0, this.#top - extra)
    }
    this.rows = this.#lines
  }

  #blank(): Line {
    return { id: ++this.#ids, version: 0, cells: [], styles: [] }
  }
  #line(row = this.#row): Line {
    while (this.#lines.length <= this.#top + row) this.#lines.push(this.#blank())
    return this.#lines[this.#top + row] as Line
  }
  #put(c: string): void {
    const point = c.codePointAt(0) as number
    const line = this.#line()
    line.version++
    if (/\p{M}|\u200d|\ufe0e|\ufe0f/u.test(c) && this.#column > 0) {
      const before = line.cells[this.#column - 1] === '' ? this.#column - 2 : this.#column - 1
      line.cells[before] = (line.cells[before] ?? '') + c
      return
    }
    const width = point < 0x300 ? 1 : eastAsianWidth(point)
    if (this.#column + width > this.size.columns) {
      this.#column = 0
      this.#down()
      this.#put(c)
      return
    }
    while (line.cells.length < this.#column) {
      line.cells.push(' ')
      line.styles.push('')
    }
    line.cells[this.#column] = c
    line.styles[this.#column] = this.#style
    if (width === 2) {
      line.cells[this.#column + 1] = ''
      line.styles[this.#column + 1] = this.#style
    }
    this.#column += width
  }
  #control(c: string): void {
    if (c === '\n' || c === '\v' || c === '\f') this.#down()
    else if (c === '\r') this.#column = 0
    else if (c === '\b') this.#column = Math.max(0, this.#column - 1)
    else if (c === '\t') this.#column = Math.min(this.size.columns - 1, (Math.floor(this.#column / 8) + 1) * 8)
  }
  /** The cursor goes down; at the bottom of the region its lines scroll. */
  #down(): void {
    const [top, bottom] = this.#region
    if (this.#row !== bottom) {
      this.#row = Math.min(this.size.rows - 1, this.#row + 1)
      this.#line()
    } else if (top === 0 && bottom === this.size.rows - 1 && !this.#main) {
      this.#top++
      this.#line()
    } else this.#scroll(1)
  }
  /** Moves the region's lines up (n > 0) or down. */
  #scroll(n: number, from = this.#region[0]): void {
    const bottom = this.#region[1]
    this.#line(bottom)
    for (let i = Math.min(Math.abs(n), bottom - from + 1); i > 0; i--) {
      const [out, into] = n > 0 ? [from, bottom] : [bottom, from]
      this.#lines.splice(this.#top + out, 1)
      this.#lines.splice(this.#top + into, 0, this.#blank())
    }
  }
  #erase(line: Line, from: number, to: number): void {
    line.version++
    if (to >= line.cells.length) {
      line.cells.length = Math.min(line.cells.length, from)
      line.styles.length = line.cells.length
    } else for (let i = from; i < to; i++) line.cells[i] = ' '
  }

  /** One more character of a control sequence. */
  #follow(c: string): void {
    this.#sequence += c
    const s = this.#sequence
    if (s.length > LONGEST_SEQUENCE) this.#sequence = ''
    // A command for the window (its title, a link): ended by BEL or ST.
    else if (s[1] === ']' || s[1] === 'P') {
      if (c === '\x07' || s.endsWith('\x1b\\')) this.#sequence = ''
    } else if (s[1] === '[') {
      if (s.length > 2 && c >= '@' && c <= '~') {
        this.#sequence = ''
        this.#run(s.slice(2, -1), c)
      }
    } else if (/[()*+#% ]/.test(s[1] as string)) {
      if (s.length === 3) this.#sequence = ''
    } else {
      this.#sequence = ''
      this.#simple(s[1] as string)
    }
  }
  #simple(c: string): void {
    if (c === '7') this.#saved = { row: this.#row, column: this.#column }
    else if (c === '8') this.#place(this.#saved.row, this.#saved.column)
    else if (c === 'M') {
      if (this.#row === this.#region[0]) this.#scroll(-1)
      else this.#row = Math.max(0, this.#row - 1)
    } else if (c === 'D') this.#down()
    else if (c === 'E') {
      this.#column = 0
      this.#down()
    } else if (c === 'c') this.#reset()
  }
  #reset(): void {
    this.#attributes = { ...plain }
    this.#style = ''
    this.#region = [0, this.size.rows - 1]
    this.#place(0, 0)
    this.#eraseScreen(2)
    this.#placed = false
  }
  #place(row: number, column: number): void {
    this.#row = Math.max(0, Math.min(this.size.rows - 1, row))
    this.#column = Math.max(0, Math.min(this.size.columns - 1, column))
    this.#line()
  }
  #run(parameters: string, final: string): void {
    if (parameters.startsWith('?')) {
      if (final === 'h' || final === 'l')
        for (const mode of parameters.slice(1).split(';')) this.#mode(mode, final === 'h')
      return
    }
    const numbers = parameters.split(';').map((p) => (p === '' ? undefined : Number(p)))
    const n = Math.max(1, numbers[0] ?? 1)
    const line = this.#line()
    switch (final) {
      case 'm':
        this.#attribute(numbers.map((x) => x ?? 0))
        break
      case 'H':
      case 'f':
        // Who goes to a place further down draws a screen; the top alone is what `clear` goes to.
        if ((numbers[0] ?? 1) > 1) this.#placed = true
        this.#place((numbers[0] ?? 1) - 1, (numbers[1] ?? 1) - 1)
        break
      case 'A':
        this.#place(this.#row - n, this.#column)
        break
      case 'B':
        this.#place(this.#row + n, this.#column)
        break
      case 'C':
        this.#place(this.#row, this.#column + n)
        break
      case 'D':
        this.#place(this.#row, this.#column - n)
        break
      case 'E':
        this.#place(this.#row + n, 0)
        break
      case 'F':
        this.#place(this.#row - n, 0)
        break
      case 'G':
        this.#place(this.#row, n - 1)
        break
      case 'd':
        this.#place(n - 1, this.#column)
        break
      case 'J':
        this.#eraseScreen(numbers[0] ?? 0)
        break
      case 'K': {
        const kind = numbers[0] ?? 0
        this.#erase(line, kind === 0 ? this.#column : 0, kind === 1 ? this.#column + 1 : Infinity)
        break
      }
      case 'L':
        this.#scroll(-n, this.#row)
        break
      case 'M':
        this.#scroll(n, this.#row)
        break
      case 'S':
        this.#scroll(n)
        break
      case 'T':
        this.#scroll(-n)
        break
      case 'P':
        line.cells.splice(this.#column, n)
        line.styles.splice(this.#column, n)
        line.version++
        break
      case '@':
        if (line.cells.length > this.#column) {
          const room = Math.min(n, this.size.columns)
          line.cells.splice(this.#column, 0, ...new Array<string>(room).fill(' '))
          line.styles.splice(this.#column, 0, ...new Array<Style>(room).fill(''))
          line.cells.length = line.styles.length = Math.min(line.cells.length, this.size.columns)
          line.version++
        }
        break
      case 'X':
        this.#erase(line, this.#column, this.#column + n)
        break
      case 'r': {
        const top = (numbers[0] ?? 1) - 1
        const bottom = Math.min(this.size.rows, numbers[1] ?? this.size.rows) - 1
        if (top < bottom) this.#region = [Math.max(0, top), bottom]
        this.#place(0, 0)
        break
      }
      case 's':
        this.#saved = { row: this.#row, column: this.#column }
        break
      case 'u':
        this.#place(this.#saved.row, this.#saved.column)
        break
    }
  }
  /** ED: below the cursor, above it, or all; 3 takes what has scrolled off too. */
  #eraseScreen(kind: number): void {
    if (kind === 1) {
      for (let row = 0; row < this.#row; row++) this.#erase(this.#line(row), 0, Infinity)
      this.#erase(this.#line(), 0, this.#column + 1)
      return
    }
    if (kind === 0 && (this.#row > 0 || this.#column > 0)) {
      this.#erase(this.#line(), this.#column, Infinity)
      this.#lines.length = this.#top + this.#row + 1
      return
    }
    this.#lines.length = this.#top
    if (kind === 3) {
      this.#lines.length = 0
      this.#top = 0
    }
    this.#line()
  }
  #mode(mode: string, on: boolean): void {
    if (mode === '25') this.cursorVisible = on
    if (mode !== '1049' && mode !== '47' && mode !== '1047') return
    if (on && !this.#main) {
      this.#main = { lines: this.#lines, top: this.#top, row: this.#row, column: this.#column }
      this.#lines = [this.#blank()]
      this.#top = this.#row = this.#column = 0
    } else if (!on && this.#main) {
      const { lines, top, row, column } = this.#main
      this.#main = undefined
      this.#lines = lines
      this.#top = top
      this.#row = row
      this.#column = column
      this.#region = [0, this.size.rows - 1]
      this.#placed = false
    }
  }
  /** SGR. */
  #attribute(numbers: readonly number[]): void {
    const a = this.#attributes
    for (let i = 0; i < numbers.length; i++) {
      const n = numbers[i] as number
      if (n === 0) Object.assign(a, plain)
      else if (n === 1) a.bold = true
      else if (n === 2) a.dim = true
      else if (n === 3) a.italic = true
      else if (n === 4) a.underline = true
      else if (n === 7) a.reverse = true
      else if (n === 22) a.bold = a.dim = false
      else if (n === 23) a.italic = false
      else if (n === 24) a.underline = false
      else if (n === 27) a.reverse = false
      else if ((n >= 30 && n <= 37) || (n >= 90 && n <= 97)) a.foreground = colours[n % 10] as string
      else if (n === 39) a.foreground = ''
      else if ((n >= 40 && n <= 47) || (n >= 100 && n <= 107)) a.background = colours[n % 10] as string
      else if (n === 49) a.background = ''
      else if (n === 38 || n === 48) {
        // 256 colours: the first sixteen are the eight above; of the others the plain text is readable in any case.
        if (numbers[i + 1] === 5) {
          const name = (numbers[i + 2] ?? 16) < 16 ? (colours[(numbers[i + 2] as number) % 8] as string) : ''
          if (n === 38) a.foreground = name
          else a.background = name
          i += 2
        } else i += 4
      }
    }
    const words = [
      a.foreground && `zt-${a.foreground}`,
      a.background && `zt-on-${a.background}`,
      a.bold && 'zt-bold',
      a.dim && 'zt-dim',
      a.italic && 'zt-italic',
      a.underline && 'zt-underline',
      a.reverse && 'zt-reverse',
    ]
    this.#style = words.filter(Boolean).join(' ')
  }
}
