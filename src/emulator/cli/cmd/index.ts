/** cmd.exe: enough of the old command interpreter for documents: echo, dir, cd, type, set, ver, and programs by name. */
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { isDir } from '../../kernel/linux/fs/flags.ts'
import { decode, LineReader, print, readText, unbinary, warn } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { entriesOf, objectName, windowsName } from '../../userland/windows/paths.ts'

const variable = (sys: Sys, name: string): string =>
  sys
    .environ()
    .find((e) => e.toLowerCase().startsWith(`${name.toLowerCase()}=`))
    ?.slice(name.length + 1) ?? ''

/** Words as programs get them: quotes hold a word together. */
const words = (line: string): string[] => [...line.matchAll(/(?:"[^"]*"|[^\s"])+/g)].map((m) => m[0].replace(/"/g, ''))

/** The program for a name, by the current directory and PATH; undefined where there is none. */
function* find(sys: Sys, name: string): Run<string | undefined> {
  const folders = /[\\/:]/.test(name) ? [''] : ['.', ...variable(sys, 'PATH').split(';')]
  for (const folder of folders.filter((f, i) => f !== '' || i === 0))
    for (const extension of /\.exe$/i.test(name) ? [''] : ['.exe']) {
      const path = yield* objectName(sys, `${folder === '' ? '' : `${folder}\\`}${name}${extension}`)
      const s = yield* sys.stat(path)
      if (!isErr(s) && !isDir(s.mode)) return path
    }
  return undefined
}
function* dir(sys: Sys, name: string): Run<number> {
  const path = yield* objectName(sys, name || '.')
  const entries = yield* entriesOf(sys, path)
  yield* print(
    sys,
    ` Volume in drive C has no label.\n Volume Serial Number is 5A4B-2D1C\n\n Directory of ${windowsName(path)}\n\n`,
  )
  if (isErr(entries)) {
    yield* warn(sys, 'File Not Found\n')
    return 1
  }
  let files = 0
  let folders = 0
  let bytes = 0
  for (const e of [...entries].sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))) {
    const s = yield* sys.stat(`${path}/${e.name}`)
    if (isErr(s)) continue
    if (isDir(s.mode)) folders++
    else {
      files++
      bytes += s.size
    }
    yield* print(
      sys,
      `${strftime('%m/%d/%Y  %I:%M %p', s.mtime)}    ${isDir(s.mode) ? '<DIR>         ' : s.size.toLocaleString('en-US').padStart(14)} ${e.name}\n`,
    )
  }
  yield* print(
    sys,
    `${String(files).padStart(16)} File(s) ${bytes.toLocaleString('en-US').padStart(14)} bytes\n${String(folders).padStart(16)} Dir(s)\n`,
  )
  return 0
}
function* version(sys: Sys): Run<string> {
  return `Microsoft Windows [Version ${(yield* sys.uname()).release}]`
}

/** One command; `exit` answers a negative number: its code below -1. */
function* command(sys: Sys, line: string): Run<number> {
  const text = line
    .trim()
    .replace(/^@/, '')
    .replace(/%(\w+)%/g, (_, n: string) => variable(sys, n) || `%${n}%`)
  const [name = '', ...rest] = words(text)
  const tail = text.slice(text.indexOf(name) + name.length).trim()
  switch (name.toLowerCase()) {
    case '':
    case 'rem':
      return 0
    case 'echo':
      yield* print(sys, `${tail === '' ? 'ECHO is on.' : tail}\n`)
      return 0
    case 'ver':
      yield* print(sys, `\n${yield* version(sys)}\n`)
      return 0
    case 'cd':
    case 'chdir': {
      const folder = rest.filter((w) => w.toLowerCase() !== '/d')[0]
      if (folder === undefined) {
        const cwd = yield* sys.getcwd()
        yield* print(sys, `${isErr(cwd) ? '' : windowsName(cwd)}\n`)
        return 0
      }
      if (!(yield* sys.chdir(yield* objectName(sys, folder)))) return 0
      yield* warn(sys, 'The system cannot find the path specified.\n')
      return 1
    }
    case 'dir':
      return yield* dir(sys, rest.filter((w) => !w.startsWith('/'))[0] ?? '')
    case 'type': {
      const content = yield* readText(sys, yield* objectName(sys, rest[0] ?? ''))
      if (!isErr(content)) {
        yield* print(sys, content)
        return 0
      }
      yield* warn(sys, 'The system cannot find the file specified.\n')
      return 1
    }
    case 'set':
      yield* print(
        sys,
        sys
          .environ()
          .map((e) => `${e}\n`)
          .sort()
          .join(''),
      )
      return 0
    case 'exit':
      return -2 - Number(rest.filter((w) => w.toLowerCase() !== '/b')[0] ?? 0)
  }
  const path = yield* find(sys, name)
  if (path === undefined) {
    yield* warn(
      sys,
      `'${name}' is not recognized as an internal or external command,\noperable program or batch file.\n`,
    )
    return 9009
  }
  const pid = yield* sys.fork(function* (child) {
    const failed = yield* child.execve(path, [name, ...rest], child.environ())
    yield* warn(
      child,
      failed.name === 'ENOEXEC' ? 'This program cannot be run in this version of Windows.\n' : `${failed.text}\n`,
    )
    return 193
  })
  if (isErr(pid)) return 1
  const r = yield* sys.wait(pid)
  return isErr(r) || !r ? 1 : r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
}
/** Commands joined by & and &&; answers the last code. */
function* runLine(sys: Sys, line: string): Run<number> {
  if (/(^|[^&])\|/.test(line.replace(/"[^"]*"/g, '')) || /[<>]/.test(line.replace(/"[^"]*"/g, ''))) {
    yield* warn(sys, 'zukan: not emulated: pipes and redirections of cmd.exe (PowerShell has them)\n')
    return 1
  }
  let code = 0
  for (const [i, part] of line.split(/(&&?)/).entries()) {
    if (i % 2 === 1) {
      if (part === '&&' && code !== 0) return code
      continue
    }
    code = yield* command(sys, part)
    if (code < 0) return code
  }
  return code
}

/** cmd [/c | /s /c | /k] command */
export const cmd: Program = function* (sys, argv) {
  const at = argv.findIndex((a) => a.toLowerCase() === '/c')
  if (at > 0) {
    const code = yield* runLine(
      sys,
      argv
        .slice(at + 1)
        .join(' ')
        .replace(/^"(.*)"$/, '$1'),
    )
    return (code < 0 ? -2 - code : code) & 0xff
  }
  yield* print(sys, `${yield* version(sys)}\n(c) Microsoft Corporation. All rights reserved.\n`)
  const reader = new LineReader(sys, 0)
  for (;;) {
    const cwd = yield* sys.getcwd()
    yield* print(sys, `\n${isErr(cwd) ? '' : windowsName(cwd)}>`)
    const line = yield* reader.next()
    if (typeof line !== 'string') return 0
    const code = yield* runLine(sys, decode(unbinary(line)))
    if (code < 0) return -2 - code
  }
}
