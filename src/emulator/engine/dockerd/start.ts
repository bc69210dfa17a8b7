/** Starting a container, and what happens when it ends. */

import { utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, O_RDONLY, O_RDWR, O_WRONLY, S_IFIFO } from '../../kernel/linux/fs/flags.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import type { Spec } from '../../oci/runtimespec.ts'
import { writeSpec } from '../../oci/specdocument.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { readText, writeAll } from '../../userland/lib/io.ts'
import { writeFiles, writeState } from './files.ts'
import { flushLog, record } from './logs.ts'
import { serveNames } from './names.ts'
import { plug } from './networks.ts'
import { publish, unpublish } from './ports.ts'
import { runtimeOf } from './runtime.ts'
import { makeSpec, SHM_SIZE, shmOf } from './spec.ts'
import { ApiError, type Container, type Daemon, findContainer } from './state.ts'
import { remove } from './stop.ts'
import { call, containerDir, event, fifoDir, note } from './support.ts'

/** What parts that come later add: checks of health, filling new volumes. */
export const later: {
  checkHealth?: (sys: Sys, d: Daemon, c: Container) => void
  fillVolumes?: (sys: Sys, c: Container, lower: readonly string[]) => Run<void>
  mountVolumes?: (sys: Sys, d: Daemon, c: Container) => Run<void>
  unmountVolumes?: (sys: Sys, d: Daemon, c: Container) => Run<void>
} = {}

/** Containers that lend a namespace, or that --link names, must run. */
function checkShared(d: Daemon, c: Container): void {
  const { NetworkMode, PidMode, IpcMode, Links } = c.hostConfig
  const lender = (mode: string | undefined): Container | undefined =>
    mode?.startsWith('container:') ? findContainer(d, mode.slice(10)) : undefined
  const idle = (x: Container | undefined): boolean => x !== undefined && x.status !== 'running' && x.status !== 'paused'
  const [network, pid, ipc] = [lender(NetworkMode), lender(PidMode), lender(IpcMode)]
  if (ipc && idle(ipc))
    throw new ApiError(409, `can't join IPC of container ${ipc.id}: container ${ipc.id} is not running`)
  if (ipc && ipc.hostConfig.IpcMode !== 'shareable' && ipc.hostConfig.IpcMode !== 'host')
    throw new ApiError(
      409,
      `can't join IPC of container ${ipc.id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
    )
  if (network && idle(network)) throw new ApiError(409, `cannot join network of a non running container: ${network.id}`)
  if (pid && idle(pid)) throw new ApiError(409, `container ${pid.id} is not running`)
  for (const link of Links ?? []) {
    const [name = '', alias = name] = link.split(':')
    const other = findContainer(d, name)
    if (idle(other))
      throw new ApiError(409, `Cannot link to a non running container: /${other.name} AS /${c.name}/${alias}`)
  }
}
/** What docker exits with where the runtime refused to start a program. */
const statusOf = (refusal: string): number =>
  /executable file not found|no such file or directory: unknown$/.test(refusal)
    ? 127
    : /permission denied|exec format error/.test(refusal)
      ? 126
      : 125
/** A start that failed: the container is as it was, or gone with --rm, and the client is told why. */
function* failed(sys: Sys, d: Daemon, c: Container, message: string, code: number): Run<never> {
  c.exitCode = code
  c.error = message
  c.status = 'created'
  c.ends++
  for (const send of c.attached) send('stdout', undefined)
  c.changed.wake()
  yield* unpublish(sys, d, c)
  // A container that couldn't start is no use to --rm.
  if (c.hostConfig.AutoRemove) yield* remove(sys, d, c, true, true)
  throw new ApiError(code === 125 ? 500 : 400, message)
}
/** Starts a container: mounts, config.json, task, network, then the program. */
export function* start(sys: Sys, d: Daemon, c: Container): Run<void> {
  if (c.status === 'running') return
  if (c.status === 'paused') throw new ApiError(409, `cannot start a paused container, try unpause instead`)
  c.error = ''
  c.stopping = false
  const fail = (message: string, code: number): Run<never> => failed(sys, d, c, message, code)
  const gone = c.endpoints.find((e) => !d.networks.has(e.network))
  if (gone) return yield* fail(`failed to set up container networking: network ${gone.network} not found`, 125)
  yield* writeFiles(sys, d, c)
  const rootfs = c.rootfs as { upper: string; work: string; lower: string[] }
  if (c.mounts.some((m) => m.type === 'volume')) {
    if (!later.fillVolumes) yield* (yield* sys.part('dockerd/volumes'))(sys, [])
    const { fillVolumes, mountVolumes } = later
    try {
      if (mountVolumes) yield* mountVolumes(sys, d, c)
    } catch (e) {
      if (e instanceof ApiError) return yield* fail(e.message, 125)
      throw e
    }
    if (fillVolumes) yield* fillVolumes(sys, c, rootfs.lower)
  }
  // The image's files, to look up users: topmost layer that has the file.
  const view = yield* topLayer(sys, [rootfs.upper, ...rootfs.lower], 'etc/passwd')
  let spec: Spec
  try {
    checkShared(d, c)
    // No driver for such devices is on this machine.
    for (const wanted of c.hostConfig.DeviceRequests ?? [])
      throw new ApiError(
        500,
        `could not select device driver ${JSON.stringify(wanted.Driver ?? '')} with capabilities: [[${(wanted.Capabilities ?? []).map((x) => x.join(' ')).join('] [')}]]`,
      )
    spec = yield* makeSpec(sys, d, c, view)
  } catch (e) {
    if (e instanceof ApiError) return yield* fail(e.message, 125)
    throw e
  }
  if (c.hostConfig.IpcMode === 'shareable') {
    yield* makeDirs(sys, shmOf(c))
    const flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
    yield* sys.mount('shm', shmOf(c), 'tmpfs', flags, `mode=1777,size=${c.hostConfig.ShmSize || SHM_SIZE}`)
  }
  const dir = fifoDir(c)
  yield* makeDirs(sys, dir)
  const stdio = {
    stdin: c.config.OpenStdin ? `${dir}/init-stdin` : '',
    stdout: `${dir}/init-stdout`,
    stderr: c.config.Tty ? '' : `${dir}/init-stderr`,
    terminal: c.config.Tty ?? false,
  }
  for (const path of [stdio.stdin, stdio.stdout, stdio.stderr]) {
    if (path === '') continue
    yield* sys.unlink(path)
    yield* sys.mknod(path, S_IFIFO | 0o600)
  }
  if (stdio.stdin) {
    const fd = yield* sys.open(stdio.stdin, O_RDWR)
    c.stdin = isErr(fd) ? undefined : fd
  }
  const reading: Reading = { count: 0, changed: new WaitQueue() }
  for (const [stream, path] of [
    ['stdout', stdio.stdout],
    ['stderr', stdio.stderr],
  ] as const)
    if (path) readOutput(sys, c, stream, path, reading)
  const created = yield* call<{ pid: number }>(sys, 'tasks.Create', {
    id: c.id,
    image: c.config.Image,
    spec: writeSpec(spec),
    rootfs,
    stdio,
    runtime: runtimeOf(d, c.hostConfig.Runtime),
  })
  if (!created.ok) {
    yield* sys.unlink(stdio.stdout)
    yield* releaseReaders(sys, [stdio.stdout, stdio.stderr])
    return yield* fail(created.error, statusOf(created.error))
  }
  c.pid = created.result.pid
  try {
    for (const [i, e] of c.endpoints.entries()) yield* plug(sys, d, c, e, i)
    yield* tellNetworks(sys, d, c, 'connect')
    yield* publish(sys, d, c)
  } catch (e) {
    yield* call(sys, 'tasks.Delete', { id: c.id })
    c.pid = 0
    if (e instanceof ApiError) return yield* fail(e.message, 125)
    throw e
  }
  const own = c.endpoints.find((e) => e.address !== '')
  if (own) {
    const fd = yield* sys.open(`${containerDir(c)}/hosts`, O_WRONLY | 0o2000)
    if (!isErr(fd)) {
      yield* writeAll(
        sys,
        fd,
        utf8(`${own.address}\t${ownNames(c.config.Hostname ?? '', c.config.Domainname ?? '')}\n`),
      )
      yield* sys.close(fd)
    }
    if (c.endpoints.some((e) => d.networks.get(e.network)?.name !== 'bridge')) yield* serveNames(sys, d, c, c.pid)
  }
  c.status = 'running'
  c.changed.wake()
  c.startedAt = yield* sys.clock('realtime')
  c.oomKilled = false
  const started = yield* call(sys, 'tasks.Start', { id: c.id })
  if (!started.ok) return yield* fail(started.error, 125)
  yield* writeState(sys, c)
  yield* note(sys, d, c, 'start')
  sys.thread((t) => watch(t, d, c, reading))
  const test = c.config.Healthcheck?.Test ?? []
  if (test.length > 0 && test[0] !== 'NONE') {
    yield* (yield* sys.part('dockerd/more'))(sys, ['dockerd/more'])
    later.checkHealth?.(sys, d, c)
  }
}
/** Notes an event of each network that a container is on. */
function* tellNetworks(sys: Sys, d: Daemon, c: Container, action: string): Run<void> {
  for (const e of c.endpoints) {
    const n = d.networks.get(e.network)
    if (n) yield* event(sys, d, 'network', action, n.id, { container: c.id, name: n.name, type: n.driver })
  }
}
/** The topmost layer that has a file. */
export function* topLayer(sys: Sys, layers: readonly string[], file: string): Run<string> {
  for (const l of layers) if (!isErr(yield* sys.stat(`${l}/${file}`))) return l
  return layers[0] ?? '/'
}
/** Opens the readers' fifos once, so that threads that wait for a writer go on to the end. */
export function* releaseReaders(sys: Sys, paths: readonly string[]): Run<void> {
  for (const path of paths) {
    if (!path) continue
    const fd = yield* sys.open(path, O_WRONLY | 0o4000)
    if (!isErr(fd)) yield* sys.close(fd)
  }
}
/** Reads one stream of a container into its log, and to who is attached. */
function readOutput(sys: Sys, c: Container, stream: 'stdout' | 'stderr', path: string, reading: Reading): void {
  reading.count++
  sys.thread((t) => readOne(t, c, stream, path, reading))
}
function* readOne(t: Sys, c: Container, stream: 'stdout' | 'stderr', path: string, reading: Reading): Run<void> {
  const fd = yield* t.open(path, O_RDONLY)
  while (!isErr(fd)) {
    const part = yield* t.read(fd, 65536)
    if (isErr(part) || part.length === 0) break
    yield* record(t, c, stream, part)
  }
  if (!isErr(fd)) yield* t.close(fd)
  reading.count--
  reading.changed.wake()
}
/** A container's names in its own /etc/hosts: the whole one, and the first part of it. */
function ownNames(host: string, domain: string): string {
  const whole = domain === '' ? host : `${host}.${domain}`
  const at = whole.indexOf('.')
  return at > 0 ? `${whole} ${whole.slice(0, at)}` : whole
}
/** Streams of one container that are still being read. */
export interface Reading {
  count: number
  readonly changed: WaitQueue
}
/** Waits for a container's end, cleans up after it, and restarts or removes it where that was asked for. */
function* watch(sys: Sys, d: Daemon, c: Container, reading: Reading): Run<void> {
  const r = yield* call<{ status: number }>(sys, 'tasks.Wait', { id: c.id })
  const events = yield* readText(sys, `/sys/fs/cgroup/system.slice/docker-${c.id}.scope/memory.events`)
  c.oomKilled = !isErr(events) && /oom_kill [1-9]/.test(events)
  if (c.oomKilled) yield* note(sys, d, c, 'oom')
  // A stream that nobody opened must not hold the end up.
  yield* releaseReaders(sys, [`${fifoDir(c)}/init-stdout`, `${fifoDir(c)}/init-stderr`])
  yield* sys.futex(reading.changed, () => reading.count === 0)
  yield* unpublish(sys, d, c)
  yield* call(sys, 'tasks.Delete', { id: c.id })
  if (c.hostConfig.IpcMode === 'shareable') yield* sys.umount(shmOf(c), 2)
  if (c.stdin !== undefined) yield* sys.close(c.stdin)
  c.stdin = undefined
  c.pid = 0
  if (later.unmountVolumes) yield* later.unmountVolumes(sys, d, c)
  c.health = undefined
  c.exitCode = r.ok ? r.result.status : 255
  c.status = 'exited'
  c.finishedAt = yield* sys.clock('realtime')
  yield* flushLog(sys, c)
  yield* writeState(sys, c)
  yield* note(sys, d, c, 'die', { exitCode: String(c.exitCode) })
  yield* tellNetworks(sys, d, c, 'disconnect')
  const policy = c.hostConfig.RestartPolicy
  const again =
    !c.stopping &&
    (policy?.Name === 'always' ||
      policy?.Name === 'unless-stopped' ||
      (policy?.Name === 'on-failure' &&
        c.exitCode !== 0 &&
        (policy.MaximumRetryCount === 0 || c.restartCount < policy.MaximumRetryCount)))
  if (again && (yield* restarted(sys, d, c))) return
  c.ends++
  for (const send of c.attached) send('stdout', undefined)
  c.attached.clear()
  c.changed.wake()
  if (c.hostConfig.AutoRemove) yield* remove(sys, d, c, true, true)
}
/** Starts a container again by its restart policy, after a while; false where somebody stopped or removed it meanwhile. */
function* restarted(sys: Sys, d: Daemon, c: Container): Run<boolean> {
  c.restartCount++
  c.status = 'restarting'
  c.changed.wake()
  // The wait doubles from try to try, and begins anew after ten seconds of work.
  if (c.finishedAt - c.startedAt > 10e9) c.backoff = 0
  yield* sys.futex(c.changed, () => c.stopping || c.removed, Math.min(60e9, 100e6 * 2 ** Math.min(c.backoff++, 10)))
  c.status = 'exited'
  if (c.stopping || c.removed) return false
  yield* start(sys, d, c)
  return true
}
