/** busybox: many small programs in one executable, chosen by the name it is called by. What lies here is the core; see catalogue.ts. */
import type { Program } from '../../kernel/linux/abi.ts'
import type { Applet } from '../program.ts'
import { shell } from '../shell/index.ts'
import { partOf } from './catalogue.ts'
import { cat } from './core/cat.ts'
import { ls } from './core/ls.ts'
import { mkdir, pwd } from './core/make.ts'
import { basename, constant, dirname, echo, printf, test } from './core/words.ts'
import { multiCall } from './frame.ts'

/** The core's applets by name, the shell under its two. */
export const applets: ReadonlyMap<string, Applet> = new Map(
  [
    cat,
    ls,
    mkdir,
    pwd,
    constant('true', 0),
    constant('false', 1),
    echo,
    printf,
    test('test'),
    test('['),
    test('[['),
    basename,
    dirname,
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
