/**
 * What the first minute of a reader never runs: boots the server, opens a terminal, runs a first container, and writes the functions that
 * weren't called to standard output, as JSON: for each source file, `start-end` of each in UTF-16 units. Node runs the sources as they
 * are, so that V8's offsets are the sources' own.
 */
import { Session as Inspector } from 'node:inspector/promises'
import type { Work } from '../../../src/emulator/index.ts'

const FIRST = 'docker run --rm alpine echo here\n'
/** Virtual nanoseconds that the reader looks at what came: services do their rounds meanwhile. */
const PAUSE = 60_000_000_000

const inspector = new Inspector()
inspector.connect()
await inspector.post('Profiler.enable')
await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })

const emulator = await import('../../../src/emulator/index.ts')
async function done<T>(work: Work<T>): Promise<T> {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    for (const name of step.value.wanted) step.value.world.provide(name, await emulator.loadPart(name))
  }
}
const host = await emulator.loadHost('linux-server')
if (!host) throw new Error('linux-server is gone')
const session = await done(emulator.openingSession({ host }))
const { world } = session
const tty = session.openTerminal()
async function settle(): Promise<void> {
  const end = world.clock.now + PAUSE
  for (;;) {
    const state = world.run(500)
    if (state.kind === 'load') for (const name of state.programs) world.provide(name, await emulator.loadPart(name))
    if (state.kind !== 'idle') continue
    if (world.nextTimer === undefined || world.nextTimer > end) return
    world.advanceTo(world.nextTimer)
  }
}
await settle()
tty.type(new TextEncoder().encode(FIRST))
await settle()
const shown = new TextDecoder().decode(tty.takeOutput())
if (!shown.includes('\nhere\r')) throw new Error(`the first container didn't say what it was told to: ${shown}`)

// A page's buttons run lines without the terminal.
const { output } = await done(session.running(FIRST))
if (output !== 'here\n') throw new Error(`lines didn't run as they do in the terminal: ${output}`)

const { result } = await inspector.post('Profiler.takePreciseCoverage')
const idle: Record<string, string[]> = {}
for (const { url, functions } of result) {
  if (!url.includes('/src/emulator/')) continue
  const never = functions.flatMap((f) => f.ranges).filter((r) => r.count === 0)
  idle[new URL(url).pathname] = never.map((r) => `${r.startOffset}-${r.endOffset}`)
}
process.stdout.write(JSON.stringify(idle))
