/**
 * The divided modules of the build, in Node, under the hardest conditions: what was put aside is gone again after every step of every
 * process, as pages are when memory is short. So every call of every function that was put aside waits, or throws and its system call
 * begins again, wherever it happens.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { divide, pluginOf, RUNTIME, runtimeText } from '../../scripts/site/later/plugin.ts'
import type * as Emulator from '../../src/emulator/index.ts'
import type { Work } from '../../src/emulator/index.ts'
import type { sessionView as SessionView } from '../../src/emulator/view.ts'
import { type Driven, type DrivenCase, driving } from './driving.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const ENTRY = '\0entry'
const entry = `export { loadHost, loadPart, openingSession } from ${JSON.stringify(`${root}src/emulator/index.ts`)}
export { sessionView } from ${JSON.stringify(`${root}src/emulator/view.ts`)}
export { Scheduler } from ${JSON.stringify(`${root}src/emulator/kernel/linux/scheduler.ts`)}
export { forget, remember } from ${JSON.stringify(RUNTIME)}
`
/** The runtime, which can forget. */
const runtime = `${runtimeText}
let aside
export const forget = () => { aside ??= table; table = undefined }
export const remember = () => { table = aside ?? table }
`
interface Divided extends Pick<typeof Emulator, 'loadHost' | 'loadPart' | 'openingSession'> {
  readonly sessionView: typeof SessionView
  readonly Scheduler: { readonly prototype: { step: () => boolean } }
  readonly forget: () => void
  readonly remember: () => void
}

/** Answers what runs cases, and what says how often a step waited for what was put aside. */
export async function divided(): Promise<{
  /** Runs a case; `view` is the machine as diagrams see it after that: they look when no process runs, where nothing can wait. */
  readonly drive: (c: DrivenCase) => Promise<Driven & { readonly view: string }>
  readonly waits: () => number
  /** Removes the bundle's files. */
  readonly close: () => void
}> {
  const division = divide()
  const plugin = pluginOf(division)
  const texts = (id: string): string | undefined =>
    id === ENTRY ? entry : id === RUNTIME ? runtime : division.texts.get(id)
  const bundle = await rolldown({
    input: ENTRY,
    platform: 'node',
    plugins: [
      {
        name: 'divided',
        resolveId: (id) => (id === ENTRY ? id : plugin.resolveId(id)),
        load: (id) => {
          const code = texts(id)
          return code === undefined ? undefined : { code, moduleType: 'js' }
        },
      },
    ],
  })
  const folder = mkdtempSync(join(root, 'node_modules/.divided-'))
  await bundle.write({ dir: folder, format: 'es', entryFileNames: 'entry.mjs', chunkFileNames: '[name]-[hash].mjs' })
  const emulator = (await import(pathToFileURL(join(folder, 'entry.mjs')).href)) as Divided
  const { Scheduler, sessionView, forget, remember, loadHost, loadPart, openingSession } = emulator
  const { step } = Scheduler.prototype
  Scheduler.prototype.step = function () {
    forget()
    return step.call(this)
  }
  let waits = 0
  async function done<T>(work: Work<T>): Promise<T> {
    for (;;) {
      const next = work.next()
      if (next.done) return next.value
      for (const name of next.value.wanted) {
        const part = await loadPart(name)
        if (name === 'later') {
          waits++
          remember()
        }
        next.value.world.provide(name, part)
      }
    }
  }
  return {
    waits: () => waits,
    close: () => rmSync(folder, { recursive: true, force: true }),
    drive: async (c) => {
      const host = await loadHost(c.host ?? 'linux-server')
      if (!host) throw new Error(`no such host: ${c.host}`)
      const session = await done(openingSession({ host }))
      const driven = await done(driving(session, c))
      forget()
      return { ...driven, view: JSON.stringify(sessionView(session)) }
    },
  }
}
