/** Cmdlets that copy, move and rename items, and take paths apart. */
import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { isDir, O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { readFile, writeAll } from '../../../userland/lib/io.ts'
import { entriesOf, objectName, windowsName } from '../../../userland/windows/paths.ts'
import { type Cmdlets, flag, rest, value } from '../cmdlet.ts'
import { PsObject, textOf, type Value } from '../values.ts'
import { expand, missing } from './files.ts'

const management = 'Microsoft.PowerShell.Management'
const leaf = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path
const parent = (path: string): string => {
  const cut = path.replace(/[\\/]+$/, '').replace(/[\\/][^\\/]*$/, '')
  return /^[A-Za-z]:$/.test(cut) ? `${cut}\\` : cut
}

/** Copies a file or, where `deep`, a folder with all in it. */
function* copy(sys: Sys, from: string, to: string, deep: boolean): Run<void> {
  const s = yield* sys.stat(from)
  if (isErr(s)) return
  if (isDir(s.mode)) {
    yield* sys.mkdir(to, 0o755)
    const entries = deep ? yield* entriesOf(sys, from) : []
    if (!isErr(entries)) for (const e of entries) yield* copy(sys, `${from}/${e.name}`, `${to}/${e.name}`, deep)
    return
  }
  const bytes = yield* readFile(sys, from)
  const fd = yield* sys.open(to, O_WRONLY | O_CREAT | O_TRUNC, s.mode & 0o777)
  if (isErr(fd) || isErr(bytes)) return
  yield* writeAll(sys, fd, bytes)
  yield* sys.close(fd)
}
/** Where something of a name comes to lie: in the folder, if the target is one. */
function* place(sys: Sys, from: string, target: string): Run<string> {
  const s = yield* sys.stat(target)
  return !isErr(s) && isDir(s.mode) ? `${target}/${leaf(from)}` : target
}
export const pathCmdlets: Cmdlets = {
  'Copy-Item': {
    short: 'Copies an item from one location to another.',
    module: management,
    parameters: { Path: value(0), Destination: value(1), Recurse: flag(), Force: flag() },
    *run(g) {
      const target = yield* objectName(g.sys, g.text('Destination') ?? '.')
      for (const name of g.list('Path'))
        for (const from of yield* expand(g.sys, name)) {
          if (isErr(yield* g.sys.stat(from))) yield* g.shell.fail(missing(g, from))
          else yield* copy(g.sys, from, yield* place(g.sys, from, target), g.has('Recurse'))
        }
      return []
    },
  },
  'Move-Item': {
    short: 'Moves an item from one location to another.',
    module: management,
    parameters: { Path: value(0), Destination: value(1), Force: flag() },
    *run(g) {
      const target = yield* objectName(g.sys, g.text('Destination') ?? '.')
      for (const name of g.list('Path'))
        for (const from of yield* expand(g.sys, name)) {
          if (isErr(yield* g.sys.stat(from))) yield* g.shell.fail(missing(g, from))
          else yield* g.sys.rename(from, yield* place(g.sys, from, target))
        }
      return []
    },
  },
  'Rename-Item': {
    short: 'Renames an item in a Windows PowerShell provider namespace.',
    module: management,
    parameters: { Path: value(0), NewName: value(1) },
    *run(g) {
      const from = yield* objectName(g.sys, g.text('Path') ?? '')
      if (isErr(yield* g.sys.stat(from)))
        throw g.error(
          `Cannot rename because item at '${windowsName(from)}' does not exist.`,
          'InvalidOperation: (:) [Rename-Item], PSInvalidOperationException',
          'InvalidOperation,Microsoft.PowerShell.Commands.RenameItemCommand',
        )
      const to = `${from.slice(0, from.lastIndexOf('/'))}/${leaf(g.text('NewName') ?? '')}`
      if (!isErr(yield* g.sys.stat(to)))
        throw g.error(
          'Cannot create a file when that file already exists.',
          `WriteError: (${windowsName(from)}:String) [Rename-Item], IOException`,
          'RenameItemIOError,Microsoft.PowerShell.Commands.RenameItemCommand',
        )
      yield* g.sys.rename(from, to)
      return []
    },
  },
  'Split-Path': {
    short: 'Returns the specified part of a path.',
    module: management,
    parameters: { Path: rest(0), Leaf: flag(), Parent: flag(), Qualifier: flag(), NoQualifier: flag() },
    *run(g) {
      const paths = [...g.input.map(textOf), ...g.list('Path')]
      return paths.map((p) =>
        g.has('Leaf')
          ? leaf(p)
          : g.has('Qualifier')
            ? p.slice(0, 2)
            : g.has('NoQualifier')
              ? p.replace(/^[A-Za-z]:/, '')
              : parent(p),
      )
    },
  },
  'Join-Path': {
    short: 'Combines a path and a child path into a single path.',
    module: management,
    parameters: { Path: value(0), ChildPath: value(1) },
    *run(g) {
      const child = (g.text('ChildPath') ?? '').replace(/^[\\/]+/, '').replace(/\//g, '\\')
      return g.list('Path').map((p) => `${p.replace(/[\\/]+$/, '')}\\${child}`)
    },
  },
  'Resolve-Path': {
    short: 'Resolves the wildcard characters in a path, and displays the path contents.',
    module: management,
    parameters: { Path: rest(0) },
    *run(g) {
      const out: Value[] = []
      for (const name of g.list('Path'))
        for (const path of yield* expand(g.sys, name)) {
          const Path = windowsName(path)
          if (isErr(yield* g.sys.stat(path))) yield* g.shell.fail(missing(g, path))
          else out.push(new PsObject('System.Management.Automation.PathInfo', { Path }, Path))
        }
      return out
    },
  },
}
