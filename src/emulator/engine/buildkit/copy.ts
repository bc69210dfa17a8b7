/** COPY, ADD and WORKDIR on a mounted file system, as BuildKit's file operations do them. */
import { concat, utf8 } from '../../base/bytes.ts'
import { type Errno, isErr } from '../../base/errno.ts'
import { slice } from '../../base/filedata.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { isDir, O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { type Digest, digestOf } from '../../oci/digest.ts'
import { unpacked } from '../../oci/layer.ts'
import { readTar, type TarEntry } from '../../oci/tar.ts'
import { resolveUser } from '../dockerd/spec.ts'
import { ApiError } from '../dockerd/state.ts'
import { rootPath } from '../rootpath.ts'
import { unpack } from '../unpack.ts'
import { BuildError } from './dockerfile/instructions.ts'
import type { Op } from './graph.ts'
import type { Item } from './source.ts'

type CopyOp = Extract<Op, { kind: 'copy' }>
interface Owner {
  readonly uid: number
  readonly gid: number
}

/** What decides whether a copy is the same as one before: names, modes, owners and contents, but not times. */
export function checksum(items: readonly Item[]): Digest {
  const parts: Uint8Array[] = []
  for (const { below, name, entry: e } of items) {
    parts.push(
      utf8(JSON.stringify([below, name ?? null, e.type, e.mode, e.uid, e.gid, e.target ?? null, e.data?.size ?? 0])),
    )
    for (const x of e.data?.extents ?? []) parts.push(utf8(`@${x.offset}:${x.bytes.length}:`), x.bytes)
  }
  return digestOf(concat([new Uint8Array(0), ...parts]))
}

/** `--chown=USER[:GROUP]` by the stage's own passwd and group. */
function* ownerOf(sys: Sys, root: string, text: string): Run<Owner> {
  const [user = '', group] = text.split(':')
  // A number without a group is the group's number, too.
  if (group === undefined && /^\d+$/.test(user)) return { uid: Number(user), gid: Number(user) }
  try {
    return yield* resolveUser(sys, root, text)
  } catch (e) {
    if (e instanceof ApiError) throw new BuildError(e.message)
    throw e
  }
}
const text = (e: Errno): string => e.text.toLowerCase()

/** Makes a directory and those above it that are missing; they get the owner. Answers its real path. */
export function* makeFolder(sys: Sys, root: string, path: string, owner: Owner | undefined, mode = 0o755): Run<string> {
  const real = yield* rootPath(sys, root, path)
  if (isErr(real)) throw new BuildError(`failed to resolve ${path}: ${text(real)}`)
  let at = root
  for (const part of real.slice(root.length).split('/').filter(Boolean)) {
    at += `/${part}`
    const s = yield* sys.stat(at)
    if (!isErr(s)) {
      if (!isDir(s.mode)) throw new BuildError(`cannot copy to non-directory: ${at}`)
      continue
    }
    const failed = yield* sys.mkdir(at, 0o755)
    if (failed) throw new BuildError(`mkdir ${at}: ${text(failed)}`)
    yield* sys.chmod(at, at === real ? mode : 0o755)
    if (owner) yield* sys.chown(at, owner.uid, owner.gid)
  }
  return real
}
/** WORKDIR's directory. */
export function* makeWorkdir(sys: Sys, root: string, path: string, user: string): Run<void> {
  yield* makeFolder(sys, root, path, user === '' ? undefined : yield* ownerOf(sys, root, user))
}

/** An archive that ADD unpacks: tar, plain or by gzip. */
function archiveOf(e: TarEntry): readonly TarEntry[] | undefined {
  if (e.type !== 'file' || !e.data) return undefined
  const bytes = unpacked(slice(e.data))
  if ('error' in bytes) return undefined
  const entries = readTar(bytes)
  return 'error' in entries || entries.length === 0 ? undefined : entries
}
function* putFile(sys: Sys, at: string, e: TarEntry, owner: Owner, mode: number): Run<void> {
  const fail = (failed: Errno | undefined | number): void => {
    if (isErr(failed)) throw new BuildError(`failed to copy to ${at}: ${text(failed)}`)
  }
  const there = yield* sys.lstat(at)
  if (!isErr(there)) {
    if (isDir(there.mode)) throw new BuildError(`cannot replace to directory ${at} with file`)
    yield* sys.unlink(at)
  }
  switch (e.type) {
    case 'symlink':
      fail(yield* sys.symlink(e.target ?? '', at))
      yield* sys.lchown(at, owner.uid, owner.gid)
      return
    case 'file': {
      const fd = yield* sys.open(at, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      fail(fd)
      if (isErr(fd)) return
      for (const x of e.data?.extents ?? []) fail(yield* sys.pwrite(fd, x.bytes, x.offset))
      yield* sys.ftruncate(fd, e.data?.size ?? 0)
      yield* sys.close(fd)
      break
    }
    case 'fifo':
      fail(yield* sys.mknod(at, 0o010000 | mode))
      break
    default:
      return
  }
  yield* sys.chown(at, owner.uid, owner.gid)
  yield* sys.chmod(at, mode)
  yield* sys.utimens(at, e.mtime * 1e9, e.mtime * 1e9)
}

/** Copies the selected files into a mounted file system. Throws BuildError. */
export function* copyFiles(sys: Sys, root: string, op: CopyOp, items: readonly Item[]): Run<void> {
  const given = op.chown === '' ? undefined : yield* ownerOf(sys, root, op.chown)
  const chmod = op.chmod === '' ? undefined : Number.parseInt(op.chmod, 8)
  const folder = op.destination.endsWith('/')
  for (const { below, name, entry: e } of items) {
    const owner = given ?? { uid: e.uid, gid: e.gid }
    const archive = op.unpack && name !== undefined ? archiveOf(e) : undefined
    if (archive) {
      const dir = yield* makeFolder(sys, root, op.destination, given)
      const failed = yield* unpack(sys, dir, given ? archive.map((x) => ({ ...x, ...given })) : archive)
      if (failed) throw new BuildError(failed)
      continue
    }
    const mode = chmod ?? e.mode
    if (e.type === 'dir') {
      const dir = `${op.destination}/${below}`
      const there = yield* rootPath(sys, root, dir)
      const known = !isErr(there) && !isErr(yield* sys.stat(there))
      const real = yield* makeFolder(sys, root, dir, owner, mode)
      if (!known) {
        yield* sys.chown(real, owner.uid, owner.gid)
        yield* sys.utimens(real, e.mtime * 1e9, e.mtime * 1e9)
      } else if (below !== '') yield* sys.chmod(real, mode)
      continue
    }
    let path = below === '' ? op.destination : `${op.destination}/${below}`
    if (name !== undefined) {
      const there = yield* rootPath(sys, root, op.destination)
      const s = isErr(there) ? there : yield* sys.stat(there)
      if (folder || (!isErr(s) && isDir(s.mode))) path = `${op.destination}/${name}`
    }
    const at = path.replace(/\/+$/, '').lastIndexOf('/')
    const parent = yield* makeFolder(sys, root, path.slice(0, Math.max(at, 0)) || '/', given)
    yield* putFile(sys, `${parent}/${path.slice(at + 1)}`, e, owner, mode)
  }
}
