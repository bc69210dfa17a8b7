/**
 * remark plugin: ```mermaid blocks become the pictures that `npm run mermaid` rendered from them, kept by the hash of their text. The build
 * needs no browser for it; a block without its picture stops the build.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { Node, VFile } from './nodes.ts'

/** Changes when pictures must be rendered anew although their text didn't change. */
export const RENDERING = 6
/** Where the pictures are kept. */
export const keptIn = (root: string): string => `${root.replace(/\/$/, '')}/src/content/mermaid`

/** The name of a block's picture: sixteen hexadecimal digits. */
export const mermaidHash = (text: string): string =>
  createHash('sha256').update(`${RENDERING}\n${text.trim()}`).digest('hex').slice(0, 16)

/** What a block calls itself, `accTitle: ...`: Mermaid's own way to name a picture for those who can't see it. */
export const titleIn = (text: string): string | undefined => /^\s*accTitle:\s*(.+?)\s*$/m.exec(text)?.[1]

/** `root` is the project's folder. */
export const mermaid = (root: string) => () => {
  return (tree: Node, file: VFile): void => {
    const visit = (node: Node): void => {
      node.children?.forEach((child, i, all) => {
        if (child.type !== 'code' || (child as { lang?: string }).lang !== 'mermaid') {
          visit(child)
          return
        }
        const text = child.value ?? ''
        const title = titleIn(text)
        if (title === undefined)
          file.fail('a mermaid block needs a name for those who cannot see it: a line "accTitle: ..."', child)
        const path = `${keptIn(root)}/${mermaidHash(text)}.svg`
        if (!existsSync(path))
          file.fail('this mermaid block has no picture, or changed since it was rendered: run "npm run mermaid"', child)
        all[i] = figure(readFileSync(path, 'utf8').trim(), title)
      })
    }
    visit(tree)
  }
}

/** A figure that holds the picture as it is; in MDX by Astro's own way to write markup. */
function figure(svg: string, title: string): Node {
  return {
    type: 'paragraph',
    data: {
      hName: 'figure',
      hProperties: { className: ['zk-mermaid', 'not-content'], tabIndex: 0, role: 'group', ariaLabel: title },
    },
    children: [
      {
        type: 'mdxJsxTextElement',
        name: 'Fragment',
        attributes: [{ type: 'mdxJsxAttribute', name: 'set:html', value: svg }],
        children: [],
      } as Node,
    ],
  }
}
