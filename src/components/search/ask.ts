/** Asks Pagefind with the words of terms.ts, by all names of what is asked for, and ranks what it finds. Knows no page. */
import { type Page, rank, type Section } from './rank.ts'
import { exactTerms, queryTerms, variants } from './terms.ts'

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
const MOST_SECTIONS = 40
/** What an answer that holds the query's particles and endings too counts. */
const AS_TYPED = 1.5
/** What an answer that has the query's code as it stands counts: `docker exec`, and not any exec beside any docker. */
const EXACT = 2.5
/** What an answer to another name of the thing asked for counts. */
const OTHER_NAME = 0.6

export class Search {
  readonly #engine: Engine
  readonly #groups: readonly (readonly string[])[]
  constructor(engine: Engine, groups: readonly (readonly string[])[]) {
    this.#engine = engine
    this.#groups = groups
  }
  /** Pages that answer, best first. Where no section holds all words, those that hold most of them. */
  async ask(query: string): Promise<readonly Page[]> {
    const best = new Map<string, { hit: Hit; score: number }>()
    const add = async (terms: readonly string[], weight: number): Promise<void> => {
      if (terms.length === 0) return
      const { results } = await this.#engine.search(terms.join(' '))
      // Scores of one query say nothing beside those of another: they count by the best one's.
      const most = Math.max(...results.map((hit) => hit.score))
      for (const hit of results) {
        const score = (hit.score / most) * weight
        if (score > (best.get(hit.id)?.score ?? 0)) best.set(hit.id, { hit, score })
      }
    }
    for (const [i, variant] of variants(query, this.#groups).entries())
      await add(queryTerms(variant), i === 0 ? 1 : OTHER_NAME)
    await add(queryTerms(query, 'all'), AS_TYPED)
    await add(exactTerms(query), EXACT)
    if (best.size === 0) for (const word of query.split(/[\s\u3000]+/)) await add(queryTerms(word), 0.5)
    const order = [...best.values()].sort((a, b) => b.score - a.score).slice(0, MOST_SECTIONS)
    const scored = await Promise.all(order.map(async ({ hit, score }) => ({ section: await hit.data(), score })))
    return rank(scored, variants(query, this.#groups))
  }
}
