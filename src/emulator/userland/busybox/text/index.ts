/** The part of busybox that works on texts, beyond what the core has. */
import type { Applet } from '../../program.ts'
import { programOf } from '../frame.ts'
import { awk } from './awk/index.ts'
import { sed } from './sed/index.ts'

export const textApplets: readonly Applet[] = [awk, sed]
/** The program that hosts/parts.ts names `busybox/text`. */
export const textPart = programOf(textApplets)
