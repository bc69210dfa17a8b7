/** The text that vi edits: lines, a cursor, undo, registers. It knows nothing of keys and screens. */

export interface Place {
  readonly row: number
  readonly column: number
}
interface State {
  readonly lines: readonly string[]
  readonly row: number
  readonly column: number
}
/** What was deleted or yanked: whole lines, or a piece of text that may span lines. */
export interface Register {
  readonly text: string
  readonly linewise: boolean
}
/** Undo steps that are kept. */
const MOST_STEPS = 200

/** Which of three kinds a character is of, for motions by words: blank, of a word, other. */
const kind = (c: string | undefined, big: boolean): number =>
  c === undefined || /\s/.test(c) ? 0 : big || /[\p{L}\p{N}_]/u.test(c) ? 1 : 2

export class Buffer {
  lines: string[] = ['']
  row = 0
  column = 0
  /** Changes since the text was last written. */
  changes = 0
  #steps: State[] = []

  get line(): string {
    return this.lines[this.row] ?? ''
  }
  get place(): Place {
    return { row: this.row, column: this.column }
  }
  /** Takes a new text in; the end of the last line isn't needed. */
  load(text: string): void {
    this.lines = text === '' ? [''] : text.replace(/\n$/, '').split('\n')
    this.row = this.column = 0
    this.changes = 0
    this.#steps = []
  }
  /** The text as a file has it. */
  text(from = 0, to = this.lines.length - 1): string {
    const part = this.lines.slice(from, to + 1)
    return part.length === 1 && part[0] === '' && this.lines.length === 1 ? '' : `${part.join('\n')}\n`
  }
  /** Remembers the text as it is, for undo. */
  mark(): void {
    this.#steps.push({ lines: [...this.lines], row: this.row, column: this.column })
    if (this.#steps.length > MOST_STEPS) this.#steps.shift()
    this.changes++
  }
  /** Takes the last step back; false where there is none. */
  undo(): boolean {
    const step = this.#steps.pop()
    if (!step) return false
    this.lines = [...step.lines]
    this.row = step.row
    this.column = step.column
    this.changes = Math.max(0, this.changes - 1)
    return true
  }
  /** Puts the cursor onto a character that exists; `insert`: it may stand behind the last one. */
  clamp(insert = false): void {
    this.row = Math.max(0, Math.min(this.lines.length - 1, this.row))
    const most = this.line.length - (insert ? 0 : 1)
    this.column = Math.max(0, Math.min(most, this.column))
  }
  go(place: Place): void {
    this.row = place.row
    this.column = place.column
  }
  /** First character that isn't blank. */
  indent(row = this.row): number {
    return /^\s*/.exec(this.lines[row] ?? '')?.[0].length ?? 0
  }

  // --- motions: where they lead ---
  /** The next character over the ends of lines; undefined at the end of the text. */
  #next(p: Place): Place | undefined {
    if (p.column < (this.lines[p.row] ?? '').length) return { row: p.row, column: p.column + 1 }
    return p.row + 1 < this.lines.length ? { row: p.row + 1, column: 0 } : undefined
  }
  #before(p: Place): Place | undefined {
    if (p.column > 0) return { row: p.row, column: p.column - 1 }
    const above = this.lines[p.row - 1]
    return above === undefined ? undefined : { row: p.row - 1, column: Math.max(0, above.length - 1) }
  }
  #kind(p: Place, big: boolean): number {
    return kind((this.lines[p.row] ?? '')[p.column], big)
  }
  wordForward(big: boolean): Place {
    let at: Place = this.place
    const first = this.#kind(at, big)
    const row = at.row
    while (first !== 0 && at.row === row && this.#kind(at, big) === first) {
      const next = this.#next(at)
      if (!next) return at
      at = next
    }
    while (this.#kind(at, big) === 0) {
      // An empty line is a word.
      if (at.row !== row && this.lines[at.row] === '') return at
      const next = this.#next(at)
      if (!next) return at
      at = next
    }
    return at
  }
  wordEnd(big: boolean): Place {
    let at = this.#next(this.place)
    if (!at) return this.place
    while (this.#kind(at, big) === 0) {
      const next = this.#next(at)
      if (!next) return at
      at = next
    }
    const first = this.#kind(at, big)
    while (at.column + 1 < (this.lines[at.row] ?? '').length) {
      const next: Place = { row: at.row, column: at.column + 1 }
      if (this.#kind(next, big) !== first) break
      at = next
    }
    return at
  }
  wordBack(big: boolean): Place {
    let at = this.#before(this.place)
    if (!at) return this.place
    while (this.#kind(at, big) === 0 && this.lines[at.row] !== '') {
      const before = this.#before(at)
      if (!before) return at
      at = before
    }
    const first = this.#kind(at, big)
    while (at.column > 0) {
      const before: Place = { row: at.row, column: at.column - 1 }
      if (this.#kind(before, big) !== first) break
      at = before
    }
    return at
  }
  /** The bracket that belongs to the one under or after the cursor. */
  matching(): Place | undefined {
    const pairs = '()[]{}'
    let at: Place | undefined = this.place
    while (at && at.column < this.line.length && !pairs.includes(this.line[at.column] as string))
      at = { row: at.row, column: at.column + 1 }
    const open = this.line[at.column]
    const index = open === undefined ? -1 : pairs.indexOf(open)
    if (index < 0) return undefined
    const other = pairs[index ^ 1]
    let depth = 0
    while (at) {
      const c: string | undefined = (this.lines[at.row] ?? '')[at.column]
      if (c === open) depth++
      else if (c === other && --depth === 0) return at
      at = index % 2 === 0 ? this.#next(at) : this.#before(at)
    }
    return undefined
  }
  /** An empty line below or above: the end of a paragraph. */
  paragraph(forward: boolean): Place {
    let row = this.row + (forward ? 1 : -1)
    while (row > 0 && row < this.lines.length - 1 && this.lines[row] !== '') row += forward ? 1 : -1
    row = Math.max(0, Math.min(this.lines.length - 1, row))
    return { row, column: forward && this.lines[row] !== '' ? Math.max(0, (this.lines[row] ?? '').length - 1) : 0 }
  }

  // --- changes ---
  /** Takes text between two places away (the later one excluded) and answers it. */
  cut(a: Place, b: Place): string {
    const [from, to] = a.row < b.row || (a.row === b.row && a.column <= b.column) ? [a, b] : [b, a]
    const text = this.between(from, to)
    const first = this.lines[from.row] ?? ''
    const last = this.lines[to.row] ?? ''
    this.lines.splice(from.row, to.row - from.row + 1, first.slice(0, from.column) + last.slice(to.column))
    this.go(from)
    return text
  }
  between(from: Place, to: Place): string {
    if (from.row === to.row) return (this.lines[from.row] ?? '').slice(from.column, to.column)
    return [
      (this.lines[from.row] ?? '').slice(from.column),
      ...this.lines.slice(from.row + 1, to.row),
      (this.lines[to.row] ?? '').slice(0, to.column),
    ].join('\n')
  }
  cutLines(from: number, to: number): string {
    const gone = this.lines.splice(from, to - from + 1)
    if (this.lines.length === 0) this.lines.push('')
    this.row = Math.min(from, this.lines.length - 1)
    this.column = this.indent()
    return `${gone.join('\n')}\n`
  }
  /** Puts text in at the cursor, which ends up behind it. */
  insert(text: string): void {
    const parts = text.split('\n')
    const before = this.line.slice(0, this.column)
    const after = this.line.slice(this.column)
    const last = parts.at(-1) as string
    const rows = [...parts]
    rows[0] = before + rows[0]
    rows[rows.length - 1] += after
    this.lines.splice(this.row, 1, ...rows)
    this.row += parts.length - 1
    this.column = parts.length === 1 ? before.length + last.length : last.length
  }
  /** p and P. */
  put(register: Register, after: boolean): void {
    if (register.linewise) {
      const rows = register.text.replace(/\n$/, '').split('\n')
      const at = this.row + (after ? 1 : 0)
      this.lines.splice(at, 0, ...rows)
      this.row = at
      this.column = this.indent()
      return
    }
    if (after && this.line !== '') this.column++
    const start = this.place
    this.insert(register.text)
    if (register.text.includes('\n')) this.go(start)
    else this.column = Math.max(start.column, this.column - 1)
  }
  join(): void {
    const next = this.lines[this.row + 1]
    if (next === undefined) return
    const tail = next.trimStart()
    this.column = this.line.length
    const gap = this.line === '' || this.line.endsWith(' ') || tail === '' ? '' : ' '
    this.lines.splice(this.row, 2, this.line + gap + tail)
  }
}
