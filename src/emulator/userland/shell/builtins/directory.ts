/** cd and pwd: the logical path, POSIX XCU 4 cd. */
import { isErr } from '../../../base/errno.ts'
import { isDir } from '../../../kernel/linux/fs/flags.ts'
import { ShellError } from '../errors.ts'
import { ofWord, toWord } from '../text.ts'
import { type Builtin, options, out } from './common.ts'

/** Whether a path is wanted as it is, without the names of links; the last of -L and -P counts. */
const physical = (argv: readonly string[]): boolean =>
  argv
    .filter((a) => /^-[LP]+$/.test(a))
    .join('')
    .replace(/-/g, '')
    .endsWith('P')

export const cd: Builtin = function* (sh, argv) {
  const { s } = sh
  const { rest } = options(
    argv.map((a) => (a === '-' ? './-' : a)),
    'LP',
  )
  const from = argv.length - rest.length
  let to = argv[from] ?? s.get('HOME') ?? ''
  let print = false
  if (to === '-') {
    to = s.get('OLDPWD') ?? ''
    print = true
  }
  if (to === '') return print ? yield* out(sh, `${s.cwd}\n`) : 0
  let target = to
  if (!/^\.{0,2}(\/|$)/.test(to)) {
    for (const dir of (s.get('CDPATH') ?? '').split(':').filter(Boolean)) {
      const full = `${dir}/${to}`
      const stat = yield* sh.sys.stat(toWord(full))
      if (isErr(stat) || !isDir(stat.mode)) continue
      target = full
      print = true
      break
    }
  }
  // The logical path: `..` takes away a name, whatever links there are.
  const absolute = target.startsWith('/') ? target : `${s.cwd === '/' ? '' : s.cwd}/${target}`
  const parts: string[] = []
  for (const part of absolute.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  const real = physical(argv.slice(0, from))
  // Of two slashes at the begin both stay (POSIX, pathname resolution).
  const root = /^\/\/(?!\/)/.test(absolute) ? '//' : '/'
  const logical = real ? target : `${root}${parts.join('/')}`
  const failed = yield* sh.sys.chdir(toWord(logical))
  if (failed) throw new ShellError(`can't cd to ${to}: ${s.reason(failed)}`)
  const now = yield* sh.sys.getcwd()
  s.export('OLDPWD', s.cwd)
  s.cwd = real && !isErr(now) ? ofWord(now) : logical
  s.export('PWD', s.cwd)
  return print ? yield* out(sh, `${s.cwd}\n`) : 0
}
export const pwd: Builtin = function* (sh, argv) {
  const real = yield* sh.sys.getcwd()
  return yield* out(sh, `${physical(argv) && !isErr(real) ? ofWord(real) : sh.s.cwd}\n`)
}
