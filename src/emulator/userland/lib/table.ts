/** Tables as libsmartcols prints them: columns as wide as their widest cell, one space apart. */
export interface Column<Row> {
  readonly name: string
  readonly cell: (row: Row) => string
  /** Numbers stand at the right. */
  readonly right?: boolean
}

/** The lines of a table; `heading` false leaves the names out. Nothing follows the last cell of a line. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], heading = true): string {
  const cells = rows.map((r) => columns.map((c) => c.cell(r)))
  const lines = heading ? [columns.map((c) => c.name), ...cells] : cells
  const widths = columns.map((_, i) => Math.max(...lines.map((l) => (l[i] ?? '').length), 0))
  return lines
    .map((l) => {
      const text = l
        .map((cell, i) =>
          columns[i]?.right ? cell.padStart(widths[i] ?? 0) : i === l.length - 1 ? cell : cell.padEnd(widths[i] ?? 0),
        )
        .join(' ')
      return `${text.trimEnd()}\n`
    })
    .join('')
}
