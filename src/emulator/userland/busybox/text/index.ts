/** The part of busybox that works on texts, beyond what the core has. */
import type { Applet } from '../../program.ts'
import { programOf } from '../frame.ts'
import { awk } from './awk/index.ts'
import { expand, fold, nl, paste, rev, tac, unexpand } from './columns.ts'
import { getopt, ts, xargs } from './commands.ts'
import { cmp, comm } from './compare.ts'
import { diff } from './diff.ts'
import { base32, base64, cksum, digests, sum, uudecode, uuencode } from './encode.ts'
import { hd, hexdump, xxd } from './hexdump.ts'
import { cal, factor } from './numbers.ts'
import { od } from './od.ts'
import { dos2unix, shuf, split, strings, tsort, unix2dos } from './pieces.ts'
import { sed } from './sed/index.ts'

export const textApplets: readonly Applet[] = [
  awk,
  sed,
  expand,
  fold,
  nl,
  paste,
  rev,
  tac,
  unexpand,
  getopt,
  ts,
  xargs,
  cmp,
  comm,
  diff,
  base32,
  base64,
  cksum,
  ...digests,
  sum,
  uudecode,
  uuencode,
  hd,
  hexdump,
  xxd,
  cal,
  factor,
  od,
  dos2unix,
  shuf,
  split,
  strings,
  tsort,
  unix2dos,
]
/** The program that hosts/parts.ts names `busybox/text`. */
export const textPart = programOf(textApplets)
