/** Lines of a terminal's screen, and the runs of text that they are shown as. Pure. */

/** How a run of text looks: words for CSS classes, '' for plain. */
export type Style = string
export interface Piece {
  readonly text: string
  readonly style: Style
  /** Columns that the text takes where that isn't one a character: it needs a box of that width. */
  readonly columns?: number
}
/** A line: a cell a column. A wide character fills its cell and leaves the next one empty. */
export interface Row {
  readonly id: number
  /** Grows with every change. */
  readonly version: number
  readonly cells: readonly string[]
  readonly styles: readonly Style[]
}

/** A row as runs of one style each; wide characters are pieces of their own. `cursor`: the column that is marked. */
export function piecesOf(row: Row, cursor?: number): readonly Piece[] {
  const out: Piece[] = []
  let text = ''
  let style = ''
  const flush = (): void => {
    if (text !== '') out.push({ text, style })
    text = ''
  }
  const count = Math.max(row.cells.length, cursor === undefined ? 0 : cursor + 1)
  for (let i = 0; i < count; i++) {
    const cell = row.cells[i] ?? ' '
    if (cell === '') continue
    const marked = i === cursor
    const own = `${row.styles[i] ?? ''}${marked ? ' zt-cursor' : ''}`.trim()
    const wide = row.cells[i + 1] === ''
    if (own !== style || wide) flush()
    style = own
    if (wide) out.push({ text: cell, style, columns: 2 })
    else text += cell
  }
  flush()
  return out
}
