/** The dictionary of spellings for prh, made from src/content/glossary: the terms, and in spelling.yaml what no rule gives. */
import { stringify } from 'yaml'
import type { Language, Term } from '../../src/components/markdown/library.ts'

export interface Spelling {
  /** A regular expression. */
  readonly wrong: string
  readonly right: string
  /** Whether `right` is a name, so that only its capital and small letters can be wrong. */
  readonly name?: boolean
}

const katakana = /[\p{Script=Katakana}ー]{3,}/gu
const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

/** The other spelling of a word of katakana, with or without the long vowel at its end: コンテナー, ハイパーバイザ. */
function variant(word: string): Spelling {
  return word.endsWith('ー')
    ? { wrong: `${word.slice(0, -1)}(?![ァ-ヺー])`, right: word }
    : { wrong: `${word}ー`, right: word }
}

/** A name has one right use of capital and small letters: those of a term that both languages write alike, or that has capitals. */
function name({ en, ja }: Term): Spelling[] {
  const term = en.term.replace(/\s*\(.*$/, '')
  if (!/^[A-Za-z][A-Za-z0-9 -]+$/.test(term) || (en.term !== ja.term && !/[A-Z]/.test(term))) return []
  // Not in a path, an address, an option or a longer name: there the letters are someone else's.
  return [{ wrong: `(?<![\\w./:@-])${quoted(term)}(?![\\w/@-]|[.:]\\w)`, right: term, name: true }]
}

/** What a language's documents don't write, by the glossary; `others` are the entries of spelling.yaml, which are Japanese. */
export function spellingsOf(language: Language, terms: readonly Term[], others: readonly Spelling[]): Spelling[] {
  const names = terms.flatMap(name)
  if (language === 'en') return names
  const words = new Set(terms.flatMap((t) => t.ja.term.match(katakana) ?? []))
  const listed = new Set(others.map((o) => o.right))
  const variants = [...words].filter((w) => !listed.has(w)).map(variant)
  // サンドボックスー is nobody's mistake, but レイヤ in プレイヤー isn't one either: a listed spelling goes before the rule.
  return [...others, ...variants, ...names]
}

/** The spellings that stand in a text at all: prh tries each one on every piece of it, which takes its time. */
export function foundIn(text: string, spellings: readonly Spelling[]): Spelling[] {
  return spellings.filter((s) =>
    [...text.matchAll(new RegExp(s.wrong, s.name ? 'giu' : 'gu'))].some((m) => m[0] !== s.right),
  )
}

/** Spellings as a dictionary of prh. */
export function dictionary(spellings: readonly Spelling[]): string {
  return stringify({
    version: 1,
    rules: spellings.map((s) => ({ expected: s.right, pattern: `/${s.wrong}/${s.name ? 'gi' : 'g'}` })),
  })
}
