/** The part of busybox that looks after a system: accounts, terminals, kernel settings, who holds what. */
import type { Applet } from '../../program.ts'
import { programOf } from '../frame.ts'
import { time } from './time.ts'

export const adminApplets: readonly Applet[] = [time]
/** The program that hosts/parts.ts names `busybox/admin`. */
export const adminPart = programOf(adminApplets)
