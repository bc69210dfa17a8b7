/** Low-level runtimes by the names that `--runtime` takes: runc, what /etc/docker/daemon.json adds, and the names of shims. */
import { utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { jsonComplaint } from '../../oci/json.ts'
import { readText } from '../../userland/lib/io.ts'
import type { RuncOptions } from '../shim.ts'
import { ApiError, type Daemon } from './state.ts'

/** An entry of `runtimes` in daemon.json: a program with runc's commands, or a shim. */
export interface RuntimeEntry {
  readonly path?: string
  readonly runtimeArgs?: readonly string[]
  readonly runtimeType?: string
}
/** /etc/docker/daemon.json, as far as it is emulated. */
export interface DaemonConfig {
  readonly runtimes?: Readonly<Record<string, RuntimeEntry>>
  readonly 'default-runtime'?: string
}
const CONFIG = '/etc/docker/daemon.json'
const emulated = ['runtimes', 'default-runtime']

/** The daemon's configuration; undefined, with a word to the user, where it can't be taken. */
export function* readConfig(sys: Sys): Run<DaemonConfig | undefined> {
  const text = yield* readText(sys, CONFIG)
  if (isErr(text)) return {}
  try {
    const config = JSON.parse(text) as DaemonConfig
    const other = Object.keys(config).find((k) => !emulated.includes(k))
    if (other === undefined) return config
    yield* sys.write(2, utf8(`zukan: not emulated: ${other} in ${CONFIG}\n`))
  } catch {
    const why = jsonComplaint(text)
    yield* sys.write(2, utf8(`unable to configure the Docker daemon with file ${CONFIG}: ${why}\n`))
  }
  return undefined
}
export const stockRuntime = 'runc'
/** The runtime of containers that name none. */
export const defaultRuntime = (d: Daemon): string => d.config['default-runtime'] ?? stockRuntime
/** The name by which containerd knows runc's shim. */
const RUNC_SHIM = 'io.containerd.runc.v2'

/** Every runtime that has a name here: moby daemon/runtime_unix.go setupRuntimes. */
export const runtimesOf = (d: Daemon): Readonly<Record<string, RuntimeEntry>> => ({
  [RUNC_SHIM]: { path: 'runc' },
  [stockRuntime]: { path: 'runc' },
  ...d.config.runtimes,
})
/** What containerd is told of a container's runtime; fails where nobody knows the name. */
export function runtimeOf(
  d: Daemon,
  name: string | undefined,
): { readonly name: string; readonly options?: RuncOptions } {
  const known = runtimesOf(d)
  const wanted = name || defaultRuntime(d)
  const entry = Object.hasOwn(known, wanted) ? (known[wanted] as RuntimeEntry) : undefined
  if (entry?.path)
    return {
      name: RUNC_SHIM,
      options: {
        BinaryName: entry.path.startsWith('/') ? entry.path : `/usr/bin/${entry.path}`,
        Root: `/run/docker/runtime-${stockRuntime}`,
        SystemdCgroup: true,
      },
    }
  if (entry?.runtimeType) return { name: entry.runtimeType }
  // Names of shims are allowed, paths to them aren't.
  if (wanted.includes('/') || !/^[^.]+(\.[^.]+)+$/.test(wanted))
    throw new ApiError(400, `unknown or invalid runtime name: ${wanted}`)
  return { name: wanted }
}
