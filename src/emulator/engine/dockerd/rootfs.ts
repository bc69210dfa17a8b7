/** A container's files as the daemon sees them: merged, also while it doesn't run, with its volumes in their places. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import type { TarEntry } from '../../oci/tar.ts'
import { type Change, changesOf, type Layers, layerEntries, withMount } from '../layers.ts'
import { rootPath } from '../rootpath.ts'
import { ApiError, type Container } from './state.ts'

/** Files that the engine puts into every container: they belong to no image. */
const stubs = new Set([
  '/etc/hosts',
  '/etc/hostname',
  '/etc/resolv.conf',
  '/dev/console',
  '/.dockerenv',
  '/dev/shm',
  '/dev/pts',
  '/dev/mqueue',
])

export const layersOf = (c: Container): Layers => {
  if (!c.rootfs) throw new ApiError(409, `container ${c.id} has no file system`)
  return c.rootfs
}
const runs = (c: Container): boolean => c.status === 'running' || c.status === 'paused'

/** Runs with the merged file system at a directory. */
export function* withRoot<T>(sys: Sys, c: Container, body: (root: string) => Run<T>): Run<T> {
  if (runs(c)) return yield* body(`/run/containerd/io.containerd.runtime.v2.task/moby/${c.id}/rootfs`)
  const r = yield* withMount(sys, layersOf(c), body)
  if (isErr(r)) throw new ApiError(500, r.text)
  return r as T
}
/** Where a path of the container lies: in its root, or in one of its volumes. */
export function* resolveIn(sys: Sys, c: Container, root: string, path: string, follow = true): Run<string> {
  const clean = `/${path
    .split('/')
    .filter((p) => p !== '' && p !== '.')
    .join('/')}`
  const mount = c.mounts
    .filter((m) => m.type !== 'tmpfs' && (clean === m.destination || clean.startsWith(`${m.destination}/`)))
    .sort((a, b) => b.destination.length - a.destination.length)[0]
  const at = mount
    ? yield* rootPath(sys, mount.source, clean.slice(mount.destination.length), follow)
    : yield* rootPath(sys, root, clean, follow)
  if (isErr(at)) throw new ApiError(500, at.text)
  return at
}

/** What a container changed, without what the engine put there: `docker diff`. */
export function* containerChanges(sys: Sys, c: Container): Run<Change[]> {
  const all = yield* changesOf(sys, layersOf(c))
  if (isErr(all)) throw new ApiError(500, all.text)
  const kept = all.filter((x) => !stubs.has(x.path))
  // A directory that only holds the engine's files hasn't changed.
  return kept.filter(
    (x) =>
      x.kind !== 'C' ||
      !all.some((y) => y.path.startsWith(`${x.path}/`)) ||
      kept.some((y) => y.path.startsWith(`${x.path}/`)),
  )
}
/** The same as entries of a layer: `docker commit`. */
export function* containerLayer(sys: Sys, c: Container): Run<TarEntry[]> {
  const entries = yield* layerEntries(sys, layersOf(c))
  if (isErr(entries)) throw new ApiError(500, entries.text)
  const changed = new Set((yield* containerChanges(sys, c)).map((x) => x.path))
  return entries.filter((e) => changed.has(`/${e.path.replace(/(^|\/)\.wh\./, '$1')}`))
}
