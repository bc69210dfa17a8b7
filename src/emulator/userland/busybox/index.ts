/** busybox: many small programs in one executable, chosen by the name it is called by. What lies here is the core; see catalogue.ts. */
import type { Program } from '../../kernel/linux/abi.ts'
import type { Applet } from '../program.ts'
import { shell } from '../shell/index.ts'
import { partOf } from './catalogue.ts'
import { cat, tee, yes } from './core/cat.ts'
import { cp, ln, mv, rm } from './core/copy.ts'
import { cut } from './core/cut.ts'
import { date } from './core/date.ts'
import { head, tail } from './core/ends.ts'
import { expr } from './core/expr.ts'
import { greps } from './core/grep.ts'
import { ls } from './core/ls.ts'
import { mkdir, mktemp, pwd, rmdir, touch } from './core/make.ts'
import { chmod, owner } from './core/mode.ts'
import { seq } from './core/seq.ts'
import { sort, uniq } from './core/sort.ts'
import { tr } from './core/tr.ts'
import { wc } from './core/wc.ts'
import { basename, constant, dirname, echo, printf, test } from './core/words.ts'
import { multiCall } from './frame.ts'
import { networkApplets } from './system/network.ts'
import { processApplets } from './system/processes.ts'

/** All applets by name, the shell under its three. */
export const applets: ReadonlyMap<string, Applet> = new Map(
  [
    cat,
    head,
    tail,
    wc,
    tee,
    cut,
    tr,
    sort,
    uniq,
    seq,
    yes,
    constant('true', 0),
    constant('false', 1),
    echo,
    printf,
    test('test'),
    test('['),
    test('[['),
    basename,
    dirname,
    expr,
    ...greps,
    date,
    ls,
    cp,
    mv,
    rm,
    ln,
    mkdir,
    rmdir,
    touch,
    mktemp,
    pwd,
    chmod,
    owner('chown'),
    owner('chgrp'),
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
