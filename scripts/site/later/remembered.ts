/** The division of an earlier build, or a new one that is made while the build reads the documents. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { versionOf } from '../../../src/components/version.ts'
import type { Division } from './plugin.ts'

const FILE = '.astro/division.json'
/** A text that changes with whatever the division is made from: the emulator, what pictures need of it, and what divides it. */
const divisionVersion = (root: string): string =>
  versionOf(root, ['package.json', 'src', 'scripts/site'], ['src/content', 'src/pages', 'src/styles', 'src/assets'])

/** The division of the emulator below `root`. It rejects with what went wrong. */
export async function division(root: string): Promise<Division> {
  const version = divisionVersion(root)
  const file = join(root, FILE)
  const known = read(file, version)
  if (known) return known
  const made = await new Promise<Division>((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url))
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  mkdirSync(dirname(file), { recursive: true })
  const { texts, core, aside } = made
  writeFileSync(file, JSON.stringify({ version, texts: [...texts], core: [...core], aside: [...aside] }))
  return made
}
interface Kept {
  readonly version: string
  readonly texts: readonly (readonly [string, string])[]
  readonly core: readonly string[]
  readonly aside: readonly string[]
}
function read(file: string, version: string): Division | undefined {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept
    if (kept.version !== version) return undefined
    return { texts: new Map(kept.texts), core: new Set(kept.core), aside: new Set(kept.aside) }
  } catch {
    return undefined
  }
}
