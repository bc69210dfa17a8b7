/** One world a host and page: terminals and diagrams of a page look at the same one. The emulator's code comes when it is first asked for. */
import type { Session, Work } from '../emulator/index.ts'

export interface Shared {
  readonly session: Session
  /** Calls back when something in the world has changed. */
  onChange(listener: () => void): void
  /** Work was put into the world: run it, in slices that leave the page responsive. */
  kick(): void
  /** Calls back when code that the world stands still for could not be fetched; it is tried again until it comes. */
  onMissing(listener: () => void): void
  /** A terminal waits for the reader's keys: then time goes with the reader's clock. */
  awaited: () => boolean
}
/** Milliseconds that one slice may take: a frame is 16. */
const SLICE = 8
/** Milliseconds after which code that could not be fetched is asked for again. */
const AGAIN = 3000
const shared = new Map<string, Promise<Shared>>()
/** Those who want to know of a host's world without being the ones who open it. */
const waiting = new Map<string, ((shared: Shared) => void)[]>()

/** Calls back when somebody on the page has opened the host's world; the emulator isn't loaded for this alone. */
export function whenOpened(host: string, then: (shared: Shared) => void): void {
  const known = shared.get(host)
  if (known) void known.then(then)
  else waiting.set(host, [...(waiting.get(host) ?? []), then])
}

type Emulator = typeof import('../emulator/index.ts')

export function openShared(host: string): Promise<Shared> {
  const known = shared.get(host)
  if (known) return known
  const made = open(host).then(({ session, emulator }) => drive(session, emulator.loadPart))
  shared.set(host, made)
  // A failure may be the network's: the next one who asks tries again.
  made.catch(() => shared.delete(host))
  for (const then of waiting.get(host) ?? []) void made.then(then, () => {})
  waiting.delete(host)
  return made
}

/** A world of its own for a picture: on a host, after some lines were run. `opened` is called with it before they are. */
export async function openExample<T>(
  host: string,
  lines: string,
  opened: (session: Session) => T | Promise<T>,
): Promise<T> {
  const { session, emulator } = await open(host)
  const result = await opened(session)
  if (lines !== '') await work(session.running(lines), emulator.loadPart)
  await work(session.settling(), emulator.loadPart)
  return result
}

async function open(host: string): Promise<{ readonly session: Session; readonly emulator: Emulator }> {
  const emulator = await import('../emulator/index.ts')
  const recipe = await emulator.loadHost(host)
  if (!recipe) throw new Error(`no such host: ${host}`)
  return { session: await work(emulator.openingSession({ host: recipe }), emulator.loadPart), emulator }
}
/** Does a work in slices that leave the page responsive, fetching the code that it waits for. */
async function work<T>(pieces: Work<T>, loadPart: Emulator['loadPart']): Promise<T> {
  let end = performance.now() + SLICE
  for (;;) {
    const step = pieces.next()
    if (step.done) return step.value
    const { world, wanted } = step.value
    for (const name of wanted) world.provide(name, await loadPart(name))
    if (performance.now() < end) continue
    await new Promise((resume) => setTimeout(resume))
    end = performance.now() + SLICE
  }
}

function drive(session: Session, loadPart: Emulator['loadPart']): Shared {
  const listeners: (() => void)[] = []
  const troubled: (() => void)[] = []
  const { world } = session
  let scheduled = false
  let wall = performance.now()
  const s: Shared = {
    session,
    onChange: (listener) => void listeners.push(listener),
    onMissing: (listener) => void troubled.push(listener),
    kick: () => schedule(0),
    awaited: () => false,
  }
  const schedule = (delay: number): void => {
    if (scheduled) return
    scheduled = true
    setTimeout(turn, delay)
  }
  const fetching = new Set<string>()
  let missing = false
  const fetchPart = async (name: string): Promise<void> => {
    if (fetching.has(name)) return
    fetching.add(name)
    try {
      world.provide(name, await loadPart(name))
      missing = false
    } catch (error) {
      reportError(error)
      if (name === 'later') {
        // Any program may be in the midst of anything, also a server that others need: as with a page fault on a disk that is away, all wait.
        if (!missing) for (const listener of troubled) listener()
        missing = true
        await new Promise((resume) => setTimeout(resume, AGAIN))
      } else world.provide(name, undefined) // The program that waits is told; the next try asks again.
    }
    fetching.delete(name)
    schedule(0)
  }
  const turn = (): void => {
    scheduled = false
    const end = performance.now() + SLICE
    let state = world.run(500)
    while (state.kind === 'busy' && performance.now() < end) state = world.run(500)
    for (const listener of listeners) {
      try {
        listener()
      } catch (error) {
        // One view's mistake must not stop the world for the others.
        reportError(error)
      }
    }
    if (state.kind === 'busy') {
      schedule(0)
      return
    }
    if (state.kind === 'load') {
      for (const name of state.programs) void fetchPart(name)
      return
    }
    const now = performance.now()
    const next = world.nextTimer
    if (next === undefined) return
    if (s.awaited()) {
      // The reader sits at a prompt: a second is a second.
      const due = (next - world.clock.now) / 1e6
      const passed = now - wall
      wall = now
      world.advanceTo(world.clock.now + Math.min(passed, due) * 1e6)
      schedule(Math.max(4, Math.min(due - passed, 250)))
    } else {
      // Nobody waits for a key: waiting is shortened, but stays visible.
      const wait = Math.min(200, (next - world.clock.now) / 1e6)
      wall = now
      if (wait < 2) {
        world.advanceTo(next)
        schedule(0)
      } else {
        scheduled = true
        setTimeout(() => {
          scheduled = false
          if (world.nextTimer === next) world.advanceTo(next)
          turn()
        }, wait)
      }
    }
  }
  return s
}
