/**
 * What commands printed in earlier builds. A world is deterministic: the same commands on the same host print the same for as long as the
 * emulator's sources are the same, so that a build boots machines only for pages whose commands changed.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CommandRunner } from './blocks.ts'

type Result = ReturnType<CommandRunner['run']>
const hash = (...parts: readonly (string | Uint8Array)[]): string => {
  const sha = createHash('sha256')
  for (const part of parts) sha.update(part).update('\0')
  return sha.digest('base64url')
}

/** A text that changes whenever the emulator may behave differently: its sources below `root`, and the versions of what it is built on. */
export function emulatorVersion(root: string): string {
  const folder = join(root, 'src/emulator')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((f) => f.endsWith('.ts') && !f.endsWith('.test.ts'))
    .sort()
  return hash(readFileSync(join(root, 'package.json')), ...files.flatMap((f) => [f, readFileSync(join(folder, f))]))
}

/** Results by what led to them; of another version's there are none. Kept in a file where one is given, when the process ends. */
export class RunMemory {
  readonly #results: Map<string, Result>
  readonly version: string
  constructor(version: string, file?: string) {
    this.version = version
    this.#results = new Map(file === undefined ? [] : read(file, version))
    if (file !== undefined) {
      const before = this.#results.size
      process.once('exit', () => {
        if (this.#results.size === before) return
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, JSON.stringify({ version, results: [...this.#results] }))
      })
    }
  }
  get(key: string): Result | undefined {
    return this.#results.get(key)
  }
  set(key: string, result: Result): void {
    this.#results.set(key, result)
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
