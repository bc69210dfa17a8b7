/** Which rules of textlint the documents keep, and where one doesn't apply to them, why. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { TextlintKernelRule } from '@textlint/kernel'
import type { Language } from '../../src/components/markdown/library.ts'
import { dictionary, foundIn, type Spelling } from './dictionary.ts'

const require = createRequire(import.meta.url)
/** A rule's package: each is published in its own way, as a CommonJS or an ES module. */
function open<T>(name: string): T {
  const module = require(name) as { default?: T }
  return module.default ?? (module as T)
}
type Rule = TextlintKernelRule['rule']
type Options = NonNullable<TextlintKernelRule['options']>

/** Messages that are no mistakes here. The reason stands beside each. */
export interface Exemption {
  readonly rule: string
  readonly message: RegExp
  readonly why: string
}
export const exemptions: readonly Exemption[] = [
  {
    rule: 'arabic-kanji-numbers',
    message: /^[一二三四五六七八九]つ => /,
    why: 'counting with つ is a native word, which official Japanese writes in kanji (公用文作成の考え方, 2022); other figures are Arabic',
  },
  {
    rule: 'no-mix-dearu-desumasu',
    message: /^箇条書き: "である"調 でなければなりません/,
    why: 'lists hold notes and answers as well as sentences: the sentences are です・ます, like the text around them',
  },
  {
    rule: 'no-exclamation-question-mark',
    message: /^Disallow to use "\?"\.$/,
    why: '? is a key to press and a word of commands; Japanese sentences would have ？, which is still ruled out',
  },
  {
    rule: 'write-good',
    message: /^"(?:it is|it was|it has)" is wordy/i,
    why: 'the rule means "it is ... that"; here "it" stands for something that was named',
  },
  {
    rule: 'write-good',
    message: /^"(?:many|few|several|mostly|largely|tiny)" is a weasel word/i,
    why: 'they say how many where no figure is to be had; a figure with a source is better, and is used where there is one',
  },
  {
    rule: 'write-good',
    message:
      /^"(?!(?:actually|arguably|basically|certainly|definitely|just|literally|merely|obviously|practically|really|simply|truly|very|virtually)")[A-Za-z]+" can weaken/i,
    why: 'of the adverbs only those that add nothing are ruled out: "only root may" is another rule than "root may"',
  },
  {
    rule: 'write-good',
    message:
      /^"(?:all of|monitor|therefore|however|maintain|equivalent|function|attempt|in between|magnitude|minimum)" is wordy/i,
    why: 'terms (virtual machine monitor, order of magnitude), conjunctions that carry an argument, and ordinary English',
  },
]

const japanese = open<{ rules: Record<string, Rule>; rulesConfig: Record<string, Options> }>(
  'textlint-rule-preset-ja-technical-writing',
)
/** Options that differ from the preset's. */
const japaneseOptions: Readonly<Record<string, Options>> = {
  // も and か join things of one kind (AもBも, AかBか): that is their grammar. Any other particle twice in a row is a stumble.
  'no-doubled-joshi': { min_interval: 1, allow: ['も', 'か'] },
}
/** Rules for pages alone: a title or a label may end in である, or without 。 */
const pagesOnly = ['ja-no-mixed-period', 'no-mix-dearu-desumasu']

const stopWords = readFileSync(join(dirname(require.resolve('textlint-rule-stop-words')), '../dict.txt'), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => line.split(/\s*>\s*/))
/** Words that the list of textlint-rule-stop-words rules out and that this field needs, or that are plain English. */
const stopWordsHere = new Set([
  'all of',
  'e.g.',
  'frequently',
  'go into',
  'has to be',
  'is to be',
  'magnitude',
  'refer to',
  'relative to',
  'said',
])

/** Terms of textlint-rule-terminology that the glossary, or the field, writes otherwise. */
const terminologyElsewhere = [
  'ID',
  "id['’]?s",
  'anti[- ]pattern(s)?',
  'host[- ]name(s)?',
  'life[- ]cycle',
  'built ?in(s)?',
]

/**
 * The rules for a text. `page` says whether it is a whole page. Rules with long lists of words get those
 * words alone that occur in the text: they would try each one on every piece of it.
 */
export function rulesFor(
  language: Language,
  text: string,
  spellings: readonly Spelling[],
  page: boolean,
): TextlintKernelRule[] {
  const found = foundIn(text, spellings)
  const prh: TextlintKernelRule[] =
    found.length === 0
      ? []
      : [{ ruleId: 'prh', rule: open('textlint-rule-prh'), options: { ruleContents: [dictionary(found)] } }]
  if (language === 'ja')
    return [
      ...prh,
      ...Object.entries(japanese.rules)
        .filter(([id]) => page || !pagesOnly.includes(id))
        .map(([ruleId, rule]) => ({
          ruleId,
          rule,
          options: japaneseOptions[ruleId] ?? japanese.rulesConfig[ruleId] ?? true,
        })),
    ]
  const small = text.toLowerCase().replaceAll('’', "'")
  const words = stopWords.filter(([w = '']) => small.includes(w.toLowerCase()) && !stopWordsHere.has(w))
  return [
    ...prh,
    // passive: who does a thing matters less in these texts than what is done to it. thereIs: that a thing exists, or doesn't, is often the
    // very statement ("there is no second kernel"). so: it says that a sentence follows from the one before.
    {
      ruleId: 'write-good',
      rule: open('textlint-rule-write-good'),
      options: { passive: false, thereIs: false, so: false },
    },
    { ruleId: 'terminology', rule: open('textlint-rule-terminology'), options: { exclude: terminologyElsewhere } },
    ...(words.length === 0
      ? []
      : [
          {
            ruleId: 'stop-words',
            rule: open<Rule>('textlint-rule-stop-words'),
            options: { defaultWords: false, words },
          },
        ]),
    { ruleId: 'en-max-word-count', rule: open('textlint-rule-en-max-word-count'), options: { max: 40 } },
  ]
}
