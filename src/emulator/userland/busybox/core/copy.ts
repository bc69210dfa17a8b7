/** cp, mv, rm, ln: files from one name to another. */
import { EINTR, isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import { isDir, isLink, isReg, O_CREAT, O_EXCL, O_RDONLY, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { entriesOf } from '../../lib/files.ts'
import { warn, writeAll } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

/** Copies one file or tree. */
export function* copyTree(
  sys: Sys,
  from: string,
  to: string,
  o: { readonly recursive: boolean; readonly keep: boolean; readonly follow: boolean; readonly force: boolean },
): Run<ExitCode> {
  const s = o.follow ? yield* sys.stat(from) : yield* sys.lstat(from)
  if (isErr(s)) {
    yield* warn(sys, `cp: can't stat '${from}': ${strerror(s)}\n`)
    return 1
  }
  let status = 0
  if (isDir(s.mode)) {
    if (!o.recursive) {
      yield* warn(sys, `cp: omitting directory '${from}'\n`)
      return 1
    }
    if (to === from || to.startsWith(`${from}/`)) {
      yield* warn(sys, `cp: recursion detected, omitting directory '${from}'\n`)
      return 1
    }
    const failed = yield* sys.mkdir(to, s.mode & 0o7777)
    if (failed && failed.name !== 'EEXIST') {
      yield* warn(sys, `cp: can't create directory '${to}': ${strerror(failed)}\n`)
      return 1
    }
    const list = yield* entriesOf(sys, from)
    for (const n of isErr(list) ? [] : list) status |= yield* copyTree(sys, `${from}/${n}`, `${to}/${n}`, o)
  } else if (isLink(s.mode)) {
    const target = yield* sys.readlink(from)
    if (!isErr(target)) {
      yield* sys.unlink(to)
      yield* sys.symlink(target, to)
    }
  } else if (isReg(s.mode) || o.follow) {
    const there = yield* sys.stat(to)
    if (!isErr(there) && there.dev === s.dev && there.ino === s.ino) {
      yield* warn(sys, `cp: '${from}' and '${to}' are the same file\n`)
      return 1
    }
    const r = yield* sys.open(from, O_RDONLY)
    if (isErr(r)) {
      yield* warn(sys, `cp: can't open '${from}': ${strerror(r)}\n`)
      return 1
    }
    let w = yield* sys.open(to, O_WRONLY | O_CREAT | O_TRUNC, s.mode & 0o7777)
    if (isErr(w) && o.force) {
      yield* sys.unlink(to)
      w = yield* sys.open(to, O_WRONLY | O_CREAT | O_EXCL, s.mode & 0o7777)
    }
    if (isErr(w)) {
      yield* warn(sys, `cp: can't create '${to}': ${strerror(w)}\n`)
      yield* sys.close(r)
      return 1
    }
    for (;;) {
      const part = yield* sys.read(r, 65536)
      if (part === EINTR) continue
      if (isErr(part) || part.length === 0) {
        if (isErr(part)) {
          yield* warn(sys, `cp: read error: ${strerror(part)}\n`)
          status = 1
        }
        break
      }
      const failed = yield* writeAll(sys, w, part)
      if (failed) {
        yield* warn(sys, `cp: write error: ${strerror(failed)}\n`)
        status = 1
        break
      }
    }
    yield* sys.close(r)
    yield* sys.close(w)
  } else {
    const failed = yield* sys.mknod(to, s.mode, s.rdev)
    if (failed) {
      yield* warn(sys, `cp: can't create '${to}': ${strerror(failed)}\n`)
      return 1
    }
  }
  if (o.keep && !isLink(s.mode)) {
    yield* sys.chown(to, s.uid, s.gid)
    yield* sys.chmod(to, s.mode & 0o7777)
    yield* sys.utimens(to, s.atime, s.mtime)
  }
  return status
}
/** The last operand as a directory: each other one goes into it. */
export function* pairs(
  sys: Sys,
  name: string,
  applet: Applet,
  rest: readonly string[],
  intoDir = true,
): Run<(readonly [string, string])[] | ExitCode> {
  if (rest.length < 2) {
    yield* warn(sys, `${name}: missing file operand\n`)
    return 1
  }
  const to = rest.at(-1) as string
  const s = yield* sys.stat(to)
  const dir = intoDir && !isErr(s) && isDir(s.mode)
  if (rest.length > 2 && !dir) {
    yield* warn(sys, `${applet.name}: can't stat '${to}': ${isErr(s) ? s.text : 'Not a directory'}\n`)
    return 1
  }
  return rest
    .slice(0, -1)
    .map((from) => [from, dir ? `${to.replace(/\/$/, '')}/${from.replace(/\/+$/, '').split('/').at(-1)}` : to] as const)
}

export const cp: Applet = {
  name: 'cp',
  usage: '[-arPLHpfinlsTu] SOURCE DEST\nor: cp [-arPLHpfinlsu] SOURCE... { -t DIRECTORY | DIRECTORY }',
  help: "Copy SOURCEs to DEST\n\n\t-a\tSame as -dpR\n\t-R,-r\tRecurse\n\t-d,-P\tPreserve symlinks (default if -R)\n\t-L\tFollow all symlinks\n\t-H\tFollow symlinks on command line\n\t-p\tPreserve file attributes if possible\n\t-f\tOverwrite\n\t-i\tPrompt before overwrite\n\t-n\tDon't overwrite\n\t-l,-s\tCreate (sym)links\n\t-T\tRefuse to copy if DEST is a directory\n\t-t DIR\tCopy all SOURCEs into DIR\n\t-u\tCopy only newer files",
  *run(sys, argv) {
    const o = yield* getopt(sys, cp, argv, 'arRPLHpdfinlsTuv')
    if (typeof o === 'number') return o
    const list = yield* pairs(sys, 'cp', cp, o.rest, !o.has('T'))
    if (typeof list === 'number') return list
    const recursive = o.has('a') || o.has('r') || o.has('R')
    let status = 0
    for (const [from, to] of list) {
      if (o.has('l')) status |= (yield* sys.link(from, to)) ? 1 : 0
      else if (o.has('s')) status |= (yield* sys.symlink(from, to)) ? 1 : 0
      else if (o.has('n') && !isErr(yield* sys.lstat(to))) continue
      else
        status |= yield* copyTree(sys, from, to, {
          recursive,
          keep: o.has('a') || o.has('p'),
          follow: !(o.has('P') || o.has('d') || o.has('a') || (recursive && !o.has('L'))),
          force: o.has('f'),
        })
    }
    return status
  },
}
export function* removeTree(sys: Sys, path: string, force: boolean, recursive: boolean): Run<ExitCode> {
  const s = yield* sys.lstat(path)
  if (isErr(s)) {
    if (force && s.name === 'ENOENT') return 0
    yield* warn(sys, `rm: can't remove '${path}': ${strerror(s)}\n`)
    return 1
  }
  let status = 0
  if (isDir(s.mode)) {
    if (!recursive) {
      yield* warn(sys, `rm: '${path}' is a directory\n`)
      return 1
    }
    const list = yield* entriesOf(sys, path)
    if (isErr(list)) {
      yield* warn(sys, `rm: can't open '${path}': ${strerror(list)}\n`)
      return 1
    }
    for (const n of list) status |= yield* removeTree(sys, `${path}/${n}`, force, true)
  }
  const failed = isDir(s.mode) ? yield* sys.rmdir(path) : yield* sys.unlink(path)
  if (failed) {
    yield* warn(sys, `rm: can't remove '${path}': ${strerror(failed)}\n`)
    return 1
  }
  return status
}
export const rm: Applet = {
  name: 'rm',
  usage: '[-irf] FILE...',
  help: 'Remove (unlink) FILEs\n\n\t-i\tAlways prompt before removing\n\t-f\tNever prompt\n\t-R,-r\tRecurse',
  *run(sys, argv) {
    const o = yield* getopt(sys, rm, argv, 'irRfv')
    if (typeof o === 'number') return o
    if (o.rest.length === 0 && !o.has('f')) {
      yield* warn(sys, 'rm: missing operand\n')
      return 1
    }
    let status = 0
    for (const path of o.rest) {
      if (/(^|\/)\.{1,2}\/*$/.test(path) || path === '/') {
        yield* warn(
          sys,
          `rm: can't remove '.' or '..' or '/'\n`.replace("'.' or '..' or '/'", `'${path}'${path === '/' ? '' : ''}`),
        )
        status = 1
      } else status |= yield* removeTree(sys, path, o.has('f'), o.has('r') || o.has('R'))
    }
    return status
  },
}
export const mv: Applet = {
  name: 'mv',
  usage: '[-finT] SOURCE DEST\nor: mv [-fin] SOURCE... { -t DIRECTORY | DIRECTORY }',
  help: "Rename SOURCE to DEST, or move SOURCEs to DIRECTORY\n\n\t-f\tDon't prompt before overwriting\n\t-i\tInteractive, prompt before overwrite\n\t-n\tDon't overwrite an existing file\n\t-T\tRefuse to move if DEST is a directory\n\t-t DIR\tMove all SOURCEs into DIR",
  *run(sys, argv) {
    const o = yield* getopt(sys, mv, argv, 'finTv')
    if (typeof o === 'number') return o
    const list = yield* pairs(sys, 'mv', mv, o.rest, !o.has('T'))
    if (typeof list === 'number') return list
    let status = 0
    for (const [from, to] of list) {
      if (o.has('n') && !isErr(yield* sys.lstat(to))) continue
      const failed = yield* sys.rename(from, to)
      if (!failed) continue
      if (failed.name === 'EXDEV') {
        const copied = yield* copyTree(sys, from, to, { recursive: true, keep: true, follow: false, force: true })
        status |= copied || (yield* removeTree(sys, from, true, true))
      } else {
        yield* warn(sys, `mv: can't rename '${from}': ${strerror(failed)}\n`)
        status = 1
      }
    }
    return status
  },
}
export const ln: Applet = {
  name: 'ln',
  usage: '[-sfnbtv] [-S SUF] TARGET... LINK|DIR',
  help: "Create a link LINK or DIR/TARGET to the specified TARGET(s)\n\n\t-s\tMake symlinks instead of hardlinks\n\t-f\tRemove existing destinations\n\t-n\tDon't dereference symlinks - treat like normal file\n\t-b\tMake a backup of the target (if exists) before link operation\n\t-S SUF\tUse suffix instead of ~ when making backup files\n\t-T\tTreat LINK as a file, not DIR\n\t-v\tVerbose",
  *run(sys, argv) {
    const o = yield* getopt(sys, ln, argv, 'sfnvT')
    if (typeof o === 'number') return o
    const rest = o.rest.length === 1 ? [o.rest[0] as string, '.'] : o.rest
    const list = yield* pairs(sys, 'ln', ln, rest, !o.has('n') && !o.has('T'))
    if (typeof list === 'number') return list
    let status = 0
    for (const [target, path] of list) {
      if (o.has('f')) yield* sys.unlink(path)
      const failed = o.has('s') ? yield* sys.symlink(target, path) : yield* sys.link(target, path)
      if (failed) {
        yield* warn(sys, `ln: ${path}: ${strerror(failed)}\n`)
        status = 1
      }
    }
    return status
  },
}
