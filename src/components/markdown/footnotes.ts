/**
 * remark plugin: a reference `[^id]` that the page doesn't define gets its footnote from src/content/sources.yaml, in the page's language.
 * So a source is written once. A definition in the page itself wins.
 */
import { datedNote, type Language, placeOf, type Source } from './library.ts'
import type { Node, VFile } from './nodes.ts'

const reference = /\[\^([a-z0-9-]+)\]/g

/** The footnote of a source as mdast. */
export function footnoteOf(source: Source, language: Language): Node {
  const before = language === 'ja' ? `${source.by}「${source.title}」、` : `${source.by}, “${source.title}”, `
  const after = `${language === 'ja' ? '、' : ', '}${datedNote(source, language)}`
  return {
    type: 'footnoteDefinition',
    identifier: source.id,
    label: source.id,
    children: [
      {
        type: 'paragraph',
        children: [
          { type: 'text', value: before },
          { type: 'link', url: source.url, children: [{ type: 'text', value: placeOf(source.url) }] },
          { type: 'text', value: after },
        ],
      },
    ],
  }
}

export function footnotes(sources: readonly Source[]) {
  const byId = new Map(sources.map((s) => [s.id, s]))
  return () =>
    (tree: Node, file: VFile): void => {
      const language: Language = /[\\/]ja[\\/]/.test(file.path ?? '') ? 'ja' : 'en'
      const cited = new Map<string, Source>()
      const split = (node: Node): Node[] => {
        const text = node.value ?? ''
        const out: Node[] = []
        let at = 0
        for (const m of text.matchAll(reference)) {
          const id = m[1] as string
          const source = byId.get(id)
          if (!source) file.fail(`no source "${id}": add it to src/content/sources.yaml, or mend [^${id}]`, node)
          cited.set(id, source)
          if (m.index > at) out.push({ type: 'text', value: text.slice(at, m.index) })
          out.push({ type: 'footnoteReference', identifier: id, label: id })
          at = m.index + m[0].length
        }
        if (at < text.length) out.push({ type: 'text', value: text.slice(at) })
        return out
      }
      const visit = (node: Node): void => {
        if (!node.children) return
        node.children = node.children.flatMap((c) => (c.type === 'text' && c.value?.includes('[^') ? split(c) : [c]))
        node.children.forEach(visit)
      }
      visit(tree)
      for (const source of cited.values()) tree.children?.push(footnoteOf(source, language))
    }
}
