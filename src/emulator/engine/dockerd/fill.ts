/** Volumes when a container starts: a new one takes what the image has at its place, one with a device of its own is mounted. */
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { isDir, MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_REC } from '../../kernel/linux/fs/flags.ts'
import { namesIn, treeEntries, withMount } from '../layers.ts'
import { rootPath } from '../rootpath.ts'
import { unpack } from '../unpack.ts'
import { later } from './start.ts'
import { ApiError, type Container, type Daemon } from './state.ts'
import { event } from './support.ts'

/** Fills a container's empty volumes; `nocopy` and read-only ones stay as they are. */
function* fillVolumes(sys: Sys, c: Container, lower: readonly string[]): Run<void> {
  for (const m of c.mounts) {
    if (m.type !== 'volume' || m.nocopy || (yield* namesIn(sys, m.source)).length > 0) continue
    const failed = yield* withMount(sys, { lower }, function* (root) {
      const from = yield* rootPath(sys, root, m.destination)
      const s = isErr(from) ? from : yield* sys.stat(from)
      if (isErr(from) || isErr(s) || !isDir(s.mode)) return undefined
      const entries = yield* treeEntries(sys, from)
      if (isErr(entries)) return entries.text
      yield* sys.chmod(m.source, s.mode & 0o7777)
      yield* sys.chown(m.source, s.uid, s.gid)
      return yield* unpack(sys, m.source, entries)
    })
    const why = isErr(failed) ? failed.text : failed
    if (why !== undefined) throw new ApiError(500, `failed to populate volume: ${why}`)
  }
}
/** Words of an `o` option that are flags, mount(2); the others go to the file system. */
const flagsOf: Readonly<Record<string, number>> = {
  ro: MS_RDONLY,
  rw: 0,
  nosuid: MS_NOSUID,
  nodev: MS_NODEV,
  noexec: MS_NOEXEC,
  bind: MS_BIND,
  rbind: MS_BIND | MS_REC,
}
/** Mounts volumes that have a device while a container uses them: moby daemon/volume/local local_unix.go. */
function* mountVolumes(sys: Sys, d: Daemon, c: Container): Run<void> {
  for (const m of c.mounts)
    if (m.name !== undefined)
      yield* event(sys, d, 'volume', 'mount', m.name, {
        container: c.id,
        destination: m.destination,
        driver: 'local',
        propagation: '',
        'read/write': String(m.rw),
      })
  for (const m of c.mounts) {
    const v = m.name === undefined ? undefined : d.volumes.get(m.name)
    if (!v?.options.device || inUse(d, v.name, c)) continue
    const words = (v.options.o ?? '').split(',').filter(Boolean)
    const flags = words.reduce((n, w) => n | (flagsOf[w] ?? 0), 0)
    const data = words.filter((w) => !Object.hasOwn(flagsOf, w)).join(',')
    const failed = yield* sys.mount(v.options.device, v.mountpoint, v.options.type ?? '', flags, data)
    if (failed)
      throw new ApiError(
        500,
        `error while mounting volume '${v.mountpoint}': failed to mount local volume: mount ${v.options.device}:${v.mountpoint}${flags ? `, flags: 0x${flags.toString(16)}` : ''}${data ? `, data: ${data}` : ''}: ${failed.text.toLowerCase()}`,
      )
  }
}
/** Another container that runs has the volume. */
const inUse = (d: Daemon, name: string, but: Container): boolean =>
  [...d.containers.values()].some((x) => x !== but && x.pid !== 0 && x.mounts.some((m) => m.name === name))
/** Takes the devices of volumes away that no container uses any more. */
function* unmountVolumes(sys: Sys, d: Daemon, c: Container): Run<void> {
  for (const m of c.mounts) {
    const v = m.name === undefined ? undefined : d.volumes.get(m.name)
    if (v?.options.device && !inUse(d, v.name, c)) yield* sys.umount(v.mountpoint, 2)
    if (v) yield* event(sys, d, 'volume', 'unmount', v.name, { container: c.id, driver: 'local' })
  }
}
/** The part `dockerd/volumes`: it hands its work to the start of containers. */
export const volumeWork: Program = function* () {
  later.fillVolumes = fillVolumes
  later.mountVolumes = mountVolumes
  later.unmountVolumes = unmountVolumes
  return 0
}
