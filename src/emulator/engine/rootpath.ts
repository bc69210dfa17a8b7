/** Paths below a directory that must not be left: symbolic links are followed as if the directory were `/` (containerd's fs.RootPath, securejoin). */
import { ELOOP, type Errno, isErr } from '../base/errno.ts'
import type { Run, Sys } from '../kernel/linux/abi.ts'
import { isLink } from '../kernel/linux/fs/flags.ts'

/** The real path of `path` below `root`; names that aren't there stay. `follow`: the last name, too. ELOOP after 255 links. */
export function* rootPath(sys: Sys, root: string, path: string, follow = true): Run<string | Errno> {
  const done: string[] = []
  let rest = path.split('/')
  for (let links = 0; rest.length > 0; ) {
    const [name = '', ...later] = rest
    rest = later
    if (name === '' || name === '.') continue
    if (name === '..') {
      done.pop()
      continue
    }
    const at = `${root}/${[...done, name].join('/')}`
    const s = yield* sys.lstat(at)
    if (isErr(s) || !isLink(s.mode) || (!follow && rest.every((r) => r === ''))) {
      done.push(name)
      continue
    }
    if (++links > 255) return ELOOP
    const target = yield* sys.readlink(at)
    if (isErr(target)) return target
    if (target.startsWith('/')) done.length = 0
    rest = [...target.split('/'), ...rest]
  }
  return done.length === 0 ? root : `${root}/${done.join('/')}`
}
