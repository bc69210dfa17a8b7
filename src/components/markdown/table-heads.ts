/**
 * rehype plugin: a table whose first heading is empty compares things by its first column. The empty cell is no heading then, and the
 * cells below it are headings of their rows. A head without a word is left out. Wide tables scroll, also by keyboard (reader.ts takes the
 * stop away where nothing scrolls).
 */
interface Element {
  readonly type: string
  tagName?: string
  properties?: Record<string, unknown>
  children?: Element[]
  readonly value?: string
}

const rows = (part: Element | undefined): readonly Element[] => part?.children?.filter((c) => c.tagName === 'tr') ?? []
const cells = (row: Element | undefined): readonly Element[] =>
  row?.children?.filter((c) => c.tagName === 'th' || c.tagName === 'td') ?? []
const empty = (cell: Element): boolean =>
  cell.value?.trim() === '' || (cell.value === undefined && (cell.children ?? []).every(empty))

function mend(table: Element): void {
  const head = table.children?.find((c) => c.tagName === 'thead')
  const heads = cells(rows(head)[0])
  const [first] = heads
  if (!head || !first || !empty(first)) return
  if (heads.every(empty)) table.children = (table.children ?? []).filter((c) => c !== head)
  else first.tagName = 'td'
  for (const row of rows(table.children?.find((c) => c.tagName === 'tbody'))) {
    const [name] = cells(row)
    if (!name || empty(name)) continue
    name.tagName = 'th'
    name.properties = { ...name.properties, scope: 'row' }
  }
}
export function tableHeads() {
  return (tree: Element): void => {
    const visit = (node: Element): void => {
      if (node.tagName === 'table') {
        node.properties = { ...node.properties, tabIndex: 0 }
        mend(node)
      }
      node.children?.forEach(visit)
    }
    visit(tree)
  }
}
