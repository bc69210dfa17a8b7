import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { unified } from '@astrojs/markdown-remark'
import starlight from '@astrojs/starlight'
import { defineConfig } from 'astro/config'
import remarkCjkFriendly from 'remark-cjk-friendly'
import remarkGfm from 'remark-gfm'
import { pagesVersion, remembering } from './scripts/site/compiled.ts'
import { siteSteps } from './scripts/site/integration.ts'
import { consolePlugin } from './src/components/console/plugin.ts'
import { components } from './src/components/markdown/components.ts'
import { footnoteLabel } from './src/components/markdown/footnote-label.ts'
import { footnotes } from './src/components/markdown/footnotes.ts'
import { headingIds } from './src/components/markdown/heading-ids.ts'
import { readReadings, readSources, readTerms } from './src/components/markdown/library.ts'
import { mermaid } from './src/components/markdown/mermaid.ts'
import { quotes } from './src/components/markdown/quotes.ts'
import { quiz } from './src/components/markdown/quiz.ts'
import { ruby } from './src/components/markdown/ruby.ts'
import { tableHeads } from './src/components/markdown/table-heads.ts'
import { termLinks } from './src/components/markdown/term-links.ts'

const root = fileURLToPath(new URL('.', import.meta.url))

/** Vite's preloading asks for absolute addresses, which hold at one place only: an import is just the import. */
const noPreload = {
  name: 'zukan-no-preload',
  enforce: 'pre',
  load: (id) => (id.includes('vite/preload-helper') ? 'export const __vitePreload = (load) => load()' : undefined),
}

/** A build remembers pages; who writes them wants to see what they are now. */
const building = process.argv.includes('build')
const inBuild = (processor) =>
  building ? remembering(processor, pagesVersion(root), `${root}.astro/pages`) : processor

const stepsText = ['module.ts', 'classic.ts', 'finish.ts']
  .map((name) => readFileSync(new URL(`scripts/site/${name}`, import.meta.url), 'utf8'))
  .join('')

/** Names of built files change with the steps that come after the bundler, too: they may be kept for good by browsers. */
const stepsHash = {
  name: 'zukan-steps-hash',
  augmentChunkHash: () => stepsText,
}

export default defineConfig({
  // Pages link to each other relatively, so that the built site works wherever it is put.
  trailingSlash: 'always',
  markdown: {
    processor: inBuild(
      unified({
        gfm: false,
        smartypants: false,
        remarkPlugins: [
          remarkGfm,
          remarkCjkFriendly,
          quotes,
          components(root),
          headingIds,
          mermaid(root),
          quiz,
          footnotes(readSources()),
          termLinks(readTerms()),
          ruby(readReadings()),
        ],
        rehypePlugins: [footnoteLabel, tableHeads],
      }),
    ),
  },
  // Scripts and styles become files of their own: the content security policy allows nothing inline.
  vite: {
    build: {
      target: 'es2022',
      assetsInlineLimit: 0,
    },
    plugins: [noPreload, stepsHash],
  },
  build: { inlineStylesheets: 'never' },
  integrations: [
    starlight({
      title: { ja: 'コンテナ図鑑', en: 'Container Zukan' },
      description: 'An illustrated encyclopedia of containers whose pictures run',
      logo: { src: './src/assets/mark.svg', replacesTitle: false },
      favicon: '/favicon.svg',
      head: [{ tag: 'link', attrs: { rel: 'apple-touch-icon', href: '/icons/icon-180.png' } }],
      defaultLocale: 'ja',
      locales: { ja: { label: '日本語', lang: 'ja' }, en: { label: 'English', lang: 'en' } },
      // The search, the frame's parts that would need inline scripts, and the 404 page are ours.
      pagefind: false,
      disable404Route: true,
      components: {
        Footer: './src/components/frame/Footer.astro',
        LanguageSelect: './src/components/frame/LanguageSelect.astro',
        PageTitle: './src/components/frame/PageTitle.astro',
        Search: './src/components/frame/Search.astro',
        Sidebar: './src/components/frame/Sidebar.astro',
        ThemeProvider: './src/components/frame/ThemeProvider.astro',
        ThemeSelect: './src/components/frame/ThemeSelect.astro',
      },
      customCss: [
        './src/styles/zukan.css',
        './src/styles/diagrams.css',
        './src/styles/dialog.css',
        './src/styles/reading.css',
      ],
      credits: false,
      lastUpdated: false,
      expressiveCode: {
        themes: ['github-dark-dimmed', 'github-light'],
        styleOverrides: { borderRadius: '0.4rem', codeFontFamily: 'var(--__sl-font-mono)' },
        plugins: [consolePlugin(root, building)],
      },
      sidebar: [
        {
          label: 'Start',
          translations: { ja: 'はじめに' },
          items: ['what-is-a-container', 'vms-and-containers', 'first-container', 'process'],
        },
        {
          label: 'How it works',
          translations: { ja: 'しくみ' },
          items: ['namespaces', 'cgroups', 'filesystem', 'networking', 'security'],
        },
        {
          label: 'Images',
          translations: { ja: 'イメージ' },
          items: ['images', 'dockerfile', 'registries'],
        },
        {
          label: 'Runtimes and OCI',
          translations: { ja: 'ランタイムとOCI' },
          items: [
            'history',
            'docker-architecture',
            'oci',
            'oci-runtime',
            'oci-image',
            'oci-distribution',
            'high-level-runtimes',
            'low-level-runtimes',
            'sandboxes',
          ],
        },
        {
          label: 'Windows and Mac',
          translations: { ja: 'WindowsとMac' },
          items: ['windows', 'moby-vm', 'lcow', 'wsl2', 'windows-containers', 'windows-choice', 'macos'],
        },
        {
          label: 'In practice',
          translations: { ja: '使いどころ' },
          items: ['use-cases', 'anti-patterns', 'faq', 'lab'],
        },
        {
          label: 'Reference',
          translations: { ja: '資料' },
          items: ['glossary', 'emulator', 'references', 'offline', 'install', 'teaching', 'writing'],
        },
      ],
    }),
    siteSteps(),
  ],
})
