/**
 * remark plugin: a term of the glossary links to its entry where a page uses it first: where it stands in bold, if it does anywhere on the
 * page, or else at its first plain use. Words of everyday language link from bold alone.
 */
import type { Language, Term } from './library.ts'
import type { Node, VFile } from './nodes.ts'

/** A term without what stands in brackets after it, in small letters: "cgroup(コントロールグループ)" -> "cgroup". */
export function bare(term: string): string {
  return name(term).toLowerCase()
}
const name = (term: string): string => term.replace(/\s*[(（].*$/, '').trim()
function textOf(node: Node): string {
  return node.value ?? (node.children ?? []).map(textOf).join('')
}

/** Pages about the site and its lists: there terms are entries, not prose. */
const NONE = ['glossary', 'index', 'references', 'teaching', 'lab', 'install', 'offline']
/** Where a term in plain text isn't its first use in prose: questions open and close by a press. */
const APART = ['link', 'heading', 'strong', 'emphasis', 'footnoteDefinition', 'mdxJsxFlowElement', 'mdxJsxTextElement']

interface Plain {
  readonly id: string
  readonly pattern: RegExp
}
const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
/** The entry of a word in bold, which may be a plural in English. */
const idOf = (index: ReadonlyMap<string, string>, word: string): string | undefined =>
  index.get(word) ?? index.get(word.replace(/s$/, '')) ?? index.get(word.replace(/es$/, ''))

/** How a term stands in plain text: a whole word, in English perhaps in the plural; a name by its own capitals. */
function plainOf(id: string, term: string, language: Language): Plain {
  const latin = '[A-Za-z0-9_-]'
  // A compound of kanji or katakana is another word: レジストリ in コンテナレジストリ.
  const edge = (c: string): string =>
    /[A-Za-z0-9]/.test(c) ? latin : /[\u3040-\u309f]/.test(c) ? '(?!)' : '[ァ-ヺー一-龠々]'
  const plural = language === 'en' && /^[a-z ]+$/.test(term) ? 's?' : ''
  const pattern = `(?<!${edge(term.at(0) as string)})${quoted(term)}${plural}(?!${edge(term.at(-1) as string)})`
  return { id, pattern: new RegExp(pattern, /[A-Z]/.test(term) ? '' : 'i') }
}

export function termLinks(terms: readonly Term[]) {
  const index: Record<Language, ReadonlyMap<string, string>> = {
    ja: new Map(terms.map((t) => [bare(t.ja.term), t.id])),
    en: new Map(terms.map((t) => [bare(t.en.term), t.id])),
  }
  const plains = (language: Language): readonly Plain[] =>
    terms
      .filter((t) => t.common === undefined)
      // A user namespace is no namespace of users: the longer term first.
      .toSorted((a, b) => name(b[language].term).length - name(a[language].term).length)
      .map((t) => plainOf(t.id, name(t[language].term), language))
  const plain = { ja: plains('ja'), en: plains('en') }
  return () =>
    (tree: Node, file: VFile): void => {
      const m = /[\\/](ja|en)[\\/]([a-z0-9-]+)\.mdx?$/.exec(file.path ?? '')
      if (!m || NONE.includes(m[2] as string)) return
      const language = m[1] as Language
      const seen = new Set<string>()
      const linked = (id: string, child: Node): Node => {
        seen.add(id)
        return {
          type: 'link',
          url: `../glossary/#${id}`,
          children: [child],
          data: { hProperties: { className: ['zk-term'] } },
        }
      }
      const bold = (node: Node): void => {
        if (node.type === 'link' || node.type === 'heading') return
        if (!node.children) return
        node.children = node.children.map((child) => {
          const id = child.type === 'strong' ? idOf(index[language], bare(textOf(child))) : undefined
          if (id !== undefined && !seen.has(id)) return linked(id, child)
          bold(child)
          return child
        })
      }
      /** A text with its first uses linked. */
      const split = (text: string): Node[] => {
        for (const { id, pattern } of plain[language]) {
          const found = seen.has(id) ? null : pattern.exec(text)
          if (!found) continue
          const link = linked(id, { type: 'text', value: found[0] })
          return [...split(text.slice(0, found.index)), link, ...split(text.slice(found.index + found[0].length))]
        }
        return text === '' ? [] : [{ type: 'text', value: text }]
      }
      const visit = (node: Node): void => {
        if (APART.includes(node.type) || !node.children) return
        node.children = node.children.flatMap((child) => {
          if (child.type === 'text') return split(child.value ?? '')
          visit(child)
          return [child]
        })
      }
      bold(tree)
      visit(tree)
    }
}
