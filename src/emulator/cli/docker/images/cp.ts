/** docker cp: files into a container and out of it, by archives. */
import { isErr } from '../../../base/errno.ts'
import { unbase64 } from '../../../engine/dockerd/distribution.ts'
import { entryOf, treeEntries } from '../../../engine/layers.ts'
import { unpack } from '../../../engine/unpack.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { isDir } from '../../../kernel/linux/fs/flags.ts'
import { readTar, type TarEntry, writeTar } from '../../../oci/tar.ts'
import { humanSize } from '../../../oci/units.ts'
import { readAll, warn, writeAll } from '../../../userland/lib/io.ts'
import type { Given } from '../../flags.ts'
import { CliError, type Client, query } from '../api.ts'
import { absolute } from '../create.ts'
import type { Command } from '../invoke.ts'
import { bodyOf, transfer } from '../transfer.ts'
import { isTerminal } from './files.ts'

/** `container:path`; a path alone has no container. */
function split(arg: string): { readonly container: string; readonly path: string } {
  if (arg === '-' || arg.startsWith('/') || arg.startsWith('.') || !arg.includes(':'))
    return { container: '', path: arg }
  const at = arg.indexOf(':')
  return { container: arg.slice(0, at), path: arg.slice(at + 1) }
}
const base = (path: string): string => path.replace(/\/+$/, '').replace(/^.*\//, '')
const parent = (path: string): string =>
  path.replace(/\/+$/, '').replace(/\/?[^/]*$/, '') || (path.startsWith('/') ? '/' : '.')

interface PathStat {
  readonly name: string
  readonly mode: number
  readonly linkTarget: string
}
const statIsDir = (s: PathStat): boolean => s.mode >= 2 ** 31
/** What a path in the container is; undefined where nothing is there. */
function* statIn(sys: Sys, client: Client, container: string, path: string): Run<PathStat | undefined> {
  try {
    const t = yield* transfer(
      sys,
      client,
      'HEAD',
      `/containers/${encodeURIComponent(container)}/archive${query({ path })}`,
    )
    yield* sys.close(t.fd)
    return JSON.parse(unbase64(t.headers['x-docker-container-path-stat'] ?? '') ?? '{}') as PathStat
  } catch (e) {
    if (e instanceof CliError && (e as { status?: number }).status === 404) return undefined
    throw e
  }
}
/** Renames an archive's top: `from` and what is below becomes `to`. */
const rename = (entries: readonly TarEntry[], from: string, to: string): TarEntry[] =>
  entries.flatMap((e) => {
    const swap = (p: string): string =>
      p === from ? to : p.startsWith(`${from}/`) ? `${to}${to === '' ? '' : '/'}${p.slice(from.length + 1)}` : p
    const path = swap(e.path)
    if (path === '') return []
    return [{ ...e, path, ...(e.type === 'link' && e.target !== undefined ? { target: swap(e.target) } : {}) }]
  })
function* told(sys: Sys, quiet: boolean, size: number, to: string): Run<void> {
  if (!quiet) yield* warn(sys, `Successfully copied ${humanSize(size, 3)} to ${to}\n`)
}

export const cp: Command = function* (sys, client, g) {
  const [from = '', to = ''] = g.args
  const source = split(from)
  const target = split(to)
  if (source.container !== '' && target.container !== '')
    throw new CliError('copying between containers is not supported')
  if (source.container === '' && target.container === '')
    throw new CliError('must specify at least one container source')
  if (source.path === '') throw new CliError('source can not be empty')
  if (target.path === '') throw new CliError('destination can not be empty')
  const quiet = g.parsed.values.has('quiet') ? g.has('quiet') : !(yield* isTerminal(sys, 1))
  return source.container !== ''
    ? yield* outOf(sys, client, source.container, source.path, target.path, g.has('follow-link'), quiet)
    : yield* into(sys, client, source.path, target.container, target.path, g, quiet)
}

/** Copies out of a container. */
function* outOf(
  sys: Sys,
  client: Client,
  container: string,
  asked: string,
  to: string,
  follow: boolean,
  quiet: boolean,
): Run<number> {
  const link = follow ? (yield* statIn(sys, client, container, asked))?.linkTarget : undefined
  // What a link names is copied under the link's own name.
  const path = link ? (link.startsWith('/') ? link : `${parent(asked)}/${link}`) : asked
  const t = yield* transfer(
    sys,
    client,
    'GET',
    `/containers/${encodeURIComponent(container)}/archive${query({ path })}`,
  )
  const bytes = yield* bodyOf(t)
  yield* sys.close(t.fd)
  if (to === '-') {
    yield* writeAll(sys, 1, bytes)
    return 0
  }
  const read = readTar(bytes)
  if ('error' in read) throw new CliError(read.error)
  const entries = link ? rename(read, base(path), base(asked)) : read
  const contents = /(^|\/)\.$/.test(asked)
  const top = contents ? '' : base(asked)
  const isFolder = contents || entries.some((e) => e.path === top && e.type === 'dir') || top === ''
  const there = yield* sys.stat(to)
  let dir = to
  let named = entries
  if (isErr(there)) {
    const here = yield* sys.getcwd()
    const above = parent(absolute(isErr(here) ? '/' : here, to))
    const s = yield* sys.stat(above)
    if (isErr(s) || !isDir(s.mode))
      throw new CliError(`invalid output path: directory ${JSON.stringify(above)} does not exist`)
    if (isFolder) yield* sys.mkdir(to)
    else if (to.endsWith('/')) throw new CliError(`no such directory`)
    dir = isFolder ? to : above
    named = rename(entries, top, isFolder ? '' : base(to))
  } else if (isDir(there.mode)) named = entries
  else {
    if (isFolder) throw new CliError('cannot copy directory')
    dir = parent(to)
    named = rename(entries, top, base(to))
  }
  // On this side the files are the caller's, also with --archive: that keeps owners on the way in alone.
  const own = named.map((e) => ({ ...e, uid: 0, gid: 0 }))
  const failed = yield* unpack(sys, dir, own)
  if (failed) throw new CliError(failed)
  yield* told(sys, quiet, bytes.length, to)
  return 0
}
function* into(
  sys: Sys,
  client: Client,
  path: string,
  container: string,
  to: string,
  g: Given,
  quiet: boolean,
): Run<number> {
  const copyUIDGID = g.has('archive')
  const put = function* (dir: string, bytes: Uint8Array): Run<number> {
    const t = yield* transfer(
      sys,
      client,
      'PUT',
      `/containers/${encodeURIComponent(container)}/archive${query({ path: dir, noOverwriteDirNonDir: 'true', copyUIDGID })}`,
      { body: bytes },
    )
    yield* sys.close(t.fd)
    yield* told(sys, quiet, bytes.length, `${container}:${to}`)
    return 0
  }
  let there = yield* statIn(sys, client, container, to)
  let target = to
  if (there?.linkTarget) {
    target = there.linkTarget.startsWith('/') ? there.linkTarget : `${parent(to)}/${there.linkTarget}`
    there = yield* statIn(sys, client, container, target)
  }
  if (path === '-') {
    if (!there || !statIsDir(there)) throw new CliError(`destination "${container}:${to}" must be a directory`)
    const bytes = yield* readAll(sys, 0)
    if (isErr(bytes)) throw new CliError(bytes.text)
    return yield* put(target, bytes)
  }
  const s = yield* g.has('follow-link') ? sys.stat(path) : sys.lstat(path)
  if (isErr(s))
    throw new CliError(
      `lstat ${path.startsWith('/') ? path.replace(/^\/(?=[^/]*$)/, '//') : `${String(yield* sys.getcwd())}/${path}`}: ${s.text.toLowerCase()}`,
    )
  const contents = isDir(s.mode) && /(^|\/)\.$/.test(path)
  let dir: string
  let name: string
  if (there && statIsDir(there)) {
    dir = target
    const real = yield* sys.getcwd()
    name = contents ? '' : base(path) === '.' || base(path) === '' ? base(String(real)) : base(path)
  } else if (there) {
    if (isDir(s.mode)) throw new CliError('cannot copy directory')
    if (/\/\.?$/.test(to)) throw new CliError('no such directory')
    dir = parent(target)
    name = base(target)
  } else {
    if (to.endsWith('/') && !isDir(s.mode)) throw new CliError('no such directory')
    dir = parent(target)
    name = base(target)
  }
  const own = name === '' ? undefined : yield* entryOf(sys, path, name, s)
  const below = isDir(s.mode) ? yield* treeEntries(sys, path.replace(/\/+$/, '') || '/', name) : []
  if (isErr(own) || isErr(below)) throw new CliError('input/output error')
  return yield* put(dir, writeTar([...(own ? [own] : []), ...below]))
}
