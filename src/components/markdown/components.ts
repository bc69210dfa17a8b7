/** remark plugin: a component that a page uses is one that it imports, and that exists. What MDX says at the end of a build names no line. */
import { readdirSync } from 'node:fs'
import type { Node, VFile } from './nodes.ts'

/** What is wrong with a component in a page, and how to mend it; undefined where nothing is. `known` are the components that exist. */
export function complaint(name: string, imported: ReadonlySet<string>, known: readonly string[]): string | undefined {
  if (!/^[A-Z]/.test(name) || imported.has(name)) return undefined
  return known.includes(name)
    ? `<${name}> isn't imported: add import ${name} from '../../../components/${name}.astro' below the front matter`
    : `there is no component <${name}>: the components are ${known.join(', ')}`
}
/** Names that the import lines of a page bring. */
export const importedNames = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/^import (\w+) from '/gm)].map((m) => m[1] as string))
/** Components that authors may use, from a project's folder. */
export const readComponents = (root: string): readonly string[] =>
  ['', '/lab', '/links', '/offline']
    .flatMap((folder) => readdirSync(`${root}/src/components${folder}`))
    .filter((f) => f.endsWith('.astro'))
    .map((f) => f.replace('.astro', ''))
    .sort()

export const components = (root: string) => () => {
  const known = readComponents(root)
  return (tree: Node, file: VFile): void => {
    const imported = importedNames(
      (tree.children ?? [])
        .filter((n) => n.type === 'mdxjsEsm')
        .map((n) => n.value ?? '')
        .join('\n'),
    )
    const visit = (node: Node): void => {
      if (node.type === 'mdxJsxFlowElement' || node.type === 'mdxJsxTextElement') {
        const reason = complaint(node.name ?? '', imported, known)
        if (reason !== undefined) file.fail(reason, node)
      }
      node.children?.forEach(visit)
    }
    visit(tree)
  }
}
