/** The build's plugin: modules of the emulator as split.ts leaves them, and the part `later` with what it put aside. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { coreModules } from '../core.ts'
import { constants } from './constants.ts'
import { emulatorSources } from './sources.ts'
import { split } from './split.ts'
import { waitingSources } from './waiting.ts'

const MARK = '\0later:'
export const RUNTIME = `${MARK}runtime`
const TABLE = `${MARK}table`
const restart = fileURLToPath(new URL('../../../src/emulator/kernel/linux/restart.ts', import.meta.url))
const part = fileURLToPath(new URL('../../../src/emulator/hosts/later.ts', import.meta.url))

/** What stubs go through. Where the code can't be had, the program ends as by a page of its that can't be read. */
export const runtimeText = `import { Missing } from ${JSON.stringify(restart)}
let table
export const keep = (t) => { table = t }
export function* later() {
  if (!table) yield { kind: 'load', program: 'later' }
  if (!table) throw new Error('the code put aside could not be loaded')
  return table
}
export function* run(key, args, self) {
  return yield* (yield* later())[key].apply(self, args)
}
export function call(key, args, self) {
  if (!table) throw new Missing('later')
  return table[key].apply(self, args)
}
`
const laterPart = `import { keep } from ${JSON.stringify(RUNTIME)}
import * as table from ${JSON.stringify(TABLE)}
keep(table)
export function* laterCode() { return 0 }
`

/** How the emulator is divided. */
export interface Division {
  /** Texts of modules by their ids: of those that changed, and of those that are new. */
  readonly texts: ReadonlyMap<string, string>
  /** Modules that the first prompt needs. */
  readonly core: ReadonlySet<string>
  /** Modules that were among those before it was divided. */
  readonly aside: ReadonlySet<string>
}
export function divide(): Division {
  const known = constants()
  const first = coreModules((path) => known.get(path) ?? readFileSync(path, 'utf8'))
  const result = split(waitingSources(emulatorSources(first, known)), {
    later: (path) => MARK + path,
    runtime: RUNTIME,
  })
  const texts = new Map<string, string>([
    ...known,
    ...result.hot,
    [part, laterPart],
    [RUNTIME, runtimeText],
    [TABLE, result.table],
  ])
  for (const [path, text] of result.later) texts.set(MARK + path, text)
  const core = coreModules((path) => texts.get(path) ?? readFileSync(path, 'utf8'))
  return { texts, core, aside: new Set([...first].filter((path) => !core.has(path))) }
}

/** Which modules belong to the first prompt, and which to the part `later`. */
export const groupsOf = ({ core, aside }: Division) => ({
  core: (id: string): boolean => core.has(id) || id === RUNTIME,
  aside: (id: string): boolean => aside.has(id) || (id.startsWith(MARK) && id !== RUNTIME) || id === part,
})
/** The plugin for a division that may still be in the making. */
export const pluginOf = (division: Division | Promise<Division>) => ({
  name: 'zukan-later',
  enforce: 'pre' as const,
  applyToEnvironment: (environment: { readonly name: string }): boolean => environment.name === 'client',
  resolveId: (id: string) => (id.startsWith(MARK) ? id : undefined),
  load: async (id: string) => (await division).texts.get(id),
})
