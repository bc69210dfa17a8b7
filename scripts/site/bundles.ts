/** Packs of files that a browser keeps in one request (src/components/offline/paths.ts says which), and scripts that stand alone. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { bundleOf, bundlePath, bundles } from '../../src/components/offline/paths.ts'

/** Writes offline/*.json: the files' texts, or their bytes in base64 where they aren't text. `paths` are the site's files. */
export function writeBundles(dist: string, paths: readonly string[]): void {
  mkdirSync(join(dist, 'offline'), { recursive: true })
  for (const bundle of bundles) {
    const text: Record<string, string> = {}
    const base64: Record<string, string> = {}
    for (const path of paths.filter((p) => bundleOf(p) === bundle)) {
      const bytes = readFileSync(join(dist, path))
      const string = bytes.toString('utf8')
      if (Buffer.from(string).equals(bytes)) text[path] = string
      else base64[path] = bytes.toString('base64')
    }
    writeFileSync(join(dist, bundlePath(bundle)), JSON.stringify({ text, base64 }))
  }
}

/** A script of src/ with all that it imports, as one classic script that waits for nothing else. */
export async function standalone(source: string, define: Readonly<Record<string, string>> = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../../src/${source}`, import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    define: Object.fromEntries(Object.entries(define).map(([name, value]) => [name, JSON.stringify(value)])),
  })
  return outputFiles[0]?.text ?? ''
}
