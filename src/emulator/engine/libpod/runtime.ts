/** The OCI runtime and conmon as podman calls them. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { O_RDWR, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { decode, readAll } from '../../userland/lib/io.ts'
import { waitFor } from '../../userland/lib/run.ts'
import { START_FD, SYNC_FD, type SyncMessage } from '../conmon.ts'
import { Problem } from '../containers/problem.ts'
import { startScope } from '../systemd.ts'
import type { Libpod } from './libpod.ts'
import type { Container } from './types.ts'

/** crun where it is installed, else runc. */
export function* runtimePath(sys: Sys): Run<string> {
  return isErr(yield* sys.stat('/usr/bin/crun')) ? '/usr/bin/runc' : '/usr/bin/crun'
}
export const runtimeName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
/** Where the runtime keeps its own state. */
export const runtimeRoot = (lp: Libpod, path: string): string => `${lp.place.runtimeDir}/${runtimeName(path)}`

/** Runs the runtime with these words, its output taken. Throws Problem with its message. */
export function* runtime(lp: Libpod, words: readonly string[]): Run<void> {
  const { sys } = lp
  const path = yield* runtimePath(sys)
  const errors = yield* sys.pipe()
  if (isErr(errors)) throw new Problem(errors.text)
  const pid = yield* sys.fork(function* (child) {
    const nothing = yield* child.open('/dev/null', O_RDWR)
    if (!isErr(nothing)) for (const fd of [0, 1]) yield* child.dup2(nothing, fd)
    yield* child.dup2(errors[1], 2)
    for (let fd = 3; fd < 64; fd++) yield* child.close(fd)
    const failed = yield* child.execve(path, [path, '--root', runtimeRoot(lp, path), ...words], child.environ())
    return failed.number
  })
  yield* sys.close(errors[1])
  if (isErr(pid)) throw new Problem(pid.text)
  const bytes = yield* readAll(sys, errors[0])
  yield* sys.close(errors[0])
  const r = yield* waitFor(sys, pid)
  if (r.code === 0) return
  const said = isErr(bytes) ? '' : decode(bytes).trim()
  throw runtimeProblem(
    `${runtimeName(path)}: ${/msg="((?:[^"\\]|\\.)*)"/.exec(said)?.[1]?.replace(/\\"/g, '"') ?? said}`,
  )
}
/** What podman makes of a runtime's message: getOCIRuntimeError. */
export function runtimeProblem(message: string): Problem {
  if (/executable file.*not found in|no such file or directory|No such file or directory/.test(message))
    return new Problem(`${message}: OCI runtime attempted to invoke a command that was not found`, 127)
  if (/permission denied|operation not permitted|Permission denied|Operation not permitted/.test(message))
    return new Problem(`${message}: OCI permission denied`, 126)
  return new Problem(`OCI runtime error: ${message}`, 126)
}

/** Starts conmon for a container, or for a further process in it: the pids of both. Throws Problem with the runtime's message. */
export function* startConmon(
  lp: Libpod,
  c: Container,
  o: {
    readonly bundle: string
    readonly runDir: string
    readonly exec?: { readonly id: string; readonly spec: string; readonly tty: boolean; readonly stdin: boolean }
    /** Done before the runtime is called: attaching. */
    readonly before?: () => Run<void>
  },
): Run<{ readonly pid: number; readonly conmon: number }> {
  const { sys } = lp
  const { config } = c
  const path = yield* runtimePath(sys)
  const { id, name } = config
  const terminal = o.exec ? o.exec.tty : config.tty
  const stdin = o.exec ? o.exec.stdin : config.stdin
  const conmonPid = `${o.runDir}/conmon.pid`
  const argv = [
    '/usr/bin/conmon',
    '--api-version',
    '1',
    '-c',
    id,
    '-u',
    o.exec?.id ?? id,
    '-r',
    path,
    '-b',
    o.bundle,
    '-p',
    `${o.runDir}/pidfile`,
    '-n',
    name,
    '--exit-dir',
    `${lp.place.tmp}/exits`,
    '--full-attach',
    ...(lp.place.rootless ? ['-s'] : []),
    ...(o.exec ? ['-e', '--exec-attach', '--exec-process-spec', o.exec.spec] : ['-l', `k8s-file:${logPath(lp, id)}`]),
    '--log-level',
    'warning',
    ...(terminal ? ['-t'] : []),
    ...(stdin ? ['-i'] : []),
    '--runtime-arg',
    '--root',
    '--runtime-arg',
    runtimeRoot(lp, path),
    '--runtime-arg',
    '--log-format=json',
    '--runtime-arg',
    '--log',
    '--runtime-arg',
    `${o.runDir}/oci-log`,
    '--conmon-pidfile',
    conmonPid,
    ...(o.exec
      ? []
      : [
          '--exit-command',
          '/usr/bin/podman',
          ...['container', 'cleanup', '--stopped-only', ...(config.autoRemove ? ['--rm'] : []), id].flatMap((w) => [
            '--exit-command-arg',
            w,
          ]),
        ]),
  ]
  const sync = yield* sys.pipe()
  const start = yield* sys.pipe()
  if (isErr(sync) || isErr(start)) throw new Problem('too many open files')
  const child = yield* sys.fork(function* (own) {
    const nothing = yield* own.open('/dev/null', O_RDWR)
    // Moved up first: what is copied must not lie where it is copied to.
    const [a, b] = [yield* own.dupfd(sync[1], 20, false), yield* own.dupfd(start[0], 20, false)]
    if (!isErr(nothing)) for (const fd of [0, 1, 2]) yield* own.dup2(nothing, fd)
    if (!isErr(a)) yield* own.dup2(a, SYNC_FD)
    if (!isErr(b)) yield* own.dup2(b, START_FD)
    for (let fd = START_FD + 1; fd < 64; fd++) yield* own.close(fd)
    const failed = yield* own.execve('/usr/bin/conmon', argv, [
      ...own.environ(),
      `_OCI_SYNCPIPE=${SYNC_FD}`,
      `_OCI_STARTPIPE=${START_FD}`,
    ])
    return failed.number
  })
  yield* sys.close(sync[1])
  yield* sys.close(start[0])
  if (isErr(child)) throw new Problem(child.text)
  yield* waitFor(sys, child)
  const text = yield* readFileText(sys, conmonPid)
  const conmon = Number(text)
  yield* moveConmon(lp, o.exec?.id ?? id, conmon)
  if (o.before) yield* o.before()
  yield* sys.write(start[1], Uint8Array.of(0))
  yield* sys.close(start[1])
  const said = yield* readAll(sys, sync[0])
  yield* sys.close(sync[0])
  const line = isErr(said) ? '' : decode(said).trim()
  if (line === '')
    throw new Problem("could not find conmon's answer: container create failed (no logs from conmon): EOF")
  const message = JSON.parse(line) as SyncMessage
  if (message.pid < 0) throw runtimeProblem(message.message ?? '')
  return { pid: message.pid, conmon }
}
export const logPath = (lp: Libpod, id: string): string => `${lp.storage.containerDir(id)}/ctr.log`
function* readFileText(sys: Sys, path: string): Run<string> {
  const fd = yield* sys.open(path, 0)
  if (isErr(fd)) return ''
  const bytes = yield* readAll(sys, fd)
  yield* sys.close(fd)
  return isErr(bytes) ? '' : decode(bytes)
}
/** conmon gets a scope of its own: a command's session may end before the container. */
function* moveConmon(lp: Libpod, id: string, pid: number): Run<void> {
  const unit = `libpod-conmon-${id}.scope`
  if (lp.place.rootless) {
    yield* startScope(lp.sys, lp.place.uid, unit, [pid])
    return
  }
  const base = '/sys/fs/cgroup/machine.slice'
  yield* lp.sys.mkdir(base)
  yield* lp.sys.mkdir(`${base}/${unit}`)
  const fd = yield* lp.sys.open(`${base}/${unit}/cgroup.procs`, O_WRONLY)
  if (isErr(fd)) return
  yield* lp.sys.write(fd, new TextEncoder().encode(String(pid)))
  yield* lp.sys.close(fd)
}
