/** Which ids there are: by the sources, for checks while one writes, and by the built pages, which are what readers get. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { labNames } from '../../src/components/lab/labs.ts'
import { readTerms } from '../../src/components/markdown/library.ts'
import { loadScene, sceneNames } from '../../src/diagrams/scene/index.ts'
import { hostNames } from '../../src/emulator/hosts/host.ts'
import type { Page } from '../content/page.ts'
import { REDIRECTS, REGISTER, type Redirect } from './register.ts'

const list = (path: string): readonly unknown[] => {
  if (!existsSync(path)) return []
  const read: unknown = parse(readFileSync(path, 'utf8'))
  if (read === null || read === undefined) return []
  if (!Array.isArray(read)) throw new Error(`${path}: expected a list`)
  return read
}
/** The registered ids, below a project's folder. */
export const readRegister = (root = '.'): readonly string[] => list(join(root, REGISTER)).map(String)
/** Where vanished ids lead, below a project's folder. Throws where an entry lacks one of its ends. */
export const readRedirects = (root = '.'): readonly Redirect[] =>
  list(join(root, REDIRECTS)).map((entry) => {
    const { from, to } = (entry ?? {}) as Partial<Redirect>
    if (typeof from !== 'string' || typeof to !== 'string')
      throw new Error(`${REDIRECTS}: each entry is { from: ID, to: ID }`)
    return { from, to }
  })

/** Ids by the sources. */
export async function idsOfSources(pages: readonly Page[], root = '.'): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  for (const page of pages.filter((p) => p.language === 'en')) {
    ids.add(page.name)
    for (const { id } of page.headings) if (id !== undefined) ids.add(`${page.name}#${id}`)
  }
  for (const { id } of readTerms(root)) ids.add(`glossary#${id}`)
  for (const scene of sceneNames) {
    ids.add(`embed/${scene}`)
    const { choices } = await loadScene(scene)
    if (choices.length > 1) for (const choice of choices) ids.add(`embed/${scene}?choice=${choice}`)
  }
  for (const name of labNames(root)) ids.add(`lab/${name}`)
  for (const host of hostNames) ids.add(`lab?host=${host}`)
  return ids
}

/** Ids by the built site: what each page really holds, in both languages alike. */
export function idsOfSite(dist: string): ReadonlySet<string> {
  const of = (language: string): Set<string> => {
    const ids = new Set<string>()
    const folder = join(dist, language)
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const file = path.replaceAll('\\', '/')
      if (!/(^|\/)index\.html$/.test(file)) continue
      const name = file.replace(/\/?index\.html$/, '') || 'index'
      const html = readFileSync(join(folder, path), 'utf8')
      ids.add(name)
      if (/^(?!embed\/|lab\/)/.test(name))
        for (const [, id] of html.matchAll(/ id="([^"]+)"/g)) ids.add(`${name}#${id}`)
      if (name.startsWith('embed/')) {
        // Buttons lead to some of the choices; where they stand in rows, the picture names them all.
        const buttons = [...html.matchAll(/ data-choice="([^"]+)"/g)].map((m) => m[1] as string)
        const all = / data-choices="([^"]+)"/.exec(html)?.[1]?.split(' ') ?? []
        for (const choice of [...buttons, ...all]) ids.add(`${name}?choice=${choice}`)
      }
      if (name === 'lab') for (const [, host] of html.matchAll(/<option value="([^"]+)"/g)) ids.add(`lab?host=${host}`)
    }
    return ids
  }
  const en = of('en')
  return new Set([...of('ja')].filter((id) => en.has(id)))
}
