/** The same documents for two sites: as they are for ours, and as plain Markdown for a default Starlight. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Document {
  readonly name: string
  /** By language. */
  readonly text: Readonly<Record<'ja' | 'en', string>>
}

/** Chapters in both languages; pages made of other sources (glossary, references, lists) and the front page aren't among them. */
export function chapters(docs: string): readonly Document[] {
  return readdirSync(join(docs, 'en'))
    .filter((f) => f.endsWith('.mdx') && f !== 'index.mdx')
    .sort()
    .map((f) => ({
      name: f.replace(/\.mdx$/, ''),
      text: { ja: readFileSync(join(docs, 'ja', f), 'utf8'), en: readFileSync(join(docs, 'en', f), 'utf8') },
    }))
    .filter(({ text }) => /^host: /m.test(text.en) && /<Diagram /.test(text.en))
}
/** A document whose first commands differ, so that what they print isn't known from the one it was copied from. */
const copied = (mdx: string, name: string): string =>
  mdx.replace(/^(```console[^\n]*\n)(\$|PS>) /m, (_, fence, prompt) => `${fence}${prompt} echo ${name}\n${prompt} `)
/** `count` documents: the given ones, then again under other names, with commands of their own. */
export const repeated = (documents: readonly Document[], count: number): readonly Document[] =>
  Array.from({ length: count }, (_, i) => {
    const round = Math.floor(i / documents.length)
    const d = documents[i % documents.length] as Document
    if (round === 0) return d
    const name = `${d.name}-${round + 1}`
    return { name, text: { ja: copied(d.text.ja, name), en: copied(d.text.en, name) } }
  })

/**
 * A document without what only this site knows: components, heading ids, commands that run (they become a block of code), notes whose
 * text comes from elsewhere.
 */
export function plainMarkdown(mdx: string): string {
  const [, front = '', body = ''] = /^---\n(.*?)\n---\n(.*)$/s.exec(mdx) ?? []
  const keys = front.split('\n').filter((line) => /^(title|description):/.test(line))
  const text = body
    .replace(/^import .*$/gm, '')
    .replace(/<\/?Quiz>/g, '')
    .replace(/<[A-Z]\w*[^>]*\/>/g, '')
    .replace(/^(#+ .*?) \[#[\w-]+\]$/gm, '$1')
    .replace(/```(console|mermaid)[^\n]*/g, '```sh')
    .replace(/\[\^[\w-]+\]/g, '')
  return `---\n${keys.join('\n')}\n---\n${text}`
}
