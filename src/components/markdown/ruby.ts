/**
 * remark plugin: what is hard to read has its reading above it where a Japanese page uses it first. Browsers without ruby show it in brackets.
 */
import type { Reading } from './library.ts'
import type { Node, VFile } from './nodes.ts'

/** Where a word isn't prose: headings are names, and links are to be short. */
const APART = ['heading', 'tableCell', 'link', 'mdxJsxFlowElement', 'mdxJsxTextElement', 'footnoteDefinition']
const KANJI = '[一-龠々]'

const element = (name: string, children: Node[]): Node => ({ type: 'emphasis', children, data: { hName: name } })
const text = (value: string): Node => ({ type: 'text', value })
const annotated = (word: string, reading: string): Node =>
  element('ruby', [text(word), element('rp', [text('(')]), element('rt', [text(reading)]), element('rp', [text(')')])])

export function ruby(readings: readonly Reading[]) {
  // Part of a longer word of kanji may be read otherwise, but for what follows: 脆弱性.
  const all = readings.map(({ word, reading, before }) => ({
    word,
    reading,
    pattern: new RegExp(`(?<!${KANJI})${word}${before === undefined ? '' : `(?=[${before}])`}`),
  }))
  return () =>
    (tree: Node, file: VFile): void => {
      if (!/[\\/]ja[\\/][a-z0-9-]+\.mdx?$/.test(file.path ?? '')) return
      const left = new Set(all)
      const split = (value: string): Node[] => {
        for (const entry of left) {
          const found = entry.pattern.exec(value)
          if (!found) continue
          left.delete(entry)
          const end = found.index + entry.word.length
          return [
            ...split(value.slice(0, found.index)),
            annotated(entry.word, entry.reading),
            ...split(value.slice(end)),
          ]
        }
        return value === '' ? [] : [text(value)]
      }
      const visit = (node: Node): void => {
        if (APART.includes(node.type) || !node.children) return
        node.children = node.children.flatMap((child) => {
          if (child.type === 'text') return split(child.value ?? '')
          visit(child)
          return [child]
        })
      }
      visit(tree)
    }
}
