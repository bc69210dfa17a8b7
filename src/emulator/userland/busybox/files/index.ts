/** The part of busybox that works on files and their attributes, beyond what the core has. */
import type { Applet } from '../../program.ts'
import { programOf } from '../frame.ts'
import { dd } from './dd.ts'
import { df } from './df.ts'
import { du } from './du.ts'
import { find } from './find.ts'
import { fsync, install, link, mknod, runParts, shred, tree, unlink } from './links.ts'
import { mkfifo, readlink, realpath, stat, truncate } from './status.ts'

export const fileApplets: readonly Applet[] = [
  dd,
  df,
  du,
  find,
  fsync,
  install,
  link,
  mkfifo,
  mknod,
  readlink,
  realpath,
  runParts,
  shred,
  stat,
  tree,
  truncate,
  unlink,
]
/** The program that hosts/parts.ts names `busybox/files`. */
export const filesPart = programOf(fileApplets)
