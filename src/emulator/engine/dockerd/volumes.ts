/** Volumes of the local driver: directories below /var/lib/docker/volumes. */
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { removeTree } from '../containerd.ts'
import { ApiError, type Daemon, newId, type Volume } from './state.ts'
import { event } from './support.ts'

/** Options of the local driver that go only together: moby daemon/volume/local validateOpts. */
const together: Readonly<Record<string, readonly string[]>> = {
  device: ['type'],
  type: ['device'],
  o: ['device', 'type'],
}
/** Refuses what the local driver refuses, and file systems from elsewhere. */
function checkOptions(name: string, options: Readonly<Record<string, string>>): void {
  const refused = (why: string): ApiError => new ApiError(400, `create ${name}: ${why}`)
  const unknown = Object.keys(options).find((o) => !['type', 'o', 'device', 'size'].includes(o))
  if (unknown !== undefined) throw refused(`invalid option: ${JSON.stringify(unknown)}`)
  for (const option of Object.keys(options))
    for (const other of together[option] ?? [])
      if (!Object.hasOwn(options, other)) throw refused(`missing required option: ${JSON.stringify(other)}`)
  if (options.size !== undefined) throw refused('quota size requested but no quota support')
  if (options.type !== undefined && !['tmpfs', 'none', ''].includes(options.type))
    throw new ApiError(501, `zukan: not emulated: volume of type ${options.type}`)
}

/** The volume of a name; it comes into being where there is none. An empty name gives one of 64 digits. */
export function* ensureVolume(
  sys: Sys,
  d: Daemon,
  given: string,
  labels: Readonly<Record<string, string>> = {},
  options: Readonly<Record<string, string>> = {},
): Run<Volume> {
  const known = d.volumes.get(given)
  if (known) return known
  const anonymous = given === ''
  const name = anonymous ? yield* newId(sys) : given
  if (name.length === 1)
    throw new ApiError(
      400,
      `create ${name}: volume name is too short, names should be at least two alphanumeric characters`,
    )
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name))
    throw new ApiError(
      400,
      `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    )
  checkOptions(name, options)
  const mountpoint = `${d.volumeRoot ?? '/var/lib/docker/volumes'}/${name}/_data`
  yield* makeDirs(sys, mountpoint)
  const made: Volume = {
    name,
    mountpoint,
    created: yield* sys.clock('realtime'),
    labels: anonymous ? { 'com.docker.volume.anonymous': '', ...labels } : labels,
    options,
    anonymous,
  }
  d.volumes.set(name, made)
  yield* event(sys, d, 'volume', 'create', name, { driver: 'local' })
  return made
}

/** Containers that mount a volume. */
export const usersOf = (d: Daemon, name: string): readonly string[] =>
  [...d.containers.values()]
    .filter((c) => c.mounts.some((m) => m.type === 'volume' && m.name === name))
    .map((c) => c.id)
export function* removeVolume(sys: Sys, d: Daemon, v: Volume): Run<void> {
  d.volumes.delete(v.name)
  yield* removeTree(sys, v.mountpoint.replace(/\/_data$/, ''))
  yield* event(sys, d, 'volume', 'destroy', v.name, { driver: 'local' })
}
