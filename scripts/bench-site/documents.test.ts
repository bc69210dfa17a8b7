import { expect, test } from 'vitest'
import { type Document, plainMarkdown, repeated } from './documents.ts'

test('a document without what only this site knows', () => {
  const mdx = `---
title: A page
description: What it tells
host: linux-server
lastUpdated: 2026-11-21
---
import Diagram from '../../../components/Diagram.astro'

Text.[^source]

<Diagram scene="stack" host="linux-server" />

## Heading [#heading]

\`\`\`console fails
$ false
\`\`\`

<Quiz>
1. Question
</Quiz>
`
  const text = plainMarkdown(mdx)
  expect(text).toMatch(/^---\ntitle: A page\ndescription: What it tells\n---\n/)
  for (const gone of ['import', '<', '[#', 'console', '[^', 'host:']) expect(text).not.toContain(gone)
  expect(text).toContain('## Heading\n')
  expect(text).toContain('```sh\n$ false\n```')
  expect(text).toContain('1. Question')
})
test('as many documents as asked for, under names of their own', () => {
  const one = (name: string): Document => ({ name, text: { ja: '', en: '' } })
  expect(repeated([one('a'), one('b')], 5).map((d) => d.name)).toEqual(['a', 'b', 'a-2', 'b-2', 'a-3'])
})
test('a copy runs commands of its own, on Windows as on Linux', () => {
  const of = (prompt: string): string =>
    `\`\`\`console host=x\n${prompt} ls\n\`\`\`\n\`\`\`console\n${prompt} ls\n\`\`\`\n`
  const one: Document = { name: 'a', text: { ja: of('$'), en: of('PS>') } }
  const [, copy] = repeated([one], 2)
  expect(copy?.text.ja).toBe(of('$').replace('$ ls', () => '$ echo a-2\n$ ls'))
  expect(copy?.text.en).toBe(of('PS>').replace('PS> ls', 'PS> echo a-2\nPS> ls'))
})
