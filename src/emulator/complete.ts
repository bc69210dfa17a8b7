/**
 * The emulator with the code of every part at hand: for scripts, tests and the build of pages, which run lines to their end and can't
 * wait midway for code.
 */
import './hosts/all.ts'
import { parts } from './hosts/parts.ts'
import { openSession as open, type Session, type SessionOptions } from './index.ts'
import type { Program } from './kernel/linux/abi.ts'

const loaded = new Map<string, Program>()
for (const [name, load] of Object.entries(parts)) loaded.set(name, await load())

/** Boots a host. The same seed gives the same world. */
export const openSession = (options: Omit<SessionOptions, 'loaded'> = {}): Session => open({ ...options, loaded })
export { type HostName, hostNames, type Session } from './index.ts'
