/** Asks Pagefind with the words of terms.ts, by all names of what is asked for, and ranks what it finds. Knows no page. */
import { type Page, rank, type Section } from './rank.ts'
import { exactTerms, type Part, queryParts, queryTerms, says, variants } from './terms.ts'

/** A section that Pagefind found; its text is fetched when asked for. */
interface Hit {
  readonly id: string
  readonly score: number
  data(): Promise<Section>
}
export interface Engine {
  search(query: string): Promise<{ readonly results: readonly Hit[] }>
}
/** Sections whose texts are fetched for one query. */
const MOST_SECTIONS = 60
/** What an answer that holds the query's particles and endings too counts. */
const AS_TYPED = 1.5
/** What an answer that has the query's code as it stands counts: `docker exec`, and not any exec beside any docker. */
const EXACT = 2.5
/** What an answer to another name of the thing asked for counts. */
const OTHER_NAME = 0.6

/** What having the parts of a query counts, beside having all its words. */
const PARTS = 4
/** How much parts must tell for half of that: a query of common words alone is answered by all of its words, or by none. */
const COMMON = 3
/** What only having a part counts of what its best answer counts; the rest goes by how well it is answered. */
const PRESENT = 0.4
/** How many of its pairs make a name known again. */
const MOST_WORDS = 0.6

interface Found {
  readonly hit: Hit
  readonly score: number
}

/** Asks an index of so many `sections`, in which a thing has the names of one of `groups`. */
export class Search {
  readonly #engine: Engine
  readonly #groups: readonly (readonly string[])[]
  readonly #sections: number
  constructor(engine: Engine, groups: readonly (readonly string[])[], sections: number) {
    this.#engine = engine
    this.#groups = groups
    this.#sections = sections
  }
  /** Pages that answer, best first: those that hold all of what is asked, and those that hold the rarer parts of it. */
  async ask(query: string): Promise<readonly Page[]> {
    const asked = variants(query, this.#groups)
    const found = new Map<string, Found>()
    for (const [i, variant] of asked.entries())
      merge(found, await this.#all(queryTerms(variant), i === 0 ? 1 : OTHER_NAME))
    merge(found, await this.#all(queryTerms(query, 'all'), AS_TYPED))
    merge(found, await this.#all(exactTerms(query), EXACT))
    const parts: { readonly part: Part; readonly found: ReadonlyMap<string, Found>; readonly tells: number }[] = []
    for (const part of queryParts(query, this.#groups)) {
      const of = new Map<string, Found>()
      for (const name of part) merge(of, await this.#all(name, 1, PRESENT))
      if (of.size === 0) merge(of, await this.#most(part[0] ?? []))
      // What every section has tells little, what few have tells much (inverse document frequency).
      if (of.size > 0) parts.push({ part, found: of, tells: Math.log(1 + this.#sections / of.size) })
    }
    const total = parts.reduce((sum, { tells }) => sum + tells, 0)
    const told = new Map<string, { hit: Hit; score: number; known: number }>()
    for (const { found: of, tells } of parts)
      for (const [id, { hit, score }] of of) {
        const before = told.get(id)
        told.set(id, { hit, score: (before?.score ?? 0) + score * tells, known: (before?.known ?? 0) + tells })
      }
    for (const [id, { hit, score, known }] of told)
      found.set(id, {
        hit,
        score: (found.get(id)?.score ?? 0) + PARTS * (total / (total + COMMON)) * (score / total) * (known / total),
      })
    const order = [...found.values()].sort((a, b) => b.score - a.score).slice(0, MOST_SECTIONS)
    const scored = await Promise.all(order.map(async ({ hit, score }) => ({ section: await hit.data(), score })))
    const share = (title: string): number =>
      parts.reduce((sum, { part, tells }) => sum + (says(title, part) ? tells : 0), 0) / (total || 1)
    return rank(scored, asked, share)
  }
  /** Sections that hold all of the words, the best of which counts `weight`, and none less than `least` of it. */
  async #all(words: readonly string[], weight: number, least = 0): Promise<readonly (readonly [string, Found])[]> {
    if (words.length === 0) return []
    const { results } = await this.#engine.search(words.join(' '))
    // Scores of one query say nothing beside those of another: they count by the best one's.
    const most = Math.max(...results.map((hit) => hit.score))
    return results.map((hit) => [hit.id, { hit, score: weight * (least + (1 - least) * (hit.score / most)) }])
  }
  /** Sections that hold most of the words: pairs of a Japanese name that stands in no page as it was typed (ポートフォワード, ポートフォワーディング). */
  async #most(words: readonly string[]): Promise<readonly (readonly [string, Found])[]> {
    if (words.length < 3) return []
    const held = new Map<string, Found>()
    for (const word of words)
      for (const hit of (await this.#engine.search(word)).results)
        held.set(hit.id, { hit, score: (held.get(hit.id)?.score ?? 0) + 1 / words.length })
    return [...held].filter(([, { score }]) => score >= MOST_WORDS)
  }
}
/** Of two scores of a section, the better one stays. */
function merge(into: Map<string, Found>, more: readonly (readonly [string, Found])[]): void {
  for (const [id, found] of more) if (found.score > (into.get(id)?.score ?? 0)) into.set(id, found)
}
