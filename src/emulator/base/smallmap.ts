/**
 * A Map for tables that mostly stay small: up to `FEW` entries stand in one array of exact length and are found by looking at each,
 * which takes less time and half the memory of a hash table (a container brings more than fifty such tables). Keeps the order of insertion.
 */
const FEW = 16

export class SmallMap<K, V> {
  /** Keys at even places, each with its value after it. */
  #pairs: unknown[] = none
  #many: Map<K, V> | undefined

  get size(): number {
    return this.#many ? this.#many.size : this.#pairs.length / 2
  }
  #at(key: K): number {
    const pairs = this.#pairs
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === key) return i
    return -1
  }
  get(key: K): V | undefined {
    if (this.#many) return this.#many.get(key)
    const at = this.#at(key)
    return at < 0 ? undefined : (this.#pairs[at + 1] as V)
  }
  /** Another one with the same entries. */
  copy(): SmallMap<K, V> {
    const made = new SmallMap<K, V>()
    if (this.#many) made.#many = new Map(this.#many)
    else if (this.#pairs.length > 0) made.#pairs = this.#pairs.slice()
    return made
  }
  has(key: K): boolean {
    return this.#many ? this.#many.has(key) : this.#at(key) >= 0
  }
  set(key: K, value: V): this {
    if (this.#many) {
      this.#many.set(key, value)
      return this
    }
    const pairs = this.#pairs
    const at = this.#at(key)
    const { length } = pairs
    if (at >= 0) pairs[at + 1] = value
    else if (length < 2 * FEW) {
      // By hand: for so few, calling Array's own methods takes longer than their work.
      const more: unknown[] = new Array(length + 2)
      for (let i = 0; i < length; i++) more[i] = pairs[i]
      more[length] = key
      more[length + 1] = value
      this.#pairs = more
    } else {
      this.#many = new Map(this).set(key, value)
      this.#pairs = none
    }
    return this
  }
  delete(key: K): boolean {
    if (this.#many) return this.#many.delete(key)
    const at = this.#at(key)
    if (at < 0) return false
    const pairs = this.#pairs
    const length = pairs.length - 2
    const fewer: unknown[] = length === 0 ? none : new Array(length)
    for (let i = 0; i < at; i++) fewer[i] = pairs[i]
    for (let i = at; i < length; i++) fewer[i] = pairs[i + 2]
    this.#pairs = fewer
    return true
  }
  forEach(work: (value: V, key: K) => void): void {
    if (this.#many) this.#many.forEach(work)
    else for (let pairs = this.#pairs, i = 0; i < pairs.length; i += 2) work(pairs[i + 1] as V, pairs[i] as K)
  }
  *[Symbol.iterator](): Generator<[K, V]> {
    if (this.#many) yield* this.#many
    else for (let pairs = this.#pairs, i = 0; i < pairs.length; i += 2) yield [pairs[i] as K, pairs[i + 1] as V]
  }
  keys(): IterableIterator<K> {
    return this.#many ? this.#many.keys() : (this.#pairs.filter((_, i) => i % 2 === 0) as K[]).values()
  }
  values(): IterableIterator<V> {
    return this.#many ? this.#many.values() : (this.#pairs.filter((_, i) => i % 2 === 1) as V[]).values()
  }
}
const none: unknown[] = []
