/**
 * Runs the console blocks of documents on further threads while the build's own compiles Markdown. It is only ahead of the build: what it
 * didn't run, or where it stumbled, the build runs itself and says what is wrong.
 */
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { RunMemory } from './remembered.ts'

/** What a thread is given: the file that keeps results, their version, and documents in their order. */
export interface Task {
  readonly memory: string
  readonly version: string
  readonly files: readonly string[]
}
/** What a thread says after each document: results by what led to them. */
export interface Done {
  readonly file: string
  readonly results: readonly (readonly [string, ReturnType<RunMemory['get']> & object])[]
}

/** Documents by thread: the languages of a chapter run much the same, and one knows what the other ran. */
function shares(docs: string, count: number): readonly (readonly string[])[] {
  const names = readdirSync(join(docs, 'en')).filter((f) => f.endsWith('.mdx'))
  const out: string[][] = Array.from({ length: count }, () => [])
  for (const [i, name] of names.entries())
    for (const language of ['en', 'ja']) out[i % count]?.push(join(docs, language, name))
  return out
}

export class Ahead {
  readonly #memory: RunMemory
  readonly #kept: string
  readonly #docs: string
  #waiting: Map<string, { readonly done: Promise<void>; readonly resolve: () => void }> | undefined
  /** `kept` is the memory's file, `docs` the folder with the languages' folders. */
  constructor(memory: RunMemory, kept: string, docs: string) {
    this.#memory = memory
    this.#kept = kept
    this.#docs = docs
  }
  start(): void {
    const waiting = new Map<string, { readonly done: Promise<void>; readonly resolve: () => void }>()
    this.#waiting = waiting
    for (const files of shares(this.#docs, Math.max(1, Math.min(4, availableParallelism() - 1)))) {
      for (const file of files) {
        const { promise, resolve } = Promise.withResolvers<void>()
        waiting.set(file, { done: promise, resolve })
      }
      const workerData: Task = { memory: this.#kept, version: this.#memory.version, files }
      const worker = new Worker(new URL('./ahead-worker.ts', import.meta.url), { workerData })
      worker.on('message', ({ file, results }: Done) => {
        for (const [key, result] of results) this.#memory.set(key, result)
        waiting.get(file)?.resolve()
      })
      const release = (): void => {
        for (const file of files) waiting.get(file)?.resolve()
      }
      worker.once('error', release)
      worker.once('exit', release)
      // A build that ended for another reason doesn't wait for it.
      worker.unref()
    }
  }
  /** Resolves when a document's blocks have been run, or won't be. */
  async of(file: string): Promise<void> {
    if (!this.#waiting) this.start()
    await this.#waiting?.get(file)?.done
  }
}
