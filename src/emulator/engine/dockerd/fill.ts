/** A new volume takes what the image has at its place: the first container that mounts an empty one fills it. */
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { isDir } from '../../kernel/linux/fs/flags.ts'
import { namesIn, treeEntries, withMount } from '../layers.ts'
import { rootPath } from '../rootpath.ts'
import { unpack } from '../unpack.ts'
import { later } from './start.ts'
import { ApiError, type Container } from './state.ts'

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
/** The part `dockerd/volumes`: it hands its work to the start of containers. */
export const volumeWork: Program = function* () {
  later.fillVolumes = fillVolumes
  return 0
}
