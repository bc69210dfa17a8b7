/** busybox: many small programs in one executable, chosen by the name it is called by. */
import type { Program } from '../../kernel/linux/abi.ts'
import type { Applet } from '../program.ts'
import { shell } from '../shell/index.ts'
import { partOf } from './catalogue.ts'
import { multiCall } from './frame.ts'
import { fileApplets } from './system/files.ts'
import { networkApplets } from './system/network.ts'
import { processApplets } from './system/processes.ts'
import { filters } from './text/filters.ts'
import { greps } from './text/grep.ts'
import { small } from './text/small.ts'

/** All applets by name, the shell under its three. */
export const applets: ReadonlyMap<string, Applet> = new Map(
  [
    ...filters,
    ...greps,
    ...small,
    ...fileApplets,
    ...processApplets,
    ...networkApplets,
    ...['sh', 'ash'].map(
      (name): Applet => ({
        name,
        usage: "[-il] [-|+Cabefmnuvx] [-|+o OPT]... [-c 'SCRIPT' [ARG0 ARGS] | FILE ARGS | -s ARGS]",
        run: shell,
      }),
    ),
  ].map((a) => [a.name, a]),
)

/** Every name that is emulated, in the core or in a part. */
export const appletNames: readonly string[] = [...applets.keys(), ...partOf.keys()]
/** The program behind /bin/busybox and its links. */
export const busybox: Program = multiCall(applets)
