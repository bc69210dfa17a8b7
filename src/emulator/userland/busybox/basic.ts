/** The part `busybox/basic`: what scripts call most, beside the core. */
import { tee, yes } from './core/cat.ts'
import { cp, mv } from './core/copy.ts'
import { cut } from './core/cut.ts'
import { date } from './core/date.ts'
import { head, tail } from './core/ends.ts'
import { expr } from './core/expr.ts'
import { greps } from './core/grep.ts'
import { ln } from './core/link.ts'
import { mktemp, rmdir, touch } from './core/make.ts'
import { chmod, owner } from './core/mode.ts'
import { rm } from './core/remove.ts'
import { seq } from './core/seq.ts'
import { sort, uniq } from './core/sort.ts'
import { tr } from './core/tr.ts'
import { wc } from './core/wc.ts'
import { programOf } from './frame.ts'

export const basicApplets = [
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
  date,
  cp,
  mv,
  rm,
  ln,
  rmdir,
  touch,
  mktemp,
  chmod,
  owner('chown'),
  owner('chgrp'),
  expr,
  ...greps,
]
/** The program that hosts/parts.ts names `busybox/basic`. */
export const basicPart = programOf(basicApplets)
