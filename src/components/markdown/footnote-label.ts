/** rehype plugin: the heading above the footnotes and the way back from each, in the page's language. */
import type { VFile } from './nodes.ts'

interface Element {
  readonly type: string
  readonly tagName?: string
  properties?: Record<string, unknown>
  children?: Element[]
  value?: string
}

const words = {
  ja: { heading: '出典と注', back: (n: string) => `${n}番の参照箇所に戻る` },
  en: { heading: 'Sources and notes', back: (n: string) => `Back to reference ${n}` },
}

export function footnoteLabel() {
  return (tree: Element, file: VFile): void => {
    const w = words[/[\\/]ja[\\/]/.test(file.path ?? '') ? 'ja' : 'en']
    const visit = (node: Element): void => {
      const p = node.properties
      if (p?.['id'] === 'footnote-label') node.children = [{ type: 'text', value: w.heading }]
      if (p && 'dataFootnoteBackref' in p)
        p['ariaLabel'] = w.back(/\d+(-\d+)?$/.exec(String(p['ariaLabel']))?.[0] ?? '')
      node.children?.forEach(visit)
    }
    visit(tree)
  }
}
