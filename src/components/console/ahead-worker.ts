/** A thread of ahead.ts. */
import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { type HostName, openSession } from '../../emulator/complete.ts'
import type { Done, Task } from './ahead.ts'
import { blockHost, hostOf, promptOf, runBlock } from './blocks.ts'
import { RememberedRunner, RunMemory } from './remembered.ts'

const { memory: kept, version, files } = workerData as Task
const memory = new RunMemory(version, kept, false)

/** Runs a document's blocks as the build will; fences within fences, of which the build makes something else, are no harm. */
function run(file: string): void {
  const source = readFileSync(file, 'utf8')
  const runners = new Map<string, RememberedRunner>()
  for (const [, meta = '', code = ''] of source.matchAll(/^```console([^\n]*)\n(.*?)^```/gms)) {
    const host = blockHost(meta) ?? hostOf(source)
    const runner =
      runners.get(host) ?? new RememberedRunner(memory, host, () => openSession({ host: host as HostName }))
    runners.set(host, runner)
    runBlock(runner, code, /\bfails\b/.test(meta), promptOf(host))
  }
}
for (const file of files) {
  try {
    run(file)
  } catch {
    // The build meets the same, and says it.
  }
  parentPort?.postMessage({ file, results: memory.taken() } satisfies Done)
}
