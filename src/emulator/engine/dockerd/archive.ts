/** Files in and out of containers: GET, HEAD and PUT /containers/{id}/archive, /export, /changes. */
import { isErr } from '../../base/errno.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { isDir, isLink } from '../../kernel/linux/fs/flags.ts'
import type { Stat } from '../../kernel/linux/fs/inode.ts'
import { unpacked } from '../../oci/layer.ts'
import { readTar, type TarEntry, writeTar } from '../../oci/tar.ts'
import { endChunks, sendChunk, sendResponse, startChunked } from '../../userland/lib/http.ts'
import { entryOf, treeEntries } from '../layers.ts'
import { unpack } from '../unpack.ts'
import { base64 } from './distribution.ts'
import { rfc3339 } from './documents.ts'
import { containerChanges, resolveIn, withRoot } from './rootfs.ts'
import { type Context, type Route, truth } from './routes.ts'
import { resolveUser } from './spec.ts'
import { ApiError, findContainer } from './state.ts'

/** Go's FileMode of a file. */
const goMode = (mode: number): number =>
  (mode & 0o777) +
  (isDir(mode) ? 2 ** 31 : 0) +
  (isLink(mode) ? 2 ** 27 : 0) +
  (mode & 0o4000 ? 2 ** 23 : 0) +
  (mode & 0o2000 ? 2 ** 22 : 0) +
  (mode & 0o1000 ? 2 ** 20 : 0)
const nameOf = (path: string): string => path.replace(/\/+\.?$/, '').replace(/^.*\//, '') || '/'

function* statOf(
  c: Context,
  at: string,
  path: string,
  missing: string,
): Run<{ readonly s: Stat; readonly header: string }> {
  const s = yield* c.sys.lstat(at)
  if (isErr(s)) throw new ApiError(404, missing)
  const target = isLink(s.mode) ? yield* c.sys.readlink(at) : ''
  const header = base64(
    JSON.stringify({
      name: nameOf(path),
      size: s.size,
      mode: goMode(s.mode),
      mtime: rfc3339(s.mtime),
      linkTarget: isErr(target) ? '' : target,
    }),
  )
  return { s, header }
}
const BLOCK = 262_144
/** Sends an archive in chunks. */
export function* sendArchive(c: Context, bytes: Uint8Array, headers: Readonly<Record<string, string>> = {}): Run<void> {
  yield* startChunked(c.sys, c.fd, 200, { 'Content-Type': 'application/x-tar', ...headers })
  for (let at = 0; at < bytes.length; at += BLOCK)
    if (yield* sendChunk(c.sys, c.fd, bytes.subarray(at, at + BLOCK))) return
  yield* endChunks(c.sys, c.fd)
}
/** A body that is an archive, plain or by gzip; an error in Go's words where it isn't one. */
export function readArchive(body: Uint8Array): TarEntry[] {
  const bytes = unpacked(body)
  if ('error' in bytes) throw new ApiError(400, bytes.error)
  const entries = readTar(bytes)
  if ('error' in entries) throw new ApiError(400, entries.error)
  return entries
}

export const archiveRoutes: readonly Route[] = [
  [
    'HEAD',
    /^\/containers\/([^/]+)\/archive$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      const path = c.query('path')
      yield* withRoot(c.sys, x, function* (root) {
        const { header } = yield* statOf(
          c,
          yield* resolveIn(c.sys, x, root, path, path.endsWith('/')),
          path,
          `Could not find the file ${path} in container ${ref}`,
        )
        yield* sendResponse(c.sys, c.fd, 200, { 'X-Docker-Container-Path-Stat': header }, new Uint8Array(0), true)
      })
      return undefined
    },
  ],
  [
    'GET',
    /^\/containers\/([^/]+)\/archive$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      const path = c.query('path')
      if (path === '') throw new ApiError(400, 'missing parameter in path')
      yield* withRoot(c.sys, x, function* (root) {
        const missing = `Could not find the file ${path} in container ${ref}`
        const at = yield* resolveIn(c.sys, x, root, path, /\/\.?$/.test(path))
        const { s, header } = yield* statOf(c, at, path, missing)
        // The archive's top has the name that was asked for.
        const name = /\/\.$/.test(path) || path === '.' ? '.' : nameOf(path)
        const top = name === '/' || name === '.' ? '' : name
        const own = yield* entryOf(c.sys, at, top, s)
        const below = isDir(s.mode) ? yield* treeEntries(c.sys, at, top) : []
        if (isErr(own) || isErr(below)) throw new ApiError(500, 'input/output error')
        const entries = [...(own && top !== '' ? [own] : []), ...below]
        yield* sendArchive(c, writeTar(entries), { 'X-Docker-Container-Path-Stat': header })
      })
      return undefined
    },
  ],
  [
    'PUT',
    /^\/containers\/([^/]+)\/archive$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      const path = c.query('path')
      const entries = readArchive(c.request.body)
      if (x.hostConfig.ReadonlyRootfs) throw new ApiError(403, 'container rootfs is marked read-only')
      yield* withRoot(c.sys, x, function* (root) {
        const at = yield* resolveIn(c.sys, x, root, path)
        const s = yield* c.sys.stat(at)
        if (isErr(s)) throw new ApiError(404, `Could not find the file ${path} in container ${ref}`)
        if (!isDir(s.mode)) throw new ApiError(400, 'extraction point is not a directory')
        const mount = x.mounts.find((m) => !m.rw && (path === m.destination || path.startsWith(`${m.destination}/`)))
        if (mount) throw new ApiError(403, `mounted volume is marked read-only`)
        // --archive gives the files to the container's user, moby daemon/archive_unix.go tarCopyOptions.
        const owner =
          truth(c.query('copyUIDGID')) && x.config.User ? yield* resolveUser(c.sys, root, x.config.User) : undefined
        const owned = owner ? entries.map((e) => ({ ...e, uid: owner.uid, gid: owner.gid })) : entries
        const failed = yield* unpack(c.sys, at, owned)
        if (failed) throw new ApiError(500, failed)
      })
      return { status: 200 }
    },
  ],
  [
    'GET',
    /^\/containers\/([^/]+)\/export$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      const entries = yield* withRoot(c.sys, x, (root) => treeEntries(c.sys, root))
      if (isErr(entries)) throw new ApiError(500, entries.text)
      yield* sendArchive(c, writeTar(entries))
      return undefined
    },
  ],
  [
    'GET',
    /^\/containers\/([^/]+)\/changes$/,
    function* (c, ref) {
      const kinds = { C: 0, A: 1, D: 2 } as const
      const list = yield* containerChanges(c.sys, findContainer(c.d, ref as string))
      return { status: 200, body: list.map((x) => ({ Path: x.path, Kind: kinds[x.kind] })) }
    },
  ],
]
