/** The part of busybox that packs and unpacks. */
import type { Applet } from '../../program.ts'
import { programOf } from '../frame.ts'
import { compressors } from './compress.ts'
import { tar } from './tar.ts'

export const archiveApplets: readonly Applet[] = [tar, ...compressors]
/** The program that hosts/parts.ts names `busybox/archive`. */
export const archivePart = programOf(archiveApplets)
