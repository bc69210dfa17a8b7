/** Cmdlets on drives, folders and files. */
import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { isDir, O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import type { Stat } from '../../../kernel/linux/fs/inode.ts'
import { readText, writeAll } from '../../../userland/lib/io.ts'
import { strftime } from '../../../userland/lib/time.ts'
import { entriesOf, objectName, windowsName } from '../../../userland/windows/paths.ts'
import { type Cmdlets, flag, type Given, rest, value } from '../cmdlet.ts'
import { enumerate, like, numberOf, type PsError, PsObject, textOf, type Value } from '../values.ts'

const management = 'Microsoft.PowerShell.Management'

/** 11/21/2026   9:00 AM */
function shortDate(time: number): string {
  const [month, day, year, hour, minute, half] = strftime('%m %d %Y %I %M %p', time).split(' ')
  return `${Number(month)}/${Number(day)}/${year} ${String(Number(hour)).padStart(3)}:${minute} ${half}`
}
function item(path: string, s: Stat): PsObject {
  const at = path.lastIndexOf('/')
  const folder = isDir(s.mode)
  const FullName = windowsName(path)
  const Name = path.slice(at + 1)
  return new PsObject(
    'System.IO.FileInfo',
    {
      Mode: folder ? 'd-----' : '-a----',
      LastWriteTime: shortDate(s.mtime),
      Length: folder ? null : s.size,
      Name,
      FullName,
      DirectoryName: windowsName(path.slice(0, at)),
      Extension: folder ? '' : (/\.[^.]+$/.exec(Name)?.[0] ?? ''),
      PSIsContainer: folder,
    },
    FullName,
  )
}
export const missing = (g: Given, path: string): PsError =>
  g.error(
    `Cannot find path '${windowsName(path)}' because it does not exist.`,
    `ObjectNotFound: (${windowsName(path)}:String) [${g.cmdlet}], ItemNotFoundException`,
    `PathNotFound,Microsoft.PowerShell.Commands.${g.cmdlet.replace('-', '')}Command`,
  )
/** Paths that a name with wildcards in its last part stands for. */
export function* expand(sys: Sys, name: string): Run<readonly string[]> {
  const path = yield* objectName(sys, name)
  if (!/[*?]/.test(path)) return [path]
  const at = path.lastIndexOf('/')
  const entries = yield* entriesOf(sys, path.slice(0, at))
  if (isErr(entries)) return []
  return entries.filter((e) => like(e.name, path.slice(at + 1))).map((e) => `${path.slice(0, at)}/${e.name}`)
}
const byName = (a: string, b: string): number => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)

function* children(g: Given, folder: string, depth: number): Run<readonly PsObject[]> {
  const entries = yield* entriesOf(g.sys, folder)
  if (isErr(entries)) return []
  const items: PsObject[] = []
  for (const e of [...entries].sort((a, b) => byName(a.name, b.name))) {
    const s = yield* g.sys.lstat(`${folder}/${e.name}`)
    if (!isErr(s)) items.push(item(`${folder}/${e.name}`, s))
  }
  items.sort((a, b) => Number(b.get('PSIsContainer')) - Number(a.get('PSIsContainer')))
  if (depth > 0)
    for (const i of [...items])
      if (i.get('PSIsContainer')) items.push(...(yield* children(g, `${folder}/${textOf(i.get('Name'))}`, depth - 1)))
  return items
}
function* write(g: Given, values: readonly Value[], append: boolean): Run<readonly Value[]> {
  const path = yield* objectName(g.sys, g.text('Path') ?? '')
  const fd = yield* g.sys.open(path, O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), 0o644)
  if (isErr(fd))
    throw g.error(
      `Could not find a part of the path '${windowsName(path)}'.`,
      `ObjectNotFound: (${windowsName(path)}:String) [${g.cmdlet}], DirectoryNotFoundException`,
      `GetContentWriterDirectoryNotFoundError,Microsoft.PowerShell.Commands.${g.cmdlet.replace('-', '')}Command`,
    )
  yield* writeAll(g.sys, fd, new TextEncoder().encode(values.map((v) => `${textOf(v)}\n`).join('')))
  yield* g.sys.close(fd)
  return []
}
/** Makes a folder, with those above it, or a file. */
function* create(g: Given, name: string): Run<readonly Value[]> {
  const path = yield* objectName(g.sys, name)
  // mkdir and md are the same cmdlet's function with the type given.
  const folder = !/^file$/i.test(g.text('ItemType') ?? 'Directory')
  if (!g.has('Force') && !isErr(yield* g.sys.stat(path)))
    throw g.error(
      `An item with the specified name ${windowsName(path)} already exists.`,
      `ResourceExists: (${windowsName(path)}:String) [New-Item], IOException`,
      `${folder ? 'DirectoryExist' : 'NewItemIOError'},Microsoft.PowerShell.Commands.NewItemCommand`,
    )
  if (folder) {
    let at = ''
    for (const part of path.split('/').filter(Boolean)) {
      at += `/${part}`
      yield* g.sys.mkdir(at, 0o755)
    }
  } else {
    const fd = yield* g.sys.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    if (isErr(fd))
      throw g.error(
        `Could not find a part of the path '${windowsName(path)}'.`,
        'WriteError: (:) [New-Item], DirectoryNotFoundException',
        'NewItemIOError,Microsoft.PowerShell.Commands.NewItemCommand',
      )
    yield* writeAll(g.sys, fd, new TextEncoder().encode(g.text('Value') ?? ''))
    yield* g.sys.close(fd)
  }
  const s = yield* g.sys.stat(path)
  return isErr(s) ? [] : [item(path, s)]
}
function* removeTree(sys: Sys, path: string): Run<void> {
  const entries = yield* entriesOf(sys, path)
  if (!isErr(entries)) for (const e of entries) yield* removeTree(sys, `${path}/${e.name}`)
  if (yield* sys.unlink(path)) yield* sys.rmdir(path)
}

export const fileCmdlets: Cmdlets = {
  'Get-ChildItem': {
    short: 'Gets the items and child items in one or more specified locations.',
    module: management,
    parameters: {
      Path: rest(0),
      Filter: value(),
      Recurse: flag(),
      Name: flag(),
      Directory: flag(),
      File: flag(),
      Force: flag(),
    },
    *run(g) {
      const out: PsObject[] = []
      for (const name of g.has('Path') ? g.list('Path') : ['.']) {
        const own = /^env:[\\/]?(.*)$/i.exec(name)
        if (own) {
          const hits = [...g.shell.environment].filter(([k]) => like(k, (own[1] as string) || '*')).sort()
          if (hits.length === 0 && !/[*?]/.test(name)) yield* g.shell.fail(missing(g, own[1] as string))
          for (const [Name, Value] of hits)
            out.push(new PsObject('System.Collections.DictionaryEntry', { Name, Value }, `${Name}=${Value}`))
          continue
        }
        if (/^\\\\\.\\pipe\\?$/i.test(name)) {
          const pipes = yield* entriesOf(g.sys, '/Device/NamedPipe')
          for (const e of isErr(pipes) ? [] : pipes)
            out.push(
              new PsObject(
                'System.IO.FileInfo',
                {
                  Mode: '------',
                  LastWriteTime: '',
                  Length: 1,
                  Name: e.name,
                  FullName: `\\\\.\\pipe\\${e.name}`,
                  DirectoryName: '\\\\.\\pipe',
                  PSIsContainer: false,
                },
                `\\\\.\\pipe\\${e.name}`,
              ),
            )
          continue
        }
        for (const path of yield* expand(g.sys, name)) {
          const s = yield* g.sys.stat(path)
          if (isErr(s)) {
            yield* g.shell.fail(missing(g, path))
            continue
          }
          if (isDir(s.mode) && !/[*?]/.test(name)) out.push(...(yield* children(g, path, g.has('Recurse') ? 64 : 0)))
          else out.push(item(path, s))
        }
      }
      const filter = g.text('Filter')
      const kept = out.filter(
        (i) =>
          (filter === undefined || like(textOf(i.get('Name')), filter)) &&
          (!g.has('Directory') || i.get('PSIsContainer') === true) &&
          (!g.has('File') || i.get('PSIsContainer') === false),
      )
      return g.has('Name') ? kept.map((i) => i.get('Name') as Value) : kept
    },
  },
  'Get-Item': {
    short: 'Gets the item at the specified location.',
    module: management,
    parameters: { Path: value(0) },
    *run(g) {
      const out: Value[] = []
      for (const path of yield* expand(g.sys, g.text('Path') ?? '.')) {
        const s = yield* g.sys.stat(path)
        if (isErr(s)) throw missing(g, path)
        out.push(item(path, s))
      }
      return out
    },
  },
  'Get-Content': {
    short: 'Gets the content of the item at the specified location.',
    module: management,
    parameters: {
      Path: rest(0),
      TotalCount: value(undefined, ['head', 'first']),
      Tail: value(undefined, ['last']),
      Raw: flag(),
    },
    *run(g) {
      const out: string[] = []
      for (const name of g.list('Path'))
        for (const path of yield* expand(g.sys, name)) {
          const text = yield* readText(g.sys, path)
          if (isErr(text)) {
            if (text.name === 'EISDIR')
              throw g.error(
                `Access to the path '${windowsName(path)}' is denied.`,
                `PermissionDenied: (${windowsName(path)}:String) [Get-Content], UnauthorizedAccessException`,
                'GetContentReaderUnauthorizedAccessError,Microsoft.PowerShell.Commands.GetContentCommand',
              )
            yield* g.shell.fail(missing(g, path))
            continue
          }
          if (g.has('Raw')) out.push(text)
          else if (text !== '') out.push(...text.replace(/\r?\n$/, '').split(/\r?\n/))
        }
      const head = g.values.get('TotalCount')
      const tail = g.values.get('Tail')
      if (head !== undefined) return out.slice(0, numberOf(head))
      return tail === undefined ? out : out.slice(-(numberOf(tail) ?? 0) || out.length)
    },
  },
  'Set-Content': {
    short: 'Writes new content or replaces existing content in a file.',
    module: management,
    parameters: { Path: value(0), Value: rest(1) },
    *run(g) {
      return yield* write(g, g.values.has('Value') ? enumerate(g.values.get('Value')) : g.input, false)
    },
  },
  'Add-Content': {
    short: 'Adds content to the specified items.',
    module: management,
    parameters: { Path: value(0), Value: rest(1) },
    *run(g) {
      return yield* write(g, g.values.has('Value') ? enumerate(g.values.get('Value')) : g.input, true)
    },
  },
  'Set-Location': {
    short: 'Sets the current working location to a specified location.',
    module: management,
    parameters: { Path: value(0) },
    *run(g) {
      const path = yield* objectName(g.sys, g.text('Path') ?? '~')
      if (yield* g.sys.chdir(path)) throw missing(g, path)
      return []
    },
  },
  'Get-Location': {
    short: 'Gets information about the current working location.',
    module: management,
    parameters: {},
    *run(g) {
      const cwd = yield* g.sys.getcwd()
      const Path = isErr(cwd) ? '' : windowsName(cwd)
      return [new PsObject('System.Management.Automation.PathInfo', { Path }, Path)]
    },
  },
  'Test-Path': {
    short: 'Determines whether all elements of a path exist.',
    module: management,
    parameters: { Path: value(0) },
    *run(g) {
      const name = g.text('Path') ?? ''
      const paths = yield* expand(g.sys, name)
      for (const p of paths) if (!isErr(yield* g.sys.stat(p))) return [true]
      return [false]
    },
  },
  'New-Item': {
    short: 'Creates a new item.',
    module: management,
    parameters: { Path: rest(0), ItemType: value(undefined, ['type']), Value: value(), Force: flag() },
    *run(g) {
      const out: Value[] = []
      for (const name of g.list('Path')) out.push(...(yield* create(g, name)))
      return out
    },
  },
  'Remove-Item': {
    short: 'Deletes the specified items.',
    module: management,
    parameters: { Path: rest(0), Recurse: flag(), Force: flag() },
    *run(g) {
      for (const name of g.list('Path'))
        for (const path of yield* expand(g.sys, name)) {
          const s = yield* g.sys.lstat(path)
          if (isErr(s)) {
            yield* g.shell.fail(missing(g, path))
            continue
          }
          const entries = isDir(s.mode) ? yield* entriesOf(g.sys, path) : []
          if (!isErr(entries) && entries.length > 0 && !g.has('Recurse')) {
            // The real one asks; without an answer nothing is removed.
            yield* g.shell.fail(
              g.error(
                `The item at ${windowsName(path)} has children and the Recurse parameter was not specified.`,
                'InvalidOperation: (:) [Remove-Item], PSInvalidOperationException',
                'InvalidOperation,Microsoft.PowerShell.Commands.RemoveItemCommand',
              ),
            )
            continue
          }
          yield* removeTree(g.sys, path)
        }
      return []
    },
  },
}
