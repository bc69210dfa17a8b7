import { unified } from '@astrojs/markdown-remark'
import starlight from '@astrojs/starlight'
import { defineConfig } from 'astro/config'
import remarkGfm from 'remark-gfm'
import { consolePlugin } from './src/components/console/plugin.ts'
import { headingIds } from './src/components/heading-ids.ts'

export default defineConfig({
  // Pages link to each other relatively, so that the built site works wherever it is put.
  trailingSlash: 'always',
  markdown: { processor: unified({ gfm: false, remarkPlugins: [remarkGfm, headingIds] }) },
  vite: { build: { target: 'es2022' } },
  integrations: [
    starlight({
      title: { ja: 'コンテナ図鑑', en: 'Container Zukan' },
      description: 'An illustrated encyclopedia of containers whose pictures run',
      logo: { src: './src/assets/mark.svg', replacesTitle: false },
      favicon: '/favicon.svg',
      defaultLocale: 'ja',
      locales: { ja: { label: '日本語', lang: 'ja' }, en: { label: 'English', lang: 'en' } },
      customCss: ['./src/styles/zukan.css'],
      credits: false,
      lastUpdated: false,
      expressiveCode: {
        themes: ['github-dark-dimmed', 'github-light'],
        styleOverrides: { borderRadius: '0.4rem', codeFontFamily: 'var(--__sl-font-mono)' },
        plugins: [consolePlugin()],
      },
      sidebar: [
        {
          label: 'Start',
          translations: { ja: 'はじめに' },
          items: ['vms-and-containers', 'first-container', 'process'],
        },
      ],
    }),
  ],
})
