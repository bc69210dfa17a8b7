/** The YAML files that documents refer to: sources of statements, and terms. Read at build time and by checks. */
import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'

export type Language = 'ja' | 'en'
export interface Source {
  readonly id: string
  readonly title: string
  readonly by: string
  readonly url: string
  /** Of publication or of the version read: YYYY, YYYY-MM or YYYY-MM-DD. */
  readonly date?: string
  /** When a source without a date of its own was read. */
  readonly checked?: string
  readonly note?: Readonly<Record<Language, string>>
}
export interface Term {
  readonly id: string
  /** 'true' of a word of everyday language, which links to the glossary only where it stands in bold. */
  readonly common?: string
  /** Which section of the glossary holds it. */
  readonly topic: string
  readonly en: { readonly term: string; readonly definition: string }
  readonly ja: { readonly term: string; readonly definition: string }
  /** Other spellings that people search for; the documents don't use them. */
  readonly aliases?: readonly string[]
  /** The page, with a heading if need be, that explains it. */
  readonly page?: string
}

/**
 * The entries of a YAML file below a project's folder, one "- id: NAME" each. Dates stay text: "2017" and "2025-11-04" say how exactly a
 * date is known. Throws with file and line where it can't be read.
 */
export function readList<T extends { readonly id: string }>(path: string, root = '.'): readonly T[] {
  const document = parseDocument(readFileSync(`${root}/${path}`, 'utf8'), { schema: 'failsafe' })
  const wrong = document.errors[0]
  if (wrong)
    throw new Error(
      `${path}:${wrong.linePos?.[0].line ?? 1}: this can't be read as YAML: ${wrong.message.split('\n')[0]}`,
    )
  const entries = document.toJS() as readonly T[]
  if (!Array.isArray(entries)) throw new Error(`${path}:1: expected a list, one "- id: NAME" an entry`)
  return entries
}
/** Entries of src/content/sources.yaml. Throws where it can't be read as YAML. */
export function readSources(root = '.'): readonly Source[] {
  return readList<Source>('src/content/sources.yaml', root)
}
/** Entries of src/content/glossary/terms.yaml, in the order of the file. */
export function readTerms(root = '.'): readonly Term[] {
  return readList<Term>('src/content/glossary/terms.yaml', root)
}

/** A word that is hard to read. */
export interface Reading {
  readonly id: string
  readonly word: string
  readonly reading: string
  /** Characters of which one must follow for the reading to be right. */
  readonly before?: string
}
/** Entries of src/content/readings.yaml. Throws where it can't be read as YAML. */
export function readReadings(root = '.'): readonly Reading[] {
  return readList<Reading>('src/content/readings.yaml', root)
}

/** A date as the language writes it, as exact as it is given. */
export function dateText(date: string, language: Language): string {
  if (language === 'en') return date
  const [year, month, day] = date.split('-')
  return `${year}年${month ? `${Number(month)}月` : ''}${day ? `${Number(day)}日` : ''}`
}
/** The address in short: the host, and on GitHub the repository. */
export function placeOf(url: string): string {
  const { host, pathname } = new URL(url)
  const name = host.replace(/^www\./, '')
  const [owner, repository] = pathname.split('/').filter(Boolean)
  return name === 'github.com' && repository ? `${name}/${owner}/${repository}` : name
}
/** What follows the address in a reference: the date and, if there is one, the note. */
export function datedNote(source: Source, language: Language): string {
  const note = source.note?.[language]
  const when = source.date ?? source.checked ?? ''
  const date = dateText(when, language)
  const text =
    language === 'ja'
      ? `${date}${source.date === undefined ? '確認' : when.length === 4 ? '' : '時点'}。`
      : `${source.date === undefined ? `checked ${date}` : date}.`
  return note === undefined ? text : `${text}${language === 'en' ? ' ' : ''}${note}`
}
