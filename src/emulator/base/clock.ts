/** Virtual time: one clock and one queue of timers for the whole world. It moves only when something takes time, or when all sleep. */

/** A timer that can be cancelled before it fires. */
export interface TimerHandle {
  cancel(): void
}

class Timer implements TimerHandle {
  readonly time: number
  readonly sequence: number
  /** Undefined once it is cancelled: whom it would have woken isn't held until then. */
  fire: (() => void) | undefined
  constructor(time: number, sequence: number, fire: () => void) {
    this.time = time
    this.sequence = sequence
    this.fire = fire
  }
  cancel(): void {
    this.fire = undefined
  }
}

/** Time in nanoseconds since the world began; timers fire in order of time, then of setting. */
export class VirtualClock {
  /** Nanoseconds since the world began. */
  now = 0
  /** Nanoseconds since 1970 at the world's beginning, for CLOCK_REALTIME. */
  readonly epoch: number
  #heap: Timer[] = []
  #sequence = 0

  constructor(epoch: number) {
    this.epoch = epoch
  }

  /** Calls `fire` when the clock reaches `time`. */
  at(time: number, fire: () => void): TimerHandle {
    const timer = new Timer(Math.max(time, this.now), this.#sequence++, fire)
    const heap = this.#heap
    heap.push(timer)
    let i = heap.length - 1
    while (i > 0) {
      const up = (i - 1) >> 1
      if (!before(heap[i] as Timer, heap[up] as Timer)) break
      swap(heap, i, up)
      i = up
    }
    return timer
  }

  /** When the next timer is due; undefined where none is set. */
  get next(): number | undefined {
    for (;;) {
      const top = this.#heap[0]
      if (!top) return undefined
      if (top.fire) return top.time
      this.#pop()
    }
  }

  /** Moves to `time` and fires what is due. Time never goes back. */
  advanceTo(time: number): void {
    for (;;) {
      const next = this.next
      if (next === undefined || next > time) break
      const timer = this.#pop()
      this.now = Math.max(this.now, timer.time)
      timer.fire?.()
    }
    this.now = Math.max(this.now, time)
  }

  /** Fires what is due by now. */
  fireDue(): void {
    const top = this.#heap[0]
    if (top && top.time <= this.now) this.advanceTo(this.now)
  }

  #pop(): Timer {
    const heap = this.#heap
    const top = heap[0] as Timer
    const last = heap.pop() as Timer
    if (heap.length > 0) {
      heap[0] = last
      let i = 0
      for (;;) {
        const left = 2 * i + 1
        let least = i
        if (left < heap.length && before(heap[left] as Timer, heap[least] as Timer)) least = left
        if (left + 1 < heap.length && before(heap[left + 1] as Timer, heap[least] as Timer)) least = left + 1
        if (least === i) break
        swap(heap, i, least)
        i = least
      }
    }
    return top
  }
}

const before = (a: Timer, b: Timer): boolean => a.time < b.time || (a.time === b.time && a.sequence < b.sequence)
function swap(heap: Timer[], i: number, j: number): void {
  const t = heap[i] as Timer
  heap[i] = heap[j] as Timer
  heap[j] = t
}
