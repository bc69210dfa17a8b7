/** remark plugin: `## Heading [#id]` gives a heading an id of its own, so that links survive translation and new wording. */
import type { Node } from './nodes.ts'

export function headingIds() {
  return (tree: Node): void => {
    const visit = (node: Node): void => {
      if (node.type === 'heading') {
        const last = node.children?.at(-1)
        const m = last?.type === 'text' ? /\s*\[#([a-z0-9-]+)\]\s*$/.exec(last.value ?? '') : null
        if (m && last) {
          last.value = (last.value ?? '').slice(0, m.index)
          node.data = { ...node.data, hProperties: { ...node.data?.hProperties, id: m[1] } }
        }
        return
      }
      node.children?.forEach(visit)
    }
    visit(tree)
  }
}
