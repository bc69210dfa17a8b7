/** The part of busybox whose programs take the whole screen. */
import { programOf } from '../frame.ts'
import { less, more } from './less.ts'
import { top } from './top.ts'
import { vi } from './vi/index.ts'
import { watch } from './watch.ts'

export const screenApplets = [less, more, top, vi, watch]
/** The program that hosts/parts.ts names `busybox/screen`. */
export const screenPart = programOf(screenApplets)
