/**
 * What pages of a kind have in common, to be fetched as one file: a request less for each, and they compress better together. Pure.
 */
import type { Sheet } from './page.ts'

/** What at least `share` of the lists hold, in the order of the first list that holds it. */
function common<T>(lists: readonly (readonly T[])[], share: number, key: (item: T) => string): readonly T[] {
  const found = new Map<string, { readonly item: T; count: number }>()
  for (const list of lists)
    for (const [k, item] of new Map(list.map((item) => [key(item), item]))) {
      const known = found.get(k)
      if (known) known.count++
      else found.set(k, { item, count: 1 })
    }
  return [...found.values()].filter(({ count }) => count >= share * lists.length).map(({ item }) => item)
}

/** Modules that at least a third of these pages run, what each needs before it. `assets` is the folder that they are named from. */
export function usualModules(
  pages: readonly string[],
  assets: string,
  needs: (module: string) => readonly string[],
): readonly string[] {
  const script = new RegExp(`<script type="module" src="/${assets}/([^"]+)"`, 'g')
  const run = pages.map((html) => [...html.matchAll(script)].flatMap(([, name = '']) => [...needs(name), name]))
  return common(run, 1 / 3, (name) => name)
}

/** Style sheets that nearly all of these pages name in their heads. */
export function usualSheets(pages: readonly string[]): readonly Sheet[] {
  const named = pages.map((html) =>
    [
      ...(html.split('</head>')[0] ?? '').matchAll(/<link rel="stylesheet" href="(\/[^"]+)"(?: media="([^"]+)")?>/g),
    ].map(([, path = '', media]): Sheet => ({ path, media })),
  )
  return common(named, 0.9, ({ path, media }) => `${path} ${media ?? ''}`)
}
