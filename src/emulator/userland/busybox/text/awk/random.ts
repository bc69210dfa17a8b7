/** random(3) of musl: an additive feedback generator, so that rand() gives the numbers that it gives in Alpine. */
const SIZE = 31

export class Random {
  readonly #state = new Uint32Array(SIZE)
  #i = 3
  #j = 0
  constructor(seed = 1) {
    this.seed(seed)
  }
  /** srandom(3). */
  seed(seed: number): void {
    let s = BigInt.asUintN(32, BigInt(Math.trunc(Number.isFinite(seed) ? seed : 0)))
    for (let k = 0; k < SIZE; k++) {
      s = BigInt.asUintN(64, 6364136223846793005n * s + 1n)
      this.#state[k] = Number(s >> 32n)
    }
    this.#state[0] = (this.#state[0] as number) | 1
    this.#i = 3
    this.#j = 0
  }
  /** The next number of 31 bits. */
  next(): number {
    const x = this.#state
    x[this.#i] = (x[this.#i] as number) + (x[this.#j] as number)
    const k = (x[this.#i] as number) >>> 1
    this.#i = (this.#i + 1) % SIZE
    this.#j = (this.#j + 1) % SIZE
    return k
  }
  /** From 0 up to 1, as busybox's awk makes it of two. */
  fraction(): number {
    const first = BigInt(this.next())
    const second = BigInt(this.next())
    const low = BigInt.asUintN(32, (first << 16n) ^ second)
    return Number((BigInt(this.next()) << 32n) | low) / 2 ** 63
  }
}
