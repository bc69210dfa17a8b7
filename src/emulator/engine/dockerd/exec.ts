/** docker exec: further processes in a running container. */
import { utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { O_RDONLY, O_RDWR, S_IFIFO } from '../../kernel/linux/fs/flags.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import type { SpecProcess } from '../../oci/runtimespec.ts'
import { capabilitiesOf, environment, resolveUser } from './spec.ts'
import { type Reading, releaseReaders, topLayer } from './start.ts'
import { ApiError, type Daemon, type Exec, findContainer, newId } from './state.ts'
import { call, fifoDir, note } from './support.ts'

/** Prepares a further process in a container. */
export function* createExec(sys: Sys, d: Daemon, ref: string, options: Exec['options']): Run<Exec> {
  const c = findContainer(d, ref)
  if (c.status === 'paused') throw new ApiError(409, `Container ${c.name} is paused, unpause the container before exec`)
  if (c.status === 'restarting')
    throw new ApiError(409, `Container ${c.id} is restarting, wait until the container is running`)
  if (c.status !== 'running') throw new ApiError(409, `container ${c.id} is not running`)
  if (!options.Cmd?.length) throw new ApiError(400, 'No exec command specified')
  const e: Exec = { id: yield* newId(sys), container: c, options, running: false, exitCode: null, pid: 0 }
  d.execs.set(e.id, e)
  yield* note(sys, d, c, `exec_create: ${options.Cmd.join(' ')}`, { execID: e.id })
  return e
}
/** Ends what couldn't start: why goes where its output would have gone, or to who asked where nobody listens. */
function fail(
  e: Exec,
  why: string,
  send: ((stream: 'stdout', bytes: Uint8Array | undefined) => void) | undefined,
): void {
  e.running = false
  e.exitCode = 126
  if (!send) throw new ApiError(500, why)
  send('stdout', utf8(`${why}\r\n`))
  send('stdout', undefined)
}
/** Starts it; what it prints goes to `send`, undefined at the end; without `send` a failure is an ApiError. Answers the descriptor of its input. */
export function* startExec(
  sys: Sys,
  d: Daemon,
  e: Exec,
  send?: (stream: 'stdout' | 'stderr', bytes: Uint8Array | undefined) => void,
): Run<number | undefined> {
  const c = e.container
  const dir = fifoDir(c)
  const base = `${dir}/${e.id.slice(0, 12)}`
  const tty = e.options.Tty ?? false
  const stdio = {
    stdin: e.options.AttachStdin ? `${base}-stdin` : '',
    stdout: `${base}-stdout`,
    stderr: tty ? '' : `${base}-stderr`,
    terminal: tty,
  }
  const rootfs = c.rootfs as { upper: string; lower: string[] }
  const passwd = yield* topLayer(sys, [rootfs.upper, ...rootfs.lower], 'etc/passwd')
  let user: SpecProcess['user']
  try {
    user = yield* resolveUser(sys, passwd, e.options.User || c.config.User || '')
  } catch (problem) {
    if (!(problem instanceof ApiError)) throw problem
    fail(e, problem.message, send)
    return undefined
  }
  for (const path of [stdio.stdin, stdio.stdout, stdio.stderr]) if (path) yield* sys.mknod(path, S_IFIFO | 0o600)
  const caps = capabilitiesOf(e.options.Privileged ? { hostConfig: { Privileged: true } } : c)
  const process = {
    terminal: tty,
    user,
    args: e.options.Cmd,
    env: [
      ...environment(c).filter((x) => !(e.options.Env ?? []).some((y) => y.split('=')[0] === x.split('=')[0])),
      ...(tty ? ['TERM=xterm'] : []),
      ...(e.options.Env ?? []),
    ],
    cwd: e.options.WorkingDir || c.config.WorkingDir || '/',
    capabilities: { bounding: caps, effective: user.uid === 0 ? caps : [], permitted: user.uid === 0 ? caps : [] },
  }
  let stdin: number | undefined
  if (stdio.stdin) {
    const fd = yield* sys.open(stdio.stdin, O_RDWR)
    stdin = isErr(fd) ? undefined : fd
  }
  const reading: Reading = { count: 0, changed: new WaitQueue() }
  for (const [stream, path] of [
    ['stdout', stdio.stdout],
    ['stderr', stdio.stderr],
  ] as const) {
    if (!path) continue
    reading.count++
    sys.thread(function* (t) {
      const fd = yield* t.open(path, O_RDONLY)
      while (!isErr(fd)) {
        const part = yield* t.read(fd, 65536)
        if (isErr(part) || part.length === 0) break
        send?.(stream, part)
      }
      if (!isErr(fd)) yield* t.close(fd)
      yield* t.unlink(path)
      reading.count--
      reading.changed.wake()
    })
  }
  e.running = true
  const r = yield* call<{ pid: number }>(sys, 'tasks.Exec', { id: c.id, execId: e.id.slice(0, 12), process, stdio })
  if (!r.ok) {
    yield* releaseReaders(sys, [stdio.stdout, stdio.stderr])
    yield* sys.futex(reading.changed, () => reading.count === 0)
    if (stdin !== undefined) yield* sys.close(stdin)
    fail(e, r.error, send)
    return undefined
  }
  e.pid = r.result.pid
  yield* note(sys, d, c, `exec_start: ${e.options.Cmd.join(' ')}`, { execID: e.id })
  sys.thread(function* (t) {
    const w = yield* call<{ status: number }>(t, 'tasks.Wait', { id: c.id, execId: e.id.slice(0, 12) })
    yield* releaseReaders(t, [stdio.stdout, stdio.stderr])
    yield* t.futex(reading.changed, () => reading.count === 0)
    e.running = false
    e.exitCode = w.ok ? w.result.status : 137
    yield* note(t, d, c, 'exec_die', { execID: e.id, exitCode: String(e.exitCode) })
    if (stdin !== undefined) yield* t.close(stdin)
    yield* t.unlink(stdio.stdin || '/nonexistent')
    send?.('stdout', undefined)
  })
  return stdin
}
