/** Single system calls on names: link, unlink, mknod, fsync, shred, and trees: tree, install, run-parts. */
import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import {
  isDir,
  isLink,
  isReg,
  makedev,
  O_RDONLY,
  O_WRONLY,
  S_IFBLK,
  S_IFCHR,
  S_IFIFO,
} from '../../../kernel/linux/fs/flags.ts'
import { groups, users } from '../../lib/accounts.ts'
import { runCommand } from '../../lib/exec.ts'
import { changeMode, entriesOf } from '../../lib/files.ts'
import { print, warn, writeAll } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'
import { copyTree } from '../core/copy.ts'

export const link: Applet = {
  name: 'link',
  usage: 'FILE LINK',
  help: 'Create hard LINK to FILE',
  *run(sys, argv) {
    const o = yield* getopt(sys, link, argv, '')
    if (typeof o === 'number') return o
    if (o.rest.length !== 2) return yield* showUsage(sys, link)
    const [from, to] = o.rest as readonly [string, string]
    const failed = yield* sys.link(from, to)
    if (failed) yield* warn(sys, `link: can't create link '${to}' to '${from}': ${strerror(failed)}\n`)
    return failed ? 1 : 0
  },
}
export const unlink: Applet = {
  name: 'unlink',
  usage: 'FILE',
  help: 'Delete FILE by calling unlink()',
  *run(sys, argv) {
    const o = yield* getopt(sys, unlink, argv, '')
    if (typeof o === 'number') return o
    if (o.rest.length !== 1) return yield* showUsage(sys, unlink)
    const failed = yield* sys.unlink(o.rest[0] as string)
    if (failed) yield* warn(sys, `unlink: can't remove file '${o.rest[0]}': ${strerror(failed)}\n`)
    return failed ? 1 : 0
  },
}
export const mknod: Applet = {
  name: 'mknod',
  usage: '[-m MODE] NAME TYPE [MAJOR MINOR]',
  help: 'Create a special file (block, character, or pipe)\n\n\t-m MODE\tCreation mode (default a=rw)\nTYPE:\n\tb\tBlock device\n\tc or u\tCharacter device\n\tp\tNamed pipe (MAJOR MINOR must be omitted)',
  *run(sys, argv) {
    const o = yield* getopt(sys, mknod, argv, 'm:')
    if (typeof o === 'number') return o
    const [name, type = '', ...numbers] = o.rest
    if (name === undefined || !/^[pcub]$/.test(type) || numbers.length !== (type === 'p' ? 0 : 2))
      return yield* showUsage(sys, mknod)
    const mode = changeMode(o.value('m') ?? '666', 0)
    if (mode === undefined) {
      yield* warn(sys, `mknod: invalid mode '${o.value('m')}'\n`)
      return 1
    }
    const parsed: number[] = []
    for (const text of numbers) {
      const n = parseNumber(text)
      if (typeof n !== 'number') {
        yield* warn(sys, `mknod: ${n.error}\n`)
        return 1
      }
      parsed.push(n)
    }
    const kind = type === 'p' ? S_IFIFO : type === 'b' ? S_IFBLK : S_IFCHR
    const failed = yield* sys.mknod(name, kind | mode, makedev(parsed[0] ?? 0, parsed[1] ?? 0))
    if (failed) yield* warn(sys, `mknod: ${name}: ${strerror(failed)}\n`)
    else if (o.has('m')) yield* sys.chmod(name, mode)
    return failed ? 1 : 0
  },
}
export const fsync: Applet = {
  name: 'fsync',
  usage: '[-d] FILE...',
  help: 'Write all buffered blocks in FILEs to disk\n\n\t-d\tAvoid syncing metadata',
  *run(sys, argv) {
    const o = yield* getopt(sys, fsync, argv, 'd')
    if (typeof o === 'number') return o
    let status = 0
    for (const file of o.rest) {
      const fd = yield* sys.open(file, O_RDONLY)
      if (isErr(fd)) {
        yield* warn(sys, `fsync: can't open '${file}': ${strerror(fd)}\n`)
        status = 1
      } else yield* sys.close(fd)
    }
    return status
  },
}
export const shred: Applet = {
  name: 'shred',
  usage: '[-fuz] [-n N] [-s SIZE] FILE...',
  help: 'Overwrite/delete FILEs\n\n\t-f\tChmod to ensure writability\n\t-s SIZE\tSize to write\n\t-n N\tOverwrite N times (default 3)\n\t-z\tFinal overwrite with zeros\n\t-u\tRemove file',
  *run(sys, argv) {
    const o = yield* getopt(sys, shred, argv, 'fuzn:vx')
    if (typeof o === 'number') return o
    if (o.rest.length === 0) return yield* showUsage(sys, shred)
    for (const file of o.rest) {
      const fd = yield* sys.open(file, O_WRONLY)
      if (isErr(fd)) {
        yield* warn(sys, `shred: ${file}: ${strerror(fd)}\n`)
        return 1
      }
      const s = yield* sys.fstat(fd)
      const size = isErr(s) || !isReg(s.mode) ? 0 : s.size
      const rounds = Number(o.value('n') ?? 3)
      for (let round = 0; round < rounds + (o.has('z') ? 1 : 0); round++) {
        yield* sys.lseek(fd, 0, 'set')
        for (let at = 0; at < size; at += 4096) {
          const count = Math.min(4096, size - at)
          yield* writeAll(sys, fd, round < rounds ? yield* sys.getrandom(count) : new Uint8Array(count))
        }
      }
      if (o.has('u')) {
        yield* sys.ftruncate(fd, 0)
        yield* sys.unlink(file)
      }
      yield* sys.close(fd)
    }
    return 0
  },
}

export const tree: Applet = {
  name: 'tree',
  usage: '',
  *run(sys, argv) {
    let directories = 0
    let files = 0
    function* walk(path: string, prefix: string): Run<void> {
      const list = yield* entriesOf(sys, path)
      if (isErr(list)) return
      const shown = list.filter((n) => !n.startsWith('.'))
      for (const [i, name] of shown.entries()) {
        const last = i === shown.length - 1
        const full = `${path}/${name}`
        const s = yield* sys.lstat(full)
        const target = !isErr(s) && isLink(s.mode) ? yield* sys.readlink(full) : undefined
        yield* print(
          sys,
          `${prefix}${last ? '└── ' : '├── '}${name}${typeof target === 'string' ? ` -> ${target}` : ''}\n`,
        )
        if (!isErr(s) && isDir(s.mode)) {
          directories++
          yield* walk(full, `${prefix}${last ? '    ' : '│   '}`)
        } else files++
      }
    }
    const paths = argv.slice(1)
    for (const path of paths.length > 0 ? paths : ['.']) {
      const list = yield* entriesOf(sys, path)
      yield* print(sys, `${path}${isErr(list) ? ' [error opening dir]' : ''}\n`)
      if (!isErr(list)) yield* walk(path, '')
    }
    yield* print(sys, `\n${directories} directories, ${files} files\n`)
    return 0
  },
}

export const install: Applet = {
  name: 'install',
  usage: '[-cdDsp] [-o USER] [-g GRP] [-m MODE] [-t DIR] [SOURCE]... DEST',
  help: 'Copy files and set attributes\n\n\t-c\tJust copy (default)\n\t-d\tCreate directories\n\t-D\tCreate leading target directories\n\t-s\tStrip symbol table\n\t-p\tPreserve date\n\t-o USER\tSet ownership\n\t-g GRP\tSet group ownership\n\t-m MODE\tSet permissions\n\t-t DIR\tInstall to DIR',
  *run(sys, argv) {
    const o = yield* getopt(sys, install, argv, 'cvb:Ddpsg:m:o:t:', {
      directory: 'd',
      'preserve-timestamps': 'p',
      strip: 's',
      group: 'g',
      mode: 'm',
      owner: 'o',
      'target-directory': 't',
    })
    if (typeof o === 'number') return o
    const mode = changeMode(o.value('m') ?? '755', 0)
    if (mode === undefined) {
      yield* warn(sys, `install: invalid mode '${o.value('m')}'\n`)
      return 1
    }
    const owner = o.value('o')
    const group = o.value('g')
    const uid = owner === undefined ? -1 : ((yield* users(sys)).find((u) => u.name === owner)?.uid ?? Number(owner))
    const gid = group === undefined ? -1 : ((yield* groups(sys)).find((g) => g.name === group)?.gid ?? Number(group))
    if (Number.isNaN(uid) || Number.isNaN(gid)) {
      yield* warn(sys, Number.isNaN(uid) ? `install: unknown user ${owner}\n` : `install: unknown group ${group}\n`)
      return 1
    }
    const attributes = function* (path: string) {
      if (o.has('m') || !o.has('d')) yield* sys.chmod(path, mode)
      const failed = uid >= 0 || gid >= 0 ? yield* sys.chown(path, uid, gid) : undefined
      if (failed) yield* warn(sys, `install: can't change ownership of ${path}: ${strerror(failed)}\n`)
      return failed ? 1 : 0
    }
    let status = 0
    if (o.has('d')) {
      for (const dir of o.rest) {
        const failed = yield* makePath(sys, dir)
        if (failed !== undefined) {
          yield* warn(sys, `install: can't create directory '${dir}': ${failed}\n`)
          status = 1
        } else status |= yield* attributes(dir)
      }
      return status
    }
    const target = o.value('t')
    const last = target ?? o.rest.at(-1)
    const sources = target === undefined ? o.rest.slice(0, -1) : o.rest
    if (last === undefined || sources.length === 0) return yield* showUsage(sys, install)
    if (o.has('D')) yield* makePath(sys, target ?? (last.replace(/\/?[^/]*$/, '') || '.'))
    const s = yield* sys.stat(last)
    const into = target !== undefined || (!isErr(s) && isDir(s.mode))
    if (!into && sources.length > 1) return yield* showUsage(sys, install)
    for (const source of sources) {
      const to = into ? `${last.replace(/\/$/, '')}/${source.split('/').at(-1)}` : last
      yield* sys.unlink(to)
      const failed = yield* copyTree(sys, source, to, { recursive: false, keep: o.has('p'), follow: true, force: true })
      if (failed) status = 1
      else status |= yield* attributes(to)
    }
    return status
  },
}
/** mkdir -p; why it failed, or undefined. */
function* makePath(sys: Sys, path: string): Run<string | undefined> {
  let at = path.startsWith('/') ? '/' : ''
  for (const part of path.split('/').filter(Boolean)) {
    at += part
    const failed = yield* sys.mkdir(at)
    if (failed && failed.name !== 'EEXIST') return strerror(failed)
    at += '/'
  }
  return undefined
}

export const runParts: Applet = {
  name: 'run-parts',
  usage: '[-a ARG]... [-u UMASK] [--reverse] [--test] [--exit-on-error] DIRECTORY',
  help: 'Run a bunch of scripts in DIRECTORY\n\n\t-a ARG\t\tPass ARG as argument to scripts\n\t-u UMASK\tSet UMASK before running scripts\n\t--reverse\tReverse execution order\n\t--test\t\tDry run\n\t--exit-on-error\tExit if a script exits with non-zero',
  *run(sys, argv) {
    const o = yield* getopt(sys, runParts, argv, '+a:u:', {
      arg: 'a',
      umask: 'u',
      test: 'T',
      list: 'L',
      reverse: 'R',
      'exit-on-error': 'E',
    })
    if (typeof o === 'number') return o
    const [dir] = o.rest
    if (dir === undefined) return yield* showUsage(sys, runParts)
    const mask = o.value('u')
    if (mask !== undefined) yield* sys.umask(Number.parseInt(mask, 8))
    const list = yield* entriesOf(sys, dir)
    if (isErr(list)) {
      yield* warn(sys, `run-parts: can't open '${dir}': ${strerror(list)}\n`)
      return 1
    }
    let status = 0
    const names = o.has('R') ? [...list].reverse() : list
    for (const name of names) {
      // Names of letters, digits, _, - and . alone, as Debian's has them.
      if (!/^[A-Za-z0-9_.-]+$/.test(name)) continue
      const path = `${dir}/${name}`
      const s = yield* sys.stat(path)
      if (isErr(s) || !isReg(s.mode) || (!o.has('L') && (yield* sys.access(path, 1)))) continue
      if (o.has('T') || o.has('L')) {
        yield* print(sys, `${path}\n`)
        continue
      }
      const r = yield* runCommand(sys, [path, ...o.all('a')], 'run-parts', "can't execute")
      if (r.code === 0 && r.signal === undefined) continue
      status = 1
      yield* warn(
        sys,
        r.signal !== undefined
          ? `run-parts: ${path} terminated by signal ${r.signal}\n`
          : `run-parts: ${path}: exit status ${r.code}\n`,
      )
      if (o.has('E')) return 1
    }
    return status
  },
}
