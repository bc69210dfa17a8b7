/** What every process that enters a container goes through before its program: terminal, limits, capabilities, seccomp. */
import { isErr } from '../base/errno.ts'
import type { Resource, Run, Sys } from '../kernel/linux/abi.ts'
import { capabilityBit } from '../kernel/linux/capabilities.ts'
import { isDir, O_CLOEXEC, O_RDWR, X_OK } from '../kernel/linux/fs/flags.ts'
import type { SeccompProfile } from '../kernel/linux/seccomp.ts'
import type { SpecProcess } from '../oci/runtimespec.ts'
import { write } from '../userland/lib/io.ts'
import { lower } from './files.ts'

/** runc is a Go program: its runtime starts threads, whose numbers are why the next process in a container isn't PID 2. */
export function goRuntime(sys: Sys): void {
  for (let n = 0; n < 5; n++) sys.thread(function* () {})
}

/** A failure in a container's first steps, in runc's words. */
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
export function* findProgram(sys: Sys, name: string, env: readonly string[]): Run<string> {
  const path = env.find((e) => e.startsWith('PATH='))?.slice(5) ?? ''
  if (name.includes('/')) {
    const s = yield* sys.stat(name)
    if (isErr(s)) throw new InitError(`exec: ${JSON.stringify(name)}: stat ${name}: ${lower(s)}`)
    if (isDir(s.mode)) throw new InitError(`exec: ${JSON.stringify(name)}: permission denied`)
    if (yield* sys.access(name, X_OK)) throw new InitError(`exec: ${JSON.stringify(name)}: permission denied`)
    return name
  }
  for (const d of path.split(':')) {
    const file = `${d || '.'}/${name}`
    const s = yield* sys.stat(file)
    if (!isErr(s) && !isDir(s.mode) && !(yield* sys.access(file, X_OK))) return file
  }
  throw new InitError(`exec: ${JSON.stringify(name)}: executable file not found in $PATH`)
}

/** Who the process is and what it may do: the last steps before its program. */
export function* confine(sys: Sys, p: SpecProcess, seccomp: SeccompProfile | undefined): Run<void> {
  for (const l of p.rlimits ?? [])
    yield* sys.setrlimit(l.type.replace('RLIMIT_', '').toLowerCase() as Resource, l.soft, l.hard)
  const bits = (names: readonly string[] | undefined): bigint =>
    (names ?? []).reduce((b, n) => b | (capabilityBit(n) ?? 0n), 0n)
  const bounding = bits(p.capabilities?.bounding)
  for (let n = 0; n <= 40; n++) {
    const name = capabilityName(n)
    if (name && !(bounding & (1n << BigInt(n)))) yield* sys.prctl('capbset_drop', name)
  }
  if (p.user.umask !== undefined) yield* sys.umask(p.user.umask)
  // Without no_new_privs a filter needs CAP_SYS_ADMIN, which goes with the next steps.
  if (seccomp && !p.noNewPrivileges) check(yield* sys.seccomp(seccomp), 'seccomp')
  yield* sys.prctl('set_keepcaps', 1)
  yield* sys.setgroups([...(p.user.additionalGids ?? [])])
  yield* sys.setgid(p.user.gid)
  yield* sys.setuid(p.user.uid)
  const effective = bits(p.capabilities?.effective)
  yield* sys.capset({
    effective,
    permitted: bits(p.capabilities?.permitted),
    inheritable: bits(p.capabilities?.inheritable),
  })
  yield* sys.prctl('set_keepcaps', 0)
  if (p.noNewPrivileges) yield* sys.prctl('set_no_new_privs', 1)
  if (seccomp && p.noNewPrivileges) check(yield* sys.seccomp(seccomp), 'seccomp')
  check(yield* sys.chdir(p.cwd), `chdir to cwd (${JSON.stringify(p.cwd)}) set in config.json failed`)
}
const names =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  )
const capabilityName = (n: number): string | undefined => names[n]

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
