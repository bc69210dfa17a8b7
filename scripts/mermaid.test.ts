import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { keptIn, mermaid, mermaidHash } from '../src/components/markdown/mermaid.ts'
import { allBlocks, blocksIn, difference } from './mermaid.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const kept = readdirSync(keptIn(root)).filter((f) => f.endsWith('.svg'))

test('every mermaid block of the documents has its picture, and no picture is left over', () => {
  const { missing, left } = difference(allBlocks(), kept)
  expect(missing.map((b) => `${b.file}: run npm run mermaid`)).toEqual([])
  expect(left).toEqual([])
})
test('kept pictures carry no styles, scripts or colours of their own: the page gives them', () => {
  for (const name of kept) {
    const svg = readFileSync(`${keptIn(root)}/${name}`, 'utf8')
    expect(svg).not.toMatch(/<style|style=|<script|<foreignObject|#0[0-9a-f]0[0-9a-f]0[0-9a-f]\b/)
    expect(svg).toMatch(/<title/)
    expect(svg).toContain('var(--')
  }
})
test('blocks are found with their indentation taken off; a changed word is another picture', () => {
  const text = 'a\n\n  ```mermaid\n  sequenceDiagram\n    A->>B: hi\n  ```\n\n```sh\nls\n```\n'
  const [block, ...others] = blocksIn('x.mdx', text)
  expect(others).toEqual([])
  expect(block?.text).toBe('sequenceDiagram\n  A->>B: hi')
  expect(mermaidHash('a')).not.toBe(mermaidHash('b'))
  expect(mermaidHash('a\n')).toBe(mermaidHash('a'))
})
test('the build stops at a block that has no picture or no name', () => {
  const run = (value: string): string => {
    try {
      mermaid(root)()(
        { type: 'root', children: [{ type: 'code', value, lang: 'mermaid' } as never] },
        {
          fail: (reason: string) => {
            throw new Error(reason)
          },
        },
      )
    } catch (problem) {
      return (problem as Error).message
    }
    return 'built'
  }
  expect(run('sequenceDiagram\n  A->>B: never rendered')).toContain('accTitle')
  expect(run('sequenceDiagram\n  accTitle: x\n  A->>B: never rendered')).toContain('npm run mermaid')
})
