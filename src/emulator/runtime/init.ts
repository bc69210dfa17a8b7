/** What every process that enters a container goes through before its program: terminal, limits, capabilities, seccomp. */
import { EACCES, isErr } from '../base/errno.ts'
import type { Resource, Run, Sys } from '../kernel/linux/abi.ts'
import { capabilityBit, capabilityNames } from '../kernel/linux/capabilities.ts'
import { isDir, makedev, O_CLOEXEC, O_RDWR, S_IFCHR, S_IFMT, X_OK } from '../kernel/linux/fs/flags.ts'
import type { SeccompProfile } from '../kernel/linux/seccomp.ts'
import type { SpecProcess } from '../oci/runtimespec.ts'
import { write } from '../userland/lib/io.ts'
import { lower } from './files.ts'
import type { Words } from './flavour.ts'

const NULL_DEVICE = makedev(1, 3)

/** A runtime in Go starts threads, whose numbers are why the next process in a container isn't PID 2. */
export function startThreads(sys: Sys, count: number): void {
  for (let n = 0; n < count; n++) sys.thread(nothing)
}
function* nothing(): Run<void> {}

/** A failure in a container's first steps, in the runtime's words. */
export class InitError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
/** Fails with what was tried where something went wrong. */
export function check(failed: unknown, what: string): void {
  if (isErr(failed)) throw new InitError(`${what}: ${lower(failed)}`)
}

/** The executable along PATH, or why there is none. */
export function* findProgram(sys: Sys, name: string, env: readonly string[], words: Words): Run<string> {
  const path = env.find((e) => e.startsWith('PATH='))?.slice(5) ?? ''
  if (name.includes('/')) {
    const s = yield* sys.stat(name)
    if (isErr(s)) throw new InitError(words.badProgram(name, s))
    if (isDir(s.mode) || (yield* sys.access(name, X_OK))) throw new InitError(words.badProgram(name, EACCES))
    return name
  }
  for (const d of path.split(':')) {
    const file = `${d || '.'}/${name}`
    const s = yield* sys.stat(file)
    if (!isErr(s) && !isDir(s.mode) && !(yield* sys.access(file, X_OK))) return file
  }
  throw new InitError(words.noProgram(name))
}

/** Limits in the order of their numbers, getrlimit(2). */
const limitNumbers: readonly string[] =
  'cpu fsize data stack core rss nproc nofile memlock as locks sigpending msgqueue nice rtprio rttime'.split(' ')
/** Who the process is and what it may do: the last steps before its program. */
export function* confine(sys: Sys, p: SpecProcess, seccomp: SeccompProfile | undefined): Run<void> {
  // The greatest number of 64 bits is no limit.
  const infinite = (n: number): number => (n >= 2 ** 63 ? Number.POSITIVE_INFINITY : n)
  for (const l of p.rlimits ?? []) {
    const kind = l.type.replace('RLIMIT_', '').toLowerCase() as Resource
    const number = limitNumbers.indexOf(kind)
    const why = `error setting rlimits for ready process: error setting rlimit type ${number}`
    check(yield* sys.setrlimit(kind, infinite(l.soft), infinite(l.hard)), why)
  }
  const bits = (names: readonly string[] | undefined): bigint =>
    (names ?? []).reduce((b, n) => b | (capabilityBit(n) ?? 0n), 0n)
  const bounding = bits(p.capabilities?.bounding)
  for (const [n, name] of capabilityNames.entries())
    if (!(bounding & (1n << BigInt(n)))) yield* sys.prctl('capbset_drop', name)
  if (p.user.umask !== undefined) yield* sys.umask(p.user.umask)
  // Without no_new_privs a filter needs CAP_SYS_ADMIN, which goes with the next steps.
  if (seccomp && !p.noNewPrivileges) check(yield* sys.seccomp(seccomp), 'seccomp')
  yield* sys.prctl('set_keepcaps', 1)
  yield* sys.setgroups([...new Set(p.user.additionalGids ?? [])].sort((a, b) => a - b))
  yield* sys.setgid(p.user.gid)
  yield* sys.setuid(p.user.uid)
  const effective = bits(p.capabilities?.effective)
  yield* sys.capset({
    effective,
    permitted: bits(p.capabilities?.permitted),
    inheritable: bits(p.capabilities?.inheritable),
  })
  yield* sys.prctl('set_keepcaps', 0)
  for (const name of p.capabilities?.ambient ?? []) yield* sys.prctl('cap_ambient_raise', name.replace(/^CAP_/, ''))
  if (p.noNewPrivileges) yield* sys.prctl('set_no_new_privs', 1)
  if (seccomp && p.noNewPrivileges) check(yield* sys.seccomp(seccomp), 'seccomp')
  check(yield* sys.chdir(p.cwd), `chdir to cwd (${JSON.stringify(p.cwd)}) set in config.json failed`)
}
/**
 * Standard streams become the container's: /dev/null is opened anew in its own root, what else is there belongs to its user; libcontainer's
 * reOpenDevNull and fixStdioPermissions.
 */
export function* ownStreams(sys: Sys, uid: number): Run<void> {
  for (const n of [0, 1, 2]) {
    const s = yield* sys.fstat(n)
    if (isErr(s)) continue
    if ((s.mode & S_IFMT) === S_IFCHR) {
      if (s.rdev !== NULL_DEVICE) continue
      const fd = yield* sys.open('/dev/null', O_RDWR)
      if (isErr(fd)) continue
      yield* sys.dup2(fd, n)
      yield* sys.close(fd)
    } else if (s.uid !== uid) yield* sys.fchown(n, uid, s.gid)
  }
}
/** The container's terminal: its master goes over the console socket to who asked for it. */
export function* takeTerminal(sys: Sys, consoleSocket: number, size: SpecProcess['consoleSize']): Run<void> {
  const master = yield* sys.open('/dev/pts/ptmx', O_RDWR | O_CLOEXEC)
  if (isErr(master)) throw new InitError(`open /dev/ptmx: ${lower(master)}`)
  const n = yield* sys.ioctl<number>(master, 'TIOCGPTN')
  if (size) yield* sys.ioctl(master, 'TIOCSWINSZ', { rows: size.height, columns: size.width })
  yield* sys.sendfd(consoleSocket, master)
  yield* sys.close(master)
  yield* sys.setsid()
  const slave = yield* sys.open(`/dev/pts/${isErr(n) ? 0 : n}`, O_RDWR)
  if (isErr(slave)) throw new InitError(`open /dev/pts: ${lower(slave)}`)
  yield* sys.ioctl(slave, 'TIOCSCTTY')
  for (const fd of [0, 1, 2]) yield* sys.dup2(slave, fd)
  if (slave > 2) yield* sys.close(slave)
}

/** Runs one stage of a child and tells the parent by a pipe how it went: '' or a message. */
export function* report(sys: Sys, fd: number, body: () => Run<void>): Run<boolean> {
  try {
    yield* body()
    yield* sys.close(fd)
    return true
  } catch (problem) {
    if (!(problem instanceof InitError)) throw problem
    yield* write(sys, fd, problem.message)
    yield* sys.close(fd)
    return false
  }
}

/** HOME comes from the user where nobody set it. */
export const withHome = (env: readonly string[], uid: number): readonly string[] =>
  env.some((e) => e.startsWith('HOME=')) ? env : [...env, `HOME=${uid === 0 ? '/root' : '/'}`]
