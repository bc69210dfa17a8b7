/** Everything that a course may link to, with titles in both languages: what links.json and the teachers' page list. */
import { getCollection, render } from 'astro:content'
import { loadScene, sceneNames } from '../../diagrams/scene/index.ts'
import { hostNames } from '../../emulator/hosts/host.ts'
import { type Both, readLabs } from '../lab/labs.ts'
import { makeLink } from '../lab/link.ts'
import { machineTitle } from '../machines.ts'
import { readTerms } from '../markdown/library.ts'

export type Kind = 'page' | 'heading' | 'picture' | 'lab' | 'terminal' | 'term'
export interface Linkable {
  /** As in the register, src/content/links.yaml: the same in both languages. */
  readonly id: string
  readonly kind: Kind
  readonly title: Both
  /** Addresses from the site's root. */
  readonly path: Both
  /** The page, by its name, that holds it. */
  readonly within?: string
  /** What an iframe shows, from the site's root; absent where the thing can't be framed. */
  readonly embed?: Both
}

const both = (make: (language: 'ja' | 'en') => string): Both => ({ ja: make('ja'), en: make('en') })

/** In the order of the site: pages each with its headings, pictures, labs, terminals, terms. */
export async function linkables(): Promise<readonly Linkable[]> {
  const entries = await getCollection('docs')
  const read = new Map(
    await Promise.all(
      entries.map(
        async (entry) => [entry.id, { title: entry.data.title, headings: (await render(entry)).headings }] as const,
      ),
    ),
  )
  const out: Linkable[] = []
  for (const id of entries.map((e) => e.id).filter((i) => i.startsWith('en'))) {
    const name = id === 'en' || id === 'en/index' ? '' : id.slice(3)
    const en = read.get(id)
    const ja = read.get(id.replace(/^en/, 'ja'))
    if (!en || !ja) throw new Error(`the page "${id}" lacks its twin`)
    const folder = both((l) => (name === '' ? `${l}/` : `${l}/${name}/`))
    const page = name || 'index'
    out.push({ id: page, kind: 'page', title: { ja: ja.title, en: en.title }, path: folder })
    for (const heading of en.headings) {
      const twin = ja.headings.find((h) => h.slug === heading.slug)
      // Footnotes and the like are made by the page, not by an author.
      if (!twin || heading.depth > 4 || heading.slug === 'footnote-label') continue
      out.push({
        id: `${page}#${heading.slug}`,
        kind: 'heading',
        title: { ja: twin.text, en: heading.text },
        path: both((l) => `${folder[l]}#${heading.slug}`),
        within: page,
      })
    }
  }
  for (const scene of sceneNames) {
    const { words, choices } = await loadScene(scene)
    const path = both((l) => `${l}/embed/${scene}/`)
    out.push({ id: `embed/${scene}`, kind: 'picture', title: both((l) => words[l].name), path, embed: path })
    if (choices.length < 2) continue
    for (const choice of choices) {
      const chosen = both((l) => `${path[l]}?choice=${choice}`)
      out.push({
        id: `embed/${scene}?choice=${choice}`,
        kind: 'picture',
        title: both((l) => `${words[l].name}: ${words[l].choices?.[choice] ?? choice}`),
        path: chosen,
        within: `embed/${scene}`,
        embed: chosen,
      })
    }
  }
  for (const lab of readLabs())
    out.push({
      id: `lab/${lab.name}`,
      kind: 'lab',
      title: lab.title,
      path: both((l) => `${l}/lab/${lab.name}/`),
      within: lab.chapter.replace(/#.*/, ''),
      embed: both((l) => `${l}/embed/lab/${lab.name}/`),
    })
  for (const host of hostNames) {
    const query = makeLink({ host, run: [], files: [], pictures: [] })
    out.push({
      id: `lab?host=${host}`,
      kind: 'terminal',
      title: both((l) => machineTitle(host, l)),
      path: both((l) => `${l}/lab/?${query}`),
      embed: both((l) => `${l}/embed/lab/?${query}`),
    })
  }
  for (const term of readTerms())
    out.push({
      id: `glossary#${term.id}`,
      kind: 'term',
      title: both((l) => term[l].term),
      path: both((l) => `${l}/glossary/#${term.id}`),
      within: 'glossary',
    })
  return out
}
