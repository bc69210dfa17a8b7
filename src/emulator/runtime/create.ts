/** runc create: from an OCI bundle to a process that waits for its start; runtime-spec runtime.md "Lifecycle". */
import { isErr } from '../base/errno.ts'
import type { ExitCode, Run, Sys } from '../kernel/linux/abi.ts'
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  O_CLOEXEC,
  O_RDONLY,
  O_WRONLY,
  S_IFIFO,
} from '../kernel/linux/fs/flags.ts'
import type { Spec } from '../oci/runtimespec.ts'
import { decode, readAll, readText, warn } from '../userland/lib/io.ts'
import { strftime } from '../userland/lib/time.ts'
import { makeCgroup } from './cgroup.ts'
import { lower, makeDirs, writeFile } from './files.ts'
import { check, confine, findProgram, goRuntime, InitError, report, takeTerminal, withHome } from './init.ts'
import { setUpRoot } from './rootfs.ts'
import type { Options, State } from './state.ts'

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
/** runc create: everything but the program's start, which waits at exec.fifo. A message where it failed. */
export function* create(sys: Sys, id: string, o: Options): Run<string | undefined> {
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
    if (ns.path && ns.type === 'pid') {
      // setns(2) puts children into a pid namespace, not the caller: it is joined before the fork.
      const fd = yield* sys.open(ns.path, O_RDONLY | O_CLOEXEC)
      if (isErr(fd)) return yield* undo(`lstat ${ns.path}: ${lower(fd)}`)
      const failed = yield* sys.setns(fd, 0)
      yield* sys.close(fd)
      if (failed) return yield* undo(`setns ${ns.path}: ${lower(failed)}`)
    } else if (ns.path) join.push(ns.path)
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
        if (spec.domainname && flags & CLONE_NEWUTS) yield* init.setdomainname(spec.domainname)
        if (spec.hostname && flags & CLONE_NEWUTS) yield* init.sethostname(spec.hostname)
        if (console !== undefined) yield* takeTerminal(init, console, spec.process.consoleSize)
        else yield* init.setsid()
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
      yield* init.closeRange(3)
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
