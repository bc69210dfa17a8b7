/** Other people's software that a build ships to the reader: which packages, and their licences. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { accepted, shipping } from './licenses.ts'

/**
 * Packages whose text reaches the reader other than as a module of the browser's build: Starlight's styles and markup, Expressive Code's
 * script and styles for code blocks, Pagefind's program and WebAssembly.
 */
const others = ['@astrojs/starlight', '@expressive-code/core', 'astro-expressive-code', 'pagefind'] as const
const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url))

export interface Software {
  readonly name: string
  readonly version: string
  /** An SPDX expression. */
  readonly license: string
  /** The package's own licence file. */
  readonly text: string
}
/** The package that a module belongs to: the last one where packages nest. */
export function packageOf(id: string): string | undefined {
  const below = id.replaceAll('\\', '/').split('/node_modules/').at(-1)
  return id.includes('node_modules') ? /^(@[^/]+\/[^/]+|[^@/][^/]*)/.exec(below ?? '')?.[1] : undefined
}

/** A Vite plugin that notes the packages of the browser's build in `found`. */
export const noteSoftware = (found: Set<string>): Plugin => ({
  name: 'zukan-software',
  generateBundle(_, bundle) {
    if (this.environment?.name !== 'client') return
    for (const file of Object.values(bundle))
      if (file.type === 'chunk')
        for (const id of Object.keys(file.modules)) {
          const name = packageOf(id)
          // Modules that a tool makes up (\0...) aren't in any folder.
          if (name !== undefined && !id.startsWith('\0')) found.add(name)
        }
  },
})

/** What is known of packages by their names. Throws where a package has no licence file: then its terms can't be passed on. */
export function softwareOf(names: Iterable<string>): readonly Software[] {
  return [...new Set([...names, ...others])].sort().map((name) => {
    const folder = join(modules, name)
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
      string,
      string
    >
    // A file, or a folder of such files.
    const found = readdirSync(folder).find((f) => /^(licen[cs]e|copying)(\.[a-z]+)?$/i.test(f))
    const place = join(folder, found ?? '')
    const files =
      found === undefined ? [] : statSync(place).isFile() ? [place] : readdirSync(place).map((f) => join(place, f))
    const text = files.map((file) => readFileSync(file, 'utf8').trim()).join('\n\n')
    if (!license || !text) throw new Error(`${name}: no licence is found in the package`)
    if (!accepted(license, shipping))
      throw new Error(`${name}: ships under ${license}, which isn't accepted (licenses.ts)`)
    return { name, version: version as string, license, text }
  })
}
/** licenses.txt, for people. */
export function licensesText(software: readonly Software[], own: string): string {
  const rule = '='.repeat(100)
  const parts = software.map(
    ({ name, version, license, text }) => `${rule}\n${name} ${version} (${license})\n${rule}\n${text}\n`,
  )
  return `Container Zukan\n\n${own.trim()}\n\nIt contains parts of the following software.\n\n${parts.join('\n')}`
}
/** software.json, for programs. */
export const softwareJson = (software: readonly Software[]): string =>
  `${JSON.stringify(
    software.map(({ name, version, license }) => ({ name, version, license })),
    null,
    1,
  )}\n`
