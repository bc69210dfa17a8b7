/** stat, readlink, realpath, mkfifo, truncate. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import {
  isChr,
  isDir,
  isFifo,
  isLink,
  isReg,
  isSock,
  major,
  minor,
  O_CREAT,
  O_WRONLY,
  S_IFIFO,
} from '../../../kernel/linux/fs/flags.ts'
import { names } from '../../lib/accounts.ts'
import { each, modeText, realPath } from '../../lib/files.ts'
import { print, warn } from '../../lib/io.ts'
import { getopt, type Options, showUsage } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import { strftime } from '../../lib/time.ts'
import type { Applet } from '../../program.ts'

/** An id without a name, which is shown as its digits elsewhere. */
const nameOr = (name: string): string => (/^\d+$/.test(name) ? 'UNKNOWN' : name)
export const stat: Applet = {
  name: 'stat',
  usage: '[-ltf] [-c FMT] FILE...',
  help: 'Display file (default) or filesystem status\n\n\t-c FMT\tUse the specified format\n\t-f\tDisplay filesystem status\n\t-L\tFollow links\n\t-t\tTerse display\n\nFMT sequences for files:\n %a\tAccess rights in octal\n %A\tAccess rights in human readable form\n %b\tNumber of blocks allocated (see %B)\n %B\tSize in bytes of each block reported by %b\n %d\tDevice number in decimal\n %D\tDevice number in hex\n %f\tRaw mode in hex\n %F\tFile type\n %g\tGroup ID\n %G\tGroup name\n %h\tNumber of hard links\n %i\tInode number\n %n\tFile name\n %N\tFile name, with -> TARGET if symlink\n %o\tI/O block size\n %s\tTotal size in bytes\n %t\tMajor device type in hex\n %T\tMinor device type in hex\n %u\tUser ID\n %U\tUser name\n %x\tTime of last access\n %X\tTime of last access as seconds since Epoch\n %y\tTime of last modification\n %Y\tTime of last modification as seconds since Epoch\n %z\tTime of last change\n %Z\tTime of last change as seconds since Epoch\n\nFMT sequences for file systems:\n %a\tFree blocks available to non-superuser\n %b\tTotal data blocks\n %c\tTotal file nodes\n %d\tFree file nodes\n %f\tFree blocks\n %i\tFile System ID in hex\n %l\tMaximum length of filenames\n %n\tFile name\n %s\tBlock size (for faster transfer)\n %S\tFundamental block size (for block counts)\n %t\tType in hex\n %T\tType in human readable form',
  *run(sys, argv) {
    const o = yield* getopt(sys, stat, argv, 'ltfLc:')
    if (typeof o === 'number') return o
    if (o.rest.length === 0) return yield* showUsage(sys, stat)
    if (o.has('f')) return yield* fileSystems(sys, o)
    const who = yield* names(sys)
    let status = 0
    for (const path of o.rest) {
      const s = o.has('L') ? yield* sys.stat(path) : yield* sys.lstat(path)
      if (isErr(s)) {
        yield* warn(sys, `stat: can't stat '${path}': ${strerror(s)}\n`)
        status = 1
        continue
      }
      const kind = isDir(s.mode)
        ? 'directory'
        : isLink(s.mode)
          ? 'symbolic link'
          : isReg(s.mode)
            ? s.size === 0
              ? 'regular empty file'
              : 'regular file'
            : isFifo(s.mode)
              ? 'fifo'
              : isSock(s.mode)
                ? 'socket'
                : isChr(s.mode)
                  ? 'character special file'
                  : 'block special file'
      const time = (t: number): string => strftime('%F %T.%N +0000', t)
      const target = isLink(s.mode) ? yield* sys.readlink(path) : ''
      const quoted = isLink(s.mode) && !isErr(target) ? `'${path}' -> '${target}'` : path
      const values: Record<string, string> = {
        n: path,
        N: quoted,
        a: (s.mode & 0o7777).toString(8),
        A: modeText(s.mode),
        U: nameOr(who.user(s.uid)),
        G: nameOr(who.group(s.gid)),
        u: String(s.uid),
        g: String(s.gid),
        s: String(s.size),
        h: String(s.nlink),
        i: String(s.ino),
        F: kind,
        b: String(s.blocks),
        B: '512',
        o: '4096',
        d: String(s.dev),
        D: s.dev.toString(16),
        f: s.mode.toString(16),
        X: String(Math.floor(s.atime / 1e9)),
        Y: String(Math.floor(s.mtime / 1e9)),
        Z: String(Math.floor(s.ctime / 1e9)),
        x: time(s.atime),
        y: time(s.mtime),
        z: time(s.ctime),
        t: major(s.rdev).toString(16),
        T: minor(s.rdev).toString(16),
        '%': '%',
      }
      const format =
        o.value('c') ??
        (o.has('t') ? '%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %o' : undefined) ??
        `  File: %N\n  Size: ${String(s.size).padEnd(10)}\tBlocks: ${String(s.blocks).padEnd(10)} IO Block: 4096   %F\nDevice: ${s.dev.toString(16)}h/${s.dev}d\tInode: ${String(s.ino).padEnd(10)}  Links: ${s.nlink}\nAccess: (${(s.mode & 0o7777).toString(8).padStart(4, '0')}/%A)  Uid: (${String(s.uid).padStart(5)}/${who.user(s.uid).padStart(8)})   Gid: (${String(s.gid).padStart(5)}/${who.group(s.gid).padStart(8)})\nAccess: %x\nModify: %y\nChange: %z`
      yield* print(sys, `${format.replace(/%([A-Za-z%])/g, (_, k: string) => values[k] ?? k)}\n`)
    }
    return status
  },
}
/** Names that differ from the kernel's. */
const fsNames: Readonly<Record<string, string>> = { ext4: 'ext2/ext3', overlay: 'overlayfs' }
/** stat -f: what statfs(2) tells of the file systems that files lie on. */
function* fileSystems(sys: Sys, o: Options): Run<ExitCode> {
  let status = 0
  for (const path of o.rest) {
    const s = yield* sys.statfs(path)
    if (isErr(s)) {
      yield* warn(sys, `stat: can't read file system information for '${path}': ${strerror(s)}\n`)
      status = 1
      continue
    }
    const free = String(Math.floor(s.free / 4096))
    const values: Record<string, string> = {
      n: path,
      T: fsNames[s.type] ?? s.type,
      b: String(Math.floor(s.size / 4096)),
      f: free,
      a: free,
      s: '4096',
      S: '4096',
      l: '255',
      '%': '%',
    }
    const format =
      o.value('c') ??
      '  File: "%n"\n    Namelen: %l     Type: %T\nBlock size: %s      \nBlocks: Total: %b Free: %f Available: %a'
    yield* print(sys, `${format.replace(/%([A-Za-z%])/g, (_, k: string) => values[k] ?? k)}\n`)
  }
  return status
}
export const readlink: Applet = {
  name: 'readlink',
  usage: '[-fnv] FILE',
  help: "Display the value of a symlink\n\n\t-n\tDon't add newline\n\t-f\tCanonicalize by following all symlinks\n\t-v\tVerbose",
  *run(sys, argv) {
    const o = yield* getopt(sys, readlink, argv, 'fnve')
    if (typeof o === 'number') return o
    const path = o.rest[0]
    if (path === undefined || o.rest.length > 1) return yield* showUsage(sys, readlink)
    const target = o.has('f') || o.has('e') ? yield* realPath(sys, path) : yield* sys.readlink(path)
    if (isErr(target)) {
      if (o.has('v'))
        yield* warn(
          sys,
          `readlink: ${path}: ${target.name === 'EINVAL' ? 'cannot read link: not a symlink' : strerror(target)}\n`,
        )
      return 1
    }
    yield* print(sys, o.has('n') ? target : `${target}\n`)
    return 0
  },
}
export const realpath = each('realpath', 'FILE...', 'Print absolute pathnames of FILEs', '', function* (sys, path) {
  const full = yield* realPath(sys, path)
  if (isErr(full)) return `${path}: ${strerror(full)}`
  yield* print(sys, `${full}\n`)
  return undefined
})
export const mkfifo = each('mkfifo', '[-m MODE] NAME', 'Create named pipe', '', function* (sys, path) {
  const failed = yield* sys.mknod(path, S_IFIFO | 0o666)
  return failed ? `${path}: ${strerror(failed)}` : undefined
})
export const truncate: Applet = {
  name: 'truncate',
  usage: '[-c] -s SIZE FILE...',
  help: 'Truncate FILEs to SIZE\n\n\t-c\tDo not create files\n\t-s SIZE',
  *run(sys, argv) {
    const o = yield* getopt(sys, truncate, argv, 'cs:')
    if (typeof o === 'number') return o
    if (!o.has('s') || o.rest.length === 0) return yield* showUsage(sys, truncate)
    const m = /^(\d+)([kKmMgG]?)$/.exec(o.value('s') ?? '')
    if (!m) {
      yield* warn(sys, `truncate: invalid number '${o.value('s') ?? ''}'\n`)
      return 1
    }
    const size = Number(m[1]) * ({ '': 1, k: 1024, m: 1048576, g: 1073741824 }[(m[2] ?? '').toLowerCase()] ?? 1)
    for (const path of o.rest) {
      const fd = yield* sys.open(path, O_WRONLY | (o.has('c') ? 0 : O_CREAT), 0o666)
      if (isErr(fd)) {
        if (o.has('c')) continue
        yield* warn(sys, `truncate: ${path}: open: ${strerror(fd)}\n`)
        return 1
      }
      yield* sys.ftruncate(fd, size)
      yield* sys.close(fd)
    }
    return 0
  },
}
