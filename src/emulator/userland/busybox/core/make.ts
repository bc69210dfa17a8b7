/** mkdir, rmdir, touch, mktemp, pwd. */
import { ENOTDIR, isErr } from '../../../base/errno.ts'
import { isDir, O_CREAT, O_EXCL, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { digits, parseDate } from '../../lib/datestr.ts'
import { changeMode } from '../../lib/files.ts'
import { print, warn } from '../../lib/io.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import { localTime, zoneOf } from '../../lib/time.ts'
import type { Applet } from '../../program.ts'

export const mkdir: Applet = {
  name: 'mkdir',
  usage: '[-m MODE] [-p] DIRECTORY...',
  help: 'Create DIRECTORY\n\n\t-m MODE\tMode\n\t-p\tNo error if exists; make parent directories as needed',
  *run(sys, argv) {
    const o = yield* getopt(sys, mkdir, argv, 'm:pv', { parents: 'p', mode: 'm', verbose: 'v' })
    if (typeof o === 'number') return o
    if (o.rest.length === 0) return yield* showUsage(sys, mkdir)
    const mode = o.value('m')
    const bits = mode === undefined ? undefined : changeMode(mode, 0o40777)
    if (mode !== undefined && bits === undefined) {
      yield* warn(sys, `mkdir: invalid mode '${mode}'\n`)
      return 1
    }
    let status = 0
    for (const path of o.rest) {
      if (o.has('p')) {
        let at = path.startsWith('/') ? '/' : ''
        const parts = path.split('/').filter(Boolean)
        for (const [i, part] of parts.entries()) {
          at += part
          // Those before the last are made with their slash, and named so.
          if (i < parts.length - 1) at += '/'
          const failed = yield* sys.mkdir(at)
          const there = failed ? yield* sys.stat(at) : undefined
          if (!failed && o.has('v')) yield* print(sys, `created directory: '${at}'\n`)
          if (failed && (isErr(there) || !there || !isDir(there.mode))) {
            const inTheWay = i < parts.length - 1 && failed.name === 'EEXIST'
            yield* warn(sys, `mkdir: can't create directory '${at}': ${strerror(inTheWay ? ENOTDIR : failed)}\n`)
            status = 1
            break
          }
        }
      } else {
        const failed = yield* sys.mkdir(path)
        if (failed) {
          yield* warn(sys, `mkdir: can't create directory '${path}': ${strerror(failed)}\n`)
          status = 1
          continue
        }
        if (o.has('v')) yield* print(sys, `created directory: '${path}'\n`)
      }
      if (bits !== undefined) yield* sys.chmod(path, bits)
    }
    return status
  },
}
export const rmdir: Applet = {
  name: 'rmdir',
  usage: '[-p] DIRECTORY...',
  help: 'Remove DIRECTORY if it is empty\n\n\t-p\tInclude parents',
  *run(sys, argv) {
    const o = yield* getopt(sys, rmdir, argv, 'pv', {
      parents: 'p',
      'ignore-fail-on-non-empty': 'i',
      verbose: 'v',
    })
    if (typeof o === 'number') return o
    if (o.rest.length === 0) return yield* showUsage(sys, rmdir)
    let status = 0
    for (const operand of o.rest) {
      for (let path = operand; path !== '' && path !== '.' && path !== '/'; ) {
        const failed = yield* sys.rmdir(path)
        if (failed && o.has('i') && failed.name === 'ENOTEMPTY') break
        if (failed) {
          yield* warn(sys, `rmdir: '${path}': ${strerror(failed)}\n`)
          status = 1
          break
        }
        if (!o.has('p')) break
        path = path.replace(/\/*$/, '').replace(/\/?[^/]*$/, '')
      }
    }
    return status
  },
}
export const touch: Applet = {
  name: 'touch',
  usage: '[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...',
  help: "Update mtime of FILEs\n\n\t-c\tDon't create files\n\t-h\tDon't follow links\n\t-a\tChange only atime\n\t-m\tChange only mtime\n\t-d DT\tDate/time to use\n\t-t DT\tDate/time to use\n\t-r FILE\tUse FILE's date/time",
  *run(sys, argv) {
    const o = yield* getopt(sys, touch, argv, 'chamd:t:r:', {
      'no-create': 'c',
      reference: 'r',
      date: 'd',
      'no-dereference': 'h',
    })
    if (typeof o === 'number') return o
    if (o.rest.length === 0) return yield* showUsage(sys, touch)
    let atime: number | undefined
    let mtime: number | undefined
    const text = o.value('d') ?? o.value('t')
    const reference = o.value('r')
    if (reference !== undefined) {
      const s = yield* sys.stat(reference)
      if (isErr(s)) {
        yield* warn(sys, `touch: ${reference}: ${strerror(s)}\n`)
        return 1
      }
      atime = s.atime
      mtime = s.mtime
    } else if (text !== undefined) {
      const now = yield* sys.clock('realtime')
      const zone = zoneOf(sys)
      const time = o.has('d') ? parseDate(text, now, zone) : digits(text, localTime(now, zone), zone)
      if (time === undefined) {
        yield* warn(sys, `touch: invalid date '${text}'\n`)
        return 1
      }
      atime = mtime = time
    }
    let status = 0
    for (const path of o.rest) {
      let failed = yield* sys.utimens(
        path,
        o.has('m') && !o.has('a') ? 'omit' : atime,
        o.has('a') && !o.has('m') ? 'omit' : mtime,
        !o.has('h'),
      )
      if (failed?.name === 'ENOENT' && !o.has('c')) {
        const fd = yield* sys.open(path, O_WRONLY | O_CREAT, 0o666)
        failed = isErr(fd) ? fd : undefined
        if (!isErr(fd)) {
          yield* sys.close(fd)
          if (text !== undefined || reference !== undefined) failed = yield* sys.utimens(path, atime, mtime)
        }
      } else if (failed?.name === 'ENOENT') failed = undefined
      if (failed) {
        yield* warn(sys, `touch: ${path}: ${strerror(failed)}\n`)
        status = 1
      }
    }
    return status
  },
}
export const pwd: Applet = {
  name: 'pwd',
  usage: '',
  help: 'Print the full filename of the current working directory',
  *run(sys) {
    const at = yield* sys.getcwd()
    yield* print(sys, isErr(at) ? '' : `${at}\n`)
    return isErr(at) ? 1 : 0
  },
}
export const mktemp: Applet = {
  name: 'mktemp',
  usage: '[-dt] [-p DIR] [TEMPLATE]',
  help: 'Create a temporary file with name based on TEMPLATE and print its name.\nTEMPLATE must end with XXXXXX (e.g. [/dir/]nameXXXXXX).\nWithout TEMPLATE, -t tmp.XXXXXX is assumed.\n\n\t-d\tMake directory, not file\n\t-q\tFail silently on errors\n\t-t\tPrepend base directory name to TEMPLATE\n\t-p DIR\tUse DIR as a base directory (implies -t)\n\t-u\tDo not create anything; print a name\n\nBase directory is: -p DIR, else $TMPDIR, else /tmp',
  *run(sys, argv) {
    const o = yield* getopt(sys, mktemp, argv, 'dtqup:')
    if (typeof o === 'number') return o
    if (o.rest.length > 1) return yield* showUsage(sys, mktemp)
    const given = o.rest[0]
    const template = given ?? 'tmp.XXXXXX'
    const folder =
      o.value('p') ??
      sys
        .environ()
        .find((e) => e.startsWith('TMPDIR='))
        ?.slice(7) ??
      '/tmp'
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
    if (!template.endsWith('XXXXXX')) {
      if (!o.has('q')) yield* warn(sys, 'mktemp: : Invalid argument\n')
      return 1
    }
    const bytes = yield* sys.getrandom(6)
    const base = template.replace(/XXXXXX$/, [...bytes].map((b) => letters[b % 62]).join(''))
    const path = given === undefined || o.has('p') || o.has('t') ? `${folder.replace(/\/$/, '')}/${base}` : base
    if (o.has('u')) {
      yield* print(sys, `${path}\n`)
      return 0
    }
    const made = o.has('d') ? yield* sys.mkdir(path, 0o700) : yield* sys.open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    if (isErr(made)) {
      if (!o.has('q')) yield* warn(sys, `mktemp: : ${strerror(made)}\n`)
      return 1
    }
    yield* print(sys, `${path}\n`)
    return 0
  },
}
