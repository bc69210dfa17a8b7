/** Astro's build, then ours: the search index, and a site that works anywhere. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AstroIntegration } from 'astro'
import { close } from 'pagefind'
import { filesBelow, makePortable } from './finish.ts'
import { buildSearch, nameGroups } from './search.ts'

/** Files of Pagefind's own user interface, which ours replaces. */
const unused = [
  'pagefind-ui.js',
  'pagefind-ui.css',
  'pagefind-modular-ui.js',
  'pagefind-modular-ui.css',
  'pagefind-component-ui.js',
  'pagefind-component-ui.css',
  'pagefind-highlight.js',
  'pagefind-worker.js',
]

export function siteSteps(): AstroIntegration {
  return {
    name: 'zukan-site',
    hooks: {
      'astro:build:done': async ({ dir, logger }) => {
        const dist = fileURLToPath(dir)
        const content = (path: string): string =>
          readFileSync(new URL(`../../src/content/${path}`, import.meta.url), 'utf8')
        const groups = nameGroups(content('glossary/terms.yaml'), content('search-names.yaml'))
        const pages = filesBelow(dist).filter((f) => /^(ja|en)\/.*\.html$/.test(f) && !/\/embed\//.test(f))
        const sections = await buildSearch(dist, pages, groups)
        await close()
        for (const file of unused) rmSync(join(dist, 'pagefind', file), { force: true })
        const { pages: portable, modules } = makePortable(dist)
        logger.info(`${portable} pages and ${modules} modules made portable; ${sections} sections can be searched`)
      },
    },
  }
}
