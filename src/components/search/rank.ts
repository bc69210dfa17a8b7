/** Which pages come first: by how well their sections answer, and by what they are called. Pure. */
import { covers, normalize, shareOf } from './terms.ts'

export interface Section {
  /** From the site's root, with the heading's id: `/ja/process/#limits`; without one for what stands before the first heading. */
  readonly url: string
  readonly meta: {
    readonly page: string
    readonly title: string
    readonly text: string
    /** Queries that it is the answer to, a line each. */
    readonly asked?: string
  }
}
export interface Scored {
  readonly section: Section
  readonly score: number
}
/** A page's sections that answer, best first. */
export type Page = readonly Section[]

/** Pages that mention everything and explain little come after those that explain. */
const lists = /\/(glossary|references|emulator|writing|teaching|lab|faq)\/|^\/(ja|en)\/$/
const LIST = 0.4
/** What a title that is the query, and one that holds it, count. */
const NAMED = 3
const HOLDS = 1.8
/** What a title that has all its words counts. */
const COVERS = 1.6

/** What a title counts beside one that says nothing of the query, where it says all of its parts. */
const SAYS = 1.5

/** What a section counts that was written down as the answer to the query. */
const ANSWER = 8
/** How much of a query one must be, to answer a part of it. */
const LEAST_SHARE = 0.4

/** `asked`: the query in one spelling, and its variants; `share`: how much of the query's parts a title says, from 0 to 1. */
export function rank(
  scored: readonly Scored[],
  asked: readonly string[],
  share: (title: string) => number = () => 0,
): readonly Page[] {
  const named = (title: string): number => {
    const name = normalize(title).trim()
    if (asked.includes(name)) return NAMED
    if (asked.some((a) => a !== '' && name.includes(a))) return HOLDS
    return Math.max(asked.some((a) => covers(name, a)) ? COVERS : 1, 1 + SAYS * share(name))
  }
  /** How much of the query, in any of its variants, the section was written down as the answer to. */
  const answered = ({ meta }: Section): number =>
    Math.max(0, ...(meta.asked?.split('\n') ?? []).flatMap((answer) => asked.map((query) => shareOf(answer, query))))
  const isAnswer = (section: Section): boolean => answered(section) > 0.999
  const answer = (section: Section): number => {
    const part = answered(section)
    return part < LEAST_SHARE ? 1 : 1 + (ANSWER - 1) * part ** 2
  }
  /** A question of the FAQ that is the one asked: there the list is the answer. */
  const isQuestion = ({ url, meta }: Section): boolean =>
    url.includes('/faq/') && (share(meta.title) > 0.99 || asked.some((a) => covers(meta.title, a)))
  const pages = new Map<string, { section: Section; score: number }[]>()
  for (const { section, score } of scored) {
    const page = section.url.replace(/#.*/, '')
    const all = pages.get(page) ?? []
    // Every entry of a list is called what is asked for: that says nothing there.
    const title = lists.test(page) && !isQuestion(section) ? 1 : named(section.meta.title)
    const weight = Math.max(answer(section), title)
    all.push({ section, score: score * weight })
    pages.set(page, all)
  }
  return [...pages.entries()]
    .map(([url, sections]) => {
      sections.sort((a, b) => b.score - a.score)
      const title = sections[0]?.section.meta.page ?? ''
      if (lists.test(url)) {
        // Who asks for a list by its name wants the list.
        const best = sections[0]
        if (best && (isQuestion(best.section) || isAnswer(best.section))) return { sections, score: best.score }
        const own = named(title)
        return { sections, score: (sections[0]?.score ?? 0) * (own > 1 ? own : LIST) }
      }
      // Many sections that answer count for more than one, each less than the one before.
      const sum = sections.reduce((n, s, i) => n + s.score / (i + 1) ** 1.5, 0)
      return { sections, score: sum * named(title) }
    })
    .sort((a, b) => b.score - a.score)
    .map(({ sections }) => sections.map(({ section }) => section))
}
