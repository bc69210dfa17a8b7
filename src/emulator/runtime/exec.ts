/** runc exec: another process in a container. */
import { isErr } from '../base/errno.ts'
import type { ExitCode, Pid, Run, Sys } from '../kernel/linux/abi.ts'
import { O_CLOEXEC, O_RDONLY } from '../kernel/linux/fs/flags.ts'
import type { Spec, SpecProcess } from '../oci/runtimespec.ts'
import { decode, readAll, readText, warn, write } from '../userland/lib/io.ts'
import { lower, writeFile } from './files.ts'
import { confine, findProgram, ownStreams, report, startThreads, takeTerminal, withHome } from './init.ts'
import type { Options, State } from './state.ts'

/** Another process in a container's namespaces and cgroup. Answers its number, or a message. It is a child of the caller. */
export function* execIn(sys: Sys, s: State, spec: Spec, p: SpecProcess, o: Options): Run<Pid | string> {
  const errors = yield* sys.pipe()
  if (isErr(errors)) return 'too many open files'
  const fds: number[] = []
  for (const kind of ['user', 'ipc', 'uts', 'net', 'pid', 'cgroup', 'time', 'mnt']) {
    // What it shares with the container needn't be joined, and without power over it can't be.
    const theirs = yield* sys.readlink(`/proc/${s.init_process_pid}/ns/${kind}`)
    if (!isErr(theirs) && theirs === (yield* sys.readlink(`/proc/self/ns/${kind}`))) continue
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
        const { waiting, threads } = o.flavour
        yield* two.prctl('set_name', waiting.comm)
        if (waiting.title) yield* two.setproctitle(waiting.title)
        startThreads(two, threads)
        yield* two.read(go[0], 1)
        let program = ''
        const ok = yield* report(two, errors[1], function* () {
          if (console !== undefined) yield* takeTerminal(two, console, p.consoleSize)
          else yield* two.setsid()
          yield* ownStreams(two, p.user.uid)
          yield* confine(two, p, spec.linux.seccomp)
          program = yield* findProgram(two, p.args[0] ?? '', p.env ?? [], o.flavour.words)
        })
        if (!ok) return 1
        yield* two.closeRange(3)
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
    return message
  }
  if (o.pidFile) yield* writeFile(sys, o.pidFile, String(pid))
  return pid
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
