import { expect, test } from 'vitest'
import { usualModules, usualSheets } from './together.ts'

const page = (...lines: readonly string[]): string => `<html><head>${lines.join('')}</head><body></body></html>`
const script = (name: string): string => `<script type="module" src="/_astro/${name}"></script>`
const sheet = (name: string, media?: string): string =>
  `<link rel="stylesheet" href="/_astro/${name}"${media ? ` media="${media}"` : ''}>`

test('modules of a third of the pages come together, what they need before them', () => {
  const needs = (name: string): readonly string[] => (name === 'b.js' ? ['deep.js'] : [])
  const pages = [
    page(script('a.js'), script('b.js')),
    page(script('a.js')),
    page(script('a.js'), script('c.js')),
    page(),
  ]
  expect(usualModules(pages, '_astro', needs)).toEqual(['a.js'])
  expect(usualModules(pages.slice(0, 3), '_astro', needs)).toEqual(['a.js', 'deep.js', 'b.js', 'c.js'])
})

test('sheets of nearly all pages come together, in their order and with their media; those of the body do not', () => {
  const usual = [sheet('print.css', 'print'), sheet('base.css')]
  const pages = Array.from({ length: 20 }, (_, i) =>
    i === 0
      ? page()
      : page(...usual, ...(i < 5 ? [sheet('lab.css')] : [])).replace('<body>', `<body>${sheet('code.css')}`),
  )
  expect(usualSheets(pages)).toEqual([{ path: '/_astro/print.css', media: 'print' }, { path: '/_astro/base.css' }])
})
