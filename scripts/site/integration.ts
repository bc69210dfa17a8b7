/** Astro's build, then ours: the search index, and a site that works anywhere. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AstroIntegration } from 'astro'
import { close } from 'pagefind'
import { checkDocuments, said } from '../content/all.ts'
import { readRedirects, readRegister } from '../links/present.ts'
import { REGISTER } from '../links/register.ts'
import { nameBuild } from './build-name.ts'
import { standalone } from './bundles.ts'
import { classicAhead } from './classic.ts'
import { filesBelow, makePortable } from './finish.ts'
import { type Division, groupsOf, pluginOf } from './later/plugin.ts'
import { division } from './later/remembered.ts'
import { siteAddress, writeMeta } from './meta.ts'
import { notFoundPages } from './not-found.ts'
import { composeAll } from './print.ts'
import { checkSite, writeRedirects } from './redirects.ts'
import { buildSearch, nameGroups, readAnswers } from './search.ts'
import { licensesText, noteSoftware, softwareJson, softwareOf } from './software.ts'

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

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version

const root = fileURLToPath(new URL('../..', import.meta.url))

/** `strict`: a build stops at documents that contradict themselves; otherwise it says what is wrong with them and goes on. */
export function siteSteps({ strict = true }: { readonly strict?: boolean } = {}): AstroIntegration {
  const packages = new Set<string>()
  const { plugin: modulesAhead, classic } = classicAhead(root)
  return {
    name: 'zukan-site',
    hooks: {
      'astro:config:setup': ({ command, updateConfig }) => {
        if (command !== 'build') return
        // The documents come first: the browser's modules are needed when those are done.
        let divided: Division | undefined
        const dividing = division(root).then((d) => {
          divided = d
          return d
        })
        // Whoever loads a module is told.
        dividing.catch(() => {})
        const among = (group: 'core' | 'aside') => (id: string) => divided !== undefined && groupsOf(divided)[group](id)
        const groups = [
          // Shared with pages: they must not draw the emulator into them.
          { name: 'import', test: /preload-helper|emulator\/hosts\/host\.ts/, priority: 3 },
          { name: 'emulator', test: among('core'), priority: 2 },
          { name: 'later', test: among('aside'), priority: 1 },
        ]
        updateConfig({
          vite: {
            plugins: [pluginOf(dividing), noteSoftware(packages), modulesAhead],
            environments: { client: { build: { rolldownOptions: { output: { codeSplitting: { groups } } } } } },
          },
        })
      },
      'astro:server:setup': ({ server, logger }) => {
        // While one writes: what is wrong is said at the start and after each change, and stops nothing.
        let waiting: NodeJS.Timeout | undefined
        const check = async (): Promise<void> => {
          const { problems } = await checkDocuments(root)
          for (const p of problems) logger.warn(said(p))
          if (problems.length === 0) logger.info('the documents are in order')
        }
        const soon = (file = 'src/content'): void => {
          if (!file.replaceAll('\\', '/').includes('src/content')) return
          clearTimeout(waiting)
          waiting = setTimeout(() => check().catch((e: Error) => logger.warn(e.message)), 300)
        }
        soon()
        for (const event of ['add', 'change', 'unlink']) server.watcher.on(event, soon)
      },
      'astro:build:start': async ({ logger }) => {
        // What is registered is compared with the built pages, at the end.
        const wrong = (await checkDocuments(root)).problems.filter((p) => !p.hint && p.file !== REGISTER)
        if (wrong.length === 0) return
        const text = `the documents have ${wrong.length} mistakes:\n${wrong.map(said).join('\n')}`
        if (strict) throw new Error(text)
        logger.warn(text)
      },
      'astro:build:done': async ({ dir, logger }) => {
        const dist = fileURLToPath(dir)
        const content = (path: string): string =>
          readFileSync(new URL(`../../src/content/${path}`, import.meta.url), 'utf8')
        const site = siteAddress(process.env.SITE)
        const [register, redirects] = [readRegister(root), readRedirects(root)]
        checkSite(dist, register, redirects)
        const groups = nameGroups(content('glossary/terms.yaml'), content('search-names.yaml'))
        const pages = filesBelow(dist).filter(
          (f) => /^(ja|en)\/.*\.html$/.test(f) && !/\/(embed|print|check|lab\/[a-z0-9-]+)\//.test(f),
        )
        const sections = await buildSearch(dist, pages, groups, readAnswers(content('search-answers.yaml')))
        await close()
        for (const file of unused) rmSync(join(dist, 'pagefind', file), { force: true })
        for (const language of ['ja', 'en']) composeAll(dist, language)
        writeRedirects(dist, register, redirects)
        writeFileSync(join(dist, 'check.js'), await standalone('components/check/check.ts'))
        const { pages: portable, modules } = await makePortable(dist, classic)
        writeMeta(
          dist,
          filesBelow(dist).filter((f) => /^(ja|en)\/.*index\.html$/.test(f)),
          site,
        )
        const { both, ja, en } = notFoundPages(readFileSync(join(dist, '404.html'), 'utf8'))
        writeFileSync(join(dist, '404.html'), both)
        writeFileSync(join(dist, 'ja/404.html'), ja)
        writeFileSync(join(dist, 'en/404.html'), en)
        const software = softwareOf(packages)
        writeFileSync(join(dist, 'software.json'), softwareJson(software))
        const own = readFileSync(new URL('../../LICENSE', import.meta.url), 'utf8')
        writeFileSync(join(dist, 'licenses.txt'), licensesText(software, own))
        const build = await nameBuild(dist, version())
        logger.info(
          `${portable} pages and ${modules} modules made portable; ${sections} sections can be searched; build ${build}`,
        )
      },
    },
  }
}
