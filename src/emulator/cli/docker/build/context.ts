/** The build context: a directory's files as an archive, without what .dockerignore takes out. */
import { isErr } from '../../../base/errno.ts'
import { fromBytes } from '../../../base/filedata.ts'
import { hasExceptions, ignoreMatcher, readIgnore } from '../../../engine/buildkit/ignore.ts'
import { treeEntries } from '../../../engine/layers.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { isDir } from '../../../kernel/linux/fs/flags.ts'
import { type TarEntry, writeTar } from '../../../oci/tar.ts'
import { decode, readFile, readText } from '../../../userland/lib/io.ts'
import { CliError } from '../api.ts'

export interface PackedContext {
  readonly archive: Uint8Array
  /** The Dockerfile's name in the archive, and its text; undefined where it isn't there. */
  readonly dockerfile: string
  readonly shown: string
  readonly text: string | undefined
}
const absolute = (cwd: string, path: string): string => normalize(path.startsWith('/') ? path : `${cwd}/${path}`)
function normalize(path: string): string {
  const out: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') out.pop()
    else if (part !== '' && part !== '.') out.push(part)
  }
  return `/${out.join('/')}`
}

/** Packs a directory; `file` is -f as it was given. */
export function* packContext(
  sys: Sys,
  cwd: string,
  path: string,
  file: string | undefined,
  stdin: () => Run<Uint8Array>,
): Run<PackedContext> {
  const dir = absolute(cwd, path)
  const s = yield* sys.stat(dir)
  if (isErr(s))
    throw new CliError(`ERROR: failed to build: unable to prepare context: path ${JSON.stringify(path)} not found`)
  if (!isDir(s.mode))
    throw new CliError(`ERROR: failed to build: unable to prepare context: context must be a directory: ${dir}`)
  const outside: TarEntry[] = []
  let name = 'Dockerfile'
  let shown = 'Dockerfile'
  let text: string | undefined
  const add = (bytes: Uint8Array): void => {
    name = `.dockerfile.${(bytes.length * 2654435761).toString(16).slice(-12).padStart(12, '0')}`
    outside.push({ path: name, type: 'file', mode: 0o600, uid: 0, gid: 0, mtime: 0, data: fromBytes(bytes) })
    text = decode(bytes)
  }
  if (file === '-') {
    add(yield* stdin())
  } else {
    const full = file === undefined ? `${dir}/Dockerfile` : absolute(cwd, file)
    const bytes = yield* readFile(sys, full)
    shown = full.slice(full.lastIndexOf('/') + 1)
    if (full.startsWith(dir === '/' ? '/' : `${dir}/`)) {
      name = full.slice(dir === '/' ? 1 : dir.length + 1)
      text = isErr(bytes) ? undefined : decode(bytes)
    } else if (!isErr(bytes)) add(bytes)
    else name = shown
  }
  const own = yield* readText(sys, `${dir}/${name}.dockerignore`)
  const common = isErr(own) ? yield* readText(sys, `${dir}/.dockerignore`) : own
  const patterns = isErr(common) ? [] : readIgnore(common)
  const ignored = ignoreMatcher(patterns)
  if (typeof ignored !== 'function')
    throw new CliError(`ERROR: failed to build: error checking context: ${ignored.error}`)
  const keepAll = hasExceptions(patterns)
  const needed = new Set([name, '.dockerignore', `${name}.dockerignore`])
  const entries = yield* treeEntries(sys, dir === '/' ? '' : dir, '', (p) => {
    if (needed.has(p) || [...needed].some((n) => n.startsWith(`${p}/`))) return true
    // Below a directory that is taken out an exception may bring names back.
    return (
      !ignored(p) ||
      (keepAll && patterns.some((x) => x.startsWith('!') && (x.slice(1).startsWith(`${p}/`) || /[*?]/.test(x))))
    )
  })
  if (isErr(entries))
    throw new CliError(`ERROR: failed to build: error checking context: ${entries.text.toLowerCase()}`)
  // Files of the context belong to nobody in particular.
  const plain = [...entries, ...outside].map((e) => ({ ...e, uid: 0, gid: 0 }))
  return { archive: writeTar(plain), dockerfile: name, shown, text }
}
