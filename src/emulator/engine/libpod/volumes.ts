/** Named volumes: directories below the storage, which take what an image has at their place when they are first used. */
import { isErr } from '../../base/errno.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { removeTree } from '../containerd.ts'
import { makeFolders } from '../containers/files.ts'
import { Problem } from '../containers/problem.ts'
import { namesIn, treeEntries } from '../layers.ts'
import { unpack } from '../unpack.ts'
import type { Libpod } from './libpod.ts'
import { isLive } from './libpod.ts'
import type { Container, Volume } from './types.ts'

export const volumePath = (lp: Libpod, name: string): string => `${lp.place.graphRoot}/volumes/${name}/_data`
export const validName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/
export const nameComplaint = 'names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument'

/** Makes a volume; one that is there is answered where `may` is set, else it is a Problem. */
export function* makeVolume(
  lp: Libpod,
  name: string,
  o: {
    readonly labels?: Readonly<Record<string, string>>
    readonly options?: Readonly<Record<string, string>>
    readonly anonymous?: boolean
    readonly may?: boolean
  } = {},
): Run<Volume> {
  if (!validName.test(name)) throw new Problem(`running volume create option: ${nameComplaint}`)
  const known = (yield* lp.db()).volumes.find((v) => v.name === name)
  if (known) {
    if (o.may) return known
    throw new Problem(`volume with name ${name} already exists: volume already exists`)
  }
  const made: Volume = {
    name,
    created: yield* lp.now(),
    labels: o.labels ?? {},
    options: o.options ?? {},
    anonymous: o.anonymous ?? false,
    filled: false,
  }
  yield* makeFolders(lp.sys, volumePath(lp, name))
  yield* lp.change((db) => ({ ...db, volumes: [...db.volumes, made] }))
  yield* lp.event({ Name: name, Status: 'create', Type: 'volume' })
  return made
}
/** The containers that use a volume. */
export function* usersOf(lp: Libpod, v: Volume): Run<Container[]> {
  return (yield* lp.all()).filter((c) => c.config.volumes.some((m) => m.name === v.name))
}
export function* removeVolume(lp: Libpod, v: Volume): Run<void> {
  yield* removeTree(lp.sys, `${lp.place.graphRoot}/volumes/${v.name}`)
  yield* lp.change((db) => ({ ...db, volumes: db.volumes.filter((x) => x.name !== v.name) }))
  yield* lp.event({ Name: v.name, Status: 'remove', Type: 'volume' })
}
/** Copies what the image has at a volume's place into the volume, where it is used for the first time and empty. */
export function* fillVolumes(lp: Libpod, c: Container, root: string): Run<void> {
  const { volumes } = yield* lp.db()
  for (const m of c.config.volumes) {
    const v = volumes.find((x) => x.name === m.name)
    if (!v || v.filled) continue
    const to = volumePath(lp, v.name)
    const from = `${root}${m.destination}`
    const s = yield* lp.sys.stat(from)
    if (!isErr(s) && (yield* namesIn(lp.sys, to)).length === 0) {
      const entries = yield* treeEntries(lp.sys, from)
      if (!isErr(entries)) yield* unpack(lp.sys, to, entries)
      yield* lp.sys.chown(to, s.uid, s.gid)
      yield* lp.sys.chmod(to, s.mode & 0o7777)
    }
    yield* lp.change((db) => ({
      ...db,
      volumes: db.volumes.map((x) => (x.name === v.name ? { ...x, filled: true } : x)),
    }))
  }
}
/** Whether containers that run use it. */
export const inUse = (users: readonly Container[]): boolean => users.some(isLive)
