/** Commands of cmd.exe on folders and files: dir, type, copy, move, ren, del, md, rd. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { isDir, O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { print, readFile, readText, warn, writeAll } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { entriesOf, objectName, windowsName } from '../../userland/windows/paths.ts'

export type Builtin = (sys: Sys, words: readonly string[], flags: ReadonlySet<string>) => Run<number>

const grouped = (n: number): string => n.toLocaleString('en-US')
/** `*` and `?` of a file's name; `*.*` is every name. */
function matches(name: string, pattern: string): boolean {
  if (pattern === '*.*') return true
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.')
  return new RegExp(`^${source}$`, 'i').test(name)
}
/** The paths that a name with wildcards stands for; a name without is itself. */
function* expand(sys: Sys, name: string): Run<readonly string[]> {
  const path = yield* objectName(sys, name)
  if (!/[*?]/.test(path)) return [path]
  const at = path.lastIndexOf('/')
  const entries = yield* entriesOf(sys, path.slice(0, at))
  return isErr(entries)
    ? []
    : entries.filter((e) => matches(e.name, path.slice(at + 1))).map((e) => `${path.slice(0, at)}/${e.name}`)
}
const notFound = function* (sys: Sys, text = 'The system cannot find the file specified.'): Run<number> {
  yield* warn(sys, `${text}\n`)
  return 1
}
const leaf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const dir: Builtin = function* (sys, words, flags) {
  const name = words[0] ?? '.'
  let folder = yield* objectName(sys, name)
  let pattern = '*'
  const whole = yield* sys.stat(folder)
  if (isErr(whole) || !isDir(whole.mode)) {
    pattern = leaf(folder)
    folder = folder.slice(0, folder.lastIndexOf('/'))
  }
  const entries = yield* entriesOf(sys, folder)
  const bare = flags.has('b')
  if (!bare) yield* print(sys, ' Volume in drive C has no label.\n Volume Serial Number is 5A4B-2D1C\n\n')
  if (isErr(entries))
    return yield* notFound(sys, bare ? 'File Not Found' : 'The system cannot find the path specified.')
  const dots = pattern === '*' && !bare && folder.split('/').length > 2 ? ['.', '..'] : []
  const names = entries
    .map((e) => e.name)
    .filter((n) => matches(n, pattern))
    .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
  if (!bare) yield* print(sys, ` Directory of ${windowsName(folder)}\n\n`)
  let files = 0
  let folders = 0
  let bytes = 0
  for (const n of [...dots, ...names]) {
    const s = yield* sys.stat(`${folder}/${n}`)
    if (isErr(s)) continue
    const isFolder = isDir(s.mode)
    if ((flags.has('ad') && !isFolder) || (flags.has('a-d') && isFolder)) continue
    if (isFolder) folders++
    else {
      files++
      bytes += s.size
    }
    yield* print(
      sys,
      bare
        ? `${n}\n`
        : `${strftime('%m/%d/%Y  %I:%M %p', s.mtime)}    ${isFolder ? '<DIR>         ' : grouped(s.size).padStart(14)} ${n}\n`,
    )
  }
  if (files + folders === 0) return yield* notFound(sys, 'File Not Found')
  if (bare) return 0
  const space = yield* sys.statfs(folder)
  const free = isErr(space) ? 0 : space.free
  yield* print(
    sys,
    `${grouped(files).padStart(16)} File(s) ${grouped(bytes).padStart(14)} bytes\n${grouped(folders).padStart(16)} Dir(s) ${grouped(free).padStart(15)} bytes free\n`,
  )
  return 0
}
const type: Builtin = function* (sys, words) {
  let code = 0
  if (words.length === 0) return yield* notFound(sys, 'The syntax of the command is incorrect.')
  for (const name of words)
    for (const path of yield* expand(sys, name)) {
      const content = yield* readText(sys, path)
      if (isErr(content)) code = yield* notFound(sys, content.name === 'EISDIR' ? 'Access is denied.' : undefined)
      else {
        if (words.length > 1) yield* print(sys, `\n${name}\n\n\n`)
        yield* print(sys, content)
      }
    }
  return code
}
/** Where a file of a name goes: into the target, if that is a folder. */
function* place(sys: Sys, from: string, target: string): Run<string> {
  const s = yield* sys.stat(target)
  return !isErr(s) && isDir(s.mode) ? `${target}/${leaf(from)}` : target
}
const copy: Builtin = function* (sys, words) {
  const target = yield* objectName(sys, words[1] ?? '.')
  let copied = 0
  for (const from of yield* expand(sys, words[0] ?? '')) {
    const bytes = yield* readFile(sys, from)
    if (isErr(bytes)) return yield* notFound(sys)
    const fd = yield* sys.open(yield* place(sys, from, target), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    if (isErr(fd)) return yield* notFound(sys, 'The system cannot find the path specified.')
    yield* writeAll(sys, fd, bytes)
    yield* sys.close(fd)
    copied++
  }
  yield* print(sys, `${String(copied).padStart(9)} file(s) copied.\n`)
  return copied > 0 ? 0 : 1
}
const move: Builtin = function* (sys, words) {
  const target = yield* objectName(sys, words[1] ?? '.')
  let moved = 0
  for (const from of yield* expand(sys, words[0] ?? '')) {
    if (yield* sys.rename(from, yield* place(sys, from, target))) return yield* notFound(sys)
    moved++
  }
  if (moved === 0) return yield* notFound(sys, 'A duplicate file name exists, or the file\ncannot be found.')
  yield* print(sys, `${String(moved).padStart(9)} file(s) moved.\n`)
  return 0
}
const rename: Builtin = function* (sys, words) {
  const from = yield* objectName(sys, words[0] ?? '')
  const to = `${from.slice(0, from.lastIndexOf('/'))}/${words[1] ?? ''}`
  const taken = !isErr(yield* sys.stat(to))
  if (words.length < 2) return yield* notFound(sys, 'The syntax of the command is incorrect.')
  if (taken) return yield* notFound(sys, 'A duplicate file name exists, or the file\ncannot be found.')
  return (yield* sys.rename(from, to)) ? yield* notFound(sys) : 0
}
const del: Builtin = function* (sys, words) {
  if (words.length === 0) return yield* notFound(sys, 'The syntax of the command is incorrect.')
  for (const name of words) {
    const paths = yield* expand(sys, name)
    let gone = 0
    for (const path of paths) {
      const s = yield* sys.stat(path)
      if (!isErr(s) && !isDir(s.mode) && !(yield* sys.unlink(path))) gone++
    }
    // del complains, and answers 0 all the same.
    if (gone === 0) yield* warn(sys, `Could Not Find ${windowsName(yield* objectName(sys, name))}\n`)
  }
  return 0
}
const makeFolder: Builtin = function* (sys, words) {
  if (words.length === 0) return yield* notFound(sys, 'The syntax of the command is incorrect.')
  let code = 0
  for (const name of words) {
    const path = yield* objectName(sys, name)
    if (!isErr(yield* sys.stat(path))) {
      code = yield* notFound(sys, `A subdirectory or file ${name} already exists.`)
      continue
    }
    let at = ''
    for (const part of path.split('/').filter(Boolean)) {
      at += `/${part}`
      yield* sys.mkdir(at, 0o755)
    }
  }
  return code
}
function* removeTree(sys: Sys, path: string): Run<void> {
  const entries = yield* entriesOf(sys, path)
  if (!isErr(entries)) for (const e of entries) yield* removeTree(sys, `${path}/${e.name}`)
  if (yield* sys.unlink(path)) yield* sys.rmdir(path)
}
const removeFolder: Builtin = function* (sys, words, flags) {
  const path = yield* objectName(sys, words[0] ?? '')
  const s = yield* sys.stat(path)
  if (isErr(s)) return yield* notFound(sys)
  if (!isDir(s.mode)) return yield* notFound(sys, 'The directory name is invalid.')
  if (flags.has('s')) {
    yield* removeTree(sys, path)
    return 0
  }
  return (yield* sys.rmdir(path)) ? yield* notFound(sys, 'The directory is not empty.') : 0
}
export const fileCommands: Readonly<Record<string, Builtin>> = {
  dir,
  type,
  copy,
  move,
  ren: rename,
  rename,
  del,
  erase: del,
  md: makeFolder,
  mkdir: makeFolder,
  rd: removeFolder,
  rmdir: removeFolder,
}
