/** The emulator's sources as split.ts takes them. */
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'rolldown/utils'
import type { Node } from './scopes.ts'
import type { Source } from './units.ts'

const root = fileURLToPath(new URL('../../../src/', import.meta.url))

/** A module's ESTree; its text has no types. */
export const programOf = (path: string, text: string): Node =>
  parseSync(path.replace(/\.ts$/, '.js'), text).program as unknown as Node

/** What the profile never saw running, by file. */
export const profile = (): ReadonlyMap<string, ReadonlySet<string>> => {
  const script = fileURLToPath(new URL('profile.ts', import.meta.url))
  const text = execFileSync(process.execPath, [script], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  return new Map(Object.entries(JSON.parse(text) as Record<string, string[]>).map(([path, f]) => [path, new Set(f)]))
}

/** Every module of the emulator; `first`: what is needed at first, of which functions may move; `instead`: texts of modules that aren't the files'. */
export function emulatorSources(
  first: ReadonlySet<string>,
  instead: ReadonlyMap<string, string> = new Map(),
): readonly Source[] {
  const idle = profile()
  const files = globSync('**/*.{ts,astro}', { cwd: root }).filter((f) => !/\.(test|d)\.ts$/.test(f))
  const mine = files.filter((f) => f.startsWith('emulator/'))
  const known = knownFrom(files)
  return mine.map((file) => {
    const path = root + file
    const other = instead.get(path)
    const typed = other ?? readFileSync(path, 'utf8')
    const text = stripTypeScriptTypes(typed)
    const program = programOf(path, text)
    const never = first.has(path) && other === undefined ? idle.get(path) : undefined
    return { path, typed, text, program, idle: never, known: known.has(path) }
  })
}
/** Modules of the emulator that others, or an import(), name. */
function knownFrom(files: readonly string[]): ReadonlySet<string> {
  const known = new Set<string>()
  for (const file of files) {
    const text = readFileSync(root + file, 'utf8')
    const mine = file.startsWith('emulator/')
    for (const [, dynamic, from] of text.matchAll(/(\bimport\(|\bfrom |\bimport )'(\.[^']*)'/g))
      if (!mine || dynamic === 'import(') known.add(fileURLToPath(new URL(from as string, `file://${root}${file}`)))
  }
  return known
}
