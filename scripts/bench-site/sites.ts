/** Builds ours and a default Starlight from the same documents, in folders of their own, and measures how long that takes. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, plainMarkdown } from './documents.ts'

export interface Built {
  readonly dist: string
  /** Seconds from start to end, and of the processor where the system tells. */
  readonly wall: number
  readonly cpu: number | undefined
  /** HTML pages that were written. */
  readonly pages: number
}

/** Runs Astro's build in a folder that is set up, once more if it was built. Throws with what it said where it fails. */
export function build(root: string, folder: string): Built {
  rmSync(join(folder, 'dist'), { recursive: true, force: true })
  const astro = join(root, 'node_modules/astro/bin/astro.mjs')
  const began = performance.now()
  // bash's time counts the children's processor time, too.
  const bash = process.platform !== 'win32'
  const r = bash
    ? spawnSync('bash', ['-c', 'TIMEFORMAT="cpu %U %S"; time "$0" "$1" build', process.execPath, astro], {
        cwd: folder,
        encoding: 'utf8',
      })
    : spawnSync(process.execPath, [astro, 'build'], { cwd: folder, encoding: 'utf8' })
  const wall = (performance.now() - began) / 1000
  if (r.status !== 0)
    throw new Error(`the build in ${folder} failed:\n${r.stdout.slice(-2000)}\n${r.stderr.slice(-2000)}`)
  const [, user, system] = /cpu ([\d.]+) ([\d.]+)/.exec(r.stderr) ?? []
  const dist = join(folder, 'dist')
  const pages = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.html')).length
  return { dist, wall, cpu: user === undefined ? undefined : Number(user) + Number(system), pages }
}
function writeDocuments(
  folder: string,
  documents: readonly Document[],
  end: string,
  text: (mdx: string) => string,
): void {
  for (const language of ['ja', 'en'] as const) {
    const place = join(folder, 'src/content/docs', language)
    rmSync(place, { recursive: true, force: true })
    mkdirSync(place, { recursive: true })
    for (const d of documents) writeFileSync(join(place, `${d.name}.${end}`), text(d.text[language]))
  }
}
const names = (documents: readonly Document[]): string => JSON.stringify(documents.map((d) => d.name))

/** A folder for our site with these documents instead of its own. */
export function setUpOurs(root: string, folder: string, documents: readonly Document[]): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const part of ['src', 'public', 'scripts', 'package.json', 'LICENSE', 'tsconfig.json', 'astro.config.mjs'])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  // Steps after Astro's look for licences here.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  writeDocuments(folder, documents, 'mdx', (mdx) => mdx)
  // Labs belong to chapters that may not be among the documents; links of the real site aren't kept here.
  for (const lab of readdirSync(join(folder, 'src/content/labs'))) rmSync(join(folder, 'src/content/labs', lab))
  writeFileSync(join(folder, 'src/content/links.yaml'), '[]\n')
  writeFileSync(join(folder, 'src/content/redirects.yaml'), '[]\n')
  const config = readFileSync(join(folder, 'astro.config.mjs'), 'utf8')
  // A choice of documents has links that lead nowhere, and sources that nobody cites: that is said, as it takes its time.
  const ours = config
    .replace('siteSteps()', 'siteSteps({ strict: false })')
    .replace(/sidebar: \[\n.*?\n {6}\],/s, `sidebar: [{ label: 'All', items: ${names(documents)} }],`)
  for (const set of ['strict: false', "label: 'All'"])
    if (!ours.includes(set)) throw new Error(`astro.config.mjs: no place was found for ${set}`)
  writeFileSync(join(folder, 'astro.config.mjs'), ours)
}
/** A folder for a Starlight with its defaults, two languages, and the documents as plain Markdown. */
export function setUpDefault(root: string, folder: string, documents: readonly Document[]): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'src'), { recursive: true })
  writeFileSync(
    join(folder, 'package.json'),
    '{ "type": "module", "private": true, "dependencies": { "astro": "*", "@astrojs/starlight": "*" } }\n',
  )
  cpSync(join(root, 'src/content.config.ts'), join(folder, 'src/content.config.ts'))
  writeFileSync(
    join(folder, 'astro.config.mjs'),
    `import starlight from '@astrojs/starlight'
import { defineConfig } from 'astro/config'
export default defineConfig({ integrations: [starlight({ title: 'Default', defaultLocale: 'ja',
  locales: { ja: { label: '日本語', lang: 'ja' }, en: { label: 'English', lang: 'en' } },
  sidebar: [{ label: 'All', items: ${names(documents)} }] })] })
`,
  )
  writeDocuments(folder, documents, 'md', plainMarkdown)
}
