/** remark plugin: the first **term** of a page that stands in bold and is in the glossary links to its entry there. */
import type { Language, Term } from './library.ts'
import type { Node, VFile } from './nodes.ts'

/** A term without what stands in brackets after it, in small letters: "cgroup(コントロールグループ)" -> "cgroup". */
export function bare(term: string): string {
  return term
    .replace(/\s*[(（].*$/, '')
    .trim()
    .toLowerCase()
}
function textOf(node: Node): string {
  return node.value ?? (node.children ?? []).map(textOf).join('')
}

export function termLinks(terms: readonly Term[]) {
  const index: Record<Language, ReadonlyMap<string, string>> = {
    ja: new Map(terms.map((t) => [bare(t.ja.term), t.id])),
    en: new Map(terms.map((t) => [bare(t.en.term), t.id])),
  }
  return () =>
    (tree: Node, file: VFile): void => {
      const m = /[\\/](ja|en)[\\/]([a-z0-9-]+)\.mdx?$/.exec(file.path ?? '')
      if (!m || m[2] === 'glossary' || m[2] === 'index') return
      const language = m[1] as Language
      const seen = new Set<string>()
      const visit = (node: Node): void => {
        if (node.type === 'link' || node.type === 'heading') return
        if (!node.children) return
        node.children = node.children.map((child) => {
          const id = child.type === 'strong' ? index[language].get(bare(textOf(child))) : undefined
          if (id === undefined || seen.has(id)) {
            visit(child)
            return child
          }
          seen.add(id)
          return {
            type: 'link',
            url: `../glossary/#${id}`,
            children: [child],
            data: { hProperties: { className: ['zk-term'] } },
          }
        })
      }
      visit(tree)
    }
}
