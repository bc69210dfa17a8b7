/** Gives a world the moment that its last command's servers need to be up, so that an example shows them at work. */

/** The part of a world that makes it go on; emulator/machine/world.ts. */
interface Running {
  readonly clock: { readonly now: number }
  readonly nextTimer: number | undefined
  run(steps: number): { readonly kind: string }
  advanceTo(time: number): void
}
/** Nanoseconds that a server may take to start, and turns that it may use. */
const MOMENT = 2_000_000_000
const TURNS = 40

export function settle(world: Running): void {
  const end = world.clock.now + MOMENT
  for (let n = 0; n < TURNS; n++) {
    if (world.run(2000).kind !== 'idle') continue
    const next = world.nextTimer
    if (next === undefined || next > end) return
    world.advanceTo(next)
  }
}
