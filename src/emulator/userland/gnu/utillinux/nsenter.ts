/** nsenter(1) of util-linux: runs a program in the namespaces of another. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Fd, Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import { O_CLOEXEC, O_RDONLY } from '../../../kernel/linux/fs/flags.ts'
import { fail, readText } from '../../lib/io.ts'
import { endAs, execOrShell, waitFor } from '../../lib/run.ts'
import { getopt } from '../getopt.ts'
import { type Kind, kinds } from './namespaces.ts'

const spec = {
  name: 'nsenter',
  short: '+at:m::u::i::n::p::U::C::T::S:G:r::w::W:eFhV',
  long: {
    all: 'a',
    'target=': 't',
    'mount=?': 'm',
    'uts=?': 'u',
    'ipc=?': 'i',
    'net=?': 'n',
    'pid=?': 'p',
    'user=?': 'U',
    'cgroup=?': 'C',
    'time=?': 'T',
    'setuid=': 'S',
    'setgid=': 'G',
    'root=?': 'r',
    'wd=?': 'w',
    'wdns=': 'W',
    env: 'e',
    'preserve-credentials': 'preserve',
    'no-fork': 'F',
    help: 'h',
    version: 'V',
  },
}

export const nsenter: Program = function* (sys, argv) {
  const o = yield* getopt(sys, spec, argv)
  if (typeof o === 'number') return o
  const target = o.value('t')
  if (target !== undefined && !/^\d+$/.test(target))
    return yield* fail(sys, `nsenter: failed to parse pid: '${target}'`)
  const of = (file: string): string => `/proc/${target}/${file}`
  const needTarget = (what: string): Run<ExitCode> => fail(sys, `nsenter: no target PID specified for ${what}`)
  if (target === undefined && o.has('a')) return yield* needTarget('--all')

  // Everything is opened before anything is joined.
  const opened: { readonly kind: Kind; readonly fd: Fd }[] = []
  for (const kind of kinds) {
    const chosen = o.has(kind.letter)
    if (!chosen && !o.has('a')) continue
    const path = o.value(kind.letter) || (target === undefined ? undefined : of(`ns/${kind.file}`))
    if (path === undefined) return yield* needTarget(of(`ns/${kind.file}`).replace('/proc/undefined/', ''))
    if (!chosen) {
      // --all leaves out what is the same already.
      const theirs = yield* sys.stat(path)
      if (isErr(theirs)) return yield* fail(sys, `nsenter: stat of ${path} failed: ${theirs.text}`)
      const mine = yield* sys.stat(`/proc/self/ns/${kind.file}`)
      if (!isErr(mine) && mine.ino === theirs.ino) continue
    }
    const fd = yield* sys.open(path, O_RDONLY | O_CLOEXEC)
    if (isErr(fd)) return yield* fail(sys, `nsenter: cannot open ${path}: ${fd.text}`)
    opened.push({ kind, fd })
  }
  const place = function* (letter: 'r' | 'w', file: string): Run<Fd | undefined | ExitCode | { failed: ExitCode }> {
    if (!o.has(letter)) return undefined
    const path = o.value(letter) || (target === undefined ? undefined : of(file))
    if (path === undefined) return { failed: yield* needTarget(file) }
    const fd = yield* sys.open(path, O_RDONLY | O_CLOEXEC)
    return isErr(fd) ? { failed: yield* fail(sys, `nsenter: cannot open ${path}: ${fd.text}`) } : fd
  }
  const root = yield* place('r', 'root')
  if (typeof root === 'object') return root.failed
  const wd = yield* place('w', 'cwd')
  if (typeof wd === 'object') return wd.failed
  let env = sys.environ()
  if (o.has('e')) {
    const text = yield* readText(sys, of('environ'))
    if (isErr(text)) return yield* fail(sys, `nsenter: failed to get environment variables: ${text.text}`)
    env = text.split('\0').filter((e) => e !== '')
  }

  for (const { kind, fd } of opened) {
    const failed = yield* sys.setns(fd, kind.flag)
    if (failed) return yield* fail(sys, `nsenter: reassociate to namespace 'ns/${kind.file}' failed: ${failed.text}`)
    yield* sys.close(fd)
  }
  if (typeof root === 'number') {
    yield* sys.fchdir(root)
    const failed = yield* sys.chroot('.')
    if (failed) return yield* fail(sys, `nsenter: chroot failed: ${failed.text}`)
    yield* sys.chdir('/')
  }
  if (typeof wd === 'number') yield* sys.fchdir(wd)
  const wdns = o.value('W')
  if (wdns !== undefined) {
    const failed = yield* sys.chdir(wdns)
    if (failed) return yield* fail(sys, `nsenter: cannot change directory: ${failed.text}`)
  }

  const joined = (letter: string): boolean => opened.some((x) => x.kind.letter === letter)
  const go = function* (sys: Sys): Run<ExitCode> {
    // In another user namespace one becomes its root, unless told otherwise.
    const gid = o.value('G') ?? (joined('U') && !o.has('preserve') ? '0' : undefined)
    const uid = o.value('S') ?? (joined('U') && !o.has('preserve') ? '0' : undefined)
    if (gid !== undefined) {
      yield* sys.setgroups([])
      const failed = yield* sys.setgid(Number(gid))
      if (failed) return yield* fail(sys, `nsenter: setgid() failed: ${failed.text}`)
    }
    if (uid !== undefined) {
      const failed = yield* sys.setuid(Number(uid))
      if (failed) return yield* fail(sys, `nsenter: setuid() failed: ${failed.text}`)
    }
    return yield* execOrShell(sys, 'nsenter', o.rest, env)
  }
  // A pid namespace is joined by children only.
  if (joined('p') && !o.has('F')) {
    const pid = yield* sys.fork(go)
    if (isErr(pid)) return yield* fail(sys, `nsenter: fork failed: ${pid.text}`)
    return yield* endAs(sys, yield* waitFor(sys, pid))
  }
  return yield* go(sys)
}
