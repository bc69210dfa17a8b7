/** The part of busybox that calculates: bc and dc. */
import type { Applet } from '../../program.ts'
import { programOf } from '../frame.ts'
import { bc } from './bc.ts'
import { dc } from './dc.ts'

export const calcApplets: readonly Applet[] = [bc, dc]
/** The program that hosts/parts.ts names `busybox/calc`. */
export const calcPart = programOf(calcApplets)
