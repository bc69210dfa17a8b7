/** runc: from an OCI bundle to a process; runtime-spec runtime.md and config-linux.md. */
import { type Errno, isErr } from '../base/errno.ts'
import type { ExitCode, Program, Resource, Run, Sys } from '../kernel/linux/abi.ts'
import { capabilityBit } from '../kernel/linux/capabilities.ts'
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  isDir,
  MS_BIND,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  MS_SLAVE,
  MS_STRICTATIME,
  makedev,
  O_CLOEXEC,
  O_CREAT,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  S_IFCHR,
  S_IFIFO,
  X_OK,
} from '../kernel/linux/fs/flags.ts'
import type { SeccompProfile } from '../kernel/linux/seccomp.ts'
import { SIGTERM, signalNumber } from '../kernel/linux/signals.ts'
import { defaultMounts, maskedPaths, readonlyPaths, type Spec, type SpecProcess } from '../oci/runtimespec.ts'
import { decode, print, readAll, readText, warn, write } from '../userland/lib/io.ts'
import { strftime } from '../userland/lib/time.ts'

/** state.json of runc: what it must remember of a container between its runs. */
interface State {
  readonly id: string
  readonly init_process_pid: number
  readonly created: string
  readonly bundle: string
  readonly cgroup: string
}
const cloneFlags: Readonly<Record<string, number>> = {
  pid: CLONE_NEWPID,
  network: CLONE_NEWNET,
  mount: CLONE_NEWNS,
  ipc: CLONE_NEWIPC,
  uts: CLONE_NEWUTS,
  user: CLONE_NEWUSER,
  cgroup: CLONE_NEWCGROUP,
  time: CLONE_NEWTIME,
}
const mountFlags: Readonly<Record<string, number>> = {
  ro: MS_RDONLY,
  nosuid: MS_NOSUID,
  nodev: MS_NODEV,
  noexec: MS_NOEXEC,
  bind: MS_BIND,
  rbind: MS_BIND | MS_REC,
  rw: 0,
  strictatime: MS_STRICTATIME,
  relatime: 0,
  rprivate: 0,
  private: 0,
  newinstance: 0,
}

function* writeFile(sys: Sys, path: string, text: string): Run<Errno | undefined> {
  const fd = yield* sys.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  if (isErr(fd)) return fd
  const n = yield* sys.write(fd, new TextEncoder().encode(text))
  yield* sys.close(fd)
  return isErr(n) ? n : undefined
}
/** mkdir -p */
export function* makeDirs(sys: Sys, path: string, mode = 0o755): Run<void> {
  let at = ''
  for (const part of path.split('/').filter(Boolean)) {
    at += `/${part}`
    yield* sys.mkdir(at, mode)
  }
}

/** runc is a Go program: its runtime starts threads, whose numbers are why the next process in a container isn't PID 2. */
function goRuntime(sys: Sys): void {
  for (let n = 0; n < 5; n++) sys.thread(function* () {})
}

/** A failure in a container's first steps, in runc's words. */
class InitError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
function check(failed: unknown, what: string): void {
  if (isErr(failed)) throw new InitError(`${what}: ${lower(failed)}`)
}
/** Go prints an errno's text in lower case. */
const lower = (e: Errno): string => e.text.charAt(0).toLowerCase() + e.text.slice(1)

function* makeCgroup(sys: Sys, path: string, spec: Spec): Run<string | undefined> {
  const base = '/sys/fs/cgroup'
  let at = base
  for (const part of path.split('/').filter(Boolean)) {
    // Controllers are handed down to every level that a limit may be set in.
    yield* writeFile(sys, `${at}/cgroup.subtree_control`, '+cpuset +cpu +io +memory +pids')
    at += `/${part}`
    yield* sys.mkdir(at)
  }
  const r = spec.linux.resources
  const set = function* (file: string, value: string | undefined): Run<string | undefined> {
    if (value === undefined) return undefined
    const failed = yield* writeFile(sys, `${at}/${file}`, value)
    return failed
      ? `error setting cgroup config for procHooks process: failed to write "${value}": write ${at}/${file}: ${lower(failed)}`
      : undefined
  }
  const memory = r?.memory?.limit
  const swap = r?.memory?.swap
  return (
    (yield* set('memory.max', memory ? String(memory) : undefined)) ??
    (yield* set('memory.low', r?.memory?.reservation ? String(r.memory.reservation) : undefined)) ??
    (yield* set(
      'memory.swap.max',
      swap !== undefined && memory ? (swap < 0 ? 'max' : String(swap - memory)) : undefined,
    )) ??
    (yield* set('cpu.max', r?.cpu?.quota ? `${r.cpu.quota} ${r.cpu.period ?? 100000}` : undefined)) ??
    (yield* set(
      'cpu.weight',
      r?.cpu?.shares ? String(Math.max(1, Math.round(1 + ((r.cpu.shares - 2) * 9999) / 262142))) : undefined,
    )) ??
    (yield* set('cpuset.cpus', r?.cpu?.cpus || undefined)) ??
    (yield* set('pids.max', r?.pids && r.pids.limit > 0 ? String(r.pids.limit) : undefined))
  )
}

/** The root file system as the container will see it, built in the new mount namespace; then pivot_root. */
function* setUpRoot(sys: Sys, bundle: string, spec: Spec): Run<void> {
  const root = spec.root.path.startsWith('/') ? spec.root.path : `${bundle}/${spec.root.path}`
  check(
    yield* sys.mount('', '/', '', MS_REC | (spec.linux.rootfsPropagation === 'rslave' ? MS_SLAVE : MS_PRIVATE)),
    'error preparing rootfs',
  )
  check(yield* sys.mount(root, root, 'bind', MS_BIND | MS_REC), `error preparing rootfs`)
  for (const m of spec.mounts) {
    const target = `${root}${m.destination}`
    const flags = (m.options ?? []).reduce((f, o) => f | (mountFlags[o] ?? 0), 0)
    const data = (m.options ?? []).filter((o) => !(o in mountFlags)).join(',')
    const bind = (flags & MS_BIND) !== 0
    const source = bind ? yield* sys.stat(m.source ?? '') : undefined
    if (source !== undefined && isErr(source))
      throw new InitError(
        `error mounting "${m.source}" to rootfs at "${m.destination}": stat ${m.source}: ${lower(source)}`,
      )
    if (source && !isDir(source.mode)) {
      yield* makeDirs(sys, target.slice(0, target.lastIndexOf('/')))
      const fd = yield* sys.open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0o755)
      if (!isErr(fd)) yield* sys.close(fd)
    } else yield* makeDirs(sys, target)
    const type = m.type === 'cgroup' ? 'cgroup2' : (m.type ?? 'bind')
    check(
      yield* sys.mount(m.source ?? type, target, type, bind ? flags & (MS_BIND | MS_REC) : flags, data),
      `error mounting "${m.source}" to rootfs at "${m.destination}"`,
    )
    if (bind && flags & MS_RDONLY) check(yield* sys.mount('', target, '', MS_BIND | MS_REMOUNT | flags), 'remount')
  }
  const nodes: [string, number, number][] = [
    ['null', 1, 3],
    ['zero', 1, 5],
    ['full', 1, 7],
    ['tty', 5, 0],
    ['random', 1, 8],
    ['urandom', 1, 9],
  ]
  for (const [name, major, minor] of nodes)
    yield* sys.mknod(`${root}/dev/${name}`, S_IFCHR | 0o666, makedev(major, minor))
  for (const [name, target] of [
    ['fd', '/proc/self/fd'],
    ['stdin', '/proc/self/fd/0'],
    ['stdout', '/proc/self/fd/1'],
    ['stderr', '/proc/self/fd/2'],
    ['ptmx', 'pts/ptmx'],
  ] as const)
    yield* sys.symlink(target, `${root}/dev/${name}`)
  for (const [name] of nodes) yield* sys.chmod(`${root}/dev/${name}`, 0o666)
  const old = yield* sys.open('/', O_RDONLY)
  check(yield* sys.chdir(root), 'chdir')
  check(yield* sys.pivotRoot('.', '.'), 'pivot_root')
  if (!isErr(old)) yield* sys.fchdir(old)
  check(yield* sys.umount('.', 2), 'umount')
  if (!isErr(old)) yield* sys.close(old)
  check(yield* sys.chdir('/'), 'chdir')
  for (const path of spec.linux.readonlyPaths ?? []) {
    if (isErr(yield* sys.mount(path, path, '', MS_BIND | MS_REC))) continue
    yield* sys.mount('', path, '', MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
  }
  for (const path of spec.linux.maskedPaths ?? []) {
    const s = yield* sys.stat(path)
    if (isErr(s)) continue
    if (isDir(s.mode)) yield* sys.mount('tmpfs', path, 'tmpfs', MS_RDONLY)
    else yield* sys.mount('/dev/null', path, '', MS_BIND)
  }
  if (spec.root.readonly) check(yield* sys.mount('', '/', '', MS_BIND | MS_REMOUNT | MS_RDONLY), 'remount /')
}

/** The executable along PATH, or why there is none. */
function* findProgram(sys: Sys, name: string, env: readonly string[]): Run<string> {
  const path = env.find((e) => e.startsWith('PATH='))?.slice(5) ?? ''
  if (name.includes('/')) {
    const s = yield* sys.stat(name)
    if (isErr(s)) throw new InitError(`exec: "${name}": stat ${name}: ${lower(s)}`)
    if (isDir(s.mode)) throw new InitError(`exec: "${name}": ${'permission denied'}`)
    if (yield* sys.access(name, X_OK)) throw new InitError(`exec: "${name}": permission denied`)
    return name
  }
  for (const d of path.split(':')) {
    const file = `${d || '.'}/${name}`
    const s = yield* sys.stat(file)
    if (!isErr(s) && !isDir(s.mode) && !(yield* sys.access(file, X_OK))) return file
  }
  throw new InitError(`exec: "${name}": executable file not found in $PATH`)
}

/** Who the process is and what it may do: the last steps before its program. */
function* confine(sys: Sys, p: SpecProcess, seccomp: SeccompProfile | undefined): Run<void> {
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
  // Where the working directory is missing it is made, as the spec's user.
  if (isErr(yield* sys.chdir(p.cwd))) {
    yield* makeDirs(sys, p.cwd)
    check(yield* sys.chdir(p.cwd), `mkdir ${p.cwd}`)
  }
}
const names =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  )
const capabilityName = (n: number): string | undefined => names[n]

/** The container's terminal: its master goes over the console socket to who asked for it. */
function* takeTerminal(sys: Sys, consoleSocket: number, size: SpecProcess['consoleSize']): Run<void> {
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

interface Options {
  readonly root: string
  readonly bundle: string
  readonly pidFile?: string
  readonly consoleSocket?: string
}

/** Runs one stage of a child and tells the parent by a pipe how it went: '' or a message. */
function* report(sys: Sys, fd: number, body: () => Run<void>): Run<boolean> {
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

/** runc create: everything but the program's start, which waits at exec.fifo. A message where it failed. */
function* create(sys: Sys, id: string, o: Options): Run<string | undefined> {
  const text = yield* readText(sys, `${o.bundle}/config.json`)
  if (isErr(text)) return 'JSON specification file config.json not found'
  let spec: Spec
  try {
    spec = JSON.parse(text) as Spec
  } catch (e) {
    return `invalid JSON in config.json: ${(e as Error).message}`
  }
  const rootPath = spec.root.path.startsWith('/') ? spec.root.path : `${o.bundle}/${spec.root.path}`
  const there = yield* sys.stat(rootPath)
  if (isErr(there)) return `invalid rootfs: stat ${rootPath}: ${lower(there)}`
  const dir = `${o.root}/${id}`
  yield* makeDirs(sys, o.root, 0o711)
  const made = yield* sys.mkdir(dir, 0o711)
  if (made) return 'container with given ID already exists'
  const cgroup = spec.linux.cgroupsPath ?? `/${id}`
  const limited = yield* makeCgroup(sys, cgroup, spec)
  const undo = function* (message: string): Run<string> {
    yield* sys.unlink(`${dir}/exec.fifo`)
    yield* sys.rmdir(dir)
    yield* sys.rmdir(`/sys/fs/cgroup${cgroup}`)
    return message
  }
  if (limited) return yield* undo(`unable to start container process: error during container init: ${limited}`)
  yield* sys.mknod(`${dir}/exec.fifo`, S_IFIFO | 0o622)
  // The program's user opens it, whatever runc's umask.
  yield* sys.chmod(`${dir}/exec.fifo`, 0o622)
  const fifo = yield* sys.open(`${dir}/exec.fifo`, 0o10000000 | O_CLOEXEC)
  const go = yield* sys.pipe()
  const errors = yield* sys.pipe()
  if (isErr(go) || isErr(errors) || isErr(fifo)) return yield* undo('too many open files')
  let flags = 0
  const join: string[] = []
  for (const ns of spec.linux.namespaces) {
    if (ns.path) join.push(ns.path)
    else flags |= cloneFlags[ns.type] ?? 0
  }
  let console: number | undefined
  if (spec.process.terminal) {
    const s = yield* sys.socket('unix', 'stream')
    if (isErr(s) || isErr(yield* sys.connect(s, { family: 'unix', path: o.consoleSocket ?? '' })))
      return yield* undo('cannot allocate tty if runc will detach without setting console socket')
    console = s
  }
  const pid = yield* sys.fork(
    function* (init): Run<ExitCode> {
      yield* init.prctl('set_name', 'runc:[2:INIT]')
      goRuntime(init)
      yield* init.close(errors[0])
      yield* init.read(go[0], 1)
      let program = ''
      const ok = yield* report(init, errors[1], function* () {
        for (const path of join) {
          const fd = yield* init.open(path, O_RDONLY | O_CLOEXEC)
          if (isErr(fd)) throw new InitError(`lstat ${path}: ${lower(fd)}`)
          check(yield* init.setns(fd, 0), `setns ${path}`)
          yield* init.close(fd)
        }
        if (flags & CLONE_NEWCGROUP) check(yield* init.unshare(CLONE_NEWCGROUP), 'unshare cgroup')
        if (flags & CLONE_NEWNET) yield* init.netlink({ op: 'link.set', name: 'lo', up: true })
        if (flags & CLONE_NEWNET) yield* init.netlink({ op: 'addr.add', name: 'lo', address: '127.0.0.1', prefix: 8 })
        yield* setUpRoot(init, o.bundle, spec)
        if (spec.hostname && flags & CLONE_NEWUTS) yield* init.sethostname(spec.hostname)
        if (console !== undefined) yield* takeTerminal(init, console, spec.process.consoleSize)
        yield* confine(init, spec.process, spec.linux.seccomp)
        program = yield* findProgram(init, spec.process.args[0] ?? '', spec.process.env ?? [])
      })
      if (!ok) return 1
      // The program starts when `runc start` opens the other end.
      const gate = yield* init.open(`/proc/self/fd/${fifo}`, O_WRONLY | O_CLOEXEC)
      if (!isErr(gate)) {
        yield* init.write(gate, Uint8Array.of(0))
        yield* init.close(gate)
      }
      for (let fd = 3; fd < 16; fd++) yield* init.close(fd)
      const failed = yield* init.execve(
        program,
        spec.process.args,
        withHome(spec.process.env ?? [], spec.process.user.uid),
      )
      yield* warn(init, `exec ${program}: ${lower(failed)}\n`)
      return failed.name === 'ENOEXEC' ? 255 : 1
    },
    { flags: flags & ~CLONE_NEWCGROUP },
  )
  if (isErr(pid)) return yield* undo(`unable to start container process: ${lower(pid)}`)
  const placed = yield* writeFile(sys, `/sys/fs/cgroup${cgroup}/cgroup.procs`, String(pid))
  if (placed) return yield* undo(`unable to apply cgroup configuration: ${lower(placed)}`)
  if (spec.process.oomScoreAdj !== undefined)
    yield* writeFile(sys, `/proc/${pid}/oom_score_adj`, String(spec.process.oomScoreAdj))
  yield* sys.close(errors[1])
  yield* sys.write(go[1], Uint8Array.of(1))
  const bytes = yield* readAll(sys, errors[0])
  const message = isErr(bytes) ? '' : decode(bytes)
  if (message !== '') {
    yield* sys.wait(pid)
    return yield* undo(
      `unable to start container process: ${message.startsWith('exec:') ? message : `error during container init: ${message}`}`,
    )
  }
  const state: State = {
    id,
    init_process_pid: pid,
    created: strftime('%FT%T.%NZ', yield* sys.clock('realtime')),
    bundle: o.bundle,
    cgroup,
  }
  yield* writeFile(sys, `${dir}/state.json`, JSON.stringify(state))
  if (o.pidFile) yield* writeFile(sys, o.pidFile, String(pid))
  return undefined
}
const withHome = (env: readonly string[], uid: number): readonly string[] =>
  env.some((e) => e.startsWith('HOME=')) ? env : [...env, `HOME=${uid === 0 ? '/root' : '/'}`]

function* load(sys: Sys, o: Options, id: string): Run<State | undefined> {
  const text = yield* readText(sys, `${o.root}/${id}/state.json`)
  if (isErr(text)) return undefined
  return JSON.parse(text) as State
}
/** created, running, paused or stopped, from what the kernel says. */
function* statusOf(sys: Sys, o: Options, s: State): Run<'created' | 'running' | 'paused' | 'stopped'> {
  const stat = yield* readText(sys, `/proc/${s.init_process_pid}/stat`)
  if (isErr(stat) || / Z /.test(stat)) return 'stopped'
  const frozen = yield* readText(sys, `/sys/fs/cgroup${s.cgroup}/cgroup.freeze`)
  if (!isErr(frozen) && frozen.trim() === '1') return 'paused'
  return isErr(yield* sys.stat(`${o.root}/${s.id}/exec.fifo`)) ? 'running' : 'created'
}

/** runc exec: another process in a container's namespaces and cgroup. Answers its exit code, or a message. */
function* execIn(sys: Sys, s: State, spec: Spec, p: SpecProcess, o: Options, detach: boolean): Run<ExitCode | string> {
  const errors = yield* sys.pipe()
  if (isErr(errors)) return 'too many open files'
  const fds: number[] = []
  for (const kind of ['ipc', 'uts', 'net', 'pid', 'cgroup', 'time', 'mnt']) {
    const fd = yield* sys.open(`/proc/${s.init_process_pid}/ns/${kind}`, O_RDONLY | O_CLOEXEC)
    if (isErr(fd)) return `open /proc/${s.init_process_pid}/ns/${kind}: ${lower(fd)}`
    fds.push(fd)
  }
  let console: number | undefined
  if (p.terminal) {
    const c = yield* sys.socket('unix', 'stream')
    if (isErr(c) || isErr(yield* sys.connect(c, { family: 'unix', path: o.consoleSocket ?? '' })))
      return 'cannot allocate tty if runc will detach without setting console socket'
    console = c
  }
  const go = yield* sys.pipe()
  if (isErr(go)) return 'too many open files'
  // The first child joins the namespaces; only its child is in the pid namespace (setns(2)).
  const helper = yield* sys.fork(function* (one): Run<ExitCode> {
    yield* one.close(errors[0])
    for (const fd of fds) {
      const failed = yield* one.setns(fd, 0)
      if (failed) {
        yield* write(one, errors[1], `setns: ${lower(failed)}`)
        return 1
      }
    }
    const child = yield* one.fork(
      function* (two): Run<ExitCode> {
        yield* two.prctl('set_name', 'runc:[2:INIT]')
        goRuntime(two)
        yield* two.read(go[0], 1)
        let program = ''
        const ok = yield* report(two, errors[1], function* () {
          if (console !== undefined) yield* takeTerminal(two, console, p.consoleSize)
          else yield* two.setsid()
          yield* confine(two, p, spec.linux.seccomp)
          program = yield* findProgram(two, p.args[0] ?? '', p.env ?? [])
        })
        if (!ok) return 1
        for (let fd = 3; fd < 32; fd++) yield* two.close(fd)
        const failed = yield* two.execve(program, p.args, withHome(p.env ?? [], p.user.uid))
        yield* warn(two, `exec ${program}: ${lower(failed)}\n`)
        return 255
      },
      { parent: true },
    )
    return isErr(child) ? 1 : 0
  })
  if (isErr(helper)) return lower(helper)
  yield* sys.wait(helper)
  const pid = yield* newestChild(sys, helper)
  if (pid === undefined) {
    yield* sys.close(errors[1])
    const bytes = yield* readAll(sys, errors[0])
    return isErr(bytes) ? 'unknown' : decode(bytes)
  }
  yield* writeFile(sys, `/sys/fs/cgroup${s.cgroup}/cgroup.procs`, String(pid))
  yield* sys.close(errors[1])
  yield* sys.write(go[1], Uint8Array.of(1))
  const bytes = yield* readAll(sys, errors[0])
  const message = isErr(bytes) ? '' : decode(bytes)
  if (message !== '') {
    yield* sys.wait(pid)
    return `unable to start container process: ${message}`
  }
  if (o.pidFile) yield* writeFile(sys, o.pidFile, String(pid))
  if (detach) return 0
  const r = yield* sys.wait(pid)
  return isErr(r) || !r ? 255 : r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
}
/** The child made last by a helper that is gone: the highest number whose parent we are. */
function* newestChild(sys: Sys, helper: number): Run<number | undefined> {
  const me = yield* sys.getpid()
  for (let pid = helper + 12; pid > helper; pid--) {
    const stat = yield* readText(sys, `/proc/${pid}/stat`)
    if (!isErr(stat) && Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === me) return pid
  }
  return undefined
}

/** config.json as `runc spec` writes it. */
export function exampleSpec(): Spec {
  const caps = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE']
  return {
    ociVersion: '1.3.0',
    process: {
      terminal: true,
      user: { uid: 0, gid: 0 },
      args: ['sh'],
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
      cwd: '/',
      capabilities: { bounding: caps, effective: caps, permitted: caps, inheritable: undefined, ambient: undefined },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    hostname: 'runc',
    mounts: defaultMounts,
    linux: {
      namespaces: ['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup'].map((type) => ({ type })),
      maskedPaths,
      readonlyPaths,
    },
  }
}

export const runc: Program = function* (sys, argv) {
  const args = argv.slice(1)
  let root = '/run/runc'
  let json = false
  let log: string | undefined
  while (args[0]?.startsWith('-')) {
    const flag = args.shift() as string
    if (flag === '--root') root = args.shift() ?? root
    else if (flag === '--log') log = args.shift()
    else if (flag === '--log-format') json = args.shift() === 'json'
    else if (flag === '--version' || flag === '-v') {
      yield* print(sys, 'runc version 1.4.3\ncommit: v1.4.3-0-g1e5d8a6\nspec: 1.3.0\ngo: go1.26.5\nlibseccomp: 2.5.5\n')
      return 0
    } else if (flag !== '--systemd-cgroup' && flag !== '--debug') {
      yield* warn(sys, `zukan: not emulated: runc ${flag}\n`)
      return 1
    }
  }
  const fail = function* (message: string): Run<ExitCode> {
    const now = strftime('%FT%TZ', yield* sys.clock('realtime'))
    if (log !== undefined)
      yield* writeFile(sys, log, `${JSON.stringify({ level: 'error', msg: message, time: now })}\n`)
    else
      yield* warn(
        sys,
        json
          ? `${JSON.stringify({ level: 'error', msg: message, time: now })}\n`
          : `time="${now}" level=error msg=${JSON.stringify(message)}\n`,
      )
    return 1
  }
  const command = args.shift() ?? ''
  const cwd = yield* sys.getcwd()
  let bundle = isErr(cwd) ? '/' : cwd
  const values = new Map<string, string>()
  const flags = new Set<string>()
  const takes = new Set([
    '--bundle',
    '-b',
    '--pid-file',
    '--console-socket',
    '--process',
    '-p',
    '--cwd',
    '--user',
    '-u',
    '--env',
    '-e',
    '--format',
    '-f',
  ])
  while (args[0]?.startsWith('-') && args[0] !== '--') {
    const word = args.shift() as string
    if (takes.has(word) && !(word === '-f' && command === 'delete')) values.set(word, args.shift() ?? '')
    else flags.add(word)
  }
  bundle = values.get('--bundle') ?? values.get('-b') ?? bundle
  const o: Options = {
    root,
    bundle,
    ...(values.has('--pid-file') ? { pidFile: values.get('--pid-file') as string } : {}),
    ...(values.has('--console-socket') ? { consoleSocket: values.get('--console-socket') as string } : {}),
  }
  const id = args[0] ?? ''
  const need = function* (): Run<State | undefined> {
    return id === '' ? undefined : yield* load(sys, o, id)
  }
  switch (command) {
    case 'spec':
      if (!isErr(yield* sys.stat(`${bundle}/config.json`)))
        return yield* fail('File config.json exists. Remove it first')
      yield* writeFile(sys, `${bundle}/config.json`, `${JSON.stringify(exampleSpec(), null, '\t')}\n`)
      return 0
    case 'create':
    case 'run': {
      const failed = yield* create(sys, id, o)
      if (failed !== undefined) return yield* fail(`runc ${command} failed: ${failed}`)
      if (command === 'create') return 0
      const s = yield* need()
      yield* openGate(sys, o, id)
      if (flags.has('-d') || flags.has('--detach') || !s) return 0
      const r = yield* sys.wait(s.init_process_pid)
      yield* remove(sys, o, s)
      return isErr(r) || !r ? 1 : r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
    }
    case 'start': {
      const s = yield* need()
      if (!s) return yield* fail('container does not exist')
      const status = yield* statusOf(sys, o, s)
      if (status === 'stopped') return yield* fail('cannot start a container that has stopped')
      if (status !== 'created') return yield* fail('cannot start an already running container')
      yield* openGate(sys, o, id)
      return 0
    }
    case 'state': {
      const s = yield* need()
      if (!s) return yield* fail('container does not exist')
      const status = yield* statusOf(sys, o, s)
      yield* print(
        sys,
        `${JSON.stringify({ ociVersion: '1.3.0', id, pid: status === 'stopped' ? 0 : s.init_process_pid, status, bundle: s.bundle, rootfs: `${s.bundle}/rootfs`, created: s.created, owner: '' }, null, 2)}\n`,
      )
      return 0
    }
    case 'kill': {
      const s = yield* need()
      if (!s) return yield* fail('container does not exist')
      const failed = yield* sys.kill(s.init_process_pid, signalNumber(args[1] ?? '') ?? SIGTERM)
      return failed ? yield* fail(failed.name === 'ESRCH' ? 'container not running' : lower(failed)) : 0
    }
    case 'pause':
    case 'resume': {
      const s = yield* need()
      if (!s) return yield* fail('container does not exist')
      const status = yield* statusOf(sys, o, s)
      if (command === 'resume' && status !== 'paused') return yield* fail('container not paused')
      if (command === 'pause' && status !== 'running') return yield* fail(`container not running: ${status}`)
      yield* writeFile(sys, `/sys/fs/cgroup${s.cgroup}/cgroup.freeze`, command === 'pause' ? '1' : '0')
      return 0
    }
    case 'delete': {
      const s = yield* need()
      if (!s) return flags.has('-f') || flags.has('--force') ? 0 : yield* fail('container does not exist')
      if ((yield* statusOf(sys, o, s)) !== 'stopped') {
        if (!flags.has('-f') && !flags.has('--force'))
          return yield* fail(`cannot delete container ${id} that is not stopped: ${yield* statusOf(sys, o, s)}`)
        yield* writeFile(sys, `/sys/fs/cgroup${s.cgroup}/cgroup.kill`, '1')
        yield* sys.wait(s.init_process_pid)
      }
      yield* remove(sys, o, s)
      return 0
    }
    case 'list': {
      const fd = yield* sys.open(root, O_RDONLY)
      const entries = isErr(fd) ? [] : yield* sys.getdents(fd)
      const rows: string[][] = [['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER']]
      for (const e of isErr(entries) ? [] : entries) {
        const s = e.name.startsWith('.') ? undefined : yield* load(sys, o, e.name)
        if (!s) continue
        const status = yield* statusOf(sys, o, s)
        rows.push([s.id, status === 'stopped' ? '0' : String(s.init_process_pid), status, s.bundle, s.created, 'root'])
      }
      const width = rows[0]?.map((_, i) => Math.max(12, ...rows.map((r) => (r[i] ?? '').length + 3)).valueOf()) ?? []
      for (const r of rows)
        yield* print(sys, `${r.map((c, i) => (i < r.length - 1 ? c.padEnd(width[i] ?? 0) : c)).join('')}\n`)
      return 0
    }
    case 'exec': {
      const s = yield* need()
      if (!s) return yield* fail('container does not exist')
      const status = yield* statusOf(sys, o, s)
      if (status === 'paused')
        return yield* fail('exec failed: cannot exec in a paused container (use --ignore-paused to override)')
      if (status === 'stopped') return yield* fail('exec failed: cannot exec in a stopped container')
      const config = yield* readText(sys, `${s.bundle}/config.json`)
      const spec = JSON.parse(isErr(config) ? '{}' : config) as Spec
      const file = values.get('--process') ?? values.get('-p')
      const given = file === undefined ? undefined : yield* readText(sys, file)
      const p: SpecProcess =
        given === undefined || isErr(given)
          ? { ...spec.process, terminal: false, args: args.slice(1), cwd: values.get('--cwd') ?? spec.process.cwd }
          : (JSON.parse(given) as SpecProcess)
      const result = yield* execIn(sys, s, spec, p, o, flags.has('--detach') || flags.has('-d'))
      return typeof result === 'string' ? yield* fail(`exec failed: ${result}`) : result
    }
    default:
      return yield* fail(
        command === '' ? 'zukan: not emulated: runc without a command' : `zukan: not emulated: runc ${command}`,
      )
  }
}
function* openGate(sys: Sys, o: Options, id: string): Run<void> {
  const path = `${o.root}/${id}/exec.fifo`
  const fd = yield* sys.open(path, O_RDONLY | O_CLOEXEC)
  if (!isErr(fd)) {
    yield* sys.read(fd, 1)
    yield* sys.close(fd)
  }
  yield* sys.unlink(path)
}
function* remove(sys: Sys, o: Options, s: State): Run<void> {
  for (const file of ['state.json', 'exec.fifo']) yield* sys.unlink(`${o.root}/${s.id}/${file}`)
  yield* sys.rmdir(`${o.root}/${s.id}`)
  yield* sys.rmdir(`/sys/fs/cgroup${s.cgroup}`)
}
