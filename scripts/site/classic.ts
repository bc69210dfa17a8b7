/** All modules of a build as classic scripts: at once, or beside the build as soon as the bundler has written them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Plugin } from 'vite'
import { hash, versionOf } from '../../src/components/version.ts'
import { type ClassicModule, classicModule, namedModules, namesRead } from './module.ts'

/** The folder of built scripts and styles. */
export const ASSETS = '_astro'
/** Modules' texts by their names, which are paths below that folder. */
export type Sources = ReadonlyMap<string, string>
export type ClassicModules = ReadonlyMap<string, ClassicModule>

/** Modules by name as classic ones, what one needs before it. */
export function classicModules(sources: Sources): ClassicModules {
  const named = new Map([...sources].map(([name, source]) => [name, namedModules(source, name)]))
  /** Names of exports that were asked for before the module was written, or that an import() reads. */
  const kept = new Map([...sources.keys()].map((name) => [name, new Set<string>()]))
  for (const [name, { later }] of named)
    for (const to of later) for (const read of namesRead(sources.get(name) as string)) kept.get(to)?.add(read)
  const modules = new Map<string, ClassicModule>()
  const begun = new Set<string>()
  const visit = (name: string): void => {
    const source = sources.get(name)
    if (source === undefined || begun.has(name)) return
    begun.add(name)
    for (const need of named.get(name)?.needs ?? []) visit(need)
    const called = (module: string, key: string): string => {
      const known = modules.get(module)
      if (!known) kept.get(module)?.add(key)
      return known?.exports.get(key) ?? key
    }
    modules.set(name, classicModule(source, name, { called, kept: kept.get(name) ?? new Set() }))
  }
  for (const name of sources.keys()) visit(name)
  return modules
}

/** Modules as the last build that had the same ones made them, or a further thread does. */
async function rememberedModules(root: string, sources: Sources): Promise<ClassicModules> {
  const version = versionOf(root, ['package.json', 'scripts/site']) + hash(...[...sources].flat())
  const file = join(root, '.astro/modules.json')
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as {
      version: string
      modules: (readonly [string, Omit<ClassicModule, 'exports'> & { exports: [string, string][] }])[]
    }
    if (kept.version === version)
      return new Map(kept.modules.map(([name, m]) => [name, { ...m, exports: new Map(m.exports) }]))
  } catch {
    // None are kept.
  }
  const modules = await new Promise<ClassicModules>((resolve, reject) => {
    const worker = new Worker(new URL('./classic-worker.ts', import.meta.url), { workerData: sources })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  const entries = [...modules].map(([name, m]) => [name, { ...m, exports: [...m.exports] }])
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify({ version, modules: entries }))
  return modules
}

/** A Vite plugin that begins as soon as the browser's modules are written, while pages are still to come; and what answers them then. */
export function classicAhead(root: string): {
  readonly plugin: Plugin
  readonly classic: (sources: Sources) => Promise<ClassicModules>
} {
  let begun: { readonly sources: Sources; readonly modules: Promise<ClassicModules> } | undefined
  return {
    plugin: {
      name: 'zukan-classic',
      writeBundle(_, bundle) {
        if (this.environment?.name !== 'client') return
        const scripts = Object.values(bundle).flatMap((file) =>
          file.type === 'chunk' && file.fileName.startsWith(`${ASSETS}/`)
            ? [[posix.relative(ASSETS, file.fileName), file.code] as const]
            : [],
        )
        const sources = new Map(scripts.sort(([a], [b]) => (a < b ? -1 : 1)))
        begun = { sources, modules: rememberedModules(root, sources) }
        // Whoever asks for them is told.
        begun.modules.catch(() => {})
      },
    },
    classic: (sources) => {
      const same = begun?.sources.size === sources.size && [...sources].every(([k, v]) => begun?.sources.get(k) === v)
      return begun && same ? begun.modules : rememberedModules(root, sources)
    },
  }
}
