/** Which addresses of a network are free: libnetwork's IP address management. */
import { formatAddress } from '../../kernel/linux/net/address.ts'

/** The addresses from `first` to `last`; the lowest free one is found without asking every container. */
export class AddressPool {
  readonly #taken = new Set<string>()
  readonly #first: number
  readonly #last: number
  /** No address below is free. */
  #lowest: number
  constructor(first: number, last: number) {
    this.#first = this.#lowest = first
    this.#last = last
  }
  /** The lowest address that nobody has, taken; undefined where all are. */
  take(): string | undefined {
    for (; this.#lowest <= this.#last; this.#lowest++) {
      const address = formatAddress(this.#lowest)
      if (this.reserve(address)) return address
    }
    return undefined
  }
  /** Takes a certain address; false where somebody has it. */
  reserve(address: string): boolean {
    if (this.#taken.has(address)) return false
    this.#taken.add(address)
    return true
  }
  release(address: string): void {
    // The next to take looks from the beginning again.
    if (this.#taken.delete(address)) this.#lowest = this.#first
  }
}
