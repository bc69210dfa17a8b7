/** How programs are offered to the kernel's loader: by the name that an executable file carries (see base/elf.ts). */
import type { Program } from '../kernel/linux/abi.ts'

/** One busybox applet. `usage` is what follows the name in the Usage line; `help` the text under it, as `--help` prints them. */
export interface Applet {
  readonly name: string
  readonly usage: string
  readonly help?: string
  readonly run: Program
}
