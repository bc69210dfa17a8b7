/** Texts in data files and catalogues of words: strings below a key `ja` or `en`, with their lines. */
import { LineCounter, type Node, parseDocument, type Scalar, visit } from 'yaml'
import ts from 'typescript'
import type { Language } from '../../src/components/markdown/library.ts'
import type { Text } from './lint.ts'

const languages: readonly string[] = ['ja', 'en']
/** Identifiers, commands and marks aren't prose: prose in Japanese has kana, in English a space between words. */
function isProse(language: Language, text: string): boolean {
  return language === 'ja' ? /\p{Script=Hiragana}|\p{Script=Katakana}/u.test(text) : /[A-Za-z] [a-z]/.test(text)
}
/** What is filled in later, and commands, become code, which isn't prose. */
const settle = (text: string): string =>
  text.replace(/\{[a-zA-Z]+\}/g, '`x`').replace(/(?<![\w`-])docker(?= [a-z])/g, '`docker`')

/** Strings of a YAML file that stand below `ja` or `en`. */
export function stringsOfYaml(file: string, source: string): Text[] {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, schema: 'failsafe' })
  const out: Text[] = []
  visit(document, {
    Scalar(key, node: Scalar, path) {
      if (key === 'key' || typeof node.value !== 'string') return
      const language = path
        .map((p) => String((p as { key?: Node & { value?: unknown } }).key?.['value'] ?? ''))
        .findLast((k) => languages.includes(k)) as Language | undefined
      if (language === undefined || !isProse(language, node.value)) return
      out.push({ file, language, text: settle(node.value), line: lines.linePos(node.range?.[0] ?? 0).line })
    },
  })
  return out
}

/** String literals and templates of a TypeScript file that stand below a property `ja` or `en`; what a template fills in becomes code. */
export function stringsOfTypeScript(file: string, source: string): Text[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true)
  const out: Text[] = []
  const add = (node: ts.Node, text: string, language: Language | undefined): void => {
    if (language === undefined || !isProse(language, text)) return
    out.push({ file, language, text: settle(text), line: tree.getLineAndCharacterOfPosition(node.getStart()).line + 1 })
  }
  const walk = (node: ts.Node, language: Language | undefined): void => {
    if (ts.isPropertyAssignment(node)) {
      const name = ts.isIdentifier(node.name) || ts.isStringLiteral(node.name) ? node.name.text : ''
      walk(node.initializer, languages.includes(name) ? (name as Language) : language)
      return
    }
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) add(node, node.text, language)
    else if (ts.isTemplateExpression(node)) {
      add(node, node.head.text + node.templateSpans.map((s) => `\`x\`${s.literal.text}`).join(''), language)
      for (const span of node.templateSpans) walk(span.expression, language)
    } else ts.forEachChild(node, (child) => walk(child, language))
  }
  walk(tree, undefined)
  return out
}
