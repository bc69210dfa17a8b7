/** The modules that the emulator's first prompt needs: together in one file they compress best, and are one request. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { init, parse } from 'es-module-lexer'
import { transformSync } from 'esbuild'

await init
const source = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url))
const fromDisk = (path: string): string => readFileSync(path, 'utf8')

/** Files that the given ones import, directly or by others, themselves included; what import() names comes later and isn't among them. */
export function staticClosure(
  entries: readonly string[],
  read: (path: string) => string = fromDisk,
): ReadonlySet<string> {
  const seen = new Set<string>()
  const visit = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    // Types are gone before imports are counted.
    const { code } = transformSync(read(path), { loader: 'ts' })
    for (const { n: specifier, d: dynamic } of parse(code)[0])
      if (dynamic < 0 && specifier && /^[./]/.test(specifier))
        visit(join(specifier.startsWith('.') ? dirname(path) : '', specifier))
  }
  for (const entry of entries) visit(entry)
  return seen
}
/** `read` gives a module's text where it isn't the file's. */
export function coreModules(read?: (path: string) => string): ReadonlySet<string> {
  const core = staticClosure([source('emulator/index.ts'), source('emulator/hosts/linux-server-host.ts')], read)
  // What a picture needs to stand there must not draw the emulator into a page that is only read.
  const picture = staticClosure([source('components/diagram.ts')])
  return new Set([...core].filter((path) => !picture.has(path)))
}
