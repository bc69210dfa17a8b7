/**
 * What commands printed in earlier builds. A world is deterministic: the same commands on the same host print the same for as long as the
 * emulator's sources are the same, so that a build boots machines only for pages whose commands changed.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { hash, versionOf } from '../version.ts'
import type { CommandRunner } from './blocks.ts'

type Result = ReturnType<CommandRunner['run']>

/** A text that changes whenever the emulator may behave differently: its sources below `root`, and the versions of what it is built on. */
export const emulatorVersion = (root: string): string => versionOf(root, ['package.json', 'src/emulator'])

/** Results by what led to them; of another version's there are none. Read from a file where one is given, and kept there when the process ends. */
export class RunMemory {
  readonly #results: Map<string, Result>
  #fresh: [string, Result][] = []
  readonly version: string
  constructor(version: string, file?: string, keep = true) {
    this.version = version
    this.#results = new Map(file === undefined ? [] : read(file, version))
    const before = this.#results.size
    if (file === undefined || !keep) return
    process.once('exit', () => {
      if (this.#results.size === before) return
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, JSON.stringify({ version, results: [...this.#results] }))
    })
  }
  get size(): number {
    return this.#results.size
  }
  get(key: string): Result | undefined {
    return this.#results.get(key)
  }
  set(key: string, result: Result): void {
    this.#results.set(key, result)
    this.#fresh.push([key, result])
  }
  /** What is new since it was last asked. */
  taken(): readonly (readonly [string, Result])[] {
    const fresh = this.#fresh
    this.#fresh = []
    return fresh
  }
}
function read(file: string, version: string): readonly [string, Result][] {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { version: string; results: readonly [string, Result][] }
    return kept.version === version ? [...kept.results] : []
  } catch {
    // No file, or one that can't be read: everything runs once more.
    return []
  }
}

/** A host's shell that is opened when a line comes whose result isn't remembered; it then runs what came before, too. */
export class RememberedRunner implements CommandRunner {
  readonly #memory: RunMemory
  readonly #open: () => CommandRunner
  readonly #before: string[] = []
  #runner: CommandRunner | undefined
  #key: string
  constructor(memory: RunMemory, host: string, open: () => CommandRunner) {
    this.#memory = memory
    this.#open = open
    this.#key = hash(memory.version, host)
  }
  /** Whether these lines' results are remembered, so that nothing has to be opened for them. */
  knows(lines: readonly string[]): boolean {
    if (this.#runner) return false
    let key = this.#key
    return lines.every((line) => {
      key = hash(key, line)
      return this.#memory.get(key) !== undefined
    })
  }
  run(line: string): Result {
    this.#key = hash(this.#key, line)
    const known = this.#memory.get(this.#key)
    if (known && !this.#runner) {
      this.#before.push(line)
      return known
    }
    if (!this.#runner) {
      this.#runner = this.#open()
      for (const earlier of this.#before) this.#runner.run(earlier)
    }
    const { status, output } = this.#runner.run(line)
    const result = { status, output }
    this.#memory.set(this.#key, result)
    return result
  }
}
