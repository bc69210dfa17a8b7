/**
 * The emulator with the code of every part and every host at hand: for scripts, tests and the build of pages, which run lines to their end
 * and can't wait midway for code.
 */
import { hosts } from './hosts/hosts.ts'
import { parts } from './hosts/parts.ts'
import { type Host, type HostName, openSession as open, type Session } from './index.ts'
import type { Program } from './kernel/linux/abi.ts'

const loaded = new Map<string, Program>()
for (const [name, load] of Object.entries(parts)) loaded.set(name, await load())
const byName = new Map<string, Host>()
for (const [name, load] of Object.entries(hosts)) byName.set(name, await load())

/** Boots a host. The same seed gives the same world. */
export function openSession(options: { readonly host?: HostName; readonly seed?: number } = {}): Session {
  const { host: name = 'linux-server', ...rest } = options
  const host = byName.get(name)
  if (!host) throw new Error(`no such host: ${name}`)
  return open({ ...rest, host, loaded })
}
export { type HostName, hostNames, type Session } from './index.ts'
