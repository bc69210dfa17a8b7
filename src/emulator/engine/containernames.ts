/** Names of containers that nobody named, as moby's namesgenerator makes them; podman uses the same. */
import type { Run, Sys } from '../kernel/linux/abi.ts'

const left =
  'admiring adoring amazing awesome bold brave clever cool dazzling eager ecstatic elegant epic focused friendly gallant happy hopeful inspiring jolly keen kind laughing lucid modest mystifying nice nifty optimistic peaceful quirky relaxed serene sharp stoic sweet tender trusting upbeat vibrant vigilant wizardly xenodochial youthful zealous zen'.split(
    ' ',
  )
const right =
  'archimedes babbage banach bohr boyd cerf curie darwin dijkstra einstein euler fermat feynman galileo gauss goldberg hamilton hawking hopper hypatia kepler kilby knuth lamarr leibniz liskov lovelace maxwell mclean meitner mendel morse newton noether pascal pasteur perlman ritchie rosalind shannon swartz tesla thompson torvalds turing villani volta wiles wozniak'.split(
    ' ',
  )

/** An adjective and somebody of note, joined by `_`, drawn until `free` takes it. */
export function* generateName(sys: Sys, free: (name: string) => boolean): Run<string> {
  for (;;) {
    const [a = 0, b = 0] = yield* sys.getrandom(2)
    const name = `${left[a % left.length]}_${right[b % right.length]}`
    if (free(name)) return name
  }
}
