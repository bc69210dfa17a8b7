/** textlint over the documents and over texts in data files, by the rules of rules.ts. */
import { createRequire } from 'node:module'
import { TextlintKernel, type TextlintKernelPlugin } from '@textlint/kernel'
import type { Language } from '../../src/components/markdown/library.ts'
import type { Problem } from '../content/checks.ts'
import type { Spelling } from './dictionary.ts'
import { exemptions, rulesFor } from './rules.ts'

/** A piece of text of a file: a page as Markdown, or a string, which begins on `line`. */
export interface Text {
  readonly file: string
  readonly language: Language
  readonly text: string
  readonly line: number
  /** Whether it is a whole page, with sentences that end. */
  readonly page?: boolean
}

const { default: plugin } = createRequire(import.meta.url)('@textlint/textlint-plugin-markdown') as {
  default: TextlintKernelPlugin['plugin']
}
const markdown: TextlintKernelPlugin = { pluginId: 'markdown', plugin }

/** Lints each text with the rules and the spellings of its language. Problems come in the texts' order. */
export async function lintTexts(
  texts: readonly Text[],
  spellings: Readonly<Record<Language, readonly Spelling[]>>,
): Promise<Problem[]> {
  const kernel = new TextlintKernel()
  const out: Problem[] = []
  for (const { file, language, text, line, page } of texts) {
    const { messages } = await kernel.lintText(text, {
      ext: '.md',
      plugins: [markdown],
      rules: rulesFor(language, text, spellings[language], page ?? false),
    })
    for (const m of messages) {
      if (exemptions.some((e) => e.rule === m.ruleId && e.message.test(m.message))) continue
      const said = m.message.replace(/\s*\n\s*/g, ' ').trim()
      out.push({ file, line: line + m.loc.start.line - 1, text: `${said} (${m.ruleId})` })
    }
  }
  return out
}
