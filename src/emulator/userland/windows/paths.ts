/** Names of files as Windows programs write them: drives, backslashes, no difference between capital and small letters. */
import { type Errno, isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import type { DirEntry } from '../../kernel/linux/fs/inode.ts'

/** C:\Users\x of the object name /C:/Users/x. */
export function windowsName(path: string): string {
  const m = /^\/([A-Za-z]:)(\/.*)?$/.exec(path)
  return m ? `${m[1]}${(m[2] ?? '/').replace(/\//g, '\\')}` : path.replace(/\//g, '\\')
}
/** Segments without `.` and with `..` taken back; a drive is never left. */
function normal(parts: readonly string[]): string[] {
  const out: string[] = []
  for (const part of parts) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (out.length > 1) out.pop()
    } else out.push(part)
  }
  return out
}
export function* entriesOf(sys: Sys, path: string): Run<readonly DirEntry[] | Errno> {
  const fd = yield* sys.open(path, 0)
  if (isErr(fd)) return fd
  const list = yield* sys.getdents(fd)
  yield* sys.close(fd)
  return isErr(list) ? list : list.filter((e) => e.name !== '.' && e.name !== '..')
}
/**
 * The object name for a Windows path, from the current directory: `..\x`, `\Windows`, `c:/users`, `~\x`. Each part takes the spelling
 * that is on the disk; parts that aren't there stay as they were written.
 */
export function* objectName(sys: Sys, name: string, home = '/C:/Users/zukan'): Run<string> {
  const cwd = yield* sys.getcwd()
  const here = isErr(cwd) ? '/C:' : cwd
  const text = name.replace(/\\/g, '/').replace(/^Microsoft\.PowerShell\.Core\/FileSystem::/i, '')
  const parts = /^[A-Za-z]:/.test(text)
    ? normal([`${(text[0] as string).toUpperCase()}:`, ...text.slice(2).split('/')])
    : text === '~' || text.startsWith('~/')
      ? normal([...home.split('/'), ...text.slice(1).split('/')])
      : text.startsWith('//./pipe')
        ? ['Device', 'NamedPipe', ...text.slice(8).split('/').filter(Boolean)]
        : text.startsWith('/')
          ? normal([here.split('/')[1] ?? 'C:', ...text.split('/')])
          : normal([...here.split('/'), ...text.split('/')])
  let at = ''
  for (const part of parts) {
    if (isErr(yield* sys.lstat(`${at}/${part}`))) {
      const list = yield* entriesOf(sys, at || '/')
      const same = isErr(list) ? undefined : list.find((e) => e.name.toLowerCase() === part.toLowerCase())
      at += `/${same?.name ?? part}`
    } else at += `/${part}`
  }
  return at || '/'
}
